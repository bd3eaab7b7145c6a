#pragma once

// Go's strings.Replacer, for strings.replace_n.
//
// The idea: pairs come in the order of their patterns, and at each place the first that matches is
// taken, which in that order is the shortest. What has a shorter one at its beginning never
// matches; of the rest, one at most does, and it stands right before the text in that order.
//
// Thread-safe once built; it keeps views, and works in the memory of whoever made it. Cost: for
// each byte of the text a look-up of the byte, and a binary search where a pattern begins with it.
// What is compared in vain counts as steps.

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "rego/builtins.h"

namespace merlon::rego {

class Replacer {
  public:
    using Pair = std::pair<std::string_view, std::string_view>;

    // Keeps those that can match at the front of `pairs`, in their order.
    explicit Replacer(std::span<Pair> pairs);

    // False after an error.
    bool run(Context& context, std::string_view text, std::string& out) const;

  private:
    struct Found {
        const Pair* pair = nullptr;
        std::size_t compared_bytes = 0;
    };
    Found find(std::string_view text) const;

    std::span<const Pair> pairs_;
    std::array<bool, 256> begins_{};  // with this byte
    std::optional<std::string_view> nothing_;
};

}  // namespace merlon::rego
