#include "crypto/x509_chain.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/ascii.h"
#include "crypto/der.h"
#include "crypto/openssl_memory.h"

namespace merlon::crypto {
namespace {

using openssl::as_bytes;
using openssl::Owned;

Owned<X509> read_certificate(std::string_view der) {
    const unsigned char* at = as_bytes(der);
    return Owned<X509>(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
}

struct FreeStack {
    void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }
};
struct FreeUsages {
    void operator()(EXTENDED_KEY_USAGE* usages) const { EXTENDED_KEY_USAGE_free(usages); }
};

// Whether each certificate of the path allows this usage; one without the extension allows all.
bool allows(STACK_OF(X509) * path, const std::string& usage) {
    for (int i = 0; i < sk_X509_num(path); ++i) {
        const std::unique_ptr<EXTENDED_KEY_USAGE, FreeUsages> usages(
            static_cast<EXTENDED_KEY_USAGE*>(
                X509_get_ext_d2i(sk_X509_value(path, i), NID_ext_key_usage, nullptr, nullptr)));
        if (usages == nullptr) continue;
        bool is_allowed = false;
        for (int j = 0; j < sk_ASN1_OBJECT_num(usages.get()) && !is_allowed; ++j) {
            std::array<char, 128> name{};
            const ASN1_OBJECT* const one = sk_ASN1_OBJECT_value(usages.get(), j);
            OBJ_obj2txt(name.data(), static_cast<int>(name.size()), one, 1);
            is_allowed = usage == name.data() || OBJ_obj2nid(one) == NID_anyExtendedKeyUsage;
        }
        if (!is_allowed) return false;
    }
    return true;
}

struct FreeNames {
    void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
};

std::vector<std::string_view> labels_of(std::string_view name) {
    std::vector<std::string_view> labels;
    for (std::size_t dot = name.find('.');; dot = name.find('.')) {
        labels.push_back(name.substr(0, dot));
        if (dot == std::string_view::npos) return labels;
        name.remove_prefix(dot + 1);
    }
}

// Whether Go takes it for the name of a host; "*" may be the first label of a pattern.
enum class Name : unsigned char { kHost, kPattern };
bool is_host_name(std::string_view name, Name kind) {
    if (name.empty() || name == "*") return false;
    const std::vector<std::string_view> labels = labels_of(name);
    for (std::size_t i = 0; i < labels.size(); ++i) {
        if (kind == Name::kPattern && i == 0 && labels[i] == "*") continue;
        const bool is_label =
            !labels[i].empty() && labels[i][0] != '-' && std::ranges::all_of(labels[i], [](char c) {
                return is_digit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
            });
        if (!is_label) return false;
    }
    return true;
}

// Go's rules (RFC 6125, section 6.4.3): a star stands for one label, also of two in all. OpenSSL
// wants three.
bool is_named(const X509* certificate, std::string host) {
    host = lower_case(host);
    const std::string_view without_dot =
        std::string_view(host).substr(0, host.size() - (host.ends_with('.') ? 1 : 0));
    const std::unique_ptr<GENERAL_NAMES, FreeNames> names(static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
    for (int i = 0; names != nullptr && i < sk_GENERAL_NAME_num(names.get()); ++i) {
        const GENERAL_NAME* const one = sk_GENERAL_NAME_value(names.get(), i);
        if (one->type != GEN_DNS) continue;
        const auto size = static_cast<std::size_t>(ASN1_STRING_length(one->d.dNSName));
        const std::string pattern = lower_case(std::string_view(
            reinterpret_cast<const char*>(ASN1_STRING_get0_data(one->d.dNSName)), size));
        if (!is_host_name(without_dot, Name::kHost) || !is_host_name(pattern, Name::kPattern)) {
            if (!pattern.empty() && pattern != "." && pattern == host) return true;
            continue;
        }
        const std::vector<std::string_view> wanted = labels_of(without_dot);
        std::vector<std::string_view> labels = labels_of(pattern);
        if (labels[0] == "*") labels[0] = wanted[0];
        if (labels == wanted) return true;
    }
    return false;
}

std::string number_of(const EVP_PKEY* key, const char* name) {
    BIGNUM* number = nullptr;
    if (EVP_PKEY_get_bn_param(key, name, &number) != 1) return {};
    const Owned<BIGNUM> held(number);
    std::string bytes(static_cast<std::size_t>(BN_num_bytes(number)), '\0');
    BN_bn2bin(number, as_bytes(bytes));
    return bytes;
}

std::string padded(std::string bytes, std::size_t width) {
    return bytes.size() >= width ? bytes : std::string(width - bytes.size(), '\0') + bytes;
}

// Go computes the public point from the secret, whatever stands beside it.
bool compute_public(const EVP_PKEY* key, const char* group_name, EcParts& parts,
                    std::size_t width) {
    BIGNUM* number = nullptr;
    if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &number) != 1) return false;
    const Owned<BIGNUM> secret(number);
    const std::unique_ptr<EC_GROUP, void (*)(EC_GROUP*)> group(
        EC_GROUP_new_by_curve_name(OBJ_txt2nid(group_name)), EC_GROUP_free);
    if (group == nullptr) return false;
    const std::unique_ptr<EC_POINT, void (*)(EC_POINT*)> point(EC_POINT_new(group.get()),
                                                               EC_POINT_free);
    const Owned<BIGNUM> x(BN_new());
    const Owned<BIGNUM> y(BN_new());
    const bool is_computed =
        EC_POINT_mul(group.get(), point.get(), secret.get(), nullptr, nullptr, nullptr) == 1 &&
        EC_POINT_get_affine_coordinates(group.get(), point.get(), x.get(), y.get(), nullptr) == 1;
    if (!is_computed) return false;
    const auto bytes_of = [width](const BIGNUM* coordinate) {
        std::string bytes(width, '\0');
        BN_bn2binpad(coordinate, as_bytes(bytes), static_cast<int>(width));
        return bytes;
    };
    parts.x = bytes_of(x.get());
    parts.y = bytes_of(y.get());
    return true;
}

bool read_ec(const EVP_PKEY* key, EcParts& parts) {
    std::array<char, 64> group{};
    if (EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group.data(), group.size(),
                                       nullptr) != 1) {
        return false;
    }
    static constexpr std::pair<std::string_view, std::string_view> kCurves[] = {
        {"secp224r1", "P-224"},
        {"prime256v1", "P-256"},
        {"secp384r1", "P-384"},
        {"secp521r1", "P-521"},
    };
    for (const auto& [theirs, name] : kCurves) {
        if (theirs == group.data()) parts.curve = name;
    }
    if (parts.curve.empty()) return false;
    const auto width = static_cast<std::size_t>(EVP_PKEY_get_bits(key) + 7) / 8;
    parts.secret = padded(number_of(key, OSSL_PKEY_PARAM_PRIV_KEY), width);
    return compute_public(key, group.data(), parts, width);
}

