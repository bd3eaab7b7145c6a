#pragma once

// `merlon compat conftest …`: conftest's commands test, verify, parse and fmt, with their flags,
// configuration file, outputs and exit codes (docs/compat-conftest.md lists what differs).
//
// The idea: each command is a function of its flags and of the outside. What conftest serves and
// Merlon does not is refused by name, with exit code 2.
//
// Not thread-safe.

#include <string>
#include <vector>

#include "base/flags.h"
#include "compat/opa/run.h"

namespace merlon::compat::conftest {

using opa::Outside;

// The commands and flags, for completions.
const CommandTable& command_table();

// Runs one command; `words` begin behind the program's name. Returns the exit code.
int run(const std::vector<std::string>& words, const Outside& outside);

}  // namespace merlon::compat::conftest
