#include "text/named_stream.h"

#include <string>
#include <utility>

#include "text/stream_decoder.h"

namespace merlon::text {
namespace {

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

}  // namespace

NamedStream named_stream(std::string_view name) {
    if (name.ends_with(".br")) return NamedStream::kBrotli;
    if (name.ends_with(".sz") || name.ends_with(".snappy")) return NamedStream::kSnappy;
    if (name.ends_with(".zz") || name.ends_with(".zlib")) return NamedStream::kZlib;
    return NamedStream::kNone;
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
