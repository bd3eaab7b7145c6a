#include "exchange/sarif_read.h"

#include <gtest/gtest.h>

#include "base/text_sink.h"
#include "exchange/sarif.h"

namespace merlon::exchange {
namespace {

std::string one_run(const std::string& rest) {
    return R"({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "T", "version": "1",
        "rules": [{"id": "R1", "shortDescription": {"text": "short"}, "helpUri": "https://x.test/",
                   "properties": {"security-severity": "9.1", "tags": ["external/cwe/cwe-79"]},
                   "deprecatedIds": ["R0"], "messageStrings": {"m": {"text": "{0} of {1} {{x}}"}}},
                  {"id": "R2", "defaultConfiguration": {"level": "note"}}]}}, )" +
           rest + "}]}";
}

ReadReport read_whole(const std::string& rest) {
    auto read = read_sarif(one_run(rest));
    EXPECT_TRUE(read.ok()) << read.error().to_string();
    return read.ok() && read.value().size() == 1 ? read.value()[0] : ReadReport();
}

model::Report read_one(const std::string& rest) { return read_whole(rest).report; }

model::Finding read_result(const std::string& result) {
    const model::Report report = read_one(R"("results": [)" + result + "]");
    EXPECT_EQ(report.findings.size(), 1u);
    return report.findings.empty() ? model::Finding() : report.findings[0];
}

TEST(SarifRead, takes_rules_with_severity_weakness_and_former_names) {
    const model::Report report = read_one(R"("results": [])");
    EXPECT_EQ(report.analysis.tool, "T");
    EXPECT_EQ(report.analysis.version, "1");
    EXPECT_TRUE(report.analysis.complete);
    ASSERT_EQ(report.rules.size(), 2u);
    EXPECT_EQ(report.rules[0].severity, model::Severity::kCritical);
    EXPECT_EQ(report.rules[0].cwe, "CWE-79");
    EXPECT_EQ(read_whole(R"("results": [])").former_rules.at("R1"), std::vector<std::string>{"R0"});
    EXPECT_EQ(report.rules[1].severity, model::Severity::kLow);
}

TEST(SarifRead, finds_rule_severity_and_message_wherever_they_stand) {
    const struct {
        std::string result;
        std::string rule;
        model::Severity severity;
        std::string message;
    } cases[] = {
        {R"({"ruleId": "R2", "message": {"text": "m"}})", "R2", model::Severity::kLow, "m"},
        {R"({"ruleId": "R2", "level": "error", "message": {"text": "m"}})", "R2",
         model::Severity::kHigh, "m"},
        {R"({"ruleIndex": 0, "message": {"id": "m", "arguments": ["a", "b"]}})", "R1",
         model::Severity::kCritical, "a of b {x}"},
        {R"({"rule": {"index": 1}, "message": {"text": "m"}})", "R2", model::Severity::kLow, "m"},
        {R"({"ruleId": "R2/part", "message": {"text": "m"}})", "R2/part", model::Severity::kLow,
         "m"},
        {R"({"ruleId": "other", "message": {"text": "m"}})", "other", model::Severity::kMedium,
         "m"},
        {R"({"ruleId": "R1", "message": {"text": "m"}, "properties": {"security-severity": "4.0"}})",
         "R1", model::Severity::kMedium, "m"},
        {R"({"ruleId": "R2", "kind": "informational", "message": {"text": "m"}})", "R2",
         model::Severity::kInfo, "m"},
    };
    for (const auto& c : cases) {
        const model::Finding finding = read_result(c.result);
        EXPECT_EQ(finding.rule_id, c.rule) << c.result;
        EXPECT_EQ(finding.severity, c.severity) << c.result;
        EXPECT_EQ(finding.message, c.message) << c.result;
    }
}

