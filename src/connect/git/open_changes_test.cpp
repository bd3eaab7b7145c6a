// What is staged and what is not: the index, its cached trees, clean contents, paths and authors.
// Beside git itself they are held in tools/parity and tests/git.

#include "connect/git/open_changes.h"

#include <gtest/gtest.h>

#include "connect/git/author_filter.h"
#include "connect/git/clean_content.h"
#include "connect/git/index_diff.h"
#include "connect/git/object_map.h"
#include "connect/git/path_filter.h"

namespace merlon::connect::git {
namespace {

void put_number(std::string& bytes, std::uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(value >> shift));
}

struct Staged {
    std::string path;
    ObjectId id;
    std::uint32_t stage = 0;
    std::uint32_t mode = 0100644;
};

// An index of version 2 with a digest of zeros, as index.skipHash writes it.
std::string index_bytes(const std::vector<Staged>& entries, std::string_view extensions) {
    std::string bytes = "DIRC";
    put_number(bytes, 2);
    put_number(bytes, static_cast<std::uint32_t>(entries.size()));
    for (const Staged& entry : entries) {
        const std::size_t begin = bytes.size();
        bytes.append(24, '\0');
        put_number(bytes, entry.mode);
        bytes.append(12, '\0');
        bytes += entry.id.bytes();
        const auto flags = static_cast<std::uint32_t>(entry.path.size()) | entry.stage << 12;
        bytes.push_back(static_cast<char>(flags >> 8));
        bytes.push_back(static_cast<char>(flags));
        bytes += entry.path;
        bytes.append(8 - (bytes.size() - begin) % 8, '\0');
    }
    bytes += extensions;
    return bytes + std::string(20, '\0');
}

class IndexTest : public testing::Test {
  protected:
    Result<IndexView> view(const std::vector<Staged>& entries, std::string_view trees = {}) {
        std::string extensions;
        if (!trees.empty()) {
            extensions = "TREE";
            put_number(extensions, static_cast<std::uint32_t>(trees.size()));
            extensions += trees;
        }
        EXPECT_TRUE(write_file_atomically(path_, index_bytes(entries, extensions)).ok());
        return IndexView::open(path_, HashAlgorithm::kSha1);
    }

    static std::string text_of(const TreeDiff& diff) {
        std::string text;
        for (const FileChange& change : diff.changes) {
            text += "AMDTR"[change.kind == ChangeKind::kAdded      ? 0
                            : change.kind == ChangeKind::kModified ? 1
                            : change.kind == ChangeKind::kDeleted  ? 2
                                                                   : 3];
            text += ' ' + change.path + '\n';
        }
        return text;
    }

