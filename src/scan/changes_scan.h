#pragma once

// Secrets that a change brings in: what is staged, what a push adds.
//
// The idea: whole files are examined, because a secret and its keyword may stand in different
// hunks; but only what is new is told: a secret that stands in the same file before the change (in
// every version that a merge joins) is somebody else's finding. Equal is the content of the secret
// under the same rule, wherever it moved to in the file.
//
// Starts its own workers. Memory: one file for each worker, large ones one at a time, and the old
// versions of files that have findings.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "connect/git/object.h"
#include "connect/git/open_changes.h"
#include "model/analysis.h"
#include "scan/secrets_scan.h"

namespace merlon::scan {

struct ChangedFile {
    struct Version {
        std::string path;
        connect::git::ObjectId id;
    };
    Version after;
    std::vector<Version> before;  // none: the file is new
    std::string commit;           // empty: it is staged
};

// A commit's or a tag's message.
struct ChangedMessage {
    std::string name;  // "(commit message)"
    std::string text;
    std::string commit;  // or the tag
};

struct Changes {
    const connect::git::ObjectReader* objects = nullptr;
    std::vector<ChangedFile> files;
    std::vector<ChangedMessage> messages;
    std::vector<model::Gap> gaps;
};

// The property of a finding that names its commit.
inline constexpr const char* kCommitProperty = "commit";

// What is staged, as changes to scan. Deleted files and submodules bring nothing in.
Changes changes_of(const connect::git::OpenChanges& open);

// The gap of a version that could not be read.
model::Gap gap_of(connect::git::ObjectFailure failure, std::string path, std::string detail);

// As scan_secrets(), of changes instead of files: `request.arguments` are only named as its scope,
// and of `request.walk` the excludes hold.
model::Report scan_changes(const SecretsScan& request, const Changes& changes);

}  // namespace merlon::scan
