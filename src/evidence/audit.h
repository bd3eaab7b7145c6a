#pragma once

// The audit log for others: signed checkpoints, an export that is checked without the store, and
// proofs of single events.
//
// The idea: a checkpoint says under a signature which events there are, all of them in one hash.
// Who keeps one elsewhere can tell, for ever, whether a later log goes on from it. Before one is
// signed the log is checked against the last: this key never vouches for two histories.
// The key can be changed (evidence/key_rotation.h).
//
// The export is lines of JSON: a head (format, key), the checkpoints, the events. A proof is
// C2SP's tlog-proof with the event's bytes (evidence/event_log.h) as `extra`.
//
// Not thread-safe: the connection belongs to one thread. Cost: all of the log is read and hashed,
// some 2 microseconds an event.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/database.h"
#include "evidence/event_log.h"
#include "evidence/log_check.h"
#include "evidence/signed_note.h"

namespace merlon::evidence {

// The key in the file, which is made where it is not there yet, for its owner alone. Fails where
// others may read it.
Result<NoteSigner> audit_signer(const std::string& path);
// The one that signs this log now: in that file, or beside it as "FILE.KEYNUMBER", where a change
// puts it. One that was never signed gets the key of the file. Fails where it is in neither.
Result<NoteSigner> log_signer(Database& database, const std::string& path);
// The same of a key that is named; nothing where it is in neither.
Result<std::optional<NoteSigner>> find_signer(const NoteVerifier& key, const std::string& path);
// A new file, for its owner alone.
Status write_key_file(const std::string& path, const NoteSigner& signer);
std::string key_path_beside(const std::string& path, const NoteVerifier& key);

// Who signs, and when.
struct Signing {
    std::string actor;
    Timestamp now;
};
// Signs what the log is now, and keeps the note; the last one where nothing has come since. From
// the second one on an event tells of those before. Within a transaction. Fails where the log is
// not the one that was signed before.
Result<std::string> sign_log(Database& database, const NoteSigner& signer, const Signing& signing);

// Makes `next` the key of the log, which is checked before, and signs it with that; the checkpoint.
// Within a transaction. Without the old key it is a break.
struct KeyRotation {
    const NoteSigner* old = nullptr;  // null: it is lost
    const NoteSigner& next;
    std::string reason = {};
};
Result<std::string> rotate_key(Database& database, const KeyRotation& rotation,
                               const Signing& signing);

// Hands the export over line by line.
Status export_log(Database& database, const std::function<Status(std::string_view line)>& write);

struct AuditTrust {
    std::optional<NoteVerifier> key;  // nothing: the export's own, which whoever made it chose
    std::vector<std::int64_t> breaks = {};  // events that change the key without the old one
    struct Note {
        std::string name, text;
    };
    std::vector<Note> notes;  // checkpoints that were kept elsewhere
};

// A checker that expects the checkpoints of the store and of `trust`, for who reads the events.
Result<LogChecker> log_checker(Database& database, const AuditTrust& trust, const UseProblem& use);

// Reads the whole log of the store; each row or checkpoint that is not as it was written is a
// problem.
Result<LogSummary> check_log(Database& database, const AuditTrust& trust, const UseProblem& use);

struct AuditVerdict {
    LogSummary log;
    NoteVerifier key;
};

// A report of the log and the export behind it are a bundle: a first line, the report in one line,
// the export. The report's digest is in an event of the kind kAuditReport, so that the log vouches
// for it.
std::string report_event_body(std::string_view digest);
std::string bundle_head();

// Of an export, or a bundle. Fails, with the line, for what is neither; everything else that is
// wrong is a problem.
Result<AuditVerdict> verify_export(std::string_view bytes, const AuditTrust& trust,
                                   const UseProblem& use);

// That the event is in the log of the last checkpoint. Fails where no checkpoint covers it.
Result<std::string> prove_event(Database& database, std::int64_t seq);

struct ProvenEvent {
    Event event;
    Checkpoint checkpoint;
    bool is_signed = false;  // by the verifier
    std::string problem;     // why the event is not as it was written; empty: it is
};
bool is_event_proof(std::string_view bytes);
// Fails where it cannot be read. It has a problem unless it leads to the checkpoint's root and,
// where a verifier is given, the checkpoint is signed by it.
Result<ProvenEvent> verify_event_proof(std::string_view bytes, const NoteVerifier* verifier);

}  // namespace merlon::evidence
