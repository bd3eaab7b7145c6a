#include "text/stream_layers.h"

#include "text/archive_end.h"
#include "text/salvage.h"

namespace merlon::text {
namespace {

constexpr std::size_t kMagicBytes = 16;
constexpr std::size_t kMostLayers = 25;  // libarchive's own limit

// Whether something comes out, or is said to be nothing.
bool unpacks(StreamKind kind, std::string_view first_bytes) {
    const auto decoder = open_stream(kind, PackedBytes(first_bytes));
    std::string piece;
    StreamState state = StreamState::kMore;
    while (goes_on(state) && piece.empty()) state = decoder->next(piece);
    return !piece.empty() || state == StreamState::kEnd || state == StreamState::kTrailing;
}

bool only_zeros_follow(PackedBytes& packed) {
    while (!packed.is_at_end()) {
        const std::string_view bytes = packed.peek(1);
        if (!is_zeros(bytes)) return false;
        packed.take(bytes.size());
    }
    return true;
}

}  // namespace

std::optional<StreamKind> stream_around(std::string_view first_bytes, std::string_view name) {
    const std::optional<StreamKind> kind = stream_kind(first_bytes);
    if (kind) return kind;
    // The old format of xz-utils has no magic.
    if (name.ends_with(".lzma") || name.ends_with(".tlz")) return StreamKind::kLzma;
    return std::nullopt;
}

Result<std::size_t> StreamLayer::read(std::span<char> buffer) {
    while (piece_.empty()) {
        const StreamState state = pieces_.state();
        if (state == StreamState::kEnd || state == StreamState::kTrailing) return std::size_t{0};
        if (const auto& error = pieces_.packed().error(); error && !goes_on(state)) return *error;
        if (!goes_on(state)) return Error{stream_problem(pieces_.kind(), state)};
        if (cancel_ != nullptr && cancel_->cancelled()) return Error{"the run was stopped"};
        pieces_.next();
        piece_ = pieces_.piece();
    }
    const std::size_t count = piece_.copy(buffer.data(), buffer.size());
    piece_.remove_prefix(count);
    return count;
}

StreamLayers::StreamLayers(std::string_view packed, std::string_view name,
                           const CancelToken* cancel)
    : cancel_(cancel) {
    const auto kind = stream_around(packed, name);
    if (!kind || !unpacks(*kind, packed.substr(0, kStreamHeadBytes))) return;
    add(*kind, PackedBytes(packed));
    add_inner();
}

StreamLayers::StreamLayers(PeekedInput& packed, std::string_view name, const CancelToken* cancel)
    : cancel_(cancel) {
    const auto kind = stream_around(packed.peek(kMagicBytes), name);
    if (!kind || !unpacks(*kind, packed.peek(kStreamHeadBytes))) return;
    add(*kind, PackedBytes(packed));
    add_inner();
}

StreamLayers::StreamLayers(StreamKind kind, PeekedInput& packed, const CancelToken* cancel)
    : cancel_(cancel) {
    if (unpacks(kind, packed.peek(kStreamHeadBytes))) add(kind, PackedBytes(packed));
}

void StreamLayers::add_inner() {
    while (layers_.size() < kMostLayers) {
        PeekedInput& outer = content();
        const auto kind = stream_kind(outer.peek(kMagicBytes));
        if (!kind || !unpacks(*kind, outer.peek(kStreamHeadBytes))) return;
        add(*kind, PackedBytes(outer));
    }
}

bool StreamLayers::only_zeros_follow() {
    return text::only_zeros_follow(layers_.front()->stream.pieces().packed());
}

std::string StreamLayers::problem() {
    for (std::size_t i = layers_.size(); i-- > 0;) {
        StreamPieces& pieces = layers_[i]->stream.pieces();
        if (const auto& error = pieces.packed().error()) {
            if (i == 0) return error->message;
            continue;  // the one outside of it says why
        }
        const StreamState state = pieces.state();
        const bool is_whole = state == StreamState::kEnd || state == StreamState::kTrailing;
        if (is_whole && (i == 0 || text::only_zeros_follow(pieces.packed()))) continue;
        return stream_problem(pieces.kind(), state);
    }
    return {};
}

}  // namespace merlon::text
