#include "cli/report_audit_command.h"

#include <fmt/core.h>

#include "base/file.h"
#include "cli/evidence_store.h"
#include "cli/known_people.h"
#include "cli/outputs.h"
#include "crypto/digest.h"
#include "evidence/audit.h"
#include "evidence/event_log.h"
#include "evidence/seconds.h"
#include "gate/audit_report.h"

namespace merlon::cli {
namespace {

using evidence::kDayNs;

// Both days are part of it.
Result<gate::AuditPeriod> period_of(const ParsedCommand& command, Timestamp now) {
    gate::AuditPeriod period;
    if (!command.is_set("from")) return Error{"from which day on? --from 2026-01-01"};
    const Result<Timestamp> from = parse_date(command.text("from"));
    if (!from.ok()) return Error{"--from: " + from.error().message};
    period.from = from.value();
    period.to = {now.nanoseconds + evidence::kSecondNs};  // this second is part of it
    if (command.is_set("to")) {
        const Result<Timestamp> to = parse_date(command.text("to"));
        if (!to.ok()) return Error{"--to: " + to.error().message};
        if (to.value() < period.from) return Error{"--to is before --from"};
        constexpr std::int64_t kLast = INT64_MAX - kDayNs;
        period.to = {std::min(to.value().nanoseconds, kLast) + kDayNs};
    }
    if (period.to <= period.from) return Error{"--from is in the future"};
    return period;
}

struct Written {
    gate::AuditReport report;
    std::string digest, key;
};

// The report, its event and the checkpoint over both are one transaction.
Result<Written> write_bundle(const ParsedCommand& command, const Environment& environment) {
    if (!command.is_set("out")) return Error{"where to? --out FILE"};
    const Timestamp now = environment.clock->now();
    const gate::AuditPeriod period = MERLON_TRY(period_of(command, now));
    evidence::Store store = MERLON_TRY(open_store_that_is_there(command, environment));
    evidence::Database& database = store.database();
    database.stop_by(environment.cancel);
    const KnownPeople people = MERLON_TRY(find_people(command, environment));
    const std::string path = MERLON_TRY(audit_key_path(command, environment));
    evidence::Transaction transaction = MERLON_TRY(evidence::Transaction::begin(database));
    const evidence::NoteSigner signer = MERLON_TRY(evidence::log_signer(database, path));
    Written written{
        .report = MERLON_TRY(gate::audit_report(
            database, period,
            {.signers = people.signers ? &*people.signers : nullptr, .from = people.from}, now)),
        .digest = {},
        .key = evidence::to_string(MERLON_TRY(evidence::verifier_of(signer)))};
    written.digest = crypto::sha256(written.report.json).to_string();
    MERLON_TRY(
        evidence::append_event(database, {.at = now,
                                          .actor = actor_of(environment),
                                          .kind = evidence::event_kind::kAuditReport,
                                          .body = evidence::report_event_body(written.digest)}));
    MERLON_TRY(evidence::sign_log(database, signer, {.actor = actor_of(environment), .now = now}));
    std::string bundle = evidence::bundle_head() + written.report.json + "\n";
    MERLON_TRY(evidence::export_log(database, [&](std::string_view line) {
        bundle += line;
        return Status();
    }));
    // First the file: a report that the log tells of is there.
    MERLON_TRY(write_file_atomically(command.text("out"), bundle));
    MERLON_TRY(transaction.commit());
    return written;
}

}  // namespace

int run_report_audit(const ParsedCommand& command, const Environment& environment) {
    const Result<Written> written = write_bundle(command, environment);
    if (!written.ok()) return fail(environment, written.error().to_string());
    const gate::AuditReport& report = written.value().report;
    environment.write_error(fmt::format("signed with {}\n", written.value().key));
    if (report.unverified > 0) {
        environment.write_error(fmt::format(
            "merlon: warning: {} of the signed decisions are by no key that a person is registered "
            "with; the report shows them as unverified (--people FILE, --target BRANCH)\n",
            report.unverified));
    }
    return print(environment,
                 fmt::format("{}: {} verdicts, {} decisions, {} analyses with gaps; {}\n",
                             command.text("out"), report.verdicts, report.decisions, report.gaps,
                             written.value().digest));
}

}  // namespace merlon::cli
