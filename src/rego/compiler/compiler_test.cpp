#include "rego/compiler/compiler.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "rego/machine.h"
#include "rego/syntax/parser.h"
#include "rego/term.h"

namespace merlon::rego::compiler {
namespace {

// Modules and a query as they are typed; the answer as one line.
struct Bench {
    Arena arena;
    Interner interner;
    value::Builder builder{arena, interner};
    syntax::ParseOptions options;
    std::vector<SourceModule> modules;
    CompileOptions wishes;

    Bench& with(std::string_view source) {
        const std::string file = "m" + std::to_string(modules.size()) + ".rego";
        const auto parsed = syntax::parse_module(source, arena, interner, options);
        EXPECT_TRUE(parsed.errors.empty()) << syntax::to_string(parsed.errors, file);
        if (parsed.module != nullptr) modules.push_back({file, parsed.module});
        return *this;
    }

    Compilation compile(std::string_view query) {
        const auto parsed = syntax::parse_query(query, arena, interner, options);
        EXPECT_TRUE(parsed.errors.empty()) << syntax::to_string(parsed.errors, "");
        const SourceQuery queries[] = {{"query", parsed.body}};
        return compiler::compile(modules, queries, wishes);
    }

    std::string errors(std::string_view query = "true") {
        return compiler::to_string(compile(query).errors);
    }

