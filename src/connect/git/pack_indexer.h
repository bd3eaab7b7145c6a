#pragma once

// Makes the index of a pack that came without one: what `git index-pack --fix-thin` does with a
// fetched pack (gitformat-pack, "pack-*.idx files", version 2).
//
// The idea: one pass finds the entries, since only unpacking one tells where it ends; whole objects
// are named at once. What is a delta waits for its base: from each whole object the deltas upon it
// are walked, deepest first, so that no more than one chain is in memory. A base that is not in the
// pack (a thin one) is asked for and put behind the pack's own objects, so that the pack is whole
// by itself. An object whose chain never ends at a whole one is refused.
//
// Deltas make gigabytes of a few bytes, each anew: what all objects have together is bounded, too.
//
// Thread-safe: no state. Memory: the pack is mapped; 64 bytes for each object, 16 to 48 more for
// one that is a delta, 36 more for the index; one chain of objects; the bases that were added.
// Cost: each object is unpacked once, and once more where deltas are built upon it.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/cancel.h"
#include "base/result.h"
#include "connect/git/object.h"
#include "connect/git/object_id.h"

namespace merlon::connect::git {

struct PackIndexLimits {
    std::uint64_t max_object_bytes = std::uint64_t{1} << 30;
    std::size_t max_chain = 4096;
    // Of a chain of deltas, together.
    std::uint64_t max_chain_bytes = std::uint64_t{2} << 30;
    // Of all objects, unpacked.
    std::uint64_t max_total_bytes = std::uint64_t{64} << 30;
};

struct PackIndexRequest {
    HashAlgorithm algorithm = HashAlgorithm::kSha1;
    PackIndexLimits limits;
    // An object that the pack may be built on and does not hold; nothing: it is not here. May be
    // empty: then a pack that needs others is refused.
    std::function<std::optional<Object>(const ObjectId& id)> find_base;
    const CancelToken* cancel = nullptr;  // may be null
};

struct IndexedPack {
    std::string index;
    std::uint32_t objects = 0;
    // The whole pack is its header, the entries of what was indexed, `added`, and its trailer.
    std::string header;
    std::string added;
    std::string trailer;
};

// Indexes the pack `bytes`, whose trailer is checked too.
Result<IndexedPack> index_pack(std::string_view bytes, const PackIndexRequest& request);

// The same for the file `path`: writes the whole pack and its index into `folder`, as
// "pack-<trailer>.pack" and ".idx", and returns that name without its ending. A pack without
// objects is not written, and has no name.
Result<std::string> store_pack(const std::string& path, const std::string& folder,
                               const PackIndexRequest& request);

}  // namespace merlon::connect::git
