// Of HistoryWalk: which commits are looked at, and what leads to them.

#include <algorithm>
#include <array>
#include <utility>

#include "connect/git/commit.h"
#include "connect/git/log_arguments.h"
#include "connect/git/worktrees.h"
#include "scan/history_walk.h"

namespace merlon::scan {
namespace {

namespace git = connect::git;
using git::CommitNumber;

constexpr std::array<std::string_view, 6> kReachNames = {"references", "notes",       "stash",
                                                         "reflog",     "unreachable", "index"};
// Names beside refs/ that git leaves behind after a fetch, a merge, a rebase, a reset.
constexpr std::array<std::string_view, 8> kLoneNames = {
    "ORIG_HEAD",   "FETCH_HEAD",  "MERGE_HEAD", "CHERRY_PICK_HEAD",
    "REVERT_HEAD", "REBASE_HEAD", "AUTO_MERGE", "BISECT_EXPECTED_REV"};

Reach reach_of_reference(std::string_view name) {
    if (name == "refs/stash") return Reach::kStash;
    return name.starts_with("refs/notes/") ? Reach::kNotes : Reach::kReferences;
}

}  // namespace

std::string_view name(Reach reach) { return kReachNames[static_cast<std::size_t>(reach)]; }

// All that is to be looked at, each commit behind its parents, whatever the clocks said.
void HistoryWalk::choose_commits(std::span<const KnownCommit> commits) {
    git::WalkRequest request;
    if (options_.range) {
        request = *options_.range;
    } else {
        request.tips = git::all_tips(repository_);
        request.simplify = git::WalkRequest::Simplify::kFullHistory;
        for (const KnownCommit& commit : commits) {
            request.tips.push_back({commit.id});
            if (commit.facts) history_.know(commit.id, *commit.facts);
            if (commit.past == kNoNumber) continue;
            const CommitNumber number = history_.number_of(commit.id);
            past_of_.resize(std::max<std::size_t>(past_of_.size(), number + 1), kNoNumber);
            past_of_[number] = commit.past;
        }
    }
    const std::vector<CommitNumber> newest_first = git::walk_revisions(history_, request);
    enum class State : std::uint8_t { kOutside, kWaiting, kOpen, kDone };
    std::vector<State> states(history_.count(), State::kOutside);
    for (const CommitNumber commit : newest_first) states[commit] = State::kWaiting;
    std::vector<CommitNumber> stack;
    for (auto it = newest_first.rbegin(); it != newest_first.rend(); ++it) {
        stack.push_back(*it);
        while (!stack.empty()) {
            const CommitNumber commit = stack.back();
            if (states[commit] == State::kWaiting) {
                states[commit] = State::kOpen;
                for (const CommitNumber parent : history_.parents(commit)) {
                    if (states[parent] == State::kWaiting) stack.push_back(parent);
                }
                continue;
            }
            stack.pop_back();
            if (states[commit] != State::kOpen) continue;
            states[commit] = State::kDone;
            HistoryStep step;
            step.commit = commit;
            step.reach = Reach::kUnreachable;
            step.is_merge = history_.parents(commit).size() > 1;
            steps_.push_back(std::move(step));
        }
    }
}

// From the most public names to the most hidden; a commit keeps the first that leads to it.
void HistoryWalk::mark_reach() {
    std::vector<Reach> reach(history_.count(), Reach::kUnreachable);
    std::vector<CommitNumber> pending;
    const auto spread = [&](const git::ObjectId& tip, Reach how, std::string_view reference = {}) {
        git::ObjectId peeled = tip;
        if (!history_.has_loaded(tip)) {
            git::ObjectType type = git::ObjectType::kCommit;
            const auto read =
                git::peel_tags(repository_.objects(), repository_.algorithm(), tip, type);
            if (!read.ok() || type != git::ObjectType::kCommit) return;
            peeled = read.value();
        }
        const CommitNumber start = history_.number_of(peeled);
        if (start >= reach.size() || !history_.is_loaded(start)) return;
        if (!reference.empty()) tips_.emplace_back(reference, start);
        pending.push_back(start);
        while (!pending.empty()) {
            const CommitNumber commit = pending.back();
            pending.pop_back();
            if (reach[commit] <= how || !history_.is_loaded(commit)) continue;
            reach[commit] = how;
            for (const CommitNumber parent : history_.parents(commit)) pending.push_back(parent);
        }
    };
    const git::References& references = repository_.references();
    if (const auto head = references.find("HEAD")) {
        spread(head->id, Reach::kReferences, references.head_branch().empty() ? "HEAD" : "");
    }
    for (const git::Reference& head : references.other_heads()) {
        spread(head.id, Reach::kReferences);
    }
    for (const Reach how : {Reach::kReferences, Reach::kNotes, Reach::kStash}) {
        for (const git::Reference& reference : references.all()) {
            if (reach_of_reference(reference.name) == how)
                spread(reference.id, how, reference.name);
        }
    }
    for (const std::string& log : references.reflog_names()) {
        const auto entries = references.reflog(log);
        if (!entries.ok()) {
            gaps_.push_back({model::GapCause::kReadError, "logs/" + log, entries.error().message});
            continue;
        }
        const Reach how = log == "refs/stash" ? Reach::kStash : Reach::kReflog;
        for (const git::ReflogEntry& entry : entries.value()) {
            for (const git::ObjectId& id : {entry.before, entry.after}) {
                if (!id.is_null() && !repository_.objects().contains(id)) ++absent_of_reflogs_;
                spread(id, how);
            }
        }
    }
    for (const std::string_view lone : kLoneNames) {
        if (const auto found = references.find(lone)) spread(found->id, Reach::kReflog);
    }
    std::ranges::sort(tips_);
    for (HistoryStep& step : steps_) step.reach = reach[step.commit];
}

}  // namespace merlon::scan
