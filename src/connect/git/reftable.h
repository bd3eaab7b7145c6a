#pragma once

// Reftables: references and reflogs in sorted, prefix-compressed blocks (Git's technical
// documentation, "reftable", versions 1 and 2), read only.
//
// The idea: a stack of tables is read from the oldest to the newest, and each table whole, block
// after block; indexes and the map from objects to references only speed up searches that are not
// made here. Every length is checked against its block.
//
// Thread-safe: no state. Cost: one pass over the file; log blocks are inflated.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "connect/git/refs.h"

namespace merlon::connect::git {

struct ReftableRecord {
    std::string name;
    enum class Kind : std::uint8_t { kDeleted, kDirect, kPeeled, kSymbolic } kind = Kind::kDeleted;
    ObjectId id;
    ObjectId peeled;
    std::string target;
    std::uint64_t update_index = 0;
};

struct ReftableLog {
    std::string name;
    std::uint64_t update_index = 0;
    std::optional<ReflogEntry> entry;  // empty: deleted
};

struct Reftable {
    HashAlgorithm algorithm = HashAlgorithm::kSha1;
    std::vector<ReftableRecord> records;  // by name
    std::vector<ReftableLog> logs;        // by name, the newest first
};

// Fails where the file is no reftable or is damaged, with the offset.
Result<Reftable> parse_reftable(std::string_view bytes);

}  // namespace merlon::connect::git
