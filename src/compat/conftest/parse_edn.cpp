// EDN (github.com/edn-format/edn) as olympos.io/encoding/edn reads it and conftest writes it down:
// lists and vectors are arrays, maps objects; every other value is the text that Go's %v gives.

#include <algorithm>

#include "base/ascii.h"
#include "compat/conftest/parsers.h"
#include "rego/go_format.h"
#include "text/base64.h"
#include "text/utf8.h"

namespace merlon::compat::conftest {
namespace {

using value::Value;

bool is_edn_blank(char c) { return is_space(c) || c == ',' || c == '\f' || c == '\v'; }
bool ends_token(char c) {
    return is_edn_blank(c) || std::string_view("\"{}[]()\\;").find(c) != std::string_view::npos;
}
bool continues_symbol(char c) {
    const char lower = to_lower(c);
    return (lower >= 'a' && lower <= 'z') || is_digit(c) || static_cast<unsigned char>(c) >= 0x80 ||
           std::string_view(".*+!-_?$%&=<>:#'/").find(c) != std::string_view::npos;
}

class EdnReader {
  public:
    EdnReader(std::string_view text, Reading& reading) : text_(text), values_(reading.values) {}

    Result<Growing> all() {
        MERLON_TRY(skip());
        if (at_ == text_.size()) return Error{"EOF", at_};
        return value();
    }

  private:
    static constexpr std::size_t kMaxDepth = 500;

    Error wrong(std::string message) const { return Error{std::move(message), at_}; }
    char look(std::size_t ahead = 0) const {
        return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
    }

    // Blanks, comments, and what "#_" discards.
    Status skip() {
        while (at_ < text_.size()) {
            if (is_edn_blank(look())) {
                ++at_;
            } else if (look() == ';') {
                at_ = std::min(text_.find('\n', at_), text_.size());
            } else if (look() == '#' && look(1) == '_') {
                at_ += 2;
                MERLON_TRY(skip());
                MERLON_TRY(value());
            } else {
                return {};
            }
        }
        return {};
    }

    Result<Growing> value() {
        if (++depth_ > kMaxDepth) return wrong("values are nested too deeply");
        auto made = value_inside();
        --depth_;
        return made;
    }

    Result<Growing> value_inside() {
        switch (look()) {
            case '(':
                return list(')');
            case '[':
                return list(']');
            case '{':
                return map();
            case '"':
                return text();
            case '\\':
                return character();
            case '#':
                if (look(1) == '{') return set();
                return tagged();
            default:
                return symbol();
        }
    }

    Result<Growing> plain(std::string_view text) {
        return Growing::of(values_.string(text::to_valid_utf8(text)));
    }

    Result<Growing> list(char end) {
        ++at_;
        Growing made = Growing::array();
        MERLON_TRY(skip());
        while (look() != end) {
            made.items.push_back(MERLON_TRY(value()));
            MERLON_TRY(skip());
        }
        ++at_;
        return made;
    }

    // What is no list or map: it has a text.
    Result<std::string> scalar(std::string_view what) {
        const Growing made = MERLON_TRY(value());
        if (made.kind == Growing::Kind::kValue) return std::string(made.value.as_string());
        return wrong(std::string(what) + " of lists, maps or sets has no text here");
    }

    Result<Growing> map() {
        ++at_;
        Growing made = Growing::object();
        MERLON_TRY(skip());
        while (look() != '}') {
            const std::string key = MERLON_TRY(scalar("a key"));
            MERLON_TRY(skip());
            made.members[key] = MERLON_TRY(value());
            MERLON_TRY(skip());
        }
        ++at_;
        return made;
    }

    // %v of a map[any]bool: its keys in their order, which is known among texts.
    Result<Growing> set() {
        at_ += 2;
        std::vector<std::string> elements;
        MERLON_TRY(skip());
        while (look() != '}') {
            elements.push_back(MERLON_TRY(scalar("a set")));
            MERLON_TRY(skip());
        }
        ++at_;
        const bool are_numbers = std::ranges::all_of(
            elements, [](const std::string& text) { return parse_go_float(text).has_value(); });
        std::ranges::sort(elements, [are_numbers](const std::string& a, const std::string& b) {
            return are_numbers ? *parse_go_float(a) < *parse_go_float(b) : a < b;
        });
        elements.erase(std::ranges::unique(elements).begin(), elements.end());
        std::string made = "map[";
        for (const std::string& element : elements) {
            if (made.size() > 4) made += ' ';
            made += element + ":true";
        }
        return plain(made + "]");
    }

    Result<Growing> tagged() {
        const std::string_view name = token();
        if (name.size() < 2) return wrong("invalid character after token starting with \"#\"");
        MERLON_TRY(skip());
        const std::string content = MERLON_TRY(scalar("a tagged value"));
        if (name == "#inst") return plain(MERLON_TRY(time_text(content)));
        if (name == "#base64") return plain(MERLON_TRY(bytes_text(content)));
        return plain(std::string(name) + " " + content);
    }

    // Go's time.Time.String() of a time of RFC 3339.
    Result<std::string> time_text(std::string_view time) const {
        const bool has_form = time.size() >= 20 && (time[10] == 'T' || time[10] == 't');
        std::size_t end = 19;
        if (has_form && time[end] == '.') end = time.find_first_not_of("0123456789", end + 1);
        if (!has_form || end >= time.size()) return wrong("this is no time of RFC 3339");
        std::string made = std::string(time.substr(0, 10)) + " " + std::string(time.substr(11, 8));
        std::string fraction(time.substr(19, end - 19));
        while (fraction.ends_with('0') || fraction == ".") fraction.pop_back();
        std::string zone(time.substr(end));
        if (zone == "Z" || zone == "z") return made + fraction + " +0000 UTC";
        std::erase(zone, ':');
        return made + fraction + " " + zone + " " + (zone == "+0000" ? "UTC" : zone);
    }

