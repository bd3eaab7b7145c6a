#include "evidence/jobs.h"

#include <gtest/gtest.h>

#include "evidence/import.h"
#include "evidence/outbox.h"
#include "evidence/store_case.h"
#include "evidence/worker.h"

namespace merlon::evidence {
namespace {

class JobsTest : public StoreTest {
  protected:
    std::int64_t put(const NewJob& job) {
        Transaction transaction = Transaction::begin(store_->database()).value();
        const Result<std::int64_t> id = enqueue(store_->database(), job, now_);
        EXPECT_TRUE(id.ok()) << id.error().to_string();
        EXPECT_TRUE(transaction.commit().ok());
        return id.ok() ? id.value() : 0;
    }
    std::int64_t put_for(std::string scope, std::string key = {}) {
        return put({.kind = "test", .scope = std::move(scope), .key = std::move(key)});
    }

    std::optional<TakenJob> take_one(const std::string& worker = "w") {
        const std::vector<std::string> lanes = {"user", "scheduled"};
        auto taken = take_job(store_->database(),
                              {.lanes = lanes, .worker = worker, .now = now_, .lease_ms = 1000});
        EXPECT_TRUE(taken.ok()) << taken.error().to_string();
        return taken.ok() ? taken.value() : std::nullopt;
    }
    std::string take_number() {
        const auto job = take_one();
        return job ? std::to_string(job->lease.job) : "-";
    }

    Status finish(const TakenJob& job) {
        Transaction transaction = MERLON_TRY(Transaction::begin(store_->database()));
        MERLON_TRY(finish_job(store_->database(), job.lease, "done", now_));
        return transaction.commit();
    }

    JobState give_up(const TakenJob& job, JobFailure failure) {
        const auto state = give_up_job(store_->database(), job.lease, failure, "no luck", now_);
        EXPECT_TRUE(state.ok()) << state.error().to_string();
        return state.ok() ? state.value() : JobState::kDone;
    }

    JobRow job(std::int64_t id) {
        const auto row = show_job(store_->database(), id);
        EXPECT_TRUE(row.ok() && row.value());
        return row.ok() && row.value() ? *row.value() : JobRow{};
    }

