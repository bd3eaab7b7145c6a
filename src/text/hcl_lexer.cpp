#include "text/hcl_lexer.h"

#include <algorithm>

#include "base/ascii.h"
#include "text/utf8.h"

namespace merlon::text {
namespace {

bool begins_name(char c) {
    const char lower = to_lower(c);
    return (lower >= 'a' && lower <= 'z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
bool continues_name(char c) { return begins_name(c) || is_digit(c) || c == '-'; }

std::string_view trim_blanks(std::string_view text) {
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
    return text;
}

// The longest first.
constexpr std::string_view kHclOperators[] = {"...", "==", "!=", ">=", "<=", "&&", "||", "::", "=>",
                                              "[",   "]",  "(",  ")",  ".",  ",",  "*",  "/",  "%",
                                              "+",   "-",  "=",  "<",  ">",  "!",  "?",  ":"};

class HclLexer {
  public:
    explicit HclLexer(std::string_view source) : source_(source) {}

    Result<std::vector<HclLexeme>> all() {
        if (source_.starts_with("\xEF\xBB\xBF")) at_ = 3;
        while (at_ < source_.size()) {
            switch (modes_.empty() ? Mode::kPlain : modes_.back().mode) {
                case Mode::kPlain:
                case Mode::kSequence:
                    MERLON_TRY(plain());
                    break;
                case Mode::kQuoted:
                    MERLON_TRY(quoted());
                    break;
                case Mode::kHeredoc:
                    MERLON_TRY(heredoc());
                    break;
            }
        }
        emit(HclToken::kEnd, 0);
        return std::move(tokens_);
    }

  private:
    enum class Mode : std::uint8_t { kPlain, kSequence, kQuoted, kHeredoc };
    struct State {
        Mode mode = Mode::kPlain;
        std::string_view marker = {};  // of a heredoc
        bool is_line_start = true;     // of a heredoc
        std::size_t braces = 0;        // open ones of a sequence
    };

    std::string_view rest() const { return source_.substr(at_); }
    void emit(HclToken kind, std::size_t size) {
        tokens_.push_back({kind, at_, source_.substr(at_, size)});
        at_ += size;
    }
    Error wrong(std::string message) const { return Error{std::move(message), at_}; }
    std::size_t newline_size() const {
        if (rest().starts_with('\n')) return 1;
        return rest().starts_with("\r\n") ? 2 : 0;
    }

    Status plain() {
        const char c = source_[at_];
        if (c == ' ' || c == '\t') {
            ++at_;
            return {};
        }
        if (const std::size_t size = newline_size(); size > 0) {
            emit(HclToken::kNewline, size);
            return {};
        }
        if (c == '#' || rest().starts_with("//")) {
            const std::size_t end = rest().find('\n');
            emit(HclToken::kLineComment, end == std::string_view::npos ? rest().size() : end + 1);
            return {};
        }
        if (rest().starts_with("/*")) {
            const std::size_t end = rest().find("*/", 2);
            if (end == std::string_view::npos) return wrong("the comment has no end");
            at_ += end + 2;
            return {};
        }
        if (begins_name(c)) return name();
        if (is_digit(c)) return number();
        if (c == '{' || c == '}' || rest().starts_with("~}")) return brace();
        if (c == '"') {
            emit(HclToken::kOpenQuote, 1);
            modes_.push_back({.mode = Mode::kQuoted});
            return {};
        }
        if (rest().starts_with("<<")) {
            if (const std::size_t size = heredoc_opening(); size > 0) return open_heredoc(size);
        }
        for (const std::string_view known : kHclOperators) {
            if (!rest().starts_with(known)) continue;
            emit(HclToken::kOperator, known.size());
            return {};
        }
        return wrong("this character is not used within the language");
    }

    Status name() {
        std::size_t size = 1;
        while (size < rest().size() && continues_name(rest()[size])) ++size;
        const std::string_view text = rest().substr(0, size);
        if (!is_valid_utf8(text)) return wrong("the text is not UTF-8");
        emit(HclToken::kName, size);
        return {};
    }

    // Digits, dots and exponents, but for dots at the end: those are operators.
    Status number() {
        std::size_t size = 1;
        while (size < rest().size()) {
            const char c = rest()[size];
            if (is_digit(c) || c == '.') {
                ++size;
                continue;
            }
            std::size_t exponent = size + 1;
            if ((c != 'e' && c != 'E') || exponent >= rest().size()) break;
            if (rest()[exponent] == '+' || rest()[exponent] == '-') ++exponent;
            if (exponent >= rest().size() || !is_digit(rest()[exponent])) break;
            size = exponent + 1;
        }
        while (rest()[size - 1] == '.') --size;
        emit(HclToken::kNumber, size);
        return {};
    }

    Status brace() {
        State* const sequence =
            !modes_.empty() && modes_.back().mode == Mode::kSequence ? &modes_.back() : nullptr;
        if (source_[at_] == '{') {
            if (sequence != nullptr) ++sequence->braces;
            emit(HclToken::kOpenBrace, 1);
            return {};
        }
        const std::size_t size = source_[at_] == '~' ? 2 : 1;
        if (sequence != nullptr && sequence->braces == 0) {
            emit(HclToken::kCloseSequence, size);
            modes_.pop_back();
            return {};
        }
        if (size == 2) return wrong("'~}' ends no template sequence here");
        if (sequence != nullptr) --sequence->braces;
        emit(HclToken::kCloseBrace, 1);
        return {};
    }

    // Of "<<EOT" with its line feed; 0 where it is none.
    std::size_t heredoc_opening() const {
        std::size_t size = rest().starts_with("<<-") ? 3 : 2;
        if (size >= rest().size() || !begins_name(rest()[size])) return 0;
        while (size < rest().size() && continues_name(rest()[size])) ++size;
        if (rest().substr(size).starts_with('\n')) return size + 1;
        return rest().substr(size).starts_with("\r\n") ? size + 2 : 0;
    }

    Status open_heredoc(std::size_t size) {
        std::string_view marker = rest().substr(2, size - 2);
        if (marker.starts_with('-')) marker.remove_prefix(1);
        marker = trim_blanks(marker);
        emit(HclToken::kOpenHeredoc, size);
        modes_.push_back({.mode = Mode::kHeredoc, .marker = marker});
        return {};
    }

    // "${" and "%{"; whether there is one. Doubled, they are text.
    bool open_sequence() {
        const bool is_control = rest().starts_with("%{");
        if (!is_control && !rest().starts_with("${")) return false;
        const std::size_t size = rest().size() > 2 && rest()[2] == '~' ? 3 : 2;
        emit(is_control ? HclToken::kOpenControl : HclToken::kOpenInterpolation, size);
        modes_.push_back({.mode = Mode::kSequence});
        return true;
    }

    // The size of "$${", "%%{" (with '~'), or of a '$' or '%' that is only itself.
    std::size_t dollar_size() const {
        const char sign = rest()[0];
        const std::string_view behind = rest().substr(1);
        if (behind.size() < 2 || behind[0] != sign || behind[1] != '{') return 1;
        return behind.size() > 2 && behind[2] == '~' ? 4 : 3;
    }

    Status text(HclToken kind, std::size_t size) {
        if (!is_valid_utf8(rest().substr(0, size))) return wrong("the text is not UTF-8");
        emit(kind, size);
        return {};
    }

    Status quoted() {
        const char c = source_[at_];
        if (c == '"') {
            emit(HclToken::kCloseQuote, 1);
            modes_.pop_back();
            return {};
        }
        if (c == '\n' || c == '\r') {
            return wrong("a quoted string may not be split over multiple lines; use \\n or <<EOT");
        }
        if (c == '$' || c == '%') {
            if (open_sequence()) return {};
            return text(HclToken::kQuotedText, dollar_size());
        }
        std::size_t size = 0;
        while (size < rest().size()) {
            const char next = rest()[size];
            if (next == '"' || next == '$' || next == '%' || next == '\n' || next == '\r') break;
            size += next == '\\' && size + 1 < rest().size() && rest()[size + 1] != '\n' ? 2 : 1;
        }
        return text(HclToken::kQuotedText, std::min(size, rest().size()));
    }

    Status heredoc() {
        if (open_sequence()) {
            modes_[modes_.size() - 2].is_line_start = false;
            return {};
        }
        const char c = source_[at_];
        std::size_t size = 0;
        if (c == '$' || c == '%') {
            size = dollar_size();
        } else {
            while (size < rest().size() && rest()[size] != '\n' && rest()[size] != '\r' &&
                   rest()[size] != '$' && rest()[size] != '%') {
                ++size;
            }
        }
        State& state = modes_.back();
        const std::string_view behind = rest().substr(size);
        const std::size_t newline = behind.starts_with('\n')     ? 1
                                    : behind.starts_with("\r\n") ? 2
                                                                 : 0;
        if (newline == 0) {
            if (size == 0) return wrong("a carriage return without a line feed");
            state.is_line_start = false;
            return text(HclToken::kHeredocText, size);
        }
        if (state.is_line_start && trim_blanks(rest().substr(0, size)) == state.marker) {
            emit(HclToken::kCloseHeredoc, size);
            modes_.pop_back();
            return {};
        }
        state.is_line_start = true;
        return text(HclToken::kHeredocText, size + newline);
    }

    std::string_view source_;
    std::size_t at_ = 0;
    std::vector<HclLexeme> tokens_;
    std::vector<State> modes_;  // innermost last; empty: plain
};

}  // namespace

Result<std::vector<HclLexeme>> lex_hcl(std::string_view source) { return HclLexer(source).all(); }

}  // namespace merlon::text
