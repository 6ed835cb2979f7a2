// SPDX-License-Identifier: ISC
#pragma once

#include <torch/csrc/jit/ir/ir.h>

namespace timbrel {

/// Which kinds of random draw a method makes.
struct Draws {
    bool normal = false;
    bool uniform = false;
    bool other = false; ///< In ways that no amount scales
};

/// Put the method's random draws under control: `graph`, all calls inlined, gets two more inputs at
/// its end, scalar tensors that scale every normal and every uniform draw around its mean as it is
/// made. They are inputs and not constants, so no pass of libtorch's can fold them. At 1, standard
/// draws (randn, rand and their kin) are unchanged to the bit.
Draws add_amounts(torch::jit::Graph& graph);

} // namespace timbrel
