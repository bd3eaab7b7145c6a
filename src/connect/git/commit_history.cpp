#include "connect/git/commit_history.h"

#include <algorithm>
#include <utility>

#include "connect/git/commit.h"

namespace merlon::connect::git {

CommitHistory::CommitHistory(const Repository& repository) : repository_(repository) {
    // As in git: what changes parents makes the graph untrue.
    if (repository.replacement_count() != 0 || !repository.grafts().empty() ||
        !repository.shallow().empty()) {
        parents_stand_ = false;
        return;
    }
    for (const std::string& folder : repository.objects().folders()) {
        Result<std::optional<CommitGraph>> graph =
            CommitGraph::open(folder, repository.algorithm());
        // A damaged graph costs time, not truth: the commits themselves are read instead.
        if (graph.ok() && graph.value().has_value()) {
            graph_ = std::move(graph).value();
            break;
        }
    }
}

CommitNumber CommitHistory::number_of(const ObjectId& id) {
    const auto [at, inserted] = numbers_.emplace(id, static_cast<CommitNumber>(nodes_.size()));
    if (inserted) {
        nodes_.emplace_back();
        nodes_.back().id = id;
    }
    return at->second;
}

bool CommitHistory::has_loaded(const ObjectId& id) const {
    const auto known = numbers_.find(id);
    return known != numbers_.end() && is_loaded(known->second);
}

void CommitHistory::know(const ObjectId& id, const GraphCommit& facts) {
    if (!parents_stand_) return;
    const CommitNumber commit = number_of(id);
    if (nodes_[commit].state != State::kUnknown) return;
    nodes_[commit].state = State::kLoaded;
    nodes_[commit].tree = facts.tree;
    nodes_[commit].date = facts.date;
    set_parents(commit, facts.parents);
}

void CommitHistory::set_parents(CommitNumber commit, const std::vector<ObjectId>& parents) {
    const auto first = static_cast<std::uint32_t>(parents_.size());
    for (const ObjectId& parent : parents) {
        const CommitNumber number = number_of(parent);  // may move nodes_
        parents_.push_back(number);
    }
    nodes_[commit].first_parent = first;
    nodes_[commit].parent_count = static_cast<std::uint32_t>(parents.size());
}

std::optional<GraphCommit> CommitHistory::find_in_graph(const ObjectId& id) const {
    if (!graph_.has_value()) return std::nullopt;
    Result<std::optional<GraphCommit>> known = graph_->find(id);
    // The graph may remember what was deleted since.
    if (!known.ok() || !known.value() || !repository_.objects().contains(id)) return std::nullopt;
    return std::move(known).value();
}

bool CommitHistory::loads_commit(const ObjectId& id) {
    if (find_in_graph(id)) return load(number_of(id));
    const ObjectResult<Object> object = repository_.objects().read(id);
    if (!object.ok() || object.value().type != ObjectType::kCommit) return false;
    return take(number_of(id), object.value().bytes()).ok();
}

bool CommitHistory::load(CommitNumber commit) {
    if (nodes_[commit].state != State::kUnknown) return nodes_[commit].state == State::kLoaded;
    const ObjectId id = nodes_[commit].id;
    if (const std::optional<GraphCommit> known = find_in_graph(id)) {
        nodes_[commit].state = State::kLoaded;
        nodes_[commit].tree = known->tree;
        nodes_[commit].date = known->date;
        set_parents(commit, known->parents);
        return true;
    }
    const auto fail = [&](ObjectFailure failure, std::string message) {
        nodes_[commit].state = State::kFailed;
        problems_.push_back({failure, id, std::move(message)});
        return false;
    };
    const ObjectResult<Object> object = repository_.objects().read(id);
    if (!object.ok()) return fail(object.failure, object.error().message);
    if (object.value().type != ObjectType::kCommit) {
        return fail(ObjectFailure::kCorrupt, "object " + id.hex() + " is a " +
                                                 std::string(name(object.value().type)) +
                                                 " where a commit is expected");
    }
    const Status taken = take(commit, object.value().bytes());
    if (!taken.ok()) {
        return fail(ObjectFailure::kCorrupt, "object " + id.hex() + ": " + taken.error().message);
    }
    return true;
}

Status CommitHistory::take(CommitNumber commit, std::string_view bytes) {
    Commit facts = MERLON_TRY(parse_commit(bytes, repository_.algorithm()));
    const ObjectId id = nodes_[commit].id;
    const auto& grafts = repository_.grafts();
    const auto graft = std::ranges::lower_bound(grafts, id, {}, &Repository::Graft::commit);
    if (graft != grafts.end() && graft->commit == id) facts.parents = graft->parents;
    if (std::ranges::binary_search(repository_.shallow(), id)) {
        const auto cut = std::erase_if(facts.parents, [this](const ObjectId& parent) {
            return repository_.hides_parents() || !repository_.objects().contains(parent);
        });
        if (cut > 0) shallow_met_.push_back(id);
    }
    nodes_[commit].state = State::kLoaded;
    nodes_[commit].tree = facts.tree;
    nodes_[commit].date = facts.date;
    set_parents(commit, facts.parents);
    return {};
}

}  // namespace merlon::connect::git
