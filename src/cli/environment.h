#pragma once

// What the front knows of the outside: variables, streams, clock, cancellation. It all comes in
// here, so that every command runs in a test as it runs in a terminal.
//
// Borrowed by the commands; the streams belong to one thread.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "base/clock.h"
#include "base/flags.h"
#include "base/result.h"

namespace merlon::cli {

// The exit codes of the program, a contract (DESIGN, "Command line").
inline constexpr int kClean = 0;
inline constexpr int kFindings = 1;
inline constexpr int kIncomplete = 2;

struct Environment {
    EnvironmentLookup variable;
    // Of all that are set, for those that are nearly one of ours.
    std::vector<std::string> variable_names;
    // Fails on a full disk or a closed pipe.
    std::function<Status(std::string_view text)> write_output;
    std::function<void(std::string_view text)> write_error;
    int input_descriptor = 0;
    int output_descriptor = 1;
    int error_descriptor = 2;
    const Clock* clock = nullptr;
    CancelToken* cancel = nullptr;
    // The fronts of other tools by their names, with the words behind those. Fronts do not know
    // each other, so it is main that brings them together.
    std::map<std::string_view, std::function<int(const std::vector<std::string>& words,
                                                 const Environment& environment)>>
        compat_fronts;
    // What such fronts take, for completions.
    std::span<const ForeignTable> foreign;
};

// "merlon: <message>" on standard error; returns kIncomplete.
int fail(const Environment& environment, std::string_view message);

// Writes a command's answer; kClean, or kIncomplete with the reason on standard error.
int print(const Environment& environment, std::string_view text);

// The user's directories: $XDG_DATA_HOME/merlon and $XDG_CACHE_HOME/merlon, else below $HOME (XDG
// Base Directory Specification); empty where neither variable is set.
std::string state_directory(const Environment& environment);
std::string cache_directory(const Environment& environment);
inline constexpr std::uint64_t kMaxCacheBytes = std::uint64_t{256} << 20;

}  // namespace merlon::cli
