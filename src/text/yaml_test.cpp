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

TEST_F(Yaml, nothing_at_all_is_no_document) { EXPECT_EQ(json(std::string_view()), ""); }

TEST_F(Yaml, plain_scalars_resolve_by_the_core_schema) {
    EXPECT_EQ(json("[1, 0x1F, 0o17, 1.5, .5, 1., 007, +3, ~, null, true, no, '1', 1e3, -, .]"),
              R"([1,31,15,1.5,0.5,1.0,7,3,null,null,true,"no","1",1e3,"-","."])");
    EXPECT_EQ(json("[yes, off, 017]", {.schema = YamlSchema::kYaml11}), "[true,false,15]");
}

TEST_F(Yaml, only_what_the_schema_calls_a_number_is_one) {
    EXPECT_EQ(json("[-., +., .e5, +-3, 1e, --1, +0x1F, 1_000, .inf, -.5, +.5e+2, -0]"),
              R"(["-.","+.",".e5","+-3","1e","--1","+0x1F","1_000",".inf",-0.5,0.5e+2,-0])");
    EXPECT_EQ(json("0xFFFFFFFFFFFFFFFF"), "18446744073709551615");
    EXPECT_EQ(json("[-017, +017, -0x1F, 0b101, 1_000, 08, _1]", {.schema = YamlSchema::kYaml11}),
              R"([-15,15,-31,5,1000,8,"_1"])");
}

TEST_F(Yaml, explicit_tags_decide) {
    EXPECT_EQ(
        json("[!!int \"3\", !!str 3, !!float '1e2', !!bool \"true\", !!null '', !!float .inf]"),
        R"([3,"3",1e2,true,null,".inf"])");
    EXPECT_NE(json("a: !!int x").find("does not fit its tag"), std::string::npos);
}

TEST_F(Yaml, anchors_merge_keys_and_documents) {
    EXPECT_EQ(json("a: &x {k: 1, l: 2}\nb:\n  <<: *x\n  k: 3\n"),
              R"({"a":{"k":1,"l":2},"b":{"k":3,"l":2}})");
    EXPECT_EQ(json("--- 1\n---\n- 2\n...\n"), "1 [2]");
    EXPECT_EQ(json(""), "");
}

TEST_F(Yaml, errors_name_line_and_column) {
    EXPECT_EQ(json("b: 1\na: 1\nb: 2\nc: 3\n"),
              "line 3: YAML: the key 'b' stands twice in this mapping");
    EXPECT_EQ(json("a: *nothing").substr(0, 7), "line 1:");
    EXPECT_EQ(json("a: [1\nb: 2").substr(0, 5), "line ");
    const auto damaged = read_yaml("k: 1\nl: \x01", arena, interner, {});
    EXPECT_EQ(damaged.error().line, 2u);
    EXPECT_EQ(damaged.error().column, 4u);
    const auto failed = read_yaml("# \xC3\xA9\xC3\xA9\na: *b", arena, interner, {});
    EXPECT_EQ(failed.error().offset, 10u) << "in bytes";
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
    for (const YamlSchema go : {YamlSchema::kGo, YamlSchema::kGo2}) {
        EXPECT_NE(json(bomb, {.schema = go}).find("excessive aliasing"), std::string::npos);
    }
    std::string merged = "a: &a {";
    for (int i = 0; i < 30'000; ++i) merged += "key" + std::to_string(i) + ": 1, ";
    EXPECT_EQ(json(merged + "}\nb:\n  <<: *a\n").substr(0, 5), R"({"a":)") << "and soon";
    EXPECT_NE(json(std::string(300, '[') + std::string(300, ']')).find("nested deeper"),
              std::string::npos);
}

TEST_F(Yaml, go_has_texts_for_numbers_beyond_a_float) {
    for (const YamlSchema go : {YamlSchema::kGo, YamlSchema::kGo2}) {
        EXPECT_EQ(json("[7e1234, +7e999, 1E309, -1.5e+999, 1e308, 1e-999]", {.schema = go}),
                  R"(["7e1234","+7e999","1E309","-1.5e+999",1e308,1e-999])");
    }
    EXPECT_EQ(json("[7e1234]"), "[7e1234]");
}

// Of more than a thousand nodes at most 99 of a hundred.
TEST_F(Yaml, go_refuses_documents_that_are_aliases_nearly_all) {
    const auto document = [](int items, int repeated) {
        std::string text = "a: &a [x";
        for (int i = 1; i < items; ++i) text += ", x";
        text += "]\nb: [*a";
        for (int i = 1; i < repeated; ++i) text += ", *a";
        return text + "]\n";
    };
    const YamlOptions go{.schema = YamlSchema::kGo};
    EXPECT_TRUE(json(document(90, 100), go).starts_with("{")) << "98 of 100";
    EXPECT_TRUE(json(document(200, 4), go).starts_with("{")) << "80 of 100";
    EXPECT_NE(json(document(200, 300), go).find("excessive aliasing"), std::string::npos);
    EXPECT_TRUE(json(document(200, 300)).starts_with("{")) << "YAML itself has no such rule";
    GoYamlFailure failure;
    const std::string broken = document(200, 300) + "c: [";
    EXPECT_EQ(json(broken, {.schema = YamlSchema::kGo, .go_failure = &failure})
                  .find("excessive aliasing"),
              std::string::npos)
        << "what is no YAML is told first";
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
