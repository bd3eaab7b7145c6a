// Every report format of one Report that has everything in it, against files that were read before
// they were accepted. Prints `N passed, N failed`.
//
//   golden_report            compares
//   golden_report --update   writes the files anew; read the difference before you commit it

#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/file.h"
#include "report/report.h"

namespace merlon::report {
namespace {

model::Rule rule(std::string id, model::Severity severity, std::string fix) {
    model::Rule made;
    made.id = std::move(id);
    made.engine = "secrets";
    made.pack = "demo";
    made.name = "Demo " + made.id;
    made.description = "What " + made.id + " finds, for @everyone and #1.";
    made.fix = std::move(fix);
    made.help_url = "https://example.org/revoke";
    made.severity = severity;
    made.tags = {"demo"};
    made.cwe = "CWE-798";
    return made;
}

model::Finding finding(const model::Rule& rule, model::FileLocation location,
                       model::Excerpt excerpt, std::string match) {
    model::Finding made;
    made.rule_id = rule.id;
    made.severity = rule.severity;
    made.message = rule.description;
    made.location = std::move(location);
    made.excerpt = std::move(excerpt);
    made.match = std::move(match);
    made.secret = "demo********";
    made.fingerprints = {{"merlon/context/v1", "00112233"}, {"primaryLocationLineHash", "ab12:1"}};
    return made;
}

model::Report everything() {
    model::Report report;
    report.analysis.version = "1.2.3";
    report.analysis.engine = "secrets";
    report.analysis.program_digest = "sha256:00";
    report.analysis.scope = {"."};
    report.rules = {
        rule("key", model::Severity::kCritical, "Revoke it; see `keys`."),
        rule("pass|word", model::Severity::kMedium, ""),
        rule("hint", model::Severity::kInfo, "<b>Look</b> at [it](https://a.example).")};
    report.findings = {
        finding(report.rules[0], {"a.py", {}, {3, 9, 3, 20, 40, 52}},
                {3, {"token = demo********\x1b[31m </script>"}, 3, 9, 20}, "=cmd|' /C calc'!A0"),
        finding(report.rules[0], {"a.py", {}, {12, 1, 14, 5, 90, 160}},
                {12, {"-- begin", "demo********", "-- end"}, 12, 1, 8}, "\n+1 over\r\nlines"),
        finding(report.rules[1], {"b/ü 漢字 `x` |y|.txt", {}, {1, 1, 1, 12, 0, 12}},
                {1, {"漢字 = demo********"}, 1, 6, 17}, "@someone"),
        finding(report.rules[2], {"c.zip", {"in/www.example.org", "<i>.env"}, {7, 2, 7, 13, 9, 21}},
                {7, {" demo********"}, 7, 2, 13}, "decoded"),
        finding(report.rules[2], {"only-a-path.p12", {}, {}}, {}, "only-a-path.p12"),
    };
    report.findings[1].confidence = model::Confidence::kLow;
    report.findings[1].properties = {{"testLikePath", "true"}};
    report.findings[1].also_at = {model::FileLocation{"z.py", {}, {1, 1, 1, 2, 0, 1}}};
    model::History& history = report.findings[0].history.emplace();
    history.reach = "references";
    history.in_head = true;
    history.references = {"refs/heads/main", "refs/tags/v|1"};
    history.reference_count = 25;
    history.places = {
        {"merge", report.findings[0].location, "b10b", "c0ffee00c0ffee", "A <b> & \"U\"",
         "a@b.example", "2024-05-01T10:00:00Z", "dec0de00dec0de", "2024-06-01T10:00:00Z", 0, 2},
        {"commit", model::FileLocation{"other.zip", {"x.py"}, {4, 1, 4, 12, 30, 42}}, "b10c",
         "feed0000feed00", "Someone", "", "2024-07-01T10:00:00Z", "", "", 7, 1},
        {"unreachable", model::FileLocation{"(no path)", {}, {1, 1, 1, 12, 0, 12}}, "b10d", "", "",
         "", "", "", "", 0, 1}};
    report.findings[4].suppressed_by = "ignore";
    report.findings[4].suppression_reason = "a test, with \"quotes\"";
    report.findings[3].tags = {"decoded:base64", "decode-depth:1"};
    // Twice the same algorithm: SARIF's object can hold it once.
    report.findings[3].fingerprints.push_back(report.findings[3].fingerprints[0]);
    report.coverage = {9, 7, 1, 5'600'000, 2, 0, {}, {}, {}};
    report.coverage.gaps = {{model::GapCause::kEncrypted, "locked.zip", "needs a password"},
                            {model::GapCause::kPermissionDenied, "d/`e`", "may not be read"}};
    report.coverage.accepted = {
        {{model::GapCause::kTooLarge, "big.bin", "over 16G"}, "a disk image", "2030-01-01"}};
    report.analysis.complete = false;
    report.analysis.incomplete_because = {"encrypted", "permission-denied"};
    report.notices = {"3 matches were left out as words or placeholders"};
    return report;
}

// The page itself is no part of the golden text, what stands in it is.
std::string without_page(const std::string& html) {
    const std::string_view begin = "<script type=\"application/json\" id=\"data\">";
    const std::size_t from = html.find(begin) + begin.size();
    return html.substr(from, html.find("</script>", from) - from);
}

struct Case {
    const char* file;
    Format format;
    Options options;
};

constexpr Case kCases[] = {
    {"table.txt", Format::kTable, {}},
    {"table-colour-60.txt", Format::kTable, {Colour::kAlways, 60}},
    {"report.json", Format::kJson, {}},
    {"report.sarif", Format::kSarif, {}},
    {"junit.xml", Format::kJunit, {}},
    {"report.csv", Format::kCsv, {}},
    {"comment.md", Format::kMarkdown, {}},
    {"html-data.json", Format::kHtml, {}},
};

int run(const std::string& folder, bool update) {
    int passed = 0;
    int failed = 0;
    const model::Report report = everything();
    for (const Case& test : kCases) {
        std::string text = write(report, test.format, test.options);
        if (test.format == Format::kHtml) text = without_page(text);
        const std::string path = folder + "/" + test.file;
        if (update && !write_file_atomically(path, text).ok()) {
            std::printf("cannot write %s\n", path.c_str());
        }
        const auto expected = read_text_file(path);
        if (expected.ok() && expected.value() == text) {
            ++passed;
            continue;
        }
        ++failed;
        std::printf("%s is not what was written:\n%s\n", path.c_str(), text.c_str());
    }
    std::printf("%d passed, %d failed\n", passed, failed);
    return failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace merlon::report

int main(int count, char** arguments) {
    const char* source = std::getenv("MERLON_SOURCE_DIR");
    const std::string root = source == nullptr ? "." : source;
    return merlon::report::run(root + "/tests/report/golden",
                               count == 2 && std::string_view(arguments[1]) == "--update");
}
