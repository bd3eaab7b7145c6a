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

using scan::list_flag;
using scan::switch_flag;
using scan::text_flag;
using scan::verb_not_yet;

constexpr std::string_view kOfMisconfigurations = "accepted: misconfigurations are not looked for";
constexpr std::string_view kNobodyIsAsked = "accepted: nobody is asked";

// Trivy 0.74's, without those of images, clusters and its server.
constexpr auto kFlags = scan::with_own_flags(std::array{
    list_flag("severity", "severities to show: UNKNOWN,LOW,MEDIUM,HIGH,CRITICAL", Served::kYes,
              's'),
    text_flag("format", "table, json, template, sarif, cyclonedx, spdx or spdx-json", Served::kYes,
              'f'),
    text_flag("output", "file for the report", Served::kYes, 'o'),
    PeerFlag{{.name = "exit-code",
              .kind = ValueKind::kInteger,
              .value_name = "N",
              .default_text = "0",
              .help = "exit code when something is found"}},
    list_flag("scanners", "what to look for: vuln,secret,license"),
    list_flag("skip-dirs", "folders to leave out, with wildcards"),
    list_flag("skip-files", "files to leave out, with wildcards"),
    switch_flag("ignore-unfixed", "leave out what has no fix"),
    list_flag("ignore-status", "states of fixes to leave out"),
    text_flag("ignorefile", "the ignore file (.trivyignore)"),
    list_flag("vex", "VEX documents"),
    text_flag("config", "settings (trivy.yaml)", Served::kYes, 'c'),
    switch_flag("list-all-pkgs", "packages in the JSON report"),
    switch_flag("no-list-all-pkgs", "Merlon: the same as --list-all-pkgs=false"),
    switch_flag("include-dev-deps", "packages for development too"),
    list_flag("pkg-types", "os,library"),
    list_flag("pkg-relationships", "unknown,root,workspace,direct,indirect"),
    switch_flag("show-suppressed", "what is ignored, in the JSON report"),
    switch_flag("quiet", "no progress", Served::kWithoutEffect, 'q'),
    switch_flag("debug", "accepted", Served::kWithoutEffect, 'd'),
    switch_flag("no-progress", "accepted", Served::kWithoutEffect),
    text_flag("cache-dir", "accepted: there is no cache of scans", Served::kWithoutEffect),
    text_flag("cache-backend", "accepted: there is no cache of scans", Served::kWithoutEffect),
    text_flag("cache-ttl", "accepted: there is no cache of scans", Served::kWithoutEffect),
    list_flag("db-repository", "accepted: nothing is downloaded", Served::kWithoutEffect),
    list_flag("java-db-repository", "accepted: nothing is downloaded", Served::kWithoutEffect),
    switch_flag("skip-db-update", "accepted: nothing is downloaded", Served::kWithoutEffect),
    switch_flag("skip-java-db-update", "accepted: nothing is downloaded", Served::kWithoutEffect),
    switch_flag("skip-check-update", "accepted: nothing is downloaded", Served::kWithoutEffect),
    switch_flag("skip-policy-update", "accepted: nothing is downloaded", Served::kWithoutEffect),
    switch_flag("skip-vex-repo-update", "accepted: nothing is downloaded", Served::kWithoutEffect),
    switch_flag("skip-version-check", "accepted: nobody is asked", Served::kWithoutEffect),
    switch_flag("disable-telemetry", "accepted: there is none", Served::kWithoutEffect),
    switch_flag("offline-scan", "accepted: every scan is", Served::kWithoutEffect),
    switch_flag("insecure", "accepted: nothing is downloaded", Served::kWithoutEffect),
    text_flag("cacert", "accepted: nothing is downloaded", Served::kWithoutEffect),
    text_flag("timeout", "accepted: a scan ends", Served::kWithoutEffect),
    text_flag("parallel", "accepted; see --threads", Served::kWithoutEffect),
    list_flag("table-mode", "accepted: summary and details are one table", Served::kWithoutEffect),
    text_flag("detection-priority", "precise", Served::kYes),
    switch_flag("dependency-tree", "not served yet", Served::kNotYet),
    switch_flag("download-db-only", "not served: see 'merlon db update'", Served::kNotYet),
    switch_flag("download-java-db-only", "not served: see 'merlon db update'", Served::kNotYet),
    text_flag("template", "the template of --format template: @FILE, or its text", Served::kYes,
              't'),
    text_flag("compliance", "not served yet", Served::kNotYet),
    PeerFlag{text_flag("report", "not served yet").flag, Served::kNotYet, "all"},
    text_flag("ignore-policy", "not served yet", Served::kNotYet),
    list_flag("file-patterns", "not served yet", Served::kNotYet),
    text_flag("distro", "not served yet", Served::kNotYet),
    PeerFlag{list_flag("vuln-severity-source", "not served yet").flag, Served::kNotYet, "auto"},
    text_flag("secret-config", "not served yet: Merlon's rules look for secrets", Served::kNotYet),
    text_flag("server", "not served yet", Served::kNotYet),
    PeerFlag{text_flag("exit-on-eol", "not served yet").flag, Served::kNotYet, "0"},
    list_flag("sbom-sources", "not served yet", Served::kNotYet),
    switch_flag("license-full", "not served yet", Served::kNotYet),
    list_flag("ignored-licenses", "licences to leave out"),
    switch_flag("generate-default-config", "not served yet", Served::kNotYet),
    list_flag("enable-modules", "not served yet", Served::kNotYet),
    text_flag("branch", "not served yet: check the revision out first", Served::kNotYet),
    text_flag("commit", "not served yet: check the revision out first", Served::kNotYet),
    text_flag("tag", "not served yet: check the revision out first", Served::kNotYet),
    // Of the scanner for misconfigurations, which --scanners refuses by name.
    list_flag("ansible-extra-vars", kOfMisconfigurations, Served::kWithoutEffect),
    list_flag("ansible-inventory", kOfMisconfigurations, Served::kWithoutEffect),
    list_flag("ansible-playbook", kOfMisconfigurations, Served::kWithoutEffect),
    list_flag("cf-params", kOfMisconfigurations, Served::kWithoutEffect),
    list_flag("check-namespaces", kOfMisconfigurations, Served::kWithoutEffect),
    list_flag("checks-bundle-repository", kOfMisconfigurations, Served::kWithoutEffect),
    list_flag("config-check", kOfMisconfigurations, Served::kWithoutEffect),
    list_flag("config-data", kOfMisconfigurations, Served::kWithoutEffect),
    list_flag("config-file-schemas", kOfMisconfigurations, Served::kWithoutEffect),
    list_flag("helm-api-versions", kOfMisconfigurations, Served::kWithoutEffect),
    list_flag("helm-kube-version", kOfMisconfigurations, Served::kWithoutEffect),
    list_flag("helm-set", kOfMisconfigurations, Served::kWithoutEffect),
    list_flag("helm-set-file", kOfMisconfigurations, Served::kWithoutEffect),
    list_flag("helm-set-string", kOfMisconfigurations, Served::kWithoutEffect),
    list_flag("helm-values", kOfMisconfigurations, Served::kWithoutEffect),
    list_flag("misconfig-scanners", kOfMisconfigurations, Served::kWithoutEffect),
    list_flag("raw-config-scanners", kOfMisconfigurations, Served::kWithoutEffect),
    list_flag("rego-error-limit", kOfMisconfigurations, Served::kWithoutEffect),
    list_flag("tf-vars", kOfMisconfigurations, Served::kWithoutEffect),
    switch_flag("include-deprecated-checks", kOfMisconfigurations, Served::kWithoutEffect),
    switch_flag("include-non-failures", kOfMisconfigurations, Served::kWithoutEffect),
    list_flag("render-cause", kOfMisconfigurations, Served::kWithoutEffect),
    switch_flag("tf-exclude-downloaded-modules", kOfMisconfigurations, Served::kWithoutEffect),
    switch_flag("trace-rego", kOfMisconfigurations, Served::kWithoutEffect),
    // Of registries, caches and servers, none of which is asked.
    list_flag("username", kNobodyIsAsked, Served::kWithoutEffect),
    list_flag("password", kNobodyIsAsked, Served::kWithoutEffect),
    list_flag("registry-token", kNobodyIsAsked, Served::kWithoutEffect),
    list_flag("redis-ca", kNobodyIsAsked, Served::kWithoutEffect),
    list_flag("redis-cert", kNobodyIsAsked, Served::kWithoutEffect),
    list_flag("redis-key", kNobodyIsAsked, Served::kWithoutEffect),
    list_flag("token", kNobodyIsAsked, Served::kWithoutEffect),
    list_flag("token-header", kNobodyIsAsked, Served::kWithoutEffect),
    list_flag("custom-headers", kNobodyIsAsked, Served::kWithoutEffect),
    list_flag("rekor-url", kNobodyIsAsked, Served::kWithoutEffect),
    list_flag("module-dir", kNobodyIsAsked, Served::kWithoutEffect),
    list_flag("output-plugin-arg", kNobodyIsAsked, Served::kWithoutEffect),
    switch_flag("password-stdin", kNobodyIsAsked, Served::kWithoutEffect),
    switch_flag("redis-tls", kNobodyIsAsked, Served::kWithoutEffect),
    text_flag("license-confidence-level", "accepted: it is of --license-full",
              Served::kWithoutEffect),
});
constexpr auto kPlainFlags = scan::plain_flags(kFlags);

