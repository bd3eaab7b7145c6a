#pragma once

// What a textproto is made of: names, numbers and texts in quotes.
//
// Standard: protobuf.dev, "Text Format Language", as Go's prototext reads it. Not thread-safe;
// views point into the text. Cost: linear.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ascii.h"
#include "base/result.h"
#include "compat/conftest/values.h"

namespace merlon::compat::conftest {

// A character of a name or a number.
inline bool is_proto_word(char c) {
    return (to_lower(c) >= 'a' && to_lower(c) <= 'z') || is_digit(c) || c == '_';
}

class TextProtoTokens {
  public:
    explicit TextProtoTokens(std::string_view text) : text_(text) {}

    void skip_space() {
        while (at_ < text_.size()) {
            if (text_[at_] == '#') {
                at_ = std::min(text_.find('\n', at_), text_.size());
            } else if (kGoSpaces.find(text_[at_]) != std::string_view::npos) {
                ++at_;
            } else {
                return;
            }
        }
    }
    // 0 at the end.
    char peek() {
        skip_space();
        return at_ < text_.size() ? text_[at_] : '\0';
    }
    bool take(char c) {
        if (peek() != c || c == '\0') return false;
        ++at_;
        return true;
    }
    bool is_at_end() { return peek() == '\0' && at_ >= text_.size(); }
    Error wrong(std::string what) const {
        Error error{std::move(what)};
        error.offset = at_;
        return error;
    }

    // A name of a field or a value.
    std::string_view word() {
        skip_space();
        const std::size_t begin = at_;
        while (at_ < text_.size() && (is_proto_word(text_[at_]))) ++at_;
        return text_.substr(begin, at_ - begin);
    }
    // What stands in "[…]", which was opened.
    std::string type_name() {
        std::string name;
        while (at_ < text_.size() && text_[at_] != ']') {
            if (kGoSpaces.find(text_[at_]) == std::string_view::npos) name += text_[at_];
            ++at_;
        }
        take(']');
        return name;
    }
    // A number or a word, with a sign.
    std::string scalar() {
        std::string text;
        if (take('-')) text = "-";
        skip_space();
        while (at_ < text_.size()) {
            const char c = text_[at_];
            const bool is_sign = (c == '+' || c == '-') && !text.empty() &&
                                 to_lower(text.back()) == 'e' && is_digit(text[0]);
            if (!is_sign && !is_proto_word(c) && c != '.') break;
            text += c;
            ++at_;
        }
        return text;
    }
    // Texts that stand beside each other are one.
    Result<std::string> quoted();

  private:
    Status escape(std::string& out);

    std::string_view text_;
    std::size_t at_ = 0;
};

// An integer as the format writes it: decimal, 0x… or 0…. Nothing where it is none, or too large.
std::optional<std::uint64_t> read_magnitude(std::string_view text);
std::optional<std::int64_t> read_signed(std::string_view text, std::int64_t least,
                                        std::int64_t most);
std::optional<double> read_proto_float(std::string_view text);

}  // namespace merlon::compat::conftest
