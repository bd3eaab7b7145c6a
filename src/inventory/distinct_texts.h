#pragma once

// Texts in the order in which they were first seen, each once, and not more than anybody needs:
// licences of a package, of which a hostile file may state a million.
//
// Not thread-safe. Cost: O(1) a text.

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace merlon::inventory {

class DistinctTexts {
  public:
    static constexpr std::size_t kMost = 1'000;

    // Empty texts are none. False where this one had no place any more.
    bool add(std::string_view text) {
        if (text.empty()) return true;
        if (all_.size() == kMost) return known_.contains(std::string(text));
        if (known_.emplace(text).second) all_.emplace_back(text);
        return true;
    }
    const std::vector<std::string>& all() const { return all_; }

  private:
    std::vector<std::string> all_;
    std::unordered_set<std::string> known_;
};

}  // namespace merlon::inventory
