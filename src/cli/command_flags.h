#pragma once

// The flags of each verb, as tables: the verbs that take them are in command_table.cpp.
//
// The idea: a flag that several verbs share stands once, and a verb's table is made of parts at
// compile time, so that help, man page, completions and reference say the same of it everywhere.
//
// Constant tables; internal to command_table.cpp.

#include <algorithm>
#include <array>
#include <iterator>

#include "base/flags.h"

namespace merlon::cli {

inline constexpr Flag kGlobalFlags[] = {
    {.name = "format",
     .short_name = 'f',
     .kind = ValueKind::kChoice,
     .value_name = "FORMAT",
     .default_text = "table",
     .choices = "table|json|sarif|junit|markdown|html|csv",
     .help = "how to print the answer",
     .only_for =
         "scan|hook run|diff|licenses|sbom diff|rules list|rules show|rules checks|rules "
         "test|doctor|man|db update|db info|"
         "db diff|import|findings|trace|store info|audit log|audit checkpoint|audit verify|gate|"
         "jobs list|jobs show|webhooks list"},
    {.name = "output",
     .short_name = 'o',
     .kind = ValueKind::kPath,
     .value_name = "FILE",
     .help = "write the report to FILE, or as FORMAT=FILE in another format; - is standard output",
     .repeat = Repeat::kMany,
     .only_for = "scan|hook run|sbom|diff|licenses"},
    {.name = "config",
     .short_name = 'c',
     .kind = ValueKind::kPath,
     .value_name = "FILE",
     .help =
         "the configuration; by default .merlon.yaml at the root of the repository, else in PATH",
     .only_for =
         "scan|hook run|diff|licenses|db update|gate pr|gate release|gate deploy|findings report"},
    {.name = "quiet", .short_name = 'q', .help = "no progress, no notices, no summary"},
    {.name = "no-color", .help = "no colour, as with NO_COLOR in the environment"},
    {.name = "threads",
     .short_name = 'j',
     .kind = ValueKind::kInteger,
     .value_name = "N",
     .default_text = "0",
     .help = "workers; 0 is one for each processor",
     .only_for = "scan|hook run|sbom|diff|licenses|db build|db update"},
};

inline constexpr Flag kBaselineFlag = {.name = "baseline",
                                       .kind = ValueKind::kPath,
                                       .value_name = "FILE",
                                       .help = "findings that are known and do not count"};
inline constexpr Flag kWriteBaselineFlag = {
    .name = "write-baseline",
    .kind = ValueKind::kPath,
    .value_name = "FILE",
    .help = "write today's findings as a baseline, and exit with 0 for them"};
inline constexpr Flag kExcludeFlag = {.name = "exclude",
                                      .kind = ValueKind::kText,
                                      .value_name = "GLOB",
                                      .help = "leave out what matches, as in .gitignore",
                                      .repeat = Repeat::kMany};

inline constexpr Flag kStoreFlag = {
    .name = "store",
    .kind = ValueKind::kPath,
    .value_name = "FILE",
    .help = "the evidence store, by default evidence.db in the state directory"};

inline constexpr Flag kRepositoryFlag = {
    .name = "repository",
    .kind = ValueKind::kText,
    .value_name = "NAME",
    .help = "what was looked at, such as github.com/acme/shop; by default what the report says"};

// A scan that can be kept as evidence.
template <std::size_t kCount>
constexpr std::array<Flag, kCount + 2> with_store(const Flag (&flags)[kCount]) {
    std::array<Flag, kCount + 2> all{};
    std::ranges::copy(flags, all.begin());
    all[kCount] = {.name = "store",
                   .kind = ValueKind::kPath,
                   .value_name = "FILE",
                   .help = "take the report into this evidence store, as 'merlon import' does"};
    all[kCount + 1] = kRepositoryFlag;
    return all;
}

inline constexpr Flag kScanFlags[] = {
    {.name = "rules",
     .short_name = 'r',
     .kind = ValueKind::kPath,
     .value_name = "FILE|DIR",
     .help = "rules in the gitleaks format instead of Merlon's own pack; a directory's *.toml are "
             "read in the order of their names"},
    {.name = "fail-on",
     .kind = ValueKind::kChoice,
     .value_name = "SEVERITY",
     .default_text = "low",
     .choices = "info|low|medium|high|critical|none",
     .help = "exit with 1 for findings of at least this severity"},
    {.name = "all-matches",
     .help = "show what was left out as words or placeholders too, with low confidence"},
    {.name = "show-secrets", .help = "print secrets in the clear; by default they are masked"},
    kBaselineFlag,
    kWriteBaselineFlag,
    kExcludeFlag,
    {.name = "follow-symlinks", .help = "scan what symbolic links lead to"},
    {.name = "no-ignore", .help = "scan what .gitignore leaves out, too"},
    {.name = "max-archive-depth",
     .kind = ValueKind::kInteger,
     .value_name = "N",
     .default_text = "8",
     .help = "archives inside archives that are opened; 0 opens none"},
    {.name = "max-file-size",
     .kind = ValueKind::kText,
     .value_name = "SIZE",
     .default_text = "16G",
     .help = "larger files are a gap; bytes, or with K, M, G behind"},
    {.name = "staged",
     .help =
         "scan what is staged in the repository at PATH: whole files, and of their secrets those "
         "that HEAD's version has not"},
    {.name = "trust-repository", .help = "read a repository that belongs to another user"},
    {.name = "history",
     .help = "scan the Git repository at PATH: every object of its database, whatever leads to it"},
    {.name = "range",
     .kind = ValueKind::kText,
     .value_name = "A..B",
     .help = "with --history: only what the commits of B that A has not brought in"},
    {.name = "since-commit",
     .kind = ValueKind::kText,
     .value_name = "COMMIT",
     .help = "with --history: only what came in after COMMIT"},
    {.name = "branch",
     .kind = ValueKind::kText,
     .value_name = "NAME",
     .help = "with --history: only what the commits of this branch brought in"},
    {.name = "ci",
     .help =
         "with --history: the range of this pipeline run, from the variables of GitHub, GitLab, "
         "Azure DevOps or Forgejo"},
    {.name = "no-sandbox", .help = "do not give up network and writing before the scan"},
    {.name = "no-cache", .help = "neither read nor write the cache"},
};

inline constexpr auto kScanVerbFlags = with_store(kScanFlags);

inline constexpr Flag kBypassFlag = {
    .name = "bypass",
    .kind = ValueKind::kChoice,
    .value_name = "WHETHER",
    .default_text = "allow",
    .choices = "allow|deny",
    .help = "whether pre-receive lets a push through that gives a reason"};

inline constexpr Flag kSettingsBranchFlag = {
    .name = "settings-branch",
    .kind = ValueKind::kText,
    .value_name = "NAME",
    .help =
        "pre-receive: .merlon.yaml and .merlon/ of this branch hold, as it is before the push, "
        "in place of those in the folder merlon of the repository"};

inline constexpr Flag kHookFlags[] = {
    {.name = "repository",
     .kind = ValueKind::kPath,
     .value_name = "DIR",
     .help = "the repository whose hooks are meant, by default that of the current directory"},
    {.name = "shared",
     .help = "change the hooks of a folder that core.hooksPath names for all repositories"},
    kBypassFlag,
    kSettingsBranchFlag,
    {.name = "trust-repository", .help = "read a repository that belongs to another user"},
};

// A hook scans as `scan secrets` does, with the same settings.
inline constexpr auto kHookRunFlags = [] {
    std::array<Flag, std::size(kScanFlags) + 2> flags{};
    std::ranges::copy(kScanFlags, flags.begin());
    flags[std::size(kScanFlags)] = kBypassFlag;
    flags.back() = kSettingsBranchFlag;
    return flags;
}();

inline constexpr Flag kPackagesFlags[] = {
    {.name = "internal",
     .kind = ValueKind::kText,
     .value_name = "GLOB",
     .help = "names of your own, such as @acme/*, that no public registry has to answer for",
     .repeat = Repeat::kMany},
    {.name = "database",
     .short_name = 'd',
     .kind = ValueKind::kPath,
     .value_name = "FILE",
     .help = "the advisory database; by default the one that 'merlon db' keeps"},
    {.name = "max-database-age",
     .kind = ValueKind::kInteger,
     .value_name = "DAYS",
     .default_text = "7",
     .help = "an older database makes the run incomplete; 0: any age will do"},
    {.name = "vex",
     .kind = ValueKind::kPath,
     .value_name = "FILE",
     .help = "what suppliers say of their products, as OpenVEX, CSAF or CycloneDX: what is not "
             "affected or fixed does not count, and the report says why",
     .repeat = Repeat::kMany},
    {.name = "fail-on",
     .kind = ValueKind::kChoice,
     .value_name = "WHAT",
     .default_text = "gate",
     .choices = "gate|info|low|medium|high|critical|none",
     .help = "exit with 1 for findings of at least this severity, or by the gate: what is new in a "
             "change, malicious, known to be exploited, or there at run time with a fix"},
    kBaselineFlag,
    kWriteBaselineFlag,
    kExcludeFlag,
    {.name = "follow-symlinks", .help = "look at what symbolic links lead to"},
    {.name = "max-file-size",
     .kind = ValueKind::kText,
     .value_name = "SIZE",
     .default_text = "512M",
     .help = "larger files are a gap; bytes, or with K, M, G behind"},
    {.name = "no-sandbox", .help = "do not give up network and writing before the scan"},
};

// Those of packages that do not speak of advisories.
inline constexpr auto kLicensesFlags = [] {
    constexpr std::size_t kOfAdvisories = 4;
    std::array<Flag, std::size(kPackagesFlags) - kOfAdvisories + 1> flags{};
    std::copy(std::begin(kPackagesFlags) + kOfAdvisories, std::end(kPackagesFlags), flags.begin());
    flags.back() = {.name = "notices",
                    .kind = ValueKind::kPath,
                    .value_name = "FILE",
                    .help =
                        "write names, versions, licences and their texts to FILE, for those "
                        "who get the program"};
    return flags;
}();

inline constexpr auto kPackagesScanFlags = [] {
    std::array<Flag, std::size(kPackagesFlags) + 2> flags{};
    std::ranges::copy(kPackagesFlags, flags.begin());
    flags[std::size(kPackagesFlags)] = {
        .name = "format",
        .short_name = 'f',
        .kind = ValueKind::kChoice,
        .value_name = "FORMAT",
        .default_text = "table",
        .choices = "table|json|sarif|junit|markdown|html|csv|cyclonedx|cyclonedx-xml|spdx3-json",
        .help = "how to print the answer; CycloneDX and SPDX 3 are SBOMs with vulnerabilities"};
    flags.back() = {.name = "fix",
                    .kind = ValueKind::kPath,
                    .value_name = "PATCH",
                    .help =
                        "write what mends the findings, a change of the manifests, as a patch "
                        "for 'git apply'; the tree stays as it is"};
    return flags;
}();

inline constexpr auto kPackagesDiffFlags = [] {
    std::array<Flag, std::size(kPackagesFlags) + 1> flags{};
    std::ranges::copy(kPackagesFlags, flags.begin());
    flags.back() = {.name = "popular",
                    .kind = ValueKind::kPath,
                    .value_name = "FILE",
                    .help =
                        "well-known names that others imitate, lines such as 'npm lodash', in "
                        "place of the list that the program carries"};
    return flags;
}();

inline constexpr Flag kBomFlags[] = {
    {.name = "format",
     .short_name = 'f',
     .kind = ValueKind::kChoice,
     .value_name = "FORMAT",
     .default_text = "cyclonedx-json",
     .choices = "cyclonedx-json|cyclonedx-xml|spdx-json|spdx-yaml|spdx-tag-value|spdx3-json|"
                "github-snapshot",
     .help = "SPDX is 2.3, or with spdx3 3.0.1"},
    {.name = "cyclonedx-version",
     .kind = ValueKind::kChoice,
     .value_name = "VERSION",
     .default_text = "1.6",
     .choices = "1.4|1.5|1.6|1.7",
     .help = "the version of CycloneDX"},
    {.name = "name",
     .kind = ValueKind::kText,
     .value_name = "NAME",
     .help = "what the SBOM describes; by default the project at the top, else the folder"},
    {.name = "project-version",
     .kind = ValueKind::kText,
     .value_name = "VERSION",
     .help = "the version of what the SBOM describes"},
    {.name = "sha",
     .kind = ValueKind::kText,
     .value_name = "COMMIT",
     .help = "of a github-snapshot: the commit, by default GITHUB_SHA"},
    {.name = "ref",
     .kind = ValueKind::kText,
     .value_name = "REF",
     .help = "of a github-snapshot: the branch, by default GITHUB_REF"},
    {.name = "job-id",
     .kind = ValueKind::kText,
     .value_name = "ID",
     .help = "of a github-snapshot: the run, by default GITHUB_RUN_ID"},
    {.name = "correlator",
     .kind = ValueKind::kText,
     .value_name = "NAME",
     .help = "of a github-snapshot: what it replaces is of the same name; by default the workflow "
             "and the job"},
};

inline constexpr auto kSbomFlags = [] {
    std::array<Flag, std::size(kBomFlags) + 2> flags{};
    std::ranges::copy(kBomFlags, flags.begin());
    flags[std::size(kBomFlags)] = kExcludeFlag;
    flags.back() = {.name = "no-sandbox",
                    .help = "do not give up network and writing before the scan"};
    return flags;
}();

inline constexpr Flag kRulesFlags[] = {
    {.name = "rules",
     .short_name = 'r',
     .kind = ValueKind::kPath,
     .value_name = "FILE|DIR",
     .help = "rules in the gitleaks format instead of Merlon's own pack"},
};

inline constexpr Flag kRevokedFlags[] = {
    {.name = "reason",
     .kind = ValueKind::kText,
     .value_name = "TEXT",
     .help = "why it is harmless now: when it was revoked, by whom, a ticket"},
};

inline constexpr Flag kDatabaseFlag = {
    .name = "database",
    .kind = ValueKind::kPath,
    .value_name = "FILE",
    .help = "the advisory database, by default advisories.db in the state directory"};

// A feed that may be named several times.
inline constexpr Flag feed_flag(std::string_view name, std::string_view help) {
    return {.name = name,
            .kind = ValueKind::kPath,
            .value_name = "PATH",
            .help = help,
            .repeat = Repeat::kMany};
}

inline constexpr Flag kSignKeyFlag = {
    .name = "sign-key",
    .kind = ValueKind::kPath,
    .value_name = "FILE",
    .help = "sign with the Ed25519 key in FILE: 64 hexadecimal digits"};
inline constexpr Flag kForceFlag = {
    .name = "force",
    .help = "replace what is there, also by feeds that have lost half of their records"};

inline constexpr Flag kDbBuildFlags[] = {
    kDatabaseFlag,
    feed_flag("osv", "OSV records as JSON or YAML: a directory, a file, a zip or tar"),
    feed_flag("secdb", "secdb files of Alpine, Wolfi or Chainguard"),
    feed_flag("debian-tracker", "the JSON of Debian's security tracker"),
    feed_flag("rustsec", "RustSec's advisories in Markdown"),
    feed_flag("rubysec", "the ruby-advisory-db"),
    feed_flag("kev", "CISA's known exploited vulnerabilities, JSON or CSV"),
    feed_flag("epss", "FIRST's exploit predictions, CSV, also with .gz"),
    feed_flag("nvd", "NVD's JSON 2.0, also with .gz: severities of what states none"),
    feed_flag("csaf", "CSAF advisories and VEX of Red Hat and SUSE"),
    kSignKeyFlag,
    kForceFlag,
};

inline constexpr Flag kDbUpdateFlags[] = {
    kDatabaseFlag,
    {.name = "store",
     .kind = ValueKind::kPath,
     .value_name = "FILE",
     .help = "the evidence store whose bills of materials are held against what is new; by default "
             "the one in the state directory, where there is one"},
    {.name = "feeds",
     .kind = ValueKind::kPath,
     .value_name = "FILE",
     .help = "a list of feeds instead of Merlon's own; see rules/advisories/feeds.toml"},
    {.name = "source",
     .kind = ValueKind::kText,
     .value_name = "KIND=ADDRESS",
     .help = "read this instead of the list: an address, a file, a folder, a Git repository",
     .repeat = Repeat::kMany},
    {.name = "only",
     .kind = ValueKind::kText,
     .value_name = "NAME",
     .help = "fetch this feed alone; of the others what is stored stays in use",
     .repeat = Repeat::kMany},
    {.name = "mirror",
     .kind = ValueKind::kText,
     .value_name = "URL",
     .help = "fetch URL/HOST/PATH in place of each https://HOST/PATH"},
    {.name = "ca-file",
     .kind = ValueKind::kPath,
     .value_name = "FILE",
     .help = "believe these certificate authorities (PEM), beside the system's"},
    {.name = "idle-timeout",
     .kind = ValueKind::kInteger,
     .value_name = "SECONDS",
     .help = "give a connection up when nothing came for so long [default 30]"},
    {.name = "rescan",
     .kind = ValueKind::kPath,
     .value_name = "DIR",
     .help = "then say what the database says anew of the bills of materials in DIR"},
    {.name = "offline", .help = "fetch nothing; build from what was fetched before"},
    {.name = "compact", .help = "make one of the database and its segments, as db build does"},
    {.name = "list", .help = "print the feeds with their addresses and licences, and stop"},
    kSignKeyFlag,
    kForceFlag,
    {.name = "no-sandbox", .help = "keep network and writing while the feeds are read"},
};

inline constexpr Flag kDbFlags[] = {kDatabaseFlag};

inline constexpr Flag kDbVerifyFlags[] = {
    kDatabaseFlag,
    {.name = "public-key",
     .kind = ValueKind::kText,
     .value_name = "HEX",
     .help = "fail unless this key signed it"},
};

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
                "vex|csv",
     .help = "what the files are; by default what their content says (csv: for --mapping, by "
             "default what is called so)"},
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
     .help = "the public key that has to have signed, as 'merlon audit checkpoint' prints it"},
    {.name = "checkpoint",
     .kind = ValueKind::kPath,
     .value_name = "FILE",
     .help = "a checkpoint that was kept elsewhere; the log has to go on from it",
     .repeat = Repeat::kMany},
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

inline constexpr Flag kInitFlags[] = {
    {.name = "force", .help = "replace a .merlon.yaml that is there"},
};

inline constexpr std::string_view kHooks = "pre-commit|commit-msg|pre-push|pre-receive";

inline constexpr Flag kDbCompareFlags[] = {
    {.name = "explain", .help = "say what decided, and what the scheme's own tool refuses"},
};

}  // namespace merlon::cli
