#include "evidence/word_index.h"

#include <gtest/gtest.h>

#include <utility>

#include "evidence/store_case.h"
#include "evidence/word_place.h"

namespace merlon::evidence {
namespace {

class WordIndexTest : public StoreTest {
  protected:
    static Found at(std::string rule, std::string path, std::uint32_t line) {
        return {std::move(rule), std::move(path), line, "content of line " + std::to_string(line)};
    }
};

TEST_F(WordIndexTest, finds_by_the_beginnings_of_words_in_title_rule_and_path) {
    exchange::ReadReport made = report({at("sql-injection", "a/shop/Cart.py", 1),
                                        at("hardcodedPassword", "lib/login_form.js", 2)});
    made.report.findings[1].message = "A %_ sign of the USER";
    take(made);
    EXPECT_EQ(ids("sql"), "1");
    EXPECT_EQ(ids("INJ about"), "1");
    EXPECT_EQ(ids("njection"), "");
    EXPECT_EQ(ids("password form"), "2");
    EXPECT_EQ(ids("a/shop/cart"), "1");
    EXPECT_EQ(ids("shop/a"), "");
    EXPECT_EQ(ids("\"sign of the user\""), "2");
    EXPECT_EQ(ids("\"sign the user\""), "");
    EXPECT_EQ(ids("%_"), "2");
    EXPECT_EQ(ids("-sql"), "2");
    EXPECT_EQ(ids("-\"sign of\" -nothing"), "1");
    EXPECT_EQ(ids("content"), "");
    EXPECT_TRUE(problems().empty());
}

TEST_F(WordIndexTest, finds_by_the_other_names_of_a_rule) {
    exchange::ReadReport made = report({at("new-name", "a.c", 1), at("other", "b.c", 2)});
    made.former_rules["new-name"] = {"CVE-2024-1"};
    take(made);
    EXPECT_EQ(ids("cve-2024-1"), "1");
    EXPECT_EQ(ids("cve-2024-1 about"), "1");
    EXPECT_EQ(ids("cve-2024-1 b.c"), "");
    EXPECT_EQ(ids("-cve-2024-1"), "2");
}

TEST_F(WordIndexTest, knows_what_changed) {
    const std::string content = "the_same_content_of_a_line(wherever, it, stands)";
    take({{"rule", "old/a.c", 1, content}});
    take({{"rule", "old/a.c", 9, content}});
    EXPECT_EQ(ids("old"), "1");
    take({{"rule", "fresh/b.c", 9, content}});
    EXPECT_EQ(ids("old"), "");
    EXPECT_EQ(ids("fresh"), "1");
    EXPECT_TRUE(problems().empty());
}

TEST_F(WordIndexTest, is_made_for_a_store_that_had_none) {
    take({at("rule", "other/b.c", 1), at("rule", "some/a.c", 1)});
    EXPECT_EQ(ids("some"), "2");
    Database& database = store_->database();
    ASSERT_TRUE(database.define("DROP TABLE finding_text; {words of findings}").ok());
    EXPECT_EQ(ids("some"), "");
    auto transaction = Transaction::begin(database);
    ASSERT_TRUE(transaction.ok());
    ASSERT_TRUE(index_all_words(database).ok());
    ASSERT_TRUE(transaction.value().commit().ok());
    EXPECT_EQ(ids("some"), "2");
    EXPECT_TRUE(problems().empty());
}

TEST_F(WordIndexTest, is_checked_against_the_findings) {
    take({at("rule", "some/a.c", 1)});
    const std::int64_t risk = store_->database().number("SELECT risk FROM finding", {}, 0).value();
    ASSERT_TRUE(remove_words(store_->database(), {{1, "about rule some a c", risk}}).ok());
    EXPECT_EQ(problems(), Lines{"the index of words does not have the words of the findings: "
                                "searches miss some"});
}

TEST_F(WordIndexTest, finds_what_very_many_have) {
    std::vector<Found> all;
    for (std::uint32_t i = 1; i <= 11'000; ++i)
        all.push_back(at(i % 20 == 0 ? "rare" : "often", "a.c", i));
    exchange::ReadReport made = report(all);
    for (model::Finding& finding : made.report.findings)
        finding.severity =
            finding.rule_id == "rare" ? model::Severity::kLow : model::Severity::kCritical;
    for (std::size_t i = 0; i < 20; ++i)
        made.report.findings[i].message += " kind" + std::to_string(i);
    take(made);
    const auto page = [&](std::string_view filter, std::string after = {}) {
        return list_findings(store_->database(), {.filter = parse_filter(filter).value(),
                                                  .now = now_,
                                                  .limit = 40,
                                                  .after = std::move(after)})
            .value();
    };
    const Page everything = page("about");
    EXPECT_EQ(everything.count, kCountBound);
    EXPECT_FALSE(everything.is_count_exact);
    ASSERT_EQ(everything.rows.size(), 40U);
    EXPECT_EQ(everything.rows.front().severity, model::Severity::kCritical);
    const Page next = page("about", everything.next);
    ASSERT_EQ(next.rows.size(), 40U);
    EXPECT_LT(next.rows.front().id, everything.rows.back().id);
    // Those are at the far end of the order.
    EXPECT_EQ(page("about sev:low").count, 550);
    EXPECT_EQ(page("about sev:low").rows.size(), 40U);
    const Page far = page("about -often");
    EXPECT_EQ(far.count, 550);
    EXPECT_EQ(far.rows.front().rule, "rare");
    EXPECT_EQ(page("about is:open").rows.front().id, everything.rows.front().id);
    // By all words that begin so, of which there are few, and many.
    EXPECT_EQ(page("ab").rows.front().id, everything.rows.front().id);
    EXPECT_EQ(page("a").rows.front().id, everything.rows.front().id);
    EXPECT_EQ(page("kin").count, 20);
    EXPECT_EQ(page("kin abo").rows.size(), 20U);
    EXPECT_EQ(page("rar").count, 550);
    EXPECT_TRUE(page("rar").is_count_exact);
    EXPECT_EQ(page("ofte rar").count, 0);
    // Through all of what is far along the order, and to its end.
    std::size_t rows = 0;
    std::string after;
    do {
        const Page one = page("about sev:low", after);
        rows += one.rows.size();
        after = one.next;
    } while (!after.empty());
    EXPECT_EQ(rows, 550U);
    EXPECT_EQ(page("about rare kin", everything.next).rows.size(), 1U);
}

TEST_F(WordIndexTest, places_are_the_order_of_pages) {
    EXPECT_LT(word_place(401, 7), word_place(401, 6));
    EXPECT_LT(word_place(401, 1), word_place(301, 9));
    Database& database = store_->database();
    for (const auto& [risk, finding] : {std::pair<std::int64_t, std::int64_t>{401, 7},
                                        {0, 1},
                                        {1023, 274'877'906'942},
                                        {-5, 12},
                                        {5'000, 12}}) {
        const std::int64_t place = word_place(risk, finding);
        EXPECT_EQ(finding_at(place), finding);
        const std::string numbers =
            "(SELECT CAST($1 AS BIGINT) AS risk, CAST($2 AS BIGINT) AS id) f";
        EXPECT_EQ(database
                      .number("SELECT " + word_place_sql("f.risk", "f.id") + " FROM " + numbers,
                              {risk, finding}, 0)
                      .value(),
                  place);
        EXPECT_EQ(
            database
                .number("SELECT " + finding_at_sql("f.id") + " FROM " + numbers, {risk, place}, 0)
                .value(),
            finding);
    }
}

}  // namespace
}  // namespace merlon::evidence
