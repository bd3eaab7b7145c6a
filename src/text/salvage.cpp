#include "text/salvage.h"

#include <algorithm>
#include <memory>
#include <string>

#include "text/stream_decoder.h"

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

std::unique_ptr<StreamDecoder> open_decoder(std::string_view packed) {
    const auto* magic = std::ranges::find_if(
        kMagics, [&](const Magic& candidate) { return packed.starts_with(candidate.bytes); });
    return open_stream(magic == std::end(kMagics) ? StreamKind::kLzma : magic->kind, packed);
}

}  // namespace

bool is_compressed_stream(std::string_view first_bytes) {
    return std::ranges::any_of(
        kMagics, [&](const Magic& magic) { return first_bytes.starts_with(magic.bytes); });
}

bool is_whole_stream(std::string_view packed) {
    const auto decoder = open_decoder(packed);
    std::string piece;
    StreamState state = StreamState::kMore;
    while (goes_on(state)) state = decoder->next(piece);
    return state == StreamState::kEnd || state == StreamState::kTrailing;
}

void salvage_stream(std::string_view packed, const std::function<bool(std::string_view)>& take) {
    const auto decoder = open_decoder(packed);
    std::string piece;
    StreamState state = StreamState::kMore;
    while (goes_on(state)) {
        state = decoder->next(piece);
        if (!take(piece)) return;
    }
}

}  // namespace merlon::text
