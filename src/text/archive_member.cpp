#include "text/archive_member.h"

#include <archive.h>
#include <zlib.h>

#include <algorithm>

#include "text/archive_reader.h"

namespace merlon::text {

std::optional<std::string_view> MemberBytes::next() {
    const std::optional<std::string_view> piece = take_piece();
    if (piece && !piece->empty() && summed_ == Summed::kYes) {
        checksum_ = static_cast<std::uint32_t>(
            crc32_z(checksum_, reinterpret_cast<const Bytef*>(piece->data()), piece->size()));
    }
    return piece;
}

std::optional<std::string_view> MemberBytes::take_piece() {
    while (zeros_ == 0 && held_.empty()) {
        if (has_ended_) return std::string_view{};
        if (has_failed_) return std::nullopt;
        read_block();
    }
    if (zeros_ > 0) {  // a hole
        static constexpr char kZeros[kPieceBytes] = {};
        const std::uint64_t count = std::min<std::uint64_t>(zeros_, kPieceBytes);
        zeros_ -= count;
        return std::string_view(kZeros, static_cast<std::size_t>(count));
    }
    const std::string_view piece = held_.substr(0, kPieceBytes);
    held_.remove_prefix(piece.size());
    return piece;
}

void MemberBytes::read_block() {
    const void* bytes = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    const int status = archive_read_data_block(reader_, &bytes, &size, &offset);
    has_ended_ = status == ARCHIVE_EOF;
    has_failed_ = status < ARCHIVE_OK;
    // With a warning (a wrong checksum) the bytes are there.
    if (status != ARCHIVE_OK && status != ARCHIVE_WARN) return;
    held_ = {static_cast<const char*>(bytes), size};
    const auto begin = static_cast<std::uint64_t>(std::max<la_int64_t>(offset, 0));
    if (begin > at_) zeros_ = begin - at_;
    at_ = begin + size;
}

ReadOutcome read_member(struct archive* reader, MemberBytes& member, Meter& meter,
                        std::uint64_t most, std::string& bytes, std::string& why) {
    bytes.clear();
    while (bytes.size() <= most) {
        const std::optional<std::string_view> piece = member.next();
        if (!piece) {
            why = reason(reader);
            return ReadOutcome::kFailed;
        }
        if (piece->empty()) return ReadOutcome::kRead;
        if (!meter.take(piece->size(), why)) return ReadOutcome::kStop;
        bytes += *piece;
    }
    return ReadOutcome::kLarge;
}

Result<std::size_t> MemberInput::read(std::span<char> buffer) {
    if (at_ < head_.size()) {
        const std::size_t count = head_.copy(buffer.data(), buffer.size(), at_);
        at_ += count;
        return count;
    }
    if (!head_.empty()) std::string().swap(head_);
    at_ = 0;
    if (piece_.empty() && !read_piece(meter_)) return Error{why};
    const std::size_t count = piece_.copy(buffer.data(), buffer.size());
    piece_.remove_prefix(count);
    return count;
}

void MemberInput::finish(ArchiveBudget budget) {
    Meter meter(budget, meter_.packed_bytes());
    do {
        piece_ = {};
    } while (read_piece(meter) && !piece_.empty());
}

bool MemberInput::read_piece(Meter& meter) {
    if (outcome != ReadOutcome::kRead) return false;
    const std::optional<std::string_view> piece = member_.next();
    if (!piece) {
        outcome = ReadOutcome::kFailed;
        why = reason(reader_);
    } else if (!meter.take(piece->size(), why)) {
        outcome = ReadOutcome::kStop;
    } else {
        piece_ = *piece;
    }
    return outcome == ReadOutcome::kRead;
}

}  // namespace merlon::text
