#include "match/analysis.h"

#include <algorithm>

#include "match/byte_frequency.h"
#include "match/starts.h"

namespace merlon::match {
namespace {

// As much of each of many strings as is looked for: what a few hits more cost is less than what
// each string more costs the search for all of them.
constexpr std::size_t kTellingLength = 6;

using Strings = std::vector<std::string>;

// What is found wherever these strings are, with as few strings as are worth their time.
Strings telling(Strings strings) {
    const auto drop_longer = [&strings] {
        sort_once(strings);
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
    const std::vector<Node> sequence = sequence_of(root);
    std::optional<Core> best;
    std::size_t best_length = kMinLiteralLength - 1;
    std::size_t best_index = 0;
    std::size_t prefix_bytes = 0;
    for (std::size_t i = 0; i < sequence.size(); ++i) {
        const bool is_bounded = prefix_bytes <= kMaxPrefixBytes;
        if (!is_bounded && best && best->max_prefix_bytes != kUnboundedPrefix) break;
        const Starts starts = starts_of_sequence(std::span(sequence).subspan(i));
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
    const std::vector<Node> sequence = sequence_of(root);
    Strings best;
    const auto take = [&best](const Strings& strings) {
        const std::size_t length = shortest(strings);
        if (length >= kSelectiveLength && length > shortest(best)) best = strings;
    };
    for (std::size_t i = 0; i < sequence.size(); ++i) {
        take(starts_of_sequence(std::span(sequence).subspan(i)).strings);
        const Node& node = sequence[i];
        if (node.op == Op::kAlternate) take(find_required(node));
        if (node.op == Op::kRepeat && node.min > 0) take(find_required(node.subs.front()));
    }
    return telling(std::move(best));
}

}  // namespace merlon::match
