#include "scan/history_walk.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/thread_pool.h"
#include "connect/git/commit.h"
#include "connect/git/index_file.h"
#include "connect/git/log_arguments.h"
#include "connect/git/tree.h"
#include "connect/git/worktrees.h"

namespace merlon::scan {
namespace {

namespace git = connect::git;
using git::CommitNumber;

constexpr unsigned kPastWorker = UINT32_MAX;  // of steps that an earlier run has read

struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
        return std::hash<std::string_view>()(text);
    }
};
using PathNumbers = std::unordered_map<std::string, std::uint32_t, TextHash, std::equal_to<>>;

}  // namespace

struct HistoryWalk::Worker {
    std::unique_ptr<git::ChangeFinder> finder;
    PathNumbers numbers;
    std::vector<const std::string*> paths;  // by local number; the map keeps them
    std::map<git::ObjectId, LostObject> lost;
    std::unordered_set<git::ObjectId> submodules;
    std::uint64_t trees_read = 0;

    std::uint32_t number_of(std::string_view path) {
        if (const auto known = numbers.find(path); known != numbers.end()) return known->second;
        const auto added =
            numbers.emplace(std::string(path), static_cast<std::uint32_t>(paths.size())).first;
        paths.push_back(&added->first);
        return added->second;
    }
};

HistoryWalk::HistoryWalk(const git::Repository& repository, const git::ObjectCatalog& catalog,
                         const HistoryWalkOptions& options)
    : repository_(repository), catalog_(catalog), options_(options), history_(repository) {}

HistoryWalk::KnownCommit known_commit(const git::ObjectId& id, std::string_view bytes,
                                      git::HashAlgorithm algorithm) {
    HistoryWalk::KnownCommit commit;
    commit.id = id;
    if (auto parsed = git::parse_commit(bytes, algorithm); parsed.ok()) {
        commit.facts.emplace();
        commit.facts->tree = parsed.value().tree;
        commit.facts->date = parsed.value().date;
        commit.facts->parents = std::move(parsed.value().parents);
    }
    return commit;
}

void sort_by_id(std::vector<HistoryWalk::KnownCommit>& commits) {
    std::ranges::sort(commits, {}, &HistoryWalk::KnownCommit::id);
}

void HistoryWalk::run(std::span<const KnownCommit> commits, PastWalk* past) {
    past_ = past;
    seen_.assign(catalog_.count(), 0);
    choose_commits(commits);
    mark_reach();
    read_commits();
    if (!options_.range) {
        read_dangling_trees();
        read_indexes();
    }
    name_past_paths();
    add_lost_commits();
}

// A commit that only unreachable ones have for a parent is not missed: git prunes such.
void HistoryWalk::add_lost_commits() {
    if (history_.problems().empty()) return;
    std::unordered_set<git::ObjectId> of_reachable;
    std::unordered_set<git::ObjectId> of_unreachable;
    for (const HistoryStep& step : steps_) {
        if (step.commit == git::CommitNumber{kNoNumber}) continue;
        auto& parents = is_needed(step) ? of_reachable : of_unreachable;
        for (const CommitNumber parent : history_.parents(step.commit)) {
            if (!history_.is_loaded(parent)) parents.insert(history_.id(parent));
        }
    }
    for (const git::HistoryProblem& problem : history_.problems()) {
        const bool needed =
            of_reachable.contains(problem.id) || !of_unreachable.contains(problem.id);
        lost_[problem.id] = {problem.failure, problem.message, {}, needed};
    }
}

void HistoryWalk::read_commits() {
    ThreadPool pool(options_.threads);
    std::vector<Worker> workers(pool.size());
    // A walk over everything needs all trees. A replaced one is not what its id says.
    std::optional<git::TreeStore> store;
    if (!options_.range && repository_.replacement_count() == 0 && past_ == nullptr) {
        store.emplace(catalog_);
        git::BulkOptions bulk;
        bulk.threads = options_.threads;
        bulk.cancel = options_.cancel;
        store->read(bulk);
    }
    for (Worker& worker : workers) {
        worker.finder =
            std::make_unique<git::ChangeFinder>(repository_.objects(), store ? &*store : nullptr);
    }
    std::vector<unsigned> worker_of_step(steps_.size(), 0);
    pool.for_each(steps_.size(), [&](std::size_t i, unsigned worker) {
        if (options_.cancel != nullptr && options_.cancel->cancelled()) return;
        const CommitNumber commit = steps_[i].commit;
        if (commit < past_of_.size() && past_of_[commit] != kNoNumber) {
            worker_of_step[i] = kPastWorker;
            return recall_step(steps_[i], past_->commits[past_of_[commit]]);
        }
        worker_of_step[i] = worker;
        read_step(steps_[i], workers[worker]);
    });
    join(workers, worker_of_step);
}