TEST(SarifRead, makes_one_path_of_all_ways_to_name_a_file) {
    const std::string bases =
        R"("originalUriBaseIds": {"ROOT": {"uri": "file:///home/ci/w/"},
           "SRC": {"uri": "src/", "uriBaseId": "ROOT"}, "%SRCROOT%": {"description": {"text": "r"}}},
           "artifacts": [{"location": {"uri": "src/a%20b.c", "uriBaseId": "ROOT"}}], )";
    for (const char* location :
         {R"("uri": "src/a%20b.c")", R"("uri": "./src//x/../a%20b.c")",
          R"("uri": "file:///home/ci/w/src/a%20b.c")", R"("uri": "a%20b.c", "uriBaseId": "SRC")",
          R"("uri": "src/a%20b.c", "uriBaseId": "%SRCROOT%")", R"("index": 0)"}) {
        const model::Report report = read_one(
            bases + R"("results": [{"ruleId": "R1", "message": {"text": "m"}, "locations": [
                {"physicalLocation": {"artifactLocation": {)" +
            location +
            R"(}, "region": {"startLine": 3, "endColumn": 9, "snippet": {"text": "x\r\ny"}},
                "contextRegion": {"startLine": 2, "snippet": {"text": "w\nx\ny\nz\n"}}}}]}])");
        ASSERT_EQ(report.findings.size(), 1u) << location;
        const auto* file = std::get_if<model::FileLocation>(&report.findings[0].location);
        ASSERT_NE(file, nullptr) << location;
        EXPECT_EQ(file->path, "src/a b.c") << location;
        EXPECT_EQ(file->region.start_line, 3u);
        EXPECT_EQ(file->region.end_column, 8u);
        EXPECT_EQ(report.findings[0].excerpt.first_line, 2u);
        EXPECT_EQ(report.findings[0].excerpt.lines.size(), 4u);
    }
}

TEST(SarifRead, keeps_fingerprints_suppressions_and_further_places) {
    const model::Finding finding = read_result(
        R"({"ruleId": "R1", "message": {"text": "m"}, "guid": "of this run alone",
            "correlationGuid": "11111111-2222-3333-4444-555555555555",
            "fingerprints": {"f/v1": "0123456789"}, "partialFingerprints": {"p": "abcdef"},
            "suppressions": [{"kind": "inSource", "justification": "known"}],
            "locations": [{"logicalLocations": [{"fullyQualifiedName": "ns.f"}]}],
            "relatedLocations": [{"physicalLocation": {"artifactLocation": {"uri": "b.c"}}}]})");
    const std::vector<model::Fingerprint> expected{
        {"correlationGuid", "11111111-2222-3333-4444-555555555555"},
        {"f/v1", "0123456789"},
        {"p", "abcdef"}};
    EXPECT_EQ(finding.fingerprints, expected);
    EXPECT_EQ(finding.suppressed_by, "inline");
    EXPECT_EQ(finding.suppression_reason, "known");
    EXPECT_EQ(model::to_string(finding.location).substr(0, 4), "ns.f");
    ASSERT_EQ(finding.also_at.size(), 1u);
    EXPECT_EQ(model::to_string(finding.also_at[0]), "b.c");
    // One that nobody has accepted yet counts for all of them.
    EXPECT_EQ(read_result(R"({"ruleId": "R1", "message": {"text": "m"}, "suppressions": [
                  {"kind": "external"}, {"kind": "external", "status": "underReview"}]})")
                  .suppressed_by,
              "");
}

TEST(SarifRead, leaves_out_what_is_no_finding_and_says_so) {
    const model::Report report = read_one(
        R"("results": [{"ruleId": "R1", "kind": "pass", "message": {"text": "m"}},
                       {"ruleId": "R1", "baselineState": "absent", "message": {"text": "m"}}])");
    EXPECT_TRUE(report.findings.empty());
    ASSERT_EQ(report.notices.size(), 1u);
    EXPECT_EQ(report.notices[0].substr(0, 9), "2 results");
}

TEST(SarifRead, counts_and_names_what_the_standard_does_not_know) {
    const model::Report report = read_one(
        R"("results": [{"ruleId": "R2", "level": "fatal", "message": {"text": "m"}, "locations": [
             {"physicalLocation": {"artifactLocation": {"uri": "a"}, "region": {"startLine": -3}}}]},
            {"ruleId": "R2", "level": "fatal", "kind": "odd", "message": {"text": "m"}},
            {"ruleIndex": 9, "ruleId": "R2", "message": {"text": "m"}}])");
    EXPECT_EQ(report.findings.size(), 3u);
    EXPECT_EQ(
        report.notices,
        (std::vector<std::string>{
            "outside of the standard, 1 time: a ruleIndex that no rule has, taken for the "
            "rule of the result's id",
            "outside of the standard, 1 time: kind 'odd', taken for fail",
            "outside of the standard, 2 times: level 'fatal', taken for high",
            "outside of the standard, 1 time: startLine -3, taken for one that is not told"}));
}

