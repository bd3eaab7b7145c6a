#include "evidence/store_check.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "evidence/decisions.h"
#include "evidence/store_case.h"

namespace merlon::evidence {
namespace {

class StoreCheckTest : public StoreTest {
  protected:
    void SetUp() override {
        StoreTest::SetUp();
        take({{"r", "a.c", 3, "eval(x)", {}, "pkg:npm/a@1"}, {"s", "b.c", 4, "exec(y)"}});
        take({{"r", "a.c", 3, "eval(x)", {}, "pkg:npm/a@1"}, {"s", "b.c", 5, "exec(y)"}});
        ASSERT_TRUE(decide({.rule = "r"}, Verdict::kAccepted, 30).ok());
        ASSERT_EQ(problems(), Lines());
    }

    // What is said when the store was changed so.
    Lines after(std::string_view sql) {
        const Status changed = store_->database().run(sql);
        EXPECT_TRUE(changed.ok()) << changed.error().to_string();
        return problems();
    }
};

TEST_F(StoreCheckTest, a_finding_is_what_its_tool_told) {
    EXPECT_EQ(after("UPDATE finding SET title = 'harmless' WHERE id = 2").front(),
              "finding 2 has another title than was told");
}

TEST_F(StoreCheckTest, a_severity_is_the_one_that_was_told) {
    const Lines found = after("UPDATE finding SET severity = 0 WHERE id = 2");
    EXPECT_EQ(found.front(), "finding 2 has another severity than was told");
    EXPECT_GT(found.size(), 1u);  // the counters
    EXPECT_EQ(after("UPDATE finding SET severity = 3, risk = 1 WHERE id = 2"),
              Lines{"finding 2 has another severity than was told"});
}

TEST_F(StoreCheckTest, counters_are_those_of_each_repository) {
    EXPECT_EQ(
        after("UPDATE counter SET scope = 9 WHERE open = 0"),
        (Lines{"the counter of findings of severity 3 that are not open in shop is wrong by 1",
               "the counter of findings of severity 3 that are not open in no repository is "
               "wrong by -1"}));
}

TEST_F(StoreCheckTest, the_family_of_a_finding_is_its_rules) {
    EXPECT_EQ(after("UPDATE finding SET family = family + 1 WHERE rule = 'r'"),
              Lines{"finding 1 is of another family of rules than its rule"});
}

TEST_F(StoreCheckTest, version_and_component_are_told_too) {
    const Lines said{"finding 1 has another version or component than was told"};
    EXPECT_EQ(after("UPDATE finding SET version = '9' WHERE id = 1"), said);
    EXPECT_EQ(after("UPDATE finding SET version = '1', component = 'component:x' WHERE id = 1"),
              said);
}

TEST_F(StoreCheckTest, rule_place_package_and_suppression_are_told_too) {
    EXPECT_EQ(after("UPDATE finding SET line = 9, package = 'x' WHERE id = 1"),
              (Lines{"finding 1 has another package than was told",
                     "finding 1 has another place than was told"}));
    EXPECT_GE(after("UPDATE finding SET rule = 'q', suppressed = 'tool' WHERE id = 2").size(), 4u);
}

TEST_F(StoreCheckTest, what_a_tool_told_is_that_of_its_print) {
    EXPECT_EQ(after("UPDATE finding_detail SET body = (SELECT d.body FROM finding_detail d WHERE "
                    "d.finding = 2) WHERE finding = 1"),
              Lines{"finding 1 is not told as its tool told it"});
}

TEST_F(StoreCheckTest, presences_are_those_that_the_last_import_left) {
    const std::string said =
        "what tool in shop main has found is not what the import of event 2 left";
    EXPECT_EQ(after("UPDATE presence SET first_analysis = 2 WHERE finding = 1"),
              (Lines{"finding 1 was first seen at another time than is told", said}));
    ASSERT_TRUE(
        store_->database().run("UPDATE presence SET first_analysis = 1 WHERE finding = 1").ok());
    // What that has put into the past is missed, too.
    EXPECT_EQ(after("UPDATE presence SET state = 2 WHERE finding = 1"),
              (Lines{"what findings were until event 1 is not as it was kept", said,
                     "finding 1 is present or gone against where it is seen"}));
}

TEST_F(StoreCheckTest, the_hash_that_a_stream_keeps_is_that_of_its_event) {
    EXPECT_EQ(after("UPDATE stream SET state = 'sha256:other'"),
              Lines{"the hash that is kept of what tool in shop main has found is not that of "
                    "event 2"});
}

TEST_F(StoreCheckTest, a_finding_that_was_taken_out_is_missed) {
    Database& database = store_->database();
    for (const char* table : {"finding_detail", "presence"})
        ASSERT_TRUE(database.run(std::string("DELETE FROM ") + table + " WHERE finding = 2").ok());
    const Lines found = after("DELETE FROM finding WHERE id = 2");
    const std::string said =
        "what tool in shop main has found is not what the import of event 2 left";
    EXPECT_NE(std::ranges::find(found, said), found.end());  // a server misses its words, too
}

TEST_F(StoreCheckTest, a_path_is_bound_by_its_name) {
    EXPECT_FALSE(after("UPDATE path SET name = 'c.c' WHERE name = 'b.c'").empty());
}

TEST_F(StoreCheckTest, an_analysis_is_what_its_event_tells) {
    EXPECT_EQ(after("UPDATE analysis SET complete = 0, incomplete_because = 'read-error' "
                    "WHERE id = 1"),
              (Lines{"analysis 1 has another completeness than event 1 tells",
                     "analysis 1 has another reason for what it has not seen than event 1 tells"}));
    EXPECT_EQ(after("UPDATE analysis SET complete = 1, incomplete_because = '', revision = 'c0' "
                    "WHERE id = 1"),
              Lines{"analysis 1 has another commit than event 1 tells"});
}

TEST_F(StoreCheckTest, on_whose_word_an_analysis_is_complete_its_event_tells) {
    EXPECT_EQ(after("UPDATE analysis SET assumed = 1 WHERE id = 2"),
              Lines{"analysis 2 has another completeness than event 2 tells"});
}

TEST_F(StoreCheckTest, what_a_branch_says_of_a_finding_is_what_its_tool_told) {
    const std::string said =
        "what tool in shop main has found is not what the import of event 2 left";
    const std::string seen =
        "finding 2 has another severity or suppression where it is seen than was told";
    EXPECT_EQ(after("UPDATE presence SET severity = 0 WHERE finding = 2"), (Lines{said, seen}));
    EXPECT_EQ(after("UPDATE presence SET severity = 3, suppressed = 'x' WHERE finding = 2"),
              (Lines{said, seen}));
}

TEST_F(StoreCheckTest, edges_are_those_that_their_document_has_brought) {
    const exchange::Link link{.from = {"commit", "c0ffee0"},
                              .relation = "built",
                              .to = {"artifact", "sha256:1"},
                              .collector = "tester"};
    ImportRequest with_link = request("a statement");
    with_link.links = std::span(&link, 1);
    ASSERT_TRUE(import_document(store_->database(), with_link, {}).ok());
    ASSERT_EQ(problems(), Lines());
    EXPECT_TRUE(after("UPDATE edge SET collector = 'another'").at(0).contains("are not those"));
    ASSERT_TRUE(store_->database().run("UPDATE edge SET collector = 'tester'").ok());
    EXPECT_TRUE(after("UPDATE node SET name = 'sha256:2' WHERE kind = 'artifact'")
                    .at(0)
                    .contains("are not those"));
}

TEST_F(StoreCheckTest, a_document_is_called_as_its_event_tells) {
    const Lines found = after("UPDATE document SET name = 'other.sarif' WHERE id = 1");
    ASSERT_EQ(found.size(), 1u);
    EXPECT_TRUE(found[0].ends_with("is not called as event 1 tells")) << found[0];
}

TEST_F(StoreCheckTest, when_a_finding_was_first_seen_its_analysis_says) {
    const std::string said = "finding 1 was first seen at another time than is told";
    EXPECT_EQ(after("UPDATE finding SET first_seen = first_seen - 86400 WHERE id = 1"),
              Lines{said});
}

TEST_F(StoreCheckTest, the_past_is_bound_by_the_import_that_ended_it) {
    take({{"r", "a.c", 3, "eval(x)", {}, "pkg:npm/a@1"}, {"s", "b.c", 6, "exec(y)"}});
    ASSERT_EQ(problems(), Lines());
    EXPECT_EQ(after("UPDATE finding_past SET title = 'harmless' WHERE finding = 2").back(),
              "what findings were until event 4 is not as it was kept");
}

TEST_F(StoreCheckTest, the_past_is_bound_by_the_decision_that_ended_it) {
    const Lines said{"what findings were until event 3 is not as it was kept"};
    EXPECT_EQ(after("UPDATE finding_past SET title = 'harmless' WHERE finding = 1"), said);
    ASSERT_TRUE(
        store_->database().run("UPDATE finding_past SET title = 'about r' WHERE finding = 1").ok());
    ASSERT_EQ(problems(), Lines());
    // What ends by itself, too, and what is decided in the second of an import.
    now_.nanoseconds += days(31).nanoseconds;
    {
        Transaction transaction = Transaction::begin(store_->database()).value();
        ASSERT_EQ(settle_expired(store_->database(), "tester", now_).value(), 1u);
        ASSERT_TRUE(transaction.commit().ok());
    }
    ASSERT_EQ(problems(), Lines());
    EXPECT_EQ(after("UPDATE finding_past SET title = 'harmless' WHERE decision = 1"),
              Lines{"what findings were until event 4 is not as it was kept"});
    ASSERT_TRUE(store_->database()
                    .run("UPDATE finding_past SET title = 'about r' WHERE decision = 1")
                    .ok());
    take({{"s", "b.c", 5, "exec(y)"}});
    ASSERT_TRUE(decide({.finding = 2}, Verdict::kAccepted, 30).ok());
    ASSERT_EQ(problems(), Lines());
    EXPECT_EQ(after("DELETE FROM finding_past WHERE finding = 2").back(),
              "what findings were until event 6 is not as it was kept");
}

TEST_F(StoreCheckTest, a_past_that_was_never_is_found) {
    EXPECT_FALSE(after("UPDATE finding_past SET open = 1 - open WHERE finding = 1").empty());
    ASSERT_TRUE(
        store_->database().run("UPDATE finding_past SET open = 1 - open WHERE finding = 1").ok());
    EXPECT_EQ(after("UPDATE finding_past SET until = until + 1 WHERE finding = 1"),
              (Lines{"what findings were until event 3 is not as it was kept",
                     "the past of finding 1 ends where nothing has happened"}));
}

TEST_F(StoreCheckTest, owners_are_those_that_the_import_left) {
    now_.nanoseconds += days(1).nanoseconds;
    ImportRequest asked = request("with owners");
    asked.owner_of = [](std::string_view) { return "team-a"; };
    const auto made = import_reports(store_->database(), asked,
                                     {report({{"r", "a.c", 3, "eval(x)", {}, "pkg:npm/a@1"}})});
    ASSERT_TRUE(made.ok()) << made.error().to_string();
    ASSERT_EQ(problems(), Lines());
    EXPECT_EQ(
        after("UPDATE finding SET owner = 'nobody' WHERE id = 1"),
        Lines{"the owners of findings in shop are not those that the import of event 4 left"});
}

TEST_F(StoreCheckTest, each_target_of_a_decision_is_as_its_event_says) {
    auto transaction = Transaction::begin(store_->database());
    ASSERT_TRUE(transaction.ok());
    const NewDecision decision{.targets = {{.finding = 1}, {.finding = 2}},
                               .verdict = Verdict::kAccepted,
                               .reason = "because",
                               .author = "ann",
                               .made = now_,
                               .expires = {now_.nanoseconds + days(30).nanoseconds}};
    const auto decided = evidence::decide(store_->database(), decision, "tester", now_);
    ASSERT_TRUE(decided.ok()) << decided.error().to_string();
    ASSERT_TRUE(transaction.value().commit().ok());
    ASSERT_EQ(problems(), Lines());
    // Rows 2 and 3 are of event 4.
    EXPECT_EQ(after("UPDATE decision SET author = 'eve' WHERE id = 2"),
              (Lines{"decision 3 is not as event 4 says",
                     "the decision of event 4 is not as it was written"}));
    EXPECT_EQ(after("UPDATE decision SET author = 'ann' WHERE id = 2"), Lines());
    EXPECT_EQ(after("UPDATE decision SET approved_by = 'eve' WHERE id = 3"),
              Lines{"decision 3 is not as event 4 says"});
}

TEST_F(StoreCheckTest, what_a_stream_is_of_its_event_tells) {
    const auto changed = [&](std::string_view what, std::string_view to) {
        return after("UPDATE stream SET " + std::string(what) + " = '" + std::string(to) + "'");
    };
    EXPECT_EQ(changed("ref", "other"), Lines{"stream 1 has another branch than event 2 tells"});
    EXPECT_EQ(changed("ref", "main"), Lines());
    EXPECT_EQ(changed("tool", "x"),
              (Lines{"stream 1 has another tool than event 2 tells",
                     "finding 1 is of another family of rules than its rule",
                     "finding 2 is of another family of rules than its rule"}));
    EXPECT_EQ(changed("tool", "tool"), Lines());
    EXPECT_EQ(changed("category", "x"), Lines{"stream 1 has another category than event 2 tells"});
    EXPECT_EQ(changed("category", ""), Lines());
    EXPECT_EQ(changed("below", "x"), Lines{"stream 1 has another folder than event 2 tells"});
    EXPECT_EQ(changed("below", ""), Lines());
    EXPECT_EQ(changed("configuration", "x"),
              Lines{"stream 1 is configured unlike its last complete analysis"});
    EXPECT_EQ(changed("configuration", ""), Lines());
    EXPECT_EQ(after("UPDATE scope SET default_ref = 'other'"),
              Lines{"the first branch of shop is not main, as the log tells"});
    EXPECT_EQ(after("UPDATE scope SET default_ref = 'main', name = 'evil'"),
              (Lines{"stream 1 has another repository than event 2 tells",
                     "the repository shop is gone, of which the log tells"}));
}

TEST_F(StoreCheckTest, names_of_two_repositories_are_not_exchanged) {
    ImportRequest other = request("another document");
    other.scope = "clean";
    now_.nanoseconds += days(1).nanoseconds;
    other.now = now_;
    ASSERT_TRUE(import_reports(store_->database(), other, {report(nothing())}).ok());
    ASSERT_EQ(problems(), Lines());
    Database& database = store_->database();
    ASSERT_TRUE(database.run("UPDATE scope SET name = 'x' WHERE name = 'shop'").ok());
    ASSERT_TRUE(database.run("UPDATE scope SET name = 'shop' WHERE name = 'clean'").ok());
    const auto second = database.number("SELECT max(id) FROM stream", {}, 0);
    ASSERT_TRUE(second.ok());
    EXPECT_EQ(after("UPDATE scope SET name = 'clean' WHERE name = 'x'"),
              (Lines{"stream 1 has another repository than event 2 tells",
                     "stream " + std::to_string(second.value()) +
                         " has another repository than event 4 tells"}));
}

TEST_F(StoreCheckTest, what_an_analysis_was_made_with_its_event_tells) {
    EXPECT_EQ(after("UPDATE analysis SET tool_version = '9' WHERE id = 1"),
              Lines{"analysis 1 has another version of its tool than event 1 tells"});
    EXPECT_EQ(after("UPDATE analysis SET tool_version = '', program = 'x' WHERE id = 1"),
              Lines{"analysis 1 has another program than event 1 tells"});
}

TEST_F(StoreCheckTest, rules_are_those_that_imports_have_left) {
    const Lines said{"the rules of tool are not those that the import of event 1 left"};
    EXPECT_EQ(after("UPDATE rule SET title = 'harmless' WHERE name = 'r'"), said);
    ASSERT_TRUE(store_->database().run("UPDATE rule SET title = 'r' WHERE name = 'r'").ok());
    EXPECT_EQ(problems(), Lines());
    EXPECT_EQ(after("UPDATE family SET name = 'evil' WHERE name = 'r'"), said);
}

TEST_F(StoreCheckTest, findings_stay_known_by_what_they_were_known_by) {
    EXPECT_EQ(after("DELETE FROM signature WHERE finding = 2"),
              Lines{"finding 2 cannot be known again by all that it was known by"});
}

TEST_F(StoreCheckTest, numbers_settings_and_times_are_those_that_were_written) {
    Database& database = store_->database();
    EXPECT_EQ(after("UPDATE sequence SET next = 1 WHERE name = 'finding'"),
              Lines{"the last finding has the number 2, and numbers were given out up to 1"});
    ASSERT_TRUE(database.run("UPDATE sequence SET next = 2 WHERE name = 'finding'").ok());
    EXPECT_EQ(after("INSERT INTO meta (name, value) VALUES ('x', 'y')"),
              Lines{"there is a setting 'x', which no Merlon has written"});
    ASSERT_TRUE(database.run("DELETE FROM meta WHERE name = 'x'").ok());
    const Lines found = after("UPDATE finding SET changed = 1 WHERE id = 2");
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0], "finding 2 changed last when nothing has happened");
}

