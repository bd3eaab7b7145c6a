#include "scan/peer_front.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>

#include "base/ascii.h"
#include "base/file.h"
#include "base/sandbox.h"
#include "base/thread_pool.h"
#include "exchange/sarif.h"
#include "scan/folder_ignores.h"
#include "scan/package_bom.h"
#include "scan/vex_files.h"

namespace merlon::scan {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kDay_s = 86'400;
constexpr std::int64_t kMostDays = 36'500;

const PeerFlag* flag_named(std::span<const PeerFlag> flags, std::string_view name) {
    const auto found =
        std::ranges::find(flags, name, [](const PeerFlag& flag) { return flag.flag.name; });
    return found == flags.end() ? nullptr : &*found;
}

// "--only-fixed=false" as Go's readers of flags take it: said, and off.
void settle_switches(std::span<const PeerFlag> flags, std::vector<std::string>& words) {
    std::erase_if(words, [&](std::string& word) {
        const std::size_t equals = word.find('=');
        if (!word.starts_with("--") || equals == std::string::npos) return false;
        const PeerFlag* flag = flag_named(flags, std::string_view(word).substr(2, equals - 2));
        if (flag == nullptr || flag->flag.kind != ValueKind::kNone) return false;
        const std::string value = lower_case(std::string_view(word).substr(equals + 1));
        if (value == "false" || value == "0" || value == "f") {
            // Of what is on by itself, the table has a flag that switches it off.
            const std::string off = "no-" + std::string(flag->flag.name);
            if (flag_named(flags, off) == nullptr) return true;
            word = "--" + off;
        }
        if (value == "true" || value == "1" || value == "t") word.resize(equals);
        return false;
    });
}

Result<sca::Database> open_database(const ParsedCommand& command, const PeerOutside& outside) {
    const std::string& path =
        command.is_set("database") ? command.text("database") : outside.database;
    if (path.empty() || !file_status(path, FollowLinks::kYes).ok()) {
        return Error{
            "there is no advisory database here, so nothing would be found; make one with "
            "'merlon db build', or name one with --database",
            kNoOffset, path};
    }
    return sca::Database::open(path);
}

std::string absolute_of(const std::string& path) {
    std::error_code code;
    const fs::path absolute = fs::absolute(path, code);
    return code ? path : absolute.lexically_normal().string();
}

constexpr std::string_view kSbomPrefix = "sbom:";

// The files of one argument's sources, as the peers name them.
void add_files(const std::string& argument, const TakenInventory& taken,
               std::vector<PeerFile>& files) {
    const bool is_bom = argument.starts_with(kSbomPrefix);
    const std::string path = is_bom ? argument.substr(kSbomPrefix.size()) : argument;
    for (const packages::PackageSource& source : taken.sources) {
        std::string below = source.path.starts_with(taken.root)
                                ? source.path.substr(taken.root.size())
                                : source.path;
        while (below.starts_with('/')) below.erase(0, 1);
        PeerFile file;
        file.is_bill_of_materials = source.reader == "sbom";
        if (below.empty() || is_bom) {
            file.shown = fs::path(path).filename().string();
            file.absolute = absolute_of(path);
        } else {
            file.absolute = absolute_of(path + '/' + below);
            file.shown = std::move(below);
        }
        files.push_back(std::move(file));
    }
}

// Patterns that are anchored are below the argument; the walk has them below the repository.
std::vector<std::string> excludes_below(const std::string& argument,
                                        const std::vector<std::string>& excludes) {
    std::string below;
    const std::string root = connect::repository_root(argument);
    if (!root.empty()) {
        const std::string top = absolute_of(root);
        const std::string here = absolute_of(argument);
        if (here.starts_with(top)) below = here.substr(top.size());
        while (below.ends_with('/') || below.ends_with("/.")) below.pop_back();
        if (!below.empty() && !below.starts_with('/')) below.insert(0, 1, '/');
    }
    std::string name;  // with what a pattern would take for a wildcard
    for (const char c : below) {
        if (c == '*' || c == '?' || c == '[' || c == '\\') name += '\\';
        name += c;
    }
    std::vector<std::string> anchored = excludes;
    for (std::string& pattern : anchored)
        if (pattern.starts_with('/')) pattern.insert(0, name);
    return anchored;
}

std::string folder_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

Result<PackagesScan> request_of(const PeerScan& scan, const ParsedCommand& command,
                                const PeerOutside& outside) {
    PackagesScan request;
    request.max_database_age_s =
        std::min(command.integer("max-database-age").value_or(0), kMostDays) * kDay_s;
    request.foreign = scan.ignores;
    request.filter = scan.filter;
    request.vex = MERLON_TRY(read_vex_files(scan.vex_paths));
    request.keep_records = scan.keep_records;
    request.scope = scan.arguments;
    request.version = outside.version;
    const std::int64_t threads = command.integer("threads").value_or(0);
    request.threads = threads == 0 ? available_cores()
                                   : static_cast<unsigned>(std::min<std::int64_t>(threads, 256));
    request.clock = outside.clock;
    return request;
}

void give_up_rights(const PeerScan& scan) {
    SandboxPolicy policy;
    for (const std::string& output : scan.outputs)
        if (!output.empty() && output != "-") policy.writable_paths.push_back(folder_of(output));
    apply_sandbox(policy);
}

// What the arguments lead to, each on its own, so that each file is named below its argument.
Result<TakenInventory> take_all(const PeerScan& scan, PackagesScan& request,
                                const PeerOutside& outside, std::vector<PeerFile>& files) {
    InventoryScan inventory;
    inventory.threads = request.threads;
    inventory.cancel = outside.cancel;
    TakenInventory all;
    for (const std::string& argument : scan.arguments) {
        inventory.arguments = {argument};
        inventory.walk = walk_of(scan, argument);
        TakenInventory taken = take_inventory(inventory);
        add_files(argument, taken, files);
        if (scan.folder_ignores == PeerScan::FolderIgnores::kTake)
            MERLON_TRY(add_folder_ignores(taken, *outside.cancel, request.foreign));
        std::ranges::move(taken.sources, std::back_inserter(all.sources));
        all.coverage.merge(taken.coverage);
    }
    return all;
}

}  // namespace

