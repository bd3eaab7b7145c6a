#include "secrets/examples.h"

#include <cstdint>
#include <optional>

#include "base/hash.h"
#include "secrets/checksums.h"
#include "secrets/example_random.h"
#include "secrets/example_tokens.h"
#include "text/base64.h"

namespace merlon::secrets {
namespace {

constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kUpper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view kLower = "abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kUpperDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
constexpr std::string_view kLowerDigits = "abcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase64Url =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// Before the name of a generator: what it makes, with a wrong checksum.
constexpr std::string_view kWrong = "wrong-";

struct PlaceholderMaker {
    std::string_view name;
    std::string_view alphabet;
};
constexpr PlaceholderMaker kPlaceholderMakers[] = {
    {"alnum", kBase62},
    {"letters", kLetters},
    {"upper", kUpper},
    {"lower", kLower},
    {"digits", kDigits},
    {"upnum", kUpperDigits},
    {"lownum", kLowerDigits},
    {"hex", "0123456789abcdef"},
    {"base32", kBase32},
    {"base32lower", "abcdefghijklmnopqrstuvwxyz234567"},
    {"bech32", "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"},
    {"base64", kBase64},
    {"base64plain", kBase62},
    {"b64url", kBase64Url},
};

// Other braces, such as those of ${VARIABLE}, are text.
bool begins_generator(std::string_view body) {
    return !body.empty() && body[0] >= 'a' && body[0] <= 'z';
}

std::optional<std::string> generate(std::string_view body, ExampleRandom& random) {
    if (body == "dashes") return std::string(5, '-');
    if (body == "uuid") {
        constexpr std::string_view kHex = "0123456789abcdef";
        // RFC 9562, section 5.4: version 4, variant 10.
        return random.text(kHex, 8) + '-' + random.text(kHex, 4) + "-4" + random.text(kHex, 3) +
               '-' + random.text("89ab", 1) + random.text(kHex, 3) + '-' + random.text(kHex, 12);
    }
    if (body.starts_with(kWrong)) {
        const std::string_view what = body.substr(kWrong.size());
        auto right = what.starts_with(kWrong) ? std::nullopt : generate(what, random);
        if (right.has_value()) right = with_wrong_checksum(std::move(*right));
        return right;
    }
    const std::size_t colon = body.find(':');
    const std::string_view name = body.substr(0, colon);
    const std::string_view rest = colon == std::string_view::npos ? "" : body.substr(colon + 1);
    if (name == "jwt") {
        const std::string header = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";
        const std::string claims = "{\"iss\":\"" + std::string(rest) + "\",\"sub\":\"" +
                                   random.text(kLowerDigits, 12) + "\"}";
        using text::Base64Alphabet;
        return text::encode_base64(header, Base64Alphabet::kUrl) + '.' +
               text::encode_base64(claims, Base64Alphabet::kUrl) + '.' +
               random.text(kBase64Url, 43);
    }
    if (auto token = example_token(name, rest, random)) return token;
    const std::size_t last = rest.rfind(':');
    const auto length =
        read_example_length(last == std::string_view::npos ? rest : rest.substr(last + 1));
    if (!length.has_value()) return std::nullopt;
    if (name == "repeat" && last == 1) return std::string(*length, rest[0]);
    if (last != std::string_view::npos) return std::nullopt;
    for (const PlaceholderMaker& generator : kPlaceholderMakers) {
        if (generator.name == name) return random.text(generator.alphabet, *length);
    }
    return std::nullopt;
}

}  // namespace

Result<std::string> expand_example(std::string_view example, std::string_view rule_id) {
    ExampleRandom random(hash_bytes(example, hash_bytes(rule_id)));
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
