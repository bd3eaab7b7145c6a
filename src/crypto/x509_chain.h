#pragma once

// Whether a certificate leads to one that is trusted (RFC 5280, section 6), and what a private key
// consists of.
//
// The idea: OpenSSL builds and judges the path; what it says beyond that (which usages a path must
// allow) is judged here, because libraries differ and Go's answer is the one that is asked for.
//
// Thread-safe: no state. Cost: a signature for each certificate of the path.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/jose_key.h"

namespace merlon::crypto {

struct ChainQuestion {
    std::string_view root;  // each is one certificate in DER
    std::span<const std::string_view> between = {};
    std::string_view leaf;
    std::int64_t now_seconds = 0;
    std::string host;  // empty: any
    // Object identifiers of extended key usages, dotted; one of them is enough. Empty: any usage.
    std::vector<std::string> usages = {};
};

// The path from the leaf to the root, by index: 0 is the root, then those between, then the leaf.
// Fails where there is none.
Result<std::vector<std::size_t>> verify_chain(const ChainQuestion& question);

enum class PrivateKeyForm : std::uint8_t { kPkcs1, kPkcs8, kSec1 };  // RFC 8017, 5958, 5915

// Numbers are octets, the most significant first.
struct PrivateKey {
    enum class Kind : std::uint8_t { kRsa, kEc, kEd25519 };
    Kind kind = Kind::kRsa;
    RsaParts rsa = {};
    std::string exponent1 = {}, exponent2 = {}, coefficient = {};
    EcParts ec = {};  // x, y and secret as wide as the curve
    std::string ed_secret = {}, ed_public = {};
    std::string public_info = {};  // SubjectPublicKeyInfo in DER
};

Result<PrivateKey> read_private_key(std::string_view der, PrivateKeyForm form);

}  // namespace merlon::crypto
