#include "crypto/signature.h"

#include <openssl/evp.h>

#include <algorithm>
#include <memory>

#include "crypto/digest.h"
#include "crypto/openssl_owned.h"

namespace merlon::crypto {
namespace {

using Key = Owned<EVP_PKEY>;
using Context = Owned<EVP_MD_CTX>;

Key open_secret(const SecretKey& secret) {
    return Key(
        EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, secret.data(), secret.size()));
}

}  // namespace

Result<SecretKey> make_secret_key() {
    const std::string bytes = MERLON_TRY(random_bytes(SecretKey{}.size()));
    SecretKey secret;
    std::copy(bytes.begin(), bytes.end(), secret.begin());
    return secret;
}

Result<PublicKey> public_key_of(const SecretKey& secret) {
    const Key key = open_secret(secret);
    PublicKey bytes;
    std::size_t size = bytes.size();
    if (key == nullptr || EVP_PKEY_get_raw_public_key(key.get(), bytes.data(), &size) != 1 ||
        size != bytes.size()) {
        return Error{"Ed25519: the library gives no public key"};
    }
    return bytes;
}

Result<Signature> sign(const SecretKey& secret, std::string_view message) {
    const Key key = open_secret(secret);
    const Context context(EVP_MD_CTX_new());
    Signature signature;
    std::size_t size = signature.size();
    if (key == nullptr || context == nullptr ||
        EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1 ||
        EVP_DigestSign(context.get(), signature.data(), &size, as_bytes(message), message.size()) !=
            1 ||
        size != signature.size()) {
        return Error{"Ed25519: the library does not sign"};
    }
    return signature;
}

bool is_signed_by(const PublicKey& key, std::string_view message, const Signature& signature) {
    const Key opened(
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.data(), key.size()));
    const Context context(EVP_MD_CTX_new());
    return opened != nullptr && context != nullptr &&
           EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, opened.get()) == 1 &&
           EVP_DigestVerify(context.get(), signature.data(), signature.size(), as_bytes(message),
                            message.size()) == 1;
}

}  // namespace merlon::crypto
