#include "cli/doctor_command.h"

#include <fmt/core.h>
#include <unistd.h>

#include <filesystem>
#include <set>
#include <string>
#include <system_error>
#include <vector>

#include "base/file.h"
#include "base/sandbox.h"
#include "base/terminal.h"
#include "base/thread_pool.h"
#include "cli/command_table.h"
#include "cli/outputs.h"
#include "cli/rule_source.h"
#include "scan/suppressions.h"
#include "text/json.h"

namespace merlon::cli {
namespace {

namespace fs = std::filesystem;

struct Check {
    enum class State : std::uint8_t { kWorks, kAbsent, kBroken };
    std::string name;
    State state = State::kWorks;
    std::string detail;
};

std::string_view name(Check::State state) {
    constexpr std::string_view kNames[] = {"works", "absent", "broken"};
    return kNames[static_cast<std::size_t>(state)];
}

Check check_files_sandbox(const SandboxReport& sandbox) {
    if (sandbox.files == SandboxReport::State::kAvailable) {
        return {"landlock", Check::State::kWorks,
                fmt::format("ABI {}: a scan can write only its outputs", sandbox.landlock_abi)};
    }
    return {"landlock", Check::State::kAbsent,
            sandbox.files_reason + "; a scan could write anywhere its user may"};
}

Check check_network_sandbox(const SandboxReport& sandbox) {
    if (sandbox.network == SandboxReport::State::kAvailable) {
        return {"seccomp", Check::State::kWorks, "a scan has no network"};
    }
    return {"seccomp", Check::State::kAbsent,
            sandbox.network_reason + "; a scan is not kept from the network"};
}

// Whether files can be made in `directory`, or in the nearest ancestor that exists.
Check check_directory(std::string check, const std::string& directory) {
    if (directory.empty()) {
        return {std::move(check), Check::State::kAbsent,
                "set HOME, or XDG_CACHE_HOME and "
                "XDG_DATA_HOME"};
    }
    fs::path existing = directory;
    std::error_code code;
    while (!fs::exists(existing, code) && existing.has_relative_path()) {
        existing = existing.parent_path();
    }
    const bool made = existing == fs::path(directory);
    if (access(existing.c_str(), W_OK | X_OK) != 0) {
        return {std::move(check), Check::State::kBroken,
                fmt::format("{}: {} cannot be written", directory, existing.string())};
    }
    return {std::move(check), Check::State::kWorks,
            made ? directory : directory + " (made when first needed)"};
}

Check check_rules() {
    model::Diagnostics diagnostics;
    const Result<RuleSource> source = read_rules({});
    const Result<secrets::Config> config = load_rules(source.value(), diagnostics);
    if (!config.ok()) return {"rules", Check::State::kBroken, config.error().to_string()};
    if (diagnostics.has_errors()) {
        return {"rules", Check::State::kBroken, "some rules of the own pack do not compile"};
    }
    return {"rules", Check::State::kWorks,
            fmt::format("{} secret rules in the program", config.value().rules.size())};
}

Check check_gitleaks_rules(const Environment& environment) {
    const std::string path = state_directory(environment) + "/gitleaks.toml";
    if (file_status(path, FollowLinks::kYes).ok()) {
        return {"gitleaks rules", Check::State::kWorks, path};
    }
    return {"gitleaks rules", Check::State::kAbsent,
            "compat gitleaks uses Merlon's own pack; 'merlon rules add gitleaks FILE' registers "
            "gitleaks's"};
}

// The shared objects of this process, as the kernel lists them.
Check check_libraries() {
    const Result<std::string> maps = read_text_file("/proc/self/maps");
    if (!maps.ok()) return {"libraries", Check::State::kAbsent, "/proc is not mounted"};
    std::set<std::string> names;
    std::string_view rest = maps.value();
    while (!rest.empty()) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        const std::size_t slash = line.rfind('/');
        if (slash == std::string_view::npos) continue;
        const std::string_view file = line.substr(slash + 1);
        if (file.find(".so") != std::string_view::npos) names.emplace(file);
    }
    std::string listed;
    for (const std::string& file : names) listed += (listed.empty() ? "" : ", ") + file;
    return {"libraries", Check::State::kWorks,
            names.empty() ? "all are part of the program"
                          : fmt::format("{} shared: {}", names.size(), listed)};
}

Check check_key(const Environment& environment) {
    const std::optional<std::string> key = environment.variable("MERLON_KEY");
    if (key.has_value() && !key->empty()) {
        const Result<std::string> parsed = scan::parse_key(*key, "MERLON_KEY");
        return parsed.ok() ? Check{"key", Check::State::kWorks, "MERLON_KEY is set"}
                           : Check{"key", Check::State::kBroken, parsed.error().to_string()};
    }
    if (file_status(".merlon/key", FollowLinks::kYes).ok()) {
        return {"key", Check::State::kWorks, ".merlon/key"};
    }
    return {"key", Check::State::kAbsent,
            "made as .merlon/key by the first --write-baseline; commit it"};
}

std::vector<Check> all_checks(const Environment& environment) {
    const SandboxReport sandbox = probe_sandbox();
    std::vector<Check> checks;
    checks.push_back({"version", Check::State::kWorks, "merlon " + std::string(version())});
    checks.push_back(
        {"processors", Check::State::kWorks, fmt::format("{} may be used", available_cores())});
    checks.push_back(check_files_sandbox(sandbox));
    checks.push_back(check_network_sandbox(sandbox));
    checks.push_back(check_directory("cache", cache_directory(environment)));
    checks.push_back(check_directory("state", state_directory(environment)));
    checks.push_back(check_rules());
    checks.push_back(check_gitleaks_rules(environment));
    const bool configured = file_status(".merlon.yaml", FollowLinks::kYes).ok();
    checks.push_back({"configuration", configured ? Check::State::kWorks : Check::State::kAbsent,
                      configured ? ".merlon.yaml" : "'merlon init' writes a commented one"});
    checks.push_back(check_key(environment));
    checks.push_back(check_libraries());
    return checks;
}

}  // namespace

int run_doctor(const ParsedCommand& command, const Environment& environment) {
    const std::optional<bool> json_asked = wants_json(command, environment);
    if (!json_asked.has_value()) return kIncomplete;
    const std::vector<Check> checks = all_checks(environment);
    std::string out;
    if (*json_asked) {
        text::JsonWriter json(out, "  ");
        json.begin_object().key("checks").begin_array();
        for (const Check& check : checks) {
            json.begin_object().member("name", check.name).member("state", name(check.state));
            json.member("detail", check.detail).end_object();
        }
        json.end_array().end_object();
        out += '\n';
    } else {
        for (const Check& check : checks) {
            out += fmt::format("{:<7} {:<15} {}\n", name(check.state), check.name, check.detail);
        }
    }
    int code = print(environment, out);
    for (const Check& check : checks) {
        if (check.state == Check::State::kBroken) code = kIncomplete;
    }
    return code;
}

}  // namespace merlon::cli
