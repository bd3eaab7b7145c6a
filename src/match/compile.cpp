#include "match/compile.h"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

#include "match/utf8_trie.h"
#include "text/utf8.h"

namespace merlon::match {
namespace {

constexpr std::uint32_t kFailInst = 0;
constexpr std::uint32_t kMatchInst = 1;

std::uint32_t utf8_width(char32_t point) {
    return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
}

CodePointRanges any_code_point() { return {{0, kMaxCodePoint}}; }

CodePointRanges ranges_of(const Node& node) {
    switch (node.op) {
        case Op::kClass:
            return node.ranges;
        case Op::kAny:
            return any_code_point();
        default:
            return {{0, '\n' - 1}, {'\n' + 1, kMaxCodePoint}};
    }
}

CodePointRanges orbit_of(char32_t point) {
    CodePointRanges ranges;
    append_folded_range(ranges, point, point);
    clean(ranges);
    return ranges;
}

// What a piece is, known before it is compiled.
struct Facts {
    bool nullable = false;  // Go's sense: no byte has to be read
    bool fails = false;     // can never match
    std::uint32_t min_length = 0;
    std::uint32_t max_length = 0;
};

std::uint32_t add_lengths(std::uint32_t a, std::uint32_t b) {
    return a == kNoMaxLength || b == kNoMaxLength || a > kNoMaxLength - b ? kNoMaxLength : a + b;
}

std::uint32_t times_length(std::uint32_t length, int times) {
    const std::uint64_t product = std::uint64_t{length} * static_cast<std::uint64_t>(times);
    return length == kNoMaxLength || product > kNoMaxLength ? kNoMaxLength
                                                            : static_cast<std::uint32_t>(product);
}

Facts facts_of_ranges(const CodePointRanges& ranges) {
    Facts facts;
    if (ranges.empty()) {
        facts.fails = true;
        return facts;
    }
    facts.min_length = contains(ranges, text::kReplacement) ? 1 : utf8_width(ranges.front().low);
    facts.max_length = utf8_width(ranges.back().high);
    return facts;
}

class FactTable {
  public:
    const Facts& of(const Node& node) {
        if (const auto known = facts_.find(&node); known != facts_.end()) return known->second;
        return facts_.emplace(&node, work_out(node)).first->second;
    }

  private:
    Facts work_out(const Node& node) {
        Facts facts;
        switch (node.op) {
            case Op::kNoMatch:
                facts.fails = true;
                return facts;
            case Op::kLiteral:
                for (const char32_t point : node.text) {
                    const Facts one = facts_of_ranges(
                        node.fold_case ? orbit_of(point) : CodePointRanges{{point, point}});
                    facts.min_length = add_lengths(facts.min_length, one.min_length);
                    facts.max_length = add_lengths(facts.max_length, one.max_length);
                }
                facts.nullable = node.text.empty();
                return facts;
            case Op::kClass:
            case Op::kAny:
            case Op::kAnyNotNewline:
                return facts_of_ranges(ranges_of(node));
            case Op::kCapture:
                return of(node.subs.front());
            case Op::kRepeat:
                return of_repeat(node);
            case Op::kConcat:
                facts.nullable = true;
                for (const Node& sub : node.subs) {
                    const Facts one = of(sub);
                    facts.nullable = facts.nullable && one.nullable;
                    facts.fails = facts.fails || one.fails;
                    facts.min_length = add_lengths(facts.min_length, one.min_length);
                    facts.max_length = add_lengths(facts.max_length, one.max_length);
                }
                facts.nullable = facts.nullable && !facts.fails;
                return facts;
            case Op::kAlternate:
                return of_alternate(node);
            default:
                facts.nullable = true;
                return facts;
        }
    }

    Facts of_repeat(const Node& node) {
        const Facts one = of(node.subs.front());
        Facts facts;
        if (node.max == 0) {
            facts.nullable = true;
            return facts;
        }
        facts.nullable = node.min == 0 || one.nullable;
        facts.fails = node.min > 0 && one.fails;
        facts.min_length = times_length(one.min_length, node.min);
        facts.max_length = node.max == kUnbounded ? (one.max_length == 0 ? 0 : kNoMaxLength)
                                                  : times_length(one.max_length, node.max);
        return facts;
    }

