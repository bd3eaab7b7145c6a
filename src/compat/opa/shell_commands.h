#pragma once

// The commands of a shell text: each as the words it is written with, quotes and expansions kept
// (POSIX.1-2024, XCU 2.10: tokens, lists, pipelines, compound commands).
//
// The idea: checks ask which program is called with which words, so nothing is expanded and no
// grammar is judged: words are cut where the shell cuts them, commands where a control operator or
// a reserved word stands. Commands inside of $(…), `…` and (…) are commands too, behind the one
// they stand in.
//
// Thread-safe: no state. Cost: linear, but for commands inside of commands, whose depth is bounded.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace merlon::compat::opa {

using ShellCommand = std::vector<std::string>;

// Fails on a quote or a parenthesis that is not closed.
Result<std::vector<ShellCommand>> shell_commands(std::string_view text);

}  // namespace merlon::compat::opa
