#include "connect/git/repository.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <unordered_map>
#include <utility>

#include "base/file.h"
#include "connect/git/config_file.h"

namespace merlon::connect::git {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxListBytes = std::uint64_t{256} << 20;

Error at_path(std::string message, const std::string& path) {
    return Error{.message = std::move(message), .file = path};
}

bool is_folder(const std::string& path) {
    const FileResult<FileStatus> status = file_status(path, FollowLinks::kYes);
    return status.ok() && status.result.value().kind == FileKind::kDirectory;
}

bool is_file(const std::string& path) {
    const FileResult<FileStatus> status = file_status(path, FollowLinks::kYes);
    return status.ok() && status.result.value().kind == FileKind::kRegular;
}

std::string first_line(std::string text) {
    text.resize(std::min(text.find('\n'), text.size()));
    while (!text.empty() && (text.back() == '\r' || text.back() == ' ')) text.pop_back();
    return text;
}

std::string below(const std::string& folder, const std::string& path) {
    const fs::path joined = path.starts_with('/') ? fs::path(path) : fs::path(folder) / path;
    std::string normal = joined.lexically_normal().string();
    if (normal.size() > 1 && normal.back() == '/') normal.pop_back();
    return normal;
}

// The folder that a worktree shares with others ("commondir"), else itself.
std::string common_of(const std::string& git_folder) {
    Result<std::string> text = read_text_file(git_folder + "/commondir", 1 << 16);
    return text.ok() ? below(git_folder, first_line(std::move(text).value())) : git_folder;
}

// What git takes for a repository: a HEAD, and (shared) objects and refs.
bool is_git_folder(const std::string& folder) {
    if (!is_file(folder + "/HEAD")) return false;
    const std::string common = common_of(folder);
    return is_folder(common + "/objects") && is_folder(common + "/refs");
}

struct Found {
    std::string git_folder;
    std::string work_tree;  // empty: `path` was the git folder itself
    std::string link;       // the file ".git" that led there, if one did
};

// "gitdir: PATH" (gitrepository-layout, the file .git of worktrees and submodules).
Result<Found> follow_link(const std::string& link) {
    const std::string text = MERLON_TRY(read_text_file(link, 1 << 16));
    constexpr std::string_view kKeyword = "gitdir: ";
    if (!text.starts_with(kKeyword)) {
        return at_path("is no repository and does not say 'gitdir: PATH'", link);
    }
    const std::string folder = fs::path(link).parent_path().string();
    const std::string target = below(folder, first_line(text.substr(kKeyword.size())));
    if (!is_git_folder(target)) {
        return at_path("names the repository '" + target + "', which is none; was it moved?", link);
    }
    return Found{target, folder, link};
}

// From `path` upwards, as git does.
Result<Found> discover(const std::string& path) {
    std::error_code code;
    const fs::path start = fs::absolute(path, code);
    if (code) return at_path("cannot be looked up: " + code.message(), path);
    std::string folder = start.lexically_normal().string();
    while (folder.size() > 1 && folder.back() == '/') folder.pop_back();
    if (is_file(folder)) return follow_link(folder);
    if (!is_folder(folder)) return at_path("is not there, or is no folder", path);
    while (true) {
        const std::string inner = folder == "/" ? "/.git" : folder + "/.git";
        if (is_file(inner)) return follow_link(inner);
        if (is_git_folder(inner)) return Found{inner, folder, ""};
        if (is_git_folder(folder)) {
            const bool named_git = fs::path(folder).filename() == ".git";
            return Found{folder, named_git ? fs::path(folder).parent_path().string() : "", ""};
        }
        if (folder == "/" || folder.empty()) break;
        folder = fs::path(folder).parent_path().string();
    }
    return at_path("is in no Git repository (neither it nor a folder above has a .git)", path);
}

// Where variables say it is. A work tree is none where config says that the repository is bare.
Result<Found> named(const OpenOptions& options) {
    if (is_file(options.git_folder)) return follow_link(options.git_folder);
    if (!is_git_folder(options.git_folder)) {
        return at_path("is named by GIT_DIR and is no repository", options.git_folder);
    }
    return Found{options.git_folder, options.work_tree, ""};
}

Status check_owner(const std::string& path, std::optional<std::uint32_t> trusted_user) {
    const FileResult<FileStatus> status = file_status(path, FollowLinks::kYes);
    if (!status.ok()) return status.result.error();
    const std::uint32_t owner = status.result.value().owner;
    if (owner == effective_user() || owner == trusted_user) return {};
    return at_path("belongs to another user (number " + std::to_string(owner) +
                       "); take it over with chown, or say that you trust it with "
                       "--trust-repository or git's safe.directory",
                   path);
}

Status check_owners(const Found& found, const OpenOptions& options) {
    const auto is_owned = [&]() -> Status {
        MERLON_TRY(check_owner(found.git_folder, options.trusted_user));
        if (!found.work_tree.empty())
            MERLON_TRY(check_owner(found.work_tree, options.trusted_user));
        if (!found.link.empty()) MERLON_TRY(check_owner(found.link, options.trusted_user));
        return {};
    };
    Status owned = is_owned();
    const std::string& folder = found.work_tree.empty() ? found.git_folder : found.work_tree;
    if (!owned.ok() && options.is_safe && options.is_safe(folder)) return {};
    return owned;
}

}  // namespace

