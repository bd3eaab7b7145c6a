#include "evidence/import.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <thread>

#include "evidence/filter_query.h"
#include "evidence/store_case.h"

namespace merlon::evidence {
namespace {

namespace fs = std::filesystem;

using ImportTest = StoreTest;

TEST_F(ImportTest, a_finding_keeps_its_number_when_lines_move) {
    EXPECT_EQ(take({{"r", "a.c", 3, "eval(x)"}, {"r", "b.c", 9, "eval(y)"}}).counts.fresh, 2u);
    const MergeCounts counts =
        take({{"r", "a.c", 13, "eval(x)"}, {"r", "b.c", 9, "eval(y)"}}).counts;
    EXPECT_EQ(counts.fresh, 0u);
    EXPECT_EQ(counts.known, 2u);
    EXPECT_EQ(counts.moved, 1u);
    EXPECT_EQ(list(""), (Lines{"2 b.c:9 present", "1 a.c:13 present"}));
    EXPECT_EQ(problems(), Lines());
}

TEST_F(ImportTest, the_same_document_twice_is_one_import) {
    const exchange::ReadReport made = report({{"r", "a.c", 3, "eval(x)"}});
    EXPECT_FALSE(take(made, "same").is_known);
    EXPECT_TRUE(take(made, "same").is_known);
    EXPECT_EQ(store_->info().value().events, 1);
    // After another one the same bytes are news: the state is that of before again.
    EXPECT_EQ(take(nothing()).counts.closed, 1u);
    const ImportedRun again = take(made, "same");
    EXPECT_FALSE(again.is_known);
    EXPECT_EQ(again.counts.reopened, 1u);
    EXPECT_EQ(store_->info().value().documents, 2);
    EXPECT_EQ(list("is:open"), (Lines{"1 a.c:3 present"}));
    EXPECT_EQ(problems(), Lines());
}

TEST_F(ImportTest, runs_of_one_stream_in_a_document_are_one_analysis) {
    const std::vector<exchange::ReadReport> runs = {report({{"r", "a.c", 3, "eval(x)"}}),
                                                    report(nothing()),
                                                    report({{"r", "b.c", 3, "eval(y)"}})};
    EXPECT_EQ(take(runs, "document").counts.found, 2u);
    EXPECT_EQ(ids("is:open"), "2 1");
    EXPECT_TRUE(take(runs, "document").is_known);
    EXPECT_EQ(take(report(nothing())).counts.closed, 2u);
}

TEST_F(ImportTest, one_run_that_failed_makes_all_of_its_stream_incomplete) {
    take({{"r", "a.c", 3, "eval(x)"}});
    std::vector<exchange::ReadReport> runs = {report(nothing()), report(nothing())};
    runs[0].report.analysis.complete = false;
    runs[0].report.analysis.incomplete_because = {"it failed"};
    EXPECT_FALSE(take(runs).is_complete);
    EXPECT_EQ(ids("is:open"), "1");
}

TEST_F(ImportTest, only_a_complete_run_closes) {
    take({{"r", "a.c", 3, "eval(x)"}});
    exchange::ReadReport broken = report({});
    broken.report.analysis.complete = false;
    broken.report.analysis.incomplete_because = {"scanner-failed"};
    const ImportedRun run = take(broken);
    EXPECT_EQ(run.counts.closed, 0u);
    EXPECT_EQ(run.counts.unknown, 1u);
    EXPECT_EQ(list("is:open"), (Lines{"1 a.c:3 unknown"}));
    EXPECT_EQ(take(nothing()).counts.closed, 1u);
    EXPECT_EQ(list("is:gone"), (Lines{"1 a.c:3 gone"}));
    EXPECT_EQ(list("is:open"), Lines());
    EXPECT_EQ(problems(), Lines());
}

TEST_F(ImportTest, the_first_run_of_another_configuration_closes_nothing) {
    take({{"r", "a.c", 3, "eval(x)"}, {"r", "b.c", 3, "eval(y)"}});
    exchange::ReadReport other = report({{"r", "b.c", 3, "eval(y)"}});
    other.report.analysis.configuration_digest = "sha256:1";
    EXPECT_EQ(take(other, "other").counts.unknown, 1u);
    EXPECT_EQ(list("is:unknown"), (Lines{"1 a.c:3 unknown"}));
    // The same run once more is no second one, and one that failed says nothing.
    EXPECT_TRUE(take(other, "other").is_known);
    other.report.analysis.complete = false;
    EXPECT_EQ(take(other).counts.closed, 0u);
    other.report.analysis.complete = true;
    EXPECT_EQ(take(other).counts.closed, 1u);
    EXPECT_EQ(list("is:open"), (Lines{"2 b.c:3 present"}));
    EXPECT_EQ(problems(), Lines());
}

TEST_F(ImportTest, what_another_configuration_left_unknown_is_closed_by_the_next_run_of_any) {
    const std::vector<Found> both{{"r", "a.c", 3, "eval(x)"}, {"r", "b.c", 3, "eval(y)"}};
    take(both);
    exchange::ReadReport other = report({both[1]});
    other.report.analysis.configuration_digest = "sha256:1";
    EXPECT_EQ(take(other).counts.unknown, 1u);
    EXPECT_EQ(take({both[1]}).counts.closed, 0u);
    EXPECT_EQ(take({both[1]}).counts.closed, 1u);
    EXPECT_EQ(list("is:gone"), (Lines{"1 a.c:3 gone"}));
    EXPECT_EQ(problems(), Lines());
}

TEST_F(ImportTest,
       who_says_that_a_run_was_complete_closes_what_another_configuration_left_unknown) {
    take({{"r", "a.c", 3, "eval(x)"}});
    exchange::ReadReport other = report({});
    other.report.analysis.configuration_digest = "sha256:1";
    EXPECT_EQ(take(other, "bytes").counts.unknown, 1u);
    // Of the very same document.
    now_.nanoseconds += days(1).nanoseconds;
    ImportRequest told = request("bytes");
    told.coverage = ImportRequest::Coverage::kComplete;
    EXPECT_EQ(import_reports(store_->database(), told, {other}).value()[0].counts.closed, 1u);
    EXPECT_TRUE(import_reports(store_->database(), told, {other}).value()[0].is_known);
    // And of another configuration still.
    take({{"r", "a.c", 3, "eval(x)"}});
    other.report.analysis.configuration_digest = "sha256:2";
    told = request("more bytes");
    told.coverage = ImportRequest::Coverage::kComplete;
    EXPECT_EQ(import_reports(store_->database(), told, {other}).value()[0].counts.closed, 1u);
    EXPECT_EQ(problems(), Lines());
}

TEST_F(ImportTest, what_an_earlier_run_saw_go_comes_back_in_its_file_alone) {
    const std::string line = "subprocess.call(request.args, shell=True)";
    take({{"r", "test/a.py", 1, line}});
    take(nothing());
    const MergeCounts elsewhere = take({{"r", "prod/b.py", 1, line}}).counts;
    EXPECT_EQ(elsewhere.fresh, 1u);
    EXPECT_EQ(elsewhere.maybe, 1u);
    EXPECT_EQ(elsewhere.reopened, 0u);
    take(nothing());
    EXPECT_EQ(take({{"r", "test/a.py", 1, line}}).counts.reopened, 1u);
    EXPECT_EQ(list("is:open"), (Lines{"1 test/a.py:1 present"}));
    // What goes in the very run in which the other one comes has moved.
    const MergeCounts moved = take({{"r", "test/c.py", 1, line}}).counts;
    EXPECT_EQ(moved.fresh, 0u);
    EXPECT_EQ(moved.moved, 1u);
    EXPECT_EQ(problems(), Lines());
}

TEST_F(ImportTest, nothing_moves_over_from_a_branch_that_this_one_never_was) {
    const std::string line = "subprocess.call(request.args, shell=True)";
    take(nothing());
    ref_ = "tools";
    take({{"r", "tools/dev.py", 1, line}});
    // Without Git: the first analysis of a branch may have renamed what it came from …
    ref_ = "rename";
    EXPECT_EQ(take({{"r", "tools/new.py", 1, line}}).counts.known, 1u);
    // … and a later one has what the branch had.
    ref_ = "main";
    EXPECT_EQ(take({{"r", "prod/api.py", 7, line}}).counts.fresh, 1u);
    EXPECT_EQ(take({{"r", "prod/new.py", 7, line}}).counts.moved, 1u);
    // What is in the same file is the same.
    EXPECT_EQ(take({{"r", "prod/new.py", 7, line}, {"r", "tools/dev.py", 3, line}}).counts.fresh,
              0u);
    EXPECT_EQ(problems(), Lines());
}

// That knows this of two commits, and notes what it was asked.
class CommonOrNot final : public CommitFiles {
  public:
    CommonOrNot(std::optional<bool> was_common, std::string& asked)
        : was_common_(was_common), asked_(asked) {}

