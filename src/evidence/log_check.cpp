#include "evidence/log_check.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/arena.h"
#include "base/interner.h"
#include "crypto/digest.h"
#include "evidence/key_rotation.h"
#include "text/json.h"
#include "text/utf8.h"

namespace merlon::evidence {

void LogChecker::begin_with(const NoteVerifier& key) { summary_.keys = {{.key = key}}; }

void LogChecker::trust(const NoteVerifier& key) { trusted_ = key; }

void LogChecker::expect(std::string_view note, By by, std::string_view whose) {
    const Result<SignedCheckpoint> read = read_checkpoint(note, nullptr);
    if (!read.ok()) return use_(fmt::format("{} has {}", whose, read.error().message));
    const Checkpoint& checkpoint = read.value().checkpoint;
    const bool has_signature = by == By::kLogKey && !summary_.keys.empty();
    expected_.emplace(checkpoint.size, Expected{checkpoint.root, std::string(whose),
                                                std::string(has_signature ? note : "")});
}

void LogChecker::expect_own(std::string_view note, std::string_view whose) {
    const Result<SignedCheckpoint> read = read_checkpoint(note, nullptr);
    if (!read.ok()) return expect(note, By::kLogKey, whose);  // which tells of it
    const std::uint64_t size = read.value().checkpoint.size;
    const auto [place, is_first] = own_.try_emplace(size, crypto::sha256(note).to_string());
    // A log signs each of its sizes once.
    if (!is_first) return use_(fmt::format("{} has a checkpoint of {} events twice", whose, size));
    expect(note, By::kLogKey, whose);
}

// By the key that the log has at its size, which is now.
bool LogChecker::is_signed(const Expected& expected) {
    if (expected.note.empty()) return true;
    const NoteVerifier& key = summary_.keys.back().key;
    const Result<SignedCheckpoint> read = read_checkpoint(expected.note, &key);
    if (!read.ok()) return false;  // expect() has read it
    const Checkpoint& checkpoint = read.value().checkpoint;
    const NoteSignature signature = read.value().signature;
    if (signature == NoteSignature::kInvalid)
        use_(fmt::format("{} has a checkpoint of {} events whose signature is wrong",
                         expected.whose, checkpoint.size));
    else if (signature == NoteSignature::kByOthers)
        use_(fmt::format("{} has a checkpoint of {} events that {} did not sign", expected.whose,
                         checkpoint.size, text::to_printable(short_name(key))));
    else if (checkpoint.origin != key.name)
        use_(fmt::format("{} has a checkpoint of another log, {}", expected.whose,
                         text::to_printable(checkpoint.origin)));
    else
        return true;
    return false;
}

void LogChecker::take_key(const Event& event) {
    if (event.kind != event_kind::kAuditKey) return;
    const auto wrong = [&](const std::string& what) {
        use_(fmt::format("event {} changes the key of the log, and {}", event.seq, what));
    };
    if (summary_.keys.empty()) return wrong("the log has none");
    const Result<ToldKeyChange> read = read_key_change(event);
    if (!read.ok()) return wrong("is forged or damaged: " + read.error().message);
    const auto& [note, change] = read.value();
    const std::string next = text::to_printable(to_string(change.next));
    const auto is_by = [&](const NoteVerifier& key) {
        const Result<SignedText> by = read_note(note, &key);
        return by.ok() && by.value().signature == NoteSignature::kValid;
    };
    if (change.size != tree_.size() || change.root != tree_.root())
        return wrong("was made for another log, or at another place of it");
    if (!is_by(change.next)) return wrong("is forged: " + next + " has not signed it");
    const NoteVerifier& old = summary_.keys.back().key;
    const bool is_lost = change.old == KeyChange::Old::kLost;
    if (!is_lost && !is_by(old))
        return wrong(
            fmt::format("is forged: {} has not signed it", text::to_printable(short_name(old))));
    if (is_lost && !accepts_all_ && !accepted_.contains(event.seq))
        wrong(fmt::format(
            "says that the one before is lost, so that nobody vouches for {}: whoever can write "
            "the store may have done that; ask those who did, and then accept it by its number",
            next));
    summary_.keys.push_back({.key = change.next, .since = event.seq, .is_break = is_lost});
}

void LogChecker::compare_accepted() {
    for (const std::int64_t event : accepted_) {
        const bool is_break = std::ranges::any_of(
            summary_.keys, [&](const LogKey& key) { return key.is_break && key.since == event; });
        if (!is_break)
            use_(fmt::format("event {} was to be accepted, and begins with no new key", event));
    }
}

void LogChecker::compare_trusted() {
    if (!trusted_ ||
        std::ranges::find(summary_.keys, *trusted_, &LogKey::key) != summary_.keys.end())
        return;
    use_(fmt::format(
        "the log never had the key that was asked for, {}: its key is {}, another key",
        text::to_printable(short_name(*trusted_)),
        summary_.keys.empty() ? "none" : text::to_printable(short_name(summary_.keys.back().key))));
}

void LogChecker::take_told(const Event& event) {
    if (event.kind != event_kind::kCheckpoint) return;
    last_told_ = event.seq;
    Arena arena;
    Interner interner;
    const auto body = text::read_json(event.body, arena, interner);
    const value::Value* const list = body.ok() ? body.value().root->find("before") : nullptr;
    if (list == nullptr || !list->is_array()) return;
    for (const value::Value& one : list->items()) {
        const value::Value* const size = one.find("size");
        const value::Value* const note = one.find("note");
        const bool is_told =
            size != nullptr && size->is_number() && note != nullptr && note->is_string();
        if (!is_told) continue;
        told_[static_cast<std::uint64_t>(size->as_integer().value_or(0))] = {
            .digest = std::string(note->as_string()), .event = event.seq};
    }
}

void LogChecker::compare_told() {
    for (const auto& [size, told] : told_) {
        const auto found = own_.find(size);
        if (found == own_.end())
            use_(fmt::format("the checkpoint of {} events is gone, of which event {} tells", size,
                             told.event));
        else if (found->second != told.digest)
            use_(fmt::format("the checkpoint of {} events is another than event {} tells of", size,
                             told.event));
    }
    const auto covering = own_.lower_bound(static_cast<std::uint64_t>(last_told_));
    if (last_told_ > 0 && covering == own_.end() && !is_about_to_be_signed_)
        use_(fmt::format("the checkpoint that was signed with event {} is gone", last_told_));
}

void LogChecker::compare_roots() {
    const auto [first, last] = expected_.equal_range(tree_.size());
    if (first == last) return;
    const TreeHash root = tree_.root();
    for (auto at = first; at != last; ++at) {
        if (!is_signed(at->second)) continue;
        if (at->second.root == root) {
            ++summary_.checkpoints;
            summary_.signed_events = tree_.size();
        } else {
            use_(fmt::format(
                "{} has a checkpoint of {} events that are not these: the log was rewritten, or it "
                "has forked",
                at->second.whose, tree_.size()));
        }
    }
    expected_.erase(first, last);
}

void LogChecker::take(const Event& event) {
    if (tree_.size() == 0) compare_roots();
    if (event.seq != next_)
        use_(fmt::format("event {} is missing from the audit log", next_));
    else if (event.before != before_)
        use_(fmt::format("event {} does not follow the one before it", event.seq));
    const std::string bytes = event_bytes(event);
    if (event_hash(event) != event.hash)
        use_(fmt::format("event {} is not as it was written", event.seq));
    take_told(event);
    take_key(event);
    tree_.append(leaf_hash(bytes));
    compare_roots();
    before_ = event.hash;
    next_ = event.seq == INT64_MAX ? event.seq : event.seq + 1;
}

LogSummary LogChecker::finish() {
    if (tree_.size() == 0) compare_roots();
    for (const auto& [size, expected] : expected_)
        use_(fmt::format("{} has a checkpoint of {} events, and the log has {}", expected.whose,
                         size, tree_.size()));
    compare_told();
    compare_trusted();
    compare_accepted();
    summary_.events = tree_.size();
    summary_.root = tree_.root();
    return summary_;
}

}  // namespace merlon::evidence
