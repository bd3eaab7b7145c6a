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

std::string short_id(const std::string& id) { return id.substr(0, 12); }

// What was read of an object database, and what was not.
std::string objects_text(const model::ObjectCounts& counts, std::uint64_t bytes) {
    std::string line = count_of(counts.commits, "commit") + ", " + count_of(counts.trees, "tree") +
                       ", " + count_of(counts.blobs, "blob") + " and " +
                       count_of(counts.tags, "tag") + " read (" + bytes_text(bytes) + ") of " +
                       count_of(counts.present, "object");
    if (counts.left_out > 0) line += ", " + count_of(counts.left_out, "blob") + " left out by path";
    if (counts.outside_range > 0) {
        line += ", " + count_of(counts.outside_range, "object") + " outside the range";
    }
    if (counts.submodule_links > 0) {
        line += ", " + count_of(counts.submodule_links, "submodule commit") + " not followed";
    }
    return line;
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
    std::string line = coverage.objects ? objects_text(*coverage.objects, coverage.bytes_read)
                                        : count_of(coverage.files_read, "file") + " read (" +
                                              bytes_text(coverage.bytes_read) + ')';
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

std::string other_places_line(const model::Finding& finding) {
    constexpr std::size_t kShown = 3;
    const std::vector<model::Location>& places = finding.also_at;
    std::string line;
    for (std::size_t i = 0; i < std::min(places.size(), kShown); ++i)
        line += (i == 0 ? "also at " : ", ") + model::to_string(places[i]);
    if (places.size() > kShown) line += fmt::format(" and {} more", places.size() - kShown);
    return line;
}

std::string place_text(const model::HistoryPlace& place) {
    std::string text = model::to_string(place.location);
    if (place.kind == "index") return text + " in the index, in no commit";
    if (place.commit.empty()) return text + " in the unreachable object " + short_id(place.object);
    if (place.kind == "tag-message") return text + " of the tag " + short_id(place.object);
    text += place.kind == "commit-message" ? " of commit " : " in commit ";
    return text + short_id(place.commit);
}

std::string history_line(const model::History& history) {
    if (history.places.empty()) return {};
    const model::HistoryPlace& first = history.places.front();
    std::string line;
    if (first.kind == "index") {
        line = "staged, in no commit";
    } else if (first.kind == "tag-message") {
        line = "tag " + short_id(first.object);
    } else if (first.commit.empty()) {
        line = "unreachable object " + short_id(first.object);
    } else {
        line = std::string(first.kind == "merge" ? "merge " : "commit ") + short_id(first.commit);
    }
    if (!first.date.empty()) line += " of " + first.date.substr(0, 10);
    if (!first.author.empty()) line += " by " + first.author;
    if (!first.removed_commit.empty()) {
        line += "; removed by " + short_id(first.removed_commit);
        if (!first.removed_date.empty()) line += " of " + first.removed_date.substr(0, 10);
    }
    if (first.head_line > 0) {
        line += fmt::format("; in HEAD on line {}", first.head_line);
    } else {
        line += history.in_head ? "; in HEAD elsewhere" : "; not in HEAD";
    }
    if (history.reference_count > 0) {
        line += "; in " + count_of(history.reference_count, "reference");
    } else if (history.reach != "references" && history.reach != "index") {
        line += "; reached by: " + history.reach;
    }
    if (history.places.size() > 1) {
        line += "; " + count_of(history.places.size() - 1, "more place");
    }
    return line;
}

}  // namespace merlon::report
