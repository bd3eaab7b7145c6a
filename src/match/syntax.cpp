#include "match/syntax.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "text/utf8.h"

namespace merlon::match {
namespace {

// 128 MiB of 40-byte instructions: Go's bound for a compiled expression.
constexpr std::int64_t kMaxProgramSize = (std::int64_t{128} << 20) / 40;

constexpr std::array<std::string_view, 14> kPosixSets = {
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph",
    "lower", "print", "punct", "space", "upper", "word",  "xdigit"};

struct Flags {
    bool fold_case = false;
    bool multi_line = false;
    bool dot_newline = false;
    bool non_greedy = false;
};

// What parsing of one level of parentheses has so far: alternatives, and the one being read.
struct Level {
    std::vector<Node> alternatives;
    std::vector<Node> sequence;
    Flags outer_flags;
    int capture_index = 0;  // 0: a group that does not capture
    std::string capture_name;
};

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

Node make(Op op) {
    Node node;
    node.op = op;
    return node;
}

// Go refuses (x{1000}){1000}: the product of nested counts is bounded (ErrInvalidRepeatSize).
bool repeat_is_valid(const Node& node, int budget) {
    if (node.op == Op::kRepeat && (node.max > 1 || node.min > 1)) {
        const int times = node.max == kUnbounded ? node.min : node.max;
        if (times > budget) return false;
        if (times > 0) budget /= times;
    }
    return std::all_of(node.subs.begin(), node.subs.end(),
                       [budget](const Node& sub) { return repeat_is_valid(sub, budget); });
}

// Instructions of the compiled form, as Go estimates them, capped.
std::int64_t program_size(const Node& node) {
    std::int64_t size = 0;
    for (const Node& sub : node.subs) {
        size = std::min(size + program_size(sub), kMaxProgramSize + 1);
    }
    switch (node.op) {
        case Op::kLiteral:
            size = static_cast<std::int64_t>(node.text.size());
            break;
        case Op::kCapture:
            size += 2;
            break;
        case Op::kAlternate:
            size += static_cast<std::int64_t>(node.subs.size()) - 1;
            break;
        case Op::kRepeat:
            if (node.max == kUnbounded) {
                size = node.min == 0 ? 2 + size : 1 + node.min * size;
            } else {
                size = node.max * size + (node.max - node.min);
            }
            break;
        default:
            break;
    }
    return std::clamp<std::int64_t>(size, 1, kMaxProgramSize + 1);
}

// "a", "b" beside each other become "ab".
void join_literals(std::vector<Node>& sequence) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < sequence.size(); ++i) {
        if (kept > 0 && sequence[i].op == Op::kLiteral && sequence[kept - 1].op == Op::kLiteral &&
            sequence[i].fold_case == sequence[kept - 1].fold_case) {
            sequence[kept - 1].text += sequence[i].text;
            continue;
        }
        if (kept != i) sequence[kept] = std::move(sequence[i]);
        ++kept;
    }
    sequence.resize(kept);
}

int height(const Node& node) {
    int tallest = 0;
    for (const Node& sub : node.subs) tallest = std::max(tallest, height(sub));
    return tallest + 1;
}

class Parser {
  public:
    explicit Parser(std::string_view pattern) : pattern_(pattern), rest_(pattern) {}

    Result<SyntaxTree> parse() {
        levels_.emplace_back();
        while (!rest_.empty()) {
            const std::string_view before = rest_;
            repeated_ = false;
            if (!parse_one()) return failure();
            last_repeat_ = repeated_ ? before : std::string_view{};
        }
        if (levels_.size() != 1) {
            fail("missing closing )", pattern_);
            return failure();
        }
        SyntaxTree tree;
        tree.root = close_level();
        tree.capture_count = captures_;
        tree.uses_unicode_sets = uses_unicode_sets_;
        if (program_size(tree.root) > kMaxProgramSize) {
            fail("expression too large", pattern_);
            return failure();
        }
        return tree;
    }

  private:
    bool fail(std::string_view code, std::string_view expression) {
        code_ = code;
        expression_ = expression;
        return false;
    }
    Error failure() const {
        return Error{"error parsing regexp: " + std::string(code_) + ": `" +
                     std::string(expression_) + "`"};
    }
    // What stands between `before` and the rest that is left.
    std::string_view consumed(std::string_view before) const {
        return before.substr(0, before.size() - rest_.size());
    }

    std::vector<Node>& sequence() { return levels_.back().sequence; }
    void push(Node node) { sequence().push_back(std::move(node)); }

    // Takes one code point off the front of the rest.
    bool next(char32_t& c) {
        const text::CodePoint point = text::decode_utf8(rest_);
        if (!point.valid) return fail("invalid UTF-8", rest_);
        c = point.value;
        rest_.remove_prefix(point.width);
        return true;
    }

    void push_literal(char32_t c) {
        Node node = make(Op::kLiteral);
        node.text.push_back(c);
        node.fold_case = flags_.fold_case;
        push(std::move(node));
    }

