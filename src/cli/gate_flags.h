#pragma once

// The flags of gates, decisions about them and people; see command_flags.h.
//
// Constant tables; internal to command_table.cpp.

#include "cli/command_flags.h"

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
    {.name = "report",
     .kind = ValueKind::kPath,
     .value_name = "FILE",
     .help = "a report of the head, in any format that 'merlon import' reads",
     .repeat = Repeat::kMany},
    {.name = "base",
     .kind = ValueKind::kPath,
     .value_name = "FILE",
     .help = "a report of the merge base: what it has is not new",
     .repeat = Repeat::kMany},
    {.name = "sbom",
     .kind = ValueKind::kPath,
     .value_name = "FILE",
     .help = "a bill of materials",
     .repeat = Repeat::kMany},
    {.name = "attestation",
     .kind = ValueKind::kPath,
     .value_name = "FILE",
     .help = "an in-toto statement, alone or in a DSSE envelope",
     .repeat = Repeat::kMany},
    {.name = "decision",
     .kind = ValueKind::kPath,
     .value_name = "FILE",
     .help = "a decision that 'merlon approve --output' has written, beside those of the store",
     .repeat = Repeat::kMany},
    {.name = "metric",
     .kind = ValueKind::kText,
     .value_name = "NAME=NUMBER",
     .help = "what a metric is now",
     .repeat = Repeat::kMany},
    {.name = "target",
     .kind = ValueKind::kText,
     .value_name = "BRANCH",
     .help = "where it goes to: whose settings hold; in a pipeline what its variables say"},
    {.name = "head",
     .kind = ValueKind::kText,
     .value_name = "COMMIT",
     .help = "the commit that is judged; by default HEAD"},
    {.name = "merge-base",
     .kind = ValueKind::kText,
     .value_name = "COMMIT",
     .help = "the commit from which it branched, where Git's history is not here; what the store "
             "knows of that commit is not new"},
    {.name = "ref",
     .kind = ValueKind::kText,
     .value_name = "BRANCH",
     .help = "the branch that is judged; by default what the pipeline's variables or HEAD say"},
    {.name = "requested-by",
     .kind = ValueKind::kText,
     .value_name = "NAME",
     .help = "who asks; by default what the pipeline's variables say"},
    {.name = "pull-request",
     .kind = ValueKind::kText,
     .value_name = "URL|NUMBER",
     .help = "the pull request that is judged; by default what the pipeline's variables say"},
    {.name = "write-input",
     .kind = ValueKind::kPath,
     .value_name = "FILE",
     .help = "write what the policy sees, to write policies with"},
    {.name = "statement",
     .kind = ValueKind::kPath,
     .value_name = "FILE",
     .help = "write the verdict as an in-toto statement"},
};

// Beside those, of an artefact.
template <std::size_t kMore, std::size_t kCount>
constexpr std::array<Flag, kCount + kMore> with_flags(const Flag (&flags)[kCount],
                                                      const Flag (&more)[kMore]) {
    std::array<Flag, kCount + kMore> all{};
    std::ranges::copy(flags, all.begin());
    std::ranges::copy(more, all.begin() + kCount);
    return all;
}

inline constexpr Flag kArtefactFlags[] = {
    {.name = "digest",
     .kind = ValueKind::kText,
     .value_name = "sha256:HEX",
     .help = "the artefact that is judged"},
    {.name = "subject",
     .kind = ValueKind::kText,
     .value_name = "NAME",
     .help = "what the artefact is called, such as registry.example/shop"},
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
    {.name = "as",
     .kind = ValueKind::kText,
     .value_name = "NAME",
     .help = "who you are, as in .merlon/people"},
    kIdentityFlag,
    {.name = "reason", .kind = ValueKind::kText, .value_name = "TEXT", .help = "why"},
    {.name = "output",
     .short_name = 'o',
     .kind = ValueKind::kPath,
     .value_name = "FILE",
     .help = "write the signed decision, for a gate without this store (--decision)"},
    {.name = "write-statement",
     .kind = ValueKind::kPath,
     .value_name = "FILE",
     .help = "only write what is to be signed elsewhere"},
    {.name = "statement",
     .kind = ValueKind::kPath,
     .value_name = "FILE",
     .help = "what was written so, and signed"},
    {.name = "signature", .kind = ValueKind::kPath, .value_name = "FILE", .help = "its signature"},
};
inline constexpr Flag kExceptionFlags[] = {
    {.name = "condition",
     .kind = ValueKind::kText,
     .value_name = "ID",
     .help = "the condition that may fail, as the gate printed it"},
    {.name = "until",
     .kind = ValueKind::kText,
     .value_name = "DAY|TIME",
     .help = "when it ends: 2027-01-31, or from now 8h, 7d"},
    {.name = "everywhere", .help = "for every subject of the repository and environment"},
    {.name = "break-glass", .help = "from every condition, for hours, in an emergency"},
};
inline constexpr auto kExceptFlags = with_flags(kApproveFlags, kExceptionFlags);

inline constexpr Flag kReportAuditFlags[] = {
    kStoreFlag,
    kPeopleOfFlag,
    kPeopleTargetFlag,
    {.name = "from",
     .kind = ValueKind::kText,
     .value_name = "DAY",
     .help = "the first day of the period: 2026-01-01 (UTC)"},
    {.name = "to",
     .kind = ValueKind::kText,
     .value_name = "DAY",
     .help = "the last day of it, which is part of it; by default until now"},
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
    {.name = "ssh-key",
     .kind = ValueKind::kPath,
     .value_name = "FILE",
     .help = "the public key, such as ~/.ssh/id_ed25519.pub"},
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
