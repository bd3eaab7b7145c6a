#include "rego/syntax/lexer.h"

#include <algorithm>

#include "match/unicode_tables.h"
#include "text/utf8.h"

namespace merlon::rego::syntax {
namespace {

constexpr char32_t kByteOrderMark = 0xFEFF;

bool is_letter(char32_t point) {
    return (point >= 'a' && point <= 'z') || (point >= 'A' && point <= 'Z') || point == '_';
}
bool is_decimal(char32_t point) { return point >= '0' && point <= '9'; }
bool is_space(char32_t point) {
    return point == ' ' || point == '\t' || point == '\n' || point == '\r';
}

bool is_digit(char32_t point) {
    if (point < 0x80) return is_decimal(point);
    if (point > match::kMaxCodePoint) return false;
    const auto digits = match::find_unicode_table("Nd");
    return digits && std::ranges::any_of(*digits, [&](const match::CodePointRange& range) {
               return range.low <= point && point <= range.high;
           });
}

}  // namespace

Lexer::Lexer(std::string_view text, Arena& arena, std::vector<std::string_view>& messages)
    : text_(text), arena_(&arena), messages_(&messages) {
    next();
    if (current_ == kByteOrderMark) next();
}

void Lexer::next() {
    const auto size = static_cast<std::uint32_t>(text_.size());
    if (offset_ >= size) {
        current_ = kEnd;
        offset_ = size + 1;
        return;
    }
    current_ = static_cast<unsigned char>(text_[offset_]);
    width_ = 1;
    if (current_ == 0) {
        fail("illegal null character");
    } else if (current_ >= 0x80) {
        const text::CodePoint decoded = text::decode_utf8(text_.substr(offset_));
        current_ = decoded.value;
        width_ = decoded.width;
        if (!decoded.valid) {
            fail("illegal utf-8 character");
        } else if (current_ == kByteOrderMark && offset_ > 0) {
            fail("illegal byte-order mark");
        }
    }
    offset_ += width_;
    if (current_ == '\n') {
        ++row_;
        column_ = 0;
    } else {
        ++column_;
    }
}

std::string_view Lexer::since(std::uint32_t begin) const {
    // One byte before `offset_`, whatever is the width of what was read ahead: where that is more
    // than a byte, OPA's literals carry its first bytes too, and the token behind is refused.
    const std::size_t end = std::min<std::size_t>(offset_ - 1, text_.size());
    return begin > end ? std::string_view{} : text_.substr(begin, end - begin);
}

ScannedToken Lexer::scan(TemplateMode mode) {
    ScannedToken scanned{Token::kIllegal, offset_ - width_, 0, row_, column_, {}};
    if (mode != TemplateMode::kNone) {
        scanned.token = scan_template(mode, scanned.literal);
    } else if (is_space(current_)) {
        scanned.literal = text_.substr(offset_ - 1, 1);
        next();
        scanned.token = Token::kWhitespace;
    } else if (is_letter(current_)) {
        scanned.literal = scan_identifier();
        scanned.token = keyword_token(scanned.literal, keywords_);
    } else if (is_decimal(current_)) {
        scanned.literal = scan_number();
        scanned.token = Token::kNumber;
    } else {
        const char32_t first = current_;
        next();
        scanned.token = scan_symbol(first, scanned.literal);
    }
    scanned.end = offset_ - width_;
    return scanned;
}

Token Lexer::if_equal_follows(Token then, Token otherwise) {
    if (current_ != '=') return otherwise;
    next();
    return then;
}

Token Lexer::scan_symbol(char32_t first, std::string_view& literal) {
    switch (first) {
        case kEnd:
            return Token::kEof;
        case '#':
            literal = scan_comment();
            return Token::kComment;
        case '"':
            literal = scan_string();
            return Token::kString;
        case '`':
            literal = scan_raw_string();
            return Token::kString;
        case '[':
            return Token::kLeftBracket;
        case ']':
            return Token::kRightBracket;
        case '{':
            return Token::kLeftBrace;
        case '}':
            return Token::kRightBrace;
        case '(':
            return Token::kLeftParenthesis;
        case ')':
            return Token::kRightParenthesis;
        case ',':
            return Token::kComma;
        case ':':
            return if_equal_follows(Token::kAssign, Token::kColon);
        case '+':
            return Token::kAdd;
        case '-':
            return Token::kSubtract;
        case '*':
            return Token::kMultiply;
        case '/':
            return Token::kDivide;
        case '%':
            return Token::kRemainder;
        case '&':
            return Token::kAnd;
        case '|':
            return Token::kOr;
        case '=':
            return if_equal_follows(Token::kEqual, Token::kUnify);
        case '>':
            return if_equal_follows(Token::kGreaterOrEqual, Token::kGreater);
        case '<':
            return if_equal_follows(Token::kLessOrEqual, Token::kLess);
        case ';':
            return Token::kSemicolon;
        case '.':
            return Token::kDot;
        case '!':
            if (current_ != '=') fail("illegal ! character");
            return if_equal_follows(Token::kNotEqual, Token::kIllegal);
        case 0xA0:
            fail("illegal non-breaking space character, use a regular space instead");
            return Token::kIllegal;
        case '$':
            if (current_ == '`' || current_ == '"') {
                const TemplateMode mode =
                    current_ == '`' ? TemplateMode::kRaw : TemplateMode::kQuoted;
                next();
                return scan_template(mode, literal);
            }
            fail("illegal $ character");
            return Token::kIllegal;
        default:
            return Token::kIllegal;
    }
}

std::string_view Lexer::scan_identifier() {
    const std::uint32_t start = offset_ - 1;
    while (is_letter(current_) || is_digit(current_)) next();
    return since(start);
}

void Lexer::scan_digits(std::string_view message_where_none) {
    if (!is_decimal(current_)) fail(message_where_none);
    while (is_decimal(current_)) next();
}

std::string_view Lexer::scan_number() {
    const std::uint32_t start = offset_ - 1;
    while (is_decimal(current_)) next();
    if (current_ == '.') {
        next();
        scan_digits("expected fraction");
    }
    if (current_ == 'e' || current_ == 'E') {
        next();
        if (current_ == '+' || current_ == '-') next();
        scan_digits("expected exponent");
    }
    // "0a2b" is one wrong number and not a number with a name behind it.
    if (is_letter(current_)) {
        fail("illegal number format");
        while (is_letter(current_) || is_digit(current_)) next();
    }
    return since(start);
}

// Behind a backslash that `current_` follows.
void Lexer::scan_escape() {
    switch (current_) {
        case '\\':
        case '"':
        case '/':
        case 'b':
        case 'f':
        case 'n':
        case 'r':
        case 't':
            next();
            break;
        case 'u':
            for (int i = 0; i < 4; ++i) next();
            break;
        default:
            fail("illegal escape sequence");
    }
}

std::string_view Lexer::scan_string() {
    const std::uint32_t start = literal_start();
    while (true) {
        const char32_t point = current_;
        if (point == '\n' || point == kEnd) {
            fail("non-terminated string");
            break;
        }
        next();
        if (point == '"') break;
        if (point == '\\') scan_escape();
    }
    return since(start);
}

std::string_view Lexer::scan_raw_string() {
    const std::uint32_t start = literal_start();
    while (true) {
        const char32_t point = current_;
        next();
        if (point == '`') break;
        if (point == kEnd) {
            fail("non-terminated string");
            break;
        }
    }
    return since(start);
}

// Up to the next '{' or the closing quote. `\{` is a brace, whose backslash is taken out here.
Token Lexer::scan_template(TemplateMode mode, std::string_view& literal) {
    const bool is_raw = mode == TemplateMode::kRaw;
    const char32_t quote = is_raw ? U'`' : U'"';
    Token token = is_raw ? Token::kRawTemplatePart : Token::kTemplatePart;
    const std::uint32_t start = literal_start();
    std::vector<std::uint32_t> braces;  // offsets of escaped braces
    while (true) {
        const char32_t point = current_;
        if (point == kEnd || (point == '\n' && !is_raw)) {
            fail("non-terminated string");
            break;
        }
        next();
        if (point == quote) {
            token = is_raw ? Token::kRawTemplateEnd : Token::kTemplateEnd;
            break;
        }
        if (point == '{') break;
        if (point != '\\') continue;
        if (current_ == '{') {
            braces.push_back(offset_ - 1);
            next();
        } else if (!is_raw) {
            scan_escape();
        }
    }
    literal = since(start);
    if (braces.empty()) return token;
    std::string kept;
    std::size_t from = 0;
    for (const std::uint32_t brace : braces) {
        kept += literal.substr(from, brace - 1 - start - from);
        from = brace - start;
    }
    kept += literal.substr(std::min(from, literal.size()));
    literal = arena_->copy(std::string_view(kept));
    return token;
}

std::string_view Lexer::scan_comment() {
    const std::uint32_t start = literal_start();
    while (current_ != '\n' && current_ != kEnd) next();
    std::string_view comment = since(start);
    if (comment.ends_with('\r')) comment.remove_suffix(1);
    return comment;
}

}  // namespace merlon::rego::syntax
