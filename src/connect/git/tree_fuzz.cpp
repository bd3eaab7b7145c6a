// Any bytes as two trees: every entry lies inside them, and a comparison ends.

#include "connect/git/tree.h"

#include <cstdlib>

#include "connect/git/object_map.h"
#include "connect/git/rename.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon::connect::git;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    for (const HashAlgorithm algorithm : {HashAlgorithm::kSha1, HashAlgorithm::kSha256}) {
        TreeCursor cursor(bytes, algorithm);
        std::size_t entries = 0;
        while (true) {
            const auto next = cursor.next();
            if (!next.ok() || !next.value()) break;
            if (cursor.entry().name.empty()) std::abort();
            if (compare_entries(cursor.entry(), cursor.entry()) != 0) std::abort();
            if (++entries > bytes.size()) std::abort();
        }
    }

    // The first bytes say where the two trees are cut, so that they can share entries.
    if (size < 2) return 0;
    ObjectMap objects;
    const std::size_t cut = std::min<std::size_t>(data[0] * 4, size);
    const ObjectId left = objects.put(ObjectType::kTree, bytes.substr(1, cut));
    const ObjectId right = objects.put(ObjectType::kTree, bytes.substr(std::min(cut, size)));
    TreeDiff diff = diff_trees(objects, left, right, {8, 1000});
    detect_renames(objects, Attributes(), diff);
    for (const FileChange& change : diff.changes)
        if (change.path.empty()) std::abort();
    return 0;
}
