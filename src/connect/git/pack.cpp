#include "connect/git/pack.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <utility>

#include "connect/git/byte_order.h"
#include "crypto/digest.h"

namespace merlon::connect::git {
namespace {

constexpr std::size_t kHeaderBytes = kPackHeaderBytes;
constexpr std::uint32_t kReverseMagic = 0x52494458;  // "RIDX"
constexpr std::size_t kReverseHeaderBytes = 12;      // magic, version, hash

std::string with_ending(const std::string& pack_path, std::string_view ending) {
    return pack_path.substr(0, pack_path.size() - std::string_view(".pack").size()) +
           std::string(ending);
}

}  // namespace

Error Pack::damaged(std::string message) const {
    Error error{std::move(message)};
    error.file = path_;
    return error;
}

Pack::Pack(MappedFile file, PackIndex index, HashAlgorithm algorithm, std::string path)
    : file_(std::move(file)),
      index_(std::move(index)),
      algorithm_(algorithm),
      path_(std::move(path)) {}

Result<Pack> Pack::open(const std::string& path, HashAlgorithm algorithm) {
    PackIndex index = MERLON_TRY(PackIndex::open(with_ending(path, ".idx"), algorithm));
    Pack pack(MERLON_TRY(MappedFile::open(path)), std::move(index), algorithm, path);
    MERLON_TRY(pack.check_ends());
    return pack;
}

Status Pack::check_ends() const {
    const std::size_t hash = hash_bytes_of(algorithm_);
    if (file_.size() < kHeaderBytes + hash) return damaged("is shorter than a pack can be");
    const std::string expected = MERLON_TRY(index_.pack_trailer());
    Status status;
    const auto read = [&](std::string_view bytes) {
        if (!bytes.starts_with("PACK")) {
            status = damaged("does not begin with PACK: it is no pack");
            return;
        }
        const std::uint32_t version = load_be32(bytes.data() + 4);
        if (version != 2 && version != 3) {
            status = damaged("is a pack of version " + std::to_string(version) +
                             ", and versions 2 and 3 can be read");
            return;
        }
        if (load_be32(bytes.data() + 8) != index_.count()) {
            status = damaged("holds " + std::to_string(load_be32(bytes.data() + 8)) +
                             " objects and its index " + std::to_string(index_.count()) +
                             ": they do not belong together");
            return;
        }
        if (bytes.substr(bytes.size() - hash) != expected) {
            status = damaged(
                "its trailer is not what its index says: it is cut short or damaged; "
                "fetch the repository anew");
        }
    };
    MERLON_TRY(guarded(read));
    return status;
}

Result<PackEntry> parse_pack_entry(std::string_view bytes, std::uint64_t offset,
                                   HashAlgorithm algorithm) {
    const std::uint64_t end = bytes.size() - hash_bytes_of(algorithm);
    const auto damaged = [](std::string message) { return Error{std::move(message)}; };
    if (offset < kHeaderBytes || offset >= end) {
        return damaged("its index points to offset " + std::to_string(offset) +
                       ", outside of its entries");
    }
    const auto cut = [&] {
        return damaged("the entry at offset " + std::to_string(offset) + " is cut short");
    };
    std::uint64_t at = offset;
    auto byte = static_cast<std::uint8_t>(bytes[at++]);
    const unsigned code = byte >> 4 & 7;
    PackEntry entry;
    entry.size = byte & 15;
    for (unsigned shift = 4; (byte & 0x80) != 0; shift += 7) {
        if (at >= end) return cut();
        byte = static_cast<std::uint8_t>(bytes[at++]);
        if (shift > 57) {
            return damaged("the entry at offset " + std::to_string(offset) +
                           " has a size of more than 64 bits");
        }
        entry.size |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    }
    if (code >= 1 && code <= 4) {
        entry.type = static_cast<ObjectType>(code);
    } else if (code == 6) {
        // The distance back to the base; each continued byte adds one, so that no number has two
        // spellings.
        entry.kind = PackEntry::Kind::kOffsetDelta;
        std::uint64_t distance = 0;
        do {
            if (at >= end) return cut();
            byte = static_cast<std::uint8_t>(bytes[at++]);
            if (distance >= std::uint64_t{1} << 56) {
                return damaged("the delta at offset " + std::to_string(offset) +
                               " has a base before the pack's begin");
            }
            distance = (distance << 7) + (byte & 0x7F) + ((byte & 0x80) != 0 ? 1 : 0);
        } while ((byte & 0x80) != 0);
        if (distance == 0 || distance > offset - kHeaderBytes) {
            return damaged("the delta at offset " + std::to_string(offset) +
                           " has a base outside of the pack");
        }
        entry.base_at = offset - distance;
    } else if (code == 7) {
        entry.kind = PackEntry::Kind::kReferenceDelta;
        if (end - at < hash_bytes_of(algorithm)) return cut();
        entry.base_id = ObjectId::from_bytes(algorithm, bytes.data() + at);
        at += hash_bytes_of(algorithm);
    } else {
        return damaged("the entry at offset " + std::to_string(offset) + " has the unknown type " +
                       std::to_string(code));
    }
    entry.data_at = at;
    return entry;
}

Result<PackEntry> Pack::entry_at(std::string_view bytes, std::uint64_t offset) const {
    Result<PackEntry> entry = parse_pack_entry(bytes, offset, algorithm_);
    if (!entry.ok()) return damaged(entry.error().message);
    return entry;
}

std::vector<std::uint32_t> Pack::positions_by_offset(
    const std::vector<std::uint64_t>& offsets) const {
    std::vector<std::uint32_t> order(offsets.size());
    // gitformat-pack, "pack-*.rev files": a table of index positions in the order of the pack.
    const Result<MappedFile> reverse = MappedFile::open(with_ending(path_, ".rev"));
    bool sound = false;
    if (reverse.ok()) {
        const auto read = [&](std::string_view bytes) {
            const std::size_t expected =
                kReverseHeaderBytes + 4 * order.size() + 2 * hash_bytes_of(algorithm_);
            if (bytes.size() != expected || load_be32(bytes.data()) != kReverseMagic) return;
            std::uint64_t before = 0;
            for (std::size_t i = 0; i < order.size(); ++i) {
                order[i] = load_be32(bytes.data() + kReverseHeaderBytes + 4 * i);
                if (order[i] >= order.size() || offsets[order[i]] <= before) return;
                before = offsets[order[i]];
            }
            sound = true;
        };
        if (!reverse.value().guarded(std::ref(read)).ok()) sound = false;
    }
    if (sound) return order;
    std::iota(order.begin(), order.end(), 0u);
    std::ranges::sort(order, {}, [&](std::uint32_t position) { return offsets[position]; });
    return order;
}

Status Pack::verify_trailer() const {
    Status status;
    const auto read = [&](std::string_view bytes) {
        const std::size_t end = entries_end();
        const auto digest =
            crypto::digest(algorithm_ == HashAlgorithm::kSha1 ? crypto::DigestAlgorithm::kSha1
                                                              : crypto::DigestAlgorithm::kSha256,
                           bytes.substr(0, end));
        if (digest.bytes() != bytes.substr(end)) {
            status = damaged("its bytes do not have the digest that stands at its end");
        }
    };
    MERLON_TRY(guarded(read));
    return status;
}

}  // namespace merlon::connect::git
