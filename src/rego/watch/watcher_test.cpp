#include "rego/watch/watcher.h"

#include <gtest/gtest.h>

#include "rego/syntax/parser.h"
#include "rego/term.h"

namespace merlon::rego::watch {
namespace {

std::string_view word(Operation operation) {
    constexpr std::string_view kWords[] = {"enter", "exit", "eval",  "redo",  "fail",
                                           "again", "note", "index", "unify", "case"};
    return kWords[static_cast<std::size_t>(operation)];
}

// "enter 3; eval 4": what was told of the module, with its rows.
class Recorder : public EventListener {
  public:
    void heard(const Event& event) override {
        if (event.operation == Operation::kIndex) messages += event.message;
        if (event.file == UINT32_MAX) return;
        if (!text.empty()) text += "; ";
        text += word(event.operation);
        text += " " + std::to_string(event.location->row);
    }
    std::string text;
    std::string messages;
};

struct Watched {
    std::string text;
    std::string messages;
    std::size_t results = 0;
    std::string error;
};

Watched watch(std::string_view source, std::string_view query, std::string_view input,
              WatchOptions options = {}) {
    Arena arena;
    Interner interner;
    value::Builder values(arena, interner);
    const auto module = syntax::parse_module(source, arena, interner, {});
    const auto body = syntax::parse_query(query, arena, interner, {});
    EXPECT_TRUE(module.errors.empty() && body.errors.empty());
    const compiler::SourceModule modules[] = {{"p.rego", module.module}};
    const compiler::SourceQuery queries[] = {
        {"q", body.body, compiler::QueryResult::kBindingsAndValues}};
    compiler::Prepared prepared = compiler::prepare(modules, queries, {});
    EXPECT_TRUE(prepared.errors.empty());
    Library library(std::move(prepared));
    Recorder recorder;
    Watcher watcher(library, recorder, std::move(options));
    const auto error = watcher.run(0, read_term(input, values).value(), values.object({}));
    return {recorder.text, recorder.messages, watcher.results(),
            error ? error->to_string() : std::string()};
}

constexpr std::string_view kPolicy = R"(package p

allow if {
	input.user == "ann"
	some role in input.roles
	role == "admin"
}
)";

TEST(Watcher, tells_what_holds_fails_and_is_taken_up_again) {
    const Watched watched =
        watch(kPolicy, "data.p.allow", R"({"user": "ann", "roles": ["dev", "admin"]})");
    EXPECT_EQ(watched.text,
              "enter 3; eval 4; eval 5; eval 6; fail 6; redo 5; eval 6; exit 3; redo 3; redo 6; "
              "redo 5; redo 4");
    EXPECT_EQ(watched.results, 1U);
}

TEST(Watcher, leaves_out_rules_that_the_input_excludes) {
    EXPECT_EQ(watch(kPolicy, "data.p.allow", R"({"user": "bob"})").text, "");
    const WatchOptions all{.indexing = Indexing::kOff};
    EXPECT_EQ(watch(kPolicy, "data.p.allow", R"({"user": "bob"})", all).text,
              "enter 3; eval 4; fail 4");
}

TEST(Watcher, looks_for_one_end_of_a_text_and_for_none_of_an_argument) {
    constexpr std::string_view kEnds = R"(package p

a if {
	startswith(input.x, "/")
	endswith(input.x, "b")
}

b if {
	startswith(input.x, "/")
	endswith(input.x, ".b")
}

c if f(input.x)

f(x) if startswith(x, "/")

o["k"] := 1 if input.x == "b"
)";
    EXPECT_EQ(watch(kEnds, "data.p.a", R"({"x": "b"})").messages, "(matched 0 rules, early exit)");
    EXPECT_EQ(watch(kEnds, "data.p.a", R"({"x": "/"})").messages, "(matched 1 rule, early exit)");
    EXPECT_EQ(watch(kEnds, "data.p.b", R"({"x": "/"})").messages, "(matched 0 rules, early exit)");
    EXPECT_EQ(watch(kEnds, "data.p.b", R"({"x": "c.b"})").messages, "(matched 1 rule, early exit)");
    EXPECT_EQ(watch(kEnds, "data.p.c", R"({"x": "b"})").messages,
              "(matched 1 rule, early exit)(matched 1 rule, early exit)");
    EXPECT_EQ(watch(kEnds, "data.p.o.k", R"({"x": "b"})").messages, "(matched 1 rule, early exit)");
}

