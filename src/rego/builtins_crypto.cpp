#include "base/hex.h"
#include "crypto/digest.h"
#include "crypto/jose_key.h"
#include "rego/builtins.h"

// Hashes and message authentication codes (OPA: crypto.go).

namespace merlon::rego {
namespace {

using crypto::HashName;

template <HashName kName>
Outcome hash(Context& context, Operands operands) {
    return context.string(to_hex(crypto::hash(kName, operands[0].as_string())));
}
template <HashName kName>
Outcome hmac(Context& context, Operands operands) {
    return context.string(
        to_hex(crypto::hmac(kName, operands[1].as_string(), operands[0].as_string())));
}
Outcome hmac_equal(Context& context, Operands operands) {
    return context.boolean(
        crypto::equal_in_constant_time(operands[0].as_string(), operands[1].as_string()));
}

constexpr Builtin kCryptoBuiltins[] = {
    {"crypto.md5", "s", hash<HashName::kMd5>},
    {"crypto.sha1", "s", hash<HashName::kSha1>},
    {"crypto.sha256", "s", hash<HashName::kSha256>},
    {"crypto.hmac.md5", "ss", hmac<HashName::kMd5>},
    {"crypto.hmac.sha1", "ss", hmac<HashName::kSha1>},
    {"crypto.hmac.sha256", "ss", hmac<HashName::kSha256>},
    {"crypto.hmac.sha512", "ss", hmac<HashName::kSha512>},
    {"crypto.hmac.equal", "ss", hmac_equal},
};

}  // namespace

std::span<const Builtin> crypto_builtins() { return kCryptoBuiltins; }

}  // namespace merlon::rego