    // Results in their order.
    std::string ask(std::string_view query, std::string_view input = "{}",
                    std::string_view data = "{}") {
        const Compilation compiled = compile(query);
        if (compiled.program == nullptr) return compiler::to_string(compiled.errors);
        Machine machine(*compiled.program, {});
        const Evaluation evaluation =
            machine.run(0, read_term(input, builder).value(), read_term(data, builder).value());
        if (evaluation.error) return evaluation.error->to_string();
        std::string text;
        for (const value::Value& result : evaluation.results) {
            if (!text.empty()) text += ' ';
            text += term_text(result);
        }
        return text;
    }
};

TEST(Compiler, what_is_cancelled_has_one_error) {
    Bench bench;
    CancelToken cancel;
    bench.wishes.cancel = &cancel;
    bench.with("package a\nb := 1\n");
    EXPECT_EQ(bench.errors("data.a.b"), "no error(s)");
    cancel.cancel();
    EXPECT_EQ(bench.errors("data.a.b"),
              "1 error occurred: eval_cancel_error: caller cancelled query execution");
    const Prepared prepared = prepare(bench.modules, {}, bench.wishes);
    EXPECT_EQ(prepared.errors.size(), 1U);
    EXPECT_TRUE(prepared.rules.empty());
}

TEST(Compiler, evaluates_rules_functions_and_defaults) {
    Bench bench;
    bench.with(R"(package a
        default allow := false
        allow if input.user == "root"
        twice(x) := x * 2
        names contains n if some n in input.names
        size[n] := count(n) if some n in input.names
        level := "high" if input.n > 10
        else := "some" if input.n > 0
        else := "none")");
    EXPECT_EQ(bench.ask("data.a.allow = x"), R"({"x": false})");
    EXPECT_EQ(bench.ask("data.a.allow = x", R"({"user": "root"})"), R"({"x": true})");
    EXPECT_EQ(bench.ask("x := data.a.twice(21)"), R"({"x": 42})");
    EXPECT_EQ(bench.ask("x := data.a.size", R"({"names": ["ab", "c"]})"),
              R"({"x": {"ab": 2, "c": 1}})");
    EXPECT_EQ(bench.ask("data.a.names[x]", R"({"names": ["b", "a", "b"]})"),
              R"({"x": "a"} {"x": "b"})");
    EXPECT_EQ(bench.ask("x := data.a.level", R"({"n": 3})"), R"({"x": "some"})");
    EXPECT_EQ(bench.ask("x := data.a.level", R"({"n": 0})"), R"({"x": "none"})");
}

// OPA's store takes texts for places in an array; values that were read from it do not.
TEST(Compiler, arrays_of_the_base_documents_have_places_that_are_texts) {
    Bench bench;
    bench.with(R"(package a
        k := "01"
        ways := [data.l["1"], data.l[k], data.l["-0"], data.o.l["+2"], data.o[_]["0"]]
        none contains data.l["3"]
        none contains data.l["1e0"]
        none contains x["1"] if x := data.l
        none contains data.l["1"] if { data.l["1"] with data.l as [5, 6] }
        none contains input.l["1"])");
    const std::string_view data = R"({"l": [1, 2], "o": {"l": ["a", "b", "c"]}})";
    EXPECT_EQ(bench.ask("data.a.ways = x", "{}", data), R"({"x": [2, 2, 1, "c", "a"]})");
    EXPECT_EQ(bench.ask("data.a.none = x", R"({"l": [1, 2]})", data), R"({"x": set()})");
}

TEST(Compiler, base_documents_are_enumerated_before_what_rules_make) {
    Bench bench;
    bench.with(R"(package a.b
        c := 1
        z := 2
        n.m := 3
        f(x) := x)");
    const std::string_view data = R"({"a": {"b": {"m": 1, "n": {"k": 4}, "zz": 3, "l": [7]}}})";
    EXPECT_EQ(bench.ask("y := [x | data.a.b[x]]", "{}", data),
              R"({"y": ["l", "m", "n", "zz", "c", "z"]})");
    EXPECT_EQ(bench.ask("v := [[x, y, w] | data.a[x][y][_] = w]", "{}", data),
              R"({"v": [["b", "l", 7], ["b", "n", 4], ["b", "n", 3]]})");
    EXPECT_EQ(bench.ask("data.a.b[x] = v", "{}", R"({"a": 1})"),
              R"({"v": 1, "x": "c"} {"v": {"m": 3}, "x": "n"} {"v": 2, "x": "z"})");
    EXPECT_EQ(bench.ask("x := \"zz\"; v := data.a.b[x]", "{}", data), R"({"v": 3, "x": "zz"})");
}

// What a function has printed once for its arguments it does not print again, as in OPA.
TEST(Compiler, functions_that_are_seen_outside_are_called_once_for_equal_arguments) {
    struct Lines : Listener {
        std::string text;
        void printed(std::string_view line) override { text += std::string(line) + ";"; }
        void reached_case(const value::Value& /*path*/) override {}
    } lines;
    Bench bench;
    bench.wishes.prints = Prints::kKept;
    bench.with(R"(package a
        tell(x) := y if { print("tell", x); y := x }
        through(x, y) := tell(x)
        never(x) := 1 if { print("never", x); false }
        p := [through({"k": 1}, 1), through({"k": 1}, 2), tell({"k": 1}), tell(2)]
        q if { not never(1); not never(1) }
        r := [x | x := tell(3)] if { tell(3) with input as 1; tell(3) with input as 1 })");
    const Compilation compiled = bench.compile("data.a.p; data.a.q; data.a.r");
    ASSERT_NE(compiled.program, nullptr) << compiler::to_string(compiled.errors);
    MachineOptions options;
    options.world.listener = &lines;
    Machine machine(*compiled.program, options);
    for (int round = 0; round < 2; ++round) {
        lines.text.clear();
        const Evaluation& evaluation = machine.run(0, value::Value(), value::Value());
        EXPECT_EQ(evaluation.results.size(), 1U);
        EXPECT_EQ(lines.text, "tell {\"k\": 1};tell 2;never 1;never 1;tell 3;tell 3;tell 3;");
    }
}

// Twice as many calls for each level would be a thousand million.
TEST(Compiler, functions_that_call_functions_twice_are_not_called_for_ever) {
    std::string module = "package a\nf0(x) := x\n";
    for (int i = 1; i <= 30; ++i) {
        const std::string below = "f" + std::to_string(i - 1);
        module += fmt::format("f{0}(x) := {1}(x) + {1}(x)\n", i, below);
    }
    Bench bench;
    bench.with(module);
    EXPECT_EQ(bench.ask("x := data.a.f30(1)"), R"({"x": 1073741824})");
}

TEST(Compiler, puts_expressions_into_an_order_that_binds_variables) {
    Bench bench;
    bench.with(R"(package a
        p contains x if { not x in {2, 3}; y = x * 10; y >= 10; x = input.n[_] })");
    EXPECT_EQ(bench.ask("x := data.a.p", R"({"n": [0, 1, 2, 4]})"), R"({"x": {1, 4}})");
}

TEST(Compiler, what_no_order_binds_is_unsafe) {
    Bench bench;
    bench.with(R"(package a
        p if not q(x)
        q(y) if y > z
        r := w)");
    EXPECT_EQ(bench.errors(),
              "1 error occurred: m0.rego:4: rego_unsafe_var_error: var w is unsafe");
    Bench bodies;
    bodies.with(R"(package a
        p if { not q(x) }
        q(y) if { y > z })");
    EXPECT_EQ(bodies.errors(),
              "2 errors occurred:\nm0.rego:2: rego_unsafe_var_error: var x is unsafe\n"
              "m0.rego:3: rego_unsafe_var_error: var z is unsafe");
}

TEST(Compiler, what_a_set_or_a_key_needs_another_part_may_bind) {
    Bench bench;
    bench.with(R"(package a
        same(s, x) if [y | y := s[_]] == [x]
        keys contains v if { {v: 1} == input.b[v] }
        calls contains v if same({v}, input.a[v])
        pairs contains v if { [{v}, v] = [{input.a[v]}, "k"] })");
    EXPECT_EQ(bench.ask("x := data.a", R"({"a": {"k": "k", "l": "m"},
                                           "b": {"k": {"k": 1}, "l": {"k": 1}}})"),
              R"({"x": {"calls": {"k"}, "keys": {"k"}, "pairs": {"k"}}})");
}

// As OPA has it, which looks at neither.
TEST(Compiler, a_variable_may_be_equal_to_a_set_of_itself) {
    Bench bench;
    bench.with(R"(package a
        p if { v = {v} }
        q if not p)");
    EXPECT_EQ(bench.ask("x := data.a"), R"({"x": {"p": true}})");
}

TEST(Compiler, calls_in_an_object_are_made_in_the_order_of_its_keys) {
    Bench bench;
    bench.with(R"(package a
        two(_) := y if some y in [1, 2]
        p := {"b": two(1), "a": to_number(input.x)}
        q if not p)");
    EXPECT_EQ(bench.ask("x := data.a.q", R"({"x": "no"})"), R"({"x": true})");
}

TEST(Compiler, a_variable_is_declared_once) {
    Bench bench;
    bench.with(R"(package a
        p if { x := 1; x := 2 }
        q if { x = 1; x := 2 }
        r(x) if { x := 2 })");
    EXPECT_EQ(bench.errors(),
              "3 errors occurred:\nm0.rego:2: rego_compile_error: var x assigned above\n"
              "m0.rego:3: rego_compile_error: var x referenced above\n"
              "m0.rego:4: rego_compile_error: arg x redeclared");
}

TEST(Compiler, a_name_that_some_in_has_twice_is_unified) {
    Bench bench;
    bench.with(R"(package a
        values contains v if some v, v in [0, 3, 2]
        pairs contains x if some [x, x] in [[1, 1], [1, 2]]
        keys contains x if some x, [x] in [[0], [2]]
        fields contains x if some {"a": x, "b": x} in [{"a": 1, "b": 1}, {"a": 1, "b": 2}])");
    EXPECT_EQ(bench.ask("x := data.a"),
              R"({"x": {"fields": {1}, "keys": {0}, "pairs": {1}, "values": {0, 2}}})");
    EXPECT_EQ(bench.ask("some v, v in [1, 1]"), R"({"v": 1})");
    EXPECT_EQ(bench.errors("some v, v in [1]; some a, v in [1]"),
              "1 error occurred: 1:19: rego_compile_error: var v declared above");
}

TEST(Compiler, a_document_that_was_looked_into_is_not_declared) {
    Bench bench;
    bench.with(R"(package a
        import data.lib
        p if { x := input.x; input := x }
        q if { lib.x; data := 1 }
        r if { x := input; input := x })");
    const std::string shadow = " (use a different variable name)";
    EXPECT_EQ(bench.errors(),
              "5 errors occurred:\nm0.rego:3: rego_compile_error: var input referenced above\n"
              "m0.rego:3: rego_compile_error: variables must not shadow input" +
                  shadow +
                  "\nm0.rego:4: rego_compile_error: var data referenced above\n"
                  "m0.rego:4: rego_compile_error: variables must not shadow data" +
                  shadow + "\nm0.rego:5: rego_compile_error: variables must not shadow input" +
                  shadow);
}

TEST(Compiler, with_replaces_documents_rules_functions_and_built_ins) {
    Bench bench;
    bench.with(R"(package a
        p := input.x
        f(x) := x + 1
        g(x) := x + 100
        uses := f(1)
        long := count([1, 2, 3])
        all := [p, q] if { q := p with input.x as 7 })");
    EXPECT_EQ(bench.ask("x := data.a.p with input as {\"x\": 5}"), R"({"x": 5})");
    EXPECT_EQ(bench.ask("x := data.a.all", R"({"x": 1})"), R"({"x": [1, 7]})");
    EXPECT_EQ(bench.ask("x := data.a.uses with data.a.f as data.a.g"), R"({"x": 101})");
    EXPECT_EQ(bench.ask("x := data.a.uses with data.a.f as 0; y := data.a.uses"),
              R"({"x": 0, "y": 2})");
    EXPECT_EQ(bench.ask("x := data.a.long with count as 9"), R"({"x": 9})");
    EXPECT_EQ(bench.ask("x := data.a with data.a as {\"z\": 1}"), R"({"x": {"z": 1}})");
    EXPECT_EQ(bench.ask("x := data.a.p with data.a.p as 3"), R"({"x": 3})");
}

TEST(Compiler, an_expression_with_may_iterate) {
    Bench bench;
    bench.with("package a\np contains input.n[_]");
    EXPECT_EQ(bench.ask("data.a.p[x] with input.n as [1, 2]; y = input.k", R"({"k": 3})"),
              R"({"x": 1, "y": 3} {"x": 2, "y": 3})");
}

TEST(Compiler, joins_virtual_and_base_documents) {
    Bench bench;
    bench.with("package a.b\np := 1");
    bench.with("package a.c\nq := 2");
    EXPECT_EQ(bench.ask("x := data.a", "{}", R"({"a": {"b": {"z": 0}, "d": {"e": 3}}})"),
              R"({"x": {"b": {"p": 1, "z": 0}, "c": {"q": 2}, "d": {"e": 3}}})");
    EXPECT_EQ(bench.ask("data.a[k][n] = v", "{}", R"({"a": {"d": {"e": 3}}})"),
              R"({"k": "d", "n": "e", "v": 3} {"k": "b", "n": "p", "v": 1} )"
              R"({"k": "c", "n": "q", "v": 2})");
    EXPECT_EQ(bench.ask("x := data.a[input.k]", R"({"k": "c"})"), R"({"x": {"q": 2}})");
    EXPECT_EQ(bench.ask("x := data.a[input.k].e", R"({"k": "d"})", R"({"a": {"d": {"e": 3}}})"),
              R"({"x": 3})");
}

TEST(Compiler, heads_with_references_make_objects_inside_of_objects) {
    Bench bench;
    bench.with(R"(package a
        p.q.r := 1
        p.s[x].t := y if some x, y in {"k": 2}
        p.u contains 3)");
    EXPECT_EQ(bench.ask("x := data.a.p"),
              R"({"x": {"q": {"r": 1}, "s": {"k": {"t": 2}}, "u": {3}}})");
}

TEST(Compiler, values_that_differ_are_a_conflict) {
    Bench bench;
    bench.with("package a\np := 1 if input.x\np := 2 if input.y");
    EXPECT_EQ(bench.ask("data.a.p = x", R"({"x": 1, "y": 1})"),
              "m0.rego:3: eval_conflict_error: rule data.a.p produced conflicting values");
}

TEST(Compiler, every_not_and_comprehensions_are_scopes_of_their_own) {
    Bench bench;
    bench.with(R"(package a
        big if every x in input.n { x > 1 }
        pairs := {[x, y] | some x in input.n; y := [z | some z in input.n; z < x]}
        none if not 5 in input.n)");
    EXPECT_EQ(bench.ask("data.a.big", R"({"n": [2, 3]})"), "{}");
    EXPECT_EQ(bench.ask("data.a.big", R"({"n": [2, 1]})"), "");
    EXPECT_EQ(bench.ask("data.a.big", R"({"n": []})"), "{}");
    EXPECT_EQ(bench.ask("data.a.big", R"({"n": 3})"), "");
    EXPECT_EQ(bench.ask("x := data.a.pairs", R"({"n": [2, 1]})"), R"({"x": {[1, []], [2, [1]]}})");
    EXPECT_EQ(bench.ask("data.a.none", R"({"n": [2]})"), "{}");
}

TEST(Compiler, a_comprehension_in_a_loop_is_evaluated_once_for_all_its_rounds) {
    Bench bench;
    bench.with(R"(package a
        teams := {team: names |
            some item in input.items
            team := item.team
            names := [x.name | some x in input.items; x.team == team]
        }
        none[t] := {x.name | some x in input.items; x.team == t} if some t in ["a", "z"]
        pairs[k] := [x.name | some x in input.items; x.team == k; x.size == s] if {
            some k in ["a", "b"]
            s := input.size
        }
        counts contains [item.name, count([x | some x in input.items])] if some item in input.items
        inside contains n if {
            some t in ["a", "b"]
            n := [x | some x in input.items; x.team == t] with input.items as [{"team": "b"}]
        })");
    const std::string input = R"({"size": 2, "items": [{"name": "x", "team": "a", "size": 1},
        {"name": "y", "team": "b", "size": 2}, {"name": "z", "team": "a", "size": 2}]})";
    EXPECT_EQ(bench.ask("x := data.a.teams", input), R"({"x": {"a": ["x", "z"], "b": ["y"]}})");
    EXPECT_EQ(bench.ask("x := data.a.none", input), R"({"x": {"a": {"x", "z"}, "z": set()}})");
    EXPECT_EQ(bench.ask("x := data.a.pairs", input), R"({"x": {"a": ["z"], "b": ["y"]}})");
    EXPECT_EQ(bench.ask("x := data.a.counts", input), R"({"x": {["x", 3], ["y", 3], ["z", 3]}})");
    EXPECT_EQ(bench.ask("x := data.a.inside", input), R"({"x": {[], [{"team": "b"}]}})");
}

