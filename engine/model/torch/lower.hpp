// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_MODEL_TORCH_LOWER_HPP
#define TIMBREL_ENGINE_MODEL_TORCH_LOWER_HPP

#include "trace.hpp"

#include <map>
#include <string>

namespace timbrel {

/// Writes an operator down as steps. False, without any step, where it does not know this form of
/// it.
using Lowering = bool (*)(Trace&, const OperatorCall&);
/// By the operator's name, as in OperatorCall::name.
using LoweringTable = std::map<std::string, Lowering>;

// The tables that lower() looks in, one for each file lower_*.cpp.
const LoweringTable& linear_lowerings();
const LoweringTable& maps_lowerings();
const LoweringTable& moves_lowerings();
const LoweringTable& pairs_lowerings();
const LoweringTable& sums_lowerings();

} // namespace timbrel

#endif
