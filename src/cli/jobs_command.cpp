#include "cli/jobs_command.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "cli/evidence_store.h"
#include "cli/outputs.h"
#include "cli/page_limit.h"
#include "evidence/jobs.h"
#include "report/grid.h"
#include "text/json.h"
#include "text/utf8.h"

namespace merlon::cli {
namespace {

constexpr std::int64_t kMostJobs = 10'000;
constexpr std::size_t kOutcomeBytes = 80;

std::string job_moment(std::int64_t at_ms) {
    return at_ms == 0 ? std::string() : format_rfc3339({at_ms * 1'000'000});
}

std::string job_state(const evidence::JobRow& job) {
    std::string state(evidence::name(job.state));
    if (job.is_cancel_asked) state += ", to be cancelled";
    if (job.attempts > 1 || (job.state == evidence::JobState::kWaiting && job.attempts > 0))
        state += fmt::format(" ({} of {})", job.attempts, job.max_attempts);
    return state;
}

void append_job(const evidence::JobRow& job, std::optional<std::int64_t> input,
                text::JsonWriter& json) {
    json.begin_object().key("id").integer(job.id).member("kind", job.kind);
    json.member("state", evidence::name(job.state)).member("lane", job.lane);
    if (job.is_cancel_asked) json.key("cancelAsked").boolean(true);
    const std::pair<std::string_view, std::string_view> texts[] = {{"scope", job.scope},
                                                                   {"key", job.key},
                                                                   {"author", job.author},
                                                                   {"worker", job.worker},
                                                                   {"outcome", job.outcome}};
    for (const auto& [name, text] : texts)
        if (!text.empty()) json.member(name, text);
    json.key("priority").integer(job.priority).key("attempts").integer(job.attempts);
    json.key("maxAttempts").integer(job.max_attempts);
    const std::pair<std::string_view, std::int64_t> times[] = {{"created", job.created_ms},
                                                               {"ready", job.ready_ms},
                                                               {"started", job.started_ms},
                                                               {"ended", job.ended_ms},
                                                               {"leaseUntil", job.lease_until_ms}};
    for (const auto& [name, at] : times)
        if (at > 0) json.member(name, job_moment(at));
    if (input) json.key("documentBytes").integer(*input);
    json.key("payload").raw(job.payload).end_object();
}

std::string jobs_as_table(const std::vector<evidence::JobRow>& jobs) {
    std::vector<report::GridRow> rows;
    for (const evidence::JobRow& job : jobs) {
        std::string outcome = text::to_printable(job.outcome.substr(0, kOutcomeBytes));
        if (job.outcome.size() > kOutcomeBytes) outcome += "…";
        rows.push_back({std::to_string(job.id), text::to_printable(job.kind), job_state(job),
                        text::to_printable(job.lane), text::to_printable(job.scope),
                        job_moment(job.created_ms), outcome});
    }
    std::string out;
    if (!rows.empty())
        report::draw_grid(report::GridStyle::kColumns,
                          {"JOB", "KIND", "STATE", "LANE", "SCOPE", "CREATED", "OUTCOME"}, rows,
                          out);
    return out + fmt::format("{} {}\n", jobs.size(), jobs.size() == 1 ? "job" : "jobs");
}

Result<std::string> list_jobs(const ParsedCommand& command, const Environment& environment,
                              std::string_view format) {
    evidence::JobsRequest request;
    if (command.is_set("state")) request.state = evidence::parse_job_state(command.text("state"));
    request.kind = command.text("kind");
    request.before = std::max<std::int64_t>(command.integer("before").value_or(0), 0);
    request.limit = MERLON_TRY(page_limit(command, kMostJobs));
    evidence::Store store = MERLON_TRY(open_store(command, environment, evidence::Access::kRead));
    const std::size_t limit = request.limit++;
    auto jobs = MERLON_TRY(evidence::list_jobs(store.database(), request));
    const bool has_more = jobs.size() > limit;
    if (has_more) jobs.resize(limit);
    if (format != "json") {
        std::string table = jobs_as_table(jobs);
        if (has_more)
            table +=
                fmt::format("there are more: --before {}, or another --limit\n", jobs.back().id);
        return table;
    }
    std::string out;
    text::JsonWriter json(out, "  ");
    json.begin_array();
    for (const evidence::JobRow& job : jobs)
        append_job(job, MERLON_TRY(evidence::job_input_size(store.database(), job.id)), json);
    json.end_array();
    return out + "\n";
}

Result<std::int64_t> job_number(const ParsedCommand& command, std::string_view verb) {
    const std::string argument = command.arguments.empty() ? "" : command.arguments[0];
    const char* const end = argument.data() + argument.size();
    std::int64_t id = 0;
    const auto read = std::from_chars(argument.data(), end, id);
    if (argument.empty() || read.ec != std::errc{} || read.ptr != end)
        return Error{fmt::format("which job? merlon jobs {} N", verb)};
    return id;
}

Result<std::string> show_job(const ParsedCommand& command, const Environment& environment,
                             std::string_view format) {
    const std::int64_t id = MERLON_TRY(job_number(command, "show"));
    evidence::Store store = MERLON_TRY(open_store(command, environment, evidence::Access::kRead));
    const auto job = MERLON_TRY(evidence::show_job(store.database(), id));
    if (!job) return Error{fmt::format("there is no job {}; 'merlon jobs list' says which", id)};
    const auto size = MERLON_TRY(evidence::job_input_size(store.database(), id));
    std::string out;
    if (format == "json") {
        text::JsonWriter json(out, "  ");
        append_job(*job, size, json);
        return out + "\n";
    }
    out = fmt::format("{}  {}  {}\n", job->id, text::to_printable(job->kind), job_state(*job));
    const auto line = [&out](std::string_view name, std::string_view text) {
        if (!text.empty()) out += fmt::format("  {:<12} {}\n", name, text::to_printable(text));
    };
    line("outcome", job->outcome);
    line("lane", job->lane);
    line("scope", job->scope);
    line("key", job->key);
    line("asked by", job->author);
    line("worker", job->worker);
    line("created", job_moment(job->created_ms));
    if (job->state == evidence::JobState::kWaiting) line("not before", job_moment(job->ready_ms));
    line("started", job_moment(job->started_ms));
    line("ended", job_moment(job->ended_ms));
    if (size)
        line("document", fmt::format("{} bytes{}", *size,
                                     job->state != evidence::JobState::kFailed
                                         ? ""
                                         : ", kept for 30 days: 'merlon jobs retry' tries it "
                                           "again, 'merlon jobs cancel' drops it"));
    line("payload", job->payload);
    return out;
}

using Act = Status (*)(evidence::Database& database, std::int64_t job, std::string_view actor,
                       Timestamp now);

int act_on_job(const ParsedCommand& command, const Environment& environment, std::string_view verb,
               Act act, std::string_view done) {
    const Result<std::int64_t> id = job_number(command, verb);
    if (!id.ok()) return fail(environment, id.error().to_string());
    Result<evidence::Store> store = open_store_that_is_there(command, environment);
    if (!store.ok()) return fail(environment, store.error().to_string());
    const Status acted =
        act(store.value().database(), id.value(), actor_of(environment), environment.clock->now());
    if (!acted.ok()) return fail(environment, acted.error().to_string());
    return print(environment, fmt::format("job {} {}\n", id.value(), done));
}

int print_answer(const ParsedCommand& command, const Environment& environment,
                 Result<std::string> (*make)(const ParsedCommand&, const Environment&,
                                             std::string_view format)) {
    const std::optional<bool> json_asked = wants_json(command, environment);
    if (!json_asked.has_value()) return kIncomplete;
    const Result<std::string> out = make(command, environment, *json_asked ? "json" : "table");
    return out.ok() ? print(environment, out.value()) : fail(environment, out.error().to_string());
}

}  // namespace

int run_jobs_list(const ParsedCommand& command, const Environment& environment) {
    return print_answer(command, environment, list_jobs);
}

int run_jobs_show(const ParsedCommand& command, const Environment& environment) {
    return print_answer(command, environment, show_job);
}

int run_jobs_cancel(const ParsedCommand& command, const Environment& environment) {
    return act_on_job(command, environment, "cancel", evidence::cancel_job, "is cancelled");
}

int run_jobs_retry(const ParsedCommand& command, const Environment& environment) {
    return act_on_job(command, environment, "retry", evidence::retry_job, "waits again");
}

}  // namespace merlon::cli
