#pragma once

// Reports for people and machines: one model::Report, seven formats.
//
// The idea: a printer is a pure function from a Report to bytes, which it hands to a sink as it
// goes (base/text_sink.h). It knows no terminal, file or clock; width and colour are options. Equal
// reports give equal bytes.
//
//   table     for a terminal: grouped by file, with the line and what to do
//   json      ours, schemas/report.schema.json
//   sarif     SARIF 2.1.0 (OASIS), fit for GitHub's upload
//   junit     for pipelines that show test results
//   csv       RFC 4180, safe to open in a spreadsheet
//   markdown  short enough for a pull request comment
//   html      one page that opens from disk and asks nobody for anything
//
// Thread-safe: no state. Cost: linear in the findings; memory for one of them at a time.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/text_sink.h"
#include "model/analysis.h"

namespace merlon::report {

enum class Format : std::uint8_t { kTable, kJson, kSarif, kJunit, kCsv, kMarkdown, kHtml };

// "table", "json", …
std::optional<Format> parse_format(std::string_view name);

enum class Colour : std::uint8_t { kNever, kAlways };
// The notices and the summary below the findings. Gaps always show.
enum class Epilogue : std::uint8_t { kShow, kOmit };

struct Options {
    Colour colour = Colour::kNever;
    unsigned width = 100;  // columns of the table
    Epilogue epilogue = Epilogue::kShow;
};

void write(const model::Report& report, Format format, const Options& options, TextSink& sink);
// The same as one text.
std::string write(const model::Report& report, Format format, const Options& options);

// One function each, for those who want just that.
void write_table(const model::Report& report, const Options& options, TextSink& sink);
void write_json(const model::Report& report, TextSink& sink);
void write_junit(const model::Report& report, TextSink& sink);
void write_csv(const model::Report& report, TextSink& sink);
void write_markdown(const model::Report& report, TextSink& sink);
void write_html(const model::Report& report, TextSink& sink);

// Counts that several printers show.
struct Summary {
    std::size_t open = 0;  // findings that are not suppressed
    std::size_t suppressed = 0;
    std::size_t by_severity[5] = {};  // open ones, info first
};
Summary summarise(const model::Report& report);

// "1,234 files and 56.7 MB read, 3 skipped, 1 gap": what was seen, in one line.
std::string coverage_line(const model::Coverage& coverage);

// "commit 1a2b3c4d of 2024-05-01 by A U Thor; removed by 5e6f7a8b; not in HEAD; in 3 references":
// the life of what a history holds, in one line.
std::string history_line(const model::History& history);
// "also at web/yarn.lock:3:1, api/yarn.lock:9:1 and 4 more": where else the same was found, the
// first few; empty where it was nowhere.
std::string other_places_line(const model::Finding& finding);
// "src/a.py:3:9 in commit 1a2b3c4d": one place of it.
std::string place_text(const model::HistoryPlace& place);

}  // namespace merlon::report
