#include "secrets/checksums.h"

#include <algorithm>
#include <array>
#include <bit>
#include <vector>

#include "base/hash.h"
#include "text/base64.h"

namespace merlon::secrets {
namespace {

std::uint32_t little_endian_word(std::string_view bytes) {
    std::uint32_t word = 0;
    for (std::size_t i = bytes.size(); i-- > 0;) {
        word = word << 8 | static_cast<unsigned char>(bytes[i]);
    }
    return word;
}

void mix(std::uint32_t& low, std::uint32_t& high) {
    high ^= low;
    low = std::rotl(low, 20) + high;
    high = std::rotl(high, 9) ^ low;
    low = std::rotl(low, 27) + high;
    high = std::rotl(high, 19);
}

// BIP-173, "Checksum": the generator's remainder of a word of 30 bits.
std::uint32_t bech32_step(std::uint32_t checksum, std::uint8_t value) {
    constexpr std::array<std::uint32_t, 5> kGenerator = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa,
                                                         0x3d4233dd, 0x2a1462b3};
    const std::uint32_t top = checksum >> 25;
    checksum = (checksum & 0x1FFFFFF) << 5 ^ value;
    for (std::size_t i = 0; i < kGenerator.size(); ++i) {
        if ((top >> i & 1) != 0) checksum ^= kGenerator[i];
    }
    return checksum;
}

}  // namespace

std::string in_digits(std::uint64_t number, std::string_view alphabet, std::size_t width) {
    std::string digits;
    for (; number > 0; number /= alphabet.size()) digits += alphabet[number % alphabet.size()];
    if (digits.size() < width) digits.append(width - digits.size(), alphabet[0]);
    std::reverse(digits.begin(), digits.end());
    return digits;
}

std::string base62_checksum(std::string_view body) { return in_digits(crc32(body), kBase62, 6); }

std::string gitlab_checksum(std::string_view text) { return in_digits(crc32(text), kBase36, 7); }

std::string grafana_checksum(std::string_view text) {
    std::string digits;
    for (const char byte : little_endian(crc32(text))) {
        digits += in_digits(static_cast<unsigned char>(byte), "0123456789abcdef", 2);
    }
    return digits;
}

std::string atlassian_checksum(std::string_view text) {
    return in_digits(crc32(text), "0123456789ABCDEF", 8);
}

char crates_io_checksum(std::string_view body) {
    constexpr std::string_view kAlphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    unsigned char combined = 0;
    for (const char c : body) combined ^= static_cast<unsigned char>(c);
    return kAlphabet[combined % kAlphabet.size()];
}

std::uint64_t marvin(std::string_view bytes, std::uint64_t seed) {
    auto low = static_cast<std::uint32_t>(seed);
    auto high = static_cast<std::uint32_t>(seed >> 32);
    std::size_t at = 0;
    for (; at + 4 <= bytes.size(); at += 4) {
        low += little_endian_word(bytes.substr(at, 4));
        mix(low, high);
    }
    const std::string_view rest = bytes.substr(at);
    // What is left over, ended by a byte 0x80.
    low += little_endian_word(rest) | 0x80u << (8 * rest.size());
    mix(low, high);
    mix(low, high);
    return std::uint64_t{high} << 32 | low;
}

std::uint32_t marvin32(std::string_view bytes, std::uint64_t seed) {
    const std::uint64_t hash = marvin(bytes, seed);
    return static_cast<std::uint32_t>(hash >> 32) ^ static_cast<std::uint32_t>(hash);
}

std::string little_endian(std::uint32_t number) {
    std::string bytes;
    for (int i = 0; i < 4; ++i, number >>= 8) bytes += static_cast<char>(number & 0xFF);
    return bytes;
}

AnnotatedChecksum annotated_key_checksum(std::string_view first_60_bytes) {
    const std::string bytes = little_endian(marvin32(first_60_bytes, marvin_seed("Default0")));
    // The four bytes are one number here, the first the most significant; a leading zero byte is a
    // digit of its own, and digits that lack are filled up at the end.
    std::uint32_t number = 0;
    std::size_t zeros = 0;
    for (const char byte : bytes) {
        number = number << 8 | static_cast<unsigned char>(byte);
        if (number == 0 && zeros < 3) ++zeros;
    }
    std::string digits = std::string(zeros, '0') + in_digits(number, kBase62, 1);
    digits.resize(6, '0');
    // Of the sixth digit base64 keeps the two bits that four bytes reach.
    constexpr std::string_view kBase64 =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    digits[5] = kBase64[kBase64.find(digits[5]) & 0x30];
    std::string plain = text::encode_base64(bytes, text::Base64Alphabet::kStandard);
    plain.resize(6);
    return {std::move(digits), std::move(plain)};
}

std::string entra_checksum(std::string_view text) {
    constexpr std::string_view kAlphabet =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ1234567890.-_~";
    return in_digits(marvin32(text, marvin_seed("AadPwd00")), kAlphabet, 6).substr(0, 3);
}

std::uint32_t devops_checksum(std::string_view other_bytes, std::uint32_t mask) {
    return crc32(other_bytes) ^ mask;
}

std::string bech32_checksum(std::string_view prefix, std::span<const std::uint8_t> values) {
    std::uint32_t checksum = 1;
    const auto take = [&checksum](std::uint8_t value) { checksum = bech32_step(checksum, value); };
    for (const char c : prefix) take(static_cast<std::uint8_t>(static_cast<unsigned char>(c) >> 5));
    take(0);
    for (const char c : prefix) take(static_cast<unsigned char>(c) & 31);
    for (const std::uint8_t value : values) take(value);
    for (int i = 0; i < 6; ++i) take(0);
    checksum ^= 1;
    std::string digits;
    for (int i = 5; i >= 0; --i) digits += kBech32[checksum >> (5 * i) & 31];
    return digits;
}

}  // namespace merlon::secrets