constexpr Verb verb(std::string_view path, std::string_view summary, std::string_view arguments) {
    return {.path = path,
            .summary = summary,
            .arguments = arguments,
            .max_arguments = arguments.empty() ? 0 : std::size_t{1}};
}
constexpr Verb kVerbs[] = {
    verb("fs", "scan a folder or file", "PATH"),
    verb("filesystem", "scan a folder or file", "PATH"),
    verb("rootfs", "scan the root of a system that lies in a folder", "PATH"),
    verb("repo", "scan a repository's working tree", "PATH"),
    verb("repository", "scan a repository's working tree", "PATH"),
    verb("sbom", "scan a bill of materials", "FILE"),
    verb("version", "print the version", ""),
    verb_not_yet("image"),
    verb_not_yet("i"),
    verb_not_yet("config"),
    verb_not_yet("conf"),
    verb_not_yet("kubernetes"),
    verb_not_yet("k8s"),
    verb_not_yet("vm"),
    verb_not_yet("server"),
    verb_not_yet("client"),
    verb_not_yet("convert"),
    verb_not_yet("plugin"),
    verb_not_yet("module"),
    verb_not_yet("registry"),
    verb_not_yet("vex"),
    verb_not_yet("clean"),
};

constexpr CommandTable kTable{.program = "trivy",
                              .version = kTrivyVersion,
                              .summary = "Takes Trivy's command line for packages and secrets.",
                              .exit_codes =
                                  "0 nothing found, or no --exit-code\n"
                                  "N what --exit-code says, where something was found\n"
                                  "2 the run failed or could not look at everything",
                              .verbs = kVerbs,
                              .global_flags = kPlainFlags};

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
    FormatName{"table", Format::kTable},       FormatName{"json", Format::kJson},
    FormatName{"sarif", Format::kSarif},       FormatName{"cyclonedx", Format::kCycloneDx},
    FormatName{"spdx", Format::kSpdx},         FormatName{"spdx-json", Format::kSpdxJson},
    FormatName{"template", Format::kTemplate},
};

