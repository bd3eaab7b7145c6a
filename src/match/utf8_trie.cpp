#include "match/utf8_trie.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "text/utf8.h"

namespace merlon::match {
namespace {

struct ByteRange {
    std::uint8_t low;
    std::uint8_t high;

    auto operator<=>(const ByteRange&) const = default;
};

// What is left of an encoding.
struct Sequence {
    std::array<ByteRange, 4> bytes{};
    std::uint8_t size = 0;

    auto operator<=>(const Sequence&) const = default;
    Sequence rest() const {
        Sequence rest;
        rest.size = static_cast<std::uint8_t>(size - 1);
        std::copy(bytes.begin() + 1, bytes.begin() + size, rest.bytes.begin());
        return rest;
    }
};

std::array<std::uint8_t, 4> encode(char32_t point, unsigned size) {
    static constexpr std::array<std::uint8_t, 5> kLeads = {0, 0, 0xC0, 0xE0, 0xF0};
    std::array<std::uint8_t, 4> bytes{};
    for (unsigned i = size; i-- > 1;) {
        bytes[i] = static_cast<std::uint8_t>(0x80 | (point & 0x3F));
        point >>= 6;
    }
    bytes[0] = static_cast<std::uint8_t>(kLeads[size] | point);
    return bytes;
}

class Splitter {
  public:
    explicit Splitter(Direction direction) : direction_(direction) {}

    void add(char32_t low, char32_t high) {
        static constexpr struct {
            char32_t low, high;
            unsigned size;
        } kPlanes[] = {{0, 0x7F, 1},
                       {0x80, 0x7FF, 2},
                       {0x800, 0xD7FF, 3},
                       {0xE000, 0xFFFF, 3},
                       {0x10000, kMaxCodePoint, 4}};
        for (const auto& plane : kPlanes) {
            if (low <= plane.high && high >= plane.low) {
                split(std::max(low, plane.low), std::min(high, plane.high), plane.size);
            }
        }
        if (low <= text::kReplacement && high >= text::kReplacement) {
            sequences_.push_back({{ByteRange{0xFF, 0xFF}}, 1});
        }
    }
    std::vector<Sequence> take() { return std::move(sequences_); }

  private:
    // Cut where the leading bytes change, until the lower ones run through all their values.
    void split(char32_t low, char32_t high, unsigned size) {
        for (unsigned i = 1; i < size; ++i) {
            const char32_t mask = (char32_t{1} << (6 * i)) - 1;
            if ((low & ~mask) == (high & ~mask)) continue;
            if ((low & mask) != 0) {
                split(low, low | mask, size);
                split((low | mask) + 1, high, size);
                return;
            }
            if ((high & mask) != mask) {
                split(low, (high & ~mask) - 1, size);
                split(high & ~mask, high, size);
                return;
            }
        }
        const auto first = encode(low, size);
        const auto last = encode(high, size);
        Sequence sequence;
        sequence.size = static_cast<std::uint8_t>(size);
        for (unsigned i = 0; i < size; ++i) {
            const unsigned at = direction_ == Direction::kForward ? i : size - 1 - i;
            sequence.bytes[at] = {first[i], last[i]};
        }
        sequences_.push_back(sequence);
    }

    Direction direction_;
    std::vector<Sequence> sequences_;
};

class TrieBuilder {
  public:
    Utf8Trie take() { return std::move(trie_); }

    // The node for what may follow.
    std::uint32_t build(std::vector<Sequence> sequences) {
        std::sort(sequences.begin(), sequences.end());
        sequences.erase(std::unique(sequences.begin(), sequences.end()), sequences.end());
        if (sequences.front().size == 0) return Utf8Trie::kFinal;
        if (const auto known = by_rest_.find(sequences); known != by_rest_.end()) {
            return known->second;
        }
        std::vector<unsigned> cuts;
        for (const Sequence& sequence : sequences) {
            cuts.push_back(sequence.bytes[0].low);
            cuts.push_back(sequence.bytes[0].high + 1u);
        }
        std::sort(cuts.begin(), cuts.end());
        cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
        std::vector<Utf8Trie::Edge> edges;
        for (std::size_t i = 0; i + 1 < cuts.size(); ++i) {
            std::vector<Sequence> rests;
            for (const Sequence& sequence : sequences) {
                if (sequence.bytes[0].low <= cuts[i] && sequence.bytes[0].high >= cuts[i]) {
                    rests.push_back(sequence.rest());
                }
            }
            if (rests.empty()) continue;
            const std::uint32_t child = build(std::move(rests));
            const auto low = static_cast<std::uint8_t>(cuts[i]);
            const auto high = static_cast<std::uint8_t>(cuts[i + 1] - 1);
            if (!edges.empty() && edges.back().child == child && edges.back().high + 1 == low) {
                edges.back().high = high;
            } else {
                edges.push_back({low, high, child});
            }
        }
        const std::uint32_t node = intern(std::move(edges));
        by_rest_.emplace(std::move(sequences), node);
        return node;
    }

  private:
    struct EdgesLess {
        bool operator()(const std::vector<Utf8Trie::Edge>& a,
                        const std::vector<Utf8Trie::Edge>& b) const {
            return std::lexicographical_compare(
                a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
                    return std::tie(x.low, x.high, x.child) < std::tie(y.low, y.high, y.child);
                });
        }
    };

    std::uint32_t intern(std::vector<Utf8Trie::Edge> edges) {
        const auto [at, added] =
            by_edges_.emplace(edges, static_cast<std::uint32_t>(trie_.nodes.size()));
        if (added) trie_.nodes.push_back(std::move(edges));
        return at->second;
    }

    Utf8Trie trie_;
    std::map<std::vector<Sequence>, std::uint32_t> by_rest_;
    std::map<std::vector<Utf8Trie::Edge>, std::uint32_t, EdgesLess> by_edges_;
};

}  // namespace

Utf8Trie make_utf8_trie(const CodePointRanges& clean_ranges, Direction direction) {
    Splitter splitter(direction);
    for (const CodePointRange range : clean_ranges) splitter.add(range.low, range.high);
    std::vector<Sequence> sequences = splitter.take();
    if (sequences.empty()) return {};
    TrieBuilder builder;
    builder.build(std::move(sequences));
    return builder.take();
}

}  // namespace merlon::match
