#pragma once

// Compressed streams that have no magic that is safe to trust and are told by their name: zlib
// (RFC 1950), brotli (RFC 7932), snappy's framing format. Loose objects of Git are zlib streams
// that no name tells; their first unpacked bytes do (gitrepository-layout, "objects").
//
// Thread-safe: no shared state. Cost: one pass; what is unpacked is in memory, under the limits.

#include <cstdint>
#include <string_view>

#include "text/archive.h"
#include "text/stream_decoder.h"

namespace merlon::text {

// kLzma: the old format of xz-utils, by no name of its own here.
enum class NamedStream : std::uint8_t { kNone, kZlib, kBrotli, kSnappy, kLzma };

NamedStream named_stream(std::string_view first_bytes, std::string_view name);

// "app.log" of "logs/app.log.gz".
std::string_view stem_of(std::string_view name);

StreamKind stream_kind(NamedStream kind);

// One member, and a gap where the stream is damaged, too large or not the end of the bytes. Where
// nothing can be unpacked, the bytes as they are: the name may be wrong.
void walk_named_stream(NamedStream kind, std::string_view bytes, std::string_view name,
                       ArchiveBudget& budget, const ArchiveVisitor& visitor);

}  // namespace merlon::text
