#include "connect/files/excludes.h"

#include <gtest/gtest.h>

#include <vector>

namespace merlon::connect {
namespace {

bool leaves_out(const std::vector<std::string>& patterns, std::string_view path) {
    return Excludes(patterns).leaves_out_file(path);
}

TEST(Excludes, mean_of_a_path_what_they_mean_of_a_walk) {
    EXPECT_FALSE(leaves_out({}, "a/b.txt"));
    EXPECT_TRUE(leaves_out({"td/"}, "td/k"));
    EXPECT_TRUE(leaves_out({"td/"}, "x/td/deep/k"));
    EXPECT_FALSE(leaves_out({"td/"}, "td"));
    EXPECT_FALSE(leaves_out({"/td/"}, "x/td/k"));
    EXPECT_TRUE(leaves_out({"*.zip"}, "a/b.zip"));
    EXPECT_TRUE(leaves_out({"a/*.zip"}, "a/b.zip"));
    EXPECT_FALSE(leaves_out({"a/*.zip"}, "x/a/b.zip"));
    EXPECT_FALSE(leaves_out({"*.txt", "!keep.txt"}, "a/keep.txt"));
    // As in .gitignore, what is in a folder that is left out cannot be taken back.
    EXPECT_TRUE(leaves_out({"a/", "!a/keep.txt"}, "a/keep.txt"));
}

}  // namespace
}  // namespace merlon::connect
