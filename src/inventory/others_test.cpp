#include <gtest/gtest.h>

#include "inventory/example.h"

namespace merlon::inventory {
namespace {

TEST(Gemfile, gems_groups_and_what_is_computed) {
    EXPECT_EQ(example::read("gemfile", R"(source "https://rubygems.org"
gem 'rack', '2.2.3' # pinned
gem "rails", "~> 7.0", ">= 7.0.4"
group :development, :test do
  gem "rspec"
end
gem "pry", group: :development
gem 'mine', require: 'lib/path/of', path: '../mine'
gem name_of_it
)"),
              "2:1 rack 2.2.3 (2.2.3) direct runtime\n"
              "3:1 rails (~> 7.0, >= 7.0.4) direct runtime\n"
              "5:3 rspec direct dev\n"
              "7:1 pry direct dev\n"
              "8:1 mine direct runtime local\n"
              "? line 9: a gem whose name is computed\n");
}

TEST(GradleBuild, coordinates_of_dependencies) {
    EXPECT_EQ(example::read("gradle-build", R"(plugins { id 'java' }
dependencies {
    implementation "org.apache.logging.log4j:log4j-core:2.14.1"
    testImplementation("junit:junit:4.13@jar")
    api group: 'com.google.guava', name: 'guava', version: '31.0-jre'
    implementation "a.b:c:$version"
    implementation project(":other")
    // implementation "x:y:1"
    implementation libs.thing
    implementation(
        "d.e:f:1.0",
        'g.h:i:2.0'
    )
    implementation ":flat:1.0"
    implementation "a.b:c-$scala:1.0"
}
)"),
              "3:5 org.apache.logging.log4j:log4j-core 2.14.1 (2.14.1) direct runtime\n"
              "4:5 junit:junit 4.13 (4.13) direct test\n"
              "5:5 com.google.guava:guava 31.0-jre (31.0-jre) direct runtime\n"
              "6:5 a.b:c ($version) direct runtime\n"
              "10:5 d.e:f 1.0 (1.0) direct runtime\n"
              "10:5 g.h:i 2.0 (2.0) direct runtime\n"
              "? line 15: a dependency whose name is computed: a.b:c-$scala\n");
}

TEST(SetupCfg, requirements_of_the_options) {
    EXPECT_EQ(example::read("python-setup-cfg", R"([metadata]
name = x
[options]
packages = find:
install_requires =
  django==2.2
  requests>=2  # why
[options.extras_require]
test = pytest
)"),
              "6:3 django 2.2 (==2.2) direct runtime\n"
              "7:3 requests (>=2) direct runtime\n"
              "9:8 pytest direct optional\n");
}

using example::read;
using example::read_tree;

TEST(Dpkg, what_is_installed_with_its_source_and_distribution) {
    const Inventory inventory = example::conclude_tree(
        {{"root/var/lib/dpkg/status", R"(Package: libc6
Status: install ok installed
Architecture: amd64
Source: glibc (2.36-9)
Version: 2.36-9+deb12u1
Depends: libgcc-s1 (>= 3) | other, libcrypt1
Description: GNU C Library
 more text: with a colon

Package: libgcc-s1
Status: install ok installed
Version: 12.2.0-14
Provides: libgcc1 (= 1)

Package: gone
Status: deinstall ok config-files
Version: 1.0

Package: waiting
Status: install ok triggers-pending
Version: 2.0
)"},
         {"root/usr/lib/os-release", "ID=ubuntu\n"},
         {"root/etc/os-release",
          "PRETTY_NAME=\"Debian GNU/Linux 12\"\nID=debian\nVERSION_ID=\"12\"\n"
          "VERSION_CODENAME=bookworm\n"}});
    ASSERT_EQ(inventory.sources.size(), 1u);
    const packages::PackageSource& source = inventory.sources[0];
    EXPECT_EQ(example::show(source),
              "1:1 libc6 2.36-9+deb12u1 -> 1\n10:1 libgcc-s1 12.2.0-14\n19:1 waiting 2.0\n");
    EXPECT_EQ(source.packages[0].source_name, "glibc");
    EXPECT_EQ(source.packages[0].source_version, "2.36-9");
    EXPECT_EQ(source.packages[0].distribution,
              (packages::Distribution{"debian", "12", "bookworm"}));
    EXPECT_EQ(source.packages[0].purl_namespace_hint, "debian");
    EXPECT_EQ(reader_for("var/lib/dpkg/status.d/libc6")->name, "dpkg-status");
    EXPECT_EQ(reader_for("var/lib/dpkg/status.d/libc6.md5sums")->name, "dpkg-sums");
}

TEST(Apk, blocks_with_what_they_provide) {
    const std::string_view database = R"(C:Q1AAEC
P:musl
V:1.2.4-r2
A:x86_64
L:MIT
o:musl
p:so:libc.musl-x86_64.so.1=1

C:Q1AAEC
P:busybox
V:1.36.1-r5
D:so:libc.musl-x86_64.so.1 musl>=1
F:bin
R:busybox
)";
    EXPECT_EQ(read("apk-installed", database), "2:1 musl 1.2.4-r2\n10:1 busybox 1.36.1-r5 -> 0\n");
    EXPECT_EQ(example::facts("apk-installed", database).source.packages[0].checksums,
              (std::vector<packages::Checksum>{{"sha1", "000102"}}));
}

TEST(System, pacman_and_the_manifest_of_rpm) {
    EXPECT_EQ(read("pacman-local", "%NAME%\nzlib\n\n%VERSION%\n1:1.3-1\n\n%LICENSE%\nZlib\n"),
              "1:1 zlib 1:1.3-1\n");
    EXPECT_EQ(
        read("rpm-manifest",
             "openssl\t3.0-1.cm2\t1\t2\tMicrosoft\t1\t3\tx86_64\t1\topenssl-3.0-1.cm2.src.rpm\n"
             "broken\n"),
        "1:1 openssl 1:3.0-1.cm2\n? line 2: rpm manifest: expected ten columns\n");
}

TEST(Conan, both_forms_and_the_text_file) {
    EXPECT_EQ(read("conan-lock", R"({"graph_lock": {"nodes": {
 "0": {"options": "", "requires": ["1"], "path": "conanfile.txt"},
 "1": {"ref": "openssl/1.1.1#abc", "requires": ["2"]},
 "2": {"ref": "zlib/1.2.11@user/stable#0"}}}, "version": "0.4"})"),
              "3:8 openssl 1.1.1 direct -> 1\n4:8 zlib 1.2.11 transitive\n");
    EXPECT_EQ(read("conan-lock", R"({"version": "0.5",
 "requires": ["zlib/1.2.11#rev%1.0"],
 "build_requires": ["cmake/3.2#rev"]})"),
              "2:15 zlib 1.2.11 runtime\n3:21 cmake 3.2 build\n");
    EXPECT_EQ(read("conanfile",
                   "[requires]\nzlib/1.2.11 # c\nfmt/[>8]\n[options]\na/b\n[tool_requires]\n"
                   "cmake/3.2\nodd\n"),
              "2:1 zlib 1.2.11 direct runtime\n3:1 fmt ([>8]) direct runtime\n"
              "7:1 cmake 3.2 direct build\n? line 8: not a Conan reference: odd\n");
}