    Facts of_alternate(const Node& node) {
        Facts facts;
        facts.fails = true;
        for (const Node& sub : node.subs) {
            const Facts one = of(sub);
            if (one.fails) continue;
            facts.nullable = facts.nullable || one.nullable;
            facts.min_length =
                facts.fails ? one.min_length : std::min(facts.min_length, one.min_length);
            facts.max_length = std::max(facts.max_length, one.max_length);
            facts.fails = false;
        }
        return facts;
    }

    std::unordered_map<const Node*, Facts> facts_;
};

// What regexp/syntax's Simplify makes of a piece, as far as repetition asks: x** is x*.
struct Shape {
    enum class Kind : std::uint8_t { kEmpty, kStar, kPlus, kQuest, kOther } kind = Kind::kOther;
    bool non_greedy = false;

    bool operator==(const Shape&) const = default;
};

Shape shape_of(const Node& node) {
    if (node.op == Op::kEmpty) return {Shape::Kind::kEmpty, false};
    if (node.op != Op::kRepeat) return {};
    if (node.max == 0) return {Shape::Kind::kEmpty, false};
    const Shape sub = shape_of(node.subs.front());
    if (node.min == 1 && node.max == 1) return sub;
    if (node.min > 1) return {};
    if (node.max == 1 || node.max == kUnbounded) {
        if (sub.kind == Shape::Kind::kEmpty) return sub;
        const Shape::Kind kind = node.max == 1   ? Shape::Kind::kQuest
                                 : node.min == 0 ? Shape::Kind::kStar
                                                 : Shape::Kind::kPlus;
        return {kind, node.non_greedy};
    }
    return node.min == 0 ? Shape{Shape::Kind::kQuest, node.non_greedy} : Shape{};
}

// Tables that both directions fill.
struct Pool {
    std::vector<Transition> transitions;
    std::vector<ByteSet> byte_sets;
    std::map<ByteSet, std::uint32_t> set_ids;
    FactTable facts;
    std::size_t bytes_left = 0;
    bool too_large = false;
    std::uint32_t assertions = 0;
    bool sees_replacement = false;

    void spend(std::size_t bytes) {
        if (bytes > bytes_left) {
            too_large = true;
        } else {
            bytes_left -= bytes;
        }
    }
    std::uint32_t set_id(const ByteSet& set) {
        const auto [at, added] = set_ids.emplace(set, static_cast<std::uint32_t>(byte_sets.size()));
        if (added) {
            spend(sizeof set);
            byte_sets.push_back(set);
        }
        return at->second;
    }
};

class CodeCompiler {
  public:
    CodeCompiler(Pool& pool, Direction direction) : pool_(pool), direction_(direction) {
        emit({InstOp::kFail, 0, 0, 0, 0, 0});
        emit({InstOp::kMatch, 0, 0, 0, 0, 0});
    }

    std::uint32_t compile_root(const Node& root) {
        std::uint32_t next = kMatchInst;
        if (direction_ == Direction::kForward) next = emit_jump(InstOp::kCapture, next, 1);
        next = compile(root, next);
        if (direction_ == Direction::kForward && next != kFailInst) {
            next = emit_jump(InstOp::kCapture, next, 0);
        }
        return next;
    }

    // A loop over what may stand before a match, which begins at `start`: over code points where a
    // match can be empty, because such a one lies on a boundary.
    std::uint32_t compile_loop(std::uint32_t start, const CodePointRanges* points) {
        const std::uint32_t loop = emit({InstOp::kAlt, 0, 0, 0, start, kFailInst});
        const std::uint32_t skip = points == nullptr
                                       ? emit({InstOp::kRange, 0x00, 0xFF, 0, loop, 0})
                                       : compile_ranges(*points, loop);
        insts_[loop].arg = skip;
        return loop;
    }

    std::vector<Inst> take() { return std::move(insts_); }

  private:
    std::uint32_t emit(const Inst& inst) {
        pool_.spend(sizeof inst);
        if (pool_.too_large) return kFailInst;
        insts_.push_back(inst);
        return static_cast<std::uint32_t>(insts_.size() - 1);
    }
    std::uint32_t emit_jump(InstOp op, std::uint32_t out, std::uint32_t arg) {
        return emit({op, 0, 0, 0, out, arg});
    }
    std::uint32_t emit_choice(std::uint32_t body, std::uint32_t next, bool non_greedy) {
        return non_greedy ? emit_jump(InstOp::kAlt, next, body)
                          : emit_jump(InstOp::kAlt, body, next);
    }

