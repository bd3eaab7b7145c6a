#pragma once

// A stable sort whose room is given again (recycled.h): std::stable_sort asks malloc each time.
//
// The idea: short runs by insertion, then merged, each time into the other half of the room.
//
// Thread-safe: no shared state. Cost: O(n log n) comparisons and moves, room for as many elements.

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>

#include "base/recycled.h"

namespace merlon {

// A stable sort for few.
template <typename T, typename IsBefore>
void insert_in_order(std::span<T> all, const IsBefore& is_before) {
    for (std::size_t i = 1; i < all.size(); ++i) {
        if (!is_before(all[i], all[i - 1])) continue;
        T moved = std::move(all[i]);
        std::size_t at = i;
        for (; at > 0 && is_before(moved, all[at - 1]); --at) all[at] = std::move(all[at - 1]);
        all[at] = std::move(moved);
    }
}

template <typename T, typename IsBefore>
void sort_stably(std::span<T> all, const IsBefore& is_before) {
    constexpr std::size_t kRun = 16;
    for (std::size_t begin = 0; begin < all.size(); begin += kRun) {
        insert_in_order(all.subspan(begin, std::min(kRun, all.size() - begin)), is_before);
    }
    if (all.size() <= kRun) return;
    RecycledVector<T> room(all.size());
    std::span<T> from = all;
    std::span<T> to = room;
    for (std::size_t run = kRun; run < all.size(); run *= 2) {
        for (std::size_t begin = 0; begin < all.size(); begin += run * 2) {
            const std::size_t middle = std::min(begin + run, all.size());
            const std::size_t end = std::min(middle + run, all.size());
            std::size_t left = begin;
            std::size_t right = middle;
            for (std::size_t at = begin; at < end; ++at) {
                const bool takes_right =
                    left == middle || (right < end && is_before(from[right], from[left]));
                to[at] = std::move(from[takes_right ? right++ : left++]);
            }
        }
        std::swap(from, to);
    }
    if (from.data() != all.data()) std::ranges::move(from, all.begin());
}

}  // namespace merlon
