#pragma once

// Checksums that providers put into their tokens, and the digits they write them in.
//
// The idea: what a check recomputes and what an example of a rule needs is the same arithmetic, so
// it stands here once. Each function names where the provider publishes it.
//
// Thread-safe: no state. Cost: linear in the text.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace merlon::secrets {

// The order in which GitHub, npm and Microsoft count in base 62.
inline constexpr std::string_view kBase62 =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
inline constexpr std::string_view kBase36 = "0123456789abcdefghijklmnopqrstuvwxyz";
// RFC 4648, section 6.
inline constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

// `number` in the digits of `alphabet`, the most significant first, `width` digits at least.
std::string in_digits(std::uint64_t number, std::string_view alphabet, std::size_t width);

// GitHub ("Behind GitHub's new authentication token formats") and npm ("npm's new access token
// format"): the CRC-32 of the characters behind the prefix, as six base-62 digits.
std::string base62_checksum(std::string_view body);

// GitLab (its source, RoutableToken): the CRC-32 of all that stands before, as seven base-36
// digits.
std::string gitlab_checksum(std::string_view text);

// Grafana (its source, satokengen): the CRC-32 of all that stands before the last underscore, its
// lowest byte first, as eight hexadecimal digits.
std::string grafana_checksum(std::string_view text);

// Atlassian (as CredSweeper, a public scanner, checks it): the CRC-32 of all that stands before, as
// eight hexadecimal digits in upper case.
std::string atlassian_checksum(std::string_view text);

// crates.io (its source, crates_io_trustpub): all characters combined by exclusive or, as one
// character.
char crates_io_checksum(std::string_view body);

// Marvin of SymCrypt (marvin32.c), 64 bits, and folded to 32 as Microsoft's keys carry it.
std::uint64_t marvin(std::string_view bytes, std::uint64_t seed);
std::uint32_t marvin32(std::string_view bytes, std::uint64_t seed);

// Microsoft's seeds are eight characters read as a number: "Default0".
constexpr std::uint64_t marvin_seed(std::string_view eight_characters) {
    std::uint64_t seed = 0;
    for (const char c : eight_characters) seed = seed << 8 | static_cast<unsigned char>(c);
    return seed;
}

// The four bytes of a number, the lowest first.
std::string little_endian(std::uint32_t number);

// The checksum behind the first 80 characters of a common annotated security key: base-62 digits in
// keys of today, plain base64 in the first ones. A key of 84 characters keeps four of these
// (Microsoft's security-utilities, IdentifiableSecrets).
struct AnnotatedChecksum {
    std::string digits;  // six
    std::string base64;  // six, without padding
};
AnnotatedChecksum annotated_key_checksum(std::string_view first_60_bytes);

// The last three characters of an Entra client secret with the mark 8Q~, over all before them.
std::string entra_checksum(std::string_view text);

// The checksum inside an Azure DevOps token of 52 characters, over its 28 other bytes. Tokens of
// users and of applications differ by `mask`.
inline constexpr std::uint32_t kDevOpsMasks[] = {0xE0B9692D, 0x1019F92E};
std::uint32_t devops_checksum(std::string_view other_bytes, std::uint32_t mask);

// Bech32 (BIP-173): the six values that follow `values` (five bits each) under `prefix`.
std::string bech32_checksum(std::string_view prefix, std::span<const std::uint8_t> values);
inline constexpr std::string_view kBech32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

}  // namespace merlon::secrets
