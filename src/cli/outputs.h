#pragma once

// Where a run's reports go: one for each --output, in its own format, else one to standard output.
//
// Values. Errors name the flag.

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/flags.h"
#include "base/result.h"
#include "base/text_sink.h"
#include "cli/environment.h"

namespace merlon::cli {

inline constexpr std::string_view kStandardOutput = "-";

struct Output {
    std::string format;  // "table", "sarif", …
    std::string path;    // "-": standard output
};

// The formats of a report of findings.
std::span<const std::string_view> report_formats();

// FORMAT=FILE where FORMAT is one of `formats`; anything else is a file in the format of --format,
// and where nobody has given that, in the one that the file's ending is known for.
// Fails for a file that is named twice.
Result<std::vector<Output>> outputs_of(const ParsedCommand& command,
                                       std::span<const std::string_view> formats);

// Fails where a file has no folder to be in, or is one: better known before the work than after it.
Status check_places(std::span<const Output> outputs);

// What has to stay writable for them.
std::vector<std::string> writable_paths(std::span<const Output> outputs);

// Hands what `print` writes to where the output goes, a file being replaced whole or not at all.
Status write_output(const Environment& environment, const Output& output,
                    const std::function<void(TextSink& sink)>& print);

// Whether a verb that prints no findings is asked for JSON; nothing where it is asked for what it
// has not, which then stands on standard error.
std::optional<bool> wants_json(const ParsedCommand& command, const Environment& environment);

// The directory that a file stands in, to be handed to the sandbox: "." where none is named.
std::string parent_directory(const std::string& path);

// "16G" as bytes; K, M and G are powers of 1024.
Result<std::uint64_t> parse_size(std::string_view text, std::string_view flag);

}  // namespace merlon::cli
