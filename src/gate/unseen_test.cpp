#include "gate/unseen.h"

#include <gtest/gtest.h>

namespace merlon::gate {
namespace {

exchange::ReadReport complete_report() {
    exchange::ReadReport read;
    read.report.analysis.complete = true;
    return read;
}

TEST(Unseen, nothing_stays_unseen_by_a_complete_run) {
    const exchange::ReadReport read = complete_report();
    const Change change;
    EXPECT_FALSE(Unseen(read, change).may_have_stayed("a.py", "r"));
}

TEST(Unseen, a_run_that_failed_has_not_looked) {
    exchange::ReadReport read = complete_report();
    read.report.analysis.complete = false;
    const Change change;
    EXPECT_TRUE(Unseen(read, change).may_have_stayed("a.py", "r"));
}

TEST(Unseen, files_and_rules_that_are_not_listed_were_not_looked_at) {
    exchange::ReadReport read = complete_report();
    read.looked_at = {"b.py"};
    read.lists_rules = true;
    read.report.rules.emplace_back().id = "r";
    const Change change;
    const Unseen unseen(read, change);
    EXPECT_TRUE(unseen.may_have_stayed("a.py", "r"));
    EXPECT_FALSE(unseen.may_have_stayed("b.py", "r"));
    EXPECT_TRUE(unseen.may_have_stayed("b.py", "other"));
}

TEST(Unseen, rules_that_were_off_have_not_looked) {
    exchange::ReadReport read = complete_report();
    read.report.rules.emplace_back().id = "r";
    read.rules_off = {"r"};
    read.former_rules["r"] = {"earlier"};
    const Change change;
    const Unseen unseen(read, change);
    EXPECT_TRUE(unseen.may_have_stayed("a.py", "r"));
    EXPECT_TRUE(unseen.may_have_stayed("a.py", "earlier"));
    EXPECT_FALSE(unseen.may_have_stayed("a.py", "other"));
}

TEST(Unseen, git_knows_what_has_gone) {
    exchange::ReadReport read = complete_report();
    Change change;
    change.is_known = true;
    change.files = {{"svc/gone.py", "deleted"}, {"svc/kept.py", "modified"}};
    const Unseen unseen(read, change);
    EXPECT_TRUE(unseen.may_have_stayed("a.py", "r")) << "the change does not touch it";
    EXPECT_FALSE(unseen.may_have_stayed("svc/gone.py", "r"));
    EXPECT_FALSE(unseen.may_have_stayed("gone.py", "r")) << "as named from a folder below";
    EXPECT_FALSE(unseen.may_have_stayed("/builds/svc/gone.py", "r"));
    EXPECT_FALSE(unseen.may_have_stayed("svc/kept.py", "r"));
    EXPECT_TRUE(unseen.may_have_stayed("one.py", "r")) << "an end of a name is no name";
    // One that is called so is meant before one that is called alike.
    change.namesakes = {"gone.py"};
    EXPECT_TRUE(Unseen(read, change).may_have_stayed("gone.py", "r"));
    EXPECT_FALSE(Unseen(read, change).may_have_stayed("svc/gone.py", "r"));
    EXPECT_FALSE(Unseen(read, change).may_have_stayed("/builds/svc/gone.py", "r"));
    EXPECT_TRUE(Unseen(read, change).may_have_stayed("/builds/other/gone.py", "r"));
    change.namesakes = {"lib/gone.py"};
    EXPECT_TRUE(Unseen(read, change).may_have_stayed("gone.py", "r")) << "of which folder?";
    change.files.push_back({"new/b.py", "added"});
    EXPECT_TRUE(Unseen(read, change).may_have_stayed("b.py", "r")) << "the base has no such file";
    read.looked_at = {"b.py"};
    EXPECT_TRUE(Unseen(read, change).may_have_stayed("svc/kept.py", "r"));
    EXPECT_FALSE(Unseen(read, change).may_have_stayed("svc/gone.py", "r"));
    read.report.analysis.scope = {"registry.example/web"};
    read.looked_at.reset();
    EXPECT_FALSE(Unseen(read, change).may_have_stayed("a.py", "r")) << "a file of an image";
}

}  // namespace
}  // namespace merlon::gate
