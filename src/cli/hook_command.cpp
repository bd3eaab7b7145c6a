#include "cli/hook_command.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>
#include <vector>

#include "base/nearest.h"
#include "base/shell.h"
#include "cli/staged_plan.h"
#include "connect/git/hook_files.h"
#include "connect/git/remote_memory.h"

namespace merlon::cli {
namespace {

namespace git = connect::git;

constexpr std::array<std::string_view, 4> kHooks = {"pre-commit", "commit-msg", "pre-push",
                                                    "pre-receive"};
constexpr std::array<std::string_view, 3> kClientHooks = {"pre-commit", "commit-msg", "pre-push"};

// What happened, for people.
std::string_view said(git::HookChange change) {
    switch (change) {
        case git::HookChange::kNone:
            return "nothing to do";
        case git::HookChange::kMade:
            return "installed";
        case git::HookChange::kChained:
            return "installed; the hook that was there runs as before";
        case git::HookChange::kReplaced:
            return "brought up to date";
        case git::HookChange::kRemoved:
            return "removed";
        case git::HookChange::kRestored:
            return "removed; the hook that was there is back";
    }
    return "";
}

Result<std::string> own_program() {
    std::error_code code;
    const std::filesystem::path path = std::filesystem::read_symlink("/proc/self/exe", code);
    if (code) return Error{"cannot find out where merlon itself stands: " + code.message()};
    return path.string();
}

class HookInstaller {
  public:
    HookInstaller(const ParsedCommand& command, const Environment& environment)
        : command_(command), environment_(environment) {}

    template <typename Change>
    int run(Change change) {
        const Status done = try_run(change);
        return done.ok() ? kClean : fail(environment_, done.error().to_string());
    }

    const git::Repository& repository() const { return *repository_; }

  private:
    template <typename Change>
    Status try_run(Change change) {
        std::string place = command_.text("repository");
        if (place.empty()) place = ".";
        const git::Variables variables = git_variables(environment_);
        repository_ =
            MERLON_TRY(git::open_with_variables(place, variables, repository_options(command_)));
        const git::HookFolder folder = MERLON_TRY(git::hook_folder(*repository_, variables));
        if (!folder.shared_by.empty() && !command_.is_set("shared")) {
            return Error{.message = "core.hooksPath is '" + folder.path +
                                    "' for every repository of this user or machine; say --shared "
                                    "to change the hooks there, or set core.hooksPath in this "
                                    "repository's own configuration",
                         .file = folder.shared_by};
        }
        for (const std::string& hook : MERLON_TRY(hooks())) {
            const git::HookChange done = MERLON_TRY(change(folder.path, hook));
            if (command_.is_set("quiet")) continue;
            MERLON_TRY(environment_.write_output(
                fmt::format("{}/{}: {}\n", folder.path, hook, said(done))));
        }
        if (folder.others_differ && !command_.is_set("quiet")) {
            environment_.write_error(
                "note: core.hooksPath is relative, so each worktree has hooks of its own: say the "
                "same in the others (git worktree list), or make the path absolute\n");
        }
        for (const std::string& file : folder.including_files) {
            if (command_.is_set("quiet")) break;
            environment_.write_error(fmt::format(
                "note: {} includes other files, which are not read here; where one of them sets "
                "core.hooksPath, git runs other hooks than these: git rev-parse --git-path hooks "
                "says which\n",
                file));
        }
        return {};
    }

    Result<std::vector<std::string>> hooks() const {
        if (command_.arguments.empty()) {
            if (repository_->is_bare()) return std::vector<std::string>{"pre-receive"};
            return std::vector<std::string>(kClientHooks.begin(), kClientHooks.end());
        }
        for (const std::string& hook : command_.arguments) {
            if (std::ranges::find(kHooks, hook) == kHooks.end()) {
                return Error{"no hook '" + hook +
                             "'; there are pre-commit, commit-msg, pre-push and pre-receive" +
                             suggestion(hook, kHooks)};
            }
        }
        return command_.arguments;
    }

    const ParsedCommand& command_;
    const Environment& environment_;
    std::optional<git::Repository> repository_;
};

// From now on pre-push knows what each remote's references are of.
Status learn_remotes(const git::Repository& repository, const git::Variables& variables) {
    git::RemoteMemory memory = MERLON_TRY(git::RemoteMemory::open(repository, variables));
    memory.learn_configured();
    if (!memory.has_changed()) return {};
    std::error_code code;  // what fails here fails again when it is written
    std::filesystem::create_directories(memory.folder(), code);
    return memory.save();
}

}  // namespace

std::string hook_script(std::string_view hook, std::string_view program, std::string_view options) {
    // Hooks that git tells something on standard input say it to both.
    const bool reads_input = hook == "pre-push" || hook == "pre-receive";
    // A hook that formats or edits comes before us; one that sends something away comes after.
    const bool is_last = hook == "pre-commit" || hook == "commit-msg";
    const std::string feed = reads_input ? "printf '%s' \"$input\" | " : "";
    const std::string before =
        fmt::format("if [ -x \"$before\" ]; then\n    {}\"$before\" \"$@\" || exit $?\nfi\n", feed);
    const std::string own =
        fmt::format("{}\"$merlon\" hook run {}{} -- \"$@\" || exit $?\n", feed, hook, options);
    return fmt::format(
        "#!/bin/sh\n"
        "{}: `merlon hook uninstall {}` takes it away and puts back what was here.\n"
        "merlon={}\n"
        "before=$0.merlon-before\n"
        "[ -x \"$merlon\" ] || merlon=$(command -v merlon) || {{\n"
        "    echo \"merlon: not found at {}; install it again, or remove this hook: $0\" >&2\n"
        "    exit 2\n"
        "}}\n"
        "{}{}{}",
        git::kHookMark, hook, shell_quoted(program), program,
        // The mark behind the last byte keeps the line feeds that $() would take.
        reads_input ? "input=$(cat; printf x)\ninput=${input%x}\n" : "", is_last ? before : own,
        is_last ? own : before);
}

int run_hook_install(const ParsedCommand& command, const Environment& environment) {
    const Result<std::string> program = own_program();
    if (!program.ok()) return fail(environment, program.error().to_string());
    const std::string& bypass = command.text("bypass");
    const std::string& branch = command.text("settings-branch");
    const auto install = [&](const std::string& folder,
                             const std::string& hook) -> Result<git::HookChange> {
        std::string options;
        if (hook == "pre-receive" && bypass == "deny") options += " --bypass deny";
        if (hook == "pre-receive" && !branch.empty()) {
            options += " --settings-branch " + shell_quoted(branch);
        }
        return git::install_hook(folder, hook, hook_script(hook, program.value(), options));
    };
    HookInstaller installer(command, environment);
    const int code = installer.run(install);
    if (code == kClean && !installer.repository().is_bare()) {
        const Status learned = learn_remotes(installer.repository(), git_variables(environment));
        if (!learned.ok()) return fail(environment, learned.error().to_string());
    }
    if (code == kClean && bypass != "deny" && installer.repository().is_bare() &&
        !command.is_set("quiet")) {
        return print(environment,
                     "For bypasses with a reason (git push -o merlon.bypass=\"why\"), allow push "
                     "options: git config receive.advertisePushOptions true\n");
    }
    return code;
}

int run_hook_uninstall(const ParsedCommand& command, const Environment& environment) {
    const auto uninstall = [](const std::string& folder, const std::string& hook) {
        return git::uninstall_hook(folder, hook);
    };
    return HookInstaller(command, environment).run(uninstall);
}

}  // namespace merlon::cli
