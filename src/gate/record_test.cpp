#include "gate/record.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "evidence/event_log.h"
#include "evidence/store.h"
#include "gate/simulation.h"

namespace merlon::gate {
namespace {

constexpr std::int64_t kNoon = 1'795'780'800;  // 2026-11-27

Timestamp at(std::int64_t seconds) { return {seconds * 1'000'000'000}; }

class GateRecord : public ::testing::Test {
  protected:
    GateRecord()
        : folder_(std::filesystem::temp_directory_path() /
                  ("gate_record_" + std::to_string(getpid()))),
          store_((std::filesystem::create_directories(folder_),
                  evidence::Store::open({.place = (folder_ / "s.db").string(),
                                         .access = evidence::Access::kWrite,
                                         .command = "test"})
                      .value())) {}
    ~GateRecord() override { std::filesystem::remove_all(folder_); }

    evidence::Database& database() { return store_.database(); }

    Verdict record(const std::string& subject, const std::string& status, std::int64_t now_s) {
        const Policy policy =
            Policy::compile({{.name = "a.rego",
                              .text = "package a\nconditions contains {\"id\": \"a\", "
                                      "\"status\": \"" +
                                      status + "\"}"}})
                .value();
        Input input;
        input.gate = "deploy";
        input.environment = "production";
        input.subject = {"shop", subject};
        input.now = at(now_s);
        input.time_to_live_s = 3'600;
        const std::string json = to_json(input);
        Verdict verdict = judge(policy, json).value();
        auto transaction = evidence::Transaction::begin(database()).value();
        EXPECT_TRUE(record_verdict(database(), verdict, policy, json, "tester", at(now_s)).ok());
        EXPECT_TRUE(transaction.commit().ok());
        return verdict;
    }

    EnvironmentHistory history(const std::string& subject, std::int64_t now_s) {
        return history_of(database(),
                          {.repository = "", .environment = "production", .subject = subject},
                          at(now_s))
            .value();
    }

    std::filesystem::path folder_;
    evidence::Store store_;
};

TEST_F(GateRecord, a_verdict_is_found_again_with_what_it_was_made_from) {
    const Verdict verdict = record("sha256:aa", "pass", kNoon);
    const std::string digits = verdict.id.substr(7);
    for (const std::string& id : {verdict.id, digits, digits.substr(0, 8), digits.substr(0, 9)})
        EXPECT_EQ(find_document(database(), kVerdictKind, id).value().bytes, verdict.statement);
    const auto input = find_document(database(), kInputKind, verdict.input_digest).value();
    const auto policy = find_document(database(), kPolicyKind, verdict.policy_digest).value();
    const Verdict again = judge(Policy::read(policy.bytes).value(), input.bytes).value();
    EXPECT_EQ(again.statement, verdict.statement);
    for (const std::string id : {"", "1234567", "zzzzzzzz", "sha256:00000000"})
        EXPECT_FALSE(find_document(database(), kVerdictKind, id).ok()) << id;
    EXPECT_FALSE(find_document(database(), kInputKind, verdict.id).ok());
    // The store is sound with it, audit log included.
    EXPECT_TRUE(store_.check([](std::string_view problem) { ADD_FAILURE() << problem; }).ok());
}

TEST_F(GateRecord, the_events_tell_of_every_verdict_in_order) {
    record("sha256:aa", "fail", kNoon);
    record("sha256:bb", "pass", kNoon + 10);
    const auto all = verdicts_since(database(), at(kNoon)).value();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].outcome, "fail");
    EXPECT_EQ(all[1].subject, "sha256:bb");
    EXPECT_EQ(verdicts_since(database(), at(kNoon + 5)).value().size(), 1U);
}

TEST_F(GateRecord, the_wait_begins_when_the_subject_first_asked) {
    EXPECT_EQ(history("sha256:aa", kNoon).requested, "2026-11-27T12:00:00Z");
    record("sha256:aa", "fail", kNoon);
    record("sha256:aa", "fail", kNoon + 600);
    EXPECT_EQ(history("sha256:aa", kNoon + 900).requested, "2026-11-27T12:00:00Z");
    EXPECT_EQ(history("sha256:bb", kNoon + 900).requested, "2026-11-27T12:15:00Z");
}

TEST_F(GateRecord, the_lock_is_that_of_another_subject_that_passed_and_is_not_over) {
    record("sha256:cc", "fail", kNoon);
    EXPECT_EQ(history("sha256:bb", kNoon).locked_by, "");
    const Verdict verdict = record("sha256:aa", "pass", kNoon);
    EXPECT_EQ(history("sha256:aa", kNoon + 1).locked_by, "");
    EXPECT_EQ(history("sha256:bb", kNoon + 1).locked_by, verdict.id);
    EXPECT_EQ(history("sha256:bb", kNoon + 3'600).locked_by, "");
    auto transaction = evidence::Transaction::begin(database()).value();
    ASSERT_TRUE(record_done(database(), verdict.id, "tester", at(kNoon + 2)).ok());
    ASSERT_TRUE(transaction.commit().ok());
    EXPECT_EQ(history("sha256:bb", kNoon + 3).locked_by, "");
    // Twice is no second event, and what let nothing through is never over.
    EXPECT_TRUE(record_done(database(), verdict.id, "tester", at(kNoon + 4)).value().was_over);
    const Verdict failed = record("sha256:aa", "fail", kNoon + 5);
    EXPECT_FALSE(record_done(database(), failed.id, "tester", at(kNoon + 6)).ok());
}

TEST_F(GateRecord, a_policy_that_does_not_answer_is_counted) {
    record("sha256:aa", "pass", kNoon);
    record("sha256:bb", "fail", kNoon + 1);
    const auto broken =
        Policy::compile({{.name = "b.rego",
                          .text = "package b\nconditions contains {\"id\": \"x\", \"status\": "
                                  "\"pass\"} if {\n  1 / (count(input.findings) - "
                                  "count(input.findings)) == 0\n}\n"}})
            .value();
    const Simulation all = simulate(database(), broken, {}, "").value();
    EXPECT_EQ(all.broken, 2U);
    EXPECT_FALSE(all.broken_because.empty());
    CancelToken cancel;
    cancel.cancel();
    EXPECT_FALSE(simulate(database(), broken, {}, "", &cancel).ok());
}

// Three verdicts a day, every fifth of which failed.
TEST_F(GateRecord, a_policy_is_held_against_ninety_days_of_history) {
    constexpr std::int64_t kDay = 24 * 3'600;
    std::size_t failed = 0, within_a_week = 0;
    for (int i = 0; i < 270; ++i) {
        const bool fails = i % 5 == 0;
        const std::int64_t now = kNoon - 90 * kDay + i * 8 * 3'600;
        record("sha256:" + std::to_string(i), fails ? "fail" : "pass", now);
        failed += fails ? 1U : 0U;
        within_a_week += !fails && now >= kNoon - 7 * kDay ? 1U : 0U;
    }
    const auto strict = Policy::compile({{.name = "b.rego",
                                          .text = "package b\nconditions contains {\"id\": "
                                                  "input.subject.digest, \"status\": \"fail\"}"}})
                            .value();
    const Simulation all = simulate(database(), strict, at(kNoon - 90 * kDay), "").value();
    EXPECT_EQ(all.verdicts, 270U);
    ASSERT_EQ(all.changed.size(), 270U - failed);
    EXPECT_EQ(all.changed[0].before.subject, "sha256:1");
    EXPECT_EQ(all.changed[0].outcome, "fail");
    EXPECT_EQ(all.changed[0].because, std::vector<std::string>{"sha256:1"});
    const Simulation week = simulate(database(), strict, at(kNoon - 7 * kDay), "deploy").value();
    EXPECT_EQ(week.changed.size(), within_a_week);
    EXPECT_EQ(simulate(database(), strict, {}, "pr").value().verdicts, 0U);
    // What it saw is what is there still: nothing was written.
    EXPECT_EQ(verdicts_since(database(), {}).value().size(), 270U);
}

}  // namespace
}  // namespace merlon::gate
