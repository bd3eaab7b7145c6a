#include "compat/osv_scanner/options.h"

#include <algorithm>
#include <array>

#include "base/file.h"
#include "compat/osv_scanner/run.h"
#include "inventory/inventory.h"

namespace merlon::compat::osv_scanner {
namespace {

using scan::list_flag;
using scan::PeerFlag;
using scan::Served;
using scan::switch_flag;
using scan::text_flag;

// OSV-Scanner 2.6's.
constexpr auto kFlags = scan::with_own_flags(std::array{
    switch_flag("recursive", "folders below the named ones too", Served::kYes, 'r'),
    list_flag("lockfile", "a lock file", Served::kYes, 'L'),
    list_flag("sbom", "a bill of materials", Served::kYes, 'S'),
    text_flag("format", "table, json, markdown, sarif or gh-annotations", Served::kYes, 'f'),
    text_flag("output", "file for the report"),
    text_flag("output-file", "file for the report"),
    text_flag("config", "the ignore file (osv-scanner.toml)"),
    switch_flag("all-packages", "packages without vulnerabilities too, in JSON"),
    switch_flag("no-ignore", "what .gitignore leaves out, too"),
    switch_flag("allow-no-lockfiles", "exit with 0 where there are no packages"),
    list_flag("experimental-exclude", "folders to leave out: a name, or g:GLOB"),
    switch_flag("all-vulns", "accepted: none is hidden", Served::kWithoutEffect),
    switch_flag("offline", "accepted: every scan is", Served::kWithoutEffect),
    switch_flag("offline-vulnerabilities", "accepted: every scan is", Served::kWithoutEffect),
    switch_flag("download-offline-databases", "accepted: see 'merlon db'", Served::kWithoutEffect),
    text_flag("local-db-path", "accepted: see --database", Served::kWithoutEffect),
    list_flag("no-call-analysis", "accepted: there is none here", Served::kWithoutEffect),
    switch_flag("no-resolve", "accepted: nothing is resolved", Served::kWithoutEffect),
    text_flag("verbosity", "accepted", Served::kWithoutEffect),
    text_flag("data-source", "accepted: nothing is resolved", Served::kWithoutEffect),
    text_flag("maven-registry", "accepted: nothing is resolved", Served::kWithoutEffect),
    list_flag("call-analysis", "not served yet", Served::kNotYet),
    text_flag("licenses", "not served yet", Served::kNotYet),
    switch_flag("serve", "not served yet", Served::kNotYet),
    text_flag("port", "not served yet", Served::kNotYet),
    switch_flag("include-git-root", "not served yet", Served::kNotYet),
    list_flag("experimental-plugins", "not served yet", Served::kNotYet),
    list_flag("experimental-disable-plugins", "not served yet", Served::kNotYet),
    switch_flag("experimental-no-default-plugins", "not served yet", Served::kNotYet),
    switch_flag("experimental-flag-deprecated-packages", "not served yet", Served::kNotYet),
});
constexpr auto kPlainFlags = scan::plain_flags(kFlags);

constexpr Verb kVerbs[] = {
    {.path = "scan",
     .summary = "scan folders, lock files and bills of materials",
     .arguments = "[PATH…]",
     .max_arguments = kAnyNumber},
    {.path = "scan source",
     .summary = "the same",
     .arguments = "[PATH…]",
     .max_arguments = kAnyNumber},
    {.path = "version", .summary = "print the version"},
    scan::verb_not_yet("scan image"),
    scan::verb_not_yet("fix"),
    scan::verb_not_yet("update"),
    scan::verb_not_yet("mcp"),
};

constexpr CommandTable kTable{.program = "osv-scanner",
                              .version = "2.6.0",
                              .summary = "Takes OSV-Scanner's command line.",
                              .exit_codes =
                                  "0 no vulnerabilities\n"
                                  "1 vulnerabilities\n"
                                  "2 the run could not look at everything that was asked for\n"
                                  "127 the run failed\n"
                                  "128 no packages",
                              .verbs = kVerbs,
                              .global_flags = kPlainFlags};

struct FormatName {
    std::string_view name;
    Format format;
};
constexpr std::array kFormats{
    FormatName{"table", Format::kTable},
    FormatName{"json", Format::kJson},
    FormatName{"markdown", Format::kMarkdown},
    FormatName{"sarif", Format::kSarif},
    FormatName{"gh-annotations", Format::kGithub},
    FormatName{"cyclonedx-1-4", Format::kCycloneDx1_4},
    FormatName{"cyclonedx-1-5", Format::kCycloneDx1_5},
    FormatName{"spdx-2-3", Format::kSpdx},
};

bool is_there(const std::string& path) { return file_status(path, FollowLinks::kYes).ok(); }

// "requirements.txt:other.txt" names the format before the file.
Result<std::string> lock_file_of(const std::string& stated) {
    std::string path = stated;
    const std::size_t colon = stated.find(':');
    if (!is_there(path) && colon != std::string::npos) path = stated.substr(colon + 1);
    if (!is_there(path)) return Error{"there is no such lock file", kNoOffset, path};
    if (inventory::reader_for(path) == nullptr) {
        return Error{"a lock file is known by its name here, and no reader takes this one",
                     kNoOffset, path};
    }
    return path;
}

Status take_targets(const ParsedCommand& command, Options& options) {
    std::vector<std::string>& arguments = options.scan.arguments;
    for (const std::string& path : command.arguments) {
        if (!is_there(path)) return Error{"there is no such file or folder", kNoOffset, path};
        arguments.push_back(path);
    }
    for (const std::string& stated : command.list("lockfile"))
        arguments.push_back(MERLON_TRY(lock_file_of(stated)));
    for (const std::string& path : command.list("sbom")) {
        if (!is_there(path)) return Error{"there is no such bill of materials", kNoOffset, path};
        arguments.push_back("sbom:" + path);
    }
    if (arguments.empty()) return Error{"what is to be scanned? name a folder, -L or -S"};
    return {};
}

Status take_ignores(const ParsedCommand& command, Options& options) {
    if (command.is_set("config")) {
        const std::string& path = command.text("config");
        if (!is_there(path)) return Error{"there is no such configuration", kNoOffset, path};
        return scan::add_ignores(path, scan::kOsvScannerFile, options.scan.ignores);
    }
    options.scan.folder_ignores = scan::PeerScan::FolderIgnores::kTake;
    return {};
}

Status take_walk(const ParsedCommand& command, Options& options) {
    connect::WalkOptions& walk = options.scan.walk;
    if (command.is_set("no-ignore")) walk.ignore_files = connect::IgnoreFiles::kDisregard;
    if (!command.is_set("recursive")) walk.excludes.emplace_back("/*/");
    for (const std::string& one : command.list("experimental-exclude")) {
        if (one.starts_with("r:")) {
            return Error{"--experimental-exclude " + one +
                         ": a regular expression is not served yet; write a name or g:GLOB"};
        }
        walk.excludes.push_back(one.starts_with("g:") ? one.substr(2) : one + '/');
    }
    return {};
}

}  // namespace

const CommandTable& command_table() { return kTable; }

scan::PeerCommand peer_command() { return {"osv-scanner", &kTable, kFlags}; }

Result<ParsedCommand> parse(std::vector<std::string> words, const EnvironmentLookup& variable) {
    const bool has_verb = !words.empty() && std::ranges::any_of(kVerbs, [&](const Verb& verb) {
        return verb.path.substr(0, verb.path.find(' ')) == words.front();
    });
    if (!has_verb) words.insert(words.begin(), "scan");
    return scan::parse_peer_command(peer_command(), std::move(words), variable);
}

Result<Options> options_of(const ParsedCommand& command) {
    Options options;
    const std::string format = command.is_set("format") ? command.text("format") : "table";
    const auto* const known = std::ranges::find(kFormats, format, &FormatName::name);
    if (known == kFormats.end())
        return Error{"Merlon's front of OSV-Scanner has no --format " + format + " yet"};
    options.format = known->format;
    for (const auto take : {take_targets, take_ignores, take_walk}) {
        if (Status taken = take(command, options); !taken.ok()) return std::move(taken).error();
    }
    options.output =
        command.is_set("output-file") ? command.text("output-file") : command.text("output");
    options.scan.outputs = {options.output};
    options.scan.keep_records = scan::KeepRecords::kAll;
    options.lists_all_packages = command.is_set("all-packages");
    options.allows_no_packages = command.is_set("allow-no-lockfiles");
    return options;
}

}  // namespace merlon::compat::osv_scanner
