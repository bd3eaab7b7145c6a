// What the JSON printer writes is what its reader takes.

#include <gtest/gtest.h>

#include "exchange/report_read.h"
#include "model/serialize.h"
#include "report/finding_json.h"
#include "report/report.h"

namespace merlon::report {
namespace {

model::Report full_report() {
    model::Report made;
    made.analysis.version = "1.2.3";
    made.analysis.engine = "secrets";
    made.analysis.program_digest = "sha256:1";
    made.analysis.configuration_digest = "sha256:2";
    made.analysis.ref = "refs/heads/main";
    made.analysis.commit = "c0ffee";
    made.analysis.scope = {"a", "b"};
    made.analysis.complete = false;
    made.analysis.incomplete_because = {"encrypted"};
    made.analysis.signature_versions = {"merlon/context/v1"};
    model::Finding& finding = made.findings.emplace_back();
    finding.rule_id = "r";
    finding.severity = model::Severity::kLow;
    finding.confidence = model::Confidence::kHigh;
    finding.message = "m \"quoted\"";
    finding.location = model::FileLocation{
        .path = "a\xFF.zip", .members = {"b.c"}, .region = {3, 4, 3, 9, 40, 45}};
    finding.also_at = {model::FileLocation{.path = "c.c"}};
    finding.excerpt = {3, {"line ****"}, 3, 4, 9};
    finding.match = "ma****";
    finding.secret = "se****";
    finding.secret_id = "0123";
    finding.fingerprints = {{"merlon/context/v1", "abc"}};
    finding.tags = {"t"};
    finding.properties = {{"p", "q"}};
    finding.history.emplace();
    finding.history->reach = "references";
    finding.history->in_head = true;
    finding.history->references = {"refs/heads/main"};
    finding.history->reference_count = 1;
    model::HistoryPlace& place = finding.history->places.emplace_back();
    place.kind = "commit";
    place.location = model::FileLocation{.path = "d.c", .region = {1, 1, 1, 2, 0, 1}};
    place.object = "ab";
    place.commit = "cd";
    place.date = "2026-01-31T23:59:59Z";
    place.head_line = 7;
    place.introductions = 2;
    finding.suppressed_by = "ignore";
    finding.suppression_reason = "known";
    made.coverage.files_seen = 5;
    made.coverage.objects = model::ObjectCounts{.present = 3, .blobs = 2};
    made.coverage.gaps = {{model::GapCause::kEncrypted, "x\xFE", "no password"}};
    made.coverage.accepted = {
        {{model::GapCause::kTooLarge, "big", "17 GB"}, "a dump", "2027-01-01"}};
    made.notices = {"n"};
    model::Rule& rule = made.rules.emplace_back();
    rule.id = "group/r";
    rule.engine = "secrets";
    rule.pack = "own";
    rule.name = "n";
    rule.description = "d";
    rule.fix = "f";
    rule.help_url = "https://x.test/";
    rule.severity = model::Severity::kCritical;
    rule.tags = {"t"};
    return made;
}

TEST(ReadBack, a_report_is_the_same_when_it_is_read_back) {
    const model::Report made = full_report();
    const std::string text = write(made, Format::kJson, {});
    const auto read = exchange::read_report(text);
    ASSERT_TRUE(read.ok()) << read.error().to_string();
    EXPECT_EQ(write(read.value(), Format::kJson, {}), text);
    EXPECT_EQ(model::serialize(read.value()), model::serialize(made));
}

TEST(ReadBack, one_finding_by_itself_is_the_same) {
    const model::Report made = full_report();
    std::string text, again;
    append_finding_json(made.findings[0], text);
    const auto read = exchange::read_finding(text);
    ASSERT_TRUE(read.ok()) << read.error().to_string();
    append_finding_json(read.value(), again);
    EXPECT_EQ(again, text);
}

TEST(ReadBack, what_is_no_report_is_refused_with_its_place) {
    const std::string text = write(full_report(), Format::kJson, {});
    const auto replaced = [&](std::string_view part, std::string_view with) {
        std::string changed = text;
        const std::size_t at = changed.find(part);
        EXPECT_NE(at, std::string::npos) << part;
        return changed.replace(at, part.size(), with);
    };
    for (const std::string& bad :
         {replaced("merlon-report", "other"), replaced("\"version\": 1", "\"version\": 2"),
          replaced("\"severity\": \"low\"", "\"severity\": \"bad\""),
          replaced("\"complete\": false", "\"complete\": 0"),
          replaced("\"startLine\": 3", "\"startLine\": -3"),
          replaced("\"encrypted\",\n        \"path", "\"who-knows\",\n        \"path"),
          text.substr(0, text.size() / 2)}) {
        const auto read = exchange::read_report(bad);
        ASSERT_FALSE(read.ok());
        EXPECT_GT(read.error().line, 0u) << read.error().message;
    }
}

}  // namespace
}  // namespace merlon::report
