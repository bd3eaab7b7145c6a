#pragma once

// The flags of gates, decisions about them and people; see command_flags.h.
//
// Constant tables; internal to command_table.cpp.

#include "cli/command_flags.h"
#include "cli/evidence_flags.h"

namespace merlon::cli {

inline constexpr Flag kGateStoreFlag = {
    .name = "store",
    .kind = ValueKind::kPath,
    .value_name = "FILE",
    .help =
        "the evidence store: what it knows is judged where no report is named, and it keeps the "
        "verdict"};

inline constexpr Flag kGatePrFlags[] = {
    kGateStoreFlag,
    kRepositoryFlag,
    files_flag("report", "a report of the head, in any format that 'merlon import' reads"),
    files_flag("base", "a report of the merge base: what it has is not new"),
    {.name = "root",
     .kind = ValueKind::kPath,
     .value_name = "DIR",
     .help = "the checkout that the reports of --report looked at: absolute paths below it become "
             "relative, and lines that a report withholds are read there"},
    {.name = "base-root",
     .kind = ValueKind::kPath,
     .value_name = "DIR",
     .help = "the same of the reports of --base: a checkout of the merge base"},
    files_flag("sbom", "a bill of materials"),
    files_flag("attestation", "an in-toto statement, alone or in a DSSE envelope"),
    files_flag("decision",
               "a decision that 'merlon approve --output' has written, beside those of the store"),
    {.name = "metric",
     .kind = ValueKind::kText,
     .value_name = "NAME=NUMBER",
     .help = "what a metric is now",
     .repeat = Repeat::kMany},
    text_flag("target", "BRANCH",
              "where it goes to: whose settings hold; in a pipeline what its variables say"),
    text_flag("head", "COMMIT", "the commit that is judged; by default HEAD"),
    text_flag("merge-base", "COMMIT",
              "the commit from which it branched, where Git's history is not here; what the store "
              "knows of that commit is not new"),
    text_flag("ref", "BRANCH",
              "the branch that is judged; by default what the pipeline's variables or HEAD say"),
    text_flag("requested-by", "NAME", "who asks; by default what the pipeline's variables say"),
    text_flag("pull-request", "URL|NUMBER",
              "the pull request that is judged; by default what the pipeline's variables say"),
    file_flag("write-input", "write what the policy sees, to write policies with"),
    file_flag("statement", "write the verdict as an in-toto statement"),
};

// Beside those, of an artefact.
inline constexpr Flag kArtefactFlags[] = {
    text_flag("digest", "sha256:HEX", "the artefact that is judged"),
    text_flag("subject", "NAME", "what the artefact is called, such as registry.example/shop"),
};
inline constexpr auto kGateReleaseFlags = with_flags(kGatePrFlags, kArtefactFlags);
inline constexpr Flag kDeploymentFlags[] = {
    kArtefactFlags[0],
    kArtefactFlags[1],
    {.name = "environment",
     .short_name = 'e',
     .kind = ValueKind::kText,
     .value_name = "NAME",
     .help = "one of 'environments:' of .merlon.yaml"},
    {.name = "workload",
     .kind = ValueKind::kText,
     .value_name = "NAMESPACE/KIND/NAME",
     .help = "what it runs as there, for 'merlon trace'",
     .repeat = Repeat::kMany},
};
inline constexpr auto kGateDeployFlags = with_flags(kGatePrFlags, kDeploymentFlags);

inline constexpr Flag kPeopleOfFlag = {
    .name = "people",
    .kind = ValueKind::kPath,
    .value_name = "FILE",
    .help =
        "who signs with which key; by default .merlon/people of the target branch, else of the "
        "working copy"};
inline constexpr Flag kPeopleTargetFlag = {
    .name = "target",
    .kind = ValueKind::kText,
    .value_name = "BRANCH",
    .help =
        "the branch whose people hold; by default what the verdict or a pipeline's variables "
        "say"};

inline constexpr Flag kIdentityFlag = {
    .name = "identity",
    .short_name = 'i',
    .kind = ValueKind::kPath,
    .value_name = "FILE",
    .help = "the SSH key to sign with, or its public half where an agent has it"};

inline constexpr Flag kSignedAnswerFlags[] = {kIdentityFlag, kPeopleOfFlag, kPeopleTargetFlag};
inline constexpr auto kFindingsApproveFlags = with_flags(kFindingsAnswerFlags, kSignedAnswerFlags);

inline constexpr Flag kApproveFlags[] = {
    kStoreFlag,
    kPeopleOfFlag,
    kPeopleTargetFlag,
    text_flag("as", "NAME", "who you are, as in .merlon/people"),
    kIdentityFlag,
    {.name = "reason", .kind = ValueKind::kText, .value_name = "TEXT", .help = "why"},
    {.name = "output",
     .short_name = 'o',
     .kind = ValueKind::kPath,
     .value_name = "FILE",
     .help = "write the signed decision, for a gate without this store (--decision)"},
    file_flag("write-statement", "only write what is to be signed elsewhere"),
    file_flag("statement", "what was written so, and signed"),
    {.name = "signature", .kind = ValueKind::kPath, .value_name = "FILE", .help = "its signature"},
};
inline constexpr Flag kExceptionFlags[] = {
    text_flag("condition", "ID", "the condition that may fail, as the gate printed it"),
    text_flag("until", "DAY|TIME", "when it ends: 2027-01-31, or from now 8h, 7d"),
    {.name = "everywhere", .help = "for every subject of the repository and environment"},
    {.name = "break-glass", .help = "from every condition, for hours, in an emergency"},
};
inline constexpr auto kExceptFlags = with_flags(kApproveFlags, kExceptionFlags);

inline constexpr Flag kReportAuditFlags[] = {
    kStoreFlag,
    kPeopleOfFlag,
    kPeopleTargetFlag,
    text_flag("from", "DAY", "the first day of the period: 2026-01-01 (UTC)"),
    text_flag("to", "DAY", "the last day of it, which is part of it; by default until now"),
    {.name = "out", .kind = ValueKind::kPath, .value_name = "FILE", .help = "the bundle"},
};

inline constexpr Flag kPeopleFlags[] = {
    {.name = "file",
     .kind = ValueKind::kPath,
     .value_name = "FILE",
     .default_text = ".merlon/people",
     .help = "people and their keys, in OpenSSH's format of allowed signers"},
};
inline constexpr Flag kPersonFlags[] = {
    file_flag("ssh-key", "the public key, such as ~/.ssh/id_ed25519.pub"),
    {.name = "email",
     .kind = ValueKind::kText,
     .value_name = "ADDRESS",
     .help = "an address that the person's commits have",
     .repeat = Repeat::kMany},
};
inline constexpr auto kPeopleAddFlags = with_flags(kPeopleFlags, kPersonFlags);

inline constexpr Flag kGateSimulateFlags[] = {
    kStoreFlag,
    {.name = "policy",
     .kind = ValueKind::kText,
     .value_name = "FILE",
     .help = "a policy of your own, or the name of a ready condition",
     .repeat = Repeat::kMany},
    {.name = "days",
     .kind = ValueKind::kInteger,
     .value_name = "N",
     .default_text = "90",
     .help = "how far back"},
    {.name = "gate",
     .kind = ValueKind::kChoice,
     .value_name = "GATE",
     .choices = "pr|release|deploy",
     .help = "only verdicts of this gate"},
};

}  // namespace merlon::cli
