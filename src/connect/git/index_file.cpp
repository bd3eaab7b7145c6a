#include "connect/git/index_file.h"

#include <algorithm>
#include <utility>

#include "base/file.h"
#include "connect/git/byte_order.h"
#include "crypto/digest.h"

namespace merlon::connect::git {
namespace {

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
        IndexCursor cursor = MERLON_TRY(IndexCursor::open(bytes_, algorithm_));
        MERLON_TRY(check_digest());
        entries.reserve(cursor.count());
        while (cursor.next()) {
            if (!cursor.is_path_whole()) return Error{"a name has a zero in it", cursor.offset()};
            entries.push_back(entry_at(cursor));
        }
        if (cursor.error()) return *cursor.error();
        end_ = bytes_.size() - hash_bytes_of(algorithm_);
        at_ = cursor.offset();
        while (end_ - at_ >= 8) MERLON_TRY(read_extension());
        if (at_ != end_) return Error{"has bytes behind its extensions", at_};
        return {};
    }

    std::vector<IndexEntry> entries;
    std::optional<ObjectId> base;  // of a split index
    std::string_view bitmaps;      // which of the base's entries are removed, and which replaced

  private:
    static IndexEntry entry_at(const IndexCursor& cursor) {
        return {.path = std::string(cursor.path()),
                .id = cursor.id(),
                .mode = cursor.mode(),
                .stage = cursor.stage(),
                .intent_to_add = cursor.intent_to_add(),
                .skip_work_tree = cursor.skip_work_tree(),
                .assume_unchanged = cursor.assume_unchanged(),
                .stat = cursor.stat()};
    }

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
    std::size_t at_ = 0;
    std::size_t end_ = 0;
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
