#include "connect/git/merge_base.h"

#include "connect/git/commit_history.h"
#include "connect/git/revision_walk.h"

namespace merlon::connect::git {

std::vector<ObjectId> merge_bases(const Repository& repository, const ObjectId& left,
                                  const ObjectId& right) {
    CommitHistory history(repository);
    const auto ancestors = [&](const ObjectId& tip) {
        WalkRequest request;
        request.tips.push_back({tip, WalkRequest::Tip::Side::kShow});
        return walk_revisions(history, request);
    };
    const std::vector<CommitNumber> of_left = ancestors(left);
    std::vector<bool> in_left(history.count(), false);
    for (const CommitNumber commit : of_left) in_left[commit] = true;
    std::vector<CommitNumber> common;
    for (const CommitNumber commit : ancestors(right)) {
        if (commit < in_left.size() && in_left[commit]) common.push_back(commit);
    }
    // A common ancestor that is a common one's ancestor is no best one.
    std::vector<bool> reached(history.count(), false);
    for (const CommitNumber commit : common) {
        for (const CommitNumber parent : history.parents(commit)) reached[parent] = true;
    }
    std::vector<ObjectId> best;
    for (const CommitNumber commit : common) {
        if (!reached[commit]) best.push_back(history.id(commit));
    }
    return best;
}

}  // namespace merlon::connect::git