    std::uint32_t compile(const Node& node, std::uint32_t next) {
        if (pool_.too_large || pool_.facts.of(node).fails) return kFailInst;
        switch (node.op) {
            case Op::kNoMatch:
                return kFailInst;
            case Op::kLiteral:
                return compile_literal(node, next);
            case Op::kClass:
            case Op::kAny:
            case Op::kAnyNotNewline:
                return compile_ranges(ranges_of(node), next);
            case Op::kBeginLine:
                return compile_assertion(kAssertBeginLine, kAssertEndLine, next);
            case Op::kEndLine:
                return compile_assertion(kAssertEndLine, kAssertBeginLine, next);
            case Op::kBeginText:
                return compile_assertion(kAssertBeginText, kAssertEndText, next);
            case Op::kEndText:
                return compile_assertion(kAssertEndText, kAssertBeginText, next);
            case Op::kWordBoundary:
                return compile_assertion(kAssertWordBoundary, kAssertWordBoundary, next);
            case Op::kNoWordBoundary:
                return compile_assertion(kAssertNoWordBoundary, kAssertNoWordBoundary, next);
            case Op::kCapture:
                return compile_capture(node, next);
            case Op::kRepeat:
                return compile_repeat(node, next);
            case Op::kConcat:
                return compile_concat(node, next);
            case Op::kAlternate:
                return compile_alternate(node, next);
            default:
                return next;
        }
    }

    std::uint32_t compile_assertion(Assertion forward, Assertion reverse, std::uint32_t next) {
        const Assertion assertion = direction_ == Direction::kForward ? forward : reverse;
        pool_.assertions |= forward;
        return emit_jump(InstOp::kAssert, next, assertion);
    }

    std::uint32_t compile_capture(const Node& node, std::uint32_t next) {
        if (direction_ == Direction::kReverse) return compile(node.subs.front(), next);
        const auto slot = 2 * static_cast<std::uint32_t>(node.capture_index);
        const std::uint32_t end = emit_jump(InstOp::kCapture, next, slot + 1);
        return emit_jump(InstOp::kCapture, compile(node.subs.front(), end), slot);
    }

    std::uint32_t compile_concat(const Node& node, std::uint32_t next) {
        if (direction_ == Direction::kForward) {
            for (auto sub = node.subs.rbegin(); sub != node.subs.rend(); ++sub) {
                next = compile(*sub, next);
            }
        } else {
            for (const Node& sub : node.subs) next = compile(sub, next);
        }
        return next;
    }

    std::uint32_t compile_alternate(const Node& node, std::uint32_t next) {
        std::uint32_t entry = kFailInst;
        for (auto sub = node.subs.rbegin(); sub != node.subs.rend(); ++sub) {
            if (pool_.facts.of(*sub).fails) continue;
            const std::uint32_t one = compile(*sub, next);
            entry = entry == kFailInst ? one : emit_jump(InstOp::kAlt, one, entry);
        }
        return entry;
    }

    std::uint32_t compile_repeat(const Node& node, std::uint32_t next) {
        const Node& sub = node.subs.front();
        if (node.max == 0) return next;
        if (node.max == 1 && node.min == 1) return compile(sub, next);
        std::uint32_t entry = next;
        int copies = node.min;
        if (node.max == kUnbounded) {
            entry = node.min == 0 ? compile_star(sub, next, node.non_greedy)
                                  : compile_plus(sub, next, node.non_greedy);
            copies = std::max(0, node.min - 1);
        } else if (node.max == 1) {
            const Shape shape = shape_of(sub);
            if (shape == Shape{Shape::Kind::kQuest, node.non_greedy}) return compile(sub, next);
            return emit_choice(compile(sub, next), next, node.non_greedy);
        } else {
            for (int i = node.min; i < node.max && !pool_.too_large; ++i) {
                entry = emit_choice(compile(sub, entry), next, node.non_greedy);
            }
        }
        for (int i = 0; i < copies && !pool_.too_large; ++i) entry = compile(sub, entry);
        return entry;
    }

