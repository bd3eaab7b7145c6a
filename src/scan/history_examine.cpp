#include "scan/history_examine.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/hash.h"
#include "base/thread_pool.h"
#include "connect/git/commit.h"
#include "crypto/digest.h"
#include "scan/history_cache.h"
#include "scan/many_matches.h"
#include "scan/match_room.h"

namespace merlon::scan {
namespace {

namespace git = connect::git;

// Messages have one name and one way of being read.
constexpr std::uint64_t kMessageReading = 1;
constexpr std::uint64_t kPathSeed = 0x6D65726C6F6E2F70;
constexpr std::size_t kTagBytes = 16;
// So many objects, or one in so many, are read one by one.
constexpr std::size_t kReadAlone = 200;
constexpr std::size_t kReadAloneShare = 40;

model::Origin origin_of(const std::string& path) {
    return {{model::OriginStep::Kind::kFile, path, {}}};
}

// "!inner/b.txt" of a member; empty for the file itself.
std::string member_suffix(const model::Document& document) {
    std::string suffix;
    for (std::size_t i = 1; i < document.origin.size(); ++i) {
        suffix += '!' + document.origin[i].name;
    }
    return suffix;
}

void sort_once(std::vector<ContentMatch>& matches) {
    std::ranges::sort(matches);
    const auto repeated = std::ranges::unique(matches);
    matches.erase(repeated.begin(), repeated.end());
}

}  // namespace

struct ObjectExaminer::Worker {
    secrets::Program::Scratch scratch;
    std::vector<ObjectMatches> found;
    model::Coverage coverage;
    std::size_t left_out = 0;
    std::vector<ObjectOutcome> outcomes;
    std::vector<ObjectOutcome> cached;          // those that the cache told
    std::uint64_t bound = MatchRoom::kNoBound;  // of the room, when `found` was last looked through
};

PathFacts path_facts(const std::string& path, const secrets::Program& program) {
    PathFacts facts;
    facts.is_allowed = program.allows(path, {});
    if (facts.is_allowed) return facts;
    facts.kind = program.kind(path);
    facts.reading = connect::reading_of(path);
    return facts;
}

std::string tag_of(const ExamineOptions& options, std::string_view content) {
    return crypto::hmac_sha256(options.tag_key, content).substr(0, kTagBytes);
}

ObjectExaminer::ObjectExaminer(const git::ObjectCatalog& catalog,
                               const std::vector<std::string>& paths,
                               const std::vector<PathFacts>& facts, const ExamineOptions& options)
    : catalog_(catalog), paths_(paths), facts_(facts), options_(options) {}

// The paths of one object, in order of their numbers.
std::span<const std::pair<std::uint32_t, std::uint32_t>> ObjectExaminer::paths_of(
    const PathList& list, std::uint32_t object) {
    const auto range =
        std::ranges::equal_range(list, object, {}, &std::pair<std::uint32_t, std::uint32_t>::first);
    return {range.begin(), range.end()};
}

// Those that the allowlists leave, by how they are read; none where all are left out.
std::vector<ObjectExaminer::Alike> ObjectExaminer::readings_of(const PathList& list,
                                                               std::uint32_t object) const {
    const auto paths = paths_of(list, object);
    if (paths.empty()) return {{{kNoNumber}, 0, {}}};
    std::vector<Alike> readings;
    for (const auto& [number, path] : paths) {
        const PathFacts& facts = facts_[path];
        if (facts.is_allowed) continue;
        const auto known = std::ranges::find(readings, facts.reading, &Alike::reading);
        if (known == readings.end()) {
            readings.push_back({{path}, facts.kind, facts.reading});
        } else {
            known->paths.push_back(path);
            known->kind |= facts.kind;
        }
    }
    return readings;
}

// The same for any order and number of paths.
std::uint64_t ObjectExaminer::key_of(const std::vector<Alike>& readings) {
    std::uint64_t key = 0;
    for (const Alike& alike : readings) {
        key += hash_bytes(alike.reading, hash_bytes({reinterpret_cast<const char*>(&alike.kind),
                                                     sizeof(alike.kind)}));
    }
    return key;
}

// The same for any order of them; for those at which something was found.
std::uint64_t ObjectExaminer::key_of_paths(const PathList& list, std::uint32_t object) const {
    std::uint64_t key = 0;
    for (const auto& [number, path] : paths_of(list, object)) {
        key += hash_bytes(paths_[path], kPathSeed);
    }
    return key;
}

void ObjectExaminer::add_known(std::span<const ObjectMatches> matches, Examined& all) const {
    for (ObjectMatches found : matches) {
        if (options_.room != nullptr) options_.room->add(found);
        all.found.push_back(std::move(found));
    }
}

// Whether an earlier run tells all of it; then it is counted.
bool ObjectExaminer::take_known(const PathList& list, std::uint32_t number, std::uint64_t key,
                                Examined& all) const {
    if (options_.known != nullptr) {
        const ObjectOutcome& known = options_.known->outcomes[number];
        const bool holds = known.state == ObjectState::kHolds;
        if ((known.state != ObjectState::kClean && !holds) ||
            known.reading != key + (holds ? key_of_paths(list, number) : 0)) {
            return false;
        }
        ++all.known[static_cast<std::size_t>(git::ObjectType::kBlob)];
        all.known_bytes += known.bytes;
        all.left_out += known.left_out;
        all.coverage.members_read += known.members;
        if (!holds) return true;
        const auto matches =
            std::ranges::equal_range(options_.known->blobs, number, {}, &ObjectMatches::object);
        add_known(matches, all);
        return true;
    }
    if (options_.cache == nullptr) return false;
    const auto id = catalog_.id_of(number);
    const auto clean = id.ok() ? options_.cache->find(id.value(), key) : std::nullopt;
    if (!clean) return false;
    ++all.known[static_cast<std::size_t>(git::ObjectType::kBlob)];
    all.known_bytes += clean->bytes;
    all.left_out += clean->left_out;
    all.coverage.members_read += clean->members;
    all.outcomes.push_back(
        {number, ObjectState::kClean, key, clean->bytes, clean->left_out, clean->members});
    return true;
}

// In the order of the pack, or one by one where they are few.
git::BulkReport ObjectExaminer::read(
    const std::vector<bool>& numbers,
    const std::function<bool(std::uint32_t, git::ObjectType)>& wanted,
    const std::function<void(unsigned, const git::BulkObject&)>& visit) const {
    git::BulkOptions bulk;
    bulk.threads = options_.threads;
    bulk.cancel = options_.cancel;
    std::vector<std::uint32_t> some;
    if (options_.known != nullptr) {
        for (std::uint32_t number = 0; number < numbers.size(); ++number) {
            if (numbers[number]) some.push_back(number);
        }
        if (some.size() <= std::max<std::size_t>(kReadAlone, numbers.size() / kReadAloneShare)) {
            return read_some(catalog_, some, wanted, bulk, visit);
        }
    }
    return read_all(
        catalog_,
        [&](std::uint32_t number, git::ObjectType type) {
            return numbers[number] && wanted(number, type);
        },
        bulk, visit);
}

Examined ObjectExaminer::examine_blobs(const PathList& list, const std::vector<bool>& wanted) {
    ThreadPool pool(options_.threads);
    std::vector<Worker> workers(pool.size());
    for (Worker& worker : workers) worker.scratch.stop_on(*options_.cancel);
    // What is not read at all: left out by its paths, or known.
    std::vector<bool> read_these = wanted;
    Examined all;
    for (std::uint32_t number = 0; number < read_these.size(); ++number) {
        if (!read_these[number]) continue;
        if (options_.known != nullptr && options_.known->types[number] != git::ObjectType::kBlob) {
            read_these[number] = false;
            continue;
        }
        const std::vector<Alike> readings = readings_of(list, number);
        if (readings.empty()) {
            read_these[number] = false;
            ++all.not_wanted;
        } else if (take_known(list, number, key_of(readings), all)) {
            read_these[number] = false;
        }
    }
    git::BulkReport report = read(
        read_these,
        [](std::uint32_t, git::ObjectType type) { return type == git::ObjectType::kBlob; },
        [&](unsigned worker, const git::BulkObject& object) {
            examine_blob(workers[worker], object.number, object.bytes, list);
            if (options_.progress != nullptr) options_.progress->add(1, object.bytes.size());
        });
    join(workers, all);
    all.bulk = std::move(report);
    return all;
}

void ObjectExaminer::examine_blob(Worker& worker, std::uint32_t number, std::string_view bytes,
                                  const PathList& list) {
    const std::vector<Alike> readings = readings_of(list, number);
    const std::size_t left_out = worker.left_out;
    const std::uint64_t members = worker.coverage.members_read;
    ObjectState state = ObjectState::kClean;
    for (const Alike& alike : readings) {
        state = std::max(state, examine_as(worker, number, bytes, alike));
    }
    if (options_.cancel->cancelled()) return;
    const bool holds = state == ObjectState::kHolds;
    worker.outcomes.push_back({number, state,
                               key_of(readings) + (holds ? key_of_paths(list, number) : 0),
                               bytes.size(), static_cast<std::uint32_t>(worker.left_out - left_out),
                               static_cast<std::uint32_t>(worker.coverage.members_read - members)});
}

// As a file that stands at all these paths, which are read alike. It is clean where it holds
// nothing whatever paths of this kind it may have.
ObjectState ObjectExaminer::examine_as(Worker& worker, std::uint32_t number, std::string_view bytes,
                                       const Alike& alike) {
    const secrets::Program& program = *options_.findings.program;
    const std::vector<std::uint32_t>& paths = alike.paths;
    const auto path_of = [this](std::uint32_t path) {
        return path == kNoNumber ? std::string(kNoPath) : paths_[path];
    };
    std::vector<ObjectMatches> found(paths.size());
    model::Coverage coverage;
    bool is_clean = true;
    connect::documents_of(
        bytes, origin_of(path_of(paths.front())), options_.read, *options_.cancel, coverage,
        [&](const model::Document& document) {
            const std::string suffix = member_suffix(document);
            model::DocumentKind kind = alike.kind;
            if (!suffix.empty() && kind != 0) {
                for (const std::uint32_t path : paths) kind |= program.kind(path_of(path) + suffix);
            }
            const ManyMatches many(options_.room != nullptr ? &options_.room->many() : nullptr,
                                   worker.scratch);
            const secrets::Facts facts = program.examine(document, kind, worker.scratch);
            const std::size_t counting = count_counting(facts, worker.left_out);
            if (counting == 0 && facts.path_rules.empty()) return;
            is_clean = false;
            for (std::size_t i = 0; i < paths.size(); ++i) {
                const std::string path = path_of(paths[i]) + suffix;
                if (!suffix.empty() && program.allows(path, {})) continue;
                add_matches(document, facts, path, found[i].matches);
            }
        });
    const bool is_told = !coverage.gaps.empty() || coverage.windowed_files != 0;
    coverage.files_read = 0;
    coverage.bytes_read = 0;
    for (model::Gap& gap : coverage.gaps) {
        if (const auto id = catalog_.id_of(number); id.ok()) {
            gap.detail += " (blob " + id.value().hex() + ")";
        }
    }
    worker.coverage.merge(coverage);
    for (std::size_t i = 0; i < paths.size(); ++i) {
        if (found[i].matches.empty()) continue;
        found[i].object = number;
        found[i].path = paths[i];
        sort_once(found[i].matches);
        keep(worker, std::move(found[i]));
    }
    return is_told ? ObjectState::kAgain : is_clean ? ObjectState::kClean : ObjectState::kHolds;
}

// Matches that may count at some path; the others are words or placeholders, or were asked for by a
// rule that needs them.
std::size_t ObjectExaminer::count_counting(const secrets::Facts& facts,
                                           std::size_t& left_out) const {
    std::size_t counting = 0;
    for (const secrets::Fact& fact : facts.matches) {
        if (fact.companion) continue;
        const bool is_doubtful = fact.doubt != secrets::Doubt::kNone &&
                                 options_.findings.doubtful == DoubtfulMatches::kLeaveOut;
        ++(is_doubtful ? left_out : counting);
    }
    return counting;
}

void ObjectExaminer::add_matches(const model::Document& document, const secrets::Facts& facts,
                                 const std::string& path,
                                 std::vector<ContentMatch>& matches) const {
    const secrets::Program& program = *options_.findings.program;
    std::size_t counted_already = 0;
    for (const secrets::SecretFinding& match :
         matches_of(options_.findings, document, facts, path, counted_already)) {
        const auto rule = static_cast<std::uint32_t>(match.rule - program.config().rules.data());
        matches.push_back(
            {rule, tag_of(options_, match.fact != nullptr ? std::string_view(match.fact->secret)
                                                          : content_of_path(path))});
    }
}

void ObjectExaminer::take_known_message(std::uint32_t number, Examined& all) const {
    const ObjectOutcome& known = options_.known->outcomes[number];
    ++all.known[static_cast<std::size_t>(options_.known->types[number])];
    all.known_bytes += known.bytes;
    all.left_out += known.left_out;
    if (known.state != ObjectState::kHolds) return;
    const auto matches =
        std::ranges::equal_range(options_.known->messages, number, {}, &ObjectMatches::object);
    add_known(matches, all);
}

Examined ObjectExaminer::examine_messages(
    const std::function<bool(std::uint32_t)>& wanted,
    const std::function<void(unsigned, const git::BulkObject&)>& on_object) {
    ThreadPool pool(options_.threads);
    std::vector<Worker> workers(pool.size());
    for (Worker& worker : workers) worker.scratch.stop_on(*options_.cancel);
    Examined all;
    std::vector<bool> read_these(catalog_.count(), false);
    for (std::uint32_t number = 0; number < catalog_.count(); ++number) {
        if (!wanted(number)) continue;
        if (options_.known == nullptr) {
            read_these[number] = true;
            continue;
        }
        const ObjectState state = options_.known->outcomes[number].state;
        const git::ObjectType type = options_.known->types[number];
        if (type == git::ObjectType::kCommit || type == git::ObjectType::kTag) {
            if (state == ObjectState::kClean || state == ObjectState::kHolds) {
                take_known_message(number, all);
            } else {
                read_these[number] = true;
            }
        }
    }
    git::BulkReport report = read(
        read_these,
        [](std::uint32_t, git::ObjectType type) {
            return type == git::ObjectType::kCommit || type == git::ObjectType::kTag;
        },
        [&](unsigned worker, const git::BulkObject& object) {
            on_object(worker, object);
            examine_message(workers[worker], object);
        });
    join(workers, all);
    all.bulk = std::move(report);
    return all;
}

void ObjectExaminer::keep(Worker& worker, ObjectMatches found) const {
    if (options_.room != nullptr) {
        options_.room->add(found);
        if (options_.room->has_fallen(worker.bound)) options_.room->keep_low(worker.found);
    }
    if (!found.matches.empty()) worker.found.push_back(std::move(found));
}

void ObjectExaminer::examine_message(Worker& worker, const git::BulkObject& object) const {
    const secrets::Program& program = *options_.findings.program;
    const std::string path(object.type == git::ObjectType::kTag ? kTagMessage : kCommitMessage);
    ObjectOutcome outcome{.object = object.number,
                          .state = ObjectState::kClean,
                          .reading = kMessageReading,
                          .bytes = object.bytes.size()};
    if (options_.cache != nullptr) {
        const auto id = catalog_.id_of(object.number);
        const auto clean =
            id.ok() ? options_.cache->find(id.value(), kMessageReading) : std::nullopt;
        if (clean) {
            worker.left_out += clean->left_out;
            outcome.left_out = clean->left_out;
            worker.cached.push_back(outcome);
            return;
        }
    }
    const std::size_t left_out = worker.left_out;
    ObjectMatches found{object.number, kNoNumber, {}};
    model::Coverage coverage;
    connect::documents_of(
        git::text_of(object.type, object.bytes, catalog_.database().algorithm()), origin_of(path),
        options_.read, *options_.cancel, coverage, [&](const model::Document& document) {
            const ManyMatches many(options_.room != nullptr ? &options_.room->many() : nullptr,
                                   worker.scratch);
            const secrets::Facts facts =
                program.examine(document, program.kind(path), worker.scratch);
            if (count_counting(facts, worker.left_out) == 0) return;
            add_matches(document, facts, path, found.matches);
        });
    outcome.left_out = static_cast<std::uint32_t>(worker.left_out - left_out);
    if (!found.matches.empty()) {
        outcome.state = ObjectState::kHolds;
        sort_once(found.matches);
        keep(worker, std::move(found));
    }
    if (!coverage.gaps.empty()) outcome.state = ObjectState::kAgain;
    worker.coverage.merge(coverage);
    if (!options_.cancel->cancelled()) worker.outcomes.push_back(outcome);
}

void ObjectExaminer::join(std::vector<Worker>& workers, Examined& all) const {
    for (Worker& worker : workers) {
        std::ranges::move(worker.found, std::back_inserter(all.found));
        all.coverage.merge(worker.coverage);
        all.left_out += worker.left_out;
        std::ranges::move(worker.cached, std::back_inserter(all.outcomes));
        for (const ObjectOutcome& one : worker.outcomes) {
            all.outcomes.push_back(one);
            if (options_.cache == nullptr || one.state != ObjectState::kClean) continue;
            if (const auto id = catalog_.id_of(one.object); id.ok()) {
                options_.cache->add(id.value(), one.reading,
                                    {one.bytes, one.left_out, one.members});
            }
        }
    }
    std::ranges::sort(all.found, [](const ObjectMatches& a, const ObjectMatches& b) {
        return std::pair(a.object, a.path) < std::pair(b.object, b.path);
    });
}

void add_findings_of(const ExamineOptions& options, const FindingOptions& findings,
                     std::string_view bytes, const std::string& path,
                     secrets::Program::Scratch& scratch, FileFindings& result) {
    connect::documents_of(bytes, origin_of(path), options.read, *options.cancel, result.coverage,
                          [&](const model::Document& document) {
                              scan_document(findings, document, scratch, result);
                          });
}

}  // namespace merlon::scan
