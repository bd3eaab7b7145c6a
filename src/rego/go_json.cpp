#include "rego/go_json.h"

#include "base/ascii.h"
#include "rego/term.h"
#include "text/json.h"
#include "text/utf8.h"

namespace merlon::rego {
namespace {

constexpr std::string_view kJsonByteOrderMark = "\xEF\xBB\xBF";

class Scanner {
  public:
    explicit Scanner(std::string_view text) : text_(text) {}

    // False at the first byte that does not fit; error() says what it was.
    bool value(int depth) {
        constexpr int kMaxDepth = 10'000;
        skip_space();
        if (depth > kMaxDepth) {
            error_ = "exceeded max depth";
            return false;
        }
        if (is_at_end()) return end();
        switch (text_[at_]) {
            case '{':
                return object(depth);
            case '[':
                return array(depth);
            case '"':
                return string();
            case 't':
                return literal("true");
            case 'f':
                return literal("false");
            case 'n':
                return literal("null");
            default:
                return number();
        }
    }
    void skip_space() {
        while (!is_at_end() && std::string_view(" \t\r\n").find(text_[at_]) != text_.npos) ++at_;
    }
    bool is_at_end() const { return at_ == text_.size(); }
    std::string_view rest() const { return text_.substr(at_); }
    bool ended() const { return ended_; }
    bool take(char c) {
        skip_space();
        if (is_at_end() || text_[at_] != c) return false;
        ++at_;
        return true;
    }
    // The value that comes next, of a text that is JSON.
    std::string_view next() {
        skip_space();
        const std::string_view held = rest();
        if (!value(0)) return {};
        return held.substr(0, held.size() - rest().size());
    }
    const std::string& error() const { return error_; }

    bool wrong(std::string_view context) {
        const char c = text_[at_];
        std::string shown;
        if (c == '\'') {
            shown = "\\'";
        } else if (c == '"') {
            shown = "\"";
        } else {
            // Go makes a character of the byte.
            std::string character;
            text::append_utf8(character, static_cast<unsigned char>(c));
            append_go_quoted(shown, character);
            shown = shown.substr(1, shown.size() - 2);
        }
        error_ = "invalid character '" + shown + "' " + std::string(context);
        return false;
    }

  private:
    bool end() {
        ended_ = true;
        error_ = "unexpected end of JSON input";
        return false;
    }
    bool object(int depth) {
        ++at_;
        if (take('}')) return true;
        for (;;) {
            skip_space();
            if (is_at_end()) return end();
            if (text_[at_] != '"') return wrong("looking for beginning of object key string");
            if (!string()) return false;
            if (!take(':')) return is_at_end() ? end() : wrong("after object key");
            if (!value(depth + 1)) return false;
            if (take('}')) return true;
            if (!take(',')) return is_at_end() ? end() : wrong("after object key:value pair");
        }
    }

    bool array(int depth) {
        ++at_;
        if (take(']')) return true;
        for (;;) {
            if (!value(depth + 1)) return false;
            if (take(']')) return true;
            if (!take(',')) return is_at_end() ? end() : wrong("after array element");
        }
    }

    bool string() {
        for (++at_; !is_at_end(); ++at_) {
            const char c = text_[at_];
            if (c == '"') {
                ++at_;
                return true;
            }
            if (static_cast<unsigned char>(c) < 0x20) return wrong("in string literal");
            if (c != '\\') continue;
            if (++at_ == text_.size()) return end();
            if (text_[at_] == 'u') {
                for (int i = 0; i < 4; ++i) {
                    if (++at_ == text_.size()) return end();
                    if (!is_hex(text_[at_])) return wrong("in \\u hexadecimal character escape");
                }
            } else if (std::string_view("bfnrt\\/\"").find(text_[at_]) == text_.npos) {
                return wrong("in string escape code");
            }
        }
        return end();
    }

    static bool is_hex(char c) {
        return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    }

    bool literal(std::string_view word) {
        for (std::size_t i = 0; i < word.size(); ++i, ++at_) {
            if (is_at_end()) return end();
            if (text_[at_] != word[i]) {
                return wrong("in literal " + std::string(word) + " (expecting '" + word[i] + "')");
            }
        }
        return true;
    }

    bool digits(std::string_view context) {
        if (is_at_end()) return end();
        if (!is_digit(text_[at_])) return wrong(context);
        while (!is_at_end() && is_digit(text_[at_])) ++at_;
        return true;
    }