Result<ParsedCommand> parse_peer_command(const PeerCommand& peer, std::vector<std::string> words,
                                         const EnvironmentLookup& variable) {
    settle_switches(peer.flags, words);
    const EnvironmentLookup lookup = [&](const std::string& name) {
        for (const PeerFlag& own : kOwnPeerFlags) {
            if (environment_name(*peer.table, own.flag.name) != name) continue;
            return variable("MERLON" + name.substr(peer.table->program.size()));
        }
        return variable(name);
    };
    return parse_command(*peer.table, words, lookup);
}

Status check_served(const PeerCommand& peer, const ParsedCommand& command) {
    if (command.verb->visibility == Visibility::kHidden) {
        return Error{"Merlon does not serve '" + std::string(peer.tool) + ' ' +
                     std::string(command.verb->path) + "' yet"};
    }
    for (const PeerFlag& flag : peer.flags) {
        const bool is_asked = command.is_set(flag.flag.name) &&
                              command.source(flag.flag.name) != ValueSource::kDefault;
        if (flag.served != Served::kNotYet || !is_asked) continue;
        if (!flag.neutral.empty() && command.text(flag.flag.name) == flag.neutral) continue;
        return Error{"Merlon does not serve --" + std::string(flag.flag.name) +
                     " yet; the result would not be what it asks for"};
    }
    return {};
}

