#include "secrets/example_tokens.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "secrets/azure_keys.h"
#include "secrets/checksums.h"
#include "secrets/example_keys.h"
#include "text/base64.h"

namespace merlon::secrets {
namespace {

using text::Base64Alphabet;
using Token = std::optional<std::string>;

std::string base64(std::string_view bytes) {
    return text::encode_base64(bytes, Base64Alphabet::kStandard);
}

std::string base64url(std::string_view bytes) {
    return text::encode_base64(bytes, Base64Alphabet::kUrl);
}

std::string with_line_ends(std::string_view text, std::string_view line_end) {
    std::string out;
    for (const char c : text) c == '\n' ? out += line_end : out += c;
    return out;
}

// PREFIX:N, the checksum over the N characters.
Token crc32_base62(std::string_view argument, ExampleRandom& random) {
    const std::size_t colon = argument.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const auto length = read_example_length(argument.substr(colon + 1));
    if (!length.has_value()) return std::nullopt;
    const std::string body = random.text(kBase62, *length);
    return std::string(argument.substr(0, colon)) + body + base62_checksum(body);
}

// RoutableToken of GitLab's source; `argument` is the prefix, "glpat-".
Token gitlab_routable(std::string_view argument, ExampleRandom& random) {
    const std::string routing = "o:" + in_digits(random.number(100'000), kBase36, 1) +
                                "\nu:" + in_digits(random.number(10'000'000), kBase36, 1);
    const std::string payload =
        base64url(random.bytes(16) + routing + static_cast<char>(routing.size()));
    const std::string before =
        std::string(argument) + payload + ".01." + in_digits(payload.size(), kBase36, 2);
    return before + gitlab_checksum(before);
}

Token grafana(std::string_view argument, ExampleRandom& random) {
    const std::string before = std::string(argument) + random.text(kBase62, 32);
    return before + '_' + grafana_checksum(before);
}

// PREFIX:N, N characters behind the prefix and the checksum over both.
Token atlassian(std::string_view argument, ExampleRandom& random) {
    const std::size_t colon = argument.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const auto length = read_example_length(argument.substr(colon + 1));
    if (!length.has_value()) return std::nullopt;
    const std::string before =
        std::string(argument.substr(0, colon)) + random.text(kBase62, *length);
    return before + atlassian_checksum(before);
}

// `argument` is the prefix, "cio_tp_".
Token crates_io(std::string_view argument, ExampleRandom& random) {
    const std::string body = random.text(kBase62, 31);
    return std::string(argument) + body + crates_io_checksum(body);
}

Token azure_key(std::string_view argument, ExampleRandom& random) {
    const AzureService* service = find_azure_service(argument);
    if (service == nullptr) return std::nullopt;
    // A search key is taken again until it is of letters and digits alone, as the service does it.
    std::string key;
    do {
        key = make_azure_key(*service, random.bytes(service->bytes));
    } while (service->mark == "AzSe" && key.find_first_of("+/") != std::string::npos);
    if (service->mark != "AzFu") return key;
    std::replace(key.begin(), key.end(), '+', '-');
    std::replace(key.begin(), key.end(), '/', '_');
    return key;
}

// `argument`: the provider's four characters and the service's, "AAABACOG".
Token annotated_key(std::string_view argument, ExampleRandom& random) {
    if (argument.size() != 8) return std::nullopt;
    const std::string before = random.text(kBase62, 52) + "JQQJ99B" +
                               random.text("ABCDEFGHIJKL", 1) + random.text(kBase62, 12) +
                               std::string(argument);
    const auto bytes = text::decode_base64(before, Base64Alphabet::kStandard);
    if (!bytes.ok()) return std::nullopt;
    return before + annotated_key_checksum(bytes.value()).digits.substr(0, 4);
}

Token entra_secret(std::string_view, ExampleRandom& random) {
    const std::string before = random.text(kBase62, 3) + "8Q~" + random.text(kBase62, 31);
    return before + entra_checksum(before);
}

// See check_azure_devops_token: 28 bytes and four of checksum between them, and half a byte.
Token devops_token(std::string_view, ExampleRandom& random) {
    const std::string others = random.bytes(28);
    const std::uint32_t checksum = devops_checksum(others, kDevOpsMasks[0]);
    const auto sum = [checksum](int shift) {
        return std::string(1, static_cast<char>(checksum >> shift & 0xFF));
    };
    const std::string bytes = others.substr(0, 2) + sum(24) + others.substr(2, 4) + sum(16) +
                              sum(8) + others.substr(6, 13) + sum(0) + others.substr(19);
    std::string token;
    std::uint32_t bits = 0;
    int held = 0;
    for (const char byte : bytes + random.bytes(1)) {
        bits = bits << 8 | static_cast<unsigned char>(byte);
        for (held += 8; held >= 5 && token.size() < 52;) {
            held -= 5;
            const char c = kBase32[bits >> held & 31];
            token += c >= 'A' ? static_cast<char>(c + 32) : c;
        }
    }
    return token;
}

Token age_key(std::string_view, ExampleRandom& random) {
    std::vector<std::uint8_t> values;
    std::string key = "age-secret-key-1";
    for (int i = 0; i < 52; ++i) {
        // 32 bytes end within the last value: four bits of it are zero.
        values.push_back(static_cast<std::uint8_t>(i < 51 ? random.number(32) : 16));
        key += kBech32[values.back()];
    }
    key += bech32_checksum("age-secret-key-", values);
    for (char& c : key) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    return key;
}

// `argument`: the four letters of the kind. One bit of generation, 40 of an account, 39 of chance.
Token aws_key_id(std::string_view argument, ExampleRandom& random) {
    if (argument.size() != 4) return std::nullopt;
    const std::uint64_t account = random.number(1'000'000'000'000);
    const std::uint64_t first_45_bits = std::uint64_t{1} << 44 | account << 4 | random.number(16);
    return std::string(argument) + in_digits(first_45_bits, kBase32, 9) + random.text(kBase32, 7);
}

// `argument`: the location.
Token pypi_macaroon(std::string_view argument, ExampleRandom& random) {
    const auto field = [](char type, std::string_view bytes) {
        return std::string{type, static_cast<char>(bytes.size())} + std::string(bytes);
    };
    const std::string zero(1, '\0');
    const std::string identifier = random.text("0123456789abcdef", 36);
    return "pypi-" + base64url('\x02' + field(1, argument) + field(2, identifier) + zero +
                               field(2, "[3,\"" + random.text(kBase36, 36) + "\"]") + zero + zero +
                               field(6, random.bytes(32)));
}

// `argument`: keys, with commas between them; each gets a text of chance.
std::string json_object(std::string_view argument, ExampleRandom& random) {
    std::string json = "{";
    for (std::size_t at = 0; at < argument.size();) {
        const std::size_t end = std::min(argument.find(',', at), argument.size());
        json += at == 0 ? "\"" : ",\"";
        json += argument.substr(at, end - at);
        json += "\":\"" + random.text(kBase62, 20) + '"';
        at = end + 1;
    }
    return json + '}';
}

Token pem_on_one_line(std::string_view kind, ExampleRandom& random) {
    const auto pem = example_pem(kind, random);
    return pem.has_value() ? Token(with_line_ends(*pem, "\\n")) : std::nullopt;
}

// KIND:TEXT, the lines joined by the text instead of line feeds.
Token joined_pem(std::string_view argument, ExampleRandom& random) {
    const std::size_t colon = argument.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const auto pem = example_pem(argument.substr(0, colon), random);
    return pem.has_value() ? Token(with_line_ends(*pem, argument.substr(colon + 1))) : std::nullopt;
}

// TEXT, which takes the place of line feeds.
Token joined_putty_key(std::string_view argument, ExampleRandom& random) {
    return with_line_ends(example_putty_key(random), argument.empty() ? "\n" : argument);
}

Token pem_in_base64(std::string_view kind, ExampleRandom& random) {
    const auto pem = example_pem(kind, random);
    return pem.has_value() ? Token(base64(*pem + '\n')) : std::nullopt;
}

Token random_bytes(std::string_view argument, ExampleRandom& random) {
    const auto length = read_example_length(argument);
    return length.has_value() ? Token(base64(random.bytes(*length))) : std::nullopt;
}

Token unpadded_bytes(std::string_view argument, ExampleRandom& random) {
    Token bytes = random_bytes(argument, random);
    if (bytes.has_value()) bytes->resize(bytes->find_last_not_of('=') + 1);
    return bytes;
}

// N:TEXT, the text and N characters behind it.
Token text_and_chance(std::string_view argument, ExampleRandom& random) {
    const std::size_t colon = argument.find(':');
    const auto length = read_example_length(argument.substr(0, colon));
    if (colon == std::string_view::npos || !length.has_value()) return std::nullopt;
    return base64(std::string(argument.substr(colon + 1)) + random.text(kBase62, *length));
}

// A number that does not begin with zero, as ids do.
Token id_number(std::string_view argument, ExampleRandom& random) {
    const auto length = read_example_length(argument);
    if (!length.has_value() || *length == 0) return std::nullopt;
    return random.text("123456789", 1) + random.text("0123456789", *length - 1);
}

struct Generator {
    std::string_view name;
    Token (*make)(std::string_view argument, ExampleRandom& random);
};
constexpr Generator kGenerators[] = {
    {"age-key", age_key},
    {"annotated-key", annotated_key},
    {"atlassian", atlassian},
    {"aws-key-id", aws_key_id},
    {"azure-key", azure_key},
    {"base64-bytes", random_bytes},
    {"base64-json",
     [](std::string_view argument, ExampleRandom& random) -> Token {
         return base64(json_object(argument, random));
     }},
    {"base64-text", text_and_chance},
    {"base64-unpadded", unpadded_bytes},
    {"base64url-json",
     [](std::string_view argument, ExampleRandom& random) -> Token {
         return base64url(json_object(argument, random));
     }},
    {"base64url-number",
     [](std::string_view argument, ExampleRandom& random) -> Token {
         const auto number = id_number(argument, random);
         return number.has_value() ? Token(base64url(*number)) : std::nullopt;
     }},
    {"crates-io", crates_io},
    {"crc32-base62", crc32_base62},
    {"devops-token", devops_token},
    {"entra-secret", entra_secret},
    {"gitlab-routable", gitlab_routable},
    {"grafana", grafana},
    {"number", id_number},
    {"pem", example_pem},
    {"pem-base64", pem_in_base64},
    {"pem-cut", example_cut_pem},
    {"pem-joined", joined_pem},
    {"pem-line", pem_on_one_line},
    {"putty-key", joined_putty_key},
    {"pypi-macaroon", pypi_macaroon},
};

}  // namespace

std::optional<std::size_t> read_example_length(std::string_view text) {
    constexpr std::size_t kMost = 100'000;
    std::size_t length = 0;
    const char* end = text.data() + text.size();
    const auto [stopped, code] = std::from_chars(text.data(), end, length);
    if (code != std::errc{} || stopped != end || length > kMost) return std::nullopt;
    return length;
}

std::optional<std::string> example_token(std::string_view name, std::string_view argument,
                                         ExampleRandom& random) {
    const auto* found =
        std::find_if(std::begin(kGenerators), std::end(kGenerators),
                     [name](const Generator& generator) { return generator.name == name; });
    return found == std::end(kGenerators) ? std::nullopt : found->make(argument, random);
}

std::string with_wrong_checksum(std::string text) {
    constexpr int kFromTheEnd = 4;
    int seen = 0;
    for (std::size_t i = text.size(); i-- > 0;) {
        char& c = text[i];
        const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        const bool is_digit = c >= '0' && c <= '9';
        if ((!is_letter && !is_digit) || ++seen < kFromTheEnd) continue;
        // The neighbour is of the same alphabet, down to base 32, which has no 0 and 1.
        const bool is_first = c == 'a' || c == 'A' || c == '0' || c == '2';
        c = static_cast<char>(is_first ? c + 1 : c - 1);
        break;
    }
    return text;
}

}  // namespace merlon::secrets
