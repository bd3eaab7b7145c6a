#include "evidence/log_check.h"

#include <fmt/core.h>

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
    summary_.events = tree_.size();
    summary_.root = tree_.root();
    return summary_;
}

}  // namespace merlon::evidence
