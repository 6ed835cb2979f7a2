// SPDX-License-Identifier: ISC
#include "trace.hpp"

#include "problem.hpp"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/record_function.h>

#include <algorithm>
#include <cmath>

namespace timbrel {

c10::IValue OperatorCall::argument(const std::string& wanted) const {
    const auto index = schema->argumentIndexWithName(wanted);
    return index && static_cast<std::size_t>(*index) < inputs.size()
               ? inputs[static_cast<std::size_t>(*index)]
               : c10::IValue();
}

at::Tensor OperatorCall::tensor(const std::string& wanted) const {
    const c10::IValue value = argument(wanted);
    return value.isTensor() ? value.toTensor() : at::Tensor();
}

double OperatorCall::number(const std::string& wanted, double otherwise) const {
    const c10::IValue value = argument(wanted);
    if (value.isScalar()) {
        return value.toScalar().toDouble();
    }
    return value.isBool() ? (value.toBool() ? 1.0 : 0.0) : otherwise;
}

at::Tensor OperatorCall::output(std::size_t index) const {
    return outputs.at(index).toTensor();
}

namespace {

const c10::StorageImpl* key(const at::Tensor& tensor) {
    return tensor.storage().unsafeGetStorageImpl();
}

void each_tensor(const c10::IValue& value, const std::function<void(const at::Tensor&)>& work) {
    if (value.isTensor()) {
        if (value.toTensor().defined()) {
            work(value.toTensor());
        }
    } else if (value.isTensorList()) {
        for (const at::Tensor& each : value.toTensorVector()) {
            work(each);
        }
    } else if (value.isList()) {
        for (const c10::IValue& each : value.toListRef()) {
            each_tensor(each, work);
        }
    }
}

/// All of a tensor's storage as one line of its type.
at::Tensor whole(const at::Tensor& tensor) {
    const auto count = static_cast<std::int64_t>(tensor.storage().nbytes() / tensor.itemsize());
    return at::empty({0}, tensor.options()).set_(tensor.storage(), 0, {count}, {1});
}

at::Tensor as_floats(const at::Tensor& tensor) {
    return (tensor.is_complex() ? at::view_as_real(tensor) : tensor)
        .to(at::kFloat)
        .contiguous()
        .flatten();
}

/// empty_like and its kind, and questions about a tensor: what it holds does not matter.
bool takes_shape_only(const std::string& name) {
    const auto ends = [&](const std::string& end) {
        return name.size() >= end.size() &&
               name.compare(name.size() - end.size(), end.size(), end) == 0;
    };
    return name.compare(0, 5, "empty") == 0 || name.compare(0, 4, "new_") == 0 || ends("_like") ||
           name == "cudnn_is_acceptable";
}

/// The arguments that an answer's values come from: `other` may give no more than type or sizes.
std::vector<c10::IValue> sources(const OperatorCall& call) {
    static const std::unordered_set<std::string> like_other = {"type_as", "expand_as", "view_as",
                                                               "reshape_as"};
    const bool first_only =
        like_other.count(call.name) > 0 || (call.name == "to" && call.overload == "other");
    return first_only ? std::vector<c10::IValue>{call.inputs.at(0)} : call.inputs;
}

/// Changes where a tensor looks, and no value: `transpose_` and its kind.
bool only_turns(const OperatorCall& call) {
    static const std::unordered_set<std::string> turns = {
        "as_strided", "transpose", "t", "squeeze", "unsqueeze", "swapaxes", "swapdims", "detach"};
    return call.in_place && turns.count(call.name) > 0;
}

/// Where libtorch's random numbers have got to.
at::Tensor chance() {
    return at::detail::getDefaultCPUGenerator().get_state();
}

thread_local Trace* watching = nullptr; // RecordFunction's hooks are plain functions

} // namespace

struct Entered : at::ObserverContext {};

struct Hooks {
    static std::unique_ptr<at::ObserverContext> enter(const at::RecordFunction& function) {
        const auto name = function.operator_name();
        if (!name || !watching) {
            return nullptr;
        }
        const at::DisableRecordFunctionGuard quiet;
        const auto handle = c10::Dispatcher::singleton().findSchema(*name);
        if (!handle) {
            return nullptr;
        }
        // libtorch 1.13's interpreter hands over its whole stack: the arguments are its end.
        const auto inputs = function.inputs();
        const std::size_t count = std::min(inputs.size(), handle->schema().arguments().size());
        watching->enter(name->name, name->overload_name, &handle->schema(),
                        inputs.slice(inputs.size() - count, count));
        return std::make_unique<Entered>();
    }