TEST(Vcpkg, only_overrides_are_exact) {
    EXPECT_EQ(read("vcpkg-manifest", R"({"name": "x", "dependencies": [
 "fmt",
 {"name": "zlib", "version>=": "1.2.11"},
 {"name": "tool", "host": true}],
 "overrides": [{"name": "fmt", "version": "9.1.0"}]})"),
              "2:2 fmt 9.1.0 direct runtime\n3:2 zlib (>=1.2.11) direct runtime\n"
              "4:2 tool direct build\n");
}

TEST(Repositories, submodules_and_swift) {
    EXPECT_EQ(read("git-modules",
                   "[submodule \"a\"]\n\tpath = a\n\turl = https://github.com/x/a.git\n"
                   "\tbranch = main\n[submodule \"b\"]\n\turl = ../b\n"),
              "3:2 https://github.com/x/a.git (main) direct\n6:2 ../b direct local\n");
    EXPECT_EQ(read("swift-resolved", R"({"version": 2, "pins": [
 {"identity": "swift-nio", "kind": "remoteSourceControl", "location": "https://github.com/apple/swift-nio.git",
  "state": {"revision": "0123", "version": "2.40.0"}}]})"),
              "2:2 github.com/apple/swift-nio 2.40.0 commit=0123\n");
    EXPECT_EQ(read("swift-resolved", R"({"object": {"pins": [
 {"package": "X", "repositoryURL": "git@github.com:a/x", "state": {"branch": "dev", "revision": "0123"}}]}, "version": 1})"),
              "2:2 github.com/a/x (dev) commit=0123\n");
}

