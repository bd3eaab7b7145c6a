#include "scan/reachability.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "inventory/example_program.h"

namespace merlon::scan {
namespace {

using packages::Ecosystem;
using packages::Package;
using packages::PackageSource;
using packages::Relation;

// A tree of files, a package in one of them, and a weakness of it.
class Case {
  public:
    Case& file(const std::string& path, std::string text) {
        files_.emplace_back(path, std::move(text));
        return *this;
    }

    Case& package(Ecosystem ecosystem, const std::string& name, const std::string& path,
                  std::string_view reader, Relation relation = Relation::kDirect) {
        Package made;
        made.ecosystem = ecosystem;
        made.name = name;
        made.version = "1.0.0";
        made.relation = relation;
        made.location.path = path;
        sources_.push_back({std::string(reader), path, ecosystem, {made}, {}});
        return *this;
    }

    Case& weak(std::vector<exchange::OsvSymbols> parts) {
        parts_ = std::move(parts);
        return *this;
    }

    // "reachable: why". The packages are all places of one.
    std::string verdict() {
        std::ranges::sort(files_);
        TakenInventory taken;
        taken.sources = sources_;
        for (const auto& [path, text] : files_) {
            connect::FileEntry entry;
            entry.path = path;
            entry.size = text.size();
            taken.files.entries.push_back(entry);
        }
        taken.files.read = [this](std::size_t index, const connect::FileEntry&,
                                  const connect::ReadOptions&, const CancelToken&, model::Coverage&,
                                  const auto& on_document) {
            model::Document document;
            document.bytes = files_[index].second;
            on_document(document);
        };
        PackageEntries entries;
        for (const PackageSource& source : taken.sources)
            entries.push_back(&source.packages.front());
        sca::Match match;
        sca::Advisory advisory;
        advisory.symbols = parts_;
        match.advisories.push_back(advisory);
        ThreadPool pool(2);
        const std::vector<PackageEntries> all{entries};
        decide_reachability(taken, all, std::span(&match, 1), pool);
        return std::string(name(match.reachability)) +
               (match.reached_by.empty() ? "" : ": " + match.reached_by);
    }

