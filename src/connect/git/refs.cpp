#include "connect/git/refs.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "connect/git/reftable.h"
#include "connect/git/worktrees.h"

namespace merlon::connect::git {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxLooseBytes = std::uint64_t{1} << 16;
constexpr std::uint64_t kMaxPackedBytes = std::uint64_t{1} << 30;
constexpr unsigned kMaxSymbolicDepth = 5;  // as in git
constexpr std::size_t kMaxFolderDepth = 128;
constexpr unsigned kMaxAttempts = 100;  // while another process moves references

std::string_view take_line(std::string_view& text) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return line;
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.back() == ' ' || (text.back() >= '\t' && text.back() <= '\r'))) {
        text.remove_suffix(1);
    }
    while (!text.empty() &&
           (text.front() == ' ' || (text.front() >= '\t' && text.front() <= '\r'))) {
        text.remove_prefix(1);
    }
    return text;
}

// Names that belong to one worktree (gitrepository-layout, "refs"; git-worktree, "REFS").
bool is_of_worktree(std::string_view name) {
    return !name.starts_with("refs/") || name.starts_with("refs/bisect/") ||
           name.starts_with("refs/worktree/") || name.starts_with("refs/rewritten/");
}

struct Raw {
    std::optional<ObjectId> id;
    std::string target;
    std::optional<ObjectId> peeled;
};

// "ref: refs/heads/main" or an id.
std::optional<Raw> parse_loose(std::string_view text, HashAlgorithm algorithm) {
    Raw raw;
    if (text.starts_with("ref:")) {
        raw.target = trimmed(text.substr(4));
        if (raw.target.empty()) return std::nullopt;
        return raw;
    }
    const std::size_t digits = 2 * hash_bytes_of(algorithm);
    raw.id = ObjectId::parse(text.substr(0, digits));
    if (!raw.id.has_value()) return std::nullopt;
    if (text.size() > digits && text[digits] != '\n' && text[digits] != ' ' &&
        text[digits] != '\t' && text[digits] != '\r') {
        return std::nullopt;
    }
    return raw;
}

std::vector<fs::directory_entry> entries_of(const std::string& folder) {
    std::vector<fs::directory_entry> entries;
    std::error_code code;
    for (fs::directory_iterator at(folder, code), end; !code && at != end; at.increment(code)) {
        entries.push_back(*at);
    }
    std::ranges::sort(entries, {}, [](const fs::directory_entry& e) { return e.path(); });
    return entries;
}

}  // namespace

bool is_reference_name(std::string_view name) {
    if (name.empty() || name == "@" || name.back() == '/' || name.back() == '.') return false;
    std::size_t begin = 0;
    while (begin <= name.size()) {
        const std::size_t end = std::min(name.find('/', begin), name.size());
        const std::string_view part = name.substr(begin, end - begin);
        if (part.empty() || part.front() == '.' || part.ends_with(".lock")) return false;
        begin = end + 1;
    }
    if (name.find("..") != std::string_view::npos || name.find("@{") != std::string_view::npos) {
        return false;
    }
    return std::ranges::none_of(name, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 || byte == 0x7F ||
               std::string_view(" ~^:?*[\\").find(c) != std::string_view::npos;
    });
}

