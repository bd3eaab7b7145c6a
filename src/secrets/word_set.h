#pragma once

// Which strings are English words or words of computing, and how much a run of letters reads like
// them.
//
// The idea: a Bloom filter over the words of the distribution's `wamerican` list and of
// technical_words.txt, and a table of how often one letter follows another in them. Both are made
// when Merlon is built (tools/words/make_words.cpp) and stand in the program as one block of bytes,
// so nothing is read or parsed at a start. One string in some 10,000 that are no word is taken for
// one.
//
// Layout of the block, little-endian: 26 * 26 bytes, the cost of each pair of letters in eighths of
// a bit; then kFilterBytes bytes of filter.
//
// Thread-safe: immutable. Cost: one hash and at most kProbes loads for each question.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace merlon::secrets {

inline constexpr std::size_t kMinWordLetters = 3;
inline constexpr std::size_t kMaxWordLetters = 14;

class WordSet {
  public:
    static constexpr std::size_t kLetters = 26;
    static constexpr std::size_t kPairBytes = kLetters * kLetters;
    static constexpr std::size_t kFilterBytes = std::size_t{1} << 17;
    static constexpr int kProbes = 7;

    // The list that the program carries.
    static const WordSet& english();

    // `block` lives as long as the set; kPairBytes + kFilterBytes bytes.
    explicit WordSet(std::string_view block) : block_(block) {}

    // `word`: lower-case ASCII letters. False for what is shorter than kMinWordLetters or longer
    // than kMaxWordLetters.
    bool contains(std::string_view word) const;

    // Bits for each letter that a writer of English would be surprised by: about 3 for words,
    // 6 for random letters. `letters`: at least two lower-case ASCII letters.
    double surprise(std::string_view letters) const;

  private:
    std::string_view block_;
};

// The block of a list of words: what is no run of kMinWordLetters to kMaxWordLetters ASCII letters
// is left out, upper case counts as lower.
std::string make_word_block(std::span<const std::string> words);

}  // namespace merlon::secrets
