// Hostile names, lines and messages in every text of a report: each printer's output keeps the
// structure that the same report with harmless texts has, and no control character reaches a
// terminal, a spreadsheet or a page.

#include <algorithm>
#include <cstdlib>

#include "base/arena.h"
#include "base/interner.h"
#include "report/report.h"
#include "text/json.h"
#include "text/utf8.h"

namespace {

using namespace merlon;
using namespace merlon::report;

// Hands out the pieces of the input between NULs; or, for the harmless twin, one letter for each
// that is not empty.
class Texts {
  public:
    enum class Kind : std::uint8_t { kHostile, kHarmless };
    Texts(std::string_view bytes, Kind kind) : bytes_(bytes), kind_(kind) {}

    std::string next() {
        const std::size_t end = std::min(bytes_.find('\0'), bytes_.size());
        std::string piece(bytes_.substr(0, end));
        bytes_.remove_prefix(std::min(end + 1, bytes_.size()));
        if (kind_ == Kind::kHarmless && !piece.empty()) piece = "a";
        return piece;
    }

  private:
    std::string_view bytes_;
    Kind kind_;
};

model::Report make_report(std::string_view bytes, Texts::Kind kind) {
    Texts texts(bytes, kind);
    model::Report report;
    report.analysis.engine = "secrets";
    report.analysis.scope = {texts.next()};
    report.analysis.complete = false;
    model::Rule rule;
    rule.id = "rule-" + texts.next();
    rule.name = texts.next();
    rule.description = texts.next();
    rule.fix = texts.next();
    rule.tags = {texts.next()};
    report.rules.push_back(rule);
    for (int i = 0; i < 2; ++i) {
        model::Finding finding;
        finding.rule_id = rule.id;
        finding.message = texts.next();
        finding.location =
            model::FileLocation{"p" + texts.next(), {texts.next()}, {3, 2, 3, 4, 9, 9}};
        finding.match = texts.next();
        finding.secret = texts.next();
        finding.excerpt = {3, {texts.next()}, 3, 2, 4};
        finding.fingerprints = {{"merlon/context/v1", "00ff"}};
        finding.suppression_reason = i == 0 ? "" : texts.next();
        finding.suppressed_by = i == 0 ? "" : "baseline";
        report.findings.push_back(finding);
    }
    report.coverage.gaps = {{model::GapCause::kEncrypted, texts.next(), texts.next()}};
    report.notices = {texts.next()};
    return report;
}

void require(bool truth) {
    if (!truth) std::abort();
}

// Besides line feeds, nothing that moves a cursor or turns the reading direction.
void require_printable(std::string_view printed) {
    require(text::is_valid_utf8(printed));
    while (!printed.empty()) {
        const text::CodePoint point = text::decode_utf8(printed);
        require(point.value == '\n' || point.value >= 0x20);
        require(point.value < 0x7F || point.value > 0x9F);
        require(point.value < 0x202A || point.value > 0x202E);
        require(point.value < 0x2066 || point.value > 0x2069);
        printed.remove_prefix(point.width);
    }
}

std::int64_t count(std::string_view printed, char c) { return std::ranges::count(printed, c); }

// What Markdown reads as markup: the text without code spans (CommonMark 0.31, section 6.1: from a
// run of backticks to the next run of the same length), without what a backslash disarms, and
// without the empty comments that keep a forge from reading mentions.
std::string markup_of(std::string_view markdown) {
    std::string markup;
    for (std::size_t at = 0; at < markdown.size();) {
        if (markdown[at] == '\\') {
            at += 2;
            continue;
        }
        if (constexpr std::string_view kComment = "<!-- -->";
            markdown.substr(at).starts_with(kComment)) {
            at += kComment.size();
            continue;
        }
        if (markdown[at] != '`') {
            markup += markdown[at++];
            continue;
        }
        const auto run_at = [&](std::size_t i) {
            return std::min(markdown.find_first_not_of('`', i), markdown.size()) - i;
        };
        const std::size_t opening = run_at(at);
        std::size_t close = at + opening;
        while (close < markdown.size() && (markdown[close] != '`' || run_at(close) != opening)) {
            close += std::max<std::size_t>(run_at(close), 1);
        }
        require(close < markdown.size());  // every span that the printer opens, it closes
        at = close + opening;
    }
    return markup;
}

// GitHub Flavored Markdown, section 4.10: what parts the cells of a row, inside code spans too.
std::int64_t cell_borders(std::string_view markdown) {
    std::int64_t borders = 0;
    for (std::size_t at = 0; at < markdown.size(); ++at) {
        if (markdown[at] == '|' && (at == 0 || markdown[at - 1] != '\\')) ++borders;
    }
    return borders;
}

// RFC 4180: the number of rows, each of as many fields as the header has, none of which begins a
// formula.
std::size_t csv_rows(std::string_view csv) {
    const auto columns = static_cast<std::size_t>(count(csv.substr(0, csv.find('\r')), ',')) + 1;
    std::size_t rows = 0, fields = 1;
    bool quoted = false, begins = true;
    for (std::size_t at = 0; at < csv.size(); ++at) {
        const char c = csv[at];
        if (begins && c == '"' && !quoted) {
            quoted = true;
            continue;
        }
        if (begins)
            require(std::string_view("=+-@\t\r").find(c) == std::string_view::npos ||
                    (c == '\r' && !quoted));
        begins = false;
        if (quoted && c == '"') {
            if (at + 1 < csv.size() && csv[at + 1] == '"') {
                ++at;
            } else {
                quoted = false;
            }
        } else if (!quoted && c == ',') {
            ++fields;
            begins = true;
        } else if (!quoted && c == '\n') {
            require(fields == columns && csv[at - 1] == '\r');
            fields = 1;
            begins = true;
            ++rows;
        } else if (!quoted) {
            require(c != '"');
        }
    }
    require(!quoted && fields == 1);
    return rows;
}

void check_json(const std::string& json, const model::Report& report) {
    Arena arena;
    Interner interner;
    const auto document = text::read_json(json, arena, interner);
    require(document.ok());
    const value::Value* findings = document.value().root->find("findings");
    if (findings == nullptr) return;  // SARIF
    require(findings->size() == report.findings.size());
    const auto& place = std::get<model::FileLocation>(report.findings[0].location);
    const value::Value* path = findings->items()[0].find("location")->find("path");
    require(path->as_string() == text::to_valid_utf8(place.path));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 4096) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const model::Report hostile = make_report(bytes, Texts::Kind::kHostile);
    const model::Report harmless = make_report(bytes, Texts::Kind::kHarmless);

    check_json(write(hostile, Format::kJson, {}), hostile);
    check_json(write(hostile, Format::kSarif, {}), hostile);
    require_printable(write(hostile, Format::kTable, {}));
    const std::string markdown = write(hostile, Format::kMarkdown, {});
    require_printable(markdown);
    const std::string markup = markup_of(markdown);
    const std::string plain = write(harmless, Format::kMarkdown, {});
    const std::string expected = markup_of(plain);
    require(cell_borders(markdown) == cell_borders(plain));
    for (const char c : std::string_view("\n<|*[]"))
        require(count(markup, c) == count(expected, c));
    const std::string junit = write(hostile, Format::kJunit, {});
    require(count(junit, '<') == count(write(harmless, Format::kJunit, {}), '<'));
    require(count(junit, '"') == count(write(harmless, Format::kJunit, {}), '"'));
    require(count(junit, '\x1b') == 0 && text::is_valid_utf8(junit));
    require(count(write(hostile, Format::kHtml, {}), '<') ==
            count(write(harmless, Format::kHtml, {}), '<'));
    require(csv_rows(write(hostile, Format::kCsv, {})) ==
            hostile.findings.size() + hostile.coverage.gaps.size() + 1);
    return 0;
}
