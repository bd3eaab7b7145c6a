#include "match/teddy.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <numeric>
#include <vector>

#include "base/simd.h"
#include "match/byte_frequency.h"

namespace merlon::match {
namespace {

constexpr std::uint32_t kLetterBits = 0x2020'2020;
constexpr std::size_t kMaxBucketCount = kTeddyBuckets * kTeddyMaxGroups;
// More groups cost more shuffles, which are not worth it where less than this gets through.
constexpr double kFewCandidates = 0.004;
// So does each place of the window that vectors look at: the last ones are for the filter alone
// where the first ones let so little through.
constexpr double kFewWithoutLast = 0.001;

constexpr std::uint32_t size_mask(std::size_t bytes) {
    return bytes >= 4 ? 0xFFFF'FFFF : (std::uint32_t{1} << (8 * bytes)) - 1;
}

std::uint32_t hash_of(std::uint32_t key, std::uint32_t bits) {
    return key * 0x9E37'79B1U >> (32 - bits);
}

// The bytes of a window as the text holds them, first byte lowest, on any machine.
std::uint32_t read_window(std::string_view bytes) {
    std::uint32_t key = 0;
    for (std::size_t i = 0; i < std::min<std::size_t>(bytes.size(), 4); ++i) {
        key |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
    }
    return key;
}

double folded_frequency(unsigned char byte, bool folds) {
    double frequency = byte_frequency(byte);
    if (folds && byte >= 'a' && byte <= 'z') {
        frequency += byte_frequency(static_cast<std::uint8_t>(byte - 32));
    }
    return frequency / 65536;
}

struct Window {
    std::uint32_t offset = 0;
    std::string_view bytes;
};

// The window of up to four bytes that ordinary text has least often.
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

// How often a byte stands in a text: an ordinary one, or one in the script of the strings, where
// letters outside ASCII begin with one of two bytes, or one of some ten of three.
enum class TextKind : std::uint8_t { kOrdinary, kOfTheirScript };

std::uint32_t frequency_in(TextKind kind, std::uint8_t byte) {
    if (kind == TextKind::kOrdinary || byte < 0x80) return byte_frequency(byte);
    return byte < 0xC0 ? 512 : byte < 0xE0 ? 16384 : 4096;
}

// What a bucket lets through: by place in the window the low and the high nibbles, 16 bits each.
struct Nibbles {
    std::array<std::uint16_t, kTeddyMaxWindow> low{};
    std::array<std::uint16_t, kTeddyMaxWindow> high{};

