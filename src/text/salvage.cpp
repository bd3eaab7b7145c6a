#include "text/salvage.h"

#include <algorithm>
#include <string>

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
                             {"\x04\x22\x4D\x18"sv, StreamKind::kLz4}};

}  // namespace

std::optional<StreamKind> stream_kind(std::string_view first_bytes) {
    const auto* magic = std::ranges::find_if(
        kMagics, [&](const Magic& candidate) { return first_bytes.starts_with(candidate.bytes); });
    if (magic == std::end(kMagics)) return std::nullopt;
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
