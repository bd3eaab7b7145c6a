#include "crypto/ssh_key.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "crypto/digest.h"
#include "text/base64.h"

namespace merlon::crypto {
namespace {

constexpr std::size_t kMaxKeyBytes = 16 << 10;
constexpr std::size_t kMaxArmoredBytes = 64 << 10;
constexpr std::size_t kFewestRsaBytes = 2'048 / 8;
constexpr std::string_view kMagic = "SSHSIG";
constexpr std::string_view kBegin = "-----BEGIN SSH SIGNATURE-----";
constexpr std::string_view kEnd = "-----END SSH SIGNATURE-----";
constexpr std::string_view kTokenSuffix = "@openssh.com";
constexpr std::uint8_t kUserPresent = 0x01;

struct EcCurve {
    std::string_view type, name, curve;
    std::size_t bytes;
    HashName hash;
};
constexpr std::array kCurves = {
    EcCurve{"ecdsa-sha2-nistp256", "nistp256", "P-256", 32, HashName::kSha256},
    EcCurve{"ecdsa-sha2-nistp384", "nistp384", "P-384", 48, HashName::kSha384},
    EcCurve{"ecdsa-sha2-nistp521", "nistp521", "P-521", 66, HashName::kSha512},
};

const EcCurve* find_curve(std::string_view type) {
    for (const EcCurve& curve : kCurves)
        if (curve.type == type) return &curve;
    return nullptr;
}

// RFC 4251, section 5: what is absent or cut makes everything behind it absent.
class WireReader {
  public:
    explicit WireReader(std::string_view bytes) : rest_(bytes) {}

    std::optional<std::uint32_t> number() {
        if (rest_.size() < 4) return fail();
        std::uint32_t value = 0;
        for (int i = 0; i < 4; ++i) value = value << 8 | static_cast<std::uint8_t>(rest_[i]);
        rest_.remove_prefix(4);
        return value;
    }
    std::string_view string() {
        const auto size = number();
        if (!size || *size > rest_.size()) {
            fail();
            return {};
        }
        const std::string_view text = rest_.substr(0, *size);
        rest_.remove_prefix(*size);
        return text;
    }
    std::optional<std::uint8_t> byte() {
        if (rest_.empty()) {
            fail();
            return std::nullopt;
        }
        const auto value = static_cast<std::uint8_t>(rest_[0]);
        rest_.remove_prefix(1);
        return value;
    }
    // A number that is not negative, without its leading zeros.
    std::string_view unsigned_number() {
        std::string_view text = string();
        if (!text.empty() && static_cast<std::uint8_t>(text[0]) >= 0x80) fail();
        while (text.starts_with('\0')) text.remove_prefix(1);
        return text;
    }

    bool is_sound() const { return is_sound_; }
    bool is_at_end() const { return is_sound_ && rest_.empty(); }

