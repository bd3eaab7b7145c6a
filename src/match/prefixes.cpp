#include "match/prefixes.h"

#include <algorithm>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "match/byte_frequency.h"
#include "text/utf8.h"

namespace merlon::match {
namespace {

using Strings = std::vector<std::string>;

// The first of equal ones stays: it is the one that the expression prefers.
void make_unique(Strings& strings) {
    std::unordered_set<std::string_view> seen;
    Strings kept;
    for (const std::string& string : strings) {
        if (seen.insert(string).second) kept.push_back(string);
    }
    strings = std::move(kept);
}

// Where most of the strings are one string in many cases: as much of each as tells most places
// apart, because each that begins alike is compared where one of them may stand.
void shorten(Strings& strings) {
    constexpr std::size_t kMany = 8;
    constexpr std::size_t kTellingBytes = 8;
    if (strings.size() <= kMany) return;
    Strings shorter;
    for (const std::string& string : strings) shorter.push_back(string.substr(0, kTellingBytes));
    make_unique(shorter);
    if (shorter.size() <= strings.size() / 2) strings = std::move(shorter);
}

bool is_letter(char32_t point) {
    return (point >= 'a' && point <= 'z') || (point >= 'A' && point <= 'Z');
}

// What may have been read so far. Where it is `exact` the strings are all of it, and what comes
// next follows on; otherwise more may stand behind each.
struct Read {
    Strings strings;
    bool exact = true;
};

class Walker {
  public:
    Walker(const PrefixLimits& limits, LiteralFold fold) : limits_(limits), fold_(fold) {}

    // Whether letters are read in either case that the expression reads in one.
    bool is_widened() const { return is_widened_; }

    // Nothing (no strings) where too much can be read.
    Read walk(const Node& node) {
        switch (node.op) {
            case Op::kLiteral:
                return literal(node);
            case Op::kClass:
                return ranges(node.ranges);
            case Op::kNoMatch:
            case Op::kAny:
            case Op::kAnyNotNewline:
                return {{}, false};
            case Op::kCapture:
                return walk(node.subs.front());
            case Op::kRepeat:
                return repeat(node);
            case Op::kConcat:
                return concat(node);
            case Op::kAlternate:
                return alternate(node);
            default:
                return {{""}, true};
        }
    }

  private:
    // Puts `next` behind `all`; false where nothing more may follow.
    bool append(Read& all, const Read& next) const {
        if (!all.exact || next.strings.empty() ||
            all.strings.size() * next.strings.size() > limits_.max_strings) {
            all.exact = false;
            return false;
        }
        Strings joined;
        bool exact = next.exact;
        for (const std::string& a : all.strings) {
            for (const std::string& b : next.strings) {
                joined.push_back(a + b);
                // A single string may be as long as it likes: it may be all there is.
                if (all.strings.size() * next.strings.size() > 1 &&
                    joined.back().size() > limits_.max_length) {
                    joined.back().resize(limits_.max_length);
                    exact = false;
                }
            }
        }
        make_unique(joined);
        all = {std::move(joined), exact};
        return exact;
    }

    Read ranges(const CodePointRanges& ranges) {
        Read read;
        for (const CodePointRange range : ranges) {
            for (char32_t point = range.low; point <= range.high; ++point) {
                if (read.strings.size() >= limits_.max_strings) return {{}, false};
                // An invalid byte reads as this one.
                if (point == text::kReplacement) return {{}, false};
                if (point >= 0xD800 && point <= 0xDFFF) continue;
                if (folds(point) && !contains_other_case(ranges, point)) is_widened_ = true;
                text::append_utf8(read.strings.emplace_back(), folded(point));
            }
        }
        make_unique(read.strings);
        return read;
    }

    Read literal(const Node& node) {
        Read all{{""}, true};
        if (!node.fold_case) {
            std::string& string = all.strings.front();
            for (const char32_t point : node.text) {
                const bool is_plain =
                    point != text::kReplacement && (point < 0xD800 || point > 0xDFFF);
                if (!is_plain) {
                    all.exact = false;
                    break;
                }
                if (folds(point)) is_widened_ = true;
                text::append_utf8(string, folded(point));
            }
            return all;
        }
        for (const char32_t point : node.text) {
            CodePointRanges members;
            append_folded_range(members, point, point);
            clean(members);
            if (!append(all, ranges(members))) break;
        }
        return all;
    }

    Read concat(const Node& node) {
        Read all{{""}, true};
        const PrefixLimits limits = limits_;
        for (const Node& sub : node.subs) {
            // As many of each as may follow all that was read: shorter ones, rather than none.
            limits_.max_strings = limits.max_strings / all.strings.size();
            const Read next = walk(sub);
            limits_ = limits;
            if (!append(all, next)) break;
        }
        return all;
    }

