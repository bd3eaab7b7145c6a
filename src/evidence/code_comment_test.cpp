#include "evidence/code_comment.h"

#include <gtest/gtest.h>

namespace merlon::evidence {
namespace {

struct Case {
    std::string_view path, line, code;
};

TEST(CodeComment, is_left_out_as_the_language_has_it) {
    constexpr Case kCases[] = {
        {"a.c", "x = 1; // one", "x = 1;"},
        {"a.c", "x = 1;// one", "x = 1;"},
        {"a.c", "x = 1; /* one */ ", "x = 1;"},
        {"a.c", "x = /* one */ 1;", "x = /* one */ 1;"},
        {"a.c", "x = \"// no\"; // one", "x = \"// no\";"},
        {"a.c", "x = \"a\\\"// no\";", "x = \"a\\\"// no\";"},
        {"a.c", "f(http://a/b)", "f(http://a/b)"},
        {"a.c", "x = 1 # one", "x = 1 # one"},
        {"src/A.JAVA", "x(); // one", "x();"},
        {"a.py", "x = 1  # noqa: S1", "x = 1"},
        {"a.py", "x = 1 // 2", "x = 1 // 2"},
        {"a.py", "x = '# no'", "x = '# no'"},
        {"a.sh", "f $# a#b # one", "f $# a#b"},
        {"a.sql", "SELECT 1 -- one", "SELECT 1"},
        {"a.css", "a { b: c } /* d */", "a { b: c }"},
        {"main.tf", "x = 1 # one", "x = 1"},
        {"main.tf", "x = 1 // one", "x = 1"},
        {"build/Dockerfile", "USER root # one", "USER root # one"},
        // What puts a value into a text of several lines.
        {"a.rb", "system %(convert #{a})", "system %(convert #{a})"},
        {"a.rb", "where id = x # of #{b}", "where id = x # of #{b}"},
        {"a.yml", "echo \"$x\" # ${{ github.head_ref }}", "echo \"$x\" # ${{ github.head_ref }}"},
        {"a.js", "<a href= //${host}/a>", "<a href= //${host}/a>"},
        {"a.php", "// x ?><?= eval($b) ?>", "// x ?><?= eval($b) ?>"},
        {"a.php", "f(); #[A]", "f(); #[A]"},
        {"Makefile.txt", "x # one", "x # one"},
        // A line of its own, and what cannot be told.
        {"a.c", "  // one", "  // one"},
        {"a.py", "# one", "# one"},
        {"a.py", "don't # one", "don't # one"},
        {"a.py", "", ""},
        {"", "x # one", "x # one"},
    };
    for (const Case& one : kCases)
        EXPECT_EQ(without_comment(one.line, one.path), one.code) << one.path << ": " << one.line;
}

}  // namespace
}  // namespace merlon::evidence
