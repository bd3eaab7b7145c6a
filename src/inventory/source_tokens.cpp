#include "inventory/source_tokens.h"

#include <algorithm>
#include <string>

namespace merlon::inventory {
namespace {

bool is_name_begin(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' ||
           static_cast<unsigned char>(c) >= 0x80;
}
bool is_name_part(char c) { return is_name_begin(c) || (c >= '0' && c <= '9'); }

}  // namespace

SourceTokens::Lexis SourceTokens::lexis_of(SourceLanguage language) {
    switch (language) {
        case SourceLanguage::kPython:
            return {false, true, ""};
        case SourceLanguage::kJava:
            return {true, true, ""};
        default:
            return {true, false, "`"};
    }
}

SourceTokens::SourceTokens(std::string_view text, SourceLanguage language)
    : text_(text), lexis_(lexis_of(language)) {}

Token SourceTokens::next() {
    while (at_ < text_.size()) {
        const char c = text_[at_];
        if (c == '\n') {
            const Token end{TokenKind::kLineEnd, text_.substr(at_, 1), line_};
            ++at_, ++line_;
            return end;
        }
        if (c == ' ' || c == '\t' || c == '\r') {
            ++at_;
        } else if (!skip_comment()) {
            return take();
        }
    }
    return {TokenKind::kEnd, {}, line_};
}

bool SourceTokens::skip_comment() {
    const std::string_view rest = text_.substr(at_);
    if (lexis_.has_slash_comments ? rest.starts_with("//") : rest.starts_with("#")) {
        at_ = std::min(text_.find('\n', at_), text_.size());
        return true;
    }
    if (!lexis_.has_slash_comments || !rest.starts_with("/*")) return false;
    move_to(text_.find("*/", at_ + 2), 2);
    return true;
}

void SourceTokens::move_to(std::size_t end, std::size_t size) {
    end = end == std::string_view::npos ? text_.size() : end + size;
    line_ += static_cast<std::uint32_t>(std::count(text_.begin() + static_cast<std::ptrdiff_t>(at_),
                                                   text_.begin() + static_cast<std::ptrdiff_t>(end),
                                                   '\n'));
    at_ = end;
}

Token SourceTokens::take() {
    const char c = text_[at_];
    const std::size_t begin = at_;
    if (is_name_begin(c)) {
        while (at_ < text_.size() && is_name_part(text_[at_])) ++at_;
        return {TokenKind::kName, text_.substr(begin, at_ - begin), line_};
    }
    if (c == '"' || c == '\'' || lexis_.raw_quote.find(c) != std::string_view::npos)
        return take_string(c);
    ++at_;
    return {TokenKind::kMark, text_.substr(begin, 1), line_};
}

Token SourceTokens::take_string(char quote) {
    const std::uint32_t line = line_;
    const std::string triple(3, quote);
    const bool is_triple = lexis_.has_triple_quotes && text_.substr(at_).starts_with(triple);
    const bool is_raw = lexis_.raw_quote.find(quote) != std::string_view::npos;
    if (is_triple || is_raw) {
        const std::size_t size = is_triple ? 3 : 1;
        const std::size_t begin = at_ + size;
        const std::size_t end = is_triple ? text_.find(triple, begin) : text_.find(quote, begin);
        move_to(end, size);
        const std::size_t last = std::min(end, text_.size());
        return {TokenKind::kString, text_.substr(begin, last - std::min(begin, last)), line};
    }
    const std::size_t begin = ++at_;
    while (at_ < text_.size() && text_[at_] != quote && text_[at_] != '\n')
        at_ += text_[at_] == '\\' && at_ + 1 < text_.size() && text_[at_ + 1] != '\n' ? 2 : 1;
    at_ = std::min(at_, text_.size());
    const Token token{TokenKind::kString, text_.substr(begin, at_ - begin), line};
    if (at_ < text_.size() && text_[at_] == quote) ++at_;
    return token;
}

}  // namespace merlon::inventory
