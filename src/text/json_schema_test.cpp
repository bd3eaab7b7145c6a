// The JSON Schema validator of `value` on schemas written as JSON, which only this room can read.
// The public suite is in tests/conformance; these are the cases that hold without it.

#include "value/json_schema.h"

#include <gtest/gtest.h>

#include "text/json.h"

namespace merlon::value {
namespace {

class JsonSchemaText : public testing::Test {
  protected:
    const Value* parse(std::string_view json) {
        const auto document = text::read_json(json, arena_, interner_);
        EXPECT_TRUE(document.ok()) << json;
        return document.value().root;
    }

    // The violations, a line each; "!" and the message where the schema itself is wrong.
    std::string judge(std::string_view schema, std::string_view instance,
                      const SchemaOptions& options = {}) {
        const auto found = validate(
            *parse(schema), *parse(instance),
            [](std::string_view pattern, std::string_view text) {
                return Result<bool>(text.find(pattern) != std::string_view::npos);
            },
            options);
        if (!found.ok()) return "!" + found.error().message;
        std::string all;
        for (const auto& violation : found.value()) {
            all += violation.pointer + ": " + violation.message + "\n";
        }
        return all;
    }

    Arena arena_;
    Interner interner_;
};

TEST_F(JsonSchemaText, unevaluated_looks_through_what_applies_in_place) {
    constexpr std::string_view kSchema = R"({
        "allOf": [{"properties": {"a": true}}],
        "anyOf": [{"properties": {"b": {"type": "string"}}, "required": ["b"]},
                  {"properties": {"c": true}, "required": ["c"]}],
        "unevaluatedProperties": false})";
    EXPECT_EQ(judge(kSchema, R"({"a": 1, "b": "x"})"), "");
    EXPECT_EQ(judge(kSchema, R"({"a": 1, "c": 2})"), "");
    EXPECT_EQ(judge(kSchema, R"({"b": "x", "d": 2})"), "/d: is not allowed here\n");
    // A branch that fails has evaluated nothing.
    EXPECT_EQ(judge(kSchema, R"({"b": 1, "c": 2})"), "/b: is not allowed here\n");
    constexpr std::string_view kItems = R"({
        "prefixItems": [true], "contains": {"type": "string"}, "unevaluatedItems": {"const": 7}})";
    EXPECT_EQ(judge(kItems, R"([1, "x", 7])"), "");
    EXPECT_EQ(judge(kItems, R"([1, "x", 8])"), "/2: is not the one value that is allowed here\n");
}

TEST_F(JsonSchemaText, a_dynamic_reference_leads_to_the_outermost_anchor) {
    const SchemaDocument tree[] = {{"https://host/tree", parse(R"({
        "$id": "https://host/tree", "$dynamicAnchor": "node", "type": "object",
        "properties": {"children": {"items": {"$dynamicRef": "#node"}}}})")}};
    SchemaOptions options;
    options.documents = tree;
    constexpr std::string_view kStrict = R"({
        "$id": "https://host/strict", "$dynamicAnchor": "node",
        "$ref": "tree", "unevaluatedProperties": false})";
    EXPECT_EQ(judge(kStrict, R"({"children": [{"children": []}]})", options), "");
    EXPECT_EQ(judge(kStrict, R"({"children": [{"kids": 1}]})", options),
              "/children/0/kids: is not allowed here\n");
    EXPECT_EQ(judge(R"({"$ref": "https://host/tree"})", R"({"children": [{"kids": 1}]})", options),
              "")
        << "the loose one stays loose";
}

TEST_F(JsonSchemaText, an_id_is_the_base_of_what_stands_below_it) {
    constexpr std::string_view kSchema = R"({
        "$id": "http://host/root.json", "$ref": "folder/inner.json",
        "$defs": {"x": {"$id": "folder/inner.json", "$ref": "other.json"},
                  "y": {"$id": "http://host/folder/other.json", "type": "integer"},
                  "z": {"enum": [{"$id": "http://host/folder/other.json", "type": "null"}]}}})";
    EXPECT_EQ(judge(kSchema, "1"), "");
    EXPECT_EQ(judge(kSchema, "null"), ": expected integer, found null\n");
    EXPECT_EQ(
        judge(R"({"$ref": "http://host/absent"})", "1"),
        "!JSON Schema: there is no 'http://host/absent' among the schemas; nothing is fetched");
}

