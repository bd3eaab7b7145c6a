#include "evidence/audit.h"

#include <fmt/core.h>

#include "base/hex.h"
#include "crypto/digest.h"
#include "evidence/audit_lines.h"
#include "evidence/key_rotation.h"
#include "exchange/field_reader.h"
#include "exchange/plain_fields.h"
#include "text/json.h"

namespace merlon::evidence {
namespace {

constexpr std::string_view kFormat = "merlon/audit-export/v1";
constexpr std::string_view kBundleHead = "{\"format\":\"merlon/audit-report/v1\"}\n";

using UseNote = std::function<void(std::string_view note, std::int64_t size)>;

Status each_note(Database& database, const UseNote& use) {
    return database.each_row("SELECT note, size FROM checkpoint ORDER BY size", {},
                             [&](Cells row) { use(text_of(row[0]), integer_of(row[1])); });
}

// --- the lines of an export ---

std::string head_line(const std::optional<NoteVerifier>& key) {
    std::string line;
    text::JsonWriter json(line);
    json.begin_object().member("format", kFormat);
    if (key) json.member("key", to_string(*key));
    json.end_object();
    return line + "\n";
}

std::string hash_in(const value::Value& object, std::string_view key,
                    exchange::FieldReader& fields) {
    const Result<std::string> bytes = crypto::from_hex(fields.text(object, key));
    if (bytes.ok() && bytes.value().size() == kEventHashBytes) return bytes.value();
    fields.fail("expected 64 hexadecimal digits as " + std::string(key), object.find(key));
    return {};
}

void trust_in(const AuditTrust& trust, LogChecker& checker) {
    if (trust.key) checker.trust(*trust.key);
    for (const std::int64_t event : trust.breaks) checker.accept_break(event);
}

// Reads lines in their order: a head, checkpoints, events.
class ExportReader {
  public:
    ExportReader(const AuditTrust& trust, const UseProblem& use)
        : trust_(trust), use_(use), checker_(use) {}

    Status take(std::string_view line) {
        line_ = line;
        ++number_;
        Status read =
            exchange::read_fields(line, exchange::RecordSyntax::kJson,
                                  [this](const value::Value& root, exchange::FieldReader& fields) {
                                      if (!fields.is_object(root)) return;
                                      if (!has_head_) return take_head(root, fields);
                                      if (root.find("checkpoint") != nullptr)
                                          return take_note(root, fields);
                                      take_event(root, fields);
                                  });
        return read;
    }

    // One of the events has to tell of the report with this digest.
    void expect_report(std::string digest) {
        report_ = std::move(digest);
        number_ = 2;
    }

    Result<AuditVerdict> finish() {
        if (!report_.empty())
            use_("the report is not one that the log tells of: it was changed, or is another's");
        if (!has_head_) return Error{"an audit export without its first line"};
        if (!has_events_ && !has_notes_)
            use_("the export has neither events nor a checkpoint, so it proves nothing");
        verdict_.log = checker_.finish();
        const std::uint64_t behind = verdict_.log.events - verdict_.log.signed_events;
        if (behind > 0)
            use_(fmt::format("no checkpoint vouches for the last {} of {} events", behind,
                             verdict_.log.events));
        return verdict_;
    }

  private:
    void take_head(const value::Value& root, exchange::FieldReader& fields) {
        if (fields.text(root, "format") != kFormat)
            return fields.fail("not an audit export; 'merlon audit export' writes one", &root);
        has_head_ = true;
        const std::string text = fields.text(root, "key");
        const Result<NoteVerifier> key = parse_verifier(text);
        if (!key.ok()) return fields.fail(key.error().message, root.find("key"));
        verdict_.key = trust_.key ? *trust_.key : key.value();
        compare(head_line(key.value()));
        checker_.begin_with(key.value());
        trust_in(trust_, checker_);
        using By = LogChecker::By;
        for (const AuditTrust::Note& note : trust_.notes)
            checker_.expect(note.text, trust_.key ? By::kLogKey : By::kAnybody, note.name);
    }

    void take_note(const value::Value& root, exchange::FieldReader& fields) {
        if (has_events_) return fields.fail("a checkpoint behind events", &root);
        has_notes_ = true;
        const std::string note = fields.text(root, "checkpoint");
        compare(checkpoint_line(note));
        checker_.expect_own(note, "the export");
    }

    void take_event(const value::Value& root, exchange::FieldReader& fields) {
        has_events_ = true;
        Event event;
        event.seq = exchange::integer_in(root, "seq", fields).value_or(0);
        event.at_ms = exchange::integer_in(root, "atMs", fields).value_or(0);
        event.actor = fields.text(root, "actor");
        event.kind = fields.text(root, "kind");
        event.body = fields.text(root, "body");
        event.before = hash_in(root, "before", fields);
        event.hash = hash_in(root, "hash", fields);
        if (fields.problem()) return;
        compare(event_line(event));
        if (event.kind == event_kind::kAuditReport && event.body == report_event_body(report_))
            report_.clear();
        checker_.take(event);
    }

