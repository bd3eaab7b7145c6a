#include "inventory/source_imports.h"

#include <gtest/gtest.h>

namespace merlon::inventory {
namespace {

// "name:line", or "alias=name:line", for each import; then "|qualifier.name" for each use.
std::string show(SourceLanguage language, std::string_view text) {
    const SourceCode code = read_source(language, text);
    std::string out;
    for (const SourceImport& import : code.imports) {
        if (!out.empty()) out += ' ';
        if (!import.alias.empty()) out += import.alias + "=";
        out += import.name + ":" + std::to_string(import.line);
    }
    for (const SourceUse& use : code.uses)
        out += "|" + std::string(use.qualifier) + "." + std::string(use.name);
    return out;
}

TEST(SourceImports, of_go_are_single_or_in_a_block) {
    EXPECT_EQ(show(SourceLanguage::kGo,
                   "package a\nimport \"x/y\"\nimport (\n\tz \"q\"\n\t_ `r`\n"
                   "\t. \"s\" // \"t\"\n)\n"),
              "x/y:2 z=q:4 _=r:5 .=s:6");
}

TEST(SourceImports, of_go_come_with_the_names_that_are_used) {
    EXPECT_EQ(show(SourceLanguage::kGo,
                   "package a\nimport \"y\"\n// y.No()\nvar a = \"y.No\"\n"
                   "func f() { y.Yes(); g().Close() }\n"),
              "y:2|y.Yes|.Close");
}

TEST(SourceImports, of_javascript_are_modules_and_commonjs) {
    EXPECT_EQ(show(SourceLanguage::kJavaScript,
                   "import a from 'a'\nimport {b} from \"@s/b/c\"; import 'c'\n"
                   "const d = require('d'), e = await import(`e`)\nexport * from 'f'\n"
                   "import type {T} from 'types'\n// import 'no'\nArray.from('no')\n"),
              "a:1 @s/b/c:2 c:2 d:3 e:3 f:4");
}

TEST(SourceImports, of_python_stand_at_a_lines_begin) {
    EXPECT_EQ(show(SourceLanguage::kPython,
                   "import a.b as c, d\nfrom e.f import g, h\nfrom . import own\nif x:\n"
                   "    import i # import j\n\"\"\"\nimport no\n\"\"\"\nx = 1; import k\n"),
              "a.b:1 d:1 e.f:2 i:5 k:9");
}

TEST(SourceImports, of_java_are_classes) {
    EXPECT_EQ(show(SourceLanguage::kJava,
                   "package a;\nimport org.x.Y;\nimport static org.z.*;\n"
                   "/* import no.No; */ class A {}\n"),
              "org.x.Y:2 org.z:3");
}

TEST(SourceImports, end_with_the_text_whatever_is_left_open) {
    for (const char* text : {"import (", "import \"", "import (\n\"a", "from", "/*", "`", "'\\",
                             "\"\"\"", "import a.", "require("}) {
        for (const auto language : {SourceLanguage::kGo, SourceLanguage::kJavaScript,
                                    SourceLanguage::kPython, SourceLanguage::kJava}) {
            EXPECT_LE(read_source(language, text).imports.size(), 1u) << text;
        }
    }
}

TEST(SourceImports, are_not_looked_for_in_other_peoples_files_and_tests) {
    EXPECT_EQ(source_language_of("a/b.go"), SourceLanguage::kGo);
    EXPECT_EQ(source_language_of("b.tsx"), SourceLanguage::kJavaScript);
    EXPECT_FALSE(source_language_of("a/b_test.go"));
    EXPECT_FALSE(source_language_of("node_modules/a/b.js"));
    EXPECT_FALSE(source_language_of("x/vendor/b.go"));
    EXPECT_FALSE(source_language_of("README.md"));
}

TEST(SourceImports, of_go_are_known_by_the_paths_last_part) {
    const auto names = [](std::string_view path) { return go_package_names(path); };
    EXPECT_EQ(names("net/http"), std::vector<std::string>{"http"});
    EXPECT_EQ(names("gopkg.in/yaml.v3"), std::vector<std::string>{"yaml"});
    EXPECT_EQ(names("a.org/chi/v5"), std::vector<std::string>{"chi"});
    EXPECT_EQ(names("a.org/go-sqlite3"), (std::vector<std::string>{"sqlite3", "gosqlite3"}));
}

}  // namespace
}  // namespace merlon::inventory
