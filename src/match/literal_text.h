#pragma once

// A text as the literals of a pattern set are looked for in it.
//
// The idea: three code points outside ASCII are ASCII letters under folding or in lower case
// (U+0130, U+017F, U+212A). They stand here as those letters, so that literals in ASCII find what
// (?i) and strings.ToLower make equal; places are led back to the text itself. Almost every text
// has none of them and is taken as it is.
//
// Borrows the subject. Thread-safe once made. Cost: none where there are none; else a copy, and a
// binary search for each hit.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "match/byte_search.h"
#include "match/regex.h"

namespace merlon::match {

class LiteralText {
  public:
    explicit LiteralText(const Subject& subject) : text_(subject.searchable()) {
        if (subject.folds_to_ascii()) fold();
    }
    LiteralText(const LiteralText&) = delete;
    LiteralText& operator=(const LiteralText&) = delete;

    std::string_view text() const { return text_; }
    std::size_t original_place(std::size_t place) const {
        const std::size_t behind = shifts_before(place);
        return behind == 0 ? place : place + shifts_[behind - 1].bytes;
    }
    // Whether [begin, end) reads the same in Go's strings.ToLower of the text: U+017F stays what it
    // is there.
    bool is_lower_case(std::size_t begin, std::size_t end) const {
        for (std::size_t i = shifts_before(begin); i < shifts_.size(); ++i) {
            if (shifts_[i].from > end) return true;
            if (shifts_[i].is_long_s) return false;
        }
        return true;
    }

  private:
    struct Shift {
        std::size_t from = 0;   // the place behind the letter, in the folded text
        std::size_t bytes = 0;  // that the original is longer up to there
        bool is_long_s = false;
    };
    struct Letter {
        std::string_view written;
        char folded;
    };
    static constexpr Letter kLetters[] = {
        {"\xC5\xBF", 's'}, {"\xC4\xB0", 'i'}, {"\xE2\x84\xAA", 'k'}};

    static const Letter* letter_at(std::string_view rest) {
        for (const Letter& letter : kLetters) {
            if (rest.starts_with(letter.written)) return &letter;
        }
        return nullptr;
    }

    void fold() {
        std::size_t taken = 0;
        for (std::size_t at = 0;
             (at = find_byte3(text_, at, '\xC4', '\xC5', '\xE2')) < text_.size();) {
            const Letter* const letter = letter_at(text_.substr(at));
            if (letter == nullptr) {
                ++at;
                continue;
            }
            folded_.append(text_, taken, at - taken);
            folded_ += letter->folded;
            taken = at += letter->written.size();
            shifts_.push_back({folded_.size(), taken - folded_.size(), letter->folded == 's'});
        }
        folded_.append(text_, taken);
        text_ = folded_;
    }

    std::size_t shifts_before(std::size_t place) const {
        const auto behind =
            std::upper_bound(shifts_.begin(), shifts_.end(), place,
                             [](std::size_t at, const Shift& shift) { return at < shift.from; });
        return static_cast<std::size_t>(behind - shifts_.begin());
    }

    std::string_view text_;
    std::string folded_;
    std::vector<Shift> shifts_;  // ascending
};

}  // namespace merlon::match
