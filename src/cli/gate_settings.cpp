#include "cli/gate_settings.h"

#include <fmt/core.h>

#include "base/file.h"
#include "cli/outputs.h"
#include "cli/staged_plan.h"
#include "connect/files/files.h"
#include "connect/git/open_changes.h"
#include "connect/git/revision_names.h"

namespace merlon::cli {
namespace {

namespace git = connect::git;

constexpr std::string_view kConfigurationName = ".merlon.yaml";

// A pipeline has the branch as one of its remote only.
std::string resolvable(const git::Repository& repository, const std::string& name) {
    for (const std::string& candidate : {"origin/" + name, name})
        if (git::resolve_commit(repository, candidate).ok()) return candidate;
    return name;
}

// What the configuration names a file as, relative to its folder.
gate::ReadPolicyFile beside(const std::string& file) {
    return [folder = parent_directory(file)](
               const std::string& path) -> Result<std::optional<std::string>> {
        const std::string place = path.starts_with('/') ? path : folder + "/" + path;
        if (!file_status(place, FollowLinks::kYes).ok()) return std::optional<std::string>();
        return std::optional(MERLON_TRY(read_text_file(place)));
    };
}

Status read_from_target(GateSettings& settings) {
    const git::ObjectId commit =
        MERLON_TRY(git::resolve_commit(*settings.repository, settings.target));
    const git::ObjectId tree = MERLON_TRY(git::tree_of(*settings.repository, commit));
    settings.read_file = [repository = settings.repository, tree](const std::string& path) {
        return git::file_in_tree(repository->objects(), tree, path);
    };
    const std::optional<std::string> text =
        MERLON_TRY(settings.read_file(std::string(kConfigurationName)));
    if (!text) return {};
    settings.text = *text;
    settings.from = fmt::format("{}:{}", settings.target, kConfigurationName);
    return {};
}

}  // namespace

std::string first_variable(const Environment& environment,
                           std::initializer_list<const char*> names) {
    for (const char* name : names)
        if (const auto value = environment.variable(name); value && !value->empty()) return *value;
    return {};
}

Result<GateSettings> find_gate_settings(const ParsedCommand& command,
                                        const Environment& environment) {
    GateSettings settings;
    if (command.is_set("head")) settings.head = command.text("head");
    if (!connect::repository_root(".").empty()) {
        // What stands for an object here is not what will be merged there.
        git::OpenOptions options;
        options.replacements = git::OpenOptions::Replacements::kDisregard;
        settings.repository = std::make_shared<const git::Repository>(
            MERLON_TRY(git::open_with_variables(".", git_variables(environment), options)));
    }
    settings.target_name =
        command.is_set("target")
            ? command.text("target")
            : first_variable(environment, {"GITHUB_BASE_REF", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME",
                                           "SYSTEM_PULLREQUEST_TARGETBRANCHNAME"});
    settings.target = settings.target_name;
    if (settings.repository && !settings.target.empty())
        settings.target = resolvable(*settings.repository, settings.target);
    if (command.is_set("config")) {
        settings.from = command.text("config");
        settings.text = MERLON_TRY(read_text_file(settings.from));
        settings.read_file = beside(settings.from);
        return settings;
    }
    if (!settings.repository) {
        return Error{
            "whose settings hold? This is no repository; name a configuration with --config"};
    }
    if (settings.target.empty()) {
        return Error{
            "which branch does it go to? Its settings hold, and not the change's own; name it with "
            "--target, or a configuration with --config"};
    }
    MERLON_TRY(read_from_target(settings));
    return settings;
}

}  // namespace merlon::cli
