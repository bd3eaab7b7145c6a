#include <gtest/gtest.h>

#include "inventory/example.h"
#include "inventory/example_archive.h"
#include "text/tar_fixture.h"

namespace merlon::inventory {
namespace {

using example::read;
using example::read_tree;

constexpr std::string_view kLock3 = R"({
  "name": "shop", "version": "1.0.0", "lockfileVersion": 3,
  "packages": {
    "": {"name": "shop", "version": "1.0.0", "license": "ISC", "workspaces": ["tools/*"],
      "dependencies": {"express": "^4.0.0", "mine": "*"}, "devDependencies": {"jest": "^29"}},
    "node_modules/express": {"version": "4.18.2",
      "resolved": "https://registry.npmjs.org/express/-/express-4.18.2.tgz",
      "integrity": "sha512-AAEC", "license": "MIT", "dependencies": {"debug": "2.6.9"}},
    "node_modules/express/node_modules/debug": {"version": "2.6.9"},
    "node_modules/debug": {"version": "4.3.4", "dev": true},
    "node_modules/jest": {"version": "29.0.0", "dev": true, "hasInstallScript": true,
      "dependencies": {"debug": "^4"}},
    "node_modules/mine": {"resolved": "tools/mine", "link": true},
    "tools/mine": {"version": "0.1.0", "dependencies": {"odd": "github:a/odd"}},
    "node_modules/odd": {"version": "2.0.0",
      "resolved": "git+ssh://git@github.com/a/odd.git#0123456789012345678901234567890123456789"},
    "node_modules/short": {"name": "@long/name", "version": "1.1.0", "optional": true}
  }
})";

TEST(Npm, package_lock_3_gives_places_edges_and_relations) {
    EXPECT_EQ(read("npm-package-lock", kLock3),
              "4:5 shop 1.0.0 root runtime local -> 1,4,5\n"
              "6:5 express 4.18.2 (^4.0.0) direct runtime -> 2\n"
              "9:5 debug 2.6.9 transitive runtime\n"
              "10:5 debug 4.3.4 transitive dev\n"
              "11:5 jest 29.0.0 (^29) direct dev -> 3\n"
              "14:5 mine 0.1.0 (*) root runtime local -> 6\n"
              "15:5 odd 2.0.0 (github:a/odd) direct runtime "
              "commit=0123456789012345678901234567890123456789\n"
              "17:5 @long/name 1.1.0 transitive optional\n");
}

TEST(Npm, archives_are_packages_with_the_version_of_their_name) {
    EXPECT_EQ(read("npm-package-json", R"({"name": "shop", "dependencies": {
 "a": "file:vendor/a-1.2.0.tgz", "@s/b": "file:s-b-2.0.0-rc.1.tgz", "c": "file:../c"}})"),
              "1:2 shop root local\n"
              "2:2 a 1.2.0 (file:vendor/a-1.2.0.tgz) direct runtime\n"
              "2:34 @s/b 2.0.0-rc.1 (file:s-b-2.0.0-rc.1.tgz) direct runtime\n"
              "2:69 c (file:../c) direct runtime local\n");
    EXPECT_EQ(read("npm-package-lock", R"({"lockfileVersion": 3, "packages": {
 "": {"name": "shop"},
 "node_modules/a": {"version": "1.2.0", "resolved": "file:vendor/a.tgz"}}})"),
              "2:2 shop root runtime local\n"
              "3:2 a 1.2.0 transitive runtime\n");
    EXPECT_EQ(read("npm-package-lock", R"({"lockfileVersion": 1, "dependencies": {
 "a": {"version": "file:vendor/a-1.2.0.tgz"}, "b": {"version": "file:vendor/other.tgz"}}})"),
              "2:2 a 1.2.0 runtime\n"
              "2:47 b runtime\n");
    EXPECT_EQ(read("yarn-lock", R"("a@file:./a-1.2.0.tgz":
  version "1.2.0"
  resolved "file:./a-1.2.0.tgz#0123"
)"),
              "1:1 a 1.2.0\n");
}