// Two documents that list each other: without an index each of them goes over the whole other one.
std::string pairs_document(int count) {
    std::string text = R"({"items": [)";
    for (int i = 0; i < count; ++i) {
        text += std::string(i > 0 ? ", " : "") + R"({"name": "n)" + std::to_string(i) +
                R"(", "team": "t)" + std::to_string(i % 7) + R"(", "size": )" + std::to_string(i) +
                R"(, "pair": ["n)" + std::to_string(i) + R"(", 1]})";
    }
    return text + "]}";
}

TEST(Compiler, gathering_by_outer_variables_is_linear) {
    const std::string input = pairs_document(5'000);
    for (const std::string_view rule : {
             // In a loop, in a function that a loop calls, as an object, by two variables, with a
             // variable that is used for more, and out of a pattern.
             "n := count([x | some x in input.items; k := x.name; g := [y | some y in input.items; "
             "y.name == k]; g == [x]])",
             "group(name) := [y.size | some y in input.items; y.name == name]\n"
             "n := count([x | some x in input.items; group(x.name)[0] == x.size])",
             "n := count([x | some x in input.items; k := x.name; g := {y.size: y | some y in "
             "input.items; y.name == k}; g[x.size] == x])",
             "n := count([x | some x in input.items; k := x.name; s := x.size; g := [y | some y in "
             "input.items; y.name == k; y.size == s]; g == [x]])",
             "n := count([x | some x in input.items; k := x.name; g := [y | some y in input.items; "
             "k = y.name; startswith(k, \"n\")]; g == [x]])",
             "n := count([x | some x in input.items; k := x.name; g := [y | some y in input.items; "
             "[k, _] = y.pair]; g == [x]])",
         }) {
        Bench bench;
        bench.with("package a\n" + std::string(rule));
        // 25 million rounds would be more than the machine's limit.
        EXPECT_EQ(bench.ask("x := data.a.n", input), R"({"x": 5000})") << rule;
    }
}

TEST(Compiler, what_goes_wrong_while_gathering_is_an_error_as_in_opa) {
    Bench bench;
    bench.with(R"(package a
        clash(x) := 1 if x != "x"
        clash(x) := 2 if x != "y"
        others contains g if {
            some t in ["a"]
            g := [n | some i in input.items; i.team == t; n := clash(i.name)]
        }
        keys contains g if {
            some t in ["a"]
            g := {"k": i.size | some i in input.items; i.team == t}
        }
        twice contains g if {
            some t in ["b"]
            g := {"k": i.size | some i in input.items; i.team == t}
        })");
    const std::string input = R"({"items": [{"name": "x", "team": "a", "size": 1},
        {"name": "z", "team": "b", "size": 2}, {"name": "y", "team": "b", "size": 3}]})";
    EXPECT_EQ(bench.ask("x := data.a.others", input),
              "m0.rego:3: eval_conflict_error: function data.a.clash produced conflicting values "
              "for the same inputs");
    EXPECT_EQ(bench.ask("x := data.a.keys", input), R"({"x": {{"k": 1}}})");
    EXPECT_EQ(bench.ask("x := data.a.twice", input),
              "m0.rego:14: eval_conflict_error: object keys must be unique");
}

