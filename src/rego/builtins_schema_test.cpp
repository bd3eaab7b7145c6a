#include <gtest/gtest.h>

#include "rego/builtins.h"
#include "rego/term.h"

namespace merlon::rego {
namespace {

class SchemaBuiltins : public testing::Test {
  protected:
    std::string answer(std::string_view name, std::initializer_list<std::string_view> operands) {
        Context context(builder_, world_, nullptr);
        std::vector<value::Value> values;
        for (const std::string_view operand : operands) {
            values.push_back(read_term(operand, builder_).value());
        }
        const Outcome outcome = call(*find_builtin(name), context, values);
        return outcome.ok() ? term_text(outcome.value()) : context.error_text();
    }

    Arena arena_;
    Interner interner_;
    value::Builder builder_{arena_, interner_};
    World world_;
};

TEST_F(SchemaBuiltins, a_document_that_fits_has_no_mistakes) {
    EXPECT_EQ(answer("json.match_schema", {R"("{\"id\": 5}")", R"({"required": ["id"]})"}),
              "[true, []]");
}

TEST_F(SchemaBuiltins, a_mistake_has_its_kind_its_field_and_its_text) {
    EXPECT_EQ(
        answer("json.match_schema",
               {R"({"a": [1, "x"]})", R"({"properties": {"a": {"items": {"type": "integer"}}}})"}),
        R"([false, [{"desc": "Invalid type. Expected: integer, given: string", )"
        R"("error": "a.1: Invalid type. Expected: integer, given: string", )"
        R"("field": "a.1", "type": "invalid_type"}]])");
}

TEST_F(SchemaBuiltins, of_alternatives_the_nearest_one_is_reported) {
    const std::string text = answer("json.match_schema", {R"({"kind": "b", "n": "x"})",
                                                          R"({"anyOf": [{"type": "string"},
                              {"properties": {"n": {"type": "number"}}, "required": ["kind"]}]})"});
    EXPECT_NE(text.find("number_any_of"), std::string::npos);
    EXPECT_NE(text.find("Expected: number, given: string"), std::string::npos);
    EXPECT_EQ(text.find("Expected: string"), std::string::npos);
}

TEST_F(SchemaBuiltins, numbers_are_equal_by_value) {
    EXPECT_EQ(
        answer("json.match_schema", {R"({"a": 1.0})", R"({"properties": {"a": {"enum": [1]}}})"}),
        "[true, []]");
}

TEST_F(SchemaBuiltins, a_wrong_schema_is_refused_with_the_text_of_opa) {
    const struct {
        std::string_view schema, text;
    } cases[] = {
        {R"({"type": "x"})",
         "has a primitive type that is NOT VALID -- given: /x/ Expected valid values are:[array "
         "boolean integer number null object string]"},
        {R"({"minLength": -1})", "minLength must be greater than or equal to 0"},
        {R"({"minLength": 3, "maxLength": 2})", "minLength cannot be greater than maxLength"},
        {R"({"$ref": "#/definitions/none"})", "Object has no key 'definitions'"},
        {R"({"$ref": "other.json"})", "Reference /other.json must be canonical"},
        {R"({"$ref": "http://schemas.example/a"})",
         "remote reference loading disabled: http://schemas.example/a"},
        {R"({"pattern": "("})", "pattern must be a valid regex"},
        {R"(["x"])", "schema is invalid"},
    };
    for (const auto& one : cases) {
        EXPECT_EQ(answer("json.verify_schema", {one.schema}),
                  "[false, \"jsonschema: " + std::string(one.text) + "\"]");
    }
}

TEST_F(SchemaBuiltins, a_schema_that_refers_to_itself_for_ever_ends_in_a_limit) {
    EXPECT_EQ(answer("json.match_schema", {"{}", R"({"allOf": [{"$ref": "#"}]})"}),
              "schema refers to itself for ever");
}

TEST_F(SchemaBuiltins, formats_are_those_of_go) {
    const struct {
        std::string_view format, text;
        bool is_valid;
    } cases[] = {
        {"email", "Ann <a@b.example>", true},
        {"email", "a b", false},
        {"date-time", "2020-01-02T03:04:05Z", true},
        {"date-time", "2020-01-02 03:04:05", false},
        {"ipv4", "10.0.0.1", true},
        {"ipv4", "010.0.0.1", false},
        {"ipv6", "::1", true},
        {"uri", "x/y", false},
        {"uri-reference", "x/y", true},
        {"hostname", "a-.b", false},
        {"json-pointer", "/a~1b", true},
        {"json-pointer", "a", false},
        {"something else", "a", true},
    };
    for (const auto& one : cases) {
        Context context(builder_, world_, nullptr);
        const std::string schema = R"({"format": ")" + std::string(one.format) + R"("})";
        const std::string document = "\"\\\"" + std::string(one.text) + "\\\"\"";
        const std::string text = answer("json.match_schema", {document, schema});
        EXPECT_EQ(text.starts_with("[true"), one.is_valid) << one.format << " " << one.text;
    }
}

}  // namespace
}  // namespace merlon::rego
