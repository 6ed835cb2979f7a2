// SPDX-License-Identifier: ISC
#pragma once

#include <torch/csrc/jit/api/module.h>

#include <string>
#include <vector>

namespace timbrel {

/// What IValue::deepcopy() takes for its memory, by either signature: libtorch 1's, or 2's with a
/// device. Not defined.
template <class Memory> Memory deepcopy_memory(c10::IValue (c10::IValue::*)(Memory&) const);
template <class Memory, class Device>
Memory deepcopy_memory(c10::IValue (c10::IValue::*)(Memory&, Device) const);

/// All that a model remembers between calls, and how to bring it back to the start: tensors, and
/// whatever else its attributes hold, containers included. Streaming caches (buffers named pad or
/// cache, as RAVE's cached convolutions have) start at zero: exports carry whatever signal went
/// through them last. The rest starts as the file has it.
class State {
  public:
    explicit State(const torch::jit::Module& model);

    /// Also done by the constructor.
    void reset();

    /// Whether there is any streaming cache, by its name.
    bool has_caches() const {
        return has_caches_;
    }

    /// The first attribute that is no tensor, nor a tensor's part, and that is not as after a
    /// reset; empty if there is none.
    std::string changed() const;

  private:
    using Copies = decltype(deepcopy_memory(&c10::IValue::deepcopy));
    struct Slot {
        c10::intrusive_ptr<c10::ivalue::Object> owner;
        std::size_t index;
        c10::IValue value; ///< What was there; for a tensor, the very tensor
        at::Tensor copy;   ///< A tensor's contents; undefined where it starts at zero
    };
    Copies shared() const;

    std::vector<Slot> slots_;
    std::vector<c10::IValue> fixed_; ///< Modules and parameters: never copied
    bool has_caches_ = false;
};

} // namespace timbrel
