#include "templates/go_printf.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <optional>
#include <type_traits>
#include <utility>

#include <fmt/format.h>

#include "match/go_quote.h"
#include "text/utf8.h"

namespace merlon::templates {
namespace {

using match::GoCharacters;
using Nil = GoArgument::Nil;
using BigInteger = GoArgument::BigInteger;
using Real = GoArgument::Real;

constexpr int kMaxNumber = 1'000'000;

// ---- the text of a float ----

struct Mantissa {
    std::uint64_t bits = 0;
    int exponent = 0;  // of its last bit
};

// math.Frexp's parts as they are stored.
Mantissa mantissa_of(const Real& real) {
    const auto split = [](std::uint64_t bits, int mantissa_bits, int bias) {
        const std::uint64_t fraction = bits & ((std::uint64_t{1} << mantissa_bits) - 1);
        const int stored = static_cast<int>(bits >> mantissa_bits);
        const bool is_normal = stored != 0;
        return Mantissa{is_normal ? fraction | std::uint64_t{1} << mantissa_bits : fraction,
                        std::max(stored, 1) - bias - mantissa_bits};
    };
    const double magnitude = std::abs(real.number);
    if (real.is_narrow)
        return split(std::bit_cast<std::uint32_t>(static_cast<float>(magnitude)), 23, 127);
    return split(std::bit_cast<std::uint64_t>(magnitude), 52, 1023);
}

// %b: the mantissa and the power of two.
std::string binary_text(const Real& real) {
    const Mantissa parts = mantissa_of(real);
    return fmt::format("{}p{:+}", parts.bits, parts.exponent);
}

// %x: hexadecimal digits behind "0x1.".
std::string hex_text(const Real& real, int precision) {
    constexpr int kTopBit = 60;
    constexpr int kMaxDigits = 15;
    Mantissa parts = mantissa_of(real);
    std::uint64_t bits = parts.bits;
    int exponent = 0;
    if (bits != 0) {
        const int shift = std::countl_zero(bits) - (63 - kTopBit);
        bits <<= shift;
        exponent = parts.exponent - shift + kTopBit;
    }
    if (precision >= 0 && precision < kMaxDigits) {
        const int kept = precision * 4;
        const std::uint64_t rest = (bits << kept) & ((std::uint64_t{1} << kTopBit) - 1);
        bits >>= kTopBit - kept;
        // To nearest, ties to even.
        if ((rest | (bits & 1)) > std::uint64_t{1} << (kTopBit - 1)) ++bits;
        bits <<= kTopBit - kept;
        if ((bits & std::uint64_t{1} << (kTopBit + 1)) != 0) {
            bits >>= 1;
            ++exponent;
        }
    }
    std::string text = fmt::format("0x{}", bits >> kTopBit & 1);
    bits <<= 4;
    if (precision > 0 || (precision < 0 && bits != 0)) text += '.';
    for (int i = 0; precision < 0 ? bits != 0 : i < precision; ++i, bits <<= 4) {
        text += "0123456789abcdef"[bits >> kTopBit & 15];
    }
    return text + fmt::format("p{}{:02}", exponent < 0 ? '-' : '+', std::abs(exponent));
}

// The fewest digits that read back as the number; what they leave out is zeros.
std::string shortest_text(const Real& real, char format) {
    std::array<char, 64> buffer{};
    char* const end = buffer.data() + buffer.size();
    constexpr auto kScientific = std::chars_format::scientific;
    const std::string_view text(
        buffer.data(),
        real.is_narrow
            ? std::to_chars(buffer.data(), end, static_cast<float>(real.number), kScientific).ptr
            : std::to_chars(buffer.data(), end, real.number, kScientific).ptr);
    const std::size_t mark = text.find('e');
    const int exponent = std::stoi(std::string(text.substr(mark + 1)));
    // strconv takes the exponent below 10^-4 and from 10^6 on.
    constexpr int kFirstWithExponent = 6;
    const bool has_exponent =
        format == 'e' || (format == 'g' && (exponent < -4 || exponent >= kFirstWithExponent));
    if (has_exponent) return std::string(text);
    std::string digits(text.substr(0, mark));
    std::erase(digits, '.');
    if (exponent < 0)
        return "0." + std::string(static_cast<std::size_t>(-exponent - 1), '0') + digits;
    const auto whole = static_cast<std::size_t>(exponent) + 1;
    if (digits.size() <= whole) return digits + std::string(whole - digits.size(), '0');
    return digits.insert(whole, ".");
}

std::string rounded_text(const Real& real, char format, int precision) {
    // A double has no more digits behind its point; what is asked for beyond is zeros.
    constexpr int kMostDigits = 1'100;
    std::array<char, 1'600> buffer{};
    const int digits = std::min(precision, kMostDigits);
    const auto chars = format == 'e'   ? std::chars_format::scientific
                       : format == 'f' ? std::chars_format::fixed
                                       : std::chars_format::general;
    const auto end =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), real.number, chars, digits).ptr;
    std::string text(buffer.data(), end);
    if (precision > digits && format != 'g') {
        text.insert(std::min(text.find('e'), text.size()),
                    static_cast<std::size_t>(precision - digits), '0');
    }
    return text;
}

