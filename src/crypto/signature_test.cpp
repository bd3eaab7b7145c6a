#include "crypto/signature.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "crypto/digest.h"

namespace merlon::crypto {
namespace {

template <typename Bytes>
Bytes bytes_of(std::string_view hexadecimal) {
    const std::string raw = from_hex(hexadecimal).value();
    Bytes bytes{};
    EXPECT_EQ(raw.size(), bytes.size());
    std::copy_n(raw.begin(), std::min(raw.size(), bytes.size()), bytes.begin());
    return bytes;
}

TEST(Signature, agrees_with_the_vectors_of_rfc_8032_section_7_1) {
    const struct {
        std::string_view secret, key, message, signature;
    } cases[] = {
        {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
         "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
         "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701"
         "c"
         "f9b46bd25bf5f0595bbe24655141438e7a100b"},
        {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
         "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
         "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d"
         "0"
         "f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
    };
    for (const auto& c : cases) {
        const auto secret = bytes_of<SecretKey>(c.secret);
        const auto key = bytes_of<PublicKey>(c.key);
        const std::string message = from_hex(c.message).value();
        EXPECT_EQ(public_key_of(secret).value(), key);
        const Signature signature = sign(secret, message).value();
        EXPECT_EQ(signature, bytes_of<Signature>(c.signature));
        EXPECT_TRUE(is_signed_by(key, message, signature));
    }
}

TEST(Signature, another_message_key_or_signature_verifies_nothing) {
    const SecretKey secret = make_secret_key().value();
    const PublicKey key = public_key_of(secret).value();
    Signature signature = sign(secret, "message").value();
    EXPECT_TRUE(is_signed_by(key, "message", signature));
    EXPECT_FALSE(is_signed_by(key, "Message", signature));
    EXPECT_FALSE(is_signed_by(PublicKey{}, "message", signature));
    signature[5] ^= 1;
    EXPECT_FALSE(is_signed_by(key, "message", signature));
    EXPECT_FALSE(is_signed_by(key, "message", Signature{}));
}

TEST(Signature, two_keys_are_never_the_same) {
    EXPECT_NE(make_secret_key().value(), make_secret_key().value());
}

}  // namespace
}  // namespace merlon::crypto