TEST_F(StoreCheckTest, settings_that_nobody_has_made_are_found) {
    const std::string since =
        "history is said to be known from another moment on than the log tells";
    EXPECT_EQ(after("INSERT INTO meta (name, value) VALUES ('history_since', '1')"), Lines{since});
    // The second of the last import, which kept what was before.
    EXPECT_EQ(after("UPDATE meta SET value = (SELECT CAST(max(at_ms) / 1000 AS TEXT) FROM event "
                    "WHERE kind = 'import') WHERE name = 'history_since'"),
              Lines{since});
    ASSERT_TRUE(store_->database().run("DELETE FROM meta WHERE name = 'history_since'").ok());
    EXPECT_EQ(after("INSERT INTO meta (name, value) VALUES ('snapshots_from', '86400')"),
              Lines{"the days of which figures are kept are not those that a worker has taken"});
}

TEST_F(StoreCheckTest, a_document_has_the_size_and_the_time_that_it_came_with) {
    EXPECT_TRUE(after("UPDATE document SET size = size + 1 WHERE id = 1")
                    .at(0)
                    .contains("is not as it was imported"));
    ASSERT_TRUE(store_->database().run("UPDATE document SET size = size - 1 WHERE id = 1").ok());
    ASSERT_EQ(problems(), Lines());
    EXPECT_TRUE(after("UPDATE document SET received = received + 1 WHERE id = 2")
                    .at(0)
                    .ends_with("came at another time than event 2 tells"));
}