    void add(const Nibbles& other) {
        for (std::size_t i = 0; i < kTeddyMaxWindow; ++i) {
            low[i] |= other.low[i];
            high[i] |= other.high[i];
        }
    }
    // How often a place of a text gets through.
    double passes(std::size_t window, TextKind kind = TextKind::kOrdinary) const {
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
};

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

// The windows of one bit.
struct Bucket {
    Nibbles nibbles;
    double passes = 0;
    std::vector<std::size_t> members;  // places in the list of windows
};

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

double all_pass(const std::vector<Bucket>& buckets) {
    return std::accumulate(buckets.begin(), buckets.end(), 0.0,
                           [](double sum, const Bucket& each) { return sum + each.passes; });
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

// The fewest groups that let little through, else the most.
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

constexpr std::uint32_t kShortMask = 0x00FF'FFFF;  // three bytes

void set_bit(std::vector<std::uint32_t>& filter, std::uint32_t at) {
    filter[at / 32] |= std::uint32_t{1} << (at % 32);
}

void write_filters(const std::vector<Window>& windows, bool folds, BlobWriter& writer,
                   LiteralHeader& header) {
    const std::uint32_t fold = folds ? kLetterBits : 0;
    std::size_t keys = 0;
    for (const Window& window : windows) keys += window.bytes.size() == 2 ? 256 : 1;
    std::uint32_t bits = 8;
    while (bits < 16 && (std::size_t{1} << bits) < keys * 64) ++bits;
    std::vector<std::uint32_t> long_filter((std::size_t{1} << bits) / 32, 0);
    std::vector<std::uint32_t> short_filter(long_filter.size(), 0);
    for (const Window& window : windows) {
        const std::uint32_t key = read_window(window.bytes) | fold;
        switch (window.bytes.size()) {
            case 0:
                break;
            case 1:  // any two bytes may stand behind it: not worth telling apart
                std::fill(short_filter.begin(), short_filter.end(), 0xFFFF'FFFF);
                break;
            case 2:
                for (std::uint32_t third = 0; third < 256; ++third) {
                    const std::uint32_t all = (key & 0xFFFF) | (third << 16 | (fold & 0xFF'0000));
                    set_bit(short_filter, hash_of(all, bits));
                }
                break;
            case 3:
                set_bit(short_filter, hash_of(key & kShortMask, bits));
                break;
            default:
                set_bit(long_filter, hash_of(key, bits));
        }
    }
    header.filter_bits = bits;
    header.parts[static_cast<std::size_t>(LiteralPart::kLongFilter)] = writer.add(long_filter);
    header.parts[static_cast<std::size_t>(LiteralPart::kShortFilter)] = writer.add(short_filter);
}

void write_hash(const std::vector<Window>& windows, bool folds, BlobWriter& writer,
                LiteralHeader& header) {
    std::uint32_t bits = 6;
    while (bits < 16 && (std::size_t{1} << bits) < windows.size() * 8) ++bits;
    std::vector<WindowEntry> entries;
    for (std::uint32_t id = 0; id < windows.size(); ++id) {
        if (windows[id].bytes.empty()) continue;
        const std::uint32_t mask = size_mask(windows[id].bytes.size());
        const std::uint32_t fold = folds ? kLetterBits : 0;
        entries.push_back({id, (read_window(windows[id].bytes) | fold) & mask, mask});
        header.window_sizes |= std::uint32_t{1} << windows[id].bytes.size();
    }
    std::stable_sort(entries.begin(), entries.end(), [bits](const auto& a, const auto& b) {
        return hash_of(a.key, bits) < hash_of(b.key, bits);
    });
    std::vector<std::uint32_t> begin((std::size_t{1} << bits) + 1, 0);
    for (const WindowEntry& entry : entries) ++begin[hash_of(entry.key, bits) + 1];
    std::partial_sum(begin.begin(), begin.end(), begin.begin());
    header.hash_bits = bits;
    header.parts[static_cast<std::size_t>(LiteralPart::kHashBegin)] = writer.add(begin);
    header.parts[static_cast<std::size_t>(LiteralPart::kHashEntry)] = writer.add(entries);
}

}  // namespace

double Teddy::write(const LiteralTexts& texts, BlobWriter& writer, LiteralHeader& header) {
    std::vector<Window> windows;
    std::size_t window = 1;
    for (std::uint32_t id = 0; id < texts.count(); ++id) {
        windows.push_back(rarest_window(texts.string(id), texts.folds));  // empty for an empty one
        window = std::max(window, windows.back().bytes.size());
        header.max_window_offset = std::max(header.max_window_offset, windows.back().offset);
    }
    const std::vector<Bucket> buckets = best_buckets(windows, window, texts.folds);
    const auto pass_with = [&buckets](std::size_t places) {
        return std::accumulate(
            buckets.begin(), buckets.end(), 0.0, [places](double sum, const Bucket& each) {
                return sum + each.nibbles.passes(places, TextKind::kOfTheirScript);
            });
    };
    while (window > 2 && pass_with(window - 1) <= kFewWithoutLast) --window;
    const std::size_t groups = buckets.size() <= 8 ? 1 : buckets.size() <= 16 ? 2 : 4;

    std::vector<std::uint8_t> masks(groups * window * 32, 0);
    for (std::size_t i = 0; i < buckets.size(); ++i) {
        const auto bit = static_cast<std::uint8_t>(1U << (i % kTeddyBuckets));
        for (std::size_t place = 0; place < window; ++place) {
            std::uint8_t* const at = masks.data() + (i / kTeddyBuckets * window + place) * 32;
            for (unsigned nibble = 0; nibble < 16; ++nibble) {
                if ((buckets[i].nibbles.low[place] >> nibble & 1) != 0) at[nibble] |= bit;
                if ((buckets[i].nibbles.high[place] >> nibble & 1) != 0) at[16 + nibble] |= bit;
            }
        }
    }
    std::vector<std::uint32_t> offsets;
    for (const Window& each : windows) offsets.push_back(each.offset);
    header.groups = static_cast<std::uint32_t>(groups);
    header.window = static_cast<std::uint32_t>(window);
    header.parts[static_cast<std::size_t>(LiteralPart::kMasks)] = writer.add(masks);
    header.parts[static_cast<std::size_t>(LiteralPart::kWindowOffset)] = writer.add(offsets);
    write_filters(windows, texts.folds, writer, header);
    write_hash(windows, texts.folds, writer, header);
    return all_pass(buckets);
}

Result<Teddy> Teddy::load(std::span<const std::byte> block, const LiteralHeader& header) {
    const auto part = [&](LiteralPart which) {
        return header.parts[static_cast<std::size_t>(which)];
    };
    const auto masks = read_section<std::uint8_t>(block, part(LiteralPart::kMasks));
    const auto longs = read_section<std::uint32_t>(block, part(LiteralPart::kLongFilter));
    const auto shorts = read_section<std::uint32_t>(block, part(LiteralPart::kShortFilter));
    const auto begin = read_section<std::uint32_t>(block, part(LiteralPart::kHashBegin));
    const auto entries = read_section<WindowEntry>(block, part(LiteralPart::kHashEntry));
    const auto offsets = read_section<std::uint32_t>(block, part(LiteralPart::kWindowOffset));
    const Error broken{"stored literals: the tables of the packed search do not fit together"};
    if (!masks || !longs || !shorts || !begin || !entries || !offsets) return broken;
    if ((header.groups != 1 && header.groups != 2 && header.groups != 4) || header.window < 1 ||
        header.window > kTeddyMaxWindow || header.hash_bits < 1 || header.hash_bits > 16 ||
        header.filter_bits < 5 || header.filter_bits > 16 ||
        longs->size() != (std::size_t{1} << header.filter_bits) / 32 ||
        shorts->size() != longs->size() ||
        masks->size() != std::size_t{header.groups} * header.window * 32 ||
        begin->size() != (std::size_t{1} << header.hash_bits) + 1 || begin->front() != 0 ||
        begin->back() != entries->size() || offsets->size() != header.count ||
        !std::is_sorted(begin->begin(), begin->end())) {
        return broken;
    }
    for (const WindowEntry& entry : *entries) {
        if (entry.id >= header.count) return broken;
    }
    for (const std::uint32_t offset : *offsets) {
        if (offset > header.max_window_offset) return broken;
    }
    Teddy teddy;
    teddy.groups_ = header.groups;
    teddy.window_ = header.window;
    teddy.filter_bits_ = header.filter_bits;
    teddy.long_filter_ = *longs;
    teddy.short_filter_ = *shorts;
    teddy.hash_bits_ = header.hash_bits;
    teddy.window_sizes_ = header.window_sizes;
    teddy.masks_ = *masks;
    teddy.hash_begin_ = *begin;
    teddy.entries_ = *entries;
    teddy.offsets_ = *offsets;
    return teddy;
}

// Says of most places that no window begins there. A copy of its own for each loop, in registers.
struct Teddy::Filter {
    std::uint32_t fold;
    std::uint32_t bits;
    const std::uint32_t* longs;
    const std::uint32_t* shorts;

    // Whether a window may begin where the text has `bytes`; no branches, because vectors stop too
    // often at too little for one to be foretold.
    bool may_begin(std::uint32_t bytes) const {
        bytes |= fold;
        const std::uint32_t whole = hash_of(bytes, bits);
        const std::uint32_t three = hash_of(bytes & kShortMask, bits);
        return ((longs[whole / 32] >> (whole % 32) | shorts[three / 32] >> (three % 32)) & 1) != 0;
    }
};

Teddy::Filter Teddy::filter(std::uint32_t fold) const {
    return {fold, filter_bits_, long_filter_.data(), short_filter_.data()};
}

struct Teddy::Walk {
    const Teddy& teddy;
    const LiteralTexts& texts;
    LiteralSweep& sweep;
    std::size_t at;
    std::uint32_t fold;
    std::size_t work = 0;

    // Tells of every string whose window begins at `place`, where the text has `bytes`. Returns
    // whether to go on.
    bool confirm(std::size_t place, std::uint32_t bytes) {
        bytes |= fold;
        for (std::uint32_t sizes = teddy.window_sizes_ & 0x1E; sizes != 0; sizes &= sizes - 1) {
            const auto size = static_cast<std::size_t>(std::countr_zero(sizes));
            if (size > sweep.text.size() - place) break;
            const std::uint32_t mask = size_mask(size);
            const std::uint32_t key = bytes & mask;
            const std::uint32_t hash = hash_of(key, teddy.hash_bits_);
            const std::uint32_t end = teddy.hash_begin_[hash + 1];
            for (std::uint32_t i = teddy.hash_begin_[hash]; i < end; ++i) {
                const WindowEntry& entry = teddy.entries_[i];
                if (entry.key != key || entry.mask != mask) continue;
                if (!check(entry.id, place)) return false;
            }
        }
        return true;
    }
    bool check(std::uint32_t id, std::size_t place) {
        const std::size_t offset = teddy.offsets_[id];
        const std::size_t length = texts.length(id);
        work += length;
        if (place < offset || place >= sweep.limit ||
            !texts.stands_at(id, sweep.text, place - offset)) {
            return true;
        }
        return sweep.sink(id, place - offset, place - offset + length);
    }
    bool is_slow() const {
        return work > kWorkAllowance &&
               work > kWorkAllowance + (at - sweep.from) * kWorkForEachByte;
    }
};

namespace {

#define MERLON_SIMD_LOOPS "match/teddy_simd.h"
#include "base/simd_paths.h"

bool sweep_in_vectors(Teddy::Walk& walk, SimdPath path) {
    // Narrower vectors where the widest would find no room: a copy of the text is dear.
    constexpr std::size_t kRoomForWidest = 32 + kTeddyMaxWindow;
    if (path == SimdPath::kAvx2 && walk.sweep.text.size() - walk.at < kRoomForWidest) {
        path = SimdPath::kSsse3;
    }
    return MERLON_ON_SIMD_PATH(path, sweep_all(walk), true);
}

}  // namespace

SweepEnd Teddy::sweep(const LiteralTexts& texts, LiteralSweep& sweep, SimdPath path) const {
    Walk walk{*this, texts, sweep, sweep.from, texts.folds ? kLetterBits : 0};
    if (!sweep_in_vectors(walk, path)) return {true, walk.at};
    return {walk.at >= std::min(sweep.limit, sweep.text.size()), walk.at};
}

}  // namespace merlon::match
