#include "match/analysis.h"

#include <algorithm>

#include "match/byte_frequency.h"
#include "text/utf8.h"

namespace merlon::match {
namespace {

constexpr std::size_t kMaxLiterals = 96;
constexpr std::size_t kMaxLiteralLength = 24;
constexpr std::size_t kMaxClassMembers = 16;
// Of what has so many strings, only strings that are shorter than this are made longer with it: two
// letters stand everywhere, three with a digit do not.
constexpr std::size_t kManyStrings = 8;
constexpr std::size_t kSelectiveLength = 3;
// As much of each of many strings as is looked for: what a few hits more cost is less than what
// each string more costs the search for all of them.
constexpr std::size_t kTellingLength = 6;
constexpr std::size_t kMinLiteralLength = 2;
constexpr std::size_t kMaxPrefixBytes = 4096;

using Strings = std::vector<std::string>;

// What an element can be at its start. `exact`: these strings are all that it can be.
struct Starts {
    Strings strings;
    bool exact = false;
};

// ASCII in lower case; what a text's LiteralText reads as ASCII is looked for as that.
char lower(char32_t c) {
    if (c == 0x130) return 'i';
    if (c == 0x17F) return 's';
    if (c == 0x212A) return 'k';
    return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

bool is_literal_ascii(char32_t c) { return c < 0x80 || c == 0x130 || c == 0x17F || c == 0x212A; }

void append_lower(std::string& out, char32_t c) {
    if (is_literal_ascii(c)) {
        out.push_back(lower(c));
    } else {
        text::append_utf8(out, c);
    }
}

// A letter whose other case is outside ASCII bytes that we compare: under (?i) it has no one
// literal.
bool folds_outside_ascii(const Node& node) {
    return node.fold_case && std::any_of(node.text.begin(), node.text.end(),
                                         [](char32_t c) { return !is_literal_ascii(c); });
}

void make_unique(Strings& strings) {
    std::sort(strings.begin(), strings.end());
    strings.erase(std::unique(strings.begin(), strings.end()), strings.end());
}

// Every pair joined; false where that grows over the limits.
bool append_product(Strings& left, const Strings& right) {
    if (left.size() * right.size() > kMaxLiterals) return false;
    Strings joined;
    for (const std::string& a : left) {
        for (const std::string& b : right) {
            if (a.size() + b.size() > kMaxLiteralLength) return false;
            joined.push_back(a + b);
        }
    }
    left = std::move(joined);
    make_unique(left);
    return true;
}

// What is found wherever these strings are, with as few strings as are worth their time.
Strings telling(Strings strings) {
    const auto drop_longer = [&strings] {
        make_unique(strings);
        Strings kept;  // what another begins with stands right before it
        for (std::string& string : strings) {
            if (kept.empty() || !string.starts_with(kept.back())) kept.push_back(std::move(string));
        }
        strings = std::move(kept);
    };
    drop_longer();
    if (strings.size() <= kManyStrings) return strings;
    for (std::string& string : strings) {
        string.resize(std::min(string.size(), kTellingLength));
    }
    drop_longer();
    return strings;
}

std::size_t shortest(const Strings& strings) {
    std::size_t length = strings.empty() ? 0 : strings.front().size();
    for (const std::string& string : strings) length = std::min(length, string.size());
    return length;
}

// Whether ordinary text has few of the strings, as far as the frequency of their bytes tells.
bool is_rare(const Strings& strings) {
    constexpr double kFewPlaces = 3e-4;  // places of a text
    double all = 0;
    for (const std::string& string : strings) {
        double one = 1;
        for (const char byte : string) {
            one *= byte_frequency(static_cast<std::uint8_t>(byte)) / 65536.0;
        }
        all += one;
    }
    return all <= kFewPlaces;
}

Starts starts_of(const Node& node);

// What a sequence of elements can begin with.
Starts starts_of_sequence(const Node* first, const Node* last) {
    Starts all{{""}, true};
    for (const Node* node = first; node != last; ++node) {
        const Starts next = starts_of(*node);
        const bool is_worth_it =
            next.strings.size() <= kManyStrings || shortest(all.strings) < kSelectiveLength;
        if (next.strings.empty() || !is_worth_it || !append_product(all.strings, next.strings)) {
            all.exact = false;
            return all;
        }
        if (!next.exact) {
            all.exact = false;
            return all;
        }
    }
    return all;
}

Starts starts_of_class(const Node& node) {
    Strings members;
    for (const CodePointRange range : node.ranges) {
        if (range.high - range.low >= 2 * kMaxClassMembers) return {};
        for (char32_t c = range.low; c <= range.high; ++c) {
            if (!is_literal_ascii(c)) return {};
            members.emplace_back(1, lower(c));
        }
    }
    if (members.empty()) return {};
    make_unique(members);
    if (members.size() > kMaxClassMembers) return {};
    return {std::move(members), true};
}

Starts starts_of_repeat(const Node& node) {
    if (node.min == 0) {
        if (node.max != 1) return {};
        Starts optional = starts_of(node.subs.front());
        if (!optional.exact) return {};
        optional.strings.emplace_back();
        make_unique(optional.strings);
        return optional;
    }
    const std::vector<Node> copies(static_cast<std::size_t>(std::min(node.min, 8)),
                                   node.subs.front());
    Starts starts = starts_of_sequence(copies.data(), copies.data() + copies.size());
    starts.exact = starts.exact && node.max == node.min && node.min <= 8;
    return starts;
}

// Nothing (empty strings, not exact) where the beginning can be too many things.
Starts starts_of(const Node& node) {
    switch (node.op) {
        case Op::kNoMatch:
        case Op::kOpenGroup:
        case Op::kBar:
            return {};
        case Op::kEmpty:
        case Op::kBeginLine:
        case Op::kEndLine:
        case Op::kBeginText:
        case Op::kEndText:
        case Op::kWordBoundary:
        case Op::kNoWordBoundary:
            return {{""}, true};
        case Op::kLiteral: {
            // An invalid byte reads as U+FFFD, and is another byte.
            if (folds_outside_ascii(node) ||
                node.text.find(text::kReplacement) != std::u32string::npos) {
                return {};
            }
            std::string literal;
            for (const char32_t c : node.text) append_lower(literal, c);
            if (literal.size() <= kMaxLiteralLength) return {{std::move(literal)}, true};
            literal.resize(kMaxLiteralLength);
            return {{std::move(literal)}, false};
        }
        case Op::kClass:
            return starts_of_class(node);
        case Op::kAnyNotNewline:
        case Op::kAny:
            return {};
        case Op::kCapture:
            return starts_of(node.subs.front());
        case Op::kRepeat:
            return starts_of_repeat(node);
        case Op::kConcat:
            return starts_of_sequence(node.subs.data(), node.subs.data() + node.subs.size());
        case Op::kAlternate: {
            Starts all{{}, true};
            for (const Node& sub : node.subs) {
                const Starts one = starts_of(sub);
                if (one.strings.empty()) return {};
                all.exact = all.exact && one.exact;
                all.strings.insert(all.strings.end(), one.strings.begin(), one.strings.end());
                if (all.strings.size() > kMaxLiterals) return {};
            }
            make_unique(all.strings);
            return all;
        }
    }
    return {};
}

Node without_captures(Node node) {
    for (Node& sub : node.subs) sub = without_captures(std::move(sub));
    if (node.op != Op::kCapture) return node;
    Node content = std::move(node.subs.front());
    return content;
}

// The sequence that an expression is: groups opened, concatenations joined.
void flatten(const Node& node, std::vector<Node>& out) {
    if (node.op == Op::kConcat || node.op == Op::kCapture) {
        for (const Node& sub : node.subs) flatten(sub, out);
    } else {
        out.push_back(without_captures(node));
    }
}

std::size_t class_width_bytes(const Node& node) {
    if (node.ranges.empty()) return 0;
    const char32_t last = node.ranges.back().high;
    return last < 0x80 ? 1 : last < 0x800 ? 2 : last < 0x10000 ? 3 : 4;
}

}  // namespace

std::optional<std::size_t> max_length_bytes(const Node& node) {
    switch (node.op) {
        case Op::kLiteral: {
            std::size_t bytes = 0;
            for (const char32_t c : node.text) bytes += c < 0x80 && !node.fold_case ? 1 : 4;
            return bytes;
        }
        case Op::kClass:
            return class_width_bytes(node);
        case Op::kAnyNotNewline:
        case Op::kAny:
            return 4;
        case Op::kCapture:
            return max_length_bytes(node.subs.front());
        case Op::kRepeat: {
            const auto one = max_length_bytes(node.subs.front());
            if (!one || (node.max == kUnbounded && *one > 0)) return std::nullopt;
            return *one * static_cast<std::size_t>(std::max(node.max, 0));
        }
        case Op::kConcat:
        case Op::kAlternate: {
            std::size_t total = 0;
            for (const Node& sub : node.subs) {
                const auto one = max_length_bytes(sub);
                if (!one) return std::nullopt;
                total = node.op == Op::kConcat ? total + *one : std::max(total, *one);
            }
            return total;
        }
        default:
            return 0;
    }
}

namespace {

void add_range(ByteSet& bytes, char32_t low, char32_t high) {
    for (char32_t c = low; c <= std::min<char32_t>(high, 0x7F); ++c) {
        bytes[c >> 5] |= std::uint32_t{1} << (c & 31);
    }
    // Any part of what is not ASCII, and what an invalid byte is read as.
    if (high >= 0x80) std::fill(bytes.begin() + 4, bytes.end(), 0xFFFF'FFFF);
}

// The bytes of which an element's text may consist.
void add_bytes(ByteSet& bytes, const Node& node) {
    switch (node.op) {
        case Op::kLiteral:
            for (const char32_t c : node.text) {
                add_range(bytes, c, c);
                if (!node.fold_case) continue;
                add_range(bytes, 0x80, 0x80);
                if (!is_literal_ascii(c)) add_range(bytes, 0, 0x7F);
                const auto folded = static_cast<unsigned char>(lower(c));
                add_range(bytes, folded, folded);
                if (folded >= 'a' && folded <= 'z') add_range(bytes, folded - 32U, folded - 32U);
            }
            break;
        case Op::kClass:
            for (const CodePointRange range : node.ranges) add_range(bytes, range.low, range.high);
            break;
        case Op::kAnyNotNewline:
            add_range(bytes, 0, '\n' - 1);
            add_range(bytes, '\n' + 1, 0x80);
            break;
        case Op::kAny:
            add_range(bytes, 0, 0x80);
            break;
        default:
            for (const Node& sub : node.subs) add_bytes(bytes, sub);
    }
}

}  // namespace

std::optional<Core> find_core(const Node& root) {
    std::vector<Node> sequence;
    flatten(root, sequence);
    std::optional<Core> best;
    std::size_t best_length = kMinLiteralLength - 1;
    std::size_t best_index = 0;
    std::size_t prefix_bytes = 0;
    for (std::size_t i = 0; i < sequence.size(); ++i) {
        const bool is_bounded = prefix_bytes <= kMaxPrefixBytes;
        if (!is_bounded && best && best->max_prefix_bytes != kUnboundedPrefix) break;
        const Starts starts =
            starts_of_sequence(sequence.data() + i, sequence.data() + sequence.size());
        const std::size_t length = shortest(starts.strings);
        const bool is_selective =
            length >= kSelectiveLength ||
            (is_bounded && (starts.strings.size() <= kManyStrings || is_rare(starts.strings)));
        if (is_selective && length > best_length) {
            best_length = length;
            best_index = i;
            best = Core{starts.strings, is_bounded ? prefix_bytes : kUnboundedPrefix, {}, {}, {}};
        }
        const auto bytes = max_length_bytes(sequence[i]);
        prefix_bytes = bytes && is_bounded ? prefix_bytes + *bytes : kUnboundedPrefix;
    }
    if (best) {
        best->literals = telling(std::move(best->literals));
        const auto core = sequence.begin() + static_cast<std::ptrdiff_t>(best_index);
        best->prefix.op = best->suffix.op = Op::kConcat;
        best->prefix.subs.assign(sequence.begin(), core);
        best->suffix.subs.assign(core, sequence.end());
        add_bytes(best->prefix_bytes, best->prefix);
    }
    return best;
}

std::vector<std::string> find_required(const Node& root) {
    if (root.op == Op::kAlternate) {
        Strings all;
        for (const Node& sub : root.subs) {
            const Strings one = find_required(sub);
            if (one.empty() || all.size() + one.size() > kMaxLiterals) return {};
            all.insert(all.end(), one.begin(), one.end());
        }
        return telling(std::move(all));
    }
    std::vector<Node> sequence;
    flatten(root, sequence);
    Strings best;
    const auto take = [&best](const Strings& strings) {
        const std::size_t length = shortest(strings);
        if (length >= kSelectiveLength && length > shortest(best)) best = strings;
    };
    for (std::size_t i = 0; i < sequence.size(); ++i) {
        take(starts_of_sequence(sequence.data() + i, sequence.data() + sequence.size()).strings);
        const Node& node = sequence[i];
        if (node.op == Op::kAlternate) take(find_required(node));
        if (node.op == Op::kRepeat && node.min > 0) take(find_required(node.subs.front()));
    }
    return telling(std::move(best));
}

namespace {

std::string quoted(const std::u32string& text) {
    constexpr std::size_t kShown = 12;
    std::string bytes;
    for (std::size_t i = 0; i < std::min(text.size(), kShown); ++i) {
        text::append_utf8(bytes, text[i]);
    }
    if (text.size() > kShown) bytes += "...";
    return "\"" + text::to_printable(bytes) + "\"";
}

// An element in a few words.
std::string describe(const Node& node) {
    switch (node.op) {
        case Op::kLiteral:
            return quoted(node.text);
        case Op::kClass: {
            std::size_t members = 0;
            for (const CodePointRange range : node.ranges) members += range.high - range.low + 1;
            return "a class of " + std::to_string(members) + " characters";
        }
        case Op::kAnyNotNewline:
        case Op::kAny:
            return "any character";
        case Op::kCapture:
            return describe(node.subs.front());
        case Op::kRepeat:
            return describe(node.subs.front()) + " " + std::to_string(node.min) +
                   (node.max == kUnbounded ? " or more times"
                                           : " to " + std::to_string(node.max) + " times");
        case Op::kAlternate:
            return std::to_string(node.subs.size()) + " alternatives";
        case Op::kConcat:
            return node.subs.empty() ? "nothing"
                                     : describe(node.subs.front()) + " and what follows";
        default:
            return "an assertion";
    }
}

// Why an element gives no string to look for.
std::string why_no_string(const Node& node) {
    switch (node.op) {
        case Op::kLiteral:
            return folds_outside_ascii(node) ? "has letters outside ASCII that match in either case"
                                             : "is one character alone";
        case Op::kClass:
            return "can be more than " + std::to_string(kMaxClassMembers) +
                   " different characters, or one alone";
        case Op::kCapture:
            return why_no_string(node.subs.front());
        case Op::kRepeat:
            return node.min == 0 ? "may be absent" : why_no_string(node.subs.front());
        case Op::kAlternate:
            for (const Node& sub : node.subs) {
                if (shortest(starts_of(sub).strings) < kMinLiteralLength) {
                    return "may be " + describe(sub) + ", which gives no string of " +
                           std::to_string(kMinLiteralLength) + " characters";
                }
            }
            return "has more than " + std::to_string(kMaxLiterals) + " beginnings";
        default:
            return "can be anything";
    }
}

bool is_assertion(const Node& node) {
    return node.op == Op::kEmpty || node.op == Op::kBeginLine || node.op == Op::kEndLine ||
           node.op == Op::kBeginText || node.op == Op::kEndText || node.op == Op::kWordBoundary ||
           node.op == Op::kNoWordBoundary;
}

}  // namespace

// How many lengths a count leaves open, where it counts single characters.
int open_lengths(const Node& node) {
    if (node.op != Op::kRepeat || node.max == kUnbounded) return 0;
    const Op counted = node.subs.front().op;
    const bool is_character =
        counted == Op::kClass || counted == Op::kAny || counted == Op::kAnyNotNewline;
    return is_character ? node.max - node.min : 0;
}

std::string explain_dear_count(const Node& root) {
    // Fewer states than these are as good as none.
    constexpr int kManyLengths = 16;
    std::vector<Node> sequence;
    flatten(root, sequence);
    const auto is_dear = [](const Node& node) { return open_lengths(node) >= kManyLengths; };
    const auto first = std::find_if(sequence.begin(), sequence.end(), is_dear);
    if (first == sequence.end()) return {};
    // Where a match may begin at every character, one such count is enough; from the begin of a
    // line on it takes two, whose lengths multiply.
    const bool is_held = std::any_of(sequence.begin(), first, [](const Node& node) {
        return node.op == Op::kBeginLine || node.op == Op::kBeginText;
    });
    const bool goes_on = std::any_of(first + 1, sequence.end(),
                                     [](const Node& node) { return !is_assertion(node); });
    if (!goes_on || (is_held && std::none_of(first + 1, sequence.end(), is_dear))) return {};
    const std::string count =
        "{" + std::to_string(first->min) + "," + std::to_string(first->max) + "}";
    const std::string open = first->min == 0   ? "*"
                             : first->min == 1 ? "+"
                                               : "{" + std::to_string(first->min) + ",}";
    return "the count " + count + " on " + describe(first->subs.front()) +
           " makes the automaton keep a state for each length that is possible, together with what "
           "stands behind it, which is several times slower. Where a longer one may match as well, "
           "write " +
           open + " instead of " + count;
}

std::string explain_no_core(const Node& root) {
    constexpr std::size_t kMaxReasons = 4;
    std::vector<Node> sequence;
    flatten(root, sequence);
    std::string reasons;
    std::string end;
    std::size_t count = 0;
    std::size_t prefix_bytes = 0;
    for (std::size_t i = 0; i < sequence.size(); ++i) {
        const Node& node = sequence[i];
        if (is_assertion(node)) continue;
        if (count++ < kMaxReasons) {
            reasons += (reasons.empty() ? "" : "; ") + describe(node) + " " + why_no_string(node);
        }
        const auto bytes = max_length_bytes(node);
        if (bytes) prefix_bytes += *bytes;
        if (!bytes || prefix_bytes > kMaxPrefixBytes) {
            if (i + 1 < sequence.size()) {
                end = "; what follows is no help, because " + describe(node) +
                      (bytes ? " is longer than " + std::to_string(kMaxPrefixBytes) + " bytes"
                             : " has no longest form") +
                      " and a match could begin anywhere before it";
            }
            break;
        }
    }
    if (count > kMaxReasons) {
        reasons += "; and so do " + std::to_string(count - kMaxReasons) + " more parts";
    }
    if (reasons.empty()) reasons = "it consists of assertions alone";
    return "no string of two or more characters has to stand in every match within a bounded "
           "distance of its start, so the expression runs over the whole text: " +
           reasons + end +
           ". Put a fixed string near the start, or an upper bound (such as {0,50}) on what stands "
           "before one";
}

}  // namespace merlon::match
