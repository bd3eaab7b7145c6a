#pragma once

// Takes jobs from a store and does them, until it is told to stop or nothing is left.
//
// The idea: what a kind of job does is a function that the caller brings, so that a later control
// adds a kind without touching this. While one runs, a second thread with a connection of its own
// renews the lease, and sets the job's cancellation where somebody asked for its end or another
// worker has it. Work that belongs to the store ends in `finish`, within its own transaction; work
// that does not (a delivery) is done at least once.
//
// Jobs that the clock asks for are put into the table by whichever worker comes first: their key
// holds the hour or day, so each is made once.
//
// Not thread-safe: one worker belongs to one thread, and as many as one likes share a store.

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "base/clock.h"
#include "evidence/jobs.h"
#include "evidence/store.h"

namespace merlon::evidence {

// What a kind of job is handed.
struct JobContext {
    Database& database;
    const TakenJob& job;
    const Clock& clock;
    const CancelToken& cancel;  // the job's end, or the worker's
};

// How a job ended that did not finish in a transaction of its own.
struct JobEnd {
    enum class How : std::uint8_t {
        kFinished,  // its transaction called finish_job()
        kDone,      // nothing of the store changed: the worker notes it
        kFailedForNow,
        kFailedAfterProgress,  // some of it was done, and stays done
        kFailedForGood,
        kStopped,
    } how = How::kFinished;
    std::string outcome = {};
};
using RunJob = std::function<JobEnd(const JobContext& context)>;

struct PeriodicJob {
    std::string_view kind;
    std::int64_t every_s = 3600;
};

struct WorkerSettings {
    StoreRequest store;
    std::vector<std::string> lanes;
    std::string name;  // of this worker, for people
    std::map<std::string, RunJob, std::less<>> kinds;
    std::vector<PeriodicJob> periodic;
    enum class Until : std::uint8_t {
        kStopped,  // by `cancel`
        kIdle,     // and where nothing is left to take now
        kOne,      // or one job is done
    } until = Until::kStopped;
    std::int64_t lease_ms = 60'000;
    std::int64_t poll_ms = 1000;
    const Clock* clock = &system_clock();
    const CancelToken* cancel = nullptr;
    std::function<void(std::string_view line)> tell;  // what it does, a line each
};

struct WorkerTally {
    std::uint64_t done = 0;
    std::uint64_t failed = 0;  // for good, or until their next attempt
    std::uint64_t left = 0;    // jobs whose last attempt failed
};

// Fails where the store cannot be reached for longer than a few attempts.
Result<WorkerTally> run_worker(const WorkerSettings& settings);

}  // namespace merlon::evidence
