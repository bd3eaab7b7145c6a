#include "evidence/second_person.h"

#include <gtest/gtest.h>

#include "evidence/fix_end.h"
#include "evidence/store_case.h"

namespace merlon::evidence {
namespace {

class SecondPersonTest : public StoreTest {
  protected:
    void want(const std::vector<Verdict>& verdicts) {
        Transaction transaction = Transaction::begin(store_->database()).value();
        ASSERT_TRUE(set_second_person_rule(store_->database(), verdicts, "tester", now_).ok());
        ASSERT_TRUE(transaction.commit().ok());
    }

    // What came of it, or why nothing did.
    std::string answer(std::int64_t proposal, const std::string& person,
                       Answer answer = Answer::kApprove, const std::string& reason = {}) {
        Transaction transaction = Transaction::begin(store_->database()).value();
        const auto made = answer_proposal(
            store_->database(),
            {.proposal = proposal, .answer = answer, .person = person, .reason = reason}, "tester",
            now_);
        if (!made.ok()) return made.error().message;
        EXPECT_TRUE(transaction.commit().ok());
        return std::to_string(made.value().closed) + " closed";
    }

    std::vector<DecisionState> states(std::int64_t finding) {
        std::vector<DecisionState> all;
        const auto rows = decisions_of(store_->database(), finding, now_);
        EXPECT_TRUE(rows.ok());
        for (const DecisionRow& row : rows.value()) all.push_back(row.state);
        return all;
    }
};

TEST_F(SecondPersonTest, a_decision_waits_for_somebody_else) {
    take({{"r", "a.c", 3, "x = 1;"}, {"r", "b.c", 4, "y = 2;"}});
    want({Verdict::kAccepted, Verdict::kFalsePositive, Verdict::kAccepted});
    EXPECT_EQ(second_person_text(second_person_rule(store_->database()).value()),
              "false_positive,accepted");
    const DecisionOutcome proposed = decide({.finding = 1}, Verdict::kAccepted, 30).value();
    EXPECT_TRUE(proposed.is_proposed);
    EXPECT_EQ(proposed.closed, 0U);
    EXPECT_EQ(ids("is:open"), "2 1");
    EXPECT_EQ(states(1), std::vector{DecisionState::kWaits});
    ASSERT_EQ(waiting_proposals(store_->database(), now_).value().size(), 1U);
    // Nobody approves what he has proposed, and what wants one person takes effect.
    EXPECT_NE(answer(proposed.event, "ANN").find("second person"), std::string::npos);
    EXPECT_FALSE(decide({.finding = 2}, Verdict::kWillFix, 30).value().is_proposed);
    EXPECT_EQ(answer(proposed.event, "ben"), "1 closed");
    EXPECT_EQ(ids("is:open"), "2");
    EXPECT_EQ(states(1), (std::vector{DecisionState::kStands, DecisionState::kAnswered}));
    EXPECT_NE(answer(proposed.event, "eve").find("no proposal"), std::string::npos);
    EXPECT_EQ(problems(), Lines());
}

TEST_F(SecondPersonTest, a_proposal_is_refused_or_ends_and_takes_the_place_of_nothing) {
    take({{"r", "a.c", 3, "x = 1;"}});
    ASSERT_TRUE(decide({.finding = 1}, Verdict::kNotAffected, 90).ok());
    want({Verdict::kAccepted});
    const std::int64_t first = decide({.finding = 1}, Verdict::kAccepted, 2).value().event;
    EXPECT_EQ(states(1), (std::vector{DecisionState::kWaits, DecisionState::kStands}));
    EXPECT_EQ(answer(first, "ben", Answer::kRefuse), "why? A refusal needs a --reason");
    EXPECT_EQ(answer(first, "ben", Answer::kRefuse, "no"), "0 closed");
    EXPECT_EQ(states(1), (std::vector{DecisionState::kRefused, DecisionState::kStands}));
    const std::int64_t second = decide({.finding = 1}, Verdict::kAccepted, 2).value().event;
    now_.nanoseconds += days(3).nanoseconds;
    EXPECT_NE(answer(second, "ben").find("propose it anew"), std::string::npos);
    EXPECT_TRUE(waiting_proposals(store_->database(), now_).value().empty());
    EXPECT_EQ(problems(), Lines());
}

TEST_F(SecondPersonTest, what_was_only_proposed_stands_for_nothing_by_hand_either) {
    take({{"r", "a.c", 3, "x = 1;"}});
    want({Verdict::kAccepted});
    ASSERT_TRUE(decide({.finding = 1}, Verdict::kAccepted, 30).ok());
    EXPECT_EQ(problems(), Lines());
    ASSERT_TRUE(store_->database().run("UPDATE decision SET proposal = 0").ok());
    EXPECT_FALSE(problems().empty());
    ASSERT_TRUE(store_->database().run("UPDATE decision SET proposal = 1, current = 1").ok());
    EXPECT_FALSE(problems().empty());
    ASSERT_TRUE(store_->database().run("UPDATE decision SET current = 0").ok());
    EXPECT_EQ(problems(), Lines());
    ASSERT_TRUE(
        store_->database().run("UPDATE meta SET value = '' WHERE name = 'second_person'").ok());
    EXPECT_EQ(problems().size(), 1U);
}

class FixEndTest : public SecondPersonTest {
  protected:
    // Each in a file of its own: findings are numbered in the order of their paths.
    ImportedRun take_packages(const std::vector<std::string>& fixes) {
        std::vector<Found> found;
        for (std::size_t i = 0; i < fixes.size(); ++i)
            found.push_back({"CVE-" + std::to_string(i), "lock" + std::to_string(i), 0, "", "",
                             "pkg:npm/p" + std::to_string(i) + "@1"});
        exchange::ReadReport made = report(found);
        for (std::size_t i = 0; i < fixes.size(); ++i)
            if (!fixes[i].empty()) made.report.findings[i].properties["fixed"] = fixes[i];
        return take(made);
    }

