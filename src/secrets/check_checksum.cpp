// Tokens that end in a checksum of what stands before it.

#include <vector>

#include "secrets/check_families.h"
#include "secrets/checksums.h"
#include "text/base64.h"

namespace merlon::secrets {
namespace {

constexpr std::string_view kWrongChecksum =
    "its checksum is wrong, so the provider cannot have made it";
constexpr std::size_t kBase62Digits = 6;
constexpr std::size_t kGitlabChecksumDigits = 7;
constexpr std::size_t kGitlabRandomBytes = 16;
// "age-secret-key-", "1", 32 bytes in 52 values, 6 values of checksum.
constexpr std::string_view kAgePrefix = "age-secret-key-";
constexpr std::size_t kAgeValues = 52;

// RoutableToken, encode_payload: 16 random bytes, the routing text ("o:1\nu:2"), its length. The
// length of all that in base64 is written behind it, in two base-36 digits, since version 1 after
// the version. What stands before the payload is the prefix.
bool gitlab_payload_holds(std::string_view token) {
    const std::size_t dot = token.find('.');
    const std::string_view digits = token.substr(token.size() - kGitlabChecksumDigits - 2, 2);
    std::size_t size = 0;
    for (const char digit : digits) {
        const std::size_t value = kBase36.find(digit);
        if (value == std::string_view::npos) return false;
        size = size * kBase36.size() + value;
    }
    if (dot == std::string_view::npos || size > dot) return false;
    const auto bytes =
        text::decode_base64(token.substr(dot - size, size), text::Base64Alphabet::kUrl);
    if (!bytes.ok() || bytes.value().size() < kGitlabRandomBytes + 1) return false;
    const auto routing_size = static_cast<unsigned char>(bytes.value().back());
    return bytes.value().size() == kGitlabRandomBytes + routing_size + 1 &&
           (routing_size == 0 || bytes.value()[kGitlabRandomBytes + 1] == ':');
}

}  // namespace

// PREFIX_BODYCCCCCC, where C is the checksum of the body.
CheckResult check_crc32_base62(std::string_view token, Timestamp) {
    const std::size_t underscore = token.rfind('_');
    if (underscore == std::string_view::npos) return {};
    const std::string_view rest = token.substr(underscore + 1);
    if (rest.size() <= kBase62Digits) return {};
    const std::string_view body = rest.substr(0, rest.size() - kBase62Digits);
    return verdict(base62_checksum(body) == rest.substr(body.size()), kWrongChecksum);
}

CheckResult check_gitlab_routable(std::string_view token, Timestamp) {
    if (token.size() <= kGitlabChecksumDigits + 2) return {};
    const std::string_view before = token.substr(0, token.size() - kGitlabChecksumDigits);
    const std::string_view checksum = token.substr(before.size());
    // An instance may have put a prefix of its own in front, over which the checksum goes too; or
    // what stands there is no part of the token.
    const std::size_t own_prefix = before.find("gl");
    const bool holds = gitlab_checksum(before) == checksum ||
                       (own_prefix != std::string_view::npos &&
                        gitlab_checksum(before.substr(own_prefix)) == checksum);
    if (!holds) return invalid(kWrongChecksum);
    return verdict(gitlab_payload_holds(token), "its payload is not as long as it says");
}

CheckResult check_grafana_crc32(std::string_view token, Timestamp) {
    const std::size_t underscore = token.rfind('_');
    if (underscore == std::string_view::npos) return {};
    return verdict(grafana_checksum(token.substr(0, underscore)) == token.substr(underscore + 1),
                   kWrongChecksum);
}

// AT… and eight hexadecimal digits, often behind a '='. Atlassian publishes the prefixes and not
// the checksum, so one that differs says nothing.
CheckResult check_atlassian(std::string_view token, Timestamp) {
    constexpr std::size_t kDigits = 8;
    if (token.size() <= kDigits) return {};
    const std::string_view before = token.substr(0, token.size() - kDigits);
    if (atlassian_checksum(before) != token.substr(before.size())) return {};
    return verdict(true, {});
}

// cio_tp_, 31 characters and the one that follows from them.
CheckResult check_crates_io(std::string_view token, Timestamp) {
    const std::size_t underscore = token.rfind('_');
    if (underscore == std::string_view::npos || underscore + 2 >= token.size()) return {};
    const std::string_view body = token.substr(underscore + 1, token.size() - underscore - 2);
    return verdict(crates_io_checksum(body) == token.back(), kWrongChecksum);
}

// BIP-173: upper case only, or lower case only; age writes the secret key in upper case.
CheckResult check_age_key(std::string_view key, Timestamp) {
    std::string lower(key);
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    const std::string start = std::string(kAgePrefix) + '1';
    if (!lower.starts_with(start)) return {};
    const std::string_view data = std::string_view(lower).substr(start.size());
    if (data.size() != kAgeValues + 6) return invalid("it is not 32 bytes long");
    std::vector<std::uint8_t> values;
    for (const char c : data.substr(0, kAgeValues)) {
        const std::size_t value = kBech32.find(c);
        if (value == std::string_view::npos) return invalid("a character is not of Bech32");
        values.push_back(static_cast<std::uint8_t>(value));
    }
    return verdict(bech32_checksum(kAgePrefix, values) == data.substr(kAgeValues), kWrongChecksum);
}

}  // namespace merlon::secrets
