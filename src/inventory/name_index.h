#pragma once

// Patterns of base names, found by the name that is at hand: a tree has many files, hundreds of
// patterns are known, and next to none of them may match one name.
//
// The idea: a pattern without a wildcard is found by hash; one with, by the first letter before its
// wildcards or the last one behind them. What is found may match, what is not found cannot.
//
// Immutable after add(), then thread-safe. Cost: a hash and a few looks for each name.

#include <array>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace merlon::inventory {

class NameIndex {
  public:
    // '*' and '#' are wildcards of the tables that use this. The pattern has to live as long.
    void add(std::string_view pattern, std::uint32_t number) {
        constexpr std::string_view kWildcards = "*#";
        const std::size_t first = pattern.find_first_of(kWildcards);
        if (first == std::string_view::npos) {
            exact_[pattern].push_back(number);
            return;
        }
        const std::string_view begin = pattern.substr(0, first);
        const std::string_view end = pattern.substr(pattern.find_last_of(kWildcards) + 1);
        if (!begin.empty()) {
            by_first_[static_cast<std::uint8_t>(begin.front())].push_back({begin, number});
        } else if (!end.empty()) {
            by_last_[static_cast<std::uint8_t>(end.back())].push_back({end, number});
        } else {
            open_.push_back(number);
        }
    }

    // Calls `look` with the number of each pattern that may match the name.
    template <typename Look>
    void for_each_of(std::string_view name, const Look& look) const {
        if (const auto found = exact_.find(name); found != exact_.end())
            for (const std::uint32_t number : found->second) look(number);
        for (const std::uint32_t number : open_) look(number);
        if (name.empty()) return;
        for (const Row& row : by_first_[static_cast<std::uint8_t>(name.front())])
            if (name.starts_with(row.text)) look(row.number);
        for (const Row& row : by_last_[static_cast<std::uint8_t>(name.back())])
            if (name.ends_with(row.text)) look(row.number);
    }

  private:
    struct Row {
        std::string_view text;  // what stands before the wildcards, or behind them
        std::uint32_t number;
    };

    std::unordered_map<std::string_view, std::vector<std::uint32_t>> exact_;
    std::array<std::vector<Row>, 256> by_first_;
    std::array<std::vector<Row>, 256> by_last_;
    std::vector<std::uint32_t> open_;
};

}  // namespace merlon::inventory