  private:
    std::optional<std::uint32_t> fail() {
        is_sound_ = false;
        rest_ = {};
        return std::nullopt;
    }
    std::string_view rest_;
    bool is_sound_ = true;
};

// "sk-ssh-ed25519@openssh.com" is "ssh-ed25519" in a token.
bool is_token(std::string_view type) {
    return type.starts_with("sk-") && type.ends_with(kTokenSuffix);
}
std::string_view bare_type(std::string_view type) {
    if (!is_token(type)) return type;
    type.remove_prefix(3);
    type.remove_suffix(kTokenSuffix.size());
    return type;
}

Result<JoseKey> read_key(std::string_view type, WireReader& reader) {
    if (type == "ssh-ed25519") return JoseKey::from_ed25519(reader.string(), {});
    if (type == "ssh-rsa") {
        RsaParts parts;
        parts.exponent = reader.unsigned_number();
        parts.modulus = reader.unsigned_number();
        if (parts.modulus.size() < kFewestRsaBytes)
            return Error{"SSH key: RSA keys have at least 2048 bits"};
        return JoseKey::from_rsa(parts);
    }
    const EcCurve* const curve = find_curve(type);
    if (curve == nullptr)
        return Error{"SSH key: '" + std::string(type) +
                     "' is not taken; there are ssh-ed25519, ecdsa-sha2-nistp*, ssh-rsa and their "
                     "forms in security tokens"};
    const std::string_view name = reader.string();
    const std::string_view point = reader.string();
    // SEC 1, section 2.3.3: a point that is not compressed.
    if (name != curve->name || point.size() != 1 + 2 * curve->bytes || point[0] != 4)
        return Error{"SSH key: wrong curve or point"};
    return JoseKey::from_ec({std::string(curve->curve),
                             std::string(point.substr(1, curve->bytes)),
                             std::string(point.substr(1 + curve->bytes)),
                             {}});
}

std::string left_filled(std::string_view number, std::size_t size) {
    return std::string(size - std::min(size, number.size()), '\0') + std::string(number);
}

// RFC 5656, section 3.1.2: two numbers; JOSE has them side by side.
std::optional<std::string> joined_numbers(std::string_view bytes, std::size_t size) {
    WireReader reader(bytes);
    const std::string_view r = reader.unsigned_number(), s = reader.unsigned_number();
    if (!reader.is_at_end() || r.size() > size || s.size() > size) return std::nullopt;
    return left_filled(r, size) + left_filled(s, size);
}

std::string wire_string(std::string_view text) {
    std::string out;
    const auto size = static_cast<std::uint32_t>(text.size());
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(size >> shift & 0xFF);
    return out.append(text);
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kSpace = " \t\r\n";
    const std::size_t begin = text.find_first_not_of(kSpace);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

Result<std::string> dearmored(std::string_view armored) {
    if (armored.size() > kMaxArmoredBytes) return Error{"SSH signature: too large"};
    armored = trimmed(armored);
    if (!armored.starts_with(kBegin) || !armored.ends_with(kEnd) ||
        armored.size() < kBegin.size() + kEnd.size()) {
        return Error{"SSH signature: expected '" + std::string(kBegin) + "' … '" +
                     std::string(kEnd) + "'"};
    }
    armored.remove_prefix(kBegin.size());
    armored.remove_suffix(kEnd.size());
    std::string base64;
    for (const char c : armored)
        if (c != '\n' && c != '\r') base64 += c;
    return text::decode_base64(base64, text::Base64Alphabet::kStandard);
}

}  // namespace

Result<SshKey> SshKey::from_blob(std::string_view blob) {
    if (blob.size() > kMaxKeyBytes) return Error{"SSH key: too large"};
    WireReader reader(blob);
    const std::string_view type = reader.string();
    JoseKey key = MERLON_TRY(read_key(bare_type(type), reader));
    if (is_token(type) && bare_type(type) == "ssh-rsa")
        return Error{"SSH key: security tokens have no RSA keys"};
    const std::string_view application = is_token(type) ? reader.string() : std::string_view();
    if (!reader.is_at_end()) return Error{"SSH key: cut, or something stands behind it"};
    SshKey made(std::string(type), std::string(blob), std::move(key));
    made.application_ = application;
    return made;
}

Result<SshKey> SshKey::parse(std::string_view line) {
    line = trimmed(line);
    const std::size_t space = line.find_first_of(" \t");
    if (space == std::string_view::npos)
        return Error{"SSH key: expected a line such as 'ssh-ed25519 AAAA… comment'"};
    const std::string_view type = line.substr(0, space);
    line = trimmed(line.substr(space));
    const std::string_view base64 = line.substr(0, line.find_first_of(" \t"));
    if (base64.size() > 2 * kMaxKeyBytes) return Error{"SSH key: too large"};
    const std::string blob =
        MERLON_TRY(text::decode_base64(base64, text::Base64Alphabet::kStandard));
    SshKey key = MERLON_TRY(from_blob(blob));
    if (key.type_ != type) return Error{"SSH key: the line and the key name different types"};
    return key;
}

std::string SshKey::text() const {
    return type_ + ' ' + text::encode_base64(blob_, text::Base64Alphabet::kStandard);
}

std::string SshKey::fingerprint() const {
    std::string base64 =
        text::encode_base64(sha256(blob_).bytes(), text::Base64Alphabet::kStandard);
    while (base64.ends_with('=')) base64.pop_back();
    return "SHA256:" + base64;
}

bool SshKey::verifies(std::string_view message, std::string_view signature) const {
    WireReader reader(signature);
    const std::string_view algorithm = reader.string();
    const std::string_view bytes = reader.string();
    const std::string_view bare = bare_type(type_);
    std::string signed_bytes(message);
    if (is_token(type_)) {
        // PROTOCOL.u2f, "SSH U2F Signatures".
        const auto flags = reader.byte();
        const auto counter = reader.number();
        if (!flags || !counter || (*flags & kUserPresent) == 0) return false;
        signed_bytes = std::string(sha256(application_).bytes());
        signed_bytes += static_cast<char>(*flags);
        for (int shift = 24; shift >= 0; shift -= 8)
            signed_bytes += static_cast<char>(*counter >> shift & 0xFF);
        signed_bytes += sha256(message).bytes();
    }
    if (!reader.is_at_end()) return false;
    if (bare == "ssh-rsa") {
        // RFC 8332; "ssh-rsa" itself would be SHA-1.
        if (algorithm != "rsa-sha2-256" && algorithm != "rsa-sha2-512") return false;
        const HashName hash = algorithm == "rsa-sha2-256" ? HashName::kSha256 : HashName::kSha512;
        return key_.verifies({SignatureFamily::kRsaPkcs1, hash}, signed_bytes, bytes);
    }
    if (algorithm != type_) return false;
    if (bare == "ssh-ed25519")
        return key_.verifies({SignatureFamily::kEd25519, HashName::kSha512}, signed_bytes, bytes);
    const EcCurve& curve = *find_curve(bare);
    const auto numbers = joined_numbers(bytes, curve.bytes);
    return numbers && key_.verifies({SignatureFamily::kEcdsa, curve.hash}, signed_bytes, *numbers);
}

// PROTOCOL.sshsig, sections 2 and 3.
Result<SshKey> verify_ssh_signature(std::string_view armored, std::string_view name_space,
                                    std::string_view message) {
    const std::string bytes = MERLON_TRY(dearmored(armored));
    if (!bytes.starts_with(kMagic)) return Error{"SSH signature: not one"};
    WireReader reader(std::string_view(bytes).substr(kMagic.size()));
    const auto version = reader.number();
    const std::string_view blob = reader.string();
    const std::string_view found_space = reader.string();
    const std::string_view reserved = reader.string();
    const std::string_view hash_name = reader.string();
    const std::string_view signature = reader.string();
    if (!reader.is_at_end()) return Error{"SSH signature: cut, or something stands behind it"};
    if (version != 1U) return Error{"SSH signature: of a version that is not known"};
    if (found_space != name_space)
        return Error{"SSH signature: made for '" + std::string(found_space) + "', not for '" +
                     std::string(name_space) + "'"};
    if (hash_name != "sha256" && hash_name != "sha512")
        return Error{"SSH signature: of a hash that is not taken; there are sha256 and sha512"};
    SshKey key = MERLON_TRY(SshKey::from_blob(blob));
    const HashName hash_kind = hash_name == "sha256" ? HashName::kSha256 : HashName::kSha512;
    const std::string signed_bytes = std::string(kMagic) + wire_string(found_space) +
                                     wire_string(reserved) + wire_string(hash_name) +
                                     wire_string(hash(hash_kind, message));
    if (!key.verifies(signed_bytes, signature))
        return Error{"SSH signature: it is not of these bytes by this key"};
    return key;
}

}  // namespace merlon::crypto
