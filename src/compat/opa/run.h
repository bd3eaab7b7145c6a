#pragma once

// `merlon policy …` and `merlon compat opa …`: OPA's commands for policies, with their flags,
// outputs and exit codes: eval, check, fmt, parse and version (docs/compat-opa.md lists what
// differs).
//
// The idea: each command is a function of its flags and of the outside; what the engine says is
// printed in OPA's formats. What is not served yet is refused by name, with exit code 2.
//
// Not thread-safe.

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "base/clock.h"
#include "base/flags.h"
#include "base/result.h"

namespace merlon::model {
class Host;
}

namespace merlon::compat::opa {

// What the commands may see and do.
struct Outside {
    EnvironmentLookup variable;
    std::function<Status(std::string_view text)> write_output;
    std::function<void(std::string_view text)> write_error;
    std::function<Result<std::string>()> read_input;  // all of standard input
    // What is there of it, for a conversation; 0: its end. Empty: read_input serves.
    std::function<Result<std::size_t>(std::span<char> buffer)> read_some = {};
    bool is_terminal = false;  // a person types, and sees the answers
    const Clock* clock = nullptr;
    const CancelToken* cancel = nullptr;
    model::Host* host = nullptr;  // that policies may ask: run() makes it
    std::string program = {};     // what the user calls this front, for usage lines; empty: opa
};

// The commands and flags, for completions.
const CommandTable& command_table();

// Runs one command; `words` begin behind the program's name. Returns the exit code.
int run(const std::vector<std::string>& words, const Outside& outside);

}  // namespace merlon::compat::opa
