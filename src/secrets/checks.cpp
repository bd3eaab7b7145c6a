#include "secrets/checks.h"

#include <algorithm>
#include <array>

#include "base/arena.h"
#include "base/hash.h"
#include "base/interner.h"
#include "text/base64.h"
#include "text/json.h"

namespace merlon::secrets {
namespace {

constexpr std::size_t kChecksumDigits = 6;
constexpr std::size_t kAzureKeyBytes = 64;
constexpr std::string_view kBase62 =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

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

CheckResult check_azure_key(std::string_view key) {
    const Result<std::string> bytes = text::decode_base64(key, text::Base64Alphabet::kStandard);
    return verdict(bytes.ok() && bytes.value().size() == kAzureKeyBytes,
                   "it is not 64 bytes in base64");
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
        const Result<std::string> json = text::decode_base64(parts[i], text::Base64Alphabet::kUrl);
        if (!json.ok()) return {CheckVerdict::kInvalid, "a part of it is not base64url"};
        const auto document = text::read_json(json.value(), arena, interner);
        if (!document.ok() || !document.value().root->is_object()) {
            return {CheckVerdict::kInvalid, "a part of it is no JSON object"};
        }
        objects[i] = document.value().root;
    }
    const value::Value* algorithm = objects[0]->find("alg");
    if (algorithm == nullptr || !algorithm->is_string()) {
        return {CheckVerdict::kInvalid, "its header names no algorithm"};
    }
    // The form is right, which says nothing about the signature: the confidence stays as it is.
    if (algorithm->as_string() == "none") {
        return {CheckVerdict::kUnknown,
                "it is not signed (alg: none): whoever accepts it accepts any"};
    }
    if (second + 1 == token.size()) {
        return {CheckVerdict::kInvalid, "it has no signature, and its header names one"};
    }
    return {};
}

}  // namespace

CheckResult check_secret(std::string_view check, std::string_view secret) {
    if (check == "github-crc32" || check == "npm-crc32") return check_crc32(secret);
    if (check == "azure-storage-key") return check_azure_key(secret);
    if (check == "jwt") return check_jwt(secret);
    return {};
}

}  // namespace merlon::secrets
