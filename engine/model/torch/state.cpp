// SPDX-License-Identifier: ISC
#include "state.hpp"

#include "problem.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <numeric>

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

State::State(const torch::jit::Module& model, std::uint32_t lanes) : rows_(lanes) {
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
    std::iota(rows_.begin(), rows_.end(), 0U);
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

/// The caches, for as many rows as all of them have, at most one a lane.
std::vector<at::Tensor> State::rows_of_lanes() const {
    std::vector<at::Tensor> caches;
    auto count = static_cast<std::int64_t>(rows_.size());
    bool apart = changed().empty();
    for (const auto& slot : slots_) {
        if (!apart || !slot.value.isTensor()) {
            continue;
        }
        const IValue now = slot.owner->getSlot(slot.index);
        const bool cache = !slot.copy.defined();
        apart = now.isTensor() &&
                (cache ? now.toTensor().dim() > 1 : same_tensor(now.toTensor(), slot.copy));
        if (apart && cache) {
            caches.push_back(now.toTensor());
            count = std::min(count, caches.back().size(0));
        }
    }
    if (!apart || caches.empty()) {
        throw Problem(TIMBREL_BAD_ARGUMENT,
                      "its lanes cannot be played apart from each other, as it remembers in other "
                      "ways than in caches with a row for each");
    }
    for (at::Tensor& cache : caches) {
        cache = cache.narrow(0, 0, count);
    }
    return caches;
}

void State::arrange(std::uint32_t lanes) {
    std::vector<std::uint32_t> wanted = rows_;
    std::sort(wanted.begin(), wanted.end());
    const auto end = std::stable_partition(wanted.begin(), wanted.end(), [&](std::uint32_t lane) {
        return (lanes >> lane & 1U) != 0;
    });
    if (std::equal(wanted.begin(), end, rows_.begin())) {
        return;
    }
    std::vector<at::Tensor> caches = rows_of_lanes();
    const std::int64_t count = caches[0].size(0);
    if (lanes >> count != 0) {
        throw Problem(TIMBREL_BAD_ARGUMENT, "it plays no more than " + std::to_string(count) +
                                                (count == 1 ? " lane" : " lanes") +
                                                ", as its caches have no more rows");
    }
    std::vector<std::int64_t> from;
    for (std::int64_t row = 0; row < count; row++) {
        const std::uint32_t lane = wanted[static_cast<std::size_t>(row)];
        from.push_back(std::find(rows_.begin(), rows_.end(), lane) - rows_.begin());
    }
    const at::Tensor index = at::tensor(from, at::kLong);
    for (at::Tensor& cache : caches) {
        cache.copy_(cache.index_select(0, index));
    }
    rows_ = wanted;
}

void State::reset(std::uint32_t lanes) {
    for (at::Tensor& cache : rows_of_lanes()) {
        for (std::int64_t row = 0; row < cache.size(0); row++) {
            if ((lanes >> rows_[static_cast<std::size_t>(row)] & 1U) != 0) {
                cache.select(0, row).zero_();
            }
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
