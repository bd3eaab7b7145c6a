#include "rego/syntax/token.h"

#include <algorithm>
#include <array>

namespace merlon::rego::syntax {
namespace {

constexpr std::array kNames = std::to_array<std::string_view>({
    "illegal",
    "eof",
    "whitespace",
    "identifier",
    "comment",
    "package",
    "import",
    "as",
    "default",
    "else",
    "not",
    "some",
    "with",
    "null",
    "true",
    "false",
    "number",
    "string",
    "template-string-part",
    "template-string-end",
    "raw-template-string-part",
    "raw-template-string-end",
    "[",
    "]",
    "{",
    "}",
    "(",
    ")",
    ",",
    ":",
    "plus",
    "minus",
    "mul",
    "div",
    "rem",
    "and",
    "or",
    "eq",
    "equal",
    "assign",
    "in",
    "neq",
    "gt",
    "lt",
    "gte",
    "lte",
    ".",
    ";",
    "dollar",
    "every",
    "contains",
    "if",
    "and",
    "or",
});

struct Word {
    std::string_view text;
    Token token;
};
constexpr std::array kWords = std::to_array<Word>({
    {"package", Token::kPackage},
    {"import", Token::kImport},
    {"as", Token::kAs},
    {"default", Token::kDefault},
    {"else", Token::kElse},
    {"some", Token::kSome},
    {"with", Token::kWith},
    {"null", Token::kNull},
    {"true", Token::kTrue},
    {"false", Token::kFalse},
});

constexpr std::array kFutureWords = std::to_array<FutureWord>({
    {"and", kFutureAnd, Token::kLogicalAnd},
    {"contains", kFutureContains, Token::kContains},
    {"every", kFutureEvery, Token::kEvery},
    {"if", kFutureIf, Token::kIf},
    {"in", kFutureIn, Token::kIn},
    {"not", kFutureNot, Token::kNot},
    {"or", kFutureOr, Token::kLogicalOr},
});

const Word* find_word(std::string_view text) {
    const auto* found = std::ranges::find(kWords, text, &Word::text);
    return found == kWords.end() ? nullptr : found;
}

}  // namespace

std::string_view name(Token token) { return kNames[static_cast<std::size_t>(token)]; }

std::span<const FutureWord> future_words() { return kFutureWords; }

const FutureWord* find_future_word(std::string_view name) {
    const auto* found = std::ranges::find(kFutureWords, name, &FutureWord::name);
    return found == kFutureWords.end() ? nullptr : found;
}

KeywordSet importable_keywords(RegoVersion) {
    // v1 has those of v0 already and takes their imports, so that a module can serve both.
    return kAllFutureKeywords;
}

bool needs_import(std::string_view word, RegoVersion version) {
    const FutureWord* found = find_future_word(word);
    if (found == nullptr || version == RegoVersion::kV2) return false;
    return ((version == RegoVersion::kV1 ? kKeywordsOfV1 : kKeywordsOfV0) & found->keyword) != 0;
}

Token keyword_token(std::string_view text, KeywordSet active) {
    if (const Word* word = find_word(text)) return word->token;
    const FutureWord* future = find_future_word(text);
    return future != nullptr && (future->keyword & active) != 0 ? future->token
                                                                : Token::kIdentifier;
}

bool is_keyword(std::string_view text, KeywordSet active) {
    return keyword_token(text, active) != Token::kIdentifier;
}

bool is_keyword(std::string_view text, RegoVersion version) {
    KeywordSet active = kFutureNot;
    if (version != RegoVersion::kV0) active |= kKeywordsOfV0;
    if (version == RegoVersion::kV2) active |= kKeywordsOfV1;
    return is_keyword(text, active);
}

bool is_keyword(Token token) {
    return std::ranges::find(kWords, token, &Word::token) != kWords.end() ||
           std::ranges::find(kFutureWords, token, &FutureWord::token) != kFutureWords.end();
}

}  // namespace merlon::rego::syntax
