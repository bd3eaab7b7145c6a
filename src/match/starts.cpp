#include "match/starts.h"

#include <algorithm>

#include "text/utf8.h"

namespace merlon::match {
namespace {

using Strings = std::vector<std::string>;

constexpr std::size_t kMaxLiteralLength = 24;

void append_lower(std::string& out, char32_t c) {
    if (is_literal_ascii(c)) {
        out.push_back(lower(c));
    } else {
        text::append_utf8(out, c);
    }
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
    sort_once(left);
    return true;
}

// Up to the first character that has many forms.
Starts starts_of_literal(const Node& node) {
    Starts starts{{""}, true};
    std::string& literal = starts.strings.front();
    for (const char32_t c : node.text) {
        starts.exact = !has_many_forms(node, c);
        if (!starts.exact) break;
        append_lower(literal, c);
    }
    if (literal.size() > kMaxLiteralLength) {
        literal.resize(kMaxLiteralLength);
        starts.exact = false;
    }
    return literal.empty() ? Starts{} : starts;
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
    sort_once(members);
    if (members.size() > kMaxClassMembers) return {};
    return {std::move(members), true};
}

Starts starts_of_repeat(const Node& node) {
    if (node.min == 0) {
        if (node.max != 1) return {};
        Starts optional = starts_of(node.subs.front());
        if (!optional.exact) return {};
        optional.strings.emplace_back();
        sort_once(optional.strings);
        return optional;
    }
    const std::vector<Node> copies(static_cast<std::size_t>(std::min(node.min, 8)),
                                   node.subs.front());
    Starts starts = starts_of_sequence(copies);
    starts.exact = starts.exact && node.max == node.min && node.min <= 8;
    return starts;
}

Node without_captures(Node node) {
    for (Node& sub : node.subs) sub = without_captures(std::move(sub));
    if (node.op != Op::kCapture) return node;
    Node content = std::move(node.subs.front());
    return content;
}

// The characters that have many forms, each alone, and what stands between them.
void cut_literal(const Node& literal, std::vector<Node>& out) {
    std::u32string open;  // the piece that may go on
    const auto close = [&] {
        if (open.empty()) return;
        out.push_back(literal);
        out.back().text = std::move(open);
        open.clear();
    };
    for (const char32_t c : literal.text) {
        if (has_many_forms(literal, c)) close();
        open.push_back(c);
        if (has_many_forms(literal, c)) close();
    }
    close();
}

void flatten(const Node& node, std::vector<Node>& out) {
    if (node.op == Op::kConcat || node.op == Op::kCapture) {
        for (const Node& sub : node.subs) flatten(sub, out);
    } else if (node.op == Op::kLiteral) {
        cut_literal(node, out);
    } else {
        out.push_back(without_captures(node));
    }
}

}  // namespace

char lower(char32_t c) {
    if (c == 0x130) return 'i';
    if (c == 0x17F) return 's';
    if (c == 0x212A) return 'k';
    return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

bool is_literal_ascii(char32_t c) { return c < 0x80 || c == 0x130 || c == 0x17F || c == 0x212A; }

bool has_many_forms(const Node& literal, char32_t c) {
    return c == text::kReplacement || (literal.fold_case && !is_literal_ascii(c));
}

void sort_once(std::vector<std::string>& strings) {
    std::sort(strings.begin(), strings.end());
    strings.erase(std::unique(strings.begin(), strings.end()), strings.end());
}

std::size_t shortest(const std::vector<std::string>& strings) {
    std::size_t length = strings.empty() ? 0 : strings.front().size();
    for (const std::string& string : strings) length = std::min(length, string.size());
    return length;
}

Starts starts_of_sequence(std::span<const Node> elements) {
    Starts all{{""}, true};
    for (const Node& node : elements) {
        const Starts next = starts_of(node);
        const bool is_worth_it =
            next.strings.size() <= kManyStrings || shortest(all.strings) < kSelectiveLength;
        if (next.strings.empty() || !is_worth_it || !append_product(all.strings, next.strings)) {
            all.exact = false;
            all.is_full = !next.strings.empty();
            return all;
        }
        all.is_full = next.is_full;
        if (!next.exact) {
            all.exact = false;
            return all;
        }
    }
    return all;
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
        case Op::kLiteral:
            return starts_of_literal(node);
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
            return starts_of_sequence(node.subs);
        case Op::kAlternate: {
            Starts all{{}, true};
            for (const Node& sub : node.subs) {
                const Starts one = starts_of(sub);
                if (one.strings.empty()) return {};
                all.exact = all.exact && one.exact;
                all.strings.insert(all.strings.end(), one.strings.begin(), one.strings.end());
                if (all.strings.size() > kMaxLiterals) return {};
            }
            sort_once(all.strings);
            return all;
        }
    }
    return {};
}

std::vector<Node> sequence_of(const Node& root) {
    std::vector<Node> sequence;
    flatten(root, sequence);
    return sequence;
}

}  // namespace merlon::match
