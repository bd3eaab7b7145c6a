#include "text/stream_input.h"

#include <utility>

#include "text/archive_end.h"

namespace merlon::text {
namespace {

constexpr std::size_t kReadBytes = std::size_t{64} << 10;

// Whether the pieces of this kind are those in which its usual readers hand bytes out.
bool has_known_pieces(StreamKind kind) {
    return kind == StreamKind::kGzip || kind == StreamKind::kZlib || kind == StreamKind::kDeflate ||
           kind == StreamKind::kSnappy || kind == StreamKind::kBrotli;
}

}  // namespace

std::string stream_problem(StreamKind kind, StreamState state) {
    const std::string stream = std::string(name(kind)) + " stream";
    return state == StreamState::kTrailing ? "bytes follow the " + stream + " and were not read"
                                           : "the " + stream + " is damaged or cut off";
}

StreamState StreamPieces::next() {
    state_ = decoder_->next(piece_);
    unpacked_bytes_ += piece_.size();
    if (has_known_pieces(kind_) || state_ == StreamState::kMember) {
        const bool is_new = unpacked_bytes_ > (ends_.empty() ? 0 : ends_.back());
        if (is_new) ends_.push_back(unpacked_bytes_);
    }
    return state_;
}

UnpackedStream unpack_stream(StreamKind kind, std::string_view packed, ArchiveBudget& budget) {
    UnpackedStream unpacked;
    Meter meter(budget, packed.size());
    StreamPieces stream(kind, PackedBytes(packed));
    while (goes_on(stream.state())) {
        stream.next();
        std::string why;
        if (!meter.take(stream.piece().size(), why) ||
            unpacked.bytes.size() + stream.piece().size() > budget.max_member_bytes) {
            if (why.empty()) why = "is larger than the limit for one member";
            unpacked.state = StreamState::kDamaged;
            unpacked.gap = {{}, ArchiveFailure::kLimit, std::move(why)};
            break;
        }
        unpacked.bytes += stream.piece();
        unpacked.state = stream.state();
    }
    unpacked.pieces = stream.ends();
    // Not the piece that was too much.
    while (!unpacked.pieces.empty() && unpacked.pieces.back() > unpacked.bytes.size()) {
        unpacked.pieces.pop_back();
    }
    if (unpacked.state != StreamState::kEnd && unpacked.gap.detail.empty()) {
        unpacked.gap = {{}, ArchiveFailure::kCorrupt, stream_problem(kind, unpacked.state)};
    }
    return unpacked;
}

StreamInput::StreamInput(StreamKind kind, std::string_view packed, const ArchiveBudget& budget)
    : pieces_(kind, PackedBytes(packed)), budget_(budget), meter_(budget_, packed.size()) {}

Result<std::size_t> StreamInput::read(std::span<char> buffer) {
    while (piece_.empty()) {
        if (state() == StreamState::kEnd) return std::size_t{0};
        if (!goes_on(state())) return Error{stream_problem(kind(), state())};
        pieces_.next();
        std::string why;
        if (!meter_.take(pieces_.piece().size(), why)) return Error{why};
        piece_ = pieces_.piece();
    }
    const std::size_t count = piece_.copy(buffer.data(), buffer.size());
    piece_.remove_prefix(count);
    return count;
}

Result<bool> StreamInput::is_done() {
    std::vector<char> buffer(kReadBytes);
    while (true) {
        const std::size_t count = MERLON_TRY(read(buffer));
        if (count == 0) return true;
        if (!is_zeros({buffer.data(), count})) return false;
    }
}

}  // namespace merlon::text