    bool parse_one() {
        switch (rest_.front()) {
            case '(':
                return parse_open();
            case ')':
                return parse_close();
            case '|':
                end_alternative();
                rest_.remove_prefix(1);
                return true;
            case '^':
                return parse_operator(flags_.multi_line ? Op::kBeginLine : Op::kBeginText, 1);
            case '$':
                return parse_operator(flags_.multi_line ? Op::kEndLine : Op::kEndText, 1);
            case '.':
                return parse_operator(flags_.dot_newline ? Op::kAny : Op::kAnyNotNewline, 1);
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
                push_literal(c);
                return true;
            }
        }
    }

    bool parse_operator(Op op, std::size_t width) {
        push(make(op));
        rest_.remove_prefix(width);
        return true;
    }

    bool parse_open() {
        if (rest_.starts_with("(?")) return parse_perl_group();
        open_level(++captures_, {});
        rest_.remove_prefix(1);
        return true;
    }

    void open_level(int capture_index, std::string_view name) {
        Level level;
        level.outer_flags = flags_;
        level.capture_index = capture_index;
        level.capture_name = name;
        levels_.push_back(std::move(level));
    }

    void end_alternative() {
        Level& level = levels_.back();
        join_literals(level.sequence);
        Node node;
        if (level.sequence.size() == 1) {
            node = std::move(level.sequence.front());
        } else if (level.sequence.size() > 1) {
            node = make(Op::kConcat);
            node.subs = std::move(level.sequence);
        }
        level.sequence.clear();
        level.alternatives.push_back(std::move(node));
    }

    // The innermost level as one node; the level is gone.
    Node close_level() {
        end_alternative();
        Level level = std::move(levels_.back());
        levels_.pop_back();
        Node node;
        if (level.alternatives.size() == 1) {
            node = std::move(level.alternatives.front());
        } else {
            node = make(Op::kAlternate);
            node.subs = std::move(level.alternatives);
        }
        if (level.capture_index == 0) return node;
        Node capture = make(Op::kCapture);
        capture.capture_index = level.capture_index;
        capture.capture_name = std::move(level.capture_name);
        capture.subs.push_back(std::move(node));
        return capture;
    }

    bool parse_close() {
        if (levels_.size() == 1) return fail("unexpected )", pattern_);
        const Flags outer = levels_.back().outer_flags;
        Node node = close_level();
        if (height(node) > kMaxHeight) return fail("expression nests too deeply", pattern_);
        push(std::move(node));
        flags_ = outer;
        rest_.remove_prefix(1);
        return true;
    }

    bool parse_named_group(std::size_t name_at) {
        const std::size_t end = rest_.find('>');
        if (end == std::string_view::npos) {
            if (!text::is_valid_utf8(rest_)) return fail("invalid UTF-8", rest_);
            return fail("invalid named capture", rest_);
        }
        const std::string_view name = rest_.substr(name_at, end - name_at);
        if (!text::is_valid_utf8(name)) return fail("invalid UTF-8", name);
        const bool valid = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
            return c == '_' || is_alphanumeric(static_cast<unsigned char>(c));
        });
        if (!valid) return fail("invalid named capture", rest_.substr(0, end + 1));
        open_level(++captures_, name);
        rest_.remove_prefix(end + 1);
        return true;
    }

    bool parse_perl_group() {
        if (rest_.size() > 4 && rest_.starts_with("(?P<")) return parse_named_group(4);
        if (rest_.size() > 3 && rest_.starts_with("(?<")) return parse_named_group(3);

        const std::string_view before = rest_;
        rest_.remove_prefix(2);
        Flags flags = flags_;
        bool clears = false;
        bool saw_flag = false;
        while (!rest_.empty()) {
            char32_t c = 0;
            if (!next(c)) return false;
            bool* flag = c == 'i'   ? &flags.fold_case
                         : c == 'm' ? &flags.multi_line
                         : c == 's' ? &flags.dot_newline
                         : c == 'U' ? &flags.non_greedy
                                    : nullptr;
            if (flag != nullptr) {
                *flag = !clears;
                saw_flag = true;
            } else if (c == '-' && !clears) {
                clears = true;
                saw_flag = false;
            } else if ((c == ':' || c == ')') && (!clears || saw_flag)) {
                if (c == ':') open_level(0, {});
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
        bool non_greedy = flags_.non_greedy;
        if (rest_.starts_with('?')) {
            rest_.remove_prefix(1);
            non_greedy = !non_greedy;
        }
        if (!last_repeat_.empty()) {
            return fail("invalid nested repetition operator", consumed(last_repeat_));
        }
        if (sequence().empty()) {
            return fail("missing argument to repetition operator", consumed(before));
        }
        Node node = make(Op::kRepeat);
        node.min = min;
        node.max = max;
        node.non_greedy = non_greedy;
        node.subs.push_back(std::move(sequence().back()));
        if ((min >= 2 || max >= 2) && !repeat_is_valid(node, kMaxRepeat)) {
            return fail("invalid repeat count", consumed(before));
        }
        if (height(node) > kMaxHeight) return fail("expression nests too deeply", pattern_);
        sequence().back() = std::move(node);
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
        const std::optional<int> min = parse_number(at);
        std::optional<int> max = min;
        if (min && at < rest_.size() && rest_[at] == ',') {
            ++at;
            if (at < rest_.size() && rest_[at] == '}') {
                max = kUnbounded;
            } else {
                max = parse_number(at);
                if (max == -1) max = kMaxRepeat + 1;  // too big a number is no "unbounded"
            }
        }
        if (!min || !max || at >= rest_.size() || rest_[at] != '}') {
            push_literal('{');
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
        const char kind = rest_.size() >= 2 ? rest_[1] : '\0';
        switch (kind) {
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
        ClassItem item;
        bool found = false;
        if (!parse_set_escape(item, found)) return false;
        if (found) {
            Node node = make(Op::kClass);
            node.fold_case = flags_.fold_case;
            node.items.push_back(std::move(item));
            push(std::move(node));
            return true;
        }
        char32_t c = 0;
        if (!parse_escape(c)) return false;
        push_literal(c);
        return true;
    }

    bool parse_quoted() {
        rest_.remove_prefix(2);
        while (!rest_.empty() && !rest_.starts_with("\\E")) {
            char32_t c = 0;
            if (!next(c)) return false;
            push_literal(c);
        }
        rest_.remove_prefix(std::min<std::size_t>(2, rest_.size()));
        return true;
    }

    // \d \w \s and \p{…}, inside a class or alone.
    bool parse_set_escape(ClassItem& item, bool& found) {
        found = false;
        if (rest_.size() < 2 || rest_[0] != '\\') return true;
        if (std::string_view("dDsSwW").find(rest_[1]) != std::string_view::npos) {
            item.set = rest_.substr(0, 2);
            rest_.remove_prefix(2);
            found = true;
            return true;
        }
        if (rest_[1] != 'p' && rest_[1] != 'P') return true;
        const std::string_view before = rest_;
        rest_.remove_prefix(2);
        if (rest_.empty()) return fail("invalid UTF-8", rest_);
        if (rest_.front() != '{') {
            char32_t c = 0;
            if (!next(c)) return false;
        } else {
            const std::size_t end = before.find('}');
            if (end == std::string_view::npos) {
                return fail(
                    text::is_valid_utf8(before) ? "invalid character class range" : "invalid UTF-8",
                    before);
            }
            rest_ = before.substr(end + 1);
        }
        item.set = consumed(before);
        uses_unicode_sets_ = true;
        found = true;
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
            if (rest_.empty()) return fail("invalid UTF-8", rest_);
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
            if (number > 0x10FFFF) return true;
            any = true;
        }
        return true;
    }

    bool parse_class_character(std::string_view whole, char32_t& c) {
        if (rest_.empty()) return fail("missing closing ]", whole);
        return rest_.front() == '\\' ? parse_escape(c) : next(c);
    }

    // [:alpha:] and [:^alpha:].
    bool parse_posix_set(ClassItem& item, bool& found) {
        found = false;
        if (rest_.size() <= 2 || !rest_.starts_with("[:")) return true;
        const std::size_t end = rest_.find(":]", 2);
        if (end == std::string_view::npos) return true;
        std::string_view name = rest_.substr(2, end - 2);
        if (name.starts_with('^')) name.remove_prefix(1);
        const std::string_view whole = rest_.substr(0, end + 2);
        if (std::find(kPosixSets.begin(), kPosixSets.end(), name) == kPosixSets.end()) {
            return fail("invalid character class range", whole);
        }
        item.set = whole;
        rest_.remove_prefix(whole.size());
        found = true;
        return true;
    }

    bool parse_class() {
        const std::string_view whole = rest_;
        rest_.remove_prefix(1);
        Node node = make(Op::kClass);
        node.fold_case = flags_.fold_case;
        if (rest_.starts_with('^')) {
            node.negated = true;
            rest_.remove_prefix(1);
        }
        for (bool first = true; rest_.empty() || rest_.front() != ']' || first; first = false) {
            ClassItem item;
            bool found = false;
            if (!parse_posix_set(item, found)) return false;
            if (!found && !parse_set_escape(item, found)) return false;
            if (!found) {
                const std::string_view before = rest_;
                if (!parse_class_character(whole, item.low)) return false;
                item.high = item.low;
                if (rest_.size() >= 2 && rest_[0] == '-' && rest_[1] != ']') {
                    rest_.remove_prefix(1);
                    if (!parse_class_character(whole, item.high)) return false;
                    if (item.high < item.low) {
                        return fail("invalid character class range", consumed(before));
                    }
                }
            }
            node.items.push_back(std::move(item));
        }
        rest_.remove_prefix(1);
        push(std::move(node));
        return true;
    }

    std::string_view pattern_;
    std::string_view rest_;
    std::string_view last_repeat_;
    bool repeated_ = false;
    Flags flags_;
    std::vector<Level> levels_;
    int captures_ = 0;
    bool uses_unicode_sets_ = false;
    std::string_view code_;
    std::string_view expression_;
};

}  // namespace

Result<SyntaxTree> parse_syntax(std::string_view pattern) { return Parser(pattern).parse(); }

}  // namespace merlon::match
