#include "connect/git/rename.h"

#include <gtest/gtest.h>

#include "connect/git/object_map.h"
#include "connect/git/patch.h"

namespace merlon::connect::git {
namespace {

// Files before and after, as changes in git's order, renames detected.
struct Files {
    ObjectMap objects;
    TreeDiff diff;

    void deleted(std::string path, std::string_view bytes, FileMode mode = FileMode::kRegular) {
        diff.changes.push_back(
            {ChangeKind::kDeleted, std::move(path), {}, {mode, objects.blob(bytes)}, {}, 0});
    }
    void added(std::string path, std::string_view bytes, FileMode mode = FileMode::kRegular) {
        diff.changes.push_back(
            {ChangeKind::kAdded, std::move(path), {}, {}, {mode, objects.blob(bytes)}, 0});
    }
    std::string detect() {
        detect_renames(objects, Attributes(), diff);
        std::string text;
        for (const FileChange& change : diff.changes) {
            if (change.kind != ChangeKind::kRenamed) continue;
            text += change.old_path + " -> " + change.path + " " +
                    std::to_string(change.similarity * 100 / kFullSimilarity) + "\n";
        }
        return text;
    }
};

std::string lines(int first, int last) {
    std::string text;
    for (int i = first; i < last; ++i) text += "line " + std::to_string(1000 + i) + "\n";
    return text;
}

TEST(Rename, equal_contents_go_to_their_namesake_first) {
    Files files;
    files.deleted("a/one", "same\n");
    files.deleted("a/two", "same\n");
    files.added("b/two", "same\n");
    files.added("b/zzz", "same\n");
    EXPECT_EQ(files.detect(), "a/two -> b/two 100\na/one -> b/zzz 100\n");
    EXPECT_EQ(files.diff.changes.size(), 2u);
}

TEST(Rename, half_alike_is_enough_and_less_is_not) {
    Files files;
    files.deleted("a", lines(0, 10));
    files.added("b", lines(5, 15));
    EXPECT_EQ(files.detect(), "a -> b 50\n");
    Files less;
    less.deleted("a", lines(0, 9));
    less.added("b", lines(5, 14));
    EXPECT_EQ(less.detect(), "");
}

TEST(Rename, namesakes_that_are_three_quarters_alike_come_before_better_pairs) {
    Files files;
    files.deleted("a/name", lines(0, 20));
    files.added("b/name", lines(4, 20));
    files.added("b/other", lines(1, 20));
    EXPECT_EQ(files.detect(), "a/name -> b/name 80\n");
}

TEST(Rename, links_only_become_links) {
    Files files;
    files.deleted("a", "target", FileMode::kSymlink);
    files.added("b", "target");
    EXPECT_EQ(files.detect(), "");
}

TEST(Rename, a_hundred_equal_contents_are_looked_at_and_no_more) {
    for (const int namesake : {99, 100}) {
        Files files;
        for (int i = 0; i < 200; ++i) files.deleted("a/" + std::to_string(1000 + i), "same\n");
        const std::string name = std::to_string(1000 + namesake);
        files.added("b/" + name, "same\n");
        const std::string chosen = namesake == 99 ? name : "1000";
        EXPECT_EQ(files.detect(), "a/" + chosen + " -> b/" + name + " 100\n");
    }
}

TEST(Rename, an_unreadable_file_is_a_problem_and_no_rename) {
    Files files;
    files.deleted("a", lines(0, 10));
    files.added("b", lines(0, 11));
    files.objects.forget(files.diff.changes[0].before.id);
    EXPECT_EQ(files.detect(), "");
    ASSERT_EQ(files.diff.problems.size(), 1u);
    EXPECT_EQ(files.diff.problems[0].path, "a");
}

TEST(FilePatch, knows_text_binary_and_what_has_no_content_of_its_own) {
    ObjectMap objects;
    const FileVersion text{FileMode::kRegular, objects.blob("a\n")};
    const FileVersion zero{FileMode::kRegular, objects.blob(std::string_view("a\0", 2))};
    const FileVersion empty{FileMode::kRegular, objects.blob("")};
    FileVersion submodule{FileMode::kSubmodule, objects.blob("x")};
    const auto kind_of = [&](const FileVersion& before, const FileVersion& after) {
        const FileChange change{ChangeKind::kModified, "p", {}, before, after, 0};
        return file_patch(objects, Attributes("*.bin -diff\n", {}), change).value().kind;
    };
    EXPECT_EQ(kind_of({}, text), PatchKind::kText);
    EXPECT_EQ(kind_of(text, zero), PatchKind::kBinary);
    EXPECT_EQ(kind_of({}, empty), PatchKind::kSameContent);
    EXPECT_EQ(kind_of({}, submodule), PatchKind::kText);
    FileVersion executable = text;
    executable.mode = FileMode::kExecutable;
    EXPECT_EQ(kind_of(text, executable), PatchKind::kSameContent);

    const FileChange named{ChangeKind::kAdded, "p.bin", {}, {}, text, 0};
    EXPECT_EQ(file_patch(objects, Attributes("*.bin -diff\n", {}), named).value().kind,
              PatchKind::kBinary);
}

}  // namespace
}  // namespace merlon::connect::git