Repository::Repository() = default;
Repository::Repository(Repository&&) noexcept = default;
Repository& Repository::operator=(Repository&&) noexcept = default;
Repository::~Repository() = default;

Status Repository::read_format(std::optional<bool>& bare, ReferencePlaces& places) {
    const std::string path = common_folder_ + "/config";
    if (!is_file(path)) return {};  // git takes its defaults then
    const std::string text = MERLON_TRY(read_text_file(path, 1 << 24));
    Result<ConfigFile> parsed = ConfigFile::parse(text);
    if (!parsed.ok()) {
        return std::move(parsed).error().at(path, parsed.error().line, 0);
    }
    const ConfigFile& config = parsed.value();
    if (config.find("core.bare").has_value()) bare = config.is_true("core.bare");
    if (const auto tree = config.find("core.worktree"); tree.has_value() && !tree->empty()) {
        work_tree_ = below(git_folder_, *tree);
    }
    const std::string version = config.find("core.repositoryformatversion").value_or("0");
    if (version != "0" && version != "1") {
        return at_path("core.repositoryFormatVersion is '" + version +
                           "', and 0 and 1 can be read; a newer Merlon may know it",
                       path);
    }
    for (const ConfigFile::Entry& entry : config.entries()) {
        const std::string_view key = entry.key;
        if (key.starts_with("remote.") && key.ends_with(".promisor")) partial_clone_ = true;
        if (!key.starts_with("extensions.")) continue;
        const std::string_view extension = key.substr(std::string_view("extensions.").size());
        if (extension == "objectformat") {
            if (entry.value == "sha256") {
                places.algorithm = HashAlgorithm::kSha256;
            } else if (entry.value != "sha1") {
                return at_path("extensions.objectFormat is '" + entry.value +
                                   "', and sha1 and sha256 can be read",
                               path);
            }
        } else if (extension == "refstorage") {
            if (entry.value == "reftable") {
                places.storage = ReferencePlaces::Storage::kReftable;
            } else if (entry.value != "files") {
                return at_path("extensions.refStorage is '" + entry.value +
                                   "', and files and reftable can be read",
                               path);
            }
        } else if (extension == "partialclone") {
            partial_clone_ = true;
        } else if (version == "1" && extension != "noop" && extension != "noop-v1" &&
                   extension != "preciousobjects" && extension != "worktreeconfig" &&
                   extension != "relativeworktrees") {
            return at_path("has the extension '" + std::string(extension) +
                               "', which this version of Merlon does not know; what it means for "
                               "the repository's format cannot be guessed",
                           path);
        }
    }
    return {};
}

