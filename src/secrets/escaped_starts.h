#pragma once

// Words that stand right behind an escape in a string: "line one\nTOKEN" in JSON, YAML or a source
// file; and values in escaped quotes, of JSON inside of a string: "{\"password\":\"…\"}".
//
// The idea: to an expression that begins with \b the escape's letter is a part of the word, and the
// token is none. So copies of what stands around such places are made, of the same length, in which
// the letter is the character that the escape means, and these are searched as well. An escaped
// quote is a quote there, with a blank on its outer side. All else of the text is not looked at
// again.
//
// Not thread-safe: one for each text, which it borrows. Memory: a batch of copies, kBatchBytes and
// one more. Cost: one search for backslashes; at most some hundred bytes for each escape.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace merlon::secrets {

class EscapedStarts {
  public:
    // Copied before an escape, and behind the word that follows it.
    static constexpr std::size_t kBytesAround = 128;
    static constexpr std::size_t kLongestWord = std::size_t{16} << 10;
    static constexpr std::size_t kBatchBytes = std::size_t{256} << 10;

    explicit EscapedStarts(std::string_view text) : text_(text) {}

    // Makes the next copies; false where there are no more.
    bool next();
    std::string_view copies() const { return copies_; }
    // Where [begin, end) of the copies stands in the text; nothing where that is no one place, or
    // where no word of this batch begins within it or at its begin.
    std::optional<std::size_t> place(std::size_t begin, std::size_t end) const;
    // Whether what stands here in the text is a word right behind an escape.
    bool is_start(std::size_t at) const;

  private:
    struct Part {
        std::size_t in_copies;
        std::size_t in_text;
    };
    std::size_t next_escape(std::size_t from) const;
    bool opens_value(std::size_t run) const;
    void unescape_quotes(std::size_t from);
    void copy_around(std::size_t escape);

    std::string_view text_;
    std::size_t at_ = 0;      // where the next escape is looked for
    std::size_t copied_ = 0;  // the end of the last part, in the text
    std::string copies_;
    std::vector<Part> parts_;
    std::vector<std::size_t> starts_;  // in the copies
};

}  // namespace merlon::secrets
