#include "evidence/filter_query.h"

#include <gtest/gtest.h>

#include "evidence/store_case.h"

namespace merlon::evidence {
namespace {

class FilterQueryTest : public StoreTest {
  protected:
    std::string refused(std::string_view filter) {
        const auto query = filter_query(store_->database(), parse_filter(filter).value(), now_);
        return query.ok() ? "" : query.error().message;
    }
};

TEST_F(FilterQueryTest, what_is_closed_is_found_in_the_branch_that_had_it) {
    take({{"r", "a.c", 3, "x = 1;"}, {"r", "b.c", 4, "y = 2;"}});
    take(nothing());
    ref_ = "topic";
    take({{"s", "c.c", 5, "z = 3;"}});
    EXPECT_EQ(ids("ref:main"), "");
    EXPECT_EQ(ids("ref:main is:closed"), "2 1");
    EXPECT_EQ(ids("is:gone ref:main"), "2 1");
    EXPECT_EQ(ids("ref:main -is:open"), "2 1");
    EXPECT_EQ(ids("ref:main -is:present path:a.c"), "1");
    EXPECT_EQ(ids("ref:topic is:closed"), "");
    EXPECT_EQ(ids("ref:topic is:open"), "3");
}

TEST_F(FilterQueryTest, a_ref_that_the_store_has_not_names_those_that_it_has) {
    EXPECT_EQ(refused("ref:nope"), "");  // of an empty store nobody wonders
    ref_ = "";
    take({{"r", "a.c", 3, "x = 1;"}});
    EXPECT_NE(refused("ref:nope").find("knows of no ref"), std::string::npos);
    EXPECT_EQ(refused("-ref:nope"), "");
    ref_ = "main";
    take({{"r", "a.c", 3, "x = 1;"}});
    ref_ = "release/1";
    take({{"r", "a.c", 3, "x = 1;"}});
    EXPECT_NE(refused("ref:nope").find("it has the ref main, release/1"), std::string::npos)
        << refused("ref:nope");
    EXPECT_NE(refused("ref:mian").find("did you mean 'main'"), std::string::npos);
}

}  // namespace
}  // namespace merlon::evidence