// Whether the parts of an RSA key that only make it faster are those of its primes; Go refuses a
// key where they are not.
bool is_consistent(const PrivateKey& key) {
    const std::unique_ptr<BN_CTX, void (*)(BN_CTX*)> context(BN_CTX_new(), BN_CTX_free);
    const auto number = [](const std::string& octets) {
        return Owned<BIGNUM>(BN_bin2bn(as_bytes(octets), static_cast<int>(octets.size()), nullptr));
    };
    const auto d = number(key.rsa.secret_exponent);
    const auto is_exponent = [&](const std::string& prime, const std::string& exponent) {
        const auto less_one = number(prime);
        BN_sub_word(less_one.get(), 1);
        const Owned<BIGNUM> rest(BN_new());
        return BN_mod(rest.get(), d.get(), less_one.get(), context.get()) == 1 &&
               BN_cmp(rest.get(), number(exponent).get()) == 0;
    };
    const auto p = number(key.rsa.prime1);
    const Owned<BIGNUM> product(BN_new());
    return is_exponent(key.rsa.prime1, key.exponent1) &&
           is_exponent(key.rsa.prime2, key.exponent2) &&
           BN_mod_mul(product.get(), number(key.coefficient).get(), number(key.rsa.prime2).get(),
                      p.get(), context.get()) == 1 &&
           BN_is_one(product.get()) == 1;
}