    void pass(int seconds) { now_.nanoseconds += std::int64_t{seconds} * 1'000'000'000; }
};

TEST_F(JobsTest, AreTakenInTheOrderOfPriorityAndScopesTakeTurns) {
    for (const char* scope : {"a", "a", "a", "a"}) put_for(scope);  // 1 to 4
    put_for("b");                                                   // 5
    put_for("b");                                                   // 6
    put({.kind = "test", .scope = "a", .priority = 1});             // 7
    std::string order;
    for (int i = 0; i < 8; ++i) order += take_number() + " ";
    EXPECT_EQ(order, "7 1 5 2 6 3 4 - ");
    // Who comes later has its turn before those that others put there long ago.
    for (const char* scope : {"a", "a", "a"}) put_for(scope);  // 8 to 10
    EXPECT_EQ(take_number(), "8");
    put_for("c");  // 11
    EXPECT_EQ(take_number(), "11");
}

TEST_F(JobsTest, ImportsOfOneScopeKeepTheirOrder) {
    const std::int64_t first = put({.kind = std::string(kImportJob), .scope = "a"});
    put({.kind = std::string(kImportJob), .scope = "a", .priority = 9});
    put({.kind = std::string(kImportJob), .scope = "b"});
    put({.kind = "test", .scope = "a"});
    const auto running = take_one();
    ASSERT_TRUE(running);
    EXPECT_EQ(running->lease.job, first);
    EXPECT_EQ(take_number(), "3");
    EXPECT_EQ(take_number(), "4");
    EXPECT_EQ(take_number(), "-");
    // One that waits for its next attempt is still the first.
    EXPECT_EQ(give_up(*running, JobFailure::kForNow), JobState::kWaiting);
    EXPECT_EQ(take_number(), "-");
    pass(1000);
    EXPECT_EQ(take_number(), std::to_string(first));
}

TEST_F(JobsTest, AnImportWhoseDocumentSaysWhatItIsOfKeepsItsOrderAmongAll) {
    const std::string kind(kImportJob);
    put({.kind = kind, .scope = "a"});
    put({.kind = kind});
    put({.kind = kind, .scope = "b"});
    const auto first = take_one();
    ASSERT_TRUE(first);
    EXPECT_EQ(first->lease.job, 1);
    EXPECT_EQ(first->created_ms, now_.nanoseconds / 1'000'000);
    EXPECT_EQ(take_number(), "-");
    ASSERT_TRUE(finish(*first).ok());
    const auto second = take_one();
    ASSERT_TRUE(second);
    EXPECT_EQ(second->lease.job, 2);
    EXPECT_EQ(take_number(), "-");
    ASSERT_TRUE(finish(*second).ok());
    EXPECT_EQ(take_number(), "3");
}

TEST_F(JobsTest, AReportThatWaitedIsOlderThanWhatWasImportedPastIt) {
    put({.kind = std::string(kImportJob), .scope = "shop"});
    const Timestamp queued = now_;
    take({{"r", "a.c", 3, "eval(x)"}});  // past it
    ImportRequest older = request("an older one");
    older.queued = queued;
    const auto runs = import_reports(store_->database(), older, {report({})});
    ASSERT_TRUE(runs.ok()) << runs.error().to_string();
    EXPECT_EQ(runs.value()[0].incomplete_because, kOlderReport);
    EXPECT_EQ(runs.value()[0].counts.closed, 0U);
    // And what is put now is newer, as is what is imported when nothing waits.
    ImportRequest newer = request("a newer one");
    newer.queued = now_;
    const auto closed = import_reports(store_->database(), newer, {report({})});
    ASSERT_TRUE(closed.ok()) << closed.error().to_string();
    EXPECT_EQ(closed.value()[0].counts.closed, 1U);
    EXPECT_EQ(problems(), std::vector<std::string>());
}

TEST_F(JobsTest, TheFirstLaneIsEmptiedFirst) {
    put({.kind = "test", .lane = "scheduled"});
    put({.kind = "test", .lane = "user"});
    EXPECT_EQ(take_number(), "2");
    EXPECT_EQ(take_number(), "1");
    EXPECT_EQ(take_number(), "-");
}

TEST_F(JobsTest, OfOneKeyTheNewestWaits) {
    const std::int64_t first = put_for("a", "k"), second = put_for("a", "k");
    EXPECT_EQ(job(first).state, JobState::kSuperseded);
    EXPECT_EQ(put({.kind = "test", .key = "k", .if_one_waits = NewJob::Rival::kKeep}), second);
    const auto running = take_one();
    ASSERT_TRUE(running);
    const std::int64_t third = put_for("a", "k");
    EXPECT_EQ(take_number(), "-");  // not beside the one that runs
    // What comes back gives way to what came later.
    EXPECT_EQ(give_up(*running, JobFailure::kForNow), JobState::kSuperseded);
    EXPECT_EQ(take_number(), std::to_string(third));
}

TEST_F(JobsTest, OneThatFailsAfterProgressBeginsAnew) {
    put({.kind = "test", .max_attempts = 2});
    EXPECT_EQ(give_up(*take_one(), JobFailure::kForNow), JobState::kWaiting);
    for (int i = 0; i < 5; ++i) {
        pass(10);
        EXPECT_EQ(give_up(*take_one(), JobFailure::kAfterProgress), JobState::kWaiting);
    }
    pass(10);
    EXPECT_EQ(give_up(*take_one(), JobFailure::kForNow), JobState::kFailed);
}

TEST_F(JobsTest, OneThatFailsIsTriedLaterAndLater) {
    const std::int64_t id = put({.kind = "test", .max_attempts = 3});
    EXPECT_EQ(give_up(*take_one(), JobFailure::kForNow), JobState::kWaiting);
    EXPECT_EQ(take_number(), "-");
    pass(10);
    EXPECT_EQ(give_up(*take_one(), JobFailure::kForNow), JobState::kWaiting);
    pass(10);
    EXPECT_EQ(take_number(), "-");
    pass(10);
    EXPECT_EQ(give_up(*take_one(), JobFailure::kForNow), JobState::kFailed);
    EXPECT_EQ(job(id).outcome, "no luck");
    ASSERT_TRUE(retry_job(store_->database(), id, "ann", now_).ok());
    EXPECT_FALSE(retry_job(store_->database(), id, "ann", now_).ok());
    EXPECT_EQ(give_up(*take_one(), JobFailure::kForGood), JobState::kFailed);
    EXPECT_EQ(problems(), Lines{});
}

TEST_F(JobsTest, AnEndedLeaseIsAnothersChanceAndTheFirstHasNoEffect) {
    const std::int64_t id = put_for("a");
    const auto first = take_one("first");
    ASSERT_TRUE(first);
    EXPECT_EQ(take_number(), "-");
    ASSERT_EQ(renew_lease(store_->database(), first->lease, now_, 5000).value(), LeaseState::kHeld);
    pass(2);
    EXPECT_EQ(take_number(), "-");
    pass(4);
    const auto second = take_one("second");
    ASSERT_TRUE(second);
    EXPECT_EQ(second->attempt, 2);
    EXPECT_EQ(renew_lease(store_->database(), first->lease, now_, 5000).value(), LeaseState::kLost);
    EXPECT_FALSE(finish(*first).ok());
    EXPECT_EQ(give_up(*first, JobFailure::kForGood), JobState::kRunning);
    EXPECT_TRUE(finish(*second).ok());
    EXPECT_FALSE(finish(*second).ok());
    EXPECT_EQ(job(id).state, JobState::kDone);
    EXPECT_EQ(job(id).worker, "second");
}

TEST_F(JobsTest, WhatIsLostTooOftenHasFailed) {
    const std::int64_t id = put({.kind = "test", .max_attempts = 2});
    for (int i = 0; i < 2; ++i) {
        ASSERT_TRUE(take_one());
        pass(2);
    }
    EXPECT_EQ(take_number(), "-");
    EXPECT_EQ(job(id).state, JobState::kFailed);
    EXPECT_EQ(job(id).outcome, "w stopped answering");
}

TEST_F(JobsTest, AreCancelledBeforeAndWhileTheyRun) {
    const std::int64_t waiting = put_for("a");
    ASSERT_TRUE(cancel_job(store_->database(), waiting, "ann", now_).ok());
    EXPECT_EQ(job(waiting).state, JobState::kCancelled);
    EXPECT_FALSE(cancel_job(store_->database(), waiting, "ann", now_).ok());
    EXPECT_FALSE(cancel_job(store_->database(), 99, "ann", now_).ok());
    const std::int64_t running = put_for("a");
    const auto taken = take_one();
    ASSERT_TRUE(taken);
    ASSERT_TRUE(cancel_job(store_->database(), running, "ann", now_).ok());
    EXPECT_EQ(renew_lease(store_->database(), taken->lease, now_, 1000).value(),
              LeaseState::kCancelled);
    EXPECT_FALSE(finish(*taken).ok());
    EXPECT_EQ(give_up(*taken, JobFailure::kStopped), JobState::kCancelled);
}

TEST_F(JobsTest, HandedBackIsNoAttempt) {
    put({.kind = "test", .max_attempts = 1});
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(give_up(*take_one(), JobFailure::kStopped), JobState::kWaiting);
    EXPECT_EQ(take_one()->attempt, 1);
}

TEST_F(JobsTest, TheInputOfWhatIsCancelledOrRefusedIsNotKept) {
    const std::int64_t refused = put({.kind = "import", .input = "some bytes"});
    EXPECT_EQ(give_up(*take_one(), JobFailure::kForGood), JobState::kFailed);
    EXPECT_EQ(job_input(store_->database(), refused).value(), "");
    const std::int64_t cancelled = put({.kind = "import", .input = "some bytes"});
    ASSERT_TRUE(cancel_job(store_->database(), cancelled, "ann", now_).ok());
    EXPECT_EQ(job_input(store_->database(), cancelled).value(), "");
    const Status retried = retry_job(store_->database(), cancelled, "ann", now_);
    ASSERT_FALSE(retried.ok());
    EXPECT_NE(retried.error().message.find("import it again"), std::string::npos);
    // What nothing is wrong with is tried again.
    const std::int64_t failed = put({.kind = "import", .input = "some bytes", .max_attempts = 1});
    EXPECT_EQ(give_up(*take_one(), JobFailure::kForNow), JobState::kFailed);
    EXPECT_TRUE(retry_job(store_->database(), failed, "ann", now_).ok());
    // And dropped where nobody wants that.
    EXPECT_EQ(give_up(*take_one(), JobFailure::kForNow), JobState::kFailed);
    EXPECT_EQ(job_input_size(store_->database(), failed).value(), 10);
    ASSERT_TRUE(cancel_job(store_->database(), failed, "ann", now_).ok());
    EXPECT_EQ(job(failed).state, JobState::kCancelled);
    EXPECT_EQ(job_input_size(store_->database(), failed).value(), std::nullopt);
    EXPECT_FALSE(cancel_job(store_->database(), failed, "ann", now_).ok());
}

TEST_F(JobsTest, TheInputStaysUntilItIsDone) {
    const std::int64_t id = put({.kind = "test", .input = "some bytes"});
    EXPECT_EQ(job_input(store_->database(), id).value(), "some bytes");
    EXPECT_TRUE(finish(*take_one()).ok());
    EXPECT_EQ(job_input(store_->database(), id).value(), "");
    EXPECT_EQ(purge_jobs(store_->database(), now_).value(), 0U);
    EXPECT_EQ(purge_jobs(store_->database(), {now_.nanoseconds + 1'000'000'000}).value(), 1U);
    EXPECT_EQ(put_for("a"), id + 1);  // numbers do not come again
}

TEST_F(JobsTest, AnImportEndsItsJobOrLeavesNothing) {
    put_for("a");
    const auto taken = take_one();
    pass(2);
    const auto second = take_one();
    ASSERT_TRUE(taken && second);
    const exchange::ReadReport made = report({{"r", "a.c", 1, "x"}});
    const auto import = [&](const TakenJob& job) {
        ImportRequest asked = request("document");
        asked.also = [&](const std::vector<ImportedRun>&) {
            return finish_job(store_->database(), job.lease, "", now_);
        };
        return import_reports(store_->database(), asked, {made});
    };
    EXPECT_FALSE(import(*taken).ok());
    EXPECT_EQ(list(""), Lines{});
    EXPECT_TRUE(import(*second).ok());
    EXPECT_EQ(list(""), Lines{"1 a.c:1 present"});
    EXPECT_FALSE(import(*second).ok());  // known now, and still not twice
    EXPECT_EQ(problems(), Lines{});
}

TEST_F(JobsTest, WebhooksHearOfWhatTheyWant) {
    const Webhook hook{.name = "h",
                       .url = "https://example.org/h",
                       .events = {"decision", "job.*"},
                       .secret = "env:KEY"};
    ASSERT_TRUE(add_webhook(store_->database(), hook, "ann", now_).ok());
    EXPECT_FALSE(add_webhook(store_->database(), hook, "ann", now_).ok());
    for (const char* wrong : {"", "a b", "*x", "Import"}) {
        Webhook other = hook;
        other.name = "o";
        other.events = {wrong};
        EXPECT_FALSE(add_webhook(store_->database(), other, "ann", now_).ok()) << wrong;
    }
    take({{"r", "a.c", 1, "x"}});  // an import is none of them
    EXPECT_EQ(take_number(), "-");
    ASSERT_TRUE(decide({.finding = 1}, Verdict::kFalsePositive, 30).ok());
    ASSERT_TRUE(decide({.finding = 1}, Verdict::kNone, 30).ok());
    const auto waiting = waiting_deliveries(store_->database(), 1, 10).value();
    ASSERT_EQ(waiting.size(), 2U);
    EXPECT_NE(waiting[0].message, waiting[1].message);
    EXPECT_EQ(waiting[0].message[14], '7');
    EXPECT_EQ(waiting[0].body.find("{\"type\":\"decision\",\"timestamp\":\"2023"), 0U)
        << waiting[0].body;
    const auto taken = take_one();  // one job for both
    ASSERT_TRUE(taken);
    EXPECT_EQ(taken->kind, kDeliverKind);
    EXPECT_EQ(take_number(), "-");
    ASSERT_TRUE(note_refused(store_->database(), waiting[0].id, "503").ok());
    EXPECT_EQ(list_webhooks(store_->database()).value()[0].last_answer, "503");
    EXPECT_EQ(list_webhooks(store_->database()).value()[0].waiting, 2);
    ASSERT_TRUE(note_delivered(store_->database(), waiting[0].id, "204", now_).ok());
    EXPECT_EQ(waiting_deliveries(store_->database(), 1, 10).value()[0].id, waiting[1].id);
    ASSERT_TRUE(remove_webhook(store_->database(), "h", "ann", now_).ok());
    EXPECT_TRUE(waiting_deliveries(store_->database(), 1, 10).value().empty());
    EXPECT_EQ(problems(), Lines{});
}

TEST_F(JobsTest, AWorkerDoesWhatIsThereAndEnds) {
    const std::int64_t good = put({.kind = "good"}), bad = put({.kind = "bad"});
    const std::int64_t strange = put({.kind = "strange"});
    WorkerSettings settings;
    settings.store = {.place = path(), .access = Access::kWrite, .command = "test"};
    settings.lanes = {"user", "scheduled"};
    settings.name = "w";
    settings.until = WorkerSettings::Until::kIdle;
    settings.periodic = {{.kind = "good", .every_s = 3600}};
    std::vector<std::string> said;
    settings.tell = [&](std::string_view line) { said.emplace_back(line); };
    int runs = 0;
    settings.kinds["good"] = [&](const JobContext&) {
        ++runs;
        return JobEnd{JobEnd::How::kDone, "fine"};
    };
    settings.kinds["bad"] = [](const JobContext&) {
        return JobEnd{JobEnd::How::kFailedForGood, "broken"};
    };
    const auto tally = run_worker(settings);
    ASSERT_TRUE(tally.ok()) << tally.error().to_string();
    EXPECT_EQ(tally.value().done, 2U);
    EXPECT_EQ(tally.value().failed, 2U);
    EXPECT_EQ(runs, 2);  // and the one that the clock asks for
    EXPECT_EQ(job(good).outcome, "fine");
    EXPECT_EQ(job(bad).state, JobState::kFailed);
    EXPECT_EQ(job(strange).state, JobState::kFailed);
    EXPECT_EQ(said.size(), 4U);
}

}  // namespace
}  // namespace merlon::evidence
