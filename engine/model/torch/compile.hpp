// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_MODEL_TORCH_COMPILE_HPP
#define TIMBREL_ENGINE_MODEL_TORCH_COMPILE_HPP

#include "engine/model/backend.h"
#include "state.hpp"

#include <functional>
#include <string>
#include <torch/script.h>

namespace timbrel {

struct PlanRequest {
    int file;               ///< Where the plan is written, from its beginning
    std::string model_hash; ///< Goes into the plan
    TimbrelWeightForm form;
};

/// Runs one of a model's methods: input, normal and uniform amount.
using Run = std::function<at::Tensor(TimbrelStep step, const at::Tensor& input,
                                     const at::Tensor& normal, const at::Tensor& uniform)>;

/// Write a model as a plan (see engine/native/plan.h), for the shortest call that it takes. `reset`
/// brings `state`, all that the model remembers, to that of a fresh load. Throws Problem, worded to
/// follow the model's name, if it cannot be one. The model's state is dirty afterwards.
void compile_plan(const torch::jit::Module& model, const TimbrelModelInfo& info, const Run& run,
                  const State& state, const std::function<void()>& reset,
                  const PlanRequest& request);

} // namespace timbrel

#endif
