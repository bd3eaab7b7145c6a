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
constexpr std::string_view kMisnamed = ".merlon.yml";  // settings that nobody would read

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
    settings.read_file = MERLON_TRY(files_of_branch(settings.repository, settings.target));
    const std::optional<std::string> text =
        MERLON_TRY(settings.read_file(std::string(kConfigurationName)));
    if (!text && MERLON_TRY(settings.read_file(std::string(kMisnamed))))
        return Error{fmt::format("{}:{} is not read: call it {}", settings.target, kMisnamed,
                                 kConfigurationName)};
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

Result<std::shared_ptr<const git::Repository>> repository_here(const Environment& environment) {
    if (connect::repository_root(".").empty()) return std::shared_ptr<const git::Repository>();
    // What stands for an object here is not what will be merged there.
    git::OpenOptions options;
    options.replacements = git::OpenOptions::Replacements::kDisregard;
    return std::make_shared<const git::Repository>(
        MERLON_TRY(git::open_with_variables(".", git_variables(environment), options)));
}

std::string target_branch(const ParsedCommand& command, const Environment& environment) {
    if (command.is_set("target")) return command.text("target");
    return first_variable(environment, {"GITHUB_BASE_REF", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME",
                                        "SYSTEM_PULLREQUEST_TARGETBRANCHNAME"});
}

std::string branch_here(const git::Repository& repository, const std::string& name) {
    for (const std::string& candidate : {"origin/" + name, name})
        if (git::resolve_commit(repository, candidate).ok()) return candidate;
    return name;
}

Result<gate::ReadPolicyFile> files_of_branch(std::shared_ptr<const git::Repository> repository,
                                             const std::string& name) {
    const git::ObjectId commit = MERLON_TRY(git::resolve_commit(*repository, name));
    const git::ObjectId tree = MERLON_TRY(git::tree_of(*repository, commit));
    return gate::ReadPolicyFile(
        [repository = std::move(repository), tree](const std::string& path) {
            return git::file_in_tree(repository->objects(), tree, path);
        });
}

Result<GateSettings> find_gate_settings(const ParsedCommand& command,
                                        const Environment& environment) {
    GateSettings settings;
    if (command.is_set("head")) settings.head = command.text("head");
    settings.repository = MERLON_TRY(repository_here(environment));
    settings.target_name = target_branch(command, environment);
    settings.target = settings.target_name;
    if (settings.repository && !settings.target.empty())
        settings.target = branch_here(*settings.repository, settings.target);
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