// As git reads it: it refuses a file with a line that is none of these, blank ones among them. A
// line is no reason to lose the others, but it may stand for references that are lost.
PackedReferences parse_packed_references(std::string_view text, HashAlgorithm algorithm) {
    constexpr std::string_view kHeader = "# pack-refs with:";
    PackedReferences packed;
    const std::size_t digits = 2 * hash_bytes_of(algorithm);
    const bool is_cut = !text.empty() && text.back() != '\n';
    enum class Before : std::uint8_t { kOther, kReference, kBrokenName } before = Before::kOther;
    std::size_t number = 0;
    while (!text.empty()) {
        const std::string_view line = take_line(text);
        ++number;
        if (number == 1 && line.starts_with(kHeader)) continue;
        const auto problem = [&](std::string what) {
            packed.problems.push_back("line " + std::to_string(number) + ": " + std::move(what));
        };
        if (line.starts_with('^')) {
            const Before what = std::exchange(before, Before::kOther);
            const auto peeled = ObjectId::parse(line.substr(1));
            if (!peeled.has_value() || what == Before::kOther) {
                problem("a peeled id that is none, or that stands behind no reference");
            } else if (what == Before::kReference) {
                packed.references.back().peeled = peeled;
            }
            continue;
        }
        before = Before::kOther;
        const auto id = ObjectId::parse(line.substr(0, digits));
        if (!id.has_value() || id->algorithm() != algorithm || line.size() <= digits + 1 ||
            (line[digits] != ' ' && line[digits] != '\t')) {
            problem(std::string(line.empty() ? "is blank" : "is not an id and a name") +
                    ", and git refuses a file with such a line; a reference may be lost here "
                    "('git pack-refs --all' writes the file anew once the line is gone)");
            continue;
        }
        std::string name(line.substr(digits + 1));
        if (!is_reference_name(name)) {
            before = Before::kBrokenName;
            problem("'" + name + "' is no name of a reference");
            continue;
        }
        before = Before::kReference;
        packed.references.push_back({std::move(name), *id, "", std::nullopt});
    }
    if (is_cut) {
        packed.problems.push_back("line " + std::to_string(number) +
                                  ": has no line end, so references behind it may be lost");
    }
    return packed;
}

std::vector<ReflogEntry> parse_reflog(std::string_view text, HashAlgorithm algorithm,
                                      std::vector<std::string>& problems) {
    std::vector<ReflogEntry> entries;
    const std::size_t digits = 2 * hash_bytes_of(algorithm);
    std::size_t number = 0;
    while (!text.empty()) {
        const std::string_view line = take_line(text);
        ++number;
        if (line.empty()) continue;
        std::optional<ObjectId> before;
        std::optional<ObjectId> after;
        if (line.size() > 2 * digits + 2 && line[digits] == ' ' && line[2 * digits + 1] == ' ') {
            before = ObjectId::parse(line.substr(0, digits));
            after = ObjectId::parse(line.substr(digits + 1, digits));
        }
        if (!before.has_value() || !after.has_value()) {
            problems.push_back("line " + std::to_string(number) + " is no entry of a reflog");
            continue;
        }
        const std::string_view rest = line.substr(2 * digits + 2);
        const std::size_t tab = rest.find('\t');
        entries.push_back(
            {*before, *after, std::string(rest.substr(0, tab)),
             tab == std::string_view::npos ? std::string() : std::string(rest.substr(tab + 1))});
    }
    return entries;
}

class ReferenceReader {
  public:
    explicit ReferenceReader(References& references)
        : references_(references), places_(references.places_) {}

    // A reference may move from its own file to packed-refs, or from one table to another, while it
    // is looked for: then it is in neither, unless all is read again.
    void read() {
        for (unsigned attempt = 0; attempt < kMaxAttempts; ++attempt) {
            const std::vector<FileStatus> before = shared_files();
            raws_.clear();
            references_.gaps_.clear();
            references_.stored_logs_.clear();
            read_names();
            if (std::ranges::equal(before, shared_files(), [](const auto& a, const auto& b) {
                    return a.same_content(b);
                })) {
                break;
            }
        }
        resolve_all();
        read_other_heads();
    }

  private:
    // What is replaced where references move.
    std::vector<FileStatus> shared_files() const {
        const bool has_tables = places_.storage == ReferencePlaces::Storage::kReftable;
        const std::string_view name = has_tables ? "/reftable/tables.list" : "/packed-refs";
        std::vector<FileStatus> files;
        for (const std::string* folder : {&places_.common_folder, &places_.git_folder}) {
            FileResult<FileStatus> status =
                file_status(std::string(*folder).append(name), FollowLinks::kYes);
            files.push_back(status.ok() ? std::move(status.result).value() : FileStatus{});
        }
        return files;
    }

