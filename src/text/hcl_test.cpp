#include "text/hcl.h"

#include <gtest/gtest.h>

#include <string>

namespace merlon::text {
namespace {

// An expression as one line, operators before their operands.
std::string shown(const HclExpression* expression) {
    if (expression == nullptr) return "-";
    constexpr const char* kNames[] = {"null",   "bool",  "number", "string", "template",
                                      "wrap",   "tuple", "object", "name",   "attribute",
                                      "index",  "splat", "each",   "call",   "unary",
                                      "binary", "if",    "for",    "parens", "join"};
    std::string text = kNames[static_cast<std::size_t>(expression->kind)];
    if (!expression->key_name.empty()) text += " " + std::string(expression->key_name);
    if (!expression->text.empty()) text += " " + std::string(expression->text);
    if (expression->operands.empty()) return text;
    text += "(";
    for (const HclExpression* operand : expression->operands) {
        if (!text.ends_with('(')) text += ", ";
        text += shown(operand);
    }
    return text + ")";
}

std::string read_expression(const std::string& source) {
    Arena arena;
    const std::string file = "a = " + source + "\n";  // what the tree's texts refer to
    const auto body = read_hcl(file, arena);
    if (!body.ok()) return "error: " + body.error().message;
    return shown(body.value().attributes[0].value);
}

TEST(Hcl, reads_blocks_with_labels_and_attributes) {
    Arena arena;
    const auto body = read_hcl(
        "resource \"aws_s3_bucket\" b {\n  # a comment\n  acl = \"private\"\n  inner { x = 1 "
        "}\n}\n",
        arena);
    ASSERT_TRUE(body.ok()) << body.error().message;
    ASSERT_EQ(body.value().blocks.size(), 1U);
    const HclBlock& block = *body.value().blocks[0];
    EXPECT_EQ(block.type, "resource");
    ASSERT_EQ(block.labels.size(), 2U);
    EXPECT_EQ(block.labels[0], "aws_s3_bucket");
    EXPECT_EQ(block.labels[1], "b");
    EXPECT_EQ(block.body.attributes[0].name, "acl");
    EXPECT_EQ(block.body.blocks[0]->body.attributes[0].name, "x");
}

TEST(Hcl, reads_expressions) {
    const struct {
        std::string source, tree;
    } cases[] = {
        {"1 + 2 * 3", "binary +(number 1, binary *(number 2, number 3))"},
        {"1 - 2 - 3", "binary -(binary -(number 1, number 2), number 3)"},
        {"!a || b", "binary ||(unary !(name a), name b)"},
        {"-46+5", "binary +(unary -(number 46), number 5)"},
        {"a ? b : c", "if(name a, name b, name c)"},
        {"a.b[0].c", "attribute c(index(attribute b(name a), number 0))"},
        {"a.0.b", "attribute b(attribute 0(name a))"},
        {"a.*.b", "splat(name a, attribute b(each))"},
        {"a[*].b", "splat(name a, attribute b(each))"},
        {"f(1, x...)", "call f(number 1, name x)"},
        {"core::f()", "call core::f"},
        {"[1,\n 2,]", "tuple(number 1, number 2)"},
        {"{ a = 1, \"b\": 2\n c = 3 }",
         "object(name a, number 1, template(string b), number 2, name c, number 3)"},
        {"[for k, v in m : v if k]", "for k v(name m, -, name v, name k)"},
        {"{for v in m : v => 1...}", "for v(name m, name v, number 1, -)"},
        {"(\n1\n)", "parens(number 1)"},
        {"null", "null"},
        {"true", "bool true"},
        {"1e-3", "number 1e-3"},
    };
    for (const auto& c : cases) EXPECT_EQ(read_expression(c.source), c.tree) << c.source;
}

TEST(Hcl, reads_templates) {
    const struct {
        std::string source, tree;
    } cases[] = {
        {"\"\"", "template(string)"},
        {"\"a\\n\\u00e9\"", "template(string a\n\xC3\xA9)"},
        {"\"$${x} 100%\"", "template(string ${x} 100%)"},
        {"\"${x}\"", "wrap(name x)"},
        {"\"a ${ x } b\"", "template(string a , name x, string  b)"},
        {"\"a ${~ x ~} b\"", "template(string a, name x, string b)"},
        {"\"${{a=\"}\"}}\"", "wrap(object(name a, template(string })))"},
        {"\"%{if a}b%{else}c%{endif}\"",
         "template(if(name a, template(string b), template(string c)))"},
        {"\"%{for x in y}b%{endfor}\"", "template(join(for x(name y, -, template(string b), -)))"},
        {"<<EOT\n a\n  b\nEOT", "template(string  a\n  b\n)"},
        {"<<-EOT\n    a\n\n      ${x}b\n  EOT", "template(string a\n\n  , name x, string b\n)"},
    };
    for (const auto& c : cases) EXPECT_EQ(read_expression(c.source), c.tree) << c.source;
}

TEST(Hcl, refuses_what_is_wrong_with_its_place) {
    const struct {
        std::string source;
        std::size_t offset;
    } cases[] = {
        {"a", 1},
        {"a = \n", 4},
        {"a = 1 b = 2\n", 6},
        {"a = 1\na = 2\n", 6},
        {"a {\n", 4},
        {"a = \"x\ny\"\n", 6},
        {"a = 'x'\n", 4},
        {"a = [1 2]\n", 7},
        {"a = \"\\q\"\n", 5},
        {"a = \"%{endif}\"\n", 5},
        {"a = <<EOT\nx\n", 12},
        {"a \"${x}\" {}\n", 3},
        {"a = {for x in y : x}\n", 19},
    };
    for (const auto& c : cases) {
        Arena arena;
        const auto body = read_hcl(c.source, arena);
        ASSERT_FALSE(body.ok()) << c.source;
        EXPECT_EQ(body.error().offset, c.offset) << c.source << ": " << body.error().message;
    }
}

TEST(Hcl, what_nests_too_deeply_is_an_error) {
    for (const std::string open : {"[", "(", "{a=", "-", "\"${", "f(", "a ? b : "}) {
        std::string source = "a = ";
        for (int i = 0; i < 100'000; ++i) source += open;
        Arena arena;
        EXPECT_FALSE(read_hcl(source, arena).ok()) << open;
    }
    std::string chain = "a = 1";
    for (int i = 0; i < 100'000; ++i) chain += "+1";
    Arena arena;
    EXPECT_FALSE(read_hcl(chain + "\n", arena).ok());
}

}  // namespace
}  // namespace merlon::text