    std::uint32_t compile_star(const Node& sub, std::uint32_t next, bool non_greedy) {
        const Shape shape = shape_of(sub);
        if (shape.kind == Shape::Kind::kEmpty) return next;
        if (shape == Shape{Shape::Kind::kStar, non_greedy}) return compile(sub, next);
        if (pool_.facts.of(sub).nullable) {
            return emit_choice(compile_loop_body(sub, next, non_greedy).first, next, non_greedy);
        }
        return compile_loop_body(sub, next, non_greedy).second;
    }

    std::uint32_t compile_plus(const Node& sub, std::uint32_t next, bool non_greedy) {
        const Shape shape = shape_of(sub);
        if (shape.kind == Shape::Kind::kEmpty) return next;
        if (shape == Shape{Shape::Kind::kPlus, non_greedy}) return compile(sub, next);
        return compile_loop_body(sub, next, non_greedy).first;
    }

    // Where the body begins, and where the choice between another round and `next` is.
    std::pair<std::uint32_t, std::uint32_t> compile_loop_body(const Node& sub, std::uint32_t next,
                                                              bool non_greedy) {
        const std::uint32_t choice = emit_jump(InstOp::kAlt, kFailInst, kFailInst);
        const std::uint32_t body = compile(sub, choice);
        if (pool_.too_large) return {kFailInst, kFailInst};
        insts_[choice].out = non_greedy ? next : body;
        insts_[choice].arg = non_greedy ? body : next;
        return {body, choice};
    }

    std::uint32_t compile_literal(const Node& node, std::uint32_t next) {
        const auto one = [&](char32_t point) {
            if (node.fold_case) {
                next = compile_ranges(orbit_of(point), next);
            } else if (point < 0x80) {
                const auto byte = static_cast<std::uint8_t>(point);
                next = emit({InstOp::kRange, byte, byte, 0, next, 0});
            } else {
                next = compile_ranges({{point, point}}, next);
            }
        };
        if (direction_ == Direction::kForward) {
            for (auto point = node.text.rbegin(); point != node.text.rend(); ++point) one(*point);
        } else {
            for (const char32_t point : node.text) one(point);
        }
        return next;
    }

    struct RangesLess {
        bool operator()(const CodePointRanges& a, const CodePointRanges& b) const {
            return std::lexicographical_compare(
                a.begin(), a.end(), b.begin(), b.end(), [](CodePointRange x, CodePointRange y) {
                    return x.low < y.low || (x.low == y.low && x.high < y.high);
                });
        }
    };

    std::uint32_t compile_ranges(const CodePointRanges& ranges, std::uint32_t next) {
        auto known = tries_.find(ranges);
        if (known == tries_.end()) {
            known = tries_.emplace(ranges, make_utf8_trie(ranges, direction_)).first;
            pool_.sees_replacement = pool_.sees_replacement || contains(ranges, text::kReplacement);
        }
        std::uint32_t entry = kFailInst;
        places_.assign(known->second.nodes.size(), kFailInst);
        for (std::size_t i = 0; i < known->second.nodes.size() && !pool_.too_large; ++i) {
            entry = compile_edges(known->second.nodes[i], next);
            places_[i] = entry;
        }
        return entry;
    }

    std::uint32_t compile_edges(const std::vector<Utf8Trie::Edge>& edges, std::uint32_t next) {
        const auto place = [&](const Utf8Trie::Edge& edge) {
            return edge.child == Utf8Trie::kFinal ? next : places_[edge.child];
        };
        if (edges.size() == 1) {
            return emit({InstOp::kRange, edges[0].low, edges[0].high, 0, place(edges[0]), 0});
        }
        const bool one_way = std::all_of(edges.begin(), edges.end(), [&](const auto& edge) {
            return edge.child == edges[0].child;
        });
        if (one_way) {
            ByteSet set{};
            for (const Utf8Trie::Edge& edge : edges) {
                for (unsigned byte = edge.low; byte <= edge.high; ++byte) {
                    set[byte >> 5] |= 1u << (byte & 31);
                }
            }
            return emit({InstOp::kSet, 0, 0, 0, place(edges[0]), pool_.set_id(set)});
        }
        pool_.spend(edges.size() * sizeof(Transition));
        if (pool_.too_large) return kFailInst;
        const auto first = static_cast<std::uint32_t>(pool_.transitions.size());
        for (const Utf8Trie::Edge& edge : edges) {
            pool_.transitions.push_back({edge.low, edge.high, 0, place(edge)});
        }
        return emit({InstOp::kSparse, static_cast<std::uint8_t>(edges.size() - 1), 0, 0, 0, first});
    }

