// SPDX-License-Identifier: ISC
#include "delay.hpp"

namespace timbrel {
namespace {

using c10::IValue;
using torch::jit::Module;

/// An attribute or a constant of the module's class; None where there is neither.
IValue member(const Module& module, const std::string& name) {
    const auto type = module.type();
    if (const auto slot = type->findConstantSlot(name))
        return type->getConstant(*slot);
    return module.attr(name, IValue());
}

/// A layer's stride, stored as (n,) or [n]; 0 if it is neither.
std::int64_t stride_of(const Module& layer) {
    const IValue stride = member(layer, "stride");
    if (stride.isTuple() && stride.toTupleRef().elements().size() == 1 &&
        stride.toTupleRef().elements()[0].isInt())
        return stride.toTupleRef().elements()[0].toInt();
    if (stride.isIntList() && stride.toIntVector().size() == 1)
        return stride.toIntVector()[0];
    return 0;
}

} // namespace

double causal_delay(const Module& model, std::uint32_t ratio) {
    double step = ratio; // Audio samples to one of the layer's, from the latents on
    double delay = 0.0;
    bool causal = false;
    for (const auto& layer : model.modules()) {
        const IValue own = member(layer, "cumulative_delay");
        const IValue cache = member(layer, "cache");
        if (!own.isInt() || !layer.hasattr("weight"))
            continue;
        if (cache.isModule()) { // A plain convolution keeps its past in a padding module
            if (own.toInt() != 0)
                return -1.0;
            causal = true;
        } else if (cache.isTensor()) { // A transposed one, its overlap in a buffer
            const auto stride = static_cast<double>(stride_of(layer));
            if (stride < 1.0 || stride > step)
                return -1.0;
            step /= stride;
            delay += static_cast<double>(own.toInt()) * step;
        }
    }
    return causal ? delay : -1.0;
}

} // namespace timbrel
