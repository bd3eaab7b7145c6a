#include "match/syntax.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "match/tree_builder.h"
#include "text/utf8.h"

namespace merlon::match {
namespace {

bool is_alphanumeric(char32_t c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

int hex_digit(char32_t c) {
    if (c >= '0' && c <= '9') return static_cast<int>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<int>(c - 'a') + 10;
    if (c >= 'A' && c <= 'F') return static_cast<int>(c - 'A') + 10;
    return -1;
}

bool is_digit_at(std::string_view text, std::size_t at) {
    return at < text.size() && text[at] >= '0' && text[at] <= '9';
}

// What a piece of a class came to.
enum class Found : std::uint8_t { kNo, kYes, kFailed };

class Parser {
  public:
    Parser(std::string_view pattern, SyntaxKind kind)
        : pattern_(pattern), rest_(pattern), flags_(static_cast<std::uint8_t>(kind)) {}

    Result<SyntaxTree> parse() {
        names_.emplace_back();
        if (has(kFlagLiteral)) return parse_literal();
        while (!rest_.empty()) {
            const std::string_view before = rest_;
            repeated_ = false;
            if (!parse_one() || !within_limits()) return failure();
            last_repeat_ = repeated_ ? before : std::string_view{};
        }
        SyntaxTree tree;
        const bool closed = builder_.finish(tree.root, flags_);
        if (!within_limits()) return failure();
        if (!closed) {
            fail("missing closing )", pattern_);
            return failure();
        }
        tree.capture_count = static_cast<int>(names_.size()) - 1;
        tree.capture_names = std::move(names_);
        return tree;
    }

  private:
    bool has(std::uint8_t flag) const { return (flags_ & flag) != 0; }
    bool fail(std::string_view code, std::string_view expression) {
        code_ = code;
        expression_ = expression;
        return false;
    }
    Error failure() const {
        return Error{"error parsing regexp: " + std::string(code_) + ": `" +
                     std::string(expression_) + "`"};
    }
    bool within_limits() {
        switch (builder_.broken()) {
            case TreeBuilder::Limit::kTooLarge:
                return fail("expression too large", pattern_);
            case TreeBuilder::Limit::kTooDeep:
                return fail("expression nests too deeply", pattern_);
            default:
                return true;
        }
    }
    // The whole pattern as it stands.
    Result<SyntaxTree> parse_literal() {
        SyntaxTree tree;
        tree.root.op = Op::kLiteral;
        tree.root.fold_case = has(kFlagFoldCase);
        while (!rest_.empty()) {
            char32_t c = 0;
            if (!next(c)) return failure();
            tree.root.text.push_back(c);
        }
        tree.capture_names = std::move(names_);
        return tree;
    }

    // What stands between `before` and the rest that is left.
    std::string_view consumed(std::string_view before) const {
        return before.substr(0, before.size() - rest_.size());
    }
    // Fails where `text` is not UTF-8, with what is left from the first wrong byte on.
    bool check_utf8(std::string_view text) {
        const std::size_t invalid = text::find_invalid_utf8(text);
        return invalid == text.size() || fail("invalid UTF-8", text.substr(invalid));
    }

    // Takes one code point off the front of the rest.
    bool next(char32_t& c) {
        if (rest_.empty()) {
            // What Go's decoder gives at the end, and the parser then finds to be wrong.
            c = text::kReplacement;
            return true;
        }
        const text::CodePoint point = text::decode_utf8(rest_);
        if (!point.valid) return fail("invalid UTF-8", rest_);
        c = point.value;
        rest_.remove_prefix(point.width);
        return true;
    }

    bool parse_one() {
        switch (rest_.front()) {
            case '(':
                return parse_open();
            case ')':
                if (!builder_.close_group(flags_)) {
                    return within_limits() && fail("unexpected )", pattern_);
                }
                rest_.remove_prefix(1);
                return true;
            case '|':
                builder_.bar(flags_);
                rest_.remove_prefix(1);
                return true;
            case '^':
                return parse_operator(has(kFlagOneLine) ? Op::kBeginText : Op::kBeginLine, 1);
            case '$':
                return parse_dollar();
            case '.':
                return parse_operator(has(kFlagDotNewline) ? Op::kAny : Op::kAnyNotNewline, 1);
            case '[':
                return parse_class();
            case '*':
                return parse_repeat(0, kUnbounded, 1);
            case '+':
                return parse_repeat(1, kUnbounded, 1);
            case '?':
                return parse_repeat(0, 1, 1);
            case '{':
                return parse_counted();
            case '\\':
                return parse_backslash();
            default: {
                char32_t c = 0;
                if (!next(c)) return false;
                builder_.push_literal(c, flags_);
                return true;
            }
        }
    }

    bool parse_operator(Op op, std::size_t width) {
        builder_.push_operator(op, flags_);
        rest_.remove_prefix(width);
        return true;
    }

    bool parse_dollar() {
        Node node = builder_.make(has(kFlagOneLine) ? Op::kEndText : Op::kEndLine, flags_);
        node.is_dollar = has(kFlagOneLine);
        builder_.push_node(std::move(node), flags_);
        rest_.remove_prefix(1);
        return true;
    }

    bool parse_open() {
        if (has(kFlagPerl) && rest_.starts_with("(?")) return parse_perl_group();
        names_.emplace_back();
        builder_.open_group(static_cast<int>(names_.size()) - 1, {}, flags_);
        rest_.remove_prefix(1);
        return true;
    }

    bool parse_named_group(std::size_t name_at) {
        const std::size_t end = rest_.find('>');
        if (end == std::string_view::npos) {
            return check_utf8(rest_) && fail("invalid named capture", rest_);
        }
        const std::string_view name = rest_.substr(name_at, end - name_at);
        if (!check_utf8(name)) return false;
        const bool valid = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
            return c == '_' || is_alphanumeric(static_cast<unsigned char>(c));
        });
        if (!valid) return fail("invalid named capture", rest_.substr(0, end + 1));
        names_.emplace_back(name);
        builder_.open_group(static_cast<int>(names_.size()) - 1, names_.back(), flags_);
        rest_.remove_prefix(end + 1);
        return true;
    }

