#include "inventory/go_functions.h"

#include <algorithm>
#include <array>

#include "inventory/binary_image.h"
#include "inventory/go_build.h"

namespace merlon::inventory {
namespace {

// A program has some hundred thousand functions at the very most.
constexpr std::uint64_t kMaxFunctions = 10'000'000;

// internal/abi/symtab.go: the first word of the table for each layout.
struct Layout {
    std::uint32_t magic;
    unsigned names_word;  // which word behind the first eight bytes says where the names begin
};
constexpr std::array<Layout, 3> kLayouts{{
    {0xFFFFFFFA, 2},  // Go 1.16
    {0xFFFFFFF0, 3},  // 1.18, with the text's address before it
    {0xFFFFFFF1, 3},  // 1.20
}};

// The texts from one offset of the table to the next part's: names, each ended by a zero. Nothing
// where no table begins here.
std::string_view names_of_table(std::string_view table, bool is_big_endian) {
    if (table.size() < 80 || table[4] != 0 || table[5] != 0) return {};
    const unsigned quantum = static_cast<unsigned char>(table[6]);
    const unsigned width = static_cast<unsigned char>(table[7]);
    if ((quantum != 1 && quantum != 2 && quantum != 4) || (width != 4 && width != 8)) return {};
    const auto magic = integer_at(table, 0, 4, is_big_endian);
    const auto layout = std::ranges::find(kLayouts, magic, &Layout::magic);
    if (layout == kLayouts.end()) return {};
    const auto word = [&](unsigned number) {
        return integer_at(table, 8 + std::uint64_t{number} * width, width, is_big_endian);
    };
    const std::uint64_t functions = word(0);
    const std::uint64_t begin = word(layout->names_word), end = word(layout->names_word + 1);
    if (functions == 0 || functions > kMaxFunctions || begin >= end || end > table.size())
        return {};
    return table.substr(begin, end - begin);
}

// PE files have no section of that name, and of others it can be stripped: the table is known by
// its first eight bytes and by offsets that fit.
std::string_view find_names(std::string_view file) {
    for (const bool is_big_endian : {false, true}) {
        for (const Layout& layout : kLayouts) {
            std::array<char, 6> mark{};
            for (unsigned i = 0; i < 4; ++i)
                mark[i] = static_cast<char>(layout.magic >> 8 * (is_big_endian ? 3 - i : i) & 0xFF);
            const std::string_view sought(mark.data(), mark.size());
            for (std::size_t at = file.find(sought); at != std::string_view::npos;
                 at = file.find(sought, at + 1)) {
                const std::string_view names = names_of_table(file.substr(at), is_big_endian);
                // The runtime's own are in every program.
                if (names.find(std::string_view("\0runtime.", 9)) != std::string_view::npos)
                    return names;
            }
        }
    }
    return {};
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

// cmd/internal/objabi, PathToPrefix: bytes of a path that a symbol cannot have are "%2e".
std::string unescaped(std::string_view path) {
    std::string plain;
    for (std::size_t i = 0; i < path.size(); ++i) {
        if (path[i] == '%' && i + 2 < path.size() && hex_digit(path[i + 1]) >= 0 &&
            hex_digit(path[i + 2]) >= 0) {
            plain += static_cast<char>(hex_digit(path[i + 1]) * 16 + hex_digit(path[i + 2]));
            i += 2;
        } else {
            plain += path[i];
        }
    }
    return plain;
}

// "a/b.(*T[go.shape.int]).M" as "a/b:T.M"; empty for what is no function of a package.
std::string normalised(std::string_view name, std::string_view main_path) {
    std::string plain;
    unsigned depth = 0;
    for (const char c : name) {
        if (c == '[') ++depth;
        if (depth == 0 && c != '(' && c != ')' && c != '*') plain += c;
        if (c == ']' && depth > 0) --depth;
    }
    if (plain.starts_with("type:") || plain.starts_with("go:")) return {};
    const std::size_t slash = plain.rfind('/');
    const std::size_t dot = plain.find('.', slash == std::string::npos ? 0 : slash);
    if (dot == std::string::npos || dot == 0 || dot + 1 == plain.size()) return {};
    const std::string_view path = std::string_view(plain).substr(0, dot);
    const bool is_main = path == "main" && !main_path.empty();
    return (is_main ? std::string(main_path) : unescaped(path)) + ':' + plain.substr(dot + 1);
}

}  // namespace

GoFunctions::GoFunctions(const std::vector<std::string_view>& linker_names,
                         std::string_view main_path) {
    for (const std::string_view name : linker_names) {
        if (std::string plain = normalised(name, main_path); !plain.empty())
            names_.push_back(std::move(plain));
    }
    std::ranges::sort(names_);
    names_.erase(std::unique(names_.begin(), names_.end()), names_.end());
}

bool GoFunctions::has_beginning(const std::string& begin, std::string_view next) const {
    for (auto name = std::ranges::lower_bound(names_, begin);
         name != names_.end() && name->starts_with(begin); ++name) {
        if (name->size() == begin.size() ||
            next.find((*name)[begin.size()]) != std::string_view::npos)
            return true;
    }
    return false;
}

// "Parse.func1" is a closure, "Parse-fm" a method's value, "Parse-range1" a loop's body.
bool GoFunctions::has(std::string_view package, std::string_view symbol) const {
    return has_beginning(std::string(package) + ':' + std::string(symbol), ".-");
}

bool GoFunctions::has_package(std::string_view package) const {
    const std::string begin = std::string(package) + ':';
    const auto name = std::ranges::lower_bound(names_, begin);
    return name != names_.end() && name->starts_with(begin);
}

bool GoFunctions::has_module(std::string_view module) const {
    return has_beginning(std::string(module), "/:");
}

std::optional<GoProgram> read_go_program(std::string_view file) {
    const Result<BinaryImage> image = read_binary_image(file);
    if (!image.ok()) return std::nullopt;
    const std::optional<GoBuild> build = find_go_build(file, image.value());
    if (!build) return std::nullopt;
    std::string_view rest = find_names(file);
    std::vector<std::string_view> names;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find('\0'), rest.size());
        if (end > 0) names.push_back(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    if (names.empty()) return std::nullopt;
    return GoProgram{GoFunctions(names, build->main_path()), std::string(build->setting("GOOS")),
                     std::string(build->setting("GOARCH"))};
}

}  // namespace merlon::inventory
