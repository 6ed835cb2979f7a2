// SPDX-License-Identifier: ISC
// Two tensors, element by element, and choices between them.
#include "lower.hpp"

#include <cmath>

namespace timbrel {
namespace {

/// The one value of a constant tensor of one element.
bool single(const Trace& trace, const at::Tensor& tensor, float& value) {
    if (!trace.constant(tensor) || tensor.numel() != 1 || tensor.is_complex()) {
        return false;
    }
    value = tensor.flatten()[0].to(at::kFloat).item<float>();
    return true;
}

/// (a + bi)(c + di), part by part.
void multiply_complex(Trace& trace, const at::Tensor& out, const at::Tensor& a,
                      const at::Tensor& b) {
    const auto part = [&](const at::Tensor& from, int which) {
        const at::Tensor whole = from.expand(out.sizes());
        return at::view_as_real(whole).select(-1, which);
    };
    const at::Tensor first = trace.temporary(out.sizes());
    const at::Tensor second = trace.temporary(out.sizes());
    const at::Tensor parts = at::view_as_real(out);
    for (int which = 0; which < 2; which++) {
        trace.combine(TIMBREL_COMBINE_MULTIPLY, first, part(a, 0), part(b, which));
        trace.combine(TIMBREL_COMBINE_MULTIPLY, second, part(a, 1), part(b, 1 - which));
        trace.combine(TIMBREL_COMBINE_ADD, parts.select(-1, which), first, second,
                      which == 0 ? -1.0F : 1.0F);
    }
}

bool lower_add(Trace& trace, const OperatorCall& call) {
    const at::Tensor a = call.inputs.at(0).toTensor();
    const at::Tensor b = call.tensor("other");
    const at::Tensor out = call.output();
    const bool minus = call.name == "sub" || call.name == "rsub";
    const auto scale = static_cast<float>(call.number("alpha", 1.0) * (minus ? -1.0 : 1.0));
    float value = 0.0F;
    if (out.is_complex()) {
        if (!b.defined() || !b.is_complex() || !a.is_complex() || call.name == "rsub") {
            return false;
        }
        trace.combine(TIMBREL_COMBINE_ADD, at::view_as_real(out),
                      at::view_as_real(a.expand(out.sizes())),
                      at::view_as_real(b.expand(out.sizes())), scale);
    } else if (call.name == "rsub") { // other - alpha self
        if (b.defined()) {
            trace.combine(TIMBREL_COMBINE_ADD, out, b, a, scale);
        } else {
            trace.map(TIMBREL_MAP_AFFINE, out, a, scale,
                      static_cast<float>(call.number("other", 0.0)));
        }
    } else if (!b.defined() || single(trace, b, value)) {
        const float other = b.defined() ? value : static_cast<float>(call.number("other", 0.0));
        trace.map(TIMBREL_MAP_AFFINE, out, a, 1.0F, scale * other);
    } else if (scale == 1.0F && single(trace, a, value)) {
        trace.map(TIMBREL_MAP_AFFINE, out, b, 1.0F, value);
    } else {
        trace.combine(TIMBREL_COMBINE_ADD, out, a, b, scale);
    }
    return true;
}

bool lower_mul(Trace& trace, const OperatorCall& call) {
    const at::Tensor a = call.inputs.at(0).toTensor();
    const at::Tensor b = call.tensor("other");
    const at::Tensor out = call.output();
    float value = static_cast<float>(call.number("other", 0.0));
    if (out.is_complex()) {
        if (a.is_conj() || (b.defined() && b.is_conj())) {
            return false;
        }
        if (b.defined() && a.is_complex() && b.is_complex()) {
            multiply_complex(trace, out, a, b);
        } else if (b.defined() && single(trace, b, value) && a.is_complex()) {
            trace.map(TIMBREL_MAP_AFFINE, at::view_as_real(out),
                      at::view_as_real(a.expand(out.sizes())), value);
        } else {
            return false;
        }
    } else if (!b.defined() || single(trace, b, value)) {
        trace.map(TIMBREL_MAP_AFFINE, out, a, value);
    } else if (single(trace, a, value)) {
        trace.map(TIMBREL_MAP_AFFINE, out, b, value);
    } else {
        trace.combine(TIMBREL_COMBINE_MULTIPLY, out, a, b);
    }
    return true;
}

bool lower_div(Trace& trace, const OperatorCall& call) {
    const at::Tensor a = call.inputs.at(0).toTensor();
    const at::Tensor b = call.tensor("other");
    at::Tensor out = call.output();
    float value = static_cast<float>(call.number("other", 0.0));
    if (out.is_complex()) {
        if (!a.is_complex() || (b.defined() && !single(trace, b, value))) {
            return false;
        }
        trace.map(TIMBREL_MAP_AFFINE, at::view_as_real(out),
                  at::view_as_real(a.expand(out.sizes())), 1.0F / value);
        return true;
    }
    // x / 3 is not x (1/3) to the last bit; only powers of two may be turned round.
    int exponent = 0;
    if ((!b.defined() || single(trace, b, value)) && std::frexp(value, &exponent) == 0.5F) {
        trace.map(TIMBREL_MAP_AFFINE, out, a, 1.0F / value);
    } else {
        trace.combine(TIMBREL_COMBINE_DIVIDE, out, a, b.defined() ? b : at::scalar_tensor(value));
    }
    const c10::IValue rounding = call.argument("rounding_mode");
    const bool floors =
        call.name == "floor_divide" || (rounding.isString() && rounding.toStringRef() == "floor");
    if (floors) {
        trace.map(TIMBREL_MAP_FLOOR, out, out);
    } else if (rounding.isString()) {
        trace.map(TIMBREL_MAP_TRUNCATE, out, out);
    }
    return true;
}

bool lower_pow(Trace& trace, const OperatorCall& call) {
    const at::Tensor base = call.tensor("self");
    const at::Tensor exponent = call.tensor("exponent");
    const at::Tensor out = call.output();
    float value = 0.0F;
    if (out.is_complex()) {
        return false;
    }
    if (base.defined() && (!exponent.defined() || single(trace, exponent, value))) {
        if (!exponent.defined()) {
            value = static_cast<float>(call.number("exponent", 1.0));
        }
        const TimbrelMap function = value == 2.0F    ? TIMBREL_MAP_SQUARE
                                    : value == 0.5F  ? TIMBREL_MAP_SQRT
                                    : value == -1.0F ? TIMBREL_MAP_RECIPROCAL
                                                     : TIMBREL_MAP_POWER;
        trace.map(function, out, base, value);
    } else if (!base.defined() || single(trace, base, value)) {
        if (!base.defined()) {
            value = static_cast<float>(call.number("self", 1.0));
        }
        trace.map(TIMBREL_MAP_RAISE, out, exponent, value);
    } else {
        trace.combine(TIMBREL_COMBINE_POWER, out, base, exponent);
    }
    return true;
}

/// A function of two numbers that needs no further argument.
struct Pair {
    TimbrelCombine function;
    bool swapped, negated;
};

const std::map<std::string, Pair> pairs = {
    {"maximum", {TIMBREL_COMBINE_MAXIMUM, false, false}},
    {"minimum", {TIMBREL_COMBINE_MINIMUM, false, false}},
    {"remainder", {TIMBREL_COMBINE_REMAINDER, false, false}},
    {"atan2", {TIMBREL_COMBINE_ATAN2, false, false}},
    {"eq", {TIMBREL_COMBINE_EQUAL, false, false}},
    {"ne", {TIMBREL_COMBINE_EQUAL, false, true}},
    {"lt", {TIMBREL_COMBINE_LESS, false, false}},
    {"le", {TIMBREL_COMBINE_LESS_EQUAL, false, false}},
    {"gt", {TIMBREL_COMBINE_LESS, true, false}},
    {"ge", {TIMBREL_COMBINE_LESS_EQUAL, true, false}},
    {"logical_and", {TIMBREL_COMBINE_MULTIPLY, false, false}},
    {"logical_or", {TIMBREL_COMBINE_MAXIMUM, false, false}},
};

bool lower_combine(Trace& trace, const OperatorCall& call) {
    const auto found = pairs.find(call.name);
    const at::Tensor first = call.tensor("self");
    at::Tensor second = call.tensor("other");
    if (found == pairs.end() || !first.defined() || first.is_complex()) {
        return false;
    }
    if (!second.defined()) {
        second = at::scalar_tensor(call.number("other", 0.0));
    }
    const at::Tensor out = call.output();
    const bool swapped = found->second.swapped;
    trace.combine(found->second.function, out, swapped ? second : first, swapped ? first : second);
    if (found->second.negated) {
        trace.map(TIMBREL_MAP_NOT, out, out);
    }
    return true;
}

void choose(Trace& trace, const at::Tensor& out, const at::Tensor& condition, const at::Tensor& yes,
            const at::Tensor& no) {
    TimbrelPlanStep step = {};
    step.kind = TIMBREL_PLAN_CHOOSE;
    step.in[0] = trace.view(condition.expand(out.sizes()));
    step.in[1] = trace.view(yes.expand(out.sizes()));
    step.in[2] = trace.view(no.expand(out.sizes()));
    step.out = trace.target(out);
    trace.emit(step);
}

bool lower_where(Trace& trace, const OperatorCall& call) {
    const at::Tensor yes = call.tensor("self");
    const at::Tensor no = call.tensor("other");
    if (!yes.defined() || !no.defined() || yes.is_complex() || no.is_complex()) {
        return false;
    }
    choose(trace, call.output(), call.tensor("condition"), yes, no);
    return true;
}

bool lower_masked_fill(Trace& trace, const OperatorCall& call) {
    const at::Tensor value = call.tensor("value");
    choose(trace, call.output(), call.tensor("mask"),
           value.defined() ? value : at::scalar_tensor(call.number("value", 0.0)),
           call.inputs.at(0).toTensor());
    return true;
}

bool lower_lerp(Trace& trace, const OperatorCall& call) {
    const at::Tensor from = call.inputs.at(0).toTensor();
    const at::Tensor out = call.output();
    const at::Tensor weight = call.tensor("weight");
    const at::Tensor way = trace.temporary(out.sizes());
    trace.combine(TIMBREL_COMBINE_ADD, way, call.tensor("end"), from, -1.0F);
    if (weight.defined()) {
        trace.combine(TIMBREL_COMBINE_MULTIPLY, way, way, weight);
    } else {
        trace.map(TIMBREL_MAP_AFFINE, way, way, static_cast<float>(call.number("weight", 0.0)));
    }
    trace.combine(TIMBREL_COMBINE_ADD, out, from, way);
    return true;
}

bool lower_addc(Trace& trace, const OperatorCall& call) {
    const at::Tensor out = call.output();
    const at::Tensor part = trace.temporary(out.sizes());
    trace.combine(call.name == "addcmul" ? TIMBREL_COMBINE_MULTIPLY : TIMBREL_COMBINE_DIVIDE, part,
                  call.tensor("tensor1"), call.tensor("tensor2"));
    trace.combine(TIMBREL_COMBINE_ADD, out, call.inputs.at(0).toTensor(), part,
                  static_cast<float>(call.number("value", 1.0)));
    return true;
}

} // namespace

const LoweringTable& pairs_lowerings() {
    static const LoweringTable table = [] {
        LoweringTable rows = {
            {"add", lower_add},   {"sub", lower_add},      {"rsub", lower_add},
            {"mul", lower_mul},   {"div", lower_div},      {"floor_divide", lower_div},
            {"pow", lower_pow},   {"where", lower_where},  {"masked_fill", lower_masked_fill},
            {"lerp", lower_lerp}, {"addcmul", lower_addc}, {"addcdiv", lower_addc},
        };
        for (const auto& each : pairs) {
            rows.insert({each.first, lower_combine});
        }
        return rows;
    }();
    return table;
}

} // namespace timbrel
