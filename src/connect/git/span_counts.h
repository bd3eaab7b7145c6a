#pragma once

// How alike two contents are, as git's rename detection measures it: by the bytes of the old
// content whose lines, or pieces of 64 bytes of longer lines, occur in the new one, wherever they
// stand.
//
// The idea: each piece is hashed into one of 107,927 numbers, and the bytes of each number are
// added up; what both sides have under a number counts as kept. The hash is part of the behaviour:
// pieces that collide count as equal in git, and so they must here.
//
// Thread-safe: no state; a counter belongs to one thread. Cost: one pass over the bytes, one over
// the numbers.

#include <cstdint>
#include <string_view>
#include <vector>

namespace merlon::connect::git {

// What a content is to the measure: in text the '\r' of a line end does not count.
enum class ContentKind : std::uint8_t { kText, kBinary };

struct SpanCount {
    std::uint32_t number = 0;
    std::uint32_t bytes = 0;
};

using SpanCounts = std::vector<SpanCount>;  // ascending by number, each once

class SpanCounter {
  public:
    SpanCounts count(std::string_view content, ContentKind kind);

  private:
    std::vector<std::uint32_t> bytes_;  // by number; empty before the first call, zeros between two
};

// The bytes of `before` that `after` has too.
std::uint64_t common_bytes(const SpanCounts& before, const SpanCounts& after);

}  // namespace merlon::connect::git