    bool parse_perl_group() {
        if (rest_.size() > 4 && rest_.starts_with("(?P<")) return parse_named_group(4);
        if (rest_.size() > 3 && rest_.starts_with("(?<")) return parse_named_group(3);

        const std::string_view before = rest_;
        rest_.remove_prefix(2);
        std::uint8_t flags = flags_;
        bool clears = false;
        bool saw_flag = false;
        while (!rest_.empty()) {
            char32_t c = 0;
            if (!next(c)) return false;
            const std::uint8_t flag = c == 'i'   ? kFlagFoldCase
                                      : c == 'm' ? kFlagOneLine
                                      : c == 's' ? kFlagDotNewline
                                      : c == 'U' ? kFlagNonGreedy
                                                 : 0;
            if (flag != 0) {
                // m takes the meaning of "one line" away.
                const bool sets = clears == (flag == kFlagOneLine);
                flags = static_cast<std::uint8_t>(sets ? flags | flag : flags & ~flag);
                saw_flag = true;
            } else if (c == '-' && !clears) {
                clears = true;
                saw_flag = false;
            } else if ((c == ':' || c == ')') && (!clears || saw_flag)) {
                if (c == ':') builder_.open_group(0, {}, flags_);
                flags_ = flags;
                return true;
            } else {
                break;
            }
        }
        return fail("invalid or unsupported Perl syntax", consumed(before));
    }

    bool parse_repeat(int min, int max, std::size_t width) {
        const std::string_view before = rest_;
        rest_.remove_prefix(width);
        return finish_repeat(before, min, max);
    }

