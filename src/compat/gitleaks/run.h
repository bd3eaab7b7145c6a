#pragma once

// `merlon compat gitleaks …`: the command of gitleaks 8.30.1 for files, streams and histories,
// with its flags, its reports and its exit codes.
//
// The idea: everything of the outside (variables, streams, clock, signals) comes in through
// Environment, so that the whole front runs in a test. Where gitleaks passes over something that it
// could not read, a line on standard error says so and the exit code is 2; --exact-exit restores
// gitleaks's (docs/compat-gitleaks.md lists the cases).
//
// Not thread-safe; starts its own workers.

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/cancel.h"
#include "base/clock.h"
#include "compat/gitleaks/scanner.h"
#include "secrets/cached_config.h"

namespace merlon::compat::gitleaks {

struct Environment {
    std::function<std::optional<std::string>(std::string_view name)> variable;
    std::function<void(std::string_view text)> write_output;
    std::function<void(std::string_view text)> write_error;
    ReadMore read_input;
    const Clock* clock = nullptr;
    const CancelToken* cancel = nullptr;
    secrets::ConfigCache rules_cache;
    std::string_view own_pack;  // Merlon's rules, used where no configuration is named
};

// Runs one command; `arguments` begin behind the program's name. Returns the exit code.
int run(std::span<const std::string> arguments, const Environment& environment);

}  // namespace merlon::compat::gitleaks
