#include "connect/git/truth.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>

namespace merlon::connect::git {
namespace {

constexpr std::uint64_t kMost = std::numeric_limits<std::int32_t>::max();

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

// As strtol reads the digits from `at` on with base 0; more than kMost for all that is too large.
// Leaves `at` where it stands if there are none.
std::uint64_t read_digits(std::string_view text, std::size_t& at) {
    const auto digit_at = [&](std::size_t i) {
        const char c = i < text.size() ? lower(text[i]) : '\0';
        if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
        return c >= 'a' && c <= 'f' ? static_cast<unsigned>(c - 'a' + 10) : 16U;
    };
    unsigned base = 10;
    if (digit_at(at) == 0) {
        const bool is_hexadecimal =
            at + 1 < text.size() && lower(text[at + 1]) == 'x' && digit_at(at + 2) < 16;
        base = is_hexadecimal ? 16 : 8;
        at += is_hexadecimal ? 2 : 0;
    }
    std::uint64_t value = 0;
    for (; digit_at(at) < base; ++at) value = std::min(value * base + digit_at(at), kMost + 1);
    return value;
}

std::optional<bool> parse_number(std::string_view text) {
    constexpr std::string_view kSpace = " \t\n\v\f\r";
    text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    std::size_t at = 0;
    std::uint64_t value = read_digits(text, at);
    if (at == 0) return std::nullopt;
    const std::string_view unit = text.substr(at);
    if (unit.size() > 1) return std::nullopt;
    if (!unit.empty()) {
        constexpr std::string_view kUnits = "kmg";
        const std::size_t which = kUnits.find(lower(unit.front()));
        if (which == std::string_view::npos) return std::nullopt;
        value <<= 10 * (which + 1);
    }
    if (value > kMost) return std::nullopt;
    return value != 0;
}

}  // namespace

std::optional<bool> parse_truth(std::string_view text) {
    std::string word(text);
    std::ranges::transform(word, word.begin(), lower);
    if (word.empty() || word == "false" || word == "no" || word == "off") return false;
    if (word == "true" || word == "yes" || word == "on") return true;
    return parse_number(text);
}

}  // namespace merlon::connect::git