TEST(Compiler, gathering_shows_numbers_as_they_stand_in_what_is_gathered) {
    Bench bench;
    bench.with(R"(package a
        p contains g if { some t in [1]; g := [t | some i in input.sizes; i == t] })");
    EXPECT_EQ(bench.ask("x := data.a.p", R"({"sizes": [1.0, 2]})"), R"({"x": {[1.0]}})");
}

TEST(Compiler, what_a_rule_has_given_gets_no_entries_of_another) {
    const std::string conflict = ": eval_conflict_error: object keys must be unique";
    const auto ask = [](std::string_view rules) {
        return Bench().with("package a\n" + std::string(rules)).ask("x := data.a.p");
    };
    EXPECT_EQ(ask("p[x] contains 1 if { x := \"k\" }\np.k.b := 1"), "m0.rego:3" + conflict);
    EXPECT_EQ(ask("p[x] := {\"b\": 1} if { x := \"k\" }\np.k.b := 1"), "m0.rego:3" + conflict);
    EXPECT_EQ(ask("p[x] := {\"z\": 1 | true} if { x := \"k\" }\np.k.b := 1"),
              "m0.rego:3" + conflict);
    EXPECT_EQ(ask("p[x] := 3 if { x := \"k\" }\np.k.b contains 1"), "m0.rego:3" + conflict);
    EXPECT_EQ(ask("p[x].c contains 1 if { x := \"k\" }\np.k := {\"c\": {2}}"),
              "m0.rego:3" + conflict);
    // What is the same may be given once more, and a set may grow.
    EXPECT_EQ(ask("p[x].c contains 1 if { x := \"k\" }\np.k := {\"c\": {1}}"),
              R"({"x": {"k": {"c": {1}}}})");
    EXPECT_EQ(ask("p[x] := {1} if { x := \"k\" }\np.k contains 2"), R"({"x": {"k": {1, 2}}})");
    EXPECT_EQ(ask("p[x].b.d := 1 if { x := \"k\" }\np[x].b := {\"d\": 1} if { x := \"k\" }\n"
                  "p[x].b.e := 1 if { x := \"k\" }"),
              "m0.rego:4" + conflict);
}

