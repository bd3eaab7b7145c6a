// Private keys in their text formats: PEM (RFC 7468) with DER, OpenSSH's or OpenPGP's bytes inside,
// and PuTTY's.
//
// Only the structure is read, to its end. Whether the numbers are a key is not asked: that would
// cost more than a scan has, and a truncated or invented text fails before.

#include <algorithm>
#include <cctype>
#include <charconv>
#include <vector>

#include "secrets/check_families.h"
#include "text/base64.h"

namespace merlon::secrets {
namespace {

constexpr std::string_view kTruncated = "its structure breaks off or is none: no whole key";
constexpr std::string_view kEncrypted =
    "it is encrypted with a passphrase: whoever has the file has to guess that first";

// X.690, section 8.1: tag and length, both of the forms that keys use.
class DerReader {
  public:
    explicit DerReader(std::string_view bytes) : rest_(bytes) {}

    bool at_end() const { return rest_.empty(); }
    bool next_is(unsigned char tag) const {
        return !rest_.empty() && static_cast<unsigned char>(rest_[0]) == tag;
    }
    // The content of the next element, where it has this tag and is all there.
    std::optional<std::string_view> take(unsigned char tag) {
        return next_is(tag) ? take_any() : std::nullopt;
    }
    std::optional<std::string_view> take_any() {
        if (rest_.size() < 2) return std::nullopt;
        std::size_t length = static_cast<unsigned char>(rest_[1]);
        std::size_t header = 2;
        if (length >= 0x80) {
            const std::size_t digits = length & 0x7F;
            if (digits == 0 || digits > 4 || rest_.size() < 2 + digits) return std::nullopt;
            length = 0;
            for (std::size_t i = 0; i < digits; ++i) {
                length = length << 8 | static_cast<unsigned char>(rest_[2 + i]);
            }
            header += digits;
        }
        if (length > rest_.size() - header) return std::nullopt;
        const std::string_view content = rest_.substr(header, length);
        rest_.remove_prefix(header + length);
        return content;
    }

  private:
    std::string_view rest_;
};

constexpr unsigned char kInteger = 0x02;
constexpr unsigned char kOctetString = 0x04;
constexpr unsigned char kObjectId = 0x06;
constexpr unsigned char kSequence = 0x30;

// The elements of the one SEQUENCE that `der` has to be.
std::optional<DerReader> open_sequence(std::string_view der) {
    DerReader outer(der);
    const auto content = outer.take(kSequence);
    if (!content.has_value() || !outer.at_end()) return std::nullopt;
    return DerReader(*content);
}

bool has_integers(std::string_view der, int count) {
    auto elements = open_sequence(der);
    if (!elements.has_value()) return false;
    for (int i = 0; i < count; ++i) {
        const auto number = elements->take(kInteger);
        if (!number.has_value() || number->empty()) return false;
    }
    while (!elements->at_end()) {
        if (!elements->take_any().has_value()) return false;
    }
    return true;
}

// RFC 8017, A.1.2: version, modulus, two exponents, two primes, two exponents, coefficient.
bool is_rsa_key(std::string_view der) { return has_integers(der, 9); }
// OpenSSL's form: version, p, q, g, public and private number.
bool is_dsa_key(std::string_view der) { return has_integers(der, 6); }

// RFC 5915, section 3: version 1, the number as bytes, then curve and public key as they like.
bool is_ec_key(std::string_view der) {
    auto elements = open_sequence(der);
    if (!elements.has_value() || !elements->take(kInteger).has_value()) return false;
    const auto number = elements->take(kOctetString);
    if (!number.has_value() || number->empty()) return false;
    while (!elements->at_end()) {
        if (!elements->take_any().has_value()) return false;
    }
    return true;
}

// RFC 5958, section 2: version, algorithm, key; section 3 without a version, encrypted.
bool is_pkcs8(std::string_view der, bool has_version) {
    auto elements = open_sequence(der);
    if (!elements.has_value()) return false;
    if (has_version && !elements->take(kInteger).has_value()) return false;
    const auto algorithm = elements->take(kSequence);
    if (!algorithm.has_value() || !DerReader(*algorithm).next_is(kObjectId)) return false;
    const auto key = elements->take(kOctetString);
    if (!key.has_value() || key->empty()) return false;
    while (!elements->at_end()) {
        if (!elements->take_any().has_value()) return false;
    }
    return true;
}

// OpenSSH's PROTOCOL.key and SSH's strings (RFC 4251, section 5): a length of four bytes, then it.
class SshReader {
  public:
    explicit SshReader(std::string_view bytes) : rest_(bytes) {}

