#pragma once

// The verbs and flags of merlon, as constant data; see base/flags.h for what is made of them.

#include "base/flags.h"

namespace merlon::cli {

const CommandTable& command_table();

// "0.1.0"
std::string_view version();

// The version, and which build of it: what cache entries are kept apart by.
std::string build();

}  // namespace merlon::cli
