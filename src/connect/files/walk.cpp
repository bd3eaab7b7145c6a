#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <set>
#include <unordered_set>

#include "base/file.h"
#include "connect/files/excludes.h"
#include "connect/files/files.h"
#include "text/glob.h"

namespace merlon::connect {
namespace {

using text::EntryKind;
using text::IgnoreVerdict;

constexpr std::size_t kMaxIgnoreFileBytes = std::size_t{1} << 20;
constexpr std::string_view kGitIgnoreFile = ".gitignore";
constexpr std::string_view kOwnIgnoreFile = ".merlonignore";

std::string join(const std::string& folder, std::string_view name) {
    if (folder.empty()) return std::string(name);
    return folder.back() == '/' ? folder + std::string(name) : folder + '/' + std::string(name);
}

std::string absolute(const std::string& path) {
    const std::unique_ptr<char, decltype(&std::free)> resolved(::realpath(path.c_str(), nullptr),
                                                               &std::free);
    return resolved == nullptr ? std::string() : std::string(resolved.get());
}

enum class LeftOutBy : std::uint8_t { kNobody, kGitIgnore, kOwnIgnore };

// The ignore files of one folder, and those above it.
struct IgnoreScope {
    const IgnoreScope* outer = nullptr;
    std::string folder;  // display path of the folder
    text::IgnoreRules git;
    text::IgnoreRules own;  // these come last, and so decide first

    LeftOutBy leaves_out(std::string_view path, EntryKind kind) const {
        for (const IgnoreScope* scope = this; scope != nullptr; scope = scope->outer) {
            const std::string_view below =
                path.substr(scope->folder.empty() ? 0 : scope->folder.size() + 1);
            for (const auto by : {LeftOutBy::kOwnIgnore, LeftOutBy::kGitIgnore}) {
                const auto& rules = by == LeftOutBy::kOwnIgnore ? scope->own : scope->git;
                const IgnoreVerdict verdict = rules.verdict(below, kind);
                if (verdict == IgnoreVerdict::kIgnored) return by;
                if (verdict != IgnoreVerdict::kUndecided) return LeftOutBy::kNobody;
            }
        }
        return LeftOutBy::kNobody;
    }
};

// The working tree of a repository that the walk is in.
struct WorkTree {
    std::string root;     // to open it
    std::string display;  // its path as shown, which is the start of those of its files
};

// What holds for the entries of a folder.
struct Surroundings {
    const IgnoreScope* rules = nullptr;
    const WorkTree* work_tree = nullptr;
    bool is_ignored = false;  // the folder is, so that of its entries only what is tracked counts
};

class Walker {
  public:
    Walker(const WalkOptions& options, std::size_t arguments, const CancelToken& cancel)
        : options_(options),
          cancel_(cancel),
          excludes_(options.excludes),
          may_overlap_(arguments > 1) {}

    void argument(const std::string& argument, const std::string& display) {
        const auto status = file_status(argument, FollowLinks::kYes);
        if (!status.ok()) {
            add_gap(model::gap_cause(status.failure), argument, status.result.error().message);
            return;
        }
        const FileStatus& found = status.result.value();
        // Without the slash at the end, so that what follows begins with one.
        given_ = argument.substr(0, argument.find_last_not_of('/') + 1);
        resolved_ = absolute(argument);
        const bool is_there = !resolved_.empty();
        if (resolved_ == "/") resolved_.clear();
        if (!is_there) {
            // The current folder, which somebody has removed: it can still be listed, and is empty.
            add_gap(model::GapCause::kReadError, argument, "has been removed");
        } else if (found.kind == FileKind::kDirectory) {
            const WorkTree around{repository_root(argument), ""};
            visit_folder(argument, display, {.work_tree = around.root.empty() ? nullptr : &around},
                         found);
        } else if (found.kind == FileKind::kRegular) {
            add_file(argument, display.empty() ? argument : display, {}, found.size);
        } else {
            add_gap(model::GapCause::kNotRegularFile, argument,
                    "a FIFO, socket or device; give its content on standard input instead");
        }
    }

    WalkResult finish() {
        // Folders were visited in the order of names, which is that of paths but for "a/" and "a-".
        if (!std::ranges::is_sorted(result_.files, {}, &FileEntry::path))
            std::ranges::sort(result_.files, {}, &FileEntry::path);
        return std::move(result_);
    }

  private:
    void add_gap(model::GapCause cause, std::string path, std::string detail) {
        result_.gaps.push_back({cause, std::move(path), std::move(detail)});
    }

    void add_file(std::string system_path, std::string display, std::string symlink,
                  std::uint64_t size) {
        // What the first of two arguments shows counts, in whatever words they say the same.
        if (may_overlap_ && !known_.insert(resolved_ + system_path.substr(given_.size())).second) {
            return;
        }
        result_.files.push_back(
            {std::move(display), std::move(system_path), std::move(symlink), size});
    }

    bool is_excluded(std::string_view display, EntryKind kind) const {
        return excludes_.leaves_out(display, kind);
    }

