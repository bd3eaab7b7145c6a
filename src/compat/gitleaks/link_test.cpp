#include "compat/gitleaks/link.h"

#include <gtest/gtest.h>

namespace merlon::compat::gitleaks {
namespace {

Row row_at(std::string file, std::int64_t first, std::int64_t last) {
    Row row;
    row.file = std::move(file);
    row.commit = "c0ffee";
    row.start_line = first;
    row.end_line = last;
    return row;
}

// Seen from gitleaks 8.30.1 with each --platform.
TEST(Link, has_each_forges_shape) {
    const struct {
        Platform platform;
        std::string_view one, many;
    } cases[] = {
        {Platform::kGithub, "https://x.org/a/b/blob/c0ffee/s%20p%25.c#L3",
         "https://x.org/a/b/blob/c0ffee/d.md?plain=1#L3-L5"},
        {Platform::kGitlab, "https://x.org/a/b/blob/c0ffee/s%20p%25.c#L3",
         "https://x.org/a/b/blob/c0ffee/d.md#L3-5"},
        {Platform::kAzureDevops,
         "https://x.org/a/b/commit/c0ffee?path=/s%20p%25.c&line=3"
         "&lineStartColumn=1&lineEndColumn=10000000&type=2&lineStyle=plain&_a=files",
         "https://x.org/a/b/commit/c0ffee?path=/d.md&line=3&lineEnd=5"
         "&lineStartColumn=1&lineEndColumn=10000000&type=2&lineStyle=plain&_a=files"},
        {Platform::kGitea, "https://x.org/a/b/src/commit/c0ffee/s%20p%25.c#L3",
         "https://x.org/a/b/src/commit/c0ffee/d.md?display=source#L3-L5"},
        {Platform::kBitbucket, "https://x.org/a/b/src/c0ffee/s%20p%25.c#lines-3",
         "https://x.org/a/b/src/c0ffee/d.md#lines-3:5"},
    };
    for (const auto& one : cases) {
        const Remote remote = make_remote(one.platform, "https://me:word@x.org/a/b.git");
        EXPECT_EQ(make_link(remote, row_at("s p%.c", 3, 3)), one.one);
        EXPECT_EQ(make_link(remote, row_at("d.md", 3, 5)), one.many);
    }
}

TEST(Link, of_a_member_names_the_archive_alone) {
    const Remote remote = make_remote(Platform::kGithub, "https://github.com/a/b");
    EXPECT_EQ(make_link(remote, row_at("x.zip!y.txt", 3, 3)),
              "https://github.com/a/b/blob/c0ffee/x.zip");
}

TEST(Link, is_not_made_without_commit_platform_or_remote) {
    Row row = row_at("a", 1, 1);
    EXPECT_EQ(make_link(make_remote(Platform::kNone, "https://github.com/a/b"), row), "");
    EXPECT_EQ(make_link(make_remote(Platform::kGithub, std::nullopt), row), "");
    row.commit.clear();
    EXPECT_EQ(make_link(make_remote(Platform::kGithub, "https://github.com/a/b"), row), "");
}

TEST(Remote, is_known_by_its_host) {
    const struct {
        std::string_view address;
        Platform platform;
        std::string_view web;
    } cases[] = {
        {"git@github.com:a/b.git", Platform::kGithub, "https://github.com/a/b"},
        {"git@bitbucket.org:7999/a/b.git", Platform::kBitbucket, "https://bitbucket.org/a/b"},
        {"ssh://git@codeberg.org:22/a/b", Platform::kGitea, "ssh://codeberg.org:22/a/b"},
        {"HTTPS://GitHub.com/a/b", Platform::kGithub, "https://GitHub.com/a/b"},
        {"https://dev.azure.com/o/p/_git/r", Platform::kAzureDevops,
         "https://dev.azure.com/o/p/_git/r"},
        {"/srv/git/a b", Platform::kUnknown, "/srv/git/a%20b"},
        {"git@github.com:~odd/b.git", Platform::kUnknown, ""},
    };
    for (const auto& one : cases) {
        const Remote remote = make_remote(Platform::kUnknown, std::string(one.address));
        EXPECT_EQ(remote.platform, one.platform) << one.address;
        EXPECT_EQ(remote.address, one.web) << one.address;
    }
    EXPECT_EQ(parse_platform("GitLab"), Platform::kGitlab);
    EXPECT_EQ(parse_platform("sourceforge"), std::nullopt);
}

}  // namespace
}  // namespace merlon::compat::gitleaks
