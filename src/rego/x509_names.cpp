#include <algorithm>
#include <set>

#include "base/hex.h"
#include "crypto/der.h"
#include "rego/encodings.h"
#include "rego/number.h"
#include "rego/x509_extensions.h"
#include "text/utf8.h"

// What the values of certificates are made of: members, and names with their kinds of strings.

namespace merlon::rego::x509 {

using crypto::DerReader;
using crypto::ObjectIdentifier;
using value::Value;
namespace der = crypto::der;

// Two's complement octets as a number.
mpz_class integer_of_octets(std::string_view octets) {
    mpz_class number;
    mpz_import(number.get_mpz_t(), octets.size(), 1, 1, 1, 0, octets.data());
    const bool is_negative = !octets.empty() && (static_cast<unsigned char>(octets[0]) & 0x80) != 0;
    if (is_negative) number -= mpz_class(1) << static_cast<mp_bitcnt_t>(octets.size() * 8);
    return number;
}

Value Members::unsigned_number(std::string_view octets) {
    return number_value(context_.builder,
                        integer_of_octets(std::string(1, '\0') + std::string(octets)));
}

Value Members::base64(std::string_view bytes) {
    return context_.string(go_base64_encode(bytes, Base64Form::kStandard));
}

Value Members::identifier(const ObjectIdentifier& arcs) {
    std::vector<Value> numbers;
    for (const std::uint32_t arc : arcs) numbers.push_back(context_.integer(arc));
    return context_.builder.array(numbers);
}

Value Members::list(std::span<const Value> items) {
    return items.empty() ? Value() : context_.builder.array(items);
}

Value Members::strings(std::span<const std::string> texts) {
    std::vector<Value> items;
    for (const std::string& text : texts) items.push_back(context_.string(text));
    return list(items);
}

Value Members::object(std::initializer_list<std::pair<std::string_view, Value>> members) {
    std::vector<value::Builder::Entry> entries;
    for (const auto& [name, member] : members) {
        entries.emplace_back(context_.builder.key(name), member);
    }
    return context_.builder.object(entries);
}

Value Members::take() {
    std::vector<value::Builder::Entry> entries;
    for (const auto& [name, member] : members_) {
        entries.emplace_back(context_.builder.key(name), member);
    }
    return context_.builder.object(entries);
}

namespace {

std::string of_code_points(std::string_view octets, std::size_t width) {
    std::string text;
    for (std::size_t i = 0; i + width <= octets.size(); i += width) {
        char32_t point = 0;
        for (std::size_t j = 0; j < width; ++j) {
            point = point << 8 | static_cast<unsigned char>(octets[i + j]);
        }
        text::append_utf8(text, point);
    }
    return text;
}

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// X.680, section 41: the kinds of strings that names have.
Result<std::string> text_of(const crypto::DerElement& element) {
    const std::string_view content = element.content;
    switch (element.tag) {
        case der::kT61String:
            return of_code_points(content, 1);
        case der::kPrintableString: {
            const bool is_printable = std::ranges::all_of(content, [](char c) {
                return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       std::string_view("0123456789 '()*+,-./:=?&").find(c) !=
                           std::string_view::npos;
            });
            if (!is_printable) return Error{"invalid PrintableString"};
            return std::string(content);
        }
        case der::kUtf8String:
            if (!text::is_valid_utf8(content)) return Error{"invalid UTF-8 string"};
            return std::string(content);
        case der::kBmpString: {
            std::string_view units = content;
            if (units.size() % 2 != 0) return Error{"invalid BMPString"};
            if (units.ends_with(std::string_view("\0\0", 2))) units.remove_suffix(2);
            return of_code_points(units, 2);
        }
        case der::kIa5String:
            if (!is_ascii(content)) return Error{"invalid IA5String"};
            return std::string(content);
        case der::kNumericString:
            if (content.find_first_not_of("0123456789 ") != std::string_view::npos) {
                return Error{"invalid NumericString"};
            }
            return std::string(content);
        default:
            return Error{"unsupported string type: " + std::to_string(element.tag)};
    }
}

}  // namespace

// RFC 5280, section 4.1.2.4. What a name says under the attributes of X.520 stands beside the list.
Result<Value> read_name(Context& context, std::string_view name) {
    Members members(context);
    std::vector<Value> names;
    std::map<std::uint32_t, std::vector<std::string>> by_arc;
    auto sets = DerReader(name).enter(der::kSequence);
    if (!sets) return Error{"x509: invalid RDNSequence"};
    while (!sets->is_empty()) {
        auto set = sets->enter(der::kSet);
        if (!set) return Error{"x509: invalid RDNSequence"};
        while (!set->is_empty()) {
            auto attribute = set->enter(der::kSequence);
            if (!attribute) return Error{"x509: invalid RDNSequence: invalid attribute"};
            const auto type = attribute->object_identifier();
            if (!type) return Error{"x509: invalid RDNSequence: invalid attribute type"};
            const auto element = attribute->any();
            if (!element) return Error{"x509: invalid RDNSequence: invalid attribute value"};
            auto text = text_of(*element);
            if (!text.ok()) {
                return Error{"x509: invalid RDNSequence: invalid attribute value: " +
                             text.error().message};
            }
            names.push_back(members.object(
                {{"Type", members.identifier(*type)}, {"Value", context.string(text.value())}}));
            if (type->size() == 4 && (*type)[0] == 2 && (*type)[1] == 5 && (*type)[2] == 4) {
                by_arc[(*type)[3]].push_back(std::move(text).value());
            }
        }
    }
    const auto last = [&](std::uint32_t arc) {
        return context.string(by_arc[arc].empty() ? "" : by_arc[arc].back());
    };
    members.add("Names", members.list(names));
    members.add("ExtraNames", Value());
    members.add("CommonName", last(3));
    members.add("SerialNumber", last(5));
    for (const auto& [arc, label] :
         {std::pair(6, "Country"), std::pair(7, "Locality"), std::pair(8, "Province"),
          std::pair(9, "StreetAddress"), std::pair(10, "Organization"),
          std::pair(11, "OrganizationalUnit"), std::pair(17, "PostalCode")}) {
        members.add(label, members.strings(by_arc[static_cast<std::uint32_t>(arc)]));
    }
    return members.take();
}

}  // namespace merlon::rego::x509