    void visit_folder(const std::string& system_path, const std::string& display,
                      Surroundings around, const FileStatus& status) {
        // A folder inside itself, reached through links.
        const auto identity = std::pair{status.device, status.inode};
        if (!open_folders_.insert(identity).second) {
            add_gap(model::GapCause::kSymlinkLoop, display, "leads back to a folder around it");
            return;
        }
        Listing listing;
        if (list(system_path, display, listing)) {
            IgnoreScope scope{around.rules, display, {}, {}};
            const WorkTree below{system_path, display};
            if (options_.ignore_files == IgnoreFiles::kHonour) {
                if (listing.is_work_tree) around.work_tree = &below;
                if (read_ignore_files(system_path, scope)) around.rules = &scope;
            }
            for (const auto& [name, type] : listing.entries) {
                if (cancel_.cancelled()) break;
                visit_entry(join(system_path, name), join(display, name), type, around);
            }
        }
        open_folders_.erase(identity);
    }

    struct Listing {
        std::vector<std::pair<std::string, unsigned char>> entries;  // sorted; with d_type
        bool is_work_tree = false;                                   // a `.git` stands there
    };

    bool list(const std::string& system_path, const std::string& display, Listing& listing) {
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
            if (name == ".git") {
                listing.is_work_tree = true;
            } else if (name != "." && name != "..") {
                listing.entries.emplace_back(name, entry->d_type);
            }
        }
        ::closedir(directory);
        std::ranges::sort(listing.entries);
        return true;
    }

    // False where the folder has none.
    bool read_ignore_files(const std::string& system_path, IgnoreScope& scope) {
        scope.git = read_ignore_file(join(system_path, kGitIgnoreFile));
        scope.own = read_ignore_file(join(system_path, kOwnIgnoreFile));
        return !scope.git.empty() || !scope.own.empty();
    }

    text::IgnoreRules read_ignore_file(const std::string& path) {
        if (::access(path.c_str(), F_OK) != 0) return {};
        const Result<std::string> content = read_text_file(path, kMaxIgnoreFileBytes);
        if (content.ok()) return text::IgnoreRules::parse(content.value());
        add_gap(model::GapCause::kInvalidInput, path, content.error().message);
        return {};
    }

    bool is_tracked(const WorkTree* work_tree, std::string_view display, EntryKind kind) {
        if (work_tree == nullptr || !options_.is_tracked) return false;
        if (!work_tree->display.empty()) display.remove_prefix(work_tree->display.size() + 1);
        Result<bool> tracked = options_.is_tracked(work_tree->root, display, kind);
        if (tracked.ok()) return tracked.value();
        if (unread_work_trees_.insert(work_tree->root).second) {
            add_gap(model::GapCause::kInvalidInput, join(work_tree->root, ".git"),
                    "cannot tell which of the files that .gitignore names are tracked: " +
                        tracked.error().to_string() + "; --no-ignore reads all of them");
        }
        return false;
    }

    // Whether an entry is left out on purpose; what is tracked below an ignored folder makes that
    // one worth a visit.
    bool is_left_out(std::string_view display, EntryKind kind, Surroundings& around) {
        if (is_excluded(display, kind)) return true;
        const LeftOutBy by =
            around.rules == nullptr ? LeftOutBy::kNobody : around.rules->leaves_out(display, kind);
        if (by == LeftOutBy::kOwnIgnore) return true;
        if (by == LeftOutBy::kNobody && !around.is_ignored) return false;
        around.is_ignored = true;
        return !is_tracked(around.work_tree, display, kind);
    }

    void visit_entry(std::string system_path, std::string display, unsigned char type,
                     Surroundings around) {
        // What the listing says of most entries is enough, and asking about each is what a walk
        // costs.
        if (type == DT_REG && options_.sizes == FileSizes::kLater) {
            if (is_left_out(display, EntryKind::kFile, around)) {
                ++result_.skipped;
            } else {
                add_file(std::move(system_path), std::move(display), {}, kSizeLater);
            }
            return;
        }
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
        if (is_left_out(display, kind, around)) {
            ++result_.skipped;
        } else if (found.kind == FileKind::kDirectory) {
            visit_folder(system_path, display, around, found);
        } else if (found.kind == FileKind::kRegular) {
            add_file(std::move(system_path), std::move(display), std::move(symlink), found.size);
        } else {
            ++result_.skipped;  // a FIFO, socket or device that nobody asked for by name
        }
    }

    const WalkOptions& options_;
    const CancelToken& cancel_;
    Excludes excludes_;
    std::set<std::pair<std::uint64_t, std::uint64_t>> open_folders_;
    std::set<std::string> unread_work_trees_;
    const bool may_overlap_;
    std::string given_;                      // the argument
    std::string resolved_;                   // and where it leads
    std::unordered_set<std::string> known_;  // files by their path from the root, where they may
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
    Walker walker(options, arguments.size(), cancel);
    for (const std::string& argument : arguments) {
        walker.argument(argument, display_of(argument, arguments.size()));
    }
    return walker.finish();
}

}  // namespace merlon::connect
