#include "secrets/checks.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/arena.h"
#include "base/hash.h"
#include "base/interner.h"
#include "text/json.h"

namespace merlon::secrets {
namespace {

constexpr std::size_t kChecksumDigits = 6;
constexpr std::size_t kAzureKeyBytes = 64;
constexpr std::string_view kBase62 =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

CheckResult verdict(bool valid, std::string_view if_invalid) {
    if (valid) return {CheckVerdict::kValid, "its own checksum or structure is right"};
    return {CheckVerdict::kInvalid, std::string(if_invalid)};
}

std::string base62_checksum(std::string_view body) {
    std::string digits(kChecksumDigits, '0');
    std::uint32_t rest = crc32(body);
    for (std::size_t i = kChecksumDigits; i-- > 0; rest /= 62) digits[i] = kBase62[rest % 62];
    return digits;
}

// PREFIX_BODYCCCCCC, where C is the checksum of the body.
CheckResult check_crc32(std::string_view token) {
    const std::size_t underscore = token.rfind('_');
    if (underscore == std::string_view::npos) return {};
    const std::string_view rest = token.substr(underscore + 1);
    if (rest.size() <= kChecksumDigits) return {};
    const std::string_view body = rest.substr(0, rest.size() - kChecksumDigits);
    return verdict(base62_checksum(body) == rest.substr(body.size()),
                   "its checksum is wrong, so the provider cannot have made it");
}

// Base64 in either alphabet, padding or not; nullopt where a character does not belong.
std::optional<std::string> decode_base64(std::string_view text) {
    while (text.ends_with('=')) text.remove_suffix(1);
    std::string bytes;
    std::uint32_t bits = 0;
    int held = 0;
    for (const char c : text) {
        std::uint32_t digit = 0;
        if (c == '+' || c == '-') {
            digit = 62;
        } else if (c == '/' || c == '_') {
            digit = 63;
        } else if (const std::size_t at = kBase64.find(c); at != std::string_view::npos) {
            digit = static_cast<std::uint32_t>(at);
        } else {
            return std::nullopt;
        }
        bits = bits << 6 | digit;
        held += 6;
        if (held >= 8) {
            held -= 8;
            bytes.push_back(static_cast<char>(bits >> held & 0xFF));
        }
    }
    return bytes;
}

CheckResult check_azure_key(std::string_view key) {
    const std::optional<std::string> bytes = decode_base64(key);
    return verdict(bytes && bytes->size() == kAzureKeyBytes, "it is not 64 bytes in base64");
}

CheckResult check_jwt(std::string_view token) {
    const std::size_t first = token.find('.');
    const std::size_t second = token.find('.', first == std::string_view::npos ? first : first + 1);
    if (second == std::string_view::npos) {
        return {CheckVerdict::kInvalid, "it has not the three parts of a signed token"};
    }
    Arena arena;
    Interner interner;
    const std::string_view parts[] = {token.substr(0, first),
                                      token.substr(first + 1, second - first - 1)};
    std::array<const value::Value*, 2> objects{};
    for (std::size_t i = 0; i < objects.size(); ++i) {
        const std::optional<std::string> json = decode_base64(parts[i]);
        if (!json) return {CheckVerdict::kInvalid, "a part of it is not base64url"};
        const auto document = text::read_json(*json, arena, interner);
        if (!document.ok() || !document.value().root->is_object()) {
            return {CheckVerdict::kInvalid, "a part of it is no JSON object"};
        }
        objects[i] = document.value().root;
    }
    const value::Value* algorithm = objects[0]->find("alg");
    if (algorithm == nullptr || !algorithm->is_string()) {
        return {CheckVerdict::kInvalid, "its header names no algorithm"};
    }
    if (algorithm->as_string() == "none") {
        return {CheckVerdict::kValid,
                "it is not signed (alg: none): whoever accepts it accepts any"};
    }
    return verdict(true, {});
}

}  // namespace

CheckResult check_secret(std::string_view check, std::string_view secret) {
    if (check == "github-crc32" || check == "npm-crc32") return check_crc32(secret);
    if (check == "azure-storage-key") return check_azure_key(secret);
    if (check == "jwt") return check_jwt(secret);
    return {};
}

}  // namespace merlon::secrets
