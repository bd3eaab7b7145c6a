#include "text/dockerfile.h"

#include <gtest/gtest.h>

namespace merlon::text {
namespace {

// The instructions, "command(arguments)" each, joined by spaces.
std::string read(std::string_view text) {
    const auto instructions = read_dockerfile(text);
    if (!instructions.ok()) {
        return "line " + std::to_string(instructions.error().line) + ": " +
               instructions.error().message;
    }
    std::string out;
    for (const DockerInstruction& one : instructions.value()) {
        if (!out.empty()) out += " ";
        out += one.command + (one.is_json ? "[" : "(");
        for (const std::string& flag : one.flags) out += flag + "; ";
        for (std::size_t i = 0; i < one.arguments.size(); ++i) {
            out += (i == 0 ? "" : "|") + one.arguments[i];
        }
        out += one.is_json ? "]" : ")";
    }
    return out;
}

TEST(Dockerfile, takes_each_instruction_apart_as_it_wants) {
    const struct {
        std::string_view text, instructions;
    } cases[] = {
        {"from a as b", "from(a|as|b)"},
        {"FROM --platform=x a", "from(--platform=x; a)"},
        {"FROM a\nRUN x && \\\n  # inside\n\n  y", "from(a) run(x &&   y)"},
        {"FROM a\nRUN [\"x\", \"y z\"]", "from(a) run[x|y z]"},
        {"FROM a\nCOPY --from=b c d /e", "from(a) copy(--from=b; c|d|/e)"},
        {"FROM a\nENV A=b C=\"d e\"", "from(a) env(A|b|=|C|\"d e\"|=)"},
        {"FROM a\nENV A b c", "from(a) env(A|b c|)"},
        {"FROM a\nARG A=\"b c\" D", "from(a) arg(A=\"b c\"|D)"},
        {"FROM a\nHEALTHCHECK --interval=5s CMD x y",
         "from(a) healthcheck(--interval=5s; CMD|x y)"},
        {"FROM a\nONBUILD RUN x", "from(a) onbuild(x)"},
        {"FROM a\nRUN <<EOF b\nx\nEOF\nUSER u", "from(a) run(<<EOF b) user(u)"},
        {"# escape=`\nFROM a\nRUN x `\n y\\", "from(a) run(x  y\\)"},
    };
    for (const auto& c : cases) EXPECT_EQ(read(c.text), c.instructions) << c.text;
}

TEST(Dockerfile, counts_stages_and_keeps_comments) {
    const auto read =
        read_dockerfile("# syntax=x\n# one\n#\n# two\nARG V\nFROM a\nFROM b\nUSER u\n");
    ASSERT_TRUE(read.ok());
    ASSERT_EQ(read.value().size(), 4U);
    EXPECT_EQ(read.value()[0].comments, std::vector<std::string>{"two"});
    EXPECT_EQ(read.value()[1].stage, 0U);
    EXPECT_EQ(read.value()[3].stage, 1U);
    EXPECT_EQ(read.value()[3].begin_line, 8U);
}

TEST(Dockerfile, refuses_what_buildkit_refuses) {
    const struct {
        std::string_view text, error;
    } cases[] = {
        {"", "line 0: file with no instructions"},
        {"FROM a\nFOO b", "line 2: unknown instruction: FOO"},
        {"FROM a b", "line 1: FROM requires either one or three arguments"},
        {"FROM a AS 1b",
         "line 1: invalid name for build stage: \"1b\", name can't start with a number or contain "
         "symbols"},
        {"FROM a\nENV A", "line 2: ENV must have two arguments"},
        {"FROM a\nUSER", "line 2: USER requires exactly one argument"},
        {"FROM a\nRUN --nope=x y", "line 2: unknown flag: --nope"},
        {"FROM a\nCOPY --link=maybe b c",
         "line 2: expecting boolean value for flag --link, not: maybe"},
        {"FROM a\nADD b",
         "line 2: ADD requires at least two arguments, but only one was provided. Destination "
         "could not be determined"},
        {"FROM a\nCMD [1]",
         "line 2: when using JSON array syntax, arrays must be comprised of strings only"},
        {"FROM a\nHEALTHCHECK NONE x", "line 2: HEALTHCHECK NONE takes no arguments"},
        {"FROM a\nONBUILD FROM b", "line 2: FROM isn't allowed as an ONBUILD trigger"},
        {"FROM a\nRUN <<EOF\nx", "line 3: unterminated heredoc"},
        {"# escape=x\nFROM a", "line 1: invalid escape token 'x' does not match ` or \\"},
    };
    for (const auto& c : cases) EXPECT_EQ(read(c.text), c.error) << c.text;
    EXPECT_FALSE(read_dockerfile("FROM " + std::string(kMaxDockerLineBytes, 'a')).ok());
}

}  // namespace
}  // namespace merlon::text
