#pragma once

// What an auditor asks for a period: releases and what they were judged by, who approved, which
// exceptions and decisions were made, what was not looked at, and which controls all this shows.
//
// The idea: every fact is an event of the audit log, and is named by its number, so that the report
// is no more than a reading of the log that stands behind it in the same bundle. The report's
// digest is an event as well, and the log's checkpoint vouches for both (evidence/audit.h).
//
// Not thread-safe: the connection belongs to one thread. Cost: the events of the period, and a
// document for each verdict.

#include <string>

#include "base/clock.h"
#include "evidence/database.h"

namespace merlon::gate {

struct AuditPeriod {
    Timestamp from, to;  // `to` is not part of it
};

struct AuditReport {
    std::string json;  // one line
    std::uint64_t verdicts = 0, decisions = 0, gaps = 0;
};

Result<AuditReport> audit_report(evidence::Database& database, const AuditPeriod& period,
                                 Timestamp now);

}  // namespace merlon::gate
