#pragma once

// Verbs of the evidence store; see command_table.cpp.
//
// Constant tables; internal to it.

#include "cli/evidence_flags.h"
#include "cli/gate_flags.h"

namespace merlon::cli {

inline constexpr Verb kEvidenceVerbs[] = {
    {.path = "import",
     .summary = "Take reports of scanners into the evidence store",
     .description =
         "Reads SARIF 2.1.0 of any tool, Merlon's own JSON reports, and those of gitleaks, Trivy, "
         "Grype, OSV-Scanner, Semgrep, Checkov, kube-score, ZAP, nuclei and Falco, alerts of "
         "GitHub's API, and JUnit's XML; which of them a file is, its content says. FILE - is "
         "standard input. Findings keep their identity across line shifts, "
         "renamed files and renamed rules; what is no longer found is closed, if the run was "
         "complete and of the same tool, category, branch and configuration as before.\n"
         "\n"
         "A file is taken whole or refused with line and reason; then the exit code is 2. The same "
         "file once more changes nothing.",
     .arguments = "FILE…",
     .max_arguments = kAnyNumber,
     .flags = kImportFlags,
     .examples = "merlon import report.sarif\n"
                 "merlon import --store s.db --repository acme/shop --ref main semgrep.sarif\n"
                 "merlon scan secrets . --format json | merlon import -"},
    {.path = "findings list",
     .summary = "List the findings that the evidence store remembers",
     .description =
         "Without a filter, those that are open. All terms of a filter have to hold; values "
         "separated by commas are alternatives, and a minus turns a term round:\n"
         "\n"
         "is:open|closed|suppressed|present|unknown|gone|unowned, sev:>=high, tool:NAME, rule:ID, "
         "path:GLOB, repo:NAME, ref:BRANCH, owner:NAME, age:>30d, decision:accepted, expires:<30d, "
         "id:N, and words of title, rule and path. Write a filter that begins with a minus behind "
         "--.",
     .arguments = "[FILTER…]",
     .max_arguments = kAnyNumber,
     .argument_kind = ArgumentKind::kText,
     .flags = kFindingsListFlags,
     .examples = "merlon findings list\n"
                 "merlon findings list 'is:open sev:>=high path:src/** age:>30d'\n"
                 "merlon findings list --format json --limit 500 tool:semgrep"},
    {.path = "findings show",
     .summary = "Show all that is known of one finding: where it is seen, since when, by whom",
     .arguments = "ID",
     .max_arguments = 1,
     .argument_kind = ArgumentKind::kText,
     .flags = kFindingsShowFlags,
     .examples = "merlon findings show 12\n"
                 "merlon findings show 12 --as-of 2026-11-01"},
    {.path = "findings trend",
     .summary = "Say for each day how many findings were open, and what came and went",
     .description =
         "Made from the history of the findings that fit the filter today, so that it is the same "
         "whenever it is made. Days are UTC.",
     .arguments = "[FILTER…]",
     .max_arguments = kAnyNumber,
     .argument_kind = ArgumentKind::kText,
     .flags = kFindingsTrendFlags,
     .examples = "merlon findings trend --from 90d owner:payments\n"
                 "merlon findings trend --from 2026-01-01 --format csv > trend.csv"},
    {.path = "findings report",
     .summary = "Say how old findings are, what is overdue, and how long it takes to mend them",
     .description =
         "For each severity: what is open, unowned and accepted, age, what is beyond the days that "
         "--sla allows or will be within a week; and of --from to --to what was fixed, how long "
         "that took (without what was decided away), and how much of it in time.",
     .arguments = "[FILTER…]",
     .max_arguments = kAnyNumber,
     .argument_kind = ArgumentKind::kText,
     .flags = kFindingsReportFlags,
     .examples = "merlon findings report\n"
                 "merlon findings report --from 90d --sla critical=3 tool:semgrep"},
    {.path = "findings decide",
     .summary = "Decide about findings: false positive, not affected, accepted, will be fixed",
     .description =
         "Every decision has a reason, an author and an end, after which the finding is open "
         "again. "
         "It is about findings by their numbers, or about a rule or a package (in one repository "
         "or "
         "everywhere), and then it holds for what is found later, too; of several the narrowest "
         "counts, of equals the latest. will_fix leaves a finding open.\n"
         "\n"
         "Each decision is an event of the audit log, and is on the disk when the command ends.",
     .arguments = "[ID…]",
     .max_arguments = kAnyNumber,
     .argument_kind = ArgumentKind::kText,
     .flags = kFindingsDecideFlags,
     .examples =
         "merlon findings decide 12 13 --verdict false_positive --reason 'test data'\n"
         "merlon findings decide 14 --verdict accepted --until 90d --reason 'behind the VPN' "
         "--as ann\n"
         "merlon findings decide --rule CVE-2024-1 --package pkg:npm/left-pad --verdict "
         "not_affected --justification vulnerable_code_not_in_execute_path --reason 'no "
         "call of it'"},
    {.path = "findings proposals",
     .summary = "List the decisions that wait for a second person",
     .flags = kFindingsProposalsFlags,
     .examples = "merlon findings proposals"},
    {.path = "findings approve",
     .summary = "Approve proposed decisions as the second person",
     .description = "A decision waits for a second person where it was made with --propose, or "
                    "where the store "
                    "wants one for its verdict ('merlon store second-person'). Until then the "
                    "finding is open. "
                    "Whoever proposed it cannot approve it. With --identity the approval is "
                    "signed, and held against the keys of .merlon/people; 'merlon report audit' "
                    "verifies it again.",
     .arguments = "PROPOSAL…",
     .max_arguments = kAnyNumber,
     .argument_kind = ArgumentKind::kText,
     .flags = kFindingsApproveFlags,
     .examples = "merlon findings approve 31 --as ben\n"
                 "merlon findings approve 31 --as ben --identity ~/.ssh/id_ed25519"},
    {.path = "findings refuse",
     .summary = "Refuse proposed decisions",
     .arguments = "PROPOSAL…",
     .max_arguments = kAnyNumber,
     .argument_kind = ArgumentKind::kText,
     .flags = kFindingsAnswerFlags,
     .examples = "merlon findings refuse 31 --as ben --reason 'it is reachable from outside'"},
    {.path = "findings streams",
     .summary = "List what findings are reported of, and since when nothing came",
     .description =
         "A stream is one tool's reports of one repository, branch, category, and image or folder. "
         "What it has found is open until a later report of it does not have it; where none comes "
         "any more, because the image is called otherwise or the branch was merged, the stream is "
         "stale, and 'merlon findings retire' ends it.",
     .flags = kFindingsStreamsFlags,
     .examples = "merlon findings streams\n"
                 "merlon findings streams --stale 7d --format json"},
    {.path = "findings retire",
     .summary = "End streams that nothing reports to any more: what they found is gone",
     .description =
         "Somebody's word, with a name and a reason, which is kept as a document and stands in the "
         "audit log like a complete report that finds nothing. Decisions and history stay. A "
         "report that comes after all opens again what it finds.",
     .arguments = "STREAM…",
     .max_arguments = kAnyNumber,
     .argument_kind = ArgumentKind::kText,
     .flags = kFindingsRetireFlags,
     .examples = "merlon findings retire 12 14 --reason 'the image is reg/shop now' --as ann"},
    {.path = "report audit",
     .summary = "Write one signed bundle for an auditor: releases, approvers, exceptions, gaps",
     .description =
         "Releases with the conditions that they were judged by, who approved and rejected, "
         "exceptions, decisions about findings, analyses that did not see everything, and which "
         "controls these facts show (NIST SSDF, ISO/IEC 27001, SOC 2). Each fact names its event "
         "of the audit log, which stands behind the report in the same file, signed as it is "
         "exported. 'merlon audit verify FILE' checks both without the store.",
     .flags = kReportAuditFlags,
     .examples = "merlon report audit --from 2026-01-01 --to 2026-03-31 --out q1.bundle\n"
                 "merlon audit verify q1.bundle --key \"$KEY\""},
    {.path = "trace",
     .summary =
         "Follow software from commit to deployment and back, with the evidence of each step",
     .description =
         "KIND is repository, commit, artifact, image, package or deployment; of a commit or an "
         "artifact's digest the first seven digits will do, and a package URL may be without its "
         "version. What leads on to where it runs comes first (->), then where it is from (<-). "
         "Each step names the document that says so, who collected it, when, and how sure that is: "
         "told (by whoever imported it), stated, signed but not verified, recorded (by this "
         "program).",
     .arguments = "KIND NAME",
     .max_arguments = 2,
     .argument_kind = ArgumentKind::kText,
     .flags = kTraceFlags,
     .examples = "merlon trace deployment production\n"
                 "merlon trace package pkg:npm/left-pad --to deployment\n"
                 "merlon trace artifact sha256:1f0c3a5 --format json"},
    {.path = "store info",
     .summary = "Say how much the evidence store holds",
     .flags = kStoreFlags,
     .examples = "merlon store info --format json"},
    {.path = "store check",
     .summary = "Check the evidence store: pages, documents, counters, audit log",
     .description = "Exit code 1 where something is not as it was written.",
     .flags = kStoreFlags,
     .examples = "merlon store check"},
    {.path = "store rematch",
     .summary = "Hold the bills of materials of the store against today's advisories",
     .description =
         "Of each artifact the latest bill that 'merlon import' has taken in. What is found are "
         "findings as of any scan of packages: new ones, known ones, those that are gone since an "
         "advisory was withdrawn; each with its event. With the same advisories nothing changes. "
         "Run it behind 'merlon db update'.",
     .flags = kStoreRematchFlags,
     .examples = "merlon db update && merlon store rematch"},
    {.path = "store second-person",
     .summary = "Say for which verdicts a second person has to approve decisions about findings",
     .description =
         "Without a verdict it says what is so now; none takes it back. A decision of such a "
         "verdict "
         "is proposed and holds once somebody else approves it ('merlon findings approve'), also "
         "where it is imported. What was decided before stays. Each change is an event of the "
         "audit log. With --signed an approval is a signature by the SSH key that .merlon/people "
         "has of the person.",
     .arguments = "[VERDICT…]",
     .max_arguments = kAnyNumber,
     .argument_kind = ArgumentKind::kText,
     .flags = kSecondPersonFlags,
     .examples = "merlon store second-person accepted false_positive\n"
                 "merlon store second-person accepted false_positive --signed\n"
                 "merlon store second-person none"},
    {.path = "store backup",
     .summary = "Copy the evidence store while others read and write it",
     .arguments = "FILE",
     .max_arguments = 1,
     .flags = kStoreFlags,
     .examples = "merlon store backup /backup/evidence-2026-11-27.db"},
    {.path = "store export",
     .summary = "Write everything that the evidence store holds into a folder, in open formats",
     .description =
         "Documents as they were, and JSON Lines of findings, decisions, history, audit log and "
         "the rest (docs/store.md). 'merlon store import' makes the same store of it, on SQLite or "
         "PostgreSQL. Writers wait meanwhile.",
     .arguments = "DIR",
     .max_arguments = 1,
     .flags = kStoreFlags,
     .examples = "merlon store export /backup/evidence-2026-11-27"},
    {.path = "store import",
     .summary = "Make a store of an export, where none is yet",
     .description =
         "All of it or nothing: each line, digest, counter and event is checked; what is not as it "
         "was exported is refused with file and line.",
     .arguments = "DIR",
     .max_arguments = 1,
     .flags = kStoreFlags,
     .examples = "merlon store import --store postgres://merlon@db.example.org/evidence "
                 "/backup/evidence-2026-11-27"},
    {.path = "store restore",
     .summary = "Put a backup where no store is",
     .description = "The backup is checked first; nothing is replaced.",
     .arguments = "FILE",
     .max_arguments = 1,
     .flags = kStoreFlags,
     .examples = "merlon store restore /backup/evidence-2026-11-27.db"},
    {.path = "worker",
     .summary = "Do the jobs of the evidence store: imports, deliveries, what the clock asks for",
     .description =
         "Runs until it is stopped (SIGTERM: the job at hand is finished or handed back). Any "
         "number of workers share a store; a job whose worker was killed is taken by another one, "
         "and has its effect once.",
     .flags = kWorkerFlags,
     .examples = "merlon worker --store postgres://merlon@db.example.org/evidence\n"
                 "merlon worker --lanes user          # beside others: what people wait for\n"
                 "merlon worker --idle-exit           # under cron or a Kubernetes Job"},
    {.path = "jobs list",
     .summary = "List the jobs of the evidence store, the newest first",
     .flags = kJobsListFlags,
     .examples = "merlon jobs list --state failed\n"
                 "merlon jobs list --format json --kind import"},
    {.path = "jobs show",
     .summary = "Show all of one job",
     .arguments = "N",
     .max_arguments = 1,
     .argument_kind = ArgumentKind::kText,
     .flags = kStoreFlags,
     .examples = "merlon jobs show 12"},
    {.path = "jobs cancel",
     .summary = "Take a job out, or have its worker stop it; nothing of it stays in the store",
     .arguments = "N",
     .max_arguments = 1,
     .argument_kind = ArgumentKind::kText,
     .flags = kStoreFlags,
     .examples = "merlon jobs cancel 12"},
    {.path = "jobs retry",
     .summary = "Try a job again that failed or was cancelled",
     .arguments = "N",
     .max_arguments = 1,
     .argument_kind = ArgumentKind::kText,
     .flags = kStoreFlags,
     .examples = "merlon jobs retry 12"},
    {.path = "webhooks add",
     .summary = "Tell an address of what happens to the evidence store",
     .description =
         "From now on each event of the audit log that is of one of the kinds is sent there by "
         "'merlon worker', signed (Standard Webhooks: HMAC-SHA256), in order, at least once. The "
         "key is not kept in the store: --secret says where the worker finds it.",
     .arguments = "NAME URL",
     .max_arguments = 2,
     .argument_kind = ArgumentKind::kText,
     .flags = kWebhooksAddFlags,
     .examples = "merlon webhooks add chat https://hooks.example.org/m --secret env:CHAT_KEY\n"
                 "merlon webhooks add gates https://hooks.example.org/g --event 'gate.*' --secret "
                 "file:/etc/merlon/gates.key"},
    {.path = "webhooks list",
     .summary = "List the webhooks, and what they have not heard yet",
     .flags = kStoreFlags,
     .examples = "merlon webhooks list"},
    {.path = "webhooks remove",
     .summary = "Tell a webhook of nothing more",
     .arguments = "NAME",
     .max_arguments = 1,
     .argument_kind = ArgumentKind::kText,
     .flags = kStoreFlags,
     .examples = "merlon webhooks remove chat"},
    {.path = "audit log",
     .summary = "List the events of the audit log",
     .flags = kAuditLogFlags,
     .examples = "merlon audit log --after 100\n"
                 "merlon audit log --format json"},
    {.path = "audit checkpoint",
     .summary = "Sign what the audit log is now, and print the checkpoint and the public key",
     .description =
         "Keep what it prints where who can write the store cannot: who has it can tell for ever "
         "whether a later log goes on from this one. The key is made when it is first needed, "
         "beside the store, as STORE-audit.key.",
     .flags = kStoreFlags,
     .examples = "merlon audit checkpoint > /mnt/worm/audit-2026-11-27.checkpoint"},
    {.path = "audit rotate",
     .summary = "Change the key that signs the audit log",
     .description =
         "The old key signs which the new one is, in an event of the log, and the new one signs a "
         "checkpoint: who trusts the old key is led to the new one by 'merlon audit verify', and "
         "what was signed before stays right. The new key takes the old one's file, which gets its "
         "number behind its name. Where the old key is lost, --lost begins with a new one: a break "
         "that each verification shows, with exit code 1 until --accept-break names it.",
     .flags = kAuditRotateFlags,
     .examples = "merlon audit rotate --reason 'each year'\n"
                 "merlon audit rotate --lost --reason 'the disk with the key broke, see OPS-12'"},
    {.path = "audit export",
     .summary = "Sign the audit log and write it out: to a file, to syslog, into a Git repository",
     .description =
         "'merlon audit verify FILE' checks an export without the store. Into Git only a log goes "
         "that goes on from the one that was committed last.",
     .flags = kAuditExportFlags,
     .examples = "merlon audit export --to audit.jsonl\n"
                 "merlon audit export --to syslog://127.0.0.1:601 --after 1200\n"
                 "merlon audit export --to git:/srv/audit"},
    {.path = "audit verify",
     .summary = "Check the audit log: of the store, of an export, or the proof of one event",
     .description =
         "Finds changed, removed and inserted events, checkpoints that are not signed or not of "
         "this log, and, with a checkpoint that was kept elsewhere, a log that was rewritten as a "
         "whole or has forked. Exit code 1 where something is not as it was written.",
     .arguments = "[FILE]",
     .max_arguments = 1,
     .flags = kAuditVerifyFlags,
     .examples = "merlon audit verify\n"
                 "merlon audit verify audit.jsonl --key \"$KEY\" --checkpoint old.checkpoint"},
    {.path = "audit prove",
     .summary = "Prove that an event is in the log, for who has its checkpoint",
     .description =
         "Prints a proof as c2sp.org/tlog-proof has it, with the event in it; 'merlon audit verify "
         "FILE' checks it without the store.",
     .arguments = "N",
     .max_arguments = 1,
     .argument_kind = ArgumentKind::kText,
     .flags = kStoreFlags,
     .examples = "merlon audit prove 12 > event-12.tlog-proof"},
};

}  // namespace merlon::cli
