#include "scan/match_room.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "base/hash.h"
#include "scan/history_examine.h"

namespace merlon::scan {
namespace {

std::string tag(std::uint64_t secret) {
    std::uint64_t bits = hash_bytes(std::to_string(secret));
    std::string text;
    for (int i = 0; i < 8; ++i, bits >>= 8) text += static_cast<char>(bits & 0xFF);
    return text + text;
}

std::set<std::string> tags_of(const std::vector<ObjectMatches>& found) {
    std::set<std::string> tags;
    for (const ObjectMatches& one : found) {
        for (const ContentMatch& match : one.matches) tags.insert(match.tag);
    }
    return tags;
}

// Every third secret stands in two objects, so that a half of a story would be seen.
std::vector<ObjectMatches> objects() {
    std::vector<ObjectMatches> all;
    for (std::uint32_t object = 0; object < 300; ++object) {
        ObjectMatches one{object, object, {}};
        for (std::uint64_t i = 0; i < 20; ++i) {
            const std::uint64_t secret = object * 20 + i;
            one.matches.push_back({0, tag(secret)});
            if (secret % 3 == 0) one.matches.push_back({0, tag(secret + 6000 * 20)});
        }
        std::ranges::sort(one.matches);
        all.push_back(std::move(one));
    }
    for (std::uint32_t object = 0; object < 300; ++object) {
        ObjectMatches again{300 + object, object, all[object].matches};
        all.push_back(std::move(again));
    }
    return all;
}

TEST(MatchRoom, keeps_the_same_secrets_whole_in_any_order_of_objects) {
    std::mt19937 random(3);
    std::vector<ObjectMatches> all = objects();
    std::uint64_t matches = 0;
    for (const ObjectMatches& one : all) matches += one.matches.size();
    std::set<std::string> first;
    for (int round = 0; round < 5; ++round) {
        MatchRoom room(4000, MatchRoom::kMostBytes);
        std::vector<ObjectMatches> kept;
        std::uint64_t bound = MatchRoom::kNoBound;
        std::size_t most_held = 0;
        for (ObjectMatches one : all) {
            room.add(one);
            if (room.has_fallen(bound)) room.keep_low(kept);
            if (!one.matches.empty()) kept.push_back(std::move(one));
            std::size_t held = 0;
            for (const ObjectMatches& each : kept) held += each.matches.size();
            most_held = std::max(most_held, held);
        }
        room.keep_low(kept);
        EXPECT_TRUE(room.is_limited());
        EXPECT_EQ(room.total(), matches);
        EXPECT_LE(most_held, 8100u);
        std::size_t held = 0;
        for (const ObjectMatches& each : kept) held += each.matches.size();
        EXPECT_LE(held, 4000u);
        EXPECT_GT(held, 3900u);
        const std::set<std::string> tags = tags_of(kept);
        if (round == 0) first = tags;
        EXPECT_EQ(tags, first);
        for (const ObjectMatches& one : all) {
            for (const ContentMatch& match : one.matches) {
                EXPECT_EQ(tags.contains(match.tag), room.keeps(match.tag));
            }
        }
        std::ranges::shuffle(all, random);
    }
}

TEST(MatchRoom, keeps_of_secrets_as_many_as_a_report_has_memory_for) {
    std::vector<ObjectMatches> all = objects();
    const auto settled = [&](std::uint64_t bytes) {
        MatchRoom room(MatchRoom::kMostMatches, bytes);
        std::vector<ObjectMatches> kept = all;
        for (ObjectMatches& one : kept) room.add(one);
        EXPECT_FALSE(room.is_limited());
        room.settle(kept, {});
        room.keep_low(kept);
        EXPECT_EQ(room.is_limited(), tags_of(kept).size() < tags_of(all).size());
        return tags_of(kept).size();
    };
    const std::size_t every = tags_of(all).size();
    EXPECT_EQ(every, 8000u);
    const std::uint64_t each = MatchRoom::kSecretBytes + MatchRoom::kPlaceBytes;
    EXPECT_EQ(settled(every * each), every);
    EXPECT_EQ(settled(every * each - 1), every - 1);
    EXPECT_EQ(settled(100 * each), 100u);
    EXPECT_EQ(settled(0), 0u);
    MatchRoom room(1, 0);
    room.settle({}, {});
    EXPECT_FALSE(room.is_limited());
}

}  // namespace
}  // namespace merlon::scan
