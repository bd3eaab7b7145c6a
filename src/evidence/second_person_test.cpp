#include "evidence/second_person.h"

#include <gtest/gtest.h>

#include <array>

#include "evidence/event_log.h"
#include "evidence/fix_end.h"
#include "evidence/store_case.h"

namespace merlon::evidence {
namespace {

class SecondPersonTest : public StoreTest {
  protected:
    void want(const std::vector<Verdict>& verdicts) {
        Transaction transaction = Transaction::begin(store_->database()).value();
        ASSERT_TRUE(
            set_second_person_rule(store_->database(), {verdicts, proof_}, "tester", now_).ok());
        ASSERT_TRUE(transaction.commit().ok());
    }

    // What came of it, or why nothing did.
    std::string answer(std::int64_t proposal, const std::string& person,
                       Answer answer = Answer::kApprove, const std::string& reason = {},
                       const std::string& approval = {}) {
        Transaction transaction = Transaction::begin(store_->database()).value();
        const auto made = answer_proposal(store_->database(),
                                          {.proposal = proposal,
                                           .answer = answer,
                                           .person = person,
                                           .reason = reason,
                                           .approval = approval},
                                          "tester", now_);
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

    SecondPersonRule::Proof proof_ = SecondPersonRule::Proof::kName;
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

TEST_F(SecondPersonTest, a_proposal_that_has_ended_is_shown_as_none) {
    take({{"r", "a.c", 3, "x = 1;"}});
    want({Verdict::kAccepted});
    ASSERT_TRUE(decide({.finding = 1}, Verdict::kAccepted, 2).ok());
    const auto is_proposed = [this] {
        return list_findings(store_->database(),
                             {.filter = {}, .now = now_, .limit = 1, .after = {}})
            .value()
            .rows.at(0)
            .is_proposed;
    };
    EXPECT_TRUE(is_proposed());
    now_.nanoseconds += days(2).nanoseconds;
    EXPECT_FALSE(is_proposed());
}

TEST_F(SecondPersonTest, what_was_decided_since_is_not_outvoted) {
    take({{"r", "a.c", 3, "x = 1;"}, {"r", "b.c", 4, "y = 2;"}});
    want({Verdict::kAccepted});
    const std::int64_t narrow = decide({.finding = 1}, Verdict::kAccepted, 30).value().event;
    const std::int64_t wide = decide({.rule = "r"}, Verdict::kAccepted, 30).value().event;
    ASSERT_TRUE(decide({.finding = 1}, Verdict::kAffected, 30).ok());
    EXPECT_NE(answer(narrow, "ben").find("ann has decided about the same"), std::string::npos);
    EXPECT_NE(answer(narrow, "ben").find("(affected, event"), std::string::npos);
    // What is narrower stands nevertheless.
    EXPECT_EQ(answer(wide, "ben"), "1 closed");
    EXPECT_EQ(ids("is:open"), "1");
    // A wider word about one of the findings counts, and so does a withdrawal.
    const std::int64_t third = decide({.finding = 2}, Verdict::kAccepted, 30).value().event;
    ASSERT_TRUE(decide({.rule = "r", .package = {}}, Verdict::kAffected, 30).ok());
    EXPECT_NE(answer(third, "ben").find("older than what"), std::string::npos);
    const std::int64_t fourth = decide({.rule = "s"}, Verdict::kAccepted, 30).value().event;
    ASSERT_TRUE(decide({.rule = "s"}, Verdict::kNone, 30).ok());
    EXPECT_NE(answer(fourth, "ben").find("withdrawn"), std::string::npos);
    EXPECT_EQ(answer(third, "ben", Answer::kRefuse, "old"), "0 closed");
    EXPECT_EQ(problems(), Lines());
}

TEST_F(SecondPersonTest, a_name_that_could_be_mistaken_is_nobody) {
    take({{"r", "a.c", 3, "x = 1;"}});
    want({Verdict::kAccepted});
    const std::int64_t proposal = decide({.finding = 1}, Verdict::kAccepted, 30).value().event;
    EXPECT_NE(answer(proposal, "ann\u200b").find("U+200B"), std::string::npos);
    EXPECT_NE(answer(proposal, "\u0430nn").find("look alike"), std::string::npos);
    EXPECT_EQ(ids("is:open"), "1");
    // Another tool may write them.
    Transaction transaction = Transaction::begin(store_->database()).value();
    const auto foreign = evidence::decide(store_->database(),
                                          {.targets = {{.finding = 1}},
                                           .verdict = Verdict::kAccepted,
                                           .reason = "there",
                                           .author = "ann",
                                           .approved_by = "ann\u200b",
                                           .made = now_,
                                           .expires = {now_.nanoseconds + days(3).nanoseconds}},
                                          "tester", now_);
    EXPECT_TRUE(foreign.value().is_proposed);
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

TEST_F(SecondPersonTest, a_proposal_is_answered_by_the_log_alone) {
    take({{"r", "a.c", 3, "x = 1;"}, {"r", "b.c", 3, "y = 2;"}, {"r", "c.c", 3, "z = 3;"}});
    want({Verdict::kAccepted});
    const auto propose = [&](std::int64_t finding) {
        return decide({.finding = finding}, Verdict::kAccepted, 30).value().event;
    };
    const std::int64_t approved = propose(1), refused = propose(2), waiting = propose(3);
    EXPECT_EQ(answer(approved, "ben"), "1 closed");
    EXPECT_EQ(answer(refused, "ben", Answer::kRefuse, "no"), "0 closed");
    EXPECT_EQ(problems(), Lines());
    for (const auto& [event, state, other] : {std::array<std::int64_t, 3>{approved, 2, 1},
                                              {approved, 2, 3},
                                              {refused, 3, 1},
                                              {refused, 3, 2},
                                              {waiting, 1, 2},
                                              {waiting, 1, 3}}) {
        const auto put = [&, of = event](std::int64_t value) {
            ASSERT_TRUE(store_->database()
                            .run("UPDATE decision SET proposal = $2 WHERE event = $1", {of, value})
                            .ok());
        };
        put(other);
        EXPECT_EQ(problems(), Lines{"the proposal of event " + std::to_string(event) +
                                    " waits or is answered against the log"});
        put(state);
    }
    EXPECT_EQ(problems(), Lines());
}

TEST_F(SecondPersonTest, where_signatures_are_wanted_a_name_approves_nothing) {
    take({{"r", "a.c", 3, "x = 1;"}});
    proof_ = SecondPersonRule::Proof::kSignature;
    want({Verdict::kAccepted});
    EXPECT_EQ(second_person_text(second_person_rule(store_->database()).value()),
              "accepted,signed");
    const std::int64_t proposal = decide({.finding = 1}, Verdict::kAccepted, 30).value().event;
    EXPECT_NE(answer(proposal, "ben").find("wants a signature"), std::string::npos);
    EXPECT_EQ(ids("is:open"), "1");
    EXPECT_EQ(answer(proposal, "ben", Answer::kApprove, {}, R"({"a": "b"})"), "1 closed");
    EXPECT_EQ(ids("is:open"), "");
    std::string body;
    EXPECT_TRUE(each_event(store_->database(), 0, kAllEvents, [&](const Event& event) {
                    body = event.body;
                }).ok());
    EXPECT_NE(body.find(R"("approval":"{\"a\": \"b\"}")"), std::string::npos) << body;
    EXPECT_EQ(problems(), Lines());
    // One that another tool names has signed nothing.
    Transaction transaction = Transaction::begin(store_->database()).value();
    const auto foreign = evidence::decide(store_->database(),
                                          {.targets = {{.finding = 1}},
                                           .verdict = Verdict::kAccepted,
                                           .reason = "there",
                                           .author = "ann",
                                           .approved_by = "ben",
                                           .made = now_,
                                           .expires = {now_.nanoseconds + days(3).nanoseconds}},
                                          "tester", now_);
    EXPECT_TRUE(foreign.value().is_proposed);
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
            R"({"rule": "r", "severity": "high", "confidence": "high", "properties": {"fixed": "1.2"}})")
            .value(),
        "1.2");
    EXPECT_EQ(fix_in(R"({"rule": "r", "severity": "high", "confidence": "high"})").value(), "");
    EXPECT_FALSE(fix_in("no JSON").ok());
}

TEST_F(FixEndTest, a_finding_that_cannot_be_read_is_not_taken_for_one_without_a_fix) {
    take_packages({""});
    decide_until_fix({{.finding = 1}});
    ASSERT_TRUE(
        store_->database().run("UPDATE finding_detail SET body = $1", {Bytes{"no JSON"}}).ok());
    Transaction transaction = Transaction::begin(store_->database()).value();
    const auto settled = settle_fixed(store_->database(), "tester", now_);
    ASSERT_FALSE(settled.ok());
    EXPECT_TRUE(settled.error().message.contains("whether finding 1 has a fix"))
        << settled.error().message;
}

}  // namespace
}  // namespace merlon::evidence
