// Any bytes as a pack: it is refused, or its index and it are a pack of which every object is read.

#include <sys/stat.h>

#include <cstdlib>

#include "connect/git/object_database.h"
#include "connect/git/pack.h"
#include "connect/git/pack_indexer.h"
#include "connect/git/scratch_file_fuzzing.h"
#include "crypto/digest.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon::connect::git;
    static const ScratchFolder folder;
    static const int made = mkdir((folder.path() + "/pack").c_str(), 0700);
    if (made != 0) std::abort();
    // The checksum is made right, or no input would come behind it.
    std::string bytes(reinterpret_cast<const char*>(data), size);
    merlon::crypto::Hasher hasher(merlon::crypto::DigestAlgorithm::kSha1);
    hasher.update(bytes);
    bytes += hasher.finish().bytes();
    // A base for thin packs, whatever they are built on: only its own name is content with it.
    static constexpr std::string_view kBase = "base";
    const ObjectId base_id = hash_object(HashAlgorithm::kSha1, ObjectType::kBlob, kBase);
    PackIndexRequest request;
    request.limits = {.max_object_bytes = std::uint64_t{1} << 20,
                      .max_chain = 64,
                      .max_chain_bytes = std::uint64_t{4} << 20,
                      .max_total_bytes = std::uint64_t{16} << 20};
    request.find_base = [&](const ObjectId& id) -> std::optional<Object> {
        if (id != base_id) return std::nullopt;
        return Object{ObjectType::kBlob, merlon::padded_copy(kBase)};
    };
    const auto indexed = index_pack(bytes, request);
    if (!indexed.ok()) return 0;
    const IndexedPack& pack = indexed.value();
    const std::string whole = pack.header +
                              bytes.substr(kPackHeaderBytes, bytes.size() - kPackHeaderBytes - 20) +
                              pack.added + pack.trailer;
    folder.write("pack/pack-1.idx", pack.index);
    folder.write("pack/pack-1.pack", whole);
    const auto database = ObjectDatabase::open(folder.path(), HashAlgorithm::kSha1, {});
    if (!database.ok()) std::abort();
    const auto opened = PackIndex::open(folder.path() + "/pack/pack-1.idx", HashAlgorithm::kSha1);
    if (!opened.ok()) std::abort();
    const auto ids = opened.value().ids();
    if (!ids.ok()) std::abort();
    for (const ObjectId& id : ids.value()) {
        const auto object = database.value()->read(id);
        if (!object.ok()) std::abort();
        const auto name =
            hash_object(HashAlgorithm::kSha1, object.value().type, object.value().bytes());
        if (name != id) std::abort();
    }
    return 0;
}
