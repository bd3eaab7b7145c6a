#include "evidence/matching.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>

namespace merlon::evidence {
namespace {

// A finding as these tests write it: where it is, and what its line and the lines around say.
struct Line {
    std::int64_t id;  // of a known one: its number; now: the number that it must get, 0 for new
    std::string path;
    std::uint32_t line;
    std::string content;
    std::string around = {};
    std::string secret = {};
    std::int64_t maybe = 0;  // of a new one: what it may be
    Nearness nearness = Nearness::kSameStream;
    bool is_past = false;
    std::int64_t stream = 0;  // of a known one in another one
    std::string block = {};
};

struct Case {
    std::string title;
    std::vector<Line> before, after;
};

Signature signature(Algorithm algorithm, const std::string& text) {
    Signature made{algorithm, {}};
    for (std::size_t i = 0; i < text.size(); ++i)
        made.value[i % kSignatureBytes] =
            static_cast<char>(made.value[i % kSignatureBytes] * 31 + text[i]);
    return made;
}

class Table {
  public:
    void check(const Case& one) {
        SCOPED_TRACE(one.title);
        std::vector<Signatures> kept;
        kept.reserve(one.before.size() + one.after.size());
        std::vector<Before> before;
        std::vector<After> after;
        for (const Line& line : one.before)
            before.push_back(
                {view(line, kept), line.id, line.nearness, false, line.is_past, line.stream});
        for (const Line& line : one.after) {
            // What is exactly as it was goes the way of the exact pass.
            std::int64_t same = 0;
            for (std::size_t i = 0; i < one.before.size() && same == 0; ++i) {
                const Line& was = one.before[i];
                if (was.nearness == Nearness::kSameStream && was.path == line.path &&
                    was.line == line.line && was.content == line.content &&
                    was.around == line.around && was.secret == line.secret &&
                    was.block == line.block)
                    same = was.id;
            }
            after.push_back({view(line, kept), same});
        }
        std::erase_if(before, [&](const Before& known) {
            return known.nearness == Nearness::kSameStream &&
                   std::ranges::any_of(
                       after, [&](const After& found) { return found.same_as == known.finding; });
        });
        const auto verdicts = match_views(
            before, after, {.path_name = [this](std::int64_t path) { return name_of(path); }});
        ASSERT_EQ(verdicts.size(), one.after.size());
        for (std::size_t i = 0; i < verdicts.size(); ++i) {
            EXPECT_EQ(verdicts[i].finding, one.after[i].id) << "at " << i;
            EXPECT_EQ(verdicts[i].maybe_from, one.after[i].maybe) << "at " << i;
        }
    }

  private:
    View view(const Line& line, std::vector<Signatures>& kept) {
        Signatures signatures;
        if (!line.secret.empty()) signatures.push_back(signature(Algorithm::kSecret, line.secret));
        if (!line.content.empty()) {
            const bool is_distinct = line.content.size() >= 12;
            signatures.push_back(signature(
                is_distinct ? Algorithm::kDistinctContent : Algorithm::kContent, line.content));
            if (const std::size_t comment = line.content.find(" //"); comment != std::string::npos)
                signatures.push_back(signature(Algorithm::kCode, line.content.substr(0, comment)));
        }
        if (line.content.empty() && line.secret.empty())
            signatures.push_back(signature(Algorithm::kMessage, "a message"));
        if (!line.around.empty())
            signatures.push_back(signature(Algorithm::kSurround, line.around));
        if (!line.block.empty()) signatures.push_back(signature(Algorithm::kBlock, line.block));
        std::ranges::sort(signatures);
        kept.push_back(std::move(signatures));
        const auto path = paths_.emplace(line.path, static_cast<std::int64_t>(paths_.size()) + 1);
        return {1, path.first->second, line.line, 1, kept.back()};
    }

    std::string_view name_of(std::int64_t path) const {
        for (const auto& [name, number] : paths_)
            if (number == path) return name;
        return {};
    }

