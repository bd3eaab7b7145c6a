#pragma once

// The words of Rego: tokens, their names in messages, and which identifiers are keywords when.
//
// The idea: what a name means depends on the version of the language and on the imports above it,
// so a set of bits says which of the words that came later are keywords now.
//
// Standard: Rego v0, v1 and v2 as OPA 1.22.2 reads them. Thread-safe: constants only.

#include <cstdint>
#include <span>
#include <string_view>

namespace merlon::rego::syntax {

enum class Token : std::uint8_t {
    kIllegal,
    kEof,
    kWhitespace,
    kIdentifier,
    kComment,
    kPackage,
    kImport,
    kAs,
    kDefault,
    kElse,
    kNot,
    kSome,
    kWith,
    kNull,
    kTrue,
    kFalse,
    kNumber,
    kString,
    kTemplatePart,
    kTemplateEnd,
    kRawTemplatePart,
    kRawTemplateEnd,
    kLeftBracket,
    kRightBracket,
    kLeftBrace,
    kRightBrace,
    kLeftParenthesis,
    kRightParenthesis,
    kComma,
    kColon,
    kAdd,
    kSubtract,
    kMultiply,
    kDivide,
    kRemainder,
    kAnd,  // &
    kOr,   // |
    kUnify,
    kEqual,
    kAssign,
    kIn,
    kNotEqual,
    kGreater,
    kLess,
    kGreaterOrEqual,
    kLessOrEqual,
    kDot,
    kSemicolon,
    kDollar,
    kEvery,
    kContains,
    kIf,
    kLogicalAnd,  // and
    kLogicalOr,   // or
};

// As messages call it, and for infix operators the name of the built-in behind it ("plus").
std::string_view name(Token token);

enum class RegoVersion : std::uint8_t {
    kV0,
    kV0CompatibleV1,  // a v0 module that must also be one of v1
    kV1,
    kV2,
};

// Words that became keywords after the first release. `not` was one already; as a word of the
// future it stands for bodies behind it, `not { … }`.
enum FutureKeyword : std::uint8_t {
    kFutureIn = 1,
    kFutureEvery = 2,
    kFutureContains = 4,
    kFutureIf = 8,
    kFutureNot = 16,
    kFutureAnd = 32,
    kFutureOr = 64,
};
using KeywordSet = std::uint8_t;
inline constexpr KeywordSet kKeywordsOfV0 =
    kFutureIn | kFutureEvery | kFutureContains | kFutureIf;  // to be imported in v0
inline constexpr KeywordSet kKeywordsOfV1 = kFutureNot | kFutureAnd | kFutureOr;
inline constexpr KeywordSet kAllFutureKeywords = kKeywordsOfV0 | kKeywordsOfV1;

struct FutureWord {
    std::string_view name;
    FutureKeyword keyword;
    Token token;
};
// In the order of their names.
std::span<const FutureWord> future_words();
// The row of the table, or null.
const FutureWord* find_future_word(std::string_view name);

// Words whose import is possible at this version, and those that it must say.
KeywordSet importable_keywords(RegoVersion version);
bool needs_import(std::string_view word, RegoVersion version);

// The keyword that `text` is where `active` are keywords; kIdentifier where it is none.
Token keyword_token(std::string_view text, KeywordSet active);
bool is_keyword(std::string_view text, KeywordSet active);
// Whether the version's own list of keywords has it.
bool is_keyword(std::string_view text, RegoVersion version);
// Whether messages call this token a keyword.
bool is_keyword(Token token);

}  // namespace merlon::rego::syntax
