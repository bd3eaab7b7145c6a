#include "templates/go_numbers.h"

#include <array>
#include <charconv>
#include <limits>
#include <string>

namespace merlon::templates {
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

std::string go_float(float value) {
    const float magnitude = value < 0 ? -value : value;
    std::array<char, 64> buffer;
    const bool scientific = magnitude != 0 && (magnitude < 1e-6F || magnitude >= 1e21F);
    const auto end =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                      scientific ? std::chars_format::scientific : std::chars_format::fixed)
            .ptr;
    std::string text(buffer.data(), end);
    // encoding/json writes e-9 where C writes e-09.
    if (const std::size_t e = text.find("e-0"); e != std::string::npos) text.erase(e + 2, 1);
    return text;
}

}  // namespace merlon::templates
