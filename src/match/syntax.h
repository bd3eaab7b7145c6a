#pragma once

// The syntax of Go's regexp package (RE2 syntax, Perl flags; or POSIX) as a tree.
//
// The idea: what a rule's author wrote is accepted or refused here exactly as Go 1.26 does it, with
// Go's words. The tree has no flags left to interpret: classes are ranges of code points, `$` is
// one of two operators. It also has Go's shape, because that decides what "nests too deeply" and is
// "too large": alternatives share their prefixes (factor.cpp), single characters become classes.
//
// Specification: pkg.go.dev/regexp/syntax. Thread-safe: no state. Parsing takes linear time; a tree
// is at most kMaxHeight high, so code that walks one may recurse.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "match/char_class.h"

namespace merlon::match {

// In Go's order, which decides which of two becomes the class when alternatives are joined.
enum class Op : std::uint8_t {
    kNoMatch,
    kEmpty,
    kLiteral,  // text, code points; fold_case
    kClass,    // ranges; none match where there are none
    kAnyNotNewline,
    kAny,
    kBeginLine,
    kEndLine,
    kBeginText,
    kEndText,
    kWordBoundary,
    kNoWordBoundary,
    kCapture,  // one sub, index, name
    kRepeat,   // one sub, min to max (kUnbounded), non_greedy
    kConcat,
    kAlternate,
    kOpenGroup,  // while parsing only: a '(' that waits for its ')'
    kBar,        // while parsing only: the '|' of the alternatives below it
};

inline constexpr int kUnbounded = -1;
inline constexpr int kMaxRepeat = 1000;
inline constexpr int kMaxHeight = 1000;

struct Node {
    Op op = Op::kEmpty;
    bool fold_case = false;   // kLiteral: in either case; the text is the smallest of each orbit
    bool non_greedy = false;  // kRepeat
    bool is_dollar = false;   // kEndText: written as $, not as \z
    std::uint8_t flags = 0;   // the flags in force, for the parser
    int min = 0;              // kRepeat
    int max = 0;
    int capture_index = 0;  // kCapture
    int height = 0;         // 0: not known yet
    std::int64_t size = 0;  // instructions as Go counts them; 0: not known yet
    std::string capture_name;
    std::u32string text;     // kLiteral
    CodePointRanges ranges;  // kClass
    std::vector<Node> subs;
};

// Go's syntax.Flags, of which any union is a kind: fold case 1, literal 2, classes match a newline
// 4, dot does 8, one line 16, not greedy 32, Perl's extensions 64, \p 128.
enum class SyntaxKind : std::uint8_t {
    kPosix = 0,   // regexp.CompilePOSIX: egrep syntax
    kPerl = 212,  // regexp.Compile
};

struct SyntaxTree {
    Node root;
    int capture_count = 0;                   // groups, without the whole match
    std::vector<std::string> capture_names;  // by group, the whole match first; "" where unnamed
};

// Parses `pattern`. Fails with Go's own text: "error parsing regexp: missing closing ): `a(b`".
Result<SyntaxTree> parse_syntax(std::string_view pattern, SyntaxKind kind = SyntaxKind::kPerl);

// Whether two trees are the same expression (regexp/syntax's Equal).
bool same_expression(const Node& a, const Node& b);

}  // namespace merlon::match
