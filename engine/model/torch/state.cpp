// SPDX-License-Identifier: ISC
#include "state.hpp"

#include <ATen/ATen.h>

namespace timbrel {
namespace {

using c10::IValue;

/// A larger tensor that is no parameter is taken for a table, not for state.
constexpr std::size_t largest_state = std::size_t{1} << 24;

bool is_cache(const std::string& name) {
    return name == "pad" || name == "cache";
}

/// True for what libtorch holds behind a handle, such as packed weights: it has no attributes.
bool is_handle(const IValue& value) {
    return value.isModule() || value.isCapsule() ||
           (value.isObject() && value.type()->str().find("__torch__.torch.classes.") == 0);
}

bool same_tensor(const at::Tensor& a, const at::Tensor& b) {
    if (!a.defined() || !b.defined()) {
        return a.defined() == b.defined();
    }
    if (a.is_same(b)) {
        return true;
    }
    if (a.scalar_type() != b.scalar_type() || a.sizes() != b.sizes() || a.is_quantized()) {
        return false;
    }
    const at::Tensor both_nan = at::logical_and(at::ne(a, a), at::ne(b, b));
    return at::all(at::logical_or(at::eq(a, b), both_nan)).item<bool>();
}

bool same(const IValue& a, const IValue& b);

bool same_all(c10::ArrayRef<IValue> a, c10::ArrayRef<IValue> b) {
    for (std::size_t i = 0; i < a.size() && i < b.size(); i++) {
        if (!same(a[i], b[i])) {
            return false;
        }
    }
    return a.size() == b.size();
}

/// In all that they hold, however deep.
bool same(const IValue& a, const IValue& b) {
    if (is_handle(a) || is_handle(b)) {
        return a.is(b);
    }
    if (a.isTensor() && b.isTensor()) {
        return same_tensor(a.toTensor(), b.toTensor());
    }
    if (a.isTuple() && b.isTuple()) {
        return same_all(a.toTupleRef().elements(), b.toTupleRef().elements());
    }
    if (a.isList() && b.isList()) {
        return same_all(a.toListRef(), b.toListRef());
    }
    if (a.isObject() && b.isObject()) {
        return same_all(a.toObjectRef().slots(), b.toObjectRef().slots());
    }
    if (!a.isGenericDict() || !b.isGenericDict()) {
        return a.tagKind() == b.tagKind() && (a.isNone() || a == b);
    }
    const auto first = a.toGenericDict();
    const auto second = b.toGenericDict();
    auto other = second.begin(); // in the order of insertion
    for (const auto& entry : first) {
        if (other == second.end() || !same(entry.key(), other->key()) ||
            !same(entry.value(), other->value())) {
            return false;
        }
        ++other;
    }
    return first.size() == second.size();
}

} // namespace

State::State(const torch::jit::Module& model) {
    std::vector<Slot> others;
    for (const auto& module : model.modules()) {
        const auto object = module._ivalue();
        const auto type = module.type();
        fixed_.emplace_back(object);
        for (std::size_t i = 0; i < type->numAttributes(); i++) {
            const IValue value = object->getSlot(i);
            if (is_handle(value)) {
                continue;
            }
            if (!value.isTensor()) {
                others.push_back({object, i, value, {}});
                continue;
            }
            at::Tensor tensor = value.toTensor();
            if (!tensor.defined()) {
                continue;
            }
            const bool cache = is_cache(type->getAttributeName(i));
            if (type->is_parameter(i) || (!cache && tensor.nbytes() > largest_state)) {
                fixed_.push_back(value);
                continue;
            }
            if (!tensor.is_non_overlapping_and_dense()) {
                tensor = tensor.clone(at::MemoryFormat::Contiguous); // else it cannot be written
            }
            slots_.push_back({object, i, tensor, cache ? at::Tensor() : tensor.clone()});
            has_caches_ = has_caches_ || cache;
        }
    }
    auto copies = shared();
    for (Slot& slot : others) {
        try {
            slot.value = slot.value.deepcopy(copies);
        } catch (const std::exception&) {
            continue; // holds a handle
        }
        slots_.push_back(slot);
    }
    reset();
}

/// For copies of several attributes: what two of them hold is copied once; tensors that are
/// attributes themselves, and what never changes, are not copied at all.
State::Copies State::shared() const {
    Copies copies;
    for (const IValue& value : fixed_) {
        copies[value] = value;
    }
    for (const Slot& slot : slots_) {
        if (slot.value.isTensor()) {
            copies[slot.value] = slot.value;
        }
    }
    return copies;
}

void State::reset() {
    auto copies = shared();
    for (const auto& slot : slots_) {
        if (!slot.value.isTensor()) {
            slot.owner->setSlot(slot.index, slot.value.deepcopy(copies));
            continue;
        }
        slot.owner->setSlot(slot.index, slot.value);
        at::Tensor tensor = slot.value.toTensor();
        if (slot.copy.defined()) {
            tensor.resize_(slot.copy.sizes()).copy_(slot.copy);
        } else {
            tensor.zero_();
        }
    }
}

std::string State::changed() const {
    for (const auto& slot : slots_) {
        if (!slot.value.isTensor() && !same(slot.value, slot.owner->getSlot(slot.index))) {
            return slot.owner->type()->getAttributeName(slot.index);
        }
    }
    return "";
}

} // namespace timbrel
