#include "question_maker.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "text/utf8.h"

namespace merlon::peers {
namespace {

// SplitMix64 (Steele, Lea, Flood 2014): the same numbers on every machine and library.
class Random {
  public:
    explicit Random(std::uint64_t state) : state_(state) {}
    std::uint64_t next() {
        std::uint64_t z = state_ += 0x9E3779B97F4A7C15;
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
        z = (z ^ z >> 27) * 0x94D049BB133111EB;
        return z ^ z >> 31;
    }
    std::size_t below(std::size_t bound) { return bound == 0 ? 0 : next() % bound; }
    bool one_in(std::size_t chances) { return below(chances) == 0; }
    template <typename T, std::size_t kSize>
    const T& of(const T (&items)[kSize]) {
        return items[below(kSize)];
    }
    template <typename T>
    const T& of(const std::vector<T>& items) {
        return items[below(items.size())];
    }

  private:
    std::uint64_t state_;
};

using Strings = std::vector<std::string_view>;

// What an expression's literals and its texts are made of. NUL and broken bytes come with all of
// them.
using namespace std::string_view_literals;
const Strings kThemes[] = {
    {"a", "b"},
    {"a", "b", "c", "A", "B", "_", "1"},
    {"k", "K", "\u212A", "s", "S", "\u017F", "i", "I", "\u0130", "\u0131", "\u00B5", "\u03BC"},
    {"\u00E9", "\u00C9", "\u03C9", "\u03A9", "\u2126", "\u65E5", "\u0416", "\u0436", "x",
     "\U0001F600"},
    {"x", "\n", " ", "-", "\t", "\r"},
    {"a", "\xFF", "\xC3", "\xA9", "\xE6\x97", "\xED\xA0\x80", "\xC0\x80", "\xF4\x90\x80\x80",
     "\uFFFD", "\u00E9", "\0"sv},
    {"foo", "bar", "key", "=", "\"", "0", "9", "f", "ghp_", "xox"},
    {"\U00010400", "\U00010428", "\u01C5", "\u01C4", "\u01C6", "\u1E9E", "\u00DF", "\uFB05",
     "\uFB06", "\u1C80", "\u0432"},
};
constexpr std::string_view kMeta = "\\.+*?()|[]{}^$";

// A part of an expression: `before` subs `after`, or without subs one of `examples`.
struct Piece {
    enum class Kind : std::uint8_t { kLeaf, kConcat, kAlternate, kRepeat };
    Kind kind = Kind::kLeaf;
    std::string before;
    std::string after;
    std::vector<std::string> examples;
    int min = 1;
    int max = 1;
    std::vector<Piece> subs;
};

class Grower {
  public:
    Grower(Random& random, const Strings& theme) : random_(random), theme_(theme) {}

    Piece grow(int depth) {
        const std::size_t choice = depth <= 0 ? 0 : random_.below(10);
        if (choice < 3) return leaf();
        if (choice < 6) return several(Piece::Kind::kConcat, depth);
        if (choice < 7) return several(Piece::Kind::kAlternate, depth);
        if (choice < 8) return group(depth);
        return repeat(depth);
    }

    static void write(const Piece& piece, std::string& out) {
        out += piece.before;
        for (std::size_t i = 0; i < piece.subs.size(); ++i) {
            if (i > 0 && piece.kind == Piece::Kind::kAlternate) out += '|';
            write(piece.subs[i], out);
        }
        out += piece.after;
    }

    void sample(const Piece& piece, std::string& out) {
        if (out.size() > 600) return;
        switch (piece.kind) {
            case Piece::Kind::kLeaf:
                if (!piece.examples.empty()) out += random_.of(piece.examples);
                return;
            case Piece::Kind::kAlternate:
                return sample(random_.of(piece.subs), out);
            case Piece::Kind::kConcat:
                for (const Piece& sub : piece.subs) sample(sub, out);
                return;
            case Piece::Kind::kRepeat: {
                int times = piece.min;
                const int room = piece.max < 0 ? 5 : std::min(piece.max - piece.min, 40);
                times += static_cast<int>(random_.below(static_cast<std::size_t>(room) + 1));
                for (; times > 0; --times) sample(piece.subs[0], out);
                return;
            }
        }
    }

