#include "scan/history_recall.h"

#include <algorithm>
#include <utility>

#include "connect/git/commit.h"

namespace merlon::scan {
namespace {

namespace git = connect::git;

// More new objects than these are read in the order of the pack, in a run of its own.
constexpr std::size_t kManyNewObjects = 5000;

// The number of each of the sorted `ids`, and the place of each number.
struct Places {
    std::vector<std::uint32_t> numbers;
    std::vector<std::uint32_t> places;
    bool all_there = true;

    Places(const git::ObjectCatalog& catalog, const std::vector<git::ObjectId>& ids)
        : numbers(ids.size(), kNoNumber), places(catalog.count(), kNoNumber) {
        const std::vector<const git::Pack*>& packs = catalog.packs();
        for (std::size_t i = 0; i < packs.size(); ++i) {
            if (auto sorted = packs[i]->index().ids(); sorted.ok()) {
                meet(sorted.value(), catalog.pack_begin(i), ids);
            }
        }
        meet(catalog.loose(), catalog.loose_begin(), ids);
        all_there = std::ranges::find(numbers, kNoNumber) == numbers.end();
    }

  private:
    // The first copy of an object counts, as in the catalog.
    void meet(const std::vector<git::ObjectId>& sorted, std::uint32_t first,
              const std::vector<git::ObjectId>& ids) {
        std::size_t at = 0;
        for (std::uint32_t i = 0; i < sorted.size(); ++i) {
            while (at < ids.size() && ids[at] < sorted[i]) ++at;
            if (at == ids.size()) return;
            if (ids[at] != sorted[i] || numbers[at] != kNoNumber) continue;
            numbers[at] = first + i;
            places[first + i] = static_cast<std::uint32_t>(at);
        }
    }
};

// Looks at the objects that the checkpoint does not know. False where one cannot be read.
bool meet_new_objects(const git::Repository& repository, const git::ObjectCatalog& catalog,
                      RecalledHistory& recalled) {
    const git::BulkReport report = git::read_some(
        catalog, recalled.known.unknown, [](std::uint32_t, git::ObjectType) { return true; }, {},
        [&](unsigned, const git::BulkObject& object) {
            recalled.known.types[object.number] = object.type;
            if (object.type == git::ObjectType::kTree) {
                recalled.walk.other_trees.push_back(object.number);
            }
            if (object.type != git::ObjectType::kCommit) return;
            if (const auto id = catalog.id_of(object.number); id.ok()) {
                recalled.commits.push_back(
                    known_commit(id.value(), object.bytes, repository.algorithm()));
            }
        });
    return report.problems.empty();
}

void recall_commits(HistoryCheckpoint& past, const std::vector<std::uint32_t>& numbers,
                    RecalledHistory& recalled) {
    recalled.commits.reserve(past.commits.size());
    for (std::uint32_t i = 0; i < past.commits.size(); ++i) {
        HistoryCheckpoint::Commit& commit = past.commits[i];
        HistoryWalk::KnownCommit known{past.ids[commit.object], git::GraphCommit{}, i};
        known.facts->tree = past.ids[commit.tree];
        known.facts->date = commit.date;
        for (const std::uint32_t parent : commit.parents) {
            known.facts->parents.push_back(past.ids[parent]);
        }
        recalled.commits.push_back(std::move(known));
        for (HistoryChange& change : commit.changes) {
            if (change.after != kNoNumber) change.after = numbers[change.after];
        }
        for (std::uint32_t& object : commit.before) object = numbers[object];
        recalled.walk.commits.push_back({std::move(commit.changes), std::move(commit.before)});
    }
}

void number_objects(std::vector<ObjectMatches>& found, const std::vector<std::uint32_t>& numbers) {
    for (ObjectMatches& one : found) one.object = numbers[one.object];
    std::ranges::sort(found, {}, &ObjectMatches::object);
}

}  // namespace

void RecalledHistory::place_paths(const std::vector<std::uint32_t>& numbers) {
    const auto place = [&](auto& one) {
        if (one.path == kNoNumber) return false;
        one.path = numbers[one.path];
        return one.path == kNoNumber;
    };
    std::erase_if(known.blobs, place);
    std::erase_if(versions, place);
    std::ranges::sort(known.blobs, [](const ObjectMatches& a, const ObjectMatches& b) {
        return std::pair(a.object, a.path) < std::pair(b.object, b.path);
    });
}

std::optional<RecalledHistory> recall(const git::Repository& repository,
                                      const git::ObjectCatalog& catalog, HistoryCheckpoint past) {
    const Places places(catalog, past.ids);
    if (!places.all_there) return std::nullopt;
    RecalledHistory recalled;
    for (std::uint32_t number = 0; number < catalog.count(); ++number) {
        if (places.places[number] == kNoNumber && catalog.is_first_copy(number)) {
            recalled.known.unknown.push_back(number);
        }
    }
    if (recalled.known.unknown.size() > kManyNewObjects) return std::nullopt;
    const auto key = key_of_sample(repository.objects(), past.sample);
    if (!key) return std::nullopt;
    recalled.tag_key = *key;
    recalled.sample = std::move(past.sample);
    recalled.known.outcomes.resize(catalog.count());
    recalled.known.types.resize(catalog.count(), git::ObjectType::kBlob);
    for (std::size_t i = 0; i < past.objects.size(); ++i) {
        const std::uint32_t number = places.numbers[i];
        const HistoryCheckpoint::Object& object = past.objects[i];
        recalled.known.outcomes[number] = object.outcome;
        recalled.known.outcomes[number].object = number;
        recalled.known.types[number] = object.type;
        if (object.is_seen_tree) {
            recalled.walk.seen_trees.push_back(number);
        } else if (object.type == git::ObjectType::kTree) {
            recalled.walk.other_trees.push_back(number);
        }
    }
    recall_commits(past, places.numbers, recalled);
    if (!meet_new_objects(repository, catalog, recalled)) return std::nullopt;
    sort_by_id(recalled.commits);
    recalled.known.blobs = std::move(past.blobs);
    recalled.known.messages = std::move(past.messages);
    number_objects(recalled.known.blobs, places.numbers);
    number_objects(recalled.known.messages, places.numbers);
    recalled.walk.paths = std::move(past.paths);
    recalled.walk.submodules = std::move(past.submodules);
    recalled.path_facts = std::move(past.path_facts);
    recalled.versions = std::move(past.versions);
    for (HistoryCheckpoint::Version& version : recalled.versions) {
        version.object = places.numbers[version.object];
    }
    recalled.findings = std::move(past.findings);
    recalled.tags = std::move(past.tags);
    recalled.prints = std::move(past.prints);
    return recalled;
}

namespace {

class Maker {
  public:
    explicit Maker(const FoundHistory& found) : found_(found), catalog_(found.catalog) {}

