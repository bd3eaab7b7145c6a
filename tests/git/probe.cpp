// Prints what connect/git reads of a repository, for comparison with the git binary
// (repository_check.py): git_probe WHAT REPOSITORY …
//
//   bulk [THREADS]   counts and bytes by type, and how many objects do not hash to their id
//   trees [BYTES]    how many trees a store of so many bytes keeps, and how many not as they are
//   objects          "<id> <type> <size>" of every object, read one by one; ids on standard input
//   refs             "<id> <name>" of every reference, as for-each-ref; then HEAD and other heads
//   log ARGUMENT…    ids of the commits that git log would show
//   reflog NAME      "<before> <after> <who>\t<message>", the oldest first
//   reachable        ids of all objects that the references and HEAD reach, sorted
//   index            "<mode> <id> <stage>\t<path>" of every entry, as ls-files --stage
//   gaps             what could not be read, one a line

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iomanip>
#include <iostream>
#include <string>
#include <vector>

#include "connect/git/bulk_read.h"
#include "connect/git/index_file.h"
#include "connect/git/log_arguments.h"
#include "connect/git/reachable.h"
#include "connect/git/repository.h"
#include "connect/git/revision_walk.h"
#include "connect/git/tree_store.h"

namespace {

using namespace merlon;
using namespace merlon::connect::git;

int fail(const Error& error) {
    std::cerr << "git_probe: " << error.to_string() << '\n';
    return 2;
}

int print_bulk(const Repository& repository, unsigned threads) {
    const ObjectCatalog catalog = ObjectCatalog::of(repository.objects());
    std::vector<std::uint64_t> wrong(threads, 0);
    const auto visit = [&](unsigned worker, const BulkObject& object) {
        const Result<ObjectId> id = catalog.id_of(object.number);
        const ObjectId hashed = hash_object(repository.algorithm(), object.type, object.bytes);
        if (!id.ok() || hashed != id.value()) ++wrong[worker];
    };
    const BulkReport report = read_all(
        catalog, [](std::uint32_t, ObjectType) { return true; }, {.threads = threads}, visit);
    for (std::size_t kind = 1; kind <= 4; ++kind) {
        std::cout << name(static_cast<ObjectType>(kind)) << ' ' << report.objects[kind] << ' '
                  << report.bytes[kind] << '\n';
    }
    std::uint64_t total = 0;
    for (const std::uint64_t count : wrong) total += count;
    std::cout << "wrong " << total << "\nproblems " << report.problems.size() << '\n';
    for (const BulkProblem& problem : report.problems) {
        const Result<ObjectId> id = catalog.id_of(problem.number);
        std::cout << (id.ok() ? id.value().hex() : "?") << ' ' << problem.message << '\n';
    }
    return 0;
}

bool is_as_kept(const TreeStore& store, std::span<const TreeStore::Entry> kept,
                std::string_view bytes, HashAlgorithm algorithm) {
    TreeCursor cursor(bytes, algorithm);
    for (const TreeStore::Entry& entry : kept) {
        if (const auto more = cursor.next(); !more.ok() || !more.value()) return false;
        const TreeEntry& is = cursor.entry();
        if (store.mode(entry) != is.mode || store.name(entry) != is.name ||
            store.id(entry) != is.id) {
            return false;
        }
    }
    return cursor.position() == bytes.size();
}

int print_trees(const Repository& repository, std::uint64_t max_bytes) {
    const ObjectCatalog catalog = ObjectCatalog::of(repository.objects());
    TreeStore store(catalog, max_bytes);
    store.read({.threads = 2});
    std::size_t kept = 0;
    std::size_t wrong = 0;
    for (std::uint32_t number = 0; number < catalog.count(); ++number) {
        const Result<ObjectId> id = catalog.id_of(number);
        if (!id.ok() || !catalog.is_first_copy(number)) continue;
        const auto entries = store.find(id.value());
        if (!entries) continue;
        ++kept;
        const ObjectResult<Object> tree = repository.objects().read_original(id.value());
        if (!tree.ok() ||
            !is_as_kept(store, *entries, tree.value().bytes(), repository.algorithm())) {
            ++wrong;
        }
    }
    std::cout << "kept " << kept << "\nwrong " << wrong << '\n';
    return 0;
}

// Without hashing: for time.
int measure_bulk(const Repository& repository, unsigned threads) {
    const auto begin = std::chrono::steady_clock::now();
    const ObjectCatalog catalog = ObjectCatalog::of(repository.objects());
    const BulkReport report = read_all(
        catalog, [](std::uint32_t, ObjectType) { return true; }, {.threads = threads},
        [](unsigned, const BulkObject&) {});
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begin;
    std::cout << "seconds " << spent.count() << " problems " << report.problems.size() << '\n';
    return 0;
}

int print_objects(const Repository& repository) {
    std::string line;
    while (std::getline(std::cin, line)) {
        const auto id = ObjectId::parse(line);
        if (!id.has_value()) return fail({"'" + line + "' is no id"});
        const ObjectResult<Object> object = repository.objects().read(*id);
        if (!object.ok()) {
            std::cout << line << " failed "
                      << (object.failure == ObjectFailure::kMissing    ? "missing"
                          : object.failure == ObjectFailure::kPromised ? "promised"
                                                                       : "corrupt")
                      << '\n';
            continue;
        }
        const ObjectResult<std::uint64_t> size = repository.objects().size(*id);
        const std::string_view bytes = object.value().bytes();
        const bool sound = size.ok() && size.value() == bytes.size();
        std::cout << hash_object(repository.algorithm(), object.value().type, bytes).hex() << ' '
                  << name(object.value().type) << ' ' << bytes.size()
                  << (sound ? "" : " WRONG SIZE") << '\n';
    }
    return 0;
}

int print_references(const Repository& repository) {
    const References& references = repository.references();
    for (const Reference& reference : references.all()) {
        std::cout << reference.id.hex() << ' ' << reference.name << '\n';
    }
    if (const auto head = references.find("HEAD"); head.has_value()) {
        std::cout << head->id.hex() << " HEAD " << references.head_branch() << '\n';
    }
    for (const Reference& head : references.other_heads()) {
        std::cout << head.id.hex() << ' ' << head.name << '\n';
    }
    return 0;
}

int print_log(const Repository& repository, const std::vector<std::string>& words) {
    const Now now{std::chrono::system_clock::to_time_t(std::chrono::system_clock::now()), 0};
    const Result<LogArguments> arguments = parse_log_arguments(repository, words, now);
    if (!arguments.ok()) return fail(arguments.error());
    CommitHistory history(repository);
    for (const CommitNumber commit : walk_revisions(history, arguments.value().walk)) {
        std::cout << history.id(commit).hex() << '\n';
    }
    for (const HistoryProblem& problem : history.problems()) {
        std::cerr << "problem " << problem.message << '\n';
    }
    for (const ObjectId& id : history.shallow_met()) std::cerr << "shallow " << id.hex() << '\n';
    return history.problems().empty() ? 0 : 1;
}

int print_reachable(const Repository& repository) {
    const ObjectCatalog catalog = ObjectCatalog::of(repository.objects());
    CommitHistory history(repository);
    WalkRequest request;
    request.tips = all_tips(repository);
    const std::vector<CommitNumber> commits = walk_revisions(history, request);
    std::vector<ObjectId> roots;
    for (const WalkRequest::Tip& tip : request.tips) roots.push_back(tip.id);
    const Reachable reachable = find_reachable(catalog, history, commits, roots, {});
    std::vector<ObjectId> ids;
    for (std::uint32_t number = 0; number < catalog.count(); ++number) {
        if (!reachable.seen[number]) continue;
        const Result<ObjectId> id = catalog.id_of(number);
        if (id.ok()) ids.push_back(id.value());
    }
    std::ranges::sort(ids);
    for (const ObjectId& id : ids) std::cout << id.hex() << '\n';
    for (const HistoryProblem& problem : reachable.absent) std::cerr << problem.message << '\n';
    return 0;
}

int print_index(const Repository& repository) {
    const Result<IndexFile> index = read_index(repository.git_folder(), repository.algorithm());
    if (!index.ok()) return fail(index.error());
    for (const IndexEntry& entry : index.value().entries) {
        std::cout << std::oct << std::setw(6) << std::setfill('0') << entry.mode << std::dec << ' '
                  << entry.id.hex() << ' ' << entry.stage << '\t' << entry.path << '\n';
    }
    return 0;
}

int print_reflog(const Repository& repository, const std::string& name) {
    const Result<std::vector<ReflogEntry>> entries = repository.references().reflog(name);
    if (!entries.ok()) return fail(entries.error());
    for (const ReflogEntry& entry : entries.value()) {
        std::cout << entry.before.hex() << ' ' << entry.after.hex() << ' ' << entry.who << '\t'
                  << entry.message << '\n';
    }
    return 0;
}

}  // namespace

