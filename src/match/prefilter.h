#pragma once

// Where a match may begin, told by strings of which one begins every match.
//
// The idea: a search for a few bytes or strings runs at the speed of memory; an automaton that
// stands in its start state asks here for the next place that is worth its time.
//
// Immutable once made, thread-safe. Cost: linear in the text that is passed over.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace merlon::match {

class Prefilter {
  public:
    Prefilter() = default;
    // No string may be empty. Makes one that is not active where too many or too short strings
    // would stop everywhere.
    explicit Prefilter(std::vector<std::string> literals);

    bool is_active() const { return kind_ != Kind::kNone; }
    // The first place in text[from, to) where one of the strings begins, or npos. A string may
    // reach beyond `to`, up to the end of the text.
    std::size_t find(std::string_view text, std::size_t from, std::size_t to) const;

  private:
    enum class Kind : unsigned char { kNone, kBytes, kString };
    Kind kind_ = Kind::kNone;
    std::string string_;
    std::size_t rare_ = 0;  // the byte of string_ that is looked for
};

}  // namespace merlon::match
