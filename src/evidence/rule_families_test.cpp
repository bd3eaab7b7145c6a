#include "evidence/rule_families.h"

#include <gtest/gtest.h>

#include "evidence/store_case.h"

namespace merlon::evidence {
namespace {

class RuleFamiliesTest : public StoreTest {};

TEST_F(RuleFamiliesTest, what_an_older_merlon_took_for_one_wants_a_look) {
    take({{"CVE-1", "a", 0, "", {}, "pkg:npm/a@1"}, {"CVE-3", "b", 0, "", {}, "pkg:npm/b@1"}});
    ASSERT_TRUE(decide({.rule = "CVE-1"}, Verdict::kNotAffected, 30).ok());
    ASSERT_TRUE(decide({.rule = "CVE-3"}, Verdict::kNotAffected, 30).ok());
    const auto notes = [this] { return decisions_about_several(store_->database(), now_).value(); };
    EXPECT_EQ(notes(), Lines());
    ASSERT_TRUE(store_->database()
                    .run("INSERT INTO rule (tool, name, family, title, severity, help_url) SELECT "
                         "tool, 'CVE-2', family, title, severity, help_url FROM rule WHERE name = "
                         "'CVE-1'")
                    .ok());
    ASSERT_EQ(notes().size(), 1U);
    EXPECT_EQ(notes()[0],
              "the decision of event 2 (not_affected about CVE-1) holds for CVE-2, too: an older "
              "Merlon took them for one weakness; decide about each of them, or withdraw it");
    ASSERT_TRUE(decide({.rule = "CVE-1"}, Verdict::kNone, 30).ok());
    EXPECT_EQ(notes(), Lines());
}

}  // namespace
}  // namespace merlon::evidence
