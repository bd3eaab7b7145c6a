#include "connect/git/history_changes.h"

#include <gtest/gtest.h>

#include "connect/git/object_database.h"
#include "connect/git/object_map.h"

namespace merlon::connect::git {
namespace {

struct Entry {
    std::string mode;
    std::string name;
    ObjectId id;
};

class HistoryChanges : public testing::Test {
  protected:
    ObjectId blob(const std::string& text) { return objects_.blob(text); }

    ObjectId tree(const std::vector<Entry>& entries) {
        std::string bytes;
        for (const Entry& entry : entries) {
            bytes += entry.mode + ' ' + entry.name + '\0' + std::string(entry.id.bytes());
        }
        return objects_.put(ObjectType::kTree, bytes);
    }

    // "A path", "D path", "M path (2)" for a path that two parents have.
    std::vector<std::string> changes(const ObjectId& after, const std::vector<ObjectId>& parents) {
        std::vector<std::string> lines;
        trees_.clear();
        problems_.clear();
        ChangeVisitor visitor;
        visitor.on_tree = [&](const ObjectId& id) { trees_.push_back(id); };
        visitor.on_problem = [&](const DiffProblem& problem) { problems_.push_back(problem); };
        visitor.on_change = [&](const PathChange& change) {
            std::size_t there = 0;
            for (const FileVersion& before : change.before) there += before.exists() ? 1 : 0;
            std::string line = !change.after.exists() ? "D " : there == 0 ? "A " : "M ";
            line += change.path;
            if (change.before.size() > 1) line += " (" + std::to_string(there) + ")";
            lines.push_back(line);
        };
        ChangeFinder(objects_).find(after, parents, visitor);
        return lines;
    }

    ObjectMap objects_;
    std::vector<ObjectId> trees_;
    std::vector<DiffProblem> problems_;
};

using Lines = std::vector<std::string>;

TEST_F(HistoryChanges, FirstCommitIsAllNew) {
    const ObjectId inner = tree({{"100644", "b", blob("b")}});
    const ObjectId root = tree({{"100644", "a", blob("a")}, {"40000", "d", inner}});
    EXPECT_EQ(changes(root, {}), (Lines{"A a", "A d/b"}));
    EXPECT_EQ(trees_, (std::vector{root, inner}));
}

TEST_F(HistoryChanges, OneParentGivesTheDifference) {
    const ObjectId same = tree({{"100644", "x", blob("x")}});
    const ObjectId old = tree({{"100644", "a", blob("1")},
                               {"100644", "b", blob("2")},
                               {"40000", "s", same},
                               {"100644", "z", blob("z")}});
    const ObjectId now = tree({{"100644", "a", blob("1")},
                               {"100644", "aa", blob("new")},
                               {"100644", "b", blob("3")},
                               {"40000", "s", same}});
    EXPECT_EQ(changes(now, {old}), (Lines{"A aa", "M b", "D z"}));
    EXPECT_EQ(trees_, (std::vector{now}));  // what is equal is not opened
    EXPECT_EQ(changes(old, {old}), Lines{});
}

TEST_F(HistoryChanges, FileBecomesFolder) {
    const ObjectId old = tree({{"100644", "a", blob("1")}});
    const ObjectId now = tree({{"40000", "a", tree({{"100644", "b", blob("1")}})}});
    EXPECT_EQ(changes(now, {old}), (Lines{"D a", "A a/b"}));
    EXPECT_EQ(changes(old, {now}), (Lines{"A a", "D a/b"}));
}

TEST_F(HistoryChanges, MergeGivesWhatNoParentHas) {
    const ObjectId left = tree({{"100644", "both", blob("l")}, {"100644", "left", blob("1")}});
    const ObjectId right = tree({{"100644", "both", blob("r")}, {"100644", "right", blob("2")}});
    const ObjectId merge = tree({{"100644", "both", blob("m")},
                                 {"100644", "evil", blob("e")},
                                 {"100644", "left", blob("1")},
                                 {"100644", "right", blob("2")}});
    EXPECT_EQ(changes(merge, {left, right}), (Lines{"M both (2)", "A evil (0)"}));
    EXPECT_EQ(changes(left, {left, right}), Lines{});
    // Gone on one side already: nobody took it out here.
    const ObjectId neither = tree({{"100644", "both", blob("l")}});
    EXPECT_EQ(changes(neither, {left, right}), Lines{});
}

TEST_F(HistoryChanges, WhatIsNotThereIsTold) {
    const ObjectId absent = hash_object(HashAlgorithm::kSha1, ObjectType::kTree, "absent");
    const ObjectId root = tree({{"100644", "a", blob("1")}, {"40000", "d", absent}});
    EXPECT_EQ(changes(root, {}), (Lines{"A a"}));
    ASSERT_EQ(problems_.size(), 1u);
    EXPECT_EQ(problems_[0].failure, ObjectFailure::kMissing);
    EXPECT_EQ(problems_[0].path, "d/");
    // Without a parent's tree everything is new.
    EXPECT_EQ(changes(tree({{"100644", "a", blob("1")}}), {absent}), (Lines{"A a"}));
}

TEST_F(HistoryChanges, ANameTwiceIsTwoChangesAndAProblem) {
    const ObjectId old = tree({{"100644", "a", blob("1")}, {"100644", "b", blob("b")}});
    const ObjectId twice =
        tree({{"100644", "a", blob("1")}, {"100644", "a", blob("2")}, {"100644", "b", blob("b")}});
    EXPECT_EQ(changes(twice, {old}), (Lines{"A a"}));
    ASSERT_EQ(problems_.size(), 1u);
    EXPECT_EQ(problems_[0].kind, DiffProblemKind::kDisordered);
    EXPECT_EQ(problems_[0].id, twice);
    EXPECT_EQ(changes(twice, {}), (Lines{"A a", "A a", "A b"}));
    EXPECT_EQ(problems_.size(), 1u);
    const ObjectId unsorted =
        tree({{"100644", "b", blob("b")}, {"100644", "a", blob("2")}, {"100644", "c", blob("c")}});
    EXPECT_EQ(changes(unsorted, {old}), (Lines{"D a", "A a", "A c"}));
    EXPECT_EQ(problems_.size(), 1u);
    // It came with the parent.
    EXPECT_EQ(changes(tree({{"100644", "a", blob("1")}, {"100644", "a", blob("3")}}), {twice}),
              (Lines{"M a", "D b"}));
    EXPECT_TRUE(problems_.empty());
    EXPECT_EQ(changes(old, {twice}), (Lines{"D a"}));
    EXPECT_TRUE(problems_.empty());
}

TEST_F(HistoryChanges, LongTreesAreSkippedThroughAtAnyOffset) {
    std::vector<Entry> entries;
    for (int i = 100; i < 400; ++i) {
        entries.push_back({"100644", "file" + std::to_string(i), blob(std::to_string(i))});
    }
    const ObjectId old = tree(entries);
    for (std::size_t i = 0; i < entries.size(); i += 23) {
        std::vector<Entry> changed = entries;
        changed[i].id = blob("other");
        changed.insert(changed.begin() + static_cast<std::ptrdiff_t>(i),
                       {"100644", changed[i].name + "-", blob("n")});
        std::swap(changed[i], changed[i + 1]);
        const std::string name = entries[i].name;
        EXPECT_EQ(changes(tree(changed), {old}), (Lines{"M " + name, "A " + name + "-"}));
    }
}

}  // namespace
}  // namespace merlon::connect::git
