// SPDX-License-Identifier: ISC
#include "state.hpp"

namespace timbrel {
namespace {

/// A larger tensor that is no parameter is taken for a table, not for state.
constexpr std::size_t largest_state = std::size_t{1} << 20;

bool is_cache(const std::string& name) {
    return name == "pad" || name == "cache";
}

/// Values that SetAttr replaces as a whole, and that hold no tensor.
bool is_plain(const c10::IValue& value) {
    if (value.isTuple()) {
        for (const auto& element : value.toTupleRef().elements())
            if (!is_plain(element))
                return false;
        return true;
    }
    return value.isNone() || value.isBool() || value.isInt() || value.isDouble() ||
           value.isString() || value.isIntList() || value.isDoubleList() || value.isBoolList();
}

} // namespace

State::State(const torch::jit::Module& model) {
    for (const auto& module : model.modules()) {
        const auto object = module._ivalue();
        const auto type = module.type();
        for (std::size_t i = 0; i < type->numAttributes(); i++) {
            const c10::IValue value = object->getSlot(i);
            if (type->is_parameter(i))
                continue;
            if (!value.isTensor()) {
                if (is_plain(value))
                    slots_.push_back({object, i, value.deepcopy(), {}});
                continue;
            }
            at::Tensor tensor = value.toTensor();
            if (!tensor.defined())
                continue;
            const bool cache = is_cache(type->getAttributeName(i));
            if (!cache && tensor.nbytes() > largest_state)
                continue;
            if (!tensor.is_non_overlapping_and_dense())
                tensor = tensor.clone(at::MemoryFormat::Contiguous); // else it cannot be written
            slots_.push_back({object, i, tensor, cache ? at::Tensor() : tensor.clone()});
            streaming_ = streaming_ || cache;
        }
    }
    reset();
}

void State::reset() {
    for (const auto& slot : slots_) {
        slot.owner->setSlot(slot.index, slot.value.isTensor() ? slot.value : slot.value.deepcopy());
        if (!slot.value.isTensor())
            continue;
        at::Tensor tensor = slot.value.toTensor();
        if (slot.copy.defined())
            tensor.resize_(slot.copy.sizes()).copy_(slot.copy);
        else
            tensor.zero_();
    }
}

} // namespace timbrel
