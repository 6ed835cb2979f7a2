// SPDX-License-Identifier: ISC
#pragma once

#include "compile.hpp"
#include "engine/model/backend.h"

#include <cstdint>
#include <memory>
#include <string>

namespace timbrel {

/// Make this process ready for libtorch: one thread, denormals flushed on the calling thread.
void prepare_torch();

/// libtorch's version, e.g. "1.13.1".
const char* torch_version();

/// A TorchScript model that keeps nn~'s conventions. Every member function may throw; all are for
/// the thread that called prepare_torch().
class Model {
  public:
    /// Read the file open at descriptor `file`, to play `method` ("": the default, see methods.h)
    /// in so many lanes. Its streaming state starts at zero.
    Model(int file, const std::string& method, std::uint64_t seed, std::uint32_t lanes);
    ~Model();

    const TimbrelModelInfo& info() const;

    /// Run one step; `input` and `output` hold the whole tensors, as in backend.h.
    void call(const TimbrelCall& call, const float* input, float* output);

    /// Streaming state of a set of lanes as after loading; if it is all of them, the random
    /// generator too. Attributes keep what they were set to.
    void reset(std::uint32_t lanes);

    void set_attribute(const std::string& name, const std::string& value);

    /// Write the model as a plan. Its streaming state is as after loading then.
    void compile(const PlanRequest& request);

  private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

} // namespace timbrel
