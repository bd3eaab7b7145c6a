#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/clock.h"
#include "compat/opa/run.h"
#include "compat/opa/test_report.h"

namespace merlon::compat::opa {
namespace {

class PolicyTest : public testing::Test {
  protected:
    void SetUp() override {
        folder_ = std::filesystem::path(testing::TempDir()) / "policy_test_rules";
        std::filesystem::remove_all(folder_);
        std::filesystem::create_directories(folder_);
    }
    void write(const std::string& name, std::string_view text) {
        std::ofstream(folder_ / name) << text;
    }
    // The command's output, with the times left out and the folder's name as well.
    std::string test(std::vector<std::string> words) {
        words.insert(words.begin(), "test");
        words.push_back(folder_.string());
        std::string out;
        Outside outside;
        outside.write_output = [&out](std::string_view text) {
            out += text;
            return Status();
        };
        outside.write_error = [&out](std::string_view text) { out += text; };
        outside.clock = &system_clock();
        code_ = run(words, outside);
        for (std::size_t at = out.find(folder_.string()); at != std::string::npos;
             at = out.find(folder_.string())) {
            out.erase(at, folder_.string().size() + 1);
        }
        for (std::size_t at = out.find(" ("); at != std::string::npos; at = out.find(" (")) {
            out.erase(at, out.find(')', at) + 1 - at);
        }
        return out;
    }

