#include "rego/x509_values.h"

#include <algorithm>
#include <set>

#include "base/hex.h"
#include "crypto/der.h"
#include "rego/encodings.h"
#include "rego/go_time.h"
#include "rego/go_url.h"
#include "rego/number.h"
#include "rego/term.h"
#include "rego/x509_extensions.h"
#include "text/utf8.h"

namespace merlon::rego {

using crypto::DerReader;
using crypto::ObjectIdentifier;
using value::Value;
namespace der = crypto::der;

namespace x509 {

namespace {

std::string dotted(const ObjectIdentifier& arcs) {
    std::string text;
    for (const std::uint32_t arc : arcs) text += (text.empty() ? "" : ".") + std::to_string(arc);
    return text;
}

struct Algorithm {
    ObjectIdentifier identifier;
    std::string_view parameters;  // the whole element; empty: absent
};

Result<Algorithm> read_algorithm(DerReader reader) {
    Algorithm made;
    const auto identifier = reader.object_identifier();
    if (!identifier) return Error{"x509: malformed OID"};
    made.identifier = *identifier;
    if (reader.is_empty()) return made;
    const auto parameters = reader.any();
    if (!parameters) return Error{"x509: malformed parameters"};
    made.parameters = parameters->whole;
    return made;
}

// PSS: Go names only those whose two hashes are one and whose salt is as long (RFC 4055, 3.1).
int pss_number(std::string_view parameters) {
    auto reader = DerReader(parameters).enter(der::kSequence);
    if (!reader) return 0;
    auto hash_part = reader->enter(der::context_constructed(0));
    auto mask_part = reader->enter(der::context_constructed(1));
    auto salt_part = reader->enter(der::context_constructed(2));
    if (!hash_part || !mask_part || !salt_part) return 0;
    auto hash_sequence = hash_part->enter(der::kSequence);
    auto mask_sequence = mask_part->enter(der::kSequence);
    const auto salt = salt_part->small_integer();
    if (!hash_sequence || !mask_sequence || !salt || !reader->is_empty()) return 0;
    const auto hash = read_algorithm(*hash_sequence);
    const auto mask = read_algorithm(*mask_sequence);
    if (!hash.ok() || !mask.ok() || dotted(mask.value().identifier) != "1.2.840.113549.1.1.8") {
        return 0;
    }
    auto inner = DerReader(mask.value().parameters).enter(der::kSequence);
    if (!inner) return 0;
    const auto inner_hash = read_algorithm(*inner);
    if (!inner_hash.ok() || inner_hash.value().identifier != hash.value().identifier) return 0;
    const std::string name = dotted(hash.value().identifier);
    if (name == "2.16.840.1.101.3.4.2.1" && *salt == 32) return 13;
    if (name == "2.16.840.1.101.3.4.2.2" && *salt == 48) return 14;
    if (name == "2.16.840.1.101.3.4.2.3" && *salt == 64) return 15;
    return 0;
}

// Go's numbers of signature algorithms.
int signature_number(const Algorithm& algorithm) {
    static const std::map<std::string, int, std::less<>> kNumbers = {
        {"1.2.840.113549.1.1.4", 2},  {"1.2.840.113549.1.1.5", 3},   {"1.3.14.3.2.29", 3},
        {"1.2.840.113549.1.1.11", 4}, {"1.2.840.113549.1.1.12", 5},  {"1.2.840.113549.1.1.13", 6},
        {"1.2.840.10040.4.3", 7},     {"2.16.840.1.101.3.4.3.2", 8}, {"1.2.840.10045.4.1", 9},
        {"1.2.840.10045.4.3.2", 10},  {"1.2.840.10045.4.3.3", 11},   {"1.2.840.10045.4.3.4", 12},
        {"1.3.101.112", 16},
    };
    const std::string name = dotted(algorithm.identifier);
    if (name == "1.2.840.113549.1.1.10") return pss_number(algorithm.parameters);
    if (name == "1.3.101.112" && !algorithm.parameters.empty()) return 0;
    const auto found = kNumbers.find(name);
    return found == kNumbers.end() ? 0 : found->second;
}

Result<Value> read_rsa_key(Members& members, std::string_view parameters, std::string_view bytes) {
    if (parameters != std::string_view("\x05\0", 2)) {
        return Error{"x509: RSA key missing NULL parameters"};
    }
    auto reader = DerReader(bytes).enter(der::kSequence);
    if (!reader) return Error{"x509: invalid RSA public key"};
    const auto modulus = reader->integer();
    if (!modulus) return Error{"x509: invalid RSA modulus"};
    const auto exponent = reader->small_integer();
    if (!exponent) return Error{"x509: invalid RSA public exponent"};
    const mpz_class number = integer_of_octets(*modulus);
    if (number <= 0) return Error{"x509: RSA modulus is not a positive number"};
    if (*exponent <= 0) return Error{"x509: RSA public exponent is not a positive number"};
    return members.object({{"N", number_value(members.context().builder, number)},
                           {"E", members.context().integer(*exponent)}});
}

// SEC 1, section 2.3.3: an octet 4, then both coordinates.
Result<Value> read_ec_key(Members& members, std::string_view parameters, std::string_view bytes,
                          std::string_view info) {
    const auto curve = DerReader(parameters).object_identifier();
    if (!curve) return Error{"x509: invalid ECDSA parameters"};
    const std::string name = dotted(*curve);
    if (name != "1.2.840.10045.3.1.7" && name != "1.3.132.0.33" && name != "1.3.132.0.34" &&
        name != "1.3.132.0.35") {
        return Error{"x509: unsupported elliptic curve"};
    }
    const bool is_point = bytes.size() % 2 == 1 && bytes.starts_with('\x04') &&
                          crypto::JoseKey::from_public_key(info).ok();
    if (!is_point) return Error{"ecdsa: invalid public key"};
    const std::size_t width = (bytes.size() - 1) / 2;
    return members.object({{"Curve", members.object({})},
                           {"X", members.unsigned_number(bytes.substr(1, width))},
                           {"Y", members.unsigned_number(bytes.substr(1 + width))}});
}

Result<Value> read_dsa_key(Members& members, std::string_view parameters, std::string_view bytes) {
    const auto key = DerReader(bytes).integer();
    if (!key) return Error{"x509: invalid DSA public key"};
    auto reader = DerReader(parameters).enter(der::kSequence);
    std::vector<Value> numbers;
    for (int i = 0; i < 3; ++i) {
        const auto number = reader ? reader->integer() : std::nullopt;
        if (!number) return Error{"x509: invalid DSA parameters"};
        numbers.push_back(number_value(members.context().builder, integer_of_octets(*number)));
    }
    const Value y = number_value(members.context().builder, integer_of_octets(*key));
    return members.object({{"P", numbers[0]}, {"Q", numbers[1]}, {"G", numbers[2]}, {"Y", y}});
}

// SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7).
Status read_public_key(Members& members, std::string_view info) {
    members.add("RawSubjectPublicKeyInfo", members.base64(info));
    auto reader = DerReader(info).enter(der::kSequence);
    if (!reader) return Error{"x509: malformed spki"};
    auto sequence = reader->enter(der::kSequence);
    if (!sequence) return Error{"x509: malformed public key algorithm identifier"};
    const Algorithm algorithm = MERLON_TRY(read_algorithm(*sequence));
    const auto bits = reader->bits();
    if (!bits) return Error{"x509: malformed subjectPublicKey"};
    const std::string name = dotted(algorithm.identifier);
    int number = 0;
    Value key;
    if (name == "1.2.840.113549.1.1.1") {
        number = 1;
        key = MERLON_TRY(read_rsa_key(members, algorithm.parameters, bits->bytes));
    } else if (name == "1.2.840.10040.4.1") {
        number = 2;
        key = MERLON_TRY(read_dsa_key(members, algorithm.parameters, bits->bytes));
    } else if (name == "1.2.840.10045.2.1") {
        number = 3;
        key = MERLON_TRY(read_ec_key(members, algorithm.parameters, bits->bytes, info));
    } else if (name == "1.3.101.112") {
        number = 4;
        if (!algorithm.parameters.empty()) {
            return Error{"x509: Ed25519 key encoded with illegal parameters"};
        }
        if (bits->bytes.size() != 32) return Error{"x509: wrong Ed25519 public key size"};
        key = members.base64(bits->bytes);
    }
    members.add("PublicKeyAlgorithm", members.context().integer(number));
    members.add("PublicKey", key);
    return {};
}

// RFC 5280, section 4.1.2.5; as RFC 3339 in UTC.
Result<Value> read_time(Context& context, DerReader& reader) {
    const bool is_short = reader.is_next(der::kUtcTime);
    if (!is_short && !reader.is_next(der::kGeneralizedTime)) {
        return Error{"x509: unsupported time format"};
    }
    const Error wrong{is_short ? "x509: malformed UTCTime" : "x509: malformed GeneralizedTime"};
    const auto element = reader.any();
    if (!element) return wrong;
    std::string text(element->content);
    // Two digits below 50 are of this century.
    if (is_short) text = (text.size() >= 2 && text[0] >= '5' ? "19" : "20") + text;
    for (const std::string_view layout : {"20060102150405Z0700", "200601021504Z0700"}) {
        const auto instant = parse_time(layout, text);
        if (!instant.ok()) continue;
        return context.string(
            format_time(civil_time(instant.value(), Zone()), "2006-01-02T15:04:05Z07:00"));
    }
    return wrong;
}

struct RawExtensions {
    std::vector<RawExtension> all;
    Value value;
};

Result<RawExtensions> read_extensions(Members& members, DerReader reader) {
    RawExtensions made;
    std::vector<Value> values;
    std::set<ObjectIdentifier> seen;
    while (!reader.is_empty()) {
        auto sequence = reader.enter(der::kSequence);
        if (!sequence) return Error{"x509: malformed extension"};
        RawExtension extension;
        const auto identifier = sequence->object_identifier();
        if (!identifier) return Error{"x509: malformed extension OID field"};
        extension.identifier = *identifier;
        if (sequence->is_next(der::kBoolean)) {
            const auto critical = sequence->boolean();
            if (!critical) return Error{"x509: malformed extension critical field"};
            extension.is_critical = *critical;
        }
        const auto content = sequence->element(der::kOctetString);
        if (!content) return Error{"x509: malformed extension value field"};
        extension.content = content->content;
        if (!seen.insert(*identifier).second) {
            return Error{"x509: certificate contains duplicate extension with OID \"" +
                         dotted(*identifier) + "\""};
        }
        values.push_back(
            members.object({{"Id", members.identifier(*identifier)},
                            {"Critical", members.context().boolean(extension.is_critical)},
                            {"Value", members.base64(extension.content)}}));
        made.all.push_back(std::move(extension));
    }
    made.value = members.list(values);
    return made;
}

Result<ParsedCertificate> read_certificate(Context& context, std::string_view bytes) {
    ParsedCertificate made;
    Members members(context);
    DerReader outside(bytes);
    const auto whole = outside.element(der::kSequence);
    if (!whole) return Error{"x509: malformed certificate"};
    made.der = whole->whole;
    members.add("Raw", members.base64(whole->whole));
    DerReader input(whole->content);
    const auto inside = input.element(der::kSequence);
    if (!inside) return Error{"x509: malformed tbs certificate"};
    members.add("RawTBSCertificate", members.base64(inside->whole));
    DerReader reader(inside->content);
    std::int64_t version = 0;
    if (reader.is_next(der::context_constructed(0))) {
        auto wrapped = reader.enter(der::context_constructed(0));
        const auto number = wrapped ? wrapped->small_integer() : std::nullopt;
        if (!number || *number < 0) return Error{"x509: malformed version"};
        version = *number;
    }
    if (version > 2) return Error{"x509: invalid version"};
    members.add("Version", context.integer(version + 1));
    const auto serial = reader.integer();
    if (!serial) return Error{"x509: malformed serial number"};
    const mpz_class serial_number = integer_of_octets(*serial);
    if (serial_number < 0) return Error{"x509: negative serial number"};
    members.add("SerialNumber", number_value(context.builder, serial_number));
    const auto inner_algorithm = reader.element(der::kSequence);
    if (!inner_algorithm) return Error{"x509: malformed signature algorithm identifier"};
    const auto outer_algorithm = input.element(der::kSequence);
    if (!outer_algorithm) return Error{"x509: malformed algorithm identifier"};
    if (outer_algorithm->content != inner_algorithm->content) {
        return Error{"x509: inner and outer signature algorithm identifiers don't match"};
    }
    const Algorithm algorithm = MERLON_TRY(read_algorithm(DerReader(inner_algorithm->content)));
    members.add("SignatureAlgorithm", context.integer(signature_number(algorithm)));
    const auto issuer = reader.element(der::kSequence);
    if (!issuer) return Error{"x509: malformed issuer"};
    members.add("RawIssuer", members.base64(issuer->whole));
    members.add("Issuer", MERLON_TRY(read_name(context, issuer->whole)));
    auto validity = reader.enter(der::kSequence);
    if (!validity) return Error{"x509: malformed validity"};
    members.add("NotBefore", MERLON_TRY(read_time(context, *validity)));
    members.add("NotAfter", MERLON_TRY(read_time(context, *validity)));
    const auto subject = reader.element(der::kSequence);
    if (!subject) return Error{"x509: malformed issuer"};
    members.add("RawSubject", members.base64(subject->whole));
    members.add("Subject", MERLON_TRY(read_name(context, subject->whole)));
    const auto info = reader.element(der::kSequence);
    if (!info) return Error{"x509: malformed spki"};
    made.public_key_info = info->whole;
    MERLON_TRY(read_public_key(members, info->whole));
    for (const std::uint8_t unique : {der::context(1), der::context(2)}) {
        if (version >= 1 && reader.is_next(unique)) reader.any();
    }
    RawExtensions extensions;
    if (version == 2 && reader.is_next(der::context_constructed(3))) {
        auto wrapped = reader.enter(der::context_constructed(3));
        auto sequence = wrapped ? wrapped->enter(der::kSequence) : std::nullopt;
        if (!sequence) return Error{"x509: malformed extensions"};
        extensions = MERLON_TRY(read_extensions(members, *sequence));
    }
    members.add("Extensions", extensions.value);
    members.add("ExtraExtensions", Value());
    SubjectNames names;
    MERLON_TRY(add_extensions(members, extensions.all, names));
    made.uris = names.uri_texts;
    made.has_uris = !names.uris.empty();
    const auto signature = input.bits();
    if (!signature) return Error{"x509: malformed signature"};
    members.add("Signature", members.base64(signature->bytes));
    made.value = members.take();
    return made;
}

}  // namespace
}  // namespace x509

Result<std::vector<ParsedCertificate>> parse_certificates(Context& context, std::string_view der) {
    std::vector<ParsedCertificate> certificates;
    while (!der.empty()) {
        if (!context.spend(1'000)) return Error{context.error_text()};
        certificates.push_back(MERLON_TRY(x509::read_certificate(context, der)));
        der.remove_prefix(certificates.back().der.size());
    }
    return certificates;
}

Value with_uri_strings(Context& context, const ParsedCertificate& certificate) {
    x509::Members members(context);
    std::vector<value::Builder::Entry> entries;
    for (std::size_t i = 0; i < certificate.value.size(); ++i) {
        entries.emplace_back(certificate.value.keys()[i], certificate.value.values()[i]);
    }
    entries.emplace_back(context.builder.key("URIStrings"), members.strings(certificate.uris));
    return context.builder.object(entries);
}

namespace x509 {
namespace {

// Go's text for the first element of a request that is none: its tag is looked at before its
// length.
Error no_request(std::string_view bytes) {
    const auto octet = [bytes](std::size_t at) { return static_cast<unsigned char>(bytes[at]); };
    if (bytes.empty()) return Error{"asn1: syntax error: sequence truncated"};
    if (bytes.size() < 2) return Error{"asn1: syntax error: truncated tag or length"};
    std::uint64_t length = octet(1);
    if (length >= 0x80) {
        const std::size_t count = length & 0x7F;
        if (count == 0) return Error{"asn1: syntax error: indefinite length found (not DER)"};
        length = 0;
        for (std::size_t i = 0; i < count; ++i) {
            if (2 + i >= bytes.size()) return Error{"asn1: syntax error: truncated tag or length"};
            if (length >= std::uint64_t{1} << 23) {
                return Error{"asn1: structure error: length too large"};
            }
            length = length << 8 | octet(2 + i);
        }
    }
    const bool is_compound = (octet(0) & 0x20) != 0;
    return Error{
        "asn1: structure error: tags don't match (16 vs {class:" + std::to_string(octet(0) >> 6) +
        " tag:" + std::to_string(octet(0) & 0x1F) + " length:" + std::to_string(length) +
        " isCompound:" + (is_compound ? "true" : "false") +
        "}) {optional:false explicit:false application:false private:false defaultValue:<nil> "
        "tag:<nil> stringType:0 timeType:0 set:false omitEmpty:false} certificateRequest @2"};
}

// RFC 2986, section 4.1. `extensions` are those that a request asks for (PKCS #9, 5.4.2).
Result<Value> read_attributes(Members& members, DerReader reader, RawExtensions& extensions) {
    const Error wrong{"asn1: structure error: bad attributes"};
    std::vector<Value> attributes;
    while (!reader.is_empty()) {
        auto attribute = reader.enter(der::kSequence);
        if (!attribute) return wrong;
        const auto type = attribute->object_identifier();
        const auto set = attribute->enter(der::kSet);
        if (!type || !set) return wrong;
        if (dotted(*type) == "1.2.840.113549.1.9.14") {
            auto inside = DerReader(*set).enter(der::kSequence);
            if (!inside) return wrong;
            extensions = MERLON_TRY(read_extensions(members, *inside));
        }
        // Only what looks like lists of names and values is shown.
        std::vector<Value> lists;
        DerReader rest = *set;
        bool is_shown = true;
        while (is_shown && !rest.is_empty()) {
            auto list = rest.enter(der::kSequence);
            std::vector<Value> pairs;
            while (list && !list->is_empty()) {
                auto pair = list->enter(der::kSequence);
                const auto name = pair ? pair->object_identifier() : std::nullopt;
                const auto content = name ? pair->any() : std::nullopt;
                is_shown =
                    is_shown && content && pair->is_empty() && content->tag == der::kOctetString;
                if (!is_shown) break;
                pairs.push_back(members.object({{"Type", members.identifier(*name)},
                                                {"Value", members.base64(content->content)}}));
            }
            is_shown = is_shown && list.has_value();
            lists.push_back(members.context().builder.array(pairs));
        }
        if (!is_shown) continue;
        attributes.push_back(members.object({{"Type", members.identifier(*type)},
                                             {"Value", members.context().builder.array(lists)}}));
    }
    return members.list(attributes);
}

Result<Value> read_request(Context& context, std::string_view bytes) {
    Members members(context);
    DerReader outside(bytes);
    if (!outside.is_next(der::kSequence)) return no_request(bytes);
    const auto whole = outside.any();
    if (!whole) return Error{"asn1: syntax error: data truncated"};
    if (!outside.is_empty()) return Error{"asn1: syntax error: trailing data"};
    const Error wrong{"asn1: structure error: bad certificate request"};
    members.add("Raw", members.base64(whole->whole));
    DerReader input(whole->content);
    const auto inside = input.element(der::kSequence);
    if (!inside) return wrong;
    members.add("RawTBSCertificateRequest", members.base64(inside->whole));
    DerReader reader(inside->content);
    const auto version = reader.small_integer();
    const auto subject = reader.element(der::kSequence);
    const auto info = reader.element(der::kSequence);
    if (!version || !subject || !info) return wrong;
    members.add("Version", context.integer(*version));
    members.add("RawSubject", members.base64(subject->whole));
    MERLON_TRY(read_public_key(members, info->whole));
    members.add("Subject", MERLON_TRY(read_name(context, subject->whole)));
    RawExtensions extensions;
    if (reader.is_empty()) return Error{"asn1: syntax error: sequence truncated"};
    if (!reader.is_next(der::context_constructed(0))) return wrong;
    const auto attributes = reader.enter(der::context_constructed(0));
    if (!attributes) return Error{"asn1: syntax error: data truncated"};
    members.add("Attributes", MERLON_TRY(read_attributes(members, *attributes, extensions)));
    members.add("Extensions", extensions.value);
    members.add("ExtraExtensions", Value());
    auto sequence = input.enter(der::kSequence);
    if (!sequence) return wrong;
    const Algorithm algorithm = MERLON_TRY(read_algorithm(*sequence));
    const auto signature = input.bits();
    if (!signature) return wrong;
    members.add("SignatureAlgorithm", context.integer(signature_number(algorithm)));
    members.add("Signature", members.base64(signature->bytes));
    SubjectNames names;
    for (const RawExtension& one : extensions.all) {
        if (dotted(one.identifier) == "2.5.29.17")
            MERLON_TRY(read_subject_names(members, one, names));
    }
    add_subject_names(members, names);
    return members.take();
}

}  // namespace
}  // namespace x509

Result<Value> parse_certificate_request(Context& context, std::string_view der) {
    return x509::read_request(context, der);
}

}  // namespace merlon::rego
