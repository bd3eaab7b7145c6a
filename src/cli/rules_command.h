#pragma once

// `merlon rules list|show|checks|test|add`.

#include "base/flags.h"
#include "cli/environment.h"

namespace merlon::cli {

int run_rules_list(const ParsedCommand& command, const Environment& environment);
int run_rules_show(const ParsedCommand& command, const Environment& environment);
int run_rules_checks(const ParsedCommand& command, const Environment& environment);
// Exit code 1 when an example is not found, or is found that must not be.
int run_rules_test(const ParsedCommand& command, const Environment& environment);
int run_rules_add(const ParsedCommand& command, const Environment& environment);

}  // namespace merlon::cli