TEST(Npm, package_lock_3_gives_checksums_licences_and_addresses) {
    const Facts facts = example::facts("npm-package-lock", kLock3);
    const packages::Package& express = facts.source.packages[1];
    EXPECT_EQ(express.checksums, (std::vector<packages::Checksum>{{"sha512", "000102"}}));
    EXPECT_EQ(express.licenses, (std::vector<std::string>{"MIT"}));
    EXPECT_EQ(express.download_url, "https://registry.npmjs.org/express/-/express-4.18.2.tgz");
    EXPECT_TRUE(facts.source.packages[4].has_install_script);
}

TEST(Npm, package_lock_1_gives_nested_levels_and_aliases) {
    const std::string_view lock = R"({"name": "x", "lockfileVersion": 1, "dependencies": {
  "a": {"version": "1.0.0", "requires": {"b": "^2.0.0", "c": "*"},
    "dependencies": {
      "b": {"version": "2.0.0", "requires": {"c": "^1"}}}},
  "b": {"version": "3.0.0", "dev": true},
  "c": {"version": "npm:other@1.5.0"},
  "d": {"version": "git+https://github.com/x/d.git#abc"},
  "e": {"version": "file:../e", "integrity": "nothing"}
}})";
    EXPECT_EQ(read("npm-package-lock", lock),
              "2:3 a 1.0.0 runtime -> 1,3\n"
              "4:7 b 2.0.0 runtime -> 3\n"
              "5:3 b 3.0.0 dev\n"
              "6:3 other 1.5.0 runtime\n"
              "7:3 d runtime commit=abc\n"
              "8:3 e runtime local\n"
              "? line 8: the integrity of e is no Subresource Integrity text\n");
}

TEST(Npm, a_manifest_beside_a_lock_file_says_what_is_direct) {
    EXPECT_EQ(read_tree({{"w/package.json", R"({"name": "w", "version": "1.2.0",
 "dependencies": {"a": "^1"}, "devDependencies": {"b": "^3"}})"},
                         {"w/package-lock.json", R"({"lockfileVersion": 1, "dependencies": {
 "a": {"version": "1.0.0"},
 "b": {"version": "3.0.0", "dev": true, "requires": {"c": "1"}},
 "c": {"version": "1.0.0", "dev": true}}})"}}),
              "== w/package-lock.json (npm-package-lock)\n"
              "2:2 a 1.0.0 (^1) direct runtime\n"
              "3:2 b 3.0.0 (^3) direct dev -> 2\n"
              "4:2 c 1.0.0 transitive dev\n"
              "== w/package.json (npm-package-json)\n"
              "1:2 w 1.2.0 root local\n");
}

TEST(Npm, a_manifest_alone_shows_ranges_and_no_versions) {
    EXPECT_EQ(read_tree({{"package.json", R"({"dependencies": {
  "a": "^1.0.0", "b": "npm:@real/b@2.x", "c": "file:../c"}, "optionalDependencies": {"d": "*"}})"}}),
              "== package.json (npm-package-json)\n"
              "2:3 a (^1.0.0) direct runtime\n"
              "2:18 @real/b (2.x) direct runtime\n"
              "2:42 c (file:../c) direct runtime local\n"
              "2:86 d (*) direct optional\n");
}

TEST(Npm, an_installed_package_is_itself) {
    EXPECT_EQ(read_tree({{"x/node_modules/@a/b/package.json",
                          R"({"name": "@a/b", "version": "2.0.0", "dependencies": {"c": "1"}})"},
                         {"x/node_modules/@a/b/esm/package.json", R"({"type": "module"})"}}),
              "== x/node_modules/@a/b/package.json (npm-installed)\n"
              "1:2 @a/b 2.0.0\n");
}

TEST(Yarn, version_1_gives_versions_edges_and_digests) {
    const std::string_view lock = R"(# yarn lockfile v1

"@a/b@^1.0.0", "@a/b@^1.2.0":
  version "1.2.3"
  resolved "https://registry.yarnpkg.com/@a/b/-/b-1.2.3.tgz#0123456789012345678901234567890123456789"
  integrity sha512-AAEC
  dependencies:
    c "~2.0.0"

c@~2.0.0:
  version "2.0.1"

"short@npm:long@^3":
  version "3.1.0"

repo@git+https://github.com/x/repo.git:
  version "0.1.0"
  resolved "git+https://github.com/x/repo.git#fedcba"
)";
    EXPECT_EQ(read("yarn-lock", lock),
              "3:1 @a/b 1.2.3 -> 1\n"
              "10:1 c 2.0.1\n"
              "13:1 long 3.1.0\n"
              "16:1 repo 0.1.0 commit=fedcba\n");
    const Facts facts = example::facts("yarn-lock", lock);
    EXPECT_EQ(facts.source.packages[0].checksums.size(), 2u);
    EXPECT_EQ(facts.answers.size(), 5u);
}

