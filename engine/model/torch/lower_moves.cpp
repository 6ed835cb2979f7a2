// SPDX-License-Identifier: ISC
// What moves, copies or looks up elements, and what draws them.
#include "lower.hpp"

namespace timbrel {
namespace {

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

} // namespace

const LoweringTable& moves_lowerings() {
    static const LoweringTable table = {
        {"copy", lower_copy},           {"fill", lower_fill},
        {"zero", lower_zero},           {"cat", lower_cat},
        {"stack", lower_cat},           {"flip", lower_flip},
        {"roll", lower_roll},           {"reflection_pad1d", lower_reflect},
        {"embedding", lower_embedding}, {"index_select", lower_index_select},
        {"normal", lower_draw},         {"uniform", lower_draw},
        {"rand", lower_draw},           {"randn", lower_draw},
        {"rand_like", lower_draw},      {"randn_like", lower_draw},
    };
    return table;
}

bool draws(const std::string& name) {
    const auto found = moves_lowerings().find(name);
    return found != moves_lowerings().end() && found->second == lower_draw;
}

} // namespace timbrel
