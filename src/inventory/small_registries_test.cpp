#include <gtest/gtest.h>

#include "inventory/example.h"
#include "inventory/example_archive.h"

namespace merlon::inventory {
namespace {

using example::read;
using example::read_tree;

TEST(Rockspec, is_a_program_of_which_plain_assignments_are_read) {
    const std::string_view text =
        "-- version = \"0\"\nlocal v = \"9\"\npackage = \"lua-x\"\nversion = '2.0.1-1'\n"
        "source = { url = \"git://h\", version = \"no\" }\n"
        "description = { summary = [[a \"license\"]], license = \"MIT\" }\n";
    EXPECT_EQ(read("rockspec", text), "3:1 lua-x 2.0.1-1\n");
    EXPECT_EQ(example::facts("rockspec", text).source.packages[0].licenses,
              std::vector<std::string>{"MIT"});
    EXPECT_EQ(
        read("rockspec",
             "local n, m = 1, 2\nlocal v = \"2.0\"\nlocal r = '1'\nlocal p = \"x\"\npackage = p\n"
             "version = v .. \"-\"..r\n"),
        "5:1 x 2.0-1\n");
    EXPECT_EQ(read("rockspec", "package = \"a\"\nversion = f(\"1\") .. \"-1\"\n"),
              "1:1 a\n? line 1: a has a version that is computed\n");
    EXPECT_TRUE(read("rockspec", "bogus rockspec").starts_with("error: "));
}

TEST(Rockspec, with_too_many_assignments_is_read_in_part_and_says_so) {
    std::string text = "package = \"a\"\nversion = \"1-1\"\n";
    for (int i = 0; i < 5000; ++i) text += "local v" + std::to_string(i) + " = \"x\"\n";
    EXPECT_EQ(
        read("rockspec", text),
        "1:1 a 1-1\n? line 4097: more than 4,096 assignments; what stands here is not read\n");
}

TEST(Opam, takes_name_and_version_from_where_they_stand) {
    const std::string_view text =
        "opam-version: \"2.0\"\nlicense: \"ISC\" # version: \"0\"\n"
        "depends: [ \"ocaml\" {= \"4\" & post} ]\n";
    EXPECT_EQ(read_tree({{"p/ocaml-base.4.14.0/opam", text},
                         {"alcotest.opam", "version: \"1.7\"\n" + std::string(text)},
                         {"bare.opam", text}}),
              "== alcotest.opam (opam)\n1:1 alcotest 1.7\n"
              "== bare.opam (opam)\n1:1 bare\n? bare has no version in its opam file\n"
              "== p/ocaml-base.4.14.0/opam (opam)\n1:1 ocaml-base 4.14.0\n");
    EXPECT_EQ(example::facts("opam", "license: [\"MIT\" \"ISC\"]\nx: [[\"a\"]]\nlicense: \"BSD\"\n",
                             "a.opam")
                  .source.packages[0]
                  .licenses,
              (std::vector<std::string>{"MIT", "ISC", "BSD"}));
    EXPECT_EQ(reader_for("usr/bin/opam"), nullptr);
    EXPECT_TRUE(read("opam", "nothing here").starts_with("error: "));
}

TEST(Cpan, meta_says_distribution_version_and_licence) {
    const std::string_view text =
        R"({"meta-spec": {"version": 2}, "name": "Foo-Bar", "version": "1.20", "license": ["perl_5"]})";
    EXPECT_EQ(read("cpan-meta", text), "1:31 Foo-Bar 1.20\n");
    EXPECT_EQ(read("cpan-meta", R"({"name": "of something else"})"), "");
}

TEST(Nuspec, says_what_its_package_is) {
    const std::string_view text =
        "<?xml version=\"1.0\"?>\n<package xmlns=\"http://h\"><metadata>\n<id>A.B</id>"
        "<version>1.2.3</version><license type=\"expression\">MIT</license></metadata></package>";
    EXPECT_EQ(read("nuspec", text), "2:27 A.B 1.2.3\n");
    EXPECT_EQ(example::facts("nuspec", text).source.packages[0].licenses,
              std::vector<std::string>{"MIT"});
    EXPECT_EQ(
        read("nuspec",
             "<package><metadata><id>A</id><version>$version$</version></metadata></package>"),
        "1:10 A\n? line 1: A has a version that its project fills in\n");
    EXPECT_TRUE(read("nuspec", "<project/>").starts_with("error: "));
}

TEST(DenoJson, asks_for_packages_of_npm_and_jsr) {
    const std::string_view json = R"({
  "imports": {"chalk": "npm:chalk@^5.3", "p": "npm:/preact@10/hooks", "std": "jsr:@std/path@1/posix",
    "any": "npm:@s/any", "own": "./own.ts", "far": "https://deno.land/x/a@v1/mod.ts"}, // as people write
})";
    EXPECT_EQ(read("deno-json", json),
              "2:15 chalk (^5.3) direct\n2:42 preact (10) direct\n"
              "2:71 @std/path (1) direct\n3:5 @s/any (*) direct\n"
              "? line 3: an import from https://deno.land/x/a@v1/mod.ts, which no registry has\n");
    EXPECT_EQ(read("deno-json", R"({"imports": {"h": "npm:preact/hooks", "s": "npm:@a/b/c",
    "e": "https://esm.sh/v135/preact@10.19.2/hooks", "j": "https://jsr.io/@std/path/1.0.0/mod.ts"},
  "scopes": {"./x/": {"u": "https://unpkg.com/lodash@4/x.js"}}, "importMap": "./more.json"})"),
              "1:14 preact (*) direct\n1:39 @a/b (*) direct\n2:5 preact 10.19.2 (10.19.2) direct\n"
              "2:54 @std/path 1.0.0 (1.0.0) direct\n3:23 lodash (4) direct\n");
    EXPECT_EQ(example::facts("deno-json", R"({"importMap": "./more.json"})").includes,
              (std::vector<Include>{{"./more.json", "deno-json"}}));
    EXPECT_EQ(read("deno-lock", R"({"version": "4", "remote": {
"https://esm.sh/preact@10.19.2/a.mjs": "00", "https://esm.sh/preact@10.19.2/b.mjs": "00",
"https://deno.land/std@0.1/a.ts": "00", "https://deno.land/std@0.1/b.ts": "00"}})"),
              "2:1 preact 10.19.2\n"
              "? line 3: 2 modules by address that no registry has, the first from "
              "https://deno.land/std@0.1/a.ts\n");
    EXPECT_EQ(read_tree({{"deno.json", R"({"imports": {"a": "npm:a@^1"}})"},
                         {"deno.lock", R"({"version": "4", "specifiers": {"npm:a@^1": "1.5.0"},
"npm": {"a@1.5.0": {}}})"}}),
              "== deno.lock (deno-lock)\n2:9 a 1.5.0 (^1) direct\n");
}

