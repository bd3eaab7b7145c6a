#pragma once

// Puts a tree together while an expression is read, in the shape that Go's parser gives it.
//
// The idea: a stack of finished pieces with '(' and '|' among them, as in regexp/syntax.
// Neighbouring literals become one string, alternatives of single characters one class, and
// alternatives with a common beginning share it: ABC|ABD|AEF is A(?:B[CD]|EF). The shape matters
// beyond speed: limits on height and size are those of Go's tree, so what Go refuses as too deep or
// too large is refused.
//
// Not thread-safe. Cost: linear in the pieces, but for shared prefixes, which are walked once for
// each level of at most kMaxHeight.

#include <cstdint>
#include <vector>

#include "match/syntax.h"

namespace merlon::match {

// Bits of Node::flags: those of Go's syntax.Flags.
inline constexpr std::uint8_t kFlagFoldCase = 1;
inline constexpr std::uint8_t kFlagLiteral = 2;
inline constexpr std::uint8_t kFlagClassNewline = 4;
inline constexpr std::uint8_t kFlagDotNewline = 8;
inline constexpr std::uint8_t kFlagOneLine = 16;
inline constexpr std::uint8_t kFlagNonGreedy = 32;
inline constexpr std::uint8_t kFlagPerl = 64;
inline constexpr std::uint8_t kFlagUnicodeClasses = 128;

class TreeBuilder {
  public:
    enum class Limit : std::uint8_t { kNone, kTooLarge, kTooDeep };

    // The limit that was broken first; nothing that is built after that counts.
    Limit broken() const { return broken_; }

    // New nodes come from here: Go's size limit begins to count when enough have been made.
    Node make(Op op, std::uint8_t flags);
    void discard(std::size_t nodes) { free_ += nodes; }

    void push_operator(Op op, std::uint8_t flags) { push(make(op, flags), flags); }
    void push_literal(char32_t point, std::uint8_t flags);
    void push_node(Node node, std::uint8_t flags) { push(std::move(node), flags); }
    void open_group(int capture_index, std::string name, std::uint8_t flags);
    void bar(std::uint8_t flags);
    // Ends the innermost group; false where there is none. `flags` become those before its '('.
    bool close_group(std::uint8_t& flags);

    bool has_repeatable() const;
    enum class Repeat : std::uint8_t { kDone, kTooMany };
    Repeat repeat(int min, int max, std::uint8_t flags);

    // The whole expression; false where a group is still open.
    bool finish(Node& root, std::uint8_t flags);

  private:
    // An alternative while its beginning is taken away piece by piece.
    struct Branch {
        Node node;
        std::size_t first = 0;  // subs before this one are gone
    };

    void push(Node node, std::uint8_t flags);
    bool join_literals(char32_t next, bool has_next, std::uint8_t flags);
    void concat(std::uint8_t flags);
    void alternate(std::uint8_t flags);
    bool swap_bar();
    std::vector<Node> take_above_group();
    Node collapse(std::vector<Node> subs, Op op);

    std::vector<Node> factor(std::vector<Branch> branches, int depth);
    Node alternatives(std::vector<Branch> branches, int depth);
    std::vector<Branch> share_strings(std::vector<Branch> branches, int depth);
    std::vector<Branch> share_pieces(std::vector<Branch> branches, int depth);
    std::vector<Branch> join_classes(std::vector<Branch> branches);
    Node shared(Node prefix, std::vector<Branch> rest, int depth);
    void remove_string(Branch& branch, std::size_t length);
    void remove_piece(Branch& branch, std::size_t discarded);
    static Node materialize(Branch branch);

    void check_limits(Node& node);
    bool counts_size(const Node& node);
    static int height_of(Node& node);
    static std::int64_t size_of(Node& node);
    void break_limit(Limit limit) {
        if (broken_ == Limit::kNone) broken_ = limit;
    }

    std::vector<Node> stack_;
    Limit broken_ = Limit::kNone;
    std::size_t made_ = 0;
    std::size_t free_ = 0;
    std::size_t range_ends_ = 0;  // Go's numRunes
    std::int64_t repeats_ = 1;
    bool counting_ = false;
};

}  // namespace merlon::match
