#include "cli/branch_name.h"

#include <gtest/gtest.h>

namespace merlon::cli {
namespace {

// Where no repository is.
BranchName named(std::string_view given) { return branch_name(Environment{}, {"/"}, given); }

TEST(BranchName, is_one_under_its_full_names) {
    EXPECT_EQ(named("refs/heads/main").name, "refs/heads/main");
    EXPECT_EQ(named("refs/remotes/origin/feature/x").name, "refs/heads/feature/x");
    EXPECT_EQ(named("refs/remotes/fork/main").name, "refs/remotes/fork/main");
}

TEST(BranchName, is_left_as_it_is_where_something_else_may_be_meant) {
    for (const std::string_view given :
         {"main", "feature/x", "refs/tags/v1", "refs/pull/7/merge"}) {
        EXPECT_EQ(named(given).name, given);
        EXPECT_EQ(named(given).may_be, "") << given;
    }
    // Whoever opens a pull request may call its branch so.
    for (const std::string_view given : {"origin/main", "heads/main", "remotes/origin/main"}) {
        EXPECT_EQ(named(given).name, given);
        EXPECT_EQ(named(given).may_be, "refs/heads/main") << given;
    }
}

}  // namespace
}  // namespace merlon::cli
