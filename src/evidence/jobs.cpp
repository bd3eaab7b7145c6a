#include "evidence/jobs.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "evidence/event_log.h"
#include "text/json.h"
#include "text/zstd.h"

namespace merlon::evidence {
namespace {

constexpr int kPackingLevel = 3;
constexpr std::int64_t kFirstDelayMs = 10'000;
constexpr std::int64_t kLongestDelayMs = 3'600'000;

constexpr std::array<std::string_view, 6> kStates{"waiting", "running",   "done",
                                                  "failed",  "cancelled", "superseded"};

constexpr std::string_view kRowColumns =
    "id, kind, lane, scope, key, payload, author, worker, outcome, state, cancel_asked, priority, "
    "attempts, max_attempts, created_ms, ready_ms, started_ms, ended_ms, lease_until_ms";

std::int64_t milliseconds(Timestamp time) { return time.nanoseconds / 1'000'000; }

// Twice as late each time.
std::int64_t delay_ms(std::int64_t attempts) {
    std::int64_t delay = kFirstDelayMs;
    for (std::int64_t i = 1; i < attempts && delay < kLongestDelayMs; ++i) delay *= 2;
    return std::min(delay, kLongestDelayMs);
}

JobRow read_job(Cells row) {
    JobRow job;
    job.id = integer_of(row[0]);
    std::string* const texts[] = {&job.kind,    &job.lane,   &job.scope,  &job.key,
                                  &job.payload, &job.author, &job.worker, &job.outcome};
    for (std::size_t i = 0; i < std::size(texts); ++i) *texts[i] = text_of(row[i + 1]);
    job.state = static_cast<JobState>(integer_of(row[9]));
    job.is_cancel_asked = integer_of(row[10]) == 1;
    std::int64_t* const numbers[] = {&job.priority,   &job.attempts,      &job.max_attempts,
                                     &job.created_ms, &job.ready_ms,      &job.started_ms,
                                     &job.ended_ms,   &job.lease_until_ms};
    for (std::size_t i = 0; i < std::size(numbers); ++i) *numbers[i] = integer_of(row[i + 11]);
    return job;
}

// What changes single rows: beside a writer, where the database can.
template <typename Do>
Status take_turn(Database& database, const Do& act) {
    if (database.row_locks() == RowLocks::kYes) return act();
    Transaction transaction = MERLON_TRY(Transaction::begin(database));
    MERLON_TRY(act());
    return transaction.commit();
}

Status drop_input(Database& database, std::int64_t job) {
    return database.run("DELETE FROM job_input WHERE job = $1", {job});
}

// What becomes of a job that is not done: within a transaction, in which no other is made.
class PutBack {
  public:
    PutBack(Database& database, Timestamp now) : database_(database), now_ms_(milliseconds(now)) {}

    Result<JobState> put(const JobRow& job, JobFailure failure, std::string_view outcome) {
        const JobState state = MERLON_TRY(state_of(job, failure));
        const bool waits = state == JobState::kWaiting;
        const bool is_attempt = failure != JobFailure::kStopped;
        const std::int64_t attempts =
            failure == JobFailure::kAfterProgress ? 1 : job.attempts - (is_attempt ? 0 : 1);
        const std::int64_t ready = waits && is_attempt ? now_ms_ + delay_ms(attempts) : now_ms_;
        MERLON_TRY(
            database_.run("UPDATE job SET state = $2, outcome = $3, ready_ms = $4, ended_ms = $5, "
                          "attempts = $6, lease = lease + 1, lease_until_ms = 0, cancel_asked = 0 "
                          "WHERE id = $1 AND state = 1",
                          {job.id, static_cast<std::int64_t>(state), outcome, ready,
                           waits ? std::int64_t{0} : now_ms_, attempts}));
        // A document is kept without its secrets, and waits with them: for nothing, here.
        const bool is_over = state == JobState::kCancelled || failure == JobFailure::kForGood;
        if (!waits && is_over) MERLON_TRY(drop_input(database_, job.id));
        return state;
    }

