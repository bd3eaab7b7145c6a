#include "rego/go_format.h"

#include <gmpxx.h>

#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <variant>

#include "match/unicode_tables.h"
#include "rego/number.h"
#include "rego/term.h"
#include "text/utf8.h"

namespace merlon::rego {
namespace {

using value::Value;

// What OPA makes of a value before it asks Go to format it.
struct Argument {
    enum class Kind : std::uint8_t { kInteger, kBigInteger, kFloat, kString };
    Kind kind = Kind::kString;
    mpz_class integer;
    double number = 0;
    std::string text;

    std::string_view type_name() const {
        switch (kind) {
            case Kind::kInteger:
                return "int64";
            case Kind::kBigInteger:
                return "*big.Int";
            case Kind::kFloat:
                return "float64";
            case Kind::kString:
                return "string";
        }
        return "string";
    }
    bool is_integer() const { return kind == Kind::kInteger || kind == Kind::kBigInteger; }
};

Argument argument_of(const Value& value) {
    Argument made;
    if (value.is_string()) {
        made.text = value.as_string();
        return made;
    }
    if (!value.is_number()) {
        made.text = term_text(value);
        return made;
    }
    const std::string text = value.number_text();
    if (text.find_first_of(".eE") != std::string::npos) {
        const double number = value.as_double();
        if (std::isfinite(number)) {
            made.kind = Argument::Kind::kFloat;
            made.number = number;
        } else {
            made.text = text;
        }
        return made;
    }
    made.integer = mpz_class(text, 10);
    made.kind =
        made.integer.fits_slong_p() ? Argument::Kind::kInteger : Argument::Kind::kBigInteger;
    return made;
}

struct Flags {
    bool minus = false;
    bool plus = false;
    bool sharp = false;
    bool space = false;
    bool zero = false;
    std::optional<int> width;
    std::optional<int> precision;
};

constexpr int kMaxNumber = 1'000'000;

class Formatter {
  public:
    Formatter(std::string_view format, std::span<const Value> arguments)
        : format_(format), arguments_(arguments) {}

    Result<std::string> run() {
        while (at_ < format_.size()) {
            if (out_.size() > kMaxTextBytes) return Error{"text is too large"};
            const std::size_t percent = std::min(format_.find('%', at_), format_.size());
            out_ += format_.substr(at_, percent - at_);
            at_ = percent;
            if (at_ == format_.size()) break;
            ++at_;
            directive();
        }
        if (!reordered_ && next_ < arguments_.size()) extra();
        return std::move(out_);
    }

  private:
    static bool is_digit(char c) { return c >= '0' && c <= '9'; }
    char peek() const { return at_ < format_.size() ? format_[at_] : '\0'; }

    std::optional<int> number() {
        if (!is_digit(peek())) return std::nullopt;
        int value = 0;
        while (is_digit(peek())) {
            // Go gives up all that is left of the format.
            if (value > kMaxNumber) {
                at_ = format_.size();
                return std::nullopt;
            }
            value = value * 10 + (peek() - '0');
            ++at_;
        }
        return value;
    }

    // "[3]": the argument that comes next.
    void argument_index() {
        if (peek() != '[') return;
        reordered_ = true;
        const std::size_t close = format_.find(']', at_);
        if (close == std::string_view::npos) {
            good_index_ = false;
            ++at_;
            return;
        }
        ++at_;
        const auto index = number();
        const bool is_whole = at_ == close;
        at_ = close + 1;
        after_index_ = index && is_whole;
        if (!index || !is_whole || *index < 1 ||
            static_cast<std::size_t>(*index) > arguments_.size()) {
            good_index_ = false;
            return;
        }
        next_ = static_cast<std::size_t>(*index) - 1;
    }

    // The integer of a `*`.
    std::optional<int> star() {
        ++at_;
        if (next_ >= arguments_.size()) return std::nullopt;
        const Argument argument = argument_of(arguments_[next_++]);
        if (argument.kind != Argument::Kind::kInteger || abs(argument.integer) > kMaxNumber) {
            return std::nullopt;
        }
        return static_cast<int>(argument.integer.get_si());
    }

