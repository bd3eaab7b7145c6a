#pragma once

// JSON Web Keys and sets of them, with the checks and the words of the library that OPA reads them
// with: policies see its errors, which tell how it went through the text.
//
// The idea: a key's members are read in the order in which they stand, each by the table of its
// type; then what is missing is told, and then what the numbers of the key are wrong about. What a
// key can do is asked later, when somebody verifies or signs with it.
//
// Standards: RFC 7517, RFC 7518 (section 6) and RFC 8037, as github.com/lestrrat-go/jwx 3.3 reads
// them; JSON is what encoding/json takes. Thread-safe: no state. Cost: linear, and the check of a
// point on its curve.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/jose_key.h"
#include "rego/builtins.h"

namespace merlon::rego {

struct KeyTypeRow;

struct JsonWebKey {
    const KeyTypeRow* type = nullptr;
    std::string algorithm;
    std::string id;
    std::string curve;
    std::map<std::string, std::string, std::less<>> parts;  // decoded: "n", "x", "k", …

    bool is_private() const;
    // A part; empty where it is absent.
    const std::string& part(std::string_view name) const;
};

// jwk.Parse: a key, or a set of keys.
Result<std::vector<JsonWebKey>> parse_json_web_keys(Context& context, std::string_view text);

// jwk.Export: what verifies with it; nothing where it verifies nothing.
Result<std::optional<crypto::JoseKey>> verification_key(const JsonWebKey& key);

// jwsbb.Sign.
Result<std::string> sign_with(const JsonWebKey& key, const crypto::SignatureScheme& scheme,
                              std::string_view message);

}  // namespace merlon::rego