    bool finish_repeat(std::string_view before, int min, int max) {
        std::uint8_t flags = flags_;
        if (has(kFlagPerl)) {
            if (rest_.starts_with('?')) {
                rest_.remove_prefix(1);
                flags ^= kFlagNonGreedy;
            }
            if (!last_repeat_.empty()) {
                return fail("invalid nested repetition operator", consumed(last_repeat_));
            }
        }
        if (!builder_.has_repeatable()) {
            return fail("missing argument to repetition operator", consumed(before));
        }
        if (builder_.repeat(min, max, flags) == TreeBuilder::Repeat::kTooMany) {
            return within_limits() && fail("invalid repeat count", consumed(before));
        }
        repeated_ = true;
        return true;
    }

    // A decimal number at `at`, moved over; nullopt where there is none or it has a leading zero;
    // -1 where it is absurd.
    std::optional<int> parse_number(std::size_t& at) const {
        if (!is_digit_at(rest_, at)) return std::nullopt;
        if (rest_[at] == '0' && is_digit_at(rest_, at + 1)) return std::nullopt;
        int number = 0;
        bool absurd = false;
        for (; is_digit_at(rest_, at); ++at) {
            absurd = absurd || number >= 100'000'000;
            if (!absurd) number = number * 10 + (rest_[at] - '0');
        }
        return absurd ? -1 : number;
    }

    bool parse_counted() {
        const std::string_view before = rest_;
        std::size_t at = 1;
        std::optional<int> min = parse_number(at);
        std::optional<int> max = min;
        if (min && at < rest_.size() && rest_[at] == ',') {
            ++at;
            if (at < rest_.size() && rest_[at] == '}') {
                max = kUnbounded;
            } else {
                max = parse_number(at);
                if (max == -1) min = -1;  // too big a number is no "unbounded"
            }
        }
        if (!min || !max || at >= rest_.size() || rest_[at] != '}') {
            builder_.push_literal('{', flags_);
            rest_.remove_prefix(1);
            return true;
        }
        rest_.remove_prefix(at + 1);
        if (*min < 0 || *min > kMaxRepeat || *max > kMaxRepeat || (*max >= 0 && *min > *max)) {
            return fail("invalid repeat count", consumed(before));
        }
        return finish_repeat(before, *min, *max);
    }

    bool parse_backslash() {
        if (has(kFlagPerl) && rest_.size() >= 2) {
            switch (rest_[1]) {
                case 'A':
                    return parse_operator(Op::kBeginText, 2);
                case 'z':
                    return parse_operator(Op::kEndText, 2);
                case 'b':
                    return parse_operator(Op::kWordBoundary, 2);
                case 'B':
                    return parse_operator(Op::kNoWordBoundary, 2);
                case 'C':
                    return fail("invalid escape sequence", rest_.substr(0, 2));
                case 'Q':
                    return parse_quoted();
                default:
                    break;
            }
        }
        Node node = builder_.make(Op::kClass, flags_);
        const Found found = parse_class_escape(node.ranges);
        if (found == Found::kFailed) return false;
        if (found == Found::kYes) {
            builder_.push_node(std::move(node), flags_);
            return true;
        }
        builder_.discard(1);
        char32_t c = 0;
        if (!parse_escape(c)) return false;
        builder_.push_literal(c, flags_);
        return true;
    }

    bool parse_quoted() {
        rest_.remove_prefix(2);
        const std::size_t end = std::min(rest_.find("\\E"), rest_.size());
        const std::string_view behind = rest_.substr(end);
        rest_ = rest_.substr(0, end);
        while (!rest_.empty()) {
            char32_t c = 0;
            if (!next(c)) return false;
            builder_.push_literal(c, flags_);
        }
        rest_ = behind.substr(std::min<std::size_t>(2, behind.size()));
        return true;
    }

