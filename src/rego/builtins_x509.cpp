#include <gmpxx.h>

#include <algorithm>

#include "crypto/der.h"
#include "rego/builtins.h"
#include "rego/encodings.h"
#include "rego/pem.h"
#include "rego/term.h"
#include "rego/x509_values.h"

// Certificates and private keys (OPA: crypto.go).

namespace merlon::rego {
namespace {

using crypto::PrivateKey;
using crypto::PrivateKeyForm;
using value::Value;

constexpr std::string_view kBegin = "-----BEGIN";

// PEM, base64 of PEM, or base64 of DER: as DER, one certificate behind the other.
Result<std::string> certificates_der(std::string_view text) {
    std::string decoded;
    if (!text.starts_with(kBegin)) {
        decoded = MERLON_TRY(go_base64_decode(text, Base64Form::kStandard));
        if (!decoded.starts_with(kBegin)) return decoded;
        text = decoded;
    }
    std::string der;
    while (const auto block = next_pem_block(text)) {
        if (block->label != "CERTIFICATE") {
            return Error{"PEM block type is '" + block->label + "', expected CERTIFICATE"};
        }
        der += block->bytes;
    }
    return der;
}

struct Certificates {
    std::string der;
    std::vector<ParsedCertificate> parsed;
};

Status read_certificates(Context& context, std::string_view text, Certificates& certificates) {
    certificates.der = MERLON_TRY(certificates_der(text));
    certificates.parsed = MERLON_TRY(parse_certificates(context, certificates.der));
    return {};
}

Outcome parse_all(Context& context, Operands operands) {
    Certificates certificates;
    const Status read = read_certificates(context, operands[0].as_string(), certificates);
    if (context.is_spent()) return Outcome::error();
    if (!read.ok()) return context.error(read.error().message);
    std::vector<Value> values;
    for (const ParsedCertificate& one : certificates.parsed) {
        values.push_back(with_uri_strings(context, one));
    }
    return context.builder.array(values);
}

Value answer(Context& context, bool is_valid, std::span<const Value> certificates) {
    const Value pair[] = {context.boolean(is_valid), context.builder.array(certificates)};
    return context.builder.array(pair);
}

// Go's names of extended key usages, and what they are.
constexpr std::pair<std::string_view, std::string_view> kUsages[] = {
    {"KeyUsageAny", ""},
    {"KeyUsageServerAuth", "1.3.6.1.5.5.7.3.1"},
    {"KeyUsageClientAuth", "1.3.6.1.5.5.7.3.2"},
    {"KeyUsageCodeSigning", "1.3.6.1.5.5.7.3.3"},
    {"KeyUsageEmailProtection", "1.3.6.1.5.5.7.3.4"},
    {"KeyUsageIPSECEndSystem", "1.3.6.1.5.5.7.3.5"},
    {"KeyUsageIPSECTunnel", "1.3.6.1.5.5.7.3.6"},
    {"KeyUsageIPSECUser", "1.3.6.1.5.5.7.3.7"},
    {"KeyUsageTimeStamping", "1.3.6.1.5.5.7.3.8"},
    {"KeyUsageOCSPSigning", "1.3.6.1.5.5.7.3.9"},
    {"KeyUsageMicrosoftServerGatedCrypto", "1.3.6.1.4.1.311.10.3.3"},
    {"KeyUsageNetscapeServerGatedCrypto", "2.16.840.1.113730.4.1"},
    {"KeyUsageMicrosoftCommercialCodeSigning", "1.3.6.1.4.1.311.2.1.22"},
    {"KeyUsageMicrosoftKernelCodeSigning", "1.3.6.1.4.1.311.61.1.1"},
};

struct VerifyOptions {
    std::string host;
    std::optional<std::int64_t> now_nanoseconds;
    std::vector<std::string> usages;
    bool allows_any_usage = false;
};

Status read_usages(const Value& list, VerifyOptions& options) {
    if (!list.is_array() && !list.is_set()) {
        return Error{"'KeyUsages' should be an Array or Set"};
    }
    std::string invalid;
    for (const Value& one : list.items()) {
        if (!one.is_string()) continue;
        std::string_view name = one.as_string();
        while (name.starts_with('"')) name.remove_prefix(1);
        while (name.ends_with('"')) name.remove_suffix(1);
        const auto* const known =
            std::ranges::find(kUsages, name, &std::pair<std::string_view, std::string_view>::first);
        if (known == std::end(kUsages)) {
            invalid += (invalid.empty() ? "" : " ") + std::string(name);
        } else if (known->second.empty()) {
            options.allows_any_usage = true;
        } else {
            options.usages.emplace_back(known->second);
        }
    }
    if (invalid.empty()) return {};
    return Error{"invalid entries for 'KeyUsages' found: [" + invalid + "]"};
}

Result<VerifyOptions> read_options(const Value& object) {
    VerifyOptions options;
    for (std::size_t i = 0; i < object.size(); ++i) {
        const Value& key = object.keys()[i];
        const Value& one = object.values()[i];
        if (!key.is_string()) continue;
        const std::string_view name = key.as_string();
        if (name == "DNSName") {
            if (!one.is_string()) return Error{"'DNSName' should be a string"};
            options.host = one.as_string();
            std::erase(options.host, '"');
        } else if (name == "CurrentTime") {
            if (!one.is_number()) return Error{"'CurrentTime' should be a number"};
            options.now_nanoseconds = one.as_integer();
            if (!options.now_nanoseconds) {
                return Error{"'CurrentTime' should be a valid int64 number"};
            }
        } else if (name == "MaxConstraintComparisons") {
            if (!one.is_number()) return Error{"'MaxConstraintComparisons' should be a number"};
            if (!one.as_integer()) {
                return Error{"'MaxConstraintComparisons' should be a valid number"};
            }
        } else if (name == "KeyUsages") {
            MERLON_TRY(read_usages(one, options));
        } else {
            return Error{"invalid key option"};
        }
    }
    return options;
}

// The first certificate is the root, the last one the leaf.
Result<std::vector<std::size_t>> verified(Context& context, const Certificates& certificates,
                                          const VerifyOptions& options) {
    const std::vector<ParsedCertificate>& all = certificates.parsed;
    if (all.size() < 2) return Error{"must supply at least two certificates to be able to verify"};
    crypto::ChainQuestion question;
    question.root = all.front().der;
    question.leaf = all.back().der;
    std::vector<std::string_view> between;
    for (std::size_t i = 1; i + 1 < all.size(); ++i) between.push_back(all[i].der);
    question.between = between;
    question.host = options.host;
    const auto now =
        options.now_nanoseconds ? options.now_nanoseconds : context.world.now_nanoseconds;
    if (!now) return Error{"the time is not known here"};
    question.now_seconds = *now / 1'000'000'000;
    if (!options.allows_any_usage) question.usages = options.usages;
    if (!options.allows_any_usage && options.usages.empty()) {
        question.usages = {"1.3.6.1.5.5.7.3.1"};
    }
    return crypto::verify_chain(question);
}

Outcome verify(Context& context, Operands operands) {
    Certificates certificates;
    const Status read = read_certificates(context, operands[0].as_string(), certificates);
    if (context.is_spent()) return Outcome::error();
    if (!read.ok()) return answer(context, false, {});
    const auto path = verified(context, certificates, {});
    if (!path.ok()) return answer(context, false, {});
    std::vector<Value> values;
    for (const std::size_t index : path.value()) {
        values.push_back(with_uri_strings(context, certificates.parsed[index]));
    }
    return answer(context, true, values);
}

Outcome verify_with_options(Context& context, Operands operands) {
    Certificates certificates;
    const Status read = read_certificates(context, operands[0].as_string(), certificates);
    if (context.is_spent()) return Outcome::error();
    if (!read.ok()) return answer(context, false, {});
    const auto options = read_options(operands[1]);
    if (!options.ok()) return context.error(options.error().message);
    const auto path = verified(context, certificates, options.value());
    if (!path.ok()) return answer(context, false, {});
    std::vector<Value> values;
    for (const std::size_t index : path.value()) {
        values.push_back(certificates.parsed[index].value);
    }
    return answer(context, true, values);
}

Outcome parse_request(Context& context, Operands operands) {
    std::string bytes(operands[0].as_string());
    if (!bytes.starts_with("-----BEGIN CERTIFICATE REQUEST-----")) {
        auto decoded = go_base64_decode(bytes, Base64Form::kStandard);
        if (!decoded.ok()) return context.error(decoded.error().message);
        bytes = std::move(decoded).value();
    }
    std::string_view rest = bytes;
    if (auto block = next_pem_block(rest)) {
        if (block->label != "CERTIFICATE REQUEST") {
            return context.error("invalid PEM-encoded certificate signing request");
        }
        bytes = std::move(block->bytes);
    }
    return context.take(parse_certificate_request(context, bytes));
}

// Whether the elements are DER all the way down, as Go wants them and OpenSSL does not; of the
// outermost ones no more than `count`.
bool is_strict(crypto::DerReader reader, std::size_t count, int depth = 0) {
    constexpr int kMaxDepth = 16;  // of keys, which have three levels
    constexpr std::uint8_t kConstructed = 0x20;
    for (; count > 0 && !reader.is_empty(); --count) {
        const auto element = reader.any();
        if (!element || depth > kMaxDepth) return false;
        const bool has_parts = (element->tag & kConstructed) != 0;
        if (has_parts && !is_strict(crypto::DerReader(element->content), SIZE_MAX, depth + 1)) {
            return false;
        }
    }
    return true;
}

// A key of RSA's; in PKCS #8 (RFC 5208, section 5) it is the third element.
bool is_strict_key(std::string_view der, PrivateKeyForm form) {
    constexpr std::size_t kPartsOfPkcs8 = 3;  // what may follow is not read
    if (form != PrivateKeyForm::kPkcs8) return is_strict(crypto::DerReader(der), 1);
    auto parts = crypto::DerReader(der).enter(crypto::der::kSequence);
    if (!parts || !is_strict(*parts, kPartsOfPkcs8)) return false;
    parts->any();
    parts->any();
    const auto inside = parts->enter(crypto::der::kOctetString);
    return inside && is_strict(*inside, 1);
}

// Go looks whether the primes are the modulus's (crypto/rsa, PrivateKey.Validate).
Result<PrivateKey> read_key(std::string_view der, PrivateKeyForm form) {
    auto key = crypto::read_private_key(der, form);
    if (!key.ok() || key.value().kind != PrivateKey::Kind::kRsa) return key;
    if (!is_strict_key(der, form)) return Error{"asn1: structure error: bad private key"};
    const auto number = [](std::string_view octets) {
        mpz_class made;
        mpz_import(made.get_mpz_t(), octets.size(), 1, 1, 1, 0, octets.data());
        return made;
    };
    const crypto::RsaParts& parts = key.value().rsa;
    if (number(parts.prime1) * number(parts.prime2) != number(parts.modulus)) {
        return Error{"crypto/rsa: p * q != n"};
    }
    return key;
}

Result<std::vector<PrivateKey>> read_keys(std::string_view text) {
    const auto decoded = go_base64_decode(text, Base64Form::kStandard);
    if (decoded.ok()) text = decoded.value();
    std::vector<PrivateKey> keys;
    while (const auto block = next_pem_block(text)) {
        static constexpr std::pair<std::string_view, PrivateKeyForm> kForms[] = {
            {"RSA PRIVATE KEY", PrivateKeyForm::kPkcs1},
            {"PRIVATE KEY", PrivateKeyForm::kPkcs8},
            {"EC PRIVATE KEY", PrivateKeyForm::kSec1},
        };
        for (const auto& [label, form] : kForms) {
            if (label != block->label) continue;
            keys.push_back(MERLON_TRY(read_key(block->bytes, form)));
        }
    }
    return keys;
}

Outcome parse_private_keys(Context& context, Operands operands) {
    if (operands[0].as_string().empty()) return Value();
    const auto keys = read_keys(operands[0].as_string());
    if (!keys.ok()) return context.error(keys.error().message);
    std::vector<Value> values;
    for (const PrivateKey& key : keys.value()) values.push_back(private_key_value(context, key));
    return context.builder.array(values);
}

Outcome parse_rsa_private_key(Context& context, Operands operands) {
    std::string text(operands[0].as_string());
    if (text.empty()) return context.error("input PEM data was empty");
    if (!text.starts_with(kBegin)) {
        auto decoded = go_base64_decode(text, Base64Form::kStandard);
        if (!decoded.ok()) return context.error(decoded.error().message);
        text = std::move(decoded).value();
    }
    const auto keys = read_keys(text);
    if (!keys.ok()) return context.error(keys.error().message);
    return keys.value().empty() ? Value() : jwk_value(context, keys.value().front());
}

// PEM, or base64 of PEM or of DER.
Result<std::string> pem_or_der(std::string_view text) {
    if (text.starts_with("-----BEGIN ")) return std::string(text);
    return go_base64_decode(text, Base64Form::kStandard);
}

Result<PrivateKey> key_of_pair(std::string_view text) {
    const std::string bytes = MERLON_TRY(pem_or_der(text));
    std::string der = bytes;
    if (bytes.starts_with(kBegin)) {
        der.clear();
        std::string_view rest = bytes;
        while (auto block = next_pem_block(rest)) {
            if (block->label != "PRIVATE KEY" && !block->label.ends_with(" PRIVATE KEY")) continue;
            der = std::move(block->bytes);
            break;
        }
        if (der.empty()) {
            return Error{"tls: failed to find any PEM data in key input"};
        }
    }
    for (const PrivateKeyForm form :
         {PrivateKeyForm::kPkcs1, PrivateKeyForm::kPkcs8, PrivateKeyForm::kSec1}) {
        auto key = read_key(der, form);
        if (key.ok()) return key;
    }
    return Error{"tls: failed to parse private key"};
}

// Go's tls.X509KeyPair: the first certificate is the key's.
// Of a SubjectPublicKeyInfo (RFC 5280, section 4.1); empty where it is none.
crypto::ObjectIdentifier algorithm_of(std::string_view public_info) {
    crypto::DerReader input(public_info);
    auto sequence = input.enter(crypto::der::kSequence);
    auto algorithm = sequence ? sequence->enter(crypto::der::kSequence) : std::nullopt;
    const auto identifier = algorithm ? algorithm->object_identifier() : std::nullopt;
    return identifier.value_or(crypto::ObjectIdentifier());
}

Outcome parse_key_pair(Context& context, Operands operands) {
    // OPA calls it operand 1.
    if (!operands[1].is_string()) return context.wrong_kind(1, operands[1], {"string"});
    const auto bytes = pem_or_der(operands[0].as_string());
    if (!bytes.ok()) return context.error(bytes.error().message);
    std::vector<std::string> chain;
    if (bytes.value().starts_with("-----BEGIN ")) {
        std::string_view rest = bytes.value();
        while (auto block = next_pem_block(rest)) {
            if (block->label == "CERTIFICATE") chain.push_back(std::move(block->bytes));
        }
    } else {
        chain.push_back(bytes.value());
    }
    if (chain.empty()) {
        return context.error("tls: failed to find any PEM data in certificate input");
    }
    const auto key = key_of_pair(operands[1].as_string());
    if (!key.ok()) return context.error(key.error().message);
    const auto leaf = parse_certificates(context, chain[0]);
    if (context.is_spent()) return Outcome::error();
    if (!leaf.ok()) return context.error(leaf.error().message);
    if (leaf.value().size() != 1) return context.error("x509: trailing data");
    const std::string_view public_info = leaf.value()[0].public_key_info;
    if (algorithm_of(public_info) != algorithm_of(key.value().public_info)) {
        return context.error("tls: private key type does not match public key type");
    }
    if (public_info != key.value().public_info) {
        return context.error("tls: private key does not match public key");
    }
    std::vector<Value> certificates;
    for (const std::string& one : chain) {
        certificates.push_back(context.string(go_base64_encode(one, Base64Form::kStandard)));
    }
    std::vector<value::Builder::Entry> entries = {
        {context.builder.key("Certificate"), context.builder.array(certificates)},
        {context.builder.key("PrivateKey"), private_key_value(context, key.value())},
        {context.builder.key("Leaf"), leaf.value()[0].value},
    };
    for (const std::string_view absent :
         {"SupportedSignatureAlgorithms", "OCSPStaple", "SignedCertificateTimestamps"}) {
        entries.emplace_back(context.builder.key(absent), Value());
    }
    return context.builder.object(entries);
}

constexpr Builtin kX509Builtins[] = {
    {"crypto.parse_private_keys", "s", parse_private_keys},
    {"crypto.x509.parse_and_verify_certificates", "s", verify},
    {"crypto.x509.parse_and_verify_certificates_with_options", "so", verify_with_options},
    {"crypto.x509.parse_certificate_request", "s", parse_request},
    {"crypto.x509.parse_certificates", "s", parse_all},
    {"crypto.x509.parse_keypair", "sv", parse_key_pair},
    {"crypto.x509.parse_rsa_private_key", "s", parse_rsa_private_key},
};

}  // namespace

std::span<const Builtin> x509_builtins() { return kX509Builtins; }

}  // namespace merlon::rego
