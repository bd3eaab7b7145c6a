#include <gtest/gtest.h>

#include "inventory/binary_image.h"
#include "inventory/example.h"
#include "text/archive.h"

namespace merlon::inventory {
namespace {

using example::read;
using example::read_tree;

TEST(GoMod, requirements_replacements_and_sums) {
    EXPECT_EQ(read_tree({{"go.mod", R"(module example.com/app // me

go 1.21
toolchain go1.22.1

require github.com/a/b v1.2.3
require (
	github.com/c/d/v2 v2.0.0 // indirect
	"github.com/e/f" v0.1.0
	github.com/g/h v1.0.0
)
replace github.com/e/f => github.com/fork/f v0.1.1
replace (
	github.com/g/h v1.0.0 => ./local/h
	github.com/a/b v9.9.9 => github.com/no/no v1.0.0
)
exclude github.com/x/y v1.0.0
retract v1.0.0
)"},
                         {"go.sum",
                          "github.com/a/b v1.2.3 h1:abc=\ngithub.com/a/b v1.2.3/go.mod h1:def=\n"
                          "github.com/z/z v1.0.0 h1:ghi=\nbroken\n"}}),
              "== go.mod (go-mod)\n"
              "1:8 example.com/app root local\n"
              "4:11 stdlib 1.22.1 (>=1.22.1) direct runtime\n"
              "6:9 github.com/a/b v1.2.3 direct runtime\n"
              "8:2 github.com/c/d/v2 v2.0.0 transitive runtime\n"
              "9:3 github.com/fork/f v0.1.1 (github.com/e/f@v0.1.0) direct runtime\n"
              "10:2 github.com/g/h v1.0.0 direct runtime local\n"
              "? go.sum: line 4: go.sum: expected \"module version hash\"\n");
}

TEST(GoMod, a_workspace_replaces_what_its_modules_ask_for) {
    EXPECT_EQ(read_tree({{"go.work", R"(go 1.22
use (
	./a
	b
)
replace x.org/net => x.org/net v0.10.0
replace x.org/own v1.0.0 => ./own
)"},
                         {"a/go.mod",
                          "module a\nrequire x.org/net v0.20.0\nrequire x.org/own v1.0.0\n"
                          "replace x.org/net => fork.org/net v0.1.0\n"},
                         {"a/go.sum", "x.org/net v0.20.0 h1:abc=\n"},
                         {"other/go.mod", "module c\nrequire x.org/net v0.20.0\n"}}),
              "== a/go.mod (go-mod)\n"
              "1:8 a root local\n"
              "2:9 x.org/net v0.10.0 (x.org/net@v0.20.0) direct runtime\n"
              "3:9 x.org/own v1.0.0 direct runtime local\n"
              "1:1 x.org/net v0.20.0 transitive runtime\n"
              "== other/go.mod (go-mod)\n"
              "1:8 c root local\n"
              "2:9 x.org/net v0.20.0 direct runtime\n");
}

TEST(GoMod, before_1_17_the_sums_name_the_rest) {
    EXPECT_EQ(read_tree({{"go.mod", "module m\ngo 1.16\nrequire github.com/a/b v1.2.3\n"},
                         {"go.sum",
                          "github.com/a/b v1.2.3 h1:abc=\ngithub.com/c/c v1.0.0 h1:ghi=\n"
                          "github.com/d/d v1.0.0/go.mod h1:jkl=\n"}}),
              "== go.mod (go-mod)\n"
              "1:8 m root local\n"
              "2:4 stdlib 1.16 (>=1.16) direct runtime\n"
              "3:9 github.com/a/b v1.2.3 direct runtime\n"
              "2:1 github.com/c/c v1.0.0 transitive runtime\n");
}

TEST(GoVendor, modules_and_what_is_built_in_their_place) {
    EXPECT_EQ(read("go-vendor", R"(# github.com/a/b v1.0.0
## explicit; go 1.17
github.com/a/b/x
# github.com/c/d v1.0.0 => github.com/fork/d v1.1.0
github.com/c/d
# github.com/e/f v1.0.0 => ./f
# github.com/c/d => github.com/fork/d v1.1.0
)"),
              "1:1 github.com/a/b v1.0.0 direct runtime\n"
              "4:1 github.com/fork/d v1.1.0 transitive runtime\n"
              "6:1 github.com/e/f v1.0.0 transitive runtime local\n");
}

TEST(Cargo, a_workspace_gives_relations_and_scopes_from_its_members) {
    EXPECT_EQ(
        read_tree({{"Cargo.lock", R"(version = 3
[[package]]
name = "app"
version = "0.1.0"
dependencies = ["libc 0.2.1", "mine"]

[[package]]
name = "libc"
version = "0.1.0"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "0011"

[[package]]
name = "libc"
version = "0.2.1"
source = "registry+https://github.com/rust-lang/crates.io-index"

[[package]]
name = "mine"
version = "0.1.0"
dependencies = ["odd"]

[[package]]
name = "odd"
version = "1.0.0"
source = "git+https://github.com/x/odd?branch=main#0123"
dependencies = ["libc 0.1.0"]
)"},
                   {"Cargo.toml",
                    "[package]\nname = \"app\"\nversion = \"0.1.0\"\n[dependencies]\n"
                    "libc = \"0.2\"\n[workspace]\nmembers = [\"crates/*\"]\n"},
                   {"crates/mine/Cargo.toml",
                    "[package]\nname = \"mine\"\n[dev-dependencies]\nx = {package = \"odd\", git = "
                    "\"https://github.com/x/odd\"}\n"}}),
        "== Cargo.lock (cargo-lock)\n"
        "3:1 app 0.1.0 root local -> 2,3\n"
        "8:1 libc 0.1.0 transitive dev\n"
        "14:1 libc 0.2.1 (0.2) direct runtime\n"
        "19:1 mine 0.1.0 root local -> 4\n"
        "24:1 odd 1.0.0 direct dev commit=0123 -> 1\n"
        "== Cargo.toml (cargo-toml)\n"
        "2:1 app 0.1.0 root local\n"
        "== crates/mine/Cargo.toml (cargo-toml)\n"
        "2:1 mine root local\n");
}

TEST(Cargo, version_1_has_its_digests_apart) {
    const Facts facts = example::facts("cargo-lock", R"TOML([root]
name = "app"
version = "0.1.0"
dependencies = ["a 1.0.0 (registry+https://x)"]
[[package]]
name = "a"
version = "1.0.0"
source = "registry+https://x"
[metadata]
"checksum a 1.0.0 (registry+https://x)" = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
)TOML");
    EXPECT_EQ(facts.source.packages[1].checksums.size(), 1u);
    EXPECT_EQ(example::show(facts.source), "2:1 app 0.1.0 root local -> 1\n6:1 a 1.0.0 direct\n");
}

std::string little(std::uint64_t number, int width) {
    std::string bytes;
    for (int i = 0; i < width; ++i)
        bytes += i < 8 ? static_cast<char>(number >> (8 * i) & 0xFF) : '\0';
    return bytes;
}

// A 64-bit ELF of sections by name and content.
std::string elf(const std::vector<std::pair<std::string, std::string>>& sections) {
    std::string names(1, '\0'), content, table(64, '\0');
    for (const auto& [name, bytes] : sections) {
        while ((64 + content.size()) % 16 != 0) content += '\0';
        table += little(names.size(), 4) + little(1, 4) + little(0, 8) + little(0x1000, 8) +
                 little(64 + content.size(), 8) + little(bytes.size(), 8) + std::string(24, '\0');
        names += name + '\0';
        content += bytes;
    }
    const std::size_t names_at = 64 + content.size();
    table += little(0, 4) + little(3, 4) + little(0, 16) + little(names_at, 8) +
             little(names.size(), 8) + std::string(24, '\0');
    content += names;
    std::string header = std::string(
                             "\x7F"
                             "ELF\2\1\1",
                             7) +
                         std::string(9, '\0') + little(2, 2) + little(62, 2) + little(1, 4) +
                         little(0, 8) + little(0, 8) + little(64 + content.size(), 8) +
                         little(0, 4) + little(64, 2) + little(56, 2) + little(0, 2) +
                         little(64, 2) + little(sections.size() + 2, 2) +
                         little(sections.size() + 1, 2);
    return header + content + table;
}

std::string counted(const std::string& text) {
    std::string bytes;
    for (std::size_t rest = text.size();; rest >>= 7) {
        bytes += static_cast<char>((rest & 0x7F) | (rest > 0x7F ? 0x80 : 0));
        if (rest <= 0x7F) return bytes + text;
    }
}

TEST(Executable, gives_the_modules_of_go) {
    const std::string mark(16, 'x');
    const std::string modules =
        mark +
        "path\texample.com/app\nmod\texample.com/app\t(devel)\t\n"
        "dep\tgithub.com/a/b\tv1.2.3\th1:abc=\n"
        "dep\tgithub.com/c/d\tv1.0.0\n=>\tgithub.com/fork/d\tv1.1.0\th1:def=\n"
        "build\t-compiler=gc\n" +
        mark;
    const std::string info = std::string("\xFF Go buildinf:\x08\x02", 16) + std::string(16, '\0') +
                             counted("go1.22.1") + counted(modules);
    const std::string file = elf({{".go.buildinfo", info}});
    EXPECT_EQ(reader_for_bytes(file)->name, "executable");
    EXPECT_EQ(read("executable", file),
              "0:0 stdlib 1.22.1 transitive runtime\n"
              "0:0 example.com/app root runtime\n"
              "0:0 github.com/a/b v1.2.3 transitive runtime\n"
              "0:0 github.com/fork/d v1.1.0 (github.com/c/d@v1.0.0) transitive runtime\n");
    for (std::size_t size = 0; size < file.size(); ++size)
        (void)read("executable", file.substr(0, size));
}

TEST(Executable, gives_the_crates_that_cargo_auditable_lists) {
    // zlib (RFC 1950) with one stored block (RFC 1951, section 3.2.4).
    const std::string list =
        R"({"packages":[{"name":"app","version":"0.1.0","source":"local","root":true,"dependencies":[1]},)"
        R"({"name":"libc","version":"0.2.1","source":"crates.io","kind":"build"}]})";
    std::uint32_t a = 1, b = 0;
    for (const char c : list) {
        a = (a + static_cast<unsigned char>(c)) % 65521;
        b = (b + a) % 65521;
    }
    const std::uint32_t sum = b << 16 | a;
    std::string packed = "\x78\x01\x01" + little(list.size(), 2) + little(~list.size(), 2) + list;
    for (int shift = 24; shift >= 0; shift -= 8) packed += static_cast<char>(sum >> shift & 0xFF);
    EXPECT_EQ(read("executable", elf({{".dep-v0", packed}})),
              "0:0 app 0.1.0 root runtime local -> 1\n0:0 libc 0.2.1 direct build\n");
    EXPECT_EQ(read("executable", elf({{".dep-v0", "hello"}})),
              "? cargo-auditable: the list does not unpack\n");
}

TEST(Executable, counts_that_no_file_can_hold_cost_nothing) {
    // Mach-O: one segment that claims 4 thousand million sections in a command as long.
    std::string file = little(0xFEEDFACF, 4) + std::string(12, '\0') + little(1, 4) +
                       std::string(12, '\0') + little(0x19, 4) + little(0xFFFFFFFF, 4) +
                       std::string(56, '\0') + little(0xFFFFFFFF, 4) + std::string(200, '\0');
    const auto image = read_binary_image(file);
    ASSERT_TRUE(image.ok());
    EXPECT_LE(image.value().sections.size(), 4u);
}

TEST(Executable, gives_the_package_note) {
    const std::string text =
        R"({"type":"deb","os":"debian","name":"zlib","version":"1.2","architecture":"amd64"})";
    const std::string note = little(4, 4) + little(text.size() + 1, 4) + little(0xCAFE1A7E, 4) +
                             std::string("FDO\0", 4) + text + '\0';
    const Facts facts = example::facts("executable", elf({{".note.package", note}}));
    ASSERT_EQ(facts.source.packages.size(), 1u);
    EXPECT_EQ(facts.source.packages[0].ecosystem, packages::Ecosystem::kDeb);
    EXPECT_EQ(facts.source.packages[0].version, "1.2");
    EXPECT_EQ(facts.source.packages[0].distribution.id, "debian");
}

}  // namespace
}  // namespace merlon::inventory
