#include "cli/command_table.h"

#include "base/build_id.h"
#include "cli/command_flags.h"
#include "cli/gate_flags.h"

#ifndef MERLON_VERSION
#define MERLON_VERSION "0.0.0"
#endif

namespace merlon::cli {
namespace {

constexpr Verb kVerbs[] = {
    {.path = "scan",
     .summary = "Run every engine over files and directories",
     .description =
         "Runs the engines that need no database (secrets) over PATH, by default the current "
         "directory. Write ./secrets for a directory that is called like an engine.",
     .arguments = "[PATH…]",
     .max_arguments = kAnyNumber,
     .flags = kScanVerbFlags,
     .examples = "merlon scan .                       # everything below here"},
    {.path = "scan secrets",
     .summary = "Find secrets in files, archives and encoded text",
     .description =
         "Reads whole files in any encoding, archives and office documents, and looks for keys, "
         "tokens and passwords with Merlon's own pack or any gitleaks configuration. PATH - is "
         "standard input.\n"
         "\n"
         "What could not be read is a gap: it is listed, and the exit code is 2. Accept a known "
         "gap in .merlon.yaml under coverage.accept. A comment `merlon:allow RULE reason` in the "
         "line accepts one finding; .merlon/ignore and --baseline accept findings by the content "
         "of the secret, wherever it moves.",
     .arguments = "[PATH…]",
     .max_arguments = kAnyNumber,
     .flags = kScanVerbFlags,
     .examples =
         "merlon scan secrets .\n"
         "merlon scan secrets . --output sarif=merlon.sarif --output table=-\n"
         "merlon scan secrets . --write-baseline .merlon/baseline.json   # start from today\n"
         "merlon scan secrets . --baseline .merlon/baseline.json --fail-on high\n"
         "merlon scan secrets --staged                   # what the next commit would hold\n"
         "merlon scan secrets --history                  # the whole history of this repository\n"
         "merlon scan secrets --history --range main..topic\n"
         "merlon scan secrets --history --ci --output sarif=merlon.sarif\n"
         "git diff | merlon scan secrets -"},
    {.path = "scan packages",
     .summary = "Find packages with known vulnerabilities",
     .description =
         "Reads every lock file, manifest and installed-package database below PATH and holds the "
         "packages against the advisory database: by version, as each ecosystem's own tool orders "
         "them. Equal packages are one finding, which names each file and line.\n"
         "\n"
         "A version that nothing says, a distribution whose release is not known, an ecosystem "
         "without advisories and a database that is too old are gaps, as what could not be read "
         "is: the exit code is 2. sbom:FILE is a bill of materials, in CycloneDX, SPDX or Syft's "
         "JSON.",
     .arguments = "[PATH|sbom:FILE…]",
     .max_arguments = kAnyNumber,
     .flags = kPackagesScanFlags,
     .examples = "merlon scan packages .\n"
                 "merlon scan packages . --fail-on high --output sarif=packages.sarif\n"
                 "merlon scan packages . --fix fix.patch && git apply fix.patch\n"
                 "merlon scan packages sbom:sbom.cdx.json"},
    {.path = "diff packages",
     .summary = "Show what a change does to the packages: a review for a pull request",
     .description =
         "Compares two revisions of the repository at the current directory, two folders, or two "
         "bills of materials: packages that came, went and changed, vulnerabilities that were not "
         "there before, install scripts, licences that changed or are not allowed, names that look "
         "like a well-known one's, settings under which a public registry may answer for your own "
         "names, and lock files whose entries have another content, host or no checksum where the "
         "others have one.\n"
         "\n"
         "By the gate, what is new and vulnerable and a lock file that was tampered with make the "
         "exit code 1. Without an advisory database vulnerabilities are not looked for, and the "
         "report says so.",
     .arguments = "BASE..HEAD|BASE HEAD",
     .max_arguments = 2,
     .flags = kPackagesDiffFlags,
     .examples = "merlon diff packages origin/main..HEAD\n"
                 "merlon diff packages origin/main..HEAD --format markdown   # for the comment\n"
                 "merlon diff packages sbom:old.cdx.json sbom:new.cdx.json"},
    {.path = "licenses",
     .summary = "Show under which licences the packages of a tree are, and what is not allowed",
     .description =
         "Takes what packages state and what is recognised in the LICENSE, COPYING and NOTICE "
         "files "
         "that lie with them, and holds it against 'licenses:' of .merlon.yaml. Each licence is a "
         "line with the packages that are under it.\n"
         "\n"
         "By the gate a licence that is denied makes the exit code 1; one that somebody has to "
         "look "
         "at is shown. No advisory database is needed.",
     .arguments = "[PATH|sbom:FILE…]",
     .max_arguments = kAnyNumber,
     .flags = kLicensesFlags,
     .examples = "merlon licenses .\n"
                 "merlon licenses . --notices NOTICES.txt\n"
                 "merlon licenses sbom:sbom.cdx.json --format csv"},
    {.path = "sbom",
     .summary = "Write the packages of a tree as CycloneDX or SPDX",
     .description =
         "Reads every lock file, manifest and installed-package database below PATH, by default "
         "the current directory, whatever .gitignore says of them. Equal packages are one "
         "component, which names each file and line that it was seen in. Versions that nothing "
         "resolves stay open, and the compositions say whose dependencies are known.\n"
         "\n"
         "Equal trees give equal bytes; the time is SOURCE_DATE_EPOCH, where that is set. A file "
         "that could not be read makes the exit code 2, and the SBOM says that it is incomplete.",
     .arguments = "[PATH…]",
     .max_arguments = kAnyNumber,
     .flags = kSbomFlags,
     .examples = "merlon sbom . --output sbom.cdx.json\n"
                 "merlon sbom . --output cyclonedx-xml=sbom.xml --output spdx-json=sbom.spdx.json"},
    {.path = "sbom merge",
     .summary = "Make one SBOM of several",
     .description =
         "The same package URL is one component: what one document does not say of it, the next "
         "one may. The new document describes --name, which contains what each of the documents "
         "described. Any format that is read will do, each its own.",
     .arguments = "FILE…",
     .max_arguments = kAnyNumber,
     .flags = kBomFlags,
     .examples = "merlon sbom merge api.cdx.json web.spdx.json --name shop --output shop.cdx.json"},
    {.path = "sbom convert",
     .summary = "Write an SBOM in another format",
     .description =
         "Keeps what the formats have in common: also descriptions, suppliers and properties, "
         "which 'merlon sbom sbom:FILE' makes anew.",
     .arguments = "FILE",
     .max_arguments = 1,
     .flags = kBomFlags,
     .examples = "merlon sbom convert sbom.cdx.json --format spdx-json\n"
                 "merlon sbom convert bom.xml --output spdx-tag-value=bom.spdx"},
    {.path = "sbom diff",
     .summary = "List what two SBOMs do not have in common",
     .description =
         "Components that came, went and have other versions, and at the same version other "
         "licences or hashes. Exit code 1 where there are any. 'merlon diff packages' judges them.",
     .arguments = "OLD NEW",
     .max_arguments = 2,
     .examples = "merlon sbom diff released.cdx.json sbom.cdx.json"},
    {.path = "hook install",
     .summary = "Put Merlon into a repository's hooks, before those that are there",
     .description =
         "HOOK is pre-commit, commit-msg, pre-push or pre-receive; by default the first three, in "
         "a bare repository pre-receive. A hook that is there is renamed to HOOK.merlon-before and "
         "runs as before; core.hooksPath is respected.\n"
         "\n"
         "pre-receive refuses a push that brings secrets in. `git push -o "
         "merlon.bypass=\"reason\"` "
         "passes it, if the repository allows push options and --bypass is not deny; who did, why "
         "and what is written to merlon/bypass.log in the repository. Whoever may push to the "
         "branch "
         "that --settings-branch names decides what counts: protect it.",
     .arguments = "[HOOK…]",
     .max_arguments = kAnyNumber,
     .argument_kind = ArgumentKind::kText,
     .argument_words = kHooks,
     .flags = kHookFlags,
     .examples = "merlon hook install\n"
                 "merlon hook install pre-commit\n"
                 "merlon hook install pre-receive --repository /srv/git/app.git"},
    {.path = "hook uninstall",
     .summary = "Take Merlon out of a repository's hooks, and put back what was there",
     .arguments = "[HOOK…]",
     .max_arguments = kAnyNumber,
     .argument_kind = ArgumentKind::kText,
     .argument_words = kHooks,
     .flags = kHookFlags,
     .examples = "merlon hook uninstall"},
    {.path = "hook run",
     .summary = "Do what a hook does: the installed scripts call this",
     .description =
         "pre-commit looks at what is staged, commit-msg at the message in the file that git "
         "names, pre-push and pre-receive at the commits that git tells on standard input. Nothing "
         "is printed where nothing is wrong. Anything but exit code 0 stops git.\n"
         "\n"
         "A push cannot accept its own secrets: pre-receive reads .merlon.yaml and .merlon/ in the "
         "folder merlon of the repository on the server, or those of the branch that "
         "--settings-branch names, and `merlon:allow` comments do not count for it.",
     .arguments = "HOOK [-- GIT'S ARGUMENTS…]",
     .max_arguments = kAnyNumber,
     .argument_kind = ArgumentKind::kText,
     .argument_words = kHooks,
     .flags = kHookRunFlags,
     .examples = "merlon hook run pre-commit\n"
                 "merlon hook run commit-msg -- .git/COMMIT_EDITMSG"},
    {.path = "secrets revoked",
     .summary = "Say that a secret is revoked: it stays visible, and fails no run",
     .description =
         "A history cannot be unwritten, so a secret that no longer opens anything is noted in "
         ".merlon/revoked by the keyed hash of its content, which holds for every place. ID is the "
         "`secretId` of a JSON report; - reads the secret itself from standard input. Reports have "
         "ids once there is .merlon/key, which - makes. Commit the file and .merlon/key.",
     .arguments = "ID",
     .max_arguments = 1,
     .argument_kind = ArgumentKind::kText,
     .flags = kRevokedFlags,
     .examples = "merlon secrets revoked 5f1c… --reason 'rotated on 2026-05-02, ticket 812'\n"
                 "merlon secrets revoked - --reason 'rotated' < old-token"},
    {.path = "rules list",
     .summary = "List the rules with severity and title",
     .flags = kRulesFlags,
     .examples = "merlon rules list --format json"},
    {.path = "rules show",
     .summary = "Show one rule: what it finds, why it matters, how to mend it",
     .arguments = "RULE",
     .max_arguments = 1,
     .argument_kind = ArgumentKind::kListed,
     .listed_by = "rules list",
     .flags = kRulesFlags,
     .examples = "merlon rules show github-personal-access-token"},
    {.path = "rules checks",
     .summary = "List the offline checks that a rule can name: what each looks at",
     .examples = "merlon rules checks --format json"},
    {.path = "rules test",
     .summary = "Check each rule against its own true and false examples",
     .flags = kRulesFlags,
     .examples = "merlon rules test --rules rules/secrets\n"
                 "merlon rules test --format json   # with the text of each example"},
    {.path = "rules add",
     .summary = "Register another tool's rules for its compat front",
     .description =
         "`rules add gitleaks FILE` copies gitleaks's configuration into the state directory. "
         "`merlon compat gitleaks` uses it where no configuration is named and for "
         "useDefault; Merlon ships none of gitleaks's rules.",
     .arguments = "gitleaks FILE",
     .max_arguments = 2,
     .argument_words = "gitleaks",
     .examples = "merlon rules add gitleaks gitleaks.toml"},
    {.path = "db build",
     .summary = "Build the advisory database from feeds in files",
     .description =
         "Reads advisories from files, directories and archives, and writes one file that 'scan "
         "packages' maps into memory. Nothing is fetched. The same records give the same bytes, "
         "with SOURCE_DATE_EPOCH the same file.\n"
         "\n"
         "What cannot be read is named, counted in the database, and makes the exit code 2. A feed "
         "that has less than half of the records that it has in the database it would replace is "
         "refused: that is what a broken mirror looks like.",
     .flags = kDbBuildFlags,
     .examples = "merlon db build --osv vulndb/data/osv --osv advisory-database/vulns\n"
                 "merlon db build --osv all.zip --kev kev.json --epss epss_scores.csv.gz\n"
                 "merlon db build --secdb secdb --debian-tracker tracker.json --database os.db"},
    {.path = "db update",
     .summary = "Fetch what has changed of the feeds, and build the advisory database of it",
     .description =
         "The one command that needs a network. Without --source and --feeds it fetches the "
         "addresses that publishers document (--list shows them). What was fetched is kept beside "
         "the database, so that an unchanged feed costs one request and an interrupted one is "
         "gone on with. HTTPS_PROXY, HTTP_PROXY, NO_PROXY, SSL_CERT_FILE and SSL_CERT_DIR are "
         "honoured. What has changed is appended to the database as a segment. An address that "
         "ends "
         "in .git is a Git repository, of which one commit is fetched.\n"
         "\n"
         "A feed that cannot be fetched or read is named, what is stored of it stays in use, and "
         "the exit code is 2. With --rescan the exit code is 1 where a bill of materials has a "
         "weakness that it had not before.",
     .flags = kDbUpdateFlags,
     .examples = "merlon db update\n"
                 "merlon db update --only kev --only epss\n"
                 "merlon db update --source osv=https://mirror.example/all.zip --ca-file ca.pem\n"
                 "merlon db update --rescan sboms/ --format json"},
    {.path = "db info",
     .summary = "Say what the advisory database holds: feeds, their ages and licences",
     .flags = kDbFlags,
     .examples = "merlon db info --format json"},
    {.path = "db verify",
     .summary = "Check each page of the advisory database, and its signature",
     .flags = kDbVerifyFlags,
     .examples = "merlon db verify"},
    {.path = "db export",
     .summary = "Print the records as OSV JSON, one a line",
     .flags = kDbFlags,
     .examples = "merlon db export > advisories.jsonl"},
    {.path = "db diff",
     .summary = "List the records that two databases do not have in common",
     .description = "Exit code 1 where there are any.",
     .arguments = "OLD NEW",
     .max_arguments = 2,
     .examples = "merlon db diff yesterday.db today.db"},
    {.path = "db compare",
     .summary = "Compare two versions as an ecosystem's own tool does",
     .description =
         "Prints <, = or >. SCHEME is semver, npm, cargo, go, pypi, maven, gem, composer, nuget, "
         "pub, hex, hackage, cran, dpkg, rpm, apk, alpm, gentoo, conan, conda, openssl, nginx, "
         "intdot, datetime or lexicographic. With - in place of the versions, reads a pair 'A B' "
         "a line from standard input (or A and B with a tabulator between) and prints one sign a "
         "line; a line that is no pair gives ?, and the exit code is 2.",
     .arguments = "SCHEME A B|-",
     .max_arguments = 3,
     .argument_kind = ArgumentKind::kText,
     .flags = kDbCompareFlags,
     .examples = "merlon db compare maven 1.0-alpha-1 1.0\n"
                 "merlon db compare pypi 1.0rc1 1.0.post1 --explain\n"
                 "merlon db compare dpkg - < pairs.txt"},
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
    {.path = "init",
     .summary = "Write a commented .merlon.yaml",
     .arguments = "[DIRECTORY]",
     .max_arguments = 1,
     .flags = kInitFlags,
     .examples = "merlon init"},
    {.path = "gate pr",
     .summary = "Judge a pull request by the policy of the branch that it goes to",
     .description =
         "Judges the reports that are named, or what the evidence store knows of the branch; "
         "prints "
         "each condition with its evidence, the smallest fix and who may approve. Settings, people "
         "and policies are those of the target branch, never the change's own.\n"
         "\n"
         "Exit code 1 where a condition fails, 2 where something is not known: that is not green. "
         "With a store the verdict is kept, and can be explained and replayed.",
     .flags = kGatePrFlags,
     .examples = "merlon gate pr --report head.json --base base.json --target main\n"
                 "merlon gate pr --store s.db --repository acme/shop --ref topic --target main"},
    {.path = "gate release",
     .summary = "Judge an artefact before it is released",
     .flags = kGateReleaseFlags,
     .examples = "merlon gate release --digest sha256:… --report scan.json --sbom sbom.cdx.json "
                 "--target main"},
    {.path = "gate deploy",
     .summary = "Judge a deployment: approvals, windows, waits and locks of its environment",
     .description = "What the environment asks for stands in 'environments:' of .merlon.yaml.",
     .flags = kGateDeployFlags,
     .examples = "merlon gate deploy --environment production --digest sha256:… --target main"},
    {.path = "gate explain",
     .summary = "Show a verdict of the store with what it was made from",
     .arguments = "ID",
     .max_arguments = 1,
     .argument_kind = ArgumentKind::kText,
     .flags = kStoreFlags,
     .examples = "merlon gate explain sha256:1f0c…\n"
                 "merlon gate explain 1f0c3a55 --format json"},
    {.path = "gate replay",
     .summary = "Make a verdict of the store again, and compare it to the byte",
     .description = "Exit code 1 where it is not the same.",
     .arguments = "ID",
     .max_arguments = 1,
     .argument_kind = ArgumentKind::kText,
     .flags = kStoreFlags,
     .examples = "merlon gate replay 1f0c3a55"},
    {.path = "gate simulate",
     .summary = "Hold a policy against the verdicts of the past",
     .description =
         "Lists the verdicts that would be others if this policy alone had judged the same inputs. "
         "Nothing is written.",
     .flags = kGateSimulateFlags,
     .examples = "merlon gate simulate --policy new.rego --days 90\n"
                 "merlon gate simulate --policy severity --policy secrets --gate pr"},
    {.path = "gate done",
     .summary = "Say that a deployment is over, so that the next one may begin",
     .arguments = "ID",
     .max_arguments = 1,
     .argument_kind = ArgumentKind::kText,
     .flags = kStoreFlags,
     .examples = "merlon gate done 1f0c3a55"},
    {.path = "approve",
     .summary = "Approve what a verdict of a gate is about, or another person's exception",
     .description =
         "Signs a statement with your SSH key (ssh-keygen -Y sign) that names the artefact, the "
         "environment and the time, and keeps it in the store. Run the gate again: it counts who "
         "may approve.",
     .arguments = "ID",
     .max_arguments = 1,
     .argument_kind = ArgumentKind::kText,
     .flags = kApproveFlags,
     .examples = "merlon approve 1f0c3a55 --as ana --identity ~/.ssh/id_ed25519"},
    {.path = "reject",
     .summary = "Reject what a verdict of a gate is about",
     .description = "Your last word counts: an approval takes it back.",
     .arguments = "ID",
     .max_arguments = 1,
     .argument_kind = ArgumentKind::kText,
     .flags = kApproveFlags,
     .examples = "merlon reject 1f0c3a55 --as ana -i ~/.ssh/id_ed25519 --reason 'not on a Friday'"},
    {.path = "except",
     .summary = "Let a condition of a gate fail until a day, if a second person approves",
     .description =
         "Who may make and approve exceptions, 'exceptions-by' of .merlon.yaml says. With "
         "--break-glass it is from everything, by two people of 'break-glass-by', for hours.",
     .arguments = "ID",
     .max_arguments = 1,
     .argument_kind = ArgumentKind::kText,
     .flags = kExceptFlags,
     .examples = "merlon except 1f0c3a55 --condition severity --until 7d --reason 'ticket 812' "
                 "--as ana -i ~/.ssh/id_ed25519"},
    {.path = "people add",
     .summary = "Add a person and key to .merlon/people",
     .arguments = "NAME",
     .max_arguments = 1,
     .argument_kind = ArgumentKind::kText,
     .flags = kPeopleAddFlags,
     .examples = "merlon people add ana --ssh-key ana.pub --email ana@example.com"},
    {.path = "people list",
     .summary = "List the people of .merlon/people",
     .flags = kPeopleFlags,
     .examples = "merlon people list"},
    {.path = "doctor",
     .summary = "Say what works on this machine and what is missing",
     .examples = "merlon doctor"},
    {.path = "doctor rules",
     .summary = "Say which rules are slow, and why",
     .description =
         "An expression is fast where every match holds a fixed string near its start. For each "
         "rule "
         "that has none it says which part is in the way and what would help. FILE is a file or a "
         "folder of rules; without it, the rules that are built in.",
     .arguments = "[FILE]",
     .max_arguments = 1,
     .examples = "merlon doctor rules .gitleaks.toml"},
    {.path = "policy",
     .summary = "Evaluate, test, check, format and parse Rego policies",
     .description =
         "'policy eval QUERY' answers a query over policies and data (-d), bundles (-b) and an "
         "input (-i), 'policy test PATH…' runs the tests of policies, 'policy check PATH…' says "
         "what is wrong with policies, 'policy fmt PATH…' formats them, "
         "'policy parse PATH' prints a syntax tree. Flags, outputs and exit codes are OPA's.",
     .arguments = "eval|test|check|fmt|parse [ARGUMENTS…]",
     .max_arguments = kAnyNumber,
     .examples = "merlon policy eval -d policy.rego -i input.json -f pretty data.policy.allow\n"
                 "merlon policy test policies -v\n"
                 "merlon policy check policies\n"
                 "merlon policy fmt --write policies",
     .rest = Verb::Rest::kForeign},
    {.path = "compat conftest",
     .summary = "Behave as conftest 0.71.1 on configuration files and Rego policies",
     .description =
         "Takes conftest's arguments for test, verify, parse and fmt, and gives its outputs and "
         "exit codes. What is not served is refused by name with exit code 2. The same when the "
         "program is called by the name conftest.",
     .arguments = "[CONFTEST ARGUMENTS…]",
     .max_arguments = kAnyNumber,
     .examples = "merlon compat conftest test deployment.yaml main.tf\n"
                 "merlon compat conftest parse Dockerfile",
     .rest = Verb::Rest::kForeign},
    {.path = "compat gitleaks",
     .summary = "Behave as gitleaks 8.30.1 on files, streams, Git history and staged changes",
     .description =
         "Takes gitleaks's arguments and gives its findings, reports and exit codes. The same "
         "when the program is called by the name gitleaks.",
     .arguments = "[GITLEAKS ARGUMENTS…]",
     .max_arguments = kAnyNumber,
     .examples = "merlon compat gitleaks dir . -v\n"
                 "merlon compat gitleaks dir . -c .gitleaks.toml -r report.json\n"
                 "merlon compat gitleaks git --staged .\n"
                 "merlon compat gitleaks git . --log-opts='--since=2026-01-01 main'",
     .rest = Verb::Rest::kForeign},
    {.path = "compat grype",
     .summary = "Behave as Grype on the packages of a tree or bill of materials",
     .description =
         "Takes Grype's arguments for dir:PATH, sbom:FILE and paths, and gives its outputs and "
         "exit codes; the advisories are Merlon's. What is not served yet is refused with exit "
         "code 2. The same when the program is called by the name grype.",
     .arguments = "[GRYPE ARGUMENTS…]",
     .max_arguments = kAnyNumber,
     .examples = "merlon compat grype dir:. --fail-on high --only-fixed\n"
                 "merlon compat grype sbom:sbom.cdx.json -o json=grype.json",
     .rest = Verb::Rest::kForeign},
    {.path = "compat opa",
     .summary = "Behave as OPA 1.22.2's eval, check, fmt and parse on Rego policies",
     .description =
         "Takes OPA's arguments for these commands, and gives its outputs and exit codes. What is "
         "not served yet is refused with exit code 2. The same when the program is called by the "
         "name opa.",
     .arguments = "[OPA ARGUMENTS…]",
     .max_arguments = kAnyNumber,
     .examples = "merlon compat opa eval -d policy.rego -i input.json data.policy.allow\n"
                 "merlon compat opa fmt --list policies",
     .rest = Verb::Rest::kForeign},
    {.path = "compat osv-scanner",
     .summary = "Behave as OSV-Scanner 2 on folders, lock files and bills of materials",
     .description =
         "Takes OSV-Scanner's arguments for scan and scan source, and gives its outputs and exit "
         "codes; the advisories are Merlon's. What is not served yet is refused with exit code 2. "
         "The same when the program is called by the name osv-scanner.",
     .arguments = "[OSV-SCANNER ARGUMENTS…]",
     .max_arguments = kAnyNumber,
     .examples = "merlon compat osv-scanner scan source -r . --format json\n"
                 "merlon compat osv-scanner scan -L package-lock.json",
     .rest = Verb::Rest::kForeign},
    {.path = "compat trivy",
     .summary = "Behave as Trivy on the packages and secrets of a tree or bill of materials",
     .description =
         "Takes the arguments of trivy fs, rootfs, repo (of a local path) and sbom, and gives its "
         "outputs and exit codes; the advisories are Merlon's. What is not served yet is refused "
         "with exit code 2. The same when the program is called by the name trivy.",
     .arguments = "[TRIVY ARGUMENTS…]",
     .max_arguments = kAnyNumber,
     .examples = "merlon compat trivy fs . --severity HIGH,CRITICAL --exit-code 1\n"
                 "merlon compat trivy sbom sbom.cdx.json --format json --output trivy.json",
     .rest = Verb::Rest::kForeign},
    {.path = "completion",
     .summary = "Print the completion script of a shell: bash, zsh or fish",
     .arguments = "SHELL",
     .max_arguments = 1,
     .argument_kind = ArgumentKind::kText,
     .argument_words = "bash|zsh|fish",
     .examples = "merlon completion bash > ~/.local/share/bash-completion/completions/merlon"},
    {.path = "man",
     .summary = "Print the manual page, or with --format markdown the flag reference",
     .examples = "merlon man | man -l -"},
    {.path = "version", .summary = "Print the version"},
    {.path = "help",
     .summary = "Show the help of a command",
     .arguments = "[COMMAND…]",
     .max_arguments = kAnyNumber,
     .argument_kind = ArgumentKind::kCommand},
};

constexpr VerbGroup kGroups[] = {
    {.path = "compat",
     .description =
         "Fronts that behave as other tools do: the same arguments, findings, reports and exit "
         "codes, so that what calls the other tool can call Merlon instead. Where the other tool "
         "would pass in silence over something, Merlon says so. A link to merlon by the other "
         "tool's name is the same front: 'ln -s merlon gitleaks'."},
    {.path = "db", .description = "The advisory database, and how versions are ordered in it."},
    {.path = "findings", .description = "What scanners found, as the evidence store remembers it."},
    {.path = "audit",
     .description = "What was done to the evidence store, by whom and when, provable to others."},
    {.path = "jobs", .description = "What waits for a worker, runs, or has run."},
    {.path = "webhooks", .description = "Who is told of what happens to the evidence store."},
    {.path = "store",
     .description =
         "The evidence store: one file that holds what was imported, what became of each finding, "
         "and the audit log."},
    {.path = "report", .description = "What is known, for somebody else."},
    {.path = "gate",
     .description =
         "Policy over evidence: whether a pull request, a release or a deployment may go on, and "
         "why not."},
    {.path = "people", .description = "Who may decide about gates, by SSH keys."},
    {.path = "rules",
     .description =
         "Rules are data in the gitleaks format: Merlon's own pack is built in, --rules names any "
         "other file or folder."},
};

constexpr CommandTable kTable{
    .program = "merlon",
    .version = MERLON_VERSION,
    .summary = "Merlon does the security jobs of the development life cycle in one program.",
    .exit_codes =
        "0 clean, or allowed by the gate\n"
        "1 findings at or above --fail-on\n"
        "2 the run failed or could not read everything; findings are still printed",
    .verbs = kVerbs,
    .global_flags = kGlobalFlags,
    .groups = kGroups,
};

}  // namespace

const CommandTable& command_table() { return kTable; }

std::string_view version() { return kTable.version; }

std::string build() { return std::string(version()) + ' ' + build_id(); }

}  // namespace merlon::cli
