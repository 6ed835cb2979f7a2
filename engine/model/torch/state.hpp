// SPDX-License-Identifier: ISC
#pragma once

#include <torch/csrc/jit/api/module.h>

#include <cstdint>
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
///
/// A batch of n plays in the first n rows of each cache. Those of `lanes` lanes are moved about, so
/// that any set of them can be the batch.
class State {
  public:
    State(const torch::jit::Module& model, std::uint32_t lanes);

    /// Also done by the constructor.
    void reset();

    /// Make the batch that comes that of a set of lanes, by rising number. Throws Problem if the
    /// set is not the first few lanes and the model remembers elsewhere than in rows of caches.
    void arrange(std::uint32_t lanes);

    /// Only for a set of lanes. Throws Problem as arrange() does.
    void reset(std::uint32_t lanes);

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
        at::Tensor copy;   ///< A tensor's contents; undefined where it is a cache: starts at zero
    };
    std::vector<at::Tensor> rows_of_lanes() const;
    Copies shared() const;

    std::vector<Slot> slots_;
    std::vector<c10::IValue> fixed_;  ///< Modules and parameters: never copied
    std::vector<std::uint32_t> rows_; ///< Which lane is in each
    bool has_caches_ = false;
};

} // namespace timbrel
