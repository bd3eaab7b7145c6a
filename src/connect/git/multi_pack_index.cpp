#include "connect/git/multi_pack_index.h"

#include <functional>
#include <utility>

#include "connect/git/byte_order.h"
#include "connect/git/chunk_table.h"
#include "connect/git/pack_index.h"

namespace merlon::connect::git {
namespace {

constexpr std::size_t kHeaderBytes = 12;
}  // namespace

Error MultiPackIndex::damaged(std::string message) const {
    Error error{std::move(message) + "; 'git multi-pack-index write' makes it anew"};
    error.file = path_;
    return error;
}

MultiPackIndex::MultiPackIndex(MappedFile file, HashAlgorithm algorithm, std::string path)
    : file_(std::move(file)), algorithm_(algorithm), path_(std::move(path)) {}

Result<MultiPackIndex> MultiPackIndex::open(const std::string& path, HashAlgorithm algorithm) {
    MultiPackIndex index(MERLON_TRY(MappedFile::open(path)), algorithm, path);
    const auto read = [&](std::string_view bytes) { return index.read_layout(bytes); };
    MERLON_TRY(index.file_.checked(std::ref(read)));
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
    Chunk fan_out;
    for (const FileChunk& chunk : chunks.value()) {
        const Chunk place{chunk.at, chunk.size};
        if (chunk.name == chunk_name("PNAM")) names_ = place;
        if (chunk.name == chunk_name("OIDF")) fan_out = place;
        if (chunk.name == chunk_name("OIDL")) ids_ = place;
        if (chunk.name == chunk_name("OOFF")) offsets_ = place;
        if (chunk.name == chunk_name("LOFF")) large_offsets_ = place;
    }
    if (fan_out.size != FanOut::kBytes) return damaged("has no whole fan-out table");
    if (!fan_out_.read(bytes.data() + fan_out.at)) {
        return damaged("its fan-out table does not rise");
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
    if (!fan_out_.has_any_like(id.bytes())) return found;
    const auto search = [&](std::string_view bytes) -> Status {
        const auto position = fan_out_.find(id.bytes(), bytes.data() + ids_.at, id.bytes().size());
        if (position.has_value()) found = MERLON_TRY(entry_in(bytes, *position));
        return {};
    };
    MERLON_TRY(file_.checked(std::ref(search)));
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
