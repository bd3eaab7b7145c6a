#include "exchange/sarif_outline.h"

#include <gtest/gtest.h>

namespace merlon::exchange {
namespace {

using Results = std::vector<std::vector<std::string_view>>;

TEST(SarifOutline, has_the_results_of_each_run_apart) {
    const auto outline = outline_sarif(
        R"({"version": "2.1.0", "runs": [{"results": [ {"a": "]}\""}, {"b": [{}]} ], "x": 1},
            {"tool": {"results": [1]}}, 7, {"results":[]}]})",
        nullptr);
    ASSERT_TRUE(outline);
    EXPECT_EQ(outline->text, R"({"version": "2.1.0", "runs": [{"results": [], "x": 1},
            {"tool": {"results": [1]}}, 7, {"results":[]}]})");
    EXPECT_EQ(outline->results, (Results{{R"({"a": "]}\""})", R"({"b": [{}]})"}, {}, {}, {}}));
}

TEST(SarifOutline, leaves_what_is_written_in_another_way) {
    for (const std::string_view text :
         {R"({"runs": [{"re\u0073ults": [{}]}]})", R"({"runs": [{"results": null}]})",
          R"({"runs": {"results": [{}]}})", R"({})"}) {
        const auto outline = outline_sarif(text, nullptr);
        ASSERT_TRUE(outline) << text;
        EXPECT_EQ(outline->text, text);
    }
}

TEST(SarifOutline, is_of_nothing_that_is_no_such_document) {
    for (const std::string_view text :
         {"", "[]", R"({"runs")", R"({"runs": [{"results": [{}, 1]}]})",
          R"({"runs": [{"results": [{} {}]}]})", R"({"runs": [{"results": [{},]}]})",
          R"({"runs": [{"results": [{"a": "}]}]})"})
        EXPECT_FALSE(outline_sarif(text, nullptr)) << text;
    CancelToken stop;
    stop.cancel();
    EXPECT_FALSE(outline_sarif(R"({"runs": [1]})", &stop));
}

}  // namespace
}  // namespace merlon::exchange
