#include "connect/git/pack_indexer.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <numeric>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/hash.h"
#include "base/mapped_file.h"
#include "connect/git/byte_order.h"
#include "connect/git/delta.h"
#include "connect/git/inflate.h"
#include "connect/git/pack.h"
#include "connect/git/pack_index.h"
#include "crypto/digest.h"

namespace merlon::connect::git {
namespace {

// The fewest bytes of an entry: one of its header, and a stream of zlib.
constexpr std::size_t kFewestEntryBytes = 9;

std::string digest_of(HashAlgorithm algorithm, std::initializer_list<std::string_view> pieces) {
    crypto::Hasher hasher(algorithm == HashAlgorithm::kSha1 ? crypto::DigestAlgorithm::kSha1
                                                            : crypto::DigestAlgorithm::kSha256);
    for (const std::string_view piece : pieces) hasher.update(piece);
    return std::string(hasher.finish().bytes());
}

// gitformat-pack, "size encoding": the type and the lowest four bits, then seven bits a byte.
std::string entry_header(ObjectType type, std::uint64_t size) {
    std::string header;
    auto byte = static_cast<std::uint8_t>(static_cast<unsigned>(type) << 4 | (size & 15));
    for (size >>= 4; size != 0; size >>= 7) {
        header += static_cast<char>(byte | 0x80);
        byte = static_cast<std::uint8_t>(size & 0x7F);
    }
    return header + static_cast<char>(byte);
}

Error at_offset(std::uint64_t offset, const std::string& message) {
    return Error{"the object at offset " + std::to_string(offset) + ": " + message};
}

class Indexer {
  public:
    Indexer(std::string_view bytes, const PackIndexRequest& request)
        : bytes_(bytes), request_(request), limits_(request.limits) {}

    Result<IndexedPack> run() {
        if (bytes_.size() < kPackHeaderBytes + hash_bytes() || !bytes_.starts_with("PACK")) {
            return Error{"is no pack"};
        }
        if (const std::uint32_t version = load_be32(bytes_.data() + 4); version != 2) {
            return Error{"is a pack of version " + std::to_string(version) + "; expected 2"};
        }
        pack_.header = bytes_.substr(0, kPackHeaderBytes);
        pack_.trailer = bytes_.substr(end());
        if (digest_of(request_.algorithm, {bytes_.substr(0, end())}) != pack_.trailer) {
            return Error{"the pack's checksum is wrong: it is damaged or cut off"};
        }
        if (Status found = find_entries(); !found.ok()) return found.error();
        const auto own = static_cast<std::uint32_t>(entries_.size());
        for (std::uint32_t i = 0; i < own; ++i) {
            if (entries_[i].kind != PackEntry::Kind::kWhole) continue;
            std::size_t taken = 0;
            ContentBuffer content = MERLON_TRY(unpack(entries_[i], taken));
            if (Status named = name_from(i, std::move(content).share()); !named.ok()) {
                return named.error();
            }
        }
        if (named_ != entries_.size()) {
            if (Status added = add_bases(); !added.ok()) return added.error();
        }
        if (named_ != entries_.size()) {
            return Error{std::to_string(entries_.size() - named_) +
                         " objects of the pack are built on objects that are not in it"};
        }
        pack_.objects = static_cast<std::uint32_t>(entries_.size());
        pack_.index = layout();
        return std::move(pack_);
    }

  private:
    struct Entry {
        std::uint64_t offset = 0;
        std::uint64_t size = 0;  // of what its compressed bytes give
        std::uint32_t checksum = 0;
        std::uint16_t header_bytes = 0;
        PackEntry::Kind kind = PackEntry::Kind::kWhole;
        ObjectType type = ObjectType::kBlob;
        bool is_named = false;
        ObjectId id;
    };
    static_assert(sizeof(Entry) <= 64);
    // An object whose deltas are being walked.
    struct Step {
        FileBytes content;
        std::vector<std::uint32_t> children;
    };

    std::size_t hash_bytes() const { return hash_bytes_of(request_.algorithm); }
    std::size_t end() const { return bytes_.size() - hash_bytes(); }

    // For each object that is unpacked or built.
    Status count(std::uint64_t size) {
        if (request_.cancel != nullptr && request_.cancel->cancelled()) return Error{"cancelled"};
        total_bytes_ += size;
        if (total_bytes_ <= limits_.max_total_bytes) return {};
        return Error{"the pack's objects have more than the allowed " +
                     std::to_string(limits_.max_total_bytes) + " bytes together"};
    }

