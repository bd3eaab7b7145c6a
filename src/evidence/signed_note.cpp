#include "evidence/signed_note.h"

#include <fmt/core.h>

#include <charconv>
#include <cstring>
#include <vector>

#include "base/hex.h"
#include "crypto/digest.h"
#include "text/base64.h"

namespace merlon::evidence {
namespace {

constexpr std::string_view kSecretPrefix = "PRIVATE+KEY+";
constexpr std::string_view kSignaturePrefix = "\xE2\x80\x94 ";  // an em dash and a space
constexpr char kEd25519 = 0x01;                                 // signed-note, "Signatures"
constexpr std::size_t kNumberBytes = 4;
constexpr std::size_t kMaxNoteBytes = 64 << 10;
constexpr std::size_t kMaxNameBytes = 200;

template <typename Key>
std::string_view view(const Key& key) {
    return {reinterpret_cast<const char*>(key.data()), key.size()};
}

std::string base64(std::string_view bytes) {
    return text::encode_base64(bytes, text::Base64Alphabet::kStandard);
}

// signed-note: the first four bytes of SHA-256(name, line break, kind of signature, public key).
std::string key_number(std::string_view name, const crypto::PublicKey& key) {
    std::string hashed(name);
    hashed += '\n';
    hashed += kEd25519;
    hashed += view(key);
    return std::string(crypto::sha256(hashed).bytes().substr(0, kNumberBytes));
}

bool is_name(std::string_view name) {
    if (name.empty() || name.size() > kMaxNameBytes) return false;
    for (const char c : name)
        if (static_cast<unsigned char>(c) <= ' ' || c == '+' || c == 0x7F) return false;
    return true;
}

struct KeyParts {
    std::string name, number;
    std::array<std::uint8_t, 32> key{};
};

// "NAME+NUMBER+BASE64(kind, 32 bytes)"
Result<KeyParts> parse_key(std::string_view text) {
    const Error wrong{"no key of a signed note: NAME+NUMBER+BASE64 is one, with Ed25519"};
    const std::size_t first = text.find('+');
    if (first == std::string_view::npos || !is_name(text.substr(0, first))) return wrong;
    const std::size_t second = text.find('+', first + 1);
    if (second == std::string_view::npos) return wrong;
    const auto number = crypto::from_hex(text.substr(first + 1, second - first - 1));
    const auto bytes =
        text::decode_base64(text.substr(second + 1), text::Base64Alphabet::kStandard);
    KeyParts parts;
    if (!number.ok() || number.value().size() != kNumberBytes || !bytes.ok() ||
        bytes.value().size() != parts.key.size() + 1 || bytes.value()[0] != kEd25519)
        return wrong;
    parts.name = text.substr(0, first);
    parts.number = number.value();
    std::memcpy(parts.key.data(), bytes.value().data() + 1, parts.key.size());
    return parts;
}

template <typename Key>
std::string key_text(std::string_view name, const std::string& number, const Key& key) {
    return fmt::format("{}+{}+{}", name, to_hex(number),
                       base64(std::string(1, kEd25519) + std::string(view(key))));
}

// The next line of `rest` without its break, which has to be there.
Result<std::string_view> next_line(std::string_view& rest) {
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) return Error{"a checkpoint that is cut short"};
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    return line;
}

Result<Checkpoint> parse_text(std::string_view text) {
    Checkpoint made;
    made.origin = MERLON_TRY(next_line(text));
    const std::string_view size = MERLON_TRY(next_line(text));
    const std::string_view root = MERLON_TRY(next_line(text));
    if (made.origin.empty()) return Error{"a checkpoint without an origin"};
    const char* const end = size.data() + size.size();
    const auto read = std::from_chars(size.data(), end, made.size);
    const bool is_plain = size == "0" || (!size.empty() && size[0] != '0');
    if (read.ec != std::errc{} || read.ptr != end || !is_plain)
        return Error{"a checkpoint whose second line is no size"};
    const auto bytes = text::decode_base64(root, text::Base64Alphabet::kStandard);
    const auto hash = bytes.ok() ? tree_hash(bytes.value()) : std::nullopt;
    if (!hash) return Error{"a checkpoint whose third line is no SHA-256"};
    made.root = *hash;
    return made;
}

// What the line says of the text, as far as this key is concerned.
Result<NoteSignature> check_line(std::string_view line, std::string_view text,
                                 const NoteVerifier* verifier) {
    const Error wrong{"a checkpoint with a line that is no signature"};
    if (!line.starts_with(kSignaturePrefix)) return wrong;
    line.remove_prefix(kSignaturePrefix.size());
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos || !is_name(line.substr(0, space))) return wrong;
    const auto bytes = text::decode_base64(line.substr(space + 1), text::Base64Alphabet::kStandard);
    if (!bytes.ok() || bytes.value().size() <= kNumberBytes) return wrong;
    const std::string_view number = std::string_view(bytes.value()).substr(0, kNumberBytes);
    if (verifier == nullptr || line.substr(0, space) != verifier->name ||
        number != key_number(verifier->name, verifier->key))
        return NoteSignature::kByOthers;
    crypto::Signature signature{};
    if (bytes.value().size() != kNumberBytes + signature.size()) return NoteSignature::kInvalid;
    std::memcpy(signature.data(), bytes.value().data() + kNumberBytes, signature.size());
    return crypto::is_signed_by(verifier->key, text, signature) ? NoteSignature::kValid
                                                                : NoteSignature::kInvalid;
}

