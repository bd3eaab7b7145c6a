#include <fmt/format.h>
#include <gtest/gtest.h>

#include "rego/compiler/compiler.h"
#include "rego/syntax/parser.h"
#include "text/json.h"

namespace merlon::rego::compiler {
namespace {

// What OPA 1.22.2 says of the same modules.
struct TypeCheckerTest : testing::Test {
    Arena arena;
    Interner interner;
    std::vector<SourceModule> modules;
    CompileOptions options;

    void add(std::string_view source, syntax::RegoVersion version = syntax::RegoVersion::kV1) {
        syntax::ParseOptions parsing;
        parsing.version = version;
        parsing.annotations = syntax::ReadAnnotations::kYes;
        const std::string file = "m" + std::to_string(modules.size()) + ".rego";
        const auto parsed = syntax::parse_module(source, arena, interner, parsing);
        ASSERT_TRUE(parsed.errors.empty()) << syntax::to_string(parsed.errors, file);
        modules.push_back({file, parsed.module});
    }
    std::string errors() {
        std::string text;
        for (const CompileError& error : compile(modules, {}, options).errors) {
            text += error.to_string() + "\n";
        }
        return text;
    }
};

TEST_F(TypeCheckerTest, operands_must_be_what_functions_take) {
    add(R"(package a
p := count(1)
q if startswith("a", 1, x)
f(x) := upper(x)
g := f(1)
h := [x | x := sum("a")])");
    EXPECT_EQ(errors(), R"(m0.rego:2: rego_type_error: count: invalid argument(s)
	have: (number, ???)
	want: (collection: any<...>, n: number)
m0.rego:3: rego_type_error: startswith: invalid argument(s)
	have: (string, number, ???)
	want: (search: string, base: string, result: boolean)
m0.rego:5: rego_type_error: data.a.f: invalid argument(s)
	have: (number, ???)
	want: (string, string)
m0.rego:6: rego_type_error: sum: invalid argument(s)
	have: (string, ???)
	want: (collection: any<array[number], set[number]>, n: number)
)");
}

// What data holds beside the rules says nothing of them, nor they of it.
TEST_F(TypeCheckerTest, keys_of_base_documents_are_anything) {
    add(R"(package a
r := {"k": 2} if input.x
p := y if { data.d.b[y]; r.k }
q if data.a.p.foo.bar)");
    EXPECT_EQ(errors(), "");
}

TEST_F(TypeCheckerTest, sides_of_equalities_may_be_equal) {
    add(R"(package a
p if 1 == "a"
q if "a" in {1, 2}
r if { x := input.a; x == 1; x == "a" })");
    EXPECT_EQ(errors(), R"(m0.rego:2: rego_type_error: match error
	left  : number
	right : string
m0.rego:3: rego_type_error: match error
	left  : string
	right : number
)");
}

TEST_F(TypeCheckerTest, references_lead_to_what_can_be_there) {
    add(R"(package a
f(x) := upper(x)
p if { o := {"a": 1}; o.b }
q if { n := [1, "x"]; n[0].d }
r := f.x)");
    EXPECT_EQ(errors(), R"(m0.rego:3: rego_type_error: undefined ref: o.b
	o.b
	  ^
	  have: "b"
	  want (one of): ["a"]
m0.rego:4: rego_type_error: undefined ref: n[0].d
	n[0].d
	^^^^
	have: number
m0.rego:5: rego_type_error: function data.a.f.x used as reference, not called
	data.a.f.x
	^^^^^^^^
	have: (string) => string
)");
}

// The key of `m[[1, 2]]` is an array of two numbers, whichever they are.
TEST_F(TypeCheckerTest, composite_keys_of_rules_say_what_type_keys_are_of) {
    add(R"(package a
m[["x", 1]] := {"k": 1}
m[["x", 2]] := input.q
p if not m[["x", 1]].j
n[[1, 2]] := 1 if input.y
o[{"k": 1}] := 1 if input.y
q if n["a"]
r if o[{"j": x}]
s if o[{"k": x}]
t[1] := {"k": 1} if input.c
t[[1]] := 2 if input.d
u if t[[1]].j
v[[1]] := count(1)
w if v[[1]].j)");
    EXPECT_EQ(errors(), R"(m0.rego:13: rego_type_error: count: invalid argument(s)
	have: (number, ???)
	want: (collection: any<...>, n: number)
m0.rego:14: rego_type_error: undefined ref: data.a.n.a
	data.a.n.a
	         ^
	         have: "a"
	         want (type): array<number, number>
m0.rego:14: rego_type_error: undefined ref: data.a.o[{"j": x}]
	data.a.o[{"j": x}]
	         ^
	         have (type): object<j: ???>
	         want (type): object<k: number>
m0.rego:14: rego_type_error: undefined ref: data.a.t[[1]].j
	data.a.t[[1]].j
	              ^
	              have: "j"
	              want (one of): ["k"]
)");
}

TEST_F(TypeCheckerTest, what_with_replaces_may_be_something_else) {
    add(R"(package a
o := {"a": 1}
p if o.b
q if o.b with data.a.o as {"b": 2}
r if p with data.a.o as {}
s if true with count as startswith)");
    EXPECT_EQ(errors(), R"(m0.rego:5: rego_type_error: undefined ref: data.a.o.b
	data.a.o.b
	         ^
	         have: "b"
	         want (one of): ["a"]
m0.rego:6: rego_type_error: count: arity mismatch
	have: (string, string)
	want: (collection: any<string, array[any], object[any: any], set[any]>)
)");
}

TEST_F(TypeCheckerTest, schemas_say_what_input_is) {
    add(R"(# METADATA
# scope: package
# schemas:
#   - input: schema.request
#   - data.limits: {type: object, properties: {most: {type: number}}}
package a
p if input.user.id == "x"
q if input.user.nothing
r if data.limits.most == "a"
s if data.limits.least)");
    const auto schema = text::read_json(
        R"({"type": "object", "properties": {"user": {"type": "object",
            "properties": {"id": {"type": "integer"}}}}})",
        arena, interner);
    const NamedSchema schemas[] = {{{"request"}, *schema.value().root}};
    options.schemas = schemas;
    EXPECT_EQ(errors(), R"(m0.rego:7: rego_type_error: match error
	left  : number
	right : string
m0.rego:8: rego_type_error: undefined ref: input.user.nothing
	input.user.nothing
	           ^
	           have: "nothing"
	           want (one of): ["id"]
m0.rego:9: rego_type_error: match error
	left  : number
	right : string
m0.rego:10: rego_type_error: undefined ref: data.limits.least
	data.limits.least
	            ^
	            have: "least"
	            want (one of): ["most"]
)");
}

