#include "scan/match_room.h"

#include <algorithm>
#include <utility>

#include "scan/history_examine.h"

namespace merlon::scan {

// The highest one is the bound of none.
std::uint64_t MatchRoom::rank_of(std::string_view tag) {
    std::uint64_t rank = 0;
    for (const char byte : tag.substr(0, sizeof(rank))) {
        rank = rank << 8 | static_cast<std::uint8_t>(byte);
    }
    return std::min(rank, kNoBound - 1);
}

void MatchRoom::add(ObjectMatches& found) {
    {
        const std::scoped_lock lock(mutex_);
        for (const ContentMatch& match : found.matches) {
            const std::size_t bucket = rank_of(match.tag) >> (64 - kBucketBits);
            ++counts_[bucket];
            if (bucket < buckets_) ++kept_;
        }
        total_ += found.matches.size();
        while (kept_ > most_matches_) kept_ -= counts_[--buckets_];
        if (buckets_ < kBuckets) {
            bound_.store(static_cast<std::uint64_t>(buckets_) << (64 - kBucketBits),
                         std::memory_order_relaxed);
        }
    }
    if (is_limited()) {
        std::erase_if(found.matches, [&](const ContentMatch& one) { return !keeps(one.tag); });
    }
}

void MatchRoom::keep_low(std::vector<ObjectMatches>& found) const {
    if (!is_limited()) return;
    for (ObjectMatches& one : found) {
        std::erase_if(one.matches, [&](const ContentMatch& match) { return !keeps(match.tag); });
    }
    std::erase_if(found, [](const ObjectMatches& one) { return one.matches.empty(); });
    found.shrink_to_fit();
}

bool MatchRoom::has_fallen(std::uint64_t& seen) const {
    const std::uint64_t bound = bound_.load(std::memory_order_relaxed);
    if (bound >= seen / 2) return false;
    seen = bound;
    return true;
}

void MatchRoom::settle(const std::vector<ObjectMatches>& blobs,
                       const std::vector<ObjectMatches>& messages) {
    // Each secret at each path, and at each message.
    std::vector<std::pair<std::uint64_t, std::uint32_t>> places;
    for (const ObjectMatches& one : blobs) {
        for (const ContentMatch& match : one.matches) {
            places.emplace_back(rank_of(match.tag), one.path);
        }
    }
    std::ranges::sort(places);
    const auto repeated = std::ranges::unique(places);
    places.erase(repeated.begin(), repeated.end());
    for (const ObjectMatches& one : messages) {
        for (const ContentMatch& match : one.matches)
            places.emplace_back(rank_of(match.tag), kNoNumber);
    }
    std::ranges::sort(places);
    std::uint64_t bytes = 0;
    for (std::size_t i = 0; i < places.size();) {
        const std::uint64_t rank = places[i].first;
        bytes += kSecretBytes;
        for (; i < places.size() && places[i].first == rank; ++i) bytes += kPlaceBytes;
        if (bytes <= most_bytes_) continue;
        if (rank < bound_.load(std::memory_order_relaxed)) {
            bound_.store(rank, std::memory_order_relaxed);
        }
        return;
    }
}

}  // namespace merlon::scan
