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

inline constexpr std::string_view kCommitMessage = "(commit message)";
inline constexpr std::string_view kTagMessage = "(tag message)";
// The path of what has none: a blob that no tree holds.
inline constexpr std::string_view kNoPath = "(no path)";

struct ContentMatch {
    std::uint32_t rule = 0;  // number in the program's configuration
    std::string content;     // the secret, in the clear
    auto operator<=>(const ContentMatch&) const = default;
};

// The matches of one object at one path: sorted, each once. For messages the path is kNone.
struct ObjectMatches {
    std::uint32_t object = 0;
    std::uint32_t path = kNone;
    std::vector<ContentMatch> matches;
};

struct Examined {
    std::vector<ObjectMatches> found;  // by object, then path
    connect::git::BulkReport bulk;
    model::Coverage coverage;  // of members and gaps inside blobs
    std::size_t left_out = 0;
    std::uint64_t not_wanted = 0;   // blobs whose every path the rules' allowlists leave out
    std::uint64_t known_clean = 0;  // blobs that the cache knows
    std::uint64_t known_bytes = 0;  // of those
};

struct ExamineOptions {
    FindingOptions findings;
    connect::ReadOptions read;
    unsigned threads = 1;
    const CancelToken* cancel = nullptr;
    Progress* progress = nullptr;   // may be null
    HistoryCache* cache = nullptr;  // may be null
};

// What the rules think of each path.
struct PathFacts {
    bool is_allowed = false;  // by the global allowlists: not looked at
    model::DocumentKind kind = 0;
    std::string reading;  // what of the name decides how bytes are read
};
std::vector<PathFacts> path_facts(const std::vector<std::string>& paths,
                                  const secrets::Program& program, unsigned threads);

// Reads blobs with the paths that a list gives them; those without any stand at kNoPath.
class ObjectExaminer {
  public:
    ObjectExaminer(const connect::git::ObjectCatalog& catalog,
                   const std::vector<std::string>& paths, const std::vector<PathFacts>& facts,
                   const ExamineOptions& options);

    using PathList = std::vector<std::pair<std::uint32_t, std::uint32_t>>;  // object, path; sorted
    Examined examine_blobs(const PathList& paths_of, const std::vector<bool>& wanted);

    // Messages of all commits and tags that `wanted` says yes to; `on_object` hears of each.
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
    void examine_blob(Worker& worker, std::uint32_t number, std::string_view bytes,
                      const PathList& list);
    bool examine_as(Worker& worker, std::uint32_t number, std::string_view bytes,
                    const Alike& alike);
    std::size_t count_counting(const secrets::Facts& facts, std::size_t& left_out) const;
    void add_matches(const secrets::Facts& facts, const std::string& path, std::uint64_t first_line,
                     std::vector<ContentMatch>& matches) const;
    Examined join(std::vector<Worker>& workers) const;

    const connect::git::ObjectCatalog& catalog_;
    const std::vector<std::string>& paths_;
    const std::vector<PathFacts>& facts_;
    const ExamineOptions& options_;
};

// The findings of an object at a path, with lines and excerpts.
FileFindings findings_of(const ExamineOptions& options, std::string_view bytes,
                         const std::string& path, secrets::Program::Scratch& scratch);

// The message of a commit or tag; empty for what is neither.
std::string_view message_of(connect::git::ObjectType type, std::string_view bytes,
                            connect::git::HashAlgorithm algorithm);

}  // namespace merlon::scan