  private:
    Result<JobState> state_of(const JobRow& job, JobFailure failure) {
        if (job.is_cancel_asked) return JobState::kCancelled;
        if (failure == JobFailure::kForGood) return JobState::kFailed;
        if (failure == JobFailure::kForNow && job.attempts >= job.max_attempts)
            return JobState::kFailed;
        if (job.key.empty()) return JobState::kWaiting;
        const std::int64_t rival = MERLON_TRY(database_.number(
            "SELECT id FROM job WHERE state = 0 AND key = $1", {std::string_view(job.key)}, 0));
        return rival == 0 ? JobState::kWaiting : JobState::kSuperseded;
    }

    Database& database_;
    std::int64_t now_ms_;
};

// Nearly always no lease has run out, and then no writer is needed.
Status put_back_lost(Database& database, Timestamp now) {
    constexpr std::string_view kLost = "state = 1 AND lease_until_ms > 0 AND lease_until_ms <= $1";
    const std::int64_t now_ms = milliseconds(now);
    const std::int64_t some = MERLON_TRY(
        database.number(fmt::format("SELECT id FROM job WHERE {} LIMIT 1", kLost), {now_ms}, 0));
    if (some == 0) return {};
    Transaction transaction = MERLON_TRY(Transaction::begin(database));
    std::vector<JobRow> lost;
    MERLON_TRY(database.each_row(
        fmt::format("SELECT {} FROM job WHERE {} ORDER BY id", kRowColumns, kLost), {now_ms},
        [&](Cells row) { lost.push_back(read_job(row)); }));
    for (const JobRow& job : lost) {
        const std::string outcome = fmt::format("{} stopped answering", job.worker);
        // At once: nothing says that the job was at fault.
        const bool is_last = job.attempts >= job.max_attempts;
        JobRow again = job;
        again.attempts += is_last ? 0 : 1;  // kStopped takes one off, and this was an attempt
        const Result<JobState> put =
            PutBack(database, now)
                .put(again, is_last ? JobFailure::kForNow : JobFailure::kStopped, outcome);
        if (!put.ok()) return put.error();
    }
    return transaction.commit();
}

std::string take_statement(RowLocks locks) {
    return fmt::format(
        "UPDATE job SET state = 1, worker = $3, lease = lease + 1, lease_until_ms = $4, "
        "started_ms = $2, ended_ms = 0, attempts = attempts + 1, cancel_asked = 0, outcome = '' "
        "WHERE id = (SELECT j.id FROM job j WHERE j.lane = $1 AND j.state = 0 "
        "AND j.ready_ms <= $2 AND NOT EXISTS (SELECT 1 FROM job r WHERE r.key = j.key "
        "AND r.state = 1 AND r.key <> '') AND NOT (j.kind = '{0}' AND (EXISTS (SELECT 1 FROM job e "
        "WHERE e.lane = j.lane AND e.state = 0 AND e.kind = '{0}' AND e.scope IN (j.scope, '') "
        "AND e.id < j.id) OR EXISTS (SELECT 1 FROM job e WHERE e.state = 1 AND e.kind = '{0}' "
        "AND e.scope IN (j.scope, '') AND e.id < j.id) OR (j.scope = '' AND EXISTS (SELECT 1 "
        "FROM job e WHERE e.lane = j.lane AND e.state IN (0, 1) AND e.kind = '{0}' "
        "AND e.id < j.id)))) "
        "ORDER BY j.priority DESC, j.turn, j.id LIMIT 1{1}) "
        "AND state = 0 RETURNING id, lease, attempts, kind, scope, payload, author, created_ms",
        kImportJob, locks == RowLocks::kYes ? " FOR UPDATE OF j SKIP LOCKED" : "");
}

Result<JobRow> existing_job(Database& database, std::int64_t id) {
    const std::optional<JobRow> job = MERLON_TRY(show_job(database, id));
    if (!job) return Error{fmt::format("there is no job {}; 'merlon jobs list' says which", id)};
    return *job;
}

Status append_job_event(Database& database, std::string_view kind, const JobRow& job,
                        std::string_view actor, Timestamp now) {
    std::string body;
    text::JsonWriter json(body);
    json.begin_object().key("job").integer(job.id).member("kind", job.kind).end_object();
    const Result<std::int64_t> event = append_event(
        database, {.at = now, .actor = std::string(actor), .kind = kind, .body = std::move(body)});
    return event.ok() ? Status() : Status(event.error());
}

}  // namespace

std::string_view name(JobState state) {
    const auto index = static_cast<std::size_t>(state);
    return index < kStates.size() ? kStates[index] : "unknown";
}

std::optional<JobState> parse_job_state(std::string_view text) {
    const auto* const found = std::ranges::find(kStates, text);
    if (found == kStates.end()) return std::nullopt;
    return static_cast<JobState>(found - kStates.begin());
}

Result<std::int64_t> enqueue(Database& database, const NewJob& job, Timestamp now) {
    const std::int64_t now_ms = milliseconds(now);
    if (!job.key.empty()) {
        const std::int64_t rival = MERLON_TRY(database.number(
            "SELECT id FROM job WHERE state = 0 AND key = $1", {std::string_view(job.key)}, 0));
        // A worker may have taken it since, without being a writer: then it is no rival. One that
        // is kept cannot be taken before this transaction ends, and so sees what it did.
        const bool is_kept = job.if_one_waits == NewJob::Rival::kKeep;
        const std::uint64_t waits = MERLON_TRY(
            is_kept ? database.change(
                          "UPDATE job SET ready_ms = ready_ms WHERE id = $1 AND state = 0", {rival})
                    : database.change(
                          "UPDATE job SET state = 5, ended_ms = $2 WHERE id = $1 AND state = 0",
                          {rival, now_ms}));
        if (waits > 0 && is_kept) return rival;
        if (waits > 0) MERLON_TRY(drop_input(database, rival));
    }
    const std::int64_t begun =
        MERLON_TRY(database.number("SELECT max(turn) FROM job WHERE lane = $1 AND state > 0",
                                   {std::string_view(job.lane)}, 0));
    const std::int64_t last =
        MERLON_TRY(database.number("SELECT max(turn) FROM job WHERE lane = $1 AND scope = $2",
                                   {std::string_view(job.lane), std::string_view(job.scope)}, 0));
    const std::int64_t id = MERLON_TRY(
        database.number("INSERT INTO sequence (name, next) VALUES ('job', 1) ON CONFLICT (name) "
                        "DO UPDATE SET next = sequence.next + 1 RETURNING next",
                        {}, 0));
    MERLON_TRY(database.run(
        "INSERT INTO job (id, kind, lane, scope, key, priority, turn, state, payload, author, "
        "created_ms, ready_ms, started_ms, ended_ms, attempts, max_attempts, worker, lease, "
        "lease_until_ms, cancel_asked, outcome) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, $9, "
        "$10, $10, 0, 0, 0, $11, '', 0, 0, 0, '')",
        {id, std::string_view(job.kind), std::string_view(job.lane), std::string_view(job.scope),
         std::string_view(job.key), job.priority, std::max(begun, last + 1),
         std::string_view(job.payload), std::string_view(job.author), now_ms, job.max_attempts}));
    if (!job.input.empty()) {
        const std::string packed = text::pack_zstd(job.input, kPackingLevel);
        MERLON_TRY(database.run("INSERT INTO job_input (job, size, packed) VALUES ($1, $2, $3)",
                                {id, static_cast<std::int64_t>(job.input.size()), Bytes{packed}}));
    }
    return id;
}

Result<std::optional<TakenJob>> take_job(Database& database, const TakeRequest& request) {
    MERLON_TRY(put_back_lost(database, request.now));
    const std::int64_t now_ms = milliseconds(request.now);
    const std::string statement = take_statement(database.row_locks());
    std::optional<TakenJob> taken;
    for (const std::string& lane : request.lanes) {
        // On SQLite nothing is written, and nobody waited for, where there is nothing to take.
        const std::int64_t ready = MERLON_TRY(database.number(
            "SELECT 1 FROM job WHERE lane = $1 AND state = 0 AND ready_ms <= $2 LIMIT 1",
            {std::string_view(lane), now_ms}, 0));
        if (ready == 0) continue;
        MERLON_TRY(take_turn(database, [&] {
            return database.each_row(statement,
                                     {std::string_view(lane), now_ms,
                                      std::string_view(request.worker), now_ms + request.lease_ms},
                                     [&](Cells row) {
                                         taken.emplace();
                                         taken->lease = {.job = integer_of(row[0]),
                                                         .number = integer_of(row[1])};
                                         taken->attempt = integer_of(row[2]);
                                         taken->kind = text_of(row[3]);
                                         taken->scope = text_of(row[4]);
                                         taken->payload = text_of(row[5]);
                                         taken->author = text_of(row[6]);
                                         taken->created_ms = integer_of(row[7]);
                                     });
        }));
        if (taken) break;
    }
    return taken;
}

Result<std::int64_t> newest_import_to_come(Database& database, std::string_view scope) {
    return database.number(
        "SELECT max(created_ms) FROM job WHERE kind = $1 AND state IN (0, 1, 3) "
        "AND scope IN ($2, '')",
        {kImportJob, scope}, 0);
}

Result<std::string> job_input(Database& database, std::int64_t job) {
    std::string packed;
    std::size_t size = 0;
    MERLON_TRY(database.each_row("SELECT size, packed FROM job_input WHERE job = $1", {job},
                                 [&](Cells row) {
                                     size = static_cast<std::size_t>(integer_of(row[0]));
                                     packed = bytes_of(row[1]);
                                 }));
    if (packed.empty()) return std::string();
    return text::unpack_zstd(packed, size);
}

Result<std::optional<std::int64_t>> job_input_size(Database& database, std::int64_t job) {
    std::optional<std::int64_t> size;
    MERLON_TRY(database.each_row("SELECT size FROM job_input WHERE job = $1", {job},
                                 [&](Cells row) { size = integer_of(row[0]); }));
    return size;
}

Result<LeaseState> renew_lease(Database& database, const JobLease& lease, Timestamp now,
                               std::int64_t lease_ms) {
    LeaseState state = LeaseState::kLost;
    MERLON_TRY(take_turn(database, [&] {
        return database.each_row(
            "UPDATE job SET lease_until_ms = $3 WHERE id = $1 AND lease = $2 AND state = 1 "
            "RETURNING cancel_asked",
            {lease.job, lease.number, milliseconds(now) + lease_ms}, [&](Cells row) {
                state = integer_of(row[0]) == 1 ? LeaseState::kCancelled : LeaseState::kHeld;
            });
    }));
    return state;
}

Status finish_job(Database& database, const JobLease& lease, std::string_view outcome,
                  Timestamp now) {
    const std::uint64_t ended = MERLON_TRY(
        database.change("UPDATE job SET state = 2, outcome = $3, ended_ms = $4 WHERE id = $1 "
                        "AND lease = $2 AND state = 1 AND cancel_asked = 0",
                        {lease.job, lease.number, outcome, milliseconds(now)}));
    if (ended == 0) return Error{fmt::format("job {} is no longer this worker's", lease.job)};
    return drop_input(database, lease.job);
}

Result<JobState> give_up_job(Database& database, const JobLease& lease, JobFailure failure,
                             std::string_view outcome, Timestamp now) {
    Transaction transaction = MERLON_TRY(Transaction::begin(database));
    std::optional<JobRow> job;
    MERLON_TRY(database.each_row(
        fmt::format("SELECT {} FROM job WHERE id = $1 AND lease = $2 AND state = 1", kRowColumns),
        {lease.job, lease.number}, [&](Cells row) { job = read_job(row); }));
    if (!job) {
        const std::optional<JobRow> now_is = MERLON_TRY(show_job(database, lease.job));
        return now_is ? now_is->state : JobState::kCancelled;
    }
    const JobState state = MERLON_TRY(PutBack(database, now).put(*job, failure, outcome));
    MERLON_TRY(transaction.commit());
    return state;
}

Result<std::vector<JobRow>> list_jobs(Database& database, const JobsRequest& request) {
    std::vector<JobRow> jobs;
    const std::int64_t state = request.state ? static_cast<std::int64_t>(*request.state) : -1;
    const std::int64_t before = request.before == 0 ? INT64_MAX : request.before;
    MERLON_TRY(database.each_row(
        fmt::format("SELECT {} FROM job WHERE id < $1 AND ($2 < 0 OR state = $2) AND $3 IN ('', "
                    "kind) ORDER BY id DESC LIMIT $4",
                    kRowColumns),
        {before, state, std::string_view(request.kind), static_cast<std::int64_t>(request.limit)},
        [&](Cells row) { jobs.push_back(read_job(row)); }));
    return jobs;
}

Result<std::optional<JobRow>> show_job(Database& database, std::int64_t job) {
    std::optional<JobRow> found;
    MERLON_TRY(database.each_row(fmt::format("SELECT {} FROM job WHERE id = $1", kRowColumns),
                                 {job}, [&](Cells row) { found = read_job(row); }));
    return found;
}

Status cancel_job(Database& database, std::int64_t id, std::string_view actor, Timestamp now) {
    Transaction transaction = MERLON_TRY(Transaction::begin(database));
    const JobRow job = MERLON_TRY(existing_job(database, id));
    // One that failed may be tried again, and keeps its document for that: who does not want to
    // drops it.
    const bool is_kept = job.state == JobState::kFailed && MERLON_TRY(job_input_size(database, id));
    if (job.state != JobState::kWaiting && job.state != JobState::kRunning && !is_kept)
        return Error{fmt::format("job {} has ended already: {}", id, name(job.state))};
    MERLON_TRY(append_job_event(database, event_kind::kJobCancel, job, actor, now));
    // A worker may have taken it since, without being a writer.
    MERLON_TRY(database.run("UPDATE job SET state = 4, ended_ms = $2 WHERE id = $1 AND state = 0",
                            {id, milliseconds(now)}));
    MERLON_TRY(database.run("UPDATE job SET cancel_asked = 1 WHERE id = $1 AND state = 1", {id}));
    if (is_kept) MERLON_TRY(database.run("UPDATE job SET state = 4 WHERE id = $1", {id}));
    if (job.state == JobState::kWaiting || is_kept) {
        MERLON_TRY(database.run(
            "DELETE FROM job_input WHERE job IN (SELECT id FROM job WHERE id = $1 AND state = 4)",
            {id}));
    }
    return transaction.commit();
}

Status retry_job(Database& database, std::int64_t id, std::string_view actor, Timestamp now) {
    Transaction transaction = MERLON_TRY(Transaction::begin(database));
    const JobRow job = MERLON_TRY(existing_job(database, id));
    if (job.state != JobState::kFailed && job.state != JobState::kCancelled) {
        return Error{fmt::format("job {} is {}; only what failed or was cancelled is tried again",
                                 id, name(job.state))};
    }
    const std::int64_t has_input =
        MERLON_TRY(database.number("SELECT 1 FROM job_input WHERE job = $1", {id}, 0));
    if (job.kind == kImportJob && has_input == 0)
        return Error{
            fmt::format("the document of job {} is not kept any more; import it again", id)};
    const std::int64_t rival =
        MERLON_TRY(database.number("SELECT id FROM job WHERE state = 0 AND key = $1 AND key <> ''",
                                   {std::string_view(job.key)}, 0));
    if (rival != 0) return Error{fmt::format("job {} waits to do the same", rival)};
    MERLON_TRY(append_job_event(database, event_kind::kJobRetry, job, actor, now));
    MERLON_TRY(
        database.run("UPDATE job SET state = 0, attempts = 0, ready_ms = $2, ended_ms = 0, "
                     "outcome = '' WHERE id = $1",
                     {id, milliseconds(now)}));
    return transaction.commit();
}

Result<std::uint64_t> purge_jobs(Database& database, Timestamp before) {
    const std::int64_t before_ms = milliseconds(before);
    MERLON_TRY(database.run("DELETE FROM outbox WHERE delivered_ms > 0 AND delivered_ms < $1",
                            {before_ms}));
    MERLON_TRY(
        database.run("DELETE FROM job_input WHERE job IN (SELECT id FROM job WHERE state > 1 "
                     "AND ended_ms < $1)",
                     {before_ms}));
    return database.change("DELETE FROM job WHERE state > 1 AND ended_ms < $1", {before_ms});
}

Result<bool> has_job(Database& database, std::string_view key) {
    return MERLON_TRY(database.number("SELECT 1 FROM job WHERE key = $1 AND key <> '' LIMIT 1",
                                      {key}, 0)) == 1;
}

}  // namespace merlon::evidence