    bool number() {
        const bool is_negative = text_[at_] == '-';
        if (!is_negative && !is_digit(text_[at_])) return wrong("looking for beginning of value");
        if (is_negative) ++at_;
        if (!is_at_end() && text_[at_] == '0') {
            ++at_;
        } else if (!digits("in numeric literal")) {
            return false;
        }
        if (!is_at_end() && text_[at_] == '.') {
            ++at_;
            if (!digits("after decimal point in numeric literal")) return false;
        }
        if (!is_at_end() && (text_[at_] == 'e' || text_[at_] == 'E')) {
            ++at_;
            if (!is_at_end() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
            if (!digits("in exponent of numeric literal")) return false;
        }
        return true;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::string error_;
    bool ended_ = false;
};

// One token behind the value: which it is, not what follows it.
std::optional<std::string> token_error(Scanner& scanner) {
    const std::string_view rest = scanner.rest();
    const auto behind = [](std::string_view token) {
        return "error: invalid character '" + std::string(token) + "' after top-level value";
    };
    const char first = rest[0];
    if (first == '{' || first == '[') return behind(rest.substr(0, 1));
    if (std::string_view("}],:").find(first) != std::string_view::npos) {
        scanner.wrong("looking for beginning of value");
        return scanner.error();
    }
    if (!scanner.value(0)) {
        return scanner.ended() ? "unexpected EOF" : scanner.error();
    }
    const std::string_view token = rest.substr(0, rest.size() - scanner.rest().size());
    if (first == 'n') return std::nullopt;
    if (first == 't' || first == 'f') return behind("%!s(bool=" + std::string(token) + ")");
    if (first != '"') return behind(token);
    Arena arena;
    Interner interner;
    const auto read = text::read_json(token, arena, interner);
    return behind(read.ok() ? read.value().root->as_string() : token);
}

}  // namespace

std::optional<std::string> go_json_error(std::string_view text, JsonReader reader) {
    Scanner scanner(text);
    scanner.skip_space();
    const bool is_stream = reader == JsonReader::kStream;
    if (is_stream && scanner.is_at_end()) return "EOF";
    if (!scanner.value(0)) {
        return is_stream && scanner.ended() ? "unexpected EOF" : scanner.error();
    }
    scanner.skip_space();
    if (scanner.is_at_end()) return std::nullopt;
    if (is_stream) return token_error(scanner);
    scanner.wrong("after top-level value");
    return scanner.error();
}

Result<std::string_view> first_json_value(std::string_view text) {
    Scanner scanner(text);
    scanner.skip_space();
    if (scanner.is_at_end()) return Error{"EOF"};
    const std::string_view held = scanner.rest();
    if (!scanner.value(0)) return Error{scanner.ended() ? "unexpected EOF" : scanner.error()};
    return held.substr(0, held.size() - scanner.rest().size());
}

// What Go's decoder takes is JSON; our reader takes a byte order mark as well.
Result<value::Value> read_go_json(std::string_view text, Arena& arena, Interner& interner,
                                  JsonEnd end) {
    text::JsonOptions options;
    options.max_depth = value::kMaxValueDepth;
    const std::string valid = text::is_valid_utf8(text) ? "" : text::to_valid_utf8(text);
    const std::string_view read = valid.empty() ? text : std::string_view(valid);
    auto document = text::read_json(read, arena, interner, options);
    if (document.ok() && !text.starts_with(kJsonByteOrderMark)) return *document.value().root;
    const auto first = first_json_value(read);
    if (end == JsonEnd::kChecked || !first.ok()) {
        if (const auto wrong = go_json_error(text, JsonReader::kStream)) {
            Error error{*wrong};
            if (!document.ok()) {
                error.line = document.error().line;
                error.column = document.error().column;
            }
            return error;
        }
    }
    if (first.ok()) document = text::read_json(first.value(), arena, interner, options);
    if (!document.ok()) return document.error();
    return *document.value().root;
}

std::vector<JsonMember> json_members(std::string_view object) {
    std::vector<JsonMember> members;
    Scanner scanner(object);
    if (!scanner.take('{') || scanner.take('}')) return members;
    do {
        const std::string name = text::to_valid_utf8(scanner.next());
        if (!scanner.take(':')) break;
        members.push_back({syntax::unquote_json(name).value_or(name), scanner.next()});
    } while (scanner.take(','));
    return members;
}

std::vector<std::string_view> json_elements(std::string_view array) {
    std::vector<std::string_view> elements;
    Scanner scanner(array);
    if (!scanner.take('[') || scanner.take(']')) return elements;
    do elements.push_back(scanner.next());
    while (scanner.take(','));
    return elements;
}

}  // namespace merlon::rego