    Pool& pool_;
    Direction direction_;
    std::vector<Inst> insts_;
    std::map<CodePointRanges, Utf8Trie, RangesLess> tries_;
    std::vector<std::uint32_t> places_;
};

bool is_zero_width(const Node& node) {
    return node.op == Op::kEmpty || (node.op >= Op::kBeginLine && node.op <= Op::kNoWordBoundary);
}

// Whether every match begins (ends) with `edge`, which is \A (\z).
bool is_held_at(const Node& node, Op edge, Direction direction) {
    if (node.op == edge) return true;
    switch (node.op) {
        case Op::kCapture:
            return is_held_at(node.subs.front(), edge, direction);
        case Op::kRepeat:
            return node.min > 0 && is_held_at(node.subs.front(), edge, direction);
        case Op::kAlternate:
            return std::all_of(node.subs.begin(), node.subs.end(),
                               [&](const Node& sub) { return is_held_at(sub, edge, direction); });
        case Op::kConcat:
            for (std::size_t i = 0; i < node.subs.size(); ++i) {
                const Node& sub =
                    node.subs[direction == Direction::kForward ? i : node.subs.size() - 1 - i];
                if (is_held_at(sub, edge, direction)) return true;
                if (!is_zero_width(sub)) return false;
            }
            return false;
        default:
            return false;
    }
}

}  // namespace

Result<Program> compile_program(const Node& root, std::vector<std::string> capture_names,
                                std::string_view pattern, MatchKind kind,
                                const ProgramLimits& limits, Program::Codes codes) {
    Pool pool;
    pool.bytes_left = limits.max_bytes;
    const Facts facts = pool.facts.of(root);
    ProgramParts parts;
    parts.header.min_length = facts.min_length;
    parts.header.max_length = facts.max_length;
    const bool begins_at_text = is_held_at(root, Op::kBeginText, Direction::kForward);
    parts.forward = parts.reverse = {Inst{}};
    if (codes != Program::Codes::kReverse) {
        CodeCompiler compiler(pool, Direction::kForward);
        const std::uint32_t start = compiler.compile_root(root);
        parts.header.anchored[0] = start;
        const CodePointRanges any = any_code_point();
        parts.header.unanchored[0] =
            begins_at_text || start == kFailInst
                ? start
                : compiler.compile_loop(start, facts.min_length == 0 ? &any : nullptr);
        parts.forward = compiler.take();
    }
    if (codes != Program::Codes::kForward) {
        CodeCompiler compiler(pool, Direction::kReverse);
        parts.header.anchored[1] = compiler.compile_root(root);
        parts.header.unanchored[1] = parts.header.anchored[1];
        parts.reverse = compiler.take();
    }
    if (pool.too_large) {
        return Error{"regular expression: its program takes more than " +
                     std::to_string(limits.max_bytes) +
                     " bytes; lower its counts or raise the limit"};
    }
    std::uint32_t& flags = parts.header.flags;
    if (pool.sees_replacement || facts.min_length == 0) flags |= kNeedsCleanText;
    if (facts.min_length == 0) flags |= kMatchesEmpty;
    if (begins_at_text) flags |= kBeginsAtText;
    if (is_held_at(root, Op::kEndText, Direction::kReverse)) flags |= kEndsAtText;
    if (kind == MatchKind::kLeftmostLongest) flags |= kLongest;
    if (pool.assertions != 0) flags |= kHasAssertions;
    if ((pool.assertions & (kAssertWordBoundary | kAssertNoWordBoundary)) != 0) {
        flags |= kHasWordAsserts;
    }
    parts.header.group_count =
        capture_names.empty() ? 0 : static_cast<std::uint32_t>(capture_names.size() - 1);
    parts.names = std::move(capture_names);
    parts.transitions = std::move(pool.transitions);
    parts.byte_sets = std::move(pool.byte_sets);
    parts.pattern = pattern;
    return Program::pack(std::move(parts));
}

}  // namespace merlon::match