  private:
    std::vector<std::pair<std::string, std::string>> files_;
    std::vector<PackageSource> sources_;
    std::vector<exchange::OsvSymbols> parts_;
};

exchange::OsvSymbols part(std::string path, std::vector<std::string> symbols = {}) {
    return {std::move(path), std::move(symbols), {}, {}};
}

Case program(std::initializer_list<std::string_view> functions) {
    Case made;
    made.file("app", inventory::example::go_program(functions, "build\tGOOS=linux\n"));
    made.package(Ecosystem::kGo, "a.org/m", "app", "executable");
    return made;
}

TEST(Reachability, of_a_program_is_what_is_linked_in) {
    EXPECT_EQ(program({"a.org/m/p.(*T).Do"}).weak({part("a.org/m/p", {"T.Do"})}).verdict(),
              "reachable: a.org/m/p.T.Do is linked into app");
    EXPECT_EQ(program({"a.org/m/p.Other"}).weak({part("a.org/m/p", {"T.Do", "F"})}).verdict(),
              "unreachable: none of the 2 vulnerable functions is linked into app");
    EXPECT_EQ(program({"a.org/m/p.Other"}).weak({part("a.org/m/p")}).verdict(),
              "reachable: a.org/m/p is linked into app");
}

TEST(Reachability, of_a_program_that_does_not_name_the_module_is_unknown) {
    EXPECT_EQ(program({"x1.y2"}).weak({part("a.org/m/p", {"F"})}).verdict(), "unknown");
}

TEST(Reachability, of_another_platforms_weakness_is_none) {
    exchange::OsvSymbols windows = part("a.org/m/p", {"F"});
    windows.operating_systems = {"windows"};
    EXPECT_EQ(program({"a.org/m/p.F"}).weak({windows}).verdict(),
              "unreachable: no package that is vulnerable on its platform is linked into app");
}

Case go_tree(std::string code) {
    Case made;
    made.file("svc/main.go", std::move(code));
    made.package(Ecosystem::kGo, "a.org/m", "svc/go.mod", "go-mod");
    return made;
}

TEST(Reachability, of_go_sources_is_a_name_that_is_used) {
    const std::string imports = "package main\nimport \"a.org/m/p\"\n";
    EXPECT_EQ(go_tree(imports + "var x = p.F()\n").weak({part("a.org/m/p", {"F"})}).verdict(),
              "reachable: a.org/m/p.F is used at svc/main.go:3");
    EXPECT_EQ(go_tree(imports + "var x = v.Do()\n").weak({part("a.org/m/p", {"T.Do"})}).verdict(),
              "reachable: a.org/m/p.T.Do is used at svc/main.go:3");
    EXPECT_EQ(go_tree(imports).weak({part("a.org/m/p")}).verdict(),
              "reachable: a.org/m/p is imported at svc/main.go:2");
}

TEST(Reachability, of_go_sources_is_unknown_where_nothing_is_seen) {
    EXPECT_EQ(go_tree("package main\nimport \"a.org/m/p\"\nvar x = p.Other()\n")
                  .weak({part("a.org/m/p", {"F"})})
                  .verdict(),
              "unknown");
    EXPECT_EQ(go_tree("package main\n").weak({part("a.org/m/p")}).verdict(), "unknown");
}

TEST(Reachability, of_what_gos_vendor_list_does_not_build_is_none) {
    const std::string list = "# a.org/m v1.0.0\n## explicit\na.org/m/q\n";
    EXPECT_EQ(go_tree("package main\n")
                  .file("svc/vendor/modules.txt", list)
                  .weak({part("a.org/m/p", {"F"})})
                  .verdict(),
              "unreachable: no vulnerable package is built, by svc/vendor/modules.txt: not "
              "a.org/m/p");
    EXPECT_EQ(go_tree("package main\n")
                  .file("svc/vendor/modules.txt", list)
                  .weak({part("a.org/m/q", {"F"})})
                  .verdict(),
              "unknown");
}

TEST(Reachability, is_unknown_where_one_place_of_several_is) {
    EXPECT_EQ(program({"a.org/m/p.Other"})
                  .package(Ecosystem::kGo, "a.org/m", "bom.json", "sbom")
                  .weak({part("a.org/m/p", {"F"})})
                  .verdict(),
              "unknown");
    EXPECT_EQ(program({"a.org/m/p.F"})
                  .package(Ecosystem::kGo, "a.org/m", "bom.json", "sbom")
                  .weak({part("a.org/m/p", {"F"})})
                  .verdict(),
              "reachable: a.org/m/p.F is linked into app");
}

TEST(Reachability, of_direct_packages_is_an_import) {
    EXPECT_EQ(Case()
                  .file("src/a.ts", "\nimport x from '@s/b/deep'\n")
                  .package(Ecosystem::kNpm, "@s/b", "package-lock.json", "npm-package-lock")
                  .verdict(),
              "reachable: @s/b/deep is imported at src/a.ts:2");
    EXPECT_EQ(Case()
                  .file("a.py", "from yaml import load\n")
                  .package(Ecosystem::kPypi, "PyYAML", "requirements.txt", "requirements")
                  .verdict(),
              "reachable: yaml is imported at a.py:1");
    EXPECT_EQ(Case()
                  .file("src/A.java", "import org.x.y.Z;\n")
                  .package(Ecosystem::kMaven, "org.x:y", "pom.xml", "maven-pom")
                  .verdict(),
              "reachable: org.x.y.Z is imported at src/A.java:1");
}

TEST(Reachability, of_transitive_packages_and_of_other_projects_is_unknown) {
    EXPECT_EQ(Case()
                  .file("a.js", "require('b')\n")
                  .package(Ecosystem::kNpm, "b", "package-lock.json", "npm-package-lock",
                           Relation::kTransitive)
                  .verdict(),
              "unknown");
    EXPECT_EQ(Case()
                  .file("web/a.js", "require('b')\n")
                  .package(Ecosystem::kNpm, "b", "api/package-lock.json", "npm-package-lock")
                  .verdict(),
              "unknown");
    EXPECT_EQ(Case()
                  .file("src/A.java", "import org.x.y.Z;\n")
                  .package(Ecosystem::kMaven, "org.x:y", "pom.xml", "maven-pom")
                  .package(Ecosystem::kMaven, "org.x:z", "pom.xml", "maven-pom")
                  .verdict(),
              "unknown");
}

}  // namespace
}  // namespace merlon::scan