TEST(SarifRead, a_score_of_zero_is_none_where_the_level_says_more) {
    const auto severity = [](const std::string& level) {
        return read_result(R"({"ruleId": "R2", "message": {"text": "m"}, )" + level +
                           R"("properties": {"security-severity": "0.0"}})")
            .severity;
    };
    EXPECT_EQ(severity(R"("level": "error", )"), model::Severity::kHigh);
    EXPECT_EQ(severity(R"("level": "warning", )"), model::Severity::kMedium);
    EXPECT_EQ(severity(R"("level": "note", )"), model::Severity::kInfo);
    EXPECT_EQ(severity(""), model::Severity::kInfo);
}

TEST(SarifRead, a_result_without_a_rule_is_one_and_is_told) {
    const model::Report report = read_one(R"("results": [{"message": {"text": "m"}}])");
    ASSERT_EQ(report.findings.size(), 1u);
    EXPECT_EQ(report.findings[0].rule_id, "unnamed");
    EXPECT_EQ(report.notices.size(), 1u);
}

TEST(SarifRead, the_order_of_locations_means_nothing) {
    const auto read = [](const std::string& first, const std::string& second) {
        const auto place = [](const std::string& file) {
            return R"({"physicalLocation": {"artifactLocation": {"uri": ")" + file + R"("}}})";
        };
        return read_result(R"({"ruleId": "R1", "message": {"text": "m"}, "locations": [)" +
                           place(first) + ", " + place(second) + "]}");
    };
    EXPECT_EQ(read("a.c", "b.c").location, read("b.c", "a.c").location);
    EXPECT_EQ(read("a.c", "b.c").also_at, read("b.c", "a.c").also_at);
}

TEST(SarifRead, rules_that_are_off_are_another_configuration) {
    const auto digest = [](const std::string& enabled) {
        return read_one(R"("invocations": [{"executionSuccessful": true,
            "ruleConfigurationOverrides": [{"descriptor": {"index": 0}, "configuration":
            {"enabled": )" +
                        enabled + R"(}}]}], "results": [])")
            .analysis.configuration_digest;
    };
    EXPECT_NE(digest("false"), "");
    EXPECT_EQ(digest("true"), "");
    EXPECT_EQ(read_one(R"("results": [])").analysis.configuration_digest, "");
}

TEST(SarifRead, rules_that_are_off_have_looked_for_nothing) {
    const auto off = [](const std::string& driver_rules, const std::string& overrides) {
        const auto read = read_sarif(
            R"({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "scan", "rules": [)" +
            driver_rules + R"(]}, "extensions": [{"name": "pack", "rules": [{"id": "both"}]}]},
            "invocations": [{"executionSuccessful": true, "ruleConfigurationOverrides": [)" +
            overrides + R"(]}], "results": []}]})");
        return read.value().at(0).rules_off;
    };
    using Rules = std::set<std::string, std::less<>>;
    const auto override = [](const std::string& descriptor, const std::string& enabled) {
        return R"({"descriptor": {)" + descriptor + R"(}, "configuration": {"enabled": )" +
               enabled + "}}";
    };
    EXPECT_EQ(off(R"({"id": "a"})", ""), Rules{});
    EXPECT_EQ(off(R"({"id": "a"})", override(R"("id": "a")", "false")), Rules{"a"});
    EXPECT_EQ(off(R"({"id": "a"})", override(R"("index": 0)", "false")), Rules{"a"});
    EXPECT_EQ(off(R"({"id": "a", "guid": "g"})", override(R"("guid": "g")", "false")), Rules{"a"});
    EXPECT_EQ(
        off(R"({"id": "a"})", override(R"("index": 0, "toolComponent": {"index": 0})", "false")),
        Rules{"both"});
    EXPECT_EQ(off(R"({"id": "both"})", override(R"("id": "both")", "false")),
              (Rules{"both", "pack/both"}));
    const std::string off_as_a_rule = R"({"id": "a", "defaultConfiguration": {"enabled": false}})";
    EXPECT_EQ(off(off_as_a_rule, ""), Rules{"a"});
    EXPECT_EQ(off(off_as_a_rule, override(R"("id": "a")", "true")), Rules{});
}

TEST(SarifRead, a_rule_that_has_found_something_was_on) {
    const auto read = read_sarif(
        R"({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "ruff", "rules": [
        {"id": "S307", "defaultConfiguration": {"enabled": false}},
        {"id": "S308", "defaultConfiguration": {"enabled": false}}]}},
        "results": [{"ruleId": "S307", "message": {"text": "m"}}]}]})");
    EXPECT_EQ(read.value().at(0).rules_off, (std::set<std::string, std::less<>>{"S308"}));
}