Result<std::string> signature_line(std::string_view text, const NoteSigner& signer) {
    const NoteVerifier verifier = MERLON_TRY(verifier_of(signer));
    const crypto::Signature signature = MERLON_TRY(crypto::sign(signer.secret, text));
    const std::string bytes =
        key_number(verifier.name, verifier.key) + std::string(view(signature));
    return fmt::format("{}{} {}\n", kSignaturePrefix, signer.name, base64(bytes));
}

}  // namespace

std::string number_text(const NoteVerifier& verifier) {
    return to_hex(key_number(verifier.name, verifier.key));
}

std::string short_name(const NoteVerifier& verifier) {
    return verifier.name + "+" + number_text(verifier);
}

std::string to_string(const NoteVerifier& verifier) {
    return key_text(verifier.name, key_number(verifier.name, verifier.key), verifier.key);
}

Result<NoteVerifier> parse_verifier(std::string_view text) {
    const KeyParts parts = MERLON_TRY(parse_key(text));
    NoteVerifier verifier{.name = parts.name, .key = parts.key};
    if (parts.number != key_number(verifier.name, verifier.key))
        return Error{"the key's number is not that of its name and bytes: was it copied whole?"};
    return verifier;
}

std::string to_string(const NoteSigner& signer) {
    const Result<NoteVerifier> verifier = verifier_of(signer);
    if (!verifier.ok()) return {};
    return std::string(kSecretPrefix) +
           key_text(signer.name, key_number(signer.name, verifier.value().key), signer.secret);
}

Result<NoteSigner> parse_signer(std::string_view text) {
    if (!text.starts_with(kSecretPrefix)) return Error{"no secret key of a signed note"};
    const KeyParts parts = MERLON_TRY(parse_key(text.substr(kSecretPrefix.size())));
    NoteSigner signer{.name = parts.name, .secret = parts.key};
    const NoteVerifier verifier = MERLON_TRY(verifier_of(signer));
    if (parts.number != key_number(verifier.name, verifier.key))
        return Error{"the secret key's number is not that of its name and bytes"};
    return signer;
}

Result<NoteVerifier> verifier_of(const NoteSigner& signer) {
    return NoteVerifier{.name = signer.name,
                        .key = MERLON_TRY(crypto::public_key_of(signer.secret))};
}

Result<NoteSigner> make_signer() {
    constexpr std::size_t kNameBytes = 8;
    const std::string number = MERLON_TRY(crypto::random_bytes(kNameBytes));
    return make_signer("merlon.local/audit/" + to_hex(number));
}

Result<NoteSigner> make_signer(std::string_view name) {
    return NoteSigner{.name = std::string(name), .secret = MERLON_TRY(crypto::make_secret_key())};
}

Result<std::string> sign_note(std::string_view text, const NoteSigner& signer) {
    return fmt::format("{}\n{}", text, MERLON_TRY(signature_line(text, signer)));
}

Result<std::string> countersign_note(std::string_view note, const NoteSigner& signer) {
    const SignedText read = MERLON_TRY(read_note(note, nullptr));
    return std::string(note) + MERLON_TRY(signature_line(read.text, signer));
}

std::string to_text(const Checkpoint& checkpoint) {
    return fmt::format("{}\n{}\n{}\n", checkpoint.origin, checkpoint.size,
                       base64(bytes_of(checkpoint.root)));
}

Result<SignedText> read_note(std::string_view note, const NoteVerifier* verifier) {
    if (note.size() > kMaxNoteBytes) return Error{"a checkpoint that is too long"};
    const std::size_t empty_line = note.rfind("\n\n");
    if (empty_line == std::string_view::npos) return Error{"a checkpoint without signatures"};
    SignedText made{.text = note.substr(0, empty_line + 1)};
    std::string_view rest = note.substr(empty_line + 2);
    if (rest.empty()) return Error{"a checkpoint without signatures"};
    while (!rest.empty()) {
        const std::string_view line = MERLON_TRY(next_line(rest));
        const NoteSignature said = MERLON_TRY(check_line(line, made.text, verifier));
        // One wrong line of the key is enough to believe nothing of it.
        if (said == NoteSignature::kByOthers || made.signature == NoteSignature::kInvalid) continue;
        made.signature = said;
    }
    return made;
}

Result<SignedCheckpoint> read_checkpoint(std::string_view note, const NoteVerifier* verifier) {
    const SignedText read = MERLON_TRY(read_note(note, verifier));
    return SignedCheckpoint{.checkpoint = MERLON_TRY(parse_text(read.text)),
                            .signature = read.signature};
}

}  // namespace merlon::evidence
