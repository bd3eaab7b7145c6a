#include "match/tree_builder.h"

#include <algorithm>
#include <utility>

namespace merlon::match {
namespace {

// 128 MiB of 40-byte instructions, and of 4-byte code points: Go's bounds for one expression.
constexpr std::int64_t kMaxSize = (std::int64_t{128} << 20) / 40;
constexpr std::size_t kMaxRangeEnds = (std::size_t{128} << 20) / 4;

bool is_pseudo(const Node& node) { return node.op == Op::kOpenGroup || node.op == Op::kBar; }

// What can be one class: a single character of any kind.
bool is_class_like(const Node& node) {
    return (node.op == Op::kLiteral && node.text.size() == 1) || node.op == Op::kClass ||
           node.op == Op::kAnyNotNewline || node.op == Op::kAny;
}

bool matches_newline(const Node& node) {
    switch (node.op) {
        case Op::kLiteral:
            return node.text == U"\n";
        case Op::kClass:
            return std::any_of(node.ranges.begin(), node.ranges.end(), [](CodePointRange range) {
                return range.low <= '\n' && range.high >= '\n';
            });
        default:
            return node.op == Op::kAny;
    }
}

void append_literal(CodePointRanges& ranges, const Node& literal) {
    const char32_t point = literal.text.front();
    if (literal.fold_case) {
        append_folded_range(ranges, point, point);
    } else {
        append_range(ranges, point, point);
    }
}

// into = into | other, where `into` is the one whose operator comes later.
void merge_classes(Node& into, const Node& other) {
    switch (into.op) {
        case Op::kAnyNotNewline:
            if (matches_newline(other)) into.op = Op::kAny;
            break;
        case Op::kClass:
            if (other.op == Op::kLiteral) {
                append_literal(into.ranges, other);
            } else {
                for (const CodePointRange range : other.ranges) {
                    append_range(into.ranges, range.low, range.high);
                }
            }
            break;
        case Op::kLiteral:
            if (other.text == into.text && other.flags == into.flags &&
                other.fold_case == into.fold_case) {
                break;
            }
            append_literal(into.ranges, into);
            append_literal(into.ranges, other);
            into.op = Op::kClass;
            into.text.clear();
            break;
        default:
            break;
    }
    into.size = 0;
}

void tidy_class(Node& node) {
    if (node.op != Op::kClass) return;
    clean(node.ranges);
    const CodePointRanges any = {{0, kMaxCodePoint}};
    const CodePointRanges any_not_newline = {{0, '\n' - 1}, {'\n' + 1, kMaxCodePoint}};
    if (node.ranges != any && node.ranges != any_not_newline) return;
    node.op = node.ranges == any ? Op::kAny : Op::kAnyNotNewline;
    node.ranges.clear();
}

// Go refuses (x{1000}){1000}: the product of nested counts is bounded.
bool repeat_is_valid(const Node& node, int budget) {
    if (node.op == Op::kRepeat) {
        if (node.max == 0) return true;
        const int times = node.max == kUnbounded ? node.min : node.max;
        if (times > budget) return false;
        if (times > 0) budget /= times;
    }
    return std::all_of(node.subs.begin(), node.subs.end(),
                       [budget](const Node& sub) { return repeat_is_valid(sub, budget); });
}

// [Aa], and the like: one code point in either case, whose orbit is a pair.
bool is_case_pair(const CodePointRanges& ranges) {
    const auto pair = [](char32_t a, char32_t b) {
        return simple_fold(a) == b && simple_fold(b) == a;
    };
    if (ranges.size() == 2) {
        return ranges[0].low == ranges[0].high && ranges[1].low == ranges[1].high &&
               pair(ranges[0].low, ranges[1].low);
    }
    return ranges.size() == 1 && ranges[0].low + 1 == ranges[0].high &&
           pair(ranges[0].low, ranges[0].high);
}

}  // namespace

bool same_expression(const Node& a, const Node& b) {
    if (a.op != b.op) return false;
    switch (a.op) {
        case Op::kEndText:
            return a.is_dollar == b.is_dollar;
        case Op::kLiteral:
            return a.fold_case == b.fold_case && a.text == b.text;
        case Op::kClass:
            return a.ranges == b.ranges;
        case Op::kRepeat:
            if (a.non_greedy != b.non_greedy || a.min != b.min || a.max != b.max) return false;
            break;
        case Op::kCapture:
            if (a.capture_index != b.capture_index) return false;
            break;
        default:
            break;
    }
    return std::equal(a.subs.begin(), a.subs.end(), b.subs.begin(), b.subs.end(), same_expression);
}

Node TreeBuilder::make(Op op, std::uint8_t flags) {
    if (free_ > 0) {
        --free_;
    } else {
        ++made_;
    }
    Node node;
    node.op = op;
    node.flags = flags;
    return node;
}

void TreeBuilder::push_literal(char32_t point, std::uint8_t flags) {
    Node node = make(Op::kLiteral, flags);
    node.fold_case = (flags & kFlagFoldCase) != 0;
    node.text.push_back(node.fold_case ? smallest_fold(point) : point);
    push(std::move(node), flags);
}

void TreeBuilder::push(Node node, std::uint8_t flags) {
    range_ends_ += node.op == Op::kClass ? node.ranges.size() * 2 : node.text.size();
    if (node.op == Op::kClass) {
        const bool single = node.ranges.size() == 1 && node.ranges[0].low == node.ranges[0].high;
        if (single || is_case_pair(node.ranges)) {
            const char32_t point = node.ranges[0].low;
            const auto literal_flags =
                static_cast<std::uint8_t>(single ? flags & ~kFlagFoldCase : flags | kFlagFoldCase);
            if (join_literals(point, true, literal_flags)) return;
            node.op = Op::kLiteral;
            node.flags = literal_flags;
            node.fold_case = !single;
            node.text.assign(1, point);
            node.ranges.clear();
        } else {
            join_literals(0, false, 0);
        }
    } else {
        join_literals(0, false, 0);
    }
    check_limits(node);
    stack_.push_back(std::move(node));
}

// The two literals on top become one, now that no repetition can take the last character away. The
// node that gets free becomes the literal `next`, if there is one; says whether it did.
bool TreeBuilder::join_literals(char32_t next, bool has_next, std::uint8_t flags) {
    if (stack_.size() < 2) return false;
    Node& top = stack_.back();
    Node& below = stack_[stack_.size() - 2];
    if (top.op != Op::kLiteral || below.op != Op::kLiteral || top.fold_case != below.fold_case) {
        return false;
    }
    below.text += top.text;
    below.size = 0;
    if (has_next) {
        top.text.assign(1, next);
        top.flags = flags;
        top.fold_case = (flags & kFlagFoldCase) != 0;
        top.size = 0;
        return true;
    }
    stack_.pop_back();
    discard(1);
    return false;
}

void TreeBuilder::open_group(int capture_index, std::string name, std::uint8_t flags) {
    Node node = make(Op::kOpenGroup, flags);
    node.capture_index = capture_index;
    node.capture_name = std::move(name);
    push(std::move(node), flags);
}

bool TreeBuilder::has_repeatable() const { return !stack_.empty() && !is_pseudo(stack_.back()); }

TreeBuilder::Repeat TreeBuilder::repeat(int min, int max, std::uint8_t flags) {
    Node node = make(Op::kRepeat, flags);
    node.min = min;
    node.max = max;
    node.non_greedy = (flags & kFlagNonGreedy) != 0;
    node.subs.push_back(std::move(stack_.back()));
    check_limits(node);
    const bool valid = (min < 2 && max < 2) || repeat_is_valid(node, kMaxRepeat);
    stack_.back() = std::move(node);
    return valid ? Repeat::kDone : Repeat::kTooMany;
}

// What stands above the innermost '(' or '|'.
std::vector<Node> TreeBuilder::take_above_group() {
    auto first = stack_.end();
    while (first != stack_.begin() && !is_pseudo(*(first - 1))) --first;
    std::vector<Node> nodes(std::make_move_iterator(first), std::make_move_iterator(stack_.end()));
    stack_.erase(first, stack_.end());
    return nodes;
}

void TreeBuilder::concat(std::uint8_t flags) {
    join_literals(0, false, 0);
    std::vector<Node> nodes = take_above_group();
    push(nodes.empty() ? make(Op::kEmpty, 0) : collapse(std::move(nodes), Op::kConcat), flags);
}

void TreeBuilder::alternate(std::uint8_t flags) {
    std::vector<Node> nodes = take_above_group();
    if (!nodes.empty()) tidy_class(nodes.back());
    push(nodes.empty() ? make(Op::kNoMatch, 0) : collapse(std::move(nodes), Op::kAlternate), flags);
}

// The piece above a '|' goes below it, to the alternatives that are complete; single characters
// that meet there become one class. Says whether there was a '|'.
bool TreeBuilder::swap_bar() {
    const std::size_t n = stack_.size();
    if (n < 2 || stack_[n - 2].op != Op::kBar) return false;
    if (n >= 3 && is_class_like(stack_[n - 1]) && is_class_like(stack_[n - 3])) {
        if (stack_[n - 1].op > stack_[n - 3].op) std::swap(stack_[n - 1], stack_[n - 3]);
        merge_classes(stack_[n - 3], stack_[n - 1]);
        stack_.pop_back();
        discard(1);
        return true;
    }
    if (n >= 3) tidy_class(stack_[n - 3]);
    std::swap(stack_[n - 1], stack_[n - 2]);
    return true;
}

void TreeBuilder::bar(std::uint8_t flags) {
    concat(flags);
    if (!swap_bar()) push_operator(Op::kBar, flags);
}

bool TreeBuilder::close_group(std::uint8_t& flags) {
    concat(flags);
    if (swap_bar()) stack_.pop_back();
    alternate(flags);
    const std::size_t n = stack_.size();
    if (n < 2 || stack_[n - 2].op != Op::kOpenGroup) return false;
    Node body = std::move(stack_[n - 1]);
    Node group = std::move(stack_[n - 2]);
    stack_.resize(n - 2);
    flags = group.flags;
    if (group.capture_index == 0) {
        push(std::move(body), flags);
        return true;
    }
    group.op = Op::kCapture;
    group.subs.push_back(std::move(body));
    group.height = 0;
    group.size = 0;
    push(std::move(group), flags);
    return true;
}

bool TreeBuilder::finish(Node& root, std::uint8_t flags) {
    concat(flags);
    if (swap_bar()) stack_.pop_back();
    alternate(flags);
    if (stack_.size() != 1) return false;
    root = std::move(stack_.front());
    stack_.clear();
    return true;
}

// `op` over the pieces; pieces that are `op` themselves give theirs.
Node TreeBuilder::collapse(std::vector<Node> subs, Op op) {
    if (subs.size() == 1) return std::move(subs.front());
    if (op == Op::kAlternate) {
        std::vector<Branch> branches;
        branches.reserve(subs.size());
        for (Node& sub : subs) branches.push_back({std::move(sub), 0});
        return alternatives(std::move(branches), 0);
    }
    Node node = make(op, 0);
    for (Node& sub : subs) {
        if (sub.op == op) {
            std::move(sub.subs.begin(), sub.subs.end(), std::back_inserter(node.subs));
            discard(1);
        } else {
            node.subs.push_back(std::move(sub));
        }
    }
    return node;
}

// Shared beginnings. Each level of sharing adds to the height, so a tree that would need more
// levels than kMaxHeight is refused anyway, and the recursion stops.
std::vector<Node> TreeBuilder::factor(std::vector<Branch> branches, int depth) {
    if (depth > kMaxHeight) {
        break_limit(Limit::kTooDeep);
        return {};
    }
    if (branches.size() > 1) {
        branches = share_strings(std::move(branches), depth);
        branches = share_pieces(std::move(branches), depth);
        branches = join_classes(std::move(branches));
    }
    std::vector<Node> subs;
    for (std::size_t i = 0; i < branches.size(); ++i) {
        // Neighbours that are empty count once.
        if (i + 1 < branches.size() && branches[i].node.op == Op::kEmpty &&
            branches[i + 1].node.op == Op::kEmpty) {
            continue;
        }
        subs.push_back(materialize(std::move(branches[i])));
    }
    return subs;
}

// The branches as one node; a branch that has come down to alternatives gives them.
Node TreeBuilder::alternatives(std::vector<Branch> branches, int depth) {
    Node node = make(Op::kAlternate, 0);
    std::vector<Branch> all;
    all.reserve(branches.size());
    for (Branch& branch : branches) {
        if (branch.node.op == Op::kAlternate) {
            for (Node& sub : branch.node.subs) all.push_back({std::move(sub), 0});
            discard(1);
        } else {
            all.push_back(std::move(branch));
        }
    }
    node.subs = factor(std::move(all), depth);
    if (node.subs.size() != 1) return node;
    discard(1);
    return Node(std::move(node.subs.front()));
}

Node TreeBuilder::materialize(Branch branch) {
    if (branch.first > 0) {
        branch.node.subs.erase(
            branch.node.subs.begin(),
            branch.node.subs.begin() + static_cast<std::ptrdiff_t>(branch.first));
    }
    return std::move(branch.node);
}

namespace {

const Node& leading_node(const Node& node, std::size_t first) {
    return node.op == Op::kConcat && first < node.subs.size() ? node.subs[first] : node;
}

}  // namespace

// prefix(?:rest|rest|…)
Node TreeBuilder::shared(Node prefix, std::vector<Branch> rest, int depth) {
    Node suffix = alternatives(std::move(rest), depth + 1);
    Node node = make(Op::kConcat, 0);
    node.subs.push_back(std::move(prefix));
    node.subs.push_back(std::move(suffix));
    return node;
}

// Round 1: common strings.
std::vector<TreeBuilder::Branch> TreeBuilder::share_strings(std::vector<Branch> branches,
                                                            int depth) {
    std::vector<Branch> out;
    std::u32string common;
    bool common_folds = false;
    std::size_t start = 0;
    for (std::size_t i = 0; i <= branches.size(); ++i) {
        std::u32string_view string;
        bool folds = false;
        if (i < branches.size()) {
            const Node& lead = leading_node(branches[i].node, branches[i].first);
            if (lead.op == Op::kLiteral) {
                string = lead.text;
                folds = lead.fold_case;
            }
            if (folds == common_folds && i > start) {
                const auto [end, other] =
                    std::mismatch(common.begin(), common.end(), string.begin(), string.end());
                const auto same = static_cast<std::size_t>(end - common.begin());
                if (same > 0) {
                    common.resize(same);
                    continue;
                }
            }
        }
        if (i == start + 1) out.push_back(std::move(branches[start]));
        if (i > start + 1) {
            Node prefix = make(Op::kLiteral, common_folds ? kFlagFoldCase : 0);
            prefix.fold_case = common_folds;
            prefix.text = common;
            std::vector<Branch> rest(
                std::make_move_iterator(branches.begin() + static_cast<std::ptrdiff_t>(start)),
                std::make_move_iterator(branches.begin() + static_cast<std::ptrdiff_t>(i)));
            for (Branch& branch : rest) remove_string(branch, common.size());
            out.push_back({shared(std::move(prefix), std::move(rest), depth), 0});
        }
        start = i;
        common = string;
        common_folds = folds;
    }
    return out;
}

void TreeBuilder::remove_string(Branch& branch, std::size_t length) {
    Node& node = branch.node;
    node.size = 0;
    if (node.op == Op::kLiteral) {
        node.text.erase(0, length);
        if (node.text.empty()) node.op = Op::kEmpty;
        return;
    }
    Node& lead = node.subs[branch.first];
    lead.text.erase(0, length);
    lead.size = 0;
    if (lead.text.empty()) remove_piece(branch, 1);
}

// Takes the first piece of a sequence away; `discarded` nodes come free by that.
void TreeBuilder::remove_piece(Branch& branch, std::size_t discarded) {
    discard(discarded);
    Node& node = branch.node;
    if (node.op != Op::kConcat) {
        branch = {make(Op::kEmpty, 0), 0};
        return;
    }
    node.height = 0;
    node.size = 0;
    ++branch.first;
    if (node.subs.size() - branch.first == 1) {
        discard(1);
        branch = {Node(std::move(node.subs.back())), 0};
    }
}

// Round 2: a common first piece, where it is a class or a fixed count of one. Anything with a
// choice inside must stay apart, since sharing it would change which way is tried first.
std::vector<TreeBuilder::Branch> TreeBuilder::share_pieces(std::vector<Branch> branches,
                                                           int depth) {
    const auto may_share = [](const Node& node) {
        return is_class_like(node) ||
               (node.op == Op::kRepeat && node.min == node.max && is_class_like(node.subs.front()));
    };
    std::vector<Branch> out;
    std::size_t start = 0;
    for (std::size_t i = 1; i <= branches.size(); ++i) {
        const Node& first = leading_node(branches[start].node, branches[start].first);
        if (i < branches.size()) {
            const Node& lead = leading_node(branches[i].node, branches[i].first);
            if (lead.op != Op::kEmpty && may_share(first) && same_expression(first, lead)) continue;
        }
        if (i == start + 1) {
            out.push_back(std::move(branches[start]));
        } else {
            Node prefix = first;
            std::vector<Branch> rest(
                std::make_move_iterator(branches.begin() + static_cast<std::ptrdiff_t>(start)),
                std::make_move_iterator(branches.begin() + static_cast<std::ptrdiff_t>(i)));
            for (std::size_t j = 0; j < rest.size(); ++j) remove_piece(rest[j], j == 0 ? 0 : 1);
            out.push_back({shared(std::move(prefix), std::move(rest), depth), 0});
        }
        start = i;
    }
    return out;
}

// Round 3: neighbours that are single characters become one class.
std::vector<TreeBuilder::Branch> TreeBuilder::join_classes(std::vector<Branch> branches) {
    std::vector<Branch> out;
    std::size_t start = 0;
    for (std::size_t i = 0; i <= branches.size(); ++i) {
        if (i < branches.size() && is_class_like(branches[i].node)) continue;
        if (i == start + 1) out.push_back(std::move(branches[start]));
        if (i > start + 1) {
            std::size_t largest = start;
            for (std::size_t j = start + 1; j < i; ++j) {
                const Node& a = branches[largest].node;
                const Node& b = branches[j].node;
                if (a.op < b.op || (a.op == b.op && a.ranges.size() < b.ranges.size())) largest = j;
            }
            std::swap(branches[start], branches[largest]);
            for (std::size_t j = start + 1; j < i; ++j) {
                merge_classes(branches[start].node, branches[j].node);
                discard(1);
            }
            tidy_class(branches[start].node);
            out.push_back(std::move(branches[start]));
        }
        if (i < branches.size()) out.push_back(std::move(branches[i]));
        start = i + 1;
    }
    return out;
}

void TreeBuilder::check_limits(Node& node) {
    if (range_ends_ > kMaxRangeEnds) break_limit(Limit::kTooLarge);
    if (counts_size(node)) {
        node.size = 0;
        if (size_of(node) > kMaxSize) break_limit(Limit::kTooLarge);
    }
    node.height = 0;
    if (height_of(node) > kMaxHeight) break_limit(Limit::kTooDeep);
}

// Go counts only once the number of nodes times the product of all counts comes near the limit.
bool TreeBuilder::counts_size(const Node& node) {
    if (counting_) return true;
    if (node.op == Op::kRepeat && (node.max > 1 || node.min > 1)) {
        const int times = node.max == kUnbounded ? node.min : node.max;
        repeats_ = times > kMaxSize / repeats_ ? kMaxSize : repeats_ * times;
    }
    counting_ = static_cast<std::int64_t>(made_) >= kMaxSize / repeats_;
    return counting_;
}

int TreeBuilder::height_of(Node& node) {
    if (node.height != 0) return node.height;
    int tallest = 0;
    for (Node& sub : node.subs) tallest = std::max(tallest, height_of(sub));
    return node.height = tallest + 1;
}

std::int64_t TreeBuilder::size_of(Node& node) {
    if (node.size != 0) return node.size;
    std::int64_t size = 0;
    for (Node& sub : node.subs) size = std::min(size + size_of(sub), 1000 * kMaxSize);
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
    return node.size = std::max<std::int64_t>(1, size);
}

}  // namespace merlon::match
