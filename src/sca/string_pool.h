#pragma once

// Sorted, front-coded strings: each is a number, numbers are in the strings' order.
//
// The idea: of every 16 strings the first is whole, and the others say how many bytes they share
// with the one before them. Identifiers and module paths shrink to a third, a string is found by a
// search over the heads, and reading one costs at most 15 steps.
//
// StringPoolWriter gathers texts under provisional numbers and gives each its final one at the end.
// Not thread-safe to write. Cost: a hash look-up for each text, and one sort.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/arena.h"
#include "base/hash.h"

namespace merlon::sca {

inline constexpr std::uint32_t kStringsPerBucket = 16;

class StringPoolWriter {
  public:
    // The provisional number of `text`, 0 for the empty one.
    std::uint32_t add(std::string_view text);

    struct Packed {
        std::vector<std::uint32_t> buckets;  // where each head begins, and the end
        std::string bytes;
        std::uint32_t count = 0;
        std::vector<std::uint32_t> final_number;  // by the provisional one
    };
    Packed finish() const;

    // The provisional number of a text that is there.
    std::optional<std::uint32_t> find(std::string_view text) const {
        const auto found = numbers_.find(text);
        if (found == numbers_.end()) return std::nullopt;
        return found->second;
    }
    std::size_t size() const { return texts_.size(); }
    std::string_view text(std::uint32_t provisional) const { return texts_[provisional]; }

  private:
    struct Hash {
        std::size_t operator()(std::string_view text) const { return hash_bytes(text); }
    };
    Arena arena_{std::size_t{1} << 16};
    std::unordered_map<std::string_view, std::uint32_t, Hash> numbers_{{std::string_view(), 0}};
    std::vector<std::string_view> texts_{std::string_view()};
};

// The strings of one bucket, in their order.
class PooledStrings {
  public:
    explicit PooledStrings(std::string_view bucket) : rest_(bucket) {}
    // Makes the string before, or an empty one, the next string. False where the bytes end or lie.
    bool next(std::string& text);

  private:
    std::string_view rest_;
    bool is_head_ = true;
};

// The string that `bucket` holds at `place`. False where the bytes end or lie.
bool read_pooled(std::string_view bucket, std::uint32_t place, std::string& out);

}  // namespace merlon::sca
