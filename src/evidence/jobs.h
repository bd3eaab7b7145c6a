#pragma once

// Work that is done later, by whoever takes it: the table of jobs in the store.
//
// The idea: there is no queue beside the store. A job waits in a lane until a worker takes it under
// a lease, which it renews while it works; a lease that runs out is another worker's chance. Each
// taking has a number, and the job ends in the transaction of what it does, which commits only
// while that number still holds: a worker that was taken for dead, or killed before its commit,
// leaves no effect, so each job has its effect exactly once.
//
// Of jobs that wait with the same key the newest replaces the others (or is dropped, where the one
// that waits will do). Within a lane the higher priority is first, and of equals the scopes take
// turns (start-time fair queueing: a job's turn follows that of the last one of its scope, and is
// never before that of the last one begun).
//
// Imports of one scope are done in the order in which they were put, one after the other: what an
// older report says after a newer one would be taken for news. One without a scope, whose document
// says what it is of, may be of any: it waits for all before it, and those behind it wait for it.
//
// On PostgreSQL rows are taken with SKIP LOCKED beside a writer; on SQLite in the writer's
// transaction. Clocks of workers may differ by less than a lease; a clock that is wrong costs work
// done twice, and no second effect.
//
// Not thread-safe: the connection belongs to one thread. Cost: a few look-ups in indices each.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "evidence/database.h"

namespace merlon::evidence {

// Numbers stand in the store.
enum class JobState : std::uint8_t {
    kWaiting = 0,
    kRunning = 1,
    kDone = 2,
    kFailed = 3,
    kCancelled = 4,
    kSuperseded = 5,
};
// "waiting", "running", "done", "failed", "cancelled", "superseded".
std::string_view name(JobState state);
std::optional<JobState> parse_job_state(std::string_view text);

// What people wait for, and what the clock asks for: each can have workers of its own.
inline constexpr std::string_view kUserLane = "user";
inline constexpr std::string_view kScheduledLane = "scheduled";
// The kind of those that keep their order.
inline constexpr std::string_view kImportJob = "import";

struct NewJob {
    std::string kind = {};
    std::string lane = std::string(kUserLane);
    std::string scope = {};  // whose turn it takes
    std::string key = {};    // empty: it stands for itself
    enum class Rival : std::uint8_t { kReplace, kKeep } if_one_waits = Rival::kReplace;
    std::int64_t priority = 0;    // the higher is first
    std::string payload = "{}";   // JSON
    std::string_view input = {};  // kept with it until it is done
    std::string author = {};
    std::int64_t max_attempts = 5;
};

// Within a transaction; the job's number, or that of the one that waits and is kept.
Result<std::int64_t> enqueue(Database& database, const NewJob& job, Timestamp now);

// The right to work on a job, and to end it.
struct JobLease {
    std::int64_t job = 0;
    std::int64_t number = 0;
};

struct TakenJob {
    JobLease lease;
    std::string kind, scope, payload, author;
    std::int64_t attempt = 1;
    std::int64_t created_ms = 0;
};

struct TakeRequest {
    std::span<const std::string> lanes = {};  // the first one that has work
    std::string worker = {};                  // who takes it, for people
    Timestamp now = {};
    std::int64_t lease_ms = 60'000;
};

// Nothing where no job is ready. Jobs whose lease ran out are put back first. Begins its own
// transaction where one is needed.
Result<std::optional<TakenJob>> take_job(Database& database, const TakeRequest& request);

// When the newest import was put that may be of the scope and is not done: it waits, is worked on,
// or has failed and may be tried again. 0: there is none.
Result<std::int64_t> newest_import_to_come(Database& database, std::string_view scope);

// What the job works on, empty where it has none.
Result<std::string> job_input(Database& database, std::int64_t job);
// How many bytes; nothing where it has none, or none is kept any more.
Result<std::optional<std::int64_t>> job_input_size(Database& database, std::int64_t job);

enum class LeaseState : std::uint8_t {
    kHeld,
    kCancelled,  // somebody asked for its end
    kLost,       // another has it, or it has ended
};
// For `lease_ms` from now on. Begins its own transaction where one is needed.
Result<LeaseState> renew_lease(Database& database, const JobLease& lease, Timestamp now,
                               std::int64_t lease_ms);

// Within the transaction of what the job does: fails where the lease is lost or somebody cancelled
// the job, and nothing is done then. `outcome` is a line for people.
Status finish_job(Database& database, const JobLease& lease, std::string_view outcome,
                  Timestamp now);

enum class JobFailure : std::uint8_t {
    kForNow,         // tried again later, twice as late each time
    kAfterProgress,  // as the first of its attempts: what was in the way before is done
    kForGood,        // another attempt would fail, too
    kStopped,        // the worker ends: somebody else goes on, and it was no attempt
};
// Begins its own transaction. Does nothing where the lease is lost; the state that it is in then.
Result<JobState> give_up_job(Database& database, const JobLease& lease, JobFailure failure,
                             std::string_view outcome, Timestamp now);

struct JobRow {
    std::int64_t id = 0;
    std::string kind, lane, scope, key, payload, author, worker, outcome;
    JobState state = JobState::kWaiting;
    bool is_cancel_asked = false;
    std::int64_t priority = 0, attempts = 0, max_attempts = 0;
    std::int64_t created_ms = 0, ready_ms = 0, started_ms = 0, ended_ms = 0, lease_until_ms = 0;
};

struct JobsRequest {
    std::optional<JobState> state = {};
    std::string kind = {};    // empty: all
    std::int64_t before = 0;  // only numbers below; 0: all
    std::size_t limit = 50;
};
// The newest first.
Result<std::vector<JobRow>> list_jobs(Database& database, const JobsRequest& request);
Result<std::optional<JobRow>> show_job(Database& database, std::int64_t job);

// Both leave an event. Fail where there is no such job, or it has ended (or not, for retry_job).
// Begin their own transaction.
Status cancel_job(Database& database, std::int64_t job, std::string_view actor, Timestamp now);
Status retry_job(Database& database, std::int64_t job, std::string_view actor, Timestamp now);

// Removes jobs that ended before, and what was delivered. Within a transaction; how many jobs.
Result<std::uint64_t> purge_jobs(Database& database, Timestamp before);

// Whether a job of this key was ever made and is still listed, in whatever state.
Result<bool> has_job(Database& database, std::string_view key);

}  // namespace merlon::evidence