void HistoryWalk::recall_step(HistoryStep& step, PastWalk::Changes& changes) {
    step.changes = std::move(changes.changes);
    step.before = std::move(changes.before);
    const auto mark = [this](std::uint32_t object) {
        std::atomic_ref<std::uint8_t>(seen_[object]).store(kSeen, std::memory_order_relaxed);
    };
    if (const auto number = catalog_.find(history_.id(step.commit))) mark(*number);
    for (const HistoryChange& change : step.changes) {
        if (change.after != kNoNumber) mark(change.after);
    }
}

// What only the index or a dangling tree has was not met with the commits.
void HistoryWalk::name_past_paths() {
    if (past_ == nullptr || std::ranges::find(past_paths_, kNoNumber) == past_paths_.end()) return;
    std::unordered_map<std::string_view, std::uint32_t> known;
    for (std::uint32_t i = 0; i < paths_.size(); ++i) known.emplace(paths_[i], i);
    for (std::size_t i = 0; i < past_paths_.size(); ++i) {
        if (past_paths_[i] != kNoNumber) continue;
        const auto at = known.find(past_->paths[i]);
        if (at != known.end()) past_paths_[i] = at->second;
    }
}

void HistoryWalk::read_step(HistoryStep& step, Worker& worker) {
    const auto mark = [this](const git::ObjectId& id) -> std::uint32_t {
        const std::optional<std::uint32_t> number = catalog_.find(id);
        if (!number) return kNoNumber;
        std::atomic_ref<std::uint8_t>(seen_[*number]).store(kSeen, std::memory_order_relaxed);
        return *number;
    };
    const bool needed = is_needed(step);
    const auto lose = [&](const git::ObjectId& id, git::ObjectFailure failure, std::string message,
                          std::string_view path) {
        const auto [at, added] = worker.lost.try_emplace(
            id, LostObject{failure, std::move(message), std::string(path), needed});
        at->second.needed |= needed;
    };
    git::ChangeVisitor visitor;
    visitor.on_tree = [&](const git::ObjectId& tree) {
        const std::optional<std::uint32_t> number = catalog_.find(tree);
        if (!number) return;
        std::atomic_ref<std::uint8_t> mark_of_tree(seen_[*number]);
        if (mark_of_tree.exchange(kSeenTree, std::memory_order_relaxed) != kSeenTree) {
            ++worker.trees_read;
        }
    };
    visitor.on_problem = [&](const git::DiffProblem& problem) {
        lose(problem.id,
             problem.failure == git::ObjectFailure::kNone ? git::ObjectFailure::kCorrupt
                                                          : problem.failure,
             problem.message, problem.path);
    };
    visitor.on_change = [&](const git::PathChange& change) {
        if (change.after.mode == git::FileMode::kSubmodule) {
            worker.submodules.insert(change.after.id);
        }
        HistoryChange kept;
        if (change.after.exists() && change.after.mode != git::FileMode::kSubmodule) {
            kept.after = mark(change.after.id);
            if (kept.after == kNoNumber) {
                const auto read = repository_.objects().read(change.after.id);
                lose(change.after.id, read.ok() ? git::ObjectFailure::kReadError : read.failure,
                     read.ok() ? "came while the repository was being read; run again"
                               : read.error().message,
                     change.path);
            }
        }
        kept.before_begin = static_cast<std::uint32_t>(step.before.size());
        for (const git::FileVersion& before : change.before) {
            if (!before.exists() || before.mode == git::FileMode::kSubmodule) continue;
            if (const auto number = catalog_.find(before.id)) step.before.push_back(*number);
        }
        kept.before_count = static_cast<std::uint32_t>(step.before.size()) - kept.before_begin;
        if (kept.after == kNoNumber && kept.before_count == 0) return;
        kept.path = worker.number_of(change.path);
        step.changes.push_back(kept);
    };
    mark(history_.id(step.commit));
    std::vector<git::ObjectId> parents;
    for (const CommitNumber parent : history_.parents(step.commit)) {
        if (history_.is_loaded(parent)) parents.push_back(history_.tree(parent));
    }
    worker.finder->find(history_.tree(step.commit), parents, visitor);
}

