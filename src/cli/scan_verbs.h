#pragma once

// Verbs that look at files, packages and rules; see command_table.cpp.
//
// Constant tables; internal to it.

#include "cli/scan_flags.h"

namespace merlon::cli {

inline constexpr Verb kScanVerbs[] = {
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
};

}  // namespace merlon::cli
