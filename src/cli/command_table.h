#pragma once

// The verbs and flags of merlon, as constant data; see base/flags.h for what is made of them.

#include "base/flags.h"

namespace merlon::cli {

const CommandTable& command_table();

// "0.1.0"
std::string_view version();

}  // namespace merlon::cli
