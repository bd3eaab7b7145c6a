#include "text/pointer.h"

#include <gtest/gtest.h>

namespace merlon::text {
namespace {

std::string at(std::string_view text, std::string_view path, std::string_view mark) {
    EXPECT_TRUE(PointerIndex::fits(path));
    return PointerIndex::read(text, path).at(text.find(mark)).value_or("(none)");
}

TEST(PointerIndex, names_the_place_in_json) {
    const std::string_view json = R"({"a": {"b/c~d": [1, {"secret": "x1"}]}, "e": "x2"} // end)";
    EXPECT_EQ(at(json, "f.json", "x1"), "/a/b~1c~0d/1/secret");
    EXPECT_EQ(at(json, "f.json", "x2"), "/e");
    EXPECT_EQ(at(json, "f.json", "\"secret"), "/a/b~1c~0d/1/secret")
        << "a key belongs to its value";
    EXPECT_EQ(at("[1, 2", "f.json", "2"), "(none)");
}

TEST(PointerIndex, names_the_document_of_a_yaml_stream) {
    EXPECT_EQ(at("a:\n  - b: x1\n", "f.yaml", "x1"), "/a/0/b");
    EXPECT_EQ(at("a: 1\n---\ndata:\n  \xC3\xA9: x1\n", "f.yml", "x1"),
              "document 2: /data/\xC3\xA9");
    EXPECT_EQ(at("a: |\n  one\n  x1\n", "f.yaml", "x1"), "/a");
    EXPECT_EQ(at("a: [", "f.yaml", "a"), "(none)");
}

TEST(PointerIndex, fits_by_the_name) {
    EXPECT_TRUE(PointerIndex::fits("terraform.tfstate"));
    EXPECT_FALSE(PointerIndex::fits("a.txt"));
}

}  // namespace
}  // namespace merlon::text
