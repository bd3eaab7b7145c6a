#include "evidence/foreign_decisions.h"

#include <gtest/gtest.h>

#include "evidence/store_case.h"

namespace merlon::evidence {
namespace {

using exchange::ForeignDecision;

class ForeignDecisionsTest : public StoreTest {
  protected:
    // A report with one finding, which its tool calls "f-1", and what is decided there.
    void take_decided(const std::vector<ForeignDecision>& decisions, bool is_there = true) {
        now_.nanoseconds += 86'400'000'000'000;
        exchange::ReadReport made = report({});
        if (is_there) made = report({{"r", "a.c", 3, "eval(x)"}});
        for (model::Finding& finding : made.report.findings) {
            finding.fingerprints.push_back({std::string(exchange::kForeignFinding), "f-1"});
            finding.fingerprints.push_back({"tool/number", "number-1"});
        }
        made.report.analysis.complete = false;
        const std::string bytes = "decided " + std::to_string(++documents_);
        ImportRequest request = this->request(bytes);
        request.decisions = decisions;
        const auto taken = import_reports(store_->database(), request, {made});
        ASSERT_TRUE(taken.ok()) << taken.error().to_string();
    }

    static ForeignDecision about(const std::string& verdict) {
        return {.finding = "f-1",
                .verdict = verdict,
                .reason = "r",
                .author = "ana",
                .origin = "Tool, finding 1"};
    }
};

TEST_F(ForeignDecisionsTest, what_is_taken_back_there_is_withdrawn_here) {
    take_decided({about("false_positive")});
    EXPECT_EQ(list("is:open"), std::vector<std::string>());
    take_decided({about("none")});
    EXPECT_EQ(list("is:open").size(), 1U);
    EXPECT_EQ(list("decision:none").size(), 1U);
    EXPECT_EQ(problems(), std::vector<std::string>());
}

TEST_F(ForeignDecisionsTest, what_others_have_decided_is_not_taken_back) {
    take_decided({about("none")});
    ASSERT_TRUE(decide({.finding = 1}, Verdict::kFalsePositive, 9).ok());
    take_decided({about("none")});
    EXPECT_EQ(list("is:open"), std::vector<std::string>());
    ForeignDecision other = about("none");
    other.origin = "Toolbox, finding 1";
    take_decided({about("accepted")});
    take_decided({other});
    EXPECT_EQ(list("is:open"), std::vector<std::string>());
}

TEST_F(ForeignDecisionsTest, the_same_of_the_tools_own_report_is_decided_with_it) {
    exchange::ReadReport own =
        report({{"r", "b.c", 7, "execute(y)"}, {"r", "b.c", 9, "execute(z)"}});
    own.report.analysis.tool = "Other";
    take(own);
    ForeignDecision decision = about("false_positive");
    decision.repository = "shop";
    decision.of_tool = {.tool = "other",
                        .rule = "r",
                        .path = "b.c",
                        .line = 7,
                        .text = "It calls execute(y) there"};
    take_decided({decision});
    EXPECT_EQ(list("is:open"), std::vector<std::string>{"2 b.c:9 present"});
    take_decided({[&] {
        ForeignDecision back = decision;
        back.verdict = "none";
        return back;
    }()});
    EXPECT_EQ(list("is:open").size(), 3U);
    EXPECT_EQ(problems(), std::vector<std::string>());
}

TEST_F(ForeignDecisionsTest, another_finding_that_came_to_the_line_is_not_decided) {
    exchange::ReadReport own = report({{"r", "b.c", 10, "eval(y)"}, {"r", "b.c", 15, "eval(z)"}});
    own.report.analysis.tool = "Other";
    own.report.analysis.commit = "bbbbbbbbbb";
    take(own);
    ForeignDecision decision = about("false_positive");
    decision.repository = "shop";
    decision.of_tool = {
        .tool = "other", .rule = "r", .path = "b.c", .line = 10, .commit = "aaaaaaaaaa"};
    take_decided({decision});
    EXPECT_EQ(list("is:open").size(), 2U);  // of the two that the tool told
    // Of one commit the line is the same; and what was carried over stays.
    decision.of_tool->commit = "BBBBBBBBBBBBBB";
    take_decided({decision});
    EXPECT_EQ(list("is:open"), std::vector<std::string>{"2 b.c:15 present"});
    decision.of_tool->commit = "cccccccccc";
    take_decided({decision});
    EXPECT_EQ(list("is:open"), std::vector<std::string>{"2 b.c:15 present"});
    EXPECT_EQ(problems(), std::vector<std::string>());
}

TEST_F(ForeignDecisionsTest, of_several_in_one_line_the_one_at_its_column_is_decided) {
    exchange::ReadReport own =
        report({{"r", "b.c", 10, "eval(y) + exec(z)"}, {"r", "b.c", 10, "exec(z)"}});
    const auto column_of = [&](std::size_t finding) -> std::uint32_t& {
        return std::get<model::FileLocation>(own.report.findings[finding].location)
            .region.start_column;
    };
    own.report.analysis.tool = "Semgrep OSS";  // which is "semgrep" in the store
    own.report.analysis.commit = "bbbbbbbbbb";
    column_of(0) = 1;
    column_of(1) = 30;
    take(own);
    ForeignDecision decision = about("false_positive");
    decision.repository = "shop";
    decision.of_tool = {.tool = "Semgrep OSS",
                        .rule = "r",
                        .path = "b.c",
                        .line = 10,
                        .column = 7,
                        .commit = "bbbbbbbbbb"};
    take_decided({decision});
    EXPECT_EQ(list("is:open").size(), 2U) << "none of the two begins there";
    decision.of_tool->column = 30;
    take_decided({decision});
    EXPECT_EQ(list("is:open"), std::vector<std::string>{"1 b.c:10 present"});
    ForeignDecision of_other = about("none");
    of_other.repository = "shop";
    of_other.finding = "f-2";
    of_other.of_tool = decision.of_tool;
    of_other.of_tool->column = 1;
    take_decided({decision, of_other});
    EXPECT_EQ(list("is:open"), std::vector<std::string>{"1 b.c:10 present"});
    EXPECT_EQ(problems(), std::vector<std::string>());
}

TEST_F(ForeignDecisionsTest, where_no_commit_is_told_the_other_lines_tell_whether_code_has_moved) {
    exchange::ReadReport own = report({{"r", "b.c", 10, "eval(y)"}, {"r", "b.c", 15, "eval(z)"}});
    own.report.analysis.tool = "Other";
    take(own);
    ForeignDecision decision = about("false_positive");
    decision.repository = "shop";
    decision.of_tool = {.tool = "other", .rule = "r", .path = "b.c", .line = 10};
    ForeignDecision second = about("none");
    second.finding = "f-2";
    second.of_tool = {.tool = "other", .rule = "r", .path = "b.c", .line = 5};
    take_decided({decision, second});
    EXPECT_EQ(list("is:open").size(), 2U);
    second.of_tool->line = 15;
    take_decided({decision, second});
    EXPECT_EQ(list("is:open"), std::vector<std::string>{"2 b.c:15 present"});
}

TEST_F(ForeignDecisionsTest, where_nothing_tells_of_commit_code_or_other_lines_nothing_is_decided) {
    exchange::ReadReport own = report({{"r", "b.c", 10, "eval(other_code)"}});
    own.report.analysis.tool = "Other";
    take(own);
    ForeignDecision decision = about("false_positive");
    decision.repository = "shop";
    decision.of_tool = {.tool = "other", .rule = "r", .path = "b.c", .line = 10};
    take_decided({decision});
    EXPECT_EQ(list("is:open"), std::vector<std::string>{"1 b.c:10 present"});
    decision.of_tool->text = "    eval(other_code)";
    take_decided({decision});
    EXPECT_EQ(list("is:open"), std::vector<std::string>());
}

TEST_F(ForeignDecisionsTest, what_no_report_of_the_tool_has_is_counted) {
    ForeignDecision decision = about("false_positive");
    decision.repository = "shop";
    decision.of_tool = {.tool = "other", .rule = "r", .path = "b.c", .line = 7};
    exchange::ReadReport made = report({{"r", "a.c", 3, "eval(x)"}});
    made.report.findings[0].fingerprints.push_back({std::string(exchange::kForeignFinding), "f-1"});
    ImportRequest request = this->request("a document");
    request.decisions = std::span(&decision, 1);
    const auto taken = import_document(store_->database(), request, {made});
    ASSERT_TRUE(taken.ok()) << taken.error().to_string();
    EXPECT_EQ(taken.value().decided.applied, 1U);
    ASSERT_EQ(taken.value().decided.not_carried.size(), 1U);
    EXPECT_NE(taken.value().decided.not_carried.begin()->first.find("import that first"),
              std::string::npos);
}

TEST_F(ForeignDecisionsTest, a_finding_that_the_document_has_no_more_is_known_by_its_fingerprint) {
    take_decided({});
    ForeignDecision fixed = about("fixed");
    fixed.finding = "number-1";
    fixed.repository = "shop";
    take_decided({fixed}, false);
    EXPECT_EQ(list("is:open").size(), 1U);
    fixed.known_as = "tool/number";
    take_decided({fixed}, false);
    EXPECT_EQ(list("is:open"), std::vector<std::string>());
    EXPECT_EQ(list("decision:fixed").size(), 1U);
}

TEST_F(ForeignDecisionsTest, what_is_said_of_a_part_of_a_package_is_not_said_of_all_of_it) {
    const std::string module = "pkg:golang/example.com/x@v1.0.0";
    take({{.rule = "CVE-1", .path = "go.mod", .line = 1, .content = "m", .purl = module},
          {.rule = "CVE-1", .path = "z", .line = 1, .content = "z", .purl = module + "#cmd/z"}});
    const auto state = [&](const std::string& package) {
        ForeignDecision decision = about("false_positive");
        decision.finding.clear();
        decision.rules = {"CVE-1"};
        decision.packages = {package};
        take_decided({decision}, false);
        return list("is:open");
    };
    EXPECT_EQ(state(module + "#cmd/y").size(), 2U);
    EXPECT_EQ(state(module + "#/cmd/z/"), std::vector<std::string>{"1 go.mod:1 unknown"});
    // It does not wait for the next finding of the whole, either.
    EXPECT_EQ(state("pkg:golang/example.com/later@v1.0.0#cmd/y").size(), 1U);
    take({{.rule = "CVE-1",
           .path = "later/go.mod",
           .line = 1,
           .content = "l",
           .purl = "pkg:golang/example.com/later@v1.0.0"}});
    EXPECT_EQ(list("is:open path:later").size(), 1U);
    EXPECT_EQ(state(module).size(), 1U);
    EXPECT_EQ(problems(), std::vector<std::string>());
}

}  // namespace
}  // namespace merlon::evidence