    // Go's %v of a []byte.
    Result<std::string> bytes_text(std::string_view encoded) const {
        const auto bytes = text::decode_base64(encoded, text::Base64Alphabet::kStandard);
        if (!bytes.ok()) return bytes.error();
        std::string made = "[";
        for (const char byte : bytes.value()) {
            if (made.size() > 1) made += ' ';
            made += std::to_string(static_cast<unsigned>(static_cast<unsigned char>(byte)));
        }
        return made + "]";
    }

    Result<Growing> text() {
        std::string made;
        for (++at_; look() != '"';) {
            if (at_ >= text_.size()) return wrong("unexpected end of EDN input");
            if (look() != '\\') {
                made += text_[at_++];
                continue;
            }
            constexpr std::string_view kLetters = "bfnrt\\/\"";
            constexpr std::string_view kMeanings = "\b\f\n\r\t\\/\"";
            const std::size_t found = kLetters.find(look(1));
            if (found != std::string_view::npos && look(1) != '\0') {
                made += kMeanings[found];
                at_ += 2;
            } else if (look(1) == 'u') {
                at_ += 2;
                text::append_utf8(made, MERLON_TRY(code_unit()));
            } else {
                return wrong("invalid character in string escape code");
            }
        }
        ++at_;
        return plain(made);
    }

    Result<char32_t> code_unit() {
        char32_t unit = 0;
        for (int i = 0; i < 4; ++i, ++at_) {
            const char c = to_lower(look());
            const bool is_letter = c >= 'a' && c <= 'f';
            if (!is_digit(c) && !is_letter) return wrong("a \\u escape has four digits");
            unit = unit * 16 + static_cast<char32_t>(is_letter ? c - 'a' + 10 : c - '0');
        }
        return unit;
    }

    // A rune is a number for Go.
    Result<Growing> character() {
        ++at_;
        if (at_ == text_.size() || is_edn_blank(look())) {
            return wrong("backslash cannot be followed by whitespace");
        }
        const text::CodePoint first = text::decode_utf8(text_.substr(at_));
        std::size_t end = at_ + first.width;
        while (end < text_.size() && !ends_token(text_[end])) ++end;
        const std::string_view name = text_.substr(at_, end - at_);
        constexpr std::pair<std::string_view, int> kNames[] = {
            {"newline", '\n'}, {"return", '\r'}, {"space", ' '}, {"tab", '\t'}, {"formfeed", '\f'}};
        for (const auto& [known, meaning] : kNames) {
            if (name != known) continue;
            at_ = end;
            return plain(std::to_string(meaning));
        }
        if (name.size() == 5 && name[0] == 'u') {
            ++at_;
            return plain(std::to_string(static_cast<std::uint32_t>(MERLON_TRY(code_unit()))));
        }
        if (name.size() != first.width) return wrong("invalid character after start of character");
        at_ = end;
        return plain(std::to_string(static_cast<std::uint32_t>(first.value)));
    }

    std::string_view token() {
        const std::size_t begin = at_;
        while (at_ < text_.size() && continues_symbol(text_[at_])) ++at_;
        return text_.substr(begin, at_ - begin);
    }

    Result<Growing> symbol() {
        const std::string_view name = token();
        if (name.empty()) {
            return wrong(at_ == text_.size() ? "unexpected end of EDN input"
                                             : "invalid character - unexpected rune");
        }
        if (at_ < text_.size() && !ends_token(text_[at_])) return wrong("invalid character");
        if (name == "nil") return plain("<nil>");
        if (name.starts_with("::") || name.starts_with(":/") || name == ":") {
            return wrong("this is no keyword");
        }
        const std::size_t digit = name[0] == '+' || name[0] == '-' ? 1 : 0;
        if (digit < name.size() && is_digit(name[digit])) return number(name);
        if (name.find('#') == 0 || name.find('\'') == 0) return wrong("unexpected rune");
        return plain(name);
    }

    Result<Growing> number(std::string_view text) {
        if (text.ends_with('N')) return not_served("a big integer");
        const bool is_integer = text.find_first_of(".eEM") == std::string_view::npos;
        std::string_view digits = text.ends_with('M') ? text.substr(0, text.size() - 1) : text;
        const bool is_sound = digits.find_first_not_of("+-0123456789.eE") == std::string_view::npos;
        const auto value = parse_go_float(digits);
        if (!is_sound || !value) return wrong("invalid number " + std::string(text));
        if (!is_integer) return plain(rego::go_float_text(*value, 'g', -1));
        if (digits.starts_with('+')) digits.remove_prefix(1);
        const std::string_view magnitude = digits.substr(digits.starts_with('-') ? 1 : 0);
        if (magnitude.size() > 1 && magnitude[0] == '0') return wrong("a number begins with 0");
        if (magnitude.size() > 18) return not_served("a big integer");
        return plain(magnitude == "0" ? magnitude : digits);
    }

    std::string_view text_;
    value::Builder& values_;
    std::size_t at_ = 0;
    std::size_t depth_ = 0;
};

}  // namespace

Result<Value> parse_edn(std::string_view bytes, Reading& reading) {
    return MERLON_TRY(EdnReader(bytes, reading).all()).finish(reading.values);
}

}  // namespace merlon::compat::conftest
