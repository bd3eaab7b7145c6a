#include "report/report.h"

#include <gtest/gtest.h>

#include "base/arena.h"
#include "text/json.h"

namespace merlon::report {
namespace {

model::Report sample() {
    model::Report report;
    report.analysis.version = "1.2.3";
    report.analysis.engine = "secrets";
    report.analysis.scope = {"."};
    model::Rule rule;
    rule.id = "demo-token";
    rule.engine = "secrets";
    rule.pack = "demo";
    rule.name = "Demo token";
    rule.description = "A token of the demo provider.";
    rule.fix = "Revoke it in the console.";
    report.rules.push_back(rule);
    model::Finding finding;
    finding.rule_id = "demo-token";
    finding.message = rule.description;
    finding.location = model::FileLocation{"src/<a>, b.py", {}, {3, 9, 3, 20, 40, 52}};
    finding.match = "=cmd|' /C calc'!A0";
    finding.secret = "de********";
    finding.excerpt = {3, {"token = de********\x1b[31m </script>"}, 3, 9, 18};
    finding.fingerprints = {{"merlon/context/v1", "00ff"}};
    report.findings.push_back(finding);
    finding.suppressed_by = "baseline";
    finding.suppression_reason = "known";
    report.findings.push_back(finding);
    report.coverage.files_read = 1234;
    report.coverage.bytes_read = 5'600'000;
    return report;
}

TEST(Table, shows_place_line_reason_fix_and_totals_without_control_characters) {
    const std::string table = write(sample(), Format::kTable, {});
    EXPECT_EQ(table,
              "src/<a>, b.py\n"
              "  3:9      high      demo-token\n"
              "    3 | token = de********\xEF\xBF\xBD[31m </script>\n"
              "      |         ^^^^^^^^^^\n"
              "    A token of the demo provider.\n"
              "    Fix: Revoke it in the console.\n"
              "\n"
              "1 finding (1 high). 1 suppressed. 1,234 files read (5.6 MB).\n");
    EXPECT_EQ(table.find('\x1b'), std::string::npos);
    EXPECT_NE(write(sample(), Format::kTable, {Colour::kAlways, 100}).find("\x1b[1;31m"),
              std::string::npos);
}

TEST(Table, an_incomplete_run_never_reads_as_clean) {
    model::Report report;
    report.analysis.complete = false;
    report.coverage.gaps.push_back({model::GapCause::kEncrypted, "a.zip", "needs a password"});
    const std::string table = write(report, Format::kTable, {});
    EXPECT_NE(table.find("incomplete"), std::string::npos);
    EXPECT_NE(table.find("encrypted"), std::string::npos);
    EXPECT_NE(table.find("No findings in what could be read."), std::string::npos);
    EXPECT_NE(write(report, Format::kMarkdown, {}).find("**Incomplete:**"), std::string::npos);
    EXPECT_NE(write(report, Format::kJunit, {}).find("<error type=\"encrypted\""),
              std::string::npos);
}

TEST(Json, is_json_with_every_finding) {
    Arena arena;
    Interner interner;
    const auto document = text::read_json(write(sample(), Format::kJson, {}), arena, interner);
    ASSERT_TRUE(document.ok());
    const value::Value& root = *document.value().root;
    EXPECT_EQ(root.find("findings")->size(), 2u);
    EXPECT_EQ(root.find("findings")->items()[0].find("location")->find("startLine")->as_integer(),
              3);
}

TEST(Sarif, counts_columns_to_one_past_the_end_and_escapes_uris) {
    const std::string sarif = write(sample(), Format::kSarif, {});
    Arena arena;
    Interner interner;
    const auto document = text::read_json(sarif, arena, interner);
    ASSERT_TRUE(document.ok());
    EXPECT_NE(sarif.find("\"uri\": \"src/%3Ca%3E,%20b.py\""), std::string::npos);
    EXPECT_NE(sarif.find("\"endColumn\": 21"), std::string::npos);
    EXPECT_NE(sarif.find("\"suppressions\""), std::string::npos);
}

TEST(Csv, quotes_fields_and_disarms_formulas) {
    const std::string csv = write(sample(), Format::kCsv, {});
    EXPECT_NE(csv.find("\"src/<a>, b.py\""), std::string::npos);
    EXPECT_NE(csv.find(",'=cmd|"), std::string::npos);
}

TEST(Csv, moves_no_cursor_and_turns_no_reading_direction) {
    model::Report report = sample();
    std::get<model::FileLocation>(report.findings[0].location).path = "a\x1b[2K\u202E\x07";
    report.findings[0].match = "one\ttwo\r\nthree\rfour";
    const std::string csv = write(report, Format::kCsv, {});
    for (const char* bad : {"\x1b", "\u202E", "\x07", "\rfour"}) {
        EXPECT_EQ(csv.find(bad), std::string::npos) << bad;
    }
    EXPECT_NE(csv.find("\"one\ttwo\r\nthree\nfour\""), std::string::npos);
}

TEST(Markdown, escapes_what_a_file_name_could_smuggle_in) {
    const std::string markdown = write(sample(), Format::kMarkdown, {});
    EXPECT_NE(markdown.find("`src/<a>, b.py:3:9`"), std::string::npos);
    EXPECT_NE(markdown.find("1 suppressed"), std::string::npos);
}

TEST(Junit, a_clean_run_still_has_a_case) {
    const std::string junit = write({}, Format::kJunit, {});
    EXPECT_NE(junit.find("tests=\"1\" failures=\"0\""), std::string::npos);
}

TEST(Report, a_revoked_secret_stays_visible_everywhere) {
    model::Report report = sample();
    report.findings.back().suppressed_by = "revoked";
    report.findings.back().suppression_reason = "rotated, ticket 812";
    for (const Format format : {Format::kTable, Format::kJson, Format::kSarif, Format::kJunit,
                                Format::kMarkdown, Format::kHtml, Format::kCsv}) {
        EXPECT_NE(write(report, format, {}).find("rotated, ticket 812"), std::string::npos)
            << static_cast<int>(format);
    }
    const std::string junit = write(report, Format::kJunit, {});
    EXPECT_NE(junit.find("tests=\"2\" failures=\"1\" errors=\"0\" skipped=\"1\""),
              std::string::npos);
    EXPECT_NE(junit.find("<skipped message=\"Revoked: rotated, ticket 812\"/>"), std::string::npos);
    EXPECT_EQ(write(report, Format::kMarkdown, {}).find("suppressed by"), std::string::npos);
}

TEST(Html, holds_the_report_and_nothing_in_it_can_end_the_script) {
    const std::string html = write(sample(), Format::kHtml, {});
    EXPECT_NE(html.find("demo-token"), std::string::npos);
    EXPECT_EQ(html.find("</script>\","), std::string::npos);
    EXPECT_NE(html.find("\\u003c/script>"), std::string::npos);
    EXPECT_EQ(html.find("http"), html.find("http-equiv")) << "no outside address";
}

}  // namespace
}  // namespace merlon::report
