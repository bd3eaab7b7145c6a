#include "packages/cpe.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <system_error>
#include <vector>

#include "base/ascii.h"

namespace merlon::packages {
namespace {

constexpr std::string_view kFormatted = "cpe:2.3:";
constexpr std::string_view kUri = "cpe:/";
constexpr std::string_view kParts = "aoh";
// A value of so many '?' names nothing that has a name.
constexpr int kMostWildcards = 1024;

bool is_printable(char c) { return c > 0x20 && c < 0x7F; }

// One byte of a value, and whether it stands for itself.
struct Letter {
    char c = 0;
    bool is_wildcard = false;
};

// NISTIR 7695, 5.3.2: wildcards at the ends, "*" alone or "?" repeated, and a text between them.
Result<CpeValue> value_of(const std::vector<Letter>& letters, std::size_t offset) {
    CpeValue value;
    value.kind = CpeValue::Kind::kText;
    const auto take = [&](auto begin, auto end, int& wildcards) {
        auto at = begin;
        if (at != end && at->is_wildcard && at->c == '*') {
            wildcards = CpeValue::kAnyNumber;
            return at + 1;
        }
        while (at != end && at->is_wildcard && at->c == '?' && wildcards < kMostWildcards) {
            ++wildcards;
            ++at;
        }
        return at;
    };
    const auto first = take(letters.begin(), letters.end(), value.before);
    const auto last = take(letters.rbegin(), std::reverse_iterator(first), value.behind).base();
    for (auto at = first; at != last; ++at) {
        if (at->is_wildcard) {
            return Error{"a CPE name has a wildcard in the middle of a value", offset};
        }
        value.text += to_lower(at->c);
    }
    if (letters.empty()) return Error{"a CPE name has no value here", offset};
    const bool is_any = value.text.empty() && (value.before == CpeValue::kAnyNumber ||
                                               value.behind == CpeValue::kAnyNumber);
    return is_any ? CpeValue{} : value;
}

Status check_part(const CpeName& name) {
    const CpeValue& part = name[CpeAttribute::kPart];
    const bool is_known =
        part.kind != CpeValue::Kind::kText || (part.is_literal() && part.text.size() == 1 &&
                                               kParts.find(part.text[0]) != std::string_view::npos);
    if (is_known) return {};
    return Error{"the part of a CPE name is '" + part.text + "'; expected a, o or h"};
}

// NISTIR 7695, 6.2.
Result<CpeName> parse_formatted(std::string_view text) {
    CpeName name;
    std::size_t at = kFormatted.size();
    for (std::size_t number = 0; number < kCpeAttributeCount; ++number) {
        const std::size_t begin = at;
        std::vector<Letter> letters;
        for (; at < text.size() && text[at] != ':'; ++at) {
            const bool is_quoted = text[at] == '\\';
            if (is_quoted && ++at == text.size()) {
                return Error{"a CPE name ends in a backslash", at - 1};
            }
            if (!is_printable(text[at])) {
                return Error{"a CPE name has a character that none may have", at};
            }
            letters.push_back({text[at], !is_quoted && (text[at] == '*' || text[at] == '?')});
        }
        CpeValue& value = name.values[number];
        const std::string_view raw = text.substr(begin, at - begin);
        if (raw == "-") {
            value.kind = CpeValue::Kind::kNotApplicable;
        } else if (raw != "*") {
            value = MERLON_TRY(value_of(letters, begin));
        }
        const bool is_last = number + 1 == kCpeAttributeCount;
        if ((at == text.size()) != is_last) {
            return Error{"a CPE 2.3 name has 11 values behind 'cpe:2.3:'", at};
        }
        ++at;
    }
    if (Status part = check_part(name); !part.ok()) return part.error();
    return name;
}

// NISTIR 7695, 6.1.3: "%01" is '?' and "%02" is '*'.
Result<CpeValue> uri_value(std::string_view text, std::size_t offset) {
    CpeValue value;
    // No URI has a bare '*', and many names in use do.
    if (text.empty() || text == "*") return value;
    if (text == "-") {
        value.kind = CpeValue::Kind::kNotApplicable;
        return value;
    }
    std::vector<Letter> letters;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!is_printable(text[i])) {
            return Error{"a CPE name has a character that none may have", offset + i};
        }
        if (text[i] != '%') {
            letters.push_back({text[i], false});
            continue;
        }
        const std::string_view digits = text.substr(i + 1, 2);
        unsigned byte = 0;
        const auto [end, code] =
            std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
        const bool is_number =
            digits.size() == 2 && code == std::errc() && end == digits.data() + digits.size();
        if (!is_number) byte = 0;
        if (byte != 1 && byte != 2 && (byte <= 0x20 || byte >= 0x7F)) {
            return Error{"a CPE name has '%' without the digits of a character", offset + i};
        }
        letters.push_back(byte == 1   ? Letter{'?', true}
                          : byte == 2 ? Letter{'*', true}
                                      : Letter{static_cast<char>(byte), false});
        i += 2;
    }
    return value_of(letters, offset);
}

