#include "model/fingerprint.h"

#include <fmt/core.h>

#include <algorithm>

#include "crypto/digest.h"
#include "text/utf8.h"

namespace merlon::model {
namespace {

constexpr std::size_t kLineHashCharacters = 100;
constexpr std::size_t kMaxShown = 4;
constexpr std::size_t kShownFraction = 5;
constexpr std::size_t kMaxStars = 8;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

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

std::string line_hash(std::string_view text, std::uint32_t occurrence) {
    // The window holds 100 characters; what is not there counts as zero, and so does the end.
    std::uint64_t hash = 0;
    std::size_t taken = 0;
    for (const char c : text) {
        if (taken == kLineHashCharacters) break;
        if (is_blank(c)) continue;
        hash = hash * 37 + static_cast<unsigned char>(c);
        ++taken;
    }
    return fmt::format("{:x}:{}", hash, occurrence);
}

std::string mask_secret(std::string_view secret) {
    if (secret.empty()) return {};
    const std::size_t characters = text::count_code_points(secret);
    std::size_t shown = std::min(kMaxShown, characters / kShownFraction);
    std::size_t bytes = 0;
    for (; shown > 0; --shown) bytes += text::decode_utf8(secret.substr(bytes)).width;
    return text::to_valid_utf8(secret.substr(0, bytes)) +
           std::string(std::min(characters, kMaxStars), '*');
}

std::string secret_id(std::string_view key, std::string_view secret) {
    const std::string message = std::string("secret") + '\0' + std::string(secret);
    return crypto::hex(crypto::hmac_sha256(key, message));
}

}  // namespace merlon::model
