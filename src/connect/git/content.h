#pragma once

// What a file version is to a diff: its bytes, and whether they are text.
//
// The rule of git: the attribute `diff` decides for regular files (unset: binary, set: text); then
// what is larger than 512 MiB (core.bigFileThreshold) is binary; then what has a zero byte among
// the first 8,000. A submodule's content is one line that names its commit.
//
// Thread-safe: no state.

#include <string_view>

#include "connect/git/attributes.h"
#include "connect/git/object.h"
#include "connect/git/span_counts.h"
#include "connect/git/tree_diff.h"

namespace merlon::connect::git {

inline constexpr std::uint64_t kBigFileBytes = std::uint64_t{512} << 20;

// The bytes of `version`: none where there is no file.
ObjectResult<FileBytes> read_content(const ObjectReader& reader, const FileVersion& version);

ContentKind content_kind(const Attributes& attributes, std::string_view path, FileMode mode,
                         std::string_view bytes);

}  // namespace merlon::connect::git
