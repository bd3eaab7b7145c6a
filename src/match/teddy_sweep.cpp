// The packed search itself: vectors pass over most places, a filter over most others, and what is
// left is compared.

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "base/simd.h"
#include "match/teddy.h"
#include "match/teddy_keys.h"

namespace merlon::match {

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
