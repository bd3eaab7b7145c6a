#include "rego/globs.h"

#include <algorithm>

#include "text/utf8.h"

namespace merlon::rego {
namespace {

std::u32string code_points(std::string_view text) {
    std::u32string points;
    while (!text.empty()) {
        const text::CodePoint point = text::decode_utf8(text);
        points += point.value;
        text.remove_prefix(point.width);
    }
    return points;
}

std::string utf8(char32_t point) {
    std::string text;
    text::append_utf8(text, point);
    return text;
}

// A code point inside a class of a regular expression.
std::string in_class(char32_t point) {
    const bool is_plain = point >= 0x80 || (point >= '0' && point <= '9') ||
                          (point >= 'A' && point <= 'Z') || (point >= 'a' && point <= 'z') ||
                          point == '_' || point == ' ';
    return is_plain ? utf8(point) : (point < 0x20 ? "" : "\\") + utf8(point);
}

class GlobTranslator {
  public:
    GlobTranslator(std::string_view glob, std::u32string_view separators)
        : glob_(code_points(glob)) {
        none_of_ = "[\\s\\S]";
        if (separators.empty()) return;
        none_of_ = "[^";
        for (const char32_t separator : separators) none_of_ += in_class(separator);
        none_of_ += "]";
    }

    Result<std::string> run() {
        std::string regex = "^(?:";
        while (at_ < glob_.size()) {
            const char32_t c = glob_[at_++];
            switch (c) {
                case '*':
                    if (at_ < glob_.size() && glob_[at_] == '*') {
                        ++at_;
                        regex += "[\\s\\S]*";
                    } else {
                        regex += none_of_ + "*";
                    }
                    break;
                case '?':
                    regex += none_of_;
                    break;
                case '[':
                    regex += MERLON_TRY(range());
                    break;
                case '{':
                    ++depth_;
                    regex += "(?:";
                    break;
                case '\\':
                    if (at_ == glob_.size()) return wrong("trailing backslash");
                    regex += quote_regex(utf8(glob_[at_++]));
                    break;
                case '}':
                    if (depth_ > 0) {
                        --depth_;
                        regex += ")";
                        break;
                    }
                    regex += "\\}";
                    break;
                case ',':
                    regex += depth_ > 0 ? "|" : ",";
                    break;
                default:
                    regex += quote_regex(utf8(c));
                    break;
            }
        }
        if (depth_ > 0) return wrong("unclosed `{`");
        return regex + ")$";
    }

  private:
    Error wrong(std::string_view reason) const {
        std::size_t bytes = 0;
        for (const char32_t point : glob_.substr(0, at_)) bytes += utf8(point).size();
        return Error{"glob: syntax error at " + std::to_string(bytes) + ": " + std::string(reason)};
    }

    // "[" is behind: one range "a-c", or a list, in which only "\" and "]" have a meaning.
    Result<std::string> range() {
        std::string text = "[";
        if (at_ < glob_.size() && glob_[at_] == '!') {
            text += '^';
            ++at_;
        }
        if (at_ + 1 < glob_.size() && glob_[at_ + 1] == '-') {
            if (at_ + 3 >= glob_.size()) {
                at_ = glob_.size();
                return wrong("unexpected end of input");
            }
            if (glob_[at_ + 3] != ']') {
                at_ += 4;
                return wrong("expected close range character");
            }
            if (glob_[at_ + 2] < glob_[at_]) return wrong("range hi character is less than lo");
            text += in_class(glob_[at_]) + "-" + in_class(glob_[at_ + 2]) + "]";
            at_ += 4;
            return text;
        }
        std::size_t count = 0;
        for (; at_ < glob_.size() && glob_[at_] != ']'; ++at_, ++count) {
            if (glob_[at_] == '\\' && ++at_ == glob_.size()) return wrong("trailing backslash");
            text += in_class(glob_[at_]);
        }
        if (at_ == glob_.size()) return wrong("unexpected end of input");
        ++at_;
        if (count == 0) return wrong("could not parse range");
        return text + "]";
    }

