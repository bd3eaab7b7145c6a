#include "report/report.h"

#include <fmt/core.h>

#include <array>

#include "base/assert.h"
#include "exchange/sarif.h"

namespace merlon::report {
namespace {

constexpr std::array<std::string_view, 7> kFormats = {"table", "json",     "sarif", "junit",
                                                      "csv",   "markdown", "html"};

std::string count_of(std::uint64_t count, std::string_view what) {
    std::string digits = std::to_string(count);
    for (std::size_t at = digits.size(); at > 3;) {
        at -= 3;
        digits.insert(at, ",");
    }
    return digits + ' ' + std::string(what) + (count == 1 ? "" : "s");
}

std::string bytes_text(std::uint64_t bytes) {
    if (bytes < 1000) return std::to_string(bytes) + " bytes";
    static constexpr std::array<std::string_view, 5> kUnits = {"kB", "MB", "GB", "TB", "PB"};
    double amount = static_cast<double>(bytes) / 1000;
    std::size_t unit = 0;
    for (; amount >= 1000 && unit + 1 < kUnits.size(); ++unit) amount /= 1000;
    return fmt::format("{:.1f} {}", amount, kUnits[unit]);
}

}  // namespace

std::optional<Format> parse_format(std::string_view name) {
    for (std::size_t i = 0; i < kFormats.size(); ++i) {
        if (kFormats[i] == name) return static_cast<Format>(i);
    }
    return std::nullopt;
}

void write(const model::Report& report, Format format, const Options& options, TextSink& sink) {
    switch (format) {
        case Format::kTable:
            return write_table(report, options, sink);
        case Format::kJson:
            return write_json(report, sink);
        case Format::kSarif:
            return exchange::write_sarif(report, sink);
        case Format::kJunit:
            return write_junit(report, sink);
        case Format::kCsv:
            return write_csv(report, sink);
        case Format::kMarkdown:
            return write_markdown(report, sink);
        case Format::kHtml:
            return write_html(report, sink);
    }
    MERLON_ASSERT(false);
}

std::string write(const model::Report& report, Format format, const Options& options) {
    std::string text;
    TextSink sink([&text](std::string_view part) {
        text += part;
        return Status{};
    });
    write(report, format, options, sink);
    MERLON_ASSERT(sink.finish().ok());
    return text;
}

Summary summarise(const model::Report& report) {
    Summary summary;
    for (const model::Finding& finding : report.findings) {
        if (!finding.suppressed_by.empty()) {
            ++summary.suppressed;
            continue;
        }
        ++summary.open;
        ++summary.by_severity[static_cast<std::size_t>(finding.severity)];
    }
    return summary;
}

std::string coverage_line(const model::Coverage& coverage) {
    std::string line =
        count_of(coverage.files_read, "file") + " read (" + bytes_text(coverage.bytes_read) + ')';
    if (coverage.members_read > 0) line += ", " + count_of(coverage.members_read, "archive member");
    if (coverage.files_skipped > 0)
        line += ", " + count_of(coverage.files_skipped, "path") + " left out";
    if (coverage.windowed_files > 0) {
        line += ", " + count_of(coverage.windowed_files, "huge file") + " read in windows";
    }
    if (!coverage.accepted.empty()) {
        line += ", " + count_of(coverage.accepted.size(), "known gap") + " accepted";
    }
    if (!coverage.gaps.empty()) line += ", " + count_of(coverage.gaps.size(), "gap");
    return line;
}

}  // namespace merlon::report
