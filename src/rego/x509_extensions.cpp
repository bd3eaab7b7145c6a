#include "rego/x509_extensions.h"

#include <algorithm>
#include <set>

#include "base/hex.h"
#include "rego/go_address.h"
#include "rego/go_url.h"
#include "rego/number.h"
#include "rego/term.h"

namespace merlon::rego::x509 {
namespace {

using crypto::DerReader;
using crypto::ObjectIdentifier;
using value::Value;
namespace der = crypto::der;

std::string dotted(const ObjectIdentifier& arcs) {
    std::string text;
    for (const std::uint32_t arc : arcs) text += (text.empty() ? "" : ".") + std::to_string(arc);
    return text;
}

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::string go_quoted(std::string_view text) {
    std::string out;
    append_go_quoted(out, text);
    return out;
}

// What stands between "//" and the path, without the user.
std::string_view host_of(std::string_view uri) {
    const std::size_t begin = uri.find("//");
    if (begin == std::string_view::npos) return {};
    uri.remove_prefix(begin + 2);
    uri = uri.substr(0, uri.find_first_of("/?#"));
    const std::size_t at = uri.rfind('@');
    return at == std::string_view::npos ? uri : uri.substr(at + 1);
}

// Go's url.URL as JSON.
Value url_value(Members& members, const GoUrl& url, std::string_view text) {
    Context& context = members.context();
    std::string_view rest = text.substr(0, text.find('#'));
    const std::size_t question = std::min(rest.find('?'), rest.size());
    const bool has_empty_query = question + 1 == rest.size();
    rest = rest.substr(0, question);
    if (!url.scheme.empty()) rest.remove_prefix(std::min(url.scheme.size() + 1, rest.size()));
    const bool is_opaque = !url.scheme.empty() && !rest.empty() && !rest.starts_with('/');
    const bool has_authority = rest.starts_with("//");
    const std::string_view host = has_authority ? host_of(text) : std::string_view();
    const bool has_user =
        has_authority && rest.substr(0, rest.find('/', 2)).find('@') != std::string_view::npos;
    return members.object({
        {"Scheme", context.string(url.scheme)},
        {"Opaque", context.string(is_opaque ? rest : std::string_view())},
        {"User", has_user ? members.object({}) : Value()},
        {"Host", context.string(host)},
        {"Path", context.string(url.path)},
        {"RawPath", context.string(url.raw_path)},
        {"OmitHost", context.boolean(!is_opaque && has_authority && host.empty() && !has_user &&
                                     url.path.empty())},
        {"ForceQuery", context.boolean(has_empty_query)},
        {"RawQuery", context.string(url.raw_query)},
        {"Fragment", context.string(url.fragment)},
        {"RawFragment", context.string("")},
    });
}

// Labels of letters, digits, '-' and '_'; a constraint may begin with a dot.
bool is_domain(std::string_view name) {
    if (name.starts_with('.')) name.remove_prefix(1);
    if (name.empty()) return true;
    return std::ranges::all_of(name,
                               [](char c) {
                                   return static_cast<unsigned char>(c) > ' ' && c != '@' &&
                                          c != '*';
                               }) &&
           !name.ends_with('.') && name.find("..") == std::string_view::npos;
}

Status read_key_usage(Members& members, const RawExtension& extension) {
    const auto bits = DerReader(extension.content).bits();
    if (!bits) return Error{"x509: invalid key usage"};
    std::int64_t usage = 0;
    for (std::size_t i = 0; i < 9 && i / 8 < bits->bytes.size(); ++i) {
        const auto byte = static_cast<unsigned char>(bits->bytes[i / 8]);
        if ((byte >> (7 - i % 8) & 1) != 0) usage |= std::int64_t{1} << i;
    }
    members.add("KeyUsage", members.context().integer(usage));
    return {};
}

Status read_basic_constraints(Members& members, const RawExtension& extension) {
    const Error wrong{"x509: invalid basic constraints"};
    auto reader = DerReader(extension.content).enter(der::kSequence);
    if (!reader) return wrong;
    bool is_authority = false;
    if (reader->is_next(der::kBoolean)) {
        const auto found = reader->boolean();
        if (!found) return wrong;
        is_authority = *found;
    }
    std::int64_t length = -1;
    if (reader->is_next(der::kInteger)) {
        const auto found = reader->small_integer();
        if (!found || *found < 0) return wrong;
        length = *found;
    }
    Context& context = members.context();
    members.add("IsCA", context.boolean(is_authority));
    members.add("MaxPathLen", context.integer(length));
    members.add("MaxPathLenZero", context.boolean(length == 0));
    members.add("BasicConstraintsValid", context.boolean(true));
    return {};
}

// Section 4.2.1.10. `is_handled`: each constraint is of a kind that Go knows.
struct Constraints {
    std::vector<std::string> hosts, mails, uris;
    std::vector<Value> networks;
    bool is_handled = true;
};

bool is_mask(std::string_view mask) {
    bool has_zero = false;
    for (const char c : mask) {
        const auto byte = static_cast<unsigned char>(c);
        const auto inverted = static_cast<unsigned char>(~byte);
        if ((has_zero && byte != 0) || (inverted & (inverted + 1)) != 0) return false;
        has_zero = has_zero || byte != 0xFF;
    }
    return true;
}

Result<Constraints> read_constraints(Members& members, std::string_view subtrees) {
    Constraints made;
    DerReader reader(subtrees);
    while (!reader.is_empty()) {
        auto sequence = reader.enter(der::kSequence);
        const auto name = sequence ? sequence->any() : std::nullopt;
        if (!name) return Error{"x509: invalid NameConstraints extension"};
        const std::string text(name->content);
        const bool is_text = name->tag == der::context(1) || name->tag == der::context(2) ||
                             name->tag == der::context(6);
        if (is_text && !is_ascii(text)) {
            return Error{"x509: invalid constraint value: " + go_quoted(text) +
                         " cannot be encoded as an IA5String"};
        }
        if (name->tag == der::context(2)) {
            if (!is_domain(text)) {
                return Error{"x509: failed to parse dnsName constraint " + go_quoted(text)};
            }
            made.hosts.push_back(text);
        } else if (name->tag == der::context(1)) {
            if (text.find('@') == std::string::npos && !is_domain(text)) {
                return Error{"x509: failed to parse rfc822Name constraint " + go_quoted(text)};
            }
            made.mails.push_back(text);
        } else if (name->tag == der::context(6)) {
            if (is_ip_address(text) || !is_domain(text)) {
                return Error{"x509: failed to parse URI constraint " + go_quoted(text)};
            }
            made.uris.push_back(text);
        } else if (name->tag == der::context(7)) {
            if (text.size() != 8 && text.size() != 32) {
                return Error{"x509: IP constraint contained value of length " +
                             std::to_string(text.size())};
            }
            const std::string mask = text.substr(text.size() / 2);
            if (!is_mask(mask)) {
                return Error{"x509: IP constraint contained invalid mask " + to_hex(mask)};
            }
            made.networks.push_back(members.object(
                {{"IP", members.context().string(ip_text(text.substr(0, text.size() / 2)))},
                 {"Mask", members.base64(mask)}}));
        } else {
            made.is_handled = false;
        }
    }
    return made;
}

Result<bool> read_name_constraints(Members& members, const RawExtension& extension) {
    const Error wrong{"x509: invalid NameConstraints extension"};
    DerReader outside(extension.content);
    auto reader = outside.enter(der::kSequence);
    if (!reader || !outside.is_empty()) return wrong;
    std::string_view permitted;
    std::string_view excluded;
    for (const auto& [number, place] :
         {std::pair(std::uint8_t{0}, &permitted), std::pair(std::uint8_t{1}, &excluded)}) {
        const std::uint8_t tag = der::context_constructed(number);
        if (!reader->is_next(tag)) continue;
        const auto found = reader->any();
        if (!found) return wrong;
        *place = found->content;
    }
    if (!reader->is_empty()) return wrong;
    if (permitted.empty() && excluded.empty()) {
        return Error{"x509: empty name constraints extension"};
    }
    bool is_handled = true;
    for (const auto& [prefix, subtrees] :
         {std::pair("Permitted", permitted), std::pair("Excluded", excluded)}) {
        const Constraints found = MERLON_TRY(read_constraints(members, subtrees));
        const std::string name(prefix);
        members.add(name + "DNSDomains", members.strings(found.hosts));
        members.add(name + "IPRanges", members.list(found.networks));
        members.add(name + "EmailAddresses", members.strings(found.mails));
        members.add(name + "URIDomains", members.strings(found.uris));
        is_handled = is_handled && found.is_handled;
    }
    members.add("PermittedDNSDomainsCritical", members.context().boolean(extension.is_critical));
    return is_handled;
}

Status read_distribution_points(Members& members, const RawExtension& extension) {
    const Error wrong{"x509: invalid CRL distribution point"};
    auto reader = DerReader(extension.content).enter(der::kSequence);
    if (!reader) return Error{"x509: invalid CRL distribution points"};
    std::vector<std::string> points;
    while (!reader->is_empty()) {
        auto point = reader->enter(der::kSequence);
        if (!point) return wrong;
        if (!point->is_next(der::context_constructed(0))) continue;
        auto name = point->enter(der::context_constructed(0));
        auto full = name ? name->enter(der::context_constructed(0)) : std::nullopt;
        if (!full) return wrong;
        while (full->is_next(der::context(6))) {
            const auto uri = full->any();
            if (!uri) return wrong;
            points.emplace_back(uri->content);
        }
    }
    members.add("CRLDistributionPoints", members.strings(points));
    return {};
}

Status read_extended_usages(Members& members, const RawExtension& extension) {
    // Go's numbers.
    static const std::map<std::string, int, std::less<>> kUsages = {
        {"2.5.29.37.0", 0},
        {"1.3.6.1.5.5.7.3.1", 1},
        {"1.3.6.1.5.5.7.3.2", 2},
        {"1.3.6.1.5.5.7.3.3", 3},
        {"1.3.6.1.5.5.7.3.4", 4},
        {"1.3.6.1.5.5.7.3.5", 5},
        {"1.3.6.1.5.5.7.3.6", 6},
        {"1.3.6.1.5.5.7.3.7", 7},
        {"1.3.6.1.5.5.7.3.8", 8},
        {"1.3.6.1.5.5.7.3.9", 9},
        {"1.3.6.1.4.1.311.10.3.3", 10},
        {"2.16.840.1.113730.4.1", 11},
        {"1.3.6.1.4.1.311.2.1.22", 12},
        {"1.3.6.1.4.1.311.61.1.1", 13},
    };
    const Error wrong{"x509: invalid extended key usages"};
    auto reader = DerReader(extension.content).enter(der::kSequence);
    if (!reader) return wrong;
    std::vector<Value> known;
    std::vector<Value> unknown;
    while (!reader->is_empty()) {
        const auto usage = reader->object_identifier();
        if (!usage) return wrong;
        const auto found = kUsages.find(dotted(*usage));
        if (found == kUsages.end()) {
            unknown.push_back(members.identifier(*usage));
        } else {
            known.push_back(members.context().integer(found->second));
        }
    }
    members.add("ExtKeyUsage", members.list(known));
    members.add("UnknownExtKeyUsage", members.list(unknown));
    return {};
}

Status read_authority_key(Members& members, const RawExtension& extension) {
    if (extension.is_critical) {
        return Error{"x509: authority key identifier incorrectly marked critical"};
    }
    auto reader = DerReader(extension.content).enter(der::kSequence);
    if (!reader) return Error{"x509: invalid authority key identifier"};
    if (!reader->is_next(der::context(0))) return {};
    const auto found = reader->any();
    if (!found) return Error{"x509: invalid authority key identifier"};
    members.add("AuthorityKeyId", members.base64(found->content));
    return {};
}

Status read_subject_key(Members& members, const RawExtension& extension) {
    if (extension.is_critical) {
        return Error{"x509: subject key identifier incorrectly marked critical"};
    }
    const auto found = DerReader(extension.content).element(der::kOctetString);
    if (!found) return Error{"x509: invalid subject key identifier"};
    members.add("SubjectKeyId", members.base64(found->content));
    return {};
}

Status read_policies(Members& members, const RawExtension& extension) {
    const Error wrong{"x509: invalid certificate policies"};
    auto reader = DerReader(extension.content).enter(der::kSequence);
    if (!reader) return wrong;
    std::vector<Value> texts;
    std::vector<Value> identifiers;
    std::set<ObjectIdentifier> seen;
    while (!reader->is_empty()) {
        auto policy = reader->enter(der::kSequence);
        const auto identifier = policy ? policy->object_identifier() : std::nullopt;
        if (!identifier || !seen.insert(*identifier).second) return wrong;
        texts.push_back(members.context().string(dotted(*identifier)));
        identifiers.push_back(members.identifier(*identifier));
    }
    members.add("Policies", members.list(texts));
    members.add("PolicyIdentifiers", members.context().builder.array(identifiers));
    return {};
}

Status read_policy_mappings(Members& members, const RawExtension& extension) {
    const Error wrong{"x509: invalid policy mappings extension"};
    auto reader = DerReader(extension.content).enter(der::kSequence);
    if (!reader) return wrong;
    std::vector<Value> mappings;
    while (!reader->is_empty()) {
        auto mapping = reader->enter(der::kSequence);
        const auto issuer = mapping ? mapping->object_identifier() : std::nullopt;
        const auto subject = issuer ? mapping->object_identifier() : std::nullopt;
        if (!subject) return wrong;
        mappings.push_back(
            members.object({{"IssuerDomainPolicy", members.context().string(dotted(*issuer))},
                            {"SubjectDomainPolicy", members.context().string(dotted(*subject))}}));
    }
    members.add("PolicyMappings", members.list(mappings));
    return {};
}

void add_count(Members& members, const std::string& name, std::int64_t count) {
    members.add(name, members.context().integer(count));
    members.add(name + "Zero", members.context().boolean(count == 0));
}

Status read_policy_constraints(Members& members, const RawExtension& extension) {
    const Error wrong{"x509: invalid policy constraints extension"};
    auto reader = DerReader(extension.content).enter(der::kSequence);
    if (!reader) return wrong;
    for (const auto& [number, name] : {std::pair(std::uint8_t{0}, "RequireExplicitPolicy"),
                                       std::pair(std::uint8_t{1}, "InhibitPolicyMapping")}) {
        if (!reader->is_next(der::context(number))) continue;
        const auto count = reader->small_integer(der::context(number));
        if (!count) return wrong;
        add_count(members, name, *count);
    }
    return {};
}

Status read_inhibit_any(Members& members, const RawExtension& extension) {
    const auto count = DerReader(extension.content).small_integer();
    if (!count) return Error{"x509: invalid inhibit any policy extension"};
    add_count(members, "InhibitAnyPolicy", *count);
    return {};
}

// Section 4.2.2.1.
Status read_information_access(Members& members, const RawExtension& extension) {
    if (extension.is_critical) {
        return Error{"x509: authority info access incorrectly marked critical"};
    }
    const Error wrong{"x509: invalid authority info access"};
    auto reader = DerReader(extension.content).enter(der::kSequence);
    if (!reader) return wrong;
    std::vector<std::string> responders;
    std::vector<std::string> issuers;
    while (!reader->is_empty()) {
        auto access = reader->enter(der::kSequence);
        const auto method = access ? access->object_identifier() : std::nullopt;
        if (!method) return wrong;
        if (!access->is_next(der::context(6))) continue;
        const auto uri = access->any();
        if (!uri) return wrong;
        const std::string name = dotted(*method);
        if (name == "1.3.6.1.5.5.7.48.1") responders.emplace_back(uri->content);
        if (name == "1.3.6.1.5.5.7.48.2") issuers.emplace_back(uri->content);
    }
    members.add("OCSPServer", members.strings(responders));
    members.add("IssuingCertificateURL", members.strings(issuers));
    return {};
}

using Reader = Status (*)(Members&, const RawExtension&);

Reader reader_of(std::string_view name) {
    static constexpr std::pair<std::string_view, Reader> kReaders[] = {
        {"2.5.29.14", read_subject_key},
        {"2.5.29.15", read_key_usage},
        {"2.5.29.19", read_basic_constraints},
        {"2.5.29.31", read_distribution_points},
        {"2.5.29.32", read_policies},
        {"2.5.29.33", read_policy_mappings},
        {"2.5.29.35", read_authority_key},
        {"2.5.29.36", read_policy_constraints},
        {"2.5.29.37", read_extended_usages},
        {"2.5.29.54", read_inhibit_any},
        {"1.3.6.1.5.5.7.1.1", read_information_access},
    };
    for (const auto& [known, reader] : kReaders) {
        if (known == name) return reader;
    }
    return nullptr;
}

}  // namespace

Status read_subject_names(Members& members, const RawExtension& extension, SubjectNames& names) {
    auto reader = DerReader(extension.content).enter(der::kSequence);
    if (!reader) return Error{"x509: invalid subject alternative names"};
    while (!reader->is_empty()) {
        const auto name = reader->any();
        if (!name) return Error{"x509: invalid subject alternative name"};
        const std::string text(name->content);
        if (name->tag == der::context(1)) {
            if (!is_ascii(text)) return Error{"x509: SAN rfc822Name is malformed"};
            names.mails.push_back(text);
        } else if (name->tag == der::context(2)) {
            if (!is_ascii(text)) return Error{"x509: SAN dNSName is malformed"};
            names.hosts.push_back(text);
        } else if (name->tag == der::context(6)) {
            if (!is_ascii(text)) {
                return Error{"x509: SAN uniformResourceIdentifier is malformed"};
            }
            const auto url = parse_url(text);
            if (!url.ok()) {
                return Error{"x509: cannot parse URI " + go_quoted(text) + ": " +
                             url.error().message};
            }
            const std::string_view host = host_of(text);
            if (!host.empty() && (host.starts_with('.') || !is_domain(host))) {
                return Error{"x509: cannot parse URI " + go_quoted(text) + ": invalid domain"};
            }
            names.uris.push_back(url_value(members, url.value(), text));
            names.uri_texts.push_back(text);
        } else if (name->tag == der::context(7)) {
            if (text.size() != 4 && text.size() != 16) {
                return Error{"x509: cannot parse IP address of length " +
                             std::to_string(text.size())};
            }
            names.addresses.emplace_back(ip_text(text));
        }
    }
    return {};
}

void add_subject_names(Members& members, const SubjectNames& names) {
    members.add("DNSNames", members.strings(names.hosts));
    members.add("EmailAddresses", members.strings(names.mails));
    members.add("IPAddresses", members.strings(names.addresses));
    members.add("URIs", members.list(names.uris));
}

Status add_extensions(Members& members, std::span<const RawExtension> extensions,
                      SubjectNames& names) {
    Context& context = members.context();
    for (const std::string_view absent :
         {"AuthorityKeyId", "SubjectKeyId", "CRLDistributionPoints", "OCSPServer",
          "IssuingCertificateURL", "ExtKeyUsage", "UnknownExtKeyUsage", "Policies",
          "PolicyIdentifiers", "PolicyMappings", "PermittedDNSDomains", "PermittedIPRanges",
          "PermittedURIDomains", "PermittedEmailAddresses", "ExcludedDNSDomains",
          "ExcludedIPRanges", "ExcludedURIDomains", "ExcludedEmailAddresses"}) {
        members.add(absent, Value());
    }
    for (const std::string_view no :
         {"BasicConstraintsValid", "IsCA", "MaxPathLenZero", "PermittedDNSDomainsCritical",
          "RequireExplicitPolicyZero", "InhibitPolicyMappingZero", "InhibitAnyPolicyZero"}) {
        members.add(no, context.boolean(false));
    }
    for (const std::string_view zero : {"KeyUsage", "MaxPathLen", "RequireExplicitPolicy",
                                        "InhibitPolicyMapping", "InhibitAnyPolicy"}) {
        members.add(zero, context.integer(0));
    }
    std::vector<Value> unhandled;
    for (const RawExtension& extension : extensions) {
        const std::string name = dotted(extension.identifier);
        bool is_handled = true;
        if (name == "2.5.29.17") {
            MERLON_TRY(read_subject_names(members, extension, names));
            is_handled = !names.hosts.empty() || !names.mails.empty() || !names.addresses.empty() ||
                         !names.uris.empty();
        } else if (name == "2.5.29.30") {
            is_handled = MERLON_TRY(read_name_constraints(members, extension));
        } else if (const Reader reader = reader_of(name); reader != nullptr) {
            MERLON_TRY(reader(members, extension));
        } else {
            is_handled = false;
        }
        if (extension.is_critical && !is_handled) {
            unhandled.push_back(members.identifier(extension.identifier));
        }
    }
    add_subject_names(members, names);
    members.add("UnhandledCriticalExtensions", members.list(unhandled));
    return {};
}

}  // namespace merlon::rego::x509
