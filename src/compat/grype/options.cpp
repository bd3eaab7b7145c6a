#include "compat/grype/options.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/file.h"
#include "compat/grype/run.h"
#include "inventory/inventory.h"

namespace merlon::compat::grype {
namespace {

using scan::list_flag;
using scan::PeerFlag;
using scan::Served;
using scan::SettingKey;
using scan::switch_flag;
using scan::text_flag;

// Grype 0.116's.
constexpr auto kFlags = scan::with_own_flags(std::array{
    list_flag("output",
              "table, json, sarif, cyclonedx or cyclonedx-json; FORMAT=FILE writes a file",
              Served::kYes, 'o'),
    text_flag("file", "file for the report"),
    text_flag("fail-on", "exit with 2 for at least this severity", Served::kYes, 'f'),
    switch_flag("only-fixed", "what has a fix"),
    switch_flag("only-notfixed", "what has no fix"),
    list_flag("ignore-states", "states of fixes to leave out"),
    switch_flag("by-cve", "CVE in place of the advisory's own id"),
    switch_flag("show-suppressed", "what is ignored, in the table"),
    list_flag("exclude", "paths to leave out: ./a/**, **/*.jar"),
    list_flag("vex", "VEX documents"),
    list_flag("config", "settings (.grype.yaml)", Served::kYes, 'c'),
    text_flag("scope", "accepted: of images alone", Served::kWithoutEffect, 's'),
    text_flag("name", "accepted: the target's name", Served::kWithoutEffect),
    switch_flag("add-cpes-if-none", "accepted: packages are matched by their names",
                Served::kWithoutEffect),
    list_flag("from", "accepted: the argument says it", Served::kWithoutEffect),
    switch_flag("quiet", "accepted", Served::kWithoutEffect, 'q'),
    switch_flag("verbose", "accepted", Served::kWithoutEffect, 'v'),
    text_flag("sort-by", "accepted: by package", Served::kWithoutEffect),
    text_flag("distro", "not served yet", Served::kNotYet),
    text_flag("platform", "not served yet", Served::kNotYet),
    text_flag("template", "the template's file, of --output template", Served::kYes, 't'),
    list_flag("profile", "not served yet", Served::kNotYet),
});
constexpr auto kPlainFlags = scan::plain_flags(kFlags);

// Grype's first word is what is scanned and no command, so the reader of flags gets one.
constexpr std::string_view kScan = "scan";
constexpr Verb kVerbs[] = {
    {.path = kScan,
     .summary = "scan a folder, a file or a bill of materials",
     .arguments = "dir:PATH|sbom:FILE|PATH",
     .max_arguments = 1},
    {.path = "version", .summary = "print the version"},
    scan::verb_not_yet("db"),
    scan::verb_not_yet("explain"),
    scan::verb_not_yet("config"),
};

constexpr CommandTable kTable{.program = "grype",
                              .version = "0.116.0",
                              .summary = "Takes Grype's command line for packages.",
                              .exit_codes =
                                  "0 nothing at or above --fail-on\n"
                                  "2 something is, or the run could not look at everything",
                              .verbs = kVerbs,
                              .global_flags = kPlainFlags};

// Of "Configuration" in Grype's documentation.
constexpr std::array kSettings{
    SettingKey{"output", "output"},
    SettingKey{"file", "file"},
    SettingKey{"fail-on-severity", "fail-on"},
    SettingKey{"only-fixed", "only-fixed"},
    SettingKey{"only-notfixed", "only-notfixed"},
    SettingKey{"ignore-wontfix", "ignore-states"},
    SettingKey{"by-cve", "by-cve"},
    SettingKey{"show-suppressed", "show-suppressed"},
    SettingKey{"exclude", "exclude"},
    SettingKey{"vex-documents", "vex"},
    SettingKey{"distro", "distro"},
    SettingKey{"platform", "platform"},
    SettingKey{"output-template-file", "template"},
    SettingKey{"ignore", ""},  // read with the ignore files
    SettingKey{"db.", ""},
    SettingKey{"log.", ""},
    SettingKey{"dev.", ""},
    SettingKey{"registry.", ""},
    SettingKey{"external-sources.", ""},
    SettingKey{"search.", ""},
    SettingKey{"pretty", ""},
    SettingKey{"timestamp", ""},
    SettingKey{"check-for-app-update", ""},
    SettingKey{"add-cpes-if-none", ""},
    SettingKey{"default-image-pull-source", ""},
    SettingKey{"name", ""},
    SettingKey{"quiet", ""},
    SettingKey{"verbosity", ""},
    SettingKey{"sort-by", ""},
};

constexpr std::array<std::string_view, 6> kSeverities{"unknown", "negligible", "low",
                                                      "medium",  "high",       "critical"};

struct FormatName {
    std::string_view name;
    Format format;
};
constexpr std::array kFormats{FormatName{"table", Format::kTable},
                              FormatName{"json", Format::kJson},
                              FormatName{"sarif", Format::kSarif},
                              FormatName{"cyclonedx", Format::kCycloneDxXml},
                              FormatName{"cyclonedx-xml", Format::kCycloneDxXml},
                              FormatName{"cyclonedx-json", Format::kCycloneDx},
                              FormatName{"template", Format::kTemplate}};

// Grype's states of a fix as ours are called.
struct FixState {
    std::string_view name;
    std::array<std::string_view, 2> statuses;
};
constexpr std::array kFixStates{
    FixState{"fixed", {"fixed", "fixed"}},
    FixState{"not-fixed", {"affected", "fix_deferred"}},
    FixState{"wont-fix", {"will_not_fix", "end_of_life"}},
    FixState{"unknown", {"unknown", "unknown"}},
};

bool is_there(const std::string& path) { return file_status(path, FollowLinks::kYes).ok(); }

Status take_settings(ParsedCommand& command, Options& options) {
    std::vector<std::string> paths = command.list("config");
    if (paths.empty()) {
        for (const std::string_view place : {".grype.yaml", ".grype/config.yaml"}) {
            if (!is_there(std::string(place))) continue;
            paths.emplace_back(place);
            break;
        }
    }
    for (const std::string& path : paths) {
        const std::string text = MERLON_TRY(read_text_file(path));
        const scan::PeerSettings settings =
            MERLON_TRY(scan::read_peer_settings(path, text, kSettings));
        auto& notices = options.scan.ignores.notices;
        if (Status taken = scan::apply_settings(settings, path, command, notices); !taken.ok())
            return taken;
        if (Status read = scan::add_ignores(path, ".grype.yaml", options.scan.ignores); !read.ok())
            return read;
    }
    return {};
}

Status take_filter(const ParsedCommand& command, Options& options) {
    auto& ignored = options.scan.filter.ignored_statuses;
    options.scan.filter.place = "grype";
    if (command.is_set("only-fixed")) ignored = scan::unfixed_statuses();
    if (command.is_set("only-notfixed")) ignored.emplace_back("fixed");
    for (const std::string& state : scan::comma_list(command, "ignore-states")) {
        // "ignore-wontfix: true" of an older file stands for the one state.
        const std::string_view name = state == "true" ? "wont-fix" : std::string_view(state);
        const auto* const known = std::ranges::find(kFixStates, name, &FixState::name);
        if (known == kFixStates.end())
            return Error{"'" + state + "' is no state of --ignore-states"};
        ignored.insert(ignored.end(), known->statuses.begin(), known->statuses.end());
    }
    options.fail_on = lower_case(command.text("fail-on"));
    const auto* const severity = std::ranges::find(kSeverities, options.fail_on);
    if (!options.fail_on.empty() &&
        (severity == kSeverities.end() || severity == kSeverities.begin()))
        return Error{"'" + options.fail_on + "' is no value of --fail-on"};
    return {};
}

Status take_target(const ParsedCommand& command, Options& options) {
    if (command.arguments.empty()) {
        return Error{
            "what is to be scanned? dir:PATH, sbom:FILE or a path; standard input is not "
            "served yet"};
    }
    const std::string& argument = command.arguments.front();
    const std::size_t colon = argument.find(':');
    const std::string_view scheme = std::string_view(argument).substr(0, colon);
    const bool has_scheme =
        colon != std::string::npos && (scheme == "dir" || scheme == "sbom" || scheme == "file");
    options.target = has_scheme ? argument.substr(colon + 1) : argument;
    const FileResult<FileStatus> status = file_status(options.target, FollowLinks::kYes);
    if (!status.ok()) {
        return Error{"there is no such file or folder here, and images are not served yet",
                     kNoOffset, options.target};
    }
    const bool is_folder = status.result.value().kind == FileKind::kDirectory;
    // A file that no reader of ours has a name for can only be a bill of materials.
    const inventory::Reader* reader = inventory::reader_for(options.target);
    const bool is_bom = scheme == "sbom" || (!is_folder && scheme != "file" && reader == nullptr);
    options.source_type = is_bom ? "sbom-file" : is_folder ? "directory" : "file";
    options.scan.arguments = {is_bom ? "sbom:" + options.target : options.target};
    return {};
}

Status take_outputs(const ParsedCommand& command, Options& options) {
    std::vector<std::string> asked = scan::comma_list(command, "output");
    if (asked.empty()) asked = {"table"};
    for (const std::string& one : asked) {
        const std::size_t equals = one.find('=');
        const std::string name = one.substr(0, equals);
        const auto* const known = std::ranges::find(kFormats, name, &FormatName::name);
        if (known == kFormats.end())
            return Error{"Merlon's front of Grype has no --output " + name +
                         " yet; there are table, json, template, sarif and cyclonedx"};
        options.outputs.push_back({known->format, equals == std::string::npos
                                                      ? command.text("file")
                                                      : one.substr(equals + 1)});
        options.scan.outputs.push_back(options.outputs.back().path);
        if (known->format != Format::kTemplate) continue;
        options.template_path = command.text("template");
        if (options.template_path.empty())
            return Error{"--output template wants the template's file with --template"};
    }
    return {};
}

// "./a/**" is below what is scanned, "**/a" and "*/a" anywhere: "Excluding file paths".
std::string exclude_of(std::string_view path) {
    return path.starts_with("./") ? std::string(path.substr(1)) : std::string(path);
}

}  // namespace

const CommandTable& command_table() { return kTable; }

scan::PeerCommand peer_command() { return {"grype", &kTable, kFlags}; }

Result<ParsedCommand> parse(std::vector<std::string> words, const EnvironmentLookup& variable) {
    const bool has_verb = !words.empty() && std::ranges::any_of(kVerbs, [&](const Verb& verb) {
        return verb.path == words.front() && !is_there(words.front());
    });
    if (!has_verb) words.insert(words.begin(), std::string(kScan));
    return scan::parse_peer_command(peer_command(), std::move(words), [&](const std::string& name) {
        // The one flag that its setting does not share its name with.
        return variable(name == "GRYPE_FAIL_ON" ? "GRYPE_FAIL_ON_SEVERITY" : name);
    });
}

Result<Options> options_of(ParsedCommand& command) {
    Options options;
    if (Status served = scan::check_served(peer_command(), command); !served.ok())
        return std::move(served).error();
    if (Status taken = take_settings(command, options); !taken.ok())
        return std::move(taken).error();
    if (Status served = scan::check_served(peer_command(), command); !served.ok())
        return std::move(served).error();
    for (const auto take : {take_target, take_filter, take_outputs}) {
        if (Status taken = take(command, options); !taken.ok()) return std::move(taken).error();
    }
    for (const std::string& path : scan::comma_list(command, "exclude"))
        options.scan.walk.excludes.push_back(exclude_of(path));
    options.scan.walk.ignore_files = connect::IgnoreFiles::kDisregard;
    options.scan.vex_paths = scan::comma_list(command, "vex");
    options.names_cves = command.is_set("by-cve");
    options.shows_suppressed = command.is_set("show-suppressed");
    return options;
}

int rank_of(std::string_view severity) {
    return static_cast<int>(std::ranges::find(kSeverities, severity) - kSeverities.begin());
}

}  // namespace merlon::compat::grype
