#pragma once

// What a document says that its standard does not know: counted by name, so that it is told and
// nobody takes the reader's guess for the tool's word.
//
// Not thread-safe: one document each. Cost: a look-up for each.

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace merlon::exchange {

class OddValues {
  public:
    // "level 'fatal'", and what it is taken for.
    void note(std::string what, const std::string& taken_for) {
        count(std::move(what), taken_for, 1);
    }

    // With what another has noted.
    void add(const OddValues& other) {
        for (const auto& [what, seen] : other.counts_) count(what, seen.meaning, seen.count);
    }

    // A line for each.
    std::vector<std::string> notices() const {
        std::vector<std::string> lines;
        for (const auto& [what, seen] : counts_)
            lines.push_back("outside of the standard, " + std::to_string(seen.count) +
                            (seen.count == 1 ? " time: " : " times: ") + what + ", taken for " +
                            seen.meaning);
        return lines;
    }

  private:
    struct Seen {
        std::uint64_t count = 0;
        std::string meaning;
    };
    static constexpr std::size_t kMostNames = 50;

    void count(std::string what, const std::string& taken_for, std::uint64_t times) {
        // A hostile document has as many names as values.
        if (counts_.size() >= kMostNames && !counts_.contains(what)) what = "others like these";
        Seen& seen = counts_[what];
        seen.count += times;
        seen.meaning = taken_for;
    }

    std::map<std::string, Seen> counts_;
};

}  // namespace merlon::exchange