// Gives paths the numbers that they would have if one worker had done it all.
void HistoryWalk::join(std::vector<Worker>& workers, std::span<const unsigned> worker_of_step) {
    std::vector<std::vector<std::uint32_t>> numbers(workers.size());
    for (std::size_t i = 0; i < workers.size(); ++i) {
        numbers[i].assign(workers[i].paths.size(), kNoNumber);
    }
    if (past_ != nullptr) past_paths_.assign(past_->paths.size(), kNoNumber);
    PathNumbers known;
    for (std::size_t i = 0; i < steps_.size(); ++i) {
        const unsigned worker = worker_of_step[i];
        for (HistoryChange& change : steps_[i].changes) {
            std::uint32_t& number =
                worker == kPastWorker ? past_paths_[change.path] : numbers[worker][change.path];
            if (number == kNoNumber) {
                const std::string& path = worker == kPastWorker
                                              ? past_->paths[change.path]
                                              : *workers[worker].paths[change.path];
                const auto [at, added] =
                    known.emplace(path, static_cast<std::uint32_t>(paths_.size()));
                if (added) paths_.push_back(path);
                number = at->second;
            }
            change.path = number;
        }
    }
    std::unordered_set<git::ObjectId> submodules;
    if (past_ != nullptr) {
        submodules.insert(past_->submodules.begin(), past_->submodules.end());
        for (const std::uint32_t tree : past_->seen_trees) {
            if (std::exchange(seen_[tree], kSeenTree) != kSeenTree) ++trees_read_;
        }
    }
    for (Worker& worker : workers) {
        submodules.merge(worker.submodules);
        trees_read_ += worker.trees_read;
        for (auto& [id, lost] : worker.lost) {
            const auto [at, added] = lost_.try_emplace(id, lost);
            if (added) continue;
            at->second.needed |= lost.needed;
            // The same path whoever met it first.
            at->second.path = std::min(at->second.path, lost.path);
        }
    }
    submodules_.assign(submodules.begin(), submodules.end());
    std::ranges::sort(submodules_);
}

// Trees that no commit has: those that stand in no other one are the roots of what they hold.
std::vector<git::ObjectId> HistoryWalk::find_dangling_trees() {
    std::vector<git::ObjectId> trees;
    std::unordered_set<git::ObjectId> inside;
    git::BulkOptions bulk;
    bulk.cancel = options_.cancel;
    const auto wanted = [this](std::uint32_t number, git::ObjectType type) {
        return type == git::ObjectType::kTree && seen_[number] == 0 &&
               catalog_.is_first_copy(number);
    };
    const auto visit = [&](unsigned, const git::BulkObject& object) {
        seen_[object.number] = kDanglingTree;
        ++trees_read_;
        if (auto id = catalog_.id_of(object.number); id.ok()) trees.push_back(id.value());
        git::TreeCursor cursor(object.bytes, repository_.algorithm());
        for (auto more = cursor.next(); more.ok() && more.value(); more = cursor.next()) {
            if (cursor.entry().mode == git::FileMode::kTree) inside.insert(cursor.entry().id);
        }
    };
    if (past_ == nullptr) {
        read_all(catalog_, wanted, bulk, visit);
    } else {
        read_some(catalog_, past_->other_trees, wanted, bulk, visit);
    }
    std::erase_if(trees, [&](const git::ObjectId& tree) { return inside.contains(tree); });
    std::ranges::sort(trees);
    return trees;
}

