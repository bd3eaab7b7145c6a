#include "connect/git/work_tree_diff.h"

#include <filesystem>
#include <set>
#include <string>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "connect/git/clean_content.h"
#include "connect/git/config_file.h"

namespace merlon::connect::git {
namespace {

namespace fs = std::filesystem;

// What git takes for a big file and never compares by lines (core.bigFileThreshold).
constexpr std::uint64_t kMaxFileBytes = std::uint64_t{512} << 20;

std::uint32_t low_word(std::uint64_t value) { return static_cast<std::uint32_t>(value); }

class WorkTreeWalk {
  public:
    WorkTreeWalk(const Repository& repository, const Attributes& attributes, const IndexView& index,
                 std::string_view scope, WorkTreeObjects& objects)
        : repository_(repository),
          attributes_(attributes),
          index_(index),
          scope_(scope),
          objects_(objects) {
        const Result<std::string> text =
            read_text_file(repository.common_folder() + "/config", 1 << 24);
        if (!text.ok()) return;
        const Result<ConfigFile> config = ConfigFile::parse(text.value());
        if (!config.ok()) return;  // told of when the repository was opened
        auto_crlf_ = auto_crlf_of(config.value());
        const auto set_off = [&](std::string_view key) {
            return config.value().find(key).has_value() && !config.value().is_true(key);
        };
        trusts_mode_ = !set_off("core.filemode");
        has_symlinks_ = !set_off("core.symlinks");
    }

    Result<IndexDiff> run() {
        IndexCursor cursor = index_.entries();
        bool there = cursor.next();
        while (there) {
            const std::string path(cursor.path());
            if (!path.starts_with(scope_)) {
                there = cursor.next();
                continue;
            }
            if (!cursor.is_path_whole()) return Error{"a name has a zero in it", cursor.offset()};
            if (cursor.stage() != 0) {
                result_.unmerged.push_back(path);
                while (there && cursor.path() == path) there = cursor.next();
                continue;
            }
            look_at(path, cursor);
            there = cursor.next();
        }
        if (cursor.error()) return *cursor.error();
        return std::move(result_);
    }

  private:
    void problem(const std::string& path, const Error& error, DiffProblemKind kind,
                 ObjectFailure failure = ObjectFailure::kReadError) {
        result_.diff.problems.push_back({kind, failure, {}, path, error.message});
    }

    void look_at(const std::string& path, const IndexCursor& entry) {
        if (entry.assume_unchanged() || entry.skip_work_tree()) return;
        const FileMode mode = mode_of_index(entry.mode());
        if (mode == FileMode::kTree) return;  // a sparse folder: none of it is checked out
        const FileVersion before =
            entry.intent_to_add() ? FileVersion{} : FileVersion{mode, entry.id()};
        const std::string place = repository_.work_tree() + '/' + path;
        const FileResult<FileStatus> found = file_status(place, FollowLinks::kNo);
        const bool is_gone = found.failure == FileFailure::kNotFound || is_behind_link(path);
        if (!is_gone && !found.ok()) {
            return problem(path, found.result.error(), DiffProblemKind::kUnreadable);
        }
        if (is_gone) return deleted(path, before);
        const FileStatus& status = found.result.value();
        if (mode == FileMode::kSubmodule && status.kind == FileKind::kDirectory) {
            return submodule(path, place, before);
        }
        if (status.kind == FileKind::kDirectory || status.kind == FileKind::kOther) {
            return deleted(path, before);
        }
        const FileMode now = mode_of(status, mode);
        if (!entry.intent_to_add() && now == mode && is_as_noted(entry, status)) return;
        compare(path, place, before, now, entry.id());
    }

    void deleted(const std::string& path, const FileVersion& before) {
        if (!before.exists()) return;
        result_.diff.changes.push_back({ChangeKind::kDeleted, path, {}, before, {}, 0});
    }

    // A folder on the way that is a link now: git takes the file for gone.
    bool is_behind_link(const std::string& path) {
        for (std::size_t slash = path.find('/'); slash != std::string::npos;
             slash = path.find('/', slash + 1)) {
            const std::string folder = path.substr(0, slash);
            if (folders_.contains(folder)) continue;
            const auto status =
                file_status(repository_.work_tree() + '/' + folder, FollowLinks::kNo);
            if (!status.ok() || status.result.value().kind != FileKind::kDirectory) return true;
            folders_.insert(folder);
        }
        return false;
    }

    FileMode mode_of(const FileStatus& status, FileMode noted) const {
        if (status.kind == FileKind::kSymlink) return FileMode::kSymlink;
        if (!has_symlinks_ && noted == FileMode::kSymlink) return noted;
        if (!trusts_mode_ && is_regular(noted)) return noted;
        return status.is_executable && trusts_mode_ ? FileMode::kExecutable : FileMode::kRegular;
    }

