#include "evidence/line_changes.h"

#include <gtest/gtest.h>

#include <string>

namespace merlon::evidence {
namespace {

// "2" where the line is unchanged and there now; "2-4" where it may be one of these lines.
std::string now(std::string_view then, std::string_view text, std::uint32_t line) {
    const std::optional<LinesNow> lines = LineChanges(then, text).of(line);
    if (!lines) return "not known";
    std::string first = std::to_string(lines->first);
    if (lines->is_unchanged) return first;
    return lines->first == lines->end ? "gone" : first + "-" + std::to_string(lines->end - 1);
}

TEST(LineChanges, an_unchanged_line_is_where_it_is_now) {
    EXPECT_EQ(now("a 1\nb\nc\n", "a 1\nb\nc\n", 2), "2");
    EXPECT_EQ(now("a 1\nb\nc\n", "x\ny\na 1\nb\nc\n", 2), "4");
    EXPECT_EQ(now("a 1\nb\nc 1\n", "b\nc 1\n", 3), "2");
    EXPECT_EQ(now("a 1\nb\n", "a 1\nb\nc\n", 2), "2");
    EXPECT_EQ(now("if x:\n  a\n", "class c:\n  if x:\n    a\r\n", 2), "3");
    EXPECT_EQ(now("a 1\n", "a 1\n", 2), "not known");
    EXPECT_EQ(now("", "", 1), "not known");
}

TEST(LineChanges, a_changed_line_is_one_of_its_change) {
    EXPECT_EQ(now("a 1\nb\nc 1\n", "a 1\nc 1\n", 2), "gone");
    EXPECT_EQ(now("a 1\nb\nc 1\n", "a 1\nx\ny\nc 1\n", 2), "2-3");
    EXPECT_EQ(now("a\nb\n", "x\ny\nz\n", 1), "1-3");
}

// Two functions of one shape have more in common than each has with what it became.
TEST(LineChanges, lines_belong_to_what_heads_them) {
    const std::string user = "def user(id):\n  row = get()\n  return eval(row)\n\n";
    const std::string item = "def item(id):\n  row = get()\n  return eval(row)\n\n";
    const std::string order = "def order(id):\n  row = get()\n  return eval(row)\n\n";
    EXPECT_EQ(now(user + item, item + order, 3), "gone");
    EXPECT_EQ(now(user + item, item + order, 7), "3");
    EXPECT_EQ(now(user + item, item + user, 3), "7");
    EXPECT_EQ(now(user + item, item + user, 7), "3");
    EXPECT_EQ(now(user + item, user + order + item, 3), "3");
    EXPECT_EQ(now(user + item, user + order + item, 7), "11");
}

TEST(LineChanges, what_stands_below_tells_of_its_own_block_alone) {
    // Of the block that the second line is in …
    EXPECT_EQ(now("a(\n  y\n  b\n  c 1\n", "a(\n  z\n  b\n  c 1\n", 3), "3");
    // … and not of the one above it.
    EXPECT_EQ(now("a(\n  b\nc 1\n", "x(\n  b\nc 1\n", 2), "1-2");
    EXPECT_EQ(now("@b\nc 1\n", "x\n@b\nc 1\n", 1), "2");
}

TEST(LineChanges, a_blank_line_that_stayed_is_of_no_block) {
    const auto shop = [](const std::string& first) {
        const std::string body = "(x):\n    log(x)\n    eval(x)\n\n";
        return "class Shop:\n\n  def " + first + body + "  def b" + body + "  def c" + body;
    };
    EXPECT_EQ(now(shop("a"), shop("n"), 5), "3-5");
    EXPECT_EQ(now(shop("a"), shop("n"), 9), "9");
}

// What was put in begins as what stands behind it.
TEST(LineChanges, a_block_tells_little_of_the_next_one) {
    const std::string one = "{\n  name,\n  cat 1,\n},\n", two = "{\n  name,\n  cat 2,\n},\n";
    const std::string more = "{\n  name,\n  cat 3,\n},\n";
    EXPECT_EQ(now(one + two, one + more + two, 2), "2");
    EXPECT_EQ(now(one + two, one + more + two, 6), "10");
    const std::string a = "@login\ndef a():\n  x\n", b = "@login\ndef b():\n  x\n";
    const std::string c = "@login\ndef c():\n  x\n";
    EXPECT_EQ(now(a + b, a + c + b, 4), "7");
    EXPECT_EQ(now(a + b, a + c + b, 6), "9");
}

// What is like it in other functions says nothing where its own function stayed.
TEST(LineChanges, a_line_that_is_once_in_its_block_is_that) {
    const std::string user = "def user(id):\n  row = get()\n  return eval(row)\n\n\n";
    const std::string item = "def item(id):\n  row = get()\n  return eval(row)\n\n\n";
    const std::string changed = "def item(id):\n  row = get(id)\n  return eval(row)\n\n\n";
    EXPECT_EQ(now(user + item, user + changed, 8), "8");
    EXPECT_EQ(now(item + user + item, changed + user + changed, 8), "8");
    const std::string twice =
        "def item(id):\n  return eval(row)\n  row = f()\n  return eval(row)\n";
    EXPECT_EQ(now(user + item, user + twice, 8), "7-9");
}

// Mended in one function, and written anew in another.
TEST(LineChanges, a_line_does_not_change_its_block_alone) {
    const std::string load = "def load(r):\n  text = cart(r)\n  return ";
    const std::string search = "def search(r):\n  text = part(r)\n  return ";
    const std::string unsafe = "eval(text)\n\n", safe = "json(text)\n\n";
    EXPECT_EQ(now(load + unsafe + search + safe, load + safe + search + unsafe, 3), "3-4");
    // One that is put around them, or taken away, is no other block.
    EXPECT_EQ(now("def a(r):\n  b 1\n  c 1\n", "def a(r):\n  if x:\n    b 1\n  c 1\n", 2), "3");
    EXPECT_EQ(now("def a(r):\n  if x:\n    b 1\n  c 1\n", "def a(r):\n  b 1\n  c 1\n", 3), "2");
    EXPECT_EQ(now(load + unsafe + search + safe, search + unsafe, 3), "gone");
}

// A phrase that is once in both texts, in a file that was written anew.
TEST(LineChanges, a_few_lines_in_another_function_may_be_others) {
    const std::string phrase = "  if err:\n    return fail(err)\n";
    const std::string then = "def a(x):\n  old 1\n" + phrase + "  old 2\nlast 1\n";
    EXPECT_EQ(now(then, "def b(x):\n  new 1\n" + phrase + "  new 2\nlast 1\n", 4), "1-5");
    EXPECT_TRUE(LineChanges(then, "def b(x):\n" + phrase + "last 1\n").of(4)->may_be_anew);
    EXPECT_EQ(now(then, "def a(x):\n  new 1\n" + phrase + "  new 2\nlast 1\n", 4), "4");
    // With what stands next to them they are the same.
    EXPECT_EQ(now(then, "def b(x):\n  new 1\n" + phrase + "  old 2\nlast 1\n", 4), "4");
    const std::string chunk = phrase + "  a 1\n  b 1\n  c 1\n  d 1\n  e 1\n";
    EXPECT_EQ(now("def a(x):\n" + chunk, "def b(x):\n  new 1\n" + chunk + "  new 2\n", 3), "4");
    // A class that is called otherwise, and half of which is as it was, has its functions as
    // before.
    const std::string body = "  def m(x):\n    y 1\n    eval(y)\n";
    EXPECT_EQ(now("class A:\n  x 1\n" + body, "class B:\n  x 2\n" + body + "    z 1\n", 5), "5");
    EXPECT_EQ(now("class A:\n" + body, "class B:\n  def m(x):\n    y 2\n    eval(y)\n", 4), "4");
    // A brace names nothing.
    EXPECT_EQ(now("{\n  a 1\n  b 1\n}\n", "{\n  b 1\n  c 1\n}\n", 3), "2");
}

TEST(LineChanges, what_many_files_have_is_no_likeness) {
    const std::string header = "# a licence\n# of many words\n\nimport json\nfrom a import b\n";
    EXPECT_EQ(LineChanges(header + "x 1\n", header + "y 1\n").likeness(), 0);
    EXPECT_EQ(LineChanges(header + "x 1\ny 1\n", "x 1\n").likeness(), 0.5);
    EXPECT_EQ(LineChanges("fromage = 1\n", "fromage = 1\n").likeness(), 1);
}

TEST(BareLines, code_begins_in_a_line) {
    const BareLines text("a\n  b(\n\tc)\n");
    EXPECT_EQ(text.count(), 3u);
    EXPECT_EQ(text.at(2), "b(");
    EXPECT_EQ(text.at(4), "");
    EXPECT_TRUE(text.has_at(2, "b(c)"));
    EXPECT_TRUE(text.has_at(2, "("));
    EXPECT_FALSE(text.has_at(1, "b("));
    EXPECT_FALSE(text.has_at(3, "b("));
    EXPECT_FALSE(text.has_at(4, "c"));
}

}  // namespace
}  // namespace merlon::evidence
