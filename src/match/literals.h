#pragma once

// Searching one text for one or for 100,000 byte strings at once.
//
// The idea: the compiler looks at the strings and takes the fastest way that finds exactly them:
// for up to three bytes a search like memchr's, for one string its two rarest bytes, for up to some
// thousand Teddy's packed search, beyond that and for texts made to slow these down the automaton
// of Aho and Corasick. All of it is one block of bytes without pointers, which may be stored,
// mapped at the next start, and searched where it lies.
//
// Folding:
//   kExact    bytes.
//   kAscii    ASCII letters match in either case; other bytes are bytes.
//   kUnicode  code points match what unicode.SimpleFold leads to, as under (?i): k matches U+212A.
//   kLower    the text is read as Go's strings.ToLower gives it, and so are the strings.
// In the last two a match begins and ends between code points; an invalid byte is one, which
// matches itself (kUnicode) or U+FFFD (kLower, as strings.ToLower writes it). Empty strings are
// never found; equal ones are found each.
//
// Immutable, thread-safe. Cost: linear in the text, whatever the number of strings; a few bytes
// each nanosecond where matches are rare.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/result.h"
#include "base/simd_path.h"
#include "match/aho_corasick.h"
#include "match/byte_search.h"
#include "match/literal_blob.h"
#include "match/teddy.h"

namespace merlon::match {

enum class LiteralFold : std::uint8_t { kExact, kAscii, kUnicode, kLower };

// Which occurrences count: of those that begin first the one that stands first in the list, or the
// longest one (of equal ones the first), and then what does not overlap it; or every one.
enum class LiteralMatch : std::uint8_t { kLeftmostFirst, kLeftmostLongest, kOverlapping };

struct LiteralOptions {
    LiteralFold fold = LiteralFold::kExact;
    LiteralMatch match = LiteralMatch::kLeftmostFirst;
    LiteralEngine engine = LiteralEngine::kAutomatic;    // tests ask for one
    std::size_t max_text_bytes = std::size_t{16} << 20;  // of all strings
    std::size_t max_dense_bytes = std::size_t{4} << 20;  // of the automaton's rows
};

struct LiteralHit {
    std::uint32_t id = 0;  // place in the list of strings
    std::size_t begin = 0;
    std::size_t end = 0;

    bool operator==(const LiteralHit&) const = default;
};

// A stored set, read where it lies. The block is borrowed, and aligned to four bytes.
class LiteralView {
  public:
    LiteralView() = default;
    // Fails where the block is not what this version writes.
    static Result<LiteralView> load(std::span<const std::byte> block);

    // The leftmost match that begins at or after `from`, a boundary of code points. Not for
    // kOverlapping.
    std::optional<LiteralHit> find(std::string_view text, std::size_t from = 0) const;

    // Calls on_hit(LiteralHit) for each occurrence, for kOverlapping only. The order depends on the
    // strings and the text alone; occurrences of one string come in the order of their places.
    // An on_hit that returns a bool says with false that it wants no more.
    template <typename OnHit>
    void scan(std::string_view text, OnHit&& on_hit) const {
        using Callable = std::remove_reference_t<OnHit>;
        scan_into(text, {&on_hit,
                         [](void* context, std::uint32_t id, std::size_t begin, std::size_t end) {
                             Callable& call = *static_cast<Callable*>(context);
                             const LiteralHit hit{id, begin, end};
                             if constexpr (std::is_same_v<decltype(call(hit)), bool>) {
                                 return call(hit);
                             } else {
                                 call(hit);
                                 return true;
                             }
                         }});
    }

    std::span<const std::byte> block() const { return block_; }
    std::uint32_t count() const { return texts_.begin.empty() ? 0 : texts_.count(); }
    // As it is searched for, folded.
    std::string_view string(std::uint32_t id) const { return texts_.string(id); }
    LiteralEngine engine() const { return engine_; }
    LiteralFold fold() const { return fold_; }
    LiteralMatch match() const { return match_; }

    // The same searched on another path than the processor's best; tests name each.
    LiteralView on(SimdPath path) const {
        LiteralView other = *this;
        other.path_ = path;
        return other;
    }

  private:
    void scan_into(std::string_view text, LiteralSink sink) const;
    SweepEnd sweep(LiteralSweep& sweep) const;
    SweepEnd sweep_bytes(LiteralSweep& sweep) const;
    SweepEnd sweep_pair(LiteralSweep& sweep) const;
    bool reads_bytes(std::string_view text) const;
    bool is_better(std::uint32_t id, std::uint32_t than) const;
    std::optional<LiteralHit> find_by_engine(std::string_view text, std::size_t from) const;
    std::optional<LiteralHit> find_by_pair(std::string_view text, std::size_t from) const;
    bool scan_automaton(std::string_view text, std::size_t from, std::size_t to,
                        LiteralSink sink) const;
    std::size_t scan_stretch(std::string_view text, std::size_t reached, LiteralSink sink) const;
    std::optional<LiteralHit> find_by_automaton(std::string_view text, std::size_t from) const;
    std::optional<LiteralHit> find_folded(std::string_view text, std::size_t from) const;
    void scan_folded(std::string_view text, LiteralSink sink) const;
    std::size_t place_of(std::uint32_t id) const;
    std::size_t begin_of(std::uint32_t id, std::string_view text, std::size_t end) const;

    std::span<const std::byte> block_;
    LiteralEngine engine_ = LiteralEngine::kNothing;
    LiteralFold fold_ = LiteralFold::kExact;
    LiteralMatch match_ = LiteralMatch::kLeftmostFirst;
    bool is_ascii_ = true;
    SimdPath path_ = SimdPath::kPortable;
    std::uint32_t max_window_offset_ = 0;
    std::size_t max_length_ = 0;  // of a string
    LiteralTexts texts_;
    std::array<MaskedByte, 3> bytes_{};
    std::size_t byte_count_ = 0;
    BytePair pair_;
    std::uint32_t pair_id_ = 0;  // of the string that has them, the one that is not empty
    Teddy teddy_;
    AhoCorasick automaton_;
};

// A set with its own block. Moves, and keeps what its view points at.
class LiteralSet {
  public:
    // Ids are places in `strings`. Fails where these are longer than the options allow.
    static Result<LiteralSet> compile(std::span<const std::string> strings,
                                      const LiteralOptions& options);

    LiteralSet(LiteralSet&&) noexcept = default;
    LiteralSet& operator=(LiteralSet&&) noexcept = default;
    LiteralSet(const LiteralSet&) = delete;
    LiteralSet& operator=(const LiteralSet&) = delete;
    ~LiteralSet() = default;

    const LiteralView& view() const { return view_; }
    std::span<const std::byte> block() const { return std::as_bytes(std::span(words_)); }

  private:
    LiteralSet() = default;

    std::vector<std::uint32_t> words_;
    LiteralView view_;
};

}  // namespace merlon::match
