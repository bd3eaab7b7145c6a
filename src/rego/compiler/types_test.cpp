#include "rego/compiler/types.h"

#include <gtest/gtest.h>

#include "rego/compiler/type_details.h"

namespace merlon::rego::compiler {
namespace {

struct TypesTest : testing::Test {
    Arena arena;
    Interner interner;
    Types types{arena, interner};

    const Type* read(std::string_view text) { return types.read(text); }
    std::string either(std::string_view left, std::string_view right) {
        return to_text(types.either(read(left), read(right)));
    }
    bool unify(std::string_view left, std::string_view right) {
        return compiler::unify(read(left), read(right));
    }
};

TEST_F(TypesTest, are_read_as_they_are_written) {
    for (const std::string_view text :
         {"null", "boolean", "number", "string", "any", "array", "array[any]",
          "array<number, string>[any]", "set", "set[array[string]]", "object",
          "object<a: number, b: array<string>>", "object<a: string>[any: any]",
          "object[string: any<string, array[any]>]", "any<null, number, set[any]>",
          "array[any<string>]"}) {
        EXPECT_EQ(to_text(read(text)), text);
    }
    EXPECT_EQ(read("nothing"), nullptr);
    const Type* const function = types.read_function("x: string; number", "y: array[any]");
    EXPECT_EQ(to_text(function), "(string, number) => array[any]");
    const Wanted wanted = wanted_by(*function, WantedResult::kYes);
    EXPECT_EQ(wanted.operands[0].name, "x");
    EXPECT_EQ(wanted.operands[1].name, "");
    EXPECT_EQ(wanted.operands[2].name, "y");
}

TEST_F(TypesTest, of_two_one_or_the_other_is_in_an_order_of_its_own) {
    EXPECT_EQ(either("string", "number"), "any<number, string>");
    EXPECT_EQ(either("string", "string"), "string");
    EXPECT_EQ(either("any<number, string>", "any<boolean, string>"),
              "any<boolean, number, string>");
    EXPECT_EQ(either("any", "string"), "any");
    EXPECT_EQ(types.either(nullptr, &kStringType), &kStringType);
}

TEST_F(TypesTest, a_value_may_have_both_where_their_parts_may) {
    EXPECT_TRUE(unify("any<number, string>", "string"));
    EXPECT_FALSE(unify("any<number, string>", "boolean"));
    EXPECT_TRUE(unify("array<number, string>", "array[any<number, string>]"));
    EXPECT_FALSE(unify("array<number, string>", "array<number>"));
    EXPECT_TRUE(unify("set", "set[string]"));
    EXPECT_TRUE(unify("object<a: number>", "object[string: number]"));
    EXPECT_FALSE(unify("object<a: number>", "object<a: string>"));
    EXPECT_FALSE(unify("object<a: number>", "object<b: number>"));
    EXPECT_FALSE(compiler::unify(nullptr, &kAnyType));
}

TEST_F(TypesTest, what_stands_at_a_key_is_selected) {
    value::Builder& values = types.values();
    const auto select = [&](std::string_view type, const value::Value& key) {
        return to_text(types.select(read(type), key));
    };
    EXPECT_EQ(select("object<a: number>[string: any]", values.string("a")), "number");
    EXPECT_EQ(select("object<a: number>[string: any]", values.string("b")), "any");
    EXPECT_EQ(select("object<a: number>", values.string("b")), "???");
    EXPECT_EQ(select("array<number>[string]", values.integer(0)), "number");
    EXPECT_EQ(select("array<number>[string]", values.integer(7)), "string");
    EXPECT_EQ(select("array<number>", values.integer(1)), "???");
    EXPECT_EQ(select("any<array<number>, object<a: string>>", values.string("a")), "string");
    EXPECT_EQ(to_text(types.keys_of(read("object<a: number>[boolean: any]"))),
              "any<boolean, string>");
    EXPECT_EQ(to_text(types.values_of(read("array<number>[string]"))), "any<number, string>");
}

TEST_F(TypesTest, what_is_too_large_may_be_anything) {
    const Type* type = &kStringType;
    for (int i = 0; i < 40; ++i) {
        const Type* const both[] = {type, type};
        type = types.array(both, nullptr);
    }
    EXPECT_LE(type->weight, kMaxTypeWeight);
    for (int i = 0; i < 1'000; ++i) type = types.array({}, type);
    EXPECT_LE(type->depth, kMaxTypeDepth);
}

TEST_F(TypesTest, long_details_show_what_differs) {
    const Type* const left = read(
        "object<alpha: string, bravo: object<charlie: number, delta: string>, echo: "
        "array[string]>");
    const Type* const right = read(
        "object<alpha: string, bravo: object<charlie: number, delta: number>, echo: "
        "array[string]>");
    const std::vector<std::string> lines = match_details(left, right).lines;
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_EQ(lines[0], "left  : object<bravo: object<delta: string, ...>, ...>");
    EXPECT_EQ(lines[1], "right : object<bravo: object<delta: number, ...>, ...>");
    EXPECT_TRUE(lines[2].starts_with("hint  : both sides are objects"));
    EXPECT_EQ(match_details(&kNumberType, &kStringType).lines,
              (std::vector<std::string>{"left  : number", "right : string"}));
    EXPECT_EQ(match_details(&kNullType, read("object<a: array<number>[any<number, string>]>")).json,
              R"({"a":{"type":"null"},"b":{"static":[{"key":"a","value":{"dynamic":{"of":[)"
              R"({"type":"number"},{"type":"string"}],"type":"any"},"static":[{"type":"number"}],)"
              R"("type":"array"}}],"type":"object"}})");
}

}  // namespace
}  // namespace merlon::rego::compiler