TEST(SarifRead, knows_a_run_that_did_not_see_everything) {
    for (const char* rest :
         {R"("invocations": [{"executionSuccessful": false}], "results": [])",
          R"("invocations": [{"executionSuccessful": true, "toolExecutionNotifications": [
              {"level": "error", "message": {"text": "cannot read a.c"}}]}], "results": [])",
          R"("invocations": [{"executionSuccessful": true, "toolConfigurationNotifications": [
              {"level": "error", "message": {"text": "bad rule"}}]}], "results": [])",
          R"("columnKind": "utf16CodeUnits")"}) {
        const model::Report report = read_one(rest);
        EXPECT_FALSE(report.analysis.complete) << rest;
        EXPECT_EQ(report.coverage.gaps.size(), 1u) << rest;
    }
    EXPECT_TRUE(read_one(R"("invocations": [{"executionSuccessful": true,
        "toolExecutionNotifications": [{"level": "warning", "message": {"text": "slow"}}]}],
        "results": [])")
                    .analysis.complete);
}

TEST(SarifRead, takes_category_repository_commit_and_branch) {
    const ReadReport read = read_whole(
        R"("automationDetails": {"id": "build/linux/2026-11-27"},
           "versionControlProvenance": [{"repositoryUri": "https://x.test/a", "revisionId": "c0ffee",
                                         "branch": "main"}], "results": [])");
    EXPECT_EQ(read.category, "build/linux/");
    EXPECT_EQ(read.repository, "https://x.test/a");
    EXPECT_EQ(read.report.analysis.commit, "c0ffee");
    EXPECT_EQ(read.report.analysis.ref, "refs/heads/main");
    EXPECT_EQ(read_whole(R"("automationDetails": {"id": "nightly"}, "results": [])").category, "");
}

TEST(SarifRead, refuses_what_it_cannot_take_whole_with_its_line) {
    const struct {
        std::string text;
        std::uint32_t line;
        std::string_view says;
    } cases[] = {
        {"{\"version\": \"2.0.0\",\n\"runs\": []}", 1, "2.1.0"},
        {"{\"version\": \"2.1.0\"}", 1, "no runs"},
        {"{\"version\": \"2.1.0\", \"runs\": [\n{}]}", 2, "tool.driver"},
        {one_run("\"results\": [\n{\"ruleId\": \"R1\"}]"), 6, "without a message"},
        {one_run("\n\"externalPropertyFileReferences\": {\"results\": []}"), 6, "other files"},
        {"{\"version\": \"2.1.0\", \"runs\": [],\n \"inlineExternalProperties\": [{}]}", 2,
         "inlineExternalProperties"},
        {"{\"version\": \"2.1.0\",\n \"runs\": [", 2, ""},
    };
    for (const auto& c : cases) {
        const auto read = read_sarif(c.text);
        ASSERT_FALSE(read.ok()) << c.text;
        EXPECT_EQ(read.error().line, c.line) << c.text;
        EXPECT_NE(read.error().message.find(c.says), std::string::npos) << read.error().message;
    }
}

TEST(SarifRead, reads_what_we_write) {
    model::Report report;
    report.analysis.version = "1.0";
    report.analysis.engine = "secrets";
    report.analysis.complete = false;
    report.coverage.gaps = {{model::GapCause::kEncrypted, "a.zip", "no password"}};
    model::Finding& finding = report.findings.emplace_back();
    finding.rule_id = "r";
    finding.message = "m";
    finding.severity = model::Severity::kLow;
    finding.location = model::FileLocation{
        .path = "a b.c",
        .region = {.start_line = 2, .start_column = 3, .end_line = 2, .end_column = 4}};
    finding.fingerprints = {{"primaryLocationLineHash", "abcdef0123:1"}};
    std::string text;
    TextSink sink([&](std::string_view part) {
        text += part;
        return Status();
    });
    write_sarif(report, sink);
    ASSERT_TRUE(sink.finish().ok());
    const auto read = read_sarif(text);
    ASSERT_TRUE(read.ok()) << read.error().to_string();
    const model::Report& back = read.value().at(0).report;
    EXPECT_EQ(read.value()[0].category, "merlon/secrets/");
    EXPECT_FALSE(back.analysis.complete);
    EXPECT_EQ(back.analysis.incomplete_because, std::vector<std::string>{"encrypted"});
    ASSERT_EQ(back.findings.size(), 1u);
    EXPECT_EQ(back.findings[0].location, finding.location);
    EXPECT_EQ(back.findings[0].severity, finding.severity);
    EXPECT_EQ(back.findings[0].fingerprints, finding.fingerprints);
}

}  // namespace
}  // namespace merlon::exchange
