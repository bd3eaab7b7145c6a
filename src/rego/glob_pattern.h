#pragma once

// Globs with separators, as glob.match has them (github.com/gobwas/glob 1.0): `*` and `?` stop at
// separators, `**` does not; `[abc]`, `[!a-c]`, `{this,that}`, `\c`.
//
// The idea: a glob is a small automaton whose places are walked all at once, so that making one is
// cheap and matching never goes back. Its errors stand where that library has them.
//
// Immutable once compiled, thread-safe. Cost: of matching, the text times the places that are open.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace merlon::rego {

class GlobPattern {
  public:
    static Result<GlobPattern> compile(std::string_view glob, std::u32string_view separators);

    // Whether the whole text matches.
    bool matches(std::string_view text) const;

  private:
    friend class GlobCompiler;
    class Walk;

    struct Range {
        char32_t first;
        char32_t last;
    };
    struct Step {
        enum class Kind : std::uint8_t {
            kCharacter,  // `point`
            kOne,        // `?`
            kStar,       // `*`: stays, or goes on
            kSuper,      // `**`
            kClass,      // the ranges from `first` to `last`
            kNotClass,
            kJump,    // to `target`
            kBranch,  // to the next step, or to `target`
            kEnd,
        };
        Kind kind = Kind::kEnd;
        char32_t point = 0;
        std::uint32_t target = 0;
        std::uint32_t first = 0;
        std::uint32_t last = 0;
    };

    // Of a character; of a wrong byte, which is U+FFFD to all but literals.
    bool takes(const Step& step, char32_t point, bool is_valid) const;  // NOLINT: a fact

    std::vector<Step> steps_;
    std::vector<Range> ranges_;
    std::u32string separators_;
};

}  // namespace merlon::rego
