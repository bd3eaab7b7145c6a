#pragma once

// The tokens of source code, as far as imports and lists of names need them: names, strings, marks
// and line ends; comments are left out.
//
// Not thread-safe; views into the text. Cost: one pass, constant memory.

#include <cstdint>
#include <string_view>

#include "inventory/source_imports.h"

namespace merlon::inventory {

enum class TokenKind : std::uint8_t { kEnd, kName, kString, kMark, kLineEnd };

struct Token {
    TokenKind kind = TokenKind::kEnd;
    std::string_view text;  // of a string: what is between its quotes
    std::uint32_t line = 1;
};

class SourceTokens {
  public:
    SourceTokens(std::string_view text, SourceLanguage language);

    Token next();

  private:
    // How a language writes what is not code.
    struct Lexis {
        bool has_slash_comments = true;  // "//" and "/*"; else '#'
        bool has_triple_quotes = false;  // Python
        std::string_view raw_quote;      // strings over several lines, without escapes that matter
    };
    static Lexis lexis_of(SourceLanguage language);

    bool skip_comment();
    // Behind the `size` bytes at `end`, or to the text's end; counts the lines on the way.
    void move_to(std::size_t end, std::size_t size);
    Token take();
    Token take_string(char quote);

    std::string_view text_;
    Lexis lexis_;
    std::size_t at_ = 0;
    std::uint32_t line_ = 1;
};

}  // namespace merlon::inventory
