#include "secrets/manifest.h"

#include <gtest/gtest.h>

namespace merlon::secrets {
namespace {

using Field = ManifestValue::Field;

// What stands in the text at each value, and what it means.
std::vector<std::pair<std::string, std::string>> values_of(const std::string& text) {
    std::vector<std::pair<std::string, std::string>> all;
    for (const ManifestValue& value : kubernetes_secret_values(text)) {
        all.emplace_back(text.substr(value.begin, value.end - value.begin), value.plain);
    }
    return all;
}
using Values = std::vector<std::pair<std::string, std::string>>;

TEST(Manifest, gives_each_value_its_place) {
    EXPECT_EQ(values_of("kind: Secret\n"
                        "data:\n"
                        "  user: YWRtaW4=\n"  // "admin": too short
                        "  one: b25lLW9uZS1vbmU=\n"
                        "  two: \"dHdvLXR3by10d28=\"\n"
                        "stringData:\n"
                        "  three: 'three-three'\n"
                        "  four: four-four # why\n"
                        "  lines: |\n    five-five\n"
                        "  more: |\n    six-six\n    seven-seven\n"
                        "  number: 12345678\n"),
              (Values{{"b25lLW9uZS1vbmU=", "one-one-one"},
                      {"dHdvLXR3by10d28=", "two-two-two"},
                      {"three-three", "three-three"},
                      {"four-four", "four-four"},
                      {"five-five", "five-five"}}));
}

TEST(Manifest, reads_blocks_tags_and_anchors) {
    EXPECT_EQ(values_of("kind: Secret\ndata:\n"
                        "  lines: |-\n    b25lLW9u\n    ZS1vbmU=\n"
                        "  tagged: !!binary dHdvLXR3by10d28=\n"
                        "  block: !!binary |\n    dGhyZWUtdGhyZWU=\n"
                        "  named: &name \"Zm91ci1mb3Vy\"\n"
                        "  again: *name\n"),
              (Values{{"b25lLW9u\n    ZS1vbmU=", "one-one-one"},
                      {"dHdvLXR3by10d28=", "two-two-two"},
                      {"dGhyZWUtdGhyZWU=", "three-three"},
                      {"Zm91ci1mb3Vy", "four-four"}}));
}

TEST(Manifest, takes_the_last_of_a_key_that_stands_twice) {
    EXPECT_EQ(values_of("kind: Secret\ndata:\n  one: b25lL\n  one: b25lLW9uZS1vbmU=\n"),
              (Values{{"b25lLW9uZS1vbmU=", "one-one-one"}}));
    EXPECT_EQ(values_of("{\"kind\": \"Secret\", \"data\": {\"one\": \"b25lL\", "
                        "\"one\": \"b25lLW9uZS1vbmU=\"}}"),
              (Values{{"b25lLW9uZS1vbmU=", "one-one-one"}}));
}

TEST(Manifest, reads_a_list_of_any_size_item_by_item) {
    std::string text = "apiVersion: v1\nitems:\n";
    const std::string padding(std::size_t{1} << 20, 'x');
    for (int i = 0; i < 20; ++i) {
        text += "- apiVersion: v1\n  stringData:\n    key: one-one-" + std::to_string(100 + i) +
                "\n  metadata: {a: " + padding + "}\n  kind: Secret\n";
    }
    const Values found = values_of(text + "kind: List\n");
    ASSERT_EQ(found.size(), 20U);
    EXPECT_EQ(found.back().first, "one-one-119");
}

TEST(Manifest, looks_into_lists_streams_and_json) {
    EXPECT_EQ(values_of("a: {{ template }}\nkind: Secret\n---\nkind: List\nitems:\n"
                        "- {kind: Secret, stringData: {a: one-one-one}}\n"
                        "- {kind: ConfigMap, data: {a: two-two-two}}\n"
                        "---\ndata: {a: dGhyZWUtdGhyZWU=}\nkind: \"Secret\"\n"),
              (Values{{"one-one-one", "one-one-one"}, {"dGhyZWUtdGhyZWU=", "three-three"}}));
    EXPECT_EQ(values_of("{\"kind\": \"Secret\", \"stringData\": {\"a\": \"one-one-one\"}}"),
              (Values{{"one-one-one", "one-one-one"}}));
}

TEST(Manifest, leaves_out_what_is_public_or_no_secret) {
    EXPECT_EQ(
        values_of("kind: Secret\nstringData:\n  a: ssh-ed25519 AAAA\n"
                  "data:\n  tls.crt: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t\n  b: '%%%%%%%%%'\n"),
        Values{});
    EXPECT_EQ(values_of("kind: SecretStore\ndata: {a: b25lLW9uZS1vbmU=}\n"), Values{});
    EXPECT_EQ(values_of("Secret: kind\ndata: {a: b25lLW9uZS1vbmU=}\n"), Values{});
}

}  // namespace
}  // namespace merlon::secrets
