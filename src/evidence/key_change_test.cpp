#include "evidence/key_change.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "evidence/store_case.h"
#include "model/fingerprint.h"

namespace merlon::evidence {
namespace {

// A secret as a report of ours has it: masked, and with a hash where there is a key.
struct Shown {
    std::string path;
    std::uint32_t line, column;
    std::string value;
    std::string lines = "key = ";  // in front of it
};

class KeyChangeTest : public StoreTest {
  protected:
    // An empty key: there is none.
    static exchange::ReadReport scan(const std::string& key, const std::vector<Shown>& secrets) {
        exchange::ReadReport read = report({});
        model::Report& made = read.report;
        made.analysis.signature_versions = {std::string(model::kContextAlgorithm)};
        if (!key.empty()) made.analysis.signature_versions.push_back(model::secret_key_name(key));
        for (const Shown& secret : secrets) {
            const std::string mask = model::mask_secret(secret.value);
            model::Finding& finding = made.findings.emplace_back();
            finding.rule_id = "token";
            finding.message = "a token";
            const auto end = secret.column + static_cast<std::uint32_t>(secret.value.size());
            finding.location = model::FileLocation{.path = secret.path,
                                                   .region = {.start_line = secret.line,
                                                              .start_column = secret.column,
                                                              .end_line = secret.line,
                                                              .end_column = end}};
            finding.excerpt.first_line = finding.excerpt.mark_line = secret.line;
            finding.excerpt.lines = {secret.lines + mask};
            finding.match = finding.secret = mask;
            if (!key.empty()) finding.secret_id = model::secret_id(key, secret.value);
            finding.fingerprints.push_back(
                model::context_fingerprint("token", secret.lines + mask, 0));
        }
        return read;
    }
};

const std::string kAlpha = "alphaalphaalphaalpha1", kBeta = "betabetabetabetabeta2",
                  kAlphb = "alphbetabetabetabeta2";  // as long and masked as kAlpha

TEST_F(KeyChangeTest, what_stays_where_it_was_is_known_under_another_key) {
    const std::vector<Shown> secrets{{"a.c", 3, 7, kAlpha}, {"a.c", 9, 7, kBeta}};
    take(scan("", secrets));
    for (const char* key : {"one", "two", "", "two"}) {
        const MergeCounts counts = take(scan(key, secrets)).counts;
        EXPECT_EQ(counts.rekeyed, 2u) << key;
        EXPECT_EQ(counts.maybe_rekeyed, 0u);
        EXPECT_EQ(counts.fresh, 0u);
        EXPECT_EQ(counts.closed, 0u);
        EXPECT_EQ(list("is:open"), (Lines{"2 a.c:9 present", "1 a.c:3 present"}));
    }
    // Once: from now on it is known by its value, and moves.
    const MergeCounts counts =
        take(scan("two", {{"a.c", 30, 7, kAlpha}, {"b.c", 9, 7, kBeta}})).counts;
    EXPECT_EQ(counts.rekeyed, 0u);
    EXPECT_EQ(counts.moved, 2u);
    EXPECT_EQ(problems(), Lines());
}

TEST_F(KeyChangeTest, one_value_in_several_places_is_no_doubt) {
    const std::vector<Shown> both{
        {"a.c", 3, 7, kAlpha}, {"a.c", 9, 7, kAlpha}, {"b.c", 3, 7, kAlpha}};
    take(scan("", both));
    for (const char* key : {"one", "two", ""})
        EXPECT_EQ(take(scan(key, both)).counts.rekeyed, 3u) << key;
    // But not if it is not in all of them.
    EXPECT_EQ(take(scan("two", {both[0], both[1], {"b.c", 8, 7, kAlpha}})).counts.rekeyed, 0u);
}

TEST_F(KeyChangeTest, what_may_have_changed_places_is_never_joined) {
    struct Case {
        std::string title;
        std::vector<Shown> before, after;
    };
    const std::vector<Case> cases{
        {"two lines",
         {{"a.c", 3, 7, kAlpha, "x = "}, {"a.c", 9, 7, kAlphb, "y = "}},
         {{"a.c", 3, 7, kAlphb, "x = "}, {"a.c", 9, 7, kAlpha, "y = "}}},
        {"one line",
         {{"a.c", 3, 7, kAlpha, "x = "}, {"a.c", 3, 70, kAlphb, "x = "}},
         {{"a.c", 3, 7, kAlphb, "x = "}, {"a.c", 3, 70, kAlpha, "x = "}}},
        {"one went, and the other one took its place",
         {{"a.c", 3, 7, kAlpha}, {"a.c", 9, 7, kAlphb}},
         {{"a.c", 3, 7, kAlphb}}},
        {"one came", {{"a.c", 3, 7, kAlpha}}, {{"a.c", 3, 7, kAlphb}, {"a.c", 9, 7, kAlpha}}},
        {"two files that read the same",
         {{"a.c", 3, 7, kAlpha}, {"b.c", 3, 7, kAlphb}},
         {{"a.c", 3, 7, kAlphb}, {"b.c", 3, 7, kAlpha}}},
        {"another length", {{"a.c", 3, 7, kAlpha}}, {{"a.c", 3, 7, kAlpha + "x"}}},
        {"other lines", {{"a.c", 3, 7, kAlpha, "x = "}}, {{"a.c", 3, 7, kAlpha, "y = "}}},
    };
    int number = 0;
    for (const Case& one : cases) {
        for (const char* key : {"", "one"}) {
            SCOPED_TRACE(one.title + " from " + key);
            exchange::ReadReport before = scan(key, one.before), after = scan("two", one.after);
            before.report.analysis.tool = after.report.analysis.tool =
                "tool " + std::to_string(++number);
            take(before);
            const MergeCounts counts = take(after).counts;
            EXPECT_EQ(counts.rekeyed, 0u);
            EXPECT_EQ(counts.fresh, one.after.size());
            EXPECT_EQ(counts.maybe_rekeyed, one.after.size());
            EXPECT_EQ(counts.closed, one.before.size());
        }
    }
    EXPECT_EQ(problems(), Lines());
}

TEST_F(KeyChangeTest, under_one_key_only_the_value_counts) {
    take(scan("one", {{"a.c", 3, 7, kAlpha}}));
    const MergeCounts counts = take(scan("one", {{"a.c", 3, 7, kAlphb}})).counts;
    EXPECT_EQ(counts.fresh, 1u);
    EXPECT_EQ(counts.maybe_rekeyed, 0u);
    // Of a report of an older Merlon nobody knows by which key it is.
    exchange::ReadReport older = scan("two", {{"a.c", 3, 7, kAlphb}});
    older.report.analysis.signature_versions.pop_back();
    EXPECT_EQ(take(older).counts.fresh, 1u);
    EXPECT_EQ(take(scan("three", {{"a.c", 3, 7, kAlphb}})).counts.rekeyed, 0u);
}

TEST_F(KeyChangeTest, a_branch_brings_no_key_of_its_own) {
    take(scan("one", {{"a.c", 3, 7, kAlpha}}));
    ref_ = "topic";
    EXPECT_EQ(take(scan("one", {{"a.c", 3, 7, kAlpha}})).counts.known, 1u);
    EXPECT_EQ(take(scan("two", {{"a.c", 3, 7, kAlphb}})).counts.fresh, 1u);
    ref_ = "main";
    EXPECT_EQ(take(scan("two", {{"a.c", 3, 7, kAlpha}})).counts.rekeyed, 1u);
}

// The hash without a key of a value in the clear would tell it to who guesses.
TEST_F(KeyChangeTest, nothing_is_made_of_a_value_in_the_clear) {
    exchange::ReadReport read = scan("one", {{"a.c", 3, 7, kAlpha}});
    read.report.findings[0].secret = kAlpha;
    name_secret_key(read.report);
    for (const Signature& signature : signatures_of(read.report.findings[0]))
        EXPECT_TRUE(signature.algorithm != Algorithm::kMasked &&
                    signature.algorithm != Algorithm::kMaskedLook);
}

}  // namespace
}  // namespace merlon::evidence
