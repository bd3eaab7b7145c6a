#include "scan/range_tags.h"

#include <set>

namespace merlon::scan {

namespace git = connect::git;

namespace {

// One that cannot be read ends it: the walk tells of it where it is needed.
git::ObjectResult<git::ObjectId> peel(const git::Repository& repository, const git::ObjectId& id,
                                      std::vector<git::ObjectId>& passed) {
    git::ObjectType type{};
    return git::peel_tags(repository.objects(), repository.algorithm(), id, type, &passed);
}

}  // namespace

std::vector<git::ObjectId> tags_of_range(const git::Repository& repository, const HistoryWalk& walk,
                                         const git::WalkRequest& range) {
    std::set<git::ObjectId> commits;
    for (const HistoryStep& step : walk.steps()) {
        if (step.commit != kNoNumber) commits.insert(walk.history().id(step.commit));
    }
    std::vector<git::ObjectId> tags;
    for (const git::WalkRequest::Tip& tip : range.tips) {
        if (tip.side != git::WalkRequest::Tip::Side::kShow) continue;
        if (const auto target = peel(repository, tip.id, tags); target.ok())
            commits.insert(target.value());
    }
    for (const git::Reference& reference : repository.references().all()) {
        std::vector<git::ObjectId> found;
        const auto target = peel(repository, reference.id, found);
        if (!target.ok() || !commits.contains(target.value())) continue;
        tags.insert(tags.end(), found.begin(), found.end());
    }
    return tags;
}

}  // namespace merlon::scan
