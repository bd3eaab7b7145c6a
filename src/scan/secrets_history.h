#pragma once

// The control behind `merlon scan secrets --history`: a repository in, one Report out.
//
// The idea, in four steps: commits and tags are read, and their messages examined; every commit is
// compared with its parents by tree, so that each blob's paths are known (history_walk.h); each
// blob is examined once, in the order of the pack (history_examine.h); and only for the blobs that
// hold something the story is told: who brought it in, who took it out, what still leads to it
// (history_story.h). Everything in the object database is looked at, whatever leads to it: all
// references, stash, notes, reflogs, the index, and what nothing leads to any more. What is missing
// or damaged is a gap.
//
// One secret of one rule is one finding, with all its places. The report does not depend on
// threads, on how objects are packed, or on the cache.

#include <optional>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "base/file_cache.h"
#include "base/progress.h"
#include "base/result.h"
#include "connect/files/files.h"
#include "connect/git/repository.h"
#include "model/analysis.h"
#include "scan/ci_range.h"
#include "scan/document_findings.h"
#include "scan/match_room.h"
#include "scan/suppressions.h"

namespace merlon::scan {

struct HistoryScan {
    std::string repository = ".";
    // Whose repositories are read. Objects are read as they are, whatever refs/replace and grafts
    // show for them.
    connect::git::OpenOptions open;
    // Words of `git log` for the commits to look at ("A..B", "^A", a branch); none: everything.
    std::vector<std::string> revisions;
    // In place of them: what a pipeline's run is about.
    std::optional<CiRange> pipeline;
    std::vector<std::string> excludes;  // patterns as in .gitignore, over paths in the repository
    FindingOptions findings;
    connect::ReadOptions read;
    Suppressions suppressions;
    std::uint64_t max_matches = MatchRoom::kMostMatches;
    std::uint64_t max_finding_bytes = MatchRoom::kMostBytes;
    unsigned threads = 1;
    std::string version;
    std::string build;           // keeps entries of the cache apart
    FileCache* cache = nullptr;  // may be null
    const CancelToken* cancel = nullptr;
    Progress* progress = nullptr;  // may be null
};

// The report's scope is the repository and the words for the commits. Fails where there is no
// repository, or where a revision does not exist.
Result<model::Report> scan_secrets_history(const HistoryScan& request);

}  // namespace merlon::scan