    // What stands in a line beside what was signed, a member more or one twice, might be read as
    // signed by somebody else: a line is as an export writes it, to the byte.
    void compare(std::string_view expected) {
        if (expected.substr(0, expected.size() - 1) != line_)
            use_(fmt::format("line {} has more, or other words, than what is signed", number_));
    }

    const AuditTrust& trust_;
    const UseProblem& use_;
    LogChecker checker_;
    AuditVerdict verdict_;
    bool has_head_ = false;
    bool has_events_ = false;
    bool has_notes_ = false;
    std::string report_;  // that no event has told of yet
    std::string_view line_;
    std::uint32_t number_ = 0;
};

}  // namespace

std::string report_event_body(std::string_view digest) {
    std::string body;
    text::JsonWriter(body).begin_object().member("report", digest).end_object();
    return body;
}

std::string bundle_head() { return std::string(kBundleHead); }

std::string checkpoint_line(std::string_view note) {
    std::string line;
    text::JsonWriter(line).begin_object().member("checkpoint", note).end_object();
    return line + "\n";
}

std::string event_line(const Event& event) {
    std::string line;
    text::JsonWriter json(line);
    json.begin_object().key("seq").integer(event.seq).key("atMs").integer(event.at_ms);
    json.member("actor", event.actor).member("kind", event.kind).member("body", event.body);
    json.member("before", to_hex(event.before)).member("hash", to_hex(event.hash)).end_object();
    return line + "\n";
}

namespace {

enum class MayBeUnsigned : std::uint8_t { kNo, kYes };

Result<LogChecker> checker_of(Database& database, const AuditTrust& trust, const UseProblem& use,
                              MayBeUnsigned may_be_unsigned) {
    LogChecker checker(use);
    const std::optional<NoteVerifier> own_key = MERLON_TRY(first_key(database));
    if (const auto& first = own_key ? own_key : trust.key) checker.begin_with(*first);
    trust_in(trust, checker);
    for (const AuditTrust::Note& note : trust.notes)
        checker.expect(note.text, LogChecker::By::kLogKey, note.name);
    bool has_notes = false;
    MERLON_TRY(each_note(database, [&](std::string_view note, std::int64_t size) {
        has_notes = true;
        checker.expect_own(note, "the store");
        const Result<SignedCheckpoint> read = read_checkpoint(note, nullptr);
        if (read.ok() && read.value().checkpoint.size != static_cast<std::uint64_t>(size))
            use(fmt::format("the store has a checkpoint of {} events as one of {}",
                            read.value().checkpoint.size, size));
    }));
    if (own_key && !has_notes && may_be_unsigned == MayBeUnsigned::kNo)
        use("the store has the key that its log was signed with, and no checkpoint: they were "
            "taken out");
    return checker;
}

// The checkpoints that no event tells of yet: each was signed with the event before it as its last
// one, so they are those that are as long as the latest of these events.
Status tell_of_checkpoints(Database& database, const Signing& signing) {
    const std::int64_t last = MERLON_TRY(database.number(
        "SELECT coalesce(max(seq), 0) FROM event WHERE kind = $1", {event_kind::kCheckpoint}, 0));
    std::string body;
    text::JsonWriter json(body);
    json.begin_object().key("before").begin_array();
    std::size_t count = 0;
    MERLON_TRY(database.each_row(
        "SELECT size, note FROM checkpoint WHERE size >= $1 ORDER BY size", {last}, [&](Cells row) {
            ++count;
            json.begin_object().key("size").integer(integer_of(row[0]));
            json.member("note", crypto::sha256(text_of(row[1])).to_string()).end_object();
        }));
    json.end_array().end_object();
    if (count == 0) return {};
    MERLON_TRY(append_event(database, {.at = signing.now,
                                       .actor = signing.actor,
                                       .kind = event_kind::kCheckpoint,
                                       .body = std::move(body)}));
    return {};
}

}  // namespace

Result<LogChecker> log_checker(Database& database, const AuditTrust& trust, const UseProblem& use) {
    return checker_of(database, trust, use, MayBeUnsigned::kNo);
}

Result<LogSummary> check_log(Database& database, const AuditTrust& trust, const UseProblem& use) {
    LogChecker checker = MERLON_TRY(log_checker(database, trust, use));
    MERLON_TRY(
        each_event(database, 0, kAllEvents, [&](const Event& event) { checker.take(event); }));
    return checker.finish();
}

Result<std::string> sign_log(Database& database, const NoteSigner& signer, const Signing& signing) {
    const std::string key = to_string(MERLON_TRY(verifier_of(signer)));
    const bool was_signed = MERLON_TRY(first_key(database)).has_value();
    MERLON_TRY(database.run(
        "INSERT INTO meta (name, value) VALUES ('audit_key', $1) ON CONFLICT (name) DO NOTHING",
        {std::string_view(key)}));
    const std::optional<NoteVerifier> now = MERLON_TRY(signing_key(database));
    if (!now || to_string(*now) != key) {
        return Error{fmt::format(
            "this log was signed with the key {} until now, and the one at hand is {}; put the "
            "first one's file back",
            now ? short_name(*now) : "", short_name(MERLON_TRY(verifier_of(signer))))};
    }
    std::string note;
    MERLON_TRY(database.each_row(
        "SELECT note FROM checkpoint WHERE size = (SELECT coalesce(max(seq), 0) FROM event)", {},
        [&](Cells row) { note = text_of(row[0]); }));
    if (note.empty()) MERLON_TRY(tell_of_checkpoints(database, signing));
    std::string problem;
    const UseProblem keep_first = [&](std::string_view text) {
        if (problem.empty()) problem = text;
    };
    LogChecker checker = MERLON_TRY(checker_of(
        database, {}, keep_first, was_signed ? MayBeUnsigned::kNo : MayBeUnsigned::kYes));
    checker.accept_all_breaks();  // who verifies is told of them
    if (note.empty()) checker.expect_signature();
    MERLON_TRY(
        each_event(database, 0, kAllEvents, [&](const Event& event) { checker.take(event); }));
    const LogSummary log = checker.finish();
    if (!problem.empty()) return Error{"the audit log is not signed: " + problem};
    if (!note.empty()) return note;
    const auto size = static_cast<std::int64_t>(log.events);
    note = MERLON_TRY(
        sign_note(to_text({.origin = signer.name, .size = log.events, .root = log.root}), signer));
    MERLON_TRY(database.run("INSERT INTO checkpoint (size, note) VALUES ($1, $2)",
                            {size, std::string_view(note)}));
    return note;
}

Result<std::string> rotate_key(Database& database, const KeyRotation& rotation,
                               const Signing& signing) {
    const std::optional<NoteVerifier> now = MERLON_TRY(signing_key(database));
    if (!now) return Error{"this log was never signed, so there is no key to be changed"};
    const NoteVerifier next = MERLON_TRY(verifier_of(rotation.next));
    if (next == *now) return Error{"this log is signed with that key already"};
    if (rotation.old != nullptr && MERLON_TRY(verifier_of(*rotation.old)) != *now)
        return Error{"this log is signed with " + short_name(*now) + ", and that is another key"};
    std::string problem;
    LogChecker checker = MERLON_TRY(log_checker(database, {}, [&](std::string_view text) {
        if (problem.empty()) problem = text;
    }));
    checker.accept_all_breaks();
    MERLON_TRY(
        each_event(database, 0, kAllEvents, [&](const Event& event) { checker.take(event); }));
    const LogSummary log = checker.finish();
    if (!problem.empty()) return Error{"the key of the audit log is not changed: " + problem};
    using Old = KeyChange::Old;
    const std::string text = to_text({.size = log.events,
                                      .root = log.root,
                                      .next = next,
                                      .old = rotation.old == nullptr ? Old::kLost : Old::kSigns});
    std::string note = MERLON_TRY(sign_note(text, rotation.next));
    if (rotation.old != nullptr) note = MERLON_TRY(countersign_note(note, *rotation.old));
    MERLON_TRY(append_event(database, {.at = signing.now,
                                       .actor = signing.actor,
                                       .kind = event_kind::kAuditKey,
                                       .body = key_change_body(note, rotation.reason)}));
    return sign_log(database, rotation.next, signing);
}

Status export_log(Database& database, const std::function<Status(std::string_view line)>& write) {
    const std::optional<NoteVerifier> key = MERLON_TRY(first_key(database));
    MERLON_TRY(write(head_line(key)));
    Status written;
    const auto put = [&](const std::string& line) {
        if (written.ok()) written = write(line);
    };
    MERLON_TRY(each_note(database,
                         [&](std::string_view note, std::int64_t) { put(checkpoint_line(note)); }));
    MERLON_TRY(
        each_event(database, 0, kAllEvents, [&](const Event& event) { put(event_line(event)); }));
    return written;
}

Result<AuditVerdict> verify_export(std::string_view bytes, const AuditTrust& trust,
                                   const UseProblem& use) {
    ExportReader reader(trust, use);
    std::uint32_t number = 0;
    if (bytes.starts_with(kBundleHead)) {
        bytes.remove_prefix(kBundleHead.size());
        const std::size_t end = std::min(bytes.find('\n'), bytes.size());
        reader.expect_report(crypto::sha256(bytes.substr(0, end)).to_string());
        bytes.remove_prefix(std::min(end + 1, bytes.size()));
        number = 2;
    }
    while (!bytes.empty()) {
        ++number;
        const std::size_t end = std::min(bytes.find('\n'), bytes.size());
        const std::string_view line = bytes.substr(0, end);
        bytes.remove_prefix(std::min(end + 1, bytes.size()));
        if (Status taken = reader.take(line); !taken.ok()) {
            Error error = std::move(taken).error();
            error.line = number;
            return error;
        }
    }
    return reader.finish();
}

}  // namespace merlon::evidence