TEST(Yarn, an_alias_of_any_version_is_the_other_package) {
    EXPECT_EQ(read("yarn-lock",
                   "\"a@npm:b\":\n  version \"1.0.0\"\n\n"
                   "\"c@npm:^2\":\n  version \"2.0.0\"\n"),
              "1:1 b 1.0.0\n4:1 c 2.0.0\n");
}

TEST(Yarn, the_manifest_picks_the_right_one_of_two_versions) {
    EXPECT_EQ(
        read_tree({{"package.json", R"({"dependencies": {"c": "^1"}})"},
                   {"yarn.lock", "c@^1:\n  version \"1.0.0\"\n\nc@^2:\n  version \"2.0.0\"\n"}}),
        "== yarn.lock (yarn-lock)\n"
        "1:1 c 1.0.0 (^1) direct runtime\n"
        "4:1 c 2.0.0 transitive\n");
}

TEST(Yarn, berry_gives_workspaces_patches_and_edges) {
    const std::string_view lock = R"(__metadata:
  version: 8

"root@workspace:.":
  version: 0.0.0-use.local
  resolution: "root@workspace:."
  dependencies:
    lodash: "npm:^4.17.0"
    typescript: "patch:typescript@npm%3A^5.0.0#optional!builtin<compat/typescript>"
  languageName: unknown
  linkType: soft

"lodash@npm:^4.17.0, lodash@npm:^4.17.21":
  version: 4.17.21
  resolution: "lodash@npm:4.17.21"
  languageName: node
  linkType: hard

"typescript@patch:typescript@npm%3A^5.0.0#optional!builtin<compat/typescript>":
  version: 5.0.2
  resolution: "typescript@patch:typescript@npm%3A5.0.2#optional!builtin<compat/typescript>::version=5.0.2"
)";
    EXPECT_EQ(read("yarn-lock", lock),
              "4:1 root root local -> 1,2\n"
              "13:1 lodash 4.17.21 direct\n"
              "19:1 typescript 5.0.2 direct\n");
}

TEST(Yarn, what_is_no_lock_file_is_refused_with_its_line) {
    EXPECT_EQ(read("yarn-lock", "# c\nhello\n"),
              "error: line 2: yarn.lock: expected an entry \"name@range:\" (while reading it as "
              "yarn-lock)\n");
}

TEST(Pnpm, all_versions_give_the_same_packages) {
    const std::string_view five = R"(lockfileVersion: 5.4
specifiers:
  a: ^1.0.0
  '@s/d': ^3.0.0
dependencies:
  a: 1.0.0_b@2.0.0
devDependencies:
  '@s/d': 3.0.0
packages:
  /a/1.0.0_b@2.0.0:
    resolution: {integrity: sha512-AAEC}
    dependencies:
      b: 2.0.0
    dev: false
  /b/2.0.0:
    resolution: {integrity: sha512-AAEC}
    dev: false
  /@s/d/3.0.0:
    resolution: {integrity: sha512-AAEC}
    dev: true
)";
    EXPECT_EQ(read("pnpm-lock", five),
              "10:3 a 1.0.0 (^1.0.0) direct runtime -> 1\n"
              "15:3 b 2.0.0 transitive runtime\n"
              "18:3 @s/d 3.0.0 (^3.0.0) direct dev\n");
    const std::string_view nine = R"(lockfileVersion: '9.0'
importers:
  .:
    dependencies:
      a: {specifier: ^1.0.0, version: 1.0.0(b@2.0.0)}
    devDependencies:
      '@s/d':
        specifier: ^3.0.0
        version: 3.0.0
