#include "rego/json_web_key.h"

#include <algorithm>
#include <bit>
#include <span>

#include "base/ascii.h"
#include "rego/encodings.h"
#include "rego/go_json.h"
#include "rego/lax_json.h"
#include "rego/term.h"
#include "rego/x509_values.h"
#include "text/utf8.h"

namespace merlon::rego {

// What a type of key consists of, and what the library calls it.
struct KeyTypeRow {
    std::string_view kty;
    bool is_private;
    std::string_view go_type;  // "%T" without "*jwk."
    std::string_view checked_name;
    std::span<const std::string_view> parts;     // members in base64url
    std::span<const std::string_view> required;  // in the order in which they are missed
};

namespace {

using crypto::JoseKey;
using crypto::SignatureFamily;

constexpr std::string_view kRsaPublic[] = {"e", "n"};
constexpr std::string_view kRsaPrivate[] = {"d", "dp", "dq", "e", "n", "p", "q", "qi"};
constexpr std::string_view kRsaPrivateRequired[] = {"d", "e", "n"};
constexpr std::string_view kEcPublic[] = {"x", "y"};
constexpr std::string_view kEcPublicRequired[] = {"crv", "x", "y"};
constexpr std::string_view kEcPrivate[] = {"d", "x", "y"};
constexpr std::string_view kEcPrivateRequired[] = {"crv", "d", "x", "y"};
constexpr std::string_view kOkpPublic[] = {"x"};
constexpr std::string_view kOkpPublicRequired[] = {"crv", "x"};
constexpr std::string_view kOkpPrivate[] = {"d", "x"};
constexpr std::string_view kOkpPrivateRequired[] = {"crv", "d", "x"};
constexpr std::string_view kSymmetric[] = {"k"};

constexpr KeyTypeRow kTypes[] = {
    {"RSA", false, "rsaPublicKey", "jwk.RSAPublicKey", kRsaPublic, kRsaPublic},
    {"RSA", true, "rsaPrivateKey", "jwk.RSAPrivateKey", kRsaPrivate, kRsaPrivateRequired},
    {"EC", false, "ecdsaPublicKey", "jwk.ECDSAPublicKey", kEcPublic, kEcPublicRequired},
    {"EC", true, "ecdsaPrivateKey", "jwk.ECDSAPrivateKey", kEcPrivate, kEcPrivateRequired},
    {"OKP", false, "okpPublicKey", "jwk.OKPPublicKey", kOkpPublic, kOkpPublicRequired},
    {"OKP", true, "okpPrivateKey", "jwk.OKPPrivateKey", kOkpPrivate, kOkpPrivateRequired},
    // A secret is the same on both sides.
    {"oct", false, "symmetricKey", "jwk.SymmetricKey", kSymmetric, kSymmetric},
    {"oct", true, "symmetricKey", "jwk.SymmetricKey", kSymmetric, kSymmetric},
};

// Those of signatures, of keys' encryption and of contents' encryption (RFC 7518, RFC 8037, RFC
// 8812).
constexpr std::string_view kAlgorithms[] = {"ES256",
                                            "ES256K",
                                            "ES384",
                                            "ES512",
                                            "EdDSA",
                                            "Ed25519",
                                            "HS256",
                                            "HS384",
                                            "HS512",
                                            "none",
                                            "PS256",
                                            "PS384",
                                            "PS512",
                                            "RS256",
                                            "RS384",
                                            "RS512",
                                            "A128GCMKW",
                                            "A128KW",
                                            "A192GCMKW",
                                            "A192KW",
                                            "A256GCMKW",
                                            "A256KW",
                                            "dir",
                                            "ECDH-ES",
                                            "ECDH-ES+A128KW",
                                            "ECDH-ES+A192KW",
                                            "ECDH-ES+A256KW",
                                            "PBES2-HS256+A128KW",
                                            "PBES2-HS384+A192KW",
                                            "PBES2-HS512+A256KW",
                                            "RSA1_5",
                                            "RSA-OAEP",
                                            "RSA-OAEP-256",
                                            "RSA-OAEP-384",
                                            "RSA-OAEP-512",
                                            "A128CBC-HS256",
                                            "A128GCM",
                                            "A192CBC-HS384",
                                            "A192GCM",
                                            "A256CBC-HS512",
                                            "A256GCM"};

constexpr std::string_view kCurves[] = {"Ed25519", "Ed448",  "P-256", "P-384",
                                        "P-521",   "X25519", "X448"};

constexpr std::size_t kMaxKeys = 1'000;
constexpr std::size_t kMaxChainLength = 10;
constexpr std::size_t kMaxCertificateBytes = 256 * 1'024;

bool is_one_of(std::string_view name, std::span<const std::string_view> names) {
    return std::ranges::find(names, name) != names.end();
}

bool is_null(std::string_view json) { return json.starts_with('n'); }

// What encoding/json calls the kind of a value.
std::string_view json_kind(std::string_view json) {
    switch (json[0]) {
        case '{':
            return "object";
        case '[':
            return "array";
        case '"':
            return "string";
        case 't':
        case 'f':
            return "bool";
        default:
            return "number";
    }
}

Error wrong_kind(std::string_view json, std::string_view type) {
    return Error{"json: cannot unmarshal " + std::string(json_kind(json)) +
                 " into Go value of type " + std::string(type)};
}

// null is an empty string.
Result<std::string> read_string(std::string_view json, std::string_view type = "string") {
    if (is_null(json)) return std::string();
    if (!json.starts_with('"')) return wrong_kind(json, type);
    const std::string valid = text::to_valid_utf8(json);
    return syntax::unquote_json(valid).value_or(valid);
}

Result<std::string> read_next_string(std::string_view json) {
    auto read = read_string(json);
    if (!read.ok()) return Error{"error reading next value: " + read.error().message};
    return read;
}

// The library takes each form of base64 for what it looks like.
Result<std::string> read_bytes(std::string_view json) {
    const std::string text = MERLON_TRY(read_next_string(json));
    const bool is_padded = text.ends_with('=');
    const bool is_url = text.find_first_of("+/") == text.npos;
    std::string padded = text;
    if (!is_url && !is_padded) padded.resize((text.size() + 3) / 4 * 4, '=');
    auto bytes = go_base64_decode(padded, !is_url     ? Base64Form::kStandard
                                          : is_padded ? Base64Form::kUrl
                                                      : Base64Form::kUrlUnpadded);
    if (!bytes.ok()) return Error{"expected base64 encoded []byte (string)"};
    return bytes;
}

Status check_algorithm(std::string_view json) {
    const std::string name = MERLON_TRY(read_string(json));
    if (is_one_of(name, kAlgorithms)) return {};
    constexpr std::size_t kShownRunes = 64;
    std::string shown = name;
    std::size_t at = 0;
    for (std::size_t runes = 0; at < name.size() && runes < kShownRunes; ++runes) {
        at += text::decode_utf8(std::string_view(name).substr(at)).width;
    }
    if (at < name.size()) shown = name.substr(0, at) + "...";
    return Error{"invalid key value: " + syntax::go_quoted(shown) + ": invalid key algorithm"};
}

Status check_operations(std::string_view json) {
    if (is_null(json)) return {};
    if (!json.starts_with('[')) return wrong_kind(json, "jwk.KeyOperationList");
    for (const std::string_view operation : json_elements(json)) {
        MERLON_TRY(read_string(operation, "jwk.KeyOperation"));
    }
    return {};
}

Result<std::string> read_curve(std::string_view json) {
    auto name = read_string(json);
    if (!name.ok()) {
        return Error{"failed to unmarshal EllipticCurveAlgorithm: " + name.error().message};
    }
    if (is_one_of(name.value(), kCurves)) return name;
    return Error{"unknown EllipticCurveAlgorithm: " + syntax::go_quoted(name.value())};
}

// RFC 7517, section 4.7.
Status check_certificate(Context& context, std::string text) {
    std::erase_if(text, [](char c) { return is_space(c) || c == '\v' || c == '\f'; });
    const std::size_t bytes = text.size() / 4 * 3;
    if (bytes > kMaxCertificateBytes) {
        return Error{"certificate size " + std::to_string(bytes) +
                     " exceeds maximum allowed size of " + std::to_string(kMaxCertificateBytes) +
                     " bytes"};
    }
    const auto der = go_base64_decode(text, Base64Form::kStandard);
    if (!der.ok()) {
        return Error{"failed to base64 decode the certificate: " + der.error().message};
    }
    const auto read = parse_certificates(context, der.value());
    if (read.ok() && read.value().size() == 1) return {};
    return Error{"failed to parse x509 certificate: " +
                 (read.ok()
                      ? read.value().empty() ? "x509: malformed certificate" : "x509: trailing data"
                      : read.error().message)};
}

Status check_chain(Context& context, std::string_view json) {
    if (!json.starts_with('[')) {
        return Error{"failed to unmarshal certificate chain: expected JSON array"};
    }
    std::size_t count = 0;
    for (const std::string_view one : json_elements(json)) {
        if (count == kMaxChainLength) {
            return Error{"failed to unmarshal certificate chain: certificate chain length " +
                         std::to_string(count + 1) + " exceeds maximum allowed length of " +
                         std::to_string(kMaxChainLength)};
        }
        const auto text = read_string(one);
        const Status checked =
            text.ok() ? check_certificate(context, text.value()) : Status(text.error());
        if (!checked.ok()) {
            return Error{"failed to decode certificate at index " + std::to_string(count) + ": " +
                         checked.error().message};
        }
        ++count;
    }
    return {};
}

Status read_member(Context& context, const JsonMember& member, JsonWebKey& key) {
    const std::string& name = member.name;
    const std::string_view json = member.value;
    if (is_one_of(name, key.type->parts)) {
        key.parts[name] = MERLON_TRY(read_bytes(json));
    } else if (name == "alg") {
        MERLON_TRY(check_algorithm(json));
        key.algorithm = MERLON_TRY(read_string(json));
    } else if (name == "crv" && is_one_of("crv", key.type->required)) {
        key.curve = MERLON_TRY(read_curve(json));
    } else if (name == "key_ops") {
        return check_operations(json);
    } else if (name == "kid") {
        key.id = MERLON_TRY(read_next_string(json));
    } else if (name == "use" || name == "x5t" || name == "x5t#S256" || name == "x5u") {
        MERLON_TRY(read_next_string(json));
    } else if (name == "x5c") {
        return check_chain(context, json);
    }
    return {};
}

Status read_members(Context& context, std::string_view json, JsonWebKey& key) {
    for (const JsonMember& member : json_members(json)) {
        if (member.name == "kty") {
            const std::string kty = MERLON_TRY(read_string(member.value));
            if (kty != key.type->kty)
                return Error{"invalid kty value for RSAPublicKey (" + kty + ")"};
            continue;
        }
        const Status read = read_member(context, member, key);
        if (!read.ok()) {
            return Error{"failed to decode value for key " + member.name + ": " +
                         read.error().message};
        }
    }
    for (const std::string_view name : key.type->required) {
        const bool is_there = name == "crv" ? !key.curve.empty() : key.parts.contains(name);
        if (!is_there) return Error{"required field " + std::string(name) + " is missing"};
    }
    return {};
}

std::string_view without_zeros(std::string_view bytes) {
    return bytes.substr(std::min(bytes.find_first_not_of('\0'), bytes.size()));
}

std::size_t bits_of(std::string_view bytes) {
    const std::string_view number = without_zeros(bytes);
    if (number.empty()) return 0;
    return number.size() * 8 -
           static_cast<std::size_t>(std::countl_zero(static_cast<unsigned char>(number[0])));
}

Status check_rsa(const JsonWebKey& key) {
    constexpr std::size_t kMostBits = 63;  // of a Go int
    if (bits_of(key.part("n")) == 0) return Error{"missing \"n\" value"};
    const std::string& exponent = key.part("e");
    const std::size_t bits = bits_of(exponent);
    if (bits == 0) return Error{"missing \"e\" value"};
    if ((static_cast<unsigned char>(exponent.back()) & 1) == 0) {
        return Error{"invalid rsa public exponent: must be a positive odd integer"};
    }
    if (bits > kMostBits) {
        return Error{"rsa public exponent too large for this platform: " + std::to_string(bits) +
                     " bits (max " + std::to_string(kMostBits) + ")"};
    }
    if (key.is_private() && key.part("d").empty()) return Error{"missing \"d\" value"};
    return {};
}

Status check_ec(const JsonWebKey& key) {
    const std::string quoted = syntax::go_quoted(key.curve);
    const std::size_t bits = key.curve == "P-256"   ? 256
                             : key.curve == "P-384" ? 384
                             : key.curve == "P-521" ? 521
                                                    : 0;
    if (bits == 0) {
        return Error{"invalid curve algorithm " + quoted +
                     ": unknown elliptic curve algorithm: " + quoted};
    }
    const auto is_sized = [&](std::string_view name) -> Status {
        const std::size_t size = key.part(name).size();
        if (size == (bits + 7) / 8) return {};
        return Error{"invalid " + syntax::go_quoted(name) + " length (" + std::to_string(size) +
                     ") for curve " + quoted};
    };
    MERLON_TRY(is_sized("x"));
    MERLON_TRY(is_sized("y"));
    const std::string wrong = "invalid ECDSA public key: ";
    if (bits_of(key.part("x")) == 0 && bits_of(key.part("y")) == 0) {
        return Error{wrong + "identity point is not a valid public key"};
    }
    for (const std::string_view name : {"x", "y"}) {
        const std::size_t given = bits_of(key.part(name));
        if (given <= bits) continue;
        return Error{wrong + std::string(name) + " coordinate is " + std::to_string(given) +
                     " bits, exceeds curve " + quoted + " field size of " + std::to_string(bits) +
                     " bits"};
    }
    const auto point = JoseKey::from_ec(
        {.curve = key.curve, .x = key.part("x"), .y = key.part("y"), .secret = {}});
    if (!point.ok()) return Error{wrong + "P" + std::to_string(bits) + " point not on curve"};
    if (key.is_private()) MERLON_TRY(is_sized("d"));
    return {};
}

// Of curves that Go does not have, any size.
Status check_okp(const JsonWebKey& key) {
    constexpr std::size_t kKeyBytes = 32;
    const bool is_known = key.curve == "Ed25519" || key.curve == "X25519";
    const auto check = [&](std::string_view name, std::string_view side) -> Status {
        const std::size_t size = key.part(name).size();
        if (size == 0) return Error{"missing " + syntax::go_quoted(name) + " field"};
        if (!is_known || size == kKeyBytes) return {};
        return Error{lower_case(key.curve) + ": wrong " + std::string(side) + " key size"};
    };
    MERLON_TRY(check("x", "public"));
    if (key.is_private()) MERLON_TRY(check("d", "private"));
    return {};
}

Status check_key(const JsonWebKey& key) {
    if (key.type->kty == "RSA") return check_rsa(key);
    if (key.type->kty == "EC") return check_ec(key);
    if (key.type->kty == "OKP") return check_okp(key);
    return key.part("k").empty() ? Status(Error{"missing \"k\" field"}) : Status();
}

// What tells the type: members of any case, of which the last one counts.
struct Probe {
    std::string kty;
    bool has_secret = false;
};

Result<Probe> probe(std::string_view json) {
    if (!json.starts_with('{') && !is_null(json)) {
        return wrong_kind(json,
                          "struct { Kty string \"json:\\\"kty\\\"\"; D json.RawMessage "
                          "\"json:\\\"d,omitempty\\\"\" }");
    }
    Probe found;
    for (const JsonMember& member : json_members(json)) {
        if (equal_without_case(member.name, "d")) found.has_secret = true;
        if (!equal_without_case(member.name, "kty") || is_null(member.value)) continue;
        if (!member.value.starts_with('"')) {
            return Error{"json: cannot unmarshal " + std::string(json_kind(member.value)) +
                         " into Go struct field .kty of type string"};
        }
        found.kty = MERLON_TRY(read_string(member.value));
    }
    return found;
}

// jwk.ParseKey, of the first value in the text.
Result<JsonWebKey> parse_key(Context& context, std::string_view text) {
    const auto json = first_json_value(text);
    const auto probed = json.ok() ? probe(json.value()) : Result<Probe>(json.error());
    if (!probed.ok()) {
        return Error{
            "jwk.ParseKey: jwk.Parse: failed to probe data: probe: failed to unmarshal data: " +
            probed.error().message};
    }
    const auto row = std::ranges::find_if(kTypes, [&](const KeyTypeRow& one) {
        return one.kty == probed.value().kty && one.is_private == probed.value().has_secret;
    });
    if (row == std::end(kTypes)) {
        return Error{"jwk.ParseKey: invalid key type from JSON (" + probed.value().kty + ")"};
    }
    JsonWebKey key;
    key.type = row;
    const Status read = read_members(context, json.value(), key);
    if (!read.ok()) {
        const std::string failed =
            "failed to unmarshal JSON into key (*jwk." + std::string(row->go_type) + "): ";
        return Error{"jwk.ParseKey: " + failed + failed + read.error().message};
    }
    const Status checked = check_key(key);
    if (!checked.ok()) {
        return Error{"jwk.ParseKey: jwk.Parse: key validation failed: key validation failed: " +
                     std::string(row->checked_name) + ": " + checked.error().message};
    }
    return key;
}

// What a token of JSON is to %v.
std::string shown_token(std::string_view json) {
    if (json.starts_with('{')) return "{";
    if (is_null(json)) return "<nil>";
    return json.starts_with('"') ? read_string(json).value_or("") : std::string(json);
}

Result<std::vector<JsonWebKey>> parse_set(Context& context, std::string_view json) {
    std::vector<JsonWebKey> keys;
    for (const JsonMember& member : json_members(json)) {
        if (member.name != "keys") continue;
        if (!member.value.starts_with('[')) {
            return Error{"failed to decode \"keys\": expected '[' but got " +
                         shown_token(member.value)};
        }
        std::size_t number = 0;
        for (const std::string_view one : json_elements(member.value)) {
            if (number == kMaxKeys) {
                return Error{"too many keys in \"keys\" array: max " + std::to_string(kMaxKeys)};
            }
            auto key = parse_key(context, one);
            if (!key.ok()) {
                return Error{"failed to decode key #" + std::to_string(number) +
                             " in \"keys\": " + key.error().message};
            }
            keys.push_back(std::move(key).value());
            ++number;
        }
    }
    return keys;
}

// The library looks for the member with a reader that takes more than JSON.
bool is_set(std::string_view text) {
    const auto keys = lax_json_member(text, "keys");
    return keys.ok() && keys.value();
}

Error failed_export(std::string_view why) {
    return Error{"jwk.Export: failed to export jwk.Key to raw format: " + std::string(why)};
}

// The parts that the key of an octet key pair consists of, or what is wrong with them.
Status check_pair(const JsonWebKey& key) {
    const std::string failed = std::string(key.type->checked_name) + ": failed to build " +
                               (key.is_private() ? "private" : "public") + " key: ";
    if (key.curve != "Ed25519" && key.curve != "X25519") {
        return failed_export(failed + "invalid curve algorithm " + key.curve);
    }
    if (key.curve != "Ed25519" || !key.is_private()) return {};
    const auto pair = JoseKey::from_ed25519({}, key.part("d"));
    if (pair.ok() && pair.value().public_bytes() == key.part("x")) return {};
    return failed_export(failed + "ed25519: invalid x value given d value");
}

Status check_export(const JsonWebKey& key) {
    if (key.type->kty == "OKP") return check_pair(key);
    if (key.type->kty != "RSA" || !key.is_private()) return {};
    for (const std::string_view name : {"q", "p"}) {
        if (!key.parts.contains(name)) {
            return failed_export("missing " + syntax::go_quoted(name) + " value");
        }
    }
    return {};
}

std::optional<JoseKey> usable(Result<JoseKey> key) {
    return key.ok() ? std::optional(std::move(key).value()) : std::nullopt;
}

std::optional<JoseKey> private_key(const JsonWebKey& key) {
    if (key.type->kty == "RSA") {
        return usable(JoseKey::from_rsa({.modulus = key.part("n"),
                                         .exponent = key.part("e"),
                                         .secret_exponent = key.part("d"),
                                         .prime1 = key.part("p"),
                                         .prime2 = key.part("q")}));
    }
    if (key.type->kty == "EC") {
        return usable(JoseKey::from_ec(
            {.curve = key.curve, .x = key.part("x"), .y = key.part("y"), .secret = key.part("d")}));
    }
    return usable(JoseKey::from_ed25519(key.part("x"), key.part("d")));
}

// What the library wants a key to be for a family of algorithms.
struct Wanted {
    SignatureFamily family;
    std::string_view kty;
    std::string_view go_type;
    std::string_view what;
    std::string_view by;
};
constexpr Wanted kWanted[] = {
    {SignatureFamily::kHmac, "oct", "[]byte", "[]byte", "keyconv: failed to produce []byte"},
    {SignatureFamily::kRsaPkcs1, "RSA", "*rsa.PrivateKey", "*rsa.PrivateKey",
     "failed to produce rsa.PrivateKey"},
    {SignatureFamily::kRsaPss, "RSA", "*rsa.PrivateKey", "*rsa.PrivateKey",
     "failed to produce rsa.PrivateKey"},
    {SignatureFamily::kEcdsa, "EC", "*ecdsa.PrivateKey", "*ecdsa.PrivateKey",
     "keyconv: failed to produce ecdsa.PrivateKey"},
    {SignatureFamily::kEd25519, "OKP", "*ed25519.PrivateKey", "ed25519.PrivateKey",
     "failed to produce ed25519.PrivateKey"},
};

// Why the key is none of that kind. Octet key pairs are exported whatever is asked for.
std::string why_unfit(const JsonWebKey& key, const Wanted& wanted) {
    const std::string go_type = "*jwk." + std::string(key.type->go_type);
    if (key.type->kty != "OKP") {
        return "jwk.Export: no suitable exporter found for key type '" + go_type + "'";
    }
    const bool is_edwards = key.curve == "Ed25519";
    const std::string given = std::string(is_edwards ? "ed25519." : "*ecdh.") +
                              (key.is_private() ? "PrivateKey" : "PublicKey");
    return "jwk.Export: failed to assign key: argument to AssignIfCompatible() must be compatible "
           "with " +
           given + " (was " +
           (wanted.family == SignatureFamily::kHmac ? "*[]uint8" : std::string(wanted.go_type)) +
           ")";
}

}  // namespace

bool JsonWebKey::is_private() const { return type->is_private; }

const std::string& JsonWebKey::part(std::string_view name) const {
    static const std::string kNothing;
    const auto found = parts.find(name);
    return found == parts.end() ? kNothing : found->second;
}

Result<std::vector<JsonWebKey>> parse_json_web_keys(Context& context, std::string_view text) {
    if (is_set(text)) {
        const auto json = first_json_value(text);
        auto keys = json.ok() ? parse_set(context, json.value())
                              : Result<std::vector<JsonWebKey>>(json.error());
        if (keys.ok()) return keys;
        return Error{"jwk.Parse: failed to unmarshal JWK set: " + keys.error().message};
    }
    auto key = parse_key(context, text);
    if (!key.ok()) return Error{"jwk.Parse: failed to parse sole key: " + key.error().message};
    return std::vector<JsonWebKey>{std::move(key).value()};
}

Result<std::optional<JoseKey>> verification_key(const JsonWebKey& key) {
    MERLON_TRY(check_export(key));
    if (key.type->kty == "oct") return std::optional(JoseKey::from_secret(key.part("k")));
    if (key.type->kty == "RSA") {
        return usable(JoseKey::from_rsa({.modulus = key.part("n"),
                                         .exponent = key.part("e"),
                                         .secret_exponent = {},
                                         .prime1 = {},
                                         .prime2 = {}}));
    }
    if (key.type->kty == "EC") {
        return usable(JoseKey::from_ec(
            {.curve = key.curve, .x = key.part("x"), .y = key.part("y"), .secret = {}}));
    }
    if (key.curve != "Ed25519") return std::optional<JoseKey>();
    return usable(JoseKey::from_ed25519(key.part("x"), {}));
}

Result<std::string> sign_with(const JsonWebKey& key, const crypto::SignatureScheme& scheme,
                              std::string_view message) {
    const Wanted& wanted = *std::ranges::find(kWanted, scheme.family, &Wanted::family);
    const std::string failed = "jwsbb.Sign: invalid key type *jwk." +
                               std::string(key.type->go_type) + ". " + std::string(wanted.what) +
                               " is required: " + std::string(wanted.by) + " from *jwk." +
                               std::string(key.type->go_type) + ": ";
    const bool is_pair = key.type->kty == "OKP";
    if (is_pair || key.type->kty == wanted.kty) {
        const Status exported = check_export(key);
        if (!exported.ok()) return Error{failed + exported.error().message};
    }
    if (scheme.family == SignatureFamily::kHmac) {
        if (key.type->kty == "oct") {
            return crypto::hmac(scheme.hash, key.part("k"), message);
        }
        // The library takes the bytes of such a key for a secret.
        if (is_pair && key.curve == "Ed25519") {
            return crypto::hmac(scheme.hash, key.part("d") + key.part("x"), message);
        }
        return Error{failed + why_unfit(key, wanted)};
    }
    const bool is_fit =
        key.type->kty == wanted.kty && key.is_private() && (!is_pair || key.curve == "Ed25519");
    if (!is_fit) return Error{failed + why_unfit(key, wanted)};
    constexpr std::size_t kLeastBits = 1'024;
    if (const std::size_t bits = bits_of(key.part("n")); wanted.kty == "RSA" && bits < kLeastBits) {
        return Error{"crypto/rsa: " + std::to_string(bits) +
                     "-bit keys are insecure (see "
                     "https://go.dev/pkg/crypto/rsa#hdr-Minimum_key_size)"};
    }
    const std::optional<JoseKey> signer = private_key(key);
    if (!signer) return Error{"the key does not sign"};
    return signer->sign(scheme, message);
}

}  // namespace merlon::rego