    bool at_end() const { return rest_.empty(); }
    std::optional<std::uint32_t> number() {
        if (rest_.size() < 4) return std::nullopt;
        std::uint32_t value = 0;
        for (std::size_t i = 0; i < 4; ++i)
            value = value << 8 | static_cast<unsigned char>(rest_[i]);
        rest_.remove_prefix(4);
        return value;
    }
    std::optional<std::string_view> string() {
        const auto size = number();
        if (!size.has_value() || *size > rest_.size()) return std::nullopt;
        const std::string_view text = rest_.substr(0, *size);
        rest_.remove_prefix(*size);
        return text;
    }

  private:
    std::string_view rest_;
};

CheckResult judge_openssh(std::string_view bytes) {
    constexpr std::string_view kMagic("openssh-key-v1\0", 15);
    if (!bytes.starts_with(kMagic)) return invalid(kTruncated);
    SshReader reader(bytes.substr(kMagic.size()));
    const auto cipher = reader.string();
    const auto derivation = reader.string();
    const auto options = reader.string();
    const auto keys = reader.number();
    if (!cipher || !derivation || !options || !keys || *keys == 0) return invalid(kTruncated);
    for (std::uint32_t i = 0; i < *keys; ++i) {
        if (!reader.string().has_value()) return invalid(kTruncated);
    }
    const auto secret = reader.string();
    if (!secret.has_value()) return invalid(kTruncated);
    if (*cipher != "none") return {CheckVerdict::kUnknown, std::string(kEncrypted)};
    // Two equal numbers stand first, so that a wrong passphrase shows.
    SshReader inner(*secret);
    const auto first = inner.number();
    const auto second = inner.number();
    return verdict(first.has_value() && first == second, kTruncated);
}

// RFC 9580, section 4.2: the first packet is a secret key (type 5), all of it there.
CheckResult judge_openpgp(std::string_view bytes) {
    constexpr unsigned kSecretKey = 5;
    if (bytes.size() < 3) return invalid(kTruncated);
    const auto at = [bytes](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    const bool is_new_form = (at(0) & 0xC0) == 0xC0;
    const unsigned type = is_new_form ? at(0) & 0x3Fu : at(0) >> 2 & 0xFu;
    if ((at(0) & 0x80) == 0 || type != kSecretKey) return invalid(kTruncated);
    std::size_t length = at(1);
    std::size_t header = 2;
    if (is_new_form && length >= 192 && length < 224) {
        length = (length - 192) * 256 + at(2) + 192;
        header = 3;
    } else if (!is_new_form && (at(0) & 3) == 1) {
        length = length << 8 | at(2);
        header = 3;
    }
    return verdict(length <= bytes.size() - header, kTruncated);
}

// VanDyke's and SSH.com's form: a magic number, then a length over all.
CheckResult judge_ssh2(std::string_view bytes) {
    constexpr std::uint32_t kMagic = 0x3f6ff9eb;
    SshReader reader(bytes);
    const auto magic = reader.number();
    const auto length = reader.number();
    if (magic != kMagic || length != bytes.size()) return invalid(kTruncated);
    const auto type = reader.string();
    const auto cipher = reader.string();
    if (!type.has_value() || !cipher.has_value()) return invalid(kTruncated);
    if (*cipher != "none") return {CheckVerdict::kUnknown, std::string(kEncrypted)};
    return verdict(true, {});
}

// How a line's end is written where a text stands inside of another: as an escape, in HTML, in XML.
constexpr std::string_view kLineEnds[] = {
    "\n",    "\r",     "\\n",    "\\r",    "&#10;",  "&#13;", "&#xA;", "&#xa;",  "&#xD;",
    "&#xd;", "&#x0A;", "&#x0a;", "&#x0D;", "&#x0d;", "<br>",  "<br/>", "<br />",
};

std::size_t line_end_at(std::string_view rest) {
    if (std::string_view("\n\r\\&<").find(rest.front()) == std::string_view::npos) return 0;
    const auto* found =
        std::find_if(std::begin(kLineEnds), std::end(kLineEnds),
                     [rest](std::string_view end) { return rest.starts_with(end); });
    return found == std::end(kLineEnds) ? 0 : found->size();
}

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    std::size_t begin = 0;
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t size = line_end_at(text.substr(i));
        if (size == 0) {
            ++i;
            continue;
        }
        lines.push_back(text.substr(begin, i - begin));
        begin = i += size;
    }
    lines.push_back(text.substr(begin));
    return lines;
}

// What a program puts around a line: indentation, quotes, commas, a + that joins two literals.
std::string_view without_surroundings(std::string_view line) {
    constexpr std::string_view kAround = " \t\"',;\\";
    const auto strip = [&line, kAround] {
        const std::size_t begin = line.find_first_not_of(kAround);
        if (begin == std::string_view::npos) {
            line = {};
            return;
        }
        line = line.substr(begin, line.find_last_not_of(kAround) - begin + 1);
    };
    strip();
    if (line.ends_with("\" +") || line.ends_with("' +") || line.ends_with("\"+")) {
        line.remove_suffix(1);
        strip();
    }
    if (line.starts_with("+ \"") || line.starts_with("+ '")) {
        line.remove_prefix(1);
        strip();
    }
    return line == "+" ? std::string_view{} : line;
}

std::string_view without_blanks_behind(std::string_view text) {
    return text.substr(0, text.find_last_not_of(" \t") + 1);
}

// A PEM text as it stands in a file: its label, and the lines between the two of the label.
struct PemText {
    std::string_view label;
    std::vector<std::string_view> lines;
    std::string_view before_end;  // what stands in front of the END, in its own line
};

std::optional<PemText> find_pem(std::string_view text) {
    constexpr std::string_view kBegin = "-----BEGIN ";
    constexpr std::string_view kDashes = "-----";
    const std::size_t begin = text.find(kBegin);
    if (begin == std::string_view::npos) return std::nullopt;
    const std::size_t label = begin + kBegin.size();
    const std::size_t label_end = text.find(kDashes, label);
    if (label_end == std::string_view::npos) return std::nullopt;
    const std::size_t body = label_end + kDashes.size();
    const std::size_t end = text.find("-----END", body);
    if (end == std::string_view::npos) return std::nullopt;
    PemText pem{text.substr(label, label_end - label), lines_of(text.substr(body, end - body)), {}};
    if (pem.lines.size() > 1) {
        pem.before_end = pem.lines.back();
        pem.lines.pop_back();
    }
    return pem;
}

// What a PEM text holds, in one way of reading its lines.
struct PemBody {
    std::string base64;
    bool is_encrypted = false;  // RFC 1421's header, as OpenSSL writes it
};

// A line without what stands around it; nullopt where it cannot be read in this way.
using LineReading = std::optional<std::string_view> (*)(std::string_view line,
                                                        std::string_view before_end);

// Lines behind the mark of a comment, a quotation or a diff: what stands before the END stands
// before each. An empty line may have lost the blanks behind the mark.
std::optional<std::string_view> behind_mark(std::string_view line, std::string_view before_end) {
    if (before_end.empty()) return std::nullopt;
    if (line.starts_with(before_end)) {
        return without_surroundings(line.substr(before_end.size()));
    }
    const bool is_empty = without_blanks_behind(line) == without_blanks_behind(before_end);
    return line.empty() || is_empty ? std::optional(std::string_view{}) : std::nullopt;
}

std::optional<std::string_view> as_in_source(std::string_view line, std::string_view) {
    return without_surroundings(line);
}

// Numbered lines and those of a log: the last word is the text.
std::optional<std::string_view> last_word(std::string_view line, std::string_view) {
    const std::size_t colon = line.rfind(": ");
    const bool is_header = colon != std::string_view::npos && colon > 0 &&
                           std::isalpha(static_cast<unsigned char>(line[colon - 1])) != 0;
    if (is_header) return line;
    line = without_surroundings(line);
    return line.substr(line.find_last_of(" \t:|>") + 1);
}

std::optional<PemBody> read_body(const PemText& pem, LineReading read) {
    PemBody body;
    for (std::size_t i = 0; i < pem.lines.size(); ++i) {
        // The first one is the rest of the BEGIN's.
        const auto read_line =
            i == 0 ? as_in_source(pem.lines[i], {}) : read(pem.lines[i], pem.before_end);
        if (!read_line.has_value()) return std::nullopt;
        const std::string_view line = *read_line;
        if (line.find(':') != std::string_view::npos) {
            if (line.find("ENCRYPTED") != std::string_view::npos) body.is_encrypted = true;
            continue;
        }
        // OpenPGP's CRC-24 stands in a line of its own, and RFC 9580 tells readers to ignore it.
        if (line.starts_with('=')) continue;
        // In an environment file the lines are often joined by spaces.
        std::copy_if(line.begin(), line.end(), std::back_inserter(body.base64),
                     [](char c) { return c != ' ' && c != '\t'; });
    }
    return body;
}

CheckResult judge_body(std::string_view label, const PemBody& body) {
    const auto bytes = decode_any_base64(body.base64);
    if (!bytes.has_value() || bytes->empty()) return invalid("what it holds is not base64");
    if (body.is_encrypted) {
        // A block cipher's output; DES has the shortest block.
        if (bytes->size() % 8 != 0) return invalid(kTruncated);
        return {CheckVerdict::kUnknown, std::string(kEncrypted)};
    }
    if (label == "RSA PRIVATE KEY") return verdict(is_rsa_key(*bytes), kTruncated);
    if (label == "DSA PRIVATE KEY") return verdict(is_dsa_key(*bytes), kTruncated);
    if (label == "EC PRIVATE KEY") return verdict(is_ec_key(*bytes), kTruncated);
    if (label == "PRIVATE KEY") return verdict(is_pkcs8(*bytes, true), kTruncated);
    if (label == "ENCRYPTED PRIVATE KEY") {
        if (!is_pkcs8(*bytes, false)) return invalid(kTruncated);
        return {CheckVerdict::kUnknown, std::string(kEncrypted)};
    }
    if (label == "OPENSSH PRIVATE KEY") return judge_openssh(*bytes);
    if (label == "PGP PRIVATE KEY BLOCK") return judge_openpgp(*bytes);
    if (label == "SSH2 ENCRYPTED PRIVATE KEY") return judge_ssh2(*bytes);
    return {};
}

}  // namespace

