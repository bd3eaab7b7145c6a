#pragma once

// Commits by number: loaded when first asked for, kept as facts of fixed size.
//
// The idea: walks look at each commit several times and at a million of them, so that a number and
// a table stand for an id and a map. Parents are those that git log sees: replaced, grafted, cut at
// a shallow boundary. Facts come from the commit-graph where there is one that may be used.
//
// One thread. Memory: some 100 bytes a commit.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "connect/git/commit_graph.h"
#include "connect/git/repository.h"

namespace merlon::connect::git {

using CommitNumber = std::uint32_t;

// Something that a walk met and could not read, or that is not there.
struct HistoryProblem {
    ObjectFailure failure = ObjectFailure::kMissing;
    ObjectId id;
    std::string message;
};

class CommitHistory {
  public:
    explicit CommitHistory(const Repository& repository);

    // The number of the commit, whether or not it can be loaded.
    CommitNumber number_of(const ObjectId& id);
    // Whether it has been loaded, without giving it a number.
    bool has_loaded(const ObjectId& id) const;
    // Facts of a commit that somebody has read already, so that load() need not. Disregarded where
    // replacements, grafts or a shallow boundary may change them.
    void know(const ObjectId& id, const GraphCommit& facts);
    // Whether know() takes what it is told, and load() has no quicker way.
    bool takes_facts() const { return parents_stand_ && !graph_.has_value(); }
    // Reads the commit once. False where that fails; the reason is in problems(), once.
    bool load(CommitNumber commit);
    // Whether the object is a commit that can be loaded, and is loaded then. Of anything else
    // nothing is remembered: of a tag that is not known to be one, so that the commits among many
    // names are read once.
    bool loads_commit(const ObjectId& id);

    const ObjectId& id(CommitNumber commit) const { return nodes_[commit].id; }
    std::size_t count() const { return nodes_.size(); }
    // Of loaded commits.
    bool is_loaded(CommitNumber commit) const { return nodes_[commit].state == State::kLoaded; }
    const ObjectId& tree(CommitNumber commit) const { return nodes_[commit].tree; }
    std::uint64_t date(CommitNumber commit) const { return nodes_[commit].date; }
    std::span<const CommitNumber> parents(CommitNumber commit) const {
        return std::span(parents_).subspan(nodes_[commit].first_parent,
                                           nodes_[commit].parent_count);
    }
    // Keeps one parent only: what simplification of a history does to a merge.
    void keep_parent(CommitNumber commit, std::size_t parent) {
        nodes_[commit].first_parent += static_cast<std::uint32_t>(parent);
        nodes_[commit].parent_count = 1;
    }

    const Repository& repository() const { return repository_; }
    const std::vector<HistoryProblem>& problems() const { return problems_; }
    // Commits met whose parents a shallow clone has not.
    const std::vector<ObjectId>& shallow_met() const { return shallow_met_; }

  private:
    enum class State : std::uint8_t { kUnknown, kLoaded, kFailed };
    struct Node {
        ObjectId id;
        ObjectId tree;
        State state = State::kUnknown;
        std::uint64_t date = 0;
        std::uint32_t first_parent = 0;
        std::uint32_t parent_count = 0;
    };
    // Nothing where there is no graph, or it does not know the commit.
    std::optional<GraphCommit> find_in_graph(const ObjectId& id) const;
    // Takes the facts of a commit from its bytes.
    Status take(CommitNumber commit, std::string_view bytes);
    void set_parents(CommitNumber commit, const std::vector<ObjectId>& parents);

    const Repository& repository_;
    bool parents_stand_ = true;  // as the commits themselves say
    std::optional<CommitGraph> graph_;
    std::vector<Node> nodes_;
    std::vector<CommitNumber> parents_;
    std::unordered_map<ObjectId, CommitNumber> numbers_;
    std::vector<HistoryProblem> problems_;
    std::vector<ObjectId> shallow_met_;
};

}  // namespace merlon::connect::git
