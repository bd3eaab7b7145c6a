#include "crypto/jose_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <vector>

#include "crypto/digest.h"
#include "crypto/openssl_memory.h"

namespace merlon::crypto {
namespace {

using openssl::as_bytes;
using openssl::Owned;

const EVP_MD* method_of(HashName name) {
    switch (name) {
        case HashName::kMd5:
            return EVP_md5();
        case HashName::kSha1:
            return EVP_sha1();
        case HashName::kSha224:
            return EVP_sha224();
        case HashName::kSha256:
            return EVP_sha256();
        case HashName::kSha384:
            return EVP_sha384();
        case HashName::kSha512:
            return EVP_sha512();
        case HashName::kSha512With224:
            return EVP_sha512_224();
        case HashName::kSha512With256:
            return EVP_sha512_256();
    }
    return EVP_sha256();
}

// Numbers and texts that make a key.
class KeyBuilder {
  public:
    bool number(const char* name, const std::string& bytes) {
        if (bytes.empty()) return true;
        Owned<BIGNUM> made(BN_bin2bn(as_bytes(bytes), static_cast<int>(bytes.size()), nullptr));
        if (made == nullptr) return false;
        numbers_.push_back(std::move(made));
        return OSSL_PARAM_BLD_push_BN(builder_.get(), name, numbers_.back().get()) == 1;
    }
    bool text(const char* name, const std::string& value) {
        return OSSL_PARAM_BLD_push_utf8_string(builder_.get(), name, value.c_str(), 0) == 1;
    }
    bool octets(const char* name, const std::string& value) {
        return OSSL_PARAM_BLD_push_octet_string(builder_.get(), name, value.data(), value.size()) ==
               1;
    }
    // The curve's point must be on the curve, or there is no key.
    Owned<EVP_PKEY> build(const char* type, int selection) {
        const Owned<OSSL_PARAM> parameters(OSSL_PARAM_BLD_to_param(builder_.get()));
        const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
        EVP_PKEY* key = nullptr;
        if (parameters == nullptr || context == nullptr ||
            EVP_PKEY_fromdata_init(context.get()) != 1 ||
            EVP_PKEY_fromdata(context.get(), &key, selection, parameters.get()) != 1) {
            ERR_clear_error();
            return nullptr;
        }
        return Owned<EVP_PKEY>(key);
    }

  private:
    Owned<OSSL_PARAM_BLD> builder_{OSSL_PARAM_BLD_new()};
    std::vector<Owned<BIGNUM>> numbers_;
};

std::string left_padded(const std::string& bytes, std::size_t size) {
    return bytes.size() >= size ? bytes : std::string(size - bytes.size(), '\0') + bytes;
}

// RFC 7518, section 3.4: r and s, each as wide as the curve's order.
std::string der_of_ecdsa(std::string_view raw) {
    const std::size_t half = raw.size() / 2;
    const Owned<ECDSA_SIG> signature(ECDSA_SIG_new());
    BIGNUM* r = BN_bin2bn(as_bytes(raw), static_cast<int>(half), nullptr);
    BIGNUM* s = BN_bin2bn(as_bytes(raw.substr(half)), static_cast<int>(raw.size() - half), nullptr);
    if (signature == nullptr || ECDSA_SIG_set0(signature.get(), r, s) != 1) {
        BN_free(r);
        BN_free(s);
        return {};
    }
    unsigned char* bytes = nullptr;
    const int size = i2d_ECDSA_SIG(signature.get(), &bytes);
    if (size <= 0) return {};
    std::string der(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
    OPENSSL_free(bytes);
    return der;
}

std::string raw_of_ecdsa(std::string_view der, std::size_t half) {
    const unsigned char* at = as_bytes(der);
    const Owned<ECDSA_SIG> signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
    if (signature == nullptr) return {};
    std::string raw(half * 2, '\0');
    const auto width = static_cast<int>(half);
    if (BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), as_bytes(raw), width) != width ||
        BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), as_bytes(raw) + half, width) != width) {
        return {};
    }
    return raw;
}

bool set_padding(EVP_PKEY_CTX* context, const SignatureScheme& scheme, int salt_length) {
    if (scheme.family != SignatureFamily::kRsaPss) return true;
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(context, salt_length) == 1;
}

const EVP_MD* method_of(const SignatureScheme& scheme) {
    return scheme.family == SignatureFamily::kEd25519 ? nullptr : method_of(scheme.hash);
}

}  // namespace

struct JoseKey::State {
    Owned<EVP_PKEY> key;
    std::string secret;  // for HMAC
    bool can_sign = false;
};

std::string hash(HashName name, std::string_view message) {
    std::string digest(EVP_MAX_MD_SIZE, '\0');
    unsigned size = 0;
    const int done = EVP_Digest(message.data(), message.size(), as_bytes(digest), &size,
                                method_of(name), nullptr);
    MERLON_ASSERT(done == 1);
    digest.resize(size);
    return digest;
}

