#pragma once

// Ed25519 signatures (RFC 8032): what vouches for a file that others built.
//
// The idea: keys are their 32 raw bytes, so that they can be written down as 64 hexadecimal digits;
// a key pair follows from its secret. Messages are signed whole, not their digest.
//
// Thread-safe: no shared state. Cost: some 50 microseconds each way, and a SHA-512 of the message.

#include <array>
#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace merlon::crypto {

using SecretKey = std::array<std::uint8_t, 32>;
using PublicKey = std::array<std::uint8_t, 32>;
using Signature = std::array<std::uint8_t, 64>;

// A key that nobody can guess.
Result<SecretKey> make_secret_key();
Result<PublicKey> public_key_of(const SecretKey& secret);

Result<Signature> sign(const SecretKey& secret, std::string_view message);

// Whether `signature` is the secret key's owner's over exactly these bytes. A key or signature that
// is no point of the curve verifies nothing.
bool is_signed_by(const PublicKey& key, std::string_view message, const Signature& signature);

}  // namespace merlon::crypto
