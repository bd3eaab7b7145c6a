#pragma once

// Makes the index of a pack that came without one: what `git index-pack` does with a fetched pack
// (gitformat-pack, "pack-*.idx files", version 2).
//
// The idea: one pass finds the entries, since only unpacking one tells where it ends; whole objects
// are named at once. What is a delta waits for its base: from each whole object the deltas upon it
// are walked, deepest first, so that no more than one chain is in memory. A pack that needs objects
// of others, or an object whose chain never ends at a whole one, is refused.
//
// Thread-safe: no state. Memory: some 80 bytes for each entry, and one chain of objects. Cost: each
// object is unpacked once, and once more where deltas are built upon it.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "connect/git/object_id.h"

namespace merlon::connect::git {

struct PackIndexLimits {
    std::uint64_t max_object_bytes = std::uint64_t{1} << 30;
    std::size_t max_chain = 4096;
    // Of a chain of deltas, together.
    std::uint64_t max_chain_bytes = std::uint64_t{2} << 30;
};

// The bytes of the index of the pack `bytes`, whose trailer is checked too.
Result<std::string> index_pack(std::string_view bytes, HashAlgorithm algorithm,
                               const PackIndexLimits& limits = {});

// The same for the file `pack_path` ("….pack"): writes the index beside it.
Status write_pack_index(const std::string& pack_path, HashAlgorithm algorithm,
                        const PackIndexLimits& limits = {});

}  // namespace merlon::connect::git
