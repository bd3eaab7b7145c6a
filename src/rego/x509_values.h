#pragma once

// Certificates, requests and private keys as values: the members that Go's crypto/x509 gives them
// in JSON, which is what policies see.
//
// The idea: one pass over the DER (RFC 5280) that writes a value for each member; each profile rule
// that Go enforces when it reads is enforced here, with Go's text.
//
// Thread-safe: no state. Cost: linear in the bytes.

#include <string>
#include <string_view>
#include <vector>

#include "crypto/x509_chain.h"
#include "rego/builtins.h"

namespace merlon::rego {

struct ParsedCertificate {
    std::string_view der;
    value::Value value;             // without URIStrings
    std::vector<std::string> uris;  // as URIStrings shows them
    bool has_uris = false;
    std::string_view public_key_info;  // SubjectPublicKeyInfo
};

// Certificates that stand one behind the other.
Result<std::vector<ParsedCertificate>> parse_certificates(Context& context, std::string_view der);
Result<value::Value> parse_certificate_request(Context& context, std::string_view der);

// The certificate with its URIStrings.
value::Value with_uri_strings(Context& context, const ParsedCertificate& certificate);

// Go's rsa.PrivateKey, ecdsa.PrivateKey or ed25519.PrivateKey as JSON.
value::Value private_key_value(Context& context, const crypto::PrivateKey& key);
// The same as a JWK (RFC 7517, RFC 7518, RFC 8037).
value::Value jwk_value(Context& context, const crypto::PrivateKey& key);

}  // namespace merlon::rego
