#pragma once

// A small checkpoint with something in each of its tables, for the tests and the fuzz target.

#include <string>

#include "scan/history_checkpoint.h"

namespace merlon::scan {

inline connect::git::ObjectId id(char first) {
    const std::string raw(32, first);
    return connect::git::ObjectId::from_bytes(connect::git::HashAlgorithm::kSha1, raw.data());
}

inline HistoryCheckpoint example_checkpoint() {
    HistoryCheckpoint all;
    all.ids = {id('a'), id('b'), id('c')};
    all.objects.resize(3);
    all.objects[0].type = connect::git::ObjectType::kCommit;
    all.objects[0].outcome = {0, ObjectState::kClean, 1, 200, 2, 0};
    all.objects[1] = {connect::git::ObjectType::kTree, true, {}};
    all.objects[2].outcome = {0, ObjectState::kHolds, 77, 1000, 1, 3};
    all.paths = {"a/b.txt"};
    all.path_facts = {{false, 5, ".txt"}};
    HistoryCheckpoint::Commit commit;
    commit.object = 0;
    commit.tree = 1;
    commit.date = 1'600'000'000;
    commit.before = {2};
    commit.changes = {{0, 2, 0, 1}, {0, kNoNumber, 1, 0}};
    all.commits.push_back(commit);
    all.blobs = {{2, 0, {{4, "tag"}}}};
    all.messages = {{0, kNoNumber, {{5, "tag"}}}};
    all.versions = {{2, 0, 0, 0, 1}};
    all.findings.resize(1);
    all.findings[0].rule_id = "rule";
    all.tags = {"tag"};
    all.prints = {{11, 12, 13}};
    all.sample = {id('b')};
    all.submodules = {id('z')};
    return all;
}

}  // namespace merlon::scan
