#include <gtest/gtest.h>

#include "inventory/example.h"

namespace merlon::inventory {
namespace {

using example::read;
using example::read_tree;

TEST(Nuget, lock_files_configs_and_graphs) {
    EXPECT_EQ(read("nuget-lock", R"X({"version": 1, "dependencies": {"net6.0": {
  "A": {"type": "Direct", "requested": "[1.0.0, )", "resolved": "1.0.0", "contentHash": "AAEC", "dependencies": {"b": "2.0.0"}},
  "B": {"type": "Transitive", "resolved": "2.0.0"},
  "mine": {"type": "Project"}}}})X"),
              "2:3 A 1.0.0 ([1.0.0, )) direct runtime -> 1\n"
              "3:3 B 2.0.0 transitive runtime\n"
              "4:3 mine direct runtime local\n");
    EXPECT_EQ(read("nuget-packages-config", R"(<?xml version="1.0"?>
<packages>
  <package id="jQuery" version="3.1.1" targetFramework="net46" />
  <package id="Tool" version="1.0" developmentDependency="true" />
  <package version="1.0" />
</packages>)"),
              "3:3 jQuery 3.1.1 runtime\n4:3 Tool 1.0 dev\n? line 5: a package without an id\n");
    EXPECT_EQ(read("nuget-deps", R"({"targets": {".NETCoreApp,Version=v6.0": {
   "app/1.0.0": {"dependencies": {"Newtonsoft.Json": "13.0.1"}}, "Newtonsoft.Json/13.0.1": {}}},
 "libraries": {
  "app/1.0.0": {"type": "project", "sha512": ""},
  "Newtonsoft.Json/13.0.1": {"type": "package", "sha512": "sha512-AAEC"}}})"),
              "4:3 app 1.0.0 root runtime local -> 1\n"
              "5:3 Newtonsoft.Json 13.0.1 direct runtime\n");
}

