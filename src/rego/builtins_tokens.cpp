#include <algorithm>
#include <cmath>

#include "base/hex.h"
#include "crypto/jose_key.h"
#include "rego/builtins.h"
#include "rego/encodings.h"
#include "rego/go_format.h"
#include "rego/go_json.h"
#include "rego/json_web_key.h"
#include "rego/lax_json.h"
#include "rego/number.h"
#include "rego/pem.h"
#include "rego/term.h"
#include "rego/x509_values.h"
#include "text/json.h"
#include "text/utf8.h"

// JSON Web Tokens in the compact form (RFC 7519, RFC 7515; OPA: tokens.go).

namespace merlon::rego {
namespace {

using crypto::JoseKey;
using value::Value;

struct Token {
    std::string_view header;
    std::string_view payload;
    std::string_view signature;

    // What is signed: both first parts with the dot.
    std::string_view message() const { return {header.data(), header.size() + 1 + payload.size()}; }
};

Result<Token> take_apart(std::string_view text) {
    std::vector<std::string_view> parts;
    for (std::size_t dot = text.find('.'); dot != std::string_view::npos; dot = text.find('.')) {
        parts.push_back(text.substr(0, dot));
        text.remove_prefix(dot + 1);
    }
    if (parts.empty()) return Error{"encoded JWT had no period separators"};
    parts.push_back(text);
    if (parts.size() != 3) {
        return Error{"encoded JWT must have 3 sections, found " + std::to_string(parts.size())};
    }
    return Token{parts[0], parts[1], parts[2]};
}

Result<Value> json_object(Context& context, std::string_view text) {
    // Go puts U+FFFD for what is no UTF-8.
    const std::string valid = text::to_valid_utf8(text);
    auto document = text::read_json(valid, context.builder.arena(), context.builder.interner());
    if (!document.ok()) {
        return Error{"invalid JSON: " +
                     go_json_error(text, JsonReader::kStream).value_or(document.error().message)};
    }
    const Value root = *document.value().root;
    if (!root.is_object()) return Error{"decoded JSON type was not an Object"};
    return root;
}

Result<Value> decode_header(Context& context, const Token& token) {
    auto bytes = base64url_decode(token.header);
    if (!bytes.ok()) {
        return Error{"JWT header had invalid encoding: " + bytes.error().message};
    }
    auto header = json_object(context, bytes.value());
    if (!header.ok()) return Error{"bad JWT header: " + header.error().message};
    // RFC 7516, section 9: what is encrypted has an "enc".
    if (header.value().find("enc") != nullptr) {
        return Error{"JWT is a JWE object, which is not supported"};
    }
    return header;
}

Result<std::string> decode_part(std::string_view part, std::string_view name) {
    auto bytes = base64url_decode(part);
    if (bytes.ok()) return bytes;
    return Error{"JWT " + std::string(name) + " had invalid encoding: " + bytes.error().message};
}

constexpr int kMaxNesting = 16;

Result<Value> decoded(Context& context, std::string_view text, int depth) {
    if (depth > kMaxNesting) return Error{"tokens are nested too deeply"};
    const Token token = MERLON_TRY(take_apart(text));
    const Value header = MERLON_TRY(decode_header(context, token));
    std::string payload = MERLON_TRY(decode_part(token.payload, "payload"));
    const Value* content = header.find("cty");
    if (content != nullptr && content->is_string() && content->as_string() == "JWT") {
        std::string_view inner = payload;
        const auto is_quote = [](char c) { return c == '"' || c == '\''; };
        while (!inner.empty() && is_quote(inner.front())) inner.remove_prefix(1);
        while (!inner.empty() && is_quote(inner.back())) inner.remove_suffix(1);
        return decoded(context, inner, depth + 1);
    }
    const Value body = MERLON_TRY(json_object(context, payload));
    const std::string signature = MERLON_TRY(decode_part(token.signature, "signature"));
    const Value parts[] = {header, body, context.string(to_hex(signature))};
    return context.builder.array(parts);
}

Outcome decode(Context& context, Operands operands) {
    return context.take(decoded(context, operands[0].as_string(), 0));
}

struct NamedKey {
    std::string algorithm;
    std::string id;
    std::optional<JoseKey> key;  // nothing: one that verifies nothing
    bool is_private = false;

