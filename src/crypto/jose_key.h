#pragma once

// Keys and signatures of JOSE (RFC 7518, section 3; RFC 8037): RSA with PKCS #1 and PSS, ECDSA over
// the NIST curves, Ed25519, HMAC.
//
// The idea: a Key is what a certificate, a PEM block or the members of a JWK say; a scheme is what
// a token's header says. Both must fit, or nothing is signed and nothing verifies: a public key is
// never taken for a shared secret.
//
// Thread-safe to read. Cost: that of the algorithm, up to some milliseconds to sign with RSA.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace merlon::crypto {

enum class HashName : std::uint8_t {
    kMd5,
    kSha1,
    kSha224,
    kSha256,
    kSha384,
    kSha512,
    kSha512With224,  // SHA-512/224
    kSha512With256,
};
// The raw digest. MD5 and SHA-1 vouch for nothing; formats ask for them.
std::string hash(HashName name, std::string_view message);
std::string hmac(HashName name, std::string_view key, std::string_view message);

enum class SignatureFamily : std::uint8_t { kHmac, kRsaPkcs1, kRsaPss, kEcdsa, kEd25519 };
struct SignatureScheme {
    SignatureFamily family;
    HashName hash;
};
// "RS256", "EdDSA", …
std::optional<SignatureScheme> jose_scheme(std::string_view name);

enum class SignatureForm : std::uint8_t {
    kStandard,  // RFC 7518: ECDSA's numbers have the width of the curve, PSS's salt that of the
                // hash
    kLenient,   // any width and any salt
};

// The members of a JWK, decoded; empty: absent.
struct RsaParts {
    std::string modulus, exponent, secret_exponent, prime1, prime2;
};
struct EcParts {
    std::string curve, x, y, secret;
};

class JoseKey {
  public:
    // X.509 in DER: the key of the certificate's subject. The certificate itself is not judged.
    static Result<JoseKey> from_certificate(std::string_view der);
    // SubjectPublicKeyInfo in DER.
    static Result<JoseKey> from_public_key(std::string_view der);
    static Result<JoseKey> from_rsa(const RsaParts& parts);
    static Result<JoseKey> from_ec(const EcParts& parts);
    // 32 bytes each; the secret may be empty.
    static Result<JoseKey> from_ed25519(std::string_view public_bytes, std::string_view secret);
    static JoseKey from_secret(std::string_view bytes);

    // Whether it is a key of this kind at all.
    bool fits(const SignatureScheme& scheme) const;
    bool verifies(const SignatureScheme& scheme, std::string_view message,
                  std::string_view signature, SignatureForm form = SignatureForm::kStandard) const;
    Result<std::string> sign(const SignatureScheme& scheme, std::string_view message) const;
    // The 32 bytes of an Ed25519 key's public part; empty: it is of another kind.
    std::string public_bytes() const;

  private:
    struct State;
    explicit JoseKey(std::shared_ptr<const State> state) : state_(std::move(state)) {}
    std::shared_ptr<const State> state_;
};

}  // namespace merlon::crypto
