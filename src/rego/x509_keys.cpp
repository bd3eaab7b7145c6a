#include "rego/encodings.h"
#include "rego/x509_extensions.h"
#include "rego/x509_values.h"

// Private keys as values.

namespace merlon::rego {

using value::Value;

Value private_key_value(Context& context, const crypto::PrivateKey& key) {
    x509::Members members(context);
    const auto number = [&members](const std::string& octets) {
        return members.unsigned_number(octets);
    };
    if (key.kind == crypto::PrivateKey::Kind::kEd25519) {
        return members.base64(key.ed_secret + key.ed_public);
    }
    if (key.kind == crypto::PrivateKey::Kind::kEc) {
        return members.object({{"Curve", members.object({})},
                               {"X", number(key.ec.x)},
                               {"Y", number(key.ec.y)},
                               {"D", number(key.ec.secret)}});
    }
    const Value primes[] = {number(key.rsa.prime1), number(key.rsa.prime2)};
    return members.object(
        {{"N", number(key.rsa.modulus)},
         {"E", number(key.rsa.exponent)},
         {"D", number(key.rsa.secret_exponent)},
         {"Primes", context.builder.array(primes)},
         {"Precomputed", members.object({{"Dp", number(key.exponent1)},
                                         {"Dq", number(key.exponent2)},
                                         {"Qinv", number(key.coefficient)},
                                         {"CRTValues", context.builder.array({})}})}});
}

Value jwk_value(Context& context, const crypto::PrivateKey& key) {
    x509::Members members(context);
    const auto text = [&context](std::string_view octets) {
        return context.string(go_base64_encode(octets, Base64Form::kUrlUnpadded));
    };
    if (key.kind == crypto::PrivateKey::Kind::kEd25519) {
        return members.object({{"kty", context.string("OKP")},
                               {"crv", context.string("Ed25519")},
                               {"x", text(key.ed_public)},
                               {"d", text(key.ed_secret)}});
    }
    if (key.kind == crypto::PrivateKey::Kind::kEc) {
        return members.object({{"kty", context.string("EC")},
                               {"crv", context.string(key.ec.curve)},
                               {"x", text(key.ec.x)},
                               {"y", text(key.ec.y)},
                               {"d", text(key.ec.secret)}});
    }
    return members.object({{"kty", context.string("RSA")},
                           {"n", text(key.rsa.modulus)},
                           {"e", text(key.rsa.exponent)},
                           {"d", text(key.rsa.secret_exponent)},
                           {"p", text(key.rsa.prime1)},
                           {"q", text(key.rsa.prime2)},
                           {"dp", text(key.exponent1)},
                           {"dq", text(key.exponent2)},
                           {"qi", text(key.coefficient)}});
}

}  // namespace merlon::rego
