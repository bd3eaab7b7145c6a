#include "evidence/groups.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "evidence/store_case.h"

namespace merlon::evidence {
namespace {

class GroupsTest : public StoreTest {
  protected:
    // A report of that tool; `cwe` is what its rules look for.
    void take_of(const std::string& tool, const std::vector<Found>& found,
                 const std::string& cwe = {}, const std::string& ids = {}) {
        exchange::ReadReport made = report(found);
        made.report.analysis.tool = tool;
        for (model::Finding& finding : made.report.findings) {
            if (!ids.empty()) finding.properties["ids"] = ids;
            model::Rule& rule = made.report.rules.emplace_back();
            rule.id = finding.rule_id;
            rule.cwe = cwe;
        }
        take(made);
    }

    // "1 2|3"
    std::string groups(std::string_view filter = "is:present") {
        const auto made = group_findings(
            store_->database(),
            {.filter = parse_filter(filter).value(), .now = now_, .limit = 1, .after = {}});
        EXPECT_TRUE(made.ok()) << made.error().to_string();
        std::vector<std::vector<std::int64_t>> all;
        for (const FindingGroup& group : made.value()) {
            std::vector<std::int64_t>& one = all.emplace_back();
            for (const FindingRow& row : group.findings) one.push_back(row.id);
            std::ranges::sort(one);
        }
        std::ranges::sort(all);
        std::string text;
        for (const auto& group : all) {
            if (!text.empty()) text += "|";
            for (std::size_t i = 0; i < group.size(); ++i)
                text += (i > 0 ? " " : "") + std::to_string(group[i]);
        }
        return text;
    }
};

TEST_F(GroupsTest, one_advisory_of_one_package_in_one_version_is_one_group) {
    take_of("A", {{"CVE-1", "lock", 0, "", "", "pkg:npm/p@1"}}, "", "CVE-1 GHSA-1");
    take_of("B", {{"GHSA-1", "other", 0, "", "", "pkg:npm/p@1"}});
    take_of("C", {{"CVE-1", "lock", 0, "", "", "pkg:npm/p@2"}});
    take_of("D", {{"CVE-1", "lock", 0, "", "", "pkg:npm/q@1"}});
    EXPECT_EQ(groups(), "1 2|3|4");
    EXPECT_EQ(group_of(store_->database(), 2).value(), (std::vector<std::int64_t>{1, 2}));
    EXPECT_EQ(group_of(store_->database(), 3).value(), (std::vector<std::int64_t>{3}));
    EXPECT_FALSE(group_of(store_->database(), 99).ok());
    const auto count = count_groups(
        store_->database(),
        {.filter = parse_filter("is:open").value(), .now = now_, .limit = 1, .after = {}});
    ASSERT_TRUE(count.ok() && count.value());
    EXPECT_EQ(count.value()->findings, 4U);
    EXPECT_EQ(count.value()->groups, 3U);
    // What is gone is in no group.
    take_of("B", {});
    EXPECT_EQ(group_of(store_->database(), 1).value(), (std::vector<std::int64_t>{1}));
    EXPECT_EQ(problems(), Lines());
}

TEST_F(GroupsTest, one_weakness_in_one_line_is_one_group) {
    take_of("A", {{"xss", "a.c", 3, "x = 1;"}, {"xss", "b.c", 3, "y = 1;"}}, "CWE-79");
    take_of("B", {{"js/xss", "a.c", 3, "x = 1;"}, {"js/xss", "b.c", 4, "z = 1;"}}, "CWE-79");
    take_of("C", {{"sql", "a.c", 3, "x = 1;"}}, "CWE-89");
    take_of("D", {{"any", "a.c", 3, "x = 1;"}});
    EXPECT_EQ(groups(), "1 3|2|4|5|6");
}

TEST_F(GroupsTest, one_secret_in_several_places_is_one_group) {
    exchange::ReadReport made =
        report({{"token", "a.env", 1, "T=a"}, {"token", "b.env", 2, "U=b"}});
    for (model::Finding& finding : made.report.findings) finding.secret_id = std::string(64, 'a');
    take(made);
    EXPECT_EQ(groups(), "1 2");
    EXPECT_EQ(group_of(store_->database(), 1).value(), (std::vector<std::int64_t>{1, 2}));
}

}  // namespace
}  // namespace merlon::evidence