std::string hmac(HashName name, std::string_view key, std::string_view message) {
    std::string digest(EVP_MAX_MD_SIZE, '\0');
    unsigned size = 0;
    const unsigned char* done =
        HMAC(method_of(name), key.empty() ? "" : key.data(), static_cast<int>(key.size()),
             as_bytes(message), message.size(), as_bytes(digest), &size);
    MERLON_ASSERT(done != nullptr);
    digest.resize(size);
    return digest;
}

std::optional<SignatureScheme> jose_scheme(std::string_view name) {
    static constexpr std::pair<std::string_view, SignatureScheme> kSchemes[] = {
        {"HS256", {SignatureFamily::kHmac, HashName::kSha256}},
        {"HS384", {SignatureFamily::kHmac, HashName::kSha384}},
        {"HS512", {SignatureFamily::kHmac, HashName::kSha512}},
        {"RS256", {SignatureFamily::kRsaPkcs1, HashName::kSha256}},
        {"RS384", {SignatureFamily::kRsaPkcs1, HashName::kSha384}},
        {"RS512", {SignatureFamily::kRsaPkcs1, HashName::kSha512}},
        {"PS256", {SignatureFamily::kRsaPss, HashName::kSha256}},
        {"PS384", {SignatureFamily::kRsaPss, HashName::kSha384}},
        {"PS512", {SignatureFamily::kRsaPss, HashName::kSha512}},
        {"ES256", {SignatureFamily::kEcdsa, HashName::kSha256}},
        {"ES384", {SignatureFamily::kEcdsa, HashName::kSha384}},
        {"ES512", {SignatureFamily::kEcdsa, HashName::kSha512}},
        {"EdDSA", {SignatureFamily::kEd25519, HashName::kSha512}},
    };
    for (const auto& [known, scheme] : kSchemes) {
        if (known == name) return scheme;
    }
    return std::nullopt;
}

Result<JoseKey> JoseKey::from_certificate(std::string_view der) {
    const unsigned char* at = as_bytes(der);
    const Owned<X509> certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
    if (certificate == nullptr || at != as_bytes(der) + der.size()) {
        ERR_clear_error();
        return Error{"x509: malformed certificate"};
    }
    const X509_ALGOR* outer = nullptr;
    X509_get0_signature(nullptr, &outer, certificate.get());
    if (X509_ALGOR_cmp(X509_get0_tbs_sigalg(certificate.get()), outer) != 0) {
        return Error{"x509: inner and outer signature algorithm identifiers don't match"};
    }
    Owned<EVP_PKEY> key(X509_get_pubkey(certificate.get()));
    if (key == nullptr) return Error{"x509: unsupported public key"};
    return JoseKey(std::make_shared<const State>(State{std::move(key), "", false}));
}

Result<JoseKey> JoseKey::from_public_key(std::string_view der) {
    const unsigned char* at = as_bytes(der);
    Owned<EVP_PKEY> key(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
    if (key == nullptr) {
        ERR_clear_error();
        return Error{"x509: malformed public key"};
    }
    if (at != as_bytes(der) + der.size()) {
        return Error{"x509: trailing data after ASN.1 of public-key"};
    }
    return JoseKey(std::make_shared<const State>(State{std::move(key), "", false}));
}

Result<JoseKey> JoseKey::from_rsa(const RsaParts& parts) {
    // A modulus of this size takes seconds for each signature.
    constexpr std::size_t kMaxModulusBytes = 2'048;
    const bool has_numbers = !parts.modulus.empty() && !parts.exponent.empty() &&
                             parts.modulus.size() <= kMaxModulusBytes;
    KeyBuilder builder;
    const bool is_secret = !parts.secret_exponent.empty();
    const bool is_taken = has_numbers && builder.number(OSSL_PKEY_PARAM_RSA_N, parts.modulus) &&
                          builder.number(OSSL_PKEY_PARAM_RSA_E, parts.exponent) &&
                          builder.number(OSSL_PKEY_PARAM_RSA_D, parts.secret_exponent);
    Owned<EVP_PKEY> key;
    if (is_taken) key = builder.build("RSA", is_secret ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY);
    if (key == nullptr) return Error{"RSA key: wrong members"};
    return JoseKey(std::make_shared<const State>(State{std::move(key), "", is_secret}));
}

Result<JoseKey> JoseKey::from_ec(const EcParts& parts) {
    const std::size_t size = parts.curve == "P-256"   ? 32
                             : parts.curve == "P-384" ? 48
                             : parts.curve == "P-521" ? 66
                                                      : 0;
    KeyBuilder builder;
    const bool is_secret = !parts.secret.empty();
    const bool is_sized = size != 0 && parts.x.size() <= size && parts.y.size() <= size;
    const std::string point = "\x04" + left_padded(parts.x, size) + left_padded(parts.y, size);
    const bool is_taken = is_sized && builder.text(OSSL_PKEY_PARAM_GROUP_NAME, parts.curve) &&
                          builder.octets(OSSL_PKEY_PARAM_PUB_KEY, point) &&
                          builder.number(OSSL_PKEY_PARAM_PRIV_KEY, parts.secret);
    Owned<EVP_PKEY> key;
    if (is_taken) key = builder.build("EC", is_secret ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY);
    if (key == nullptr) return Error{"EC key: wrong members"};
    return JoseKey(std::make_shared<const State>(State{std::move(key), "", is_secret}));
}

Result<JoseKey> JoseKey::from_ed25519(std::string_view public_bytes, std::string_view secret) {
    const bool is_secret = !secret.empty();
    Owned<EVP_PKEY> key(is_secret ? EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr,
                                                                 as_bytes(secret), secret.size())
                                  : EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr,
                                                                as_bytes(public_bytes),
                                                                public_bytes.size()));
    if (key == nullptr) {
        ERR_clear_error();
        return Error{"Ed25519 key: wrong members"};
    }
    return JoseKey(std::make_shared<const State>(State{std::move(key), "", is_secret}));
}

