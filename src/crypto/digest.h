#pragma once

// Cryptographic digests (FIPS 180-4), HMAC (RFC 2104) and random bytes.
//
// A Digest is always cryptographic and knows its algorithm; checksums and table hashes are in
// base/hash.h. OpenSSL stands behind this room alone.
//
// Thread-safe: no shared state; a Hasher belongs to one thread.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace merlon::crypto {

enum class DigestAlgorithm : std::uint8_t { kSha1, kSha256, kSha512 };

// "sha1", "sha256", "sha512": the names of OCI and in-toto.
std::string_view name(DigestAlgorithm algorithm);
std::size_t digest_bytes(DigestAlgorithm algorithm);

struct Digest {
    DigestAlgorithm algorithm = DigestAlgorithm::kSha256;
    std::array<std::uint8_t, 64> storage{};  // the first digest_bytes(algorithm) count

    std::string_view bytes() const {
        return {reinterpret_cast<const char*>(storage.data()), digest_bytes(algorithm)};
    }
    std::string hex() const;
    std::string to_string() const;  // "sha256:<hex>"
    bool operator==(const Digest&) const = default;
};

// Reads "sha256:<hex>", lower case, of the algorithm's length.
Result<Digest> parse_digest(std::string_view text);

// A digest over pieces.
class Hasher {
  public:
    explicit Hasher(DigestAlgorithm algorithm);
    Hasher(Hasher&&) noexcept;
    Hasher& operator=(Hasher&&) noexcept;
    ~Hasher();

    Hasher& update(std::string_view bytes);
    // The digest of all pieces; the hasher starts afresh.
    Digest finish();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

Digest digest(DigestAlgorithm algorithm, std::string_view bytes);
Digest sha256(std::string_view bytes);

// 32 raw bytes. Any length of key, the empty one too.
std::string hmac_sha256(std::string_view key, std::string_view message);

// Lower-case hexadecimal, both ways. from_hex takes either case and fails at the first other byte.
std::string hex(std::string_view bytes);
Result<std::string> from_hex(std::string_view text);

// Bytes nobody can guess, for keys.
Result<std::string> random_bytes(std::size_t count);

// Compares without telling by its time where the first difference is.
bool equal_in_constant_time(std::string_view left, std::string_view right);

}  // namespace merlon::crypto