TEST(Apple, pods_and_carthage) {
    EXPECT_EQ(read("podfile-lock", R"(PODS:
  - Alamofire (5.0.0)
  - Moya (14.0.0):
    - Moya/Core (= 14.0.0)
  - Moya/Core (14.0.0):
    - Alamofire (~> 5.0)
  - Mine (0.1)
DEPENDENCIES:
  - Mine (from `../Mine`)
  - Moya (~> 14.0)
EXTERNAL SOURCES:
  Mine:
    :path: "../Mine"
SPEC CHECKSUMS:
  Alamofire: 2c792affbdc2f18016e08cdbcacd60aebe1ba5fc
)"),
              "2:5 Alamofire 5.0.0 transitive\n"
              "3:5 Moya 14.0.0 (~> 14.0) direct -> 2\n"
              "5:5 Moya/Core 14.0.0 transitive -> 0\n"
              "7:5 Mine 0.1 direct local\n");
    EXPECT_EQ(
        read("cartfile-resolved",
             "github \"ReactiveCocoa/ReactiveSwift\" \"6.0.0\"\ngit \"https://h.org/a/b.git\" "
             "\"0123456789012345678901234567890123456789\"\nbad\n"),
        "1:1 github.com/ReactiveCocoa/ReactiveSwift 6.0.0\n"
        "2:1 h.org/a/b 0123456789012345678901234567890123456789 "
        "commit=0123456789012345678901234567890123456789\n"
        "? line 3: Cartfile.resolved: expected origin, name and version\n");
}

TEST(BillOfMaterials, a_commit_beside_its_repository_may_be_cut_short) {
    const Facts facts =
        example::facts("sbom", R"({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [
{"type": "library", "name": "repo", "purl": "pkg:npm/repo@912ca63",
 "externalReferences": [{"type": "vcs", "url": "github:owner/repo"}]},
{"type": "library", "name": "dated", "purl": "pkg:npm/dated@20240101"}]})");
    ASSERT_EQ(facts.source.packages.size(), 2u);
    EXPECT_EQ(facts.source.packages[0].commit, "912ca63");
    EXPECT_EQ(facts.source.packages[0].version, "");
    EXPECT_EQ(facts.source.packages[1].version, "20240101");
}