    void directive() {
        flags_ = {};
        good_index_ = true;
        after_index_ = false;
        for (; at_ < format_.size(); ++at_) {
            const char c = format_[at_];
            if (c == '#') {
                flags_.sharp = true;
            } else if (c == '0') {
                flags_.zero = true;
            } else if (c == '+') {
                flags_.plus = true;
            } else if (c == '-') {
                flags_.minus = true;
            } else if (c == ' ') {
                flags_.space = true;
            } else {
                break;
            }
        }
        argument_index();
        if (peek() == '*') {
            flags_.width = star();
            if (!flags_.width) out_ += "%!(BADWIDTH)";
            if (flags_.width && *flags_.width < 0) {
                flags_.width = -*flags_.width;
                flags_.minus = true;
                flags_.zero = false;
            }
            after_index_ = false;
        } else {
            flags_.width = number();
            if (after_index_ && flags_.width) good_index_ = false;
        }
        if (peek() == '.') {
            ++at_;
            if (after_index_) good_index_ = false;
            argument_index();
            if (peek() == '*') {
                flags_.precision = star();
                if (flags_.precision && *flags_.precision < 0) flags_.precision.reset();
                if (!flags_.precision) out_ += "%!(BADPREC)";
                after_index_ = false;
            } else {
                flags_.precision = number().value_or(0);
            }
        }
        if (!after_index_) argument_index();
        if (at_ >= format_.size()) {
            out_ += "%!(NOVERB)";
            return;
        }
        const text::CodePoint verb = text::decode_utf8(format_.substr(at_));
        at_ += verb.width;
        const std::string name(format_.substr(at_ - verb.width, verb.width));
        if (verb.value == '%') {
            out_ += '%';
        } else if (!good_index_) {
            out_ += "%!" + name + "(BADINDEX)";
        } else if (next_ >= arguments_.size()) {
            out_ += "%!" + name + "(MISSING)";
        } else {
            print(argument_of(arguments_[next_++]), verb.width == 1 ? name[0] : '\x01', name);
        }
    }

    void extra() {
        out_ += "%!(EXTRA ";
        for (std::size_t i = next_; i < arguments_.size(); ++i) {
            if (i > next_) out_ += ", ";
            const Argument argument = argument_of(arguments_[i]);
            out_ += argument.type_name();
            out_ += '=';
            flags_ = {};
            print(argument, 'v', "v");
        }
        out_ += ')';
    }

    void bad_verb(const Argument& argument, const std::string& name) {
        if (argument.kind == Argument::Kind::kBigInteger) {
            out_ += "%!" + name + "(big.Int=" + argument.integer.get_str() + ")";
            return;
        }
        out_ += "%!" + name + "(" + std::string(argument.type_name()) + "=";
        const Flags kept = flags_;
        flags_.sharp = false;
        print(argument, 'v', "v");
        flags_ = kept;
        out_ += ")";
    }

    void print(const Argument& argument, char verb, const std::string& name) {
        if (verb == 'T') return pad(std::string(argument.type_name()));
        switch (argument.kind) {
            case Argument::Kind::kString:
                return print_string(argument, verb, name);
            case Argument::Kind::kFloat:
                return print_float(argument, verb, name);
            default:
                return print_integer(argument, verb, name);
        }
    }

    // Width counts code points.
    void pad(const std::string& text, char fill = ' ') {
        const std::size_t width = static_cast<std::size_t>(flags_.width.value_or(0));
        const std::size_t length = text::count_code_points(text);
        const std::string padding(width > length ? width - length : 0, fill);
        out_ += flags_.minus ? text + std::string(padding.size(), ' ') : padding + text;
    }

    std::string cut(const std::string& text) const {
        if (!flags_.precision) return text;
        std::size_t end = 0;
        for (int i = 0; i < *flags_.precision && end < text.size(); ++i) {
            end += text::decode_utf8(std::string_view(text).substr(end)).width;
        }
        return text.substr(0, end);
    }

    std::string hex(std::string_view bytes, bool is_upper) const {  // NOLINT: private
        const std::string_view digits = is_upper ? "0123456789ABCDEF" : "0123456789abcdef";
        const std::string prefix = is_upper ? "0X" : "0x";
        if (flags_.precision) {
            bytes = bytes.substr(0, static_cast<std::size_t>(*flags_.precision));
        }
        std::string text = flags_.sharp && !bytes.empty() ? prefix : "";
        bool first = true;
        for (const char c : bytes) {
            if (flags_.space && !first) text += flags_.sharp ? " " + prefix : " ";
            first = false;
            text += digits[static_cast<unsigned char>(c) >> 4];
            text += digits[static_cast<unsigned char>(c) & 15];
        }
        return text;
    }

    void print_string(const Argument& argument, char verb, const std::string& name) {
        switch (verb) {
            case 'v':
                if (flags_.sharp) {
                    std::string quoted;
                    append_go_quoted(quoted, cut(argument.text));
                    return pad(quoted);
                }
                [[fallthrough]];
            case 's':
                return pad(cut(argument.text), flags_.zero && !flags_.minus ? '0' : ' ');
            case 'x':
            case 'X':
                return pad(hex(argument.text, verb == 'X'));
            case 'q': {
                const std::string shown = cut(argument.text);
                const bool is_raw = flags_.sharp && shown.find('`') == std::string::npos;
                std::string quoted;
                if (is_raw) {
                    quoted = "`" + shown + "`";
                } else {
                    append_go_quoted(quoted, shown);
                }
                return pad(quoted);
            }
            default:
                return bad_verb(argument, name);
        }
    }

