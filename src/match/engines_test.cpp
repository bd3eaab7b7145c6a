// Every engine against Pike's machine, on all expressions up to a size and all texts up to a
// length.

#include <gtest/gtest.h>

#include "match/backtrack.h"
#include "match/lazy_dfa.h"
#include "match/onepass.h"
#include "match/pike.h"
#include "match/regex.h"

namespace merlon::match {
namespace {

using Slots = std::vector<std::size_t>;

// What the engines say about one program; made once, so that caches are used again and again.
class Engines {
  public:
    explicit Engines(std::string_view pattern, MatchKind kind, std::size_t cache_bytes)
        : tree_(parse_syntax(pattern).value()),
          program_(compile_program(tree_.root, tree_.capture_names, pattern, kind).value()),
          one_pass_(OnePass::make(view(), std::size_t{1} << 20)),
          forward_(
              view(), Direction::kForward,
              kind == MatchKind::kLeftmostFirst ? LazyDfa::Kind::kFirst : LazyDfa::Kind::kLongest,
              cache_bytes, nullptr),
          reverse_(view(), Direction::kReverse, LazyDfa::Kind::kLongest, cache_bytes, nullptr) {}

    // Empty where all agree with Pike's machine, else who does not.
    std::string first_difference(const SearchInput& input) {
        Slots wanted(2 * (view().group_count() + 1), kNoPlace);
        const bool found = pike_.search(view(), input, wanted);
        if (const std::string wrong = check_automata(input, found, wanted); !wrong.empty()) {
            return wrong;
        }
        if (Backtracker::fits(view(), input.to - input.from, 1 << 20)) {
            Slots slots(wanted.size(), kNoPlace);
            if (backtracker_.search(view(), input, slots) != found || slots != wanted) {
                return "backtracker";
            }
        }
        if (found && one_pass_) {
            Slots slots(wanted.size(), kNoPlace);
            if (!one_pass_->match_exactly(
                    view(), {input.text, wanted[0], wanted[1], Anchor::kBegin}, slots) ||
                slots != wanted) {
                return "one-pass";
            }
        }
        return {};
    }

  private:
    const ProgramView& view() const { return program_.view(); }

    std::string check_automata(const SearchInput& input, bool found, const Slots& wanted) {
        using Outcome = LazyDfa::Outcome;
        const auto end = forward_.search_forward(input, LazyDfa::Stop::kAtBest);
        if (end.outcome != Outcome::kGaveUp) {
            if ((end.outcome == Outcome::kFound) != found) return "forward: whether";
            if (found && end.place != wanted[1]) return "forward: where";
        }
        const auto any = forward_.search_forward(input, LazyDfa::Stop::kAtAny);
        if (any.outcome != Outcome::kGaveUp && (any.outcome == Outcome::kFound) != found) {
            return "forward: any";
        }
        if (!found || input.anchor == Anchor::kBegin) return {};
        const auto begin = reverse_.search_reverse({input.text, input.from, wanted[1], {}},
                                                   LazyDfa::Stop::kAtBest);
        if (begin.outcome == Outcome::kGaveUp) return {};
        if (begin.outcome != Outcome::kFound || begin.place != wanted[0]) return "reverse";
        return {};
    }

    SyntaxTree tree_;
    Program program_;
    std::optional<OnePass> one_pass_;
    LazyDfa forward_;
    LazyDfa reverse_;
    Pike pike_;
    Backtracker backtracker_;
};

// All expressions with `size` atoms and operators.
std::vector<std::string> expressions(int size) {
    static const std::vector<std::string> kAtoms = {"a",   "b",      "[^a]",    "^",
                                                    "\\b", "(?m:$)", "\xC3\xA9"};
    static const std::vector<std::string> kOperators = {"*", "+?", "??", "{2}", "{0,2}"};
    if (size == 1) return kAtoms;
    std::vector<std::string> all;
    for (const std::string& sub : expressions(size - 1)) {
        for (const std::string& op : kOperators) all.push_back("(" + sub + ")" + op);
    }
    for (int left = 1; left + 1 < size; ++left) {
        for (const std::string& a : expressions(left)) {
            for (const std::string& b : expressions(size - 1 - left)) {
                all.push_back(a + "(?:" + b + ")");
                all.push_back("(?:" + a + "|" + b + ")");
            }
        }
    }
    return all;
}

std::vector<std::string> texts(int longest) {
    static const std::vector<std::string> kPieces = {"a", "b", "\n", "\xC3\xA9", "\xFF"};
    std::vector<std::string> all = {""};
    for (std::size_t i = 0; i < all.size(); ++i) {
        const std::string text = all[i];
        if (text.size() >= static_cast<std::size_t>(longest)) continue;
        for (const std::string& piece : kPieces) all.push_back(text + piece);
    }
    return all;
}

void expect_agreement(const std::string& pattern, const std::vector<std::string>& all,
                      MatchKind kind, std::size_t cache_bytes) {
    Engines engines(pattern, kind, cache_bytes);
    for (const std::string& text : all) {
        for (std::size_t from = 0; from <= std::min<std::size_t>(text.size(), 2); ++from) {
            if (!is_boundary(text, from)) continue;
            const std::size_t to = from == 2 && text.size() > 3 ? 3 : text.size();
            for (const Anchor anchor : {Anchor::kNone, Anchor::kBegin}) {
                const std::string wrong = engines.first_difference({text, from, to, anchor});
                ASSERT_EQ(wrong, "") << pattern << " on " << testing::PrintToString(text)
                                     << " from " << from << " to " << to;
            }
        }
    }
}

TEST(Engines, agree_on_every_small_expression_and_text) {
    for (int size = 1; size <= 3; ++size) {
        for (const std::string& pattern : expressions(size)) {
            for (const MatchKind kind : {MatchKind::kLeftmostFirst, MatchKind::kLeftmostLongest}) {
                expect_agreement(pattern, texts(3), kind, std::size_t{1} << 20);
            }
            if (HasFatalFailure()) return;
        }
    }
}

TEST(Engines, agree_on_larger_expressions_when_their_caches_overflow) {
    const std::vector<std::string> all = expressions(5);
    const std::vector<std::string> some = texts(4);
    for (std::size_t i = 0; i < all.size(); i += 197) {
        const auto kind = i % 2 == 0 ? MatchKind::kLeftmostFirst : MatchKind::kLeftmostLongest;
        expect_agreement(all[i], some, kind, 256);
        if (HasFatalFailure()) return;
    }
}

}  // namespace
}  // namespace merlon::match
