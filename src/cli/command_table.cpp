#include "cli/command_table.h"

#include <algorithm>
#include <array>

#include "base/build_id.h"
#include "cli/command_flags.h"
#include "cli/database_verbs.h"
#include "cli/evidence_verbs.h"
#include "cli/gate_verbs.h"
#include "cli/scan_verbs.h"

#ifndef MERLON_VERSION
#define MERLON_VERSION "0.0.0"
#endif

namespace merlon::cli {
namespace {

constexpr Verb kOtherVerbs[] = {
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

// All of them, in the order of the help.
template <std::size_t... kCounts>
constexpr auto joined_verbs(const Verb (&... parts)[kCounts]) {
    std::array<Verb, (kCounts + ...)> all{};
    auto at = all.begin();
    ((at = std::ranges::copy(parts, at).out), ...);
    return all;
}
constexpr auto kVerbs =
    joined_verbs(kScanVerbs, kDatabaseVerbs, kEvidenceVerbs, kGateVerbs, kOtherVerbs);

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
