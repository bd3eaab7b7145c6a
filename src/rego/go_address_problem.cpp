#include "base/ascii.h"
#include "rego/go_address.h"
#include "rego/syntax/literal.h"

// What is wrong with the text of an address, in net/netip's words.

namespace merlon::rego {
namespace {

struct Problem {
    std::string_view message;
    std::string_view at = {};  // the rest where it stands; empty: it is about the whole text
};
using Found = std::optional<Problem>;

Found problem_of_ipv4(std::string_view text) {
    int value = 0;
    int digits = 0;
    int fields = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (is_digit(text[i])) {
            if (digits == 1 && value == 0) return Problem{"IPv4 field has octet with leading zero"};
            value = value * 10 + (text[i] - '0');
            ++digits;
            if (value > 255) return Problem{"IPv4 field has value >255"};
        } else if (text[i] == '.') {
            if (i == 0 || i + 1 == text.size() || text[i - 1] == '.') {
                return Problem{"IPv4 field must have at least one digit", text.substr(i)};
            }
            if (fields == 3) return Problem{"IPv4 address too long"};
            ++fields;
            value = digits = 0;
        } else {
            return Problem{"unexpected character", text.substr(i)};
        }
    }
    if (fields < 3) return Problem{"IPv4 address too short"};
    return std::nullopt;
}

bool is_hex_digit(char c) { return std::string_view("0123456789abcdefABCDEF").contains(c); }

// The hexadecimal digits in front of a group.
Found problem_of_group(std::string_view text, std::size_t digits) {
    if (digits > 4) return Problem{"each group must have 4 or less digits", text};
    if (digits == 0) {
        return Problem{"each colon-separated field must have at least one digit", text};
    }
    return std::nullopt;
}

Found problem_of_ipv6(std::string_view text) {
    const std::size_t percent = text.find('%');
    if (percent != std::string_view::npos) {
        if (percent + 1 == text.size()) return Problem{"zone must be a non-empty string"};
        text = text.substr(0, percent);
    }
    bool has_ellipsis = text.starts_with("::");
    if (has_ellipsis) text.remove_prefix(2);
    if (has_ellipsis && text.empty()) return std::nullopt;
    int octets = 0;
    while (octets < 16) {
        std::size_t digits = 0;
        while (digits < text.size() && is_hex_digit(text[digits])) ++digits;
        if (const Found wrong = problem_of_group(text, digits)) return wrong;
        if (digits < text.size() && text[digits] == '.') {
            if (!has_ellipsis && octets != 12) {
                return Problem{
                    "embedded IPv4 address must replace the final 2 fields of the address", text};
            }
            if (octets + 4 > 16) {
                return Problem{
                    "too many hex fields to fit an embedded IPv4 at the end of the address", text};
            }
            if (const Found wrong = problem_of_ipv4(text)) return wrong;
            text = {};
            octets += 4;
            break;
        }
        octets += 2;
        text.remove_prefix(digits);
        if (text.empty()) break;
        if (text[0] != ':') return Problem{"unexpected character, want colon", text};
        if (text.size() == 1) return Problem{"colon must be followed by more characters", text};
        text.remove_prefix(1);
        if (text[0] != ':') continue;
        if (has_ellipsis) return Problem{"multiple :: in address", text};
        has_ellipsis = true;
        text.remove_prefix(1);
        if (text.empty()) break;
    }
    if (!text.empty()) return Problem{"trailing garbage after address", text};
    if (octets < 16 && !has_ellipsis) return Problem{"address string too short"};
    if (octets == 16 && has_ellipsis) {
        return Problem{"the :: must expand to at least one field of zeros"};
    }
    return std::nullopt;
}

Found problem_of(std::string_view text) {
    const std::size_t at = text.find_first_of(".:%");
    if (at == std::string_view::npos) return Problem{"unable to parse IP"};
    if (text[at] == '%') return Problem{"missing IPv6 address"};
    return text[at] == '.' ? problem_of_ipv4(text) : problem_of_ipv6(text);
}

}  // namespace

std::optional<std::string> address_problem(std::string_view text) {
    const Found problem = problem_of(text);
    if (!problem) return std::nullopt;
    std::string shown =
        "ParseAddr(" + syntax::go_quoted(text) + "): " + std::string(problem->message);
    if (!problem->at.empty()) shown += " (at " + syntax::go_quoted(problem->at) + ")";
    return shown;
}

}  // namespace merlon::rego
