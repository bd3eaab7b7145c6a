#include "connect/git/multi_pack_index.h"

#include <cstring>
#include <functional>
#include <utility>

#include "connect/git/byte_order.h"
#include "connect/git/chunk_table.h"

namespace merlon::connect::git {
namespace {

constexpr std::size_t kHeaderBytes = 12;
constexpr std::uint32_t kLargeOffset = 0x8000'0000;

}  // namespace

Error MultiPackIndex::damaged(std::string message) const {
    Error error{std::move(message) + "; 'git multi-pack-index write' makes it anew"};
    error.file = path_;
    return error;
}

Result<MultiPackIndex> MultiPackIndex::open(const std::string& path, HashAlgorithm algorithm) {
    MultiPackIndex index(MERLON_TRY(MappedFile::open(path)), algorithm, path);
    Status layout;
    const auto read = [&](std::string_view bytes) { layout = index.read_layout(bytes); };
    MERLON_TRY(index.file_.guarded(std::ref(read)));
    if (!layout.ok()) return std::move(layout).error();
    return index;
}

Status MultiPackIndex::read_layout(std::string_view bytes) {
    const std::size_t hash = hash_bytes_of(algorithm_);
    if (bytes.size() < kHeaderBytes + hash || !bytes.starts_with("MIDX")) {
        return damaged("is no multi-pack-index");
    }
    const char* header = bytes.data();
    if (header[4] != 1) return damaged("is a multi-pack-index of a version other than 1");
    if (header[5] != (algorithm_ == HashAlgorithm::kSha1 ? 1 : 2)) {
        return damaged("is for another hash algorithm than its repository's");
    }
    if (header[7] != 0) return damaged("has base files, which Git does not write today");
    const auto chunk_count = static_cast<std::uint8_t>(header[6]);
    const Result<std::vector<FileChunk>> chunks =
        read_chunk_table(bytes, kHeaderBytes, chunk_count, hash);
    if (!chunks.ok()) return damaged(chunks.error().message);
    for (const FileChunk& chunk : chunks.value()) {
        const Chunk place{chunk.at, chunk.size};
        if (chunk.name == chunk_name("PNAM")) names_ = place;
        if (chunk.name == chunk_name("OIDF")) fan_out_chunk_ = place;
        if (chunk.name == chunk_name("OIDL")) ids_ = place;
        if (chunk.name == chunk_name("OOFF")) offsets_ = place;
        if (chunk.name == chunk_name("LOFF")) large_offsets_ = place;
    }
    if (fan_out_chunk_.size != fan_out_.size() * 4) return damaged("has no whole fan-out table");
    std::uint32_t before = 0;
    for (std::size_t i = 0; i < fan_out_.size(); ++i) {
        fan_out_[i] = load_be32(bytes.data() + fan_out_chunk_.at + 4 * i);
        if (fan_out_[i] < before) return damaged("its fan-out table does not rise");
        before = fan_out_[i];
    }
    if (ids_.size != std::size_t{count()} * hash || offsets_.size != std::size_t{count()} * 8) {
        return damaged("its tables do not fit its fan-out");
    }
    return read_names(bytes.substr(names_.at, names_.size), load_be32(header + 8));
}

Status MultiPackIndex::read_names(std::string_view names, std::uint32_t packs) {
    for (std::uint32_t i = 0; i < packs; ++i) {
        const std::size_t end = names.find('\0');
        if (end == std::string_view::npos) return damaged("names fewer packs than it announces");
        std::string name(names.substr(0, end));
        if (name.find('/') != std::string::npos || !name.ends_with(".idx")) {
            return damaged("names a pack that is no pack's name");
        }
        pack_names_.push_back(std::move(name));
        names.remove_prefix(end + 1);
    }
    return {};
}

Result<MultiPackIndex::Entry> MultiPackIndex::entry_in(std::string_view bytes,
                                                       std::uint32_t position) const {
    const char* row = bytes.data() + offsets_.at + std::size_t{position} * 8;
    Entry entry{load_be32(row), load_be32(row + 4)};
    if (entry.pack >= pack_names_.size()) return damaged("names a pack number that it has not");
    // The high bit means the table of 64-bit offsets only where there is one.
    if ((entry.offset & kLargeOffset) != 0 && large_offsets_.size != 0) {
        const std::size_t large = entry.offset & ~kLargeOffset;
        if (large >= large_offsets_.size / 8) {
            return damaged("points behind its table of large offsets");
        }
        entry.offset = load_be64(bytes.data() + large_offsets_.at + large * 8);
    }
    return entry;
}

Result<std::optional<MultiPackIndex::Entry>> MultiPackIndex::find(const ObjectId& id) const {
    std::optional<Entry> found;
    if (id.algorithm() != algorithm_) return found;
    const std::string_view wanted = id.bytes();
    const auto first = static_cast<std::uint8_t>(wanted.front());
    std::uint32_t low = first == 0 ? 0 : fan_out_[first - 1];
    std::uint32_t high = fan_out_[first];
    Status status;
    const auto search = [&](std::string_view bytes) {
        while (low < high) {
            const std::uint32_t middle = low + (high - low) / 2;
            const int order =
                std::memcmp(bytes.data() + ids_.at + std::size_t{middle} * wanted.size(),
                            wanted.data(), wanted.size());
            if (order == 0) {
                Result<Entry> entry = entry_in(bytes, middle);
                if (entry.ok()) {
                    found = entry.value();
                } else {
                    status = std::move(entry).error();
                }
                return;
            }
            if (order < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
    };
    MERLON_TRY(file_.guarded(std::ref(search)));
    if (!status.ok()) return std::move(status).error();
    return found;
}

Result<ObjectId> MultiPackIndex::id_at(std::uint32_t position) const {
    MERLON_ASSERT(position < count());
    ObjectId id(algorithm_);
    const auto read = [&](std::string_view bytes) {
        id = ObjectId::from_bytes(
            algorithm_, bytes.data() + ids_.at + std::size_t{position} * hash_bytes_of(algorithm_));
    };
    MERLON_TRY(file_.guarded(std::ref(read)));
    return id;
}

}  // namespace merlon::connect::git
