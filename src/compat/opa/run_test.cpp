#include "compat/opa/run.h"

#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <map>

#include "base/file.h"
#include "compat/opa/fixed_clock_test.h"

namespace merlon::compat::opa {
namespace {

// A folder of files, and what a command says about them.
class Opa : public testing::Test {
  protected:
    void SetUp() override {
        folder_ = std::filesystem::temp_directory_path() /
                  ("merlon_opa_" + std::to_string(::getpid()) + "_" +
                   testing::UnitTest::GetInstance()->current_test_info()->name());
        std::filesystem::create_directories(folder_);
        before_ = std::filesystem::current_path();
        std::filesystem::current_path(folder_);
    }
    void TearDown() override {
        std::filesystem::current_path(before_);
        std::filesystem::remove_all(folder_);
    }
    static void write(const std::string& name, std::string_view text) {
        std::filesystem::create_directories(std::filesystem::absolute(name).parent_path());
        ASSERT_TRUE(write_file_atomically(name, text).ok());
    }
    int run(const std::vector<std::string>& words, std::string input = "") {
        output_.clear();
        errors_.clear();
        Outside outside;
        outside.variable = [this](const std::string& name) {
            const auto found = variables_.find(name);
            return found == variables_.end() ? std::nullopt : std::optional(found->second);
        };
        outside.write_output = [this](std::string_view text) {
            output_ += text;
            return Status();
        };
        outside.write_error = [this](std::string_view text) { errors_ += text; };
        outside.read_input = [input] { return Result<std::string>(input); };
        outside.clock = &clock_;
        outside.program = program_;
        return opa::run(words, outside);
    }