    Read repeat(const Node& node) {
        if (node.max == 0) return {{""}, true};
        Read one = walk(node.subs.front());
        if (node.min == 0) {
            if (one.strings.empty()) return {{""}, false};
            one.exact = one.exact && node.max == 1;
            one.strings.emplace(node.non_greedy ? one.strings.begin() : one.strings.end());
            make_unique(one.strings);
            return one;
        }
        Read all{{""}, true};
        for (int i = 0; i < node.min; ++i) {
            if (!append(all, one)) return all;
        }
        all.exact = node.max == node.min;
        return all;
    }

    Read alternate(const Node& node) {
        Read all = alternate(node, limits_.max_strings);
        const std::size_t share = limits_.max_strings / node.subs.size();
        // Fewer of each, which are shorter then, rather than none at all.
        return all.strings.empty() && share > 1 ? alternate(node, share) : all;
    }

    Read alternate(const Node& node, std::size_t share) {
        Read all;
        const PrefixLimits limits = limits_;
        limits_.max_strings = share;
        for (const Node& sub : node.subs) {
            const Read one = walk(sub);
            if (one.strings.empty() && sub.op != Op::kNoMatch) {
                all = {{}, false};
                break;
            }
            all.exact = all.exact && one.exact;
            all.strings.insert(all.strings.end(), one.strings.begin(), one.strings.end());
            if (all.strings.size() > limits.max_strings) {
                all = {{}, false};
                break;
            }
        }
        limits_ = limits;
        make_unique(all.strings);
        return all;
    }

    bool folds(char32_t point) const { return fold_ == LiteralFold::kAscii && is_letter(point); }
    char32_t folded(char32_t point) const { return folds(point) ? point | 0x20 : point; }
    static bool contains_other_case(const CodePointRanges& ranges, char32_t letter) {
        const char32_t other = letter ^ 0x20;
        return std::any_of(ranges.begin(), ranges.end(), [&](const CodePointRange& range) {
            return range.low <= other && other <= range.high;
        });
    }

    PrefixLimits limits_;
    LiteralFold fold_;
    bool is_widened_ = false;
};

// Of two bytes the one that ordinary text has less often.
std::uint32_t rarer(std::uint32_t a, std::uint32_t b) {
    if (a == kNoRequiredByte || b == kNoRequiredByte) return std::min(a, b);
    const auto often = [](std::uint32_t byte) {
        return byte_frequency(static_cast<std::uint8_t>(byte));
    };
    return often(b) < often(a) ? b : a;
}

std::uint32_t rarest_byte(const Node& node) {
    std::uint32_t rarest = kNoRequiredByte;
    switch (node.op) {
        case Op::kLiteral:
            for (const char32_t point : node.text) {
                const bool has_one_form = point < 0x80 && !(node.fold_case && is_letter(point));
                if (has_one_form) rarest = rarer(rarest, static_cast<std::uint32_t>(point));
            }
            return rarest;
        case Op::kCapture:
            return rarest_byte(node.subs.front());
        case Op::kRepeat:
            return node.min > 0 ? rarest_byte(node.subs.front()) : kNoRequiredByte;
        case Op::kConcat:
            for (const Node& sub : node.subs) rarest = rarer(rarest, rarest_byte(sub));
            return rarest;
        default:
            return kNoRequiredByte;
    }
}

bool has_folding(const Node& node) {
    return (node.op == Op::kLiteral && node.fold_case) ||
           std::any_of(node.subs.begin(), node.subs.end(), has_folding);
}

}  // namespace

std::uint32_t required_byte(const Node& root) {
    constexpr std::uint32_t kRare = 300;  // in 65,536
    const std::uint32_t byte = rarest_byte(root);
    const bool is_rare =
        byte != kNoRequiredByte && byte_frequency(static_cast<std::uint8_t>(byte)) <= kRare;
    return is_rare ? byte : kNoRequiredByte;
}

Prefixes required_prefixes(const Node& root, const PrefixLimits& limits) {
    const LiteralFold fold = has_folding(root) ? LiteralFold::kAscii : LiteralFold::kExact;
    Walker walker(limits, fold);
    Read read = walker.walk(root);
    const bool tells = std::all_of(read.strings.begin(), read.strings.end(),
                                   [](const std::string& string) { return !string.empty(); });
    if (!tells || read.strings.empty()) return {};
    if (!read.exact) shorten(read.strings);
    return {std::move(read.strings), fold, read.exact && !walker.is_widened()};
}

}  // namespace merlon::match
