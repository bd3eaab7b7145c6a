#include "compat/gitleaks/report.h"

#include <gtest/gtest.h>

#include "compat/gitleaks/finding_record.h"
#include "compat/gitleaks/scanner.h"
#include "templates/go_numbers.h"

namespace merlon::compat::gitleaks {
namespace {

Row example() {
    Row row;
    row.rule_id = "rule";
    row.description = "A <b> & \"c\"";
    row.start_line = 1;
    row.end_line = 2;
    row.start_column = 3;
    row.end_column = 4;
    row.match = "m=s";
    row.secret = "s";
    row.file = "a.txt";
    row.entropy = 2.5F;
    row.tags = {"x", "y"};
    row.fingerprint = "a.txt:rule:1";
    return row;
}

bool holds(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

TEST(JsonReport, of_nothing_is_an_empty_list) { EXPECT_EQ(json_report({}), "[]\n"); }

TEST(JsonReport, escapes_as_go_does) {
    Row row = example();
    row.match = "<>&\xE2\x80\xA8\xFF\x01\t\x7F\xC3\xA9";
    const std::string report = json_report(std::span(&row, 1));
    EXPECT_TRUE(holds(report,
                      "\"Match\": \"\\u003c\\u003e\\u0026\\u2028\\ufffd\\u0001\\t\x7F\xC3"
                      "\xA9\""))
        << report;
    EXPECT_TRUE(holds(report, "[\n {\n  \"RuleID\": \"rule\"")) << "one blank for each level";
    EXPECT_FALSE(holds(report, "\"Link\"")) << "left out where it is empty";
}

TEST(JsonReport, writes_no_tags_as_an_empty_list) {
    Row row = example();
    row.tags.clear();
    EXPECT_TRUE(holds(json_report(std::span(&row, 1)), "\"Tags\": []"));
}

TEST(GoFloat, is_the_shortest_text_that_reads_back) {
    EXPECT_EQ(templates::go_float(0), "0");
    EXPECT_EQ(templates::go_float(3), "3");
    EXPECT_EQ(templates::go_float(2.8073549F), "2.807355");
    EXPECT_EQ(templates::go_float(0.1F), "0.1");
    EXPECT_EQ(templates::go_float(1e-7F), "1e-7");
    EXPECT_EQ(templates::go_float(1e21F), "1e+21");
}

TEST(CsvReport, of_nothing_has_no_heading) { EXPECT_EQ(csv_report({}), ""); }

TEST(CsvReport, quotes_what_go_quotes) {
    Row row = example();
    row.file = "a,b";
    row.secret = " blank";
    row.match = "say \"x\"\n";
    row.author = "\\.";
    const std::string report = csv_report(std::span(&row, 1));
    EXPECT_EQ(
        report.substr(report.find('\n') + 1),
        "rule,,\"a,b\",,\" blank\",\"say \"\"x\"\"\n\",1,2,3,4,\"\\.\",,,,a.txt:rule:1,x y\n");
}

TEST(JunitReport, escapes_as_gos_xml_does) {
    Row row = example();
    row.description = "<>&'\"\t\n\r\x01\xFF";
    const std::string report = junit_report(std::span(&row, 1));
    EXPECT_TRUE(
        holds(report, "type=\"&lt;&gt;&amp;&#39;&#34;&#x9;&#xA;&#xD;\xEF\xBF\xBD\xEF\xBF\xBD\""))
        << report;
}

TEST(JunitReport, of_nothing_is_an_empty_suite) {
    EXPECT_TRUE(holds(junit_report({}),
                      "<testsuite failures=\"0\" name=\"gitleaks\" tests=\"0\" "
                      "time=\"\"></testsuite>"));
}

TEST(SarifReport, names_the_link_where_the_file_was_found_through_one) {
    Row row = example();
    row.symlink_file = "link.txt";
    const RuleName rules[] = {{"rule", "A rule"}};
    const std::string report = sarif_report(std::span(&row, 1), rules);
    EXPECT_TRUE(holds(report, "\"uri\": \"link.txt\""));
    EXPECT_TRUE(holds(report, "\"semanticVersion\": \"v8.0.0\""));
}

TEST(ReportFormat, is_named_in_any_case_or_by_the_extension) {
    EXPECT_EQ(report_format_by_name(" JSON "), ReportFormat::kJson);
    EXPECT_EQ(report_format_by_name("xml"), std::nullopt);
    EXPECT_EQ(report_format_by_path("a/b.SARIF"), ReportFormat::kSarif);
    EXPECT_EQ(report_format_by_path("a.b/c"), std::nullopt);
    EXPECT_EQ(report_format_by_path("a.xml"), std::nullopt);
}

Row redacted(std::string_view secret, std::string_view match, std::uint64_t percent) {
    Row row;
    row.secret = secret;
    row.match = row.line = match;
    redact(row, percent);
    return row;
}

TEST(Redact, hides_all_or_a_share_from_the_end) {
    EXPECT_EQ(redacted("abcd", "x=abcd abcd", 100).match, "x=REDACTED REDACTED");
    EXPECT_EQ(redacted("abcd", "x=abcd", 50).match, "x=ab...");
    EXPECT_EQ(redacted("abcde", "", 50).secret, "ab...") << "half of five is rounded to even";
    EXPECT_EQ(redacted("abcdefg", "", 50).secret, "abcd...");
    EXPECT_EQ(redacted("abcd", "", 250).secret, "REDACTED");
}

TEST(Redact, an_empty_secret_stands_between_all_characters_as_in_go) {
    EXPECT_EQ(redacted("", "a\xC3\xA9", 100).match, "REDACTEDaREDACTED\xC3\xA9REDACTED");
    EXPECT_EQ(redacted("", "ab", 50).match, "ab");
}

TEST(Template, shows_the_fields_of_a_finding_by_the_names_of_gitleaks) {
    const auto parsed = templates::Template::parse(
        "{{ range . }}{{ .RuleID }} {{ .File }}:{{ .StartLine }} {{ .Entropy }} {{ .Tags }};{{ end "
        "}}");
    ASSERT_TRUE(parsed.ok());
    const Row rows[] = {example(), example()};
    std::string out;
    ASSERT_TRUE(render_findings(parsed.value(), rows, Timestamp{0}, out).ok());
    EXPECT_EQ(out, "rule a.txt:1 2.5 [x y];rule a.txt:1 2.5 [x y];");
    const auto whole = templates::Template::parse("{{ toJson (index . 0) }}{{ (index . 0).None }}");
    ASSERT_TRUE(whole.ok());
    out.clear();
    EXPECT_FALSE(render_findings(whole.value(), rows, Timestamp{0}, out).ok());
    EXPECT_TRUE(holds(out, "\"RuleID\":\"rule\"")) << out;
}

}  // namespace
}  // namespace merlon::compat::gitleaks
