#include "inventory/go_functions.h"

#include <gtest/gtest.h>

#include "inventory/example_program.h"

namespace merlon::inventory {
namespace {

TEST(GoFunctions, are_found_by_package_and_symbol) {
    const GoFunctions functions({"golang.org/x/text/language.Parse", "net/http.Get"}, "");
    EXPECT_TRUE(functions.has("golang.org/x/text/language", "Parse"));
    EXPECT_TRUE(functions.has("net/http", "Get"));
    EXPECT_FALSE(functions.has("net/http", "Ge"));
    EXPECT_FALSE(functions.has("net", "Get"));
}

TEST(GoFunctions, of_values_and_of_pointers_are_one_symbol) {
    const GoFunctions functions({"a.org/b.(*Parser).Parse", "a.org/b.Reader.Read"}, "");
    EXPECT_TRUE(functions.has("a.org/b", "Parser.Parse"));
    EXPECT_TRUE(functions.has("a.org/b", "Reader.Read"));
}

TEST(GoFunctions, are_there_where_only_a_closure_or_a_wrapper_is) {
    const GoFunctions functions({"a.org/b.Open.func1", "a.org/b.(*T).Close-fm"}, "");
    EXPECT_TRUE(functions.has("a.org/b", "Open"));
    EXPECT_TRUE(functions.has("a.org/b", "T.Close"));
    EXPECT_FALSE(functions.has("a.org/b", "Ope"));
}

TEST(GoFunctions, have_no_type_arguments) {
    const GoFunctions functions({"a.org/b.Map[go.shape.struct { x/y.Z }]"}, "");
    EXPECT_TRUE(functions.has("a.org/b", "Map"));
}

TEST(GoFunctions, know_paths_with_dots_in_the_last_part) {
    const GoFunctions functions({"gopkg.in/yaml%2ev2.Unmarshal"}, "");
    EXPECT_TRUE(functions.has("gopkg.in/yaml.v2", "Unmarshal"));
    EXPECT_FALSE(functions.has_package("gopkg.in/yaml"));
    EXPECT_TRUE(functions.has_module("gopkg.in/yaml.v2"));
}

TEST(GoFunctions, of_main_belong_to_the_path_that_was_built) {
    const GoFunctions functions({"main.run"}, "a.org/b/cmd/tool");
    EXPECT_TRUE(functions.has("a.org/b/cmd/tool", "run"));
    EXPECT_TRUE(functions.has_module("a.org/b"));
    EXPECT_FALSE(functions.has_module("a.org/b/cmd/to"));
}

TEST(GoFunctions, are_not_what_the_linker_makes_for_types) {
    const GoFunctions functions({"type:.eq.a.org/b.T", "go:buildid", "nodots", ".x", "x."}, "");
    EXPECT_EQ(functions.size(), 0u);
}

TEST(GoProgram, says_its_functions_and_its_platform) {
    const auto program = read_go_program(example::go_program(
        {"main.run", "x.org/y.F"}, "path\ta.org/b\nbuild\tGOOS=linux\nbuild\tGOARCH=arm64\n"));
    ASSERT_TRUE(program);
    EXPECT_TRUE(program->functions.has("x.org/y", "F"));
    EXPECT_TRUE(program->functions.has("a.org/b", "run"));
    EXPECT_EQ(program->operating_system, "linux");
    EXPECT_EQ(program->architecture, "arm64");
}

TEST(GoProgram, is_nothing_where_it_is_cut) {
    const std::string whole = example::go_program({"x.org/y.F"}, "path\ta.org/b\n");
    for (std::size_t size = 0; size + 90 < whole.size(); ++size)
        EXPECT_FALSE(read_go_program(whole.substr(0, size))) << size;
}

TEST(GoProgram, is_nothing_where_the_file_is_none) {
    EXPECT_FALSE(read_go_program(""));
    EXPECT_FALSE(read_go_program(std::string(500, 'x')));
}

}  // namespace
}  // namespace merlon::inventory