    static void leave(const at::RecordFunction& function, at::ObserverContext* context) {
        if (!context || !watching) {
            return;
        }
        const at::DisableRecordFunctionGuard quiet;
        const auto& outputs = function.outputs();
        watching->leave({outputs.begin(), outputs.end()});
    }
};

void Trace::watch(const std::function<void()>& work) {
    watching = this;
    chance_ = chance();
    const auto handle =
        at::addThreadLocalCallback(at::RecordFunctionCallback(Hooks::enter, Hooks::leave)
                                       .needsInputs(true)
                                       .needsOutputs(true)
                                       .scopes({at::RecordScope::FUNCTION}));
    try {
        work();
    } catch (...) {
        at::removeCallback(handle);
        watching = nullptr;
        throw;
    }
    at::removeCallback(handle);
    watching = nullptr;
    if (!refusal_.empty()) {
        throw Problem(TIMBREL_BAD_MODEL, refusal_);
    }
}

void Trace::refuse(const std::string& why) {
    if (refusal_.empty()) {
        refusal_ = why;
    }
}

void Trace::own(const at::Tensor& tensor) {
    kept_.push_back(tensor);
    owned_.insert(key(tensor));
}

void Trace::declare_state(const at::Tensor& tensor) {
    kept_.push_back(tensor);
    const at::Tensor values = as_floats(whole(tensor));
    const auto buffer =
        timbrel_builder_buffer(&builder_, TIMBREL_BUFFER_STATE,
                               static_cast<std::size_t>(values.numel()), values.data_ptr<float>());
    places_[key(tensor)] = {buffer, false};
}

void Trace::declare_input(const at::Tensor& tensor) {
    kept_.push_back(tensor);
    const auto buffer =
        timbrel_builder_buffer(&builder_, TIMBREL_BUFFER_TEMPORARY,
                               static_cast<std::size_t>(whole(tensor).numel()), nullptr);
    places_[key(tensor)] = {buffer, false};
}

bool Trace::constant(const at::Tensor& tensor) const {
    const auto found = places_.find(key(tensor));
    return found == places_.end() || found->second.constant;
}

bool Trace::knows(const at::Tensor& tensor) const {
    return !constant(tensor);
}

bool Trace::varies(const std::vector<c10::IValue>& values) const {
    bool any = false;
    for (const auto& value : values) {
        each_tensor(value, [&](const at::Tensor& each) { any = any || !constant(each); });
    }
    return any;
}

TimbrelView Trace::strided(const at::Tensor& tensor, std::uint32_t buffer) const {
    const at::Tensor real = tensor.is_complex() ? at::view_as_real(tensor) : tensor;
    TimbrelView view = {};
    view.space = buffer + 1;
    view.offset = static_cast<std::int32_t>(real.storage_offset());
    for (std::int64_t i = 0; i < real.dim(); i++) {
        if (view.dims == TIMBREL_PLAN_DIMS) {
            return {};
        }
        view.size[view.dims] = static_cast<std::uint32_t>(real.size(i));
        view.stride[view.dims] = static_cast<std::int32_t>(real.stride(i));
        view.dims++;
    }
    return view;
}

TimbrelView Trace::view(const at::Tensor& tensor) {
    auto found = places_.find(key(tensor));
    if (found == places_.end()) {
        const at::Tensor values = as_floats(whole(tensor));
        const auto buffer = timbrel_builder_buffer(&builder_, TIMBREL_BUFFER_CONSTANT,
                                                   static_cast<std::size_t>(values.numel()),
                                                   values.data_ptr<float>());
        kept_.push_back(tensor);
        found = places_.emplace(key(tensor), Place{buffer, true}).first;
    }
    const TimbrelView view = strided(tensor, found->second.buffer);
    if (view.space == 0) {
        refuse("it has an array of more than 8 dimensions");
    }
    return view;
}

TimbrelView Trace::target(const at::Tensor& tensor) {
    if (places_.find(key(tensor)) == places_.end()) {
        kept_.push_back(tensor);
        const auto buffer = timbrel_builder_buffer(&builder_, TIMBREL_BUFFER_TEMPORARY,
                                                   static_cast<std::size_t>(whole(tensor).numel()) *
                                                       (tensor.is_complex() ? 2 : 1),
                                                   nullptr);
        places_[key(tensor)] = {buffer, false};
    }
    return view(tensor);
}

at::Tensor Trace::temporary(at::IntArrayRef sizes) {
    at::Tensor made = at::empty(sizes, at::kFloat);
    (void)target(made);
    return made;
}

void Trace::emit(const TimbrelPlanStep& step) {
    for (std::uint32_t i = 0; i < step.out.dims; i++) {
        if (step.out.size[i] == 0) {
            return; // nothing to write
        }
    }
    timbrel_builder_step(&builder_, &step);
}

void Trace::map(TimbrelMap function, const at::Tensor& out, const at::Tensor& in, float n0,
                float n1, float n2) {
    TimbrelPlanStep step = {};
    step.kind = TIMBREL_PLAN_MAP;
    step.function = function;
    step.numbers[0] = n0;
    step.numbers[1] = n1;
    step.numbers[2] = n2;
    step.in[0] = view(in.expand(out.sizes()));
    step.out = target(out);
    emit(step);
}

void Trace::combine(TimbrelCombine function, const at::Tensor& out, const at::Tensor& a,
                    const at::Tensor& b, float n0) {
    TimbrelPlanStep step = {};
    step.kind = TIMBREL_PLAN_COMBINE;
    step.function = function;
    step.numbers[0] = n0;
    step.in[0] = view(a.expand(out.sizes()));
    step.in[1] = view(b.expand(out.sizes()));
    step.out = target(out);
    emit(step);
}

void Trace::fill(const at::Tensor& out, double value) {
    TimbrelPlanStep step = {};
    step.kind = TIMBREL_PLAN_MAP;
    step.function = TIMBREL_MAP_FILL;
    step.numbers[0] = static_cast<float>(value);
    step.out = target(out);
    step.in[0] = step.out;
    emit(step);
}

std::uint32_t Trace::weights(const at::Tensor& values, bool exact) {
    const at::Tensor flat = as_floats(values);
    return timbrel_builder_weights(&builder_, flat.data_ptr<float>(),
                                   static_cast<std::size_t>(flat.numel()), exact);
}

void Trace::enter(const std::string& name, const std::string& overload,
                  const c10::FunctionSchema* schema, c10::ArrayRef<const c10::IValue> inputs) {
    if (!frames_.empty()) {
        frames_.back().seen_inside = true;
    }
    frames_.emplace_back();
    Frame& frame = frames_.back();
    if (swallowed_ > 0) {
        return;
    }
    OperatorCall& call = frame.call;
    call.name = name.compare(0, 6, "aten::") == 0 ? name.substr(6) : name;
    call.in_place = call.name.size() > 1 && call.name.back() == '_' && schema->is_mutable();
    if (call.in_place) {
        call.name.pop_back();
    }
    call.overload = overload;
    call.schema = schema;
    call.inputs.assign(inputs.begin(), inputs.end());
    frame.lowers = can_lower(call.name);
    if (frame.lowers) {
        swallowed_ = frames_.size();
    }
    if (schema->is_mutable() && !only_turns(call)) {
        for (std::size_t i = 0; i < call.inputs.size(); i++) {
            if (schema->arguments()[i].alias_info() &&
                schema->arguments()[i].alias_info()->isWrite()) {
                each_tensor(call.inputs[i], [&](const at::Tensor& each) {
                    if (constant(each)) {
                        frame.before.emplace_back(each, whole(each).clone());
                    }
                });
            }
        }
    }
}

void Trace::leave(std::vector<c10::IValue> outputs) {
    Frame frame = std::move(frames_.back());
    frames_.pop_back();
    if (swallowed_ > 0 && frames_.size() >= swallowed_) {
        return; // within an operator that is taken as a whole
    }
    swallowed_ = 0;
    const std::size_t count =
        frame.call.schema ? std::min(outputs.size(), frame.call.schema->returns().size()) : 0;
    outputs.erase(outputs.begin(), outputs.end() - static_cast<std::ptrdiff_t>(count));
    if (refusal_.empty()) {
        finish(frame, outputs);
    }
}

at::Tensor Trace::held_before(const at::Tensor& tensor, const Frame& frame) {
    for (const auto& [written, copy] : frame.before) {
        if (key(written) == key(tensor)) {
            return copy;
        }
    }
    return {};
}

/// A constant was written to. What it held before is read off only if a step is to write into it.
void Trace::written(const at::Tensor& tensor, const Frame& frame, bool varying) {
    const auto* storage = key(tensor);
    if (owned_.count(storage) > 0 &&
        (varying || !at::equal(held_before(tensor, frame), whole(tensor)))) {
        found_state_.insert(storage);
    }
    places_.erase(storage); // what was read off is out of date
    if (!varying) {
        blank_.erase(storage);
        return;
    }
    const bool blank = blank_.erase(storage) > 0;
    const bool covered = tensor.numel() == whole(tensor).numel() && frame.call.name == "copy";
    const TimbrelView place = target(tensor);
    if (blank || covered) {
        return;
    }
    const at::Tensor old = held_before(tensor, frame);
    if (old.numel() == 0) {
        return; // got its size in this call
    }
    const at::Tensor now = whole(tensor);
    const at::Tensor values = old.is_complex() ? at::view_as_real(old) : old;
    TimbrelPlanStep step = {};
    step.kind = TIMBREL_PLAN_MAP;
    step.out = strided(now, place.space - 1);
    if (values.numel() > 0 && at::all(values == values.flatten()[0]).item<bool>()) {
        step.function = TIMBREL_MAP_FILL;
        step.numbers[0] = values.flatten()[0].to(at::kFloat).item<float>();
        step.in[0] = step.out;
    } else {
        step.function = TIMBREL_MAP_COPY;
        step.in[0] = view(old);
    }
    emit(step);
}

/// The answer of an operator that is made of others depends on what they were seen to do: if they
/// were not, it must not be taken for a constant.
void Trace::check_parts(const OperatorCall& call) {
    if (!varies(sources(call)) || takes_shape_only(call.name)) {
        return;
    }
    for (const auto& value : call.outputs) {
        each_tensor(value, [&](const at::Tensor& each) {
            if (constant(each)) {
                refuse("it uses the operator " + call.name + ", which has no native form yet");
            }
        });
    }
}

void Trace::finish(Frame& frame, const std::vector<c10::IValue>& outputs) {
    OperatorCall& call = frame.call;
    call.outputs = outputs;
    for (const auto& value : call.inputs) {
        each_tensor(value, [&](const at::Tensor& each) { kept_.push_back(each); });
    }
    for (const auto& value : outputs) {
        each_tensor(value, [&](const at::Tensor& each) { kept_.push_back(each); });
    }
    const at::Tensor drawn = chance();
    if (!draws(call.name) && !at::equal(drawn, chance_)) {
        refuse("it draws at random by " + call.name + ", which has no native form yet");
    }
    chance_ = drawn;
    if (!frame.lowers && frame.seen_inside) {
        check_parts(call); // which have been dealt with
        return;
    }
    const bool varying = varies(call.inputs) || draws(call.name);
    for (const auto& [tensor, copy] : frame.before) {
        written(tensor, frame, varying);
    }
    if (call.name.compare(0, 5, "empty") == 0 || call.name == "new_empty") {
        for (const auto& value : outputs) {
            each_tensor(value, [&](const at::Tensor& each) { blank_.insert(key(each)); });
        }
    }
    if (!varying) {
        return;
    }
    if (frame.lowers) {
        if (!lower(*this, call)) {
            refuse("it uses " + call.name + (call.overload.empty() ? "" : "." + call.overload) +
                   " in a way that has no native form yet");
        }
        return;
    }
    if (takes_shape_only(call.name)) {
        return;
    }
    // A view has its input's storage.
    const bool retyped = call.name == "view" && call.overload == "dtype";
    bool all_views =
        (!call.schema->is_mutable() || only_turns(call)) && !retyped && !outputs.empty();
    for (const auto& value : outputs) {
        if (!value.isTensor() && !value.isTensorList()) {
            all_views = false;
        }
        each_tensor(value, [&](const at::Tensor& each) {
            bool same = false;
            for (const auto& input : call.inputs) {
                each_tensor(input,
                            [&](const at::Tensor& one) { same = same || key(one) == key(each); });
            }
            all_views = all_views && same;
        });
    }
    if (!all_views) {
        refuse("it uses the operator " + call.name + ", which has no native form yet");
    }
}

} // namespace timbrel