    std::optional<MadeCheckpoint> make() {
        number_objects_by_id();
        note_outcomes();
        note_types();
        for (const HistoryStep& step : found_.walk.steps()) {
            if (step.commit != git::CommitNumber{kNoNumber} && !add_commit(step))
                return std::nullopt;
        }
        all_.paths = found_.walk.paths();
        all_.path_facts = found_.path_facts;
        all_.blobs = placed(found_.blobs.found);
        all_.messages = placed(found_.messages.found);
        all_.submodules = found_.walk.submodules();
        return std::move(made_);
    }

  private:
    void number_objects_by_id() {
        std::vector<std::pair<git::ObjectId, std::uint32_t>> sorted;
        for (std::uint32_t number = 0; number < catalog_.count(); ++number) {
            if (!catalog_.is_first_copy(number)) continue;
            if (const auto id = catalog_.id_of(number); id.ok()) {
                sorted.emplace_back(id.value(), number);
            }
        }
        if (!std::ranges::is_sorted(sorted)) std::ranges::sort(sorted);
        made_.place_of.assign(catalog_.count(), kNoNumber);
        for (const auto& [id, number] : sorted) {
            made_.place_of[number] = static_cast<std::uint32_t>(all_.ids.size());
            all_.ids.push_back(id);
        }
        all_.objects.resize(all_.ids.size());
    }

    HistoryCheckpoint::Object* object(std::uint32_t number) {
        const std::uint32_t place = made_.place_of[number];
        return place == kNoNumber ? nullptr : &all_.objects[place];
    }

    void note_outcomes() {
        const auto note = [this](const ObjectOutcome& outcome, git::ObjectType type) {
            if (HistoryCheckpoint::Object* const kept = object(outcome.object)) {
                kept->outcome = outcome;
                kept->type = type;
            }
        };
        if (found_.known != nullptr) {
            for (std::uint32_t number = 0; number < catalog_.count(); ++number) {
                ObjectOutcome outcome = found_.known->outcomes[number];
                outcome.object = number;
                note(outcome, found_.known->types[number]);
            }
        }
        for (const ObjectOutcome& one : found_.blobs.outcomes) note(one, git::ObjectType::kBlob);
        // Commits among them get their type afterwards.
        for (const ObjectOutcome& one : found_.messages.outcomes) note(one, git::ObjectType::kTag);
    }

    void note_types() {
        for (const HistoryWalk::KnownCommit& commit : found_.commits) {
            const auto number = catalog_.find(commit.id);
            if (HistoryCheckpoint::Object* const kept = number ? object(*number) : nullptr) {
                kept->type = git::ObjectType::kCommit;
            }
        }
        for (std::uint32_t number = 0; number < catalog_.count(); ++number) {
            HistoryCheckpoint::Object* const kept = object(number);
            if (kept == nullptr || !found_.walk.is_tree(number)) continue;
            kept->type = git::ObjectType::kTree;
            kept->is_seen_tree = found_.walk.is_seen_tree(number);
        }
    }

    std::uint32_t place(const git::ObjectId& id) const {
        const auto number = catalog_.find(id);
        return number ? made_.place_of[*number] : kNoNumber;
    }

    bool add_commit(const HistoryStep& step) {
        const git::CommitHistory& history = found_.walk.history();
        HistoryCheckpoint::Commit commit;
        commit.object = place(history.id(step.commit));
        commit.tree = place(history.tree(step.commit));
        commit.date = history.date(step.commit);
        if (commit.object == kNoNumber || commit.tree == kNoNumber) return false;
        for (const git::CommitNumber parent : history.parents(step.commit)) {
            commit.parents.push_back(place(history.id(parent)));
            if (commit.parents.back() == kNoNumber) return false;
        }
        commit.changes = step.changes;
        for (HistoryChange& change : commit.changes) {
            if (change.after != kNoNumber) change.after = made_.place_of[change.after];
        }
        commit.before = step.before;
        for (std::uint32_t& object : commit.before) object = made_.place_of[object];
        all_.commits.push_back(std::move(commit));
        return true;
    }

    std::vector<ObjectMatches> placed(const std::vector<ObjectMatches>& found) const {
        std::vector<ObjectMatches> placed = found;
        for (ObjectMatches& one : placed) one.object = made_.place_of[one.object];
        return placed;
    }

    const FoundHistory& found_;
    const git::ObjectCatalog& catalog_;
    MadeCheckpoint made_;
    HistoryCheckpoint& all_ = made_.checkpoint;
};

}  // namespace

std::optional<MadeCheckpoint> make_checkpoint(const FoundHistory& found) {
    return Maker(found).make();
}

}  // namespace merlon::scan
