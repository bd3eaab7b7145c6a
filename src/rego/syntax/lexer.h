#pragma once

// Cuts the text of a Rego module into tokens.
//
// The idea: one code point is read ahead; the whole state is a small value, so that the parser goes
// back by copying it. White space and comments are tokens; the parser skips them and keeps what it
// needs. What is wrong is told beside the token, which is kIllegal or the nearest thing.
//
// Standard: Rego's lexical grammar as OPA 1.22.2 has it, with its messages; columns count code
// points. Thread-safe: no shared state. Cost: one pass, no allocation.

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "rego/syntax/token.h"

namespace merlon::rego::syntax {

enum class TemplateMode : std::uint8_t { kNone, kQuoted, kRaw };

struct ScannedToken {
    Token token = Token::kIllegal;
    std::uint32_t begin = 0;  // bytes
    std::uint32_t end = 0;
    std::uint32_t row = 0;
    std::uint32_t column = 0;
    std::string_view literal = {};  // identifiers, numbers, strings with their quotes, white space
};

class Lexer {
  public:
    // Both outlive the lexer; `arena` takes literals from which something had to be taken out.
    Lexer() = default;
    Lexer(std::string_view text, Arena& arena, std::vector<std::string_view>& messages);

    // The next token; `mode` other than kNone goes on with a template string behind its '}'.
    // Messages of what is wrong are appended to the vector.
    ScannedToken scan(TemplateMode mode);

    std::string_view text() const { return text_; }
    KeywordSet keywords() const { return keywords_; }
    void set_keywords(KeywordSet keywords) { keywords_ = keywords; }

  private:
    void next();
    void fail(std::string_view message) { messages_->push_back(message); }
    Token scan_symbol(char32_t first, std::string_view& literal);
    Token if_equal_follows(Token then, Token otherwise);
    std::string_view scan_identifier();
    std::string_view scan_number();
    void scan_digits(std::string_view message_where_none);
    std::string_view scan_string();
    std::string_view scan_raw_string();
    std::string_view scan_comment();
    Token scan_template(TemplateMode mode, std::string_view& literal);
    void scan_escape();
    std::uint32_t literal_start() const { return offset_ - (width_ + 1); }
    std::string_view since(std::uint32_t begin) const;

    static constexpr char32_t kEnd = 0xFFFFFFFF;

    std::string_view text_;
    Arena* arena_ = nullptr;
    std::vector<std::string_view>* messages_ = nullptr;
    std::uint32_t offset_ = 0;  // behind the code point read ahead
    std::uint32_t row_ = 1;
    std::uint32_t column_ = 0;
    std::uint32_t width_ = 0;
    char32_t current_ = kEnd;
    KeywordSet keywords_ = kFutureNot;
};

}  // namespace merlon::rego::syntax
