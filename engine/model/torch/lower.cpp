// SPDX-License-Identifier: ISC
#include "trace.hpp"

#include <cmath>
#include <limits>
#include <map>

namespace timbrel {
namespace {

using Lowering = bool (*)(Trace&, const OperatorCall&);

/// The one value of a constant tensor of one element.
bool single(const Trace& trace, const at::Tensor& tensor, float& value) {
    if (!trace.constant(tensor) || tensor.numel() != 1 || tensor.is_complex()) {
        return false;
    }
    value = tensor.flatten()[0].to(at::kFloat).item<float>();
    return true;
}

/// Operators of one input and no further argument.
bool lower_map(Trace& trace, const OperatorCall& call) {
    struct Plain {
        TimbrelMap function;
        float n0, n1;
    };
    static const std::map<std::string, Plain> plain = {
        {"tanh", {TIMBREL_MAP_TANH, 0, 0}},
        {"sigmoid", {TIMBREL_MAP_SIGMOID, 0, 0}},
        {"silu", {TIMBREL_MAP_SILU, 0, 0}},
        {"relu", {TIMBREL_MAP_LEAKY, 0, 0}},
        {"exp", {TIMBREL_MAP_EXP, 0, 0}},
        {"log", {TIMBREL_MAP_LOG, 1, 0}},
        {"log2", {TIMBREL_MAP_LOG, static_cast<float>(M_LOG2E), 0}},
        {"log10", {TIMBREL_MAP_LOG, static_cast<float>(M_LOG10E), 0}},
        {"log1p", {TIMBREL_MAP_LOG1P, 0, 0}},
        {"sin", {TIMBREL_MAP_SIN, 0, 0}},
        {"cos", {TIMBREL_MAP_COS, 0, 0}},
        {"acos", {TIMBREL_MAP_ACOS, 0, 0}},
        {"sqrt", {TIMBREL_MAP_SQRT, 0, 0}},
        {"reciprocal", {TIMBREL_MAP_RECIPROCAL, 0, 0}},
        {"abs", {TIMBREL_MAP_ABS, 0, 0}},
        {"sign", {TIMBREL_MAP_SIGN, 0, 0}},
        {"floor", {TIMBREL_MAP_FLOOR, 0, 0}},
        {"ceil", {TIMBREL_MAP_CEIL, 0, 0}},
        {"trunc", {TIMBREL_MAP_TRUNCATE, 0, 0}},
        {"neg", {TIMBREL_MAP_AFFINE, -1, 0}},
        {"logical_not", {TIMBREL_MAP_NOT, 0, 0}},
        {"bitwise_not", {TIMBREL_MAP_NOT, 0, 0}},
        {"square", {TIMBREL_MAP_SQUARE, 0, 0}},
    };
    const at::Tensor in = call.inputs.at(0).toTensor();
    const auto found = plain.find(call.name);
    if (found == plain.end() || (in.is_complex() && call.name != "neg") ||
        (call.name == "bitwise_not" && in.scalar_type() != at::kBool)) {
        return false;
    }
    trace.map(found->second.function, call.output(), in, found->second.n0, found->second.n1);
    return true;
}

/// Of a complex number, the length.
bool lower_abs(Trace& trace, const OperatorCall& call) {
    const at::Tensor in = call.inputs.at(0).toTensor();
    if (!in.is_complex()) {
        return lower_map(trace, call);
    }
    const at::Tensor parts = at::view_as_real(in.is_conj() ? in.conj() : in);
    const at::Tensor squares = trace.temporary(parts.sizes());
    const at::Tensor out = call.output();
    trace.map(TIMBREL_MAP_SQUARE, squares, parts);
    trace.combine(TIMBREL_COMBINE_ADD, out, squares.select(-1, 0), squares.select(-1, 1));
    trace.map(TIMBREL_MAP_SQRT, out, out);
    return true;
}

bool lower_rsqrt(Trace& trace, const OperatorCall& call) {
    trace.map(TIMBREL_MAP_POWER, call.output(), call.inputs[0].toTensor(), -0.5F);
    return true;
}

bool lower_round(Trace& trace, const OperatorCall& call) {
    if (call.number("decimals", 0.0) != 0.0) {
        return false;
    }
    trace.map(TIMBREL_MAP_ROUND, call.output(), call.inputs[0].toTensor());
    return true;
}

bool lower_leaky_relu(Trace& trace, const OperatorCall& call) {
    trace.map(TIMBREL_MAP_LEAKY, call.output(), call.inputs[0].toTensor(),
              static_cast<float>(call.number("negative_slope", 0.01)));
    return true;
}

bool lower_elu(Trace& trace, const OperatorCall& call) {
    const double scale = call.number("scale", 1.0);
    trace.map(TIMBREL_MAP_ELU, call.output(), call.inputs[0].toTensor(),
              static_cast<float>(call.number("alpha", 1.0) * scale),
              static_cast<float>(call.number("input_scale", 1.0)), static_cast<float>(scale));
    return true;
}

bool lower_gelu(Trace& trace, const OperatorCall& call) {
    const c10::IValue kind = call.argument("approximate");
    const bool by_tanh = kind.isString() && kind.toStringRef() == "tanh";
    trace.map(by_tanh ? TIMBREL_MAP_GELU_TANH : TIMBREL_MAP_GELU, call.output(),
              call.inputs[0].toTensor());
    return true;
}

bool lower_softplus(Trace& trace, const OperatorCall& call) {
    trace.map(TIMBREL_MAP_SOFTPLUS, call.output(), call.inputs[0].toTensor(),
              static_cast<float>(call.number("beta", 1.0)),
              static_cast<float>(call.number("threshold", 20.0)));
    return true;
}

bool lower_clamp(Trace& trace, const OperatorCall& call) {
    const at::Tensor low = call.tensor("min");
    const at::Tensor high = call.tensor("max");
    if (low.defined() || high.defined()) {
        return false;
    }
    const float most = std::numeric_limits<float>::max();
    const bool tanh_like = call.name == "hardtanh";
    trace.map(TIMBREL_MAP_CLAMP, call.output(), call.inputs[0].toTensor(),
              static_cast<float>(call.number(tanh_like ? "min_val" : "min", -most)),
              static_cast<float>(call.number(tanh_like ? "max_val" : "max", most)));
    return true;
}

bool lower_copy(Trace& trace, const OperatorCall& call) {
    const at::Tensor out = call.inputs.at(0).toTensor();
    const at::Tensor in = call.inputs.at(1).toTensor();
    if (out.is_complex() != in.is_complex()) {
        if (in.is_complex()) {
            return false;
        }
        trace.fill(at::view_as_real(out).select(-1, 1), 0.0);
        trace.map(TIMBREL_MAP_COPY, at::view_as_real(out).select(-1, 0), in);
        return true;
    }
    const bool was_integral = at::isIntegralType(in.scalar_type(), true);
    TimbrelMap function = TIMBREL_MAP_COPY;
    if (out.scalar_type() == at::kBool && in.scalar_type() != at::kBool) {
        function = TIMBREL_MAP_TRUTH;
    } else if (at::isIntegralType(out.scalar_type(), false) && !was_integral) {
        function = TIMBREL_MAP_TRUNCATE;
    }
    if (out.is_complex()) {
        trace.map(function, at::view_as_real(out), at::view_as_real(in.expand(out.sizes())));
    } else {
        trace.map(function, out, in);
    }
    return true;
}

bool lower_fill(Trace& trace, const OperatorCall& call) {
    const at::Tensor out = call.inputs.at(0).toTensor();
    if (out.is_complex()) {
        return false;
    }
    const at::Tensor value = call.tensor("value");
    if (value.defined()) {
        trace.map(TIMBREL_MAP_COPY, out, value);
    } else {
        trace.fill(out, call.number("value", 0.0));
    }
    return true;
}

bool lower_zero(Trace& trace, const OperatorCall& call) {
    const at::Tensor out = call.inputs.at(0).toTensor();
    trace.fill(out.is_complex() ? at::view_as_real(out) : out, 0.0);
    return true;
}

bool lower_cat(Trace& trace, const OperatorCall& call) {
    const at::Tensor out = call.output();
    std::int64_t dim = static_cast<std::int64_t>(call.number("dim", 0.0));
    dim += dim < 0 ? out.dim() : 0;
    std::int64_t at = 0;
    const c10::IValue parts = call.inputs.at(0);
    const bool stacks = call.name == "stack";
    for (const at::Tensor& each : parts.toTensorVector()) {
        const at::Tensor part = stacks ? each.unsqueeze(dim) : each;
        if (part.dim() != out.dim()) { // an empty one of any shape is allowed
            continue;
        }
        const at::Tensor place = out.narrow(dim, at, part.size(dim));
        at += part.size(dim);
        if (part.numel() == 0) {
            continue;
        }
        if (out.is_complex() != part.is_complex()) {
            return false;
        }
        if (out.is_complex()) {
            trace.map(TIMBREL_MAP_COPY, at::view_as_real(place), at::view_as_real(part));
        } else {
            trace.map(TIMBREL_MAP_COPY, place, part);
        }
    }
    return true;
}

bool lower_flip(Trace& trace, const OperatorCall& call) {
    at::Tensor in = call.inputs.at(0).toTensor();
    const at::Tensor out = call.output();
    if (in.is_complex()) {
        return false;
    }
    TimbrelPlanStep step = {};
    step.kind = TIMBREL_PLAN_MAP;
    step.in[0] = trace.view(in);
    step.out = trace.target(out);
    for (std::int64_t dim : call.argument("dims").toIntVector()) {
        const auto index = static_cast<std::size_t>(dim < 0 ? dim + in.dim() : dim);
        step.in[0].offset +=
            (static_cast<std::int32_t>(step.in[0].size[index]) - 1) * step.in[0].stride[index];
        step.in[0].stride[index] *= -1;
    }
    trace.emit(step);
    return true;
}

bool lower_roll(Trace& trace, const OperatorCall& call) {
    const at::Tensor in = call.inputs.at(0).toTensor();
    const auto shifts = call.argument("shifts").toIntVector();
    const auto dims = call.argument("dims").toIntVector();
    if (shifts.size() != 1 || dims.size() != 1 || in.is_complex()) {
        return false;
    }
    const std::int64_t size = in.size(dims[0]);
    const std::int64_t shift = ((shifts[0] % size) + size) % size;
    const at::Tensor out = call.output();
    trace.map(TIMBREL_MAP_COPY, out.narrow(dims[0], shift, size - shift),
              in.narrow(dims[0], 0, size - shift));
    if (shift > 0) {
        trace.map(TIMBREL_MAP_COPY, out.narrow(dims[0], 0, shift),
                  in.narrow(dims[0], size - shift, shift));
    }
    return true;
}

bool lower_reflect(Trace& trace, const OperatorCall& call) {
    const at::Tensor in = call.inputs.at(0).toTensor();
    const at::Tensor out = call.output();
    const auto pads = call.argument("padding").toIntVector();
    if (pads.size() != 2 || in.is_complex()) {
        return false;
    }
    const std::int64_t size = in.size(-1);
    trace.map(TIMBREL_MAP_COPY, out.narrow(-1, pads[0], size), in);
    for (int side = 0; side < 2; side++) {
        const std::int64_t pad = pads[static_cast<std::size_t>(side)];
        if (pad == 0) {
            continue;
        }
        TimbrelPlanStep step = {};
        step.kind = TIMBREL_PLAN_MAP;
        step.in[0] = trace.view(in.narrow(-1, side == 0 ? 1 : size - 1 - pad, pad));
        const std::size_t last = step.in[0].dims - 1;
        step.in[0].offset += static_cast<std::int32_t>(pad - 1) * step.in[0].stride[last];
        step.in[0].stride[last] *= -1;
        step.out = trace.target(out.narrow(-1, side == 0 ? 0 : pads[0] + size, pad));
        trace.emit(step);
    }
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

bool lower_combine(Trace& trace, const OperatorCall& call) {
    struct Pair {
        TimbrelCombine function;
        bool swapped, negated;
    };
    static const std::map<std::string, Pair> pairs = {
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

/// out (in's sizes without the reduced dimensions) = n0 x function over them.
void reduce(Trace& trace, TimbrelReduce function, const at::Tensor& out, at::Tensor in,
            std::vector<std::int64_t> dims, float n0 = 1.0F) {
    for (std::int64_t& dim : dims) {
        dim += dim < 0 ? in.dim() : 0;
    }
    std::sort(dims.begin(), dims.end(), std::greater<>());
    for (std::size_t i = 0; i < dims.size(); i++) { // each brings the next to the end
        const at::Tensor turned = in.movedim(dims[i], -1);
        auto sizes = turned.sizes().vec();
        sizes.back() = 1;
        const bool last = i + 1 == dims.size();
        const at::Tensor to = last ? out.reshape(sizes) : trace.temporary(sizes);
        TimbrelPlanStep step = {};
        step.kind = TIMBREL_PLAN_REDUCE;
        step.function = function;
        step.numbers[0] = last ? n0 : 1.0F;
        step.in[0] = trace.view(turned);
        step.out = trace.target(to);
        trace.emit(step);
        in = to.squeeze(-1);
    }
}

std::vector<std::int64_t> reduced_dims(const OperatorCall& call, const at::Tensor& in) {
    const c10::IValue value = call.argument("dim");
    std::vector<std::int64_t> dims;
    if (value.isInt()) {
        dims = {value.toInt()};
    } else if (value.isIntList()) {
        dims = value.toIntVector();
    }
    if (dims.empty()) {
        for (std::int64_t i = 0; i < in.dim(); i++) {
            dims.push_back(i);
        }
    }
    return dims;
}

/// An output as a fresh, dense array, whatever keepdim says.
bool lower_reduce(Trace& trace, const OperatorCall& call) {
    const at::Tensor in = call.inputs.at(0).toTensor();
    const auto dims = reduced_dims(call, in);
    const bool indexed = call.outputs.size() == 2;
    if (in.is_complex() || in.dim() == 0 || in.numel() == 0 || call.tensor("other").defined()) {
        return false;
    }
    const at::Tensor out = call.output();
    if (!out.is_contiguous()) {
        return false;
    }
    double count = 1.0;
    for (const std::int64_t dim : dims) {
        count *= static_cast<double>(in.size(dim));
    }
    if (call.name == "sum") {
        reduce(trace, TIMBREL_REDUCE_SUM, out, in, dims);
    } else if (call.name == "mean") {
        reduce(trace, TIMBREL_REDUCE_SUM, out, in, dims, static_cast<float>(1.0 / count));
    } else if (call.name == "prod") {
        reduce(trace, TIMBREL_REDUCE_PRODUCT, out, in, dims);
    } else if (call.name == "amax" || call.name == "max") {
        reduce(trace, TIMBREL_REDUCE_MAXIMUM, out, in, dims);
    } else if (call.name == "amin" || call.name == "min") {
        reduce(trace, TIMBREL_REDUCE_MINIMUM, out, in, dims);
    } else if (dims.size() != 1) {
        return false;
    } else {
        reduce(trace,
               call.name == "argmax" ? TIMBREL_REDUCE_WHERE_MAXIMUM : TIMBREL_REDUCE_WHERE_MINIMUM,
               out, in, dims);
    }
    if (indexed) {
        reduce(trace,
               call.name == "max" ? TIMBREL_REDUCE_WHERE_MAXIMUM : TIMBREL_REDUCE_WHERE_MINIMUM,
               call.output(1), in, dims);
    }
    return true;
}

bool lower_deviation(Trace& trace, const OperatorCall& call) {
    const at::Tensor in = call.inputs.at(0).toTensor();
    const at::Tensor out = call.output();
    auto dims = reduced_dims(call, in);
    if (in.is_complex() || in.dim() == 0 || !out.is_contiguous()) {
        return false;
    }
    const double correction =
        call.schema->argumentIndexWithName("correction")
            ? call.number("correction", 1.0)
            : (call.argument("unbiased").isBool() && !call.argument("unbiased").toBool() ? 0.0
                                                                                         : 1.0);
    auto sizes = in.sizes().vec();
    double count = 1.0;
    for (std::int64_t& dim : dims) {
        dim += dim < 0 ? in.dim() : 0;
        count *= static_cast<double>(in.size(dim));
        sizes[static_cast<std::size_t>(dim)] = 1;
    }
    const at::Tensor mean = trace.temporary(sizes);
    const at::Tensor away = trace.temporary(in.sizes());
    reduce(trace, TIMBREL_REDUCE_SUM, mean, in, dims, static_cast<float>(1.0 / count));
    trace.combine(TIMBREL_COMBINE_ADD, away, in, mean, -1.0F);
    trace.map(TIMBREL_MAP_SQUARE, away, away);
    reduce(trace, TIMBREL_REDUCE_SUM, out, away, dims,
           static_cast<float>(1.0 / (count - correction)));
    if (call.name == "std") {
        trace.map(TIMBREL_MAP_SQRT, out, out);
    }
    return true;
}

bool lower_scan(Trace& trace, const OperatorCall& call) {
    const at::Tensor in = call.inputs.at(0).toTensor();
    const c10::IValue dim = call.argument("dim");
    if (!dim.isInt() || in.is_complex() || in.dim() == 0) {
        return false;
    }
    TimbrelPlanStep step = {};
    step.kind = TIMBREL_PLAN_SCAN;
    step.function = call.name == "cumsum" ? TIMBREL_SCAN_SUM : TIMBREL_SCAN_PRODUCT;
    step.in[0] = trace.view(in.movedim(dim.toInt(), -1));
    step.out = trace.target(call.output().movedim(dim.toInt(), -1));
    trace.emit(step);
    return true;
}

bool lower_softmax(Trace& trace, const OperatorCall& call) {
    const at::Tensor in = call.inputs.at(0).toTensor();
    const at::Tensor out = call.output();
    const std::int64_t dim = call.argument("dim").toInt();
    if (in.dim() == 0) {
        return false;
    }
    auto sizes = in.sizes().vec();
    sizes[static_cast<std::size_t>(dim < 0 ? dim + in.dim() : dim)] = 1;
    const at::Tensor whole = trace.temporary(sizes);
    reduce(trace, TIMBREL_REDUCE_MAXIMUM, whole, in, {dim});
    trace.combine(TIMBREL_COMBINE_ADD, out, in, whole, -1.0F);
    trace.map(TIMBREL_MAP_EXP, out, out);
    reduce(trace, TIMBREL_REDUCE_SUM, whole, out, {dim});
    trace.combine(TIMBREL_COMBINE_DIVIDE, out, out, whole);
    return true;
}

/// out (count, width) = the rows of the table (rows, width) that index (count) says.
void look_up(Trace& trace, const at::Tensor& out, const at::Tensor& table,
             const at::Tensor& index) {
    TimbrelPlanStep step = {};
    step.kind = TIMBREL_PLAN_LOOK_UP;
    step.in[0] = trace.view(index);
    step.in[1] = trace.view(table);
    step.out = trace.target(out);
    trace.emit(step);
}

bool lower_embedding(Trace& trace, const OperatorCall& call) {
    const at::Tensor table = call.tensor("weight");
    const at::Tensor index = call.tensor("indices");
    const at::Tensor out = call.output();
    if (table.dim() != 2 || table.is_complex() || !out.is_contiguous() || !index.is_contiguous()) {
        return false;
    }
    look_up(trace, out.view({-1, table.size(1)}), table, index.view({-1}));
    return true;
}

/// The slice of `in` along its first dimension that a constant index of even steps is; none else.
at::Tensor slice_of(const at::Tensor& in, const at::Tensor& index) {
    const at::Tensor steps = index.diff();
    const std::int64_t first = index[0].item<std::int64_t>();
    const std::int64_t step = steps.numel() > 0 ? steps[0].item<std::int64_t>() : 0;
    if (step < 0 || !at::all(steps == step).item<bool>()) {
        return {};
    }
    auto strides = in.strides().vec();
    auto sizes = in.sizes().vec();
    sizes[0] = index.size(0);
    const std::int64_t offset = in.storage_offset() + first * strides[0];
    strides[0] *= step;
    return in.as_strided(sizes, strides, offset);
}

bool lower_index_select(Trace& trace, const OperatorCall& call) {
    const at::Tensor index = call.tensor("index").reshape({-1});
    const std::int64_t dim = call.argument("dim").toInt();
    at::Tensor in = call.tensor("self");
    if (in.is_complex() || in.dim() == 0 || in.numel() == 0 || index.numel() == 0) {
        return false;
    }
    in = in.movedim(dim, 0);
    const at::Tensor out = call.output().movedim(dim, 0);
    if (trace.constant(index)) {
        if (const at::Tensor slice = slice_of(in, index); slice.defined()) {
            trace.map(TIMBREL_MAP_COPY, out, slice);
            return true;
        }
    }
    // A look-up's rows are of one dimension: both sides are brought into order where they are not.
    const auto ordered = [&](const at::Tensor& tensor) {
        return tensor.is_contiguous() ? tensor : trace.temporary(tensor.sizes());
    };
    const at::Tensor table = ordered(in);
    const at::Tensor rows = ordered(out);
    if (!table.is_same(in)) {
        trace.map(TIMBREL_MAP_COPY, table, in);
    }
    look_up(trace, rows.view({index.size(0), -1}), table.view({in.size(0), -1}), index);
    if (!rows.is_same(out)) {
        trace.map(TIMBREL_MAP_COPY, out, rows);
    }
    return true;
}

bool lower_draw(Trace& trace, const OperatorCall& call) {
    const at::Tensor out = call.output();
    if (out.is_complex() || !at::isFloatingType(out.scalar_type()) ||
        (!call.in_place && call.overload.find("Tensor") != std::string::npos)) {
        return false;
    }
    TimbrelPlanStep step = {};
    const bool normal = call.name == "normal" || call.name.compare(0, 5, "randn") == 0;
    step.kind = TIMBREL_PLAN_DRAW;
    step.function = normal ? TIMBREL_DRAW_NORMAL : TIMBREL_DRAW_UNIFORM;
    step.numbers[0] = static_cast<float>(call.number(normal ? "mean" : "from", 0.0));
    step.numbers[1] = static_cast<float>(call.number(normal ? "std" : "to", 1.0));
    step.out = trace.target(out);
    trace.emit(step);
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

const std::map<std::string, Lowering>& table() {
    static const std::map<std::string, Lowering> lowerings = {
        {"tanh", lower_map},
        {"sigmoid", lower_map},
        {"silu", lower_map},
        {"relu", lower_map},
        {"exp", lower_map},
        {"log", lower_map},
        {"log2", lower_map},
        {"log10", lower_map},
        {"log1p", lower_map},
        {"sin", lower_map},
        {"cos", lower_map},
        {"acos", lower_map},
        {"sqrt", lower_map},
        {"reciprocal", lower_map},
        {"abs", lower_abs},
        {"sign", lower_map},
        {"floor", lower_map},
        {"ceil", lower_map},
        {"trunc", lower_map},
        {"neg", lower_map},
        {"logical_not", lower_map},
        {"bitwise_not", lower_map},
        {"square", lower_map},
        {"rsqrt", lower_rsqrt},
        {"round", lower_round},
        {"leaky_relu", lower_leaky_relu},
        {"elu", lower_elu},
        {"gelu", lower_gelu},
        {"softplus", lower_softplus},
        {"clamp", lower_clamp},
        {"clamp_min", lower_clamp},
        {"clamp_max", lower_clamp},
        {"hardtanh", lower_clamp},
        {"copy", lower_copy},
        {"fill", lower_fill},
        {"zero", lower_zero},
        {"cat", lower_cat},
        {"stack", lower_cat},
        {"flip", lower_flip},
        {"roll", lower_roll},
        {"reflection_pad1d", lower_reflect},
        {"add", lower_add},
        {"sub", lower_add},
        {"rsub", lower_add},
        {"mul", lower_mul},
        {"div", lower_div},
        {"floor_divide", lower_div},
        {"pow", lower_pow},
        {"maximum", lower_combine},
        {"minimum", lower_combine},
        {"remainder", lower_combine},
        {"atan2", lower_combine},
        {"eq", lower_combine},
        {"ne", lower_combine},
        {"lt", lower_combine},
        {"le", lower_combine},
        {"gt", lower_combine},
        {"ge", lower_combine},
        {"logical_and", lower_combine},
        {"logical_or", lower_combine},
        {"where", lower_where},
        {"masked_fill", lower_masked_fill},
        {"sum", lower_reduce},
        {"mean", lower_reduce},
        {"prod", lower_reduce},
        {"amax", lower_reduce},
        {"amin", lower_reduce},
        {"max", lower_reduce},
        {"min", lower_reduce},
        {"argmax", lower_reduce},
        {"argmin", lower_reduce},
        {"std", lower_deviation},
        {"var", lower_deviation},
        {"cumsum", lower_scan},
        {"cumprod", lower_scan},
        {"softmax", lower_softmax},
        {"_softmax", lower_softmax},
        {"embedding", lower_embedding},
        {"index_select", lower_index_select},
        {"normal", lower_draw},
        {"uniform", lower_draw},
        {"rand", lower_draw},
        {"randn", lower_draw},
        {"rand_like", lower_draw},
        {"randn_like", lower_draw},
        {"lerp", lower_lerp},
        {"addcmul", lower_addc},
        {"addcdiv", lower_addc},
    };
    return lowerings;
}

} // namespace

bool draws(const std::string& name) {
    const auto found = table().find(name);
    return found != table().end() && found->second == lower_draw;
}

bool can_lower(const std::string& name) {
    return table().count(name) > 0 || can_lower_linear(name);
}

bool lower(Trace& trace, const OperatorCall& call) {
    const auto found = table().find(call.name);
    return found != table().end() ? found->second(trace, call) : lower_linear(trace, call);
}

} // namespace timbrel
