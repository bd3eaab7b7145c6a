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

std::string rendered(std::string_view text) {
    const auto parsed = templates::Template::parse(text);
    if (!parsed.ok()) return "refused: " + parsed.error().message;
    const Row rows[] = {example(), example()};
    std::string out;
    const Status status =
        render_findings(parsed.value(), rows, Timestamp{1'700'000'000'000'000'000}, out);
    return status.ok() ? out : out + "failed: " + status.error().message;
}

TEST(Template, prints_fields_in_a_range) {
    EXPECT_EQ(rendered("{{ range . }}{{ .RuleID }}:{{ .StartLine }};{{ end }}"), "rule:1;rule:1;");
    EXPECT_EQ(rendered("{{- range $i, $f := . }}{{ if $i }}, {{ end }}{{ $f.File }}{{ end -}}\n"),
              "a.txt, a.txt");
    EXPECT_EQ(rendered("{{ len . }}"), "2");
    EXPECT_EQ(rendered("{{ with index . 0 }}{{ .Entropy }} {{ .Tags }}{{ end }}"), "2.5 [x y]");
}

TEST(Template, knows_the_functions_that_the_page_names) {
    EXPECT_EQ(rendered("{{ \"a\" | upper | quote }}"), "\"A\"");
    EXPECT_EQ(rendered("{{ if and (eq 1 1) (lt 1 2) }}y{{ else }}n{{ end }}"), "y");
    EXPECT_EQ(rendered("{{ join \"+\" (index . 0).Tags }}"), "x+y");
    EXPECT_EQ(rendered("{{ add 1 2 }}{{ sub 5 1 }}{{ default \"d\" \"\" }}"), "34d");
    EXPECT_EQ(rendered("{{/* nothing */}}{{ contains \"b\" \"abc\" }}"), "true");
}

TEST(Template, branches_loops_and_names) {
    EXPECT_EQ(rendered("{{ if eq 1 2 }}a{{ else if eq 2 2 }}b{{ else }}c{{ end }}"), "b");
    EXPECT_EQ(rendered("{{ with 0 }}a{{ else with 5 }}{{ . }}{{ end }}"), "5");
    EXPECT_EQ(
        rendered("{{ range $i, $f := . }}{{ if $i }}{{ break }}{{ end }}{{ $f.File }}{{ end }}"),
        "a.txt");
    EXPECT_EQ(rendered("{{ range until 4 }}{{ if eq . 1 }}{{ continue }}{{ end }}{{ . }}{{ end }}"),
              "023");
    EXPECT_EQ(rendered("{{ define \"x\" }}<{{ . }}>{{ end }}{{ template \"x\" 7 }}"), "<7>");
    EXPECT_EQ(rendered("{{ block \"x\" 3 }}{{ . }}!{{ end }}"), "3!");
    EXPECT_EQ(rendered("{{ $n := 1 }}{{ range until 3 }}{{ $n = add $n . }}{{ end }}{{ $n }}"),
              "4");
    EXPECT_TRUE(
        holds(rendered("{{ define \"x\" }}{{ template \"x\" }}{{ end }}{{ template \"x\" }}"),
              "without end"));
}

TEST(Template, prints_as_go_does) {
    EXPECT_EQ(rendered("{{ printf \"%-5s|%5d|%05d|%.2f|%q|%x|%t|%v\" \"ab\" 42 7 1.005 \"c\\n\" "
                       "255 true nil }}"),
              "ab   |   42|00007|1.00|\"c\\n\"|ff|true|<nil>");
    EXPECT_EQ(rendered("{{ printf \"%d %s %z\" \"x\" 5 }}"),
              "%!d(string=x) %!s(int=5) %!z(MISSING)");
    EXPECT_EQ(rendered("{{ printf \"%%\" 1 }}"), "%%!(EXTRA int=1)");
    EXPECT_EQ(rendered("{{ now | date \"Mon, 02 Jan 2006 15:04:05 MST\" }}"),
              "Tue, 14 Nov 2023 22:13:20 UTC");
    EXPECT_EQ(rendered("{{ print 1 2 \"a\" \"b\" 3 }}"), "1 2ab3")
        << "a blank where neither is a text";
    EXPECT_EQ(rendered("{{ list nil 1 \"\" }}{{ list \"\" 2 }}{{ dict \"\" nil \"a\" 1 }}"),
              "[<nil> 1 ][ 2]map[:<nil> a:1]");
    EXPECT_EQ(rendered("{{ nil | list | len }}{{ list }}{{ dict }}"), "1[]map[]");
}

TEST(Template, reads_numbers_and_escapes_as_go_does) {
    EXPECT_EQ(rendered(R"({{ "0x10" | int }} {{ "010" | int64 }} {{ "1_0" | int }})"), "16 8 10");
    EXPECT_EQ(rendered(R"({{ "12.00" | int }} {{ "010" | atoi }} {{ "x" | int }})"), "12 10 0");
    EXPECT_EQ(rendered(R"({{ "\101\x41" }})"), "AA");
    EXPECT_EQ(rendered("{{ js \"\\u2028\" }}"), "\\u2028");
    EXPECT_EQ(rendered("{{ toString nil }} {{ date \"2006\" 0 }} {{ htmlDate 86400 }}"),
              "<nil> 1970 1970-01-02");
    EXPECT_EQ(rendered(R"({{ printf "%+v|%v" 1 2 }})"), "1|2");
    EXPECT_TRUE(holds(rendered("{{ 99999999999999999999 }}"), "integer overflow"));
    EXPECT_TRUE(holds(rendered(R"({{ "\18" }})"), "invalid syntax"));
}

TEST(Template, what_go_would_show_and_this_cannot_is_refused_and_not_shown_otherwise) {
    for (const char* text :
         {"{{ . }}", "{{ index . 0 }}", "{{ range . }}{{ . }}{{ end }}", "{{ print (first .) }}",
          R"({{ printf "%+v" (index . 0) }})", "{{ dict \"a\" (index . 0) }}", "{{ join \",\" . }}",
          R"({{ printf "%U" 65 }})", R"({{ printf "%O" 8 }})", R"({{ printf "%[2]d %[1]d" 1 2 }})",
          R"({{ printf "%*d" 5 3 }})", R"({{ printf "%p" "x" }})", R"({{ printf "%q" 65 }})",
          R"({{ printf "% x" "abc" }})", R"({{ printf "%+q" "x" }})", R"({{ printf "%x" 3.5 }})"}) {
        EXPECT_TRUE(holds(rendered(text), "not supported")) << text << ": " << rendered(text);
    }
    EXPECT_TRUE(holds(rendered("{{ toJson (index . 0) }}"), "\"RuleID\":\"rule\""));
}

TEST(Template, refuses_by_name_what_it_does_not_know) {
    EXPECT_TRUE(holds(rendered("{{ env \"HOME\" }}"), "env"));
    EXPECT_TRUE(holds(rendered("{{ template \"x\" }}"), "not defined"));
    EXPECT_TRUE(holds(rendered("{{ repeat 99999999 \"abc\" }}"), "16 MiB"));
    EXPECT_TRUE(holds(rendered("{{ range 99999999 }}{{ end }}"), "too long"));
    for (const std::string_view broken :
         {"{{", "{{ range . }}", "{{ end }}", "{{ \"x }}", "{{ break }}", "{{ if }}"})
        EXPECT_TRUE(rendered(broken).starts_with("refused: ")) << broken;
}

}  // namespace
}  // namespace merlon::compat::gitleaks
