#include "gate/store_base.h"

#include <algorithm>
#include <tuple>

#include "evidence/store_case.h"
#include "gate/store_facts.h"

namespace merlon::gate {
namespace {

using evidence::Found;

const std::string kBase = std::string(36, 'b') + "0001";
const std::string kLater = std::string(36, 'b') + "0002";

class StoreBase : public evidence::StoreTest {
  protected:
    void bring(
        const std::string& ref, const std::string& revision, const std::vector<Found>& found,
        evidence::ImportRequest::Coverage coverage = evidence::ImportRequest::Coverage::kComplete,
        const std::string& tool = "Tool", const std::string& category = "") {
        exchange::ReadReport made = report(found);
        made.report.analysis.tool = tool;
        made.category = category;
        for (model::Finding& finding : made.report.findings) finding.severity = severity_;
        const std::string bytes = "document " + std::to_string(++documents_);
        now_.nanoseconds += step_ns_;
        const auto runs = evidence::import_reports(store_->database(),
                                                   {.bytes = bytes,
                                                    .kind = "sarif",
                                                    .name = "r.sarif",
                                                    .scope = "shop",
                                                    .ref = ref,
                                                    .revision = revision,
                                                    .coverage = coverage,
                                                    .actor = "tester",
                                                    .now = now_},
                                                   {made});
        ASSERT_TRUE(runs.ok()) << runs.error().to_string();
    }

    Input input_of(const std::string& base, const std::string& target = "main") {
        Input input;
        input.gate = "pr";
        input.repository = "shop";
        input.ref = "topic";
        input.target = target;
        input.base_commit = base;
        auto transaction = evidence::Transaction::begin(store_->database());
        EXPECT_TRUE(transaction.ok());
        const Status added = add_store_facts(store_->database(), input);
        EXPECT_TRUE(added.ok()) << added.error().to_string();
        return input;
    }

    // "a.c old", "b.c new", "c.c unknown" for each finding of the head.
    Lines seen(const Input& input) {
        Lines lines;
        for (const SeenFinding& one : input.findings)
            lines.push_back(one.path + (one.is_base_unknown ? " unknown"
                                        : one.is_new        ? " new"
                                                            : " old"));
        std::ranges::sort(lines);
        return lines;
    }

