#include "value/json_schema.h"

#include <gtest/gtest.h>

namespace merlon::value {
namespace {

// Schemas and instances are built by hand: the JSON reader stands a room higher.
class JsonSchema : public testing::Test {
  protected:
    Value object(std::initializer_list<std::pair<std::string_view, Value>> entries) {
        std::vector<Builder::Entry> list;
        for (const auto& [key, value] : entries) list.emplace_back(build.key(key), value);
        return build.object(list);
    }
    Value array(std::initializer_list<Value> items) {
        return build.array(std::vector<Value>(items));
    }
    Value text(std::string_view s) { return build.string(s); }
    Value number(std::int64_t n) { return build.integer(n); }

    std::string violations(const Value& schema, const Value& instance) {
        const auto found =
            validate(schema, instance, [](std::string_view pattern, std::string_view s) {
                return Result<bool>(s.find(pattern) != std::string_view::npos);
            });
        if (!found.ok()) return found.error().message;
        std::string all;
        for (const auto& violation : found.value())
            all += violation.pointer + ": " + violation.message + "\n";
        return all;
    }

    Arena arena;
    Interner interner;
    Builder build{arena, interner};
};

TEST_F(JsonSchema, names_the_place_and_what_was_expected) {
    const Value schema =
        object({{"type", text("object")},
                {"required", array({text("name"), text("size")})},
                {"properties", object({{"name", object({{"type", text("string")}})},
                                       {"size", object({{"minimum", number(1)}})}})},
                {"additionalProperties", build.boolean(false)}});
    EXPECT_EQ(violations(schema, object({{"name", text("a")}, {"size", number(1)}})), "");
    EXPECT_EQ(violations(schema, object({{"name", number(1)}, {"a/b", number(0)}})),
              ": lacks 'size'\n/a~1b: is not allowed here\n/name: expected string, found number\n");
    EXPECT_EQ(violations(schema, array({})), ": expected object, found array\n");
}

TEST_F(JsonSchema, follows_references_inside_the_document) {
    const Value schema = object(
        {{"$ref", text("#/$defs/list")},
         {"$defs", object({{"list", object({{"type", text("array")},
                                            {"items", object({{"$ref", text("#/$defs/item")}})}})},
                           {"item", object({{"enum", array({number(1), text("x")})}})}})}});
    EXPECT_EQ(violations(schema, array({number(1), text("x")})), "");
    EXPECT_EQ(violations(schema, array({number(2)})),
              "/0: is none of the values that are allowed here\n");
    EXPECT_EQ(violations(object({{"$ref", text("#/nowhere")}}), number(1)),
              "JSON Schema: there is no '#/nowhere' in it");
    EXPECT_EQ(violations(object({{"$ref", text("#/%zz")}}), number(1)),
              "JSON Schema: there is no '#/%zz' in it");
    EXPECT_EQ(violations(object({{"$ref", text("#")}}), number(1)),
              "JSON Schema: references nest too deeply");
}

TEST_F(JsonSchema, a_pattern_that_is_no_string_is_an_error_of_the_schema) {
    const Builder::Entry patterns[] = {{number(1), object({{"type", text("string")}})}};
    const Value schema = object({{"patternProperties", build.object(patterns)}});
    EXPECT_EQ(violations(schema, object({{"a", number(1)}})),
              "JSON Schema: a key of patternProperties is no string");
}

TEST_F(JsonSchema, combines_alternatives_and_conditions) {
    const Value string = object({{"type", text("string")}});
    const Value integer = object({{"type", text("integer")}});
    EXPECT_EQ(violations(object({{"oneOf", array({string, integer})}}), number(1)), "");
    EXPECT_NE(violations(object({{"oneOf", array({integer, integer})}}), number(1)), "");
    EXPECT_NE(violations(object({{"anyOf", array({string})}}), number(1)), "");
    EXPECT_NE(violations(object({{"not", integer}}), number(1)), "");
    const Value conditional = object({{"if", integer},
                                      {"then", object({{"maximum", number(5)}})},
                                      {"else", object({{"minLength", number(2)}})}});
    EXPECT_EQ(violations(conditional, number(5)), "");
    EXPECT_NE(violations(conditional, number(6)), "");
    EXPECT_NE(violations(conditional, text("a")), "");
}

TEST_F(JsonSchema, counts_compares_and_matches) {
    EXPECT_NE(violations(object({{"uniqueItems", build.boolean(true)}}),
                         array({number(1), build.number("1.0").value()})),
              "");
    EXPECT_NE(violations(object({{"exclusiveMinimum", number(3)}}), number(3)), "");
    EXPECT_NE(
        violations(object({{"minimum", number(3)}, {"exclusiveMinimum", build.boolean(true)}}),
                   number(3)),
        "")
        << "draft-04's form";
    EXPECT_NE(violations(object({{"maxLength", number(1)}}), text("ab")), "");
    EXPECT_EQ(violations(object({{"maxLength", number(1)}}), text("\xC3\xA9")), "");
    EXPECT_NE(violations(object({{"pattern", text("x")}}), text("abc")), "");
    EXPECT_NE(
        violations(object({{"contains", object({{"const", number(1)}})}}), array({number(2)})), "");
    EXPECT_EQ(violations(build.boolean(true), number(1)), "");
    EXPECT_NE(violations(build.boolean(false), number(1)), "");
}

}  // namespace
}  // namespace merlon::value
