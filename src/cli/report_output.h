#pragma once

// Prints a run's report to where its outputs go, and says beside them what a person at the terminal
// has to know.
//
// Values; one thread. What cannot be written is an error on standard error.

#include <functional>
#include <span>
#include <string_view>

#include "base/flags.h"
#include "base/text_sink.h"
#include "cli/environment.h"
#include "cli/outputs.h"
#include "model/analysis.h"

namespace merlon::cli {

// What one verb prints beside the formats of reports.
struct OwnFormats {
    std::span<const std::string_view> names;
    std::function<void(const model::Report& report, std::string_view format, TextSink& sink)> write;
};

// Whether every output was written.
bool print_reports(const model::Report& report, std::span<const Output> outputs,
                   const OwnFormats& own_formats, const ParsedCommand& command,
                   const Environment& environment);

// The summary where no table was printed to standard output, and the lines that would accept what
// could not be read.
void tell(const model::Report& report, std::span<const Output> outputs,
          const ParsedCommand& command, const Environment& environment);

}  // namespace merlon::cli
