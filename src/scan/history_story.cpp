#include "scan/history_story.h"

#include <algorithm>
#include <tuple>

namespace merlon::scan {

namespace git = connect::git;

std::uint32_t HistoryStory::number_of(const ContentMatch& match) {
    const auto [at, added] = numbers_.emplace(match, static_cast<std::uint32_t>(secrets_.size()));
    if (added) secrets_.push_back(match);
    return at->second;
}

const HistoryStory::Secrets* HistoryStory::secrets_of(std::uint32_t object,
                                                      std::uint32_t path) const {
    if (object >= holds_.size() || !holds_[object]) return nullptr;
    const auto found = held_.find({object, path});
    return found == held_.end() ? nullptr : &found->second;
}

void HistoryStory::tell(const std::vector<ObjectMatches>& blobs,
                        const std::vector<ObjectMatches>& messages,
                        std::span<const std::pair<std::uint32_t, std::uint32_t>> head) {
    holds_.assign(catalog_.count(), false);
    for (const ObjectMatches& found : blobs) {
        holds_[found.object] = true;
        Secrets& secrets = held_[{found.object, found.path}];
        for (const ContentMatch& match : found.matches) secrets.push_back(number_of(match));
        std::ranges::sort(secrets);
    }
    for (std::uint32_t i = 0; i < walk_.steps().size(); ++i) follow_step(i);
    add_loose_blobs();
    for (const auto& [path, object] : head) {
        const Secrets* secrets = secrets_of(object, path);
        if (secrets == nullptr) continue;
        for (const std::uint32_t secret : *secrets) {
            const auto place = known_.find({secret, path});
            if (place == known_.end()) continue;
            places_[place->second].head_object = object;
            places_[place->second].removed = kNoNumber;
        }
    }
    add_messages(messages);
    std::ranges::stable_sort(places_, [](const StoryPlace& a, const StoryPlace& b) {
        return std::tie(a.secret, a.step, a.path, a.object) <
               std::tie(b.secret, b.step, b.path, b.object);
    });
}

void HistoryStory::follow_step(std::uint32_t number) {
    const HistoryStep& step = walk_.steps()[number];
    const std::size_t parents =
        step.commit == kNoNumber ? 0 : walk_.history().parents(step.commit).size();
    for (const HistoryChange& change : step.changes) {
        const Secrets* after = secrets_of(change.after, change.path);
        const auto before =
            std::span(step.before).subspan(change.before_begin, change.before_count);
        const auto held_by = [&](std::uint32_t object, std::uint32_t secret) {
            const Secrets* secrets = secrets_of(object, change.path);
            return secrets != nullptr && std::ranges::binary_search(*secrets, secret);
        };
        if (after != nullptr) {
            for (const std::uint32_t secret : *after) {
                const bool was_there = std::ranges::any_of(
                    before, [&](std::uint32_t object) { return held_by(object, secret); });
                if (!was_there) introduce(secret, change.path, number, change.after);
            }
        }
        // What every parent has and the commit has not, it took out.
        if (before.empty() || before.size() < parents) continue;
        const Secrets* first = secrets_of(before.front(), change.path);
        if (first == nullptr) continue;
        for (const std::uint32_t secret : *first) {
            const bool stays = after != nullptr && std::ranges::binary_search(*after, secret);
            const bool in_all = std::ranges::all_of(
                before, [&](std::uint32_t object) { return held_by(object, secret); });
            if (!stays && in_all) take_out(secret, change.path, number);
        }
    }
}

Reach HistoryStory::reach_of(std::uint32_t step) const {
    return step == kNoNumber ? Reach::kUnreachable : walk_.steps()[step].reach;
}

void HistoryStory::introduce(std::uint32_t secret, std::uint32_t path, std::uint32_t step,
                             std::uint32_t object) {
    const auto [at, added] =
        known_.emplace(std::pair(secret, path), static_cast<std::uint32_t>(places_.size()));
    if (added) {
        StoryPlace place;
        place.secret = secret;
        place.path = path;
        place.step = step;
        place.object = object;
        places_.push_back(std::move(place));
    }
    StoryPlace& place = places_[at->second];
    if (step != kNoNumber) place.steps.push_back(step);
    if (reach_of(step) > reach_of(place.step)) return;
    place.removed = kNoNumber;
    if (reach_of(step) == reach_of(place.step)) return;
    place.step = step;
    place.object = object;
}

void HistoryStory::take_out(std::uint32_t secret, std::uint32_t path, std::uint32_t step) {
    const auto at = known_.find({secret, path});
    if (at == known_.end()) return;
    StoryPlace& place = places_[at->second];
    if (reach_of(step) <= reach_of(place.step)) place.removed = step;
}

// Blobs that no tree and no index holds.
void HistoryStory::add_loose_blobs() {
    for (const auto& [where, secrets] : held_) {
        if (where.second != kNoNumber) continue;
        for (const std::uint32_t secret : secrets)
            introduce(secret, kNoNumber, kNoNumber, where.first);
    }
}

void HistoryStory::add_messages(const std::vector<ObjectMatches>& messages) {
    if (messages.empty()) return;
    std::map<git::ObjectId, std::uint32_t> step_of;
    for (std::uint32_t i = 0; i < walk_.steps().size(); ++i) {
        const git::CommitNumber commit = walk_.steps()[i].commit;
        if (commit != kNoNumber) step_of.emplace(walk_.history().id(commit), i);
    }
    for (const ObjectMatches& found : messages) {
        const auto id = catalog_.id_of(found.object);
        if (!id.ok()) continue;
        const auto step = step_of.find(id.value());
        for (const ContentMatch& match : found.matches) {
            StoryPlace place;
            place.kind = step != step_of.end() ? PlaceKind::kInCommit : PlaceKind::kInTag;
            place.secret = number_of(match);
            if (step != step_of.end()) {
                place.step = step->second;
                place.steps.push_back(step->second);
            }
            place.object = found.object;
            places_.push_back(std::move(place));
        }
    }
}

// A commit has what its parents have: one pass from the oldest on.
std::vector<std::uint64_t> HistoryStory::references_of(std::span<const std::uint32_t> steps) const {
    const git::CommitHistory& history = walk_.history();
    std::vector<std::uint64_t> has(history.count(), 0);
    for (std::size_t i = 0; i < steps.size(); ++i) {
        has[walk_.steps()[steps[i]].commit] |= std::uint64_t{1} << i;
    }
    for (const HistoryStep& step : walk_.steps()) {
        if (step.commit == kNoNumber) continue;
        for (const git::CommitNumber parent : history.parents(step.commit)) {
            has[step.commit] |= has[parent];
        }
    }
    std::vector<std::uint64_t> references;
    for (const auto& [name, commit] : walk_.tips()) references.push_back(has[commit]);
    return references;
}

}  // namespace merlon::scan
