#pragma once

// The name of a Git object: SHA-1 or SHA-256 of its type, length and bytes.
//
// A value that knows its algorithm (gitrepository-layout, extensions.objectFormat). The null id,
// all zeros, stands for "no object" in diffs, reflogs and the index.
//
// Thread-safe as any value type. Cost: 33 bytes, no allocation.

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace merlon::connect::git {

enum class HashAlgorithm : std::uint8_t { kSha1, kSha256 };

// 20 or 32.
constexpr std::size_t hash_bytes_of(HashAlgorithm algorithm) {
    return algorithm == HashAlgorithm::kSha1 ? 20 : 32;
}

class ObjectId {
  public:
    constexpr ObjectId() = default;  // the null id of SHA-1
    explicit constexpr ObjectId(HashAlgorithm algorithm) : algorithm_(algorithm) {}

    // Reads 40 or 64 hexadecimal digits of either case; nothing else is an id.
    static std::optional<ObjectId> parse(std::string_view hex);
    // The first 20 or 32 bytes at `raw`, which must hold them.
    static ObjectId from_bytes(HashAlgorithm algorithm, const char* raw) {
        ObjectId id(algorithm);
        std::memcpy(id.bytes_.data(), raw, hash_bytes_of(algorithm));
        return id;
    }

    HashAlgorithm algorithm() const { return algorithm_; }
    std::string_view bytes() const {
        return {reinterpret_cast<const char*>(bytes_.data()), hash_bytes_of(algorithm_)};
    }
    std::string hex() const;  // lower case
    bool is_null() const { return bytes_ == std::array<std::uint8_t, 32>{}; }

    // By bytes, as the indexes of packs are sorted.
    auto operator<=>(const ObjectId&) const = default;
    bool operator==(const ObjectId&) const = default;

    // The first eight bytes: as good as random, for tables.
    std::uint64_t prefix() const {
        std::uint64_t value = 0;
        std::memcpy(&value, bytes_.data(), sizeof(value));
        return value;
    }

  private:
    std::array<std::uint8_t, 32> bytes_{};  // zeros behind the 20th for SHA-1
    HashAlgorithm algorithm_ = HashAlgorithm::kSha1;
};

}  // namespace merlon::connect::git

template <>
struct std::hash<merlon::connect::git::ObjectId> {
    std::size_t operator()(const merlon::connect::git::ObjectId& id) const noexcept {
        return static_cast<std::size_t>(id.prefix());
    }
};