TEST(Compiler, keys_of_rules_are_told_apart_by_their_type) {
    const auto ask = [](std::string_view rules) {
        return Bench().with("package a\n" + std::string(rules)).ask("x := data.a.p");
    };
    EXPECT_EQ(ask("p[1] := 2\np[\"1\"] := 3\np[true] := 4"), R"({"x": {true: 4, 1: 2, "1": 3}})");
    EXPECT_EQ(ask("default p[1] := 2\np[1] := 3 if false"), R"({"x": {1: 2}})");
    EXPECT_EQ(ask("p[1] := 2\np[1] := 3"),
              "m0.rego:3: eval_conflict_error: rule data.a.p[1] produced conflicting values");
    EXPECT_EQ(ask("p[1].b := 1\np[1] := {\"b\": 1}"),
              "1 error occurred: m0.rego:3: rego_type_error: rule data.a.p[1] conflicts with:\n"
              "  rule data.a.p[1].b at m0.rego:2");
    EXPECT_EQ(ask("p[1] := 2\np[x] := 3 if { x := 1 }"),
              "m0.rego:2: eval_conflict_error: object keys must be unique");
    EXPECT_EQ(ask("f[1](x) := x + 1\nf[\"1\"](x) := x\np := f[1](1)"), R"({"x": 2})");
}

TEST(Compiler, calls_of_print_are_taken_out_where_nobody_listens) {
    Bench bench;
    bench.with(R"(package a
        s contains "x" if { input.bad; print("user", input.user.name) }
        only if { print(input.none) }
        negated if not print("x")
        every_one := {[1 | every x in [1, 2] { print(x) }]}
        else_too if false
        else := 2 if { print(input.none) })");
    EXPECT_EQ(bench.ask("x := data.a", R"({"bad": true})"),
              R"({"x": {"else_too": 2, "every_one": {[1]}, "negated": true, "only": true, )"
              R"("s": {"x"}}})");
    bench.wishes.prints = Prints::kKept;
    EXPECT_EQ(bench.ask("x := data.a.negated"), R"({"x": true})");
}

