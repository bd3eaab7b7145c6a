#pragma once

// Loose objects (gitformat-loose): a zlib stream of "<type> <size>\0" and the content, in a file
// that is named by the id.
//
// What is read is hashed: git itself takes a file with another object's content for the object.
//
// Thread-safe: no state. Cost: one read of the file; memory: it and what it gives.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "connect/git/object.h"

namespace merlon::connect::git {

struct LooseHead {
    ObjectType type = ObjectType::kBlob;
    std::uint64_t size = 0;  // of the content
    std::size_t bytes = 0;   // of the head itself
};

// So many inflated bytes hold every head.
inline constexpr std::size_t kLooseHeadBytes = 64;

// From the first inflated bytes of the file; nothing where they do not begin with a head.
std::optional<LooseHead> parse_loose_head(std::string_view inflated);

// That of the file at `path`; nothing where it cannot be read.
std::optional<LooseHead> read_loose_head(const std::string& path);

// Where the folder of objects keeps an object of this id.
std::string loose_path(const std::string& folder, const ObjectId& id);

// The object in the file at `path`; nothing where there is no such file. `max_bytes` bounds the
// file and the content.
std::optional<ObjectResult<Object>> read_loose_object(const std::string& path, const ObjectId& id,
                                                      std::uint64_t max_bytes);

}  // namespace merlon::connect::git