TEST_F(JsonSchemaText, each_draft_reads_its_own_keywords) {
    SchemaOptions four;
    four.draft = SchemaDraft::k4;
    EXPECT_EQ(judge(R"({"type": "integer"})", "1.0", four), ": expected integer, found number\n");
    EXPECT_EQ(judge(R"({"type": "integer"})", "1.0"), "");
    EXPECT_EQ(judge(R"({"const": 1})", "2", four), "") << "const came with draft-06";
    EXPECT_EQ(
        judge(R"({"id": "#a", "$ref": "#b", "definitions": {"b": {"id": "#b", "type": "null"}}})",
              "1", four),
        ": expected null, found number\n");
    SchemaOptions seven;
    seven.draft = SchemaDraft::k7;
    EXPECT_EQ(judge(R"({"$ref": "#/definitions/a", "type": "null", "definitions": {"a": true}})",
                    "1", seven),
              "")
        << "beside $ref everything is ignored";
    EXPECT_EQ(
        judge(R"({"items": [{"type": "null"}], "additionalItems": false})", "[null, 1]", seven),
        "/1: is not allowed here\n");
    EXPECT_EQ(
        judge(R"({"$schema": "http://json-schema.org/draft-07/schema#", "if": {"type": "null"},
                        "then": false})",
              "null", four),
        ": is not allowed here\n")
        << "$schema wins";
    EXPECT_EQ(judge(R"({"$schema": "http://host/mine"})", "1").substr(0, 1), "!");
}

TEST_F(JsonSchemaText, numbers_are_exact) {
    EXPECT_EQ(judge(R"({"multipleOf": 0.01})", "1.13"), "");
    EXPECT_EQ(judge(R"({"multipleOf": 0.0001})", "0.00751"), ": is no multiple of 0.0001\n");
    EXPECT_EQ(judge(R"({"multipleOf": 0.5})", "1e308"), "");
    EXPECT_EQ(judge(R"({"multipleOf": 0.123456789})", "1e308"),
              ": is no multiple of 0.123456789\n");
    EXPECT_EQ(judge(R"({"multipleOf": 3})", "9007199254740993"), "");
    EXPECT_EQ(judge(R"({"multipleOf": 3})", "9007199254740994"), ": is no multiple of 3\n");
    EXPECT_EQ(judge(R"({"multipleOf": 7})", "1e1000000"), ": is no multiple of 7\n");
    EXPECT_EQ(judge(R"({"multipleOf": 1024})", "1e10"), "");
    EXPECT_EQ(judge(R"({"multipleOf": 1024})", "1e9"), ": is no multiple of 1024\n");
    EXPECT_EQ(judge(R"({"multipleOf": 0})", "1"), "!JSON Schema: multipleOf has to be above 0");
    EXPECT_EQ(judge(R"({"maximum": 72057594037927936})", "72057594037927937").empty(), false);
    EXPECT_EQ(judge(R"({"type": "integer"})", "1e400"), "");
    EXPECT_EQ(judge(R"({"type": "integer"})", "1e-1"), ": expected integer, found number\n");
}

TEST_F(JsonSchemaText, what_takes_too_long_is_an_error) {
    SchemaOptions options;
    options.max_steps = 10'000;
    // Each level tries the next one twice.
    std::string schema = R"({"$defs": {"l0": {"type": "null"})";
    for (int i = 1; i <= 30; ++i) {
        const std::string ref = R"({"$ref": "#/$defs/l)" + std::to_string(i - 1) + "\"}";
        schema += ", \"l" + std::to_string(i) + "\": {\"anyOf\": [" + ref + ", " + ref + "]}";
    }
    schema += R"(}, "$ref": "#/$defs/l30"})";
    EXPECT_EQ(judge(schema, "1", options),
              "!JSON Schema: judging this instance takes too many steps");
    EXPECT_EQ(judge(R"({"$ref": "#"})", "1"), "!JSON Schema: references nest too deeply");
    std::string deep = "1";
    for (int i = 0; i < 200; ++i) deep = "[" + deep + "]";
    EXPECT_EQ(judge(R"({"items": {"$ref": "#"}})", deep), "") << "deep is not endless";
}

TEST_F(JsonSchemaText, a_metaschema_can_leave_validation_out) {
    const SchemaDocument documents[] = {{"http://host/meta", parse(R"({
        "$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "http://host/meta",
        "$vocabulary": {"https://json-schema.org/draft/2020-12/vocab/core": true,
                        "https://json-schema.org/draft/2020-12/vocab/applicator": true}})")},
                                        {"http://host/odd", parse(R"({
        "$vocabulary": {"http://host/unknown": true}})")}};
    SchemaOptions options;
    options.documents = documents;
    EXPECT_EQ(judge(R"({"$schema": "http://host/meta", "properties": {"a": {"minimum": 5}}})",
                    R"({"a": 1})", options),
              "");
    EXPECT_EQ(judge(R"({"$schema": "http://host/odd"})", "1", options),
              "!JSON Schema: the vocabulary 'http://host/unknown' is required and not known here");
}

}  // namespace
}  // namespace merlon::value
