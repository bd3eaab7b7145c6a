#include "rego/globs.h"

#include <algorithm>
#include <span>
#include <utility>

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

struct Span32 {
    char32_t first;
    char32_t last;
    bool operator==(const Span32&) const = default;
};

enum class Repeat : std::uint8_t { kOnce, kPlus, kStar };

// One position of a simple expression.
struct Token {
    enum class Kind : std::uint8_t { kCharacter, kAny, kSet };
    Kind kind = Kind::kCharacter;
    std::vector<Span32> spans;  // ordered, apart from each other
    Repeat repeat = Repeat::kOnce;
};

bool share(const Token& left, const Token& right) {
    if (left.kind == Token::Kind::kAny || right.kind == Token::Kind::kAny) return true;
    for (const Span32& a : left.spans) {
        for (const Span32& b : right.spans) {
            if (a.first <= b.last && b.first <= a.last) return true;
        }
    }
    return false;
}

std::vector<Span32> merged(std::vector<Span32> spans) {
    std::ranges::sort(spans, {}, &Span32::first);
    std::vector<Span32> kept;
    for (const Span32& span : spans) {
        if (!kept.empty() && span.first <= kept.back().last + 1) {
            kept.back().last = std::max(kept.back().last, span.last);
        } else {
            kept.push_back(span);
        }
    }
    return kept;
}

