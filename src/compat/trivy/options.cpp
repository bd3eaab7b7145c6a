#include "compat/trivy/options.h"

#include <algorithm>
#include <array>

#include "base/file.h"
#include "compat/trivy/run.h"
#include "scan/trivy_settings.h"

namespace merlon::compat::trivy {
namespace {

using scan::PeerFlag;
using scan::Served;

constexpr PeerFlag text(std::string_view name, std::string_view help, Served served = Served::kYes,
                        char short_name = 0) {
    return {{.name = name,
             .short_name = short_name,
             .kind = ValueKind::kText,
             .value_name = "VALUE",
             .help = help},
            served};
}
constexpr PeerFlag list(std::string_view name, std::string_view help, Served served = Served::kYes,
                        char short_name = 0) {
    PeerFlag flag = text(name, help, served, short_name);
    flag.flag.repeat = Repeat::kMany;
    return flag;
}
constexpr PeerFlag toggle(std::string_view name, std::string_view help,
                          Served served = Served::kYes, char short_name = 0) {
    return {{.name = name, .short_name = short_name, .help = help}, served};
}

// Trivy 0.74's, without those of images, clusters and its server.
constexpr auto kFlags = scan::with_own_flags(std::array{
    list("severity", "severities to show: UNKNOWN,LOW,MEDIUM,HIGH,CRITICAL", Served::kYes, 's'),
    text("format", "table, json, sarif, cyclonedx, spdx or spdx-json", Served::kYes, 'f'),
    text("output", "file for the report", Served::kYes, 'o'),
    PeerFlag{{.name = "exit-code",
              .kind = ValueKind::kInteger,
              .value_name = "N",
              .default_text = "0",
              .help = "exit code when something is found"}},
    list("scanners", "what to look for: vuln,secret"),
    list("skip-dirs", "folders to leave out, with wildcards"),
    list("skip-files", "files to leave out, with wildcards"),
    toggle("ignore-unfixed", "leave out what has no fix"),
    list("ignore-status", "states of fixes to leave out"),
    text("ignorefile", "the ignore file (.trivyignore)"),
    list("vex", "VEX documents"),
    text("config", "settings (trivy.yaml)", Served::kYes, 'c'),
    toggle("list-all-pkgs", "packages in the JSON report"),
    toggle("no-list-all-pkgs", "Merlon: the same as --list-all-pkgs=false"),
    toggle("include-dev-deps", "packages for development too"),
    list("pkg-types", "os,library"),
    list("pkg-relationships", "unknown,root,workspace,direct,indirect"),
    toggle("show-suppressed", "what is ignored, in the JSON report"),
    toggle("quiet", "no progress", Served::kWithoutEffect, 'q'),
    toggle("debug", "accepted", Served::kWithoutEffect, 'd'),
    toggle("no-progress", "accepted", Served::kWithoutEffect),
    text("cache-dir", "accepted: there is no cache of scans", Served::kWithoutEffect),
    text("cache-backend", "accepted: there is no cache of scans", Served::kWithoutEffect),
    text("cache-ttl", "accepted: there is no cache of scans", Served::kWithoutEffect),
    list("db-repository", "accepted: nothing is downloaded", Served::kWithoutEffect),
    list("java-db-repository", "accepted: nothing is downloaded", Served::kWithoutEffect),
    toggle("skip-db-update", "accepted: nothing is downloaded", Served::kWithoutEffect),
    toggle("skip-java-db-update", "accepted: nothing is downloaded", Served::kWithoutEffect),
    toggle("skip-check-update", "accepted: nothing is downloaded", Served::kWithoutEffect),
    toggle("skip-policy-update", "accepted: nothing is downloaded", Served::kWithoutEffect),
    toggle("skip-vex-repo-update", "accepted: nothing is downloaded", Served::kWithoutEffect),
    toggle("skip-version-check", "accepted: nobody is asked", Served::kWithoutEffect),
    toggle("disable-telemetry", "accepted: there is none", Served::kWithoutEffect),
    toggle("offline-scan", "accepted: every scan is", Served::kWithoutEffect),
    toggle("insecure", "accepted: nothing is downloaded", Served::kWithoutEffect),
    text("cacert", "accepted: nothing is downloaded", Served::kWithoutEffect),
    text("timeout", "accepted: a scan ends", Served::kWithoutEffect),
    text("parallel", "accepted; see --threads", Served::kWithoutEffect),
    list("table-mode", "accepted: summary and details are one table", Served::kWithoutEffect),
    text("detection-priority", "precise", Served::kYes),
    toggle("dependency-tree", "not served yet", Served::kNotYet),
    toggle("download-db-only", "not served: see 'merlon db update'", Served::kNotYet),
    toggle("download-java-db-only", "not served: see 'merlon db update'", Served::kNotYet),
    text("template", "not served yet", Served::kNotYet, 't'),
    text("compliance", "not served yet", Served::kNotYet),
    text("report", "not served yet", Served::kNotYet),
    text("ignore-policy", "not served yet", Served::kNotYet),
    list("file-patterns", "not served yet", Served::kNotYet),
    text("distro", "not served yet", Served::kNotYet),
    list("vuln-severity-source", "not served yet", Served::kNotYet),
    text("secret-config", "not served yet: Merlon's rules look for secrets", Served::kNotYet),
    text("server", "not served yet", Served::kNotYet),
    text("exit-on-eol", "not served yet", Served::kNotYet),
    list("config-check", "not served yet", Served::kNotYet),
    list("misconfig-scanners", "not served yet", Served::kNotYet),
    list("sbom-sources", "not served yet", Served::kNotYet),
    toggle("license-full", "not served yet", Served::kNotYet),
    list("ignored-licenses", "not served yet", Served::kNotYet),
    toggle("include-non-failures", "not served yet", Served::kNotYet),
    text("branch", "not served yet: check the revision out first", Served::kNotYet),
    text("commit", "not served yet: check the revision out first", Served::kNotYet),
    text("tag", "not served yet: check the revision out first", Served::kNotYet),
});
constexpr auto kPlainFlags = scan::plain_flags(kFlags);

constexpr Verb verb(std::string_view path, std::string_view summary, std::string_view arguments) {
    return {.path = path,
            .summary = summary,
            .arguments = arguments,
            .max_arguments = arguments.empty() ? 0 : std::size_t{1}};
}
constexpr Verb not_yet(std::string_view path) {
    return {.path = path,
            .summary = "not served yet",
            .arguments = "[ARGUMENTS…]",
            .max_arguments = kAnyNumber,
            .visibility = Visibility::kHidden};
}

constexpr Verb kVerbs[] = {
    verb("fs", "scan a folder or file", "PATH"),
    verb("filesystem", "scan a folder or file", "PATH"),
    verb("rootfs", "scan the root of a system that lies in a folder", "PATH"),
    verb("repo", "scan a repository's working tree", "PATH"),
    verb("repository", "scan a repository's working tree", "PATH"),
    verb("sbom", "scan a bill of materials", "FILE"),
    verb("version", "print the version", ""),
    not_yet("image"),
    not_yet("i"),
    not_yet("config"),
    not_yet("conf"),
    not_yet("kubernetes"),
    not_yet("k8s"),
    not_yet("vm"),
    not_yet("server"),
    not_yet("client"),
    not_yet("convert"),
    not_yet("plugin"),
    not_yet("module"),
    not_yet("registry"),
    not_yet("vex"),
    not_yet("clean"),
};

constexpr CommandTable kTable{.program = "trivy",
                              .version = "0.74.0",
                              .summary = "Takes Trivy's command line for packages and secrets.",
                              .exit_codes =
                                  "0 nothing found, or no --exit-code\n"
                                  "N what --exit-code says, where something was found\n"
                                  "2 the run failed or could not look at everything",
                              .verbs = kVerbs,
                              .global_flags = kPlainFlags};

constexpr std::array<std::string_view, 5> kSeverities{"unknown", "low", "medium", "high",
                                                      "critical"};
constexpr std::array<std::string_view, 8> kStatuses{
    "unknown",      "not_affected", "affected",   "fixed", "under_investigation",
    "will_not_fix", "fix_deferred", "end_of_life"};
constexpr std::array<std::string_view, 2> kTypes{"os", "library"};
constexpr std::array<std::string_view, 5> kRelationships{"unknown", "root", "workspace", "direct",
                                                         "indirect"};

struct FormatName {
    std::string_view name;
    Format format;
};
constexpr std::array kFormats{
    FormatName{"table", Format::kTable}, FormatName{"json", Format::kJson},
    FormatName{"sarif", Format::kSarif}, FormatName{"cyclonedx", Format::kCycloneDx},
    FormatName{"spdx", Format::kSpdx},   FormatName{"spdx-json", Format::kSpdxJson},
};

bool is_there(const std::string& path) { return file_status(path, FollowLinks::kYes).ok(); }

// trivy.yaml, below what the command line and the variables say.
Status take_settings(ParsedCommand& command, Options& options) {
    const bool is_asked = command.is_set("config");
    const std::string path =
        is_asked ? command.text("config") : std::string(scan::kTrivySettingsFile);
    if (!is_asked && !is_there(path)) return {};
    const std::string read = MERLON_TRY(read_text_file(path));
    const scan::TrivySettings settings = MERLON_TRY(scan::read_trivy_settings(read));
    for (const scan::TrivySetting& setting : settings.settings) {
        std::vector<std::string> values = setting.values;
        if (values == std::vector<std::string>{"false"}) values.clear();
        if (Status taken = command.apply_configuration(setting.flag, values); !taken.ok()) {
            return std::move(taken).error().within("reading " + path);
        }
    }
    for (const std::string& key : settings.unknown_keys)
        options.scan.ignores.notices.push_back(path + ": '" + key +
                                               "' is not known, and not looked at");
    return {};
}

Status take_scanners(const ParsedCommand& command, Options& options) {
    const std::vector<std::string> asked = scan::comma_list(command, "scanners");
    if (asked.empty()) {
        // Trivy looks for no secrets in a bill of materials, and a list of packages asks for none.
        const bool lists = options.format == Format::kCycloneDx ||
                           options.format == Format::kSpdx || options.format == Format::kSpdxJson;
        options.finds_secrets = !lists && options.artifact_type != "cyclonedx";
        return {};
    }
    options.finds_packages = options.finds_secrets = false;
    for (const std::string& scanner : asked) {
        if (scanner == "vuln") {
            options.finds_packages = true;
        } else if (scanner == "secret") {
            options.finds_secrets = true;
        } else {
            return Error{"Merlon's front of Trivy has no scanner '" + scanner +
                         "' yet; there are vuln and secret"};
        }
    }
    if (options.finds_packages && options.format == Format::kCycloneDx) {
        return Error{
            "Merlon writes no vulnerabilities into CycloneDX yet; leave --scanners out for the "
            "packages alone, or take --format json"};
    }
    return {};
}

Status take_filter(const ParsedCommand& command, Options& options) {
    scan::PackageFilter& filter = options.scan.filter;
    filter.place = "trivy";
    filter.severities = MERLON_TRY(scan::known_words(command, "severity", kSeverities));
    options.severities = filter.severities;
    filter.ignored_statuses = MERLON_TRY(scan::known_words(command, "ignore-status", kStatuses));
    if (command.is_set("ignore-unfixed")) {
        const std::vector<std::string> unfixed = scan::unfixed_statuses();
        filter.ignored_statuses.insert(filter.ignored_statuses.end(), unfixed.begin(),
                                       unfixed.end());
    }
    options.package_types = MERLON_TRY(scan::known_words(command, "pkg-types", kTypes));
    options.relationships =
        MERLON_TRY(scan::known_words(command, "pkg-relationships", kRelationships));
    return {};
}

Status take_ignores(const ParsedCommand& command, Options& options) {
    scan::ForeignIgnores& ignores = options.scan.ignores;
    const std::string& asked = command.text("ignorefile");
    if (asked.empty()) {
        if (Status read = scan::add_ignores(".trivyignore", ".trivyignore", ignores); !read.ok())
            return read;
        return scan::add_ignores(".trivyignore.yaml", ".trivyignore.yaml", ignores);
    }
    if (!is_there(asked)) return Error{"there is no ignore file", kNoOffset, asked};
    const bool is_yaml = asked.ends_with(".yaml") || asked.ends_with(".yml");
    return scan::add_ignores(asked, is_yaml ? ".trivyignore.yaml" : ".trivyignore", ignores);
}

Status take_target(const ParsedCommand& command, Options& options) {
    const std::string_view name = command.verb->path;
    if (command.arguments.empty()) return Error{"what is to be scanned? name one folder or file"};
    options.target = command.arguments.front();
    if (!is_there(options.target)) {
        return Error{"there is no such file or folder here; a remote repository is not fetched",
                     kNoOffset, options.target};
    }
    const bool is_bom = name == "sbom";
    options.artifact_type = is_bom                     ? "cyclonedx"
                            : name.starts_with("repo") ? "repository"
                                                       : "filesystem";
    options.scan.arguments = {is_bom ? "sbom:" + options.target : options.target};
    return {};
}

}  // namespace

const CommandTable& command_table() { return kTable; }

scan::PeerCommand peer_command() { return {"trivy", &kTable, kFlags}; }

Result<Options> options_of(ParsedCommand& command) {
    Options options;
    if (Status taken = take_target(command, options); !taken.ok()) return std::move(taken).error();
    if (Status taken = take_settings(command, options); !taken.ok())
        return std::move(taken).error();
    if (Status served = scan::check_served(peer_command(), command); !served.ok())
        return std::move(served).error();
    const std::string format = command.is_set("format") ? command.text("format") : "table";
    const auto* const known = std::ranges::find(kFormats, format, &FormatName::name);
    if (known == kFormats.end())
        return Error{"Merlon's front of Trivy has no --format " + format + " yet"};
    options.format = known->format;
    if (const std::string& priority = command.text("detection-priority");
        !priority.empty() && priority != "precise") {
        return Error{"Merlon's front of Trivy has no --detection-priority " + priority + " yet"};
    }
    for (const auto take : {take_scanners, take_filter, take_ignores}) {
        if (Status taken = take(command, options); !taken.ok()) return std::move(taken).error();
    }
    for (const std::string& folder : scan::comma_list(command, "skip-dirs"))
        options.scan.walk.excludes.push_back(scan::exclude_of(folder, scan::Skipped::kFolder));
    for (const std::string& file : scan::comma_list(command, "skip-files"))
        options.scan.walk.excludes.push_back(scan::exclude_of(file, scan::Skipped::kFile));
    options.scan.walk.ignore_files = connect::IgnoreFiles::kDisregard;
    options.scan.vex_paths = scan::comma_list(command, "vex");
    for (const std::string& path : options.scan.vex_paths) {
        if (path == "repo" || path == "oci")
            return Error{"--vex " + path + ": nothing is fetched; name the documents' files"};
    }
    options.output = command.text("output");
    options.scan.outputs = {options.output};
    options.lists_all_packages = !command.is_set("no-list-all-pkgs");
    options.shows_suppressed = command.is_set("show-suppressed");
    options.includes_development = command.is_set("include-dev-deps");
    options.exit_code = static_cast<int>(command.integer("exit-code").value_or(0) & 0xFF);
    return options;
}

}  // namespace merlon::compat::trivy
