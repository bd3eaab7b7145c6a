#pragma once

// Verdicts in the evidence store: kept with what they were made from, found again, looked over.
//
// The idea: a verdict, its policy and its input are documents like any other, known by their
// digests, so that a store is checked and exported without knowing gates; equal policies stand
// there once. An event of the audit log tells of each verdict, in the same transaction; what an
// environment remembers (who asked when, who holds the lock) is read from these events and stands
// nowhere else.
//
// Not thread-safe: the connection belongs to one thread. Cost: writing, three documents and an
// event; reading, the events of gates.

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "evidence/database.h"
#include "exchange/link.h"
#include "gate/decisions.h"
#include "gate/input.h"
#include "gate/verdict.h"

namespace merlon::gate {

// Kinds of documents.
inline constexpr std::string_view kVerdictKind = "gate-verdict";
inline constexpr std::string_view kPolicyKind = "gate-policy";
inline constexpr std::string_view kInputKind = "gate-input";
inline constexpr std::string_view kDecisionKind = "gate-decision";

// Within a transaction.
Status write_document(evidence::Database& database, std::string_view kind, std::string_view name,
                      std::string_view bytes, Timestamp now);
// `links`: what the input says of where software comes from and goes (gate/links.h).
Status record_verdict(evidence::Database& database, const Verdict& verdict, const Policy& policy,
                      std::string_view input, std::string_view actor, Timestamp now,
                      std::span<const exchange::Link> links = {});

struct FoundDocument {
    std::string digest;  // "sha256:…"
    std::string bytes;
};
// By its digest, or the beginning of it: at least 8 digits, with or without "sha256:". Fails where
// there is none, or more than one.
Result<FoundDocument> find_document(evidence::Database& database, std::string_view kind,
                                    std::string_view digest);

// Decisions about this subject, and those that are about none.
Result<std::vector<std::string>> decisions_about(evidence::Database& database,
                                                 const std::string& subject);
// With its event; within a transaction. The digest of the document, by which it is named.
Result<std::string> record_decision(evidence::Database& database, const SignedDecision& decision,
                                    std::string_view actor, Timestamp now);

// What an event says of a verdict.
struct VerdictEntry {
    std::string id, gate, environment, subject, outcome, time, expires, policy, input;
    std::string repository;  // empty: an older Merlon did not write it
    std::int64_t at_ms = 0;
};
// Since `from`, the oldest first.
Result<std::vector<VerdictEntry>> verdicts_since(evidence::Database& database, Timestamp from);

// Where something is to be deployed: each repository has environments of its own.
struct DeploymentPlace {
    std::string_view repository, environment, subject;
};
// The environment as it is for this subject now.
Result<EnvironmentHistory> history_of(evidence::Database& database, const DeploymentPlace& place,
                                      Timestamp now);

struct DoneDeployment {
    std::string environment;
    bool was_over = false;  // already, and nothing was written
    std::string locked_by;  // the verdict that holds the environment's lock now; empty: nobody
};
// The deployment of this verdict is over: its lock is free. Within a transaction. Fails where the
// verdict let nothing into an environment.
Result<DoneDeployment> record_done(evidence::Database& database, const std::string& verdict,
                                   std::string_view actor, Timestamp now);

}  // namespace merlon::gate