TEST(BillOfMaterials, says_what_is_the_projects_own_and_what_is_at_a_commit) {
    const Facts facts =
        example::facts("sbom", R"({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [
{"type": "application", "name": "own", "version": "1", "purl": "pkg:npm/own@1",
 "properties": [{"name": "merlon:project", "value": "true"}]},
{"type": "library", "name": "repo", "purl": "pkg:npm/repo@0123456789abcdef0123456789abcdef01234567"},
{"type": "library", "name": "nginx", "version": "1.25.1", "purl": "pkg:generic/nginx@1.25.1",
 "cpe": "cpe:2.3:a:f5:nginx:1.25.1:*:*:*:*:*:*:*"},
{"type": "firmware", "name": "httpd", "version": "2.4.49", "cpe": "cpe:/a:apache:http_server:2.4.49"},
{"type": "library", "name": "neither", "version": "1"}]})");
    ASSERT_EQ(facts.source.packages.size(), 4u);
    EXPECT_EQ(facts.source.packages[3].name, "httpd");
    EXPECT_EQ(facts.source.packages[3].version, "2.4.49");
    EXPECT_EQ(facts.source.packages[3].ecosystem, packages::Ecosystem::kGeneric);
    EXPECT_EQ(facts.source.packages[3].cpe, "cpe:/a:apache:http_server:2.4.49");
    EXPECT_EQ(facts.source.unknowns.size(), 1u);
    EXPECT_TRUE(facts.source.packages[0].local);
    EXPECT_EQ(facts.source.packages[1].version, "");
    EXPECT_EQ(facts.source.packages[1].commit, "0123456789abcdef0123456789abcdef01234567");
    EXPECT_FALSE(facts.source.packages[1].local);
    EXPECT_EQ(facts.source.packages[2].cpe, "cpe:2.3:a:f5:nginx:1.25.1:*:*:*:*:*:*:*");
}

TEST(Beam, an_installed_application_says_its_version) {
    EXPECT_EQ(read("otp-application",
                   "{application,plug,\n [{description,\"vsn\"},\n  {modules,['A.B',c]},\n"
                   "  {vsn,\"1.19.1\"},{applications,[kernel,{vsn,\"2\"}]}]}.\n"),
              "1:14 plug 1.19.1 runtime\n");
    EXPECT_EQ(read("otp-application", "{application, 'odd-one', [{vsn, git}]}."),
              "1:15 odd-one runtime\n? line 1: an application without a version\n");
    EXPECT_EQ(read("otp-application", "[Desktop Entry]"), "");
}

TEST(Beam, mix_and_rebar) {
    EXPECT_EQ(read("mix-lock", R"(%{
  "decimal": {:hex, :decimal, "2.0.0", "aa", [:mix], [], "hexpm", "bb"},
  "ecto": {:hex, :ecto, "3.9.0", "aa", [:mix], [{:decimal, "~> 2.0", [hex: :decimal, repo: "hexpm", optional: false]}], "hexpm", "bb"},
  "odd": {:git, "https://github.com/x/odd.git", "0123", [branch: "main"]},
  "bad": {:path, "x"},
})"),
              "2:3 decimal 2.0.0\n3:3 ecto 3.9.0 -> 0\n4:3 odd commit=0123\n"
              "? line 5: mix.lock: a source that is not known: :path\n");
    const std::string_view rebar = R"({"1.2.0",
[{<<"cowboy">>,{pkg,<<"cowboy">>,<<"2.9.0">>},0},
 {<<"cowlib">>,{pkg,<<"cowlib">>,<<"2.11.0">>},1},
 {<<"odd">>,{git,"https://github.com/x/odd.git",{ref,"0123"}},0}]}.
[
{pkg_hash,[
 {<<"cowboy">>, <<"AA">>}]},
{pkg_hash_ext,[
 {<<"cowboy">>, <<"BB">>}]}
].
)";
    EXPECT_EQ(
        read("rebar-lock", rebar),
        "2:5 cowboy 2.9.0 direct\n3:5 cowlib 2.11.0 transitive\n4:5 odd direct commit=0123\n");
    EXPECT_EQ(example::facts("rebar-lock", rebar).source.packages[0].checksums,
              (std::vector<packages::Checksum>{{"sha256", "bb"}}));
}

TEST(Dart, hosted_and_git_packages) {
    EXPECT_EQ(read("pubspec-lock", R"(packages:
  args:
    dependency: "direct main"
    description: {name: args, sha256: "00", url: "https://pub.dev"}
    source: hosted
    version: "2.4.0"
  odd:
    dependency: transitive
    description: {url: "https://github.com/x/odd.git", resolved-ref: "0123"}
    source: git
    version: "0.1.0"
)"),
              "2:3 args 2.4.0 direct runtime\n7:3 odd 0.1.0 transitive commit=0123\n");
}

