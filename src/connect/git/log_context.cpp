#include "connect/git/log_context.h"

#include <algorithm>
#include <utility>

#include "base/file.h"
#include "connect/git/commit.h"
#include "connect/git/tree.h"

namespace merlon::connect::git {
namespace {

constexpr std::uint64_t kMaxMailmapBytes = std::uint64_t{64} << 20;
constexpr const char* kMailmapName = ".mailmap";

// The entry of a tree that has this name; nothing where there is none.
Result<std::optional<ObjectId>> find_blob(const ObjectReader& objects, const ObjectId& tree,
                                          std::string_view name) {
    const Object object = MERLON_TRY(objects.read(tree));
    TreeCursor cursor(object.bytes(), tree.algorithm());
    while (MERLON_TRY(cursor.next())) {
        const TreeEntry& entry = cursor.entry();
        if (entry.name == name && is_regular(entry.mode)) return std::optional(entry.id);
    }
    return std::optional<ObjectId>();
}

Result<ObjectId> tree_of(const ObjectReader& objects, const ObjectId& commit) {
    const Object object = MERLON_TRY(objects.read(commit));
    return MERLON_TRY(parse_commit(object.bytes(), commit.algorithm())).tree;
}

// The mailmap of HEAD; empty where it has none.
Result<std::string> committed_mailmap(const ObjectReader& objects, const ObjectId& head) {
    const ObjectId tree = MERLON_TRY(tree_of(objects, head));
    const std::optional<ObjectId> blob = MERLON_TRY(find_blob(objects, tree, kMailmapName));
    if (!blob) return std::string();
    const Object object = MERLON_TRY(objects.read(*blob));
    return std::string(object.bytes());
}

bool is_hex(std::string_view text) {
    return std::ranges::all_of(text, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    });
}

}  // namespace

LogContext LogContext::read(const Repository& repository, std::string notes_reference) {
    LogContext context;
    context.notes_reference_ = std::move(notes_reference);
    context.objects_ = &repository.objects();
    context.algorithm_ = repository.algorithm();
    context.read_mailmap(repository);
    context.read_notes(repository);
    return context;
}

void LogContext::add_gap(std::string path, std::string detail) {
    gaps_.push_back({model::GapCause::kReadError, std::move(path), std::move(detail)});
}

void LogContext::read_mailmap(const Repository& repository) {
    if (repository.is_bare()) {
        const std::optional<Reference> head = repository.references().find("HEAD");
        if (!head) return;
        Result<std::string> text = committed_mailmap(*objects_, head->id);
        if (!text.ok()) return add_gap("HEAD:.mailmap", text.error().message);
        mailmap_ = Mailmap::parse(text.value());
        return;
    }
    // git does not follow a link here.
    const std::string path = repository.work_tree() + "/" + kMailmapName;
    const FileResult<FileStatus> status = file_status(path, FollowLinks::kNo);
    if (!status.ok() || status.result.value().kind != FileKind::kRegular) return;
    Result<std::string> text = read_text_file(path, kMaxMailmapBytes);
    if (!text.ok()) return add_gap(path, text.error().message);
    mailmap_ = Mailmap::parse(text.value());
}

void LogContext::read_notes(const Repository& repository) {
    const std::optional<Reference> reference = repository.references().find(notes_reference_);
    if (!reference) return;
    const Result<ObjectId> tree = tree_of(*objects_, reference->id);
    if (!tree.ok()) return add_gap(notes_reference_, tree.error().message);
    add_notes(tree.value(), {});
    std::ranges::sort(notes_, {}, &Note::commit);
}

// git-notes(1), "DISCUSSION": a path that is an id once its slashes are gone is a note.
void LogContext::add_notes(const ObjectId& tree, const std::string& digits) {
    const ObjectResult<Object> object = objects_->read(tree);
    if (!object.ok()) return add_gap(notes_reference_, object.error().message);
    TreeCursor cursor(object.value().bytes(), algorithm_);
    while (true) {
        const Result<bool> more = cursor.next();
        if (!more.ok()) return add_gap(notes_reference_, more.error().message);
        if (!more.value()) return;
        const TreeEntry& entry = cursor.entry();
        if (!is_hex(entry.name)) continue;
        const std::string path = digits + std::string(entry.name);
        if (is_regular(entry.mode)) {
            if (const std::optional<ObjectId> commit = ObjectId::parse(path)) {
                notes_.push_back({*commit, entry.id});
            }
        } else if (entry.mode == FileMode::kTree && entry.name.size() == 2 &&
                   path.size() < 2 * hash_bytes_of(algorithm_)) {
            add_notes(entry.id, path);
        }
    }
}

Result<std::optional<LogNote>> LogContext::note(const ObjectId& commit) const {
    const auto at = std::ranges::lower_bound(notes_, commit, {}, &Note::commit);
    if (at == notes_.end() || at->commit != commit) return std::optional<LogNote>();
    const Object text = MERLON_TRY(objects_->read(at->text));
    LogNote note{std::string(text.bytes())};
    if (notes_reference_ != kNotesReference) {
        std::string_view name = notes_reference_;
        for (const std::string_view start : {"refs/", "notes/"}) {
            if (name.starts_with(start)) name.remove_prefix(start.size());
        }
        note.title = "Notes (" + std::string(name) + "):";
    }
    return std::optional(std::move(note));
}

}  // namespace merlon::connect::git