    std::u32string glob_;
    std::string none_of_;
    std::size_t at_ = 0;
    int depth_ = 0;
};

struct Span32 {
    char32_t first;
    char32_t last;
};

// One position of a simple expression.
struct Token {
    bool is_any = false;
    std::vector<Span32> spans;
    bool repeats = false;  // any number of times; "x+" is "x" and then "x*"
};

bool share(const Token& left, const Token& right) {
    if (left.is_any || right.is_any) return true;
    for (const Span32& a : left.spans) {
        for (const Span32& b : right.spans) {
            if (a.first <= b.last && b.first <= a.last) return true;
        }
    }
    return false;
}

class Tokenizer {
  public:
    explicit Tokenizer(std::string_view text) : written_(text), text_(code_points(text)) {}

    Result<std::vector<Token>> run() {
        std::vector<Token> tokens;
        while (at_ < text_.size()) {
            Token token;
            bool is_escaped = false;
            const char32_t c = MERLON_TRY(rune(is_escaped));
            if (!is_escaped && c == '.') {
                token.is_any = true;
            } else if (!is_escaped && c == ']') {
                return wrong("set-close ']' with no preceding '['");
            } else if (!is_escaped && c == '[') {
                token.spans = MERLON_TRY(set());
            } else if (!is_escaped && (c == '+' || c == '*')) {
                return wrong("flag '" + utf8(c) + "' must be preceded by a non-flag");
            } else {
                token.spans.push_back({c, c});
            }
            const char32_t flag = at_ < text_.size() ? text_[at_] : U'\0';
            if (flag == '+') tokens.push_back(token);
            if (flag == '+' || flag == '*') {
                token.repeats = true;
                ++at_;
            }
            tokens.push_back(std::move(token));
        }
        return tokens;
    }

  private:
    Error wrong(const std::string& reason) const {
        return Error{"input:" + std::string(written_) + ", pos:" + std::to_string(at_) + ", " +
                     reason + ": the input provided is invalid"};
    }

    Result<char32_t> rune(bool& is_escaped) {
        is_escaped = text_[at_] == '\\';
        if (is_escaped) {
            if (at_ + 1 == text_.size()) return wrong("input ends with a \\ (escape) character");
            ++at_;
        }
        return text_[at_++];
    }

    Result<std::vector<Span32>> set() {
        std::vector<Span32> spans;
        std::optional<char32_t> before;
        while (at_ < text_.size()) {
            bool is_escaped = false;
            const char32_t c = MERLON_TRY(rune(is_escaped));
            if (is_escaped || (c != '-' && c != ']')) {
                spans.push_back({c, c});
                before = c;
                continue;
            }
            if (c == ']') return spans;
            if (!before)
                return wrong("range character '-' must be preceded by a Unicode character");
            if (at_ + 1 >= text_.size()) {
                return wrong("range character '-' must be followed by a Unicode character");
            }
            const char32_t last = MERLON_TRY(rune(is_escaped));
            if (!is_escaped && (last == ']' || last == '-')) {
                return wrong("range character '-' cannot be followed by a special symbol");
            }
            if (last < *before) {
                return wrong("range is out of order: '" + utf8(last) + "' comes before '" +
                             utf8(*before) + "' in Unicode");
            }
            spans.push_back({*before, last});
            before.reset();
        }
        return wrong("found [ without matching ]");
    }

