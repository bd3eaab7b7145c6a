#include "evidence/worker.h"
#include "evidence/seconds.h"

#include <fmt/core.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

namespace merlon::evidence {
namespace {

constexpr auto kStep = std::chrono::milliseconds(50);
constexpr int kStoreAttempts = 5;  // with as many seconds between as there were before

bool is_cancelled(const CancelToken* token) { return token != nullptr && token->cancelled(); }

// Until then or the cancellation.
void wait_for(std::int64_t milliseconds, const CancelToken* cancel) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
    while (!is_cancelled(cancel) && std::chrono::steady_clock::now() < end)
        std::this_thread::sleep_for(kStep);
}

// Keeps the lease while a job runs, and hands on who wants its end.
class Heartbeat {
  public:
    Heartbeat(const WorkerSettings& settings, const JobLease& lease, CancelToken& job)
        : settings_(settings), lease_(lease), job_(job), thread_([this] { beat(); }) {}
    Heartbeat(const Heartbeat&) = delete;
    Heartbeat& operator=(const Heartbeat&) = delete;
    ~Heartbeat() {
        {
            const std::lock_guard lock(mutex_);
            is_over_ = true;
        }
        over_.notify_all();
        thread_.join();
    }

  private:
    void beat() {
        std::optional<Store> store;
        auto last = std::chrono::steady_clock::now();
        const auto period = std::chrono::milliseconds(settings_.lease_ms / 3);
        std::unique_lock lock(mutex_);
        while (!over_.wait_for(lock, kStep, [this] { return is_over_; })) {
            if (is_cancelled(settings_.cancel)) job_.cancel();
            if (std::chrono::steady_clock::now() - last < period) continue;
            lock.unlock();
            renew(store);
            last = std::chrono::steady_clock::now();
            lock.lock();
        }
    }

    // A store that does not answer now may do so before the lease has run out.
    void renew(std::optional<Store>& store) {
        if (!store) {
            Result<Store> opened = Store::open(settings_.store);
            if (!opened.ok()) return;
            store.emplace(std::move(opened).value());
        }
        const Result<LeaseState> state =
            renew_lease(store->database(), lease_, settings_.clock->now(), settings_.lease_ms);
        if (!state.ok()) return store.reset();
        if (state.value() != LeaseState::kHeld) job_.cancel();
    }

    const WorkerSettings& settings_;
    JobLease lease_;
    CancelToken& job_;
    std::mutex mutex_;
    std::condition_variable over_;
    bool is_over_ = false;
    std::thread thread_;  // the last one: it uses the others
};

class Worker {
  public:
    explicit Worker(const WorkerSettings& settings) : settings_(settings) {}

    Result<WorkerTally> run() {
        int failures = 0;
        while (!is_cancelled(settings_.cancel)) {
            Result<bool> worked = step();
            if (!worked.ok()) {
                store_.reset();  // the connection may be lost
                if (++failures == kStoreAttempts) return std::move(worked).error();
                settings_.tell(worked.error().to_string());
                wait_for(failures * std::int64_t{1000}, settings_.cancel);
                continue;
            }
            failures = 0;
            using Until = WorkerSettings::Until;
            if (settings_.until == Until::kOne) break;
            if (worked.value()) continue;
            if (settings_.until == Until::kIdle) break;
            wait_for(settings_.poll_ms, settings_.cancel);
        }
        tally_.left = failing_.size();
        return tally_;
    }

  private:
    // Whether there was something to do.
    Result<bool> step() {
        if (!store_) store_.emplace(MERLON_TRY(Store::open(settings_.store)));
        MERLON_TRY(plan());
        const std::optional<TakenJob> job =
            MERLON_TRY(take_job(database(), {.lanes = settings_.lanes,
                                             .worker = settings_.name,
                                             .now = settings_.clock->now(),
                                             .lease_ms = settings_.lease_ms}));
        if (!job) return false;
        MERLON_TRY(end(*job, work(*job)));
        return true;
    }

    Database& database() { return store_->database(); }

    // What the clock asks for, once for each hour or day.
    Status plan() {
        const Timestamp now = settings_.clock->now();
        const std::int64_t now_s = seconds_of(now);
        for (const PeriodicJob& periodic : settings_.periodic) {
            const std::string key =
                fmt::format("{}/{}", periodic.kind, now_s / periodic.every_s * periodic.every_s);
            if (planned_[periodic.kind] == key) continue;
            if (!MERLON_TRY(has_job(database(), key))) {
                Transaction transaction = MERLON_TRY(Transaction::begin(database()));
                if (!MERLON_TRY(has_job(database(), key))) {
                    const Result<std::int64_t> made = enqueue(database(),
                                                              {.kind = std::string(periodic.kind),
                                                               .lane = std::string(kScheduledLane),
                                                               .key = key,
                                                               .if_one_waits = NewJob::Rival::kKeep,
                                                               .author = "merlon worker"},
                                                              now);
                    if (!made.ok()) return made.error();
                }
                MERLON_TRY(transaction.commit());
            }
            planned_[periodic.kind] = key;
        }
        return {};
    }

    JobEnd work(const TakenJob& job) {
        const auto found = settings_.kinds.find(job.kind);
        if (found == settings_.kinds.end())
            return {.how = JobEnd::How::kFailedForGood,
                    .outcome = "this program knows no job of the kind " + job.kind};
        CancelToken cancel;
        const Heartbeat heartbeat(settings_, job.lease, cancel);
        return found->second(
            {.database = database(), .job = job, .clock = *settings_.clock, .cancel = cancel});
    }

    Status end(const TakenJob& job, const JobEnd& end) {
        using How = JobEnd::How;
        const Timestamp now = settings_.clock->now();
        if (end.how == How::kDone) {
            const Status finished = finish(job, end.outcome, now);
            if (!finished.ok()) return give_up(job, JobFailure::kStopped, finished.error().message);
        }
        if (end.how == How::kFinished || end.how == How::kDone) {
            ++tally_.done;
            failing_.erase(job.lease.job);
            settings_.tell(fmt::format("job {} ({}): {}", job.lease.job, job.kind, end.outcome));
            return {};
        }
        if (end.how != How::kStopped) {
            ++tally_.failed;
            failing_.insert(job.lease.job);
        }
        return give_up(job,
                       end.how == How::kFailedForGood         ? JobFailure::kForGood
                       : end.how == How::kFailedAfterProgress ? JobFailure::kAfterProgress
                       : end.how == How::kStopped             ? JobFailure::kStopped
                                                              : JobFailure::kForNow,
                       end.outcome);
    }

    Status finish(const TakenJob& job, std::string_view outcome, Timestamp now) {
        Transaction transaction = MERLON_TRY(Transaction::begin(database()));
        MERLON_TRY(finish_job(database(), job.lease, outcome, now));
        return transaction.commit();
    }

    Status give_up(const TakenJob& job, JobFailure failure, std::string_view outcome) {
        const JobState state = MERLON_TRY(
            give_up_job(database(), job.lease, failure, outcome, settings_.clock->now()));
        settings_.tell(fmt::format("job {} ({}): {}; it is {} now", job.lease.job, job.kind,
                                   outcome, name(state)));
        return {};
    }

    const WorkerSettings& settings_;
    std::optional<Store> store_;
    std::map<std::string_view, std::string> planned_;
    std::set<std::int64_t> failing_;  // jobs
    WorkerTally tally_;
};

}  // namespace

Result<WorkerTally> run_worker(const WorkerSettings& settings) { return Worker(settings).run(); }

}  // namespace merlon::evidence
