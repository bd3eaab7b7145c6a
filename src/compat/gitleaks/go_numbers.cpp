#include "compat/gitleaks/go_numbers.h"

#include <charconv>
#include <limits>
#include <string>

namespace merlon::compat::gitleaks {
namespace {

bool strip_prefix_ignoring_case(std::string_view& text, char letter) {
    if (text.size() < 2 || text[0] != '0' || (text[1] | 0x20) != letter) return false;
    text.remove_prefix(2);
    return true;
}

}  // namespace

std::optional<std::uint64_t> parse_magnitude(std::string_view text) {
    int base = 10;
    const bool prefixed = text.size() > 1 && text[0] == '0';
    if (strip_prefix_ignoring_case(text, 'x')) {
        base = 16;
    } else if (strip_prefix_ignoring_case(text, 'b')) {
        base = 2;
    } else if (strip_prefix_ignoring_case(text, 'o')) {
        base = 8;
    } else if (prefixed) {
        base = 8;
        text.remove_prefix(1);
    }
    std::string digits;
    char before = prefixed ? '0' : '_';
    for (const char c : text) {
        if (c == '_' && before == '_') return std::nullopt;
        if (c != '_') digits.push_back(c);
        before = c;
    }
    if (digits.empty() || before == '_') return std::nullopt;
    std::uint64_t value = 0;
    const auto [end, failure] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
    if (failure != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    return value;
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    const auto magnitude = parse_magnitude(text);
    const auto limit = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (!magnitude || *magnitude > limit) return std::nullopt;
    const auto value = static_cast<std::int64_t>(*magnitude);
    return negative ? -value : value;
}

}  // namespace merlon::compat::gitleaks
