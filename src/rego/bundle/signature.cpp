#include "rego/bundle/signature.h"

#include <array>
#include <optional>

#include "base/hex.h"
#include "crypto/jose_key.h"
#include "crypto/x509_chain.h"
#include "rego/encodings.h"
#include "rego/pem.h"
#include "rego/term.h"
#include "text/json.h"

namespace merlon::rego::bundle {
namespace {

using value::Value;

std::string text_of(const Value& object, std::string_view name) {
    const Value* const found = object.find(name);
    return found != nullptr && found->is_string() ? std::string(found->as_string()) : "";
}

Result<crypto::PrivateKey> private_key_of(const PemBlock& block) {
    static constexpr std::array<std::pair<std::string_view, crypto::PrivateKeyForm>, 3> kForms = {{
        {"RSA PRIVATE KEY", crypto::PrivateKeyForm::kPkcs1},
        {"PRIVATE KEY", crypto::PrivateKeyForm::kPkcs8},
        {"EC PRIVATE KEY", crypto::PrivateKeyForm::kSec1},
    }};
    for (const auto& [label, form] : kForms) {
        if (label == block.label) return crypto::read_private_key(block.bytes, form);
    }
    return Error{"unsupported key type: " + block.label};
}

Result<crypto::JoseKey> read_key(const Verification& verification,
                                 const crypto::SignatureScheme& scheme) {
    if (scheme.family == crypto::SignatureFamily::kHmac) {
        return crypto::JoseKey::from_secret(verification.key);
    }
    std::string_view rest = verification.key;
    const auto block = next_pem_block(rest);
    if (!block) return Error{"failed to parse PEM block containing the key"};
    if (block->label == "CERTIFICATE") return crypto::JoseKey::from_certificate(block->bytes);
    if (block->label == "PUBLIC KEY") return crypto::JoseKey::from_public_key(block->bytes);
    // A private key holds its public one.
    const crypto::PrivateKey key = MERLON_TRY(private_key_of(*block));
    return crypto::JoseKey::from_public_key(key.public_info);
}

Result<crypto::JoseKey> signing_key(const Signing& signing, const crypto::SignatureScheme& scheme) {
    if (scheme.family == crypto::SignatureFamily::kHmac) {
        return crypto::JoseKey::from_secret(signing.key);
    }
    std::string_view rest = signing.key;
    const auto block = next_pem_block(rest);
    if (!block) return Error{"failed to parse PEM block containing the key"};
    const crypto::PrivateKey key = MERLON_TRY(private_key_of(*block));
    switch (key.kind) {
        case crypto::PrivateKey::Kind::kRsa:
            return crypto::JoseKey::from_rsa(key.rsa);
        case crypto::PrivateKey::Kind::kEc:
            return crypto::JoseKey::from_ec(key.ec);
        default:
            return crypto::JoseKey::from_ed25519(key.ed_public, key.ed_secret);
    }
}

// JSON without escapes for HTML; the content is Go's walk over what it decoded.
void append_canonical(std::string& out, const Value& value) {
    if (value.is_array()) {
        out += '[';
        for (std::size_t i = 0; i < value.size(); ++i) {
            if (i > 0) out += ',';
            append_canonical(out, value.items()[i]);
        }
        out += ']';
    } else if (value.is_object()) {
        out += '{';
        for (std::size_t i = 0; i < value.size(); ++i) {
            if (i > 0) out += ',';
            append_canonical(out, value.keys()[i]);
            out += ':';
            append_canonical(out, value.values()[i]);
        }
        out += '}';
    } else {
        std::string text = json_text(value);
        // Go's encoder without SetEscapeHTML escapes these; signatures are made with it off.
        for (const auto& [escape, plain] :
             {std::pair("\\u003c", "<"), std::pair("\\u003e", ">"), std::pair("\\u0026", "&")}) {
            for (std::size_t at = text.find(escape); at != std::string::npos;
                 at = text.find(escape, at + 1)) {
                std::size_t backslashes = 0;
                while (backslashes < at && text[at - 1 - backslashes] == '\\') ++backslashes;
                if (backslashes % 2 == 0) text.replace(at, 6, plain);
            }
        }
        out += text;
    }
}

std::optional<crypto::HashName> hash_named(std::string_view algorithm) {
    static constexpr std::pair<std::string_view, crypto::HashName> kHashes[] = {
        {"MD5", crypto::HashName::kMd5},
        {"SHA-1", crypto::HashName::kSha1},
        {"SHA-224", crypto::HashName::kSha224},
        {"SHA-256", crypto::HashName::kSha256},
        {"SHA-384", crypto::HashName::kSha384},
        {"SHA-512", crypto::HashName::kSha512},
        {"SHA-512-224", crypto::HashName::kSha512With224},
        {"SHA-512-256", crypto::HashName::kSha512With256},
    };
    for (const auto& [name, hash] : kHashes) {
        if (name == algorithm) return hash;
    }
    return std::nullopt;
}

std::string hashed(crypto::HashName hash, std::string_view bytes, const Value* content) {
    std::string canonical;
    if (content != nullptr) {
        append_canonical(canonical, *content);
        bytes = canonical;
    }
    return to_hex(crypto::hash(hash, bytes));
}

// Go's words for a signature that the key has not made.
std::string_view invalid_signature(crypto::SignatureFamily family) {
    switch (family) {
        case crypto::SignatureFamily::kHmac:
            return "invalid HMAC signature";
        case crypto::SignatureFamily::kRsaPkcs1:
        case crypto::SignatureFamily::kRsaPss:
            return "crypto/rsa: verification error";
        case crypto::SignatureFamily::kEcdsa:
            return "invalid ECDSA signature";
        case crypto::SignatureFamily::kEd25519:
            return "invalid EdDSA signature";
    }
    return "invalid signature";
}

}  // namespace

Result<SignedFiles> verify_signatures(const Value& signatures, const Verification& verification,
                                      value::Builder& builder) {
    const Value* const tokens = signatures.find("signatures");
    if (tokens == nullptr || !tokens->is_array() || tokens->size() == 0) {
        return Error{".signatures.json: missing JWT (expected exactly one)"};
    }
    if (tokens->size() > 1) {
        return Error{".signatures.json: multiple JWTs not supported (expected exactly one)"};
    }
    if (const std::string plugin = text_of(signatures, "plugin");
        !plugin.empty() && plugin != kDefaultSigner.plugin) {
        return Error{"no verifier exists under id " + plugin};
    }
    const Value& token = tokens->items()[0];
    const std::string_view text = token.is_string() ? token.as_string() : std::string_view();
    const std::size_t first = text.find('.');
    const std::size_t second = first == text.npos ? first : text.find('.', first + 1);
    if (second == text.npos || text.find('.', second + 1) != text.npos) {
        return Error{"failed to split compact JWT: a token has three parts"};
    }
    const auto payload =
        go_base64_decode(text.substr(first + 1, second - first - 1), Base64Form::kUrlUnpadded);
    if (!payload.ok()) {
        return Error{"failed to base64 decode JWT payload: " + payload.error().message};
    }
    const auto claims = text::read_json(payload.value(), builder.arena(), builder.interner());
    if (!claims.ok()) return claims.error();
    const auto scheme = crypto::jose_scheme(verification.algorithm);
    if (!scheme) return Error{"unknown signature algorithm: " + verification.algorithm};
    const crypto::JoseKey key = MERLON_TRY(read_key(verification, *scheme));
    const auto signature = go_base64_decode(text.substr(second + 1), Base64Form::kUrlUnpadded);
    if (!signature.ok()) {
        return Error{"failed to base64 decode JWT signature: " + signature.error().message};
    }
    if (!key.verifies(*scheme, text.substr(0, second), signature.value())) {
        const std::string_view why =
            key.fits(*scheme) ? invalid_signature(scheme->family) : "the key does not fit";
        return Error{"failed to verify JWT signature: " + std::string(why)};
    }
    const Value& root = *claims.value().root;
    if (text_of(root, "scope") != verification.scope) return Error{"scope mismatch"};
    SignedFiles files;
    const Value* const listed = root.find("files");
    if (listed == nullptr || !listed->is_array()) return files;
    for (const Value& one : listed->items()) {
        files[text_of(one, "name")] = {text_of(one, "hash"), text_of(one, "algorithm")};
    }
    return files;
}

Status verify_file(const std::string& path, std::string_view bytes, const Value* content,
                   const SignedFiles& files) {
    const auto found = files.find(path);
    if (found == files.end()) return Error{"file " + path + " not included in bundle signature"};
    const SignedFile& file = found->second;
    if (file.algorithm.empty()) {
        return Error{"no hashing algorithm provided for file " + path};
    }
    const auto hash = hash_named(file.algorithm);
    if (!hash) return Error{"unsupported hashing algorithm: " + file.algorithm};
    const std::string got = hashed(*hash, bytes, content);
    const std::string want = to_hex(MERLON_TRY(go_hex_decode(file.hash)));
    if (got == want) return {};
    return Error{path + ": digest mismatch (want: " + want + ", got: " + got + ")"};
}

std::string digest_of(std::string_view bytes, const Value* content) {
    return hashed(crypto::HashName::kSha256, bytes, content);
}

Result<std::string> sign_digests(std::span<const NamedDigest> digests, const Signing& signing) {
    return sign_digests(digests, signing, Signer{});
}

Result<std::string> sign_digests(std::span<const NamedDigest> digests, const Signing& signing,
                                 const Signer& signer) {
    const auto scheme = crypto::jose_scheme(signing.algorithm);
    if (!scheme) return Error{"unknown signature algorithm: " + signing.algorithm};
    const crypto::JoseKey key = MERLON_TRY(signing_key(signing, *scheme));
    std::string payload;
    text::JsonWriter json(payload);
    json.begin_object();
    const auto write_files = [&] {
        json.key("files").begin_array();
        for (const NamedDigest& one : digests) {
            json.begin_object().member("name", one.name).member("hash", one.hash);
            json.member("algorithm", "SHA-256").end_object();
        }
        json.end_array();
    };
    // Claims come in the order of their names, and may say what the files are.
    bool has_files = false;
    for (std::size_t i = 0; signing.claims && i < signing.claims->size(); ++i) {
        const std::string_view name = signing.claims->keys()[i].as_string();
        if (!has_files && name >= "files") {
            if (name != "files") write_files();
            has_files = true;
        }
        json.key(name).value(signing.claims->values()[i]);
    }
    if (!has_files) write_files();
    const bool has_key_id = !signing.claims && !signer.key_id.empty();
    if (has_key_id) json.member("keyid", signer.key_id);
    json.end_object();

    std::string header;
    text::JsonWriter head(header);
    head.begin_object().member("alg", signing.algorithm);
    if (has_key_id) head.member("kid", signer.key_id);
    head.member("typ", "JWT").end_object();
    std::string token = go_base64_encode(header, Base64Form::kUrlUnpadded) + "." +
                        go_base64_encode(payload, Base64Form::kUrlUnpadded);
    const std::string signature = MERLON_TRY(key.sign(*scheme, token));
    token += "." + go_base64_encode(signature, Base64Form::kUrlUnpadded);

    std::string text;
    text::JsonWriter file(text, " ");
    file.begin_object().key("signatures").begin_array().string(token).end_array();
    if (!signer.plugin.empty()) file.member("plugin", signer.plugin);
    file.end_object();
    return text;
}

}  // namespace merlon::rego::bundle
