// SPDX-License-Identifier: ISC
#pragma once

#include "engine/base/status.h"

#include <exception>
#include <stdexcept>
#include <string>

namespace timbrel {

/// Why a command failed. The text follows the model's name and a colon, and has no full stop.
struct Problem : std::runtime_error {
    Problem(TimbrelStatus why, const std::string& text) : std::runtime_error(text), status(why) {}
    TimbrelStatus status;
};

/// What libtorch means by `error`, said for people, while it read the model's file.
Problem explain_load(const std::exception& error);

/// The same while a method of the model ran: `doing` is e.g. "encode".
Problem explain_call(const std::exception& error, const std::string& doing);

} // namespace timbrel
