// Rules that are asked for one key: which bodies run for which keys, told by what they print, by
// conflicts and by errors of built-ins.

#include <gtest/gtest.h>

#include <numeric>

#include "rego/compiler/compiler.h"
#include "rego/machine.h"
#include "rego/syntax/parser.h"
#include "rego/term.h"

namespace merlon::rego::compiler {
namespace {

struct Answer {
    std::string text;  // results, or the error
    std::string printed;
};

struct Printed : Listener {
    std::string text;
    void printed(std::string_view line) override { text += std::string(line) + ";"; }
    void reached_case(const value::Value& /*path*/) override {}
};

struct Question {
    std::string_view module;
    std::string_view query;
    std::string_view input = "{}";
    BuiltinErrors errors = BuiltinErrors::kStrict;
    std::uint64_t instructions = 1'000'000;
};

Answer ask(const Question& question) {
    Arena arena;
    Interner interner;
    value::Builder values(arena, interner);
    const auto module = syntax::parse_module(question.module, arena, interner, {});
    EXPECT_TRUE(module.errors.empty()) << syntax::to_string(module.errors, "p.rego");
    const auto query = syntax::parse_query(question.query, arena, interner, {});
    EXPECT_TRUE(query.errors.empty()) << syntax::to_string(query.errors, "");
    const SourceModule modules[] = {{"p.rego", module.module}};
    const SourceQuery queries[] = {{"query", query.body}};
    CompileOptions wishes;
    wishes.prints = Prints::kKept;
    const Compilation compiled = compile(modules, queries, wishes);
    if (compiled.program == nullptr) return {to_string(compiled.errors), {}};
    Answer answer;
    MachineOptions options;
    options.builtin_errors = question.errors;
    options.limits.instructions = question.instructions;
    Printed printed;
    options.world.listener = &printed;
    Machine machine(*compiled.program, options);
    // The second run answers as the first one: nothing of it is left.
    for (int run = 0; run < 2; ++run) {
        answer.text.clear();
        printed.text.clear();
        const Evaluation& evaluation = machine.run(0, read_term(question.input, values).value(),
                                                   read_term("{}", values).value());
        if (evaluation.error) answer.text = evaluation.error->to_string();
        for (const value::Value& result : evaluation.results) {
            if (!answer.text.empty()) answer.text += ' ';
            answer.text += term_text(result);
        }
    }
    answer.printed = printed.text;
    return answer;
}

constexpr std::string_view kPrinting = R"(package p
s contains x if { some x in [1, 2]; print("s", x) }
o[k] := v if { some k, v in {"a": 1, "b": 2}; print("o", k) }
n contains x if { print("n"); some x in [1, 2] }
deep[x][y][z] := (x + y) + z if {
    some x in [1, 2]
    some y in [3, 4]
    some z in [5, 6]
    print(x, y, z)
}
pair contains [x, {"k": y}] if { some x in [1, 2]; some y in [3, 4]; print(x, y) }
named[[x, 1]] := x if { some x in [1, 2]; print(x) }
)";

TEST(RulesByKey, bodies_run_for_the_key_alone) {
    EXPECT_EQ(ask({kPrinting, "data.p.s[2] = x"}).printed, "s 2;");
    EXPECT_EQ(ask({kPrinting, "data.p.o.b = x"}).printed, "o b;");
    EXPECT_EQ(ask({kPrinting, "data.p.o[input.k] = x", R"({"k": "a"})"}).printed, "o a;");
    EXPECT_EQ(ask({kPrinting, "data.p.o[input.absent] = x"}).printed, "");
    EXPECT_EQ(ask({kPrinting, "data.p.o[k] = x"}).printed, "o a;o b;");
    EXPECT_EQ(ask({kPrinting, R"(data.p.pair[[2, {"k": 3}]])"}).printed, "2 3;");
    // A key that is no name has one, which is looked at last.
    EXPECT_EQ(ask({kPrinting, "data.p.named[[2, 1]] = x"}).printed, "1;2;");
    EXPECT_EQ(ask({kPrinting, "data.p.named[[2, 1]] = x"}).text, R"({"x": 2})");
}

TEST(RulesByKey, what_was_there_is_kept_and_what_was_not_is_looked_for_again) {
    EXPECT_EQ(ask({kPrinting, "data.p.n[1]; data.p.n[1]"}).printed, "n;");
    EXPECT_EQ(ask({kPrinting, "not data.p.n[3]; not data.p.n[3]; data.p.n[1]"}).printed, "n;n;n;");
    EXPECT_EQ(ask({kPrinting, "count(data.p.n) = 2; data.p.n[1]; not data.p.n[3]"}).printed, "n;");
    // A `with` opens a room of its own, and what was known before is known again behind it.
    EXPECT_EQ(ask({kPrinting, "data.p.n[1]; data.p.n[1] with input as 1; data.p.n[1]"}).printed,
              "n;n;");
}

TEST(RulesByKey, known_steps_narrow_wherever_they_stand) {
    EXPECT_EQ(ask({kPrinting, "data.p.deep[1][_][5] = x"}).printed, "1 3 5;1 4 5;");
    EXPECT_EQ(ask({kPrinting, "data.p.deep[1] = x"}).printed, "1 3 5;1 3 6;1 4 5;1 4 6;");
    EXPECT_EQ(ask({kPrinting, "data.p.deep[2][3] = x; data.p.deep[2][3][6] = y"}).printed,
              "2 3 5;2 3 6;");
    EXPECT_EQ(ask({kPrinting, "data.p.deep[2][3][6] = x"}).text, R"({"x": 11})");
}

constexpr std::string_view kWrong = R"(package p
c[k] := v if { some k in ["b", "b"]; v := [1, 2][_] }
c.a := 1
e[k] := v if { some k, n in {"x": 0, "y": 1}; v := 1 / n }
quirk contains {x} if x := 1
loop[x].foo.bar if { x := "a"; not loop[x].foo.baz }
loop[x].foo.baz if { x := "b" }
)";

