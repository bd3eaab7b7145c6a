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

struct TreeWalk {
    const git::Repository& repository;
    const std::function<bool(std::string_view path)>& is_wanted;
    std::vector<TreeFile> files;
    std::vector<model::Gap>& gaps;

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
            } else if (is_regular(entry.mode) && is_wanted(path)) {
                files.push_back({std::move(path), entry.id});
            }
        }
    }
};

}  // namespace

std::vector<TreeFile> list_tree(const git::Repository& repository, const git::ObjectId& tree,
                                const std::function<bool(std::string_view path)>& is_wanted,
                                std::vector<model::Gap>& gaps) {
    TreeWalk walk{repository, is_wanted, {}, gaps};
    walk.walk(tree, {}, 0);
    // A tree's own order has folders between files.
    std::ranges::sort(walk.files, {}, &TreeFile::path);
    return std::move(walk.files);
}

InventoryFiles files_of_tree(const git::Repository& repository, const git::ObjectId& tree) {
    InventoryFiles files;
    std::vector<git::ObjectId> ids;
    const auto is_wanted = [](std::string_view path) {
        return inventory::reader_for(path) != nullptr;
    };
    for (TreeFile& found : list_tree(repository, tree, is_wanted, files.gaps)) {
        connect::FileEntry file;
        file.path = std::move(found.path);
        files.entries.push_back(std::move(file));
        files.contents.emplace_back(found.id.bytes());
        ids.push_back(found.id);
    }
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
