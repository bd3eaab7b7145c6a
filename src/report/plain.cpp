// The plain formats: JUnit XML, CSV, Markdown.

#include <fmt/core.h>

#include <algorithm>

#include "report/report.h"
#include "text/utf8.h"

namespace merlon::report {
namespace {

constexpr std::size_t kMaxMarkdownFindings = 50;
constexpr std::size_t kMaxMarkdownGaps = 10;
// GitHub takes 65,536 characters in a comment, GitLab and Azure more. What follows the table has to
// fit in the rest.
constexpr std::size_t kMaxTableBytes = 40'000;
constexpr std::size_t kMaxAdviceBytes = 20'000;

// XML 1.0, section 2.2: characters that may not stand in a document become U+FFFD.
std::string xml(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const text::CodePoint point = text::decode_utf8(text.substr(at));
        const char32_t c = point.value;
        const bool legal = c == '\t' || c == '\n' || (c >= 0x20 && c <= 0xD7FF) ||
                           (c >= 0xE000 && c <= 0xFFFD) || c >= 0x10000;
        if (!point.valid || !legal) {
            out += "\xEF\xBF\xBD";
        } else if (c == '&') {
            out += "&amp;";
        } else if (c == '<') {
            out += "&lt;";
        } else if (c == '>') {
            out += "&gt;";
        } else if (c == '"') {
            out += "&quot;";
        } else {
            out += text.substr(at, point.width);
        }
        at += point.width;
    }
    return out;
}

// RFC 4180, section 2. A field that a spreadsheet would run as a formula is led by an apostrophe.
// Lines stay lines, and nothing else moves the cursor of a terminal on which the report is read.
std::string csv(std::string_view field) {
    std::string text;
    for (std::size_t at = 0; at < field.size();) {
        const std::size_t end = std::min(field.find_first_of("\t\r\n", at), field.size());
        text += text::to_printable(field.substr(at, end - at));
        if (end == field.size()) break;
        // A carriage return alone would let what follows write over what stands there.
        const bool is_lone = field[end] == '\r' && !field.substr(end + 1).starts_with('\n');
        text += is_lone ? '\n' : field[end];
        at = end + 1;
    }
    if (!text.empty() &&
        std::string_view("=+-@\t\r\n").find(text.front()) != std::string_view::npos) {
        text.insert(text.begin(), '\'');
    }
    if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"') out += '"';
        out += c;
    }
    return out + '"';
}

// A code span (CommonMark 0.31, section 6.1): nothing in it is markup, a link or a mention. In a
// table "|" has to be escaped even there (GitHub Flavored Markdown, section 4.10).
std::string code_span(std::string_view text) {
    std::string inner;
    std::size_t run = 0;
    std::size_t longest = 0;
    for (const char c : text::to_printable(text)) {
        run = c == '`' ? run + 1 : 0;
        longest = std::max(longest, run);
        if (c == '|') inner += '\\';
        inner += c;
    }
    if (inner.empty()) return {};
    const std::string fence(longest + 1, '`');
    const std::string_view pad = inner.front() == '`' || inner.back() == '`' ? " " : "";
    return fmt::format("{0}{1}{2}{1}{0}", fence, pad, inner);
}

// What would be read as Markdown or HTML is escaped; line breaks become spaces. A comment behind @
// and # keeps a forge from notifying people and linking issues.
std::string markdown(std::string_view text) {
    std::string out;
    for (const char c : text::to_printable(text)) {
        if (c == '<') {
            out += "&lt;";
            continue;
        }
        if (c == '@' || c == '#') {
            out += c;
            out += "<!-- -->";
            continue;
        }
        if (std::string_view("\\`*_{}[]()+|~>!").find(c) != std::string_view::npos) out += '\\';
        out += c;
    }
    return out;
}

const model::Rule* rule_of(const model::Report& report, const std::string& id) {
    const auto found = std::find_if(report.rules.begin(), report.rules.end(),
                                    [&id](const model::Rule& rule) { return rule.id == id; });
    return found == report.rules.end() ? nullptr : &*found;
}

const model::TextRegion& region_of(const model::Location& location) {
    static const model::TextRegion kNone;
    const auto* file = std::get_if<model::FileLocation>(&location);
    return file == nullptr ? kNone : file->region;
}

std::string path_of(const model::Location& location) {
    const auto* file = std::get_if<model::FileLocation>(&location);
    return file == nullptr ? model::to_string(location) : model::joined_path(*file);
}