bool is_there(const std::string& path) { return file_status(path, FollowLinks::kYes).ok(); }

// trivy.yaml, below what the command line and the variables say.
Status take_settings(ParsedCommand& command, Options& options) {
    const bool is_asked = command.is_set("config");
    const std::string path =
        is_asked ? command.text("config") : std::string(scan::kTrivySettingsFile);
    if (!is_asked && !is_there(path)) return {};
    const std::string read = MERLON_TRY(read_text_file(path));
    const scan::PeerSettings settings = MERLON_TRY(scan::read_trivy_settings(read));
    return scan::apply_settings(settings, path, command, options.scan.ignores.notices);
}

Status take_scanners(const ParsedCommand& command, Options& options) {
    const std::vector<std::string> asked = scan::comma_list(command, "scanners");
    if (asked.empty()) {
        // Trivy looks for no secrets in a bill of materials, and a list of packages asks for none.
        const bool lists = options.format == Format::kCycloneDx ||
                           options.format == Format::kSpdx || options.format == Format::kSpdxJson;
        options.finds_secrets = !lists && options.artifact_type != "cyclonedx";
        if (lists) options.scan.matching = scan::PeerScan::Matching::kNone;
        return {};
    }
    options.finds_weaknesses = options.finds_secrets = false;
    for (const std::string& scanner : asked) {
        if (scanner == "vuln") {
            options.finds_weaknesses = true;
        } else if (scanner == "secret") {
            options.finds_secrets = true;
        } else if (scanner == "license") {
            options.finds_licenses = true;
        } else {
            return Error{"Merlon's front of Trivy has no scanner '" + scanner +
                         "' yet; there are vuln, secret and license"};
        }
    }
    if (options.finds_licenses && options.format == Format::kSarif) {
        return Error{
            "Merlon's front of Trivy writes no licences as SARIF yet; take --format json, or "
            "'merlon licenses --format sarif'"};
    }
    if (!options.finds_weaknesses) options.scan.matching = scan::PeerScan::Matching::kNone;
    return {};
}