TEST_F(StoreCheckTest, what_a_finding_may_have_been_its_import_tells) {
    const auto three = [](std::uint32_t from) {
        return std::vector<Found>{{"r", "a.c", from, "eval(x)"},
                                  {"r", "a.c", from + 1, "eval(x)"},
                                  {"r", "a.c", from + 2, "eval(x)"}};
    };
    take(three(10));
    take(three(20));
    ASSERT_EQ(take(three(21)).counts.maybe, 3U);
    ASSERT_EQ(problems(), Lines());
    EXPECT_EQ(after("UPDATE finding SET maybe_moved_from = 1 WHERE maybe_moved_from = (SELECT "
                    "max(maybe_moved_from) FROM finding)"),
              Lines{"analysis 5 has another list of what its findings may have been than event 6 "
                    "tells"});
    EXPECT_GE(after("UPDATE finding SET maybe_moved_from = NULL").size(), 2U);
}

TEST_F(StoreCheckTest, what_never_moved_has_come_from_nowhere) {
    EXPECT_EQ(after("UPDATE finding SET maybe_moved_from = 1 WHERE id = 2"),
              Lines{"analysis 1 has another number of findings that may be known ones than event "
                    "1 tells"});
}

TEST_F(StoreCheckTest, nothing_has_an_owner_whom_no_import_gave) {
    EXPECT_EQ(after("UPDATE finding SET owner = 'eve' WHERE id = 1").front(),
              "findings in shop have owners, which no import has given them");
}

TEST_F(StoreCheckTest, a_decision_is_all_that_its_event_says) {
    const std::string said = "the decision of event 3 is not as it was written";
    EXPECT_EQ(after("UPDATE decision SET weight = 16"),
              Lines{"decision 1 weighs more or less than what it names"});
    ASSERT_TRUE(store_->database().run("UPDATE decision SET weight = 8").ok());
    EXPECT_EQ(after("UPDATE decision SET approved_by = 'eve'"), Lines{said});
    ASSERT_TRUE(store_->database().run("UPDATE decision SET approved_by = ''").ok());
    ASSERT_TRUE(store_->database()
                    .run("UPDATE decision SET signature = $1", {Bytes{std::string_view("x")}})
                    .ok());
    EXPECT_EQ(problems(), Lines{said});
}

}  // namespace
}  // namespace merlon::evidence