TEST_F(TypeCheckerTest, what_is_not_used_is_wrong_in_strict_mode) {
    const std::string_view source = R"(package a
import data.foo
import data.bar as foo

f(x, y) := x
p if { x := 1; y := 2; y == 2 }
q contains z if { some z in input; some k, v in input; v > 1 }
r if every k, v in input { v > 0 }
s := any([true]))";
    add(source);
    EXPECT_EQ(errors(), R"(m0.rego:3: rego_compile_error: import must not shadow import data.foo
m0.rego:8: rego_compile_error: declared var k unused
m0.rego:9: rego_type_error: deprecated built-in function calls in expression: any
)");
    options.strictness = Strictness::kStrict;
    EXPECT_EQ(errors(), R"(m0.rego:2: rego_compile_error: import data.foo unused
m0.rego:3: rego_compile_error: import data.bar as foo unused
m0.rego:3: rego_compile_error: import must not shadow import data.foo
m0.rego:5: rego_compile_error: unused argument y. (hint: use _ (wildcard variable) instead)
m0.rego:6: rego_compile_error: assigned var x unused
m0.rego:8: rego_compile_error: declared var k unused
m0.rego:9: rego_type_error: deprecated built-in function calls in expression: any
)");
}

TEST_F(TypeCheckerTest, only_errors_of_stages_that_come_are_told_and_ten_of_them) {
    add("package a\np if true with foo as 1\nq := count(1)\nr if x");
    EXPECT_EQ(
        errors(),
        "m0.rego:2: rego_type_error: with keyword target must reference existing input, data, "
        "or a function\n");
    modules.clear();
    std::string many = "package a\n";
    for (int i = 0; i < 12; ++i) many += "p if 1 == \"a\"\n";
    add(many);
    const std::vector<CompileError> found = compile(modules, {}, options).errors;
    ASSERT_EQ(found.size(), 11U);
    EXPECT_EQ(found.back().to_string(), "rego_compile_error: error limit reached");
}

TEST_F(TypeCheckerTest, what_is_below_a_literal_is_not_looked_at) {
    add("package a\np if { some x in 5 }\nq if { some k, x in \"abc\" }");
    EXPECT_EQ(errors(), "");
    modules.clear();
    add("package a\np if { x := 5; some y in x }");
    EXPECT_NE(errors().find("undefined ref: x["), std::string::npos);
}

TEST_F(TypeCheckerTest, an_index_is_an_integer_also_where_it_is_minus_zero) {
    add("package a\np := [10, 20][-0]\nq := [10, 20][0.0]");
    EXPECT_TRUE(errors().starts_with("m0.rego:3: rego_type_error: undefined ref: [10, 20][0.0]\n"));
}

TEST_F(TypeCheckerTest, a_builtin_is_a_function_also_where_a_variable_could_stand) {
    add(R"(package a
p := [x | walk(input, [contains, x])]
q if input.xs[count]
r if { some sum in input.xs; sum == 1 }
s(max) := max + 1)");
    EXPECT_EQ(errors(), R"(m0.rego:2: rego_type_error: walk: invalid argument(s)
	have: (any, array<(string, string) => boolean, ???>)
	want: (x: any, output: array<array[any], any>)
)");
}

TEST_F(TypeCheckerTest, names_that_compilers_make_may_be_unused) {
    add("package a\np if { every __local0__, __local1__ in input.x { __local1__ > 1 } }");
    EXPECT_EQ(errors(), "");
}

TEST_F(TypeCheckerTest, a_limit_ends_what_takes_too_long) {
    std::string term = "1";
    for (int i = 0; i < 60; ++i) {
        const std::string name = "y" + std::to_string(i);
        term = fmt::format("[{0} | {0} := {1}]", name, term);
    }
    add("package a\np := " + term);
    EXPECT_EQ(errors(), "m0.rego:2: rego_type_error: types take too many steps to be checked\n");
}

TEST_F(TypeCheckerTest, what_reaches_the_world_is_listed) {
    add("package a\np if http.send({\"url\": \"x\"}).ok\nq := time.now_ns()\nr := upper(\"a\")");
    options.listing = Listing::kReaching;
    const Compilation compiled = compile(modules, {}, options);
    ASSERT_EQ(compiled.reaching.size(), 2U);
    EXPECT_EQ(compiled.reaching[0].name, "http.send");
    EXPECT_EQ(compiled.reaching[0].reach, Reach::kNetwork);
    EXPECT_EQ(compiled.reaching[1].row, 3U);
}

}  // namespace
}  // namespace merlon::rego::compiler
