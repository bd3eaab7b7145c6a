#pragma once

// The paths behind `--` of git's commands (gitglossary, "pathspec"): which files are meant.
//
// The idea: a name stands for the file and for everything below it; with `*` or `?` in it, for
// every path that matches as a whole, where `*` matches '/' too, unless the words are literal.
// Classes ([a-z]) and magic (":(…)") are refused by name rather than guessed.
//
// Immutable, thread-safe. Cost: the patterns for each path.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "connect/git/object.h"

namespace merlon::connect::git {

class PathFilter {
  public:
    // kLiteral: GIT_LITERAL_PATHSPECS; kNoWildcards: GIT_NOGLOB_PATHSPECS, where ':' keeps its
    // meaning.
    enum class Words : std::uint8_t { kWildcards, kNoWildcards, kLiteral };
    // `folder` is where the words are relative to, "" or "a/b/". No words: everything.
    static Result<PathFilter> make(std::span<const std::string> words, std::string_view folder,
                                   Words kind = Words::kWildcards);

    bool matches(std::string_view path) const;
    // Whether anything below `folder` ("a/b/") may match.
    bool may_match_below(std::string_view folder) const;
    bool empty() const { return patterns_.empty(); }

  private:
    struct Pattern {
        std::string text;                         // "" is the top
        std::size_t literal = std::string::npos;  // bytes before the first wildcard; npos: no one
        bool only_below = false;                  // the word ended in '/'
    };
    std::vector<Pattern> patterns_;
};

// Whether two trees differ in a file that the filter matches. What cannot be read differs.
bool paths_differ(const ObjectReader& reader, const std::optional<ObjectId>& before,
                  const std::optional<ObjectId>& after, const PathFilter& filter);

}  // namespace merlon::connect::git