packages:
  a@1.0.0:
    resolution: {integrity: sha512-AAEC}
    deprecated: no
  b@2.0.0:
    resolution: {integrity: sha512-AAEC}
  '@s/d@3.0.0':
    resolution: {integrity: sha512-AAEC}
snapshots:
  a@1.0.0(b@2.0.0):
    dependencies:
      b: 2.0.0
  b@2.0.0: {}
  '@s/d@3.0.0': {}
)";
    EXPECT_EQ(read("pnpm-lock", nine),
              "11:3 a 1.0.0 (^1.0.0) direct runtime -> 1\n"
              "14:3 b 2.0.0 transitive runtime\n"
              "16:3 @s/d 3.0.0 (^3.0.0) direct dev\n");
    const std::string with_its_own = R"(---
lockfileVersion: '9.0'
importers:
  .:
    configDependencies: {}
packages:
  a@1.0.0:
    resolution: {integrity: sha512-AAEC}
---
)" + std::string(nine);
    EXPECT_EQ(read("pnpm-lock", with_its_own),
              "7:3 a 1.0.0 transitive\n"
              "20:3 a 1.0.0 (^1.0.0) direct runtime -> 2\n"
              "23:3 b 2.0.0 transitive runtime\n"
              "25:3 @s/d 3.0.0 (^3.0.0) direct dev\n");
    const std::string_view six = R"(lockfileVersion: '6.0'
dependencies:
  a:
    specifier: ^1.0.0
    version: 1.0.0(b@2.0.0)
packages:
  /a@1.0.0(b@2.0.0):
    resolution: {integrity: sha512-AAEC}
    dependencies:
      b: 2.0.0
    dev: false
  /b@2.0.0:
    resolution: {integrity: sha512-AAEC}
    dev: false
  github.com/x/y/0123abc:
    resolution: {tarball: https://codeload.github.com/x/y/tar.gz/0123abc}
    name: y
    version: 0.2.0
    dev: true
)";
    EXPECT_EQ(read("pnpm-lock", six),
              "7:3 a 1.0.0 (^1.0.0) direct runtime -> 1\n"
              "12:3 b 2.0.0 transitive runtime\n"
              "15:3 y 0.2.0 transitive dev\n");
}

TEST(Bun, gives_the_nearest_of_two_versions) {
    const std::string_view lock = R"({
  "lockfileVersion": 1,
  "workspaces": {
    "": {"name": "app", "dependencies": {"@s/a": "^1"}, "devDependencies": {"b": "2"},},
  },
  "packages": {
    "@s/a": ["@s/a@1.0.0", "", {"dependencies": {"b": "^1"}}, "sha512-AAEC"],
    "@s/a/b": ["b@1.5.0", "", {}, "sha512-AAEC"],
    "b": ["b@2.0.0", "", {}, "sha512-AAEC"], // the newer one
    "g": ["g@github:x/g#abc", {}, "x-g-abc"],
  }
})";
    EXPECT_EQ(read("bun-lock", lock),
              "7:5 @s/a 1.0.0 (^1) direct runtime -> 1\n"
              "8:5 b 1.5.0 transitive runtime\n"
              "9:5 b 2.0.0 (2) direct dev\n"
              "10:5 g transitive commit=abc\n");
}

TEST(Deno, all_versions_give_npm_and_jsr_packages) {
    EXPECT_EQ(read("deno-lock", R"({"version": "4",
 "specifiers": {"jsr:@std/path@1": "1.0.8", "npm:chalk@5": "5.3.0"},
 "jsr": {
  "@std/path@1.0.8": {"integrity": "00", "dependencies": ["npm:chalk@5"]}},
 "npm": {
  "chalk@5.3.0": {"integrity": "sha512-AAEC", "dependencies": ["ansi"]},
  "ansi@1.0.0_peer@2.0.0": {"integrity": "sha512-AAEC"}},
 "workspace": {"dependencies": ["jsr:@std/path@1"]}})"),
              "4:3 @std/path 1.0.8 (1) direct -> 1\n"
              "6:3 chalk 5.3.0 transitive -> 2\n"
              "7:3 ansi 1.0.0 transitive\n");
    EXPECT_EQ(read("deno-lock", R"({"version": "3", "packages": {
 "specifiers": {"npm:a@1": "npm:a@1.0.0"},
 "npm": {
  "a@1.0.0": {"integrity": "sha512-AAEC", "dependencies": {"b": "b@2.0.0"}},
  "b@2.0.0": {"integrity": "sha512-AAEC", "dependencies": {}}}}})"),
              "4:3 a 1.0.0 -> 1\n"
              "5:3 b 2.0.0\n");
}