Status take_filter(const ParsedCommand& command, Options& options) {
    scan::PackageFilter& filter = options.scan.filter;
    filter.place = "trivy";
    filter.severities = MERLON_TRY(scan::known_words(command, "severity", scan::kSeverityWords));
    options.severities = filter.severities;
    filter.ignored_statuses = MERLON_TRY(scan::known_words(command, "ignore-status", kStatuses));
    if (command.is_set("ignore-unfixed")) scan::leave_out_unfixed(filter);
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

// pkg/flag/report_flags.go: one of the two without the other is a warning, and a template's file
// has an ending of its own. That of SARIF stands for the format.
Status take_template(const ParsedCommand& command, Options& options) {
    options.template_text = command.text("template");
    const std::string_view text = options.template_text;
    if (options.format != Format::kTemplate) {
        if (!text.empty())
            options.warnings.emplace_back("'--template' is ignored without '--format template'");
        return {};
    }
    if (text.empty())
        options.warnings.emplace_back("'--format template' without '--template' writes nothing");
    if (!text.starts_with('@')) return {};
    if (!text.ends_with(".tpl")) {
        return Error{"a template's file must have the ending .tpl", kNoOffset,
                     std::string(text.substr(1))};
    }
    if (text.ends_with("sarif.tpl")) {
        options.warnings.emplace_back("'--template sarif.tpl' is taken for '--format sarif'");
        options.format = Format::kSarif;
    }
    return {};
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
    options.takes = is_bom ? Takes::kAll : name == "rootfs" ? Takes::kInstalled : Takes::kStated;
    options.scan.arguments = {is_bom ? "sbom:" + options.target : options.target};
    return {};
}

}  // namespace

const CommandTable& command_table() { return kTable; }

scan::PeerCommand peer_command() { return {"trivy", &kTable, kFlags}; }

Result<Options> options_of(ParsedCommand& command) {
    Options options;
    if (Status served = scan::check_served(peer_command(), command); !served.ok())
        return std::move(served).error();
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
    if (Status taken = take_template(command, options); !taken.ok())
        return std::move(taken).error();
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
    options.ignored_licenses = scan::comma_list(command, "ignored-licenses");
    options.output = command.text("output");
    options.scan.outputs = {options.output};
    options.lists_all_packages = !command.is_set("no-list-all-pkgs");
    options.shows_suppressed = command.is_set("show-suppressed");
    options.includes_development = command.is_set("include-dev-deps");
    options.exit_code = static_cast<int>(command.integer("exit-code").value_or(0) & 0xFF);
    return options;
}

}  // namespace merlon::compat::trivy
