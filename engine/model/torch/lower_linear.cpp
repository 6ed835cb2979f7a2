// SPDX-License-Identifier: ISC
#include "lower.hpp"

#include <algorithm>
#include <map>

namespace timbrel {
namespace {

constexpr std::int64_t longest_transform = 4096;

using Sizes = std::vector<std::int64_t>;

/// A CONVOLVE step. `in` (batch, group, channel, tap, column), `out` (batch, group, row, column),
/// `weights` (group, row, channel, tap), `bias` (group x row) or undefined.
void convolve(Trace& trace, const at::Tensor& out, const at::Tensor& in, const at::Tensor& weights,
              const at::Tensor& bias, bool exact) {
    TimbrelPlanStep step = {};
    step.kind = TIMBREL_PLAN_CONVOLVE;
    step.in[0] = trace.view(in);
    if (bias.defined()) {
        step.in[1] = trace.view(bias.reshape({out.size(1), out.size(2)}));
    }
    step.out = trace.target(out);
    step.weights =
        trace.weights(weights.expand({out.size(1), out.size(2), in.size(2), in.size(3)}), exact);
    trace.emit(step);
}

/// A copy with zeros before and behind along the last dimension; the tensor itself where none are
/// asked for.
at::Tensor padded(Trace& trace, const at::Tensor& in, std::int64_t before, std::int64_t behind) {
    if (before == 0 && behind == 0) {
        return in;
    }
    auto sizes = in.sizes().vec();
    sizes.back() += before + behind;
    at::Tensor room = trace.temporary(sizes);
    if (before > 0) {
        trace.fill(room.narrow(-1, 0, before), 0.0);
    }
    if (behind > 0) {
        trace.fill(room.narrow(-1, sizes.back() - behind, behind), 0.0);
    }
    trace.map(TIMBREL_MAP_COPY, room.narrow(-1, before, in.size(-1)), in);
    return room;
}

/// (batch, group x each, time) as (batch, group, each, time).
at::Tensor grouped(const at::Tensor& tensor, std::int64_t groups) {
    const std::int64_t each = tensor.size(1) / groups;
    return tensor.as_strided(
        {tensor.size(0), groups, each, tensor.size(2)},
        {tensor.stride(0), each * tensor.stride(1), tensor.stride(1), tensor.stride(2)},
        tensor.storage_offset());
}

struct Shape {
    std::int64_t stride, padding, dilation, output_padding, groups;
};

void forward_convolution(Trace& trace, const at::Tensor& out, const at::Tensor& input,
                         const at::Tensor& weight, const at::Tensor& bias, const Shape& shape) {
    const at::Tensor x = grouped(padded(trace, input, shape.padding, shape.padding), shape.groups);
    const at::Tensor in =
        x.as_strided({x.size(0), shape.groups, x.size(2), weight.size(2), out.size(2)},
                     {x.stride(0), x.stride(1), x.stride(2), shape.dilation * x.stride(3),
                      shape.stride * x.stride(3)},
                     x.storage_offset());
    const at::Tensor rows =
        weight.contiguous().view({shape.groups, -1, weight.size(1), weight.size(2)});
    convolve(trace, grouped(out, shape.groups), in, rows, bias, false);
}

/// A transposed convolution writes stride interleaved outputs, each a convolution with every
/// stride-th tap, the taps in reverse.
bool transposed_convolution(Trace& trace, const at::Tensor& out, const at::Tensor& input,
                            const at::Tensor& weight, const at::Tensor& bias, const Shape& shape) {
    const std::int64_t taps = weight.size(2);
    const std::int64_t stride = shape.stride;
    if (shape.dilation != 1 || taps < stride) {
        return false;
    }
    const std::int64_t before = (taps + stride - 1) / stride - 1;
    const std::int64_t last = (out.size(2) - 1 + shape.padding) / stride;
    const std::int64_t behind = std::max<std::int64_t>(0, last - (input.size(2) - 1));
    const at::Tensor x = grouped(padded(trace, input, before, behind), shape.groups);
    const at::Tensor y = grouped(out, shape.groups);
    const at::Tensor all = weight.contiguous()
                               .view({shape.groups, x.size(2), weight.size(1), taps})
                               .permute({0, 2, 1, 3});
    // Few rows and many outputs to an input: the outputs of one row are better rows themselves.
    if (shape.padding == 0 && taps % stride == 0 && out.size(2) % stride == 0 &&
        stride > y.size(2) && shape.groups == 1) {
        const std::int64_t used = taps / stride;
        const std::int64_t columns = out.size(2) / stride;
        const at::Tensor in =
            x.as_strided({x.size(0), 1, x.size(2), used, columns},
                         {x.stride(0), x.stride(1), x.stride(2), x.stride(3), x.stride(3)},
                         x.storage_offset() + (before - (used - 1)) * x.stride(3));
        for (std::int64_t row = 0; row < y.size(2); row++) {
            const at::Tensor to =
                y.as_strided({y.size(0), 1, stride, columns},
                             {y.stride(0), y.stride(1), y.stride(3), stride * y.stride(3)},
                             y.storage_offset() + row * y.stride(2));
            // (channel, tap, phase) to (phase, channel, tap), the taps in reverse
            const at::Tensor some = all.select(1, row).select(0, 0).reshape({-1, used, stride});
            const at::Tensor own = bias.defined() ? bias[row].expand({stride}) : at::Tensor();
            convolve(trace, to, in, some.permute({2, 0, 1}).flip({2}).contiguous().unsqueeze(0),
                     own, false);
        }
        return true;
    }
    for (std::int64_t phase = 0; phase < stride; phase++) {
        const std::int64_t first = ((phase - shape.padding) % stride + stride) % stride;
        if (first >= out.size(2)) {
            continue;
        }
        const std::int64_t columns = (out.size(2) - first + stride - 1) / stride;
        const std::int64_t used = (taps - phase + stride - 1) / stride;
        const std::int64_t at = (first + shape.padding) / stride + before - (used - 1);
        const at::Tensor in =
            x.as_strided({x.size(0), shape.groups, x.size(2), used, columns},
                         {x.stride(0), x.stride(1), x.stride(2), x.stride(3), x.stride(3)},
                         x.storage_offset() + at * x.stride(3));
        const at::Tensor to =
            y.as_strided({y.size(0), y.size(1), y.size(2), columns},
                         {y.stride(0), y.stride(1), y.stride(2), stride * y.stride(3)},
                         y.storage_offset() + first * y.stride(3));
        convolve(trace, to, in, all.slice(3, phase, taps, stride).flip({3}).contiguous(), bias,
                 false);
    }
    return true;
}

bool lower_convolution(Trace& trace, const OperatorCall& call) {
    const at::Tensor input = call.tensor("input");
    const at::Tensor weight = call.tensor("weight");
    const at::Tensor bias = call.tensor("bias");
    const at::Tensor out = call.output();
    if (input.dim() != 3 || weight.dim() != 3 || !trace.constant(weight) ||
        (bias.defined() && !trace.constant(bias)) || input.is_complex()) {
        return false;
    }
    const auto one = [&](const char* name) { return call.argument(name).toIntVector().at(0); };
    const Shape shape = {one("stride"), one("padding"), one("dilation"), one("output_padding"),
                         call.argument("groups").toInt()};
    if (call.argument("transposed").toBool()) {
        return transposed_convolution(trace, out, input, weight, bias, shape);
    }
    forward_convolution(trace, out, input, weight, bias, shape);
    return true;
}

/// out (batch, row, column) = a (batch, row, k) b (batch, k, column), plus bias by column.
void multiply(Trace& trace, const at::Tensor& out, const at::Tensor& a, const at::Tensor& b,
              const at::Tensor& bias) {
    const auto shared = [](const at::Tensor& t) { return t.size(0) == 1 || t.stride(0) == 0; };
    if (trace.constant(b) && shared(b)) { // rows of the step are columns of the product
        const at::Tensor in = a.unsqueeze(1).permute({0, 1, 3, 2}).unsqueeze(3);
        const at::Tensor weights = b.select(0, 0).t().contiguous().unsqueeze(0).unsqueeze(3);
        convolve(trace, out.permute({0, 2, 1}).unsqueeze(1), in, weights, bias, false);
        return;
    }
    if (trace.constant(a) && shared(a)) {
        const at::Tensor in = b.unsqueeze(1).unsqueeze(3);
        const at::Tensor weights = a.select(0, 0).contiguous().unsqueeze(0).unsqueeze(3);
        convolve(trace, out.unsqueeze(1), in, weights, at::Tensor(), false);
    } else {
        TimbrelPlanStep step = {};
        step.kind = TIMBREL_PLAN_PRODUCT;
        step.in[0] = trace.view(a);
        step.in[1] = trace.view(b);
        step.out = trace.target(out);
        trace.emit(step);
    }
    if (bias.defined()) {
        trace.combine(TIMBREL_COMBINE_ADD, out, out, bias);
    }
}

bool lower_product(Trace& trace, const OperatorCall& call) {
    const at::Tensor out = call.output();
    const bool adds = call.name == "addmm" || call.name == "baddbmm" || call.name == "addmv";
    const char* first = call.name == "addmm"     ? "mat1"
                        : call.name == "baddbmm" ? "batch1"
                        : call.name == "addmv"   ? "mat"
                                                 : "self";
    const char* second = call.name == "addmm"                        ? "mat2"
                         : call.name == "baddbmm"                    ? "batch2"
                         : call.name == "addmv" || call.name == "mv" ? "vec"
                         : call.name == "dot"                        ? "tensor"
                                                                     : "mat2";
    at::Tensor a = call.tensor(first);
    at::Tensor b = call.tensor(second);
    if (!a.defined() || !b.defined() || a.is_complex() || b.is_complex() || call.in_place ||
        call.number("alpha", 1.0) != 1.0 || call.number("beta", 1.0) != 1.0) {
        return false;
    }
    at::Tensor c = out;
    if (call.name == "dot") {
        a = a.unsqueeze(0);
    }
    if (b.dim() == 1) {
        b = b.unsqueeze(1);
    }
    if (call.name == "mv" || call.name == "addmv") {
        c = c.unsqueeze(1);
    }
    if (call.name == "dot") {
        c = c.view({1, 1});
    }
    if (a.dim() == 2) {
        a = a.unsqueeze(0);
        b = b.unsqueeze(0);
        c = c.unsqueeze(0);
    }
    const at::Tensor bias = adds ? call.tensor("self") : at::Tensor();
    const bool by_column = bias.defined() && bias.dim() == 1 && trace.constant(bias) &&
                           call.name == "addmm" && bias.size(0) == c.size(2);
    multiply(trace, c, a, b, by_column ? bias : at::Tensor());
    if (bias.defined() && !by_column) {
        trace.combine(TIMBREL_COMBINE_ADD, out, out, bias);
    }
    return true;
}

bool lower_batch_norm(Trace& trace, const OperatorCall& call) {
    const at::Tensor in = call.tensor("input");
    const at::Tensor mean = call.tensor("running_mean");
    const at::Tensor variance = call.tensor("running_var");
    const c10::IValue training = call.argument("training");
    if (!mean.defined() || !variance.defined() || (training.isBool() && training.toBool()) ||
        !trace.constant(mean) || !trace.constant(variance) || in.dim() < 2) {
        return false;
    }
    at::Tensor scale = (variance.to(at::kDouble) + call.number("eps", 1e-5)).rsqrt();
    if (call.tensor("weight").defined()) {
        scale = scale * call.tensor("weight");
    }
    at::Tensor shift = -mean * scale;
    if (call.tensor("bias").defined()) {
        shift = shift + call.tensor("bias");
    }
    Sizes sizes(static_cast<std::size_t>(in.dim()), 1);
    sizes[1] = in.size(1);
    const at::Tensor out = call.output();
    trace.combine(TIMBREL_COMBINE_MULTIPLY, out, in, scale.to(at::kFloat).view(sizes));
    trace.combine(TIMBREL_COMBINE_ADD, out, out, shift.to(at::kFloat).view(sizes));
    return true;
}

/// A tensor's real and imaginary parts as its last values, one after the other.
at::Tensor reals(const at::Tensor& tensor) {
    return tensor.is_complex() ? at::view_as_real(tensor).flatten(-2) : tensor;
}

/// A Fourier transform is a product with a constant matrix: that of the transform of unit vectors.
bool lower_transform(Trace& trace, const OperatorCall& call) {
    const at::Tensor in = call.tensor("self");
    const at::Tensor out = call.output();
    const c10::IValue dim_value = call.argument("dim");
    const Sizes dims = dim_value.toIntVector();
    if (dims.size() != 1 || in.is_conj() || in.size(dims[0]) > longest_transform ||
        out.size(dims[0]) > longest_transform) {
        return false;
    }
    const std::int64_t many = in.size(dims[0]);
    const auto real = at::TensorOptions().dtype(at::kDouble);
    at::Tensor units = at::eye(many, real);
    if (in.is_complex()) { // (re, im) of each in turn
        units = at::view_as_complex(at::eye(2 * many, real).view({2 * many, many, 2}));
    }
    const std::int64_t normalization = call.argument("normalization").toInt();
    at::Tensor matrix;
    if (call.name == "_fft_r2c") {
        matrix = at::_fft_r2c(units, {1}, normalization, call.argument("onesided").toBool());
    } else if (call.name == "_fft_c2r") {
        matrix = at::_fft_c2r(units, {1}, normalization, call.argument("last_dim_size").toInt());
    } else {
        matrix = at::_fft_c2c(units, {1}, normalization, call.argument("forward").toBool());
    }
    matrix = reals(matrix).to(at::kFloat);

    const auto line = [&](const at::Tensor& tensor) { return tensor.movedim(dims[0], -1); };
    at::Tensor from = line(in);
    if (!from.is_contiguous()) {
        const at::Tensor straight = at::empty(from.sizes(), from.options());
        const auto parts = [](const at::Tensor& t) {
            return t.is_complex() ? at::view_as_real(t) : t;
        };
        trace.map(TIMBREL_MAP_COPY, parts(straight), parts(from));
        from = straight;
    }
    const at::Tensor to = line(out);
    if (!to.is_contiguous()) {
        return false;
    }
    const at::Tensor a = reals(from).reshape({1, -1, matrix.size(0)});
    const at::Tensor c = reals(to).view({1, -1, matrix.size(1)});
    const at::Tensor x = a.unsqueeze(1).permute({0, 1, 3, 2}).unsqueeze(3);
    convolve(trace, c.permute({0, 2, 1}).unsqueeze(1), x,
             matrix.t().contiguous().unsqueeze(0).unsqueeze(3), at::Tensor(), true);
    return true;
}

} // namespace

const LoweringTable& linear_lowerings() {
    static const LoweringTable table = {
        {"convolution", lower_convolution},
        {"_convolution", lower_convolution},
        {"mm", lower_product},
        {"bmm", lower_product},
        {"mv", lower_product},
        {"dot", lower_product},
        {"addmm", lower_product},
        {"baddbmm", lower_product},
        {"addmv", lower_product},
        {"batch_norm", lower_batch_norm},
        {"_fft_r2c", lower_transform},
        {"_fft_c2r", lower_transform},
        {"_fft_c2c", lower_transform},
    };
    return table;
}

} // namespace timbrel
