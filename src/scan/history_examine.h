#pragma once

// What stands in the objects of a repository: each blob and message is examined once, whatever
// number of commits and paths it has.
//
// The idea: a blob's paths are known (history_walk.h), so it is read as a file of that name would
// be: notebooks, office files and archives by their names, rules that ask for a path by all of
// them. What is kept of a blob are the matches that count at each of its paths, as rule and
// content; the few that have some are read again when a report wants their lines. A blob that has
// none is remembered (history_cache.h), because neither its paths' kinds nor its bytes will change.
//
// Objects come from read_all(), in the order of the pack. Results are put in one order afterwards.

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/progress.h"
#include "connect/files/files.h"
#include "connect/git/bulk_read.h"
#include "scan/document_findings.h"
#include "scan/history_walk.h"

namespace merlon::scan {

class HistoryCache;
class MatchRoom;

inline constexpr std::string_view kCommitMessage = "(commit message)";
inline constexpr std::string_view kTagMessage = "(tag message)";
// The path of what has none: a blob that no tree holds.
inline constexpr std::string_view kNoPath = "(no path)";
// What helps where there is too much of a history.
inline constexpr std::string_view kLessHistory =
    "look at a part of the history (--range, --since-commit, --branch), leave out what is "
    "generated "
    "(--exclude), or use narrower rules (--rules)";

struct ContentMatch {
    std::uint32_t rule = 0;  // number in the program's configuration
    std::string tag;         // stands for the secret: see tag_of()
    auto operator<=>(const ContentMatch&) const = default;
};

// The matches of one object at one path: sorted, each once. For messages the path is kNoNumber.
struct ObjectMatches {
    std::uint32_t object = 0;
    std::uint32_t path = kNoNumber;
    std::vector<ContentMatch> matches;
};

enum class ObjectState : std::uint8_t {
    kUnknown,
    kClean,  // holds nothing, at whatever path of its readings
    kHolds,  // has the matches that were found, at the paths that it had
    kAgain   // something is to be told of it that is not kept
};

// What the examination of one object gave, for the next run.
struct ObjectOutcome {
    std::uint32_t object = 0;
    ObjectState state = ObjectState::kUnknown;
    std::uint64_t reading = 0;  // how its names made it read; where it holds something, the names
    std::uint64_t bytes = 0;
    std::uint32_t left_out = 0;  // matches that are words or placeholders
    std::uint32_t members = 0;   // of an archive
};

// What an earlier run found out, in the numbers of this one.
struct KnownObjects {
    std::vector<ObjectOutcome> outcomes;          // by number
    std::vector<connect::git::ObjectType> types;  // by number, of those that are known
    std::vector<std::uint32_t> unknown;           // numbers
    std::vector<ObjectMatches> blobs;             // by object, then path
    std::vector<ObjectMatches> messages;          // by object
};

struct Examined {
    std::vector<ObjectMatches> found;  // by object, then path
    connect::git::BulkReport bulk;
    model::Coverage coverage;  // of members and gaps inside blobs
    std::size_t left_out = 0;
    std::uint64_t not_wanted = 0;  // blobs whose every path the rules' allowlists leave out
    // Not read, because they are known, by ObjectType.
    std::array<std::uint64_t, 5> known{};
    std::uint64_t known_bytes = 0;
    std::vector<ObjectOutcome> outcomes;  // of those that were wanted and not left out, but `known`
};

struct ExamineOptions {
    FindingOptions findings;
    connect::ReadOptions read;
    unsigned threads = 1;
    const CancelToken* cancel = nullptr;
    Progress* progress = nullptr;         // may be null
    HistoryCache* cache = nullptr;        // may be null
    const KnownObjects* known = nullptr;  // may be null
    MatchRoom* room = nullptr;            // may be null
    std::string tag_key;
};

// What stands for a secret from here on: a part of its HMAC-SHA256 under the run's key.
std::string tag_of(const ExamineOptions& options, std::string_view content);

// What the rules think of each path.
struct PathFacts {
    bool is_allowed = false;  // by the global allowlists or --exclude: not looked at
    model::DocumentKind kind = 0;
    std::string reading;  // what of the name decides how bytes are read
};
PathFacts path_facts(const std::string& path, const secrets::Program& program);

// Reads blobs with the paths that a list gives them; those without any stand at kNoPath.
class ObjectExaminer {
  public:
    ObjectExaminer(const connect::git::ObjectCatalog& catalog,
                   const std::vector<std::string>& paths, const std::vector<PathFacts>& facts,
                   const ExamineOptions& options);

    using PathList = std::vector<std::pair<std::uint32_t, std::uint32_t>>;  // object, path; sorted
    Examined examine_blobs(const PathList& paths_of, const std::vector<bool>& wanted);

    // Messages of all commits and tags that `wanted` says yes to; `on_object` hears of each that is
    // read.
    Examined examine_messages(
        const std::function<bool(std::uint32_t number)>& wanted,
        const std::function<void(unsigned worker, const connect::git::BulkObject&)>& on_object);

  private:
    struct Worker;
    // Paths of one object that are read alike.
    struct Alike {
        std::vector<std::uint32_t> paths;
        model::DocumentKind kind = 0;
        std::string reading;
    };
    static std::span<const std::pair<std::uint32_t, std::uint32_t>> paths_of(const PathList& list,
                                                                             std::uint32_t object);
    std::vector<Alike> readings_of(const PathList& list, std::uint32_t object) const;
    static std::uint64_t key_of(const std::vector<Alike>& readings);
    std::uint64_t key_of_paths(const PathList& list, std::uint32_t object) const;
    bool take_known(const PathList& list, std::uint32_t number, std::uint64_t key,
                    Examined& all) const;
    void add_known(std::span<const ObjectMatches> matches, Examined& all) const;
    void take_known_message(std::uint32_t number, Examined& all) const;
    connect::git::BulkReport read(
        const std::vector<bool>& numbers,
        const std::function<bool(std::uint32_t, connect::git::ObjectType)>& wanted,
        const std::function<void(unsigned, const connect::git::BulkObject&)>& visit) const;
    void keep(Worker& worker, ObjectMatches found) const;
    void examine_message(Worker& worker, const connect::git::BulkObject& object) const;
    void examine_blob(Worker& worker, std::uint32_t number, std::string_view bytes,
                      const PathList& list);
    ObjectState examine_as(Worker& worker, std::uint32_t number, std::string_view bytes,
                           const Alike& alike);
    std::size_t count_counting(const secrets::Facts& facts, std::size_t& left_out) const;
    void add_matches(const model::Document& document, const secrets::Facts& facts,
                     const std::string& path, std::vector<ContentMatch>& matches) const;
    void join(std::vector<Worker>& workers, Examined& all) const;

    const connect::git::ObjectCatalog& catalog_;
    const std::vector<std::string>& paths_;
    const std::vector<PathFacts>& facts_;
    const ExamineOptions& options_;
};

// The findings of an object at a path, with lines and excerpts, before their fingerprints.
void add_findings_of(const ExamineOptions& options, const FindingOptions& findings,
                     std::string_view bytes, const std::string& path,
                     secrets::Program::Scratch& scratch, FileFindings& result);

}  // namespace merlon::scan