Result<Repository> Repository::open(const std::string& path, const OpenOptions& options) {
    const Found found = MERLON_TRY(options.git_folder.empty() ? discover(path) : named(options));
    if (options.ownership == OpenOptions::Ownership::kCheck) {
        MERLON_TRY(check_owners(found, options));
    }
    Repository repository;
    repository.git_folder_ = found.git_folder;
    repository.common_folder_ = common_of(found.git_folder);
    repository.work_tree_ = found.work_tree;
    ReferencePlaces places{.git_folder = repository.git_folder_,
                           .common_folder = repository.common_folder_};
    std::optional<bool> bare;
    MERLON_TRY(repository.read_format(bare, places));
    const bool linked = repository.git_folder_ != repository.common_folder_;
    if (bare.value_or(false) && !linked) repository.work_tree_.clear();
    // References before objects: what they lead to is there by then, whatever is written meanwhile.
    repository.references_ = References::read(places);
    repository.objects_ = MERLON_TRY(ObjectDatabase::open(repository.common_folder_ + "/objects",
                                                          places.algorithm, options.database));
    if (repository.partial_clone_) repository.objects_->set_partial_clone();
    repository.partial_clone_ |= repository.objects_->has_promisor_pack();
    using Replacements = OpenOptions::Replacements;
    repository.hides_parents_ = options.replacements != Replacements::kDisregard;
    if (options.replacements == Replacements::kHonour) {
        std::unordered_map<ObjectId, ObjectId> replacements;
        for (const Reference& reference : repository.references_.all()) {
            if (!reference.name.starts_with(options.replace_base)) continue;
            const auto from = ObjectId::parse(reference.name.substr(options.replace_base.size()));
            if (from.has_value()) replacements.emplace(*from, reference.id);
        }
        repository.replacement_count_ = replacements.size();
        repository.objects_->set_replacements(std::move(replacements));
    }
    if (options.replacements != Replacements::kDisregard) {
        repository.read_grafts(
            options.graft_file.value_or(repository.common_folder_ + "/info/grafts"));
    }
    repository.read_shallow(options.shallow_file.value_or(repository.common_folder_ + "/shallow"));
    return repository;
}

void Repository::read_shallow(const std::string& path) {
    if (!is_file(path)) return;
    const Result<std::string> text = read_text_file(path, kMaxListBytes);
    if (!text.ok()) {
        gaps_.push_back({model::GapCause::kReadError, path, text.error().message});
        return;
    }
    std::string_view rest = text.value();
    while (!rest.empty()) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        if (line.empty()) continue;
        const auto id = ObjectId::parse(line);
        if (id.has_value()) {
            shallow_.push_back(*id);
        } else {
            gaps_.push_back({model::GapCause::kCorruptObject, path, "holds a line that is no id"});
        }
    }
    std::ranges::sort(shallow_);
}

// The old way to give a commit other parents: "<commit> <parent>…" a line.
void Repository::read_grafts(const std::string& path) {
    if (!is_file(path)) return;
    const Result<std::string> text = read_text_file(path, kMaxListBytes);
    if (!text.ok()) {
        gaps_.push_back({model::GapCause::kReadError, path, text.error().message});
        return;
    }
    std::string_view rest = text.value();
    while (!rest.empty()) {
        std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        if (line.empty() || line.front() == '#') continue;
        std::vector<ObjectId> ids;
        bool sound = true;
        while (!line.empty() && sound) {
            const std::string_view word = line.substr(0, line.find(' '));
            line.remove_prefix(std::min(word.size() + 1, line.size()));
            const auto id = ObjectId::parse(word);
            sound = id.has_value();
            if (sound) ids.push_back(*id);
        }
        if (!sound || ids.empty()) {
            gaps_.push_back({model::GapCause::kCorruptObject, path, "holds a line of no ids"});
            continue;
        }
        Graft graft{ids.front(), {ids.begin() + 1, ids.end()}};
        grafts_.push_back(std::move(graft));
    }
    std::ranges::stable_sort(grafts_, {}, &Graft::commit);
}

std::vector<model::Gap> Repository::gaps() const {
    std::vector<model::Gap> all = objects_->gaps();
    all.insert(all.end(), references_.gaps().begin(), references_.gaps().end());
    all.insert(all.end(), gaps_.begin(), gaps_.end());
    return all;
}

}  // namespace merlon::connect::git
