#include "rego/graphql/lexer.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "rego/syntax/literal.h"
#include "text/utf8.h"

namespace merlon::rego::graphql {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

}  // namespace

std::string Token::kind_text() const {
    switch (kind) {
        case TokenKind::kInvalid:
            return "<Invalid>";
        case TokenKind::kEnd:
            return "<EOF>";
        case TokenKind::kPunctuator:
            return text;
        case TokenKind::kName:
            return "Name";
        case TokenKind::kInteger:
            return "Int";
        case TokenKind::kFloat:
            return "Float";
        case TokenKind::kString:
            return "String";
        case TokenKind::kBlockString:
            return "BlockString";
    }
    return "";
}

std::string Token::shown() const {
    if (kind == TokenKind::kPunctuator || text.empty()) return kind_text();
    return kind_text() + " " + syntax::go_quoted(text);
}

Error wrong(const Token& token, std::string message) {
    Error error{std::move(message)};
    error.line = token.line;
    error.column = token.column;
    return error;
}

Token Lexer::next() {
    skip_ignored();
    Token token;
    token.line = line_;
    token.column = column_;
    if (at_ == text_.size()) return token;
    const char c = text_[at_];
    if (text_.substr(at_).starts_with("...")) return punctuator(token, 3);
    if (std::string_view("!$&():=@[]{}|").find(c) != std::string_view::npos) {
        return punctuator(token, 1);
    }
    if (is_name_start(c)) {
        std::size_t end = at_;
        while (end < text_.size() && (is_name_start(text_[end]) || is_digit(text_[end]))) ++end;
        token.kind = TokenKind::kName;
        return taken(token, end);
    }
    if (c == '-' || is_digit(c)) return number(token);
    if (text_.substr(at_).starts_with("\"\"\"")) return block_string(token);
    if (c == '"') return string(token);
    return invalid(token, at_);
}

std::optional<std::string> Lexer::why_invalid() const {
    const char c = at_ < text_.size() ? text_[at_] : '"';
    if (c == '-' || c == '"' || is_digit(c)) return std::nullopt;
    if (static_cast<unsigned char>(c) < 0x20)
        return fmt::format("Cannot contain the invalid character \"\\u{:04}\"", int{c});
    if (c == '\'') {
        return "Unexpected single quote character ('), did you mean to use a double quote (\")?";
    }
    const std::size_t width = text::decode_utf8(text_.substr(at_)).width;
    return fmt::format("Cannot parse the unexpected character \"{}\".", text_.substr(at_, width));
}

void Lexer::advance(std::size_t bytes) {
    column_ += static_cast<std::uint32_t>(text::count_code_points(text_.substr(at_, bytes)));
    at_ += bytes;
}

void Lexer::line_break() {
    if (text_.substr(at_).starts_with("\r\n")) ++at_;
    ++at_;
    ++line_;
    column_ = 1;
}

void Lexer::skip_to(std::size_t end) {
    while (at_ < end) {
        if (text_[at_] == '\n' || text_[at_] == '\r') {
            line_break();
        } else {
            advance(text::decode_utf8(text_.substr(at_)).width);
        }
    }
}

void Lexer::skip_ignored() {
    while (at_ < text_.size()) {
        const char c = text_[at_];
        if (c == ' ' || c == '\t' || c == ',') {
            advance(1);
        } else if (c == '\n' || c == '\r') {
            line_break();
        } else if (c == '#') {
            // Up to any control character but a tab (gqlparser; section 2.1.4).
            const auto rest = text_.substr(at_);
            const auto end = std::ranges::find_if(rest, [](char one) {
                return static_cast<unsigned char>(one) < 0x20 && one != '\t';
            });
            advance(static_cast<std::size_t>(end - rest.begin()));
        } else if (text_.substr(at_).starts_with("\xEF\xBB\xBF")) {
            advance(3);
        } else {
            return;
        }
    }
}

Token Lexer::taken(Token token, std::size_t end) {
    token.text = text_.substr(at_, end - at_);
    advance(end - at_);
    return token;
}

Token Lexer::punctuator(Token token, std::size_t width) {
    token.kind = TokenKind::kPunctuator;
    return taken(token, at_ + width);
}

Token Lexer::invalid(Token token, std::size_t at) const {
    token.kind = TokenKind::kInvalid;
    token.text.clear();
    token.column +=
        static_cast<std::uint32_t>(text::count_code_points(text_.substr(at_, at - at_)));
    return token;
}

