// SPDX-License-Identifier: ISC
#include "delay.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

namespace timbrel {
namespace {

using c10::IValue;
using torch::jit::Module;

/// An attribute or a constant of the module's class; None where there is neither.
IValue member(const Module& module, const std::string& name) {
    const auto type = module.type();
    if (const auto slot = type->findConstantSlot(name)) {
        return type->getConstant(*slot);
    }
    return module.attr(name, IValue());
}

/// The `padding` of the module `name` in `layer`, 0 where there is none.
double padding_of(const Module& layer, const std::string& name) {
    const IValue inner = member(layer, name);
    const IValue padding = inner.isModule() ? member(inner.toModule(), "padding") : IValue();
    return padding.isInt() ? static_cast<double>(padding.toInt()) : 0.0;
}

/// A layer's stride, stored as (n,) or [n]; 1 if it is neither.
double stride_of(const Module& layer) {
    const IValue stride = member(layer, "stride");
    if (stride.isTuple() && stride.toTupleRef().elements().size() == 1 &&
        stride.toTupleRef().elements()[0].isInt()) {
        return static_cast<double>(stride.toTupleRef().elements()[0].toInt());
    }
    if (stride.isIntList() && stride.toIntVector().size() == 1) {
        return static_cast<double>(stride.toIntVector()[0]);
    }
    return 1.0;
}

/// Walks along the signal's path and sums up.
class Walk {
  public:
    double delay = 0.0; ///< Audio samples so far
    double step = 1.0;  ///< Audio samples to one of the present layer's

    void along(const Module& module) {
        const IValue own = member(module, "cumulative_delay");
        if (own.isInt() && module.hasattr("weight")) {
            return layer(module, own.toInt() > 0);
        }
        const IValue branches = member(module, "branches");
        const IValue paddings = member(module, "paddings");
        if (branches.isModule() && paddings.isModule()) {
            return aligned(branches.toModule(), paddings.toModule());
        }
        const IValue net = member(module, "net");
        if (!net.isModule()) {
            for (const auto& child : module.children()) {
                along(child);
            }
            return;
        }
        // The main path; what else a decoder has hangs on its end, side by side.
        along(net.toModule());
        double longest = 0.0;
        for (const auto& child : module.named_children()) {
            Walk side = *this;
            if (child.name != "net") {
                side.along(child.value);
            }
            if (side.step == step) {
                longest = std::max(longest, side.delay - delay);
            }
        }
        delay += longest;
    }

  private:
    void layer(const Module& module, bool delays) {
        const IValue cache = member(module, "cache");
        if (cache.isTensor()) { // A transposed convolution keeps its overlap
            step /= stride_of(module);
            delay += std::floor(static_cast<double>(cache.toTensor().size(-1)) / 2.0) * step;
            return;
        }
        const double padding = padding_of(module, "cache");
        if (padding > 0.0 && !centred_) {
            centred_ = delays; // The first layer has no delay but its own
        }
        const double future = centred_.value_or(false) ? std::ceil(padding / 2.0) : 0.0;
        delay += (future + padding_of(module, "downsampling_delay")) * step;
        step *= stride_of(module);
    }

    void aligned(const Module& branches, const Module& paddings) {
        const auto pads = paddings.children();
        auto pad = pads.begin();
        std::optional<Walk> longest;
        for (const auto& branch : branches.children()) {
            Walk side = *this;
            if (pad != pads.end()) {
                const IValue padding = member(*pad, "padding");
                side.delay += padding.isInt() ? static_cast<double>(padding.toInt()) * step : 0.0;
                ++pad;
            }
            side.along(branch);
            if (!longest || (side.step == longest->step && side.delay > longest->delay)) {
                longest = side;
            }
        }
        if (longest) {
            *this = *longest;
        }
    }

    std::optional<bool> centred_;
};

} // namespace

double layers_delay(const Module& model, std::uint32_t ratio) {
    const IValue encoder = member(model, "encoder");
    const IValue decoder = member(model, "decoder");
    const IValue pqmf = member(model, "pqmf");
    if (!encoder.isModule() || !decoder.isModule()) {
        return -1.0;
    }
    Walk walk;
    double bands = 1.0;
    if (pqmf.isModule()) {
        const IValue analysis = member(pqmf.toModule(), "forward_conv");
        const IValue synthesis = member(pqmf.toModule(), "inverse_conv");
        if (!analysis.isModule() || !synthesis.isModule()) {
            return -1.0;
        }
        walk.along(analysis.toModule()); // Learns there whether layers look both ways
        bands = walk.step;
        // A filter bank there and back is late by its filters' length whatever the padding, and by
        // one sample of its bands.
        walk.delay = padding_of(analysis.toModule(), "cache") / 2.0 +
                     padding_of(synthesis.toModule(), "cache") / 2.0 * bands + bands;
    }
    walk.along(encoder.toModule());
    if (walk.step != static_cast<double>(ratio)) {
        return -1.0;
    }
    walk.along(decoder.toModule());
    return walk.step == bands ? walk.delay : -1.0;
}

} // namespace timbrel