// The name that is wrong is told, and not what was to be bound by it.
TEST(Compiler, print_shows_what_was_declared_in_front_of_it) {
    Bench bench;
    bench.wishes.prints = Prints::kKept;
    bench.with(R"(package a
        p if { x := den; print(x) }
        q if { some k, v in inptu.x; print(k, v) }
        r if { [a, b] := splt; print(a, b) }
        s(y) := [z | z := yy + y; print(z)])");
    EXPECT_EQ(bench.errors(),
              "6 errors occurred:\nm0.rego:2: rego_unsafe_var_error: var den is unsafe\n"
              "m0.rego:3: rego_unsafe_var_error: var inptu is unsafe\n"
              "m0.rego:3: rego_unsafe_var_error: var k is unsafe\n"
              "m0.rego:3: rego_unsafe_var_error: var v is unsafe\n"
              "m0.rego:4: rego_unsafe_var_error: var splt is unsafe\n"
              "m0.rego:5: rego_unsafe_var_error: var yy is unsafe");
}

TEST(Compiler, print_shows_nothing_that_is_declared_behind_it_or_nowhere) {
    Bench bench;
    bench.wishes.prints = Prints::kKept;
    bench.with(R"(package a
        p if { print(x); y = x }
        q := [y | y := 1; print(y, z)] if { z := 1 }
        r contains [y | y := 1; print(y, w)]
        s[[y | y := 1; print(y, z)]] := 1 if { z := 1 }
        t if { true with input as [y | y := 1; print(y, v)] }
        u if { print([y | y := 1; print(y, b)], [y | y := 1; print(y, c)]) }
        last if {
            print(d)
            print([y | y := $"{d}"; print(y, d)])
        })");
    EXPECT_EQ(bench.errors(),
              "7 errors occurred:\nm0.rego:2: rego_compile_error: var x is undeclared\n"
              "m0.rego:3: rego_compile_error: var z is undeclared\n"
              "m0.rego:4: rego_compile_error: var w is undeclared\n"
              "m0.rego:6: rego_compile_error: var v is undeclared\n"
              "m0.rego:7: rego_compile_error: var b is undeclared\n"
              "m0.rego:7: rego_compile_error: var c is undeclared\n"
              "m0.rego:9: rego_compile_error: var d is undeclared");
}

TEST(Compiler, all_of_data_is_shown_without_the_system_document) {
    Bench bench;
    bench.with("package system.x\na := 1").with("package b\nc := 2");
    EXPECT_EQ(bench.ask("x := data", "{}", R"({"system": {"y": 1}, "z": 3})"),
              R"({"x": {"b": {"c": 2}, "z": 3}})");
    EXPECT_EQ(bench.ask("x := data.system", "{}", R"({"system": {"y": 1}})"),
              R"({"x": {"x": {"a": 1}, "y": 1}})");
}

TEST(Compiler, a_comprehension_of_another_kind_is_evaluated_where_opa_does) {
    Bench bench;
    bench.wishes.types = TypeChecks::kNone;
    bench.with(R"(package a
        r := {1, 2}
        list := [1]
        beside_set if { {7: x | some x in [1, 2]} == r }
        beside_list if { {7: x | some x in [1, 2]} == list }
        of_set if { {1 | true} == {7: x | some x in [1, 2]} }
        inside if { [{7: x | some x in [1, 2]}] == {1 | true} }
        inside_of_object if { {"k": {7: x | some x in [1, 2]}} == [1 | true] })");
    const std::string conflict = ": eval_conflict_error: object keys must be unique";
    EXPECT_EQ(bench.ask("data.a.beside_set"), "m0.rego:4" + conflict);
    EXPECT_EQ(bench.ask("data.a.beside_list"), "");
    EXPECT_EQ(bench.ask("data.a.of_set"), "m0.rego:6" + conflict);
    EXPECT_EQ(bench.ask("data.a.inside"), "m0.rego:7" + conflict);
    EXPECT_EQ(bench.ask("data.a.inside_of_object"), "m0.rego:8" + conflict);
}

TEST(Compiler, a_variable_that_is_bound_behind_its_use_is_undefined_there) {
    Bench bench;
    bench.with("package a\np if { x.a >= input[x].b }\nq if { input[x].b >= x.a }");
    EXPECT_EQ(bench.ask("data.a.p", R"({"k": {"b": 1}})"), "");
    EXPECT_EQ(bench.ask("data.a.q", R"({"k": {"b": 1}})"), "");
}

TEST(Compiler, a_call_in_a_head_of_what_an_argument_hides_is_of_nothing) {
    Bench bench;
    bench.with("package a\nf(count) := count(1)\ng(count) := 1 if { count([]) == 1 }");
    EXPECT_EQ(bench.errors(),
              "1 error occurred: m0.rego:3: rego_compile_error: called function count shadowed");
    Bench head;
    head.with("package a\nf(count) := count(1)");
    EXPECT_EQ(head.errors(),
              "1 error occurred: m0.rego:2: rego_type_error: undefined function count");
}

