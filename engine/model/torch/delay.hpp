// SPDX-License-Identifier: ISC
#pragma once

#include <cstdint>
#include <torch/script.h>

namespace timbrel {

/// The delay inside a RAVE model made of cached convolutions, in audio samples, by what its layers
/// say; -1 where the model is built otherwise.
///
/// Streaming moves each layer's future into a delay (arXiv 2204.07064, section 3): half the reach
/// of a convolution that looks both ways, nothing of a causal one, half the overlap of a transposed
/// one, and whatever aligns branches that run side by side. Against the streaming and the plain
/// form of the same weights this sum is exact for every configuration upstream has.
double layers_delay(const torch::jit::Module& model, std::uint32_t ratio);

} // namespace timbrel
