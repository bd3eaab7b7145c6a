#include "cli/worker_command.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/nearest.h"
#include "cli/database_store.h"
#include "cli/evidence_store.h"
#include "cli/import_job.h"
#include "cli/outputs.h"
#include "cli/rematch.h"
#include "cli/webhook_job.h"
#include "evidence/decisions.h"
#include "evidence/outbox.h"
#include "evidence/seconds.h"
#include "evidence/snapshots.h"
#include "evidence/worker.h"
#include "text/utf8.h"

namespace merlon::cli {
namespace {

using evidence::JobEnd;

constexpr std::string_view kDeriveKind = "derive";
constexpr std::string_view kSnapshotKind = "snapshot";
constexpr std::int64_t kHourS = 3600;
constexpr std::int64_t kLeastLeaseS = 3;
constexpr std::int64_t kMostLeaseS = 86'400;
constexpr std::int64_t kKeptDays = 30;  // of jobs that ended
using evidence::kDayNs;

// Decisions that ended, with their event, and jobs that nobody will ask for.
Result<std::string> derive(const evidence::JobContext& context) {
    evidence::Database& database = context.database;
    const Timestamp now = context.clock.now();
    evidence::Transaction transaction = MERLON_TRY(evidence::Transaction::begin(database));
    const std::uint64_t ended =
        MERLON_TRY(evidence::settle_expired(database, "merlon worker", now));
    const std::uint64_t purged =
        MERLON_TRY(evidence::purge_jobs(database, {now.nanoseconds - kKeptDays * kDayNs}));
    std::string outcome =
        fmt::format("{} decisions of findings ended, {} old jobs removed", ended, purged);
    MERLON_TRY(evidence::finish_job(database, context.job.lease, outcome, now));
    MERLON_TRY(transaction.commit());
    return outcome;
}

// The figures of the days that are over.
Result<std::string> snapshot(const evidence::JobContext& context) {
    const Timestamp now = context.clock.now();
    evidence::Transaction transaction = MERLON_TRY(evidence::Transaction::begin(context.database));
    const std::int64_t days = MERLON_TRY(evidence::take_snapshots(context.database, now));
    std::string outcome = fmt::format("{} days taken", days);
    MERLON_TRY(evidence::finish_job(context.database, context.job.lease, outcome, now));
    MERLON_TRY(transaction.commit());
    return outcome;
}

JobEnd end_of(const Result<std::string>& done, const evidence::JobContext& context) {
    if (done.ok()) return {JobEnd::How::kFinished, done.value()};
    return {context.cancel.cancelled() ? JobEnd::How::kStopped : JobEnd::How::kFailedForNow,
            done.error().to_string()};
}

std::vector<std::string> lanes_of(std::string_view text) {
    std::vector<std::string> lanes;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(','), text.size());
        if (end > 0) lanes.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lanes;
}

std::string worker_name() {
    std::array<char, 256> host{};
    if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '?';
    return fmt::format("process {} on {}", ::getpid(), text::to_printable(host.data()));
}

}  // namespace

int run_worker(const ParsedCommand& command, const Environment& environment) {
    const Result<std::string> place = store_place(command, environment);
    if (!place.ok()) return fail(environment, place.error().to_string());
    const Status is_there = check_store_is_there(place.value());
    if (!is_there.ok()) return fail(environment, is_there.error().to_string());
    evidence::WorkerSettings settings;
    settings.store = {
        .place = place.value(), .access = evidence::Access::kWrite, .command = "merlon worker"};
    settings.lanes = lanes_of(command.text("lanes"));
    if (settings.lanes.empty()) return fail(environment, "--lanes names none");
    for (const std::string& lane : settings.lanes) {
        constexpr std::array kLanes{evidence::kUserLane, evidence::kScheduledLane};
        if (std::ranges::find(kLanes, lane) == kLanes.end())
            return fail(environment,
                        fmt::format("--lanes: there is no lane '{}'; there are {} and "
                                    "{}{}",
                                    lane, kLanes[0], kLanes[1], suggestion(lane, kLanes)));
    }
    settings.name = worker_name();
    settings.kinds = {
        {std::string(evidence::kImportJob), run_import_job},
        {std::string(kDeriveKind),
         [](const evidence::JobContext& context) { return end_of(derive(context), context); }},
        {std::string(kSnapshotKind),
         [](const evidence::JobContext& context) { return end_of(snapshot(context), context); }},
        {std::string(kRematchKind),
         [advisories = database_path(command, environment)](const evidence::JobContext& context) {
             return run_rematch_job(context, advisories);
         }},
        {std::string(evidence::kDeliverKind), [&environment](const evidence::JobContext& context) {
             return run_webhook_job(context, environment);
         }}};
    settings.periodic = {{.kind = kDeriveKind, .every_s = kHourS},
                         {.kind = kSnapshotKind, .every_s = evidence::kDayS}};
    using Until = evidence::WorkerSettings::Until;
    if (command.is_set("idle-exit")) settings.until = Until::kIdle;
    if (command.is_set("once")) settings.until = Until::kOne;
    const std::int64_t lease_s = command.integer("lease").value_or(60);
    if (lease_s < kLeastLeaseS || lease_s > kMostLeaseS)
        return fail(environment, fmt::format("--lease {}: between {} and {} seconds", lease_s,
                                             kLeastLeaseS, kMostLeaseS));
    settings.lease_ms = lease_s * 1000;
    settings.clock = environment.clock;
    settings.cancel = environment.cancel;
    const bool is_quiet = command.is_set("quiet");
    settings.tell = [&](std::string_view line) {
        if (!is_quiet) environment.write_error(text::to_printable(line) + "\n");
    };
    const Result<evidence::WorkerTally> tally = evidence::run_worker(settings);
    if (!tally.ok()) return fail(environment, tally.error().to_string());
    const int code = print(environment, fmt::format("{} jobs done, {} attempts failed\n",
                                                    tally.value().done, tally.value().failed));
    // Who waits for the end of it is told; one that runs on is asked by 'jobs list'.
    const bool is_bounded = settings.until != Until::kStopped;
    return code == kClean && is_bounded && tally.value().left > 0 ? kIncomplete : code;
}

}  // namespace merlon::cli