  private:
    static Piece piece_of(std::string_view written, std::vector<std::string> examples) {
        Piece piece;
        piece.before = written;
        piece.examples = std::move(examples);
        return piece;
    }

    std::string quoted(std::string_view text) {
        std::string out;
        for (const char c : text) {
            if (kMeta.find(c) != std::string_view::npos) out += '\\';
            out += c;
        }
        return out;
    }

    Piece leaf() {
        switch (random_.below(16)) {
            case 0:
                return piece_of(random_.of({"."sv, "."sv, "(?s:.)"sv}),
                                {"a", "\n", "\u00E9", "\xFF", "z"});
            case 1:
                return char_class();
            case 2:
                return char_class();
            case 3:
                return perl_class();
            case 4:
                return unicode_class();
            case 5:
                return assertion();
            case 6:
                return escape();
            case 7:
                return word();
            default: {
                const std::string literal(random_.of(theme_));
                return piece_of(quoted(literal), {literal});
            }
        }
    }

    Piece word() {
        std::string literal;
        for (std::size_t n = 2 + random_.below(5); n > 0; --n) literal += random_.of(theme_);
        const bool in_quotes = random_.one_in(6) && literal.find("\\E") == std::string::npos;
        return piece_of(in_quotes ? "\\Q" + literal + "\\E" : quoted(literal), {literal});
    }

    Piece char_class() {
        std::string written = "[";
        std::vector<std::string> examples;
        if (random_.one_in(3)) {
            written += '^';
            examples = {"z", "\u00EA", "\xFE", "\n"};
        }
        for (std::size_t n = 1 + random_.below(4); n > 0; --n) {
            const std::string low(random_.of(theme_));
            switch (random_.below(7)) {
                case 0:
                    written += random_.of({"\\d"sv, "\\w"sv, "\\s"sv, "\\D"sv, "\\W"sv, "\\S"sv,
                                           "[:alpha:]"sv, "[:^digit:]"sv, "\\pL"sv, "\\P{Lu}"sv,
                                           "[:word:]"sv, "[:punct:]"sv});
                    examples.insert(examples.end(), {"0", "Q", " "});
                    break;
                case 1:
                    written += random_.of({"a-c"sv, "0-9"sv, "A-Z"sv, "\\x00-\\x7F"sv,
                                           "\\x{80}-\\x{10FFFF}"sv, "\u0430-\u044F"sv, "!-/"sv,
                                           "k-s"sv, "\u00E0-\u00FF"sv});
                    examples.insert(examples.end(), {"b", "5", "M", "\u0434", "\u00E4"});
                    break;
                case 2:
                    written +=
                        random_.of({"-"sv, "\\]"sv, "\\-"sv, "\\n"sv, "^"sv, "."sv, "\\x{FFFD}"sv});
                    break;
                default:
                    written += quoted(low);
                    examples.push_back(low);
            }
        }
        return piece_of(written + "]", std::move(examples));
    }

    Piece perl_class() {
        return piece_of(random_.of({"\\d"sv, "\\w"sv, "\\s"sv, "\\D"sv, "\\W"sv, "\\S"sv,
                                    "[[:alnum:]]"sv, "[[:^space:]]"sv, "[[:xdigit:]]"sv}),
                        {"7", "a", " ", "_", "\u00E9", "\xFF", "f"});
    }

