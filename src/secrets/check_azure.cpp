// Keys of Microsoft's clouds. The sources are Microsoft's security-utilities: IdentifiableSecrets,
// IdentifiableMetadata and SEC101/102.

#include <algorithm>

#include "secrets/azure_keys.h"
#include "secrets/check_families.h"
#include "secrets/checksums.h"

namespace merlon::secrets {
namespace {

constexpr std::size_t kStorageKeyBytes = 64;
constexpr std::size_t kSignatureBytes = 32;
constexpr std::size_t kAnnotatedMarkAt = 52;
constexpr std::size_t kAnnotatedServiceAt = 76;
constexpr std::size_t kAnnotatedChecksumAt = 80;
constexpr std::string_view kNotOfAzure = "its checksum is wrong, so Azure cannot have made it";

// The mark stands before the six characters of the checksum.
const AzureService* service_of(std::string_view unpadded, std::size_t bytes) {
    constexpr std::size_t kTail = 10;
    if (unpadded.size() < kTail) return nullptr;
    return find_azure_service(unpadded.substr(unpadded.size() - kTail, 4), bytes);
}

std::string_view without_padding(std::string_view key) {
    while (key.ends_with('=')) key.remove_suffix(1);
    return key;
}

bool is_annotated(std::string_view unpadded) {
    if (unpadded.size() < kAnnotatedChecksumAt) return false;
    const std::string_view mark = unpadded.substr(kAnnotatedMarkAt, 6);
    return mark == "JQQJ99" || mark == "JQQJ9D" || mark == "JQQJ9H";
}

// 52 characters of chance, the mark, year and month, platform's and provider's data, the service,
// the checksum: 4 characters, in the long form 6 and padding.
CheckResult check_annotated_key(std::string_view key) {
    const std::string_view checksum = key.substr(kAnnotatedChecksumAt);
    const auto bytes = decode_any_base64(key.substr(0, kAnnotatedChecksumAt));
    if (!bytes.has_value() || (checksum.size() != 4 && checksum.size() != 6)) {
        return invalid("it is not of the length of an annotated key");
    }
    const AnnotatedChecksum expected = annotated_key_checksum(*bytes);
    if (!expected.digits.starts_with(checksum) && !expected.base64.starts_with(checksum)) {
        return invalid(kNotOfAzure);
    }
    return {CheckVerdict::kValid, "its checksum is right; made for the service marked " +
                                      std::string(key.substr(kAnnotatedServiceAt, 4))};
}

// Digits of "2026-01-31" and nothing wrong in between.
std::optional<std::int64_t> seconds_of_date(std::string_view text) {
    const Result<Timestamp> day = parse_date(text.substr(0, 10));
    if (!day.ok()) return std::nullopt;
    return day.value().nanoseconds / 1'000'000'000;
}

std::string percent_decoded(std::string_view text) {
    const auto digit = [](char c) {
        const std::size_t value = std::string_view("0123456789abcdef")
                                      .find(c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c);
        return value == std::string_view::npos ? -1 : static_cast<int>(value);
    };
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool escape = text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 &&
                            digit(text[i + 2]) >= 0;
        out += escape ? static_cast<char>(digit(text[i + 1]) << 4 | digit(text[i + 2])) : text[i];
        if (escape) i += 2;
    }
    return out;
}

}  // namespace

CheckResult check_azure_key(std::string_view key, Timestamp) {
    const std::string_view unpadded = without_padding(key);
    if (is_annotated(unpadded)) return check_annotated_key(unpadded);
    const auto bytes = decode_any_base64(key);
    if (!bytes.has_value()) return invalid("it is not base64");
    const AzureService* service = service_of(unpadded, bytes->size());
    if (service == nullptr) return {};
    if (azure_checksum_holds(*service, *bytes)) {
        return {CheckVerdict::kValid,
                "its checksum is right; made for Azure " + std::string(service->name)};
    }
    // Redis replaces + and / once the checksum is made, so a wrong one says nothing.
    if (service->mark == "AzCa") return {};
    return invalid(kNotOfAzure);
}

CheckResult check_azure_storage_key(std::string_view key, Timestamp now) {
    const auto bytes = decode_any_base64(key);
    if (!bytes.has_value() || bytes->size() != kStorageKeyBytes) {
        return invalid("it is not 64 bytes in base64");
    }
    CheckResult result = check_azure_key(key, now);
    if (result.verdict != CheckVerdict::kUnknown) return result;
    return verdict(true, {});
}

// "Create an account SAS": sig is HMAC-SHA256 in base64, se the end of its time in UTC.
CheckResult check_azure_sas(std::string_view query, Timestamp now) {
    CheckResult result;
    while (!query.empty()) {
        const std::size_t end = std::min(query.find('&'), query.size());
        const std::string_view parameter = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        const std::string value = percent_decoded(parameter.substr(std::min<std::size_t>(
            parameter.find('=') == std::string_view::npos ? parameter.size()
                                                          : parameter.find('=') + 1,
            parameter.size())));
        if (parameter.starts_with("sig=")) {
            const auto bytes = decode_any_base64(value);
            if (!bytes.has_value() || bytes->size() != kSignatureBytes) {
                return invalid("its signature is not 32 bytes in base64");
            }
        } else if (parameter.starts_with("se=")) {
            // The day is enough: a signature that ends today still counts.
            const auto day = seconds_of_date(value);
            constexpr std::int64_t kDay = 24 * 60 * 60;
            if (day.has_value() && expiry(*day + kDay, now).verdict == CheckVerdict::kExpired) {
                result = expiry(*day, now);
            }
        }
    }
    return result;
}

CheckResult check_entra_secret(std::string_view secret, Timestamp) {
    constexpr std::size_t kLength = 40;
    constexpr std::size_t kMarkAt = 3;
    if (secret.size() != kLength || secret.substr(kMarkAt, 3) != "8Q~") return {};
    const std::string_view before = secret.substr(0, kLength - 3);
    if (entra_checksum(before) == secret.substr(before.size())) return verdict(true, {});
    return {};
}

// 32 bytes and a half in base 32. Four of them are the checksum: the bytes 2, 7, 8 and 22, the most
// significant first.
CheckResult check_azure_devops_token(std::string_view token, Timestamp) {
    constexpr std::size_t kLength = 52;
    if (token.size() != kLength) return invalid("it has not 52 characters");
    std::string bytes;
    std::uint32_t bits = 0;
    int held = 0;
    for (const char c : token) {
        const std::size_t value = kBase32.find(c >= 'a' ? static_cast<char>(c - 32) : c);
        if (value == std::string_view::npos) return invalid("a character is not of base 32");
        bits = bits << 5 | static_cast<std::uint32_t>(value);
        held += 5;
        if (held < 8) continue;
        held -= 8;
        bytes += static_cast<char>(bits >> held & 0xFF);
    }
    const std::string others =
        bytes.substr(0, 2) + bytes.substr(3, 4) + bytes.substr(9, 13) + bytes.substr(23, 9);
    const std::string checksum = {bytes[22], bytes[8], bytes[7], bytes[2]};
    const bool holds =
        std::any_of(std::begin(kDevOpsMasks), std::end(kDevOpsMasks), [&](std::uint32_t mask) {
            return little_endian(devops_checksum(others, mask)) == checksum;
        });
    return verdict(holds, kNotOfAzure);
}

}  // namespace merlon::secrets
