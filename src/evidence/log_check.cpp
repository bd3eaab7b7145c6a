#include "evidence/log_check.h"

#include <fmt/core.h>

#include "base/arena.h"
#include "base/interner.h"
#include "crypto/digest.h"
#include "text/json.h"
#include "text/utf8.h"

namespace merlon::evidence {

void LogChecker::expect(std::string_view note, const NoteVerifier* verifier,
                        std::string_view whose) {
    const Result<SignedCheckpoint> read = read_checkpoint(note, verifier);
    if (!read.ok()) return use_(fmt::format("{} has {}", whose, read.error().message));
    const Checkpoint& checkpoint = read.value().checkpoint;
    if (verifier != nullptr) {
        const NoteSignature signature = read.value().signature;
        if (signature == NoteSignature::kInvalid)
            return use_(fmt::format("{} has a checkpoint of {} events whose signature is wrong",
                                    whose, checkpoint.size));
        if (signature == NoteSignature::kByOthers)
            return use_(fmt::format("{} has a checkpoint of {} events that {} did not sign", whose,
                                    checkpoint.size, text::to_printable(verifier->name)));
        if (checkpoint.origin != verifier->name)
            return use_(fmt::format("{} has a checkpoint of another log, {}", whose,
                                    text::to_printable(checkpoint.origin)));
    }
    expected_.emplace(checkpoint.size, Expected{checkpoint.root, std::string(whose)});
}

void LogChecker::expect_own(std::string_view note, const NoteVerifier* verifier,
                            std::string_view whose) {
    const Result<SignedCheckpoint> read = read_checkpoint(note, verifier);
    if (!read.ok()) return expect(note, verifier, whose);  // which tells of it
    const std::uint64_t size = read.value().checkpoint.size;
    const auto [place, is_first] = own_.try_emplace(size, crypto::sha256(note).to_string());
    // A log signs each of its sizes once.
    if (!is_first) return use_(fmt::format("{} has a checkpoint of {} events twice", whose, size));
    expect(note, verifier, whose);
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
    summary_.events = tree_.size();
    summary_.root = tree_.root();
    return summary_;
}

}  // namespace merlon::evidence