// "x+x*" is "x+".
void append_simplified(std::vector<Token>& tokens, Token token) {
    Token* const before = tokens.empty() ? nullptr : &tokens.back();
    const bool is_same = before != nullptr && before->repeat != Repeat::kOnce &&
                         token.repeat != Repeat::kOnce && before->kind == token.kind &&
                         before->spans == token.spans;
    if (!is_same) return tokens.push_back(std::move(token));
    if (token.repeat == Repeat::kPlus) before->repeat = Repeat::kPlus;
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
                token.kind = Token::Kind::kAny;
            } else if (!is_escaped && c == ']') {
                return wrong("set-close ']' with no preceding '['");
            } else if (!is_escaped && c == '[') {
                token.kind = Token::Kind::kSet;
                token.spans = merged(MERLON_TRY(set()));
            } else if (!is_escaped && (c == '+' || c == '*')) {
                return wrong("flag '" + utf8(c) + "' must be preceded by a non-flag");
            } else {
                token.spans.push_back({c, c});
            }
            const char32_t flag = at_ < text_.size() ? text_[at_] : U'\0';
            if (flag == '+' || flag == '*') {
                token.repeat = flag == '+' ? Repeat::kPlus : Repeat::kStar;
                ++at_;
            }
            append_simplified(tokens, std::move(token));
        }
        return tokens;
    }

  private:
    Error wrong(const std::string& reason) const {
        return Error{"input:" + text::to_valid_utf8(written_) + ", pos:" + std::to_string(at_) +
                     ", " + reason + ": the input provided is invalid"};
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

using Tokens = std::span<const Token>;

// Without what both begin and end with, but for one token of each; nothing where that differs.
std::optional<std::pair<Tokens, Tokens>> trimmed(Tokens a, Tokens b) {
    const auto are_single = [](const Token& left, const Token& right) {
        return left.repeat == Repeat::kOnce && right.repeat == Repeat::kOnce;
    };
    std::size_t begin = 0;
    for (; begin < a.size() && begin < b.size() && are_single(a[begin], b[begin]); ++begin) {
        if (!share(a[begin], b[begin])) return std::nullopt;
    }
    if (begin > 0) --begin;
    std::size_t behind_a = a.size();
    std::size_t behind_b = b.size();
    while (behind_a > begin && behind_b > begin && are_single(a[behind_a - 1], b[behind_b - 1])) {
        if (!share(a[behind_a - 1], b[behind_b - 1])) return std::nullopt;
        --behind_a;
        --behind_b;
    }
    if (behind_a < a.size()) {
        ++behind_a;
        ++behind_b;
    }
    return std::pair(a.subspan(begin, behind_a - begin), b.subspan(begin, behind_b - begin));
}

// Whether two expressions meet, as OPA finds it, which is not always what is true: a token that
// repeats gives way at the first token of the other one that its successor may stand for. What is
// asked about the rest of both is known from the end backwards, so that each pair of places is
// looked at once.
class Meeting {
  public:
    Meeting(Tokens a, Tokens b) : a_(a), b_(b) {}

    Result<std::optional<bool>> run(const SpendSteps& spend) {
        std::size_t spans_of_b = 1;
        for (const Token& token : b_) spans_of_b += 1 + token.spans.size();
        std::vector<Answers> below(b_.size() + 1);
        for (std::size_t i = a_.size() + 1; i-- > 0;) {
            const std::size_t spans = i < a_.size() ? 1 + a_[i].spans.size() : 1;
            if (!spend(spans * spans_of_b)) return std::optional<bool>();
            std::vector<Answers> row(b_.size() + 1);
            for (std::size_t j = b_.size() + 1; j-- > 0;) {
                const Answers none;
                row[j] = answers(i, j, j < b_.size() ? row[j + 1] : none, below[j],
                                 j < b_.size() ? below[j + 1] : none);
            }
            below = std::move(row);
        }
        return std::optional(below[0].meet[0]);
    }

  private:
    // About the rests of both, by which of them is asked first: a's (0) or b's (1).
    struct Answers {
        bool meet[2] = {false, false};
        bool swallow[2] = {false, false};  // as if the first token of the one could repeat
    };

    // `right`: at the next token of b; `below`: at that of a; `both`: at those of both.
    Answers answers(std::size_t i, std::size_t j, const Answers& right, const Answers& below,
                    const Answers& both) const {
        const bool a_ends = i == a_.size();
        const bool b_ends = j == b_.size();
        Answers found;
        if (!a_ends) found.swallow[0] = swallows(a_, i, b_, j, below.meet[0], right.swallow[0]);
        if (!b_ends) found.swallow[1] = swallows(b_, j, a_, i, right.meet[1], below.swallow[1]);
        if (a_ends || b_ends) {
            found.meet[0] = found.meet[1] = a_ends && b_ends;
            return found;
        }
        const Repeat of_a = a_[i].repeat;
        const Repeat of_b = b_[j].repeat;
        const bool agree = share(a_[i], b_[j]);
        const bool repeated_a =
            of_a == Repeat::kStar
                ? found.swallow[0]
                : agree && (right.swallow[0] || (of_b != Repeat::kOnce && below.meet[0]));
        const bool repeated_b =
            of_b == Repeat::kStar
                ? found.swallow[1]
                : agree && (below.swallow[1] || (of_a != Repeat::kOnce && right.meet[1]));
        if (of_a == Repeat::kOnce && of_b == Repeat::kOnce) {
            for (const std::size_t first : {0, 1}) found.meet[first] = agree && both.meet[first];
        } else {
            found.meet[0] = of_a != Repeat::kOnce ? repeated_a : repeated_b;
            found.meet[1] = of_b != Repeat::kOnce ? repeated_b : repeated_a;
        }
        return found;
    }

    // `gives_way`: whether the rests behind the repeated token and at the other one meet;
    // `goes_on`: whether it also swallows what is behind the other one's token.
    static bool swallows(Tokens repeated, std::size_t at, Tokens other, std::size_t place,
                         bool gives_way, bool goes_on) {  // NOLINT: private
        const bool is_last = at + 1 == repeated.size();
        if (place == other.size()) return is_last;
        if (!is_last && gives_way && share(other[place], repeated[at + 1])) return true;
        return share(other[place], repeated[at]) && goes_on;
    }

    Tokens a_;
    Tokens b_;
};

}  // namespace

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

void append_quoted_glob(std::string& quoted, std::string_view text) {
    for (const char c : text) {
        if (std::string_view("*?\\[]{}").find(c) != std::string_view::npos) quoted += '\\';
        quoted += c;
    }
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
    const std::vector<Token> a = MERLON_TRY(Tokenizer(left).run());
    const std::vector<Token> b = MERLON_TRY(Tokenizer(right).run());
    const auto ends = trimmed(a, b);
    if (!ends) return std::optional(false);
    return Meeting(ends->first, ends->second).run(spend);
}

}  // namespace merlon::rego
