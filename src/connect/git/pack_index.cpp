#include "connect/git/pack_index.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <utility>

#include "connect/git/byte_order.h"

namespace merlon::connect::git {
namespace {

constexpr std::uint32_t kMagic = 0xFF744F63;  // "\377tOc": version 2 and later
}  // namespace

bool begins_with_digits(const char* raw, std::string_view prefix) {
    for (std::size_t i = 0; i < prefix.size(); ++i) {
        const auto byte = static_cast<std::uint8_t>(raw[i / 2]);
        const int digit = i % 2 == 0 ? byte >> 4 : byte & 15;
        const char c = prefix[i];
        const int wanted = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
        if (digit != wanted) return false;
    }
    return true;
}

Error PackIndex::damaged(std::string message) const {
    Error error{std::move(message) + "; run 'git index-pack' on the pack to make its index anew"};
    error.file = path_;
    return error;
}

PackIndex::PackIndex(MappedFile file, HashAlgorithm algorithm, std::string path)
    : file_(std::move(file)), algorithm_(algorithm), path_(std::move(path)) {}

Result<PackIndex> PackIndex::open(const std::string& path, HashAlgorithm algorithm) {
    PackIndex index(MERLON_TRY(MappedFile::open(path)), algorithm, path);
    const auto read = [&](std::string_view bytes) { return index.read_layout(bytes); };
    MERLON_TRY(index.file_.checked(std::ref(read)));
    return index;
}

Status PackIndex::read_layout(std::string_view bytes) {
    const std::size_t hash = hash_bytes_of(algorithm_);
    std::size_t fan_out_at = 0;
    if (bytes.size() >= 8 && load_be32(bytes.data()) == kMagic) {
        version_ = load_be32(bytes.data() + 4);
        if (version_ != 2) {
            return damaged("is a pack index of version " + std::to_string(version_) +
                           ", and versions 1 and 2 can be read");
        }
        fan_out_at = 8;
    } else {
        version_ = 1;
    }
    if (bytes.size() < fan_out_at + FanOut::kBytes + 2 * hash) {
        return damaged("is shorter than a pack index can be");
    }
    if (!fan_out_.read(bytes.data() + fan_out_at)) {
        return damaged("its fan-out table does not rise");
    }
    const std::size_t objects = count();
    const std::size_t tables_at = fan_out_at + FanOut::kBytes;
    const std::size_t room = bytes.size() - tables_at - 2 * hash;
    if (version_ == 1) {
        id_stride_ = hash + 4;
        if (room != objects * id_stride_) return damaged("its length does not fit its fan-out");
        ids_at_ = tables_at + 4;
        offsets_at_ = tables_at;
        return {};
    }
    id_stride_ = hash;
    if (room < objects * (hash + 8) || (room - objects * (hash + 8)) % 8 != 0) {
        return damaged("its length does not fit its fan-out");
    }
    ids_at_ = tables_at;
    checksums_at_ = ids_at_ + objects * hash;
    offsets_at_ = checksums_at_ + objects * 4;
    large_offsets_at_ = offsets_at_ + objects * 4;
    large_offset_count_ = (room - objects * (hash + 8)) / 8;
    return {};
}

const char* PackIndex::id_bytes(std::string_view bytes, std::uint32_t position) const {
    return bytes.data() + ids_at_ + position * id_stride_;
}

Result<std::optional<std::uint32_t>> PackIndex::find(const ObjectId& id) const {
    std::optional<std::uint32_t> found;
    if (id.algorithm() != algorithm_) return found;
    if (!fan_out_.has_any_like(id.bytes())) return found;
    const auto search = [&](std::string_view bytes) {
        found = fan_out_.find(id.bytes(), id_bytes(bytes, 0), id_stride_);
    };
    MERLON_TRY(file_.guarded(std::ref(search)));
    return found;
}

Result<std::vector<std::uint32_t>> PackIndex::with_prefix(std::string_view prefix,
                                                          std::size_t most) const {
    std::vector<std::uint32_t> found;
    const auto search = [&](std::string_view bytes) {
        std::string lowest(prefix);
        lowest.resize(2 * hash_bytes_of(algorithm_), '0');
        const auto least = ObjectId::parse(lowest);
        if (!least.has_value()) return;
        const std::string_view wanted = least->bytes();
        std::uint32_t low = 0;
        std::uint32_t high = count();
        while (low < high) {
            const std::uint32_t middle = low + (high - low) / 2;
            if (std::memcmp(id_bytes(bytes, middle), wanted.data(), wanted.size()) < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        for (; low < count() && found.size() < most; ++low) {
            if (!begins_with_digits(id_bytes(bytes, low), prefix)) break;
            found.push_back(low);
        }
    };
    MERLON_TRY(file_.guarded(std::ref(search)));
    return found;
}

Result<ObjectId> PackIndex::id_at(std::uint32_t position) const {
    MERLON_ASSERT(position < count());
    ObjectId id(algorithm_);
    const auto read = [&](std::string_view bytes) {
        id = ObjectId::from_bytes(algorithm_, id_bytes(bytes, position));
    };
    MERLON_TRY(file_.guarded(std::ref(read)));
    return id;
}

Result<std::uint64_t> PackIndex::offset_in(std::string_view bytes, std::uint32_t position) const {
    if (version_ == 1) {
        return std::uint64_t{load_be32(bytes.data() + offsets_at_ + position * id_stride_)};
    }
    const std::uint32_t offset = load_be32(bytes.data() + offsets_at_ + std::size_t{position} * 4);
    if ((offset & kLargeOffset) == 0) return std::uint64_t{offset};
    const std::size_t large = offset & ~kLargeOffset;
    if (large >= large_offset_count_) return damaged("points behind its table of large offsets");
    return load_be64(bytes.data() + large_offsets_at_ + large * 8);
}

Result<std::uint64_t> PackIndex::offset_at(std::uint32_t position) const {
    MERLON_ASSERT(position < count());
    Result<std::uint64_t> offset = std::uint64_t{0};
    const auto read = [&](std::string_view bytes) { offset = offset_in(bytes, position); };
    MERLON_TRY(file_.guarded(std::ref(read)));
    return offset;
}

Result<std::vector<std::uint64_t>> PackIndex::offsets() const {
    std::vector<std::uint64_t> all(count());
    const auto read = [&](std::string_view bytes) -> Status {
        for (std::uint32_t position = 0; position < count(); ++position) {
            all[position] = MERLON_TRY(offset_in(bytes, position));
        }
        return {};
    };
    MERLON_TRY(file_.checked(std::ref(read)));
    return all;
}

Result<std::vector<std::uint32_t>> PackIndex::checksums() const {
    std::vector<std::uint32_t> all;
    if (version_ == 1) return all;
    all.resize(count());
    const auto read = [&](std::string_view bytes) {
        for (std::uint32_t position = 0; position < count(); ++position) {
            all[position] = load_be32(bytes.data() + checksums_at_ + std::size_t{position} * 4);
        }
    };
    MERLON_TRY(file_.guarded(std::ref(read)));
    return all;
}

Result<std::vector<ObjectId>> PackIndex::ids() const {
    std::vector<ObjectId> all(count());
    const auto read = [&](std::string_view bytes) {
        for (std::uint32_t position = 0; position < count(); ++position) {
            all[position] = ObjectId::from_bytes(algorithm_, id_bytes(bytes, position));
        }
    };
    MERLON_TRY(file_.guarded(std::ref(read)));
    return all;
}

Result<std::string> PackIndex::pack_trailer() const {
    std::string trailer;
    const auto read = [&](std::string_view bytes) {
        const std::size_t hash = hash_bytes_of(algorithm_);
        trailer = bytes.substr(bytes.size() - 2 * hash, hash);
    };
    MERLON_TRY(file_.guarded(std::ref(read)));
    return trailer;
}

}  // namespace merlon::connect::git
