#include "model/fingerprint.h"

#include <fmt/core.h>

#include <algorithm>

#include "crypto/digest.h"
#include "text/utf8.h"

namespace merlon::model {
namespace {

constexpr std::size_t kLineHashUnits = 100;
constexpr std::uint64_t kLineHashBase = 37;
constexpr std::uint16_t kEndOfText = 0xFFFF;  // counts as one character behind the last
constexpr std::size_t kMaxShown = 4;
constexpr std::size_t kShownFraction = 5;
constexpr std::size_t kMinCharactersToShow = 16;  // below, each character is a good part of it
constexpr std::size_t kSecretIdDigits = 64;       // of SHA-256
constexpr std::string_view kStars = "********";

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// The hash of one window: GitHub counts in UTF-16 code units, ends the text with 0xFFFF, and lets
// the window run on over zeros.
class LineHash {
  public:
    bool full() const { return taken_ == kLineHashUnits; }

    void add(char32_t character) {
        if (character < 0x10000) {
            unit(static_cast<std::uint16_t>(character));
            return;
        }
        const char32_t rest = character - 0x10000;
        unit(static_cast<std::uint16_t>(0xD800 + (rest >> 10)));
        unit(static_cast<std::uint16_t>(0xDC00 + (rest & 0x3FF)));
    }

    std::uint64_t finish() {
        unit(kEndOfText);
        while (!full()) unit(0);
        return hash_;
    }

  private:
    void unit(std::uint16_t value) {
        if (full()) return;
        hash_ = hash_ * kLineHashBase + value;
        ++taken_;
    }

    std::uint64_t hash_ = 0;
    std::size_t taken_ = 0;
};

}  // namespace

Fingerprint context_fingerprint(std::string_view rule_id, std::string_view masked_context,
                                std::uint32_t occurrence) {
    std::string folded;
    for (const char c : masked_context) {
        if (!is_blank(c)) folded.push_back(c);
    }
    crypto::Hasher hasher(crypto::DigestAlgorithm::kSha256);
    hasher.update(kContextAlgorithm).update("\n").update(rule_id).update("\n").update(folded);
    hasher.update("\n").update(std::to_string(occurrence));
    return {std::string(kContextAlgorithm), hasher.finish().hex().substr(0, 32)};
}

std::uint64_t line_hash_value(std::string_view text) {
    LineHash hash;
    bool after_return = false;
    for (std::size_t at = 0; at < text.size() && !hash.full();) {
        const text::CodePoint point = text::decode_utf8(text.substr(at));
        at += point.width;
        const bool second_of_pair = after_return && point.value == '\n';
        after_return = point.value == '\r';
        if (second_of_pair || point.value == ' ' || point.value == '\t') continue;
        hash.add(after_return ? U'\n' : point.value);
    }
    return hash.finish();
}

std::string line_hash(std::uint64_t value, std::uint32_t occurrence) {
    return fmt::format("{:x}:{}", value, occurrence);
}

std::string line_hash(std::string_view text, std::uint32_t occurrence) {
    return line_hash(line_hash_value(text), occurrence);
}

std::string mask_secret(std::string_view secret) {
    if (secret.empty()) return {};
    const std::size_t characters = text::count_code_points(secret);
    std::size_t shown =
        characters < kMinCharactersToShow ? 0 : std::min(kMaxShown, characters / kShownFraction);
    std::size_t bytes = 0;
    for (; shown > 0; --shown) bytes += text::decode_utf8(secret.substr(bytes)).width;
    return text::to_valid_utf8(secret.substr(0, bytes)) + std::string(kStars);
}

std::string secret_id(std::string_view key, std::string_view secret) {
    const std::string message = std::string("secret") + '\0' + std::string(secret);
    return crypto::hex(crypto::hmac_sha256(key, message));
}

std::string secret_key_name(std::string_view key) {
    constexpr std::size_t kDigits = 16;
    const std::string number = crypto::hex(crypto::hmac_sha256(key, "which key"));
    return std::string(kSecretIdAlgorithm) + '+' + number.substr(0, kDigits);
}

Status check_secret_id(std::string_view id) {
    const bool is_hex = std::ranges::all_of(
        id, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
    if (id.size() == kSecretIdDigits && is_hex) return {};
    return Error{"'" + std::string(id) + "' is no id of a secret: expected the " +
                 std::to_string(kSecretIdDigits) +
                 " lower-case hexadecimal digits that the JSON report has as secretId"};
}

}  // namespace merlon::model