    Piece unicode_class() {
        return piece_of(
            random_.of({"\\pL"sv, "\\p{Lu}"sv, "\\p{Ll}"sv, "\\PN"sv, "\\p{Greek}"sv, "\\p{^Han}"sv,
                        "\\p{Cyrillic}"sv, "\\P{Any}"sv, "\\p{Any}"sv, "\\p{Zs}"sv, "\\pM"sv,
                        "\\p{Sc}"sv, "\\p{Nope}"sv, "\\p{Latin}"sv, "\\pC"sv, "\\p{Lt}"sv}),
            {"a", "Z", "\u03B1", "\u65E5", "\u0436", "\u20AC", "\u0301", "\u01C5", "\xFF"});
    }

    Piece assertion() {
        return piece_of(random_.of({"^"sv, "$"sv, "\\b"sv, "\\B"sv, "\\A"sv, "\\z"sv, "(?m:^)"sv,
                                    "(?m:$)"sv, "(?-m:$)"sv}),
                        {"", "", "\n", " "});
    }

    Piece escape() {
        switch (random_.below(6)) {
            case 0:
                return piece_of("\\x41", {"A", "a"});
            case 1:
                return piece_of("\\x{1F600}", {"\U0001F600"});
            case 2:
                return piece_of("\\n", {"\n"});
            case 3:
                return piece_of("\\x{FFFD}", {"\uFFFD", "\xFF", "\xC3"});
            case 4:
                return piece_of("\\x00", {std::string(1, '\0')});
            default:
                return piece_of(random_.of({"\\a"sv, "\\f"sv, "\\t"sv, "\\r"sv, "\\v"sv, "\\101"sv,
                                            "\\0"sv, "\\C"sv, "\\8"sv, "\\x{110000}"sv, "\\Z"sv}),
                                {"\a", "\f", "\t", "\r", "\v", "A", ""});
        }
    }

    Piece several(Piece::Kind kind, int depth) {
        Piece piece;
        piece.kind = kind;
        for (std::size_t n = 2 + random_.below(3); n > 0; --n) {
            Piece sub =
                kind == Piece::Kind::kAlternate && random_.one_in(8) ? Piece() : grow(depth - 1);
            if (kind == Piece::Kind::kConcat && sub.kind == Piece::Kind::kAlternate &&
                !random_.one_in(6)) {
                sub = wrapped(std::move(sub), "(?:");
            }
            piece.subs.push_back(std::move(sub));
        }
        return piece;
    }

    static Piece wrapped(Piece inner, std::string_view open) {
        Piece piece;
        piece.kind = Piece::Kind::kConcat;
        piece.before = open;
        piece.after = ")";
        piece.subs.push_back(std::move(inner));
        return piece;
    }

    Piece group(int depth) {
        Piece inner = grow(depth - 1);
        std::string open = "(";
        switch (random_.below(10)) {
            case 0:
                open = "(?P<n" + std::to_string(random_.below(4)) + ">";
                break;
            case 1:
                open = "(?<name" + std::to_string(random_.below(1000)) + ">";
                break;
            case 2:
                open = random_.of(
                    {"(?i:"sv, "(?s:"sv, "(?m:"sv, "(?U:"sv, "(?-i:"sv, "(?i-s:"sv, "(?sm:"sv});
                break;
            case 3:
                // A flag for what follows in the enclosing group.
                return piece_of(random_.of({"(?i)"sv, "(?s)"sv, "(?m)"sv, "(?U)"sv, "(?-i)"sv,
                                            "(?x)"sv, "(?-U)"sv}),
                                {""});
            case 4:
            case 5:
                open = "(?:";
                break;
            default:
                break;
        }
        return wrapped(std::move(inner), open);
    }

