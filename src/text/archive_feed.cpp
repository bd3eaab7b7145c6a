#include "text/archive_feed.h"

#include <archive.h>
#include <fmt/core.h>

#include <algorithm>

#include "text/packing.h"

namespace merlon::text {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{256} << 10;
constexpr int kNoErrno = -1;  // what libarchive takes where no system call failed

}  // namespace

struct Feed::Callbacks {
    static la_ssize_t read(struct archive* reader, void* self, const void** bytes) {
        const Result<std::string_view> piece = static_cast<Feed*>(self)->next();
        if (!piece.ok()) {
            archive_set_error(reader, kNoErrno, "%s", piece.error().message.c_str());
            return ARCHIVE_FATAL;
        }
        *bytes = piece.value().data();
        return static_cast<la_ssize_t>(piece.value().size());
    }
    static la_int64_t seek(struct archive*, void* self, la_int64_t offset, int whence) {
        auto* feed = static_cast<Feed*>(self);
        if (!feed->seek(offset, whence)) return ARCHIVE_FATAL;
        return static_cast<la_int64_t>(feed->at_);
    }
};

bool Feed::open(struct archive* reader) {
    buffer_.resize(kBufferBytes);
    archive_read_set_callback_data(reader, this);
    archive_read_set_read_callback(reader, Callbacks::read);
    if (input_.size() != 0) archive_read_set_seek_callback(reader, Callbacks::seek);
    return archive_read_open1(reader) == ARCHIVE_OK;
}

Result<std::string_view> Feed::next() {
    const std::size_t count = MERLON_TRY(input_.read(buffer_));
    const std::string_view piece(buffer_.data(), count);
    rar5_checksums_.add(at_, piece);
    MERLON_TRY(charge_header(piece));
    at_ += count;
    if (count > 0) last_bytes_ = count;
    meter_.has_read(layers_ != nullptr ? layers_->packed_bytes() : at_);
    return piece;
}

Status Feed::charge_header(std::string_view piece) {
    if (at_ == 0) has_directory_ = has_directory(piece);
    if (!header_left_ || has_directory_ || is_zeros(piece)) return {};
    if (piece.size() > *header_left_) {
        is_over_limit_ = true;
        return Error{fmt::format("what stands in front of a member is more than {} MiB",
                                 kMaxHeaderBytes >> 20)};
    }
    *header_left_ -= piece.size();
    return {};
}

bool Feed::seek(std::int64_t offset, int whence) {
    const std::uint64_t size = input_.size();
    const std::uint64_t from = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? at_ : size;
    const std::uint64_t to = from + static_cast<std::uint64_t>(offset);
    if (to > size || !input_.seek(to)) return false;
    at_ = to;
    return true;
}

bool Feed::drain(std::string& why) {
    tail_.assign(buffer_.data(), last_bytes_);
    while (true) {
        const Result<std::string_view> piece = next();
        if (!piece.ok() || piece.value().empty()) return true;
        if (!meter_.take(piece.value().size(), why)) return false;
        if (tail_.size() > 2 * kZipTailBytes) tail_.erase(0, tail_.size() - kZipTailBytes);
        tail_ += piece.value();
    }
}

bool Feed::only_zeros_follow(struct archive* reader) {
    const auto used =
        static_cast<std::uint64_t>(std::max<la_int64_t>(archive_filter_bytes(reader, -1), 0));
    // First what libarchive got and has not used, then what it has not asked for.
    const auto unused =
        static_cast<std::size_t>(std::min<std::uint64_t>(at_ - std::min(used, at_), last_bytes_));
    if (!is_zeros({buffer_.data() + last_bytes_ - unused, unused})) return false;
    while (true) {
        const Result<std::size_t> count = input_.read(buffer_);
        if (!count.ok() || count.value() == 0) return true;
        if (!is_zeros({buffer_.data(), count.value()})) return false;
    }
}

}  // namespace merlon::text
