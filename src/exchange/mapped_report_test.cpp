#include "exchange/mapped_report.h"

#include <gtest/gtest.h>

#include "text/json.h"

namespace merlon::exchange {
namespace {

// The document as the tree that a mapping sees, as JSON; or what is wrong with it.
std::string tree(std::string_view bytes, TreeSyntax syntax = TreeSyntax::kByContent) {
    Arena arena;
    Interner interner;
    const auto made = read_plain_tree(bytes, syntax, arena, interner);
    if (!made.ok()) return made.error().to_string();
    std::string out;
    text::JsonWriter(out).value(made.value());
    return out;
}

Result<ReadReport> mapped(std::string_view answer) {
    Arena arena;
    Interner interner;
    const auto read = text::read_json(answer, arena, interner);
    EXPECT_TRUE(read.ok());
    return mapped_report(*read.value().root);
}

TEST(MappedReport, documents_become_plain_trees) {
    EXPECT_EQ(tree(R"({"a": [1, 2]})"), R"({"a":[1,2]})");
    EXPECT_EQ(tree("{\"a\": 1}\n\n{\"a\": 2}\n"), R"([{"a":1},{"a":2}])");
    EXPECT_EQ(tree("<a b=\"c\"><d>e</d></a>"),
              R"({"attributes":{"b":"c"},"children":[{"attributes":{},"children":[],"name":"d",)"
              R"("text":"e"}],"name":"a","text":""})");
    EXPECT_EQ(tree("rule,line\nr1,3\n\"r,2\",4\n", TreeSyntax::kCsv),
              R"([{"line":"3","rule":"r1"},{"line":"4","rule":"r,2"}])");
    EXPECT_EQ(tree("rule,line\n", TreeSyntax::kCsv), "[]");
    EXPECT_EQ(tree("\xEF\xBB\xBFrule\nr1\n", TreeSyntax::kCsv), R"([{"rule":"r1"}])");
    EXPECT_EQ(tree("{\"a\": 1}\n", TreeSyntax::kJsonLines), R"([{"a":1}])");
    EXPECT_EQ(tree("\n", TreeSyntax::kJsonLines), "[]");
}

TEST(MappedReport, a_document_that_is_none_is_refused_with_its_line) {
    EXPECT_EQ(tree("{\"a\": 1}\n{\"a\": }\n").substr(0, 6), "line 2");
    EXPECT_EQ(tree("{\n \"a\": }").substr(0, 6), "line 2");
    EXPECT_EQ(tree("a,b\n1,2\n3\n", TreeSyntax::kCsv).substr(0, 6), "line 3");
    EXPECT_EQ(tree("<a>\n<b></a>").substr(0, 6), "line 2");
    for (const char* empty : {"", "\n", "\r\n\n", "\xEF\xBB\xBF"})
        EXPECT_TRUE(tree(empty, TreeSyntax::kCsv).starts_with("the file is empty")) << empty;
    EXPECT_EQ(tree("a,b,a\n1,2,3\n", TreeSyntax::kCsv),
              "line 1: two columns are called 'a': one would hide the other");
}

TEST(MappedReport, what_a_mapping_calls_a_secret_is_masked) {
    const std::string value = "hunter" + std::string("2secret99");
    auto made = mapped(R"({"tool": "t", "findings": [{"rule": "r", "message": "word )" + value +
                       R"( found", "path": "a", "line": 1, "lines": "pw = \")" + value +
                       R"(\"", "properties": {"kind": "secret"}}]})");
    ASSERT_TRUE(made.ok()) << made.error().to_string();
    const auto kept = mask_mapped("a,b\n1," + value + "\n", "key", made.value());
    ASSERT_TRUE(kept.ok() && kept.value());
    EXPECT_FALSE(kept.value()->contains(value)) << *kept.value();
    EXPECT_FALSE(made.value().report.findings[0].message.contains(value));
    // In lines of JSON the quotes around it are escaped, with a byte order mark in front, too.
    const auto quoted = mapped(R"({"tool": "t", "findings": [{"rule": "r", "message": "m", "path":
        "a", "line": 1, "lines": "k = hunter\"2secret99", "properties": {"kind": "secret"}}]})");
    ASSERT_TRUE(quoted.ok());
    for (const char* mark : {"", "\xEF\xBB\xBF"}) {
        auto read = quoted.value();
        const auto masked =
            mask_mapped(mark + std::string("{\"l\": \"k = hunter\\\"2secret99\"}\n{\"l\": \"\"}\n"),
                        "key", read);
        ASSERT_TRUE(masked.ok() && masked.value());
        EXPECT_FALSE(masked.value()->contains("2secret99")) << *masked.value();
        EXPECT_TRUE(masked.value()->starts_with(std::string(mark) + "{")) << *masked.value();
    }
    auto plain =
        mapped(R"({"tool": "t", "findings": [{"rule": "r", "message": "m", "path": "a"}]})");
    EXPECT_FALSE(mask_mapped("{}", "key", plain.value()).value());
}

