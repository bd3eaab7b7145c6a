#include "secrets/word_set.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/hash.h"

namespace merlon::secrets {
namespace {

constexpr std::size_t kFilterBits = WordSet::kFilterBytes * 8;
constexpr double kStepsPerBit = 8;

bool is_word_shaped(std::string_view word) {
    return word.size() >= kMinWordLetters && word.size() <= kMaxWordLetters;
}

std::size_t pair_index(char first, char second) {
    return static_cast<std::size_t>(first - 'a') * WordSet::kLetters +
           static_cast<std::size_t>(second - 'a');
}

// Double hashing: the n-th probe is a + n * b.
template <typename Visit>
bool all_probes(std::string_view word, Visit visit) {
    const std::uint64_t hash = hash_bytes(word);
    const std::uint64_t step = hash >> 32 | 1;
    for (int probe = 0; probe < WordSet::kProbes; ++probe) {
        const auto n = static_cast<std::uint64_t>(probe);
        if (!visit(static_cast<std::size_t>((hash + n * step) % kFilterBits))) return false;
    }
    return true;
}

std::string lower_letters(std::string_view word) {
    std::string lowered;
    for (const char c : word) {
        const char letter = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        if (letter < 'a' || letter > 'z') return {};
        lowered += letter;
    }
    return lowered;
}

}  // namespace

bool WordSet::contains(std::string_view word) const {
    if (!is_word_shaped(word)) return false;
    const std::string_view filter = block_.substr(kPairBytes);
    return all_probes(word, [filter](std::size_t bit) {
        return (static_cast<unsigned char>(filter[bit / 8]) >> (bit % 8) & 1) != 0;
    });
}

double WordSet::surprise(std::string_view letters) const {
    double steps = 0;
    for (std::size_t i = 1; i < letters.size(); ++i) {
        steps += static_cast<unsigned char>(block_[pair_index(letters[i - 1], letters[i])]);
    }
    return steps / kStepsPerBit / static_cast<double>(letters.size() - 1);
}

std::string make_word_block(std::span<const std::string> words) {
    std::string block(WordSet::kPairBytes + WordSet::kFilterBytes, '\0');
    std::array<std::uint32_t, WordSet::kPairBytes> pairs{};
    // Each letter is followed by each other one at least once: a name may do what no word does.
    pairs.fill(1);
    for (const std::string& written : words) {
        const std::string word = lower_letters(written);
        if (!is_word_shaped(word)) continue;
        all_probes(word, [&block](std::size_t bit) {
            char& byte = block[WordSet::kPairBytes + bit / 8];
            byte = static_cast<char>(static_cast<unsigned char>(byte) | 1U << (bit % 8));
            return true;
        });
        for (std::size_t i = 1; i < word.size(); ++i) ++pairs[pair_index(word[i - 1], word[i])];
    }
    for (std::size_t first = 0; first < WordSet::kLetters; ++first) {
        const auto row = std::span(pairs).subspan(first * WordSet::kLetters, WordSet::kLetters);
        double total = 0;
        for (const std::uint32_t count : row) total += count;
        for (std::size_t second = 0; second < WordSet::kLetters; ++second) {
            const double bits = std::log2(total / row[second]);
            block[first * WordSet::kLetters + second] =
                static_cast<char>(std::min(255.0, std::round(bits * kStepsPerBit)));
        }
    }
    return block;
}

}  // namespace merlon::secrets