    ObjectMap objects_;
    std::string path_ = testing::TempDir() + "merlon_index_test";
    ObjectId one_ = objects_.blob("one\n");
    ObjectId two_ = objects_.blob("two\n");
    ObjectId folder_ = objects_.tree({{"100644", "b", one_}, {"100644", "c", one_}});
    ObjectId top_ =
        objects_.tree({{"100644", "a", one_}, {"40000", "f", folder_}, {"100644", "z", one_}});
};

TEST_F(IndexTest, tells_what_is_added_changed_and_gone) {
    const auto index = view({{"a", two_}, {"f/b", one_}, {"f/d", one_}, {"z", one_}});
    ASSERT_TRUE(index.ok());
    const auto diff = diff_index(objects_, top_, index.value(), "");
    ASSERT_TRUE(diff.ok());
    EXPECT_EQ(text_of(diff.value().diff), "M a\nD f/c\nA f/d\n");
    const auto below = diff_index(objects_, top_, index.value(), "f/");
    EXPECT_EQ(text_of(below.value().diff), "D f/c\nA f/d\n");
    const auto first = diff_index(objects_, std::nullopt, index.value(), "");
    EXPECT_EQ(text_of(first.value().diff), "A a\nA f/b\nA f/d\nA z\n");
}

TEST_F(IndexTest, jumps_over_folders_that_git_has_noted) {
    std::string trees("\0", 1);
    trees += "-1 1\nf";
    trees += std::string("\0", 1) + "2 0\n" + std::string(folder_.bytes());
    const auto index = view({{"a", two_}, {"f/b", one_}, {"f/c", one_}, {"z", two_}}, trees);
    ASSERT_TRUE(index.ok());
    ASSERT_EQ(index.value().trees().size(), 2U);
    objects_.forget(folder_);  // so nobody may open it
    const auto diff = diff_index(objects_, top_, index.value(), "");
    ASSERT_TRUE(diff.ok());
    EXPECT_EQ(text_of(diff.value().diff), "M a\nM z\n");
    EXPECT_TRUE(diff.value().diff.problems.empty());
}

TEST_F(IndexTest, refuses_noted_trees_that_do_not_fit) {
    std::string trees("\0", 1);
    trees += "-1 1\nf";
    trees += std::string("\0", 1) + "3 0\n" + std::string(folder_.bytes());
    const auto index = view({{"a", one_}, {"f/b", one_}, {"f/c", one_}, {"z", two_}}, trees);
    ASSERT_TRUE(index.ok());
    EXPECT_FALSE(diff_index(objects_, top_, index.value(), "").ok());
    EXPECT_FALSE(view({{"a", one_}}, "nonsense").ok());
    EXPECT_FALSE(parse_cached_trees(std::string("\0-1 9\n", 6), HashAlgorithm::kSha1).ok());
}

// A sparse folder's name ends with a slash. Taken for a folder that holds itself, one without was
// walked for ever.
TEST_F(IndexTest, refuses_a_folder_without_a_slash) {
    const auto index = view({{"a", one_}, {"f/b", folder_, 0, 040000}});
    ASSERT_TRUE(index.ok());
    const auto diff = diff_index(objects_, top_, index.value(), "");
    ASSERT_FALSE(diff.ok());
    EXPECT_EQ(diff.error().message, "a folder's name does not end with a slash");
}

TEST_F(IndexTest, names_what_an_unfinished_merge_has_left) {
    const auto index =
        view({{"a", one_, 1}, {"a", two_, 2}, {"f/b", one_}, {"f/c", one_}, {"z", one_}});
    const auto diff = diff_index(objects_, top_, index.value(), "");
    ASSERT_TRUE(diff.ok());
    EXPECT_EQ(diff.value().unmerged, std::vector<std::string>{"a"});
    EXPECT_EQ(text_of(diff.value().diff), "");
}

TEST(CleanContent, turns_line_ends_back_as_git_does) {
    using LineEnds = CleanRules::LineEnds;
    const CleanRules text{LineEnds::kText, false, {}};
    const CleanRules guess{LineEnds::kGuess, false, {}};
    EXPECT_EQ(cleaned(text, "a\r\nb\rc\n", ""), "a\nb\rc\n");
    EXPECT_EQ(cleaned(guess, "a\r\nb\n", ""), "a\nb\n");
    EXPECT_EQ(cleaned(guess, "a\r\nb\rc\n", ""), std::nullopt) << "a lone CR is no text";
    EXPECT_EQ(cleaned(guess, std::string_view("a\r\n\0", 4), ""), std::nullopt);
    EXPECT_EQ(cleaned(guess, "a\r\nb\r\n", "a\r\n"), std::nullopt) << "stored with CRLF already";
    const CleanRules id{LineEnds::kKeep, true, {}};
    EXPECT_EQ(cleaned(id, "x $Id: 12 $ $Id$ $Id: no\nend $\n", ""), "x $Id$ $Id$ $Id: no\nend $\n");
    EXPECT_EQ(cleaned(id, "nothing", ""), std::nullopt);
}

TEST(CleanContent, says_what_it_cannot_do) {
    const Attributes attributes("*.bin filter=lfs\n*.u working-tree-encoding=UTF-16\n* text=auto\n",
                                {});
    EXPECT_NE(clean_rules(attributes, "a.bin", AutoCrlf::kOff).obstacle.find("lfs"),
              std::string::npos);
    EXPECT_NE(clean_rules(attributes, "a.u", AutoCrlf::kOff).obstacle, "");
    EXPECT_EQ(clean_rules(attributes, "a.c", AutoCrlf::kOff).line_ends,
              CleanRules::LineEnds::kGuess);
    EXPECT_EQ(clean_rules(Attributes(), "a.c", AutoCrlf::kInput).line_ends,
              CleanRules::LineEnds::kGuess);
    EXPECT_EQ(clean_rules(Attributes(), "a.c", AutoCrlf::kOff).line_ends,
              CleanRules::LineEnds::kKeep);
}

TEST(PathFilter, matches_names_folders_and_wildcards) {
    const std::vector<std::string> words = {"src/", "a.txt", "*.c"};
    const auto filter = PathFilter::make(words, "");
    ASSERT_TRUE(filter.ok());
    EXPECT_TRUE(filter.value().matches("src/x/y"));
    EXPECT_FALSE(filter.value().matches("src")) << "only what is below";
    EXPECT_TRUE(filter.value().matches("a.txt"));
    EXPECT_FALSE(filter.value().matches("a.txt2"));
    EXPECT_TRUE(filter.value().matches("deep/down/z.c")) << "a star goes over slashes";
    EXPECT_TRUE(filter.value().may_match_below("any/"));
    const std::vector<std::string> above = {"../b"};
    EXPECT_TRUE(PathFilter::make(above, "a/").value().matches("b/c"));
    EXPECT_FALSE(PathFilter::make(above, "").ok());
    const std::vector<std::string> magic = {":(icase)x"};
    EXPECT_FALSE(PathFilter::make(magic, "").ok());
}

TEST(AuthorFilter, reads_basic_regular_expressions) {
    const auto accepts = [](std::string pattern) {
        const std::vector<std::string> patterns = {std::move(pattern)};
        const auto filter = AuthorFilter::make(patterns);
        return filter.ok() && filter.value().accepts("Ann (A+B) <ann@example.org> 12 +0000", {});
    };
    EXPECT_TRUE(accepts("^Ann (A+B) <ann@ex.mple"));
    EXPECT_TRUE(accepts("an*@example\\.org>$"));
    EXPECT_FALSE(accepts("^ann"));
    EXPECT_FALSE(accepts("12 +0000")) << "the date is not searched";
    EXPECT_FALSE(accepts("[A-Z]nn")) << "refused";
    EXPECT_FALSE(accepts("Ann\\|Bob")) << "refused";
}

}  // namespace
}  // namespace merlon::connect::git