TEST(MappedReport, what_may_be_one_record_of_lines_closes_nothing) {
    auto none = mapped(R"({"tool": "t", "complete": true, "findings": []})");
    doubt_empty(none.value());
    EXPECT_FALSE(none.value().report.analysis.complete);
    auto one = mapped(
        R"({"tool": "t", "complete": true, "findings": [{"rule": "r", "message": "m", "path": "a"}]})");
    doubt_empty(one.value());
    EXPECT_TRUE(one.value().report.analysis.complete);
}

TEST(MappedReport, an_answer_becomes_a_report) {
    const auto made = mapped(R"({"tool": "lint", "version": "1", "category": "c", "complete": true,
        "repository": "https://a.test/b", "ref": "refs/heads/main", "commit": "c0",
        "findings": [{"rule": "r", "message": "m", "severity": "Low", "path": "./a.c", "line": 3,
          "column": 2, "lines": "x = 1\ny", "title": "t", "cwe": "CWE-1", "tags": ["g"],
          "object": "o", "fingerprints": {"f": "0123456789"}, "properties": {"n": 7},
          "suppressed": "known"}, {"rule": "r", "message": "m2", "locationUrl": "https://x.test/"}],
        "helper": 1})");
    ASSERT_TRUE(made.ok()) << made.error().to_string();
    const model::Report& report = made.value().report;
    EXPECT_EQ(report.analysis.tool, "lint");
    EXPECT_TRUE(report.analysis.complete);
    EXPECT_EQ(made.value().category, "c");
    ASSERT_EQ(report.findings.size(), 2u);
    const model::Finding& finding = report.findings[0];
    EXPECT_EQ(model::to_string(finding.location), "a.c:3:2");
    EXPECT_EQ(finding.severity, model::Severity::kLow);
    EXPECT_EQ(finding.excerpt.lines.size(), 2u);
    EXPECT_EQ(finding.properties.at("n"), "7");
    EXPECT_EQ(finding.suppression_reason, "known");
    EXPECT_EQ(report.findings[1].severity, model::Severity::kHigh);
    EXPECT_EQ(report.rules[0].cwe, "CWE-1");
}

TEST(MappedReport, what_the_mapping_does_not_say_closes_nothing) {
    EXPECT_FALSE(mapped(R"({"tool": "t", "findings": []})").value().report.analysis.complete);
    EXPECT_FALSE(mapped(R"({"tool": "t", "findings": [], "complete": false})")
                     .value()
                     .report.analysis.complete);
}

TEST(MappedReport, findings_that_are_expected_and_not_made_are_missed) {
    const auto none = mapped(R"({"tool": "t", "findings": []})");
    const auto tells = [](const ReadReport& read) {
        return read.report.notices.front().starts_with("the mapping made no finding;");
    };
    EXPECT_TRUE(tells(none.value()));
    EXPECT_FALSE(tells(mapped(R"({"tool": "t", "findings": [], "expected": 0})").value()));
    const auto lost =
        mapped(R"({"tool": "t", "findings": [{"rule": "r", "message": "m"}], "expected": 2})");
    ASSERT_FALSE(lost.ok());
    EXPECT_TRUE(lost.error().message.starts_with("the mapping expected 2 findings, and made 1"));
}

TEST(MappedReport, a_slip_is_an_error_with_its_place) {
    const struct {
        std::string_view answer, error;
    } cases[] = {
        {R"({"findings": []})", "the mapping's answer: no tool"},
        {R"({"tool": "t"})", "the mapping's answer has no findings"},
        {R"({"tool": "t", "findings": {}})", "the mapping's answer: expected a list as findings"},
        {R"({"tool": "t", "findings": [{"rule": "r", "message": "m"}, {"rule": "r"}]})",
         "findings[1]: no message"},
        {R"({"tool": "t", "findings": [{"rule": "r", "message": "m", "sev": "low"}]})",
         "findings[0]: unknown member 'sev'"},
        {R"({"tool": "t", "findings": [{"rule": "r", "message": "m", "severity": "bad"}]})",
         "findings[0]: not a severity: 'bad'"},
        {R"({"tool": "t", "findings": [{"rule": "r", "message": "m", "path": "a", "line": "3"}]})",
         "findings[0]: expected a whole number as line"},
        {R"({"tool": "t", "findings": [], "complete": "yes"})",
         "the mapping's answer: expected true or false as complete"},
        {"[]", "the mapping's answer is no object"},
    };
    for (const auto& c : cases) {
        const auto made = mapped(c.answer);
        ASSERT_FALSE(made.ok()) << c.answer;
        EXPECT_EQ(made.error().to_string().substr(0, c.error.size()), c.error);
    }
}

}  // namespace
}  // namespace merlon::exchange