    DecisionOutcome decide_until_fix(const std::vector<DecisionTarget>& targets) {
        Transaction transaction = Transaction::begin(store_->database()).value();
        const auto made = evidence::decide(store_->database(),
                                           {.targets = targets,
                                            .verdict = Verdict::kAccepted,
                                            .reason = "no fix",
                                            .author = "ann",
                                            .made = now_,
                                            .expires = {now_.nanoseconds + days(300).nanoseconds},
                                            .ends = DecisionEnd::kWithFix},
                                           "tester", now_);
        EXPECT_TRUE(made.ok());
        EXPECT_TRUE(transaction.commit().ok());
        return made.value();
    }
};

TEST_F(FixEndTest, a_decision_ends_for_the_findings_that_have_a_fix) {
    take_packages({"", "", "2.0"});
    const DecisionOutcome made = decide_until_fix({{.finding = 1}, {.finding = 2}, {.finding = 3}});
    EXPECT_EQ(made.fixed, 1U);
    EXPECT_EQ(made.closed, 2U);
    EXPECT_EQ(ids("is:open"), "3");
    take_packages({"", "1.1", "2.0"});
    EXPECT_EQ(ids("is:open"), "3 2");
    EXPECT_EQ(states(1), std::vector{DecisionState::kStands});
    EXPECT_EQ(states(2), std::vector{DecisionState::kFixFound});
    EXPECT_EQ(problems(), Lines());
    // What is decided anew holds, whatever is known of a fix.
    ASSERT_TRUE(decide({.finding = 2}, Verdict::kAccepted, 30).ok());
    take_packages({"", "1.2", "2.0"});
    EXPECT_EQ(ids("is:open"), "3");
}

TEST_F(FixEndTest, a_wider_decision_ends_for_what_comes_with_a_fix) {
    take_packages({""});
    decide_until_fix({{.rule = "CVE-0"}, {.rule = "CVE-1"}});
    EXPECT_EQ(ids("is:open"), "");
    take_packages({"", "3"});
    EXPECT_EQ(ids("is:open"), "2");
    EXPECT_EQ(problems(), Lines());
}

TEST(FixEnd, the_version_stands_in_the_finding) {
    EXPECT_EQ(
        fix_in(
            R"({"rule": "r", "severity": "high", "confidence": "high", "properties": {"fixed": "1.2"}})"),
        "1.2");
    EXPECT_EQ(fix_in(R"({"rule": "r", "severity": "high", "confidence": "high"})"), "");
    EXPECT_EQ(fix_in("no JSON"), "");
}

}  // namespace
}  // namespace merlon::evidence