// NISTIR 7695, 6.1: seven values, of which the sixth may be five in one ("~a~b~c~d~e").
Result<CpeName> parse_uri_name(std::string_view text) {
    constexpr std::array kUriOrder{CpeAttribute::kPart,    CpeAttribute::kVendor,
                                   CpeAttribute::kProduct, CpeAttribute::kVersion,
                                   CpeAttribute::kUpdate,  CpeAttribute::kEdition,
                                   CpeAttribute::kLanguage};
    constexpr std::array kPacked{CpeAttribute::kEdition, CpeAttribute::kSoftwareEdition,
                                 CpeAttribute::kTargetSoftware, CpeAttribute::kTargetHardware,
                                 CpeAttribute::kOther};
    CpeName name;
    std::size_t at = kUri.size();
    for (std::size_t number = 0; at <= text.size(); ++number) {
        if (number == kUriOrder.size()) {
            return Error{"a CPE 2.2 name has at most 7 values behind 'cpe:/'", at};
        }
        const std::size_t end = std::min(text.find(':', at), text.size());
        std::string_view raw = text.substr(at, end - at);
        if (kUriOrder[number] != CpeAttribute::kEdition || !raw.starts_with('~')) {
            name[kUriOrder[number]] = MERLON_TRY(uri_value(raw, at));
        } else {
            std::size_t begin = at + 1;
            raw.remove_prefix(1);
            for (std::size_t i = 0; i < kPacked.size(); ++i) {
                const std::size_t tilde = raw.find('~');
                if ((tilde == std::string_view::npos) != (i + 1 == kPacked.size())) {
                    return Error{"the edition of a CPE 2.2 name has 5 values behind '~'", at};
                }
                name[kPacked[i]] = MERLON_TRY(uri_value(raw.substr(0, tilde), begin));
                const std::size_t taken = std::min(tilde, raw.size() - 1) + 1;
                raw.remove_prefix(std::min(taken, raw.size()));
                begin += taken;
            }
        }
        at = end + 1;
    }
    if (Status part = check_part(name); !part.ok()) return part.error();
    return name;
}

bool matches(const CpeValue& pattern, std::string_view text) {
    const auto fits = [](int wildcards, std::size_t left) {
        return wildcards == CpeValue::kAnyNumber || left <= static_cast<std::size_t>(wildcards);
    };
    // NISTIR 7696, 6.3: '*' is any number of characters, "???" as many or fewer.
    for (std::size_t at = text.find(pattern.text); at != std::string_view::npos;
         at = text.find(pattern.text, at + 1)) {
        if (fits(pattern.before, at) &&
            fits(pattern.behind, text.size() - at - pattern.text.size()))
            return true;
    }
    return false;
}

}  // namespace

Result<CpeName> parse_cpe(std::string_view text) {
    if (text.size() > kMaxCpeBytes) return Error{"a CPE name has more than 4096 bytes"};
    const std::string start = lower_case(text.substr(0, kFormatted.size()));
    if (start == kFormatted) return parse_formatted(text);
    if (start.starts_with(kUri)) return parse_uri_name(text);
    return Error{"a CPE name begins with 'cpe:2.3:' or 'cpe:/'", 0};
}

std::string to_string(const CpeName& name) {
    std::string out(kFormatted.substr(0, kFormatted.size() - 1));
    const auto add_wildcards = [&](int count) {
        out += count == CpeValue::kAnyNumber ? std::string("*")
                                             : std::string(static_cast<std::size_t>(count), '?');
    };
    for (const CpeValue& value : name.values) {
        out += ':';
        if (value.kind != CpeValue::Kind::kText) {
            out += value.kind == CpeValue::Kind::kAny ? '*' : '-';
            continue;
        }
        add_wildcards(value.before);
        for (const char c : value.text) {
            const bool is_plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
                                  c == '.' || (c == '-' && value.text.size() > 1);
            if (!is_plain) out += '\\';
            out += c;
        }
        add_wildcards(value.behind);
    }
    return out;
}

CpeRelation compare(const CpeValue& source, const CpeValue& target) {
    using Kind = CpeValue::Kind;
    if (source == target) return CpeRelation::kEqual;
    if (source.kind == Kind::kAny) return CpeRelation::kSuperset;
    if (target.kind == Kind::kAny) return CpeRelation::kSubset;
    if (source.kind != Kind::kText || !target.is_literal()) return CpeRelation::kDisjoint;
    return !source.is_literal() && matches(source, target.text) ? CpeRelation::kSuperset
                                                                : CpeRelation::kDisjoint;
}

}  // namespace merlon::packages