    model::Severity severity_ = model::Severity::kHigh;
    std::int64_t step_ns_ = 60'000'000'000;
    const Found a_{"r", "a.c", 3, "x = 1;"}, b_{"r", "b.c", 4, "y = 2;"},
        c_{"r", "c.c", 5, "z = 3;"};
};

TEST_F(StoreBase, a_tool_that_looked_at_the_base_alone_is_missing) {
    const auto complete = evidence::ImportRequest::Coverage::kComplete;
    bring("main", kBase, {a_});
    bring("main", kBase, {b_}, complete, "Other");
    bring("main", kLater, {c_}, complete, "Third");
    bring("topic", "", {a_});
    EXPECT_EQ(missing_analyses(input_of(kBase)), Lines{"other"});
    bring("topic", "", {}, complete, "Other");
    EXPECT_EQ(missing_analyses(input_of(kBase)), Lines());
}

TEST_F(StoreBase, a_category_that_the_base_alone_has_is_missing) {
    const auto complete = evidence::ImportRequest::Coverage::kComplete;
    for (const char* category : {"", "back", "front"})
        bring("main", kBase, {}, complete, "CodeQL", category);
    bring("main", kBase, {}, complete, "Merlon", "merlon/iac/");
    bring("topic", "", {a_}, complete, "CodeQL", "back");
    bring("topic", "", {}, complete, "Merlon", "merlon/secrets/");
    EXPECT_EQ(missing_analyses(input_of(kBase)),
              (Lines{"codeql (no category)", "codeql (front)", "iac"}));
    // Trivy has one for each kind of what it found.
    for (const char* category : {"secrets", "image/secrets", "image/packages", "lib/secrets"})
        bring("main", kBase, {}, complete, "Trivy", category);
    for (const char* category : {"packages", "image/secrets"})
        bring("topic", "", {}, complete, "Trivy", category);
    EXPECT_EQ(missing_analyses(input_of(kBase)),
              (Lines{"codeql (no category)", "codeql (front)", "iac", "trivy (lib)"}));
    bring("topic", "", {}, complete, "CodeQL", "front");
    EXPECT_EQ(missing_analyses(input_of(kBase)),
              (Lines{"codeql (no category)", "iac", "trivy (lib)"}));
}

TEST_F(StoreBase, new_is_what_the_merge_base_had_not) {
    bring("main", kBase, {a_});
    bring("topic", "", {a_, b_});
    const Input input = input_of(kBase);
    EXPECT_TRUE(input.has_base);
    EXPECT_EQ(seen(input), (Lines{"a.c old", "b.c new"}));
    // What the target mends or gets later is no matter of the change.
    bring("main", kLater, {b_, c_});
    EXPECT_EQ(seen(input_of(kBase)), (Lines{"a.c old", "b.c new"}));
    EXPECT_EQ(seen(input_of(kLater)), (Lines{"a.c new", "b.c old"}));
    // And back again.
    bring("main", std::string(40, 'c'), {a_});
    EXPECT_EQ(seen(input_of(kLater)), (Lines{"a.c new", "b.c old"}));
    EXPECT_EQ(seen(input_of(kBase.substr(0, 9) + kBase.substr(9))), (Lines{"a.c old", "b.c new"}));
}

// A branch's own word counts, whatever the first branch shows.
TEST_F(StoreBase, a_severity_that_the_change_raises_is_told) {
    severity_ = model::Severity::kLow;
    bring("main", kBase, {a_, b_});
    bring("topic", "", {a_, b_});
    EXPECT_FALSE(input_of(kBase).findings.at(0).raised_from);
    severity_ = model::Severity::kCritical;
    bring("topic", "", {a_, b_});
    const Input input = input_of(kBase);
    EXPECT_EQ(seen(input), (Lines{"a.c old", "b.c old"}));
    EXPECT_EQ(input.findings.at(0).severity, model::Severity::kCritical);
    EXPECT_EQ(input.findings.at(0).raised_from, model::Severity::kLow);
    // The target raises it, too, which the merge base had not.
    bring("main", kLater, {a_, b_});
    EXPECT_EQ(input_of(kBase).findings.at(0).raised_from, model::Severity::kLow);
    EXPECT_FALSE(input_of(kLater).findings.at(0).raised_from);
}

TEST_F(StoreBase, what_the_merge_base_was_silent_about_is_new_once_it_speaks) {
    Found silent = a_;
    silent.suppressed_by = "inSource";
    bring("main", kBase, {silent, b_});
    bring("topic", "", {silent, b_});
    EXPECT_EQ(input_of(kBase).findings.at(0).suppressed_by, "inSource");
    bring("topic", "", {a_, b_});
    EXPECT_EQ(seen(input_of(kBase)), (Lines{"a.c new", "b.c old"}));
    EXPECT_EQ(input_of(kBase).findings.at(0).suppressed_by, "");
    // It speaks in the target as well: that is no matter of this change, from there on.
    bring("main", kLater, {a_, b_});
    EXPECT_EQ(seen(input_of(kBase)), (Lines{"a.c new", "b.c old"}));
    EXPECT_EQ(seen(input_of(kLater)), (Lines{"a.c old", "b.c old"}));
    // What this branch alone is silent about, is silent here alone.
    bring("topic", "", {a_, [&] {
                            Found other = b_;
                            other.suppressed_by = "inSource";
                            return other;
                        }()});
    const SeenFinding silenced = input_of(kLater).findings.at(1);
    EXPECT_EQ(silenced.suppressed_by, "inSource");
    EXPECT_TRUE(silenced.is_suppressed_in_change);
    EXPECT_FALSE(input_of(kLater).findings.at(0).is_suppressed_in_change);
}

TEST_F(StoreBase, what_the_change_suppresses_is_what_the_merge_base_had_open_or_not_at_all) {
    Found silent_a = a_, silent_b = b_, silent_c = c_;
    for (Found* one : {&silent_a, &silent_b, &silent_c}) one->suppressed_by = "inline";
    bring("main", kBase, {silent_a, b_});
    bring("topic", "", {silent_a, silent_b, silent_c});
    std::string flags;
    for (const SeenFinding& one : input_of(kBase).findings)
        flags += one.is_suppressed_in_change ? one.path.substr(0, 1) : "";
    EXPECT_EQ(flags, "bc");
    // A person's decision is none of the change's own.
    bring("topic", "", {silent_a, b_});
    ASSERT_TRUE(decide({.rule = "r"}, evidence::Verdict::kAccepted, 30).ok());
    for (const SeenFinding& one : input_of(kBase).findings) {
        EXPECT_NE(one.suppressed_by, "");
        EXPECT_FALSE(one.is_suppressed_in_change) << one.path;
    }
}

TEST_F(StoreBase, a_base_that_nobody_looked_at_whole_is_unknown) {
    using Coverage = evidence::ImportRequest::Coverage;
    bring("topic", "", {a_});
    Input input = input_of(kBase);
    EXPECT_FALSE(input.has_base);
    EXPECT_EQ(seen(input), (Lines{"a.c unknown"}));
    ASSERT_EQ(input.base_unknown_because.size(), 1U);
    EXPECT_NE(input.base_unknown_because[0].find("--ref main --commit " + kBase.substr(0, 12)),
              std::string::npos);
    bring("main", kBase, {a_}, Coverage::kPartial);
    EXPECT_NE(input_of(kBase).base_unknown_because.at(0).find("not complete"), std::string::npos);
    bring("main", kBase, {});
    EXPECT_EQ(seen(input_of(kBase)), (Lines{"a.c new"}));
    // Another tool knows nothing of it, nor does an analysis of the change itself.
    bring("topic", kBase, {b_}, Coverage::kComplete, "Other");
    input = input_of(kBase);
    EXPECT_EQ(seen(input), (Lines{"a.c new", "b.c unknown"}));
    EXPECT_FALSE(input.has_base);
}

TEST_F(StoreBase, without_target_or_base_the_reason_is_told) {
    bring("main", kBase, {a_});
    bring("topic", "", {a_});
    for (const auto& [base, target, word] :
         std::initializer_list<std::tuple<std::string, std::string, std::string>>{
             {kBase, "", "--target"}, {kBase, "topic", "its own"}, {"", "main", "--merge-base"}}) {
        const Input input = input_of(base, target);
        EXPECT_FALSE(input.has_base);
        EXPECT_NE(input.base_unknown_because.at(0).find(word), std::string::npos) << word;
        EXPECT_EQ(seen(input), (Lines{"a.c unknown"}));
    }
    // A release branch has come from the repository's own.
    EXPECT_EQ(seen(input_of(kBase, "release/1")), (Lines{"a.c old"}));
}

TEST_F(StoreBase, what_was_written_over_within_a_second_is_unknown) {
    bring("main", "", {a_});
    step_ns_ = 1'000'000;
    now_.nanoseconds += 60'000'000'000;
    bring("main", kBase, {});
    bring("main", kLater, {a_});
    bring("topic", "", {a_});
    EXPECT_EQ(seen(input_of(kBase)), (Lines{"a.c unknown"}));
    EXPECT_EQ(seen(input_of(kLater)), (Lines{"a.c old"}));
}

}  // namespace
}  // namespace merlon::gate
