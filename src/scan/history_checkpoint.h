#pragma once

// All that a scan of a whole history has found out, so that the next run looks at new objects only.
//
// The idea: objects never change, and so neither do the changes of a commit, the matches of a blob
// at a path, nor the findings of a version. One entry of the file cache for each repository,
// program and set of limits holds them, with every object by its place in one sorted table of ids:
// packing does not matter. What may change between runs (references, reflogs, the index, the order
// of commits, HEAD, suppressions) is not in it, and the next run works it out anew; so its report
// is the report without the entry, byte for byte.
//
// No secret stands in it. Matches name theirs by a tag: HMAC-SHA256 under a key that is made of the
// contents of a sample of the repository's objects, whose ids alone are stored. Who has the cache
// without the repository cannot try secrets out; what a report's mask needs of them (secret_mask.h)
// is under that key too. Findings are as a report shows them, masked; a run that shows secrets
// neither reads nor writes any.
//
// An entry that does not parse, or names an object that is gone, is no entry. Values; no state.
// Memory: some 60 bytes an object and 20 for each change of each commit.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connect/git/object_database.h"
#include "scan/history_examine.h"
#include "scan/history_walk.h"
#include "scan/secret_mask.h"

namespace merlon::scan {

// Numbers of objects are places in `objects`, numbers of paths places in `paths`.
struct HistoryCheckpoint {
    struct Object {
        connect::git::ObjectType type = connect::git::ObjectType::kBlob;
        bool is_seen_tree = false;  // some commit has it
        ObjectOutcome outcome;      // its number is not stored
    };
    struct Commit {
        std::uint32_t object = 0;
        std::uint32_t tree = 0;
        std::uint64_t date = 0;
        std::vector<std::uint32_t> parents;
        std::vector<HistoryChange> changes;
        std::vector<std::uint32_t> before;
    };
    struct Version {
        std::uint32_t object = 0;
        std::uint32_t path = kNoNumber;
        std::uint8_t kind = 0;  // PlaceKind
        std::uint32_t first_finding = 0;
        std::uint32_t finding_count = 0;
    };

    std::vector<connect::git::ObjectId> ids;  // sorted
    std::vector<Object> objects;              // the same order
    std::vector<std::string> paths;
    std::vector<PathFacts> path_facts;
    std::vector<Commit> commits;
    std::vector<ObjectMatches> blobs;     // by object, then path
    std::vector<ObjectMatches> messages;  // by object
    std::vector<Version> versions;
    std::vector<model::Finding>
        findings;  // of the versions, and what is known of each one's secret
    std::vector<std::string> tags;
    std::vector<SecretPrint> prints;
    std::vector<connect::git::ObjectId> sample;
    std::vector<connect::git::ObjectId> submodules;
};

std::string serialize(const HistoryCheckpoint& checkpoint);
// Nothing for bytes that are no checkpoint.
std::optional<HistoryCheckpoint> parse_checkpoint(std::string_view bytes,
                                                  connect::git::HashAlgorithm algorithm);

// The ids of some objects, spread over the catalog.
std::vector<connect::git::ObjectId> sample_of(const connect::git::ObjectCatalog& catalog);
// The key that their contents give; nothing where one cannot be read.
std::optional<std::string> key_of_sample(const connect::git::ObjectDatabase& database,
                                         const std::vector<connect::git::ObjectId>& sample);

}  // namespace merlon::scan