void to_upper(std::string& text) {
    for (char& c : text) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
}

struct Flags {
    bool minus = false;
    bool plus = false;
    bool sharp = false;
    bool space = false;
    bool zero = false;
    // %+v and %#v: they are other formats, and not flags of them.
    bool plus_value = false;
    bool sharp_value = false;
    std::optional<int> width;
    std::optional<int> precision;
};

class Formatter {
  public:
    Formatter(std::string_view format, std::span<const GoArgument> arguments, std::size_t max_bytes)
        : format_(format), arguments_(arguments), max_bytes_(max_bytes) {}

    Result<std::string> run() {
        while (at_ < format_.size()) {
            const std::size_t percent = std::min(format_.find('%', at_), format_.size());
            out_ += format_.substr(at_, percent - at_);
            at_ = percent;
            if (at_ == format_.size()) break;
            ++at_;
            directive();
            if (is_full()) return Error{"text is too large"};
        }
        if (!is_reordered_ && next_ < arguments_.size()) extra();
        if (is_full()) return Error{"text is too large"};
        if (shows_address_) return Error{"template: printf's %p is not supported"};
        return std::move(out_);
    }

  private:
    static bool is_digit(char c) { return c >= '0' && c <= '9'; }
    bool is_full() const { return out_.size() > max_bytes_; }
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
        after_index_ = false;
        if (peek() != '[') return;
        is_reordered_ = true;
        const std::size_t close = format_.find(']', at_);
        const bool is_long_enough = format_.size() - at_ >= 3;
        if (close == std::string_view::npos || !is_long_enough) {
            has_good_index_ = false;
            ++at_;
            return;
        }
        ++at_;
        const auto index = number();
        after_index_ = index && at_ == close;
        at_ = close + 1;
        if (after_index_ && *index >= 1 && static_cast<std::size_t>(*index) <= arguments_.size()) {
            next_ = static_cast<std::size_t>(*index) - 1;
        } else {
            has_good_index_ = false;
        }
    }

    // The integer of a `*`.
    std::optional<int> star() {
        ++at_;
        if (next_ >= arguments_.size()) return std::nullopt;
        const auto* integer = std::get_if<std::int64_t>(&arguments_[next_++].data);
        if (integer == nullptr || *integer > kMaxNumber || *integer < -kMaxNumber) {
            return std::nullopt;
        }
        return static_cast<int>(*integer);
    }

    void read_flags() {
        flags_ = {};
        for (; at_ < format_.size(); ++at_) {
            switch (format_[at_]) {
                case '#':
                    flags_.sharp = true;
                    break;
                case '0':
                    flags_.zero = true;
                    break;
                case '+':
                    flags_.plus = true;
                    break;
                case '-':
                    flags_.minus = true;
                    break;
                case ' ':
                    flags_.space = true;
                    break;
                default:
                    return;
            }
        }
    }

    void read_width() {
        if (peek() != '*') {
            flags_.width = number();
            if (after_index_ && flags_.width) has_good_index_ = false;
            return;
        }
        flags_.width = star();
        if (!flags_.width) out_ += "%!(BADWIDTH)";
        if (flags_.width && *flags_.width < 0) {
            flags_.width = -*flags_.width;
            flags_.minus = true;
            flags_.zero = false;
        }
        after_index_ = false;
    }

    void read_precision() {
        // At the very end, the point is the verb.
        if (peek() != '.' || at_ + 1 >= format_.size()) return;
        ++at_;
        if (after_index_) has_good_index_ = false;
        argument_index();
        if (peek() != '*') {
            flags_.precision = number().value_or(0);
            return;
        }
        flags_.precision = star();
        if (flags_.precision && *flags_.precision < 0) flags_.precision.reset();
        if (!flags_.precision) out_ += "%!(BADPREC)";
        after_index_ = false;
    }

    void directive() {
        has_good_index_ = true;
        read_flags();
        argument_index();
        read_width();
        read_precision();
        if (!after_index_) argument_index();
        if (at_ >= format_.size()) {
            out_ += "%!(NOVERB)";
            return;
        }
        const text::CodePoint point = text::decode_utf8(format_.substr(at_));
        at_ += point.width;
        verb_ = point.valid ? point.value : text::kReplacement;
        if (verb_ == '%') {
            out_ += '%';
        } else if (!has_good_index_) {
            mark("(BADINDEX)");
        } else if (next_ >= arguments_.size()) {
            mark("(MISSING)");
        } else {
            if (verb_ == 'v' || verb_ == 'w') {
                flags_.sharp_value = std::exchange(flags_.sharp, false);
                flags_.plus_value = std::exchange(flags_.plus, false);
            }
            print_argument(arguments_[next_++]);
        }
    }

    void mark(std::string_view what) {
        out_ += "%!";
        text::append_utf8(out_, verb_);
        out_ += what;
    }

    void extra() {
        out_ += "%!(EXTRA ";
        verb_ = 'v';
        for (std::size_t i = next_; i < arguments_.size() && !is_full(); ++i) {
            if (i > next_) out_ += ", ";
            flags_ = {};
            if (std::holds_alternative<Nil>(arguments_[i].data)) {
                out_ += "<nil>";
                continue;
            }
            out_.append(arguments_[i].type).append("=");
            print(arguments_[i]);
        }
        out_ += ')';
    }

    // A verb that does not fit.
    void bad_verb(const GoArgument& argument) {
        mark("(");
        if (std::holds_alternative<Nil>(argument.data)) {
            out_ += "<nil>)";
            return;
        }
        out_.append(argument.type).append("=");
        const char32_t kept = std::exchange(verb_, U'v');
        if (const auto* big = std::get_if<BigInteger>(&argument.data)) {
            print_words(*big);
        } else {
            print(argument);
        }
        verb_ = kept;
        out_ += ')';
    }

    void print_argument(const GoArgument& argument) {
        const bool is_nil = std::holds_alternative<Nil>(argument.data);
        if (verb_ == 'T') return is_nil ? pad("<nil>") : pad(cut(argument.type));
        const bool is_reference = std::holds_alternative<GoArgument::List>(argument.data) ||
                                  std::holds_alternative<GoArgument::Map>(argument.data) ||
                                  std::holds_alternative<BigInteger>(argument.data);
        if (verb_ == 'p' && is_reference) {
            shows_address_ = true;
            return;
        }
        if (is_nil) return verb_ == 'v' ? pad("<nil>") : bad_verb(argument);
        print(argument);
    }

    void print(const GoArgument& argument) {
        std::visit(
            [&](const auto& data) {
                using Data = std::decay_t<decltype(data)>;
                if constexpr (std::is_same_v<Data, Nil>) {
                    out_ += flags_.sharp_value ? "interface {}(nil)" : "<nil>";
                } else if constexpr (std::is_same_v<Data, bool>) {
                    if (verb_ == 't' || verb_ == 'v') return pad(data ? "true" : "false");
                    bad_verb(argument);
                } else if constexpr (std::is_same_v<Data, std::int64_t>) {
                    print_integer(argument, data);
                } else if constexpr (std::is_same_v<Data, BigInteger>) {
                    print_big(argument, data);
                } else if constexpr (std::is_same_v<Data, Real>) {
                    print_real(argument, data);
                } else if constexpr (std::is_same_v<Data, std::string>) {
                    print_string(argument, data);
                } else if constexpr (std::is_same_v<Data, GoArgument::List>) {
                    print_list(argument, data);
                } else {
                    print_map(argument, data);
                }
            },
            argument.data);
    }

    void print_list(const GoArgument& argument, const GoArgument::List& list) {
        if (flags_.sharp_value) out_ += argument.type;
        out_ += flags_.sharp_value ? '{' : '[';
        for (std::size_t i = 0; i < list.items.size() && !is_full(); ++i) {
            if (i > 0) out_ += flags_.sharp_value ? ", " : " ";
            print(list.items[i]);
        }
        out_ += flags_.sharp_value ? '}' : ']';
    }

    void print_map(const GoArgument& argument, const GoArgument::Map& map) {
        out_ += flags_.sharp_value ? std::string(argument.type) + "{" : "map[";
        for (std::size_t i = 0; i < map.keys.size() && !is_full(); ++i) {
            if (i > 0) out_ += flags_.sharp_value ? ", " : " ";
            print(GoArgument{"string", map.keys[i]});
            out_ += ':';
            print(map.values[i]);
        }
        out_ += flags_.sharp_value ? '}' : ']';
    }

    char padding() const { return flags_.zero && !flags_.minus ? '0' : ' '; }

    // Width counts code points.
    void pad(std::string_view text) { pad(text, padding()); }
    void pad(std::string_view text, char fill) {
        const std::size_t length = flags_.width ? text::count_code_points(text) : 0;
        const auto width = static_cast<std::size_t>(flags_.width.value_or(0));
        const std::size_t missing = width > length ? width - length : 0;
        if (!flags_.minus) out_.append(missing, fill);
        out_ += text;
        if (flags_.minus) out_.append(missing, fill);
    }

    std::string_view cut(std::string_view text) const {
        if (!flags_.precision) return text;
        std::size_t end = 0;
        for (int i = 0; i < *flags_.precision && end < text.size(); ++i) {
            end += text::decode_utf8(text.substr(end)).width;
        }
        return text.substr(0, end);
    }

    // %x of a text: its bytes.
    std::string hex(std::string_view bytes) const {
        if (flags_.precision) bytes = bytes.substr(0, static_cast<std::size_t>(*flags_.precision));
        std::string text;
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            if (flags_.space && i > 0) text += ' ';
            if (flags_.sharp && (flags_.space || i == 0)) text += "0x";
            text += fmt::format("{:02x}", static_cast<unsigned char>(bytes[i]));
        }
        if (verb_ == 'X') to_upper(text);
        return text;
    }

    std::string quoted(std::string_view text) const {
        if (flags_.sharp && match::can_backquote(text)) return "`" + std::string(text) + "`";
        std::string out;
        match::append_go_quoted(out, text,
                                flags_.plus ? GoCharacters::kAscii : GoCharacters::kPrintable);
        return out;
    }

    void print_string(const GoArgument& argument, std::string_view text) {
        switch (verb_) {
            case 'v':
                return pad(flags_.sharp_value ? quoted(cut(text)) : std::string(cut(text)));
            case 's':
                return pad(cut(text));
            case 'x':
            case 'X':
                return pad(hex(text));
            case 'q':
                return pad(quoted(cut(text)));
            default:
                return bad_verb(argument);
        }
    }

    // The base of the digits that the verb asks for; 0: for none.
    int base() const {
        switch (verb_) {
            case 'v':
            case 'd':
                return 10;
            case 'b':
                return 2;
            case 'o':
            case 'O':
                return 8;
            case 'x':
            case 'X':
                return 16;
            default:
                return 0;
        }
    }

    // In front of what is not negative.
    std::string sign() const { return flags_.plus ? "+" : flags_.space ? " " : ""; }

    void print_integer(const GoArgument& argument, std::int64_t integer) {
        const auto magnitude = integer < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(integer)
                                           : static_cast<std::uint64_t>(integer);
        switch (verb_) {
            case 'c':
            case 'q':
                return print_rune(integer);
            case 'U':
                return print_code_point(static_cast<std::uint64_t>(integer));
            default:
                break;
        }
        const int radix = base();
        if (radix == 0) return bad_verb(argument);
        std::array<char, 64> buffer{};
        std::string digits(
            buffer.data(),
            std::to_chars(buffer.data(), buffer.data() + buffer.size(), magnitude, radix).ptr);
        const std::string front = integer < 0 ? "-" : sign();
        std::size_t least = 0;
        if (flags_.precision) {
            least = static_cast<std::size_t>(*flags_.precision);
            if (least == 0 && magnitude == 0) return pad("", ' ');
        } else if (flags_.zero && !flags_.minus && flags_.width) {
            least = static_cast<std::size_t>(
                std::max(*flags_.width - static_cast<int>(front.size()), 0));
        }
        if (digits.size() < least) digits.insert(0, least - digits.size(), '0');
        if (flags_.sharp && radix == 2) digits.insert(0, "0b");
        if (flags_.sharp && radix == 8 && digits[0] != '0') digits.insert(0, "0");
        if (flags_.sharp && radix == 16) digits.insert(0, "0x");
        if (verb_ == 'O') digits.insert(0, "0o");
        if (verb_ == 'X') to_upper(digits);
        pad(front + digits, ' ');
    }

    // *big.Int formats itself, and otherwise.
    void print_big(const GoArgument& argument, const BigInteger& big) {
        if (verb_ == 'w') return bad_verb(argument);
        const int radix = verb_ == 's' ? 10 : base();
        if (radix == 0) {
            mark("(big.Int=");
            out_ += (big.is_negative ? "-" : "") + big.digits(10) + ")";
            return;
        }
        const bool is_sharp = flags_.sharp || flags_.sharp_value;
        std::string prefix;
        if (is_sharp && verb_ == 'b') prefix = "0b";
        if (is_sharp && verb_ == 'o') prefix = "0";
        if (is_sharp && radix == 16) prefix = "0x";
        if (verb_ == 'O') prefix = "0o";
        std::string digits = big.digits(radix);
        const std::string front = (big.is_negative     ? "-"
                                   : flags_.plus_value ? "+"
                                                       : sign()) +
                                  prefix;
        const auto width = static_cast<std::size_t>(flags_.width.value_or(0));
        const auto precision = static_cast<std::size_t>(flags_.precision.value_or(0));
        if (digits.size() < precision) digits.insert(0, precision - digits.size(), '0');
        const std::size_t length = front.size() + digits.size();
        if (padding() == '0' && !flags_.precision && length < width) {
            digits.insert(0, width - length, '0');
        }
        digits.insert(0, front);
        if (verb_ == 'X') to_upper(digits);
        pad(digits, ' ');
    }

    // A *big.Int where nobody asks it: the struct that it is, with its words.
    void print_words(const BigInteger& big) {
        std::string digits = big.digits(16);
        out_ += flags_.sharp_value ? "&big.Int{neg:" : flags_.plus_value ? "&{neg:" : "&{";
        pad(big.is_negative ? "true" : "false");
        out_ += flags_.sharp_value ? ", abs:big.nat{" : flags_.plus_value ? " abs:[" : " [";
        for (bool is_first = true; !digits.empty(); is_first = false) {
            constexpr std::size_t kDigitsOfWord = 16;
            const std::size_t begin =
                digits.size() > kDigitsOfWord ? digits.size() - kDigitsOfWord : 0;
            std::uint64_t word = 0;
            std::from_chars(digits.data() + begin, digits.data() + digits.size(), word, 16);
            digits.resize(begin);
            if (!is_first) out_ += flags_.sharp_value ? ", " : " ";
            pad(flags_.sharp_value ? fmt::format("{:#x}", word) : fmt::format("{}", word));
        }
        out_ += flags_.sharp_value ? "}}" : "]}";
    }

    void print_rune(std::int64_t integer) {
        constexpr std::int64_t kLast = 0x10FFFF;
        const char32_t point =
            integer >= 0 && integer <= kLast ? static_cast<char32_t>(integer) : text::kReplacement;
        if (verb_ == 'q') {
            return pad(match::go_quoted_rune(
                point, flags_.plus ? GoCharacters::kAscii : GoCharacters::kPrintable));
        }
        std::string one;
        text::append_utf8(one, point);
        pad(one);
    }

    void print_code_point(std::uint64_t code) {
        std::string shown = fmt::format("{:0{}X}", code, std::max(flags_.precision.value_or(4), 4));
        shown.insert(0, "U+");
        if (flags_.sharp && code <= 0x10FFFF &&
            match::is_go_printable(static_cast<char32_t>(code))) {
            shown += " '";
            text::append_utf8(shown, static_cast<char32_t>(code));
            shown += '\'';
        }
        pad(shown, ' ');
    }

    void print_real(const GoArgument& argument, const Real& real) {
        char format = 'g';
        int precision = flags_.precision.value_or(-1);
        switch (verb_) {
            case 'v':
                break;
            case 'b':
            case 'g':
            case 'G':
            case 'x':
            case 'X':
                format = static_cast<char>(verb_);
                break;
            case 'e':
            case 'E':
            case 'f':
            case 'F':
                format = verb_ == 'F' ? 'f' : static_cast<char>(verb_);
                precision = flags_.precision.value_or(6);
                break;
            default:
                return bad_verb(argument);
        }
        const std::string front = std::signbit(real.number) ? "-" : sign();
        std::string digits =
            go_float_text({std::abs(real.number), real.is_narrow}, format, precision);
        if (!std::isfinite(real.number)) {
            const bool is_plain = std::isinf(real.number) && front.empty();
            return pad((is_plain ? "+" : front) + digits, ' ');
        }
        if (flags_.sharp && format != 'b') keep_point(digits, format, precision);
        const auto width = static_cast<std::size_t>(flags_.width.value_or(0));
        const std::size_t length = front.size() + digits.size();
        if (padding() == '0' && width > length) digits.insert(0, width - length, '0');
        pad(front + digits, ' ');
    }

    // `#`: a point always, and the zeros that %g drops.
    static void keep_point(std::string& digits, char format, int precision) {
        int wanted = 0;
        if (format == 'g' || format == 'G' || format == 'x') wanted = precision < 0 ? 6 : precision;
        const bool is_hex = format == 'x' || format == 'X';
        const std::size_t end = std::min(digits.find_first_of(is_hex ? "pP" : "eE"), digits.size());
        const std::string tail = digits.substr(end);
        digits.resize(end);
        bool has_point = false;
        bool is_significant = false;
        for (const char c : digits) {
            if (c == '.') {
                has_point = true;
                continue;
            }
            is_significant = is_significant || c != '0';
            if (is_significant) --wanted;
        }
        if (!has_point) {
            if (digits == "0") --wanted;
            digits += '.';
        }
        if (wanted > 0) digits.append(static_cast<std::size_t>(wanted), '0');
        digits += tail;
    }

    std::string_view format_;
    std::span<const GoArgument> arguments_;
    std::size_t max_bytes_;
    std::string out_;
    std::size_t at_ = 0;
    std::size_t next_ = 0;
    char32_t verb_ = 0;
    Flags flags_;
    bool is_reordered_ = false;
    bool has_good_index_ = true;
    bool after_index_ = false;
    bool shows_address_ = false;
};

}  // namespace

std::string go_float_text(const Real& real, char format, int precision) {
    const bool is_upper = format == 'E' || format == 'G' || format == 'X';
    const char lower = is_upper ? static_cast<char>(format - 'A' + 'a') : format;
    const double magnitude = std::abs(real.number);
    std::string text;
    if (std::isnan(magnitude)) {
        return "NaN";
    } else if (std::isinf(magnitude)) {
        return std::signbit(real.number) ? "-Inf" : "Inf";
    } else if (lower == 'b') {
        text = binary_text(real);
    } else if (lower == 'x') {
        text = hex_text(real, precision);
    } else if (precision < 0) {
        text = shortest_text({magnitude, real.is_narrow}, lower);
    } else {
        text = rounded_text({magnitude, real.is_narrow}, lower, precision);
    }
    if (std::signbit(real.number)) text.insert(0, "-");
    if (is_upper) to_upper(text);
    return text;
}

Result<std::string> go_printf(std::string_view format, std::span<const GoArgument> arguments,
                              std::size_t max_bytes) {
    return Formatter(format, arguments, max_bytes).run();
}

}  // namespace merlon::templates
