#pragma once

// Compressed streams that have no magic that is safe to trust and are told by their name alone:
// zlib (RFC 1950), brotli (RFC 7932), snappy's framing format.
//
// Thread-safe: no shared state. Cost: one pass; what is unpacked is in memory, under the limits.

#include <cstdint>
#include <string_view>

#include "text/archive.h"

namespace merlon::text {

enum class NamedStream : std::uint8_t { kNone, kZlib, kBrotli, kSnappy };

NamedStream named_stream(std::string_view name);

// "app.log" of "logs/app.log.gz".
std::string_view stem_of(std::string_view name);

// One member, and a gap where the stream is damaged, too large or not the end of the bytes.
void walk_named_stream(NamedStream kind, std::string_view bytes, std::string_view name,
                       ArchiveBudget& budget, const ArchiveVisitor& visitor);

}  // namespace merlon::text