    void read_names() {
        if (places_.storage == ReferencePlaces::Storage::kReftable) {
            read_stack(places_.common_folder + "/reftable", raws_);
            if (places_.git_folder != places_.common_folder) {
                read_stack(places_.git_folder + "/reftable", raws_);
            }
            // git writes HEAD when it makes a repository, so tables without one are not all.
            if (!raws_.contains("HEAD")) {
                gap(model::GapCause::kCorruptObject, places_.git_folder + "/reftable",
                    "the tables hold no HEAD, so references are missing");
            }
        } else {
            read_packed();
            read_loose(places_.common_folder, "refs");
            if (places_.git_folder != places_.common_folder) {
                std::erase_if(raws_, [](const auto& raw) { return is_of_worktree(raw.first); });
                for (const std::string_view part :
                     {"refs/bisect", "refs/worktree", "refs/rewritten"}) {
                    read_loose(places_.git_folder, std::string(part));
                }
            }
            read_lone_names();
        }
    }

    void gap(model::GapCause cause, std::string path, std::string detail) {
        references_.gaps_.push_back({cause, std::move(path), std::move(detail)});
    }

    void read_packed() {
        const std::string path = places_.common_folder + "/packed-refs";
        const FileResult<FileBytes> file = read_file(path, kMaxPackedBytes);
        if (!file.ok()) {
            if (file.failure != FileFailure::kNotFound) {
                gap(model::gap_cause(file.failure), path, file.result.error().message);
            }
            return;
        }
        PackedReferences packed =
            parse_packed_references(file.result.value().bytes, places_.algorithm);
        for (std::string& problem : packed.problems) {
            gap(model::GapCause::kCorruptObject, path, std::move(problem));
        }
        for (Reference& reference : packed.references) {
            raws_[std::move(reference.name)] = {reference.id, "", reference.peeled};
        }
    }

    void read_loose(const std::string& root, const std::string& first) {
        std::vector<std::pair<std::string, std::size_t>> folders{{first, 0}};
        while (!folders.empty()) {
            const auto [folder, depth] = std::move(folders.back());
            folders.pop_back();
            for (const fs::directory_entry& entry : entries_of(root + '/' + folder)) {
                std::string name = folder + '/' + entry.path().filename().string();
                std::error_code code;
                if (entry.is_directory(code)) {
                    if (depth < kMaxFolderDepth) folders.emplace_back(std::move(name), depth + 1);
                } else if (!name.ends_with(".lock")) {
                    read_loose_file(root + '/' + name, name);
                }
            }
        }
    }

    void read_loose_file(const std::string& path, const std::string& name) {
        if (!is_reference_name(name)) {
            gap(model::GapCause::kCorruptObject, path, "is no name of a reference");
            return;
        }
        const FileResult<FileBytes> file = read_file(path, kMaxLooseBytes);
        if (!file.ok()) {
            if (file.failure == FileFailure::kNotFound) return;  // removed meanwhile
            gap(model::gap_cause(file.failure), path, file.result.error().message);
            return;
        }
        std::optional<Raw> raw = parse_loose(file.result.value().bytes, places_.algorithm);
        if (!raw.has_value()) {
            gap(model::GapCause::kCorruptObject, path,
                "is a broken reference: neither an object id nor 'ref: NAME'; what only it reaches "
                "is not read");
            return;
        }
        raws_[name] = *std::move(raw);
    }