    static std::string quoted_rune(char32_t point) {
        std::string one;
        text::append_utf8(one, point);
        std::string quoted;
        append_go_quoted(quoted, one);
        std::string inner = quoted.substr(1, quoted.size() - 2);
        if (inner == "'") inner = "\\'";
        if (inner == "\\\"") inner = "\"";
        return "'" + inner + "'";
    }

    void print_integer(const Argument& argument, char verb, const std::string& name) {
        const bool is_big = argument.kind == Argument::Kind::kBigInteger;
        int base = 10;
        switch (verb) {
            case 'v':
            case 'd':
                break;
            case 's':
                if (!is_big) return bad_verb(argument, name);
                break;
            case 'b':
                base = 2;
                break;
            case 'o':
            case 'O':
                base = 8;
                break;
            case 'x':
            case 'X':
                base = 16;
                break;
            case 'c':
            case 'q':
            case 'U':
                if (is_big) return bad_verb(argument, name);
                return print_rune(argument, verb);
            default:
                return bad_verb(argument, name);
        }
        std::string digits = mpz_class(abs(argument.integer)).get_str(base);
        if (verb == 'X') digits = go_upper(digits);
        const bool is_negative = argument.integer < 0;
        std::size_t least = 0;
        if (flags_.precision) {
            least = static_cast<std::size_t>(*flags_.precision);
            if (least == 0 && argument.integer == 0) {
                flags_.zero = false;
                return pad("");
            }
        } else if (flags_.zero && !flags_.minus && flags_.width) {
            least = static_cast<std::size_t>(*flags_.width);
            const bool has_sign = is_negative || flags_.plus || flags_.space;
            if (has_sign && least > 0) --least;
        }
        if (digits.size() < least) digits.insert(0, least - digits.size(), '0');
        if (flags_.sharp) {
            if (base == 2) digits = "0b" + digits;
            if (base == 8 && digits[0] != '0') digits = "0" + digits;
            if (base == 16) digits = (verb == 'X' ? "0X" : "0x") + digits;
        }
        if (verb == 'O') digits = "0o" + digits;
        if (is_negative) {
            digits = "-" + digits;
        } else if (flags_.plus) {
            digits = "+" + digits;
        } else if (flags_.space) {
            digits = " " + digits;
        }
        pad(digits);
    }

    void print_rune(const Argument& argument, char verb) {
        const bool is_point = argument.integer >= 0 && argument.integer <= 0x10FFFF;
        const char32_t point =
            is_point ? static_cast<char32_t>(argument.integer.get_ui()) : text::kReplacement;
        if (verb == 'U') {
            std::string digits = go_upper(mpz_class(abs(argument.integer)).get_str(16));
            const auto least = static_cast<std::size_t>(std::max(flags_.precision.value_or(4), 4));
            if (digits.size() < least) digits.insert(0, least - digits.size(), '0');
            std::string shown = "U+" + digits;
            if (flags_.sharp && is_point) shown += " " + quoted_rune(point);
            return pad(shown);
        }
        if (verb == 'q') return pad(quoted_rune(point));
        std::string one;
        text::append_utf8(one, point);
        pad(one);
    }

    void print_float(const Argument& argument, char verb, const std::string& name) {
        int precision = flags_.precision.value_or(-1);
        char format = verb;
        switch (verb) {
            case 'v':
                format = 'g';
                break;
            case 'g':
            case 'G':
                break;
            case 'e':
            case 'E':
            case 'f':
            case 'F':
                if (verb == 'F') format = 'f';
                if (precision < 0) precision = 6;
                break;
            default:
                return bad_verb(argument, name);
        }
        std::string digits = go_float_text(std::abs(argument.number), format, precision);
        std::string sign;
        if (std::signbit(argument.number)) {
            sign = "-";
        } else if (flags_.plus) {
            sign = "+";
        } else if (flags_.space) {
            sign = " ";
        }
        const auto width = static_cast<std::size_t>(flags_.width.value_or(0));
        if (flags_.zero && !flags_.minus && width > sign.size() + digits.size()) {
            digits.insert(0, width - sign.size() - digits.size(), '0');
        }
        pad(sign + digits);
    }