    bool verifies(const crypto::SignatureScheme& scheme, crypto::SignatureForm form,
                  const Token& token, std::string_view signature) const {
        // Go's own functions take no private key for a public one.
        const bool is_taken = key && (!is_private || form == crypto::SignatureForm::kStandard);
        return is_taken && key->verifies(scheme, token.message(), signature, form);
    }
};

// The keys that verify something; a key of an algorithm that OPA does not know is left out.
Result<std::vector<NamedKey>> keys_of_jwks(Context& context, std::string_view text) {
    const auto parsed = parse_json_web_keys(context, text);
    if (!parsed.ok()) {
        return Error{"failed to parse a JWK key (set): jwk.ParseString: failed to parse string: " +
                     parsed.error().message};
    }
    std::vector<NamedKey> keys;
    for (const JsonWebKey& one : parsed.value()) {
        auto key = MERLON_TRY(verification_key(one));
        if (!one.algorithm.empty() && !crypto::jose_scheme(one.algorithm)) continue;
        keys.push_back({one.algorithm, one.id, std::move(key), one.is_private()});
    }
    return keys;
}

// Judged as Go reads certificates, which is neither stricter nor laxer than OpenSSL. A key of a
// kind that Go does not know is none, and verifies nothing.
Result<std::vector<NamedKey>> keys_of_certificate(Context& context, std::string_view der) {
    const auto certificates = parse_certificates(context, der);
    if (!certificates.ok() || certificates.value().size() != 1) {
        return Error{"failed to parse a PEM certificate: " +
                     (certificates.ok() ? "x509: trailing data" : certificates.error().message)};
    }
    const auto key = JoseKey::from_public_key(certificates.value()[0].public_key_info);
    if (!key.ok()) return std::vector<NamedKey>{};
    return std::vector<NamedKey>{NamedKey{"", "", key.value(), false}};
}

Result<std::vector<NamedKey>> keys_of(Context& context, std::string_view text) {
    std::string_view rest = text;
    const auto block = next_pem_block(rest);
    if (!block) return keys_of_jwks(context, text);
    if (!rest.empty()) return Error{"extra data after a PEM certificate block"};
    if (block->label == "CERTIFICATE") return keys_of_certificate(context, block->bytes);
    if (block->label == "PUBLIC KEY") {
        const auto key = JoseKey::from_public_key(block->bytes);
        if (key.ok()) return std::vector<NamedKey>{NamedKey{"", "", key.value(), false}};
        return Error{"failed to parse a PEM public key: " + key.error().message};
    }
    return Error{"failed to extract a Key from the PEM certificate"};
}

// The header's members that verification looks at (RFC 7515, section 4.1).
struct Header {
    std::string algorithm;
    std::string key_id;
    std::string content;
    bool is_valid = true;
};

Result<Header> read_header(const Value& object) {
    Header header;
    for (const auto& [name, field] :
         {std::pair("alg", &header.algorithm), std::pair("kid", &header.key_id),
          std::pair("cty", &header.content)}) {
        const Value* found = object.find(std::string_view(name));
        if (found == nullptr) continue;
        if (!found->is_string()) return Error{std::string(name) + ": must be a string"};
        *field = found->as_string();
    }
    if (const Value* type = object.find("typ"); type != nullptr && !type->is_string()) {
        return Error{"typ: must be a string"};
    }
    header.is_valid = !header.algorithm.empty();
    const Value* critical = object.find("crit");
    if (critical == nullptr) return header;
    if (!critical->is_array()) return Error{"crit: must be a list"};
    bool has_any = false;
    for (const Value& name : critical->items()) {
        if (!name.is_string()) break;
        has_any = true;
        constexpr std::string_view kKnown[] = {"alg", "kid", "typ", "cty", "crit"};
        const bool is_known = std::ranges::find(kKnown, name.as_string()) != std::end(kKnown);
        if (!is_known && object.find(name.as_string()) != nullptr) header.is_valid = false;
    }
    if (!has_any) return Error{"crit: must be a nonempty list"};
    return header;
}

// With the key that the header names, else with each that may be of its algorithm.
bool is_verified(std::span<const NamedKey> keys, const Header& header,
                 const crypto::SignatureScheme& scheme, crypto::SignatureForm form,
                 const Token& token, std::string_view signature) {
    if (!header.key_id.empty()) {
        const auto named = std::ranges::find(keys, header.key_id, &NamedKey::id);
        if (named != keys.end()) {
            return named->verifies(scheme, form, token, signature);
        }
    }
    return std::ranges::any_of(keys, [&](const NamedKey& key) {
        return (key.algorithm.empty() || key.algorithm == header.algorithm) &&
               key.verifies(scheme, form, token, signature);
    });
}

Result<bool> verified(Context& context, const Token& token, Operands operands,
                      const crypto::SignatureScheme& scheme) {
    const bool is_shared = scheme.family == crypto::SignatureFamily::kHmac;
    std::vector<NamedKey> keys;
    if (is_shared) {
        keys.push_back({"", "", JoseKey::from_secret(operands[1].as_string()), false});
    } else {
        keys = MERLON_TRY(keys_of(context, operands[1].as_string()));
    }
    const std::string signature = MERLON_TRY(base64url_decode(token.signature));
    Header header;
    if (!is_shared) {
        const Value object = MERLON_TRY(decode_header(context, token));
        header = MERLON_TRY(read_header(object));
    }
    // OPA hands these to Go's own functions, and io.jwt.decode_verify's to a stricter library.
    return is_verified(keys, header, scheme, crypto::SignatureForm::kLenient, token, signature);
}

// kScheme: the place of the algorithm's name in this list.
constexpr std::string_view kNames[] = {"HS256", "HS384", "HS512", "RS256", "RS384",
                                       "RS512", "PS256", "PS384", "PS512", "ES256",
                                       "ES384", "ES512", "EdDSA"};

template <std::size_t kScheme>
Outcome verify(Context& context, Operands operands) {
    const auto scheme = *crypto::jose_scheme(kNames[kScheme]);
    const auto wrong_key = [&] { return context.wrong_kind(2, operands[1], {"string"}); };
    // A secret is looked at before the token, a certificate after it.
    const bool is_shared = scheme.family == crypto::SignatureFamily::kHmac;
    if (is_shared && !operands[1].is_string()) return wrong_key();
    const auto token = take_apart(operands[0].as_string());
    if (!token.ok()) return context.error(token.error().message);
    if (!operands[1].is_string()) return wrong_key();
    const auto answer = verified(context, token.value(), operands, scheme);
    if (!answer.ok()) return context.error(answer.error().message);
    return context.boolean(answer.value());
}

struct Constraints {
    std::optional<std::vector<NamedKey>> keys;
    std::string secret;
    std::string algorithm;
    std::string issuer;
    std::string audience;
    double nanoseconds = -1;
};

Result<double> time_constraint(const Value& value) {
    if (!value.is_number()) return Error{"token time constraint: must be a number"};
    const double number = value.as_double();
    if (!std::isfinite(number)) return Error{"token time constraint: unvalid float64"};
    if (number < 0) return Error{"token time constraint: must not be negative"};
    return number;
}

Result<Constraints> read_constraints(Context& context, const Value& object) {
    Constraints constraints;
    for (std::size_t i = 0; i < object.size(); ++i) {
        const Value& key = object.keys()[i];
        const Value& value = object.values()[i];
        const std::string name = key.is_string() ? std::string(key.as_string()) : term_text(key);
        if (name == "time") {
            constraints.nanoseconds = MERLON_TRY(time_constraint(value));
            continue;
        }
        std::string* field = name == "secret" ? &constraints.secret
                             : name == "alg"  ? &constraints.algorithm
                             : name == "iss"  ? &constraints.issuer
                             : name == "aud"  ? &constraints.audience
                                              : nullptr;
        if (field == nullptr && name != "cert") {
            return Error{"unknown token validation constraint: " + name};
        }
        if (!value.is_string()) return Error{name + " constraint: must be a string"};
        if (name == "cert") {
            constraints.keys = MERLON_TRY(keys_of(context, value.as_string()));
        } else {
            *field = value.as_string();
        }
    }
    if (constraints.nanoseconds < 0) {
        if (!context.world.now_nanoseconds) return Error{"the time is not known here"};
        constraints.nanoseconds = static_cast<double>(*context.world.now_nanoseconds);
    }
    if (constraints.keys && !constraints.secret.empty()) return Error{"duplicate key constraints"};
    if (!constraints.keys && constraints.secret.empty()) return Error{"no key constraint"};
    if (!constraints.keys) {
        constraints.keys = {NamedKey{"", "", JoseKey::from_secret(constraints.secret), false}};
    }
    return constraints;
}

bool is_for(const Value& audience, std::string_view wanted) {
    if (audience.is_string()) return audience.as_string() == wanted;
    return audience.is_array() && std::ranges::any_of(audience.items(), [&](const Value& one) {
               return one.is_string() && one.as_string() == wanted;
           });
}

// The registered claims (RFC 7519, section 4.1).
Result<bool> claims_hold(Context& context, const Value& payload, const Constraints& constraints) {
    if (!constraints.issuer.empty()) {
        const Value* issuer = payload.find("iss");
        if (issuer == nullptr || !issuer->is_string() ||
            issuer->as_string() != constraints.issuer) {
            return false;
        }
    }
    const Value* audience = payload.find("aud");
    if (audience != nullptr ? !is_for(*audience, constraints.audience)
                            : !constraints.audience.empty()) {
        return false;
    }
    const Value now = number_value(context.builder, constraints.nanoseconds / 1e9);
    if (const Value* expires = payload.find("exp")) {
        if (!expires->is_number()) return Error{"exp value must be a number"};
        if (value::compare(now, *expires) >= 0) return false;
    }
    if (const Value* begins = payload.find("nbf")) {
        if (!begins->is_number()) return Error{"nbf value must be a number"};
        if (value::compare(now, *begins) < 0) return false;
    }
    return true;
}

Result<Value> decoded_and_verified(Context& context, Operands operands,
                                   const Constraints& constraints) {
    const Value nothing = context.builder.object({});
    const Value refused[] = {context.boolean(false), nothing, nothing};
    std::string text(operands[0].as_string());
    for (int depth = 0; depth <= kMaxNesting; ++depth) {
        const Token token = MERLON_TRY(take_apart(text));
        const Value object = MERLON_TRY(decode_header(context, token));
        const Header header = MERLON_TRY(read_header(object));
        const bool is_allowed = header.is_valid && (constraints.algorithm.empty() ||
                                                    constraints.algorithm == header.algorithm);
        if (!is_allowed) return context.builder.array(refused);
        const std::string signature = MERLON_TRY(base64url_decode(token.signature));
        const auto scheme = crypto::jose_scheme(header.algorithm);
        if (!scheme || !is_verified(*constraints.keys, header, *scheme,
                                    crypto::SignatureForm::kStandard, token, signature)) {
            return context.builder.array(refused);
        }
        std::string payload = MERLON_TRY(decode_part(token.payload, "payload"));
        if (go_lower(header.content) == "jwt") {
            text = std::move(payload);
            continue;
        }
        const Value body = MERLON_TRY(json_object(context, payload));
        const bool holds = MERLON_TRY(claims_hold(context, body, constraints));
        if (!holds) return context.builder.array(refused);
        const Value accepted[] = {context.boolean(true), object, body};
        return context.builder.array(accepted);
    }
    return Error{"tokens are nested too deeply"};
}

Outcome decode_verify(Context& context, Operands operands) {
    const auto constraints = read_constraints(context, operands[1]);
    if (!constraints.ok()) return context.error(constraints.error().message);
    if (!operands[0].is_string()) return context.wrong_kind(1, operands[0], {"string"});
    return context.take(decoded_and_verified(context, operands, constraints.value()));
}

Result<Value> signed_token(Context& context, std::string_view header_text, std::string_view payload,
                           std::string_view key_text) {
    const std::vector<JsonWebKey> keys = MERLON_TRY(parse_json_web_keys(context, key_text));
    if (keys.empty()) return Error{"no keys found in JWK set"};
    const std::string wrong = "missing or invalid 'alg' header: ";
    const auto given = lax_json_member(header_text, "alg");
    if (!given.ok()) return Error{wrong + given.error().message};
    const std::optional<LaxMember>& member = given.value();
    if (!member) return Error{wrong + "jwsbb: header \"alg\" not found"};
    if (member->kind != "string") {
        return Error{wrong + "value doesn't contain string; it contains " +
                     std::string(member->kind)};
    }
    const auto scheme = crypto::jose_scheme(member->text);
    if (!scheme) return Error{"unknown JWS algorithm: " + member->text};
    const auto type = MERLON_TRY(lax_json_member(header_text, "typ"));
    const bool is_json_asked = !type || type->kind != "string" || type->text == "JWT";
    if (is_json_asked && go_json_error(payload, JsonReader::kWhole)) {
        return Error{"type is JWT but payload is not JSON"};
    }
    std::string token = go_base64_encode(header_text, Base64Form::kUrlUnpadded) + "." +
                        go_base64_encode(payload, Base64Form::kUrlUnpadded);
    const std::string signature = MERLON_TRY(sign_with(keys[0], *scheme, token));
    token += "." + go_base64_encode(signature, Base64Form::kUrlUnpadded);
    return context.string(token);
}

Outcome encode_sign_raw(Context& context, Operands operands) {
    return context.take(signed_token(context, operands[0].as_string(), operands[1].as_string(),
                                     operands[2].as_string()));
}

Outcome encode_sign(Context& context, Operands operands) {
    if (!std::ranges::all_of(operands, [&](const Value& one) { return context.can_write(one); })) {
        return Outcome::error();
    }
    const auto json = [&context](const Value& value) {
        return json_text(to_json(value, context.builder));
    };
    return context.take(
        signed_token(context, json(operands[0]), json(operands[1]), json(operands[2])));
}

constexpr Builtin kTokensBuiltins[] = {
    {"io.jwt.decode", "s", decode},
    {"io.jwt.decode_verify", "vo", decode_verify},
    {"io.jwt.encode_sign", "vvv", encode_sign},
    {"io.jwt.encode_sign_raw", "sss", encode_sign_raw},
    {"io.jwt.verify_hs256", "sv", verify<0>},
    {"io.jwt.verify_hs384", "sv", verify<1>},
    {"io.jwt.verify_hs512", "sv", verify<2>},
    {"io.jwt.verify_rs256", "sv", verify<3>},
    {"io.jwt.verify_rs384", "sv", verify<4>},
    {"io.jwt.verify_rs512", "sv", verify<5>},
    {"io.jwt.verify_ps256", "sv", verify<6>},
    {"io.jwt.verify_ps384", "sv", verify<7>},
    {"io.jwt.verify_ps512", "sv", verify<8>},
    {"io.jwt.verify_es256", "sv", verify<9>},
    {"io.jwt.verify_es384", "sv", verify<10>},
    {"io.jwt.verify_es512", "sv", verify<11>},
    {"io.jwt.verify_eddsa", "sv", verify<12>},
};

}  // namespace

std::span<const Builtin> token_builtins() { return kTokensBuiltins; }

}  // namespace merlon::rego
