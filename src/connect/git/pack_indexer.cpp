#include "connect/git/pack_indexer.h"

#include <algorithm>
#include <array>
#include <functional>
#include <numeric>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/hash.h"
#include "base/mapped_file.h"
#include "connect/git/byte_order.h"
#include "connect/git/delta.h"
#include "connect/git/inflate.h"
#include "connect/git/pack.h"
#include "crypto/digest.h"

namespace merlon::connect::git {
namespace {

constexpr std::uint32_t kLargeOffset = 0x8000'0000;
// The fewest bytes of an entry: one of its header, and a stream of zlib.
constexpr std::size_t kFewestEntryBytes = 9;

std::string digest_of(HashAlgorithm algorithm, std::string_view bytes) {
    const auto which = algorithm == HashAlgorithm::kSha1 ? crypto::DigestAlgorithm::kSha1
                                                         : crypto::DigestAlgorithm::kSha256;
    crypto::Hasher hasher(which);
    hasher.update(bytes);
    return std::string(hasher.finish().bytes());
}

Error at_offset(std::uint64_t offset, const std::string& message) {
    return Error{"the object at offset " + std::to_string(offset) + ": " + message};
}

class Indexer {
  public:
    Indexer(std::string_view bytes, HashAlgorithm algorithm, const PackIndexLimits& limits)
        : bytes_(bytes), algorithm_(algorithm), limits_(limits) {}

    Result<std::string> run() {
        const std::size_t hash = hash_bytes_of(algorithm_);
        if (bytes_.size() < kPackHeaderBytes + hash || !bytes_.starts_with("PACK")) {
            return Error{"is no pack"};
        }
        if (const std::uint32_t version = load_be32(bytes_.data() + 4); version != 2) {
            return Error{"is a pack of version " + std::to_string(version) + "; expected 2"};
        }
        if (digest_of(algorithm_, bytes_.substr(0, bytes_.size() - hash)) !=
            bytes_.substr(bytes_.size() - hash)) {
            return Error{"the pack's checksum is wrong: it is damaged or cut off"};
        }
        if (Status found = find_entries(); !found.ok()) return found.error();
        for (std::uint32_t i = 0; i < entries_.size(); ++i) {
            if (entries_[i].entry.kind != PackEntry::Kind::kWhole) continue;
            if (Status named = name_from(i); !named.ok()) return named.error();
        }
        if (named_ != entries_.size()) {
            return Error{std::to_string(entries_.size() - named_) +
                         " objects of the pack are built on objects that are not in it"};
        }
        return layout();
    }

  private:
    struct Entry {
        PackEntry entry;
        std::uint64_t offset = 0;
        std::uint32_t checksum = 0;
        ObjectId id;
    };
    // An object whose deltas are being walked.
    struct Step {
        ContentBuffer content;
        std::vector<std::uint32_t> children;
    };

    std::string_view compressed(const PackEntry& entry) const {
        const std::size_t end = bytes_.size() - hash_bytes_of(algorithm_);
        return bytes_.substr(entry.data_at, end - entry.data_at);
    }

    Result<ContentBuffer> unpack(const Entry& found, std::size_t& taken) const {
        if (found.entry.size > limits_.max_object_bytes) {
            return at_offset(found.offset, "is larger than the limit");
        }
        MERLON_TRY(can_inflate(compressed(found.entry), found.entry.size));
        ContentBuffer content = MERLON_TRY(ContentBuffer::allocate(found.entry.size));
        const auto inflated =
            inflate_exactly(compressed(found.entry), content.data(), content.size());
        if (!inflated.ok()) return at_offset(found.offset, inflated.error().message);
        taken = inflated.value();
        return content;
    }

    Status find_entries() {
        const std::uint32_t count = load_be32(bytes_.data() + 8);
        const std::size_t end = bytes_.size() - hash_bytes_of(algorithm_);
        if (count > (end - kPackHeaderBytes) / kFewestEntryBytes) {
            return Error{"the pack is shorter than its " + std::to_string(count) +
                         " objects can be"};
        }
        entries_.reserve(count);
        std::uint64_t offset = kPackHeaderBytes;
        for (std::uint32_t i = 0; i < count; ++i) {
            Entry found;
            found.offset = offset;
            found.entry = MERLON_TRY(parse_pack_entry(bytes_, offset, algorithm_));
            std::size_t taken = 0;
            const ContentBuffer content = MERLON_TRY(unpack(found, taken));
            const std::uint64_t next = found.entry.data_at + taken;
            found.checksum = crc32(bytes_.substr(offset, next - offset));
            switch (found.entry.kind) {
                case PackEntry::Kind::kWhole:
                    break;
                case PackEntry::Kind::kOffsetDelta:
                    by_offset_[found.entry.base_at].push_back(i);
                    break;
                case PackEntry::Kind::kReferenceDelta:
                    by_id_[found.entry.base_id].push_back(i);
                    break;
            }
            entries_.push_back(found);
            offset = next;
        }
        return offset == end ? Status() : Status(Error{"there is more behind the pack's objects"});
    }

