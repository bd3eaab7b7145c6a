#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <set>

#include "base/file.h"
#include "connect/files/excludes.h"
#include "connect/files/files.h"
#include "text/glob.h"

namespace merlon::connect {
namespace {

using text::EntryKind;
using text::IgnoreVerdict;

constexpr std::size_t kMaxIgnoreFileBytes = std::size_t{1} << 20;
constexpr std::string_view kIgnoreFileNames[] = {".gitignore", ".merlonignore"};

std::string join(const std::string& folder, std::string_view name) {
    if (folder.empty()) return std::string(name);
    return folder.back() == '/' ? folder + std::string(name) : folder + '/' + std::string(name);
}

std::string absolute(const std::string& path) {
    const std::unique_ptr<char, decltype(&std::free)> resolved(::realpath(path.c_str(), nullptr),
                                                               &std::free);
    return resolved == nullptr ? std::string() : std::string(resolved.get());
}

// The ignore files of one folder, and those above it.
struct IgnoreScope {
    const IgnoreScope* outer = nullptr;
    std::string folder;  // display path of the folder
    text::IgnoreRules rules;

    bool ignores(std::string_view path, EntryKind kind) const {
        for (const IgnoreScope* scope = this; scope != nullptr; scope = scope->outer) {
            const std::size_t skip = scope->folder.empty() ? 0 : scope->folder.size() + 1;
            const IgnoreVerdict verdict = scope->rules.verdict(path.substr(skip), kind);
            if (verdict != IgnoreVerdict::kUndecided) return verdict == IgnoreVerdict::kIgnored;
        }
        return false;
    }
};

class Walker {
  public:
    Walker(const WalkOptions& options, const CancelToken& cancel)
        : options_(options), cancel_(cancel), excludes_(options.excludes) {}

    void argument(const std::string& argument, const std::string& display) {
        const auto status = file_status(argument, FollowLinks::kYes);
        if (!status.ok()) {
            add_gap(model::gap_cause(status.failure), argument, status.result.error().message);
            return;
        }
        const FileStatus& found = status.result.value();
        if (found.kind == FileKind::kDirectory) {
            visit_folder(argument, display, nullptr, found);
        } else if (found.kind == FileKind::kRegular) {
            add_file(argument, display.empty() ? argument : display, {}, found);
        } else {
            add_gap(model::GapCause::kNotRegularFile, argument,
                    "a FIFO, socket or device; give its content on standard input instead");
        }
    }

    WalkResult finish() {
        std::sort(result_.files.begin(), result_.files.end(),
                  [](const FileEntry& a, const FileEntry& b) { return a.path < b.path; });
        const auto same = [](const FileEntry& a, const FileEntry& b) {
            return a.path == b.path && a.system_path == b.system_path;
        };
        result_.files.erase(std::unique(result_.files.begin(), result_.files.end(), same),
                            result_.files.end());
        return std::move(result_);
    }

  private:
    void add_gap(model::GapCause cause, std::string path, std::string detail) {
        result_.gaps.push_back({cause, std::move(path), std::move(detail)});
    }

    void add_file(const std::string& system_path, const std::string& display,
                  const std::string& symlink, const FileStatus& status) {
        result_.files.push_back({display, system_path, symlink, status.size});
    }

    bool is_excluded(std::string_view display, EntryKind kind) const {
        return excludes_.leaves_out(display, kind);
    }

    void visit_folder(const std::string& system_path, const std::string& display,
                      const IgnoreScope* outer, const FileStatus& status) {
        // A folder inside itself, reached through links.
        const auto identity = std::pair{status.device, status.inode};
        if (!open_folders_.insert(identity).second) {
            add_gap(model::GapCause::kSymlinkLoop, display, "leads back to a folder around it");
            return;
        }
        std::vector<std::string> names;
        if (list(system_path, display, names)) {
            IgnoreScope scope{outer, display, {}};
            const IgnoreScope* rules = outer;
            if (options_.ignore_files == IgnoreFiles::kHonour &&
                read_ignore_files(system_path, scope)) {
                rules = &scope;
            }
            for (const std::string& name : names) {
                if (cancel_.cancelled()) break;
                visit_entry(join(system_path, name), join(display, name), rules);
            }
        }
        open_folders_.erase(identity);
    }