TEST(PackageJson, overrides_are_told_where_no_lock_file_has_the_answer) {
    const std::string_view manifest = R"({"name": "shop", "dependencies": {"a": "^1"},
"overrides": {"b": "2.0.0", "c@1": {".": "1.5", "d": "$a"}, "e": "npm:real@3"},
"resolutions": {"x/**/@s/y": "4", "**/z": "5", "w@npm:1": "6"},
"pnpm": {"overrides": {"m@1>n@2": "7", "o": "-"}}})";
    EXPECT_EQ(read("npm-package-json", manifest),
              "1:2 shop root local\n1:35 a (^1) direct runtime\n2:15 b (2.0.0) transitive\n"
              "2:37 c (1.5) transitive\n2:49 d (^1) transitive\n2:61 real (3) transitive\n"
              "3:17 @s/y (4) transitive\n3:35 z (5) transitive\n3:48 w (6) transitive\n"
              "4:24 n (7) transitive\n");
    EXPECT_EQ(
        read_tree({{"package.json", manifest},
                   {"package-lock.json", R"({"name": "shop", "lockfileVersion": 3, "packages": {
"": {"name": "shop", "dependencies": {"a": "^1"}},
"node_modules/a": {"version": "1.0.0"}, "node_modules/b": {"version": "2.0.0"}}})"}}),
        "== package-lock.json (npm-package-lock)\n2:1 shop root runtime local -> 1\n"
        "3:1 a 1.0.0 (^1) direct runtime\n3:41 b 2.0.0 transitive runtime\n"
        "== package.json (npm-package-json)\n1:2 shop root local\n");
}

TEST(NpmArchive, is_read_by_the_manifest_inside) {
    namespace tar = text::tar_fixture;
    const std::string manifest =
        R"({"name": "@s/a", "version": "1.2.0", "license": "MIT", "scripts": {"install": "x"}})";
    const std::string archive =
        example::gzip(tar::member("package/index.js", "1") +
                      tar::member("package/package.json", manifest) + tar::kEnd);
    const Facts facts = example::facts("npm-archive", archive);
    ASSERT_EQ(facts.source.packages.size(), 1u);
    const packages::Package& package = facts.source.packages[0];
    EXPECT_EQ(package.name + " " + package.version, "@s/a 1.2.0");
    EXPECT_EQ(package.licenses, std::vector<std::string>{"MIT"});
    EXPECT_TRUE(package.has_install_script);
    EXPECT_EQ(package.location.members, std::vector<std::string>{"package/package.json"});
    ASSERT_EQ(package.checksums.size(), 1u);
    EXPECT_EQ(package.checksums[0].algorithm, "sha512");
    // A chart of Helm, and what is no archive.
    EXPECT_EQ(read("npm-archive", example::gzip(tar::member("chart/Chart.yaml", "x") + tar::kEnd)),
              "");
    EXPECT_EQ(read("npm-archive", "text"), "");
    EXPECT_EQ(read("npm-archive", "\x1F\x8B\x08 damaged"), "");
    EXPECT_TRUE(read("npm-archive", archive.substr(0, 700)).starts_with("error: "));
    EXPECT_TRUE(read("npm-archive", example::gzip(tar::member("package/x", "1") + tar::kEnd))
                    .starts_with("error: "));
}

TEST(Bun, a_binary_lock_file_is_a_gap_unless_its_text_is_beside_it) {
    const std::string binary("#!/usr/bin/env bun\nbun-lockfile-format-v0\n");
    EXPECT_EQ(example::conclude_tree({{"bun.lockb", binary}}).gaps.size(), 1u);
    EXPECT_TRUE(example::conclude_tree(
                    {{"bun.lockb", binary}, {"bun.lock", R"({"workspaces": {}, "packages": {}})"}})
                    .gaps.empty());
}

}  // namespace
}  // namespace merlon::inventory
