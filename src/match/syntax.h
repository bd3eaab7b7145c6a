#pragma once

// The syntax of Go's regexp package (RE2 syntax, Perl flags) as a tree.
//
// The idea: what a rule's author wrote is accepted or refused here exactly as Go does it, with Go's
// words; the tree is then rendered for the matcher underneath, and analysed for the literals that
// every match must contain.
//
// Specification: pkg.go.dev/regexp/syntax. Thread-safe: no state. Parsing takes linear time and no
// recursion; a tree is at most kMaxHeight high.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace merlon::match {

enum class Op : std::uint8_t {
    kEmpty,
    kLiteral,  // text, code points
    kClass,    // items, negated
    kAnyNotNewline,
    kAny,
    kBeginLine,
    kEndLine,
    kBeginText,
    kEndText,
    kWordBoundary,
    kNoWordBoundary,
    kCapture,  // one sub, index, name
    kRepeat,   // one sub, min to max (kUnbounded)
    kConcat,
    kAlternate,
};

inline constexpr int kUnbounded = -1;
inline constexpr int kMaxRepeat = 1000;
inline constexpr int kMaxHeight = 1000;

// A member of a character class: a range, or a named set in RE2's syntax (\d, [:alpha:],
// \p{Greek}).
struct ClassItem {
    char32_t low = 0;
    char32_t high = 0;
    std::string set;  // empty: the range counts
};

struct Node {
    Op op = Op::kEmpty;
    bool fold_case = false;   // kLiteral, kClass
    bool negated = false;     // kClass
    bool non_greedy = false;  // kRepeat
    int min = 0;              // kRepeat
    int max = 0;
    int capture_index = 0;  // kCapture
    std::string capture_name;
    std::u32string text;           // kLiteral
    std::vector<ClassItem> items;  // kClass
    std::vector<Node> subs;
};

struct SyntaxTree {
    Node root;
    int capture_count = 0;  // groups, without the whole match
    bool uses_unicode_sets = false;
};

// Parses `pattern`. Fails with Go's own text: "error parsing regexp: missing closing ): `a(b`".
Result<SyntaxTree> parse_syntax(std::string_view pattern);

// The same expression in RE2's syntax without any flags in force: classes are explicit, `$` is \z.
// Capture groups stay groups where `keep_captures`, so that group numbers do not change.
enum class Captures : std::uint8_t { kKeep, kDrop };
std::string render(const Node& node, Captures captures);

}  // namespace merlon::match