void add_gaps(const model::Report& report, std::string& out) {
    const std::vector<model::Gap>& gaps = report.coverage.gaps;
    out += fmt::format("**Incomplete:** {} place{} could not be read.\n\n", gaps.size(),
                       gaps.size() == 1 ? "" : "s");
    for (std::size_t i = 0; i < std::min(gaps.size(), kMaxMarkdownGaps); ++i) {
        out += fmt::format("- {}: {} ({})\n", model::name(gaps[i].cause), code_span(gaps[i].path),
                           markdown(gaps[i].detail));
    }
    if (gaps.size() > kMaxMarkdownGaps) {
        out += fmt::format("- … and {} more\n", gaps.size() - kMaxMarkdownGaps);
    }
    out += '\n';
}

bool is_revoked(const model::Finding& finding) { return finding.suppressed_by == "revoked"; }

// What was revoked stays visible, and counts for nothing.
void add_revoked(const model::Report& report, std::string& out) {
    const auto count = static_cast<std::size_t>(std::ranges::count_if(report.findings, is_revoked));
    if (count == 0) return;
    out += fmt::format("{} revoked secret{}:\n\n", count, count == 1 ? "" : "s");
    const std::size_t start = out.size();
    std::size_t shown = 0;
    for (const model::Finding& finding : report.findings) {
        if (!is_revoked(finding)) continue;
        const std::string line =
            fmt::format("- {} {}: {}\n", code_span(model::to_string(finding.location)),
                        code_span(finding.rule_id), markdown(finding.suppression_reason));
        if (shown == kMaxMarkdownFindings || out.size() + line.size() > start + kMaxAdviceBytes) {
            out += fmt::format("- … and {} more\n", count - shown);
            break;
        }
        out += line;
        ++shown;
    }
    out += '\n';
}

// The table of the first findings; the rules of those that are in it.
std::vector<std::string> add_table(const model::Report& report, std::size_t open,
                                   std::string& out) {
    out += "| severity | rule | place | found |\n|---|---|---|---|\n";
    const std::size_t start = out.size();
    std::vector<std::string> rules;
    std::size_t shown = 0;
    for (const model::Finding& finding : report.findings) {
        if (!finding.suppressed_by.empty()) continue;
        std::string place = code_span(model::to_string(finding.location));
        if (finding.history) place += " " + markdown(history_line(*finding.history));
        if (!finding.also_at.empty()) place += " " + markdown(other_places_line(finding));
        const auto reached = finding.properties.find("reached-by");
        if (reached != finding.properties.end()) place += " " + markdown(reached->second);
        const std::string row = fmt::format(
            "| {} | {} | {} | {} |\n", model::name(finding.severity), code_span(finding.rule_id),
            place, code_span(finding.secret.empty() ? finding.match : finding.secret));
        if (shown == kMaxMarkdownFindings || out.size() + row.size() > start + kMaxTableBytes)
            break;
        out += row;
        ++shown;
        if (std::find(rules.begin(), rules.end(), finding.rule_id) == rules.end()) {
            rules.push_back(finding.rule_id);
        }
    }
    if (shown < open) {
        out += fmt::format("\n… and {} more; the JSON, SARIF or HTML report has them all.\n",
                           open - shown);
    }
    return rules;
}

void add_advice(const model::Report& report, const std::vector<std::string>& rules,
                std::string& out) {
    out += "\n<details><summary>What to do</summary>\n\n";
    const std::size_t start = out.size();
    for (const std::string& id : rules) {
        const model::Rule* rule = rule_of(report, id);
        if (rule == nullptr) continue;
        const std::string line = fmt::format("- {}: {} {}\n", code_span(id),
                                             markdown(rule->description), markdown(rule->fix));
        if (out.size() + line.size() > start + kMaxAdviceBytes) break;
        out += line;
    }
    out += "\n</details>\n\n";
}

}  // namespace

