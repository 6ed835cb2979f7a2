// SPDX-License-Identifier: ISC
// What runs along a dimension: sums, extremes, scans.
#include "lower.hpp"

#include <algorithm>

namespace timbrel {
namespace {

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

} // namespace

const LoweringTable& sums_lowerings() {
    static const LoweringTable table = {
        {"sum", lower_reduce},    {"mean", lower_reduce},     {"prod", lower_reduce},
        {"amax", lower_reduce},   {"amin", lower_reduce},     {"max", lower_reduce},
        {"min", lower_reduce},    {"argmax", lower_reduce},   {"argmin", lower_reduce},
        {"std", lower_deviation}, {"var", lower_deviation},   {"cumsum", lower_scan},
        {"cumprod", lower_scan},  {"softmax", lower_softmax}, {"_softmax", lower_softmax},
    };
    return table;
}

} // namespace timbrel