TEST(Nuget, projects_take_their_versions_from_above) {
    EXPECT_EQ(read_tree({{"src/app/app.csproj", R"X(<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><V>2.1.0</V></PropertyGroup>
  <ItemGroup>
    <PackageReference Include="A" />
    <PackageReference Include="B" Version="$(V)" />
    <PackageReference Include="C"><Version>[1.0,2.0)</Version></PackageReference>
    <PackageReference Include="D" Version="$(Unknown)" />
    <PackageReference Include="E" />
    <PackageReference Include="F" Version="[3.0]" PrivateAssets="all" />
  </ItemGroup>
</Project>)X"},
                         {"src/Directory.Packages.props", R"(<Project><ItemGroup>
  <PackageVersion Include="a" Version="1.5.0" />
</ItemGroup></Project>)"}}),
              "== src/Directory.Packages.props (nuget-project)\n"
              "2:3 a 1.5.0 (1.5.0) runtime\n"
              "== src/app/app.csproj (nuget-project)\n"
              "4:5 A 1.5.0 (1.5.0) direct runtime\n"
              "5:5 B 2.1.0 (2.1.0) direct runtime\n"
              "6:5 C ([1.0,2.0)) direct runtime\n"
              "7:5 D ($(Unknown)) direct runtime\n"
              "8:5 E direct runtime\n"
              "9:5 F 3.0 ([3.0]) direct dev\n"
              "? line 7: D has a version that stays open: $(Unknown)\n"
              "? E has no version in this tree\n");
}

TEST(Nuget, blanks_around_names_and_versions_are_none_of_theirs) {
    EXPECT_EQ(read("nuget-project",
                   "<Project><ItemGroup>\n<PackageReference Include=\"A \" Version=\" [1.0]\"/>"
                   "</ItemGroup></Project>"),
              "2:1 A 1.0 ([1.0]) direct runtime\n");
    EXPECT_EQ(
        read(
            "nuget-deps",
            R"({"targets": {}, "libraries": {"runtimepack.Microsoft.R.x64/8.0.0": {"type": "runtimepack"}}})"),
        "1:31 Microsoft.R.x64 8.0.0 runtime\n");
}

TEST(Paket, groups_and_edges) {
    EXPECT_EQ(read_tree({{"paket.dependencies",
                          "source https://api.nuget.org/v3/index.json\nnuget "
                          "FAKE ~> 5\n"},
                         {"paket.lock", R"(NUGET
  remote: https://api.nuget.org/v3/index.json
    FAKE (5.1)
      FSharp.Core (>= 4.7)
    FSharp.Core (4.7.2) - restriction: >= net45
GITHUB
  remote: a/b
    x.fs (0123)
GROUP Test
NUGET
  remote: https://api.nuget.org/v3/index.json
    NUnit (3.0)
)"}}),
              "== paket.lock (paket-lock)\n"
              "3:5 FAKE 5.1 (~> 5) direct -> 1\n"
              "5:5 FSharp.Core 4.7.2 transitive\n"
              "12:5 NUnit 3.0 transitive\n");
}

TEST(Gemfile, sections_platforms_and_checksums) {
    const std::string_view lock = R"(GIT
  remote: https://github.com/x/odd.git
  revision: 0123abc
  specs:
    odd (0.1.0)

PATH
  remote: engines/mine
  specs:
    mine (1.0.0)

GEM
  remote: https://rubygems.org/
  specs:
    nokogiri (1.15.0-x86_64-linux)
      racc (~> 1.4)
    racc (1.7.1)

DEPENDENCIES
  mine!
  nokogiri (~> 1.15)

CHECKSUMS
  racc (1.7.1) sha256=00ff

BUNDLED WITH
   2.4.0
)";
    EXPECT_EQ(read("gemfile-lock", lock),
              "5:5 odd 0.1.0 transitive commit=0123abc\n"
              "10:5 mine 1.0.0 direct local\n"
              "15:5 nokogiri 1.15.0 (~> 1.15) direct -> 3\n"
              "17:5 racc 1.7.1 transitive\n");
    const Facts facts = example::facts("gemfile-lock", lock);
    EXPECT_EQ(facts.source.packages[3].checksums,
              (std::vector<packages::Checksum>{{"sha256", "00ff"}}));
    EXPECT_EQ(facts.source.packages[2].architecture, "x86_64-linux");
}

TEST(Gemspec, plain_assignments_are_read) {
    EXPECT_EQ(read("gem-installed", R"(# stub: rake 13.0 ruby lib
Gem::Specification.new do |s|
  s.name = "rake".freeze
  s.version = "13.0.6"
  s.licenses = ["MIT".freeze, "Ruby".freeze]
end)"),
              "3:3 rake 13.0.6\n");
    EXPECT_EQ(
        read_tree({{"g/Gemfile", "source 'https://rubygems.org'\ngemspec\ngem 'rake'\n"},
                   {"g/a.gemspec",
                    "Gem::Specification.new do |s|\n  s.name = 'a'\n  s.version = '1'\n"
                    "  s.add_dependency 'rack', '>= 2', \"< 4\"\n"
                    "  s.add_development_dependency(%q{rspec}, ['~> 3.0'])\n"
                    "  s.add_dependency name\nend\n"},
                   {"other/b.gemspec", "s.name = 'b'\ns.version = '2'\ns.add_dependency 'c'\n"}}),
        "== g/Gemfile (gemfile)\n3:1 rake direct runtime\n4:3 rack (>= 2, < 4) direct runtime\n"
        "5:3 rspec (~> 3.0) direct dev\n"
        "? a gem whose name is computed in g/a.gemspec\n"
        "== g/a.gemspec (gemspec)\n2:3 a 1\n== other/b.gemspec (gemspec)\n1:1 b 2\n");
    EXPECT_EQ(read("gemspec",
                   "Gem::Specification.new do |spec|\n  spec.name = 'x'\n  spec.version = "
                   "X::VERSION\nend\n"),
              "2:3 x\n? line 2: x has a version that is computed\n");
}

TEST(Gemfile, takes_in_other_gemfiles_by_their_name) {
    const Facts facts = example::facts("gemfile", "eval_gemfile \"gems/test.gemfile\"\ngem 'a'\n");
    EXPECT_EQ(facts.includes, (std::vector<Include>{{"gems/test.gemfile", "gemfile"}}));
    EXPECT_EQ(read("gemfile", "eval_gemfile File.join(x, 'y')\n"),
              "? line 1: a Gemfile that is taken in by a computed name\n");
}

TEST(Composer, lock_manifest_and_installed) {
    EXPECT_EQ(read_tree({{"composer.json",
                          R"({"name": "me/app", "require": {"php": ">=8", "a/b": "^1.0"},
 "require-dev": {"c/d": "*"}})"},
                         {"composer.lock", R"({"packages": [
 {"name": "a/b", "version": "v1.2.0", "license": ["MIT"], "require": {"e/f": "^2", "php": "*"},
  "dist": {"url": "https://files/ab.zip", "shasum": "00"}},
 {"name": "e/f", "version": "dev-main", "source": {"url": "https://g/ef", "reference": "0123"}}],
 "packages-dev": [
 {"name": "c/d", "version": "3.0.0", "abandoned": true}]})"},
                         {"vendor/composer/installed.json",
                          R"({"packages": [
 {"name": "a/b", "version": "1.2.0"}, {"name": "c/d", "version": "3.0.0"}], "dev-package-names": ["c/d"]})"}}),
              "== composer.json (composer-json)\n"
              "1:2 me/app root local\n"
              "== composer.lock (composer-lock)\n"
              "2:3 a/b 1.2.0 (^1.0) direct runtime -> 1\n"
              "4:3 e/f dev-main transitive runtime commit=0123\n"
              "6:3 c/d 3.0.0 (*) direct dev\n"
              "== vendor/composer/installed.json (composer-installed)\n"
              "2:3 a/b 1.2.0\n"
              "2:40 c/d 3.0.0 dev\n");
}

}  // namespace
}  // namespace merlon::inventory
