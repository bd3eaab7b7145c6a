#include "match/teddy_buckets.h"

#include <algorithm>
#include <bit>
#include <numeric>
#include <string>
#include <utility>

#include "match/byte_frequency.h"

namespace merlon::match {
namespace {

constexpr std::size_t kMaxBucketCount = kTeddyBuckets * kTeddyMaxGroups;
// More groups cost more shuffles, which are not worth it where less than this gets through.
constexpr double kFewCandidates = 0.004;

double folded_frequency(unsigned char byte, bool folds) {
    double frequency = byte_frequency(byte);
    if (folds && byte >= 'a' && byte <= 'z') {
        frequency += byte_frequency(static_cast<std::uint8_t>(byte - 32));
    }
    return frequency / 65536;
}

std::uint32_t frequency_in(TextKind kind, std::uint8_t byte) {
    if (kind == TextKind::kOrdinary || byte < 0x80) return byte_frequency(byte);
    return byte < 0xC0 ? 512 : byte < 0xE0 ? 16384 : 4096;
}

Nibbles nibbles_of(std::string_view window, bool folds) {
    Nibbles nibbles;
    for (std::size_t i = 0; i < kTeddyMaxWindow; ++i) {
        if (i >= window.size()) {  // any byte may stand behind a short window
            nibbles.low[i] = nibbles.high[i] = 0xFFFF;
            continue;
        }
        const auto byte = static_cast<unsigned char>(window[i]);
        const auto put = [&](unsigned each) {
            nibbles.low[i] |= static_cast<std::uint16_t>(1U << (each & 15));
            nibbles.high[i] |= static_cast<std::uint16_t>(1U << (each >> 4));
        };
        put(byte);
        if (folds && byte >= 'a' && byte <= 'z') put(byte - 32U);
    }
    return nibbles;
}

// Joins neighbours, those first that let the least more through, until `count` buckets are left.
void join_neighbours(std::vector<Bucket>& buckets, std::size_t window, std::size_t count) {
    std::vector<double> cost;  // of joining with the next
    const auto cost_of = [&](std::size_t i) {
        Nibbles joined = buckets[i].nibbles;
        joined.add(buckets[i + 1].nibbles);
        return joined.passes(window) - buckets[i].passes - buckets[i + 1].passes;
    };
    for (std::size_t i = 0; i + 1 < buckets.size(); ++i) cost.push_back(cost_of(i));
    while (buckets.size() > count) {
        const auto at =
            static_cast<std::size_t>(std::min_element(cost.begin(), cost.end()) - cost.begin());
        Bucket& joined = buckets[at];
        const Bucket& next = buckets[at + 1];
        joined.nibbles.add(next.nibbles);
        joined.passes = joined.nibbles.passes(window);
        joined.members.insert(joined.members.end(), next.members.begin(), next.members.end());
        buckets.erase(buckets.begin() + static_cast<std::ptrdiff_t>(at) + 1);
        cost.erase(cost.begin() + static_cast<std::ptrdiff_t>(at));
        if (at < cost.size()) cost[at] = cost_of(at);
        if (at > 0) cost[at - 1] = cost_of(at - 1);
    }
}

// The windows, each once, sorted from their `first` byte on and around.
std::vector<Nibbles> sorted_from(const std::vector<Window>& windows, std::size_t first,
                                 bool folds) {
    std::vector<std::string> turned;
    for (const Window& window : windows) {
        std::string bytes(window.bytes);
        std::rotate(bytes.begin(),
                    bytes.begin() + static_cast<std::ptrdiff_t>(std::min(first, bytes.size())),
                    bytes.end());
        turned.push_back(std::move(bytes));
    }
    std::vector<std::size_t> order(windows.size());
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return turned[a] < turned[b]; });
    std::vector<Nibbles> sorted;
    for (std::size_t i = 0; i < order.size(); ++i) {
        const std::string_view bytes = windows[order[i]].bytes;
        if (bytes.empty() || (i > 0 && bytes == windows[order[i - 1]].bytes)) continue;
        sorted.push_back(nibbles_of(bytes, folds));
    }
    return sorted;
}