    std::map<std::string, std::int64_t> paths_;
};

void check_all(const std::vector<Case>& cases) {
    for (const Case& one : cases) Table().check(one);
}

TEST(Matching, keeps_identity_in_a_file) {
    check_all({
        {"nothing changed",
         {{1, "a.c", 3, "x"}, {2, "a.c", 9, "y"}},
         {{1, "a.c", 3, "x"}, {2, "a.c", 9, "y"}}},
        {"lines were added above",
         {{1, "a.c", 3, "x"}, {2, "a.c", 9, "y"}},
         {{1, "a.c", 13, "x"}, {2, "a.c", 19, "y"}}},
        {"a block was moved below another",
         {{1, "a.c", 3, "x"}, {2, "a.c", 9, "y"}},
         {{2, "a.c", 3, "y"}, {1, "a.c", 9, "x"}}},
        {"one went and one came", {{1, "a.c", 3, "x"}}, {{0, "a.c", 3, "y"}}},
        {"one was closed and is back",
         {{1, "a.c", 3, "x", {}, {}, 0, Nearness::kGone}},
         {{1, "a.c", 7, "x"}}},
        {"one that is there counts before one that was closed",
         {{1, "a.c", 3, "x", {}, {}, 0, Nearness::kGone}, {2, "a.c", 5, "x"}},
         {{2, "a.c", 7, "x"}}},
        {"an earlier run saw it go, and it is back",
         {{1, "a.c", 3, "x", {}, {}, 0, Nearness::kGone, true}},
         {{1, "a.c", 3, "x"}}},
        {"it is back between the same lines",
         {{1, "a.c", 3, "x", "one", {}, 0, Nearness::kGone, true}},
         {{1, "a.c", 7, "x", "one"}}},
        {"it is back as far from its neighbour",
         {{1, "a.c", 3, "x", {}, {}, 0, Nearness::kGone, true}, {2, "a.c", 5, "y"}},
         {{1, "a.c", 7, "x"}, {2, "a.c", 9, "y"}}},
        {"an earlier run saw it go, and one like it comes at another place",
         {{1, "a.c", 3, "x", {}, {}, 0, Nearness::kGone, true}},
         {{0, "a.c", 7, "x", {}, {}, 1}}},
        {"an earlier run saw it go, and one comes elsewhere",
         {{1, "a.c", 3, "subprocess.call", {}, {}, 0, Nearness::kGone, true}},
         {{0, "b.c", 3, "subprocess.call", {}, {}, 1}}},
        {"one that goes now has moved rather than one that went before",
         {{1, "a.c", 3, "subprocess.call", {}, {}, 0, Nearness::kGone, true},
          {2, "d.c", 3, "subprocess.call"}},
         {{2, "b.c", 3, "subprocess.call"}}},
        {"another branch knows it",
         {{1, "a.c", 3, "x", {}, {}, 0, Nearness::kOtherStream}},
         {{1, "a.c", 7, "x"}}},
    });
}

TEST(Matching, tells_equals_in_a_file_apart) {
    check_all({
        {"all moved as one",
         {{1, "a.c", 10, "x"}, {2, "a.c", 11, "x"}, {3, "a.c", 12, "x"}},
         {{1, "a.c", 20, "x"}, {2, "a.c", 21, "x"}, {3, "a.c", 22, "x"}}},
        {"all moved as one, and the lines around say so",
         {{1, "a.c", 10, "x", "one"}, {2, "a.c", 11, "x", "two"}, {3, "a.c", 12, "x", "three"}},
         {{1, "a.c", 11, "x", "one"}, {2, "a.c", 12, "x", "two"}, {3, "a.c", 13, "x", "three"}}},
        {"lines came between them",
         {{1, "a.c", 10, "x"}, {2, "a.c", 20, "x"}},
         {{1, "a.c", 12, "x"}, {2, "a.c", 29, "x"}}},
        {"the first one went, one came behind, and two lines came in front",
         {{1, "a.c", 5, "x"}, {2, "a.c", 10, "x"}, {3, "a.c", 15, "x"}},
         {{0, "a.c", 12, "x", {}, {}, 1},
          {0, "a.c", 17, "x", {}, {}, 1},
          {0, "a.c", 42, "x", {}, {}, 1}}},
        {"the lines around tell which one went",
         {{1, "a.c", 10, "x", "one"}, {2, "a.c", 20, "x", "two"}},
         {{2, "a.c", 10, "x", "two"}}},
        {"a neighbour tells how far they moved",
         {{1, "a.c", 10, "x"}, {2, "a.c", 20, "x"}, {3, "a.c", 22, "y"}},
         {{2, "a.c", 15, "x"}, {3, "a.c", 17, "y"}}},
        {"one more came, and no other moved",
         {{1, "a.c", 10, "x"}, {2, "a.c", 20, "x"}},
         {{1, "a.c", 10, "x"}, {0, "a.c", 15, "x", {}, {}, 0}, {2, "a.c", 20, "x"}}},
        {"one more came where a neighbour would have put one that was there",
         {{1, "a.c", 10, "x"}, {2, "a.c", 18, "x"}, {3, "a.c", 5, "y"}, {4, "a.c", 30, "z"}},
         {{3, "a.c", 12, "y"},
          {0, "a.c", 17, "x", {}, {}, 1},
          {0, "a.c", 24, "x", {}, {}, 1},
          {0, "a.c", 30, "x", {}, {}, 1},
          {4, "a.c", 50, "z"}}},
        {"a neighbour far above tells nothing where it does not tell of all",
         {{9, "a.c", 1, "y"},
          {1, "a.c", 109, "x", "one"},
          {2, "a.c", 113, "x", "two"},
          {3, "a.c", 118, "x", "three"}},
         {{9, "a.c", 1, "y"},
          {0, "a.c", 113, "x", "un", {}, 1},
          {0, "a.c", 120, "x", "deux", {}, 1},
          {0, "a.c", 125, "x", "trois", {}, 1}}},
        {"one went, and nothing tells which",
         {{1, "a.c", 10, "x"}, {2, "a.c", 20, "x"}},
         {{0, "a.c", 14, "x", {}, {}, 1}}},
        {"two came of one, and nothing tells which it is",
         {{1, "a.c", 10, "x"}},
         {{0, "a.c", 14, "x", {}, {}, 1}, {0, "a.c", 18, "x", {}, {}, 1}}},
    });
}

TEST(Matching, keeps_identity_across_files) {
    check_all({
        {"a file was renamed, with equals in it",
         {{1, "src/a.c", 3, "a long line of its own"},
          {2, "src/a.c", 9, "x"},
          {3, "src/a.c", 12, "x"}},
         {{1, "src/b.c", 3, "a long line of its own"},
          {2, "src/b.c", 9, "x"},
          {3, "src/b.c", 12, "x"}}},
        {"a folder was renamed, with files alike",
         {{1, "src/a/c.h", 3, "a line of all of them"},
          {2, "src/b/c.h", 3, "a line of all of them"}},
         {{1, "lib/a/c.h", 3, "a line of all of them"},
          {2, "lib/b/c.h", 3, "a line of all of them"}}},
        {"a function went to another file",
         {{1, "a.c", 3, "a long line of its own"}, {2, "a.c", 9, "y"}, {3, "b.c", 1, "z"}},
         {{2, "a.c", 4, "y"}, {3, "b.c", 1, "z"}, {1, "b.c", 8, "a long line of its own"}}},
        {"a copy is new",
         {{1, "a.c", 3, "a long line of its own"}},
         {{1, "a.c", 3, "a long line of its own"}, {0, "b.c", 3, "a long line of its own"}}},
        {"a short line elsewhere is another one",
         {{1, "a.c", 3, "x"}, {2, "b.c", 3, "a long line of its own"}},
         {{2, "b.c", 3, "a long line of its own"}, {0, "b.c", 9, "x"}}},
        {"one of two that are alike went, and one came elsewhere",
         {{1, "a.c", 3, "a line of all of them"}, {2, "b.c", 3, "a line of all of them"}},
         {{2, "b.c", 3, "a line of all of them"},
          {0, "c.c", 3, "a line of all of them", {}, {}, 1}}},
    });
}

TEST(Matching, doubts_a_line_that_reads_the_same_where_another_file_has_got_or_lost_one) {
    check_all({
        {"it went there, and another one came",
         {{1, "a.c", 3, "x", "one"}, {2, "b.c", 1, "z"}},
         {{0, "a.c", 40, "x", "other", {}, 1}, {2, "b.c", 1, "z"}, {0, "b.c", 7, "x", "new"}}},
        {"it went, and the other one came from there",
         {{1, "a.c", 3, "x", "one"}, {2, "b.c", 1, "z"}, {3, "b.c", 7, "x", "two"}},
         {{0, "a.c", 40, "x", "two", {}, 1}, {2, "b.c", 1, "z"}}},
        {"the lines around say that it stayed",
         {{1, "a.c", 3, "x", "one"}, {2, "b.c", 1, "z"}},
         {{1, "a.c", 40, "x", "one"}, {2, "b.c", 1, "z"}, {0, "b.c", 7, "x", "new"}}},
        {"its neighbours say that it stayed",
         {{1, "a.c", 3, "x", "one"}, {3, "a.c", 5, "y"}, {2, "b.c", 1, "z"}},
         {{1, "a.c", 13, "x", "other"},
          {3, "a.c", 15, "y"},
          {2, "b.c", 1, "z"},
          {0, "b.c", 7, "x", "new"}}},
        {"as many came to the other file as went from it",
         {{1, "a.c", 3, "x", "one"}, {2, "b.c", 1, "x", "two"}},
         {{1, "a.c", 40, "x", "other"}, {2, "b.c", 9, "x", "new"}}},
    });
}

TEST(Matching, guesses_nothing_where_order_and_unchanged_lines_disagree) {
    check_all({
        {"all moved by as much as they are apart, or one went and one came",
         {{1, "a.c", 10, "x"}, {2, "a.c", 11, "x"}, {3, "a.c", 12, "x"}},
         {{0, "a.c", 11, "x", {}, {}, 1},
          {0, "a.c", 12, "x", {}, {}, 1},
          {0, "a.c", 13, "x", {}, {}, 1}}},
        {"one went, one stayed, one came",
         {{1, "a.c", 10, "x"}, {2, "a.c", 20, "x"}},
         {{0, "a.c", 20, "x", {}, {}, 1}, {0, "a.c", 30, "x", {}, {}, 1}}},
        {"the same of a secret",
         {{1, "a.c", 10, "x", {}, "s"}, {2, "a.c", 20, "x", {}, "s"}},
         {{0, "a.c", 20, "x", {}, "s", 1}, {0, "a.c", 30, "x", {}, "s", 1}}},
        {"the lines around tell which one stayed, and nothing of the other",
         {{1, "a.c", 10, "x", "one"}, {2, "a.c", 20, "x", "two"}},
         {{2, "a.c", 20, "x", "two"}, {0, "a.c", 30, "x", "three", {}, 1}}},
        {"the neighbours tell that all moved",
         {{3, "a.c", 5, "y"}, {1, "a.c", 10, "x"}, {2, "a.c", 20, "x"}, {4, "a.c", 30, "z"}},
         {{3, "a.c", 15, "y"}, {1, "a.c", 20, "x"}, {2, "a.c", 30, "x"}, {4, "a.c", 40, "z"}}},
        {"the neighbours on both sides tell that nothing moved: one went and one came",
         {{4, "a.c", 3, "y"},
          {1, "a.c", 5, "x"},
          {2, "a.c", 10, "x"},
          {3, "a.c", 15, "x"},
          {5, "a.c", 50, "z"}},
         {{4, "a.c", 3, "y"},
          {2, "a.c", 10, "x"},
          {3, "a.c", 15, "x"},
          {0, "a.c", 40, "x", {}, {}, 1},
          {5, "a.c", 50, "z"}}},
        {"or that all moved by one offset, and the last one went",
         {{4, "a.c", 3, "y"},
          {1, "a.c", 5, "x"},
          {2, "a.c", 10, "x"},
          {3, "a.c", 15, "x"},
          {5, "a.c", 50, "z"}},
         {{4, "a.c", 8, "y"},
          {1, "a.c", 10, "x"},
          {2, "a.c", 15, "x"},
          {0, "a.c", 40, "x", {}, {}, 3},
          {5, "a.c", 55, "z"}}},
        {"neighbours on one side tell nothing of what is far below",
         {{4, "a.c", 1, "y"}, {5, "a.c", 3, "z"}, {1, "a.c", 50, "x"}, {2, "a.c", 60, "x"}},
         {{4, "a.c", 1, "y"},
          {5, "a.c", 3, "z"},
          {0, "a.c", 60, "x", {}, {}, 1},
          {0, "a.c", 70, "x", {}, {}, 1}}},
    });
}

TEST(Matching, what_has_only_a_message_is_known_at_its_line) {
    check_all({
        {"another one elsewhere in the file",
         {{1, "a.c", 10, ""}},
         {{0, "a.c", 500, "", {}, {}, 1}}},
        {"told differently in the same line",
         {{1, "a.c", 10, "", "one"}},
         {{1, "a.c", 10, "", "two"}}},
        {"the lines around moved with it",
         {{1, "a.c", 10, "", "one"}},
         {{1, "a.c", 40, "", "one"}}},
        {"its neighbours moved with it",
         {{3, "a.c", 5, "y"}, {1, "a.c", 10, ""}, {4, "a.c", 30, "z"}},
         {{3, "a.c", 15, "y"}, {1, "a.c", 20, ""}, {4, "a.c", 40, "z"}}},
        {"its neighbours moved away from its line",
         {{3, "a.c", 5, "y"}, {1, "a.c", 20, "", "one"}, {4, "a.c", 30, "z"}},
         {{3, "a.c", 15, "y"}, {0, "a.c", 20, "", "two", {}, 1}, {4, "a.c", 40, "z"}}},
    });
}

TEST(Matching, a_report_without_code_and_one_with_it_agree_about_a_file_that_stayed) {
    check_all({
        {"now with it",
         {{1, "a.c", 5, ""}, {2, "a.c", 9, ""}},
         {{1, "a.c", 5, "x"}, {2, "a.c", 9, "y"}, {0, "a.c", 12, "z"}}},
        {"now without it",
         {{1, "a.c", 5, "x"}, {2, "a.c", 9, "y"}},
         {{1, "a.c", 5, ""}, {2, "a.c", 9, ""}}},
        {"a line was added above",
         {{1, "a.c", 5, ""}, {2, "a.c", 10, ""}},
         {{0, "a.c", 10, "x"}, {0, "a.c", 15, "y"}}},
        {"what is known moved",
         {{1, "a.c", 5, ""}, {3, "a.c", 9, "y"}},
         {{0, "a.c", 5, "x"}, {3, "a.c", 10, "y"}}},
        {"another file", {{1, "a.c", 5, ""}}, {{0, "b.c", 5, "x"}}},
    });
}

TEST(Matching, a_comment_behind_a_line_is_no_other_line) {
    const std::string line = "eval(what_the_user_said)";
    check_all({
        {"it came, and lines above", {{1, "a.c", 5, line}}, {{1, "a.c", 9, line + " // nosec"}}},
        {"it went", {{1, "a.c", 5, line + " // nosec"}}, {{1, "a.c", 5, line}}},
        {"it is another one", {{1, "a.c", 5, "x // b"}}, {{1, "a.c", 5, "x // c"}}},
        {"the one that is alike in everything comes first",
         {{1, "a.c", 5, "x // b"}, {2, "a.c", 9, "x"}},
         {{2, "a.c", 15, "x"}, {1, "a.c", 19, "x // c"}}},
        {"equals are told apart by the lines around",
         {{1, "a.c", 5, "x // b", "one"}, {2, "a.c", 9, "x", "two"}},
         {{2, "a.c", 15, "x // c", "two"}, {1, "a.c", 19, "x // c", "one"}}},
        {"one went, and nothing tells which",
         {{1, "a.c", 5, "x // b"}, {2, "a.c", 9, "x"}},
         {{0, "a.c", 15, "x // c", {}, {}, 1}}},
        {"in another file it is another one",
         {{1, "a.c", 5, line}},
         {{0, "b.c", 5, line + " // nosec"}}},
        {"another branch has none",
         {{1, "a.c", 5, "x", {}, {}, 0, Nearness::kOtherStream}},
         {{1, "a.c", 7, "x // c"}}},
        {"another secret",
         {{1, "a.c", 3, "key = *** // a", {}, "first"}},
         {{0, "a.c", 3, "key = *** // b", {}, "second"}}},
    });
}

// A block ends with the first lines of what stands below it.
TEST(Matching, one_that_stands_where_it_stood_may_be_it_whatever_block_another_one_has) {
    const auto line = [](std::int64_t id, std::uint32_t at, const std::string& block) {
        Line made{.id = id, .path = "a.py", .line = at, .content = "eval(x)"};
        made.block = block;
        return made;
    };
    std::vector<Line> appended{line(1, 5, "then b"), line(0, 12, "then c"), line(0, 19, "end")};
    appended[2].maybe = 2;
    check_all({{"appended", {line(1, 5, "then b"), line(2, 12, "end")}, appended},
               {"moved",
                {line(1, 5, "then b"), line(2, 12, "end")},
                {line(1, 6, "then b"), line(2, 13, "end")}}});
}

TEST(Matching, never_makes_one_secret_of_two) {
    check_all({
        {"another secret in the same line",
         {{1, "a.c", 3, "key = ***", {}, "first"}},
         {{0, "a.c", 3, "key = ***", {}, "second"}}},
        {"the same secret in another line",
         {{1, "a.c", 3, "key = ***", {}, "first"}},
         {{1, "b.c", 7, "token: ***", {}, "first"}}},
        {"two lines alike, whose secrets tell them apart",
         {{1, "a.c", 3, "key = ***", {}, "first"}, {2, "a.c", 4, "key = ***", {}, "second"}},
         {{2, "a.c", 3, "key = ***", {}, "second"}, {1, "a.c", 4, "key = ***", {}, "first"}}},
    });
}

TEST(Matching, a_line_in_another_file_between_other_lines_may_be_another_one) {
    const std::string line = "a line that is long enough";
    check_all({
        {"the lines around are others",
         {{1, "tests/a.c", 10, line, "one"}},
         {{0, "pay/b.c", 10, line, "two", {}, 1}}},
        {"the lines around came along",
         {{1, "tests/a.c", 10, line, "one"}},
         {{1, "pay/b.c", 10, line, "one"}}},
        {"the lines around are not known",
         {{1, "tests/a.c", 10, line}},
         {{1, "pay/b.c", 10, line}}},
        {"a secret is the same wherever it is",
         {{1, "tests/a.c", 10, line, "one", "s"}},
         {{1, "pay/b.c", 10, line, "two", "s"}}},
    });
}

TEST(Matching, blocks_that_changed_places_are_in_no_order) {
    // Four functions that end alike; three have a line of their own. The middle ones changed
    // places.
    check_all({
        {"what the neighbours above and below say is not the same",
         {{1, "a.c", 7, "x"},
          {2, "a.c", 12, "b"},
          {3, "a.c", 14, "x"},
          {4, "a.c", 19, "c"},
          {5, "a.c", 23, "x"},
          {6, "a.c", 28, "d"},
          {7, "a.c", 30, "x"}},
         {{0, "a.c", 7, "x", {}, {}, 1},
          {4, "a.c", 12, "c"},
          {0, "a.c", 16, "x", {}, {}, 1},
          {2, "a.c", 21, "b"},
          {0, "a.c", 23, "x", {}, {}, 1},
          {6, "a.c", 28, "d"},
          {0, "a.c", 30, "x", {}, {}, 1}}},
    });
}

TEST(Matching, one_of_several_equals_that_went_does_not_become_one_that_came) {
    check_all({
        {"between two lines that stayed",
         {{1, "a.c", 2, "u"}, {2, "a.c", 10, "x"}, {3, "a.c", 20, "x"}, {4, "a.c", 30, "v"}},
         {{1, "a.c", 2, "u"},
          {0, "a.c", 5, "x", {}, {}, 2},
          {0, "a.c", 11, "x", {}, {}, 2},
          {4, "a.c", 30, "v"}}},
        {"the middle one went with its line, one came behind",
         {{1, "a.c", 10, "x"}, {2, "a.c", 20, "x"}, {3, "a.c", 30, "x"}},
         {{0, "a.c", 10, "x", {}, {}, 1},
          {0, "a.c", 29, "x", {}, {}, 1},
          {0, "a.c", 39, "x", {}, {}, 1}}},
    });
}

TEST(Matching, equals_of_each_other_stream_are_looked_at_by_themselves) {
    const auto in = [](std::int64_t stream, std::int64_t id, std::uint32_t line) {
        return Line{id, "a.c", line, "x", {}, {}, 0, Nearness::kOtherStream, false, stream};
    };
    check_all({
        {"a merged branch had one more",
         {{1, "a.c", 4, "x"}, in(7, 1, 4), in(7, 2, 10)},
         {{1, "a.c", 4, "x"}, {2, "a.c", 10, "x"}}},
        {"a merged branch had one elsewhere",
         {{1, "a.c", 4, "x"}, in(7, 1, 4), in(7, 2, 10)},
         {{1, "a.c", 4, "x"}, {0, "a.c", 13, "x", {}, {}, 2}}},
        {"a new branch of two that have two numbers for one line",
         {in(7, 1, 4), in(7, 2, 10), in(8, 1, 4), in(8, 3, 10)},
         {{1, "a.c", 4, "x"}, {2, "a.c", 10, "x"}}},
        {"the branch that is the most alike, before one where all moved",
         {in(7, 1, 14), in(7, 2, 20), in(8, 1, 4), in(8, 3, 10)},
         {{1, "a.c", 4, "x"}, {3, "a.c", 10, "x"}}},
    });
}

TEST(Matching, what_a_branch_had_keeps_its_number_where_it_is_merged) {
    const auto in = [](std::int64_t id, std::uint32_t line) {
        return Line{id, "a.c", line, "x", {}, {}, 0, Nearness::kOtherStream, false, 7};
    };
    check_all({
        {"one went and one came",
         {{1, "a.c", 5, "x"}, {2, "a.c", 14, "x"}, in(3, 10), in(4, 14)},
         {{3, "a.c", 10, "x"}, {4, "a.c", 14, "x"}}},
        {"and one more elsewhere",
         {{1, "a.c", 5, "x"}, {2, "a.c", 14, "x"}, in(3, 10), in(4, 14)},
         {{0, "a.c", 10, "x", {}, {}, 1},
          {0, "a.c", 14, "x", {}, {}, 1},
          {0, "a.c", 30, "x", {}, {}, 1}}},
    });
}

// As Git tells: the line of 1 went in a change, that of 2 is where it was, and another one came.
TEST(Matching, what_went_in_one_change_is_not_what_came_in_another) {
    const std::vector<Signature> same{signature(Algorithm::kDistinctContent, "x")};
    const auto at = [&](std::uint32_t line) { return View{1, 1, line, 1, same}; };
    const auto known = [&](std::int64_t finding, std::uint32_t line) {
        return Before{.view = at(line), .finding = finding, .stood = true};
    };
    const std::vector<Before> before{known(1, 5), known(2, 14)};
    MatchAnswers answers{.path_name = [](std::int64_t) { return std::string_view("a.c"); }};
    answers.lines_of = [](const Before& asked, std::int64_t) -> std::optional<LinesNow> {
        if (asked.view.line == 5) return LinesNow{.first = 5, .end = 6, .went = 1};
        return LinesNow{.first = 20, .end = 21, .is_unchanged = true};
    };
    const auto match = [&](std::vector<std::uint32_t> lines) {
        std::vector<After> after;
        for (const std::uint32_t line : lines) after.push_back({at(line), 0});
        std::vector<std::int64_t> findings;
        for (const Pairing& pairing : match_views(before, after, answers))
            findings.push_back(pairing.finding);
        return findings;
    };
    using Findings = std::vector<std::int64_t>;
    EXPECT_EQ(match({10, 20}), (Findings{0, 2}));
    EXPECT_EQ(match({5, 20}), (Findings{1, 2}));
    EXPECT_EQ(match({20, 80}), (Findings{2, 0}));
    EXPECT_EQ(match({20, 21}), (Findings{0, 0}));  // any of the two may have come
}

TEST(Matching, what_was_written_twice_in_two_branches_is_two) {
    const std::string line = "eval(what_the_user_said)";
    const std::vector<Signature> signatures{signature(Algorithm::kDistinctContent, line)};
    const std::vector<Before> before{
        {{1, 1, 9, 1, signatures}, 5, Nearness::kOtherStream, false, false, 7}};
    const auto match = [&](std::uint32_t at, bool was_common) {
        const std::vector<After> after{{{1, 1, at, 1, signatures}, 0}};
        return match_views(before, after,
                           {.path_name = [](std::int64_t) { return std::string_view("a.c"); },
                            .may_share = [=](std::int64_t, std::size_t) { return was_common; }})[0];
    };
    EXPECT_EQ(match(17, true).finding, 5);
    EXPECT_EQ(match(17, false).finding, 0);
    EXPECT_EQ(match(17, false).maybe_from, 5);
    EXPECT_EQ(match(9, false).finding, 5);  // as after a squashed merge
}

TEST(Matching, a_file_in_which_all_stands_as_it_stood_is_renamed) {
    check_all({
        {"short lines",
         {{1, "src/a.c", 3, "x"}, {2, "src/a.c", 5, "y"}},
         {{1, "app/b.c", 3, "x"}, {2, "app/b.c", 5, "y"}}},
        {"a single one, called alike", {{1, "src/a.c", 3, "x"}}, {{1, "app/a.c", 3, "x"}}},
        {"a single one, called otherwise", {{1, "src/a.c", 3, "x"}}, {{0, "app/b.c", 3, "x"}}},
        {"at another line",
         {{1, "src/a.c", 3, "x"}, {2, "src/a.c", 5, "y"}},
         {{0, "app/b.c", 4, "x"}, {0, "app/b.c", 6, "y"}}},
        {"called alike, with a line more above",
         {{1, "src/a.c", 3, "x"}, {2, "src/a.c", 5, "y"}, {3, "src/a.c", 8, "z"}},
         {{1, "app/a.c", 4, "x"}, {2, "app/a.c", 6, "y"}, {3, "app/a.c", 9, "z"}}},
        {"called alike, in another order",
         {{1, "src/a.c", 3, "x"}, {2, "src/a.c", 5, "y"}, {3, "src/a.c", 8, "z"}},
         {{0, "app/a.c", 4, "y"}, {0, "app/a.c", 6, "x"}, {0, "app/a.c", 9, "z"}}},
        {"in a branch",
         {{1, "src/a.c", 3, "x", {}, {}, 0, Nearness::kOtherStream, false, 1},
          {2, "src/a.c", 5, "y", {}, {}, 0, Nearness::kOtherStream, false, 1}},
         {{1, "app/a.c", 3, "x"}, {2, "app/a.c", 5, "y"}}},
        {"two files that went are alike",
         {{1, "src/a.c", 3, "x"},
          {2, "src/a.c", 5, "y"},
          {3, "src/b.c", 3, "x"},
          {4, "src/b.c", 5, "y"}},
         {{0, "app/a.c", 3, "x"}, {0, "app/a.c", 5, "y"}}},
    });
}

TEST(Matching, a_folder_of_many_files_that_have_one_line_is_renamed) {
    Case one{"one line each", {}, {}};
    for (int i = 1; i <= 200; ++i) {
        const std::string name = "/f" + std::to_string(i) + ".c";
        one.before.push_back({i, "old" + name, 3, "a line that is in every one"});
        one.after.push_back({i, "new" + name, 3, "a line that is in every one"});
    }
    check_all({one});
}

}  // namespace
}  // namespace merlon::evidence