TEST(RulesByKey, conflicts_and_errors_of_other_keys_are_not_met) {
    EXPECT_EQ(ask({kWrong, "data.p.c.a = x"}).text, R"({"x": 1})");
    EXPECT_EQ(ask({kWrong, "data.p.c.b = x"}).text,
              "p.rego:2: eval_conflict_error: object keys must be unique");
    EXPECT_EQ(ask({kWrong, "data.p.c = x"}).text,
              "p.rego:2: eval_conflict_error: object keys must be unique");
    EXPECT_EQ(ask({kWrong, "data.p.e.y = x"}).text, R"({"x": 1})");
    EXPECT_EQ(ask({kWrong, "data.p.e.x = x"}).text,
              "p.rego:4: eval_builtin_error: div: divide by zero");
    // As OPA: a set is matched before its elements are known.
    EXPECT_EQ(ask({kWrong, "data.p.quirk[{1}]"}).text, "");
    EXPECT_EQ(ask({kWrong, "count(data.p.quirk) = 1; data.p.quirk[{1}]"}).text, "{}");
    // A rule that asks itself for another key.
    EXPECT_EQ(ask({kWrong, R"(data.p.loop.a = x)"}).text, R"({"x": {"foo": {"bar": true}}})");
}

// Parts of an array are known: bodies go on with those alone, where the head names what stands
// there.
TEST(RulesByKey, parts_of_a_key_narrow) {
    constexpr std::string_view kParts = R"(package p
pair contains [x, n] if { some x in ["a", "b"]; some n in [1, 2]; print("pair", x, n) }
whole[k] := v if { some k in [["a", 1], ["b", 2], "a"]; print("whole", k); v := k }
deep contains [[x, y], z] if { some x in [1, 2]; some y in [3, 4]; z := 5; print(x, y) }
c[[x, n]] := v if { some x in ["a", "b"]; some n in [1]; some v in {"a": [1], "b": [1, 2]}[x] }
)";
    EXPECT_EQ(ask({kParts, R"(data.p.pair[["a", n]])"}).text, R"({"n": 1} {"n": 2})");
    EXPECT_EQ(ask({kParts, R"(data.p.pair[["a", n]])"}).printed, "pair a 1;pair a 2;");
    EXPECT_EQ(ask({kParts, R"(data.p.whole[["a", n]] = x)"}).text, R"({"n": 1, "x": ["a", 1]})");
    EXPECT_EQ(ask({kParts, R"(data.p.whole[["a", n]])"}).printed, "whole [\"a\", 1];");
    EXPECT_EQ(ask({kParts, R"(data.p.deep[[[2, n], z]])"}).printed, "2 3;2 4;");
    EXPECT_EQ(ask({kParts, R"(data.p.deep[[[m, 3], 5]])"}).text, R"({"m": 1} {"m": 2})");
    // Nothing is kept of such a question.
    EXPECT_EQ(ask({kParts, R"(x = "b"; data.p.pair[[x, 1]]; data.p.pair[[x, n]])"}).printed,
              "pair b 1;pair b 1;pair b 2;");
    // What conflicts elsewhere is not met.
    EXPECT_EQ(ask({kParts, R"(data.p.c[["a", n]] = x)"}).text, R"({"n": 1, "x": 1})");
    EXPECT_EQ(ask({kParts, R"(data.p.c[["b", n]] = x)"}).text,
              "p.rego:5: eval_conflict_error: object keys must be unique");
}

