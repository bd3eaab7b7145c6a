#include "connect/git/fan_out.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace merlon::connect::git {
namespace {

constexpr std::size_t kIdBytes = 20;

std::string table_of(const std::vector<std::string>& ids) {
    std::string table;
    for (unsigned first = 0; first < 256; ++first) {
        const auto below = std::ranges::count_if(ids, [first](const std::string& id) {
            return static_cast<unsigned char>(id[0]) <= first;
        });
        for (const int shift : {24, 16, 8, 0}) table += static_cast<char>(below >> shift & 0xFF);
    }
    return table;
}

// Each id is found at its place, and neither its neighbours nor others are.
void expect_found(std::vector<std::string> ids) {
    std::ranges::sort(ids);
    const auto repeated = std::ranges::unique(ids);
    ids.erase(repeated.begin(), repeated.end());
    FanOut fan_out;
    ASSERT_TRUE(fan_out.read(table_of(ids).data()));
    std::string all;
    for (const std::string& id : ids) all += id;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        EXPECT_EQ(fan_out.find(ids[i], all.data(), kIdBytes), i);
        for (const int change : {-1, 1}) {
            std::string near = ids[i];
            near.back() = static_cast<char>(near.back() + change);
            const bool is_there = std::ranges::binary_search(ids, near);
            EXPECT_EQ(fan_out.find(near, all.data(), kIdBytes).has_value(), is_there);
        }
    }
}

std::vector<std::string> random_ids(std::size_t count, unsigned seed) {
    std::mt19937 random(seed);
    std::vector<std::string> ids(count, std::string(kIdBytes, '\0'));
    for (std::string& id : ids) {
        for (char& byte : id) byte = static_cast<char>(random());
    }
    return ids;
}

TEST(FanOut, FindsWhatIsThere) {
    for (const std::size_t count : {0U, 1U, 2U, 300U, 20'000U}) expect_found(random_ids(count, 1));
}

// Ids that somebody made, all in one corner of their range.
TEST(FanOut, FindsIdsThatStandTogether) {
    for (const char where : {'\0', '\x01', '\x7F', '\x80', '\xFF'}) {
        std::vector<std::string> ids = random_ids(3'000, 2);
        for (std::string& id : ids) std::fill_n(id.begin(), 12, where);
        ids.push_back(std::string(kIdBytes, '\0'));
        ids.push_back(std::string(kIdBytes, '\xFF'));
        ids.push_back(std::string(1, where) + std::string(kIdBytes - 1, '\x55'));
        expect_found(std::move(ids));
    }
}

}  // namespace
}  // namespace merlon::connect::git
