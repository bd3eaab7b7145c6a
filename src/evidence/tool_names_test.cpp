#include "evidence/tool_names.h"

#include <gtest/gtest.h>

#include "evidence/store_case.h"

namespace merlon::evidence {
namespace {

class ToolNamesTest : public StoreTest {
  protected:
    ImportedRun take_of(const std::string& tool) {
        exchange::ReadReport read = report({{"r", "a.c", 3, "eval(x)"}});
        read.report.analysis.tool = tool;
        return take(read);
    }
};

TEST_F(ToolNamesTest, a_tool_is_one_under_the_names_of_its_formats) {
    EXPECT_EQ(take_of("Semgrep OSS").tool, "semgrep");
    const ImportedRun run = take_of("semgrep");
    EXPECT_EQ(run.tool, "semgrep");
    EXPECT_EQ(run.counts.fresh, 0u);
    EXPECT_EQ(take_of("Semgrep PRO").counts.fresh, 0u);
    EXPECT_EQ(take_of("Semgreptile").tool, "semgreptile");
    EXPECT_EQ(tool_name("SEMGREP oss"), "semgrep");
}

TEST_F(ToolNamesTest, a_store_goes_on_with_the_name_that_it_has) {
    Database& database = store_->database();
    EXPECT_EQ(tool_called(database, "shop", "Semgrep OSS").value(), "semgrep");
    take_of("Semgrep OSS");
    ASSERT_TRUE(database.run("UPDATE stream SET tool = 'semgrep oss'").ok());
    EXPECT_EQ(tool_called(database, "shop", "semgrep").value(), "semgrep oss");
    EXPECT_EQ(tool_called(database, "bank", "semgrep").value(), "semgrep");
    // It has both.
    ASSERT_TRUE(database
                    .run("INSERT INTO stream (scope, tool, category, below, ref, configuration) "
                         "SELECT scope, 'semgrep', category, below, ref, '' FROM stream")
                    .ok());
    EXPECT_EQ(tool_called(database, "shop", "semgrep").value(), "semgrep");
    EXPECT_EQ(tool_called(database, "shop", "Semgrep OSS").value(), "semgrep oss");
    EXPECT_EQ(tool_called(database, "shop", "Semgrep PRO").value(), "semgrep");
}

}  // namespace
}  // namespace merlon::evidence
