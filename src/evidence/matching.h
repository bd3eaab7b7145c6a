#pragma once

// Which findings of an analysis are those that are known already: identity across line shifts,
// moved blocks, renamed files, new names of rules.
//
// The idea: passes from exact to weak (SonarQube's tracker and DefectDojo's drift matching are the
// models), each of which takes only what is certain:
//   1. What is the same in everything stays what it was, unless an equal of it in the file came or
//      went: then all of them are looked at anew, because a shift by one line would hand their
//      identities on.
//   2. In one file, by each algorithm from the strongest: one with a value before, one now.
//      Other streams are asked one after the other: of files that they have as they were where the
//      branches parted, then that which is the most like this one.
//   3. Several equals in a file are told apart by the file's text, where Git has it: one that is
//      unchanged is where it is now, those of one change are in order where as many came as went
//      and the lines around are not known, and what went in one is not what came in another. Else
//      by the lines around them, then by how
//      far their neighbours in the file moved, then by their order between two neighbours, where as
//      many are there as before and no other reading, by which one went and one came, asks for far
//      fewer lines that came or went. A block that moves with all its equals stays in order. Where
//      their order says one thing and a line that is unchanged another, neither does, and where
//      blocks changed places it says nothing. What has no text of its code is known at its line, or
//      where the first two of these say. A comment behind a line is no code: lines that are alike
//      but for it are equals, after those that are alike in everything. What is alike in its lines
//      alone, and of which an earlier run saw that it went, or which this branch cannot have had
//      from another one, is the same only where the lines around, the neighbours or its own line
//      say so too.
//   4. A file that went and a file that came are one, renamed, if Git has their texts, and each is
//      like the other in most of it, and more than any other is; else if each has most in common
//      with the other, or all of it at the same places, or, called alike, in the same order; then 2
//      and 3 again. Of a value that is in very many files only those count that are called alike.
//   5. Elsewhere: what is the only one of its value before and now has moved, unless an earlier run
//      saw it go.
//   6. What is left in a file in which just that stands which stands there in another stream is
//   what
//      it is there: it has come from that branch.
// For 4 and 5 the lines around must not say otherwise: a line that reads the same in another file,
// between others, may be another one. And nothing moves from where the analysis has not looked, so
// that it may still be there: another artifact or category, a file that it left out, any file where
// it did not come to its end.
// Where several are left the search stops, and weaker algorithms do not decide what a stronger one
// could not: the finding is new, "maybe moved from" one of them. A wrong identity carries a
// person's decision to something that nobody has looked at; a new one costs a look.
//
// Pure: knows no store. Deterministic: views are given in one order. Cost: O(n log n) in the
// signatures.

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "evidence/line_changes.h"
#include "evidence/signature.h"

namespace merlon::evidence {

// One place where a finding is, or was. Families and paths are numbers of the caller.
struct View {
    std::int64_t family = 0;
    std::int64_t path = 0;
    std::uint32_t line = 0;
    std::uint32_t position = 0;             // in the line
    std::span<const Signature> signatures;  // ascending
};

// How near a known view is to the analysis: of equals the nearest counts.
enum class Nearness : std::uint8_t {
    kSameStream,   // and there until now
    kOtherStream,  // there in another ref or category
    kGone,         // closed: to be opened again
};

struct Before {
    View view;
    std::int64_t finding = 0;
    Nearness nearness = Nearness::kSameStream;
    // Somewhere it may have stayed, unseen: the same in one file, and nothing else.
    bool is_apart = false;
    // An earlier run saw it go: where it was it is back, elsewhere it may be another.
    bool is_past = false;
    // Of which other stream the view is: equals of two streams make no order.
    std::int64_t stream = 0;
    // It stood at that line in the commit that its stream was last looked at as, or, of what went,
    // was looked at as before.
    bool stood = false;
};

struct After {
    View view;
    std::int64_t same_as = 0;  // the finding whose print it has in this stream; 0: none
    bool stood = false;        // that finding, as Before has it
};

struct Pairing {
    std::int64_t finding = 0;     // 0: new
    std::int64_t maybe_from = 0;  // of a new one: what it may be, if it is not
};

using PathName = std::function<std::string_view(std::int64_t path)>;
// Whether a finding may have come from another file: asked only of those that are left over and
// have an equal there, because the answer may cost a look at Git. Empty: all may.
using MayMove = std::function<bool(std::int64_t finding)>;
// Whether one of `after` may be what another branch has in the same file at another line: asked
// where nothing but the marked lines says so. Empty: all may.
using MayShare = std::function<bool(std::int64_t finding, std::size_t after)>;

// What became of the line that a known finding stood at, in the file of one of `after` that reads
// as it does; nothing where that is not known. Asked of equals, because the answer costs a
// comparison of two files (evidence/told_lines.h). Empty: it never is.
using LinesOf = std::function<std::optional<LinesNow>(const Before& known, std::size_t after)>;

// Whether another stream has a file as it was where the two branches parted; nothing where Git does
// not tell. Asked of files in which streams differ. Empty: it never does.
using IsOfBase = std::function<std::optional<bool>(std::int64_t stream, std::int64_t path)>;

// How alike the file in which a finding is known is to that of one of `after`, from 0 to 1, and 0
// where it is still there, or the other was before: then it was not renamed to that. Nothing where
// that is not known. Empty: it never is.
using LikenessOf = std::function<std::optional<double>(const Before& known, std::size_t after)>;

// What the caller knows besides.
struct MatchAnswers {
    PathName path_name;
    MayMove may_move = {};
    MayShare may_share = {};
    LinesOf lines_of = {};
    IsOfBase is_of_base = {};
    LikenessOf likeness_of = {};
};

// A pairing for each of `after`. `before` need not hold the views that `after` has in `same_as`; no
// finding is in two pairings.
std::vector<Pairing> match_views(std::span<const Before> before, std::span<const After> after,
                                 const MatchAnswers& answers);

}  // namespace merlon::evidence