int main(int count, char** words) {
    if (count < 3) return fail({"write git_probe WHAT REPOSITORY [ARGUMENT…]"});
    const std::string what = words[1];
    const std::vector<std::string> rest(words + 3, words + count);
    const Result<Repository> repository = Repository::open(words[2]);
    if (!repository.ok()) return fail(repository.error());
    const auto threads = [&] {
        return rest.empty() ? 1u
                            : static_cast<unsigned>(std::strtoul(rest[0].c_str(), nullptr, 10));
    };
    if (what == "bulk") return print_bulk(repository.value(), threads());
    if (what == "trees") {
        return print_trees(repository.value(),
                           rest.empty() ? TreeStore::kMaxBytes : std::stoull(rest[0]));
    }
    if (what == "time") return measure_bulk(repository.value(), threads());
    if (what == "objects") return print_objects(repository.value());
    if (what == "reachable") return print_reachable(repository.value());
    if (what == "index") return print_index(repository.value());
    if (what == "refs") return print_references(repository.value());
    if (what == "log") return print_log(repository.value(), rest);
    if (what == "reflog" && !rest.empty()) return print_reflog(repository.value(), rest[0]);
    if (what == "gaps") {
        for (const model::Gap& gap : repository.value().gaps()) {
            std::cout << model::name(gap.cause) << ' ' << gap.path << ": " << gap.detail << '\n';
        }
        return 0;
    }
    return fail({"'" + what + "' is nothing that can be printed"});
}
