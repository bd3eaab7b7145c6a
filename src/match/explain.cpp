#include "match/explain.h"

#include <algorithm>

#include "match/analysis.h"
#include "match/prefixes.h"
#include "match/starts.h"
#include "text/utf8.h"

namespace merlon::match {
namespace {

constexpr std::size_t kShownBytes = 24;

std::string quoted(std::string_view text) {
    std::string shown = "\"";
    for (const char c : text::to_printable(text.substr(0, kShownBytes))) {
        if (c == '"' || c == '\\') shown += '\\';
        shown += c;
    }
    return shown + (text.size() > kShownBytes ? "...\"" : "\"");
}

std::string quoted(const std::u32string& text) {
    std::string bytes;
    for (const char32_t c : text) text::append_utf8(bytes, c);
    return quoted(bytes);
}

// Some strings of a list.
std::string some_of(std::span<const std::string> strings) {
    constexpr std::size_t kShown = 4;
    std::string out;
    for (std::size_t i = 0; i < std::min(strings.size(), kShown); ++i) {
        out += (i == 0 ? "" : ", ") + quoted(strings[i]);
    }
    if (strings.size() > kShown) {
        out += " and " + std::to_string(strings.size() - kShown) + " more";
    }
    return out;
}

std::string times(const Node& node) {
    if (node.max == kUnbounded) return std::to_string(node.min) + " or more times";
    if (node.min == node.max) return std::to_string(node.min) + " times";
    return std::to_string(node.min) + " to " + std::to_string(node.max) + " times";
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
            return describe(node.subs.front()) + " " + times(node);
        case Op::kAlternate:
            return std::to_string(node.subs.size()) + " alternatives";
        case Op::kConcat:
            return node.subs.empty() ? "nothing"
                                     : describe(node.subs.front()) + " and what follows";
        default:
            return "an assertion";
    }
}

// Why an element gives no string at all, or only one character.
std::string why_no_string(const Node& node) {
    switch (node.op) {
        case Op::kLiteral:
            if (!has_many_forms(node, node.text.front())) return "is one character alone";
            return node.text.front() == text::kReplacement
                       ? "is every invalid byte as well, which has no one form"
                       : "is a letter outside ASCII that matches in either case";
        case Op::kClass: {
            if (!starts_of(node).strings.empty()) return "is one character alone";
            const bool is_ascii =
                std::all_of(node.ranges.begin(), node.ranges.end(),
                            [](const CodePointRange& range) { return range.high < 0x80; });
            return is_ascii ? "can be more than " + std::to_string(kMaxClassMembers) + " characters"
                            : "can be characters outside ASCII";
        }
        case Op::kCapture:
            return why_no_string(node.subs.front());
        case Op::kRepeat:
            return node.min == 0 ? "may be absent" : why_no_string(node.subs.front());
        case Op::kConcat:
            return node.subs.empty() ? "is nothing" : why_no_string(node.subs.front());
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

// Why the sequence from this element on, which stands behind what is bounded or not, has no core.
std::string why_no_core(std::span<const Node> rest, bool is_bounded) {
    const Node& node = rest.front();
    if (starts_of(node).strings.empty()) return why_no_string(node);
    const Starts starts = starts_of_sequence(rest);
    if (shortest(starts.strings) >= kMinLiteralLength) {
        if (!is_bounded) {
            return "gives only two characters, and behind what can be of any length a string must "
                   "have " +
                   std::to_string(kSelectiveLength);
        }
        return "has " + std::to_string(starts.strings.size()) +
               " beginnings of two characters, which stand nearly everywhere";
    }
    if (starts.is_full) {
        return "has more than " + std::to_string(kMaxLiterals) + " beginnings of two characters";
    }
    return why_no_string(node);
}

bool is_assertion(const Node& node) {
    return node.op == Op::kEmpty || node.op == Op::kBeginLine || node.op == Op::kEndLine ||
           node.op == Op::kBeginText || node.op == Op::kEndText || node.op == Op::kWordBoundary ||
           node.op == Op::kNoWordBoundary;
}

// How many lengths a count leaves open, where it counts single characters.
int open_lengths(const Node& node) {
    if (node.op != Op::kRepeat || node.max == kUnbounded) return 0;
    const Op counted = node.subs.front().op;
    const bool is_character =
        counted == Op::kClass || counted == Op::kAny || counted == Op::kAnyNotNewline;
    return is_character ? node.max - node.min : 0;
}

std::string search_words(const Node& root, const SearchWay& way) {
    switch (way.kind) {
        case SearchWay::Kind::kAtBegin:
            return "every match begins where the text does, and the expression reads from there as "
                   "far as it may match";
        case SearchWay::Kind::kRun:
            return "runs of " + std::to_string(way.run_bytes) +
                   " bytes that may begin a match are looked for by leaps, and the expression runs "
                   "from each";
        case SearchWay::Kind::kStrings:
            return "one of " + some_of(way.strings) +
                   " begins every match; their places are looked for, and the expression runs from "
                   "each";
        case SearchWay::Kind::kAutomaton:
            break;
    }
    const std::uint32_t byte = required_byte(root);
    if (byte == kNoRequiredByte) return "the expression's automaton reads every byte";
    return "one without " + quoted(std::string(1, static_cast<char>(byte))) +
           " is passed over, and of the others the expression's automaton reads every byte";
}

std::string reasons_of(const Node& root, bool& needs_longer) {
    constexpr std::size_t kMaxReasons = 4;
    const std::vector<Node> sequence = sequence_of(root);
    std::string reasons;
    std::size_t count = 0;
    std::size_t prefix_bytes = 0;
    for (std::size_t i = 0; i < sequence.size(); ++i) {
        const bool is_bounded = prefix_bytes <= kMaxPrefixBytes;
        const auto bytes = max_length_bytes(sequence[i]);
        prefix_bytes = bytes && is_bounded ? prefix_bytes + *bytes : kUnboundedPrefix;
        if (is_assertion(sequence[i])) continue;
        const std::span<const Node> rest = std::span(sequence).subspan(i);
        needs_longer = needs_longer || (!is_bounded && shortest(starts_of_sequence(rest).strings) >=
                                                           kMinLiteralLength);
        if (count++ >= kMaxReasons) continue;
        reasons += (reasons.empty() ? "" : "; ") + describe(sequence[i]) + " " +
                   why_no_core(rest, is_bounded);
    }
    if (count > kMaxReasons) {
        reasons += "; and so on for " + std::to_string(count - kMaxReasons) + " more parts";
    }
    return reasons.empty() ? "it consists of assertions alone" : reasons;
}

}  // namespace

std::string explain_dear_count(const Node& root) {
    // Fewer states than these are as good as none.
    constexpr int kManyLengths = 16;
    const std::vector<Node> sequence = sequence_of(root);
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

std::string explain_no_core(const Node& root, std::span<const std::string> required,
                            const SearchWay& way) {
    if (!required.empty()) {
        return "of the strings " + some_of(required) +
               " one stands in every match, but in an alternative or in what is repeated, which "
               "does not tell where the match begins; so each text that has one is looked at: " +
               search_words(root, way) +
               ". Faster is a string of three characters that every alternative has in common, or "
               "a rule for each alternative";
    }
    bool needs_longer = false;
    const std::string reasons = reasons_of(root, needs_longer);
    return "no string tells where a match may be: " + reasons +
           ". So the expression is asked of every text: " + search_words(root, way) + ". " +
           (needs_longer ? "Make the string of two characters longer, or give what stands before "
                           "it an upper bound (such as {0,50})"
                         : "Put a fixed string of three characters or more into every match");
}

}  // namespace merlon::match