// A hundred keys of a rule that goes over a thousand: the whole is evaluated before long. Where
// another key is in conflict, it is not.
TEST(RulesByKey, many_keys_cost_what_all_of_them_cost) {
    constexpr std::string_view kMany = R"(package p
all contains y if { some x in numbers.range(1, 1000); y := x * 2 }
wrong[k] := v if { some v in numbers.range(1, 1000); k := min([v, 900]) }
ok if { every x in numbers.range(1, 100) { all[x * 2]; not all[(x * 2) + 1] } }
found := sum([wrong[x] | some x in numbers.range(1, 100)])
)";
    EXPECT_EQ(ask({.module = kMany, .query = "data.p.ok = x", .instructions = 60'000}).text,
              R"({"x": true})");
    EXPECT_EQ(ask({.module = kMany, .query = "data.p.found = x"}).text, R"({"x": 5050})");
}

// The fewest with which the query is answered.
std::uint64_t instructions_of(std::string_view module, std::string_view query) {
    std::uint64_t least = 1;
    std::uint64_t enough = 1'000'000;
    while (least < enough) {
        const std::uint64_t tried = std::midpoint(least, enough);
        const Answer answer = ask({.module = module, .query = query, .instructions = tried});
        if (answer.text.find("eval_limit_error") == std::string::npos) {
            enough = tried;
        } else {
            least = tried + 1;
        }
    }
    return enough;
}

// The first key of a loop is given up for the whole before it has gone over all of a rule that does
// not find what it is asked for.
TEST(RulesByKey, the_first_key_of_a_loop_does_not_cost_what_all_of_them_cost) {
    constexpr std::string_view kScans = R"(package p
all contains y if { some x in numbers.range(1, 10000); y := x * 2 }
many if { every x in numbers.range(1, 100) { all[x * 2] } }
absent if { every x in numbers.range(1, 100) { not all[(x * 2) + 1] } }
)";
    const std::uint64_t whole = instructions_of(kScans, "count(data.p.all) = x");
    EXPECT_GT(whole, 10'000U);
    EXPECT_LT(instructions_of(kScans, "data.p.many = x"), whole + whole / 5);
    EXPECT_LT(instructions_of(kScans, "data.p.absent = x"), whole + whole / 5);
    EXPECT_EQ(ask({kScans, "data.p.many = x"}).text, R"({"x": true})");
}

// And where a rule knows quickly what it is asked for, the whole is not evaluated: it would take
// far more than is allowed here, of which the numbers of the list take a half.
TEST(RulesByKey, few_keys_of_a_large_rule_cost_little) {
    constexpr std::string_view kLarge = R"(package p
list := numbers.range(1, 100000)
by_place[i] := x if some i, x in list
few := [by_place[i] | some i in numbers.range(1, 50)]
)";
    EXPECT_EQ(ask({.module = kLarge, .query = "sum(data.p.few) = x", .instructions = 200'000}).text,
              R"({"x": 1325})");
}

}  // namespace
}  // namespace merlon::rego::compiler