    // HEAD, ORIG_HEAD and other names in capitals that stand beside refs.
    void read_lone_names() {
        for (const fs::directory_entry& entry : entries_of(places_.git_folder)) {
            const std::string name = entry.path().filename().string();
            std::error_code code;
            if (!entry.is_regular_file(code) && !entry.is_symlink(code)) continue;
            const bool capitals = std::ranges::all_of(
                name, [](char c) { return (c >= 'A' && c <= 'Z') || c == '_' || c == '-'; });
            if (!capitals || !(name == "HEAD" || name.ends_with("_HEAD"))) continue;
            const FileResult<FileBytes> file = read_file(entry.path().string(), kMaxPackedBytes);
            if (!file.ok()) continue;
            std::optional<Raw> raw = parse_loose(file.result.value().bytes, places_.algorithm);
            if (raw.has_value()) {
                raws_[name] = *std::move(raw);
            } else if (name == "HEAD") {
                gap(model::GapCause::kCorruptObject, entry.path().string(),
                    "is neither an object id nor 'ref: NAME'");
            }
        }
    }

    // The tables of a folder, as tables.list orders them: the newest last.
    void read_stack(const std::string& folder, std::map<std::string, Raw, std::less<>>& raws) {
        const std::string list_path = folder + "/tables.list";
        const Result<std::string> list = read_text_file(list_path);
        if (!list.ok()) {
            gap(model::GapCause::kReadError, list_path, list.error().message);
            return;
        }
        std::map<std::pair<std::string, std::uint64_t>, std::optional<ReflogEntry>> logs;
        std::string_view rest = list.value();
        while (!rest.empty()) {
            const std::string line(take_line(rest));
            if (line.empty()) continue;
            const std::string path = folder + '/' + line;
            if (line.find('/') != std::string::npos) {
                gap(model::GapCause::kCorruptObject, list_path, "names a table outside its folder");
                continue;
            }
            const FileResult<FileBytes> file = read_file(path, kMaxPackedBytes);
            if (!file.ok()) {
                gap(model::gap_cause(file.failure), path, file.result.error().message);
                continue;
            }
            Result<Reftable> table = parse_reftable(file.result.value().bytes);
            if (!table.ok()) {
                gap(model::GapCause::kCorruptObject, path, table.error().to_string());
                continue;
            }
            for (ReftableRecord& record : table.value().records) {
                Raw raw;
                switch (record.kind) {
                    case ReftableRecord::Kind::kDeleted:
                        raws.erase(record.name);
                        continue;
                    case ReftableRecord::Kind::kPeeled:
                        raw.peeled = record.peeled;
                        raw.id = record.id;
                        break;
                    case ReftableRecord::Kind::kDirect:
                        raw.id = record.id;
                        break;
                    case ReftableRecord::Kind::kSymbolic:
                        raw.target = std::move(record.target);
                        break;
                }
                raws[std::move(record.name)] = std::move(raw);
            }
            for (ReftableLog& log : table.value().logs) {
                logs[{std::move(log.name), log.update_index}] = std::move(log.entry);
            }
        }
        for (auto& [key, entry] : logs) {
            if (!entry.has_value()) continue;
            std::vector<References::Log>& stored = references_.stored_logs_;
            auto at = std::ranges::find(stored, key.first, &References::Log::name);
            if (at == stored.end()) at = stored.insert(stored.end(), {key.first, {}});
            at->entries.push_back(*std::move(entry));
        }
    }

    std::optional<ObjectId> resolve(const Raw& raw) const {
        const Raw* current = &raw;
        for (unsigned depth = 0; depth <= kMaxSymbolicDepth; ++depth) {
            if (current->id.has_value()) return current->id;
            const auto next = raws_.find(current->target);
            if (next == raws_.end()) return std::nullopt;
            current = &next->second;
        }
        return std::nullopt;
    }

    void resolve_all() {
        for (const auto& [name, raw] : raws_) {
            if (name == "HEAD") references_.head_branch_ = raw.target;
            const std::optional<ObjectId> id = resolve(raw);
            if (!id.has_value()) continue;
            if (id->is_null()) {
                if (name.starts_with("refs/")) {
                    gap(model::GapCause::kCorruptObject, name, "is a broken reference: a null id");
                }
                continue;
            }
            Reference reference{name, *id, raw.target, raw.peeled};
            (name.starts_with("refs/") ? references_.all_ : references_.lone_)
                .push_back(std::move(reference));
        }
    }

