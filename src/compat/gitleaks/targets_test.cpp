#include "compat/gitleaks/targets.h"

#include <gtest/gtest.h>

#include <unistd.h>
#include <filesystem>
#include <fstream>

#include "compat/gitleaks/known.h"
#include "compat/gitleaks/unpack.h"

namespace merlon::compat::gitleaks {
namespace {

namespace fs = std::filesystem;

class TargetsTest : public testing::Test {
  protected:
    void SetUp() override {
        root_ = fs::temp_directory_path() /
                ("merlon_targets_" + std::to_string(static_cast<long>(getpid())));
        fs::create_directories(root_ / "b");
        write("a.txt", "a");
        write("b/c.txt", "ccc");
        write("empty", "");
        fs::create_symlink("a.txt", root_ / "link");
        fs::create_symlink("nowhere", root_ / "z_broken");
    }
    void TearDown() override { fs::remove_all(root_); }
    void write(const std::string& name, const std::string& text) {
        std::ofstream(root_ / name) << text;
    }
    std::string at(const std::string& name) const { return (root_ / name).string(); }
    Targets find(TargetOptions options) const {
        if (!options.skip_path) options.skip_path = [](const std::string&) { return false; };
        return find_targets(root_.string(), options);
    }
    static std::vector<std::string> paths(const Targets& targets) {
        std::vector<std::string> out;
        for (const Target& target : targets.files) out.push_back(target.path);
        return out;
    }

    fs::path root_;
};

using Paths = std::vector<std::string>;

TEST_F(TargetsTest, are_the_files_in_name_order_without_links_and_empty_ones) {
    const Targets targets = find({});
    EXPECT_EQ(paths(targets), (Paths{at("a.txt"), at("b/c.txt")}));
    EXPECT_TRUE(targets.gaps.empty());
}

TEST_F(TargetsTest, a_followed_link_is_named_beside_its_file_and_a_broken_one_is_a_gap) {
    TargetOptions options;
    options.follow = FollowLinks::kYes;
    const Targets targets = find(options);
    ASSERT_EQ(targets.files.size(), 3u);
    EXPECT_EQ(targets.files[2].symlink, at("link"));
    EXPECT_EQ(fs::path(targets.files[2].path).filename(), "a.txt");
    ASSERT_EQ(targets.gaps.size(), 1u);
    EXPECT_EQ(targets.gaps[0].path, at("z_broken"));
}

TEST_F(TargetsTest, leave_out_what_is_too_large_or_skipped) {
    TargetOptions options;
    options.max_file_bytes = 2;
    EXPECT_EQ(paths(find(options)), Paths{at("a.txt")});
    options.max_file_bytes = 0;
    options.skip_path = [&](const std::string& path) { return path == at("b"); };
    EXPECT_EQ(paths(find(options)), Paths{at("a.txt")}) << "a skipped folder is not entered";
}

TEST_F(TargetsTest, that_do_not_exist_are_a_gap) {
    TargetOptions options;
    options.skip_path = [](const std::string&) { return false; };
    EXPECT_EQ(find_targets(at("no"), options).gaps.size(), 1u);
}

TEST(CleanPath, is_gos) {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"", "."},           {".", "."},        {"a//b/", "a/b"},
        {"./a", "a"},        {"a/../..", ".."}, {"/..", "/"},
        {"/a/./b/..", "/a"}, {"../a/..", ".."}, {"a/b/../../c", "c"}};
    for (const auto& [path, cleaned] : cases) EXPECT_EQ(clean_path(path), cleaned) << path;
    EXPECT_EQ(join_path("a", "../b"), "b");
    EXPECT_EQ(join_path("", "b"), "b");
    EXPECT_EQ(join_path("a/", ""), "a");
}

TEST(Packing, goes_by_the_name_anywhere_in_it) {
    using text::ContainerKind;
    using text::StreamKind;
    EXPECT_EQ(packing_of("a/b.zip").container, ContainerKind::kZip);
    EXPECT_EQ(packing_of("b.tar.gz.old").container, ContainerKind::kTar);
    EXPECT_EQ(packing_of("b.tar.gz.old").stream, StreamKind::kGzip);
    EXPECT_EQ(packing_of("B.GZ").stream, StreamKind::kGzip);
    EXPECT_TRUE(packing_of("x.zip/b.txt").is_none()) << "the base name alone";
    EXPECT_EQ(packing_of("b.lz").stream, StreamKind::kLzip);
    EXPECT_EQ(packing_of("b.lz4").stream, StreamKind::kLz4);
    EXPECT_TRUE(packing_of("b.lz.txt").is_none()) << "lzip counts at the end alone";
    EXPECT_TRUE(packing_of("b.tgz").is_none());
    EXPECT_TRUE(packing_of("b.mz").is_minlz);
    EXPECT_EQ(packing_of("b.gz.xz").stream, StreamKind::kXz) << "the last of two";
}

TEST(Packing, tells_text_from_what_is_packed) {
    EXPECT_TRUE(begins_as_text("0123abcd  a.tar.gz\n"));
    EXPECT_TRUE(begins_as_text("caf\xC3\xA9\t\xC3")) << "a code point that is cut";
    for (const std::string_view packed :
         {"\x1F\x8B\x08", "PK\3\4", "BZh91AY&SY\x01", "\x28\xB5\x2F\xFDxxxxxx", "LZIP\1"}) {
        EXPECT_FALSE(begins_as_text(packed)) << packed;
    }
}

TEST(IgnoreList, takes_fingerprints_with_comments_and_blanks_around) {
    IgnoreList list;
    list.add_text("# a:b:1\n\n  a/b:rule:1 \r\nc\\d:rule:2\nabc:e\\f:rule:3\nlast:r:4");
    EXPECT_TRUE(list.holds("a/b:rule:1"));
    EXPECT_TRUE(list.holds("c/d:rule:2")) << "backslashes in the path are turned";
    EXPECT_TRUE(list.holds("abc:e/f:rule:3"));
    EXPECT_TRUE(list.holds("last:r:4"));
    EXPECT_FALSE(list.holds("a:b:1"));
}

TEST(IgnoreList, ends_at_a_line_that_is_too_long_for_gos_scanner) {
    IgnoreList list;
    list.add_text("a:r:1\n" + std::string(70'000, 'x') + "\nb:r:1\n");
    EXPECT_TRUE(list.holds("a:r:1"));
    EXPECT_FALSE(list.holds("b:r:1"));
}

}  // namespace
}  // namespace merlon::compat::gitleaks