TEST(Science, haskell_r_and_julia) {
    EXPECT_EQ(read("stack-lock", R"(packages:
- completed:
    hackage: fuzzyset-0.2.4@sha256:00ff,1574
    pantry-tree: {size: 1, sha256: aa}
  original:
    hackage: fuzzyset-0.2.4
snapshots: []
)"),
              "3:5 fuzzyset 0.2.4\n");
    EXPECT_EQ(read("stack-yaml",
                   "resolver: lts-18\nextra-deps:\n- ./own-1.0\n"
                   "- a-b-1.2@sha256:00ff,3\n- {git: x, commit: y}\n"),
              "4:3 a-b 1.2 direct\n");
    EXPECT_EQ(
        read("cabal-freeze",
             "active-repositories: hackage.haskell.org:merge\nconstraints: any.base ==4.18.0,\n"
             "             text -simdutf,\n             any.text ==2.0.2\nindex-state: x\n"),
        "2:18 base 4.18.0\n4:18 text 2.0.2\n");
    EXPECT_EQ(read("renv-lock", R"({"R": {"Version": "4.2"}, "Packages": {
 "R6": {"Package": "R6", "Version": "2.5.1", "Source": "Repository"},
 "dplyr": {"Package": "dplyr", "Version": "1.1.0", "Requirements": ["R6"]}}})"),
              "2:2 R6 2.5.1\n3:2 dplyr 1.1.0 -> 0\n");
    EXPECT_EQ(read("r-installed",
                   "Package: R6\nTitle: Classes\nVersion: 2.5.1\nLicense: MIT + file "
                   "LICENSE\n"),
              "1:1 R6 2.5.1\n");
    EXPECT_EQ(read("julia-manifest", R"(julia_version = "1.9.0"
manifest_format = "2.0"
[[deps.JSON]]
deps = ["Dates", "Parsers"]
git-tree-sha1 = "00"
uuid = "682c06a0-de6a-54ab-a142-c8b1cf79cde6"
version = "0.21.4"
[[deps.Dates]]
uuid = "ade2ca70-3891-5945-98fb-dc099432e06a"
[[deps.Parsers]]
uuid = "69de0a69-1ddd-5017-9359-2bf0b02dc9f0"
version = "2.7.0"
)"),
              "3:1 JSON 0.21.4 -> 1\n10:1 Parsers 2.7.0\n");
}

TEST(Infrastructure, actions_and_providers) {
    EXPECT_EQ(read("github-actions", R"(on: push
jobs:
  build:
    steps:
      - uses: actions/checkout@v4
      - uses: x/y/sub@0123456789012345678901234567890123456789 # v2.1.0
      - uses: ./local
      - uses: docker://alpine:3
      - uses: broken
  call:
    uses: org/repo/.github/workflows/w.yml@main
)"),
              "5:9 actions/checkout v4 direct build\n"
              "6:9 x/y 0123456789012345678901234567890123456789 (v2.1.0) direct build "
              "commit=0123456789012345678901234567890123456789\n"
              "11:5 org/repo main direct build\n"
              "? line 9: expected \"owner/repository@reference\": broken\n");
    const std::string_view terraform = R"(provider "registry.terraform.io/hashicorp/aws" {
  version     = "4.0.0"
  constraints = "~> 4.0"
  hashes = [
    "h1:abc=",
    "zh:00ff",
  ]
}
)";
    EXPECT_EQ(read("terraform-lock", terraform),
              "1:1 registry.terraform.io/hashicorp/aws 4.0.0 (~> 4.0) direct\n");
    EXPECT_EQ(example::facts("terraform-lock", terraform).source.packages[0].checksums,
              (std::vector<packages::Checksum>{{"h1", "abc="}, {"sha256", "00ff"}}));
}

}  // namespace
}  // namespace merlon::inventory
