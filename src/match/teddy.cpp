#include "match/teddy.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "match/teddy_buckets.h"
#include "match/teddy_keys.h"

namespace merlon::match {
namespace {

// Each place of the window that vectors look at costs shuffles: the last ones are for the filter
// alone where the first ones let so little through.
constexpr double kFewWithoutLast = 0.001;

// The bytes of a window as the text holds them, first byte lowest, on any machine.
std::uint32_t read_window(std::string_view bytes) {
    std::uint32_t key = 0;
    for (std::size_t i = 0; i < std::min<std::size_t>(bytes.size(), 4); ++i) {
        key |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
    }
    return key;
}

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

}  // namespace merlon::match
