// Any multi-pack-index and any commit-graph (the first byte chooses): every answer is inside of the
// file, or an error.

#include "connect/git/commit_graph.h"
#include "connect/git/multi_pack_index.h"
#include "connect/git/scratch_file_fuzzing.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon::connect::git;
    static const ScratchFolder folder;
    if (size == 0) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    const std::string path = folder.write("file", bytes);
    // Ids to ask for: those that stand in the file, wherever.
    std::vector<ObjectId> ids;
    for (std::size_t at = 0; at + 20 <= bytes.size() && ids.size() < 400; at += 4) {
        ids.push_back(ObjectId::from_bytes(HashAlgorithm::kSha1, bytes.data() + at));
    }
    if (data[0] % 2 == 0) {
        const auto index = MultiPackIndex::open(path, HashAlgorithm::kSha1);
        if (!index.ok()) return 0;
        for (const ObjectId& id : ids) (void)index.value().find(id);
        for (std::uint32_t i = 0; i < index.value().count() && i < 1000; ++i) {
            (void)index.value().id_at(i);
        }
    } else {
        const auto graph = CommitGraph::open_files({path}, HashAlgorithm::kSha1);
        if (!graph.ok()) return 0;
        for (const ObjectId& id : ids) (void)graph.value().find(id);
    }
    return 0;
}