std::string raw_of(const EVP_PKEY* key, int (*read)(const EVP_PKEY*, unsigned char*, size_t*)) {
    std::array<unsigned char, 64> bytes{};
    std::size_t size = bytes.size();
    if (read(key, bytes.data(), &size) != 1) return {};
    return {reinterpret_cast<const char*>(bytes.data()), size};
}

}  // namespace

Result<std::vector<std::size_t>> verify_chain(const ChainQuestion& question) {
    const Error refused{"x509: certificate signed by unknown authority"};
    std::vector<Owned<X509>> certificates;
    certificates.push_back(read_certificate(question.root));
    for (const std::string_view one : question.between) {
        certificates.push_back(read_certificate(one));
    }
    certificates.push_back(read_certificate(question.leaf));
    const Owned<X509_STORE> store(X509_STORE_new());
    const Owned<X509_STORE_CTX> context(X509_STORE_CTX_new());
    const std::unique_ptr<STACK_OF(X509), FreeStack> between(sk_X509_new_null());
    for (std::size_t i = 0; i < certificates.size(); ++i) {
        if (certificates[i] == nullptr) return refused;
        const bool is_between = i > 0 && i + 1 < certificates.size();
        if (is_between) sk_X509_push(between.get(), certificates[i].get());
    }
    X509_STORE_add_cert(store.get(), certificates.front().get());
    if (X509_STORE_CTX_init(context.get(), store.get(), certificates.back().get(), between.get()) !=
        1) {
        ERR_clear_error();
        return refused;
    }
    X509_VERIFY_PARAM* const parameters = X509_STORE_CTX_get0_param(context.get());
    // Whatever was named as the root is trusted, self-signed or not.
    X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_TRUSTED_FIRST);
    X509_VERIFY_PARAM_set_time(parameters, question.now_seconds);
    X509_VERIFY_PARAM_set_auth_level(parameters, 1);
    const bool is_address = !question.host.empty() &&
                            X509_VERIFY_PARAM_set1_ip_asc(parameters, question.host.c_str()) == 1;
    const bool is_verified =
        X509_verify_cert(context.get()) == 1 &&
        (question.host.empty() || is_address || is_named(certificates.back().get(), question.host));
    ERR_clear_error();
    if (!is_verified) return refused;
    STACK_OF(X509)* const path = X509_STORE_CTX_get0_chain(context.get());
    if (!question.usages.empty() &&
        std::ranges::none_of(question.usages,
                             [path](const std::string& usage) { return allows(path, usage); })) {
        return Error{"x509: certificate specifies an incompatible key usage"};
    }
    std::vector<std::size_t> indexes;
    for (int i = 0; i < sk_X509_num(path); ++i) {
        const X509* const one = sk_X509_value(path, i);
        // The leaf comes first, and equal certificates are one.
        std::size_t index = certificates.size() - 1;
        while (index > 0 && X509_cmp(certificates[index].get(), one) != 0) --index;
        indexes.push_back(index);
    }
    return indexes;
}

