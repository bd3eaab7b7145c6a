#include "connect/git/hook_files.h"

#include <filesystem>
#include <system_error>

#include "base/file.h"
#include "connect/git/config_file.h"

namespace merlon::connect::git {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kBefore = ".merlon-before";
constexpr std::uint64_t kMaxConfigBytes = 1 << 24;

Error at_path(std::string message, const std::string& path) {
    return Error{.message = std::move(message), .file = path};
}

// core.hooksPath of one file; nothing where the file is not there.
Result<std::optional<std::string>> hooks_path_in(const std::string& path) {
    // GIT_CONFIG_GLOBAL=/dev/null is how people say "none".
    const FileResult<FileStatus> status = file_status(path, FollowLinks::kYes);
    if (!status.ok() || status.result.value().kind != FileKind::kRegular) {
        return std::optional<std::string>();
    }
    const std::string text = MERLON_TRY(read_text_file(path, kMaxConfigBytes));
    Result<ConfigFile> config = ConfigFile::parse(text);
    if (!config.ok()) return std::move(config).error().at(path, config.error().line, 0);
    return config.value().find("core.hookspath");
}

// git-config(1), FILES: the machine's, then the user's two.
std::vector<std::string> shared_files(const Variables& variables) {
    const auto value = [&](std::string_view name) { return variables(name).value_or(""); };
    std::vector<std::string> files;
    if (const std::string without = value("GIT_CONFIG_NOSYSTEM");
        without.empty() || without == "0" || without == "false") {
        const std::string named = value("GIT_CONFIG_SYSTEM");
        files.push_back(named.empty() ? "/etc/gitconfig" : named);
    }
    if (const auto named = variables("GIT_CONFIG_GLOBAL"); named) {
        files.push_back(*named);
        return files;
    }
    const std::string home = value("HOME");
    const std::string config = value("XDG_CONFIG_HOME");
    if (!config.empty()) {
        files.push_back(config + "/git/config");
    } else if (!home.empty()) {
        files.push_back(home + "/.config/git/config");
    }
    if (!home.empty()) files.push_back(home + "/.gitconfig");
    return files;
}

// git-config(1), "pathname": "~/" is the home folder; else relative to where hooks run.
std::string resolved(const std::string& path, const std::string& base, const Variables& variables) {
    if (path.starts_with("~/")) return variables("HOME").value_or("") + path.substr(1);
    if (path.starts_with('/')) return path;
    return (fs::path(base) / path).lexically_normal().string();
}

bool is_there(const std::string& path) { return file_status(path, FollowLinks::kNo).ok(); }

Result<bool> is_ours(const std::string& path) {
    const FileResult<FileStatus> status = file_status(path, FollowLinks::kNo);
    if (!status.ok() || status.result.value().kind != FileKind::kRegular) return false;
    const std::string text = MERLON_TRY(read_text_file(path));
    const std::size_t line = text.find('\n');
    return line != std::string::npos &&
           std::string_view(text).substr(line + 1).starts_with(kHookMark);
}

Status rename_file(const std::string& from, const std::string& to) {
    std::error_code code;
    fs::rename(from, to, code);
    if (code) return at_path("cannot be renamed to '" + to + "': " + code.message(), from);
    return {};
}

Status write_script(const std::string& path, const std::string& script) {
    MERLON_TRY(write_file_atomically(path, script));
    std::error_code code;
    fs::permissions(path, fs::perms(0755), code);
    if (code) return at_path("cannot be made executable: " + code.message(), path);
    return {};
}

}  // namespace

Result<HookFolder> hook_folder(const Repository& repository, const Variables& variables) {
    const std::string base =
        repository.is_bare() ? repository.common_folder() : repository.work_tree();
    HookFolder folder{repository.common_folder() + "/hooks", {}};
    for (const std::string& file : shared_files(variables)) {
        if (const auto path = MERLON_TRY(hooks_path_in(file)); path && !path->empty()) {
            folder = {resolved(*path, base, variables), file};
        }
    }
    // The worktree's own file counts where extensions.worktreeConfig is on, and is hardly ever
    // there where it is off.
    for (const std::string& file :
         {repository.common_folder() + "/config", repository.git_folder() + "/config.worktree"}) {
        if (const auto path = MERLON_TRY(hooks_path_in(file)); path && !path->empty()) {
            folder = {resolved(*path, base, variables), {}};
        }
    }
    return folder;
}

Result<HookChange> install_hook(const std::string& folder, const std::string& name,
                                const std::string& script) {
    std::error_code code;
    fs::create_directories(folder, code);
    if (code) return at_path("cannot be made: " + code.message(), folder);
    const std::string path = folder + '/' + name;
    const std::string before = path + std::string(kBefore);
    if (MERLON_TRY(is_ours(path))) {
        if (MERLON_TRY(read_text_file(path)) == script) return HookChange::kNone;
        MERLON_TRY(write_script(path, script));
        return HookChange::kReplaced;
    }
    if (!is_there(path)) {
        if (is_there(before)) {
            return at_path("is left from an earlier installation, and there is no hook '" + name +
                               "' beside it: rename it to that name, or remove it",
                           before);
        }
        MERLON_TRY(write_script(path, script));
        return HookChange::kMade;
    }
    if (is_there(before)) {
        return at_path("is left from an earlier installation, and the hook '" + name +
                           "' beside it is another one: remove the one that is not wanted",
                       before);
    }
    MERLON_TRY(rename_file(path, before));
    if (Status written = write_script(path, script); !written.ok()) {
        fs::remove(path, code);
        MERLON_TRY(rename_file(before, path));
        return std::move(written).error();
    }
    return HookChange::kChained;
}

Result<HookChange> uninstall_hook(const std::string& folder, const std::string& name) {
    const std::string path = folder + '/' + name;
    const std::string before = path + std::string(kBefore);
    if (!is_there(path) && !is_there(before)) return HookChange::kNone;
    if (!MERLON_TRY(is_ours(path))) {
        if (!is_there(before)) return HookChange::kNone;
        return at_path("is not Merlon's, though '" + before +
                           "' was put aside for it: keep the one that is wanted under this name",
                       path);
    }
    if (is_there(before)) {
        MERLON_TRY(rename_file(before, path));  // in one step: there is always a hook
        return HookChange::kRestored;
    }
    std::error_code code;
    if (!fs::remove(path, code) || code)
        return at_path("cannot be removed: " + code.message(), path);
    return HookChange::kRemoved;
}

}  // namespace merlon::connect::git
