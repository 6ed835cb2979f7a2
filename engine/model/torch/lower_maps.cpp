// SPDX-License-Identifier: ISC
// One tensor, element by element.
#include "lower.hpp"

#include <cmath>
#include <limits>

namespace timbrel {
namespace {

/// A function of one number that needs no further argument.
struct Plain {
    TimbrelMap function;
    float n0, n1;
};

const std::map<std::string, Plain> plain = {
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

/// Operators of one input and no further argument.
bool lower_map(Trace& trace, const OperatorCall& call) {
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

} // namespace

const LoweringTable& maps_lowerings() {
    static const LoweringTable table = [] {
        LoweringTable rows = {
            {"abs", lower_abs},           {"rsqrt", lower_rsqrt},
            {"round", lower_round},       {"leaky_relu", lower_leaky_relu},
            {"elu", lower_elu},           {"gelu", lower_gelu},
            {"softplus", lower_softplus}, {"clamp", lower_clamp},
            {"clamp_min", lower_clamp},   {"clamp_max", lower_clamp},
            {"hardtanh", lower_clamp},
        };
        for (const auto& each : plain) {
            rows.insert({each.first, lower_map});
        }
        return rows;
    }();
    return table;
}

} // namespace timbrel
