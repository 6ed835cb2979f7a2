// SPDX-License-Identifier: ISC
#pragma once

#include <cstdint>
#include <torch/script.h>

namespace timbrel {

/// The delay inside a causal model made of cached convolutions, in audio samples, by what the file
/// itself notes of its layers; -1 where it notes nothing or is not causal.
///
/// cached_conv gives each layer a `cumulative_delay`, in samples at the layer's own rate. In a
/// causal network it is 0 for all plain convolutions, and for a transposed one what the overlap-add
/// takes (arXiv 2204.07064, section 3.3). Of a network that looks both ways the layers' sum says
/// little, since branches run side by side: there the host measures.
double causal_delay(const torch::jit::Module& model, std::uint32_t ratio);

} // namespace timbrel
