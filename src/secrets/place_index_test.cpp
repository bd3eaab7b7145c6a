#include "secrets/place_index.h"

#include <gtest/gtest.h>

namespace merlon::secrets {
namespace {

TEST(PlaceIndex, says_the_same_as_a_look_at_every_place) {
    std::uint64_t state = 1;
    const auto below = [&state](std::uint64_t limit) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        return (state >> 33) % limit;
    };
    for (int round = 0; round < 200; ++round) {
        PlaceIndex index;
        for (std::uint64_t i = below(12); i > 0; --i) {
            const std::uint64_t begin = below(40);
            index.add(begin, begin + 1 + below(round % 2 == 0 ? 3 : 30));
        }
        index.finish();
        for (std::uint64_t begin = 0; begin < 75; ++begin) {
            const std::uint64_t end = begin + 1 + below(5);
            bool touched = false;
            std::size_t first = index.size();
            for (std::size_t i = index.size(); i-- > 0;) {
                if (index[i].end > begin) first = i;
                touched = touched || (index[i].end > begin && index[i].begin < end);
            }
            EXPECT_EQ(index.overlaps(begin, end), touched);
            EXPECT_EQ(index.first_reaching(begin), first);
        }
    }
}

}  // namespace
}  // namespace merlon::secrets
