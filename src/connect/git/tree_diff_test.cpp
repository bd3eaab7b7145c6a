#include "connect/git/tree_diff.h"

#include <gtest/gtest.h>

#include "connect/git/object_map.h"

namespace merlon::connect::git {
namespace {

std::string listing(const TreeDiff& diff) {
    std::string text;
    for (const FileChange& change : diff.changes) {
        text.push_back("ADMTR"[static_cast<int>(change.kind)]);
        text += " " + change.path + "\n";
    }
    return text;
}

TEST(TreeDiff, lists_what_differs_in_the_order_of_trees) {
    ObjectMap objects;
    const ObjectId one = objects.blob("1");
    const ObjectId two = objects.blob("2");
    const ObjectId below = objects.tree({{"100644", "x", one}, {"100644", "y", one}});
    const ObjectId below2 = objects.tree({{"100644", "x", two}, {"100644", "y", one}});
    const ObjectId before = objects.tree({{"100644", "a", one},
                                          {"40000", "dir", below},
                                          {"100644", "gone", one},
                                          {"100644", "link", one},
                                          {"100644", "script", one}});
    const ObjectId after = objects.tree({{"100644", "a", one},
                                         {"100644", "dir.new", one},
                                         {"40000", "dir", below2},
                                         {"120000", "link", one},
                                         {"100755", "script", one}});
    EXPECT_EQ(listing(diff_trees(objects, before, after)),
              "A dir.new\nM dir/x\nD gone\nT link\nM script\n");
    EXPECT_EQ(listing(diff_trees(objects, std::nullopt, below)), "A x\nA y\n");
    EXPECT_EQ(listing(diff_trees(objects, below, std::nullopt)), "D x\nD y\n");
    EXPECT_EQ(listing(diff_trees(objects, before, before)), "");
}

TEST(TreeDiff, a_file_that_becomes_a_folder_is_deleted_and_its_files_are_added) {
    ObjectMap objects;
    const ObjectId one = objects.blob("1");
    const ObjectId below = objects.tree({{"100644", "b", one}});
    const ObjectId before = objects.tree({{"100644", "a", one}, {"100644", "a.c", one}});
    const ObjectId after = objects.tree({{"100644", "a.c", one}, {"40000", "a", below}});
    EXPECT_EQ(listing(diff_trees(objects, before, after)), "D a\nA a/b\n");
}

TEST(TreeDiff, modes_of_old_repositories_are_no_difference) {
    ObjectMap objects;
    const ObjectId one = objects.blob("1");
    EXPECT_EQ(listing(diff_trees(objects, objects.tree({{"100664", "a", one}}),
                                 objects.tree({{"100644", "a", one}}))),
              "");
}

TEST(TreeDiff, what_cannot_be_read_is_named_and_the_rest_is_compared) {
    ObjectMap objects;
    const ObjectId one = objects.blob("1");
    const ObjectId below = objects.tree({{"100644", "x", one}});
    const ObjectId after = objects.tree({{"40000", "dir", below}, {"100644", "z", one}});
    objects.forget(below);
    const TreeDiff diff = diff_trees(objects, std::nullopt, after);
    EXPECT_EQ(listing(diff), "A z\n");
    ASSERT_EQ(diff.problems.size(), 1u);
    EXPECT_EQ(diff.problems[0].kind, DiffProblemKind::kUnreadable);
    EXPECT_EQ(diff.problems[0].failure, ObjectFailure::kMissing);
    EXPECT_EQ(diff.problems[0].path, "dir/");
}

TEST(TreeDiff, malformed_and_hostile_trees_are_problems) {
    ObjectMap objects;
    const ObjectId one = objects.blob("1");
    const TreeDiff cut =
        diff_trees(objects, std::nullopt, objects.put(ObjectType::kTree, "100644 a"));
    ASSERT_EQ(cut.problems.size(), 1u);
    EXPECT_EQ(cut.problems[0].kind, DiffProblemKind::kMalformed);

    const TreeDiff named = diff_trees(objects, std::nullopt, objects.tree({{"100644", "..", one}}));
    EXPECT_EQ(listing(named), "A ..\n");
    ASSERT_EQ(named.problems.size(), 1u);
    EXPECT_EQ(named.problems[0].kind, DiffProblemKind::kUnsafeName);

    EXPECT_EQ(diff_trees(objects, std::nullopt, one).problems[0].kind, DiffProblemKind::kMalformed);
}

TEST(TreeDiff, a_name_that_stands_twice_is_listed_twice_and_told_of_once) {
    ObjectMap objects;
    const ObjectId one = objects.blob("1");
    const ObjectId two = objects.blob("2");
    const ObjectId old = objects.tree({{"100644", "a", one}});
    const ObjectId twice = objects.tree({{"100644", "a", two}, {"100644", "a", one}});
    const ObjectId unsorted = objects.tree({{"100644", "b", two}, {"100644", "a", one}});
    const TreeDiff again = diff_trees(objects, old, twice);
    EXPECT_EQ(listing(again), "M a\nA a\n");
    ASSERT_EQ(again.problems.size(), 1u);
    EXPECT_EQ(again.problems[0].kind, DiffProblemKind::kDisordered);
    EXPECT_NE(again.problems[0].message.find("duplicateEntries"), std::string::npos);
    const TreeDiff disordered = diff_trees(objects, std::nullopt, unsorted);
    EXPECT_EQ(listing(disordered), "A b\nA a\n");
    ASSERT_EQ(disordered.problems.size(), 1u);
    EXPECT_NE(disordered.problems[0].message.find("treeNotSorted"), std::string::npos);
    // What was so before is not told of again, and what mends it is no problem.
    const ObjectId later = objects.tree({{"100644", "a", two}, {"100644", "a", two}});
    EXPECT_TRUE(diff_trees(objects, twice, later).problems.empty());
    EXPECT_TRUE(diff_trees(objects, twice, old).problems.empty());
}

TEST(TreeDiff, finds_what_differs_among_many_entries_that_do_not) {
    ObjectMap objects;
    const ObjectId one = objects.blob("1");
    const ObjectId two = objects.blob("2");
    const ObjectId below = objects.tree({{"100644", "x", one}});
    constexpr std::string_view kModes[] = {"100644", "100755", "120000", "160000", "100664"};
    std::vector<std::string> names;
    for (int i = 0; i < 60; ++i) names.push_back("n" + std::to_string(100 + i));
    std::vector<ObjectMap::Entry> entries;
    for (std::size_t i = 0; i < names.size(); ++i) {
        const bool is_folder = i % 7 == 3;
        entries.push_back({is_folder ? "40000" : kModes[i % 5], names[i], is_folder ? below : one});
    }
    const ObjectId before = objects.tree(entries);
    for (std::size_t i = 0; i < names.size(); ++i) {
        std::vector<ObjectMap::Entry> changed = entries;
        const bool is_folder = changed[i].id == below;
        changed[i] = {changed[i].mode, changed[i].name,
                      is_folder ? objects.tree({{"100644", "x", two}}) : two};
        const std::string path = names[i] + (is_folder ? "/x" : "");
        EXPECT_EQ(listing(diff_trees(objects, before, objects.tree(changed))), "M " + path + "\n");
        changed.erase(changed.begin() + static_cast<std::ptrdiff_t>(i));
        EXPECT_EQ(listing(diff_trees(objects, before, objects.tree(changed))), "D " + path + "\n");
        EXPECT_EQ(listing(diff_trees(objects, objects.tree(changed), before)), "A " + path + "\n");
    }
}

TEST(TreeDiff, a_damaged_entry_is_told_of_behind_entries_that_are_alike) {
    ObjectMap objects;
    const ObjectId one = objects.blob("1");
    const ObjectId two = objects.blob("2");
    const auto with = [&](std::string_view mode, const ObjectId& last) {
        return objects.tree(
            {{"100644", "a", one}, {"100644", "b", one}, {mode, "c", one}, {"100644", "d", last}});
    };
    const TreeDiff damaged = diff_trees(objects, with("10064x", one), with("10064x", two));
    ASSERT_EQ(damaged.problems.size(), 2U);
    EXPECT_EQ(damaged.problems[0].kind, DiffProblemKind::kMalformed);
    EXPECT_EQ(listing(diff_trees(objects, with("100644", one), with("100644", two))), "M d\n");
    // Of a new entry that is out of order behind them.
    const ObjectId before = objects.tree({{"100644", "a", one}, {"100644", "c", one}});
    const ObjectId after =
        objects.tree({{"100644", "a", one}, {"100644", "c", one}, {"100644", "b", one}});
    const TreeDiff unsorted = diff_trees(objects, before, after);
    ASSERT_EQ(unsorted.problems.size(), 1U);
    EXPECT_EQ(unsorted.problems[0].kind, DiffProblemKind::kDisordered);
}

TEST(TreeDiff, a_few_trees_that_stand_for_billions_of_files_end) {
    ObjectMap objects;
    const ObjectId one = objects.blob("1");
    ObjectId tree = objects.tree({{"100644", "a", one}});
    for (int i = 0; i < 40; ++i) tree = objects.tree({{"40000", "a", tree}, {"40000", "b", tree}});
    const TreeDiff many = diff_trees(objects, std::nullopt, tree, {2048, 1000});
    EXPECT_EQ(many.changes.size(), 1000u);
    ASSERT_EQ(many.problems.size(), 1u);
    EXPECT_EQ(many.problems[0].kind, DiffProblemKind::kTooMany);

    const TreeDiff deep = diff_trees(objects, std::nullopt, tree, {3, 1000});
    EXPECT_EQ(deep.changes.size(), 0u);
    EXPECT_EQ(deep.problems.size(), 16u);
    EXPECT_EQ(deep.problems[0].kind, DiffProblemKind::kTooDeep);
}

}  // namespace
}  // namespace merlon::connect::git
