#include "connect/git/index_cursor.h"

#include <algorithm>

#include "connect/git/byte_order.h"

namespace merlon::connect::git {
namespace {

constexpr std::size_t kHeaderBytes = 12;  // "DIRC", version, count
constexpr std::size_t kStatBytes = 40;    // before the id
constexpr std::uint16_t kExtended = 0x4000;
constexpr std::uint16_t kNameMask = 0x0FFF;
constexpr std::int64_t kNanoseconds = 1'000'000'000;

}  // namespace

Result<IndexCursor> IndexCursor::open(std::string_view bytes, HashAlgorithm algorithm) {
    const std::size_t hash = hash_bytes_of(algorithm);
    if (bytes.size() < kHeaderBytes + hash || !bytes.starts_with("DIRC")) {
        return Error{"is no index of a working tree"};
    }
    IndexCursor cursor;
    cursor.bytes_ = bytes.substr(0, bytes.size() - hash);
    cursor.algorithm_ = algorithm;
    cursor.version_ = load_be32(bytes.data() + 4);
    if (cursor.version_ < 2 || cursor.version_ > 4) {
        return Error{"is an index of version " + std::to_string(cursor.version_) +
                     ", and versions 2 to 4 can be read"};
    }
    cursor.count_ = load_be32(bytes.data() + 8);
    cursor.at_ = kHeaderBytes;
    if (cursor.count_ > (cursor.bytes_.size() - kHeaderBytes) / (kStatBytes + hash + 2)) {
        return Error{"announces more entries than its bytes can hold"};
    }
    return cursor;
}

bool IndexCursor::fail(std::string_view message, std::size_t offset) {
    error_ = Error{std::string(message), offset};
    passed_ = count_;
    return false;
}

bool IndexCursor::next() {
    if (passed_ == count_) return false;
    const std::size_t hash = hash_bytes_of(algorithm_);
    entry_ = at_;
    if (bytes_.size() - at_ < kStatBytes + hash + 2) return fail("an entry is cut short", at_);
    flags_ = load_be16(bytes_.data() + at_ + kStatBytes + hash);
    extended_ = 0;
    at_ += kStatBytes + hash + 2;
    if ((flags_ & kExtended) != 0) [[unlikely]] {
        if (version_ < 3 || bytes_.size() - at_ < 2) {
            return fail("an entry has unknown flags", entry_);
        }
        extended_ = load_be16(bytes_.data() + at_);
        at_ += 2;
    }
    ++passed_;
    return version_ == 4 ? read_shared_name() : read_name(entry_, flags_ & kNameMask);
}

// Zeros behind the name make the entry's length a multiple of eight.
bool IndexCursor::read_name(std::size_t begin, std::size_t length) {
    std::size_t end = at_ + length;
    if (length == kNameMask) [[unlikely]] {
        end = std::min(bytes_.find('\0', at_), bytes_.size());
    }
    const std::size_t padded = begin + ((end - begin) / 8 + 1) * 8;
    if (padded > bytes_.size()) return fail("an entry is cut short", begin);
    if (bytes_[end] != '\0') return fail("a name is not as long as its entry says", at_);
    path_ = bytes_.substr(at_, end - at_);
    at_ = padded;
    return true;
}

// Version 4: how many bytes of the name before to drop, and the rest up to a zero.
bool IndexCursor::read_shared_name() {
    std::uint64_t drop = 0;
    for (bool more = true, first = true; more; first = false) {
        if (at_ >= bytes_.size() || drop >> 48 != 0) return fail("a name is malformed", at_);
        const auto byte = static_cast<std::uint8_t>(bytes_[at_++]);
        drop = ((drop + (first ? 0 : 1)) << 7) | (byte & 0x7F);
        more = (byte & 0x80) != 0;
    }
    if (drop > shared_.size()) return fail("a name drops more than there was", at_);
    shared_.resize(shared_.size() - static_cast<std::size_t>(drop));
    const std::size_t end = bytes_.find('\0', at_);
    if (end >= bytes_.size()) return fail("a name has no end", at_);
    shared_ += bytes_.substr(at_, end - at_);
    path_ = shared_;
    at_ = end + 1;
    return true;
}

ObjectId IndexCursor::id() const {
    return ObjectId::from_bytes(algorithm_, bytes_.data() + entry_ + kStatBytes);
}

std::uint32_t IndexCursor::mode() const { return load_be32(bytes_.data() + entry_ + 24); }

IndexStat IndexCursor::stat() const {
    const char* stat = bytes_.data() + entry_;
    IndexStat result;
    result.changed_ns = std::int64_t{load_be32(stat)} * kNanoseconds + load_be32(stat + 4);
    result.modified_ns = std::int64_t{load_be32(stat + 8)} * kNanoseconds + load_be32(stat + 12);
    result.device = load_be32(stat + 16);
    result.inode = load_be32(stat + 20);
    result.user = load_be32(stat + 28);
    result.group = load_be32(stat + 32);
    result.size = load_be32(stat + 36);
    return result;
}

}  // namespace merlon::connect::git
