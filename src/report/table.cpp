// The table for a terminal: by file, each finding with its line, its reason and its fix.

#include <fmt/core.h>

#include <algorithm>

#include "base/terminal.h"
#include "report/report.h"
#include "text/utf8.h"

namespace merlon::report {
namespace {

constexpr unsigned kMinWidth = 40;
constexpr std::size_t kMaxGapsShown = 20;
constexpr std::size_t kMaxPlacesShown = 5;  // of one finding in a history

class Table {
  public:
    Table(const Options& options, TextSink& sink)
        : sink_(sink),
          out_(sink.buffer()),
          colour_(options.colour == Colour::kAlways),
          width_(std::max(options.width, kMinWidth)),
          epilogue_(options.epilogue) {}

    void write(const model::Report& report) {
        std::string file;
        for (const model::Finding& finding : report.findings) {
            // A revoked secret stays in sight.
            if (!finding.suppressed_by.empty() && finding.suppressed_by != "revoked") continue;
            const std::string path = path_of(finding.location);
            if (path != file) {
                if (!file.empty()) out_ += '\n';
                file = path;
                out_ += paint("1;4", text::to_printable(path)) + '\n';
            }
            const auto rule =
                std::find_if(report.rules.begin(), report.rules.end(),
                             [&](const model::Rule& r) { return r.id == finding.rule_id; });
            write_finding(finding, rule == report.rules.end() ? nullptr : &*rule);
            sink_.settle();
        }
        if (!file.empty()) out_ += '\n';
        write_gaps(report.coverage);
        if (epilogue_ == Epilogue::kOmit) return;
        for (const std::string& notice : report.notices) {
            out_ += paint("33", "note: ") + text::to_printable(notice) + '\n';
        }
        write_summary(report);
    }

  private:
    std::string paint(std::string_view code, std::string_view text) const {
        return colour_ ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
    }

    static std::string_view code_of(model::Severity severity) {
        switch (severity) {
            case model::Severity::kCritical:
                return "1;37;41";
            case model::Severity::kHigh:
                return "1;31";
            case model::Severity::kMedium:
                return "1;33";
            case model::Severity::kLow:
                return "1;36";
            default:
                return "1;34";
        }
    }

    static std::string path_of(const model::Location& location) {
        const auto* file = std::get_if<model::FileLocation>(&location);
        return file == nullptr ? model::to_string(location) : model::joined_path(*file);
    }

    // Breaks at spaces; each line begins with `indent` spaces.
    void paragraph(std::string_view text, std::size_t indent) {
        std::size_t column = 0;
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t end = std::min(text.find(' ', at), text.size());
            const std::string_view word = text.substr(at, end - at);
            const std::size_t size = text::count_code_points(word);
            if (column > 0 && column + 1 + size > width_) {
                out_ += '\n';
                column = 0;
            }
            if (column == 0) {
                out_.append(indent, ' ');
                column = indent;
            } else {
                out_ += ' ';
                ++column;
            }
            out_ += word;
            column += size;
            at = end + 1;
        }
        out_ += '\n';
    }

    void write_finding(const model::Finding& finding, const model::Rule* rule) {
        const auto* file = std::get_if<model::FileLocation>(&finding.location);
        std::string place = "  ";
        if (file != nullptr && file->region.start_line > 0) {
            place += fmt::format("{}:{}", file->region.start_line, file->region.start_column);
        }
        out_ += fmt::format(
            "{:<10} {}  {}", place,
            paint(code_of(finding.severity), fmt::format("{:<8}", model::name(finding.severity))),
            paint("1", text::to_printable(finding.rule_id)));
        if (finding.confidence == model::Confidence::kLow) out_ += "  (low confidence)";
        for (const std::string& tag : finding.tags) {
            if (tag.starts_with("decode")) out_ += "  " + text::to_printable(tag);
        }
        out_ += '\n';
        write_excerpt(finding.excerpt);
        if (finding.suppressed_by == "revoked") {
            paragraph("Revoked: " + text::to_printable(finding.suppression_reason), 4);
        }
        if (finding.history && !finding.secret_id.empty()) {
            paragraph("id " + finding.secret_id, 4);
        }
        if (finding.history) {
            paragraph(text::to_printable(history_line(*finding.history)), 4);
            write_more_places(*finding.history);
        }
        paragraph(text::to_printable(finding.message), 4);
        if (const std::string others = other_places_line(finding); !others.empty())
            paragraph(text::to_printable(others), 4);
        if (rule != nullptr && !rule->fix.empty())
            paragraph("Fix: " + text::to_printable(rule->fix), 4);
    }