void HistoryWalk::read_dangling_trees() {
    const std::vector<git::ObjectId> trees = find_dangling_trees();
    if (trees.empty()) return;
    PathNumbers known;
    for (std::uint32_t i = 0; i < paths_.size(); ++i) known.emplace(paths_[i], i);
    git::ChangeFinder finder(repository_.objects());
    for (const git::ObjectId& tree : trees) {
        HistoryStep step;
        step.reach = Reach::kUnreachable;
        git::ChangeVisitor visitor;
        visitor.on_tree = [](const git::ObjectId&) {};
        visitor.on_problem = [](const git::DiffProblem&) {};  // nobody needs what it holds
        visitor.on_change = [&](const git::PathChange& change) {
            const auto number = catalog_.find(change.after.id);
            if (!number || seen_[*number] != 0) return;
            const auto [at, added] =
                known.emplace(std::string(change.path), static_cast<std::uint32_t>(paths_.size()));
            if (added) paths_.emplace_back(change.path);
            step.changes.push_back({at->second, *number, 0, 0});
        };
        finder.find(tree, {}, visitor);
        for (const HistoryChange& change : step.changes) seen_[change.after] = 1;
        if (!step.changes.empty()) steps_.push_back(std::move(step));
    }
}

// What is staged and in no commit yet, here and in the other worktrees.
void HistoryWalk::read_indexes() {
    read_index(repository_.git_folder(), "index");
    for (const std::string& folder :
         git::other_worktree_folders(repository_.git_folder(), repository_.common_folder())) {
        const std::string name = folder.substr(folder.rfind('/') + 1);
        read_index(folder, folder == repository_.common_folder() ? "index of the main worktree"
                                                                 : "worktrees/" + name + "/index");
    }
}

void HistoryWalk::read_index(const std::string& git_folder, const std::string& name) {
    const auto index = git::read_index(git_folder, repository_.algorithm());
    if (!index.ok()) {
        gaps_.push_back({model::GapCause::kReadError, name, index.error().message});
        return;
    }
    if (index.value().entries.empty()) return;
    HistoryStep step;
    step.reach = Reach::kIndex;
    PathNumbers known;
    for (std::uint32_t i = 0; i < paths_.size(); ++i) known.emplace(paths_[i], i);
    for (const git::IndexEntry& entry : index.value().entries) {
        constexpr std::uint32_t kSubmodule = static_cast<std::uint32_t>(git::FileMode::kSubmodule);
        if (entry.mode == kSubmodule || entry.intent_to_add) continue;
        const auto number = catalog_.find(entry.id);
        if (!number) {
            const auto read = repository_.objects().read(entry.id);
            if (!read.ok()) {
                lost_.try_emplace(entry.id,
                                  LostObject{read.failure, read.error().message, entry.path, true});
            }
        }
        if (!number || seen_[*number] != 0) continue;
        const auto [at, added] =
            known.emplace(entry.path, static_cast<std::uint32_t>(paths_.size()));
        if (added) paths_.push_back(entry.path);
        step.changes.push_back({at->second, *number, 0, 0});
    }
    for (const HistoryChange& change : step.changes) seen_[change.after] = 1;
    if (!step.changes.empty()) steps_.push_back(std::move(step));
}

std::vector<std::pair<std::uint32_t, std::uint32_t>> HistoryWalk::head_files() const {
    std::vector<std::pair<std::uint32_t, std::uint32_t>> files;
    const auto head = repository_.references().find("HEAD");
    if (!head) return files;
    const auto object = repository_.objects().read(head->id);
    if (!object.ok() || object.value().type != git::ObjectType::kCommit) return files;
    const auto commit = git::parse_commit(object.value().bytes(), repository_.algorithm());
    if (!commit.ok()) return files;
    PathNumbers known;
    for (std::uint32_t i = 0; i < paths_.size(); ++i) known.emplace(paths_[i], i);
    git::ChangeVisitor visitor;
    visitor.on_tree = [](const git::ObjectId&) {};
    visitor.on_problem = [](const git::DiffProblem&) {};  // told by the commit's own step
    visitor.on_change = [&](const git::PathChange& change) {
        const auto path = known.find(change.path);
        const auto number = catalog_.find(change.after.id);
        if (path != known.end() && number) files.emplace_back(path->second, *number);
    };
    git::ChangeFinder(repository_.objects()).find(commit.value().tree, {}, visitor);
    return files;
}

}  // namespace merlon::scan