    bool list(const std::string& system_path, const std::string& display,
              std::vector<std::string>& names) {
        DIR* directory = ::opendir(system_path.c_str());
        if (directory == nullptr) {
            const int code = errno;
            add_gap(
                code == EACCES ? model::GapCause::kPermissionDenied : model::GapCause::kReadError,
                display.empty() ? system_path : display,
                std::string("cannot list the folder: ") + std::strerror(code));
            return false;
        }
        while (const dirent* entry = ::readdir(directory)) {
            const std::string_view name = entry->d_name;
            if (name != "." && name != ".." && name != ".git") names.emplace_back(name);
        }
        ::closedir(directory);
        std::sort(names.begin(), names.end());
        return true;
    }

    // Both files of a folder as one set of rules, .merlonignore last.
    bool read_ignore_files(const std::string& system_path, IgnoreScope& scope) {
        std::string text;
        for (const std::string_view name : kIgnoreFileNames) {
            const std::string path = join(system_path, name);
            if (::access(path.c_str(), F_OK) != 0) continue;
            Result<std::string> content = read_text_file(path, kMaxIgnoreFileBytes);
            if (content.ok()) {
                text += content.value() + '\n';
            } else {
                add_gap(model::GapCause::kInvalidInput, path, content.error().message);
            }
        }
        scope.rules = text::IgnoreRules::parse(text);
        return !scope.rules.empty();
    }

    void visit_entry(const std::string& system_path, const std::string& display,
                     const IgnoreScope* rules) {
        auto status = file_status(system_path, FollowLinks::kNo);
        std::string symlink;
        if (status.ok() && status.result.value().kind == FileKind::kSymlink) {
            if (options_.symlinks == SymlinkPolicy::kSkip) {
                ++result_.skipped;
                return;
            }
            symlink = display;
            status = file_status(system_path, FollowLinks::kYes);
            if (!status.ok() && status.failure == FileFailure::kNotFound) {
                add_gap(model::GapCause::kBrokenSymlink, display, "leads nowhere");
                return;
            }
        }
        if (!status.ok()) {
            add_gap(model::gap_cause(status.failure), display, status.result.error().message);
            return;
        }
        const FileStatus& found = status.result.value();
        const EntryKind kind =
            found.kind == FileKind::kDirectory ? EntryKind::kDirectory : EntryKind::kFile;
        if (is_excluded(display, kind) || (rules != nullptr && rules->ignores(display, kind))) {
            ++result_.skipped;
        } else if (found.kind == FileKind::kDirectory) {
            visit_folder(system_path, display, rules, found);
        } else if (found.kind == FileKind::kRegular) {
            add_file(system_path, display, symlink, found);
        } else {
            ++result_.skipped;  // a FIFO, socket or device that nobody asked for by name
        }
    }

    const WalkOptions& options_;
    const CancelToken& cancel_;
    Excludes excludes_;
    std::set<std::pair<std::uint64_t, std::uint64_t>> open_folders_;
    WalkResult result_;
};

// How an argument is shown: below the repository's root, else below the argument itself.
std::string display_of(const std::string& argument, std::size_t argument_count) {
    const std::string path = absolute(argument);
    if (path.empty()) return argument;
    const std::string root = repository_root(path);
    if (!root.empty()) return path == root ? "" : path.substr(root.size() + 1);
    const auto status = file_status(argument, FollowLinks::kYes);
    const bool is_folder = status.ok() && status.result.value().kind == FileKind::kDirectory;
    if (is_folder && argument_count == 1) return "";
    std::string shown = argument;
    while (shown.size() > 1 && shown.ends_with('/')) shown.pop_back();
    while (shown.starts_with("./")) shown.erase(0, 2);
    return shown == "." ? "" : shown;
}

}  // namespace

std::string repository_root(const std::string& path) {
    std::string folder = absolute(path);
    while (!folder.empty()) {
        if (::access((folder + "/.git").c_str(), F_OK) == 0) return folder;
        folder.erase(folder.find_last_of('/'));
    }
    return {};
}

WalkResult walk(std::span<const std::string> arguments, const WalkOptions& options,
                const CancelToken& cancel) {
    Walker walker(options, cancel);
    for (const std::string& argument : arguments) {
        walker.argument(argument, display_of(argument, arguments.size()));
    }
    return walker.finish();
}

}  // namespace merlon::connect
