// Tokens whose parts mean something: account numbers, ids, macaroons, user and password.

#include <algorithm>
#include <charconv>

#include "secrets/check_families.h"
#include "secrets/checksums.h"
#include "secrets/precision.h"

namespace merlon::secrets {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool all_digits(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

// One digit throughout, or each the one before plus one: what manuals write for a number.
bool is_counting(std::string_view digits) {
    if (digits.size() < 6) return false;
    const auto follows = [digits](int step) {
        return std::adjacent_find(digits.begin(), digits.end(), [step](char a, char b) {
                   return (a - '0' + step) % 10 != b - '0';
               }) == digits.end();
    };
    return follows(0) || follows(1);
}

// A reader of libmacaroons's binary format, version 2: fields of type, length and bytes, numbers in
// seven bits a byte, the lowest first; a zero ends a section.
class MacaroonReader {
  public:
    explicit MacaroonReader(std::string_view bytes) : rest_(bytes) {}

    bool at_end() const { return rest_.empty(); }

    // Takes the version's byte, or the end of a section.
    bool take(unsigned char byte) {
        if (rest_.empty() || static_cast<unsigned char>(rest_[0]) != byte) return false;
        rest_.remove_prefix(1);
        return true;
    }
    // The bytes of a field, where the next one is of this type.
    std::optional<std::string_view> field(unsigned char type) {
        if (!take(type)) return std::nullopt;
        std::size_t size = 0;
        for (int shift = 0; shift < 28; shift += 7) {
            if (rest_.empty()) return std::nullopt;
            const auto byte = static_cast<unsigned char>(rest_[0]);
            rest_.remove_prefix(1);
            size |= static_cast<std::size_t>(byte & 0x7F) << shift;
            if (byte >= 0x80) continue;
            if (size > rest_.size()) return std::nullopt;
            const std::string_view bytes = rest_.substr(0, size);
            rest_.remove_prefix(size);
            return bytes;
        }
        return std::nullopt;
    }

  private:
    std::string_view rest_;
};

constexpr unsigned char kLocation = 1;
constexpr unsigned char kIdentifier = 2;
constexpr unsigned char kVerifier = 4;
constexpr unsigned char kSignature = 6;
constexpr unsigned char kEnd = 0;

// Version, location, identifier, end; a section for each caveat; end; signature.
bool is_pypi_macaroon(std::string_view bytes) {
    constexpr std::size_t kSignatureBytes = 32;  // HMAC-SHA256
    MacaroonReader reader(bytes);
    if (!reader.take(2)) return false;
    const auto location = reader.field(kLocation);
    if (location != "pypi.org" && location != "test.pypi.org") return false;
    if (!reader.field(kIdentifier).has_value() || !reader.take(kEnd)) return false;
    while (!reader.take(kEnd)) {
        reader.field(kLocation);
        if (!reader.field(kIdentifier).has_value()) return false;
        reader.field(kVerifier);
        if (!reader.take(kEnd)) return false;
    }
    const auto signature = reader.field(kSignature);
    return signature.has_value() && signature->size() == kSignatureBytes && reader.at_end();
}

}  // namespace

// Four letters of kind, then 80 bits: the first tells a key made since 2019, the next 40 are then
// the account's number.
CheckResult check_aws_key_id(std::string_view id, Timestamp) {
    constexpr std::size_t kPrefix = 4;
    constexpr std::size_t kLength = 20;
    constexpr std::uint64_t kAccounts = 1'000'000'000'000;
    if (id.size() != kLength) return invalid("it has not 20 characters");
    std::uint64_t bits = 0;
    for (std::size_t i = kPrefix; i < kLength; ++i) {
        const std::size_t value = kBase32.find(id[i]);
        if (value == std::string_view::npos) return invalid("a character is not of base 32");
        if (i < kPrefix + 9) bits = bits << 5 | value;
    }
    // Nine characters are 45 bits: one of generation, 40 of the account, four of what follows.
    if ((bits >> 44 & 1) == 0) return {};
    const std::uint64_t account = bits >> 4 & 0xFF'FFFF'FFFF;
    if (account >= kAccounts) return invalid("the account number in it has more than 12 digits");
    return {CheckVerdict::kUnknown, "made for the account " + in_digits(account, "0123456789", 12)};
}

CheckResult check_pypi_macaroon(std::string_view token, Timestamp) {
    constexpr std::string_view kPrefix = "pypi-";
    if (!token.starts_with(kPrefix)) return {};
    const auto bytes = decode_any_base64(token.substr(kPrefix.size()));
    return verdict(bytes.has_value() && is_pypi_macaroon(*bytes),
                   "it is no whole macaroon of PyPI");
}

// xoxb-TEAM-BOT-SECRET, xoxp-TEAM-USER-CLIENT-SECRET: Slack publishes the prefix and no checksum.
CheckResult check_slack_token(std::string_view token, Timestamp) {
    std::size_t begin = token.find('-');
    while (begin != std::string_view::npos) {
        const std::size_t end = token.find('-', begin + 1);
        if (end == std::string_view::npos) break;
        const std::string_view id = token.substr(begin + 1, end - begin - 1);
        if (all_digits(id) && (id[0] == '0' || is_counting(id))) {
            return invalid("an id in it is no number that Slack gives: it counts or begins with 0");
        }
        begin = end;
    }
    return {};
}

// The bot's id is a snowflake: 17 to 20 decimal digits (Discord, "Reference", "Snowflakes").
CheckResult check_discord_token(std::string_view token, Timestamp) {
    const auto id = decode_any_base64(token.substr(0, token.find('.')));
    return verdict(id.has_value() && all_digits(*id) && id->size() >= 17 && id->size() <= 20,
                   "its first part is not the id of a bot");
}

// "reftkn:01:EXPIRY:RANDOM"; an expiry of zeros is none.
CheckResult check_jfrog_reference(std::string_view token, Timestamp now) {
    const auto text = decode_any_base64(token);
    constexpr std::string_view kStart = "reftkn:";
    if (!text.has_value() || !text->starts_with(kStart)) return invalid("it is no reference token");
    const std::size_t version = text->find(':', kStart.size());
    const std::size_t end = version == std::string::npos ? version : text->find(':', version + 1);
    if (end == std::string::npos) return invalid("it is no reference token");
    const std::string_view seconds = std::string_view(*text).substr(version + 1, end - version - 1);
    std::int64_t expires = 0;
    const auto read = std::from_chars(seconds.data(), seconds.data() + seconds.size(), expires);
    if (!all_digits(seconds) || read.ec != std::errc{}) return invalid("it is no reference token");
    return expires == 0 ? CheckResult{} : expiry(expires, now);
}

// The users of the examples that the standards print, and manuals repeat.
bool is_printed_example(std::string_view user) {
    return user == "Aladdin"         // RFC 7617, section 2
           || user == "s6BhdRkqt3";  // RFC 6749, section 2.3.1
}

// RFC 7617, section 2: user-id ":" password, no control characters.
CheckResult check_user_password(std::string_view text, Timestamp) {
    // Below so many bits that nobody can guess it may be a password, and it may be an example.
    constexpr double kDoubtfulBits = 12;
    const auto decoded = decode_any_base64(text);
    if (!decoded.has_value()) return invalid("it is not base64");
    const std::size_t colon = decoded->find(':');
    const bool holds = colon != std::string::npos && colon > 0 && colon + 1 < decoded->size() &&
                       std::none_of(decoded->begin(), decoded->end(), [](char c) {
                           return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
                       });
    if (!holds) return invalid("it holds no user and password with a colon between them");
    const std::string_view user = std::string_view(*decoded).substr(0, colon);
    const std::string_view password = std::string_view(*decoded).substr(colon + 1);
    if (is_printed_example(user)) return invalid("it is the example of a standard");
    if (doubt_secret(Precision::kPassword, password) != Doubt::kNone) {
        return invalid("its password is a word or a placeholder");
    }
    return unguessable_bits(password) < kDoubtfulBits ? CheckResult{} : verdict(true, {});
}

}  // namespace merlon::secrets