void write_junit(const model::Report& report, TextSink& sink) {
    const Summary summary = summarise(report);
    std::string& out = sink.buffer();
    out += "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    const auto revoked =
        static_cast<std::size_t>(std::ranges::count_if(report.findings, is_revoked));
    const std::size_t tests = summary.open + revoked + report.coverage.gaps.size();
    std::string counts =
        fmt::format("tests=\"{}\" failures=\"{}\" errors=\"{}\"", std::max<std::size_t>(tests, 1),
                    summary.open, report.coverage.gaps.size());
    if (revoked > 0) counts += fmt::format(" skipped=\"{}\"", revoked);
    out += fmt::format("<testsuites {0}>\n  <testsuite name=\"merlon {1}\" {0}>\n", counts,
                       xml(report.analysis.engine));
    for (const model::Finding& finding : report.findings) {
        if (is_revoked(finding)) {
            out += fmt::format(
                "    <testcase classname=\"{}\" name=\"{}\" file=\"{}\">\n"
                "      <skipped message=\"{}\"/>\n    </testcase>\n",
                xml(finding.rule_id), xml(model::to_string(finding.location)),
                xml(path_of(finding.location)), xml("Revoked: " + finding.suppression_reason));
            sink.settle();
        }
        if (!finding.suppressed_by.empty()) continue;
        const model::Rule* rule = rule_of(report, finding.rule_id);
        std::string body = finding.message;
        if (!finding.excerpt.lines.empty()) body += "\n" + finding.excerpt.lines.front();
        if (finding.history) body += "\n" + history_line(*finding.history);
        for (const model::Location& place : finding.also_at)
            body += "\nalso at " + model::to_string(place);
        if (rule != nullptr && !rule->fix.empty()) body += "\nFix: " + rule->fix;
        out += fmt::format(
            "    <testcase classname=\"{}\" name=\"{}\" file=\"{}\">\n"
            "      <failure type=\"{}\" message=\"{}\">{}</failure>\n    </testcase>\n",
            xml(finding.rule_id), xml(model::to_string(finding.location)),
            xml(path_of(finding.location)), model::name(finding.severity), xml(finding.message),
            xml(body));
        sink.settle();
    }
    for (const model::Gap& gap : report.coverage.gaps) {
        out += fmt::format(
            "    <testcase classname=\"coverage\" name=\"{0}\">\n"
            "      <error type=\"{1}\" message=\"{2}\"/>\n    </testcase>\n",
            xml(gap.path), model::name(gap.cause), xml(gap.detail));
    }
    // A suite without a case reads as "did not run".
    if (tests == 0) {
        out += fmt::format("    <testcase classname=\"coverage\" name=\"{}\"/>\n",
                           xml(coverage_line(report.coverage)));
    }
    out += "  </testsuite>\n</testsuites>\n";
}

namespace {

constexpr std::size_t kCsvColumns = 21;

void add_row(const std::string (&fields)[kCsvColumns], TextSink& sink) {
    for (const std::string& field : fields) {
        if (&field != &fields[0]) sink.buffer() += ',';
        sink.buffer() += csv(field);
    }
    sink.buffer() += "\r\n";
    sink.settle();
}

}  // namespace

void write_csv(const model::Report& report, TextSink& sink) {
    sink.buffer() +=
        "rule,severity,confidence,path,start_line,start_column,end_line,end_column,message,match,"
        "secret,fingerprint,suppressed_by,suppression_reason,commit,author,date,removed_commit,"
        "head_line,places,also_at\r\n";
    for (const model::Finding& finding : report.findings) {
        const model::TextRegion& region = region_of(finding.location);
        static const model::HistoryPlace kNowhere;
        const bool has_history = finding.history && !finding.history->places.empty();
        const model::HistoryPlace& first = has_history ? finding.history->places.front() : kNowhere;
        std::string places;
        for (const model::Location& place : finding.also_at)
            places += (places.empty() ? "" : "\n") + model::to_string(place);
        const std::string fields[kCsvColumns] = {
            finding.rule_id,
            std::string(model::name(finding.severity)),
            std::string(model::name(finding.confidence)),
            path_of(finding.location),
            std::to_string(region.start_line),
            std::to_string(region.start_column),
            std::to_string(region.end_line),
            std::to_string(region.end_column),
            finding.message,
            finding.match,
            finding.secret,
            finding.fingerprints.empty() ? "" : finding.fingerprints.front().value,
            finding.suppressed_by,
            finding.suppression_reason,
            first.commit,
            first.author,
            first.date,
            first.removed_commit,
            first.head_line > 0 ? std::to_string(first.head_line) : "",
            has_history ? std::to_string(finding.history->places.size()) : "",
            places};
        add_row(fields, sink);
    }
    // A table without these would read as that of a run that has seen everything.
    for (const model::Gap& gap : report.coverage.gaps) {
        std::string fields[kCsvColumns];
        fields[0] = "gap/" + std::string(model::name(gap.cause));
        fields[3] = gap.path;
        fields[8] = "could not be read: " + gap.detail;
        add_row(fields, sink);
    }
}

void write_markdown(const model::Report& report, TextSink& sink) {
    const Summary summary = summarise(report);
    std::string& out = sink.buffer();
    out += "### Merlon: ";
    if (summary.open > 0) {
        out += fmt::format("{} finding{}\n\n", summary.open, summary.open == 1 ? "" : "s");
    } else {
        out += report.analysis.complete ? "no findings\n\n" : "incomplete\n\n";
    }
    if (!report.analysis.complete) add_gaps(report, out);
    if (summary.open > 0) add_advice(report, add_table(report, summary.open, out), out);
    add_revoked(report, out);
    const std::size_t accepted =
        summary.suppressed -
        static_cast<std::size_t>(std::ranges::count_if(report.findings, is_revoked));
    if (accepted > 0) {
        out += fmt::format("{} suppressed by comment, ignore entry or baseline.\n\n", accepted);
    }
    out += coverage_line(report.coverage) + ".\n";
}

}  // namespace merlon::report
