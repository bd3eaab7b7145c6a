#include "connect/git/known_commits.h"

#include <utility>
#include <vector>

#include "connect/git/bulk_read.h"
#include "connect/git/commit.h"

namespace merlon::connect::git {
namespace {

constexpr std::size_t kMostLoose = 500;
// Some 30 bytes each, and 200 a commit, until the walk begins.
constexpr std::uint32_t kMostObjects = 1'000'000;

struct KnownCommit {
    ObjectId id;
    GraphCommit facts;
};

}  // namespace

void know_packed_commits(CommitHistory& history, unsigned threads, const CancelToken* cancel) {
    if (!history.takes_facts()) return;
    const ObjectDatabase& objects = history.repository().objects();
    const ObjectCatalog catalog = ObjectCatalog::of(objects);
    if (catalog.loose().size() > kMostLoose || catalog.count() > kMostObjects) return;
    std::vector<std::vector<KnownCommit>> known(threads);
    const auto wanted = [](std::uint32_t, ObjectType type) { return type == ObjectType::kCommit; };
    const auto visit = [&](unsigned worker, const BulkObject& object) {
        const Result<ObjectId> id = catalog.id_of(object.number);
        if (!id.ok()) return;
        Result<Commit> commit = parse_commit(object.bytes, objects.algorithm());
        if (!commit.ok()) return;
        GraphCommit facts;
        facts.tree = commit.value().tree;
        facts.parents = std::move(commit.value().parents);
        facts.date = commit.value().date;
        known[worker].push_back({id.value(), std::move(facts)});
    };
    (void)read_all(catalog, wanted, {threads, cancel, BulkOptions::Checksums::kDisregard}, visit);
    for (const std::vector<KnownCommit>& of_worker : known) {
        for (const KnownCommit& commit : of_worker) history.know(commit.id, commit.facts);
    }
}

}  // namespace merlon::connect::git