    Piece repeat(int depth) {
        Piece inner = grow(depth - 1);
        const bool is_single = inner.kind == Piece::Kind::kLeaf && inner.before.size() == 1;
        if (!is_single && !random_.one_in(8)) {
            inner = wrapped(std::move(inner), random_.one_in(3) ? "(" : "(?:");
        }
        Piece piece;
        piece.kind = Piece::Kind::kRepeat;
        const auto low = static_cast<int>(random_.below(random_.one_in(20) ? 60 : 4));
        const int high = low + static_cast<int>(random_.below(4));
        switch (random_.below(6)) {
            case 0:
                piece.min = 0;
                piece.max = -1;
                piece.after = "*";
                break;
            case 1:
                piece.max = -1;
                piece.after = "+";
                break;
            case 2:
                piece.min = 0;
                piece.after = "?";
                break;
            case 3:
                piece.min = piece.max = low;
                piece.after = "{" + std::to_string(low) + "}";
                break;
            case 4:
                piece.min = low;
                piece.max = -1;
                piece.after = "{" + std::to_string(low) + ",}";
                break;
            default:
                piece.min = low;
                piece.max = high;
                piece.after = "{" + std::to_string(low) + "," + std::to_string(high) + "}";
        }
        if (random_.one_in(4)) piece.after += '?';
        if (random_.one_in(60)) piece.after += '+';
        piece.subs.push_back(std::move(inner));
        return piece;
    }

