#include "connect/git/blob_stream.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <utility>

namespace merlon::connect::git {
namespace {

constexpr std::size_t kPackedBytes = std::size_t{64} << 10;
// To the end of a zip, back, and again where something stands before it.
constexpr unsigned kMaxRestarts = 8;
constexpr std::size_t kMostAtOnce = std::size_t{1} << 30;  // zlib counts in unsigned int

}  // namespace

struct BlobStream::Inflater {
    z_stream stream{};
    bool is_open = false;
    bool at_end = false;

    ~Inflater() { close(); }
    void close() {
        if (is_open) inflateEnd(&stream);
        is_open = false;
    }
};

BlobStream::BlobStream(StreamPlace place, FileReader reader)
    : place_(std::move(place)),
      reader_(std::move(reader)),
      inflater_(std::make_unique<Inflater>()),
      packed_(kPackedBytes),
      restarts_left_(kMaxRestarts) {}

BlobStream::~BlobStream() = default;

Result<std::unique_ptr<BlobStream>> BlobStream::open(StreamPlace place) {
    FileResult<FileReader> reader = FileReader::open(place.path);
    if (!reader.ok()) return std::move(reader.result).error();
    std::unique_ptr<BlobStream> stream(
        new BlobStream(std::move(place), std::move(reader.result).value()));
    MERLON_TRY(stream->restart());
    return stream;
}

Error BlobStream::damaged(std::string message) const {
    Error error{std::move(message)};
    error.file = place_.path;
    return error;
}

Status BlobStream::restart() {
    inflater_->close();
    *inflater_ = Inflater{};
    if (inflateInit(&inflater_->stream) != Z_OK) return Error{"no memory for a decompressor"};
    inflater_->is_open = true;
    reader_.seek(place_.begin);
    at_ = 0;
    std::array<char, 256> head{};
    for (std::uint64_t left = place_.head_bytes; left > 0;) {
        const std::size_t count =
            MERLON_TRY(inflate_some(std::span(head).first(std::min<std::uint64_t>(left, 256))));
        if (count == 0) return damaged("its compressed bytes end too early");
        left -= count;
    }
    return {};
}

Result<std::size_t> BlobStream::inflate_some(std::span<char> buffer) {
    z_stream& stream = inflater_->stream;
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = static_cast<uInt>(std::min(buffer.size(), kMostAtOnce));
    const uInt wanted = stream.avail_out;
    while (stream.avail_out > 0 && !inflater_->at_end) {
        if (stream.avail_in == 0) {
            FileResult<std::size_t> read = reader_.read(packed_);
            if (!read.ok()) return std::move(read.result).error();
            if (read.result.value() == 0) return damaged("its compressed bytes end too early");
            stream.next_in = reinterpret_cast<Bytef*>(packed_.data());
            stream.avail_in = static_cast<uInt>(read.result.value());
        }
        const int code = inflate(&stream, Z_NO_FLUSH);
        if (code == Z_STREAM_END) {
            inflater_->at_end = true;
        } else if (code != Z_OK && code != Z_BUF_ERROR) {
            return damaged("its compressed bytes are damaged");
        }
    }
    return wanted - stream.avail_out;
}

Result<std::size_t> BlobStream::read(std::span<char> buffer) {
    if (at_ == place_.size) {
        // The checksum stands behind the last byte, and nothing may stand before it.
        char more = 0;
        if (MERLON_TRY(inflate_some({&more, 1})) != 0) {
            return damaged("its compressed bytes give more than the " +
                           std::to_string(place_.size) + " bytes that its header says");
        }
        return std::size_t{0};
    }
    const auto wanted =
        static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), place_.size - at_));
    const std::size_t count = MERLON_TRY(inflate_some(buffer.first(wanted)));
    if (count == 0 && wanted > 0) {
        return damaged("its compressed bytes give " + std::to_string(at_) + " bytes instead of " +
                       std::to_string(place_.size));
    }
    at_ += count;
    return count;
}

bool BlobStream::seek(std::uint64_t offset) {
    if (offset > place_.size) return false;
    if (offset < at_) {
        if (restarts_left_ == 0) return false;
        --restarts_left_;
        if (!restart().ok()) return false;
    }
    std::vector<char> passed(std::min<std::uint64_t>(offset - at_, kPackedBytes));
    while (at_ < offset) {
        const std::size_t most = std::min<std::uint64_t>(offset - at_, passed.size());
        const Result<std::size_t> count = read(std::span(passed).first(most));
        if (!count.ok() || count.value() == 0) return false;
    }
    return true;
}

}  // namespace merlon::connect::git