TEST(Watcher, ends_early_where_all_rules_give_one_constant) {
    constexpr std::string_view kTwo = "package p\n\na if input.x\n\na if input.y\n";
    const Watched early = watch(kTwo, "data.p.a", R"({"x": 1, "y": 2})");
    EXPECT_EQ(early.text, "enter 3; eval 3; exit 3; redo 3; redo 3");
    EXPECT_EQ(early.messages, "(matched 2 rules, early exit)");
    const WatchOptions late{.early_exits = EarlyExits::kNotTaken};
    EXPECT_EQ(watch(kTwo, "data.p.a", R"({"x": 1, "y": 2})", late).text,
              "enter 3; eval 3; exit 3; redo 3; redo 3; enter 5; eval 5; exit 5; redo 5; redo 5");
}

TEST(Watcher, keeps_results_until_a_with_opens) {
    constexpr std::string_view kWith =
        "package p\n\na := input.x\n\nb if {\n\ta == 1\n\ta == 1\n\ta == 2 with input as {\"x\": "
        "2}\n}\n";
    EXPECT_EQ(
        watch(kWith, "data.p.b", R"({"x": 1})").text,
        "enter 5; eval 6; index 6; enter 3; eval 3; exit 3; eval 7; index 7; eval 8; index 8; "
        "enter 3; eval 3; exit 3; exit 5; redo 5; redo 8; redo 3; redo 7; redo 6; redo 3");
}

TEST(Watcher, has_functions_comprehensions_negations_and_every) {
    constexpr std::string_view kAll = R"(package p

f(x) := y if y := x + 1

r := [y | some x in input; y := f(x)]

s if {
	every x in r { x > 1 }
	not 7 in r
	count(r) == 2
}
)";
    EXPECT_EQ(watch(kAll, "data.p.s", "[1, 2]").results, 1U);
    EXPECT_EQ(watch(kAll, "data.p.s", "[1, 6]").results, 0U);
    EXPECT_EQ(watch(kAll, "data.p.s", "[0, 2]").results, 0U);
    EXPECT_EQ(watch(kAll, "data.p.r[i] == 3", "[1, 2]").results, 1U);
}

// OPA's comprehension index: what is gathered once is not gone through again.
TEST(Watcher, evaluates_indexed_comprehensions_once_for_all_keys) {
    constexpr std::string_view kGroups = R"(package p

used[team] := ages if {
	some team in ["x", "y", "none"]
	ages := [n |
		some one in input
		one.team == team
		n := to_number(one.age)
	]
}
)";
    constexpr std::string_view kInput =
        R"([{"team": "x", "age": "1"}, {"team": "y", "age": "?"}, {"team": "z", "age": "!"}])";
    std::vector<EvaluationError> errors;
    std::vector<Stack> stacks;
    WatchOptions options;
    options.passed_over = &errors;
    options.passed_over_stacks = &stacks;
    EXPECT_EQ(watch(kGroups, "data.p.used.none == []", kInput, options).results, 1U);
    // All of them are gathered for "none", which is not among them, and so they are evaluated
    // once more for it alone.
    ASSERT_EQ(errors.size(), 2U);
    EXPECT_EQ(errors[0].message, "to_number: strconv.ParseFloat: parsing \"?\": invalid syntax");
    EXPECT_EQ(errors[1].message, "to_number: strconv.ParseFloat: parsing \"!\": invalid syntax");
    ASSERT_EQ(stacks.size(), 2U);
    EXPECT_EQ(stacks[0].size(), 3U);
    errors.clear();
    EXPECT_EQ(watch(kGroups, "data.p.used", kInput, options).results, 1U);
    EXPECT_EQ(errors.size(), 3U) << "once for all, and once more for y, of which nothing is left";
}

TEST(Watcher, tells_objects_of_a_comprehension_whose_keys_clash) {
    constexpr std::string_view kClash = R"(package p

r[g] := m if {
	some g in [1, 2]
	m := {one.k: one.v | some one in input; one.g == g}
}
)";
    const Watched watched =
        watch(kClash, "data.p.r", R"([{"g": 1, "k": "a", "v": 1}, {"g": 1, "k": "a", "v": 2}])");
    EXPECT_EQ(watched.error, "p.rego:5: eval_conflict_error: object keys must be unique");
}

TEST(Watcher, ends_at_its_limits) {
    WatchOptions few;
    few.limits.steps = 100;
    const Watched watched = watch("package p\n\na if { some i in numbers.range(1, 1000); i < 0 }\n",
                                  "data.p.a", "{}", few);
    EXPECT_NE(watched.error.find("too many steps to show"), std::string::npos);
}

}  // namespace
}  // namespace merlon::rego::watch