    Result<ContentBuffer> unpack(const Entry& found, std::size_t& taken) {
        if (found.size > limits_.max_object_bytes) {
            return at_offset(found.offset, "is larger than the limit");
        }
        if (Status counted = count(found.size); !counted.ok()) return counted.error();
        const std::size_t data_at = found.offset + found.header_bytes;
        const std::string_view compressed = bytes_.substr(data_at, end() - data_at);
        if (Status can = can_inflate(compressed, found.size); !can.ok()) {
            return at_offset(found.offset, can.error().message);
        }
        ContentBuffer content = MERLON_TRY(ContentBuffer::allocate(found.size));
        const auto inflated = inflate_exactly(compressed, content.data(), content.size());
        if (!inflated.ok()) return at_offset(found.offset, inflated.error().message);
        taken = inflated.value();
        return content;
    }

    Status find_entries() {
        const std::uint32_t objects = load_be32(bytes_.data() + 8);
        if (objects > (end() - kPackHeaderBytes) / kFewestEntryBytes) {
            return Error{"the pack is shorter than its " + std::to_string(objects) +
                         " objects can be"};
        }
        entries_.reserve(objects);
        std::uint64_t offset = kPackHeaderBytes;
        for (std::uint32_t i = 0; i < objects; ++i) {
            const PackEntry read = MERLON_TRY(parse_pack_entry(bytes_, offset, request_.algorithm));
            Entry found;
            found.offset = offset;
            found.size = read.size;
            found.header_bytes = static_cast<std::uint16_t>(read.data_at - offset);
            found.kind = read.kind;
            found.type = read.type;
            std::size_t taken = 0;
            const ContentBuffer content = MERLON_TRY(unpack(found, taken));
            const std::uint64_t next = read.data_at + taken;
            found.checksum = crc32(bytes_.substr(offset, next - offset));
            if (read.kind == PackEntry::Kind::kOffsetDelta)
                by_offset_.emplace_back(read.base_at, i);
            if (read.kind == PackEntry::Kind::kReferenceDelta) by_id_.emplace_back(read.base_id, i);
            entries_.push_back(found);
            offset = next;
        }
        std::sort(by_offset_.begin(), by_offset_.end());
        std::sort(by_id_.begin(), by_id_.end());
        return offset == end() ? Status()
                               : Status(Error{"there is more behind the pack's objects"});
    }

    // Names the object, and hands out the deltas upon it.
    std::vector<std::uint32_t> name(std::uint32_t number, ObjectType type,
                                    std::string_view content) {
        Entry& found = entries_[number];
        found.id = hash_object(request_.algorithm, type, content);
        found.is_named = true;
        ++named_;
        std::vector<std::uint32_t> children;
        const auto take = [&](const auto& bases, const auto& base) {
            using Base = std::remove_cvref_t<decltype(bases.front())>;
            const auto upon = std::ranges::equal_range(bases, base, {}, &Base::first);
            for (const auto& [key, child] : upon) {
                // Where an object is there twice, its deltas are not.
                if (!entries_[child].is_named) children.push_back(child);
            }
        };
        take(by_offset_, found.offset);
        take(by_id_, found.id);
        return children;
    }

    // A whole object, and all that is built upon it.
    Status name_from(std::uint32_t whole, FileBytes content) {
        const ObjectType type = entries_[whole].type;
        std::vector<std::uint32_t> children = name(whole, type, content.bytes);
        std::vector<Step> chain;
        std::uint64_t held_bytes = content.bytes.size();
        chain.push_back({std::move(content), std::move(children)});
        while (!chain.empty()) {
            Step& last = chain.back();
            if (last.children.empty()) {
                held_bytes -= last.content.bytes.size();
                chain.pop_back();
                continue;
            }
            const std::uint32_t number = last.children.back();
            last.children.pop_back();
            if (entries_[number].is_named) continue;
            FileBytes made = MERLON_TRY(build(number, last.content.bytes));
            std::vector<std::uint32_t> upon = name(number, type, made.bytes);
            if (upon.empty()) continue;
            held_bytes += made.bytes.size();
            if (chain.size() >= limits_.max_chain || held_bytes > limits_.max_chain_bytes) {
                return at_offset(entries_[number].offset, "stands in too long a chain of deltas");
            }
            chain.push_back({std::move(made), std::move(upon)});
        }
        return {};
    }

