#include "secrets/examples.h"

#include <charconv>
#include <cstdint>
#include <optional>

#include "base/hash.h"

namespace merlon::secrets {
namespace {

constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kUpper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view kLower = "abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kUpperDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
constexpr std::string_view kLowerDigits = "abcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
// The order in which GitHub and npm count in base 62.
constexpr std::string_view kBase62 =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase64Url =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

struct Generator {
    std::string_view name;
    std::string_view alphabet;
};
constexpr Generator kGenerators[] = {
    {"alnum", kBase62},
    {"letters", kLetters},
    {"upper", kUpper},
    {"lower", kLower},
    {"digits", kDigits},
    {"upnum", kUpperDigits},
    {"lownum", kLowerDigits},
    {"hex", "0123456789abcdef"},
    {"base32", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"},
    {"base32lower", "abcdefghijklmnopqrstuvwxyz234567"},
    {"bech32", "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"},
    {"base64", kBase64},
    {"base64plain", kBase62},
    {"b64url", kBase64Url},
};

// A generator of numbers that is the same everywhere (the standard's distributions are not).
class Random {
  public:
    explicit Random(std::uint64_t seed) : state_(seed) {}

    std::string text(std::string_view alphabet, std::size_t length) {
        std::string out;
        for (std::size_t i = 0; i < length; ++i) out += alphabet[next() % alphabet.size()];
        return out;
    }

  private:
    std::uint64_t next() {
        state_ = hash_bytes("example", state_ + 1);
        return state_ >> 8;
    }

    std::uint64_t state_;
};

// Base64url without padding (RFC 4648, section 5): only for the two JSON texts of a token.
std::string encode_base64url(std::string_view bytes) {
    std::string out;
    std::uint32_t bits = 0;
    int held = 0;
    for (const char byte : bytes) {
        bits = bits << 8 | static_cast<std::uint8_t>(byte);
        for (held += 8; held >= 6;) {
            held -= 6;
            out += kBase64Url[bits >> held & 0x3F];
        }
    }
    if (held > 0) out += kBase64Url[bits << (6 - held) & 0x3F];
    return out;
}

std::string checksum_in_base62(std::string_view text) {
    std::string digits(6, '0');
    std::uint32_t value = crc32(text);
    for (std::size_t i = 6; i-- > 0; value /= 62) digits[i] = kBase62[value % 62];
    return digits;
}

std::optional<std::size_t> read_length(std::string_view text) {
    std::size_t length = 0;
    const char* end = text.data() + text.size();
    const auto [stopped, code] = std::from_chars(text.data(), end, length);
    if (code != std::errc{} || stopped != end || length > 100'000) return std::nullopt;
    return length;
}

// Other braces, such as those of ${VARIABLE}, are text.
bool begins_generator(std::string_view body) {
    return !body.empty() && body[0] >= 'a' && body[0] <= 'z';
}

std::optional<std::string> generate(std::string_view body, Random& random) {
    if (body == "dashes") return std::string(5, '-');
    if (body == "uuid") {
        constexpr std::string_view kHex = "0123456789abcdef";
        // RFC 9562, section 5.4: version 4, variant 10.
        return random.text(kHex, 8) + '-' + random.text(kHex, 4) + "-4" + random.text(kHex, 3) +
               '-' + random.text("89ab", 1) + random.text(kHex, 3) + '-' + random.text(kHex, 12);
    }
    const std::size_t colon = body.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const std::string_view name = body.substr(0, colon);
    const std::string_view rest = body.substr(colon + 1);
    if (name == "jwt") {
        const std::string header = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";
        const std::string claims = "{\"iss\":\"" + std::string(rest) + "\",\"sub\":\"" +
                                   random.text(kLowerDigits, 12) + "\"}";
        return encode_base64url(header) + '.' + encode_base64url(claims) + '.' +
               random.text(kBase64Url, 43);
    }
    const std::size_t last = rest.rfind(':');
    const auto length = read_length(last == std::string_view::npos ? rest : rest.substr(last + 1));
    if (!length.has_value()) return std::nullopt;
    if (name == "crc32-base62" && last != std::string_view::npos) {
        const std::string entropy = random.text(kBase62, *length);
        return std::string(rest.substr(0, last)) + entropy + checksum_in_base62(entropy);
    }
    if (name == "repeat" && last == 1) return std::string(*length, rest[0]);
    if (last != std::string_view::npos) return std::nullopt;
    for (const Generator& generator : kGenerators) {
        if (generator.name == name) return random.text(generator.alphabet, *length);
    }
    return std::nullopt;
}

}  // namespace

Result<std::string> expand_example(std::string_view example, std::string_view rule_id) {
    Random random(hash_bytes(example, hash_bytes(rule_id)));
    std::string out;
    for (std::size_t at = 0; at < example.size();) {
        const char c = example[at];
        const bool doubled = at + 1 < example.size() && example[at + 1] == c;
        if ((c == '{' || c == '}') && doubled) {
            out += c;
            at += 2;
        } else if (c == '{' && begins_generator(example.substr(at + 1))) {
            const std::size_t end = example.find('}', at);
            const std::string_view body =
                example.substr(at + 1, end == std::string_view::npos ? end : end - at - 1);
            const auto made = end == std::string_view::npos ? std::nullopt : generate(body, random);
            if (!made.has_value()) {
                return Error{"'{" + std::string(body) +
                                 "}' is no generator of examples; see docs/rules-secrets.md, and "
                                 "write {{ for a brace",
                             at};
            }
            out += *made;
            at = end + 1;
        } else {
            out += c;
            ++at;
        }
    }
    return out;
}

}  // namespace merlon::secrets