    std::filesystem::path folder_;
    std::filesystem::path before_;
    FixedClock clock_;
    std::string program_;
    std::map<std::string, std::string> variables_;
    std::string output_;
    std::string errors_;
};

TEST_F(Opa, eval_answers_in_each_format) {
    write("p.rego", "package p\n\nxs contains x if some x in input.xs\n");
    write("in.json", R"({"xs": ["a", "<b>"]})");
    const auto eval = [this](const std::string& format, const std::string& query) {
        EXPECT_EQ(run({"eval", "-d", "p.rego", "-i", "in.json", "-f", format, query}), 0);
        return output_;
    };
    EXPECT_EQ(eval("pretty", "data.p"),
              "{\n  \"xs\": [\n    \"\\u003cb\\u003e\",\n    \"a\"\n  ]\n}\n");
    EXPECT_EQ(eval("raw", "data.p.xs[x]"), "<b>\na\n");
    EXPECT_EQ(eval("values", "data.p.xs[x]; 1"),
              "[\n  \"\\u003cb\\u003e\",\n  1\n]\n[\n  \"a\",\n  1\n]\n");
    EXPECT_EQ(eval("bindings", "x := 1"), "{\n  \"x\": 1\n}\n");
    EXPECT_EQ(
        eval("json", "1 == 2"),
        "{\n  \"result\": [\n    {\n      \"expressions\": [\n        {\n          \"value\": "
        "false,\n          \"text\": \"1 == 2\",\n          \"location\": {\n            "
        "\"row\": 1,\n            \"col\": 1\n          }\n        }\n      ]\n    }\n  ]\n}\n");
    EXPECT_EQ(eval("json", "data.p; 1 == 2"), "{}\n");
    EXPECT_EQ(eval("pretty", "x := [1, \"b\"][_]"),
              "┌─────┐\n│  x  │\n├─────┤\n│ 1   │\n│ \"b\" │\n└─────┘\n");
    EXPECT_EQ(eval("pretty", "data.q"), "undefined\n");
}

TEST_F(Opa, eval_takes_data_from_folders) {
    write("d/a.json", R"({"x": 1})");
    write("d/b/c.yaml", "y: [on, 2]\n");
    EXPECT_EQ(run({"eval", "-d", "d", "-f", "raw", "data"}), 0);
    EXPECT_EQ(output_, "{\"b\":{\"y\":[\"on\",2]},\"x\":1}\n");
    EXPECT_EQ(run({"eval", "-d", "p.q:d/a.json", "-f", "raw", "data"}), 0);
    EXPECT_EQ(output_, "{\"p\":{\"q\":{\"x\":1}}}\n");
    write("d/z.json", R"({"x": 2})");
    EXPECT_EQ(run({"eval", "-d", "d", "data"}), 2);
    EXPECT_NE(output_.find("d/z.json: merge error"), std::string::npos) << output_;
}

TEST_F(Opa, eval_says_by_its_exit_code_what_was_asked_for) {
    EXPECT_EQ(run({"eval", "--fail", "data.x"}), 1);
    EXPECT_EQ(run({"eval", "--fail", "[]"}), 0);
    EXPECT_EQ(run({"eval", "--fail-defined", "false"}), 1);
    EXPECT_EQ(run({"eval", "1 / 0"}), 0);
    EXPECT_EQ(output_, "{}\n");
    EXPECT_EQ(run({"eval", "--strict-builtin-errors", "1 / 0"}), 2);
    EXPECT_NE(output_.find("div: divide by zero"), std::string::npos) << output_;
    EXPECT_EQ(run({"eval", "-f", "pretty", "x"}), 2);
    EXPECT_EQ(errors_,
              "2 errors occurred:\n1:1: rego_unsafe_var_error: var _ is unsafe\n"
              "1:1: rego_unsafe_var_error: var x is unsafe\n");
    EXPECT_EQ(run({"eval", "-I", "input.a"}, R"({"a": 7})"), 0);
    EXPECT_EQ(run({"eval", "-d", "nope.rego", "true"}), 2);
    EXPECT_EQ(run({"eval", "--target", "wasm", "true"}), 2);
    EXPECT_NE(errors_.find("eval --target=wasm is not served"), std::string::npos) << errors_;
    EXPECT_EQ(run({"eval", "--fail", "--fail-defined", "true"}), 1);
}

TEST_F(Opa, eval_leaves_what_depends_on_the_unknown) {
    write("p.rego", "package p\nallow if { input.a == data.n; not input.b }\n");
    write("d.json", R"({"n": 7})");
    EXPECT_EQ(run({"eval", "-p", "-f", "source", "-d", "p.rego", "-d", "d.json", "data.p.allow"}),
              0);
    EXPECT_EQ(output_, "# Query 1\ninput.a = 7\nnot input.b\n\n");
    EXPECT_EQ(run({"eval", "-p", "-f", "pretty", "--fail", "false"}), 1);
    EXPECT_EQ(output_, "undefined\n");
    EXPECT_EQ(run({"eval", "-p", "true"}), 0);
    EXPECT_EQ(output_, "{\n  \"partial\": {\n    \"queries\": [\n      []\n    ]\n  }\n}\n");
    EXPECT_EQ(run({"eval", "-p", "-f", "values", "true"}), 1);
    EXPECT_EQ(run({"eval", "-p", "-u", "1", "true"}), 1);
    EXPECT_TRUE(errors_.starts_with("Error: illegal argument with --unknowns")) << errors_;
    // OPA takes what is left for no result.
    EXPECT_EQ(run({"eval", "-p", "--fail", "input.x"}), 1);
    EXPECT_EQ(run({"eval", "-p", "--fail-defined", "input.x"}), 0);
}

TEST_F(Opa, eval_compiles_as_strictly_as_it_is_asked_to) {
    write("p.rego", "package p\nallow if { x := 1 }\nn := input.a + 1\n");
    EXPECT_EQ(run({"eval", "-d", "p.rego", "data.p.allow"}), 0);
    EXPECT_EQ(run({"eval", "-S", "-d", "p.rego", "data.p.allow"}), 2);
    write("input.json", R"({"type": "object", "properties": {"a": {"type": "string"}}})");
    EXPECT_EQ(run({"eval", "-s", "input.json", "-d", "p.rego", "data.p.allow"}), 2);
    write("all.json", R"({"features": ["rego_v1"], "builtins": []})");
    EXPECT_EQ(run({"eval", "--capabilities", "all.json", "-d", "p.rego", "data.p.allow"}), 2);
}

TEST_F(Opa, eval_of_declarations_of_nothing_and_of_deep_input) {
    EXPECT_EQ(run({"eval", "-f", "values", "some x; x = 1"}), 0);
    EXPECT_EQ(run({"eval", "some x; x = 1"}), 0);
    EXPECT_NE(output_.find("\"text\": \"x = 1\""), std::string::npos) << output_;
    EXPECT_EQ(output_.find("\"text\": \"some x\""), std::string::npos) << output_;
    EXPECT_EQ(run({"eval", "--nonsense", "1"}), 1);
    EXPECT_EQ(run({"run"}), 2);
    EXPECT_EQ(run({"eval", "--fail", ""}), 2);
    EXPECT_NE(output_.find("cannot evaluate empty query"), std::string::npos) << output_;
    EXPECT_EQ(run({"eval", "--fail", " # nothing"}), 2);
    EXPECT_NE(output_.find("empty query cannot be compiled"), std::string::npos) << output_;
    EXPECT_EQ(run({"eval", "-I", "-f", "raw", "is_array(input)"},
                  std::string(600, '[') + std::string(600, ']')),
              0);
    EXPECT_EQ(output_, "true\n");
}

TEST_F(Opa, eval_reads_input_as_opa_does) {
    write("empty.json", "");
    EXPECT_EQ(run({"eval", "-f", "raw", "-i", "empty.json", "input"}), 0);
    EXPECT_EQ(output_, "null\n");
    EXPECT_EQ(run({"eval", "-i", "empty.json", "not input"}), 0);
    EXPECT_EQ(output_, "{}\n");
    EXPECT_EQ(run({"eval", "-f", "raw", "-I", "input"}, " \n"), 0);
    EXPECT_EQ(output_, "null\n");
    write("bytes.json", "{\"a\": \"x\xFF\xC3y\"}");
    EXPECT_EQ(run({"eval", "-f", "raw", "-i", "bytes.json", "input.a"}), 0);
    EXPECT_EQ(output_, "x\uFFFD\uFFFDy\n");
    EXPECT_EQ(run({"eval", "-f", "raw", "-d", "bytes.json", "data.a"}), 0);
    EXPECT_EQ(output_, "x\uFFFD\uFFFDy\n");
    for (const std::string number : {"1e999999999", "1e40000", "-1e40000"}) {
        write("big.json", "{\"a\": [" + number + "]}");
        EXPECT_EQ(run({"eval", "-f", "pretty", "-i", "big.json", "input"}), 2) << number;
        EXPECT_EQ(errors_, "unable to process input: invalid number: number too big (big.json)\n");
    }
}

TEST_F(Opa, eval_says_where_a_document_is_wrong) {
    write("b/cut.json", "{\"a\": 1,\n  \"b\": x");
    EXPECT_EQ(run({"eval", "-i", "b/cut.json", "input"}), 2);
    EXPECT_EQ(output_, "");
    EXPECT_EQ(errors_,
              "unable to parse input: yaml: line 2: did not find expected ',' or '}' "
              "(b/cut.json: line 2, column 8)\n");
    EXPECT_EQ(run({"eval", "-f", "pretty", "-d", "b/cut.json", "input"}), 2);
    EXPECT_EQ(errors_,
              "1 error occurred: b/cut.json: invalid character 'x' looking for beginning of value "
              "(line 2, column 8)\n");
    EXPECT_EQ(run({"eval", "-d", "b/cut.json", "input"}), 2);
    EXPECT_NE(output_.find("beginning of value\"\n"), std::string::npos) << output_;
    EXPECT_EQ(run({"eval", "-I", "input"}, "a: [1\nb: 2"), 2);
    EXPECT_TRUE(errors_.starts_with("unable to parse input: yaml: line 1: did not find"))
        << errors_;
    EXPECT_EQ(run({"eval", "-i", "nope.json", "input"}), 2);
    EXPECT_EQ(errors_, "open nope.json: no such file or directory\n");
    write("bad.yaml", "a: [1\nb: 2");
    EXPECT_EQ(run({"eval", "-f", "pretty", "-d", "bad.yaml", "1"}), 2);
    EXPECT_TRUE(errors_.starts_with(
        "1 error occurred: bad.yaml: error converting YAML to JSON: yaml: line 1: "))
        << errors_;
    write("some.txt", "hello: [");
    EXPECT_EQ(run({"eval", "-f", "pretty", "-d", "some.txt", "1"}), 2);
    EXPECT_EQ(errors_, "1 error occurred: some.txt: can't recognize file type\n");
}

TEST_F(Opa, a_byte_order_mark_is_read_over_in_inputs_alone) {
    write("bom.json", "\xEF\xBB\xBF{\"a\": 1}");
    EXPECT_EQ(run({"eval", "-f", "raw", "-i", "bom.json", "input.a"}), 0);
    EXPECT_EQ(output_, "1\n");
    EXPECT_EQ(run({"eval", "-f", "pretty", "-d", "bom.json", "data"}), 2);
    EXPECT_TRUE(
        errors_.starts_with("1 error occurred: bom.json: invalid character '\u00EF' looking"))
        << errors_;
}

TEST_F(Opa, data_says_where_it_contradicts_itself) {
    write("d/data.json", R"({"a": {"b-c": 1}})");
    write("other.json", R"({"a": {"b-c": 2}})");
    EXPECT_EQ(run({"eval", "-f", "pretty", "-d", "d", "-d", "other.json", "1"}), 2);
    EXPECT_EQ(errors_,
              "1 error occurred: other.json: merge error: conflicting values at data.a[\"b-c\"], "
              "also defined in d/data.json\n");
    EXPECT_EQ(run({"eval", "-d", "d", "-d", "d/data.json", "1"}), 0) << "named twice, read once";
    write("p.rego", "package a\n\nb := 1\n");
    write("b.json", R"({"a": {"b": 2}})");
    EXPECT_EQ(run({"eval", "-f", "pretty", "-d", "p.rego", "-d", "b.json", "1"}), 2);
}

TEST_F(Opa, metadata_is_known_in_rules_alone) {
    for (const std::string name : {"chain", "rule"}) {
        const std::string query = "rego.metadata." + name + "()";
        EXPECT_EQ(run({"eval", query}), 0);
        EXPECT_EQ(output_, "{}\n");
        EXPECT_EQ(run({"eval", "-f", "pretty", "--strict-builtin-errors", query}), 2);
        EXPECT_NE(
            errors_.find("eval_builtin_error: rego.metadata." + name + ": the rego.metadata." +
                         name + " function must only be called within the scope of a rule"),
            std::string::npos)
            << errors_;
    }
}

TEST_F(Opa, flags_are_written_as_go_takes_them) {
    EXPECT_EQ(run({"eval", "--fail=false", "--stdin-input=0", "data.x"}), 0);
    EXPECT_EQ(run({"eval", "--fail=true", "data.x"}), 1);
    EXPECT_EQ(run({"eval", "--fail", "--fail=F", "data.x"}), 0);
    EXPECT_EQ(run({"eval", "-f=raw", "1"}), 0);
    EXPECT_EQ(output_, "1\n");
    EXPECT_EQ(run({"eval", "--fail=perhaps", "1"}), 1);
    EXPECT_TRUE(errors_.starts_with("Error: invalid argument \"perhaps\" for \"--fail\" flag: "))
        << errors_;
}

TEST_F(Opa, mistakes_name_the_command_that_was_called) {
    program_ = "merlon policy";
    EXPECT_EQ(run({"eval", "--zzzzzz", "1"}), 1);
    EXPECT_TRUE(errors_.starts_with("Error: unknown flag: --zzzzzz\n")) << errors_;
    EXPECT_NE(errors_.find("Run 'merlon policy eval --help'"), std::string::npos) << errors_;
    EXPECT_EQ(run({"eval", "--formt", "raw", "1"}), 1);
    EXPECT_NE(errors_.find("Did you mean '--format'?"), std::string::npos) << errors_;
    EXPECT_EQ(run({"evl"}), 1);
    EXPECT_EQ(errors_,
              "Error: unknown command \"evl\" for \"merlon policy\"\n\nDid you mean "
              "this?\n\teval\n\nRun 'merlon policy --help' for usage.\n");
    EXPECT_EQ(run({"eval", "a", "b"}), 1);
    EXPECT_TRUE(errors_.starts_with("Error: specify at most one query argument\n")) << errors_;
    EXPECT_EQ(run({"version", "x"}), 0);
    EXPECT_EQ(run({"eval", "--help"}), 0);
    EXPECT_NE(output_.find("merlon policy eval [FLAGS]"), std::string::npos) << output_;
    EXPECT_EQ(output_.find("opa eval"), std::string::npos) << output_;
    EXPECT_EQ(output_.find("Global flags"), std::string::npos) << output_;
    EXPECT_EQ(run({"help"}), 0);
    EXPECT_NE(output_.find("--format of eval is MERLON_POLICY_EVAL_FORMAT."), std::string::npos)
        << output_;
}

TEST_F(Opa, variables_are_below_flags) {
    variables_ = {{"OPA_EVAL_FORMAT", "raw"}, {"OPA_EVAL_FAIL", "T"}, {"OPA_FMT_LIST", ""}};
    EXPECT_EQ(run({"eval", "data.x"}), 1);
    EXPECT_EQ(run({"eval", "--fail=false", "data.x"}), 0);
    EXPECT_EQ(run({"eval", "1"}), 0);
    EXPECT_EQ(output_, "1\n");
    EXPECT_EQ(run({"eval", "-f", "values", "1"}), 0);
    EXPECT_EQ(output_, "[\n  1\n]\n");
    // What contradicts itself is looked for in words alone.
    EXPECT_EQ(run({"eval", "--fail-defined", "1"}), 1);
    EXPECT_EQ(errors_, "");
    variables_["OPA_EVAL_FORMAT"] = "mine";
    variables_["OPA_EVAL_FAIL"] = "perhaps";
    EXPECT_EQ(run({"eval", "1"}), 1);
    EXPECT_TRUE(errors_.starts_with(
        "Error: error mapping environment variables to command flags: invalid argument "
        "\"perhaps\" for \"--fail\" flag: strconv.ParseBool: parsing \"perhaps\": invalid "
        "syntax; invalid argument \"mine\" for \"-f, --format\" flag: must be one of {"))
        << errors_;
    program_ = "merlon policy";
    variables_["MERLON_POLICY_EVAL_FORMAT"] = "raw";
    EXPECT_EQ(run({"eval", "2"}), 0);
    EXPECT_EQ(output_, "2\n");
}

TEST_F(Opa, a_policy_of_nothing_is_named_with_line_0) {
    write("p/empty.rego", "");
    EXPECT_EQ(run({"check", "p/empty.rego"}), 1);
    EXPECT_EQ(errors_,
              "1 error occurred during loading: p/empty.rego:0: rego_parse_error: empty module\n");
    EXPECT_EQ(run({"fmt", "p/empty.rego"}), 2);
    EXPECT_EQ(errors_,
              "failed to format Rego source file: p/empty.rego:0: rego_parse_error: empty "
              "module\n");
    EXPECT_EQ(run({"fmt"}), 1);
    EXPECT_EQ(errors_, "stdin:0: rego_parse_error: empty module\n");
    write("p/type.rego", "package p\n\nx := plus(1, 2, 3, 4)\n");
    EXPECT_EQ(run({"fmt", "p/type.rego"}), 2);
    EXPECT_TRUE(
        errors_.starts_with("failed to format Rego source file: p/type.rego: 1 error occurred: "
                            "p/type.rego:3: rego_type_error: plus: arity mismatch\n"))
        << errors_;
}

TEST_F(Opa, check_shows_what_is_wrong) {
    write("good.rego", "package a\n\np := 1\n");
    EXPECT_EQ(run({"check", "good.rego"}), 0);
    EXPECT_EQ(output_ + errors_, "");
    write("bad.rego", "package a\n\np if q\n\nq if p\n\nr if f(1)\n");
    EXPECT_EQ(run({"check", "bad.rego"}), 1);
    EXPECT_EQ(errors_, "1 error occurred: bad.rego:7: rego_type_error: undefined function f\n");
    write("worse.rego", "package a\np = {\n");
    EXPECT_EQ(run({"check", "worse.rego"}), 1);
    EXPECT_TRUE(
        errors_.starts_with("2 errors occurred during loading:\nworse.rego:3: "
                            "rego_parse_error: unexpected eof token\n"))
        << errors_;
}

TEST_F(Opa, fmt_prints_lists_and_writes) {
    write("p.rego", "package p\np=1   if   {input.x}\n");
    EXPECT_EQ(run({"fmt", "p.rego"}), 0);
    EXPECT_EQ(output_, "package p\n\np := 1 if input.x\n");
    EXPECT_EQ(run({"fmt", "--list", "."}), 0);
    EXPECT_EQ(output_, "p.rego\n");
    EXPECT_EQ(run({"fmt", "--fail", "p.rego"}), 2);
    EXPECT_EQ(run({"fmt", "-w", "p.rego"}), 0);
    EXPECT_EQ(run({"fmt", "--fail", "p.rego"}), 0);
    EXPECT_EQ(run({"fmt"}, "package   q"), 0);
    EXPECT_EQ(output_, "package q\n");
    EXPECT_EQ(run({"fmt", "--fail"}, "package   q"), 0);
    EXPECT_EQ(run({"fmt"}, "package"), 1);
    EXPECT_EQ(run({"fmt", "nope.rego"}), 1);
    EXPECT_EQ(errors_, "lstat nope.rego: no such file or directory\n");
    write("q/z.rego", "package  z");
    write("q/z/a.rego", "package  a");
    EXPECT_EQ(run({"fmt", "--list", "q"}), 0);
    EXPECT_EQ(output_, "q/z/a.rego\nq/z.rego\n");
    EXPECT_EQ(run({"fmt", "--list", "--fail", "q"}), 2);
    EXPECT_EQ(output_, "q/z/a.rego\n");
    EXPECT_EQ(errors_, "unexpected diff\n");
}

TEST_F(Opa, fmt_fails_at_the_first_file_that_would_change) {
    write("d/a.rego", "package a\np:=1\n");
    write("d/b.rego", "package b\np:=1\n");
    write("good.rego", "package good\n");
    EXPECT_EQ(run({"fmt", "--fail", "d"}), 2);
    EXPECT_EQ(output_, "");
    EXPECT_EQ(errors_, "unexpected diff\n");
    EXPECT_EQ(run({"fmt", "--fail", "--list", "good.rego", "./d"}), 2);
    EXPECT_EQ(output_, "d/a.rego\n");
    EXPECT_EQ(run({"fmt", "none.rego"}), 1);
    EXPECT_EQ(errors_, "lstat none.rego: no such file or directory\n");
    write("old.rego", "package o\n\np = 1 { input.x }\n");
    EXPECT_EQ(run({"fmt", "--rego-v1", "old.rego"}), 0);
    EXPECT_EQ(output_, "package o\n\nimport rego.v1\n\np := 1 if input.x\n");
    write("deprecated.rego", "package p\n\nq if all([true])\n");
    EXPECT_EQ(run({"fmt", "deprecated.rego"}), 2);
    EXPECT_TRUE(errors_.starts_with("failed to format Rego source file: 1 error occurred: "))
        << errors_;
}

TEST_F(Opa, an_import_of_a_whole_document_is_used_beside_one_of_its_parts) {
    write("i.rego", "package a\n\nimport input\nimport input.c\n\np if { c.x; input.z }\n");
    EXPECT_EQ(run({"check", "-S", "i.rego"}), 0) << errors_;
    write("i.rego", "package a\n\nimport input\nimport input.c\n\np if c.x\n");
    EXPECT_EQ(run({"check", "-S", "i.rego"}), 1);
    EXPECT_EQ(errors_, "1 error occurred: i.rego:3: rego_compile_error: import input unused\n");
}

TEST_F(Opa, deps_follows_names_to_what_is_needed_of_them) {
    write("d.rego",
          "package d\n\na contains s.id if {\n\ts := input.stack\n\tinput.x\n}\n\n"
          "o := s if {\n\ts := input.stack\n\ts.ok\n}\n");
    EXPECT_EQ(run({"deps", "-d", "d.rego", "data.d.a"}), 0);
    EXPECT_NE(output_.find("input.stack.id"), std::string::npos) << output_;
    EXPECT_EQ(run({"deps", "-d", "d.rego", "data.d.o"}), 0);
    EXPECT_NE(output_.find("input.stack "), std::string::npos) << output_;
    EXPECT_EQ(output_.find("input.stack."), std::string::npos) << output_;
}

TEST_F(Opa, explain_tells_all_answers_and_what_their_variables_are) {
    write("s.rego", "package s\n\ns contains x if {\n\tsome x in [1, 2, 3]\n\tx > 1\n}\n");
    EXPECT_EQ(run({"explain", "-d", "s.rego", "data.s.s[x]"}), 0);
    EXPECT_TRUE(
        output_.starts_with("data.s.s[x] has 2 answers: 2 (x is 2), 3 (x is 3).\n\ns.rego:3: "))
        << output_;
    EXPECT_EQ(run({"explain", "-d", "s.rego", "data.s.s[x]; x > 2"}), 0);
    EXPECT_EQ(output_, "data.s.s[x]; x > 2 is true (x is 3).\n");
}

TEST_F(Opa, a_bundle_replaces_what_files_say_below_its_roots) {
    write("b/.manifest", R"({"roots": ["a", "p"]})");
    write("b/data.json", R"({"a": {"b": 1}})");
    write("x.json", R"({"a": {"c": 1}, "z": 1})");
    EXPECT_EQ(run({"eval", "-b", "b", "-d", "x.json", "-f", "raw", "data"}), 0);
    EXPECT_EQ(output_, "{\"a\":{\"b\":1},\"z\":1}\n");
    write("b/data.json", R"({"a": 1})");
    EXPECT_EQ(run({"eval", "-b", "b", "-d", "x.json", "-f", "raw", "data"}), 0);
    EXPECT_EQ(output_, "{\"a\":1,\"z\":1}\n");
    write("c/.manifest", R"({"roots": ["a/b"]})");
    write("c/data.json", R"({"a": {"b": 2}})");
    EXPECT_EQ(run({"eval", "-b", "c", "-d", "x.json", "-f", "raw", "data"}), 0);
    EXPECT_EQ(output_, "{\"a\":{\"b\":2,\"c\":1},\"z\":1}\n");
    write("flat.json", R"({"a": 5})");
    EXPECT_EQ(run({"eval", "-b", "c", "-d", "flat.json", "data"}), 2);
    EXPECT_NE(output_.find("\"code\": \"storage_write_conflict_error\""), std::string::npos)
        << output_;
    // A policy that is named beside its bundle is one policy.
    write("e/p.rego", "package e\n\ndefault p := 1\n");
    EXPECT_EQ(run({"eval", "-b", "e", "-d", "e/p.rego", "-f", "raw", "data.e.p"}), 0);
    EXPECT_EQ(run({"eval", "-b", "e", "-d", "./e/p.rego", "data.e.p"}), 2);
    EXPECT_EQ(run({"eval", "-f", "pretty", "-d", "none", "-b", "no-bundle", "1"}), 2);
    EXPECT_EQ(errors_, "1 error occurred: stat none: no such file or directory\n");
    EXPECT_EQ(run({"deps", "-b", "no-bundle", "data"}), 1);
    EXPECT_EQ(errors_, "error reading \"no-bundle\": stat no-bundle: no such file or directory\n");
    EXPECT_EQ(run({"eval", "-b", "b", "-b", "c", "data"}), 2);
    EXPECT_NE(output_.find("detected overlapping roots in manifests for these bundles: [b, c] "
                           "(a overlaps a/b)"),
              std::string::npos)
        << output_;
    EXPECT_EQ(run({"test", "-b", "b", "c"}), 1);
    EXPECT_EQ(errors_,
              "detected overlapping roots in manifests for these bundles: [b, c] (a overlaps "
              "a/b)\n");
    EXPECT_EQ(run({"eval", "-d", "x.json", "-d", "flat.json", "data"}), 2);
    EXPECT_NE(output_.find("flat.json: merge error: conflicting values at data.a, also defined in "
                           "x.json"),
              std::string::npos)
        << output_;
}

TEST_F(Opa, schemas_of_annotations_are_for_commands_that_evaluate) {
    write("p.rego",
          "package p\n\n# METADATA\n# schemas:\n#  - input: {type: object, properties: {a: {type: "
          "string}}, additionalProperties: false}\nx := input.b\n");
    EXPECT_EQ(run({"check", "p.rego"}), 1);
    EXPECT_EQ(run({"deps", "-d", "p.rego", "data"}), 0) << errors_;
    EXPECT_EQ(run({"inspect", "p.rego"}), 0) << errors_;
    EXPECT_EQ(run({"build", "-o", "o.tar.gz", "p.rego"}), 0) << errors_;
}

// OPA cannot write it either; without it the bundle would allow what the policy denies.
TEST_F(Opa, a_membership_whose_result_is_compared_cannot_be_optimized) {
    write(
        "p.rego",
        "package w\n\nallow if {\n\tblocked := input.role in [\"guest\"]\n\tblocked == false\n}\n");
    const std::string said = "rego_type_error: internal.member_2: arity mismatch\n\thave: (";
    const std::vector<std::string> build = {"build",   "-O", "1",        "-e",
                                            "w/allow", "-o", "o.tar.gz", "p.rego"};
    EXPECT_EQ(run(build), 1);
    EXPECT_NE(output_.find("error: 1 error occurred: p.rego:4: " + said + "var,array,var)"),
              std::string::npos)
        << output_;
    EXPECT_FALSE(std::filesystem::exists("o.tar.gz"));
    const std::vector<std::string> partial = {"eval", "-p",     "-f",          "source",
                                              "-d",   "p.rego", "data.w.allow"};
    EXPECT_EQ(run(partial), 2);
    EXPECT_NE(errors_.find(said + "ref,array,boolean)"), std::string::npos) << errors_;
    EXPECT_EQ(output_, "");
}

TEST_F(Opa, a_conflict_lists_what_conflicts) {
    write("p.rego",
          "package p\n\nq := 1\n\nq := {\"a\": 2} if true\n\nq := 1 if true\n\nf(x) := x\n\nf(x) "
          ":= x + 1\n");
    EXPECT_EQ(run({"eval", "-d", "p.rego", "-f", "pretty", "data.p.q"}), 2);
    EXPECT_EQ(
        errors_,
        "1 error occurred: p.rego:5: eval_conflict_error: rule data.p.q produced conflicting "
        "values:\n  1 at p.rego:3\n  {\"a\": 2} at p.rego:5\n\nTraceback:\n  p.rego:5: true\n  "
        "1:1: data.p.q\n");
    EXPECT_EQ(run({"eval", "-d", "p.rego", "-f", "pretty", "data.p.f(7)"}), 2);
    EXPECT_NE(errors_.find("for the same inputs:\n  7 at p.rego:9\n  8 at p.rego:11\n"),
              std::string::npos)
        << errors_;
}

TEST_F(Opa, inspect_takes_a_part_of_a_bundle) {
    write("p.rego", "package p\n\nimport data.lib\n\nq if lib.f(input.x)\n");
    EXPECT_EQ(run({"inspect", "-f", "json", "p.rego"}), 0);
    EXPECT_NE(output_.find("\"features\": [\n      \"rego_v1\"\n    ]"), std::string::npos)
        << output_;
    EXPECT_NE(output_.find("\"name\": \"eq\""), std::string::npos) << output_;
    EXPECT_EQ(run({"check", "p.rego"}), 1);
    write("p.rego", "# METADATA\n# schemas:\n# - input: {type: object}\npackage p\n");
    EXPECT_EQ(run({"inspect", "-a", "-f", "json", "p.rego"}), 0);
    const std::size_t path = output_.find("\"schemas\": [\n          {\n            \"path\": [");
    EXPECT_LT(path, output_.find("\"definition\": {")) << output_;
}

TEST_F(Opa, a_schema_of_nothing_is_none) {
    write("p.rego", "package p\n\nx := input.y\n");
    write("empty.json", "");
    write("s/nothing.yaml", "null\n");
    EXPECT_EQ(run({"check", "-s", "empty.json", "p.rego"}), 0) << errors_;
    EXPECT_EQ(run({"check", "-s", "s", "p.rego"}), 0) << errors_;
    write("q.rego",
          "# METADATA\n# schemas:\n# - input: schema.nothing\npackage q\n\nx := input.y\n");
    EXPECT_EQ(run({"check", "-s", "s", "q.rego"}), 1);
    EXPECT_NE(errors_.find("undefined schema: schema.nothing"), std::string::npos) << errors_;
}

// OPA reads its own answer once more.
TEST_F(Opa, eval_discards_no_number_that_is_too_large_for_go) {
    EXPECT_EQ(run({"eval", "-f", "discard", "1e308"}), 0);
    EXPECT_EQ(output_, "{\n  \"result\": \"discarded\"\n}\n");
    EXPECT_EQ(run({"eval", "-f", "discard", R"(x := {"a": [{-1e309}]})"}), 2);
    EXPECT_EQ(errors_, "json: cannot unmarshal number -1e309 into Go value of type float64\n");
}

TEST_F(Opa, exec_answers_for_each_file) {
    write("b/p.rego",
          "package p\n\nq contains x if some x in input.xs\n\nc := 1 if input.c\n\nc := 2 if "
          "input.c\n");
    write("in/a.json", R"({"xs": ["<"]})");
    write("in/z/b.yaml", "xs: []\n");
    write("in/no.txt", "nothing");
    EXPECT_EQ(run({"exec", "-b", "b", "--decision", "p/q", "in"}), 0);
    EXPECT_NE(output_.find("\"path\": \"in/a.json\",\n      \"result\": [\n        \"\\u003c\"\n"),
              std::string::npos)
        << output_;
    EXPECT_NE(output_.find("\"path\": \"in/z/b.yaml\",\n      \"result\": []"), std::string::npos);
    EXPECT_EQ(run({"exec", "-b", "b", "--decision", "p/q", "--fail-non-empty", "in"}), 1);
    EXPECT_EQ(run({"exec", "-b", "b", "--decision", "p/q", "--fail-non-empty", "in/z"}), 0);
    EXPECT_EQ(run({"exec", "-b", "b", "--decision", "/p/none", "in/z"}), 0);
    EXPECT_NE(output_.find("\"message\": \"/p/none decision was undefined\""), std::string::npos);
    EXPECT_EQ(run({"exec", "-b", "b", "--decision", "p/none", "--fail", "in/z"}), 1);
    EXPECT_EQ(run({"exec", "-b", "b", "--decision", "p/c", "-I", "--fail-defined"}, R"({"c": 1})"),
              1);
    EXPECT_NE(output_.find("\"file\": \"/p.rego\""), std::string::npos) << output_;
    write("in/bad.json", "{");
    EXPECT_EQ(run({"exec", "-b", "b", "--decision", "p/q", "in/bad.json"}), 0);
    EXPECT_NE(errors_.find("in/bad.json: "), std::string::npos) << errors_;
    EXPECT_EQ(run({"exec", "-b", "b", "--decision", "p/q", "--fail", "in/bad.json"}), 1);
    EXPECT_EQ(run({"exec", "-b", "b", "--decision", "p/q", "absent"}), 1);
    EXPECT_EQ(run({"exec", "-b", "absent", "--decision", "p/q", "in"}), 1);
    EXPECT_EQ(run({"exec", "-b", "b"}), 1);
    EXPECT_EQ(run({"exec", "-b", "b", "-c", "opa.yaml", "in"}), 2);
}

TEST_F(Opa, sign_writes_what_is_verified) {
    write("b/p.rego", "package p\n\nq := 1\n");
    const std::vector<std::string> key = {"--signing-key", "secret", "--signing-alg", "HS256"};
    const auto sign = [&](std::vector<std::string> words) {
        words.insert(words.begin(), "sign");
        words.insert(words.end(), key.begin(), key.end());
        return run(words);
    };
    EXPECT_EQ(sign({"-b", "file://" + (folder_ / "b").string(), "-o", "b"}), 0) << output_;
    EXPECT_EQ(sign({"-b", "b", "-o", "b"}), 0) << output_ << errors_;
    const std::vector<std::string> verify = {
        "eval", "-b", "b", "--verification-key", "secret", "--signing-alg", "HS256", "data.p.q"};
    EXPECT_EQ(run(verify), 0) << output_;
    write("b/p.rego", "package p\n\nq := 2\n");
    EXPECT_EQ(run(verify), 2);
    EXPECT_NE(output_.find("digest mismatch"), std::string::npos) << output_;
    EXPECT_EQ(sign({"b"}), 1);
    EXPECT_EQ(sign({"-b", "absent"}), 1);
    EXPECT_EQ(sign({"-b", "b", "-o", "absent"}), 1);
    EXPECT_EQ(sign({"-b", "b", "--claims-file", "b/p.rego"}), 1);
    EXPECT_EQ(run({"sign", "-b", "b"}), 1);
    EXPECT_EQ(run({"sign", "-b", "b", "--signing-key", "secret"}), 1);
    std::vector<std::string> build = {"build", "-b", "b", "-o", "c.tar.gz"};
    build.insert(build.end(), key.begin(), key.end());
    std::filesystem::remove("b/.signatures.json");
    EXPECT_EQ(run(build), 0) << errors_;
    std::vector<std::string> built = verify;
    built[2] = "c.tar.gz";
    EXPECT_EQ(run(built), 0) << output_ << errors_;
}

TEST_F(Opa, capabilities_are_printed_and_read_again) {
    EXPECT_EQ(run({"capabilities", "--current"}), 0);
    write("all.json", output_);
    const std::string current = output_;
    EXPECT_EQ(run({"capabilities", "--file", "all.json"}), 0);
    EXPECT_EQ(output_, current);
    EXPECT_EQ(run({"eval", "--capabilities", "all.json", "-f", "raw", "count([1])"}), 0);
    write("none.json", "{}");
    EXPECT_EQ(run({"capabilities", "--file", "none.json"}), 1);
    EXPECT_EQ(run({"capabilities", "--file", "absent.json"}), 1);
    EXPECT_EQ(run({"capabilities"}), 0);
    EXPECT_TRUE(output_.starts_with("v0.17.0\n") && output_.ends_with("\nv1.22.2\n"));
    EXPECT_EQ(run({"capabilities", "--version", "v0.9.0"}), 1);
    EXPECT_EQ(errors_, "error: no capabilities version found v0.9.0\n");
    EXPECT_EQ(run({"capabilities", "--version", "v0.50.0"}), 0);
    EXPECT_EQ(output_.find("\"strings.count\""), std::string::npos);
    EXPECT_NE(output_.find("\"object.keys\""), std::string::npos);
}

TEST_F(Opa, parse_prints_a_tree) {
    write("p.rego", "package p\n");
    EXPECT_EQ(run({"parse", "p.rego"}), 0);
    EXPECT_EQ(output_, "module\n package\n  ref\n   data\n   \"p\"\n");
    EXPECT_EQ(run({"parse", "-f", "json", "p.rego"}), 0);
    EXPECT_NE(output_.find("\"package\""), std::string::npos);
}

}  // namespace
}  // namespace merlon::compat::opa