    // Names the object, and hands out the deltas upon it.
    std::vector<std::uint32_t> name(std::uint32_t number, ObjectType type,
                                    std::string_view content) {
        Entry& found = entries_[number];
        found.id = hash_object(algorithm_, type, content);
        ++named_;
        std::vector<std::uint32_t> children;
        if (const auto upon = by_offset_.find(found.offset); upon != by_offset_.end()) {
            children = std::move(upon->second);
            by_offset_.erase(upon);
        }
        if (const auto upon = by_id_.find(found.id); upon != by_id_.end()) {
            children.insert(children.end(), upon->second.begin(), upon->second.end());
            by_id_.erase(upon);
        }
        return children;
    }

    // A whole object, and all that is built upon it.
    Status name_from(std::uint32_t whole) {
        const ObjectType type = entries_[whole].entry.type;
        std::size_t taken = 0;
        ContentBuffer content = MERLON_TRY(unpack(entries_[whole], taken));
        std::vector<std::uint32_t> children = name(whole, type, content.view());
        std::vector<Step> chain;
        std::uint64_t held_bytes = content.size();
        chain.push_back({std::move(content), std::move(children)});
        while (!chain.empty()) {
            Step& last = chain.back();
            if (last.children.empty()) {
                held_bytes -= last.content.size();
                chain.pop_back();
                continue;
            }
            const std::uint32_t number = last.children.back();
            last.children.pop_back();
            ContentBuffer made = MERLON_TRY(build(number, last.content.view()));
            std::vector<std::uint32_t> upon = name(number, type, made.view());
            if (upon.empty()) continue;
            held_bytes += made.size();
            if (chain.size() >= limits_.max_chain || held_bytes > limits_.max_chain_bytes) {
                return at_offset(entries_[number].offset, "stands in too long a chain of deltas");
            }
            chain.push_back({std::move(made), std::move(upon)});
        }
        return {};
    }

    Result<ContentBuffer> build(std::uint32_t number, std::string_view base) const {
        const Entry& found = entries_[number];
        std::size_t taken = 0;
        const ContentBuffer delta = MERLON_TRY(unpack(found, taken));
        const auto header = read_delta_header(delta.view());
        if (!header.ok()) return at_offset(found.offset, header.error().message);
        if (header.value().result_size > limits_.max_object_bytes) {
            return at_offset(found.offset, "is larger than the limit");
        }
        ContentBuffer made = MERLON_TRY(ContentBuffer::allocate(header.value().result_size));
        const Status applied = apply_delta(base, delta.view(), header.value(), made.data());
        if (!applied.ok()) return at_offset(found.offset, applied.error().message);
        return made;
    }

    // gitformat-pack, "Version 2 pack-*.idx files".
    std::string layout() const {
        std::vector<std::uint32_t> order(entries_.size());
        std::iota(order.begin(), order.end(), 0u);
        std::sort(order.begin(), order.end(), [&](std::uint32_t left, std::uint32_t right) {
            return entries_[left].id < entries_[right].id;
        });
        std::string index("\377tOc");
        append_be32(index, 2);
        std::array<std::uint32_t, 256> fan_out{};
        for (const Entry& found : entries_) {
            ++fan_out[static_cast<std::uint8_t>(found.id.bytes()[0])];
        }
        std::uint32_t sum = 0;
        for (const std::uint32_t count : fan_out) append_be32(index, sum += count);
        for (const std::uint32_t number : order) index += entries_[number].id.bytes();
        for (const std::uint32_t number : order) append_be32(index, entries_[number].checksum);
        std::vector<std::uint64_t> large;
        for (const std::uint32_t number : order) {
            const std::uint64_t offset = entries_[number].offset;
            if (offset < kLargeOffset) {
                append_be32(index, static_cast<std::uint32_t>(offset));
            } else {
                append_be32(index, kLargeOffset | static_cast<std::uint32_t>(large.size()));
                large.push_back(offset);
            }
        }
        for (const std::uint64_t offset : large) {
            append_be32(index, static_cast<std::uint32_t>(offset >> 32));
            append_be32(index, static_cast<std::uint32_t>(offset));
        }
        index += bytes_.substr(bytes_.size() - hash_bytes_of(algorithm_));
        return index + digest_of(algorithm_, index);
    }

    std::string_view bytes_;
    HashAlgorithm algorithm_;
    const PackIndexLimits& limits_;
    std::vector<Entry> entries_;
    std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> by_offset_;  // of the base
    std::unordered_map<ObjectId, std::vector<std::uint32_t>> by_id_;
    std::size_t named_ = 0;
};

}  // namespace

Result<std::string> index_pack(std::string_view bytes, HashAlgorithm algorithm,
                               const PackIndexLimits& limits) {
    return Indexer(bytes, algorithm, limits).run();
}

Status write_pack_index(const std::string& pack_path, HashAlgorithm algorithm,
                        const PackIndexLimits& limits) {
    const MappedFile file = MERLON_TRY(MappedFile::open(pack_path));
    Result<std::string> index = Error{"is no pack"};
    Status read =
        file.guarded([&](std::string_view bytes) { index = index_pack(bytes, algorithm, limits); });
    if (!read.ok()) return read;
    if (!index.ok()) return Error(index.error()).at(pack_path, 0, 0);
    std::string path = pack_path;
    path.replace(path.size() - std::string_view(".pack").size(), std::string::npos, ".idx");
    return write_file_atomically(path, index.value());
}

}  // namespace merlon::connect::git