    Random& random_;
    const Strings& theme_;
};

// Changes a few bytes or tokens, so that what is nearly an expression is met as well.
void mutate_pattern(Random& random, std::string& pattern, const std::vector<RealPattern>& real) {
    const std::size_t at = random.below(pattern.size() + 1);
    const std::size_t length = std::min(1 + random.below(6), pattern.size() - at);
    switch (random.below(8)) {
        case 0:
            pattern.erase(at, length);
            break;
        case 1:
            pattern.insert(at, pattern.substr(at, length));
            break;
        case 2:
            pattern.insert(
                at, random.of({"("sv,    ")"sv,   "["sv,    "]"sv,     "{"sv,      "}"sv,
                               "*"sv,    "+?"sv,  "?"sv,    "|"sv,     "^"sv,      "$"sv,
                               "\\"sv,   "\\b"sv, "(?i)"sv, "(?:"sv,   "{2,3}"sv,  "\xFF"sv,
                               "(?P<"sv, "(?<"sv, "\\Q"sv,  "\\E"sv,   "{1001}"sv, "[^"sv,
                               "[[:"sv,  "\\p"sv, "\\x{"sv, "(?=a)"sv, "\\1"sv,    "(?i-"sv}));
            break;
        case 3:
            if (!pattern.empty())
                std::swap(pattern[random.below(pattern.size())],
                          pattern[random.below(pattern.size())]);
            break;
        case 4:
            if (!real.empty()) pattern.append("|").append(random.of(real).pattern);
            break;
        case 5:
            pattern.insert(0, "(").append(
                random.of({")*"sv, ")+"sv, ")?"sv, "){2}"sv, "){0,3}?"sv}));
            break;
        case 6:
            pattern.insert(0, random.of({"(?i)"sv, "(?s)"sv, "(?m)"sv, "(?U)"sv, "(?ims)"sv,
                                         "\\b"sv, "^"sv, ".*"sv, ".*?"sv, "x*"sv}));
            break;
        default:
            pattern += random.of({"$"sv, "\\b"sv, ".*"sv, "\\z"sv, "*"sv, "|"sv, "(.)?"sv});
    }
}

void spoil_text(Random& random, std::string& text, const Strings& theme) {
    for (std::size_t n = random.below(4); n > 0; --n) {
        const std::size_t at = random.below(text.size() + 1);
        switch (random.below(7)) {
            case 0:
                if (!text.empty()) text.erase(at, 1 + random.below(3));
                break;
            case 1:
                text.insert(at,
                            random.of({"\xFF"sv, "\xC3"sv, "\x80"sv, "\xE2\x82"sv, "\xF0\x9F\x98"sv,
                                       "\0"sv, "\xEF\xBF\xBD"sv, "\xED\xBF\xBF"sv, "\xC1\xBF"sv}));
                break;
            case 2:
                text.insert(at, random.of(theme));
                break;
            case 3:
                text.insert(at, random.of({"\n"sv, " "sv, "\r\n"sv, "_"sv, "."sv}));
                break;
            case 4: {
                const std::string run(random.of(theme));
                std::string runs;
                for (std::size_t k = random.below(random.one_in(10) ? 700 : 20); k > 0; --k)
                    runs += run;
                text.insert(at, runs);
                break;
            }
            case 5:
                text += text.substr(0, 300);
                break;
            default:
                if (!text.empty())
                    text[random.below(text.size())] = static_cast<char>(random.below(256));
        }
    }
}

std::string random_text(Random& random, const Strings& theme) {
    std::string text;
    for (std::size_t n = random.below(16); n > 0; --n) text += random.of(theme);
    return text;
}

// A place between two code points, as Go reads them.
std::size_t boundary(Random& random, std::string_view text) {
    const std::size_t wanted = random.below(text.size() + 1);
    std::size_t at = 0;
    while (at < wanted) at += text::decode_utf8(text.substr(at)).width;
    return at;
}

int flags_of(Random& random) {
    constexpr int kPerl = 4 | 16 | 64 | 128;
    constexpr int kOthers[] = {0,           4,          1,         kPerl | 1, kPerl | 8,
                               kPerl & ~16, kPerl | 32, kPerl | 2, 64,        128};
    if (!random.one_in(4)) return kPerl;
    // NonGreedy is the highest that a caller sets beside these; WasDollar and Simple are results.
    return random.one_in(4) ? static_cast<int>(random.below(256)) : random.of(kOthers);
}

}  // namespace

Question QuestionMaker::make(std::uint64_t number) const {
    Random random(seed_ * 0x9E3779B97F4A7C15 ^ number * 0xD1B54A32D192ED03);
    const Strings& theme = random.of(kThemes);
    Grower grower(random, theme);
    Question question;
    question.flags = flags_of(random);
    question.is_longest = random.one_in(4);
    question.split_limit = static_cast<int>(random.below(6)) - 1;
    question.replacement = random.of({"$0"sv, "[$1]"sv, "${n1}x"sv, "$$"sv, "$1x"sv, "${2}"sv,
                                      "$"sv, "a$name1"sv, "${"sv, "$\xC3\xA9"sv, "<${0}|$n0>"sv,
                                      ""sv, "${1}$2$3"sv, "${01}"sv, "$10"sv, "${-1}"sv, "$_"sv});
    const bool is_real = !real_.empty() && random.one_in(4);
    const RealPattern* base = is_real ? &random.of(real_) : nullptr;
    Piece root;
    if (is_real) {
        question.pattern = base->pattern;
        for (std::size_t n = random.below(4); n > 0; --n)
            mutate_pattern(random, question.pattern, real_);
    } else {
        root = grower.grow(2 + static_cast<int>(random.below(4)));
        Grower::write(root, question.pattern);
        if (random.one_in(12)) mutate_pattern(random, question.pattern, real_);
    }
    for (int i = 0; i < texts_; ++i) {
        Question::Text& text = question.texts.emplace_back();
        if (random.one_in(4)) text.bytes = random_text(random, theme);
        if (!random.one_in(8)) {
            if (!is_real) {
                grower.sample(root, text.bytes);
                if (random.one_in(3)) grower.sample(root, text.bytes);
            } else if (!base->samples.empty()) {
                text.bytes += random.of(base->samples);
            }
        }
        if (random.one_in(4)) text.bytes += random_text(random, theme);
        spoil_text(random, text.bytes, theme);
        // Long enough that what is only for short texts is not used.
        if (random.one_in(3000) && !text.bytes.empty()) {
            const std::string once = text.bytes;
            while (text.bytes.size() < 10'000) text.bytes += once;
            spoil_text(random, text.bytes, theme);
        }
        text.from = boundary(random, text.bytes);
    }
    return question;
}

}  // namespace merlon::peers
