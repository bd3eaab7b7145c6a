#include "scan/history_examine.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/hash.h"
#include "base/thread_pool.h"
#include "connect/git/commit.h"
#include "scan/history_cache.h"

namespace merlon::scan {
namespace {

namespace git = connect::git;

// Messages have one name and one way of being read.
constexpr std::uint64_t kMessageReading = 1;

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
    struct Clean {
        git::ObjectId id;
        std::uint64_t reading = 0;
        HistoryCache::Clean clean;
    };
    std::vector<Clean> clean;
};

std::vector<PathFacts> path_facts(const std::vector<std::string>& paths,
                                  const secrets::Program& program, unsigned threads) {
    std::vector<PathFacts> facts(paths.size());
    ThreadPool(threads).for_each(paths.size(), [&](std::size_t i, unsigned) {
        facts[i].is_allowed = program.allows(paths[i], {});
        if (facts[i].is_allowed) return;
        facts[i].kind = program.kind(paths[i]);
        facts[i].reading = connect::reading_of(paths[i]);
    });
    return facts;
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
    if (paths.empty()) return {{{kNone}, 0, {}}};
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

Examined ObjectExaminer::examine_blobs(const PathList& list, const std::vector<bool>& wanted) {
    ThreadPool pool(options_.threads);
    std::vector<Worker> workers(pool.size());
    for (Worker& worker : workers) worker.scratch.stop_on(*options_.cancel);
    // What is not read at all: left out by its paths, or known to hold nothing.
    std::vector<bool> read = wanted;
    Examined known;
    for (std::uint32_t number = 0; number < read.size(); ++number) {
        if (!read[number]) continue;
        const std::vector<Alike> readings = readings_of(list, number);
        if (readings.empty()) {
            read[number] = false;
            ++known.not_wanted;
        } else if (options_.cache != nullptr) {
            const auto id = catalog_.id_of(number);
            const std::optional<HistoryCache::Clean> clean =
                id.ok() ? options_.cache->find(id.value(), key_of(readings)) : std::nullopt;
            if (!clean) continue;
            read[number] = false;
            ++known.known_clean;
            known.known_bytes += clean->bytes;
            known.left_out += clean->left_out;
            known.coverage.members_read += clean->members;
        }
    }
    git::BulkOptions bulk;
    bulk.threads = options_.threads;
    bulk.cancel = options_.cancel;
    git::BulkReport report = read_all(
        catalog_,
        [&](std::uint32_t number, git::ObjectType type) {
            return type == git::ObjectType::kBlob && read[number];
        },
        bulk,
        [&](unsigned worker, const git::BulkObject& object) {
            examine_blob(workers[worker], object.number, object.bytes, list);
            if (options_.progress != nullptr) options_.progress->add(1, object.bytes.size());
        });
    Examined all = join(workers);
    all.bulk = std::move(report);
    all.not_wanted = known.not_wanted;
    all.known_clean = known.known_clean;
    all.known_bytes = known.known_bytes;
    all.left_out += known.left_out;
    all.coverage.members_read += known.coverage.members_read;
    return all;
}

void ObjectExaminer::examine_blob(Worker& worker, std::uint32_t number, std::string_view bytes,
                                  const PathList& list) {
    const std::vector<Alike> readings = readings_of(list, number);
    const std::size_t left_out = worker.left_out;
    const std::uint64_t members = worker.coverage.members_read;
    bool is_clean = true;
    for (const Alike& alike : readings) is_clean &= examine_as(worker, number, bytes, alike);
    if (!is_clean || options_.cache == nullptr || options_.cancel->cancelled()) return;
    if (const auto id = catalog_.id_of(number); id.ok()) {
        worker.clean.push_back(
            {id.value(),
             key_of(readings),
             {bytes.size(), static_cast<std::uint32_t>(worker.left_out - left_out),
              static_cast<std::uint32_t>(worker.coverage.members_read - members)}});
    }
}

// As a file that stands at all these paths, which are read alike. Returns whether it holds nothing,
// whatever paths of this kind it may have.
bool ObjectExaminer::examine_as(Worker& worker, std::uint32_t number, std::string_view bytes,
                                const Alike& alike) {
    const secrets::Program& program = *options_.findings.program;
    const std::vector<std::uint32_t>& paths = alike.paths;
    const auto path_of = [this](std::uint32_t path) {
        return path == kNone ? std::string(kNoPath) : paths_[path];
    };
    std::vector<ObjectMatches> found(paths.size());
    model::Coverage coverage;
    bool is_clean = true;
    connect::documents_of(bytes, origin_of(path_of(paths.front())), options_.read, *options_.cancel,
                          coverage, [&](const model::Document& document) {
                              const std::string suffix = member_suffix(document);
                              model::DocumentKind kind = alike.kind;
                              if (!suffix.empty() && kind != 0) {
                                  for (const std::uint32_t path : paths)
                                      kind |= program.kind(path_of(path) + suffix);
                              }
                              const secrets::Facts facts =
                                  program.examine(document, kind, worker.scratch);
                              const std::size_t counting = count_counting(facts, worker.left_out);
                              if (counting == 0 && facts.path_rules.empty()) return;
                              is_clean = false;
                              for (std::size_t i = 0; i < paths.size(); ++i) {
                                  const std::string path = path_of(paths[i]) + suffix;
                                  if (!suffix.empty() && program.allows(path, {})) continue;
                                  add_matches(facts, path, document.first_line, found[i].matches);
                              }
                          });
    is_clean &= coverage.gaps.empty();
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
        worker.found.push_back(std::move(found[i]));
    }
    return is_clean;
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

void ObjectExaminer::add_matches(const secrets::Facts& facts, const std::string& path,
                                 std::uint64_t first_line,
                                 std::vector<ContentMatch>& matches) const {
    const secrets::Program& program = *options_.findings.program;
    std::size_t counted_already = 0;
    for (const secrets::SecretFinding& match :
         matches_of(options_.findings, facts, path, first_line, counted_already)) {
        const auto rule = static_cast<std::uint32_t>(match.rule - program.config().rules.data());
        matches.push_back(
            {rule, match.fact != nullptr ? match.fact->secret : content_of_path(path)});
    }
}

Examined ObjectExaminer::examine_messages(
    const std::function<bool(std::uint32_t)>& wanted,
    const std::function<void(unsigned, const git::BulkObject&)>& on_object) {
    ThreadPool pool(options_.threads);
    std::vector<Worker> workers(pool.size());
    for (Worker& worker : workers) worker.scratch.stop_on(*options_.cancel);
    const secrets::Program& program = *options_.findings.program;
    const git::HashAlgorithm algorithm = catalog_.database().algorithm();
    git::BulkOptions bulk;
    bulk.threads = options_.threads;
    bulk.cancel = options_.cancel;
    git::BulkReport report = read_all(
        catalog_,
        [&](std::uint32_t number, git::ObjectType type) {
            return (type == git::ObjectType::kCommit || type == git::ObjectType::kTag) &&
                   wanted(number);
        },
        bulk,
        [&](unsigned index, const git::BulkObject& object) {
            on_object(index, object);
            Worker& worker = workers[index];
            const std::string path(object.type == git::ObjectType::kTag ? kTagMessage
                                                                        : kCommitMessage);
            const auto id = catalog_.id_of(object.number);
            if (options_.cache != nullptr && id.ok()) {
                if (const auto clean = options_.cache->find(id.value(), kMessageReading)) {
                    worker.left_out += clean->left_out;
                    return;
                }
            }
            const std::size_t left_out = worker.left_out;
            ObjectMatches found{object.number, kNone, {}};
            connect::documents_of(
                message_of(object.type, object.bytes, algorithm), origin_of(path), options_.read,
                *options_.cancel, worker.coverage, [&](const model::Document& document) {
                    const secrets::Facts facts =
                        program.examine(document, program.kind(path), worker.scratch);
                    if (count_counting(facts, worker.left_out) == 0) return;
                    add_matches(facts, path, 1, found.matches);
                });
            if (!found.matches.empty()) {
                sort_once(found.matches);
                worker.found.push_back(std::move(found));
            } else if (options_.cache != nullptr && id.ok() && !options_.cancel->cancelled()) {
                worker.clean.push_back(
                    {id.value(),
                     kMessageReading,
                     {object.bytes.size(), static_cast<std::uint32_t>(worker.left_out - left_out),
                      0}});
            }
        });
    Examined all = join(workers);
    all.bulk = std::move(report);
    return all;
}

Examined ObjectExaminer::join(std::vector<Worker>& workers) const {
    Examined all;
    for (Worker& worker : workers) {
        std::ranges::move(worker.found, std::back_inserter(all.found));
        all.coverage.merge(worker.coverage);
        all.left_out += worker.left_out;
        if (options_.cache == nullptr) continue;
        for (const Worker::Clean& clean : worker.clean) {
            options_.cache->add(clean.id, clean.reading, clean.clean);
        }
    }
    std::ranges::sort(all.found, [](const ObjectMatches& a, const ObjectMatches& b) {
        return std::pair(a.object, a.path) < std::pair(b.object, b.path);
    });
    return all;
}

FileFindings findings_of(const ExamineOptions& options, std::string_view bytes,
                         const std::string& path, secrets::Program::Scratch& scratch) {
    FileFindings result;
    connect::documents_of(bytes, origin_of(path), options.read, *options.cancel, result.coverage,
                          [&](const model::Document& document) {
                              scan_document(options.findings, document, scratch, result);
                          });
    add_fingerprints(result);
    return result;
}

std::string_view message_of(git::ObjectType type, std::string_view bytes,
                            git::HashAlgorithm algorithm) {
    if (type == git::ObjectType::kCommit) {
        const auto commit = git::parse_commit(bytes, algorithm);
        return commit.ok() ? commit.value().message : std::string_view{};
    }
    const auto tag = git::parse_tag(bytes, algorithm);
    return tag.ok() ? tag.value().message : std::string_view{};
}

}  // namespace merlon::scan
