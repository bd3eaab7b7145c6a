#include "text/salvage.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "text/archive_end.h"

namespace merlon::text {
namespace {

using namespace std::string_view_literals;

struct Magic {
    std::string_view bytes;
    StreamKind kind;
};

constexpr Magic kMagics[] = {{"\x1F\x8B\x08"sv, StreamKind::kGzip},
                             {"BZh"sv, StreamKind::kBzip2},
                             {"\xFD"
                              "7zXZ\0"sv,
                              StreamKind::kXz},
                             {"LZIP"sv, StreamKind::kLzip},
                             {"\x28\xB5\x2F\xFD"sv, StreamKind::kZstd},
                             {"\x04\x22\x4D\x18"sv, StreamKind::kLz4},
                             {"\x02\x21\x4C\x18"sv, StreamKind::kLz4}};

bool takes_skippable_frame(std::string_view& bytes) {
    constexpr std::size_t kHeaderBytes = 8;
    if (bytes.size() < kHeaderBytes || !is_skippable_frame(bytes)) return false;
    const std::uint64_t frame = kHeaderBytes + little_endian(bytes, 4, 4);
    bytes.remove_prefix(static_cast<std::size_t>(std::min<std::uint64_t>(frame, bytes.size())));
    return true;
}

}  // namespace

std::optional<StreamKind> stream_kind(std::string_view first_bytes) {
    bool is_skipped = false;
    while (takes_skippable_frame(first_bytes)) is_skipped = true;
    // Where what follows is not among these bytes, zstd's is the likelier one.
    if (is_skipped && first_bytes.empty()) return StreamKind::kZstd;
    const auto* magic = std::ranges::find_if(
        kMagics, [&](const Magic& candidate) { return first_bytes.starts_with(candidate.bytes); });
    if (magic == std::end(kMagics)) return std::nullopt;
    if (is_skipped && magic->kind != StreamKind::kZstd && magic->kind != StreamKind::kLz4) {
        return std::nullopt;
    }
    return magic->kind;
}

void salvage_stream(std::string_view packed, const std::function<bool(std::string_view)>& take) {
    const auto decoder =
        open_stream(stream_kind(packed).value_or(StreamKind::kLzma), PackedBytes(packed));
    std::string piece;
    StreamState state = StreamState::kMore;
    while (goes_on(state)) {
        state = decoder->next(piece);
        if (!take(piece)) return;
    }
}

}  // namespace merlon::text