    // \d \w \s and \p{…}, inside a class or alone.
    Found parse_class_escape(CodePointRanges& ranges) {
        if (rest_.size() < 2 || rest_[0] != '\\') return Found::kNo;
        if (has(kFlagUnicodeClasses) && (rest_[1] == 'p' || rest_[1] == 'P')) {
            return parse_unicode_class(ranges) ? Found::kYes : Found::kFailed;
        }
        if (!has(kFlagPerl)) return Found::kNo;
        const char letter = rest_[1];
        const bool is_negated = letter >= 'A' && letter <= 'Z';
        const CodePointRanges members =
            perl_class(is_negated ? static_cast<char>(letter + 32) : letter);
        if (members.empty()) return Found::kNo;
        rest_.remove_prefix(2);
        append_group(ranges, members, is_negated ? Sign::kNegated : Sign::kPlain);
        return Found::kYes;
    }

    enum class Sign : std::uint8_t { kPlain, kNegated };

    void append_group(CodePointRanges& ranges, const CodePointRanges& members, Sign sign) const {
        append_signed(ranges, has(kFlagFoldCase) ? folded(members) : members, sign);
    }

    static CodePointRanges folded(const CodePointRanges& members) {
        CodePointRanges all;
        for (const CodePointRange range : members) append_folded_range(all, range.low, range.high);
        clean(all);
        return all;
    }

    static void append_signed(CodePointRanges& ranges, const CodePointRanges& members, Sign sign) {
        for (const CodePointRange range : sign == Sign::kNegated ? negated(members) : members) {
            append_range(ranges, range.low, range.high);
        }
    }

    bool parse_unicode_class(CodePointRanges& ranges) {
        const std::string_view before = rest_;
        bool is_negated = rest_[1] == 'P';
        rest_.remove_prefix(2);
        char32_t c = 0;
        if (!next(c)) return false;
        std::string_view name = consumed(before).substr(2);
        if (c == '{') {
            const std::size_t end = before.find('}');
            if (end == std::string_view::npos) {
                return check_utf8(before) && fail("invalid character class range", before);
            }
            rest_ = before.substr(end + 1);
            name = before.substr(3, end - 3);
            if (!check_utf8(name)) return false;
        }
        if (name.starts_with('^')) {
            is_negated = !is_negated;
            name.remove_prefix(1);
        }
        const std::optional<UnicodeClass> found = find_unicode_class(name);
        if (!found) return fail("invalid character class range", consumed(before));
        CodePointRanges members(found->ranges.begin(), found->ranges.end());
        if (has(kFlagFoldCase) && found->is_folded) members = folded(members);
        append_signed(ranges, members, is_negated ? Sign::kNegated : Sign::kPlain);
        return true;
    }

    bool parse_escape(char32_t& c) {
        const std::string_view before = rest_;
        rest_.remove_prefix(1);
        if (rest_.empty()) return fail("trailing backslash at end of expression", {});
        if (!next(c)) return false;
        const bool octal_follows = !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '7';
        if (c == '0' || (c >= '1' && c <= '7' && octal_follows)) {
            c -= '0';
            for (int i = 1; i < 3 && !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '7'; ++i) {
                c = c * 8 + static_cast<char32_t>(rest_[0] - '0');
                rest_.remove_prefix(1);
            }
            return true;
        }
        if (c < 0x80 && !is_alphanumeric(c)) return true;
        static constexpr std::u32string_view kLetters = U"afnrtv";
        static constexpr std::u32string_view kMeanings = U"\a\f\n\r\t\v";
        if (const auto i = kLetters.find(c); i != std::u32string_view::npos) {
            c = kMeanings[i];
            return true;
        }
        bool wrong = true;
        if (c == 'x' && !parse_hex(c, wrong)) return false;
        return wrong ? fail("invalid escape sequence", consumed(before)) : true;
    }

    // Behind \x: two digits, or any number of them in braces. Fails on invalid UTF-8 only.
    bool parse_hex(char32_t& c, bool& wrong) {
        if (rest_.empty()) return true;
        if (!next(c)) return false;
        if (c != '{') {
            const int high = hex_digit(c);
            if (!next(c)) return false;
            const int low = hex_digit(c);
            wrong = high < 0 || low < 0;
            if (!wrong) c = static_cast<char32_t>(high * 16 + low);
            return true;
        }
        char32_t number = 0;
        bool any = false;
        while (!rest_.empty()) {
            if (!next(c)) return false;
            if (c == '}') {
                wrong = !any;
                c = number;
                return true;
            }
            const int digit = hex_digit(c);
            if (digit < 0) return true;
            number = number * 16 + static_cast<char32_t>(digit);
            if (number > kMaxCodePoint) return true;
            any = true;
        }
        return true;
    }