TEST(Compiler, template_strings_show_what_is_undefined) {
    Bench bench;
    EXPECT_EQ(bench.ask(R"(x := $"a {input.b} {1 + 1} {input.c}")", R"({"b": "B"})"),
              R"({"x": "a B 2 <undefined>"})");
}

TEST(Compiler, what_is_too_large_is_refused) {
    Bench bench;
    std::string path = "package a";
    for (int i = 0; i < 600; ++i) path += ".b";
    bench.with(path);
    EXPECT_EQ(bench.errors(),
              "1 error occurred: m0.rego:1: rego_compile_error: a path may have 500 parts");
    Bench body;
    std::string rule = "package a\np if {\n";
    for (int i = 0; i < 6'000; ++i) rule += "true\n";
    body.with(rule + "}");
    EXPECT_EQ(body.errors(),
              "1 error occurred: m0.rego:3: rego_compile_error: a body may have 5000 expressions");
}

TEST(Compiler, a_rule_that_needs_itself_is_refused) {
    Bench bench;
    bench.with("package a\n\np if q\n\nq if r\n\nr if p\n\ns if data.a[input.x].y");
    EXPECT_EQ(bench.errors(),
              "4 errors occurred:\n"
              "m0.rego:3: rego_recursion_error: rule data.a.p is recursive: data.a.p -> data.a.q "
              "-> data.a.r -> data.a.p\n"
              "m0.rego:5: rego_recursion_error: rule data.a.q is recursive: data.a.q -> data.a.r "
              "-> data.a.p -> data.a.q\n"
              "m0.rego:7: rego_recursion_error: rule data.a.r is recursive: data.a.r -> data.a.p "
              "-> data.a.q -> data.a.r\n"
              "m0.rego:9: rego_recursion_error: rule data.a.s may be recursive: data.a.s -> "
              "data.a.s (data.a[input.x] refers to data.a.s if input.x is \"s\")");
}

TEST(Compiler, rules_that_contradict_by_their_form_are_refused) {
    Bench bench;
    bench.with("package a\n\np := 1\n\np contains 2\n\nf(x) := x\n\nf(x, y) := y");
    EXPECT_EQ(bench.errors(),
              "2 errors occurred:\nm0.rego:3: rego_type_error: conflicting rules data.a.p found\n"
              "m0.rego:7: rego_type_error: conflicting rules data.a.f found");
}

TEST(Compiler, metadata_is_put_in_the_place_of_its_calls) {
    Bench bench;
    bench.options.annotations = syntax::ReadAnnotations::kYes;
    bench.with(
        "# METADATA\n# title: all\npackage a\n\n# METADATA\n# title: one\np := x if {\n\tx := "
        "rego.metadata.rule()\n}\n\nq := rego.metadata.chain()");
    EXPECT_EQ(bench.ask("x := data.a"),
              R"({"x": {"p": {"scope": "rule", "title": "one"}, "q": [{"path": ["a", "q"]}, )"
              R"({"annotations": {"scope": "package", "title": "all"}, "path": ["a"]}]}})");
}

TEST(Compiler, metadata_tells_the_constant_part_of_a_path) {
    Bench bench;
    bench.with(
        "package a\n\np[x].b := [c.path | some c in rego.metadata.chain()] if some x in [1]\n\n"
        "q[true].b := [c.path | some c in rego.metadata.chain()]\n\n"
        "r[[1]].b := [c.path | some c in rego.metadata.chain()]");
    EXPECT_EQ(bench.ask("x := data.a.p[1].b"), R"({"x": [["a", "p"]]})");
    EXPECT_EQ(bench.ask("x := data.a.q[true].b"), R"({"x": [["a", "q", "true", "b"]]})");
    EXPECT_EQ(bench.ask("x := data.a.r[[1]].b"), R"({"x": [["a", "r"]]})");
}

TEST(Compiler, of_a_query_the_first_stage_that_finds_something_ends_it) {
    Bench bench;
    EXPECT_EQ(bench.errors("some x; y > 1"),
              "1 error occurred: 1:1: rego_compile_error: declared var x unused");
    bench.with("package a\n\np if { some x; y > 1 }");
    EXPECT_EQ(bench.errors(),
              "2 errors occurred:\nm0.rego:3: rego_compile_error: declared var x unused\n"
              "m0.rego:3: rego_unsafe_var_error: var y is unsafe");
}

TEST(Compiler, what_connects_expressions_has_no_value_in_a_template) {
    for (const auto& [text, type] :
         {std::pair("input.x or 1", "*ast.LogicalOr"),
          std::pair("(input.x and 1)", "*ast.LogicalAnd"), std::pair("not input.x", "*ast.Not")}) {
        Bench bench;
        bench.with(std::string("package a\n\nimport future.keywords.or\nimport "
                               "future.keywords.and\nimport future.keywords.not\n\np := $\"{") +
                   text + "}\"");
        EXPECT_EQ(bench.errors(),
                  std::string("1 error occurred: m0.rego:7: rego_compile_error: unexpected "
                              "template-string expression type: ") +
                      type);
    }
}

// OPA drops the other values before it looks for their variables.
TEST(Compiler, of_a_key_that_an_object_has_twice_the_last_value_counts) {
    Bench bench;
    bench.with(
        "package a\n\np := {\"k\": input.x, \"j\": 1, \"k\": 2}\n\n"
        "q(v) := {v: input.x, v: 3}\n\nr := q(\"a\")");
    EXPECT_EQ(bench.ask("x := data.a"), R"({"x": {"p": {"j": 1, "k": 2}, "r": {"a": 3}}})");
}

TEST(Compiler, metadata_is_of_a_rule_and_not_of_its_else) {
    Bench bench;
    bench.options.annotations = syntax::ReadAnnotations::kYes;
    bench.with(
        "# METADATA\n# title: all\npackage a\n\n# METADATA\n# title: one\np := 1 if {\n\tinput.x\n"
        "} else := rego.metadata.rule() if {\n\tinput.y\n} else := rego.metadata.chain()");
    EXPECT_EQ(bench.ask("x := data.a.p", R"({"y": true})"), R"({"x": {}})");
    EXPECT_EQ(bench.ask("x := data.a.p"),
              R"({"x": [{"path": ["a", "p"]}, )"
              R"({"annotations": {"scope": "package", "title": "all"}, "path": ["a"]}]})");
}

TEST(Compiler, what_is_negated_holds_where_it_is_undefined) {
    Bench bench;
    bench.with(R"(package a
        p if not input.x.y == 1
        q if not input.x.y = 1
        r if not input.x.y != 1
        s if not count(input.x.y) == 1)");
    EXPECT_EQ(bench.ask("x := data.a"), R"({"x": {"p": true, "q": true}})");
    EXPECT_EQ(bench.ask("x := data.a", R"({"x": {"y": 1}})"), R"({"x": {"r": true}})");
}

TEST(Compiler, rules_that_ask_for_a_value_are_chosen_by_it) {
    Bench bench;
    bench.with(R"(package a
        found contains "a" if input.kind == "a"
        found contains "any"
        found contains "b" if "b" == input.kind
        found contains "one" if input.kind == 1
        found contains "c" if { input.x; input.kind == "c" }
        cost(kind) := 1 if kind == "a"
        cost("b") := 2
        cost("c") := 3
        cost("d") := 4
        cost(kind) := 5 if startswith(kind, "e")
        level := "low" if input.kind == "a"
        level := "high" if input.kind == "b"
        level := "high" if input.kind == "c"
        level := "none" if not input.kind
        level := "low" if input.kind == "d")");
    const auto found = [&](std::string_view input) {
        return bench.ask("x := data.a.found", input);
    };
    EXPECT_EQ(found(R"({"kind": "a"})"), R"({"x": {"a", "any"}})");
    EXPECT_EQ(found(R"({"kind": "b"})"), R"({"x": {"any", "b"}})");
    EXPECT_EQ(found(R"({"kind": 1.0})"), R"({"x": {"any", "one"}})");
    EXPECT_EQ(found(R"({"kind": "c"})"), R"({"x": {"any"}})");
    EXPECT_EQ(found("{}"), R"({"x": {"any"}})");
    EXPECT_EQ(
        bench.ask("x := [data.a.cost(k) | some k in [\"a\", \"b\", \"c\", \"d\", \"e\", \"f\"]]"),
        R"({"x": [1, 2, 3, 4, 5]})");
    EXPECT_EQ(bench.ask("x := data.a.level", R"({"kind": "c"})"), R"({"x": "high"})");
    EXPECT_EQ(bench.ask("x := data.a.level"), R"({"x": "none"})");
    EXPECT_EQ(bench.ask("x := data.a.level", R"({"kind": "e"})"), "");
    EXPECT_EQ(bench.ask(R"(x := data.a.level with input.kind as "d")", R"({"kind": "e"})"),
              R"({"x": "low"})");
}

TEST(Compiler, comparisons_that_a_with_replaces_are_calls) {
    Bench bench;
    bench.with(R"(package a
        always(_, _) := true
        p if 1 > 2
        q if 3 in [1, 2]
        r if p with gt as always
        s if { 2 >= 2; 1 <= 1.5; "a" < "b"; 2 in {2, 3}; "v" in {"k": "v"}; 1 != 2 })");
    EXPECT_EQ(bench.ask("x := data.a"), R"({"x": {"r": true, "s": true}})");
}

TEST(Compiler, terms_of_a_set_are_evaluated_in_their_order) {
    Bench bench;
    // The comprehension makes one key twice, behind what is undefined.
    EXPECT_EQ(bench.ask(R"(x := {{1: v | some v in [1, 2]}, input.absent})"), "");
    EXPECT_EQ(bench.ask(R"(true == {1: v | some v in [1, 2]})"), "");
    EXPECT_EQ(bench.ask(R"(x := {"b": input.b, "a": input.a, "b": 3})", R"({"a": 1, "b": 2})"),
              R"({"x": {"a": 1, "b": 3}})");
}

TEST(Compiler, an_unknown_function_is_an_error) {
    Bench bench;
    EXPECT_EQ(bench.errors("nothing.of(1)"),
              "1 error occurred: 1:1: rego_type_error: undefined function nothing.of");
}

}  // namespace
}  // namespace merlon::rego::compiler
