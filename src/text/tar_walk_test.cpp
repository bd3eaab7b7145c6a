#include "text/tar_walk.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "text/tar_fixture.h"

namespace merlon::text {
namespace {

TEST(TarWalk, tells_of_so_many_gaps_and_that_there_are_more) {
    std::string tar;
    for (int i = 0; i < 10; ++i) {
        std::string damaged = tar_fixture::header("a", '0', 0);
        damaged[0] = 'x';  // the checksum is another one now
        tar += damaged + tar_fixture::member("b", "two");
    }
    tar += tar_fixture::kEnd;
    std::map<std::string, std::string> members;
    std::vector<ArchiveGap> gaps;
    ArchiveVisitor visitor;
    visitor.on_member = [&](const ArchiveMember& member) { members[member.name] = member.bytes; };
    visitor.on_gap = [&](ArchiveGap gap) { gaps.push_back(std::move(gap)); };
    ArchiveBudget budget{Limits{}};
    budget.gaps_left = 3;
    walk_container(ContainerKind::kTar, tar, budget, visitor);
    ASSERT_EQ(gaps.size(), 3u);
    EXPECT_EQ(gaps[1].detail, "a member's header is damaged");
    EXPECT_TRUE(gaps[2].detail.contains("there are more gaps")) << gaps[2].detail;
    EXPECT_TRUE(members.contains("b"));
}

}  // namespace
}  // namespace merlon::text
