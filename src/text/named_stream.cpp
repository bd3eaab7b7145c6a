#include "text/named_stream.h"

#include <string>
#include <utility>

#include "text/stream_input.h"

namespace merlon::text {

StreamKind stream_kind(NamedStream kind) {
    switch (kind) {
        case NamedStream::kBrotli:
            return StreamKind::kBrotli;
        case NamedStream::kSnappy:
            return StreamKind::kSnappy;
        case NamedStream::kLzma:
            return StreamKind::kLzma;
        case NamedStream::kZlib:
        case NamedStream::kNone:
            break;
    }
    return StreamKind::kZlib;
}

namespace {

// "blob 12\0…", packed.
bool is_git_object(std::string_view first_bytes) {
    // RFC 1950, 2.2: deflate with a window of 32 KiB, and a check of these two bytes.
    if (first_bytes.size() < 2 || first_bytes[0] != '\x78') return false;
    if ((0x7800 + static_cast<unsigned char>(first_bytes[1])) % 31 != 0) return false;
    std::string unpacked;
    open_stream(StreamKind::kZlib, PackedBytes(first_bytes))->next(unpacked);
    for (const std::string_view type : {"blob ", "tree ", "commit ", "tag "}) {
        if (unpacked.starts_with(type)) return true;
    }
    return false;
}

}  // namespace

NamedStream named_stream(std::string_view first_bytes, std::string_view name) {
    if (name.ends_with(".br")) return NamedStream::kBrotli;
    if (name.ends_with(".sz") || name.ends_with(".snappy")) return NamedStream::kSnappy;
    if (name.ends_with(".zz") || name.ends_with(".zlib")) return NamedStream::kZlib;
    return is_git_object(first_bytes) ? NamedStream::kZlib : NamedStream::kNone;
}

std::string_view stem_of(std::string_view name) {
    const std::string_view base = name.substr(name.find_last_of('/') + 1);
    return base.substr(0, base.find_last_of('.'));
}

void walk_named_stream(NamedStream kind, std::string_view bytes, std::string_view name,
                       ArchiveBudget& budget, const ArchiveVisitor& visitor) {
    UnpackedStream unpacked = unpack_stream(stream_kind(kind), bytes, budget);
    const bool is_whole = unpacked.state == StreamState::kEnd;
    // What stands before the damage is content all the same.
    const std::string_view content = unpacked.bytes.empty() && !is_whole ? bytes : unpacked.bytes;
    visitor.on_member({std::string(stem_of(name)), content});
    if (!is_whole) visitor.on_gap(std::move(unpacked.gap));
}

}  // namespace merlon::text
