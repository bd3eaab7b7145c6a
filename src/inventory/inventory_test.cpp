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

TEST(Paths, are_joined_without_leaving_dots) {
    EXPECT_EQ(join_path("a/b", "../c/./d"), "a/c/d");
    EXPECT_EQ(join_path("", "x"), "x");
    EXPECT_EQ(join_path("a", "../../x"), "../x");
    EXPECT_EQ(folder_of("a/b/c"), "a/b");
    EXPECT_EQ(folder_of("c"), "");
}

}  // namespace
}  // namespace merlon::inventory
