// Every engine against Pike's machine, on all expressions up to a size and all texts up to a
// length.

#include <gtest/gtest.h>

#include "match/compile.h"
#include "match/engines_compare.h"

namespace merlon::match {
namespace {

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
    const SyntaxTree tree = parse_syntax(pattern).value();
    Engines engines(compile_program(tree.root, tree.capture_names, pattern, kind).value(), kind,
                    cache_bytes);
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
