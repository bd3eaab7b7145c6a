#include <gtest/gtest.h>

#include "inventory/example.h"

namespace merlon::inventory {
namespace {

using example::read;
using example::read_tree;

// No name tells a file of constraints, so the control says by which reader it is read.
std::string conclude_with_constraints() {
    std::vector<FileFacts> files;
    const auto add = [&](std::string_view path, std::string_view reader, std::string_view text) {
        files.push_back(
            {std::string(path), {}, reader_named(reader), example::facts(reader, text)});
    };
    add("requirements.txt", "python-requirements", "-c pins/all.txt\nFlask\nother\n");
    add("pins/all.txt", "python-constraints", "-c more.txt\n");
    add("pins/more.txt", "python-constraints", "flask==2.0.1\nunused==1\n");
    std::string text;
    for (const auto& source : conclude(std::move(files)).sources)
        text += "== " + source.path + " (" + source.reader + ")\n" + example::show(source);
    return text;
}

TEST(Requirements, pins_are_versions_and_ranges_are_shown) {
    const std::string_view text = R"(# comment
--index-url https://pypi.org/simple
-r base.txt
--requirement=more.txt
-c limits.txt
Flask[async]==2.0.1 ; python_version >= "3"  # note
requests >=2,<3
numpy == 1.*
six===1.16.0 \
    --hash=sha256:00ff \
    --hash=sha256:11FF
local @ file:///opt/local
repo @ git+https://github.com/x/repo.git@0123abc
git+https://github.com/x/other@v1#egg=other
-e ./here
https://files.example/a/wheel_name-1.5-py3-none-any.whl
bare
not valid here
)";
    EXPECT_EQ(read("python-requirements", text),
              "6:1 Flask 2.0.1 (==2.0.1) direct\n"
              "7:1 requests (>=2,<3) direct\n"
              "8:1 numpy (== 1.*) direct\n"
              "9:1 six 1.16.0 (===1.16.0) direct\n"
              "12:1 local direct local\n"
              "13:1 repo direct commit=0123abc\n"
              "14:1 other direct commit=v1\n"
              "16:1 wheel_name 1.5 direct\n"
              "17:1 bare direct\n"
              "? line 18: not a requirement: not valid here\n");
    const Facts facts = example::facts("python-requirements", text);
    EXPECT_EQ(facts.includes, (std::vector<Include>{{"base.txt", "python-requirements"},
                                                    {"more.txt", "python-requirements"},
                                                    {"limits.txt", "python-constraints"}}));
    EXPECT_EQ(facts.source.packages[3].checksums,
              (std::vector<packages::Checksum>{{"sha256", "00ff"}, {"sha256", "11ff"}}));
    EXPECT_EQ(facts.source.packages[5].download_url, "https://github.com/x/repo.git");
}

TEST(Requirements, what_is_no_version_is_a_request) {
    EXPECT_EQ(read("python-requirements", R"(a==${V}
b==2.2#comment
c=={{ version }}
d==1!2.0+local
-r
)"),
              "1:1 a (==${V}) direct\n"
              "2:1 b (==2.2#comment) direct\n"
              "3:1 c (=={{ version }}) direct\n"
              "4:1 d 1!2.0+local (==1!2.0+local) direct\n"
              "? line 5: an option that names no file\n");
}

TEST(Requirements, archives_are_packages_and_folders_are_the_projects_own) {
    EXPECT_EQ(read("python-requirements", R"(./wheels/Django-2.2-py3-none-any.whl
vendor/my-pkg-1.0.tar.gz
named @ file:///srv/named-3.1.zip
folder @ file:///srv/folder
)"),
              "1:1 Django 2.2 direct\n"
              "2:1 my-pkg 1.0 direct\n"
              "3:1 named 3.1 direct\n"
              "4:1 folder direct local\n");
}

TEST(Requirements, constraints_pin_what_is_asked_for) {
    EXPECT_EQ(conclude_with_constraints(),
              "== requirements.txt (python-requirements)\n"
              "2:1 Flask 2.0.1 direct\n"
              "3:1 other direct\n");
}

TEST(Requirements, are_found_under_the_names_that_people_give_them) {
    for (const std::string_view path : {"requirements.txt", "a/requirements-dev.txt",
                                        "dev-requirements.txt", "requirements/base.txt"})
        EXPECT_EQ(reader_for(path)->name, "python-requirements") << path;
    EXPECT_EQ(reader_for("docs/notes.txt"), nullptr);
}

TEST(Pipfile, the_manifest_says_what_is_direct) {
    EXPECT_EQ(read_tree({{"Pipfile",
                          "[packages]\nFlask = \"*\"\n[dev-packages]\npytest = \">=7\"\n"
                          "[docs]\nsphinx = \"*\"\n[requires]\npython_version = \"3.11\"\n"},
                         {"Pipfile.lock", R"({"_meta": {}, "default": {
 "click": {"version": "==8.1.0", "hashes": ["sha256:00"]},
 "flask": {"version": "==2.0.0"},
 "repo": {"git": "https://github.com/x/repo", "ref": "abc"}},
"develop": {
 "pytest": {"version": "==7.1.0"}},
"docs": {
 "sphinx": {"version": "==5.0.0"}}})"}}),
              "== Pipfile.lock (pipfile-lock)\n"
              "2:2 click 8.1.0 transitive runtime\n"
              "3:2 flask 2.0.0 (*) direct runtime\n"
              "4:2 repo transitive runtime commit=abc\n"
              "6:2 pytest 7.1.0 (>=7) direct dev\n"
              "8:2 sphinx 5.0.0 (*) direct optional\n");
}

TEST(Poetry, the_manifest_gives_relations_and_scopes_along_the_edges) {
    EXPECT_EQ(read_tree({{"pyproject.toml", R"([tool.poetry]
name = "app"
version = "0.1.0"
[tool.poetry.dependencies]
python = "^3.10"
requests = "^2.0"
[tool.poetry.group.dev.dependencies]
pytest = "^7"
)"},
                         {"poetry.lock", R"([[package]]
name = "Requests"
version = "2.31.0"
files = [{file = "requests.whl", hash = "sha256:00"}]

[package.dependencies]
charset_normalizer = ">=2"

[[package]]
name = "charset-normalizer"
version = "3.0.0"

[[package]]
name = "pytest"
version = "7.4.0"

[package.source]
type = "git"
url = "https://github.com/pytest-dev/pytest.git"
resolved_reference = "0123"

[metadata]
lock-version = "2.0"
)"}}),
              "== poetry.lock (poetry-lock)\n"
              "2:1 Requests 2.31.0 (^2.0) direct runtime -> 1\n"
              "10:1 charset-normalizer 3.0.0 transitive runtime\n"
              "14:1 pytest 7.4.0 (^7) direct dev commit=0123\n"
              "== pyproject.toml (pyproject)\n"
              "2:1 app 0.1.0 root local\n");
}

TEST(Uv, roots_groups_and_edges) {
    EXPECT_EQ(read("uv-lock", R"(version = 1
[[package]]
name = "app"
version = "0.1.0"
source = { editable = "." }
dependencies = [{ name = "a" }]
[package.dev-dependencies]
dev = [{ name = "c" }]

[[package]]
name = "a"
version = "1.0"
source = { registry = "https://pypi.org/simple" }
dependencies = [{ name = "b", marker = "os_name == 'nt'" }]
sdist = { url = "https://files/a.tar.gz", hash = "sha256:00", size = 1 }

[[package]]
name = "b"
version = "2.0"
source = { git = "https://github.com/x/b?rev=v2#0123" }

[[package]]
name = "c"
version = "3.0"
)"),
              "3:1 app 0.1.0 root local -> 1,3\n"
              "11:1 a 1.0 direct runtime -> 2\n"
              "18:1 b 2.0 transitive runtime commit=0123\n"
              "23:1 c 3.0 direct dev\n");
}

TEST(Pdm, groups_give_scopes) {
    EXPECT_EQ(read("pdm-lock", R"([metadata]
[[package]]
name = "a"
version = "1.0"
groups = ["default"]
dependencies = ["b>=1; python_version > '3'"]
[[package]]
name = "b"
version = "1.5"
groups = ["default", "dev"]
[[package]]
name = "c"
version = "2.0"
groups = ["dev"]
)"),
              "3:1 a 1.0 runtime -> 1\n8:1 b 1.5 runtime\n12:1 c 2.0 dev\n");
}

TEST(Pylock, gives_repositories_and_edges) {
    EXPECT_EQ(read("pylock", R"(lock-version = "1.0"
[[packages]]
name = "a"
version = "1.0"
dependencies = [{name = "b"}]
wheels = [{name = "a.whl", url = "https://files/a.whl", hashes = {sha256 = "00"}}]
[[packages]]
name = "b"
vcs = {type = "git", url = "https://github.com/x/b", commit-id = "abc"}
)"),
              "3:1 a 1.0 -> 1\n8:1 b commit=abc\n");
    EXPECT_EQ(reader_for("pylock.dev.toml")->name, "pylock");
}

TEST(PythonInstalled, metadata_gives_name_and_licence) {
    const std::string_view text =
        "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nLicense: Apache 2.0\nClassifier: License "
        ":: OSI Approved :: MIT License\n\nName: not this\n";
    EXPECT_EQ(read("python-installed", text), "2:1 demo 1.0\n");
    EXPECT_EQ(example::facts("python-installed", text).source.packages[0].licenses,
              (std::vector<std::string>{"Apache 2.0"}));
    EXPECT_EQ(read("python-installed", "hello"),
              "error: Python metadata: expected a field \"Name\" (while reading it as "
              "python-installed)\n");
}

TEST(Conda, environments_and_locks) {
    EXPECT_EQ(read("conda-environment", R"(name: e
dependencies:
  - python=3.9
  - conda-forge::numpy==1.21.0
  - scipy=1.7.0=py39_0
  - pandas>=1.0
  - pip:
    - flask==2.0.0
)"),
              "3:5 python (=3.9) direct\n"
              "4:5 numpy 1.21.0 (==1.21.0) direct\n"
              "5:5 scipy 1.7.0 (=1.7.0=py39_0) direct\n"
              "6:5 pandas (>=1.0) direct\n"
              "8:7 flask 2.0.0 (==2.0.0) direct\n");
    EXPECT_EQ(read("conda-lock", R"(package:
- name: a
  version: 1.10
  manager: conda
  platform: linux-64
  dependencies: {b: '>=1'}
  hash: {md5: '00'}
- name: b
  version: '1.0'
  manager: conda
  platform: osx-64
- name: b
  version: '1.0'
  manager: conda
  platform: linux-64
)"),
              "2:3 a 1.10 runtime -> 2\n8:3 b 1.0 runtime\n12:3 b 1.0 runtime\n");
    EXPECT_EQ(read("conda-explicit",
                   "@EXPLICIT\nhttps://h/c/linux-64/zlib-ng-1.2.13-h1_0.conda#00112233445566778899"
                   "aabbccddeeff\nhttps://h/x\n"),
              "2:1 zlib-ng 1.2.13\n? line 3: not the address of a package: https://h/x\n");
    EXPECT_EQ(read("pixi-lock", R"(version: 6
packages:
- conda: https://h/conda-forge/linux-64/zlib-1.2.13-h1_0.conda
  sha256: '00'
- pypi: https://files/a.whl
  name: a
  version: 0.5.0
)"),
              "3:3 zlib 1.2.13\n5:3 a 0.5.0\n");
}

TEST(PythonSetup, literal_requirements_are_read_and_computed_ones_are_unknown) {
    EXPECT_EQ(read("python-setup", R"(from setuptools import setup
BASE = [
    "a==1.0",  # "no==1"
    'b>=2; python_version < "3"',
]
setup(name="x", install_requires=BASE, setup_requires=["c"],
      extras_require={"fast": ["d==4"]}, tests_require=read("t.txt"))
)"),
              "3:6 a 1.0 (==1.0) direct runtime\n"
              "4:6 b (>=2) direct runtime\n"
              "6:57 c direct build\n"
              "7:33 d 4 (==4) direct optional\n"
              "? line 7: tests_require is computed\n");
}

}  // namespace
}  // namespace merlon::inventory