    bool is_as_noted(const IndexCursor& entry, const FileStatus& status) const {
        const IndexStat noted = entry.stat();
        const bool same = noted.size == low_word(status.size) && noted.size != 0 &&
                          noted.modified_ns == status.modified_ns &&
                          noted.changed_ns == status.changed_ns &&
                          noted.inode == low_word(status.inode) && noted.user == status.owner &&
                          noted.group == status.group;
        // Written in the same moment as the index, or after it: it may have changed since.
        return same && noted.modified_ns < index_.modified_ns();
    }

    void submodule(const std::string& path, const std::string& place, const FileVersion& before) {
        // Not checked out: as in git, nothing has changed.
        if (!file_status(place + "/.git", FollowLinks::kYes).ok()) return;
        const Result<Repository> inner = Repository::open(place);
        if (!inner.ok()) return problem(path, inner.error(), DiffProblemKind::kUnreadable);
        const auto head = inner.value().references().find("HEAD");
        if (!head || head->id == before.id) return;
        result_.diff.changes.push_back(
            {ChangeKind::kModified, path, {}, before, {FileMode::kSubmodule, head->id}, 0});
    }

    void compare(const std::string& path, const std::string& place, const FileVersion& before,
                 FileMode now, const ObjectId& staged_id) {
        Result<FileBytes> content = now == FileMode::kSymlink && has_symlinks_
                                        ? link_target(place)
                                        : stored_content(path, place, staged_id);
        if (!content.ok()) return problem(path, content.error(), DiffProblemKind::kUnreadable);
        const ObjectId id = objects_.put(std::move(content).value());
        const FileVersion after{now, id};
        if (before == after) return;
        const bool same_type = before.mode == now || (is_regular(before.mode) && is_regular(now));
        const ChangeKind kind = !before.exists() ? ChangeKind::kAdded
                                : same_type      ? ChangeKind::kModified
                                                 : ChangeKind::kTypeChanged;
        result_.diff.changes.push_back({kind, path, {}, before, after, 0});
    }

    static Result<FileBytes> link_target(const std::string& place) {
        std::error_code code;
        const fs::path target = fs::read_symlink(place, code);
        if (code) return Error{"the link cannot be read: " + code.message()};
        return padded_copy(target.string());
    }

    Result<FileBytes> stored_content(const std::string& path, const std::string& place,
                                     const ObjectId& staged_id) const {
        const CleanRules rules = clean_rules(attributes_, path, auto_crlf_);
        if (!rules.obstacle.empty()) return Error{rules.obstacle};
        FileResult<FileBytes> read = read_file(place, kMaxFileBytes);
        if (!read.ok()) return std::move(read).result;
        if (rules.line_ends == CleanRules::LineEnds::kKeep && !rules.expands_id) {
            return std::move(read).result;
        }
        Object staged;
        if (ObjectResult<Object> object = objects_.read(staged_id); object.ok()) {
            staged = std::move(object).value();
        }
        const auto converted = cleaned(rules, read.result.value().bytes, staged.bytes());
        return converted ? padded_copy(*converted) : std::move(read).result.value();
    }

    const Repository& repository_;
    const Attributes& attributes_;
    const IndexView& index_;
    std::string_view scope_;
    WorkTreeObjects& objects_;
    AutoCrlf auto_crlf_ = AutoCrlf::kOff;
    bool trusts_mode_ = true;
    bool has_symlinks_ = true;
    std::set<std::string, std::less<>> folders_;  // that are no links
    IndexDiff result_;
};

}  // namespace

ObjectId WorkTreeObjects::put(FileBytes content) {
    const ObjectId id = hash_object(stored_.algorithm(), ObjectType::kBlob, content.bytes);
    contents_.emplace(id, std::move(content));
    return id;
}

ObjectResult<Object> WorkTreeObjects::read(const ObjectId& id) const {
    const auto found = contents_.find(id);
    if (found == contents_.end()) return stored_.read(id);
    return Object{ObjectType::kBlob, found->second};
}

ObjectResult<std::uint64_t> WorkTreeObjects::size(const ObjectId& id) const {
    const auto found = contents_.find(id);
    if (found == contents_.end()) return stored_.size(id);
    return std::uint64_t{found->second.bytes.size()};
}

Result<IndexDiff> diff_work_tree(const Repository& repository, const Attributes& attributes,
                                 const IndexView& index, std::string_view folder,
                                 WorkTreeObjects& objects) {
    return WorkTreeWalk(repository, attributes, index, folder, objects).run();
}

}  // namespace merlon::connect::git
