#pragma once

// What a push adds, as changes to scan: every commit that the updated references reach and none of
// the known ones does, each against its parents; tags and messages with them.
//
// The idea: an object that no known reference reaches is new, and no other is. A file of a merge is
// changed only where it differs from all parents: the rest was said when those came. References to
// trees and blobs, which hardly anybody makes, are scanned whole.
//
// One thread. Memory: the changed files' names and ids.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "connect/git/repository.h"
#include "scan/changes_scan.h"

namespace merlon::scan {

// A line of what git tells pre-receive and pre-push.
struct ReferenceUpdate {
    std::string name;  // "refs/heads/main"
    std::optional<connect::git::ObjectId> before;
    std::optional<connect::git::ObjectId> after;  // nothing: it is deleted
};

// "<old> <new> <name>" a line (githooks(5), pre-receive).
Result<std::vector<ReferenceUpdate>> parse_receive_lines(std::string_view text);
// "<local name> <local id> <remote name> <remote id>" a line (githooks(5), pre-push).
Result<std::vector<ReferenceUpdate>> parse_push_lines(std::string_view text);

// `known`: tips whose commits are not new. Those that are not here are passed over.
Changes pushed_changes(const connect::git::Repository& repository,
                       std::span<const ReferenceUpdate> updates,
                       std::span<const connect::git::ObjectId> known);

}  // namespace merlon::scan