    std::string_view written_;
    std::u32string text_;
    std::size_t at_ = 0;
};

}  // namespace

Result<std::string> glob_to_regex(std::string_view glob, std::u32string_view separators) {
    return GlobTranslator(glob, separators).run();
}

std::optional<bool> match_plain_glob(std::string_view glob, std::u32string_view separators,
                                     std::string_view text) {
    const bool is_plain = std::ranges::none_of(glob,
                                               [](char c) {
                                                   return c == '[' || c == '{' || c == '\\' ||
                                                          static_cast<unsigned char>(c) >= 0x80;
                                               }) &&
                          std::ranges::all_of(separators, [](char32_t c) { return c < 0x80; });
    if (!is_plain) return std::nullopt;
    const auto is_separator = [separators](char c) {
        return separators.find(static_cast<char32_t>(static_cast<unsigned char>(c))) !=
               std::u32string_view::npos;
    };
    // Where a star was met: what follows it in the glob, and how far into the text it reaches.
    struct Star {
        std::size_t glob = 0;
        std::size_t text = 0;
        bool is_there = false;

        void reach_further(std::string_view whole) {
            do ++text;
            while (text < whole.size() && (static_cast<unsigned char>(whole[text]) & 0xC0) == 0x80);
        }
    };
    Star single;
    Star both;  // `**`
    std::size_t at = 0;
    for (std::size_t next = 0;;) {
        if (next < glob.size() && glob[next] == '*') {
            const bool is_double = next + 1 < glob.size() && glob[next + 1] == '*';
            next += is_double ? 2 : 1;
            single = {next, at, !is_double};
            if (is_double) both = {next, at, true};
            continue;
        }
        // A star that reaches further leaves less for what follows it.
        if (at == text.size()) return next == glob.size();
        if (next < glob.size() && glob[next] == '?' && !is_separator(text[at])) {
            at += text::decode_utf8(text.substr(at)).width;
            ++next;
        } else if (next < glob.size() && glob[next] != '?' && glob[next] == text[at]) {
            ++at;
            ++next;
        } else if (single.is_there && !is_separator(text[single.text])) {
            // The last one alone: what another one could reach, it can reach as well.
            single.reach_further(text);
            at = single.text;
            next = single.glob;
        } else if (both.is_there) {
            single.is_there = false;
            both.reach_further(text);
            at = both.text;
            next = both.glob;
        } else {
            return false;
        }
    }
}

std::string quote_glob(std::string_view text) {
    std::string quoted;
    for (const char c : text) {
        if (std::string_view("*?\\[]{}").find(c) != std::string_view::npos) quoted += '\\';
        quoted += c;
    }
    return quoted;
}

std::string quote_regex(std::string_view text) {
    std::string quoted;
    for (const char c : text) {
        if (std::string_view("\\.+*?()|[]{}^$").find(c) != std::string_view::npos) quoted += '\\';
        quoted += c;
    }
    return quoted;
}

Result<std::optional<bool>> expressions_intersect(std::string_view left, std::string_view right,
                                                  const SpendSteps& spend) {
    constexpr std::size_t kMaxPairs = 16'000'000;
    const std::vector<Token> a = MERLON_TRY(Tokenizer(left).run());
    const std::vector<Token> b = MERLON_TRY(Tokenizer(right).run());
    const std::size_t width = b.size() + 1;
    if ((a.size() + 1) * width > kMaxPairs) return Error{"expressions are too long"};
    // Pairs of positions that some string leads to; what follows is never to the left or above.
    std::vector<bool> reached((a.size() + 1) * width);
    reached[0] = true;
    std::size_t spans_of_b = 0;
    for (const Token& token : b) spans_of_b += 1 + token.spans.size();
    for (std::size_t i = 0; i <= a.size(); ++i) {
        // Each span of this token may be compared with each of the other expression.
        const std::size_t spans = i < a.size() ? 1 + a[i].spans.size() : 1;
        if (!spend(spans * (spans_of_b + 1))) return std::optional<bool>();
        for (std::size_t j = 0; j <= b.size(); ++j) {
            if (!reached[i * width + j]) continue;
            if (i < a.size() && a[i].repeats) reached[(i + 1) * width + j] = true;
            if (j < b.size() && b[j].repeats) reached[i * width + j + 1] = true;
            if (i == a.size() || j == b.size() || !share(a[i], b[j])) continue;
            const std::size_t next_i = a[i].repeats ? i : i + 1;
            const std::size_t next_j = b[j].repeats ? j : j + 1;
            reached[next_i * width + next_j] = true;
        }
    }
    return std::optional<bool>(reached.back());
}

}  // namespace merlon::rego