    std::filesystem::path folder_;
    int code_ = -1;
};

constexpr std::string_view kLine =
    "--------------------------------------------------------------------------------\n";

TEST_F(PolicyTest, tests_that_pass_are_counted) {
    write("p.rego", "package p\n\ntest_a if true\n\ntest_a if 1 == 1\n\nhelper if false\n");
    EXPECT_EQ(test({}), "PASS: 2/2\n");
    EXPECT_EQ(code_, 0);
    EXPECT_EQ(test({"-v"}), "p.rego:3:\ndata.p.test_a: PASS\np.rego:5:\ndata.p.test_a#01: PASS\n" +
                                std::string(kLine) + "PASS: 2/2\n");
}

TEST_F(PolicyTest, tests_know_their_metadata) {
    write(
        "p.rego",
        "package p\n\n# METADATA\n# title: one\ntest_a if rego.metadata.rule().title == \"one\"\n\n"
        "# METADATA\n# title: two\ntest_a if {\n"
        "\trego.metadata.chain()[0] == {\"path\": [\"p\", \"test_a#01\"], "
        "\"annotations\": {\"scope\": \"rule\", \"title\": \"two\"}}\n}\n\n"
        "# METADATA\n# title: each\ntest_c[x] if {\n\tsome x in [\"k\"]\n"
        "\trego.metadata.rule().title == \"each\"\n}\n");
    EXPECT_EQ(test({}), "PASS: 3/3\n");
}

TEST_F(PolicyTest, a_test_fails_that_is_undefined_or_not_true_and_shows_what_it_prints) {
    write("p.rego",
          "package p\n\ntest_a if {\n\tprint(\"got\", [1, \"x\"], input.none)\n\tfalse\n}\n\n"
          "test_b := \"text\"\n");
    EXPECT_EQ(test({}),
              "p.rego:3:\ndata.p.test_a: FAIL\n\n  got [1, \"x\"] <undefined>\n\n"
              "p.rego:8:\ndata.p.test_b: FAIL\n" +
                  std::string(kLine) + "FAIL: 2/2\n");
    EXPECT_EQ(code_, 2);
}

// `allow` stands where its module names a rule last, as OPA has it.
TEST_F(PolicyTest, a_rule_without_a_value_is_shown_below_the_expression) {
    write("p.rego",
          "package p\n\nimport data.c as see\n\nallow if input.x\n\nm[k] := v if some k, v in "
          "input.m\n\ntest_see if see[x] > 1\n\ntest_m if m.z.a with input.m as {\"z\": {}}\n\n"
          "test_x if x := allow\n\ntest_allow if allow with input as {}\n");
    const std::string shown = test({"--var-values"});
    EXPECT_EQ(shown.substr(shown.find("FAILURES\n")),
              "FAILURES\n" + std::string(kLine) +
                  "data.p.test_see: FAIL\n\n  p.rego:9:\n"
                  "                see[x] > 1\n"
                  "                |   |\n"
                  "                |   undefined\n"
                  "                see[x]: undefined\n"
                  "                see: undefined\n\n"
                  "data.p.test_m: FAIL\n\n  p.rego:11:\n"
                  "              m.z.a with input.m as {\"z\": {}}\n"
                  "                  |\n"
                  "                  undefined\n\n"
                  "data.p.test_x: FAIL\n\n  p.rego:13:\n"
                  "              x := allow\n"
                  "                  |\n"
                  "                  undefined\n\n"
                  "data.p.test_allow: FAIL\n\n  p.rego:15:\n"
                  "                  allow with input as {}\n"
                  "                  |\n"
                  "                  undefined\n\n" +
                  std::string(kLine) + "FAIL: 4/4\n");
}

// What `some x in xs` makes, xs[_], stands nowhere: only xs is shown.
TEST_F(PolicyTest, what_some_goes_through_is_shown_where_it_has_nothing) {
    write("p.rego",
          "package p\n\ne := []\n\ntest_a if some v in e\n\ntest_b if some v in input.m with "
          "input as {\"m\": []}\n");
    const std::string shown = test({"--var-values"});
    EXPECT_EQ(shown.substr(shown.find("FAILURES\n")),
              "FAILURES\n" + std::string(kLine) +
                  "data.p.test_a: FAIL\n\n  p.rego:5:\n"
                  "              some v in e\n"
                  "                        |\n"
                  "                        []\n\n"
                  "data.p.test_b: FAIL\n\n  p.rego:7:\n"
                  "              some v in input.m with input as {\"m\": []}\n"
                  "                        |\n"
                  "                        undefined\n\n" +
                  std::string(kLine) + "FAIL: 2/2\n");
}

TEST_F(PolicyTest, traces_tell_which_case_begins) {
    write("p.rego",
          "package p\n\ntest_c[name] if {\n\tsome name, v in {\"one\": 1}\n\tv == 2\n}\n");
    EXPECT_NE(test({"--explain", "full"}).find("| | TestCase internal.test_case([\"one\"])  \n"),
              std::string::npos);
}

TEST_F(PolicyTest, a_traceback_has_the_side_of_an_equality_that_was_looked_at) {
    write("p.rego",
          "package p\n\na := 1 if input.x\n\na := 2 if input.y\n\ntest_a if a == 1 with input as "
          "{\"x\": 1, \"y\": 1}\n");
    EXPECT_NE(test({}).find("p.rego:7: a == 1 with input as {\"x\": 1, \"y\": 1}\n"),
              std::string::npos);
    EXPECT_NE(test({"--var-values"}).find("p.rego:7: a\n"), std::string::npos);
}

TEST_F(PolicyTest, a_print_of_several_values_is_a_line_for_each) {
    write("p.rego",
          "package p\n\ntest_a if {\n\tsome v in input.x\n\tprint(\"v\", v)\n\tfalse\n}\n");
    EXPECT_EQ(test({"-r", "none"}), "");
    write("q.rego", "package q\n\ntest_b if data.p.test_a with input as {\"x\": [1, 2]}\n");
    EXPECT_EQ(test({"-r", "data.q"}), "q.rego:3:\ndata.q.test_b: FAIL\n\n  v 1\n  v 2\n\n" +
                                          std::string(kLine) + "FAIL: 1/1\n");
}

TEST_F(PolicyTest, cases_are_known_by_name_also_where_they_fail) {
    write("p.rego",
          "package p\n\ntest_sum[tc.note] if {\n\tsome tc in [{\"note\": \"one\", \"v\": 1}, "
          "{\"note\": \"two\", \"v\": 2}]\n\ttc.v == 1\n}\n");
    EXPECT_EQ(test({}), "p.rego:3:\ndata.p.test_sum: FAIL\n  two: FAIL\n" + std::string(kLine) +
                            "PASS: 1/2\nFAIL: 1/2\n");
}

TEST_F(PolicyTest, a_key_that_is_a_collection_is_a_case) {
    write("p.rego", "package p\n\ntest_d[[1, \"a\"]] if true\n\ntest_e[{\"k\": 1}] if 1 == 2\n");
    EXPECT_EQ(test({}), "p.rego:5:\ndata.p.test_e: FAIL\n  {\"k\":1}: FAIL\n" + std::string(kLine) +
                            "PASS: 1/2\nFAIL: 1/2\n");
}

TEST_F(PolicyTest, what_is_wrong_with_a_case_is_told_where_it_is_used) {
    write("p.rego",
          "package p\n\ntest_a[l][i] if {\n\tsome i, m in [1]\n\tl == i\n\tm > 0\n}\n\n"
          "test_b[l] if {\n\tsome l\n\tll == 1\n}\n");
    EXPECT_EQ(test({}),
              "2 errors occurred:\np.rego:5: rego_unsafe_var_error: var l is unsafe\n"
              "p.rego:11: rego_unsafe_var_error: var ll is unsafe\n");
    write("p.rego", "package p\n\ntest_a[l] if true\n");
    EXPECT_EQ(test({}), "1 error occurred: p.rego:3: rego_unsafe_var_error: var l is unsafe\n");
}

TEST_F(PolicyTest, a_test_to_be_done_is_skipped_and_an_error_is_one) {
    write("p.rego",
          "package p\n\ntodo_test_a if false\n\ntest_b := {k: v | k := \"a\"; v := [1, 2][_]}\n");
    EXPECT_EQ(test({}),
              "p.rego:3:\ndata.p.todo_test_a: SKIPPED\np.rego:5:\ndata.p.test_b: ERROR\n"
              "  p.rego:5: eval_conflict_error: object keys must be unique\n  Traceback:\n"
              "    p.rego:5: v := [1, 2][_]\n    p.rego:5: {k: v | k := \"a\"; v := [1, 2][_]}\n"
              "    1:1: data.p.test_b\n" +
                  std::string(kLine) + "SKIPPED: 1/2\nERROR: 1/2\n");
    EXPECT_EQ(code_, 2);
    EXPECT_EQ(test({"-r", "test_a", "-z"}).substr(0, 9), "p.rego:3:");
    EXPECT_EQ(code_, 0);
}

TEST_F(PolicyTest, what_does_not_compile_is_not_run) {
    write("p.rego", "package p\n\ntest_a if x == 1\n");
    EXPECT_NE(test({}).find("rego_unsafe_var_error"), std::string::npos);
    EXPECT_EQ(code_, 1);
}

TEST_F(PolicyTest, coverage_tells_why_a_test_has_failed) {
    write("p.rego", "package p\n\ntest_a[x] if {\n\tsome x in [\"n\"]\n\tx == \"m\"\n}\n");
    const std::string head = "p.rego:3:\ndata.p.test_a: FAIL\n  n: FAIL\n";
    const std::string end = std::string(kLine) + "FAIL: 1/1\ndata.p.test_a: FAIL\nn: FAIL\n\n";
    EXPECT_EQ(test({"-c"}), head + end);
    EXPECT_EQ(code_, 1);
    const std::string told = test({"-c", "-v"});
    EXPECT_TRUE(told.starts_with(head)) << told;
    EXPECT_NE(told.find("| | Fail x = \"m\""), std::string::npos) << told;
    EXPECT_TRUE(told.ends_with(end)) << told;
}

TEST_F(PolicyTest, as_many_errors_as_may_be_shown_are_too_many) {
    write("p.rego", "package p\n\na if x\n\nb if y\n");
    const std::string errors =
        "p.rego:3: rego_unsafe_var_error: var x is unsafe\n"
        "p.rego:5: rego_unsafe_var_error: var y is unsafe\n";
    EXPECT_EQ(test({"-m", "2"}),
              "3 errors occurred:\n" + errors + "rego_compile_error: error limit reached\n");
    EXPECT_EQ(test({"-m", "3"}), "2 errors occurred:\n" + errors);
}

TEST_F(PolicyTest, files_are_left_out_by_their_names) {
    write("p.rego", "package p\n\ntest_a if true\n");
    write("x.yaml", "a: [\n");
    test({});
    EXPECT_EQ(code_, 1);
    EXPECT_EQ(test({"--ignore", "*.yaml"}), "PASS: 1/1\n");
}

TEST_F(PolicyTest, trivy_has_built_ins_of_its_own) {
    write("p.rego",
          "package p\n\ntest_a if {\n"
          "\tr := result.new(\"m\", {\"__defsec_metadata\": {\"startline\": 3, \"parent\": "
          "{\"endline\": 9}}})\n"
          "\tr.msg == \"m\"\n\tr.startline == 3\n\tr.parent.endline == 9\n"
          "\tnot isManaged({\"__defsec_metadata\": {\"managed\": false}})\n"
          "\tcidr.is_public(\"10.0.0.0/6\")\n\tnot cidr.is_public(\"10.0.0.0/8\")\n"
          "\tcidr.count_addresses(\"10.0.0.0/30\") == 4\n"
          "\tsh.parse_commands(\"a && b c\") == [[\"a\"], [\"b\", \"c\"]]\n"
          "\tsquealer.scan_string(\"PASSWORD=\\\"hunter\\\"\").transgressionFound\n}\n");
    EXPECT_EQ(test({"--trivy"}), "PASS: 1/1\n");
    EXPECT_NE(test({}).find("undefined function result.new"), std::string::npos);
}

TEST(TestReport, durations_are_written_as_go_writes_them) {
    EXPECT_EQ(duration_text(0), "0s");
    EXPECT_EQ(duration_text(999), "999ns");
    EXPECT_EQ(duration_text(1'500), "1.5\xC2\xB5s");
    EXPECT_EQ(duration_text(12'000'000), "12ms");
    EXPECT_EQ(duration_text(3'723'004'000'000), "1h2m3.004s");
}

}  // namespace
}  // namespace merlon::compat::opa
