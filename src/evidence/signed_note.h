#pragma once

// Signed notes and checkpoints (c2sp.org/signed-note, c2sp.org/tlog-checkpoint), with Ed25519.
//
// The idea: a note is text, an empty line, and signature lines that name their key; a checkpoint is
// a note of three lines: which log, how many entries, the root of its tree. Keys have a name and a
// number of four bytes that follows from name and key; a line of an unknown key says nothing, good
// or bad.
//
// Thread-safe: no state. Reading is bounded and strict: equal notes have equal bytes.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/signature.h"
#include "evidence/merkle.h"

namespace merlon::evidence {

// Who vouches. As text "NAME+KEYNUMBER+BASE64", as Go's sumdb/note writes it.
struct NoteVerifier {
    std::string name;
    crypto::PublicKey key{};
    bool operator==(const NoteVerifier&) const = default;
};
std::string to_string(const NoteVerifier& verifier);
// "NAME+KEYNUMBER", for messages: keys of one log may have one name.
std::string short_name(const NoteVerifier& verifier);
std::string number_text(const NoteVerifier& verifier);
Result<NoteVerifier> parse_verifier(std::string_view text);

// A secret one: "PRIVATE+KEY+NAME+KEYNUMBER+BASE64".
struct NoteSigner {
    std::string name;
    crypto::SecretKey secret{};
};
std::string to_string(const NoteSigner& signer);
Result<NoteSigner> parse_signer(std::string_view text);
Result<NoteVerifier> verifier_of(const NoteSigner& signer);
// With a name that no other has: "merlon.local/audit/" and sixteen digits.
Result<NoteSigner> make_signer();
// One more of that name.
Result<NoteSigner> make_signer(std::string_view name);

// `text` ends in a line break.
Result<std::string> sign_note(std::string_view text, const NoteSigner& signer);
// The note with one line more, by another one.
Result<std::string> countersign_note(std::string_view note, const NoteSigner& signer);

struct Checkpoint {
    std::string origin;
    std::uint64_t size = 0;
    TreeHash root{};
};
std::string to_text(const Checkpoint& checkpoint);

enum class NoteSignature : std::uint8_t {
    kValid,
    kInvalid,   // by this key, and not over this text
    kByOthers,  // no line of this key
};
struct SignedCheckpoint {
    Checkpoint checkpoint;
    NoteSignature signature = NoteSignature::kByOthers;  // of the verifier
};
struct SignedText {
    std::string_view text;
    NoteSignature signature = NoteSignature::kByOthers;  // of the verifier
};
// Fails for what is no note at all. `verifier` may be null: then nothing is by it.
Result<SignedText> read_note(std::string_view note, const NoteVerifier* verifier);
// Fails for what is no checkpoint at all. `verifier` may be null: then nothing is by it.
Result<SignedCheckpoint> read_checkpoint(std::string_view note, const NoteVerifier* verifier);

}  // namespace merlon::evidence