JoseKey JoseKey::from_secret(std::string_view bytes) {
    return JoseKey(std::make_shared<const State>(State{nullptr, std::string(bytes), true}));
}

bool JoseKey::fits(const SignatureScheme& scheme) const {
    if (state_->key == nullptr) return scheme.family == SignatureFamily::kHmac;
    switch (scheme.family) {
        case SignatureFamily::kHmac:
            return false;
        case SignatureFamily::kRsaPkcs1:
        case SignatureFamily::kRsaPss:
            return EVP_PKEY_get_base_id(state_->key.get()) == EVP_PKEY_RSA;
        case SignatureFamily::kEcdsa:
            return EVP_PKEY_get_base_id(state_->key.get()) == EVP_PKEY_EC;
        case SignatureFamily::kEd25519:
            return EVP_PKEY_get_base_id(state_->key.get()) == EVP_PKEY_ED25519;
    }
    return false;
}

bool JoseKey::verifies(const SignatureScheme& scheme, std::string_view message,
                       std::string_view signature, SignatureForm form) const {
    if (!fits(scheme)) return false;
    if (scheme.family == SignatureFamily::kHmac) {
        return equal_in_constant_time(hmac(scheme.hash, state_->secret, message), signature);
    }
    std::string der;
    if (scheme.family == SignatureFamily::kEcdsa) {
        // RFC 7518, section 3.4: both numbers have the width of the curve.
        const auto bits = static_cast<std::size_t>(EVP_PKEY_get_bits(state_->key.get()));
        const bool is_standard = signature.size() == (bits + 7) / 8 * 2;
        constexpr std::size_t kMaxSignatureBytes = 1'024;
        if (form == SignatureForm::kStandard ? !is_standard
                                             : signature.size() > kMaxSignatureBytes) {
            return false;
        }
        der = der_of_ecdsa(signature);
        signature = der;
    }
    const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* key_context = nullptr;
    const bool is_verified = context != nullptr &&
                             EVP_DigestVerifyInit(context.get(), &key_context, method_of(scheme),
                                                  nullptr, state_->key.get()) == 1 &&
                             set_padding(key_context, scheme,
                                         form == SignatureForm::kStandard ? RSA_PSS_SALTLEN_DIGEST
                                                                          : RSA_PSS_SALTLEN_AUTO) &&
                             EVP_DigestVerify(context.get(), as_bytes(signature), signature.size(),
                                              as_bytes(message), message.size()) == 1;
    ERR_clear_error();
    return is_verified;
}

Result<std::string> JoseKey::sign(const SignatureScheme& scheme, std::string_view message) const {
    if (!fits(scheme) || !state_->can_sign) return Error{"the key does not fit the algorithm"};
    if (scheme.family == SignatureFamily::kHmac) {
        return hmac(scheme.hash, state_->secret, message);
    }
    const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* key_context = nullptr;
    std::size_t size = 0;
    std::string signature;
    const bool is_ready =
        context != nullptr &&
        EVP_DigestSignInit(context.get(), &key_context, method_of(scheme), nullptr,
                           state_->key.get()) == 1 &&
        set_padding(key_context, scheme, RSA_PSS_SALTLEN_DIGEST) &&
        EVP_DigestSign(context.get(), nullptr, &size, as_bytes(message), message.size()) == 1;
    if (is_ready) signature.resize(size);
    const bool is_signed = is_ready && EVP_DigestSign(context.get(), as_bytes(signature), &size,
                                                      as_bytes(message), message.size()) == 1;
    ERR_clear_error();
    if (!is_signed) return Error{"the key does not sign"};
    signature.resize(size);
    if (scheme.family != SignatureFamily::kEcdsa) return signature;
    const auto bits = static_cast<std::size_t>(EVP_PKEY_get_bits(state_->key.get()));
    return raw_of_ecdsa(signature, (bits + 7) / 8);
}

std::string JoseKey::public_bytes() const {
    std::string bytes(32, '\0');
    std::size_t size = bytes.size();
    const bool is_ed25519 =
        state_->key != nullptr && EVP_PKEY_get_base_id(state_->key.get()) == EVP_PKEY_ED25519;
    const bool is_read =
        is_ed25519 && EVP_PKEY_get_raw_public_key(state_->key.get(), as_bytes(bytes), &size) == 1;
    return is_read ? bytes : std::string();
}

}  // namespace merlon::crypto
