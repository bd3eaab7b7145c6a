#include "cli/command_table.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "base/build_id.h"

#ifndef MERLON_VERSION
#define MERLON_VERSION "0.0.0"
#endif

namespace merlon::cli {
namespace {

constexpr Flag kGlobalFlags[] = {
    {.name = "format",
     .short_name = 'f',
     .kind = ValueKind::kChoice,
     .value_name = "FORMAT",
     .default_text = "table",
     .choices = "table|json|sarif|junit|markdown|html|csv",
     .help = "how to print the answer",
     .only_for = "scan|hook run|diff|licenses|sbom diff|rules list|rules show|rules checks|rules "
                 "test|doctor|man|db info|db "
                 "diff"},
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
     .only_for = "scan|hook run|diff|licenses"},
    {.name = "quiet", .short_name = 'q', .help = "no progress, no notices, no summary"},
    {.name = "no-color", .help = "no colour, as with NO_COLOR in the environment"},
    {.name = "threads",
     .short_name = 'j',
     .kind = ValueKind::kInteger,
     .value_name = "N",
     .default_text = "0",
     .help = "workers; 0 is one for each processor",
     .only_for = "scan|hook run|sbom|diff|licenses|db build"},
};

constexpr Flag kScanFlags[] = {
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
    {.name = "baseline",
     .kind = ValueKind::kPath,
     .value_name = "FILE",
     .help = "findings that are known and do not count"},
    {.name = "write-baseline",
     .kind = ValueKind::kPath,
     .value_name = "FILE",
     .help = "write today's findings as a baseline, and exit with 0 for them"},
    {.name = "exclude",
     .kind = ValueKind::kText,
     .value_name = "GLOB",
     .help = "leave out what matches, as in .gitignore",
     .repeat = Repeat::kMany},
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

constexpr Flag kBypassFlag = {
    .name = "bypass",
    .kind = ValueKind::kChoice,
    .value_name = "WHETHER",
    .default_text = "allow",
    .choices = "allow|deny",
    .help = "whether pre-receive lets a push through that gives a reason"};

constexpr Flag kSettingsBranchFlag = {
    .name = "settings-branch",
    .kind = ValueKind::kText,
    .value_name = "NAME",
    .help =
        "pre-receive: .merlon.yaml and .merlon/ of this branch hold, as it is before the push, "
        "in place of those in the folder merlon of the repository"};

constexpr Flag kHookFlags[] = {
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
constexpr auto kHookRunFlags = [] {
    std::array<Flag, std::size(kScanFlags) + 2> flags{};
    std::ranges::copy(kScanFlags, flags.begin());
    flags[std::size(kScanFlags)] = kBypassFlag;
    flags.back() = kSettingsBranchFlag;
    return flags;
}();

constexpr Flag kPackagesFlags[] = {
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
    {.name = "fail-on",
     .kind = ValueKind::kChoice,
     .value_name = "WHAT",
     .default_text = "gate",
     .choices = "gate|info|low|medium|high|critical|none",
     .help = "exit with 1 for findings of at least this severity, or by the gate: what is "
             "malicious, known to be exploited, or there at run time with a fix"},
    {.name = "baseline",
     .kind = ValueKind::kPath,
     .value_name = "FILE",
     .help = "findings that are known and do not count"},
    {.name = "write-baseline",
     .kind = ValueKind::kPath,
     .value_name = "FILE",
     .help = "write today's findings as a baseline, and exit with 0 for them"},
    {.name = "exclude",
     .kind = ValueKind::kText,
     .value_name = "GLOB",
     .help = "leave out what matches, as in .gitignore",
     .repeat = Repeat::kMany},
    {.name = "follow-symlinks", .help = "look at what symbolic links lead to"},
    {.name = "max-file-size",
     .kind = ValueKind::kText,
     .value_name = "SIZE",
     .default_text = "512M",
     .help = "larger files are a gap; bytes, or with K, M, G behind"},
    {.name = "no-sandbox", .help = "do not give up network and writing before the scan"},
};

// Those of packages that do not speak of advisories.
constexpr auto kLicensesFlags = [] {
    constexpr std::size_t kOfAdvisories = 3;
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

constexpr auto kPackagesScanFlags = [] {
    std::array<Flag, std::size(kPackagesFlags) + 1> flags{};
    std::ranges::copy(kPackagesFlags, flags.begin());
    flags.back() = {.name = "fix",
                    .kind = ValueKind::kPath,
                    .value_name = "PATCH",
                    .help =
                        "write what mends the findings, a change of the manifests, as a patch "
                        "for 'git apply'; the tree stays as it is"};
    return flags;
}();

constexpr auto kPackagesDiffFlags = [] {
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

constexpr Flag kBomFlags[] = {
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

constexpr auto kSbomFlags = [] {
    std::array<Flag, std::size(kBomFlags) + 2> flags{};
    std::ranges::copy(kBomFlags, flags.begin());
    flags[std::size(kBomFlags)] = {.name = "exclude",
                                   .kind = ValueKind::kText,
                                   .value_name = "GLOB",
                                   .help = "leave out what matches, as in .gitignore",
                                   .repeat = Repeat::kMany};
    flags.back() = {.name = "no-sandbox",
                    .help = "do not give up network and writing before the scan"};
    return flags;
}();

constexpr Flag kRulesFlags[] = {
    {.name = "rules",
     .short_name = 'r',
     .kind = ValueKind::kPath,
     .value_name = "FILE|DIR",
     .help = "rules in the gitleaks format instead of Merlon's own pack"},
};

constexpr Flag kRevokedFlags[] = {
    {.name = "reason",
     .kind = ValueKind::kText,
     .value_name = "TEXT",
     .help = "why it is harmless now: when it was revoked, by whom, a ticket"},
};

constexpr Flag kDatabaseFlag = {
    .name = "database",
    .kind = ValueKind::kPath,
    .value_name = "FILE",
    .help = "the advisory database, by default advisories.db in the state directory"};

// A feed that may be named several times.
constexpr Flag feed_flag(std::string_view name, std::string_view help) {
    return {.name = name,
            .kind = ValueKind::kPath,
            .value_name = "PATH",
            .help = help,
            .repeat = Repeat::kMany};
}

constexpr Flag kDbBuildFlags[] = {
    kDatabaseFlag,
    feed_flag("osv", "OSV records as JSON or YAML: a directory, a file, a zip or tar"),
    feed_flag("secdb", "secdb files of Alpine, Wolfi or Chainguard"),
    feed_flag("debian-tracker", "the JSON of Debian's security tracker"),
    feed_flag("rustsec", "RustSec's advisories in Markdown"),
    feed_flag("rubysec", "the ruby-advisory-db"),
    feed_flag("kev", "CISA's known exploited vulnerabilities, JSON or CSV"),
    feed_flag("epss", "FIRST's exploit predictions, CSV, also with .gz"),
    {.name = "sign-key",
     .kind = ValueKind::kPath,
     .value_name = "FILE",
     .help = "sign with the Ed25519 key in FILE: 64 hexadecimal digits"},
    {.name = "force",
     .help = "replace what is there, also by feeds that have lost half of their records"},
};

constexpr Flag kDbFlags[] = {kDatabaseFlag};

constexpr Flag kDbVerifyFlags[] = {
    kDatabaseFlag,
    {.name = "public-key",
     .kind = ValueKind::kText,
     .value_name = "HEX",
     .help = "fail unless this key signed it"},
};

constexpr Flag kInitFlags[] = {
    {.name = "force", .help = "replace a .merlon.yaml that is there"},
};

constexpr std::string_view kHooks = "pre-commit|commit-msg|pre-push|pre-receive";

constexpr Flag kDbCompareFlags[] = {
    {.name = "explain", .help = "say what decided, and what the scheme's own tool refuses"},
};

constexpr Verb kVerbs[] = {
    {.path = "scan",
     .summary = "Run every engine over files and directories",
     .description =
         "Runs the engines that need no database (secrets) over PATH, by default the current "
         "directory. Write ./secrets for a directory that is called like an engine.",
     .arguments = "[PATH…]",
     .max_arguments = kAnyNumber,
     .flags = kScanFlags,
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
     .flags = kScanFlags,
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
    {.path = "init",
     .summary = "Write a commented .merlon.yaml",
     .arguments = "[DIRECTORY]",
     .max_arguments = 1,
     .flags = kInitFlags,
     .examples = "merlon init"},
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
