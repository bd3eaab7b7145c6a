#pragma once

// The signing key of an audit log, and how it becomes another one.
//
// The idea: a change of key is an event of the log that has a note (evidence/signed_note.h): of how
// many events it comes behind, their root, and the new key, signed by the old key and the new one.
// Who trusts the first key is led to the last one by the log alone; nobody without the old key can
// make such an event, and none can be moved into another log. Where the old key is lost the new one
// signs alone: that is a break, which each verifier tells of, because a forger could do the same.
//
// The text of the note, a line each: "merlon/audit-key/v1", or "merlon/audit-key-lost/v1"; how many
// events are before it; their root in Base64; the new key as "NAME+KEYNUMBER+BASE64". Its first
// line is no log's origin, so that it can pass for no checkpoint.
//
// Thread-safe: no state.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/database.h"
#include "evidence/event_log.h"
#include "evidence/signed_note.h"

namespace merlon::evidence {

struct KeyChange {
    std::uint64_t size = 0;  // events before it
    TreeHash root{};         // of these
    NoteVerifier next;
    enum class Old : std::uint8_t { kSigns, kLost } old = Old::kSigns;
};
std::string to_text(const KeyChange& change);

// The note in the body of such an event, and what it says, whoever has signed it. Fails for what is
// none.
std::string key_change_body(std::string_view note, std::string_view reason);
struct ToldKeyChange {
    std::string note;
    KeyChange change;
};
Result<ToldKeyChange> read_key_change(const Event& event);

// The key that signs the log now: the last that it tells of; nothing where it never was signed.
Result<std::optional<NoteVerifier>> signing_key(Database& database);
// The events that changed it without the old one.
Result<std::vector<std::int64_t>> breaks_of_key(Database& database);
// The first one.
Result<std::optional<NoteVerifier>> first_key(Database& database);

}  // namespace merlon::evidence
