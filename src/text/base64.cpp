#include "text/base64.h"

#include <array>

namespace merlon::text {
namespace {

constexpr std::uint8_t kNoDigit = 0xFF;

constexpr std::string_view digits_of(Base64Alphabet alphabet) {
    return alphabet == Base64Alphabet::kStandard
               ? "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
               : "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
}

constexpr std::array<std::uint8_t, 256> table_of(Base64Alphabet alphabet) {
    std::array<std::uint8_t, 256> table{};
    table.fill(kNoDigit);
    const std::string_view digits = digits_of(alphabet);
    for (std::uint8_t i = 0; i < 64; ++i) table[static_cast<unsigned char>(digits[i])] = i;
    return table;
}

constexpr auto kStandardTable = table_of(Base64Alphabet::kStandard);
constexpr auto kUrlTable = table_of(Base64Alphabet::kUrl);

}  // namespace

Result<std::string> decode_base64(std::string_view encoded, Base64Alphabet alphabet) {
    if (alphabet == Base64Alphabet::kStandard) {
        // Section 4: padding makes the length a multiple of four, with one or two signs.
        if (encoded.size() % 4 != 0) {
            return Error{"base64: the length is no multiple of 4; is the padding missing?",
                         encoded.size()};
        }
        for (int i = 0; i < 2 && encoded.ends_with('='); ++i) encoded.remove_suffix(1);
    }
    if (encoded.size() % 4 == 1) {
        return Error{"base64: a last character that completes no byte", encoded.size() - 1};
    }
    const auto& table = alphabet == Base64Alphabet::kStandard ? kStandardTable : kUrlTable;
    std::string bytes;
    bytes.reserve(encoded.size() / 4 * 3 + 2);
    std::uint32_t pending = 0;
    int pending_bits = 0;
    for (std::size_t at = 0; at < encoded.size(); ++at) {
        const std::uint8_t digit = table[static_cast<unsigned char>(encoded[at])];
        if (digit == kNoDigit) return Error{"base64: a character outside the alphabet", at};
        pending = pending << 6 | digit;
        pending_bits += 6;
        if (pending_bits >= 8) {
            pending_bits -= 8;
            bytes.push_back(static_cast<char>(pending >> pending_bits & 0xFF));
        }
    }
    // Section 3.5.
    if ((pending & ((1u << pending_bits) - 1)) != 0) {
        return Error{"base64: bits behind the last byte", encoded.size() - 1};
    }
    return bytes;
}

std::string encode_base64(std::string_view bytes, Base64Alphabet alphabet) {
    const std::string_view digits = digits_of(alphabet);
    std::string encoded;
    encoded.reserve((bytes.size() + 2) / 3 * 4);
    std::uint32_t pending = 0;
    int pending_bits = 0;
    for (const char byte : bytes) {
        pending = pending << 8 | static_cast<unsigned char>(byte);
        pending_bits += 8;
        while (pending_bits >= 6) {
            pending_bits -= 6;
            encoded.push_back(digits[pending >> pending_bits & 0x3F]);
        }
    }
    if (pending_bits > 0) encoded.push_back(digits[pending << (6 - pending_bits) & 0x3F]);
    while (alphabet == Base64Alphabet::kStandard && encoded.size() % 4 != 0) encoded.push_back('=');
    return encoded;
}

}  // namespace merlon::text