CheckResult check_pem_key(std::string_view text, Timestamp) {
    const auto pem = find_pem(text);
    if (!pem.has_value()) return {};
    CheckResult result = invalid(kTruncated);
    // The first reading in which it is a key; where none is, what the text as it stands says.
    for (const LineReading read : {behind_mark, last_word, as_in_source}) {
        const auto body = read_body(*pem, read);
        if (!body.has_value()) continue;
        result = judge_body(pem->label, *body);
        if (result.verdict != CheckVerdict::kInvalid) break;
    }
    return result;
}

CheckResult check_pem_key_base64(std::string_view text, Timestamp now) {
    const auto pem = decode_any_base64(text);
    if (!pem.has_value()) return invalid("it is not base64");
    if (!find_pem(*pem).has_value()) return invalid(kTruncated);
    return check_pem_key(*pem, now);
}

// "Name: value" lines; Public-Lines and Private-Lines say how many lines of base64 follow, each
// behind what stands in front of the name (the mark of a comment, say).
CheckResult check_putty_key(std::string_view text, Timestamp) {
    bool is_encrypted = false;
    bool has_private_part = false;
    const std::vector<std::string_view> lines = lines_of(text);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const std::size_t colon = lines[i].find(": ");
        if (colon == std::string_view::npos) continue;
        const std::string_view name = lines[i].substr(0, colon);
        const std::string_view value = without_surroundings(lines[i].substr(colon + 2));
        if (name.ends_with("Encryption")) is_encrypted = value != "none";
        const bool is_private = name.ends_with("Private-Lines");
        if (!is_private && !name.ends_with("Public-Lines")) continue;
        const std::string_view mark = name.substr(0, name.rfind(is_private ? "Private" : "Public"));
        std::size_t count = 0;
        std::from_chars(value.data(), value.data() + value.size(), count);
        std::string base64;
        for (; count > 0 && i + 1 < lines.size(); --count) {
            const std::string_view line = lines[++i];
            base64 +=
                without_surroundings(line.starts_with(mark) ? line.substr(mark.size()) : line);
        }
        if (count > 0 || base64.empty() || !decode_any_base64(base64).has_value()) {
            return invalid(kTruncated);
        }
        has_private_part = has_private_part || is_private;
    }
    if (!has_private_part) return invalid(kTruncated);
    if (is_encrypted) return {CheckVerdict::kUnknown, std::string(kEncrypted)};
    return verdict(true, {});
}

}  // namespace merlon::secrets
