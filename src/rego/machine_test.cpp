#include "rego/machine.h"

#include <gtest/gtest.h>

#include "rego/term.h"
#include "text/json.h"

namespace merlon::rego {
namespace {

// Makes a program of statements in JSON, which know the strings "x", "a" and "b".
struct Bench {
    Arena arena;
    Interner interner;
    value::Builder builder{arena, interner};

    Result<std::unique_ptr<const Program>> load(const std::string& statements,
                                                const std::string& functions = "") {
        const std::string text =
            R"({"static": {"strings": [{"value": "x"}, {"value": "a"}, {"value": "b"}],
                "files": [{"value": "p.rego"}],
                "builtin_funcs": [{"name": "plus", "decl": {"result": {"type": "number"}}}]},
                "plans": {"plans": [{"name": "p", "blocks": [{"stmts": [)" +
            statements + R"(]}]}]}, "funcs": {"funcs": [)" + functions + "]}}";
        auto document = text::read_json(text, arena, interner);
        if (!document.ok()) return document.error();
        return Program::load(*document.value().root);
    }

    std::string run(const std::string& statements, std::string_view input = "null",
                    MachineOptions options = {}, const std::string& functions = "") {
        const auto program = load(statements, functions);
        if (!program.ok()) return program.error().message;
        Machine machine(*program.value(), options);
        const Evaluation evaluation =
            machine.run(0, read_term(input, builder).value(), builder.object({}));
        if (evaluation.error) return evaluation.error->to_string();
        std::string text;
        for (const value::Value& result : evaluation.results) text += term_text(result) + ";";
        return text;
    }
};

constexpr std::string_view kResult = R"(, {"type": "ResultSetAddStmt", "stmt": {"value": 9}})";

std::string with_result(const std::string& statements) { return statements + std::string(kResult); }

TEST(Machine, scans_a_collection_and_keeps_what_is_left_of_an_undefined_step) {
    Bench bench;
    EXPECT_EQ(bench.run(with_result(R"({"type": "MakeSetStmt", "stmt": {"target": 9}},
        {"type": "ScanStmt", "stmt": {"source": 0, "key": 3, "value": 4, "block": {"stmts": [
            {"type": "DotStmt", "stmt": {"source": {"type": "local", "value": 4},
             "key": {"type": "string_index", "value": 1}, "target": 5}},
            {"type": "SetAddStmt", "stmt": {"value": {"type": "local", "value": 5}, "set": 9}}]}}})"),
                        R"([{"a": 1}, {"b": 2}, {"a": 3}, {"a": 1}])"),
              "{1, 3};");
}

TEST(Machine, a_conflict_names_its_place) {
    Bench bench;
    EXPECT_EQ(bench.run(R"({"type": "AssignVarOnceStmt", "stmt": {"file": 0, "row": 3, "col": 1,
            "source": {"type": "string_index", "value": 1}, "target": 9}},
        {"type": "AssignVarOnceStmt", "stmt": {"file": 0, "row": 4, "col": 1,
            "source": {"type": "string_index", "value": 2}, "target": 9}})"),
              "p.rego:4: eval_conflict_error: function p produced conflicting values for the same "
              "inputs");
}

TEST(Machine, with_replaces_for_its_block_only_and_forgets_what_rules_gave) {
    // The rule is the input; it is asked before, inside and after.
    const std::string rule = R"({"name": "g0.data.r", "params": [0, 1], "return": 2,
        "path": ["g0", "r"], "blocks": [{"stmts": [
            {"type": "ReturnLocalStmt", "stmt": {"source": 0}}]}]})";
    const std::string ask = R"({"type": "CallStmt", "stmt": {"func": "g0.data.r", "result": 5,
        "args": [{"type": "local", "value": 0}, {"type": "local", "value": 1}]}},
        {"type": "ArrayAppendStmt", "stmt": {"array": 9, "value": {"type": "local", "value": 5}}})";
    Bench bench;
    EXPECT_EQ(bench.run(with_result(R"({"type": "MakeArrayStmt", "stmt": {"target": 9}},)" + ask +
                                    R"(, {"type": "WithStmt", "stmt": {"local": 0, "path": [1],
            "value": {"type": "string_index", "value": 2}, "block": {"stmts": [)" +
                                    ask + "]}}}, " + ask),
                        R"({"b": 1})", {}, rule),
              R"([{"b": 1}, {"a": "b", "b": 1}, {"b": 1}];)");
}

