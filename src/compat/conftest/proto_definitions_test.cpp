#include "compat/conftest/proto_definitions.h"

#include <gtest/gtest.h>

#include "compat/conftest/parsers.h"
#include "rego/term.h"

namespace merlon::compat::conftest {
namespace {

constexpr std::string_view kNew = R"(syntax = "proto3";
package t.v1; // a comment
import "google/protobuf/timestamp.proto";
option go_package = "x;y";
/* another */
message M {
  reserved 2, 5 to 9; reserved "old";
  message In { int64 x = 1; In next = 3 [deprecated = true]; }
  enum E { A = 0; B = 1 [(x) = {a: "]"}]; C = 2; D = -1; reserved 5; }
  In in = 1; repeated In ins = 4; map<string, int32> m = 10; map<int64, In> mi = 11;
  oneof o { string p = 12; In q = 13; }
  optional int32 oi = 14; int32 i = 15; uint64 u = 16; bytes b = 17; float f = 18; double d = 19;
  bool t = 20; E e = 21; repeated E es = 22; .google.protobuf.Timestamp at = 23;
  google.protobuf.Value any_value = 24; google.protobuf.Int64Value w = 25;
  google.protobuf.Duration long = 26; google.protobuf.Any any = 27; google.protobuf.FieldMask fm = 28;
}
service S { rpc Do (M) returns (M) { option x = {a: 1}; } }
)";
constexpr std::string_view kOld = R"(package old;
message P { required string name = 1; optional int32 n = 2 [default = 5];
  optional group Part = 3 { optional bool on = 1; } extensions 100 to 200; }
extend P { repeated string tag = 100; }
)";

// The JSON of a textproto, or the error.
std::string read(std::string_view message, std::string_view fields) {
    ProtoDefinitions definitions;
    EXPECT_TRUE(definitions.load("new.proto", kNew).ok());
    EXPECT_TRUE(definitions.load("old.proto", kOld).ok());
    Arena arena;
    Interner interner;
    Reading reading(arena, interner);
    reading.definitions = &definitions;
    const std::string text =
        "# proto-message: " + std::string(message) + "\n" + std::string(fields);
    const auto value = parse_textproto(text, reading);
    return value.ok() ? rego::json_text(value.value()) : value.error().message;
}

TEST(TextProto, fields_become_json) {
    EXPECT_EQ(read("t.v1.M", "in { x: 5 } ins [{x: 0x10}, <>], ins { next { x: -1 } };"),
              R"({"in":{"x":"5"},"ins":[{"x":"16"},{},{"next":{"x":"-1"}}]})");
    EXPECT_EQ(read("t.v1.M", "m { key: 'k' value: 2 } m: [{key: \"j\"}] mi { key: 7 }"),
              R"({"m":{"j":0,"k":2},"mi":{"7":{}}})");
    EXPECT_EQ(read("t.v1.M", "b: 'a\\x01' \"\\101\" p: \"\\u00e9\" u: 18446744073709551615"),
              R"({"b":"YQFB","p":"é","u":"18446744073709551615"})");
    EXPECT_EQ(read("t.v1.M", "f: 1.1f d: -inf t: True e: C es: [A, 9] old: { a [1] }"),
              R"({"d":"-Infinity","e":"C","es":["A",9],"f":1.1,"t":true})");
}

TEST(TextProto, zeros_are_left_out_where_they_have_no_presence) {
    EXPECT_EQ(read("t.v1.M", "oi: 0 i: 0 t: false e: A p: '' in {}"), R"({"in":{},"oi":0,"p":""})");
    EXPECT_EQ(read("old.P", "name: '' n: 0 Part { on: false } [old.tag]: 'a'"),
              R"({"Part":{"on":false},"[old.tag]":["a"],"n":0,"name":""})");
}

TEST(TextProto, well_known_types_have_their_own_forms) {
    EXPECT_EQ(
        read("t.v1.M", "at { seconds: -1 nanos: 500000000 } w {} long { seconds: 3 nanos: 20 }"),
        R"({"at":"1969-12-31T23:59:59.500Z","long":"3.000000020s","w":"0"})");
    EXPECT_EQ(
        read("t.v1.M",
             "any_value { struct_value { fields { key: 'a' value { null_value: NULL_VALUE } } } }"),
        R"({"any_value":{"a":null}})");
    EXPECT_EQ(read("t.v1.M", "fm { paths: 'a.b_c' paths: 'd' } any { [x.org/t.v1.M] { i: 1 } }"),
              R"({"any":{"@type":"x.org/t.v1.M","i":1},"fm":"a.bC,d"})");
    EXPECT_EQ(read("t.v1.M", "any_value {}"),
              "google.protobuf.Value: none of the oneof fields is set");
}

TEST(TextProto, what_does_not_fit_is_an_error) {
    for (const std::string_view fields : {"nope: 1",       "i: 'a'",
                                          "i: 2147483648", "i 1",
                                          "in: 5",         "p: 'a' q {}",
                                          "i: 1 i: 2",     "in { x: 1",
                                          "p: \"a",        "p: '\\xff'",
                                          "u: -1",         "t: 2",
                                          "e: Z",          "i: 08",
                                          "m { key: 1 }",  "5: 1",
                                          "[a.b]: 1",      "p: 'a' }",
                                          "ins: [{}",      "at { seconds: 999999999999 }",
                                          "es: [A B]",     "any { type_url: 'x' }"}) {
        EXPECT_FALSE(read("t.v1.M", fields).starts_with('{')) << fields;
    }
    EXPECT_EQ(read("old.P", "name: 'a' part {}"), R"({"Part":{},"name":"a"})");
    EXPECT_EQ(read("old.P", "n: 1"), "required field old.P.name not set");
    EXPECT_EQ(read("t.v1.M.In", "x: 1"), "look up message type \"t.v1.M.In\": proto: not found");
    std::string deep;
    for (int i = 0; i < 5'000; ++i) deep += "next {";
    EXPECT_EQ(read("t.v1.M", "in {" + deep), "exceeded maximum recursion depth");
}

TEST(ProtoDefinitions, say_what_is_wrong_with_a_file) {
    for (const std::string_view text :
         {"message M {", "message { }", "syntax = \"proto9\";", "message M { nope x = 1; }",
          "message M { int32 x 1; }", "message M { int32 x = 1 }", "message M {} message M {}",
          "enum E { A = 0; B = 0; }", "message M { int32 x = 1; int32 x = 2; }",
          "import \"other.proto\";", "enum E { A = b; }", "message M { map<M, int32> m = 1; }",
          "extend Nope { int32 x = 100; }", "}", "\"", "oneof"}) {
        EXPECT_FALSE(ProtoDefinitions().load("a.proto", text).ok()) << text;
    }
    std::string deep;
    for (int i = 0; i < 5'000; ++i) deep += "message M {";
    EXPECT_FALSE(ProtoDefinitions().load("a.proto", deep).ok());
}

}  // namespace
}  // namespace merlon::compat::conftest
