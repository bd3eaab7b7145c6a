#include "connect/git/hook_files.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "base/file.h"
#include "connect/git/config_file.h"
#include "connect/git/user_settings.h"
#include "connect/git/worktrees.h"

namespace merlon::connect::git {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kBefore = ".merlon-before";

Error at_path(std::string message, const std::string& path) {
    return Error{.message = std::move(message), .file = path};
}

bool includes_others(const ConfigFile& config) {
    return std::ranges::any_of(config.entries(), [](const ConfigFile::Entry& entry) {
        return entry.key == "include.path" ||
               (entry.key.starts_with("includeif.") && entry.key.ends_with(".path"));
    });
}

// git-config(1), "pathname": "~/" is the home folder; else relative to where hooks run. What cannot
// be followed is refused: a hook in a folder where git does not look protects nobody.
Result<std::string> resolved(const std::string& path, const std::string& base,
                             const Variables& variables, const std::string& file) {
    if (path.empty()) {
        return at_path(
            "core.hooksPath is empty there, so git runs no hook at all; remove it (git config "
            "--unset core.hooksPath) or name a folder",
            file);
    }
    const std::string home = variables("HOME").value_or("");
    if (path.starts_with("~/") && !home.empty()) return home + path.substr(1);
    if (path.starts_with('~') || path.starts_with("%(") || path.starts_with(":(")) {
        return at_path("core.hooksPath is '" + path +
                           "' there, and which folder git takes that for cannot be told here; "
                           "write the folder's whole path",
                       file);
    }
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
    const std::vector<std::string> shared = user_config_files(variables);
    std::vector<std::string> files = shared;
    // The worktree's own file counts where extensions.worktreeConfig is on, and is hardly ever
    // there where it is off.
    files.push_back(repository.common_folder() + "/config");
    files.push_back(repository.git_folder() + "/config.worktree");
    HookFolder folder;
    folder.path = repository.common_folder() + "/hooks";
    std::optional<std::string> path;  // the last one that is set holds
    std::size_t place = 0;
    for (std::size_t i = 0; i < files.size(); ++i) {
        const ConfigFile config = MERLON_TRY(read_config_file(files[i]));
        if (includes_others(config)) folder.including_files.push_back(files[i]);
        std::optional<std::string> set = config.find("core.hookspath");
        if (!set) continue;
        path = std::move(set);
        place = i;
    }
    if (!path) return folder;
    folder.path = MERLON_TRY(resolved(*path, base, variables, files[place]));
    if (place < shared.size()) folder.shared_by = files[place];
    folder.others_differ =
        !path->starts_with('/') && !path->starts_with('~') &&
        !other_worktree_folders(repository.git_folder(), repository.common_folder()).empty();
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
