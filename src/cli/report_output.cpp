#include "cli/report_output.h"

#include <fmt/core.h>

#include <algorithm>
#include <vector>

#include "base/terminal.h"
#include "report/report.h"
#include "scan/suppressions.h"

namespace merlon::cli {
namespace {

// no-color.org: any value but the empty one.
bool wants_colour(const ParsedCommand& command, const Environment& environment) {
    if (command.is_set("no-color")) return false;
    const std::optional<std::string> variable = environment.variable("NO_COLOR");
    if (variable.has_value() && !variable->empty()) return false;
    return environment.variable("TERM").value_or("dumb") != "dumb";
}

}  // namespace

bool print_reports(const model::Report& report, std::span<const Output> outputs,
                   const OwnFormats& own_formats, const ParsedCommand& command,
                   const Environment& environment) {
    bool all_written = true;
    for (const Output& output : outputs) {
        const std::optional<report::Format> format = report::parse_format(output.format);
        const bool is_own =
            std::ranges::find(own_formats.names, output.format) != own_formats.names.end();
        MERLON_ASSERT(format.has_value() || is_own);
        report::Options options;
        if (command.is_set("quiet")) options.epilogue = report::Epilogue::kOmit;
        const bool to_terminal =
            output.path == kStandardOutput && is_terminal(environment.output_descriptor);
        if (to_terminal) {
            options.width = terminal_width(environment.output_descriptor);
            options.colour = wants_colour(command, environment) ? report::Colour::kAlways
                                                                : report::Colour::kNever;
        }
        const Status written = write_output(environment, output, [&](TextSink& sink) {
            if (is_own) return own_formats.write(report, output.format, sink);
            report::write(report, *format, options, sink);
        });
        if (!written.ok()) {
            all_written = false;
            fail(environment, "the report was not written: " + written.error().to_string());
        }
    }
    return all_written;
}

void tell(const model::Report& report, std::span<const Output> outputs,
          const ParsedCommand& command, const Environment& environment) {
    if (command.is_set("quiet")) return;
    const bool table_shown = std::any_of(outputs.begin(), outputs.end(), [](const Output& output) {
        return output.path == kStandardOutput && output.format == "table";
    });
    std::string text;
    if (!table_shown) {
        const report::Summary summary = report::summarise(report);
        text += fmt::format("{} {}, {} accepted; {}\n", summary.open,
                            summary.open == 1 ? "finding" : "findings", summary.suppressed,
                            report::coverage_line(report.coverage));
        for (const std::string& notice : report.notices) text += "note: " + notice + '\n';
    }
    std::vector<model::Gap> open;
    for (const model::Gap& gap : report.coverage.gaps) {
        if (gap.cause != model::GapCause::kCancelled) open.push_back(gap);
    }
    if (!open.empty()) {
        constexpr std::size_t kShown = 20;
        text += fmt::format(
            "\n{} could not be read, so the run is incomplete (exit code 2). Where that is "
            "known and fine, add to .merlon.yaml:\n\n",
            open.size() == 1 ? "One place" : fmt::format("{} places", open.size()));
        text += scan::acceptance_lines(std::span(open).subspan(0, std::min(open.size(), kShown)));
        if (open.size() > kShown) {
            text += fmt::format("    # and {} more; the report lists them\n", open.size() - kShown);
        }
    }
    if (!text.empty()) environment.write_error(text);
}

}  // namespace merlon::cli