    // gitrepository-layout, "worktrees/<id>/HEAD". The main worktree's HEAD is another one too when
    // this is a linked worktree.
    void read_other_heads() {
        for (const std::string& folder :
             other_worktree_folders(places_.git_folder, places_.common_folder)) {
            std::optional<Raw> raw;
            if (places_.storage == ReferencePlaces::Storage::kReftable) {
                std::map<std::string, Raw, std::less<>> raws;
                read_stack(folder + "/reftable", raws);
                const auto head = raws.find("HEAD");
                if (head != raws.end()) raw = head->second;
            } else {
                const FileResult<FileBytes> file = read_file(folder + "/HEAD", kMaxLooseBytes);
                if (!file.ok()) continue;
                raw = parse_loose(file.result.value().bytes, places_.algorithm);
            }
            if (!raw.has_value()) {
                gap(model::GapCause::kCorruptObject, folder + "/HEAD", "is a broken reference");
                continue;
            }
            const std::optional<ObjectId> id = resolve(*raw);
            if (id.has_value() && !id->is_null()) {
                references_.other_heads_.push_back(
                    {"worktrees/" + fs::path(folder).filename().string() + "/HEAD", *id,
                     raw->target, std::nullopt});
            }
        }
    }

    References& references_;
    const ReferencePlaces& places_;
    std::map<std::string, Raw, std::less<>> raws_;
};

References References::read(const ReferencePlaces& places) {
    References references;
    references.places_ = places;
    ReferenceReader(references).read();
    return references;
}

std::optional<Reference> References::find(std::string_view name) const {
    const std::vector<Reference>& list = name.starts_with("refs/") ? all_ : lone_;
    const auto found = std::ranges::lower_bound(list, name, {}, &Reference::name);
    if (found == list.end() || found->name != name) return std::nullopt;
    return *found;
}

Result<std::vector<ReflogEntry>> References::reflog(std::string_view name) const {
    if (places_.storage == ReferencePlaces::Storage::kReftable) {
        const auto found = std::ranges::find(stored_logs_, name, &Log::name);
        return found == stored_logs_.end() ? std::vector<ReflogEntry>() : found->entries;
    }
    if (name != "HEAD" && !is_reference_name(name)) return std::vector<ReflogEntry>();
    const std::string& folder = is_of_worktree(name) ? places_.git_folder : places_.common_folder;
    const std::string path = folder + "/logs/" + std::string(name);
    const FileResult<FileBytes> file = read_file(path, kMaxPackedBytes);
    if (!file.ok()) {
        if (file.failure == FileFailure::kNotFound) return std::vector<ReflogEntry>();
        return file.result.error();
    }
    std::vector<std::string> problems;
    std::vector<ReflogEntry> entries =
        parse_reflog(file.result.value().bytes, places_.algorithm, problems);
    if (!problems.empty()) return Error{.message = problems.front(), .file = path};
    return entries;
}

std::vector<std::string> References::reflog_names() const {
    std::vector<std::string> names;
    for (const Log& log : stored_logs_) names.push_back(log.name);
    for (const std::string& root : {places_.git_folder, places_.common_folder}) {
        std::vector<std::string> folders{""};
        while (!folders.empty()) {
            const std::string folder = std::move(folders.back());
            folders.pop_back();
            for (const fs::directory_entry& entry : entries_of(root + "/logs/" + folder)) {
                const std::string name = folder + entry.path().filename().string();
                std::error_code code;
                if (entry.is_directory(code)) {
                    if (std::ranges::count(name, '/') < 128) folders.push_back(name + '/');
                } else if (is_of_worktree(name) == (root == places_.git_folder) ||
                           places_.git_folder == places_.common_folder) {
                    names.push_back(name);
                }
            }
        }
    }
    std::ranges::sort(names);
    names.erase(std::ranges::unique(names).begin(), names.end());
    return names;
}

}  // namespace merlon::connect::git
