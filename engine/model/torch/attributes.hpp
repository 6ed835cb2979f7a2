// SPDX-License-Identifier: ISC
#pragma once

#include "engine/model/model_info.h"

#include <torch/csrc/jit/api/module.h>

#include <string>

namespace timbrel {

/// Fill in `info`'s attributes: names from get_attributes() or every X_params that is no method's,
/// values from get_X().
void read_attributes(const torch::jit::Module& model, TimbrelModelInfo& info);

/// Call set_X with the value that `text` says. Throws Problem.
void set_attribute(torch::jit::Module& model, const TimbrelModelInfo& info, const std::string& name,
                   const std::string& text);

/// A list of strings that `name` returns or holds, or nothing.
std::vector<std::string> read_strings(const torch::jit::Module& model, const std::string& name);

} // namespace timbrel