std::vector<std::string> comma_list(const ParsedCommand& command, std::string_view flag) {
    std::vector<std::string> all;
    for (const std::string& value : command.list(flag)) {
        std::string_view rest = value;
        while (!rest.empty()) {
            const std::size_t end = std::min(rest.find(','), rest.size());
            if (end > 0) all.emplace_back(rest.substr(0, end));
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
    }
    return all;
}

Result<std::vector<std::string>> known_words(const ParsedCommand& command, std::string_view flag,
                                             std::span<const std::string_view> known) {
    std::vector<std::string> words;
    for (const std::string& word : comma_list(command, flag)) {
        words.push_back(lower_case(word));
        if (std::ranges::find(known, words.back()) == known.end()) {
            return Error{"'" + word + "' is no value of --" + std::string(flag)};
        }
    }
    return words;
}

Status apply_settings(const PeerSettings& settings, const std::string& path, ParsedCommand& command,
                      std::vector<std::string>& notices) {
    for (const PeerSetting& setting : settings.settings) {
        std::vector<std::string> values = setting.values;
        if (values == std::vector<std::string>{"false"}) values.clear();
        if (Status taken = command.apply_configuration(setting.flag, values); !taken.ok()) {
            return std::move(taken).error().within("reading " + path);
        }
    }
    for (const std::string& key : settings.unknown_keys)
        notices.push_back(path + ": '" + key + "' is not known, and not looked at");
    return {};
}

Status add_ignores(const std::string& path, std::string_view name, ForeignIgnores& ignores) {
    if (!file_status(path, FollowLinks::kYes).ok()) return {};
    const std::string text = MERLON_TRY(read_text_file(path));
    Status read = read_foreign_ignores(name, text, ignores);
    if (!read.ok()) return std::move(read).error().within("reading " + path);
    return {};
}

connect::WalkOptions walk_of(const PeerScan& scan, const std::string& argument) {
    connect::WalkOptions walk = scan.walk;
    walk.excludes = excludes_below(argument, scan.walk.excludes);
    return walk;
}

Result<PeerResult> examine_for_peer(const PeerScan& scan, const ParsedCommand& command,
                                    const PeerOutside& outside) {
    const bool has_matching = scan.matching == PeerScan::Matching::kAdvisories;
    std::optional<sca::Database> database;
    if (has_matching) database = MERLON_TRY(open_database(command, outside));
    PackagesScan request = MERLON_TRY(request_of(scan, command, outside));
    give_up_rights(scan);
    PeerResult result;
    TakenInventory all = MERLON_TRY(take_all(scan, request, outside, result.files));
    if (has_matching) {
        request.database = &*database;
        result.examined = MERLON_TRY(examine_packages(request, std::move(all), Reviews::kNone));
    } else {
        result.examined.report.coverage = std::move(all.coverage);
        result.examined.report.analysis.complete = result.examined.report.coverage.complete();
        result.examined.sources = std::move(all.sources);
    }
    return result;
}

std::span<const std::size_t> PeerResult::weaknesses_of(const packages::Package& package) const {
    const auto found = examined.weaknesses_of.find(&package);
    return found == examined.weaknesses_of.end() ? std::span<const std::size_t>()
                                                 : std::span(found->second);
}

exchange::Bom bom_of(const PeerResult& result, const PeerScan& scan, const PeerOutside& outside,
                     WeaknessBom request) {
    request.subject.fallback_name =
        fs::path(absolute_of(scan.arguments.front())).filename().string();
    request.subject.tool_version = outside.version;
    request.subject.time = outside.clock->now();
    request.subject.complete = result.examined.report.analysis.complete;
    return bom_of(result.examined, request);
}

std::string text_of(const std::function<void(TextSink& sink)>& write) {
    std::string out;
    TextSink sink([&out](std::string_view text) {
        out += text;
        return Status();
    });
    write(sink);
    (void)sink.finish();  // into memory
    return out;
}

Status write_peer_output(const std::string& path, std::string_view text,
                         const PeerOutside& outside) {
    if (path.empty() || path == "-") return outside.write_output(text);
    return write_file_atomically(path, text);
}

int finish_peer_run(const PeerResult& result, const ParsedCommand& command,
                    const PeerOutside& outside, int exit_code) {
    const model::Report& report = result.examined.report;
    std::string text;
    for (const std::string& notice : report.notices) text += "INFO " + notice + '\n';
    for (const model::Gap& gap : report.coverage.gaps)
        text += fmt::format("WARN {}: {}: {}\n", gap.path, model::name(gap.cause), gap.detail);
    if (!report.analysis.complete && !command.is_set("exact-exit")) {
        exit_code = kPeerIncomplete;
        text +=
            "ERROR the scan is incomplete: what stands above was not looked at (--exact-exit keeps "
            "the peer's exit code)\n";
    }
    outside.write_error(text);
    return exit_code;
}

int fail_peer_run(const PeerCommand& peer, const PeerOutside& outside, const Error& error,
                  int exit_code) {
    outside.write_error(fmt::format("{}: {}\n", peer.tool, error.to_string()));
    return exit_code;
}

std::optional<int> answer_peer_question(const PeerCommand& peer, const ParsedCommand& command,
                                        const PeerOutside& outside) {
    std::string text;
    if (command.request == ParsedCommand::Request::kVersion ||
        (command.verb != nullptr && command.verb->path == "version")) {
        text = fmt::format("Version: {} (merlon {})\n", peer.table->version, outside.version);
    } else if (command.request == ParsedCommand::Request::kHelp) {
        text = help_text(*peer.table, command.verb);
    } else {
        return std::nullopt;
    }
    return outside.write_output(text).ok() ? 0 : kPeerIncomplete;
}

std::string sarif_of(const model::Report& report) {
    return text_of([&](TextSink& sink) { exchange::write_sarif(report, sink); });
}

}  // namespace merlon::scan
