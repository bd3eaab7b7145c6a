#include "match/prefixes.h"

#include <algorithm>
#include <utility>

#include "text/utf8.h"

namespace merlon::match {
namespace {

using Strings = std::vector<std::string>;

void make_unique(Strings& strings) {
    std::sort(strings.begin(), strings.end());
    strings.erase(std::unique(strings.begin(), strings.end()), strings.end());
}

// What may have been read so far. Where it is `exact` the strings are all of it, and what comes
// next follows on; otherwise more may stand behind each.
struct Read {
    Strings strings;
    bool exact = true;
};

class Walker {
  public:
    explicit Walker(const PrefixLimits& limits) : limits_(limits) {}

    // Nothing (no strings) where too much can be read.
    Read walk(const Node& node) const {
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
            case Op::kConcat: {
                Read all{{""}, true};
                for (const Node& sub : node.subs) {
                    if (!append(all, walk(sub))) break;
                }
                return all;
            }
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

    Read ranges(const CodePointRanges& ranges) const {
        Read read;
        for (const CodePointRange range : ranges) {
            for (char32_t point = range.low; point <= range.high; ++point) {
                if (read.strings.size() >= limits_.max_strings) return {{}, false};
                // An invalid byte reads as this one.
                if (point == text::kReplacement) return {{}, false};
                if (point >= 0xD800 && point <= 0xDFFF) continue;
                text::append_utf8(read.strings.emplace_back(), point);
            }
        }
        make_unique(read.strings);
        return read;
    }

    Read literal(const Node& node) const {
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
                text::append_utf8(string, point);
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

    Read repeat(const Node& node) const {
        if (node.max == 0) return {{""}, true};
        Read one = walk(node.subs.front());
        if (node.min == 0) {
            if (one.strings.empty()) return {{""}, false};
            one.exact = one.exact && node.max == 1;
            one.strings.emplace_back();
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

    Read alternate(const Node& node) const {
        Read all;
        for (const Node& sub : node.subs) {
            const Read one = walk(sub);
            if (one.strings.empty() && sub.op != Op::kNoMatch) return {{}, false};
            all.exact = all.exact && one.exact;
            all.strings.insert(all.strings.end(), one.strings.begin(), one.strings.end());
            if (all.strings.size() > limits_.max_strings) return {{}, false};
        }
        make_unique(all.strings);
        return all;
    }

    PrefixLimits limits_;
};

}  // namespace

Prefixes required_prefixes(const Node& root, const PrefixLimits& limits) {
    Read read = Walker(limits).walk(root);
    const bool tells = std::all_of(read.strings.begin(), read.strings.end(),
                                   [](const std::string& string) { return !string.empty(); });
    if (!tells || read.strings.empty()) return {};
    return {std::move(read.strings), read.exact};
}

}  // namespace merlon::match