// Moves a window to the bucket where it lets the least through, if that is another one.
void move_window(const std::vector<Nibbles>& windows, std::vector<Bucket>& buckets,
                 std::size_t from, std::size_t member, std::size_t window) {
    Bucket without;
    for (const std::size_t each : buckets[from].members) {
        if (each == member) continue;
        without.members.push_back(each);
        without.nibbles.add(windows[each]);
    }
    if (!without.members.empty()) without.passes = without.nibbles.passes(window);
    double least = buckets[from].passes - without.passes;
    Bucket best;
    std::size_t to = from;
    for (std::size_t i = 0; i < buckets.size() && least > 0; ++i) {
        if (i == from) continue;
        Bucket with{buckets[i].nibbles, 0, {}};
        with.nibbles.add(windows[member]);
        with.passes = with.nibbles.passes(window);
        if (with.passes - buckets[i].passes >= least) continue;
        least = with.passes - buckets[i].passes;
        best = with;
        to = i;
    }
    if (to == from) return;
    best.members = std::move(buckets[to].members);
    best.members.push_back(member);
    buckets[to] = std::move(best);
    buckets[from] = std::move(without);
}

// Where neighbours were joined that had better stand elsewhere: as long as that is worth its time.
void move_windows(const std::vector<Nibbles>& windows, std::vector<Bucket>& buckets,
                  std::size_t window) {
    constexpr int kMaxRounds = 4;
    constexpr double kWorthwhile = 0.95;
    for (int round = 0; round < kMaxRounds; ++round) {
        const double before = all_pass(buckets);
        if (before <= kFewCandidates) return;
        for (std::size_t i = 0; i < buckets.size(); ++i) {
            const std::vector<std::size_t> members = buckets[i].members;
            for (const std::size_t member : members) {
                move_window(windows, buckets, i, member, window);
            }
        }
        if (all_pass(buckets) > kWorthwhile * before) return;
    }
}

}  // namespace

Window rarest_window(std::string_view string, bool folds) {
    const std::size_t size = std::min(string.size(), kTeddyMaxWindow);
    Window best;
    double least = 2;
    for (std::size_t offset = 0; offset + size <= string.size(); ++offset) {
        double often = 1;
        for (std::size_t i = 0; i < size; ++i) {
            often *= folded_frequency(static_cast<unsigned char>(string[offset + i]), folds);
        }
        if (often < least) {
            least = often;
            best = {static_cast<std::uint32_t>(offset), string.substr(offset, size)};
        }
    }
    return best;
}

double Nibbles::passes(std::size_t window, TextKind kind) const {
    double all = 1;
    for (std::size_t i = 0; i < window; ++i) {
        if ((low[i] & high[i]) == 0xFFFF) continue;
        std::uint32_t here = 0;
        for (unsigned highs = high[i]; highs != 0; highs &= highs - 1) {
            const auto row = static_cast<unsigned>(std::countr_zero(highs)) * 16;
            for (unsigned lows = low[i]; lows != 0; lows &= lows - 1) {
                const auto column = static_cast<unsigned>(std::countr_zero(lows));
                here += frequency_in(kind, static_cast<std::uint8_t>(row + column));
            }
        }
        all *= std::min(1.0, here / 65536.0);
    }
    return all;
}

double all_pass(const std::vector<Bucket>& buckets) {
    return std::accumulate(buckets.begin(), buckets.end(), 0.0,
                           [](double sum, const Bucket& each) { return sum + each.passes; });
}

std::vector<Bucket> best_buckets(const std::vector<Window>& windows, std::size_t window,
                                 bool folds) {
    std::vector<Nibbles> sorted;
    std::vector<Bucket> best;
    for (std::size_t first = 0; first < window; ++first) {
        std::vector<Nibbles> order = sorted_from(windows, first, folds);
        std::vector<Bucket> buckets;
        for (std::size_t i = 0; i < order.size(); ++i) {
            buckets.push_back({order[i], order[i].passes(window), {i}});
        }
        join_neighbours(buckets, window, kMaxBucketCount);
        if (!best.empty() && all_pass(buckets) >= all_pass(best)) continue;
        best = std::move(buckets);
        sorted = std::move(order);
    }
    move_windows(sorted, best, window);
    for (const std::size_t groups : {2UZ, 1UZ}) {
        std::vector<Bucket> fewer = best;
        join_neighbours(fewer, window, groups * kTeddyBuckets);
        if (all_pass(fewer) > kFewCandidates) break;
        best = std::move(fewer);
    }
    return best;
}

}  // namespace merlon::match