namespace {

std::string der_of(std::uint8_t tag, std::string_view content) {
    std::string length;
    for (std::size_t left = content.size(); left > 0; left >>= 8) {
        length.insert(length.begin(), static_cast<char>(left));
    }
    std::string out(1, static_cast<char>(tag));
    if (content.size() < 0x80) {
        out += static_cast<char>(content.size());
    } else {
        out += static_cast<char>(0x80 | length.size());
        out += length;
    }
    return out.append(content);
}

// A key of an elliptic curve (RFC 5915, section 3) without its point, which OpenSSL looks at and Go
// does not: Go reads the optional members where they are next, and of the point no more than where
// it begins. Nothing where that is no DER.
std::optional<std::string> without_public_point(std::string_view der) {
    auto members = DerReader(der).enter(der::kSequence);
    const auto version = members ? members->any() : std::nullopt;
    const auto secret = version ? members->any() : std::nullopt;
    if (!secret || secret->tag != der::kOctetString) return std::string(der);
    std::string kept(version->whole);
    kept += secret->whole;
    if (members->is_next(der::context_constructed(0))) {
        const auto curve = members->any();
        if (!curve) return std::nullopt;
        kept += curve->whole;
    }
    if (members->is_next(der::context_constructed(1))) {
        const auto point = members->any();
        if (!point || (!point->content.empty() && !DerReader(point->content).any())) {
            return std::nullopt;
        }
    }
    return der_of(der::kSequence, kept);
}

// The same of a key as PKCS #8 wraps it; everything else as it is.
std::optional<std::string> without_public_point(std::string_view der, PrivateKeyForm form) {
    if (form == PrivateKeyForm::kPkcs1) return std::string(der);
    if (form == PrivateKeyForm::kSec1) return without_public_point(der);
    auto outer = DerReader(der).enter(der::kSequence);
    std::string kept;
    while (outer && !outer->is_empty()) {
        const auto part = outer->any();
        if (!part) return std::string(der);
        if (part->tag != der::kOctetString) {
            kept += part->whole;
            continue;
        }
        const auto inside = without_public_point(part->content);
        if (!inside) return std::nullopt;
        kept += der_of(part->tag, *inside);
    }
    return outer ? der_of(der::kSequence, kept) : std::string(der);
}

}  // namespace

Result<PrivateKey> read_private_key(std::string_view der, PrivateKeyForm form) {
    const auto kept = without_public_point(der, form);
    if (!kept) return Error{"asn1: structure error: bad private key"};
    const unsigned char* at = as_bytes(*kept);
    const auto size = static_cast<long>(kept->size());
    EVP_PKEY* read = nullptr;
    if (form == PrivateKeyForm::kPkcs8) {
        PKCS8_PRIV_KEY_INFO* const info = d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, size);
        if (info != nullptr) read = EVP_PKCS82PKEY(info);
        PKCS8_PRIV_KEY_INFO_free(info);
    } else {
        read = d2i_PrivateKey(form == PrivateKeyForm::kPkcs1 ? EVP_PKEY_RSA : EVP_PKEY_EC, nullptr,
                              &at, size);
    }
    const Owned<EVP_PKEY> key(read);
    ERR_clear_error();
    const Error refused{"x509: failed to parse private key"};
    if (key == nullptr) return refused;
    PrivateKey made;
    switch (EVP_PKEY_get_base_id(key.get())) {
        case EVP_PKEY_RSA:
            made.rsa = {number_of(key.get(), OSSL_PKEY_PARAM_RSA_N),
                        number_of(key.get(), OSSL_PKEY_PARAM_RSA_E),
                        number_of(key.get(), OSSL_PKEY_PARAM_RSA_D),
                        number_of(key.get(), OSSL_PKEY_PARAM_RSA_FACTOR1),
                        number_of(key.get(), OSSL_PKEY_PARAM_RSA_FACTOR2)};
            made.exponent1 = number_of(key.get(), OSSL_PKEY_PARAM_RSA_EXPONENT1);
            made.exponent2 = number_of(key.get(), OSSL_PKEY_PARAM_RSA_EXPONENT2);
            made.coefficient = number_of(key.get(), OSSL_PKEY_PARAM_RSA_COEFFICIENT1);
            if (!is_consistent(made)) return refused;
            break;
        case EVP_PKEY_EC:
            made.kind = PrivateKey::Kind::kEc;
            if (!read_ec(key.get(), made.ec)) return Error{"x509: unknown elliptic curve"};
            break;
        case EVP_PKEY_ED25519:
            made.kind = PrivateKey::Kind::kEd25519;
            made.ed_secret = raw_of(key.get(), EVP_PKEY_get_raw_private_key);
            made.ed_public = raw_of(key.get(), EVP_PKEY_get_raw_public_key);
            break;
        default:
            return refused;
    }
    unsigned char* bytes = nullptr;
    const int info_size = i2d_PUBKEY(key.get(), &bytes);
    if (info_size > 0) {
        made.public_info.assign(reinterpret_cast<const char*>(bytes),
                                static_cast<std::size_t>(info_size));
    }
    OPENSSL_free(bytes);
    ERR_clear_error();
    return made;
}

}  // namespace merlon::crypto