    bool parse_class_character(std::string_view whole, char32_t& c) {
        if (rest_.empty()) return fail("missing closing ]", whole);
        return rest_.front() == '\\' ? parse_escape(c) : next(c);
    }

    // [:alpha:] and [:^alpha:].
    Found parse_posix_class(CodePointRanges& ranges) {
        if (rest_.size() <= 2 || !rest_.starts_with("[:")) return Found::kNo;
        const std::size_t end = rest_.find(":]", 2);
        if (end == std::string_view::npos) return Found::kNo;
        std::string_view name = rest_.substr(2, end - 2);
        Sign sign = Sign::kPlain;
        if (name.starts_with('^')) {
            sign = Sign::kNegated;
            name.remove_prefix(1);
        }
        const std::string_view whole = rest_.substr(0, end + 2);
        const CodePointRanges members = posix_class(name);
        if (members.empty()) {
            fail("invalid character class range", whole);
            return Found::kFailed;
        }
        append_group(ranges, members, sign);
        rest_.remove_prefix(whole.size());
        return Found::kYes;
    }

    bool parse_class_range(std::string_view whole, CodePointRanges& ranges) {
        const std::string_view before = rest_;
        char32_t low = 0;
        if (!parse_class_character(whole, low)) return false;
        char32_t high = low;
        if (rest_.size() >= 2 && rest_[0] == '-' && rest_[1] != ']') {
            rest_.remove_prefix(1);
            if (!parse_class_character(whole, high)) return false;
            if (high < low) return fail("invalid character class range", consumed(before));
        }
        if (has(kFlagFoldCase)) {
            append_folded_range(ranges, low, high);
        } else {
            append_range(ranges, low, high);
        }
        return true;
    }

    bool parse_class() {
        const std::string_view whole = rest_;
        Node node = builder_.make(Op::kClass, flags_);
        rest_.remove_prefix(1);
        const bool is_negated = rest_.starts_with('^');
        if (is_negated) {
            rest_.remove_prefix(1);
            if (!has(kFlagClassNewline)) append_range(node.ranges, '\n', '\n');
        }
        for (bool first = true; rest_.empty() || rest_.front() != ']' || first; first = false) {
            // POSIX allows a hyphen that is not escaped at the ends only.
            if (!rest_.empty() && rest_[0] == '-' && !has(kFlagPerl) && !first &&
                (rest_.size() == 1 || rest_[1] != ']')) {
                const std::size_t width =
                    rest_.size() == 1 ? 0 : text::decode_utf8(rest_.substr(1)).width;
                return fail("invalid character class range", rest_.substr(0, 1 + width));
            }
            Found found = parse_posix_class(node.ranges);
            if (found == Found::kNo) found = parse_class_escape(node.ranges);
            if (found == Found::kFailed) return false;
            if (found == Found::kNo && !parse_class_range(whole, node.ranges)) return false;
        }
        rest_.remove_prefix(1);
        clean(node.ranges);
        if (is_negated) node.ranges = negated(node.ranges);
        builder_.push_node(std::move(node), flags_);
        return true;
    }

    std::string_view pattern_;
    std::string_view rest_;
    std::uint8_t flags_;
    std::string_view last_repeat_;
    bool repeated_ = false;
    TreeBuilder builder_;
    std::vector<std::string> names_;
    std::string_view code_;
    std::string_view expression_;
};

}  // namespace

Result<SyntaxTree> parse_syntax(std::string_view pattern, SyntaxKind kind) {
    return Parser(pattern, kind).parse();
}

}  // namespace merlon::match
