#include "text/yaml_write.h"

#include <gtest/gtest.h>

#include "text/json.h"
#include "text/yaml.h"

namespace merlon::text {
namespace {

template <typename Writer>
void write_example(Writer writer) {
    writer.begin_object();
    writer.member("name", "a: \"b\" # \xC3\xA9\n- c");
    writer.key("empty").begin_array().end_array();
    writer.key("none").begin_object().end_object();
    writer.key("list").begin_array();
    writer.begin_object().member("x", "1").key("y").integer(2);
    writer.key("deep")
        .begin_array()
        .string("p")
        .begin_array()
        .boolean(true)
        .end_array()
        .end_array();
    writer.end_object();
    writer.begin_object().end_object();
    writer.string("z");
    writer.end_array().end_object();
}

TEST(YamlWriter, stands_for_the_tree_that_json_would) {
    std::string yaml;
    std::string json;
    write_example(YamlWriter(yaml));
    write_example(JsonWriter(json));
    Arena arena;
    Interner interner;
    const auto expected = read_json(json, arena, interner);
    const auto found = read_yaml(yaml, arena, interner);
    ASSERT_TRUE(expected.ok());
    ASSERT_TRUE(found.ok()) << found.error().to_string() << yaml;
    ASSERT_EQ(found.value().size(), 1u);
    EXPECT_EQ(*found.value()[0].root, *expected.value().root) << yaml;
}

TEST(YamlWriter, writes_block_style) {
    std::string out;
    YamlWriter yaml(out);
    yaml.begin_object().key("list").begin_array();
    yaml.begin_object().member("a", "1").member("b", "2").end_object();
    yaml.end_array().end_object();
    EXPECT_EQ(out, "list:\n  - a: \"1\"\n    b: \"2\"\n");
}

}  // namespace
}  // namespace merlon::text