    std::string_view format_;
    std::span<const Value> arguments_;
    std::string out_;
    std::size_t at_ = 0;
    std::size_t next_ = 0;
    Flags flags_;
    bool reordered_ = false;
    bool good_index_ = true;
    bool after_index_ = false;
};

template <typename Map>
std::string mapped(std::string_view text, Map map) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const text::CodePoint point = text::decode_utf8(text);
        text::append_utf8(out, point.valid ? map(point.value) : text::kReplacement);
        text.remove_prefix(point.width);
    }
    return out;
}

// unicode.ToUpper, from the orbits of folding: the least letter there that has a lower case.
char32_t to_upper(char32_t point) {
    if (point < 0x80) return point >= 'a' && point <= 'z' ? point - 'a' + 'A' : point;
    if (point == 0xDF) return point;  // its capital folds to it, and is not its upper case
    if (point == 0x131) return U'I';  // dotless i stands alone in its orbit
    const bool is_title = point == 0x1C5 || point == 0x1C8 || point == 0x1CB || point == 0x1F2;
    if (is_title) return point - 1;
    if (match::to_lower(point) != point) return point;
    char32_t best = point;
    for (char32_t next = match::simple_fold(point); next != point;
         next = match::simple_fold(next)) {
        if (match::to_lower(next) != next && (best == point || next < best)) best = next;
    }
    return best;
}

}  // namespace

Result<std::string> go_sprintf(std::string_view format, std::span<const Value> arguments) {
    return Formatter(format, arguments).run();
}

bool format_plainly(std::string_view format, std::span<const Value> arguments, std::string& out) {
    std::size_t next = 0;
    for (;;) {
        const std::size_t percent = format.find('%');
        out += format.substr(0, percent);
        if (percent == std::string_view::npos) break;
        const char verb = percent + 1 < format.size() ? format[percent + 1] : '\0';
        format.remove_prefix(std::min(percent + 2, format.size()));
        if (verb == '%') {
            out += '%';
            continue;
        }
        if (next == arguments.size() || out.size() > kMaxTextBytes) return false;
        const Value& argument = arguments[next++];
        const auto integer = argument.is_number() && argument.is_plain_integer()
                                 ? argument.as_integer()
                                 : std::nullopt;
        if (integer && (verb == 'v' || verb == 'd')) {
            std::array<char, 24> digits{};
            const char* const digits_end =
                std::to_chars(digits.data(), digits.data() + digits.size(), *integer).ptr;
            out.append(digits.data(), static_cast<std::size_t>(digits_end - digits.data()));
        } else if (!argument.is_number() && (verb == 'v' || verb == 's')) {
            if (argument.is_string()) {
                out += argument.as_string();
            } else {
                append_term_text(out, argument);
            }
        } else {
            return false;
        }
    }
    return next == arguments.size();
}

std::string go_float_text(double number, char format, int precision) {
    std::array<char, 1'600> buffer{};
    const char lower = format == 'E' ? 'e' : format == 'G' ? 'g' : format;
    std::string text;
    if (precision >= 0) {
        // A double has no more digits behind its point; what is asked for beyond is zeros.
        constexpr int kMostDigits = 1'100;
        const int digits = std::min(precision, kMostDigits);
        const auto chars = lower == 'e'   ? std::chars_format::scientific
                           : lower == 'f' ? std::chars_format::fixed
                                          : std::chars_format::general;
        const auto end =
            std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, chars, digits).ptr;
        text.assign(buffer.data(), end);
        if (precision > digits && lower != 'g' && std::isfinite(number)) {
            const std::size_t exponent = std::min(text.find('e'), text.size());
            text.insert(exponent, static_cast<std::size_t>(precision - digits), '0');
        }
    } else {
        auto chars = lower == 'f' ? std::chars_format::fixed : std::chars_format::scientific;
        const auto write = [&] {
            const auto end =
                std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, chars).ptr;
            text.assign(buffer.data(), end);
        };
        write();
        if (lower == 'g') {
            // strconv takes the exponent below 10^-4 and from 10^6 on.
            const int exponent = std::stoi(text.substr(text.find('e') + 1));
            constexpr int kFirstWithExponent = 6;
            if (exponent >= -4 && exponent < kFirstWithExponent) {
                chars = std::chars_format::fixed;
                write();
            }
        }
    }
    return format == lower ? text : go_upper(text);
}

std::string go_lower(std::string_view text) {
    return mapped(text, [](char32_t point) { return match::to_lower(point); });
}

std::string go_upper(std::string_view text) { return mapped(text, to_upper); }

bool is_go_space(char32_t point) {
    return (point >= 9 && point <= 13) || point == ' ' || point == 0x85 || point == 0xA0 ||
           point == 0x1680 || (point >= 0x2000 && point <= 0x200A) || point == 0x2028 ||
           point == 0x2029 || point == 0x202F || point == 0x205F || point == 0x3000;
}

}  // namespace merlon::rego