    void write_more_places(const model::History& history) {
        const std::size_t shown = std::min(history.places.size(), kMaxPlacesShown + 1);
        for (std::size_t i = 1; i < shown; ++i) {
            paragraph("also " + text::to_printable(place_text(history.places[i])), 6);
        }
        if (shown < history.places.size()) {
            paragraph(
                fmt::format("… and {} more (in the JSON report)", history.places.size() - shown),
                6);
        }
    }

    // The line with its mark below, cut so that the mark is in sight.
    void write_excerpt(const model::Excerpt& excerpt) {
        if (excerpt.lines.empty()) return;
        const std::string gutter = fmt::format("    {} | ", excerpt.first_line);
        const std::size_t room = width_ > gutter.size() + 10 ? width_ - gutter.size() : 10;
        std::u32string line;
        const std::string text = text::to_printable(excerpt.lines.front());
        for (std::size_t at = 0; at < text.size();) {
            const text::CodePoint point = text::decode_utf8(text.substr(at));
            line.push_back(point.value);
            at += point.width;
        }
        const std::size_t begin = std::min<std::size_t>(excerpt.mark_start_column - 1, line.size());
        const std::size_t end = std::min<std::size_t>(excerpt.mark_end_column, line.size());
        const std::size_t from = begin > room / 2 && line.size() > room ? begin - room / 3 : 0;
        const std::size_t to = std::min(line.size(), from + room);
        const auto piece = [&](std::size_t first, std::size_t last) {
            std::string utf8;
            for (std::size_t i = first; i < std::min(last, to); ++i)
                text::append_utf8(utf8, line[i]);
            return utf8;
        };
        out_ += paint("2", gutter) + piece(from, begin) + paint("1;31", piece(begin, end)) +
                piece(std::max(begin, end), to) + '\n';
        out_ += paint("2", std::string(gutter.size() - 2, ' ') + "| ");
        out_.append(display_width(piece(from, begin)), ' ');
        const std::size_t marked = display_width(piece(begin, end));
        out_ += paint("31", std::string(std::max<std::size_t>(marked, 1), '^')) + '\n';
    }

    void write_gaps(const model::Coverage& coverage) {
        if (coverage.gaps.empty()) return;
        out_ += paint("1;33", "Could not be read, so the result is incomplete:") + '\n';
        const std::size_t shown = std::min(coverage.gaps.size(), kMaxGapsShown);
        for (std::size_t i = 0; i < shown; ++i) {
            const model::Gap& gap = coverage.gaps[i];
            out_ += fmt::format("  {:<20} {}: {}\n", model::name(gap.cause),
                                text::to_printable(gap.path), text::to_printable(gap.detail));
        }
        if (shown < coverage.gaps.size()) {
            out_ +=
                fmt::format("  … and {} more (in the JSON report)\n", coverage.gaps.size() - shown);
        }
        out_ += '\n';
    }

    void write_summary(const model::Report& report) {
        const Summary summary = summarise(report);
        std::string line;
        if (summary.open == 0) {
            line = report.analysis.complete ? paint("1;32", "No findings.")
                                            : paint("1;33", "No findings in what could be read.");
        } else {
            line =
                paint("1", fmt::format("{} finding{}", summary.open, summary.open == 1 ? "" : "s"));
            std::string parts;
            for (std::size_t i = 5; i-- > 0;) {
                if (summary.by_severity[i] == 0) continue;
                const auto severity = static_cast<model::Severity>(i);
                parts += fmt::format("{}{} {}", parts.empty() ? "" : ", ", summary.by_severity[i],
                                     model::name(severity));
            }
            line += " (" + parts + ").";
        }
        if (summary.suppressed > 0) line += fmt::format(" {} suppressed.", summary.suppressed);
        out_ += line + ' ' + coverage_line(report.coverage) + ".\n";
    }

    TextSink& sink_;
    std::string& out_;  // the sink's
    bool colour_;
    unsigned width_;
    Epilogue epilogue_;
};

}  // namespace

void write_table(const model::Report& report, const Options& options, TextSink& sink) {
    Table(options, sink).write(report);
}

}  // namespace merlon::report
