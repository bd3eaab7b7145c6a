#include "evidence/key_rotation.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "base/arena.h"
#include "base/interner.h"
#include "text/base64.h"
#include "text/json.h"

namespace merlon::evidence {
namespace {

constexpr std::string_view kKeyChange = "merlon/audit-key/v1";
constexpr std::string_view kLostKey = "merlon/audit-key-lost/v1";

std::string_view change_line(std::string_view& rest) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return line;
}

Result<KeyChange> parse_change(std::string_view text) {
    std::string_view rest = text;
    KeyChange made;
    const std::string_view kind = change_line(rest);
    if (kind == kLostKey)
        made.old = KeyChange::Old::kLost;
    else if (kind != kKeyChange)
        return Error{"its first line is another"};
    const std::string_view size = change_line(rest);
    const char* const end = size.data() + size.size();
    const auto read = std::from_chars(size.data(), end, made.size);
    if (size.empty() || read.ec != std::errc{} || read.ptr != end)
        return Error{"its second line is no size"};
    const auto bytes = text::decode_base64(change_line(rest), text::Base64Alphabet::kStandard);
    const auto root = bytes.ok() ? tree_hash(bytes.value()) : std::nullopt;
    if (!root) return Error{"its third line is no SHA-256"};
    made.root = *root;
    made.next = MERLON_TRY(parse_verifier(change_line(rest)));
    if (to_text(made) != text) return Error{"it has more than four lines, or others"};
    return made;
}

}  // namespace

std::string to_text(const KeyChange& change) {
    return fmt::format("{}\n{}\n{}\n{}\n",
                       change.old == KeyChange::Old::kLost ? kLostKey : kKeyChange, change.size,
                       text::encode_base64(bytes_of(change.root), text::Base64Alphabet::kStandard),
                       to_string(change.next));
}

std::string key_change_body(std::string_view note, std::string_view reason) {
    std::string body;
    text::JsonWriter json(body);
    json.begin_object().member("note", note);
    if (!reason.empty()) json.member("reason", reason);
    json.end_object();
    return body;
}

Result<ToldKeyChange> read_key_change(const Event& event) {
    Arena arena;
    Interner interner;
    const auto body = text::read_json(event.body, arena, interner);
    const value::Value* const note =
        body.ok() && body.value().root->is_object() ? body.value().root->find("note") : nullptr;
    if (note == nullptr || !note->is_string()) return Error{"it has no note"};
    ToldKeyChange made{.note = std::string(note->as_string()), .change = {}};
    const SignedText read = MERLON_TRY(read_note(made.note, nullptr));
    made.change = MERLON_TRY(parse_change(read.text));
    return made;
}

Result<std::optional<NoteVerifier>> first_key(Database& database) {
    std::string text;
    MERLON_TRY(database.each_row("SELECT value FROM meta WHERE name = 'audit_key'", {},
                                 [&](Cells row) { text = text_of(row[0]); }));
    if (text.empty()) return std::optional<NoteVerifier>();
    return std::optional<NoteVerifier>(MERLON_TRY(parse_verifier(text)));
}

Result<std::optional<NoteVerifier>> signing_key(Database& database) {
    std::optional<NoteVerifier> key = MERLON_TRY(first_key(database));
    Event last;
    MERLON_TRY(
        database.each_row("SELECT seq, body FROM event WHERE kind = $1 ORDER BY seq DESC LIMIT 1",
                          {event_kind::kAuditKey}, [&](Cells row) {
                              last.seq = integer_of(row[0]);
                              last.body = text_of(row[1]);
                          }));
    if (last.seq == 0) return key;
    Result<ToldKeyChange> told = read_key_change(last);
    if (!told.ok())
        return Error{fmt::format("event {} changes the log's key, and cannot be read: {}", last.seq,
                                 told.error().message)};
    return std::optional(std::move(told).value().change.next);
}

Result<std::vector<std::int64_t>> breaks_of_key(Database& database) {
    std::vector<std::int64_t> breaks;
    MERLON_TRY(database.each_row("SELECT seq, body FROM event WHERE kind = $1 ORDER BY seq",
                                 {event_kind::kAuditKey}, [&](Cells row) {
                                     Event event;
                                     event.seq = integer_of(row[0]);
                                     event.body = text_of(row[1]);
                                     const Result<ToldKeyChange> told = read_key_change(event);
                                     if (told.ok() &&
                                         told.value().change.old == KeyChange::Old::kLost)
                                         breaks.push_back(event.seq);
                                 }));
    return breaks;
}

}  // namespace merlon::evidence
