#include "connect/git/object_id.h"

#include "base/hex.h"

namespace merlon::connect::git {
namespace {

int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace

std::optional<ObjectId> ObjectId::parse(std::string_view hex) {
    HashAlgorithm algorithm = HashAlgorithm::kSha1;
    if (hex.size() == 2 * hash_bytes_of(HashAlgorithm::kSha256)) {
        algorithm = HashAlgorithm::kSha256;
    } else if (hex.size() != 2 * hash_bytes_of(HashAlgorithm::kSha1)) {
        return std::nullopt;
    }
    ObjectId id(algorithm);
    for (std::size_t i = 0; i < hex.size(); i += 2) {
        const int high = digit_of(hex[i]);
        const int low = digit_of(hex[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        id.bytes_[i / 2] = static_cast<std::uint8_t>(high << 4 | low);
    }
    return id;
}

std::string ObjectId::hex() const { return to_hex(bytes()); }

}  // namespace merlon::connect::git
