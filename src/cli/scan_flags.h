#pragma once

// The flags of what looks at files, packages and rules; see command_flags.h.
//
// Constant tables; internal to command_table.cpp.

#include <algorithm>
#include <array>
#include <iterator>

#include "cli/command_flags.h"

namespace merlon::cli {

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

inline constexpr Flag kInitFlags[] = {
    {.name = "force", .help = "replace a .merlon.yaml that is there"},
};

inline constexpr std::string_view kHooks = "pre-commit|commit-msg|pre-push|pre-receive";

}  // namespace merlon::cli
