#pragma once

// Where a run's reports go: one for each --output, in its own format, else one to standard output.
//
// Values. Errors name the flag.

#include <optional>
#include <string>
#include <vector>

#include "base/flags.h"
#include "base/result.h"
#include "cli/environment.h"

namespace merlon::cli {

inline constexpr std::string_view kStandardOutput = "-";

struct Output {
    std::string format;  // "table", "sarif", …
    std::string path;    // "-": standard output
};

// FORMAT=FILE where FORMAT is a known one; anything else is a file in the format of --format. Fails
// for a file that is named twice.
Result<std::vector<Output>> outputs_of(const ParsedCommand& command);

// Whether a verb that prints no findings is asked for JSON; nothing where it is asked for what it
// has not, which then stands on standard error.
std::optional<bool> wants_json(const ParsedCommand& command, const Environment& environment);

// The directory that a file stands in, to be handed to the sandbox: "." where none is named.
std::string parent_directory(const std::string& path);

// "16G" as bytes; K, M and G are powers of 1024.
Result<std::uint64_t> parse_size(std::string_view text, std::string_view flag);

}  // namespace merlon::cli
