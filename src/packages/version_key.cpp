#include "packages/version_key.h"

#include <algorithm>

namespace merlon::packages {
namespace {

// A first byte of a number: kFirstNumber + value where that is small, else how many bytes follow,
// or that it is longer than 64 bits and its decimal digits follow behind their count.
constexpr unsigned kSmallNumbers = 200;
constexpr unsigned char kBytes = KeyWriter::kFirstNumber + kSmallNumbers;  // + 1 to 8
constexpr unsigned char kDecimal = kBytes + 9;
constexpr std::size_t kDigitsInWord = 19;  // as many always fit in 64 bits

}  // namespace

bool all_digits(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

std::string_view trim(std::string_view text) {
    constexpr std::string_view kSpace = " \t\r\n\f\v";
    const std::size_t first = text.find_first_not_of(kSpace);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kSpace) + 1 - first);
}

std::string_view strip_leading_zeros(std::string_view digits) {
    return digits.substr(std::min(digits.find_first_not_of('0'), digits.size()));
}

std::strong_ordering compare_numbers(std::string_view left, std::string_view right) {
    left = strip_leading_zeros(left);
    right = strip_leading_zeros(right);
    if (left.size() != right.size()) return left.size() <=> right.size();
    return left <=> right;
}

std::string_view take_digits(std::string_view& text) {
    std::size_t end = 0;
    while (end < text.size() && is_digit(text[end])) ++end;
    const std::string_view taken = text.substr(0, end);
    text.remove_prefix(end);
    return taken;
}

std::string_view take_letters(std::string_view& text) {
    std::size_t end = 0;
    while (end < text.size() && is_alpha(text[end])) ++end;
    const std::string_view taken = text.substr(0, end);
    text.remove_prefix(end);
    return taken;
}

std::string_view take_part(std::string_view& text, char separator) {
    const std::size_t end = text.find(separator);
    const std::string_view taken = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    return taken;
}

void KeyWriter::append_number(std::string_view digits) {
    digits = strip_leading_zeros(digits);
    if (digits.size() <= kDigitsInWord) {
        std::uint64_t value = 0;
        for (const char c : digits) value = value * 10 + static_cast<std::uint64_t>(c - '0');
        append_value(value);
        return;
    }
    key_.push_back(static_cast<char>(kDecimal));
    append_value(digits.size());
    key_.append(digits);
}

void KeyWriter::append_value(std::uint64_t value) {
    if (value < kSmallNumbers) {
        key_.push_back(static_cast<char>(kFirstNumber + value));
        return;
    }
    unsigned bytes = 1;
    while (bytes < 8 && value >> (8 * bytes) != 0) ++bytes;
    key_.push_back(static_cast<char>(kBytes + bytes));
    for (unsigned byte = bytes; byte-- > 0;) key_.push_back(static_cast<char>(value >> (8 * byte)));
}

void KeyWriter::append_text(std::string_view bytes) {
    // A zero ends a text; zero and one inside it take two bytes, which keeps their order.
    for (const char byte : bytes) {
        if (static_cast<unsigned char>(byte) <= 1) {
            key_.push_back('\x01');
            key_.push_back(static_cast<char>(byte + 1));
        } else {
            key_.push_back(byte);
        }
    }
    key_.push_back('\0');
}

}  // namespace merlon::packages
