#pragma once

// What a matching knows so far: what is decided, where certain lines moved to, which files were
// renamed. Internal to the matching.
//
// Not thread-safe. Cost: a look-up each.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "evidence/matching.h"

namespace merlon::evidence {

using SignatureValue = std::array<char, kSignatureBytes>;

// What stands in one group: equal family and value, and path where that counts.
struct GroupKey {
    std::int64_t family = 0;
    SignatureValue value{};
    std::int64_t path = 0;
    auto operator<=>(const GroupKey&) const = default;
};

// One of the places where findings are known: this stream, each other one by itself, because equals
// of two make no order, and what went.
struct MatchSource {
    Nearness nearness = Nearness::kSameStream;
    bool has_changed = false;  // of another stream: its files since the two parted
    std::vector<std::size_t> before;
    std::size_t standing = 0;  // views of it that are just where one of now is
};

struct EqualsGroup {
    std::vector<std::size_t> before, after;  // in the order of their lines
};

// Where something that is certain stood and stands: what lies near it moved as far.
struct MatchAnchor {
    std::uint32_t now = 0;
    std::uint32_t then = 0;
    auto operator<=>(const MatchAnchor&) const = default;
};

// Path, family, line, position and code; what has no code is known by its first signature.
using MatchedPlace = std::tuple<std::int64_t, std::int64_t, std::uint32_t, std::uint32_t,
                                std::optional<SignatureValue>>;
MatchedPlace place_of(const View& view);

std::span<const Signature> of_algorithm(const View& view, Algorithm algorithm);
// Its marked lines without their comments: those of kCode, or of the lines where there is none.
std::span<const Signature> code_of(const View& view);
// By what the pass of an algorithm goes.
std::span<const Signature> in_pass_of(Algorithm algorithm, const View& view);

// Lines of one change that is of one place, and not of many.
inline constexpr std::uint32_t kMostChanged = 16;

// Whether the marked lines of both are known, and are others: then an equal fingerprint may be one
// that many things have.
bool are_other_lines(const View& was, const View& now);
// Whether the lines around are known of both, and none of the one is of the other.
bool are_lines_around_others(const View& was, const View& now);

struct MatchState {
    std::vector<Before> before;
    std::span<const After> after;
    std::vector<Pairing> pairings;
    std::unordered_set<std::int64_t> used;  // findings of `before` that are decided
    std::unordered_map<std::int64_t, std::set<MatchAnchor>> anchors;  // by the path of now
    std::unordered_map<std::int64_t, std::int64_t> renamed;           // paths
    const MatchAnswers& answers;

    // What became of the line that one of before stood at, in the file of one of now.
    std::optional<LinesNow> lines_of(std::size_t was, std::size_t now) const;
    // That one of now is this finding, which stood there.
    void take(std::size_t now, std::int64_t finding, const View& was);
    // The path that a file has now.
    std::int64_t path_of(std::int64_t path) const;
    // Whether nothing is left to decide: one and one, or two that cannot be one.
    bool match_single(const EqualsGroup& group);
};

}  // namespace merlon::evidence
