#include "rego/syntax/format.h"

#include <gtest/gtest.h>

#include "rego/syntax/parser.h"

namespace merlon::rego::syntax {
namespace {

std::string format(std::string_view source, RegoVersion version = RegoVersion::kV1) {
    const Formatted formatted = format_source(source, {.version = version});
    return formatted.errors.empty() ? formatted.text : to_string(formatted.errors, "");
}

TEST(Format, writes_one_space_and_one_blank_line_where_people_write_many) {
    EXPECT_EQ(format("package   a\nimport data.b\np   if{  x:=1 ;x>0 }"),
              "package a\n\nimport data.b\n\np if {\n\tx := 1\n\tx > 0\n}\n");
}

TEST(Format, keeps_the_line_breaks_between_elements) {
    EXPECT_EQ(format("package a\np := [1,\n2, 3]\n"), "package a\n\np := [\n\t1,\n\t2, 3,\n]\n");
}

TEST(Format, puts_comments_back_where_they_stood) {
    EXPECT_EQ(format("package a # name\n# above\np if { # open\n  x # end\n}\n# last\n"),
              "package a # name\n\n# above\np if { # open\n\tx # end\n}\n\n# last\n");
}

TEST(Format, leaves_a_term_alone_that_a_comment_cuts_in_two) {
    const std::string source = "package a\n\np := f(\n\t# why\n\t1)\n";
    EXPECT_NE(format(source).find("# why"), std::string::npos);
}

TEST(Format, adds_the_import_of_v1_where_a_module_must_serve_both) {
    EXPECT_EQ(format("package a\np { true }\n", RegoVersion::kV0CompatibleV1),
              "package a\n\nimport rego.v1\n\np := true\n");
}

TEST(Format, refuses_what_the_parser_refuses) {
    EXPECT_EQ(format("package a\np {"),
              "1 error occurred: 2:3: rego_parse_error: unexpected eof token\n\tp {\n\t  ^");
}

TEST(Format, says_which_operands_an_infix_call_wants) {
    EXPECT_EQ(format("package a\np if plus(1)\n"),
              "1 error occurred: 2:6: rego_type_error: plus: arity mismatch\n\thave: "
              "(number)\n\twant: (number,number)");
}

TEST(Format, what_was_made_has_escapes_that_rego_reads) {
    Arena arena;
    Interner interner;
    const auto query =
        parse_query("x = \"\\u0000\\u007f\\u0007\\u000b\\ud83f\\udfff\\n\"", arena, interner, {});
    ASSERT_TRUE(query.errors.empty());
    query.body[0]->terms[2]->location = nullptr;
    EXPECT_EQ(format_made(query.body, arena).text,
              "x = \"\\u0000\\u007f\\u0007\\u000b\\ud83f\\udfff\\n\"\n");
    const auto keywords = parse_query("input.if.a = input[\"in\"]", arena, interner, {});
    EXPECT_EQ(format_made(keywords.body, arena).text, "input[\"if\"].a = input[\"in\"]\n");
}

}  // namespace
}  // namespace merlon::rego::syntax
