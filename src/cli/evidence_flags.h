#pragma once

// The flags of the evidence store; see command_flags.h.
//
// Constant tables; internal to command_table.cpp.

#include "cli/command_flags.h"
#include "cli/database_flags.h"

namespace merlon::cli {

inline constexpr Flag kStoreFlags[] = {kStoreFlag};
inline constexpr Flag kStoreRematchFlags[] = {
    kStoreFlag,
    kDatabaseFlag,
    {.name = "queue", .help = "as a job, for a 'merlon worker' that has the advisories"},
};

inline constexpr Flag kImportFlags[] = {
    kStoreFlag,
    kRepositoryFlag,
    {.name = "ref",
     .kind = ValueKind::kText,
     .value_name = "REF",
     .help = "the branch that was looked at; by default what the report says"},
    {.name = "commit",
     .kind = ValueKind::kText,
     .value_name = "COMMIT",
     .help = "the commit that was looked at; by default what the report says"},
    {.name = "from",
     .kind = ValueKind::kChoice,
     .value_name = "FORMAT",
     .choices = "merlon-report|sarif|trivy|grype|gitleaks|checkov|semgrep|kube-score|zap|nuclei|"
                "falco|github-alerts|defectdojo|dependency-track|osv-scanner|junit|attestation|bom|"
                "vex|csv|jsonl",
     .help = "what the files are; by default what their content says (csv and jsonl: for "
             "--mapping, by default what is called so)"},
    {.name = "mapping",
     .kind = ValueKind::kPath,
     .value_name = "FILE",
     .help = "a mapping in Rego (package merlon.import) that makes findings of the files, which "
             "may be any JSON, CSV or XML"},
    {.name = "root",
     .kind = ValueKind::kPath,
     .value_name = "DIR",
     .help = "the folder that was looked at: its CODEOWNERS, catalog-info.yaml and .merlon/owners "
             "say whose findings are, and paths below it become relative"},
    {.name = "category",
     .kind = ValueKind::kText,
     .value_name = "NAME",
     .help = "which of several runs of the tool this is; by default what the report says"},
    {.name = "coverage",
     .kind = ValueKind::kChoice,
     .value_name = "HOW",
     .choices = "complete|partial",
     .help = "whether the runs saw everything; by default what the report says, and only a "
             "complete run closes findings"},
    {.name = "queue",
     .help = "put the files into the store as jobs, for a 'merlon worker' to take in"},
};

inline constexpr Flag kWorkerFlags[] = {
    kStoreFlag,
    kDatabaseFlag,
    {.name = "lanes",
     .kind = ValueKind::kText,
     .value_name = "LANES",
     .default_text = "user,scheduled",
     .help = "which jobs to take, the first lane that has one first"},
    {.name = "once", .help = "end after one job, or at once where there is none"},
    {.name = "idle-exit", .help = "end when there is nothing to take"},
    {.name = "lease",
     .kind = ValueKind::kInteger,
     .value_name = "SECONDS",
     .default_text = "60",
     .help = "how long a worker that says nothing keeps its job; at least 3"},
};

inline constexpr Flag kJobsListFlags[] = {
    kStoreFlag,
    {.name = "state",
     .kind = ValueKind::kChoice,
     .value_name = "STATE",
     .choices = "waiting|running|done|failed|cancelled|superseded",
     .help = "only jobs that are so"},
    {.name = "kind",
     .kind = ValueKind::kText,
     .value_name = "KIND",
     .help = "only jobs of this kind, such as import"},
    {.name = "before",
     .kind = ValueKind::kInteger,
     .value_name = "N",
     .default_text = "0",
     .help = "only numbers below: the next page"},
    {.name = "limit",
     .kind = ValueKind::kInteger,
     .value_name = "N",
     .default_text = "50",
     .help = "how many, up to 10000"},
};

inline constexpr Flag kWebhooksAddFlags[] = {
    kStoreFlag,
    {.name = "event",
     .kind = ValueKind::kText,
     .value_name = "KIND",
     .help = "tell of these alone, such as decision or gate.*; by default of everything",
     .repeat = Repeat::kMany},
    {.name = "secret",
     .kind = ValueKind::kText,
     .value_name = "PLACE",
     .help = "where a worker finds the key that signs: env:NAME or file:PATH"},
};

inline constexpr Flag kAsOfFlag = {
    .name = "as-of",
    .kind = ValueKind::kText,
    .value_name = "WHEN",
    .help = "as it stood then: 30d ago, at the end of 2026-11-27, or at 2026-11-27T14:00:00Z"};

inline constexpr Flag kFindingsShowFlags[] = {kStoreFlag, kAsOfFlag};

inline constexpr Flag kFromFlag = {.name = "from",
                                   .kind = ValueKind::kText,
                                   .value_name = "WHEN",
                                   .default_text = "30d",
                                   .help = "the first day: 90d ago, or 2026-09-01"};
inline constexpr Flag kToFlag = {.name = "to",
                                 .kind = ValueKind::kText,
                                 .value_name = "WHEN",
                                 .help = "the last day; by default today"};

inline constexpr Flag kFindingsTrendFlags[] = {kStoreFlag, kFromFlag, kToFlag};

inline constexpr Flag kFindingsReportFlags[] = {
    kStoreFlag,
    kFromFlag,
    kToFlag,
    {.name = "sla",
     .kind = ValueKind::kText,
     .value_name = "SEVERITY=DAYS",
     .help = "within how many days findings are to be closed, 0 for no end; by default "
             "critical=7, high=30, medium=90, low=180, and none for info",
     .repeat = Repeat::kMany},
};

inline constexpr Flag kFindingsListFlags[] = {
    kStoreFlag,
    kAsOfFlag,
    {.name = "limit",
     .kind = ValueKind::kInteger,
     .value_name = "N",
     .default_text = "50",
     .help = "rows of a page, up to 10000"},
    {.name = "group",
     .help = "what says the same as one: an advisory of a package by two tools, one secret, one "
             "weakness (CWE) in the same line"},
    {.name = "after",
     .kind = ValueKind::kText,
     .value_name = "CURSOR",
     .help = "go on where the page before ended"},
};

inline constexpr Flag kAuditLogFlags[] = {
    kStoreFlag,
    {.name = "after",
     .kind = ValueKind::kInteger,
     .value_name = "N",
     .default_text = "0",
     .help = "events behind this number"},
    {.name = "limit",
     .kind = ValueKind::kInteger,
     .value_name = "N",
     .default_text = "50",
     .help = "how many events, up to 100000"},
};

inline constexpr Flag kAuditExportFlags[] = {
    kStoreFlag,
    {.name = "to",
     .kind = ValueKind::kText,
     .value_name = "PLACE",
     .default_text = "-",
     .help = "a file, syslog://HOST:PORT (RFC 5424 over TCP), or git:DIRECTORY, where it is "
             "committed; - is standard output"},
    {.name = "after",
     .kind = ValueKind::kInteger,
     .value_name = "N",
     .default_text = "0",
     .help = "to syslog: only the events behind this number"},
};

inline constexpr Flag kAuditVerifyFlags[] = {
    kStoreFlag,
    {.name = "key",
     .kind = ValueKind::kText,
     .value_name = "KEY",
     .help = "the public key that has to have signed, as 'merlon audit checkpoint' prints it; "
             "MERLON_KEY is another one, of the secrets",
     .in_environment = InEnvironment::kNo},
    {.name = "checkpoint",
     .kind = ValueKind::kPath,
     .value_name = "FILE",
     .help = "a checkpoint that was kept elsewhere; the log has to go on from it",
     .repeat = Repeat::kMany},
    {.name = "accept-break",
     .kind = ValueKind::kText,
     .value_name = "EVENT",
     .help = "the event with this number changed a lost key, and those who did it have said so",
     .repeat = Repeat::kMany},
};
inline constexpr Flag kAuditRotateFlags[] = {
    kStoreFlag,
    {.name = "lost",
     .help = "the old key is lost: the new one vouches alone, and 'audit verify' tells everybody"},
    {.name = "reason", .kind = ValueKind::kText, .value_name = "TEXT", .help = "why"},
};

inline constexpr Flag kFindingsProposalsFlags[] = {kStoreFlag};
inline constexpr Flag kFindingsAnswerFlags[] = {
    kStoreFlag,
    {.name = "as",
     .kind = ValueKind::kText,
     .value_name = "NAME",
     .help = "who answers; by default the user who runs it"},
    {.name = "reason", .kind = ValueKind::kText, .value_name = "TEXT", .help = "why"},
};
inline constexpr Flag kFindingsStreamsFlags[] = {
    kStoreFlag,
    {.name = "stale",
     .kind = ValueKind::kText,
     .value_name = "AGE",
     .default_text = "30d",
     .help = "after how long without a report a stream is called stale"},
};
inline constexpr Flag kFindingsRetireFlags[] = {
    kStoreFlag,
    {.name = "as",
     .kind = ValueKind::kText,
     .value_name = "NAME",
     .help = "who ends it; by default the user who runs it"},
    {.name = "reason", .kind = ValueKind::kText, .value_name = "TEXT", .help = "why"},
};
inline constexpr Flag kSecondPersonFlags[] = {
    kStoreFlag,
    {.name = "signed",
     .help = "whoever approves signs it with the SSH key that .merlon/people has: a name alone "
             "approves nothing"},
};

inline constexpr Flag kFindingsDecideFlags[] = {
    kStoreFlag,
    {.name = "verdict",
     .kind = ValueKind::kChoice,
     .value_name = "VERDICT",
     .choices = "false_positive|not_affected|accepted|will_fix|affected|under_investigation|fixed|"
                "none",
     .help = "what is decided; none withdraws what was decided about the same"},
    {.name = "reason",
     .kind = ValueKind::kText,
     .value_name = "TEXT",
     .help = "why, for who comes later"},
    {.name = "until",
     .kind = ValueKind::kText,
     .value_name = "WHEN",
     .help = "how long it holds: 30d, or through the day 2027-01-31 (UTC); fix: until a version "
             "with the fix is known, at most a year (fix,90d: at most 90 days); by default a year; "
             "accepted and will_fix need it"},
    {.name = "group",
     .help = "about every finding of the same group ('merlon findings list --group'), each with a "
             "decision of its own"},
    {.name = "propose", .help = "only propose it: it holds once a second person approves it"},
    {.name = "justification",
     .kind = ValueKind::kChoice,
     .value_name = "WHY",
     .choices = "component_not_present|vulnerable_code_not_present|vulnerable_code_not_in_execute_"
                "path|vulnerable_code_cannot_be_controlled_by_adversary|inline_mitigations_already_"
                "exist",
     .help = "of not_affected, as VEX has it"},
    {.name = "as",
     .kind = ValueKind::kText,
     .value_name = "NAME",
     .help = "who decides; by default the user who runs it"},
    {.name = "rule",
     .kind = ValueKind::kText,
     .value_name = "ID",
     .help = "instead of findings: all of this rule or advisory, those of tomorrow too"},
    {.name = "package",
     .kind = ValueKind::kText,
     .value_name = "PURL",
     .help = "instead of findings: all about this package, in every version"},
    {.name = "tool",
     .kind = ValueKind::kText,
     .value_name = "NAME",
     .help = "of --rule and --package: only what this tool finds"},
    {.name = "repository",
     .kind = ValueKind::kText,
     .value_name = "NAME",
     .help = "of --rule and --package: only in this repository"},
};

inline constexpr Flag kTraceFlags[] = {
    kStoreFlag,
    {.name = "to",
     .kind = ValueKind::kChoice,
     .value_name = "KIND",
     .choices = "repository|ref|commit|pull-request|pipeline|run|artifact|image|package|finding|"
                "deployment|workload|identity|secret|decision|incident",
     .help = "only the ways that lead to one of this kind"},
};

}  // namespace merlon::cli
