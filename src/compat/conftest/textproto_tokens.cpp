#include "compat/conftest/textproto_tokens.h"

#include <charconv>
#include <cstdlib>
#include <limits>
#include <utility>

#include "text/utf8.h"

namespace merlon::compat::conftest {

Result<std::string> TextProtoTokens::quoted() {
    std::string out;
    while (peek() == '"' || peek() == '\'') {
        const char quote = text_[at_++];
        while (at_ < text_.size() && text_[at_] != quote) {
            if (text_[at_] == '\n' || text_[at_] == '\0') {
                return wrong("invalid character in a text");
            }
            if (text_[at_] != '\\') {
                out += text_[at_++];
            } else {
                MERLON_TRY(escape(out));
            }
        }
        if (at_ >= text_.size()) return wrong("unexpected EOF");
        ++at_;
    }
    return out;
}

Status TextProtoTokens::escape(std::string& out) {
    if (++at_ >= text_.size()) return wrong("unexpected EOF");
    const char c = text_[at_++];
    constexpr std::string_view kLetters = "abfnrtv\\'\"?";
    constexpr std::string_view kMeanings = "\a\b\f\n\r\t\v\\'\"?";
    if (const std::size_t found = kLetters.find(c); found != std::string_view::npos) {
        out += kMeanings[found];
        return {};
    }
    const auto digits = [this](std::size_t begin, std::size_t most, int base) {
        std::uint32_t number = 0;
        const char* const first = text_.data() + begin;
        const char* const last = text_.data() + std::min(begin + most, text_.size());
        const auto [end, failed] = std::from_chars(first, last, number, base);
        return std::pair(failed == std::errc{} ? static_cast<std::size_t>(end - first) : 0, number);
    };
    if (c >= '0' && c <= '7') {
        const auto [count, number] = digits(at_ - 1, 3, 8);
        at_ += count - 1;
        if (number > 0xFF) return wrong("invalid octal escape code");
        out += static_cast<char>(number);
        return {};
    }
    if (c == 'x') {
        const auto [count, number] = digits(at_, 2, 16);
        if (count == 0) return wrong("invalid hex escape code");
        at_ += count;
        out += static_cast<char>(number);
        return {};
    }
    if (c != 'u' && c != 'U') return wrong("invalid escape code");
    const std::size_t width = c == 'u' ? 4 : 8;
    auto [count, number] = digits(at_, width, 16);
    if (count != width) return wrong("invalid Unicode escape code");
    at_ += count;
    const bool is_high = number >= 0xD800 && number < 0xDC00;
    if (is_high && text_.substr(at_).starts_with("\\u")) {
        const auto [more, low] = digits(at_ + 2, 4, 16);
        if (more != 4 || low < 0xDC00 || low > 0xDFFF) return wrong("invalid Unicode escape code");
        at_ += 6;
        number = 0x10000 + ((number - 0xD800) << 10) + (low - 0xDC00);
    }
    if (number > 0x10FFFF || (number >= 0xD800 && number < 0xE000)) {
        return wrong("invalid Unicode escape code");
    }
    text::append_utf8(out, number);
    return {};
}

std::optional<std::uint64_t> read_magnitude(std::string_view text) {
    int base = 10;
    if (text.starts_with("0x") || text.starts_with("0X")) {
        base = 16;
        text.remove_prefix(2);
    } else if (text.size() > 1 && text[0] == '0') {
        base = 8;
        text.remove_prefix(1);
    }
    std::uint64_t number = 0;
    const auto [end, failed] =
        std::from_chars(text.data(), text.data() + text.size(), number, base);
    if (text.empty() || failed != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return number;
}

std::optional<std::int64_t> read_signed(std::string_view text, std::int64_t least,
                                        std::int64_t most) {
    const bool is_negative = text.starts_with('-');
    if (is_negative) text.remove_prefix(1);
    const auto magnitude = read_magnitude(text);
    if (!magnitude) return std::nullopt;
    const std::uint64_t bound = is_negative ? static_cast<std::uint64_t>(-(least + 1)) + 1
                                            : static_cast<std::uint64_t>(most);
    if (*magnitude > bound) return std::nullopt;
    return is_negative ? -static_cast<std::int64_t>(*magnitude - 1) - 1
                       : static_cast<std::int64_t>(*magnitude);
}

std::optional<double> read_proto_float(std::string_view text) {
    const bool is_negative = text.starts_with('-');
    std::string word(is_negative ? text.substr(1) : text);
    const std::string lower = lower_case(word);
    double number = 0;
    if (lower == "inf" || lower == "infinity") {
        number = std::numeric_limits<double>::infinity();
    } else if (lower == "nan") {
        number = std::numeric_limits<double>::quiet_NaN();
    } else {
        // A zero that leads makes it octal to whoever cuts the words, and decimal to whoever reads
        // it.
        const bool is_led_by_zero =
            word.size() > 1 && word[0] == '0' && word[1] >= '0' && word[1] <= '9';
        if (is_led_by_zero && word.find_first_not_of("01234567") != std::string::npos)
            return std::nullopt;
        if (lower.ends_with('f')) word.pop_back();
        const bool is_number =
            !word.empty() && word.find_first_not_of("0123456789.eE+-") == std::string::npos;
        char* end = nullptr;
        if (is_number) number = std::strtod(word.c_str(), &end);
        if (!is_number || *end != '\0') return std::nullopt;
    }
    return is_negative ? -number : number;
}

}  // namespace merlon::compat::conftest
