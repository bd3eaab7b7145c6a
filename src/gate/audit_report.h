#pragma once

// What an auditor asks for a period: releases and what they were judged by, who approved, which
// exceptions and decisions were made, what was not looked at, and which controls all this shows.
//
// The idea: every fact is an event of the audit log, and is named by its number, so that the report
// is no more than a reading of the log that stands behind it in the same bundle. The report's
// digest is an event as well, and the log's checkpoint vouches for both (evidence/audit.h).
//
// Who approved, a signature shows and not a name: each is verified again, and held against the keys
// that people are registered with. What is not verified is in the report as such, and shows no
// control.
//
// Not thread-safe: the connection belongs to one thread. Cost: the events of the log, two documents
// for each verdict of the period, and for each signed decision a verification and two documents.

#include <string>

#include "base/clock.h"
#include "crypto/allowed_signers.h"
#include "evidence/database.h"

namespace merlon::gate {

struct AuditPeriod {
    Timestamp from, to;  // `to` is not part of it
};

// Whose keys the signatures are held against.
struct ReportPeople {
    const crypto::AllowedSigners* signers = nullptr;  // null: nobody says it
    std::string from;
};

struct AuditReport {
    std::string json;  // one line
    std::uint64_t verdicts = 0, decisions = 0, gaps = 0;
    std::uint64_t unverified = 0;  // of the signed decisions
};

Result<AuditReport> audit_report(evidence::Database& database, const AuditPeriod& period,
                                 const ReportPeople& people, Timestamp now);

}  // namespace merlon::gate