TEST(Machine, a_break_out_of_with_puts_the_document_back) {
    Bench bench;
    EXPECT_EQ(bench.run(with_result(R"({"type": "BlockStmt", "stmt": {"blocks": [{"stmts": [
            {"type": "WithStmt", "stmt": {"local": 0, "path": [],
                "value": {"type": "string_index", "value": 2}, "block": {"stmts": [
                    {"type": "BreakStmt", "stmt": {"index": 1}}]}}}]}]}},
        {"type": "AssignVarStmt", "stmt": {"source": {"type": "local", "value": 0}, "target": 9}})"),
                        "7"),
              "7;");
}

TEST(Machine, a_builtins_error_is_undefined_unless_errors_are_strict) {
    const std::string sum = R"({"type": "CallStmt", "stmt": {"func": "plus", "result": 9,
        "args": [{"type": "local", "value": 0}, {"type": "local", "value": 0}]}})";
    Bench bench;
    EXPECT_EQ(bench.run(with_result(sum), "3"), "6;");
    EXPECT_EQ(bench.run(with_result(sum), "\"s\""), "");
    MachineOptions strict;
    strict.builtin_errors = BuiltinErrors::kStrict;
    EXPECT_EQ(bench.run(with_result(sum), "\"s\"", strict),
              "p.rego:0: eval_type_error: plus: operand 1 must be number but got string");
}

TEST(Machine, limits_end_in_an_error) {
    const std::string loop = R"({"type": "ScanStmt", "stmt": {"source": 0, "key": 3, "value": 4,
        "block": {"stmts": [{"type": "ScanStmt", "stmt": {"source": 0, "key": 5, "value": 6,
            "block": {"stmts": [{"type": "ScanStmt", "stmt": {"source": 0, "key": 7, "value": 8,
                "block": {"stmts": []}}}]}}}]}}})";
    std::string input = "[0";
    for (int i = 1; i < 100; ++i) input += ",0";
    MachineOptions options;
    options.limits.instructions = 50'000;
    Bench bench;
    EXPECT_EQ(bench.run(loop, input + "]", options),
              "p.rego:0: eval_limit_error: instruction limit of 50000 reached");
    CancelToken cancel;
    cancel.cancel();
    options.cancel = &cancel;
    EXPECT_TRUE(bench.run(loop, input + "]", options).find("eval_cancel_error") !=
                std::string::npos);
}

TEST(PlanLoader, refuses_what_is_no_plan) {
    Bench bench;
    const struct {
        std::string statements, reason;
    } cases[] = {
        {R"({"type": "JumpStmt", "stmt": {}})", "plan: unknown statement JumpStmt"},
        {R"({"type": "BreakStmt", "stmt": {"index": 7}})",
         "plan: a break leaves more blocks than there are"},
        {R"({"type": "MakeNullStmt", "stmt": {"target": -1}})", "plan: local out of range"},
        {R"({"type": "MakeNumberRefStmt", "stmt": {"Index": 3, "target": 2}})",
         "plan: string index out of range"},
        {R"({"type": "CallStmt", "stmt": {"func": "f", "args": [], "result": 2}})",
         "plan: unknown function f"},
    };
    for (const auto& one : cases) EXPECT_EQ(bench.run(one.statements), one.reason);
    std::string deep = R"({"type": "NopStmt", "stmt": {}})";
    for (int i = 0; i < 220; ++i) {
        deep = R"({"type": "NotStmt", "stmt": {"block": {"stmts": [)" + deep + "]}}}";
    }
    EXPECT_FALSE(bench.load(deep).ok());
}

}  // namespace
}  // namespace merlon::rego
