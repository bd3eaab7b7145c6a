#include "crypto/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <cstring>
#include <utility>

#include "base/hex.h"

namespace merlon::crypto {
namespace {

// HMAC, RFC 2104, section 2: B, the block of SHA-256.
constexpr std::size_t kBlockBytes = 64;

// Looked up once: EVP_sha256() and its like are looked up by each initialisation anew, under a
// lock, and of a short text that is half of the cost.
const EVP_MD* method_of(DigestAlgorithm algorithm) {
    static const std::array<const EVP_MD*, 3> kMethods{EVP_MD_fetch(nullptr, "SHA1", nullptr),
                                                       EVP_MD_fetch(nullptr, "SHA2-256", nullptr),
                                                       EVP_MD_fetch(nullptr, "SHA2-512", nullptr)};
    return kMethods[static_cast<std::size_t>(algorithm)];
}

// No openssl.cnf: a scan's digests must not depend on the machine's settings, and reading it would
// cost a third of the start.
void initialise() {
    static const int once =
        OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ADD_ALL_CIPHERS, nullptr);
    MERLON_ASSERT(once == 1);
}

int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace

struct Hasher::State {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    DigestAlgorithm algorithm;

    explicit State(DigestAlgorithm which) : algorithm(which) { restart(); }
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() { EVP_MD_CTX_free(context); }

    void restart() const {
        MERLON_ASSERT(context != nullptr);
        MERLON_ASSERT(EVP_DigestInit_ex(context, method_of(algorithm), nullptr) == 1);
    }
};

std::string_view name(DigestAlgorithm algorithm) {
    constexpr std::string_view kNames[] = {"sha1", "sha256", "sha512"};
    return kNames[static_cast<std::size_t>(algorithm)];
}

std::size_t digest_bytes(DigestAlgorithm algorithm) {
    constexpr std::size_t kBytes[] = {20, 32, 64};
    return kBytes[static_cast<std::size_t>(algorithm)];
}

std::string Digest::hex() const { return crypto::hex(bytes()); }

std::string Digest::to_string() const { return std::string(name(algorithm)) + ':' + hex(); }

Result<Digest> parse_digest(std::string_view text) {
    const std::size_t colon = text.find(':');
    for (const auto algorithm :
         {DigestAlgorithm::kSha1, DigestAlgorithm::kSha256, DigestAlgorithm::kSha512}) {
        if (colon == std::string_view::npos || text.substr(0, colon) != name(algorithm)) continue;
        const std::string_view digits = text.substr(colon + 1);
        Result<std::string> bytes = from_hex(digits);
        if (!bytes.ok()) return std::move(bytes).error();
        if (bytes.value().size() != digest_bytes(algorithm) || hex(bytes.value()) != digits) break;
        Digest digest{.algorithm = algorithm};
        std::memcpy(digest.storage.data(), bytes.value().data(), bytes.value().size());
        return digest;
    }
    return Error{"'" + std::string(text) +
                 "' is not a digest; write sha256: and 64 lower-case hexadecimal digits"};
}

Hasher::Hasher(DigestAlgorithm algorithm) {
    initialise();
    state_ = std::make_unique<State>(algorithm);
}
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;
Hasher::~Hasher() = default;

Hasher& Hasher::update(std::string_view bytes) {
    MERLON_ASSERT(EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()) == 1);
    return *this;
}

Digest Hasher::finish() {
    Digest digest{.algorithm = state_->algorithm};
    MERLON_ASSERT(EVP_DigestFinal_ex(state_->context, digest.storage.data(), nullptr) == 1);
    state_->restart();
    return digest;
}

Digest digest(DigestAlgorithm algorithm, std::string_view bytes) {
    thread_local std::array hashers{Hasher(DigestAlgorithm::kSha1),
                                    Hasher(DigestAlgorithm::kSha256),
                                    Hasher(DigestAlgorithm::kSha512)};
    return hashers[static_cast<std::size_t>(algorithm)].update(bytes).finish();
}

Digest sha256(std::string_view bytes) { return digest(DigestAlgorithm::kSha256, bytes); }

std::string hmac_sha256(std::string_view key, std::string_view message) {
    std::string block(key.size() > kBlockBytes ? sha256(key).bytes() : key);
    block.resize(kBlockBytes, '\0');
    std::string inner = block;
    std::string outer = block;
    for (char& c : inner) c = static_cast<char>(c ^ 0x36);
    for (char& c : outer) c = static_cast<char>(c ^ 0x5C);
    Hasher hasher(DigestAlgorithm::kSha256);
    const Digest inside = hasher.update(inner).update(message).finish();
    return std::string(hasher.update(outer).update(inside.bytes()).finish().bytes());
}

std::string hex(std::string_view bytes) { return to_hex(bytes); }

Result<std::string> from_hex(std::string_view text) {
    if (text.size() % 2 != 0) {
        return Error{"hexadecimal: an odd number of digits; is one missing?", text.size()};
    }
    std::string bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = digit_of(text[i]);
        const int low = digit_of(text[i + 1]);
        if (high < 0 || low < 0) {
            return Error{"hexadecimal: not a digit; expected 0-9 or a-f", high < 0 ? i : i + 1};
        }
        bytes += static_cast<char>(high << 4 | low);
    }
    return bytes;
}

Result<std::string> random_bytes(std::size_t count) {
    initialise();
    std::string bytes(count, '\0');
    auto* data = reinterpret_cast<unsigned char*>(bytes.data());
    if (RAND_priv_bytes(data, static_cast<int>(count)) != 1) {
        return Error{"the system gives no random bytes; a key cannot be made here"};
    }
    return bytes;
}

bool equal_in_constant_time(std::string_view left, std::string_view right) {
    return left.size() == right.size() &&
           CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace merlon::crypto