TEST(PythonArchive, is_read_by_its_metadata_and_not_by_its_name) {
    const std::string wheel =
        example::zip({{"b/x.py", "Name: no"},
                      {"b-1.dist-info/METADATA", "Name: Real\nVersion: 2.0\nLicense: MIT\n"}});
    EXPECT_EQ(read_tree({{"dist/other-9-py3-none-any.whl", wheel}}),
              "== dist/other-9-py3-none-any.whl (python-archive)\n0:0 Real 2.0\n");
    EXPECT_EQ(
        read("python-archive", example::zip({{"EGG-INFO/PKG-INFO", "Name: egg\nVersion: 1\n"}})),
        "0:0 egg 1\n");
    EXPECT_TRUE(read("python-archive", "not a zip").starts_with("error: "));
    EXPECT_TRUE(read("python-archive", example::zip({{"a", "b"}})).starts_with("error: "));
}

TEST(DebianCopyright, has_a_thousand_licences_at_most_and_says_so) {
    std::string text =
        "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n";
    for (int i = 0; i < 1500; ++i) text += "\nFiles: *\nLicense: L-" + std::to_string(i) + "\n";
    const Facts facts = example::facts("debian-copyright", text);
    ASSERT_TRUE(facts.license_file);
    EXPECT_EQ(facts.license_file->licenses.size(), 1000u);
    ASSERT_EQ(facts.gaps.size(), 1u);
    EXPECT_EQ(facts.gaps[0].cause, model::GapCause::kLimitReached);
}

TEST(DebianCopyright, states_the_licences_of_the_packages_of_its_root) {
    const std::string_view status =
        "Package: liba\nStatus: install ok installed\nVersion: 1\n\n"
        "Package: libb\nStatus: install ok installed\nVersion: 2\n";
    const Inventory inventory = example::conclude_tree(
        {{"r/var/lib/dpkg/status", status},
         {"r/usr/share/doc/liba/copyright",
          "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\n"
          "Files: *\nCopyright: someone\nLicense: GPL-2+ or MIT\n a text\n\n"
          "Files: x\nLicense: MIT\n\nLicense: MIT\n the text\n"},
         {"r/usr/share/doc/libb/copyright",
          "It may be copied under the terms of /usr/share/common-licenses/LGPL-2.1.\n"},
         {"other/usr/share/doc/liba/copyright", "/usr/share/common-licenses/GPL-3"}});
    ASSERT_EQ(inventory.sources.size(), 1u);
    const auto& packages = inventory.sources[0].packages;
    ASSERT_EQ(packages.size(), 2u);
    EXPECT_EQ(packages[0].licenses, (std::vector<std::string>{"GPL-2+ or MIT", "MIT"}));
    EXPECT_EQ(packages[0].license_files,
              std::vector<std::string>{"r/usr/share/doc/liba/copyright"});
    EXPECT_EQ(packages[1].licenses, std::vector<std::string>{"LGPL-2.1"});
}

}  // namespace
}  // namespace merlon::inventory
