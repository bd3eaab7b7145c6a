#include "scan/history_checkpoint.h"

#include <gtest/gtest.h>

#include "scan/history_checkpoint_example.h"

namespace merlon::scan {
namespace {

namespace git = connect::git;

TEST(HistoryCheckpoint, IsReadAsWritten) {
    const std::string bytes = serialize(example_checkpoint());
    const auto read = parse_checkpoint(bytes, git::HashAlgorithm::kSha1);
    ASSERT_TRUE(read);
    EXPECT_EQ(serialize(*read), bytes);
    EXPECT_EQ(read->commits[0].changes[1].after, kNoNumber);
    EXPECT_EQ(read->objects[2].outcome.members, 3U);
    EXPECT_EQ(read->findings[0].rule_id, "rule");
    EXPECT_EQ(read->prints[0], (SecretPrint{11, 12, 13}));
}

TEST(HistoryCheckpoint, WhatIsCutOrLongerIsNone) {
    const std::string bytes = serialize(example_checkpoint());
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_FALSE(
            parse_checkpoint(std::string_view(bytes).substr(0, size), git::HashAlgorithm::kSha1));
    }
    EXPECT_FALSE(parse_checkpoint(bytes + "x", git::HashAlgorithm::kSha1));
}

TEST(HistoryCheckpoint, PlacesOutsideOfTheListsAreRefused) {
    const auto refused = [](auto change) {
        HistoryCheckpoint all = example_checkpoint();
        change(all);
        return !parse_checkpoint(serialize(all), git::HashAlgorithm::kSha1).has_value();
    };
    EXPECT_TRUE(refused([](HistoryCheckpoint& all) { all.commits[0].tree = 3; }));
    EXPECT_TRUE(refused([](HistoryCheckpoint& all) { all.commits[0].parents = {9}; }));
    EXPECT_TRUE(refused([](HistoryCheckpoint& all) { all.commits[0].changes[0].path = 1; }));
    EXPECT_TRUE(
        refused([](HistoryCheckpoint& all) { all.commits[0].changes[0].before_count = 2; }));
    EXPECT_TRUE(refused([](HistoryCheckpoint& all) { all.blobs[0].object = 3; }));
    EXPECT_TRUE(refused([](HistoryCheckpoint& all) { all.versions[0].finding_count = 2; }));
    EXPECT_TRUE(refused([](HistoryCheckpoint& all) { std::swap(all.ids[0], all.ids[1]); }));
}

// Whatever stands there, reading ends and places stay inside.
TEST(HistoryCheckpoint, AnyByteMayBeWrong) {
    const std::string bytes = serialize(example_checkpoint());
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        for (const char wrong : {'\0', '\x01', '\x7F', '\xFF'}) {
            std::string changed = bytes;
            changed[at] = wrong;
            const auto read = parse_checkpoint(changed, git::HashAlgorithm::kSha1);
            if (!read) continue;
            for (const HistoryCheckpoint::Commit& commit : read->commits) {
                EXPECT_LT(commit.tree, read->ids.size());
                for (const HistoryChange& change : commit.changes) {
                    EXPECT_LE(change.before_begin + change.before_count, commit.before.size());
                }
            }
        }
    }
}

}  // namespace
}  // namespace merlon::scan