    std::optional<bool> was_common(std::string_view now, std::string_view then,
                                   std::string_view path) override {
        asked_.append(now).append(" ").append(then).append(" ").append(path);
        return was_common_;
    }
    std::optional<bool> was_common(std::string_view /*now*/, std::string_view /*then*/,
                                   std::string_view /*path*/, std::uint32_t /*line*/,
                                   std::string_view /*code*/) override {
        return was_common_;
    }
    std::optional<bool> is_as_at_base(std::string_view /*now*/, std::string_view /*then*/,
                                      std::string_view /*path*/) override {
        return std::nullopt;
    }
    bool is_the_same(std::string_view /*now*/, std::string_view /*then*/,
                     std::string_view /*path*/) override {
        return true;
    }
    const LineChanges* changes(std::string_view /*now*/, std::string_view /*then*/,
                               std::string_view /*path_then*/, std::string_view /*path*/) override {
        return nullptr;
    }

  private:
    std::optional<bool> was_common_;
    std::string& asked_;
};

TEST_F(ImportTest, git_knows_what_another_branch_and_this_one_have_in_common) {
    const std::string line = "subprocess.call(request.args, shell=True)";
    std::string asked;
    const auto take_at = [&](const std::string& commit, const exchange::ReadReport& found,
                             std::optional<bool> was_common) {
        now_.nanoseconds += days(1).nanoseconds;
        const std::string bytes = "document of " + commit;
        ImportRequest made = request(bytes);
        made.revision = commit;
        CommonOrNot files(was_common, asked);
        made.files = &files;
        return import_reports(store_->database(), made, {found}).value()[0].counts;
    };
    ref_ = "tools";
    take_at("aaaaaaa", report({{"r", "tools/dev.py", 1, line}}), {});
    ref_ = "api";
    const MergeCounts other = take_at("bbbbbbb", report({{"r", "prod/api.py", 7, line}}), false);
    EXPECT_EQ(other.fresh, 1u);
    EXPECT_EQ(other.maybe, 0u);
    EXPECT_EQ(asked, "bbbbbbb aaaaaaa tools/dev.py");
    ref_ = "tools";
    take_at("ccccccc", report({{"r", "tools/dev.py", 1, line}, {"r", "lib/a.py", 1, line + ";"}}),
            {});
    ref_ = "api";
    EXPECT_EQ(take_at("ddddddd",
                      report({{"r", "prod/api.py", 7, line}, {"r", "b.py", 9, line + ";"}}), true)
                  .fresh,
              0u);
    // Where Git cannot tell it is as without.
    ref_ = "unknown";
    EXPECT_EQ(take_at("eeeeeee", report({{"r", "c.py", 1, line + ";"}}), {}).fresh, 0u);
    EXPECT_EQ(take_at("fffffff", report({{"r", "d.py", 1, line}}), {}).fresh, 1u);
    // Paths of a folder or of an image are not Git's.
    asked.clear();
    exchange::ReadReport image = report({{"r", "x.py", 1, line}});
    image.report.analysis.scope = {"registry.example/web"};
    take_at("0000000", image, true);
    EXPECT_EQ(asked, "");
    EXPECT_EQ(problems(), Lines());
}

TEST_F(ImportTest, another_tool_category_or_branch_closes_nothing) {
    take({{"r", "a.c", 3, "eval(x)"}});
    exchange::ReadReport other = report({});
    other.report.analysis.tool = "Other";
    EXPECT_EQ(take(other).counts.closed, 0u);
    other = report({});
    other.category = "nightly/";
    EXPECT_EQ(take(other).counts.closed, 0u);
    ref_ = "topic";
    EXPECT_EQ(take(nothing()).counts.closed, 0u);
    EXPECT_EQ(list("is:open"), (Lines{"1 a.c:3 present"}));
}

TEST_F(ImportTest, a_branch_has_the_findings_of_the_main_one_and_its_own) {
    take({{"r", "a.c", 3, "eval(x)"}});
    ref_ = "topic";
    const MergeCounts counts =
        take({{"r", "a.c", 8, "eval(x)"}, {"r", "b.c", 1, "eval(z)"}}).counts;
    EXPECT_EQ(counts.fresh, 1u);
    EXPECT_EQ(counts.known, 1u);
    // The main branch says where it shows itself.
    EXPECT_EQ(list("ref:main"), (Lines{"1 a.c:3 present"}));
    EXPECT_EQ(list("ref:topic"), (Lines{"2 b.c:1 present", "1 a.c:3 present"}));
    // Merged: the main branch knows it, and the branch's own view does not matter.
    ref_ = "main";
    EXPECT_EQ(take({{"r", "a.c", 8, "eval(x)"}, {"r", "b.c", 1, "eval(z)"}}).counts.fresh, 0u);
    EXPECT_EQ(list("ref:main"), (Lines{"2 b.c:1 present", "1 a.c:8 present"}));
    // Gone from the main branch, it is there in the other one.
    EXPECT_EQ(take(nothing()).counts.closed, 0u);
    EXPECT_EQ(list("ref:main"), Lines());
    ref_ = "topic";
    EXPECT_EQ(take(nothing()).counts.closed, 2u);
    EXPECT_EQ(problems(), Lines());
}

TEST_F(ImportTest, no_branch_hides_what_another_one_has) {
    const Found told{"r", "a.c", 3, "eval(x)"};
    Found silenced = told;
    silenced.suppressed_by = "comment";
    take(nothing());  // the repository's own branch is the first
    ref_ = "one";
    take({silenced});
    EXPECT_EQ(ids("is:open"), "");
    ref_ = "two";
    take({told});
    EXPECT_EQ(ids("is:open"), "1");
    ref_ = "three";
    take({silenced});
    EXPECT_EQ(ids("is:open"), "1");
    EXPECT_EQ(problems(), Lines());
    // What the repository's own branch says holds for all.
    ref_ = "main";
    take({silenced});
    EXPECT_EQ(ids("is:open"), "");
    ref_ = "two";
    take({told, {"r", "b.c", 3, "eval(y)"}});
    EXPECT_EQ(ids("is:open"), "2");
    EXPECT_EQ(problems(), Lines());
}

TEST_F(ImportTest, what_comes_back_has_its_number_and_its_history) {
    take({{"r", "a.c", 3, "eval(x)"}});
    take(nothing());
    const MergeCounts counts = take({{"r", "a.c", 3, "eval(x)"}}).counts;
    EXPECT_EQ(counts.reopened, 1u);
    EXPECT_EQ(counts.fresh, 0u);
    EXPECT_EQ(list("is:open"), (Lines{"1 a.c:3 present"}));
    const auto story = show_finding(store_->database(), 1, now_).value();
    ASSERT_TRUE(story.has_value());
    EXPECT_LT(story->presences[0].first_s, story->presences[0].since_s);
    // At another line, with nothing around that says so, it may be another one.
    take(nothing());
    EXPECT_EQ(take({{"r", "a.c", 7, "eval(x)"}}).counts.maybe, 1u);
    EXPECT_EQ(list("is:open"), (Lines{"2 a.c:7 present"}));
}

TEST_F(ImportTest, a_renamed_rule_keeps_its_findings) {
    take({{"old-name", "a.c", 3, "eval(x)"}});
    exchange::ReadReport made = report({{"new-name", "a.c", 3, "eval(x)"}});
    made.former_rules["new-name"] = {"old-name"};
    EXPECT_EQ(take(made).counts.fresh, 0u);
    EXPECT_EQ(list("rule:new-name"), (Lines{"1 a.c:3 present"}));
    EXPECT_EQ(list("rule:old-name"), Lines());
}

TEST_F(ImportTest, rules_that_one_was_split_into_are_none_of_it) {
    exchange::ReadReport made = report({{"x", "a.c", 3, "eval(x)"}});
    made.former_rules = {{"x", {"z"}}, {"y", {"z"}}};
    take(made);
    made = report({{"y", "a.c", 3, "eval(x)"}});
    made.former_rules = {{"x", {"z"}}, {"y", {"z"}}};
    EXPECT_EQ(take(made).counts.fresh, 1u);
    // Nor where each report names one of them only.
    take({{"old", "b.c", 3, "eval(y)"}});
    made = report({{"one", "b.c", 3, "eval(y)"}});
    made.former_rules = {{"one", {"old"}}};
    EXPECT_EQ(take(made).counts.fresh, 0u);
    made = report({{"two", "b.c", 3, "eval(y)"}});
    made.former_rules = {{"two", {"old"}}};
    EXPECT_EQ(take(made).counts.fresh, 1u);
    EXPECT_EQ(problems(), Lines());
}

TEST_F(ImportTest, a_rule_may_be_renamed_twice) {
    take({{"a", "a.c", 3, "eval(x)"}});
    exchange::ReadReport made = report({{"b", "a.c", 3, "eval(x)"}});
    made.former_rules["b"] = {"a"};
    EXPECT_EQ(take(made).counts.fresh, 0u);
    made = report({{"c", "a.c", 3, "eval(x)"}});
    made.former_rules["c"] = {"b"};
    EXPECT_EQ(take(made).counts.fresh, 0u);
    EXPECT_EQ(take({{"a", "a.c", 3, "eval(x)"}}).counts.fresh, 0u);
}

// A weakness of the package p, under all its ids.
Found weakness(const std::string& id) { return {id, "lock", 0, "", "", "pkg:deb/debian/p@1"}; }

TEST_F(ImportTest, two_weaknesses_of_one_advisory_are_two) {
    const auto take_weakness = [this](const std::string& id, const std::string& ids) {
        exchange::ReadReport made = report({weakness(id)});
        made.report.findings[0].properties["ids"] = ids;
        return take(made).counts.fresh;
    };
    EXPECT_EQ(take_weakness("CVE-2024-1", "CVE-2024-1 DSA-5-1"), 1u);
    EXPECT_EQ(take_weakness("CVE-2024-2", "CVE-2024-2 DSA-5-1"), 1u);
    // One that is about several has a name of its own.
    EXPECT_EQ(take_weakness("ALAS-1", "ALAS-1 CVE-2024-1 CVE-2024-2"), 1u);
    // The same weakness under another id.
    EXPECT_EQ(take_weakness("GHSA-7", "GHSA-7 CVE-2024-7"), 1u);
    EXPECT_EQ(take_weakness("CVE-2024-7", "CVE-2024-7"), 0u);
    EXPECT_EQ(problems(), Lines());
}

TEST_F(ImportTest, what_is_decided_about_a_cve_is_about_all_who_have_it_and_no_other) {
    exchange::ReadReport made =
        report({weakness("GHSA-1"), weakness("CVE-2024-1"), weakness("ALAS-1")});
    take(made);
    made.report.findings[0].properties["ids"] = "GHSA-1 CVE-2024-1";
    made.report.findings[2].properties["ids"] = "ALAS-1 CVE-2024-1 CVE-2024-2";
    take(made);
    const auto decided = decide({.rule = "CVE-2024-1"}, Verdict::kFalsePositive, 1);
    ASSERT_TRUE(decided.ok()) << decided.error().to_string();
    EXPECT_EQ(decided.value().findings, 2u);
    EXPECT_EQ(list("is:open").size(), 1u);
    EXPECT_EQ(list("rule:ALAS-1 is:open").size(), 1u);
    EXPECT_EQ(problems(), Lines());
}

TEST_F(ImportTest, what_took_the_place_of_an_equal_does_not_take_its_number) {
    const std::vector<Found> moved{
        {"r", "a.c", 20, "eval(x)"}, {"r", "a.c", 21, "eval(x)"}, {"r", "a.c", 22, "eval(x)"}};
    take({{"r", "a.c", 10, "eval(x)"}, {"r", "a.c", 11, "eval(x)"}, {"r", "a.c", 12, "eval(x)"}});
    EXPECT_EQ(take(moved).counts.fresh, 0u);
    EXPECT_EQ(list(""), (Lines{"3 a.c:22 present", "2 a.c:21 present", "1 a.c:20 present"}));
    // Once more: signatures and prints have followed.
    EXPECT_EQ(take(moved).counts.moved, 0u);
    EXPECT_EQ(problems(), Lines());
    // All by one line, or the first one gone and another one come: nobody knows.
    const MergeCounts counts =
        take(
            {{"r", "a.c", 21, "eval(x)"}, {"r", "a.c", 22, "eval(x)"}, {"r", "a.c", 23, "eval(x)"}})
            .counts;
    EXPECT_EQ(counts.fresh, 3u);
    EXPECT_EQ(counts.maybe, 3u);
    EXPECT_EQ(counts.closed, 3u);
    EXPECT_EQ(problems(), Lines());
}

TEST_F(ImportTest, what_a_tool_says_twice_is_one_finding) {
    const MergeCounts counts =
        take({{"r", "a.c", 3, "eval(x)"}, {"r", "a.c", 3, "eval(x)"}}).counts;
    EXPECT_EQ(counts.found, 1u);
    EXPECT_EQ(counts.repeats, 1u);
}

TEST_F(ImportTest, what_a_tool_suppresses_is_kept_and_not_open) {
    take({{"r", "a.c", 3, "eval(x)", "inline"}});
    EXPECT_EQ(list("is:open"), Lines());
    EXPECT_EQ(list("is:suppressed"), (Lines{"1 a.c:3 present"}));
    take({{"r", "a.c", 3, "eval(x)"}});
    EXPECT_EQ(list("is:open"), (Lines{"1 a.c:3 present"}));
    EXPECT_EQ(problems(), Lines());
}

TEST_F(ImportTest, filters_and_pages_find_what_they_name) {
    exchange::ReadReport made = report({{"sql", "src/db/a.c", 1, "one"},
                                        {"sql", "src/ui/b.c", 2, "two"},
                                        {"xss", "web/c.js", 3, "three"},
                                        {"xss", "web_c.js", 4, "four"}});
    made.report.findings[2].severity = model::Severity::kCritical;
    made.report.findings[3].severity = model::Severity::kLow;
    take(made);
    EXPECT_EQ(ids(""), "3 2 1 4");
    EXPECT_EQ(ids("sev:>=high"), "3 2 1");
    EXPECT_EQ(ids("sev:low,critical"), "3 4");
    EXPECT_EQ(ids("path:src/**"), "2 1");
    EXPECT_EQ(ids("path:src/*"), "");
    EXPECT_EQ(ids("path:src"), "2 1");
    EXPECT_EQ(ids("path:src/d*/a.c"), "1");
    EXPECT_EQ(ids("path:*/c.js"), "3");
    EXPECT_EQ(ids("path:web"), "3");
    EXPECT_EQ(ids("path:web_c.js"), "4");
    EXPECT_EQ(ids("-path:src"), "3 4");
    EXPECT_EQ(ids("rule:s*"), "2 1");
    EXPECT_EQ(ids("rule:xss"), "3 4");
    EXPECT_EQ(ids("rule:xss,sql -path:web"), "2 1 4");
    EXPECT_EQ(ids("rule:xs"), "");
    EXPECT_EQ(ids("tool:tool"), "3 2 1 4");
    EXPECT_EQ(ids("tool:to*,TOOL"), "3 2 1 4");
    EXPECT_EQ(ids("-tool:other repo:sh* ref:m*"), "3 2 1 4");
    for (const char* unknown : {"tool:other", "repo:nobody", "ref:tpoic", "tool:tool,other"})
        EXPECT_FALSE(
            filter_query(store_->database(), parse_filter(unknown).value(), Timestamp{}).ok())
            << unknown;
    EXPECT_EQ(ids("repo:shop ref:main"), "3 2 1 4");
    EXPECT_EQ(ids("owner:none"), "3 2 1 4");
    EXPECT_EQ(ids("age:>1d"), "");
    EXPECT_EQ(ids("age:<=1d"), "3 2 1 4");
    EXPECT_EQ(ids("SQL"), "2 1");
    EXPECT_EQ(ids("ui/"), "2");
    EXPECT_EQ(ids("id:1,3"), "3 1");

    // Page by page: through risks, from between them, and where an index has few.
    for (const std::string_view filter :
         {"", "is:open", "sev:>=high", "sev:low,critical", "path:src", "path:src/**", "-path:web",
          "rule:xss", "id:1,3", "repo:shop sev:high", "about sev:>=high"}) {
        std::string all, after;
        std::int64_t count = 0;
        do {
            const auto page = list_findings(
                store_->database(),
                {.filter = parse_filter(filter).value(), .now = now_, .limit = 1, .after = after});
            ASSERT_TRUE(page.ok()) << page.error().to_string();
            ASSERT_EQ(page.value().rows.size(), 1U) << filter;
            all += (all.empty() ? "" : " ") + std::to_string(page.value().rows.front().id);
            count = page.value().count;
            after = page.value().next;
        } while (!after.empty());
        EXPECT_EQ(all, ids(filter)) << filter;
        EXPECT_EQ(count, std::ranges::count(all, ' ') + 1) << filter;
    }
    const auto behind_all = list_findings(
        store_->database(),
        {.filter = parse_filter("sev:critical").value(), .now = now_, .limit = 3, .after = "1-1"});
    ASSERT_TRUE(behind_all.ok());
    EXPECT_TRUE(behind_all.value().rows.empty());
    EXPECT_FALSE(
        list_findings(store_->database(), {.filter = {}, .now = now_, .limit = 3, .after = "x"})
            .ok());
}

TEST_F(ImportTest, a_rule_is_found_by_the_name_that_a_finding_has_and_of_every_tool) {
    take({{"old", "a.c", 1, "one"}});
    exchange::ReadReport renamed = report({{"new", "b.c", 2, "two"}});
    renamed.former_rules["new"] = {"old"};
    renamed.report.analysis.tool = "Other";
    take(renamed);
    exchange::ReadReport third = report({{"new", "c.c", 3, "three"}});
    third.report.analysis.tool = "Third";
    take(third);
    EXPECT_EQ(ids("rule:old"), "1");
    EXPECT_EQ(ids("rule:new"), "3 2");
    EXPECT_EQ(ids("rule:new,old"), "3 2 1");
    EXPECT_EQ(ids("-rule:new"), "1");
}

TEST_F(ImportTest, what_is_changed_behind_its_back_is_found) {
    take({{"r", "a.c", 3, "eval(x)"}});
    take({{"r", "a.c", 4, "eval(x)"}});
    EXPECT_EQ(problems(), Lines());
    Database& database = store_->database();
    ASSERT_TRUE(
        database.run("UPDATE event SET body = replace(body, 'shop', 'shed') WHERE seq = 1").ok());
    ASSERT_TRUE(database.run("UPDATE counter SET n = n + 1").ok());
    const std::string other(32, 'x');
    ASSERT_TRUE(database.run("UPDATE document SET digest = $1 WHERE id = 1", {Bytes{other}}).ok());
    // And the document of an event and analysis is gone, and the repository that the event names.
    EXPECT_EQ(problems().size(), 6u);
    ASSERT_TRUE(database.run("DELETE FROM event WHERE seq = 1").ok());
    EXPECT_EQ(problems().size(), 3u);
    if (!is_on_server()) return;  // the file itself refuses what comes now
    ASSERT_TRUE(database.run("DELETE FROM path").ok());
    // Of findings, and of presences; what was found has no place, nor words of one.
    EXPECT_EQ(problems().size(), 7u);
}

TEST_F(ImportTest, one_that_is_interrupted_leaves_nothing) {
    take({{"r", "a.c", 3, "eval(x)"}});
    CancelToken cancel;
    cancel.cancel();
    ImportRequest asked = request("another document");
    asked.cancel = &cancel;
    const auto runs =
        import_reports(store_->database(), asked, {report({{"r", "b.c", 1, "exec(y)"}})});
    ASSERT_FALSE(runs.ok());
    EXPECT_NE(runs.error().message.find("interrupted"), std::string::npos);
    EXPECT_EQ(list(""), Lines{"1 a.c:3 present"});
    EXPECT_EQ(problems(), Lines());
    take({{"r", "b.c", 1, "exec(y)"}});
}

TEST_F(ImportTest, a_clock_that_goes_back_keeps_the_order_of_what_was_done) {
    take({{"r", "a.c", 3, "eval(x)"}});
    ASSERT_TRUE(decide({.finding = 1}, Verdict::kAccepted, 30).ok());
    now_.nanoseconds -= days(400).nanoseconds;
    EXPECT_EQ(take(nothing()).counts.closed, 1u);
    ASSERT_TRUE(decide({.finding = 1}, Verdict::kFalsePositive, 30).ok());
    const auto decisions = decisions_of(store_->database(), 1, now_);
    ASSERT_TRUE(decisions.ok());
    ASSERT_EQ(decisions.value().size(), 2u);
    EXPECT_EQ(decisions.value()[0].verdict, Verdict::kFalsePositive);  // the later deed
    EXPECT_EQ(decisions.value()[0].state, DecisionState::kStands);
    EXPECT_EQ(decisions.value()[1].state, DecisionState::kSuperseded);
    EXPECT_EQ(problems(), Lines());
    now_.nanoseconds += days(800).nanoseconds;
    take({{"r", "a.c", 3, "eval(x)"}});
    EXPECT_EQ(ids("is:open"), "1");  // both have ended
    EXPECT_EQ(problems(), Lines());
}

TEST_F(ImportTest, a_place_that_looks_like_a_flag_is_refused) {
    const auto opened = Store::open({.place = "--store", .access = Access::kWrite, .command = "x"});
    ASSERT_FALSE(opened.ok());
    EXPECT_NE(opened.error().message.find("./--store"), std::string::npos);
}

TEST_F(ImportTest, a_backup_is_a_store_and_replaces_nothing) {
    take({{"r", "a.c", 3, "eval(x)"}});
    const std::string copy = folder_ + "/copy.db";
    if (is_on_server()) {
        EXPECT_FALSE(store_->database().back_up(copy).ok());
        return;
    }
    ASSERT_TRUE(store_->database().back_up(copy).ok());
    EXPECT_FALSE(store_->database().back_up(copy).ok());
    EXPECT_FALSE(restore_sqlite(copy, path()).ok());
    take(nothing());
    store_.reset();
    fs::remove(path());
    fs::remove(path() + "-wal");
    fs::remove(path() + "-shm");
    ASSERT_TRUE(restore_sqlite(copy, path()).ok());
    open();
    EXPECT_EQ(list("is:open"), (Lines{"1 a.c:3 present"}));
    EXPECT_EQ(fs::status(path()).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(ImportTest, a_second_writer_is_told_who_is_first) {
    Transaction held = std::move(Transaction::begin(store_->database())).value();
    const auto other = second(40);
    ASSERT_TRUE(other.ok());
    const Status begun = other.value()->begin();
    ASSERT_FALSE(begun.ok());
    EXPECT_NE(begun.error().message.find("(test)"), std::string::npos) << begun.error().message;
}

TEST_F(ImportTest, a_store_of_a_newer_program_is_refused) {
    ASSERT_TRUE(store_->database().run("UPDATE meta SET value = '99' WHERE name = 'schema'").ok());
    for (const Access access : {Access::kRead, Access::kWrite}) {
        const auto opened = Store::open({.place = path(), .access = access, .command = "x"});
        ASSERT_FALSE(opened.ok());
        EXPECT_NE(opened.error().message.find("newer"), std::string::npos);
    }
}

TEST(NetworkFileSystem, is_told_by_its_number) {
    EXPECT_EQ(network_file_system(0x6969), "NFS");
    EXPECT_EQ(network_file_system(0xFF534D42), "CIFS");
    EXPECT_EQ(network_file_system(0xEF53), "");  // ext4
}

TEST(RepositoryName, is_one_for_all_ways_there) {
    for (const char* address :
         {"https://github.com/acme/shop.git", "https://user:word@github.com/acme/shop/",
          "git@github.com:acme/shop.git", "ssh://git@github.com/acme/shop",
          "https://GitHub.com/Acme/Shop"})
        EXPECT_EQ(repository_name(address), "github.com/acme/shop") << address;
    EXPECT_EQ(repository_name("https://Git.Example.org/Acme/Shop"), "git.example.org/Acme/Shop");
    EXPECT_EQ(repository_name("Acme/Shop"), "Acme/Shop");
}

TEST_F(ImportTest, a_report_that_was_made_before_the_last_one_closes_nothing) {
    const auto made_at = [&](const std::vector<Found>& found, std::int64_t day) {
        exchange::ReadReport read = report(found);
        read.ended = Timestamp{days(static_cast<int>(day)).nanoseconds};
        return take(read);
    };
    made_at({{"r", "a.c", 3, "eval(x)"}}, 20);
    const ImportedRun older = made_at({}, 10);
    EXPECT_FALSE(older.is_complete);
    EXPECT_EQ(older.incomplete_because, "older-report");
    EXPECT_EQ(older.counts.closed, 0u);
    EXPECT_EQ(list("is:open"), Lines{"1 a.c:3 unknown"});
    EXPECT_EQ(problems(), Lines());
    EXPECT_EQ(made_at({}, 21).counts.closed, 1u);
    EXPECT_EQ(problems(), Lines());
    // A report that does not tell is as new as it is.
    take({{"r", "a.c", 3, "eval(x)"}});
    EXPECT_EQ(take(nothing()).counts.closed, 1u);
}

TEST_F(ImportTest, a_clock_that_is_ahead_makes_nothing_old) {
    exchange::ReadReport read = report({{"r", "a.c", 3, "eval(x)"}});
    read.ended = Timestamp{now_.nanoseconds + days(900).nanoseconds};
    take(read);
    exchange::ReadReport next = report({});
    next.ended = Timestamp{now_.nanoseconds + days(1).nanoseconds};
    EXPECT_EQ(take(next).counts.closed, 1u);
}

TEST_F(ImportTest, on_whose_word_a_run_is_complete_is_kept) {
    exchange::ReadReport read = report({{"r", "a.c", 3, "eval(x)"}});
    read.is_coverage_assumed = true;
    EXPECT_TRUE(take(read, "one").is_assumed);
    EXPECT_TRUE(take(read, "one").is_known);
    // The same document, and now somebody says so.
    ImportRequest told = request("one");
    told.coverage = ImportRequest::Coverage::kComplete;
    const auto again = import_reports(store_->database(), told, {read});
    ASSERT_TRUE(again.ok()) << again.error().to_string();
    EXPECT_FALSE(again.value()[0].is_known);
    EXPECT_FALSE(again.value()[0].is_assumed);
    EXPECT_EQ(problems(), Lines());
}

// What a tool says there of its version or the branch has nothing to do with the finding.
TEST_F(ImportTest, a_fingerprint_of_everything_moves_nothing) {
    const auto with = [](const std::vector<Found>& found, const std::string& name) {
        exchange::ReadReport read = report(found);
        for (model::Finding& finding : read.report.findings)
            finding.fingerprints.push_back({name, "v1.185.0-beta"});
        return read;
    };
    take(with({{"r", "a.c", 3, "execute(one_of_many_statements, x)"}}, "toolVersion"));
    EXPECT_EQ(
        take(with({{"r", "b.c", 77, "run(quite_another_thing, yy)"}}, "toolVersion")).counts.fresh,
        1u);
    // In one file, where two of one report have it.
    ref_ = "other";
    take(with({{"q", "a.c", 3, "first(of_the_two_lines, here)"},
               {"q", "a.c", 9, "second(of_the_two_lines, here)"}},
              "toolVersion"));
    const ImportedRun next = take(with({{"q", "a.c", 30, "third(of_the_two_lines, here)"},
                                        {"q", "a.c", 40, "fourth(of_the_two_lines, here)"}},
                                       "toolVersion"));
    EXPECT_EQ(next.counts.fresh, 2u);
    EXPECT_EQ(problems(), Lines());
}

// One that gives no row for long hears it as well.
TEST_F(ImportTest, a_statement_that_takes_long_is_stopped) {
    CancelToken cancel;
    Database& database = store_->database();
    database.stop_by(&cancel);
    std::thread user([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        cancel.cancel();
    });
    const Result<std::int64_t> counted = database.number(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT count(*) FROM n", {},
        0);
    user.join();
    ASSERT_FALSE(counted.ok());
    EXPECT_EQ(counted.error().message, interrupted().message);
    database.stop_by(nullptr);
    EXPECT_EQ(take({{"r", "a.c", 3, "eval(x)"}}).counts.fresh, 1u);
}

TEST_F(ImportTest, who_waits_for_another_writer_is_stopped) {
    CancelToken cancel;
    auto other = second(60'000).value();
    other->stop_by(&cancel);
    const Transaction first = Transaction::begin(store_->database()).value();
    std::thread user([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        cancel.cancel();
    });
    const auto begun = Transaction::begin(*other);
    user.join();
    ASSERT_FALSE(begun.ok());
    EXPECT_EQ(begun.error().message, interrupted().message);
}

TEST_F(ImportTest, a_secret_of_whose_value_nothing_is_said_never_moves) {
    const auto secret_at = [&](std::uint32_t line) {
        exchange::ReadReport read = report({{"token", "a.c", line, "key = ***"}});
        read.report.findings[0].secret = "ab********";
        return take(read);
    };
    EXPECT_EQ(secret_at(5).by_place_only, 1u);
    const ImportedRun moved = secret_at(90);
    EXPECT_EQ(moved.counts.fresh, 1u);
    EXPECT_EQ(moved.counts.closed, 1u);
    EXPECT_EQ(moved.counts.maybe, 0u);
    EXPECT_EQ(moved.by_place_only, 1u);
}

// Long enough to be told in any file.
constexpr const char* kQuery = "database.execute(first + second + third)";

TEST_F(ImportTest, nothing_moves_from_where_nobody_has_looked) {
    take({{"r", "a.c", 3, kQuery}});
    exchange::ReadReport read = report({{"r", "b.c", 9, kQuery}});
    read.looked_at = {"b.c"};
    const MergeCounts counts = take(read).counts;
    EXPECT_EQ(counts.fresh, 1u);
    EXPECT_EQ(counts.unknown, 1u);
    EXPECT_EQ(list("is:open"), (Lines{"2 b.c:9 present", "1 a.c:3 unknown"}));
    exchange::ReadReport failed = report({{"r", "c.c", 9, kQuery}});
    failed.report.analysis.complete = false;
    failed.report.analysis.incomplete_because = {"scanner-failed"};
    EXPECT_EQ(take(failed).counts.fresh, 1u);
    // Nor from another branch.
    ref_ = "topic";
    exchange::ReadReport changed = report({{"r", "d.c", 9, kQuery}});
    changed.looked_at = {"d.c"};
    EXPECT_EQ(take(changed).counts.fresh, 1u);
    EXPECT_EQ(problems(), Lines());
}

TEST_F(ImportTest, what_moved_was_looked_for_where_it_was) {
    take({{"r", "a.c", 3, kQuery}});
    exchange::ReadReport read = report({{"r", "b.c", 9, kQuery}});
    read.looked_at = {"a.c", "b.c"};
    EXPECT_EQ(take(read).counts.moved, 1u);
    EXPECT_EQ(problems(), Lines());
}

TEST_F(ImportTest, nothing_moves_into_another_category) {
    const auto of = [&](const char* category, const std::vector<Found>& found) {
        exchange::ReadReport read = report(found);
        read.category = category;
        return take(read).counts;
    };
    of("a", {{"r", "a/lab.c", 3, kQuery}});
    of("b", {});
    ref_ = "topic";  // and in the other order
    EXPECT_EQ(of("b", {{"r", "b/pay.c", 7, kQuery}}).fresh, 1u);
    EXPECT_EQ(of("a", {{"r", "a/lab.c", 3, kQuery}}).known, 1u);
    EXPECT_EQ(list("ref:topic"), (Lines{"2 b/pay.c:7 present", "1 a/lab.c:3 present"}));
    EXPECT_EQ(problems(), Lines());
}

TEST_F(ImportTest, what_was_not_looked_at_is_not_gone) {
    const std::vector<Found> all = {{"r", "src/a.c", 3, "one"}, {"r", "src/b.c", 3, "two"}};
    auto read = report(all);
    read.looked_at = {"src/a.c", "src/b.c"};
    take(read);
    read = report({});
    read.looked_at = {"docs/x.c"};
    EXPECT_EQ(take(read).counts.unknown, 2u);
    EXPECT_EQ(ids("is:open"), "2 1");
    read.looked_at = {"src/a.c"};
    EXPECT_EQ(take(read).counts.closed, 1u);
    EXPECT_EQ(list("is:open"), Lines{"2 src/b.c:3 unknown"});
    EXPECT_EQ(problems(), Lines{});
}

TEST_F(ImportTest, what_no_rule_has_looked_for_is_not_gone) {
    auto read = report({{"a", "a.c", 3, "one"}, {"b", "a.c", 9, "two"}});
    read.lists_rules = true;
    take(read);
    read = report({});
    read.lists_rules = true;
    read.report.rules.emplace_back().id = "b";
    const ImportedRun run = take(read);
    EXPECT_EQ(run.counts.closed, 1u);
    EXPECT_EQ(run.counts.unknown, 1u);
    EXPECT_EQ(list("is:open"), Lines{"1 a.c:3 unknown"});
}

TEST_F(ImportTest, what_a_rule_that_was_off_has_found_is_not_gone) {
    take({{"a", "a.c", 3, "one"}, {"b", "a.c", 9, "two"}});
    for (int run = 0; run < 3; ++run) {
        auto read = report({});
        read.report.rules.emplace_back().id = "a";
        read.rules_off = {"a"};
        read.report.analysis.configuration_digest = "sha256:a-is-off";
        take(read);
    }
    EXPECT_EQ(list("is:open"), Lines{"1 a.c:3 unknown"}) << "however often";
    auto read = report({});
    read.rules_off = {"c"};
    read.former_rules["c"] = {"a"};
    take(read);
    EXPECT_EQ(take(read).counts.closed, 0u) << "it is called otherwise now";
    EXPECT_EQ(take(report({})).counts.closed, 1u);
}

TEST_F(ImportTest, what_was_left_out_on_purpose_is_not_gone) {
    take({{"one", "web.yaml", 3, "a"}, {"two", "web.yaml", 4, "b"}});
    exchange::ReadReport next = report({});
    next.passed_over.push_back({"web.yaml", "one"});
    const ImportedRun run = take(next);
    EXPECT_EQ(run.counts.unknown, 1U);
    EXPECT_EQ(run.counts.closed, 1U);
    EXPECT_EQ(list("is:open"), std::vector<std::string>{"1 web.yaml:3 unknown"});
}

TEST_F(ImportTest, what_stands_outside_of_the_folder_that_a_report_names_is_not_gone) {
    take({{"one", "/w/a/x.lock", 3, "a"}, {"two", "/w/b/x.lock", 4, "b"}});
    exchange::ReadReport next = report({});
    next.looked_below = "/w/b";
    EXPECT_EQ(take(next).counts.closed, 1U);
    EXPECT_EQ(list("is:open"), std::vector<std::string>{"1 /w/a/x.lock:3 unknown"});
}

TEST_F(ImportTest, the_main_branch_shows_findings_whatever_was_imported_first) {
    const auto with = [](model::Severity severity) {
        exchange::ReadReport made = report({{"r", "a.c", 3, "eval(x)"}});
        made.report.findings[0].severity = severity;
        return made;
    };
    ref_ = "topic";
    take(with(model::Severity::kLow));
    ref_ = "main";
    take(with(model::Severity::kCritical));
    EXPECT_EQ(ids("sev:critical"), "1");
    ref_ = "topic";
    take(with(model::Severity::kInfo));
    ref_ = "develop";
    take(with(model::Severity::kLow));
    EXPECT_EQ(ids("sev:critical"), "1");
    EXPECT_EQ(problems(), std::vector<std::string>());
}

TEST_F(ImportTest, a_branch_is_one_under_both_of_its_names) {
    ref_ = "main";
    take({{"one", "a.c", 3, "a"}});
    ref_ = "refs/heads/main";
    const ImportedRun run = take(nothing());
    EXPECT_EQ(run.ref, "main");
    EXPECT_EQ(list("ref:refs/heads/main is:closed").size(), list("ref:main is:closed").size());
    EXPECT_EQ(run.counts.closed, 1U);
    EXPECT_EQ(list("is:open"), std::vector<std::string>());
    ref_ = "refs/heads/next";
    EXPECT_EQ(take({{"one", "a.c", 3, "a"}}).ref, "refs/heads/next");
    ref_ = "next";
    EXPECT_EQ(take(nothing()).ref, "refs/heads/next");
    EXPECT_EQ(problems(), std::vector<std::string>());
}

TEST_F(ImportTest, another_artifact_in_the_same_repository_closes_nothing) {
    auto read = report({{"r", "web", 0, "", {}, "pkg:deb/zlib@1"}});
    read.report.analysis.scope = {"registry/web"};
    take(read);
    // The same weakness elsewhere is another finding, where the first may still be.
    read = report({{"r", "api", 0, "", {}, "pkg:deb/zlib@1"}});
    read.report.analysis.scope = {"registry/api"};
    EXPECT_EQ(take(read).counts.fresh, 1u);
    EXPECT_EQ(ids("is:open"), "2 1");
    read = report({});
    read.report.analysis.scope = {"registry/web"};
    EXPECT_EQ(take(read).counts.closed, 1u);
    EXPECT_EQ(ids("is:open"), "2");
    // Under its own name it is all that there is.
    read.report.analysis.scope = {"shop"};
    EXPECT_EQ(take(read).below, "");
}

TEST_F(ImportTest, of_two_versions_in_a_file_each_stays_itself) {
    const Found one{"r", "lock", 0, "", {}, "pkg:npm/a@1"};
    const Found two{"r", "lock", 0, "", {}, "pkg:npm/a@2"};
    take({two});
    ImportedRun run = take({one, two});
    EXPECT_EQ(run.counts.fresh, 1u);
    run = take({two});
    EXPECT_EQ(run.counts.fresh, 0u);
    EXPECT_EQ(run.counts.closed, 1u);
    EXPECT_EQ(ids("is:open"), "1");
    // Another version alone is the same package, later.
    run = take({{"r", "lock", 0, "", {}, "pkg:npm/a@3"}});
    EXPECT_EQ(ids("is:open"), "1");
    // In another lock file another version is another program's.
    run = take({{"r", "other/lock", 0, "", {}, "pkg:npm/a@7"}});
    EXPECT_EQ(run.counts.fresh, 1u);
}

}  // namespace
}  // namespace merlon::evidence
