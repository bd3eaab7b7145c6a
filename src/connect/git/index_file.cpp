#include "connect/git/index_file.h"

#include <algorithm>
#include <utility>

#include "base/file.h"
#include "connect/git/byte_order.h"
#include "crypto/digest.h"

namespace merlon::connect::git {
namespace {

constexpr std::size_t kHeaderBytes = 12;  // "DIRC", version, count
constexpr std::size_t kStatBytes = 40;    // before the id
constexpr std::uint64_t kMaxIndexBytes = std::uint64_t{4} << 30;
constexpr std::uint16_t kAssumeUnchanged = 0x8000;
constexpr std::uint16_t kExtended = 0x4000;
constexpr std::uint16_t kSkipWorkTree = 0x4000;  // of the extended flags
constexpr std::uint16_t kIntentToAdd = 0x2000;
constexpr std::uint16_t kNameMask = 0x0FFF;

// gitformat-ewah-bitmap: the positions of the set bits, below `limit`.
Result<std::vector<std::uint32_t>> read_bitmap(std::string_view& bytes, std::size_t limit) {
    if (bytes.size() < 8) return Error{"a bitmap of its link is cut short"};
    const std::uint32_t bit_count = load_be32(bytes.data());
    const std::uint32_t words = load_be32(bytes.data() + 4);
    if (bytes.size() - 8 < std::uint64_t{words} * 8 + 4) {
        return Error{"a bitmap of its link is cut short"};
    }
    const char* at = bytes.data() + 8;
    std::vector<std::uint32_t> positions;
    std::uint64_t position = 0;
    for (std::uint32_t i = 0; i < words;) {
        const std::uint64_t marker = load_be64(at + std::size_t{i++} * 8);
        const std::uint64_t run = (marker >> 1 & 0xFFFF'FFFF) * 64;
        const std::uint64_t literals = marker >> 33;
        if ((marker & 1) != 0) {
            if (position + run > std::uint64_t{limit} + 63) {
                return Error{"a bitmap of its link has more bits than there are entries"};
            }
            for (std::uint64_t bit = 0; bit < run; ++bit) {
                if (position + bit < limit) {
                    positions.push_back(static_cast<std::uint32_t>(position + bit));
                }
            }
        }
        position += run;
        if (literals > words - i) return Error{"a bitmap of its link is malformed"};
        for (std::uint64_t word = 0; word < literals; ++word, position += 64) {
            const std::uint64_t set = load_be64(at + std::size_t{i++} * 8);
            for (unsigned bit = 0; bit < 64; ++bit) {
                if ((set >> bit & 1) == 0) continue;
                if (position + bit >= limit) {
                    return Error{"a bitmap of its link has more bits than there are entries"};
                }
                positions.push_back(static_cast<std::uint32_t>(position + bit));
            }
        }
    }
    if (bit_count > std::uint64_t{limit} + 64) {
        return Error{"a bitmap of its link has more bits than there are entries"};
    }
    bytes.remove_prefix(8 + std::size_t{words} * 8 + 4);  // and the place of the last marker
    return positions;
}

class IndexReader {
  public:
    IndexReader(std::string_view bytes, HashAlgorithm algorithm)
        : bytes_(bytes), algorithm_(algorithm) {}

    Status read() {
        const std::size_t hash = hash_bytes_of(algorithm_);
        if (bytes_.size() < kHeaderBytes + hash || !bytes_.starts_with("DIRC")) {
            return Error{"is no index of a working tree"};
        }
        MERLON_TRY(check_digest());
        version_ = load_be32(bytes_.data() + 4);
        if (version_ < 2 || version_ > 4) {
            return Error{"is an index of version " + std::to_string(version_) +
                         ", and versions 2 to 4 can be read"};
        }
        const std::uint32_t count = load_be32(bytes_.data() + 8);
        end_ = bytes_.size() - hash;
        at_ = kHeaderBytes;
        if (count > (end_ - at_) / (kStatBytes + hash + 2)) {
            return Error{"announces more entries than its bytes can hold"};
        }
        entries.reserve(count);
        for (std::uint32_t i = 0; i < count; ++i) MERLON_TRY(read_entry());
        while (end_ - at_ >= 8) MERLON_TRY(read_extension());
        if (at_ != end_) return Error{"has bytes behind its extensions", at_};
        return {};
    }

    std::vector<IndexEntry> entries;
    std::optional<ObjectId> base;  // of a split index
    std::string_view bitmaps;      // which of the base's entries are removed, and which replaced

  private:
    Status check_digest() const {
        const std::size_t hash = hash_bytes_of(algorithm_);
        const std::string_view stored = bytes_.substr(bytes_.size() - hash);
        // With index.skipHash git writes zeros.
        if (stored.find_first_not_of('\0') == std::string_view::npos) return {};
        const crypto::Digest digest =
            crypto::digest(algorithm_ == HashAlgorithm::kSha1 ? crypto::DigestAlgorithm::kSha1
                                                              : crypto::DigestAlgorithm::kSha256,
                           bytes_.substr(0, bytes_.size() - hash));
        if (digest.bytes() != stored) {
            return Error{
                "does not have the digest that stands at its end: it is damaged; remove "
                "it and run 'git reset'"};
        }
        return {};
    }

    Status read_entry() {
        const std::size_t hash = hash_bytes_of(algorithm_);
        const std::size_t begin = at_;
        if (end_ - at_ < kStatBytes + hash + 2) return Error{"an entry is cut short", at_};
        const char* stat = bytes_.data() + at_;
        IndexEntry entry;
        entry.modified_ns =
            std::int64_t{load_be32(stat + 8)} * 1'000'000'000 + std::int64_t{load_be32(stat + 12)};
        entry.inode = load_be32(stat + 20);
        entry.mode = load_be32(stat + 24);
        entry.size = load_be32(stat + 36);
        entry.id = ObjectId::from_bytes(algorithm_, stat + kStatBytes);
        const std::uint16_t flags = load_be16(stat + kStatBytes + hash);
        at_ += kStatBytes + hash + 2;
        entry.assume_unchanged = (flags & kAssumeUnchanged) != 0;
        entry.stage = flags >> 12 & 3;
        if ((flags & kExtended) != 0) {
            if (version_ < 3 || end_ - at_ < 2) return Error{"an entry has unknown flags", begin};
            const std::uint16_t extended = load_be16(bytes_.data() + at_);
            entry.skip_work_tree = (extended & kSkipWorkTree) != 0;
            entry.intent_to_add = (extended & kIntentToAdd) != 0;
            at_ += 2;
        }
        MERLON_TRY(version_ == 4 ? read_shared_name() : read_name(begin, flags & kNameMask));
        entry.path = path_;
        entries.push_back(std::move(entry));
        return {};
    }

    // Zeros behind the name make the entry's length a multiple of eight.
    Status read_name(std::size_t begin, std::size_t length) {
        const std::size_t end = bytes_.find('\0', at_);
        if (end == std::string_view::npos || end >= end_) return Error{"a name has no end", at_};
        if (length != kNameMask && end - at_ != length) {
            return Error{"a name is not as long as its entry says", at_};
        }
        path_.assign(bytes_.substr(at_, end - at_));
        const std::size_t padded = begin + ((end - begin) / 8 + 1) * 8;
        // A split index leaves names of replaced entries out, and the padding stays.
        if (padded > end_) return Error{"an entry is cut short", begin};
        at_ = padded;
        return {};
    }

    // Version 4: how many bytes of the name before to drop, and the rest up to a zero.
    Status read_shared_name() {
        std::uint64_t drop = 0;
        for (bool more = true, first = true; more; first = false) {
            if (at_ >= end_ || drop >> 48 != 0) return Error{"a name is malformed", at_};
            const auto byte = static_cast<std::uint8_t>(bytes_[at_++]);
            drop = ((drop + (first ? 0 : 1)) << 7) | (byte & 0x7F);
            more = (byte & 0x80) != 0;
        }
        if (drop > path_.size()) return Error{"a name drops more than there was", at_};
        path_.resize(path_.size() - static_cast<std::size_t>(drop));
        const std::size_t end = bytes_.find('\0', at_);
        if (end == std::string_view::npos || end >= end_) return Error{"a name has no end", at_};
        path_ += bytes_.substr(at_, end - at_);
        at_ = end + 1;
        return {};
    }

    Status read_extension() {
        const std::string_view name = bytes_.substr(at_, 4);
        const std::size_t size = load_be32(bytes_.data() + at_ + 4);
        if (size > end_ - at_ - 8) return Error{"an extension is cut short", at_};
        std::string_view content = bytes_.substr(at_ + 8, size);
        at_ += 8 + size;
        if (name == "link") {
            const std::size_t hash = hash_bytes_of(algorithm_);
            if (content.size() < hash) return Error{"its link is cut short"};
            base = ObjectId::from_bytes(algorithm_, content.data());
            content.remove_prefix(hash);
            bitmaps = content;
        } else if (name != "sdir" && (name.front() < 'A' || name.front() > 'Z')) {
            // Lower case: it cannot be understood without.
            return Error{"has the extension '" + std::string(name) + "', which is not known"};
        }
        return {};
    }

    std::string_view bytes_;
    HashAlgorithm algorithm_;
    std::uint32_t version_ = 2;
    std::size_t at_ = 0;
    std::size_t end_ = 0;
    std::string path_;
};

bool comes_before(const IndexEntry& left, const IndexEntry& right) {
    return left.path != right.path ? left.path < right.path : left.stage < right.stage;
}

// gitformat-index, "Split index": entries of the base without the removed ones; the first of this
// file stand in for the replaced ones, and have no name of their own.
Result<std::vector<IndexEntry>> join_split(std::vector<IndexEntry> base, IndexReader& top) {
    std::vector<std::uint32_t> removed;
    std::vector<std::uint32_t> replaced;
    if (!top.bitmaps.empty()) {
        removed = MERLON_TRY(read_bitmap(top.bitmaps, base.size()));
        replaced = MERLON_TRY(read_bitmap(top.bitmaps, base.size()));
    }
    std::size_t next = 0;
    for (const std::uint32_t position : replaced) {
        if (position >= base.size() || next >= top.entries.size()) {
            return Error{"replaces an entry that its shared index has not"};
        }
        IndexEntry& entry = top.entries[next++];
        if (entry.path.empty()) entry.path = base[position].path;
        base[position] = std::move(entry);
    }
    std::vector<bool> gone(base.size(), false);
    for (const std::uint32_t position : removed) {
        if (position >= base.size()) {
            return Error{"removes an entry that its shared index has not"};
        }
        gone[position] = true;
    }
    std::vector<IndexEntry> joined;
    for (std::size_t i = 0; i < base.size(); ++i) {
        if (!gone[i]) joined.push_back(std::move(base[i]));
    }
    std::move(top.entries.begin() + static_cast<std::ptrdiff_t>(next), top.entries.end(),
              std::back_inserter(joined));
    std::ranges::stable_sort(joined, comes_before);
    return joined;
}

}  // namespace

Result<IndexFile> parse_index(
    std::string_view bytes, HashAlgorithm algorithm,
    const std::function<Result<std::string>(const ObjectId& id)>& shared) {
    IndexReader reader(bytes, algorithm);
    MERLON_TRY(reader.read());
    if (!reader.base.has_value() || reader.base->is_null()) {
        return IndexFile{std::move(reader.entries)};
    }
    const std::string base_bytes = MERLON_TRY(shared(*reader.base));
    IndexReader base(base_bytes, algorithm);
    MERLON_TRY(base.read());
    return IndexFile{MERLON_TRY(join_split(std::move(base.entries), reader))};
}

Result<IndexFile> read_index(const std::string& git_folder, HashAlgorithm algorithm) {
    const std::string path = git_folder + "/index";
    const FileResult<FileBytes> file = read_file(path, kMaxIndexBytes);
    if (!file.ok()) {
        if (file.failure == FileFailure::kNotFound) return IndexFile{};
        return file.result.error();
    }
    const auto shared = [&](const ObjectId& id) {
        return read_text_file(git_folder + "/sharedindex." + id.hex(), kMaxIndexBytes);
    };
    Result<IndexFile> index = parse_index(file.result.value().bytes, algorithm, shared);
    if (!index.ok()) return std::move(index).error().at(path, 0, 0);
    return index;
}

}  // namespace merlon::connect::git
