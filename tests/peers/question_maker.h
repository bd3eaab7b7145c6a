#pragma once

// Expressions and texts for the comparison with Go, made from a seed and a number.
//
// The idea: an expression is grown as a tree of pieces, which can be written down in any of the
// ways the syntax has and can also be walked for a text that it matches, so that most pairs are
// near a match. Real expressions (of rule packs that the user names) come with texts that Go made
// for them, and are mutated. Texts are spoiled: invalid UTF-8, NUL, long runs, code points that
// fold.
//
// Question number N of a seed is always the same one, whatever was made before.

#include <cstdint>
#include <string>
#include <vector>

#include "regexp_oracle.h"

namespace merlon::peers {

struct RealPattern {
    std::string pattern;
    std::vector<std::string> samples;
};

class QuestionMaker {
  public:
    QuestionMaker(std::uint64_t seed, const std::vector<RealPattern>& real, int texts)
        : seed_(seed), real_(real), texts_(texts) {}

    Question make(std::uint64_t number) const;

  private:
    std::uint64_t seed_;
    const std::vector<RealPattern>& real_;
    int texts_;
};

}  // namespace merlon::peers
