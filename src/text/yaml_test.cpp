#include "text/yaml.h"

#include <gtest/gtest.h>

namespace merlon::text {
namespace {

class Yaml : public testing::Test {
  protected:
    std::string json(std::string_view text, const YamlOptions& options = {}) {
        const auto documents = read_yaml(text, arena, interner, options);
        if (!documents.ok()) return documents.error().to_string();
        std::string out;
        for (const auto& document : documents.value()) {
            if (!out.empty()) out += ' ';
            JsonWriter(out).value(*document.root);
        }
        return out;
    }

    Arena arena;
    Interner interner;
};

TEST_F(Yaml, plain_scalars_resolve_by_the_core_schema) {
    EXPECT_EQ(json("[1, 0x1F, 0o17, 1.5, .5, 1., 007, +3, ~, null, true, no, '1', 1e3, -, .]"),
              R"([1,31,15,1.5,0.5,1.0,7,3,null,null,true,"no","1",1e3,"-","."])");
    EXPECT_EQ(json("[yes, off, 017]", {.schema = YamlSchema::kYaml11}), "[true,false,15]");
}

TEST_F(Yaml, anchors_merge_keys_and_documents) {
    EXPECT_EQ(json("a: &x {k: 1, l: 2}\nb:\n  <<: *x\n  k: 3\n"),
              R"({"a":{"k":1,"l":2},"b":{"k":3,"l":2}})");
    EXPECT_EQ(json("--- 1\n---\n- 2\n...\n"), "1 [2]");
    EXPECT_EQ(json(""), "");
}

TEST_F(Yaml, errors_name_line_and_column) {
    EXPECT_EQ(json("a: 1\na: 2\n").substr(0, 6), "line 3") << json("a: 1\na: 2\n");
    EXPECT_EQ(json("a: *nothing").substr(0, 7), "line 1:");
    EXPECT_EQ(json("a: [1\nb: 2").substr(0, 5), "line ");
    EXPECT_NE(json("k: \x01").find("YAML"), std::string::npos);
}

TEST_F(Yaml, alias_bombs_and_depth_are_bounded) {
    std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 12; ++i) {
        const std::string from = "*a" + std::to_string(i - 1);
        bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
        for (int j = 0; j < 9; ++j) bomb += (j > 0 ? ", " : "") + from;
        bomb += "]\n";
    }
    EXPECT_NE(json(bomb).find("aliases repeat"), std::string::npos);
    EXPECT_NE(json(std::string(300, '[') + std::string(300, ']')).find("nested deeper"),
              std::string::npos);
}

TEST_F(Yaml, spans_lead_back_to_the_text) {
    const std::string_view text = "# \xC3\xA9\nkey:\n  - 10\n  - x\n";
    const auto documents = read_yaml(text, arena, interner, {.spans = KeepSpans::kYes});
    const auto& document = documents.value()[0];
    const value::Value* list = document.root->find("key");
    const auto span = document.spans.value_span(&list->items()[0]);
    EXPECT_EQ(text.substr(span->begin, span->end - span->begin), "10");
    const auto key = document.spans.key_span(list);
    EXPECT_EQ(text.substr(key->begin, key->end - key->begin), "key");
}

}  // namespace
}  // namespace merlon::text