Token Lexer::number(Token token) {
    std::size_t end = at_ + (text_[at_] == '-' ? 1 : 0);
    const auto digits = [&] {
        const std::size_t begin = end;
        while (end < text_.size() && is_digit(text_[end])) ++end;
        return end - begin;
    };
    token.kind = TokenKind::kInteger;
    if (end < text_.size() && text_[end] == '0') {
        ++end;
        if (end < text_.size() && is_digit(text_[end])) {
            return invalid(token, end);
        }
    } else if (digits() == 0) {
        return invalid(token, end);
    }
    if (end < text_.size() && text_[end] == '.') {
        ++end;
        token.kind = TokenKind::kFloat;
        if (digits() == 0) return invalid(token, end);
    }
    if (end < text_.size() && (text_[end] == 'e' || text_[end] == 'E')) {
        ++end;
        token.kind = TokenKind::kFloat;
        if (end < text_.size() && (text_[end] == '-' || text_[end] == '+')) ++end;
        if (digits() == 0) return invalid(token, end);
    }
    return taken(token, end);
}

Token Lexer::string(Token token) {
    token.kind = TokenKind::kString;
    std::string content;
    for (std::size_t at = at_ + 1; at < text_.size();) {
        const char c = text_[at];
        if (c == '\n' || c == '\r') return invalid(token, at);
        if (c == '"') {
            token.text = std::move(content);
            ++token.column;  // gqlparser's places of strings are behind the quote
            advance(at + 1 - at_);
            return token;
        }
        if (c != '\\') {
            content += c;
            ++at;
            continue;
        }
        const std::string_view escape = text_.substr(at + 1, 1);
        constexpr std::string_view kEscapes = "\"\\/bfnrt";
        constexpr std::string_view kMeaning = "\"\\/\b\f\n\r\t";
        if (const std::size_t known = kEscapes.find(escape);
            !escape.empty() && known != std::string_view::npos) {
            content += kMeaning[known];
            at += 2;
            continue;
        }
        const auto point = unicode(text_.substr(std::min(at + 2, text_.size()), 4));
        if (escape != "u" || !point) {
            return invalid(token, at + 1);
        }
        text::append_utf8(content, *point);
        at += 6;
    }
    return invalid(token, text_.size());
}

std::optional<char32_t> Lexer::unicode(std::string_view digits) {
    if (digits.size() != 4) return std::nullopt;
    char32_t point = 0;
    for (const char c : digits) {
        const bool is_letter = (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        if (!is_digit(c) && !is_letter) return std::nullopt;
        const int digit = is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10;
        point = point * 16 + static_cast<char32_t>(digit);
    }
    return point >= 0xD800 && point < 0xE000 ? text::kReplacement : point;
}

Token Lexer::block_string(Token token) {
    token.kind = TokenKind::kBlockString;
    std::string content;
    std::size_t at = at_ + 3;
    while (at < text_.size() && !text_.substr(at).starts_with("\"\"\"")) {
        const bool is_escaped = text_.substr(at).starts_with("\\\"\"\"");
        content += is_escaped ? "\"\"\"" : std::string(1, text_[at]);
        at += is_escaped ? 4 : 1;
    }
    if (at >= text_.size()) {
        skip_to(text_.size());
        token.line = line_;
        token.column = column_;
        return invalid(token, at_);
    }
    // Further quotes belong to the content.
    while (text_.substr(at + 1).starts_with("\"\"\"")) {
        content += '"';
        ++at;
    }
    token.text = unindented(content);
    token.column += 3;  // gqlparser has it where the content begins
    skip_to(at + 3);
    return token;
}

std::string Lexer::unindented(const std::string& content) {
    std::vector<std::string> lines(1);
    for (std::size_t i = 0; i < content.size(); ++i) {
        if (content[i] == '\r' && i + 1 < content.size() && content[i + 1] == '\n') continue;
        if (content[i] == '\n' || content[i] == '\r') {
            lines.emplace_back();
        } else {
            lines.back() += content[i];
        }
    }
    std::size_t common = std::string::npos;
    for (std::size_t i = 1; i < lines.size(); ++i) {
        common = std::min(common, lines[i].find_first_not_of(" \t"));
    }
    for (std::size_t i = 1; i < lines.size() && common != std::string::npos; ++i) {
        lines[i].erase(0, std::min(common, lines[i].size()));
    }
    const auto is_blank = [](const std::string& line) {
        return line.find_first_not_of(" \t") == std::string::npos;
    };
    while (!lines.empty() && is_blank(lines.front())) lines.erase(lines.begin());
    while (!lines.empty() && is_blank(lines.back())) lines.pop_back();
    std::string text;
    for (const std::string& line : lines) {
        if (&line != &lines.front()) text += '\n';
        text += line;
    }
    return text;
}

}  // namespace merlon::rego::graphql
