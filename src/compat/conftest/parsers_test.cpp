#include "compat/conftest/parsers.h"

#include <gtest/gtest.h>

namespace merlon::compat::conftest {
namespace {

// What `conftest parse` prints of the text, on one line.
std::string parsed(std::string_view parser, std::string_view text) {
    Arena arena;
    Interner interner;
    Reading reading(arena, interner);
    reading.variable = [](const std::string& name) {
        return name == "HOME" ? std::optional<std::string>("/home/a") : std::nullopt;
    };
    const auto value = find_parser(parser)->parse(text, reading);
    if (!value.ok()) return "error: " + value.error().message;
    std::string out;
    text::JsonWriter json(out);
    json.value(as_round_trip(value.value(), reading.values));
    return out;
}

struct Case {
    std::string_view text, shape;
};

void expect_all(std::string_view parser, std::initializer_list<Case> cases) {
    for (const Case& c : cases) EXPECT_EQ(parsed(parser, c.text), c.shape) << c.text;
}

TEST(ConftestParsers, are_chosen_by_the_name_of_the_file) {
    const struct {
        std::string_view path, parser;
    } cases[] = {
        {"a/Dockerfile", "dockerfile"},
        {"dev.dockerfile", "dockerfile"},
        {"Dockerfile.dev", "dockerfile"},
        {"x.tf", "hcl2"},
        {"x.tfvars", "hcl2"},
        {"x.YML", "yaml"},
        {"-", "yaml"},
        {".gitignore", "ignore"},
        {".env.prod", "dotenv"},
        {"prod.env", "dotenv"},
        {"Jenkinsfile", "groovy"},
        {"a.textpb", "textproto"},
        {"CODEOWNERS", "codeowners"},
        {"a.hcl1", "hcl1"},
        {"nginx.conf", "nginx"},
    };
    for (const auto& c : cases) {
        const FileParser* const found = parser_of_path(c.path);
        ASSERT_NE(found, nullptr) << c.path;
        EXPECT_EQ(found->name, c.parser) << c.path;
    }
    EXPECT_EQ(parser_of_path("README.md"), nullptr);
    EXPECT_EQ(parser_of_path("noextension"), nullptr);
}

TEST(ConftestParsers, numbers_are_float64_as_go_writes_them) {
    Arena arena;
    Interner interner;
    Reading reading(arena, interner);
    const struct {
        std::string_view text, policy, json;
    } cases[] = {
        {"1", "1", "1"},
        {"999999", "999999", "999999"},
        {"1000000", "1e+06", "1000000"},
        {"123456789", "1.23456789e+08", "123456789"},
        {"0.00001", "1e-05", "0.00001"},
        {"1e-7", "1e-07", "1e-7"},
        {"1e21", "1e+21", "1e+21"},
        {"-2.50", "-2.5", "-2.5"},
        {"0", "0", "0"},
    };
    for (const auto& c : cases) {
        const auto value = parse_json(c.text, reading);
        ASSERT_TRUE(value.ok()) << c.text;
        EXPECT_EQ(value.value().number_text(), c.policy);
        EXPECT_EQ(parsed("json", c.text), c.json);
    }
    EXPECT_FALSE(parse_json("1e400", reading).ok());
}

TEST(ConftestParsers, yaml_of_several_documents_is_an_array) {
    expect_all("yaml", {{"a: 1\n", R"({"a":1})"},
                        {"a: yes\nb: y\n", R"({"a":true,"b":true})"},
                        {"a: 1\n---\nb: 2\n", R"([{"a":1},{"b":2}])"},
                        {"---\na: 1\n", R"({"a":1})"},
                        {"on: push\n1: a\n", R"({"1":"a","true":"push"})"},
                        {"~: a\n",
                         "error: unmarshal yaml: error converting YAML to JSON: "
                         "unsupported map key"},
                        {"", "null"}});
}

TEST(ConftestParsers, bytes_of_json_that_are_no_utf8_are_replaced) {
    expect_all("json", {{"{\"a\xff\": \"\xe9\"}", "{\"a\xef\xbf\xbd\":\"\xef\xbf\xbd\"}"},
                        {"\xef\xbb\xbf{\"a\": \"\xe9\"}", "{\"a\":\"\xef\xbf\xbd\"}"}});
}

TEST(ConftestParsers, bytes_that_are_no_utf8_are_replaced_in_all_that_json_has_written) {
    const std::string replaced = "{\"a\xef\xbf\xbd\":\"\xef\xbf\xbd\"}";
    expect_all("properties", {{"a\xe9=\xe9\n", replaced}});
    expect_all("ini", {{"[s\xe9]\na\xe9=\xe9\n", "{\"s\xef\xbf\xbd\":" + replaced + "}"}});
    expect_all("dotenv", {{"a=\xe9\n", "{\"a\":\"\xef\xbf\xbd\"}"}});
    expect_all("ignore", {{"\xc3\xa9",
                           "[[{\"Kind\":\"Path\",\"Original\":\"\xc3\xa9\","
                           "\"Value\":\"\xc3\x83\xc2\xa9\"}]]"}});
}

TEST(ConftestParsers, jsonc_loses_comments_and_white_space) {
    expect_all("jsonc",
               {{"{\n// c\n\"a b\": 1, /* x\ny */ \"c\": \"//\" # d\n}", R"({"a b":1,"c":"//"})"}});
}

TEST(ConftestParsers, toml_times_are_texts) {
    expect_all("toml", {{"a = 1979-05-27\nb = 2.5\nc = 5_000_000\n",
                         R"({"a":"1979-05-27T00:00:00Z","b":2.5,"c":5000000})"}});
}

TEST(ConftestParsers, hcl2_literals_are_in_normal_form_and_names_are_not) {
    expect_all("hcl2",
               {{"a = \"e\xcc\x81\"\nb = [\"e\\u0301\"]\nc = { e\xcc\x81 = 1, \"e\xcc\x81\" = 2 }\n"
                 "d = upper(\"e\xcc\x81\")\ne = \"e${\"\\u0301\"}\"\n",
                 "{\"a\":\"\xc3\xa9\",\"b\":[\"\xc3\xa9\"],\"c\":{\"e\xcc\x81\":1,\"\xc3\xa9\":2},"
                 "\"d\":\"${upper(\\\"e\xcc\x81\\\")}\",\"e\":\"e\xcc\x81\"}"}});
}

TEST(ConftestParsers, hcl2_expressions_are_their_source) {
    expect_all(
        "hcl2",
        {{"resource \"a\" \"b\" {\n x = 1\n}\nresource \"a\" \"c\" {}\n",
          R"({"resource":{"a":{"b":[{"x":1}],"c":[{}]}}})"},
         {"locals {\n a = var.x\n}\nlocals {\n b = -10\n}\n",
          R"({"locals":[{"a":"${var.x}"},{"b":-10}]})"},
         {"a = \"x ${1 + 2} y\"\nb = \"${\"hi\"} there\"\nc = \"$${no}\"\n",
          R"({"a":"x ${1 + 2} y","b":"hi there","c":"$${no}"})"},
         {"a = {\n b.c = \"d\"\n 3 = 1\n \"${k}\" = 4\n}\n", R"({"a":{"${k}":4,"3":1,"b.c":"d"}})"},
         {"a = \"%{if x}y%{else}z%{endif}\"\n", R"({"a":"%{if x}y%{else}z%{endif}"})"},
         {"a = f(x)\nb = -(1 + 4)\nc = 1.50\nd = 1e3\n",
          R"re({"a":"${f(x)}","b":"${-(1 + 4)}","c":1.5,"d":1000})re"}});
}

TEST(ConftestParsers, hcl1_objects_stand_in_arrays) {
    expect_all("hcl1", {{"a = 1\nb {\n c = \"d\"\n}\n", R"({"a":1,"b":[{"c":"d"}]})"},
                        {"r \"x\" \"y\" {}\nr \"x\" \"z\" {}\n",
                         R"({"r":[{"x":[{"y":[{}]}]},{"x":[{"z":[{}]}]}]})"},
                        {"a = [1, { b = 2 }]\n", R"({"a":[1,{"b":2}]})"},
                        {"a = \"${b(\"c\")}\"\n", R"re({"a":"${b(\"c\")}"})re"}});
}

TEST(ConftestParsers, a_dockerfile_is_a_list_of_commands_in_a_list) {
    EXPECT_EQ(
        parsed("dockerfile", "# why\nFROM alpine AS b\nENV A=b\n"),
        R"([[{"Cmd":"comment","Flags":null,"JSON":false,"Stage":0,"SubCmd":"","Value":["why"]},)"
        R"({"Cmd":"from","Flags":[],"JSON":false,"Stage":0,"SubCmd":"","Value":["alpine","AS","b"]},)"
        R"({"Cmd":"env","Flags":[],"JSON":false,"Stage":0,"SubCmd":"","Value":["A","b","="]}]])");
    for (const std::string_view wrong :
         {"", "FOO x", "FROM a b", "FROM a\nENV A", "FROM a\nCOPY a", "FROM a\nRUN --nope=1 x",
          "FROM a\nRUN <<EOF\nx", "FROM a\nCMD [1]", "FROM a\nONBUILD FROM b"}) {
        EXPECT_TRUE(parsed("dockerfile", wrong).starts_with("error")) << wrong;
    }
}

TEST(ConftestParsers, errors_of_line_formats_have_places) {
    const struct {
        std::string_view parser, text;
        std::size_t offset;
    } cases[] = {
        {"properties", "a=1\n: weird\n", 4},
        {"properties", "\xEF\xBB\xBF: weird\n", 3},
        {"properties", "a=1\nb=${b}\n", 4},
        {"properties", "a=\\u00g\n", 6},
        {"dotenv", "A=1\nnonsense here", 4},
        {"dotenv", "A=1\nB=\"x\ny\n", 4},
        {"ini", "[a]\n  nodelim\n", 6},
        {"ini", "[a]\n[x\n", 4},
        {"ini", "a = `x\n", 4},
    };
    for (const auto& [parser, text, offset] : cases) {
        Arena arena;
        Interner interner;
        Reading reading(arena, interner);
        const auto value = find_parser(parser)->parse(text, reading);
        ASSERT_FALSE(value.ok()) << text;
        EXPECT_EQ(value.error().offset, offset) << text;
    }
}

TEST(ConftestParsers, ini_values_have_types) {
    expect_all("ini", {{"top=1\n[s]\na = 1\nb: true ; c\nc = \"q\"\nd = 1.50\ne\\=f\n",
                        R"({"s":{"a":1,"b":true,"c":"q","d":1.5,"e\\":false}})"},
                       {"[s]\na = x\\\n  y\nb = `q;`\n", R"({"s":{"a":"xy","b":"q;"}})"}});
}

TEST(ConftestParsers, lines_of_other_formats) {
    expect_all("dotenv", {{"A=1\nexport B=\"x $A ${HOME}\\n\" # c\nC='$A'\n",
                           "{\"A\":\"1\",\"B\":\"x 1 /home/a\\n\",\"C\":\"$A\"}"},
                          {"nonsense here", "error: line `nonsense here` doesn't match format"}});
    expect_all("properties", {{"a=1\nb : x\\\n  y\n# c\nd e\\u00e9\n",
                               "{\"a\":\"1\",\"b\":\"xy\",\"d\":\"e\xC3\xA9\"}"},
                              {"a=${a}\n", "error: circular reference of a"}});
    expect_all("ignore", {{"# c\n!a\nb", R"([[{"Kind":"Comment","Original":"# c","Value":"c"},)"
                                         R"({"Kind":"NegatedPath","Original":"!a","Value":"a"},)"
                                         R"({"Kind":"Path","Original":"b","Value":"b"}]])"}});
    expect_all(
        "codeowners",
        {{"*.js @a/b # why\n",
          R"({"rules":[{"comment":"why","lineNumber":1,"owners":[{"type":"team","value":"a/b"}],"pattern":"*.js"}]})"},
         {"a nobody # x\n",
          "error: failed to parse CODEOWNERS: line 1: invalid owner format 'nobody' at position 3"},
         {"a @x/y bob# x",
          "error: failed to parse CODEOWNERS: line 1: invalid owner format 'bob' at "
          "position 11"},
         {"\n a[b] @c\n",
          "error: failed to parse CODEOWNERS: line 2: unexpected character '[' at position 2"},
         {"a é\n",
          "error: failed to parse CODEOWNERS: line 1: unexpected character 'é' at position 3"},
         {"a***b @c\n",
          "error: failed to parse CODEOWNERS: line 1: pattern cannot contain three "
          "consecutive asterisks"}});
}

TEST(ConftestParsers, xml_attributes_begin_with_a_sign) {
    expect_all("xml", {{"<a x=\"1\"><b>t</b><b/>tail</a>",
                        R"({"a":{"#content":"tail","-x":"1","b":["t",""]}})"}});
}

TEST(ConftestParsers, edn_values_are_texts) {
    expect_all("edn", {{"{:a [1 nil true], \"b\" {:c \\a} d #{2 1}}",
                        R"({":a":["1","<nil>","true"],"b":{":c":"97"},"d":"map[1:true 2:true]"})"},
                       {"{:a", "error: unexpected end of EDN input"}});
}

TEST(ConftestParsers, nginx_directives_have_words_and_blocks) {
    expect_all(
        "nginx",
        {{"user www; # c\n", R"({"directives":[{"name":"user","parameters":["www"]}]})"},
         {"http {\n server { listen 80; }\n gzip on;\n}",
          R"({"directives":[{"block":{"directives":[{"name":"gzip","parameters":["on"]},)"
          R"({"block":{"directives":[{"name":"listen","parameters":["80"]}]},"name":"server"}]},)"
          R"("name":"http"}]})"},
         {"upstream u { server a:1 backup weight=5; }",
          R"({"directives":[{"block":{"directives":[{"name":"server","parameters":)"
          R"(["a:1","weight=5","backup"]}]},"name":"upstream","parameters":["u"]}]})"},
         {"content_by_lua_block { return {1} }",
          R"({"directives":[{"block":{"directives":[]},"name":"content_by_lua_block"}]})"},
         {"root /a/${b}/c;", R"({"directives":[{"name":"root","parameters":["/a/${b}/c"]}]})"},
         {"nonsense on;", "error: parse nginx: unknown directive 'nonsense'"},
         {"http { gzip on;", "error: parse nginx: unexpected eof in block"},
         {"root 'a", "error: parse nginx: unexpected end of file while scanning quoted string"}});
}

TEST(ConftestParsers, what_nests_too_deeply_is_an_error) {
    const std::string many(100'000, '[');
    for (const std::string_view parser : {"edn", "json", "yaml", "hcl1", "hcl2", "toml", "xml"}) {
        std::string text = many;
        if (parser.starts_with("hcl")) text.insert(0, "a = ");
        if (parser == "toml") text.insert(0, "a = ");
        EXPECT_TRUE(parsed(parser, text).starts_with("error")) << parser;
    }
}

TEST(ConftestParsers, hocon_has_objects_and_texts) {
    expect_all("hocon", {{"a { b = 1, c: hello world }", R"({"a":{"b":1,"c":"\"hello world\""}})"},
                         {"a.b = [1, 2]\na.c = ${a.b}", R"({"a":{"b":"[1,2]","c":"[1,2]"}})"},
                         {"a { b = ${?NOT_SET} }", R"({"a":{"b":"<<unknown value>>"}})"}});
    EXPECT_TRUE(parsed("hocon", "a = 1").starts_with("error: HOCON: a at the top"));
    EXPECT_TRUE(parsed("hocon", "a { b = 1").starts_with("error: HOCON: line 1: an object"));
    EXPECT_TRUE(parsed("hocon", "a { b = ${a.b} }").starts_with("error: HOCON: cycle"));
}

TEST(ConftestParsers, vcl_has_blocks_by_their_words) {
    expect_all("vcl",
               {{"acl purge { \"127.0.0.1\"; \"b\"; }", R"({"acl":{"purge":["127.0.0.1","b"]}})"},
                {"backend b { .host = \"x\"; .weight = 10; }",
                 R"({"backend":{"b":{"host":"x","weight":10}}})"}});
    EXPECT_TRUE(parsed("vcl", "").starts_with("error: VCL: the file has neither"));
    EXPECT_TRUE(parsed("vcl", "acl a { \"x\";").starts_with("error: VCL: line 1: a block does"));
}

TEST(ConftestParsers, cyclonedx_as_xml_is_the_shape_of_the_go_library) {
    // Its second reading of the XML knows no version.
    const std::string tail = R"x("specVersion":"SpecVersion(0)","version":)x";
    const auto expect = [](std::string_view text, const std::string& shape) {
        EXPECT_EQ(parsed("cyclonedx", text), shape) << text;
    };
    expect(R"(<bom xmlns="http://cyclonedx.org/schema/bom/1.5" version="1"/>)",
           R"({"bomFormat":"",)" + tail + "1}");
    expect(R"(<bom version=" +7 "><components><component type="library"><name> a </name>)"
           R"(<licenses><expression>MIT</expression></licenses><modified>true</modified>)"
           R"(</component></components></bom>)",
           R"({"bomFormat":"","components":[{"licenses":[{"expression":"MIT"}],"modified":true,)"
           R"("name":" a ","type":"library"}],)" +
               tail + "7}");
    expect(R"(<bom><dependencies><dependency ref="a"><dependency ref="b"/></dependency>)"
           R"(</dependencies></bom>)",
           R"({"bomFormat":"","dependencies":[{"dependsOn":["b"],"ref":"a"}],)" + tail + "0}");
    expect(R"({"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1})",
           R"({"bomFormat":"CycloneDX","specVersion":"1.5","version":1})");
    for (const std::string_view wrong :
         {R"(<sbom/>)", R"(<bom version="x"/>)", R"(<bom><metadata><tools/></metadata></bom>)",
          R"(<bom><metadata><licenses><license/></licenses></metadata></bom>)",
          R"(<bom><metadata><licenses><x/></licenses></metadata></bom>)", R"(<bom>)",
          R"({"specVersion": "2.0"})", R"({"a": )", "[]"}) {
        EXPECT_TRUE(parsed("cyclonedx", wrong).starts_with("error: ")) << wrong;
    }
}

TEST(ConftestParsers, spdx_is_the_shape_of_its_version_2_3) {
    const std::string head =
        "SPDXVersion: SPDX-2.3\nDataLicense: CC0-1.0\nSPDXID: SPDXRef-DOCUMENT\n";
    const std::string shape_head = R"({"SPDXID":"SPDXRef-DOCUMENT","creationInfo":)";
    const std::string shape_tail =
        R"("dataLicense":"CC0-1.0","documentNamespace":"","name":"","spdxVersion":"SPDX-2.3"})";
    EXPECT_EQ(parsed("spdx", head), shape_head + "null," + shape_tail);
    EXPECT_EQ(parsed("spdx", head + "Creator: Tool: t\n"),
              shape_head + R"({"created":"","creators":["Tool: t"]},)" + shape_tail);
    // A snippet leaves nothing, and an older package has its code of verification though empty.
    const std::string old =
        "SPDXVersion: SPDX-2.2\nPackageName: p\nSPDXID: SPDXRef-p\nFileName: f\n"
        "SPDXID: SPDXRef-f\nFileComment: <text>two\nlines</text>\nSnippetSPDXID: SPDXRef-s\n";
    EXPECT_EQ(parsed("spdx", old),
              R"({"SPDXID":"SPDXRef-","creationInfo":null,"dataLicense":"",)"
              R"("documentNamespace":"","name":"","packages":[{"SPDXID":"SPDXRef-p",)"
              R"("downloadLocation":"","files":[{"SPDXID":"SPDXRef-f","checksums":null,)"
              R"("comment":"two\nlines","copyrightText":"","fileName":"f"}],)"
              R"("filesAnalyzed":true,"name":"p","packageVerificationCode":)"
              R"({"packageVerificationCodeValue":""}}],"spdxVersion":"SPDX-2.3"})");
    for (const std::string_view wrong :
         {"", "# nothing\n", "no colon\n", "SPDXVersion: SPDX-3.0\n",
          "SPDXVersion: SPDX-2.3\nPackageName: p\n", "SPDXVersion: SPDX-2.3\nSPDXID: p\n",
          "SPDXVersion: SPDX-2.3\nX: y\n", "SPDXVersion: SPDX-2.3\nCreator: Robot: y\n",
          "SPDXVersion: SPDX-2.3\nCreatorComment: <text>a\n",
          "SPDXVersion: SPDX-2.1\nPackageName: p\nPackageChecksum: SHA512: a\n"}) {
        EXPECT_TRUE(parsed("spdx", wrong).starts_with("error: SPDX: ")) << wrong;
    }
}

}  // namespace
}  // namespace merlon::compat::conftest
