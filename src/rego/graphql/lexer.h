#pragma once

// The tokens of GraphQL documents.
//
// Standard: GraphQL October 2021, section 2.1, with gqlparser's names of tokens, which its errors
// quote. Not thread-safe. Cost: one pass.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace merlon::rego::graphql {

enum class TokenKind : std::uint8_t {
    kInvalid,
    kEnd,
    kPunctuator,  // its text says which
    kName,
    kInteger,
    kFloat,
    kString,
    kBlockString,
};

struct Token {
    TokenKind kind = TokenKind::kEnd;
    std::string text;
    std::uint32_t line = 1;
    std::uint32_t column = 1;

    bool is(std::string_view punctuator) const {
        return kind == TokenKind::kPunctuator && text == punctuator;
    }
    // "Name", "{", "<EOF>": what messages call it.
    std::string kind_text() const;
    std::string shown() const;
};

// An error at a token.
Error wrong(const Token& token, std::string message);

// Section 2.1, and section 2.9.4 for strings.
class Lexer {
  public:
    explicit Lexer(std::string_view text) : text_(text) {}
    Token next();
    // Why next() gave no token, in gqlparser's words; nothing where one begins and is wrong further
    // on.
    std::optional<std::string> why_invalid() const;

  private:
    void advance(std::size_t bytes);
    void line_break();
    void skip_to(std::size_t end);
    void skip_ignored();
    Token taken(Token token, std::size_t end);
    Token punctuator(Token token, std::size_t width);
    // What is no token. gqlparser tells what it is not, where it stands, and never why.
    Token invalid(Token token, std::size_t at) const;
    Token number(Token token);
    Token string(Token token);
    static std::optional<char32_t> unicode(std::string_view digits);
    Token block_string(Token token);
    // Section 2.9.4, BlockStringValue(): common indentation and empty lines around go away.
    static std::string unindented(const std::string& content);

    std::string_view text_;
    std::size_t at_ = 0;
    std::uint32_t line_ = 1;
    std::uint32_t column_ = 1;
};

}  // namespace merlon::rego::graphql
