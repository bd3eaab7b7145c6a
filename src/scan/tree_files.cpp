#include "scan/tree_files.h"

#include <algorithm>

#include "connect/git/tree.h"

namespace merlon::scan {
namespace {

namespace git = connect::git;
using model::GapCause;

constexpr std::size_t kMaxDepth = 4096;

GapCause cause_of(git::ObjectFailure failure) {
    const bool is_absent =
        failure == git::ObjectFailure::kMissing || failure == git::ObjectFailure::kPromised;
    return is_absent ? GapCause::kMissingObject : GapCause::kCorruptObject;
}

// The walk keeps each file's id beside its entry, as FileEntry has none.
struct TreeWalk {
    const git::Repository& repository;
    std::vector<connect::FileEntry> entries;
    std::vector<git::ObjectId> ids;
    std::vector<model::Gap> gaps;

    void walk(const git::ObjectId& tree, const std::string& folder, std::size_t depth) {
        if (depth > kMaxDepth) {
            gaps.push_back({GapCause::kLimitReached, folder, "folders nest too deep"});
            return;
        }
        const auto object = repository.objects().read(tree);
        if (!object.ok()) {
            gaps.push_back({cause_of(object.failure), folder, object.error().to_string()});
            return;
        }
        git::TreeCursor cursor(object.value().bytes(), tree.algorithm());
        while (true) {
            const Result<bool> more = cursor.next();
            if (!more.ok()) {
                gaps.push_back({GapCause::kCorruptObject, folder, more.error().to_string()});
                return;
            }
            if (!more.value()) return;
            const git::TreeEntry& entry = cursor.entry();
            std::string path =
                folder.empty() ? std::string(entry.name) : folder + '/' + std::string(entry.name);
            if (entry.mode == git::FileMode::kTree) {
                walk(entry.id, path, depth + 1);
            } else if (is_regular(entry.mode) && inventory::reader_for(path) != nullptr) {
                connect::FileEntry file;
                file.path = std::move(path);
                entries.push_back(std::move(file));
                ids.push_back(entry.id);
            }
        }
    }
};

}  // namespace

InventoryFiles files_of_tree(const git::Repository& repository, const git::ObjectId& tree) {
    TreeWalk walk{repository, {}, {}, {}};
    walk.walk(tree, {}, 0);
    // A tree's own order has folders between files; an inventory's is by path.
    std::vector<std::size_t> order(walk.entries.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::ranges::sort(order, {}, [&](std::size_t i) { return walk.entries[i].path; });
    InventoryFiles files;
    std::vector<git::ObjectId> ids;
    for (const std::size_t i : order) {
        files.entries.push_back(std::move(walk.entries[i]));
        ids.push_back(walk.ids[i]);
    }
    files.gaps = std::move(walk.gaps);
    files.read = [&repository, ids = std::move(ids)](
                     std::size_t index, const connect::FileEntry& file,
                     const connect::ReadOptions& options, const CancelToken& cancel,
                     model::Coverage& coverage,
                     const std::function<void(const model::Document&)>& on_document) {
        const auto object = repository.objects().read(ids[index]);
        if (!object.ok()) {
            coverage.gaps.push_back(
                {cause_of(object.failure), file.path, object.error().to_string()});
            return;
        }
        const model::Origin origin = {{model::OriginStep::Kind::kFile, file.path, {}}};
        connect::documents_of(object.value().bytes(), origin, options, cancel, coverage,
                              on_document);
    };
    return files;
}

}  // namespace merlon::scan