    Result<FileBytes> build(std::uint32_t number, std::string_view base) {
        const Entry& found = entries_[number];
        std::size_t taken = 0;
        const ContentBuffer delta = MERLON_TRY(unpack(found, taken));
        const auto header = read_delta_header(delta.view());
        if (!header.ok()) return at_offset(found.offset, header.error().message);
        if (header.value().result_size > limits_.max_object_bytes) {
            return at_offset(found.offset, "is larger than the limit");
        }
        if (Status counted = count(header.value().result_size); !counted.ok()) {
            return counted.error();
        }
        ContentBuffer made = MERLON_TRY(ContentBuffer::allocate(header.value().result_size));
        const Status applied = apply_delta(base, delta.view(), header.value(), made.data());
        if (!applied.ok()) return at_offset(found.offset, applied.error().message);
        return std::move(made).share();
    }

    // Puts the bases of a thin pack behind its own objects.
    Status add_bases() {
        if (!request_.find_base) return {};
        for (std::size_t i = 0; i < by_id_.size(); ++i) {
            const auto& [id, child] = by_id_[i];
            if (entries_[child].is_named) continue;
            const std::optional<Object> base = request_.find_base(id);
            if (!base.has_value()) continue;
            if (hash_object(request_.algorithm, base->type, base->bytes()) != id) {
                return Error{"the object " + id.hex() + ", which the pack is built on, is damaged"};
            }
            Entry added;
            added.offset = end() + pack_.added.size();
            added.type = base->type;
            added.size = base->bytes().size();
            if (Status counted = count(added.size); !counted.ok()) return counted;
            const std::string entry =
                entry_header(base->type, added.size) + MERLON_TRY(deflate(base->bytes()));
            added.checksum = crc32(entry);
            pack_.added += entry;
            entries_.push_back(added);
            const auto number = static_cast<std::uint32_t>(entries_.size() - 1);
            if (Status named = name_from(number, base->content); !named.ok()) return named;
        }
        if (pack_.added.empty()) return {};
        pack_.header.resize(kPackHeaderBytes - sizeof(std::uint32_t));
        append_be32(pack_.header, static_cast<std::uint32_t>(entries_.size()));
        pack_.trailer = digest_of(
            request_.algorithm,
            {pack_.header, bytes_.substr(kPackHeaderBytes, end() - kPackHeaderBytes), pack_.added});
        return {};
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
        index += pack_.trailer;
        return index + digest_of(request_.algorithm, {index});
    }

    std::string_view bytes_;
    const PackIndexRequest& request_;
    const PackIndexLimits& limits_;
    IndexedPack pack_;
    std::vector<Entry> entries_;
    // The entries that are deltas, by their base.
    std::vector<std::pair<std::uint64_t, std::uint32_t>> by_offset_;
    std::vector<std::pair<ObjectId, std::uint32_t>> by_id_;
    std::size_t named_ = 0;
    std::uint64_t total_bytes_ = 0;
};

}  // namespace

Result<IndexedPack> index_pack(std::string_view bytes, const PackIndexRequest& request) {
    return Indexer(bytes, request).run();
}

Result<std::string> store_pack(const std::string& path, const std::string& folder,
                               const PackIndexRequest& request) {
    const MappedFile file = MERLON_TRY(MappedFile::open(path));
    std::string name;
    std::string index;
    Status read = file.checked([&](std::string_view bytes) -> Status {
        auto indexed = index_pack(bytes, request);
        if (!indexed.ok()) return std::move(indexed).error().at(path, 0, 0);
        const IndexedPack& pack = indexed.value();
        if (pack.objects == 0) return {};
        const std::string_view entries =
            bytes.substr(kPackHeaderBytes, bytes.size() - kPackHeaderBytes - pack.trailer.size());
        name = "pack-" + crypto::hex(pack.trailer);
        index = pack.index;
        return write_file_atomically(folder + "/" + name + ".pack", [&](const WriteBytes& write) {
            Status written;
            for (const std::string_view piece :
                 {std::string_view(pack.header), entries, std::string_view(pack.added),
                  std::string_view(pack.trailer)}) {
                if (written.ok()) written = write(piece);
            }
            return written;
        });
    });
    if (!read.ok()) return read.error();
    if (name.empty()) return name;
    // The index last: with it, the pack is there.
    Status written = write_file_atomically(folder + "/" + name + ".idx", index);
    return written.ok() ? Result<std::string>(name) : written.error();
}

}  // namespace merlon::connect::git
