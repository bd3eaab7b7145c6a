#include "inventory/inventory.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "inventory/example.h"
#include "inventory/joins.h"
#include "inventory/reading.h"

namespace merlon::inventory {
namespace {

TEST(Readers, are_chosen_by_the_end_of_a_path) {
    const struct {
        std::string_view path, reader;
    } cases[] = {
        {"package-lock.json", "npm-package-lock"},
        {"a/b/package-lock.json", "npm-package-lock"},
        {"package.json", "npm-package-json"},
        {"x/node_modules/@a/b/package.json", "npm-installed"},
        {"node_modules/.package-lock.json", "npm-package-lock"},
        {"my_node_modules/package.json", "npm-package-json"},
        {"lib/python3/site-packages/a-1.0.dist-info/METADATA", "python-installed"},
        {"root/usr/lib/apk/db/installed", "apk-installed"},
        {"var/lib/dpkg/status", "dpkg-status"},
        {".github/workflows/ci.yaml", "github-actions"},
        {"gradle/libs.versions.toml", "gradle-catalog"},
        {"src/App/App.csproj", "nuget-project"},
        {"app/lib/spring-core-5.3.jar", "java-archive"},
    };
    for (const auto& c : cases) {
        const Reader* reader = reader_for(c.path);
        ASSERT_NE(reader, nullptr) << c.path;
        EXPECT_EQ(reader->name, c.reader) << c.path;
    }
    for (const std::string_view path : {"", "/", "METADATA", "dpkg/status", "workflows/ci.yaml",
                                        "package-lock.json.orig", "a.jar/x", "xpackage.json"})
        EXPECT_EQ(reader_for(path), nullptr) << path;
}

TEST(Readers, have_names_of_their_own_and_take_any_bytes) {
    std::vector<std::string_view> names;
    for (const Reader& reader : readers()) {
        names.push_back(reader.name);
        EXPECT_EQ(reader_named(reader.name), &reader);
        for (const std::string_view text : {"", "\0", "{}", "[]", "<a/>", "a: 1\n", "\xFF\xFE"})
            (void)example::read(reader.name, text);
    }
    std::ranges::sort(names);
    EXPECT_EQ(std::ranges::adjacent_find(names), names.end());
    EXPECT_EQ(reader_named("none"), nullptr);
}

TEST(Conclude, joins_the_members_of_a_workspace_by_their_globs) {
    EXPECT_EQ(
        example::read_tree(
            {{"package.json", R"({"name": "top", "workspaces": ["packages/*"]})"},
             {"packages/a/package.json", R"({"name": "a", "dependencies": {"left": "^1.0.0"}})"},
             {"packages/a/deep/package.json",
              R"({"name": "deep", "dependencies": {"other": "^2.0.0"}})"},
             {"yarn.lock", "left@^1.0.0:\n  version \"1.3.0\"\n"}}),
        "== package.json (npm-package-json)\n"
        "1:2 top root local\n"
        "== packages/a/deep/package.json (npm-package-json)\n"
        "1:2 deep root local\n"
        "1:35 other (^2.0.0) direct runtime\n"
        "== packages/a/package.json (npm-package-json)\n"
        "1:2 a root local\n"
        "== yarn.lock (yarn-lock)\n"
        "1:1 left 1.3.0 (^1.0.0) direct runtime\n");
}

TEST(Conclude, gives_the_same_for_any_order_of_the_files) {
    const auto all = [] {
        std::vector<FileFacts> files;
        for (const auto& [path, text] : std::initializer_list<std::pair<const char*, const char*>>{
                 {"a/package.json", R"({"name": "a", "dependencies": {"x": "1"}})"},
                 {"a/package-lock.json",
                  R"({"lockfileVersion": 1, "dependencies": {"x": {"version": "1.0.0"}}})"},
                 {"b/go.mod", "module b\ngo 1.20\nrequire x v1.0.0\n"},
                 {"b/go.sum", "x v1.0.0 h1:a=\n"}})
            files.push_back(
                {path, {}, reader_for(path), example::facts(reader_for(path)->name, text)});
        return files;
    };
    std::vector<std::size_t> order = {0, 1, 2, 3};
    std::string first;
    do {
        std::vector<FileFacts> files = all(), shuffled;
        for (const std::size_t i : order) shuffled.push_back(std::move(files[i]));
        std::string shown;
        for (const auto& source : conclude(std::move(shuffled)).sources)
            shown += source.path + "\n" + example::show(source);
        if (first.empty()) first = shown;
        EXPECT_EQ(shown, first);
    } while (std::ranges::next_permutation(order).found);
    EXPECT_NE(first.find("x 1.0.0 (1) direct"), std::string::npos);
}

TEST(Reading, relations_and_scopes_follow_the_edges) {
    packages::PackageSource source;
    source.packages.resize(5);
    source.packages[0].relation = packages::Relation::kRoot;
    source.packages[0].requires_ = {1, 2};
    source.packages[1].scope = packages::Scope::kRuntime;
    source.packages[1].requires_ = {3};
    source.packages[2].scope = packages::Scope::kDevelopment;
    source.packages[2].requires_ = {0, 3, 4};
    derive_relations(source);
    EXPECT_EQ(source.packages[1].relation, packages::Relation::kDirect);
    EXPECT_EQ(source.packages[3].relation, packages::Relation::kTransitive);
    EXPECT_EQ(source.packages[3].scope, packages::Scope::kRuntime);
    EXPECT_EQ(source.packages[4].scope, packages::Scope::kDevelopment);
}

std::string gaps_of(const std::vector<example::File>& files) {
    std::string text;
    for (const model::Gap& gap : example::conclude_tree(files).gaps)
        text += std::string(model::name(gap.cause)) + " " + gap.path + ": " + gap.detail + "\n";
    return text;
}

constexpr std::string_view kEnd = "; lock again, so that it says what is installed\n";

TEST(Locks, one_that_lags_behind_its_manifest_is_a_gap) {
    const std::string_view lock = R"({"lockfileVersion": 3, "packages": {"": {"name": "shop"},
 "node_modules/a": {"version": "1.2.0"}, "node_modules/b": {"version": "2.0.0"}}})";
    const auto of_manifest = [&](std::string_view manifest) {
        return gaps_of({{"package-lock.json", lock}, {"package.json", manifest}});
    };
    EXPECT_EQ(of_manifest(R"({"dependencies": {"a": "^1.0.0"}, "devDependencies": {"b": "*"}})"),
              "");
    EXPECT_EQ(of_manifest(R"({"dependencies": {"a": "^2.0.0", "c": "^1"}})"),
              "outdated-lock package-lock.json: it lags behind package.json, which asks for a "
              "'^2.0.0', c '^1'" +
                  std::string(kEnd));
    // What may be left out, or be another version than is asked for.
    EXPECT_EQ(of_manifest(R"({"peerDependencies": {"c": "1"}, "optionalDependencies": {"d": "1"},
 "dependencies": {"e": "file:../e", "f": "git+https://git.example/f.git", "b": "latest"}})"),
              "");
    EXPECT_EQ(of_manifest(R"({"dependencies": {"a": "^2.0.0"}, "overrides": {"a": "1.2.0"}})"), "");
}

TEST(Locks, a_gemfile_is_held_against_its_lock_file) {
    EXPECT_EQ(
        gaps_of({{"Gemfile.lock", "GEM\n  specs:\n    rack (2.2.3)\n\nDEPENDENCIES\n  rack\n"},
                 {"Gemfile",
                  "gem 'rack', '~> 3.0'\ngem 'old', platforms: :jruby\n"
                  "gem 'mine', path: 'x'\n"}}),
        "outdated-lock Gemfile.lock: it lags behind Gemfile, which asks for rack '~> 3.0'" +
            std::string(kEnd));
}

TEST(Locks, what_a_lagging_lock_file_has_not_is_shown_without_a_version) {
    EXPECT_EQ(example::read_tree(
                  {{"package-lock.json", R"({"lockfileVersion": 3, "packages": {}})"},
                   {"package.json", R"({"name": "shop", "dependencies": {"a": "^1.0.0"}})"}}),
              "== package.json (npm-package-json)\n"
              "1:2 shop root local\n"
              "1:35 a (^1.0.0) direct runtime\n");
}

TEST(Locks, lag_in_other_ecosystems) {
    EXPECT_EQ(gaps_of({{"poetry.lock", "[[package]]\nname = \"django\"\nversion = \"2.2\"\n"},
                       {"pyproject.toml",
                        "[tool.poetry.dependencies]\npython = \"^3\"\n"
                        "Django = \"^4.0\"\nold = {version = \"1\", markers "
                        "= \"os_name == 'nt'\"}\n"}}),
              "outdated-lock poetry.lock: it lags behind pyproject.toml, which asks for Django "
              "'^4.0'" +
                  std::string(kEnd));
    EXPECT_EQ(gaps_of({{"Cargo.lock",
                        "[[package]]\nname = \"serde\"\nversion = \"1.0.9\"\n"
                        "source = \"registry+https://r.example\"\n"},
                       {"Cargo.toml",
                        "[dependencies]\nserde = \"1\"\nrand = \"0.8\"\n"
                        "[workspace.dependencies]\nunused = \"1\"\n"}}),
              "outdated-lock Cargo.lock: it lags behind Cargo.toml, which asks for rand '0.8'" +
                  std::string(kEnd));
    EXPECT_EQ(gaps_of({{"composer.lock", R"({"packages": [{"name": "a/all", "version": "1.0.0",
 "replace": {"a/part": "self.version"}}]})"},
                       {"composer.json", R"({"require": {"php": "^8", "a/part": "^1.0",
 "a/all": "^1.0", "a/new": "^3.0"}})"}}),
              "outdated-lock composer.lock: it lags behind composer.json, which asks for a/new "
              "'^3.0'" +
                  std::string(kEnd));
    EXPECT_EQ(gaps_of({{"go.mod",
                        "module m\ngo 1.21\nrequire (\n\ta.b/c v1.0.0\n\ta.b/d v1.0.0\n"
                        "\ta.b/e v1.0.0\n)\nreplace a.b/e => ../e\n"},
                       {"go.sum", "a.b/c v1.0.0/go.mod h1:x\n"}}),
              "outdated-lock go.mod: go.sum: it lags behind go.mod, which asks for a.b/d" +
                  std::string(kEnd));
}

TEST(Paths, are_joined_without_leaving_dots) {
    EXPECT_EQ(join_path("a/b", "../c/./d"), "a/c/d");
    EXPECT_EQ(join_path("", "x"), "x");
    EXPECT_EQ(join_path("a", "../../x"), "../x");
    EXPECT_EQ(folder_of("a/b/c"), "a/b");
    EXPECT_EQ(folder_of("c"), "");
}

}  // namespace
}  // namespace merlon::inventory
