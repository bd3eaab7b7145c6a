#pragma once

// What a source file takes from packages: its imports, and in Go the names that it uses of them.
//
// The idea: a light reading of the text, without a grammar: comments and strings are told apart
// from code, and import statements are known by their first words. It shows that something is used;
// it never shows that something is not, since programs also load code by names that they compute.
//
// Thread-safe: no state. Cost: one pass. Bounded: kMaxImports of a file, the rest is left out.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace merlon::inventory {

enum class SourceLanguage : std::uint8_t { kGo, kJavaScript, kPython, kJava };

inline constexpr std::size_t kMaxImports = 10'000;

// By a path's ending; nothing for files of other languages, for tests of Go, whose imports are not
// the program's, and for what is_of_other_people().
std::optional<SourceLanguage> source_language_of(std::string_view path);

// Whether a folder on the path is for what other people's packages bring with them.
bool is_of_other_people(std::string_view path);

struct SourceImport {
    std::string name;   // Go's path, Python's module, JavaScript's specifier, Java's class
    std::string alias;  // Go: the name it goes by where the file says one
    std::uint32_t line = 0;
};

// "yaml.Unmarshal": two names joined by a dot, as they stand in the code.
struct SourceUse {
    std::string_view qualifier;  // empty where what stands before the dot is no name: "f().Close"
    std::string_view name;
    std::uint32_t line = 0;
};

struct SourceCode {
    std::vector<SourceImport> imports;  // in the text's order
    std::vector<SourceUse> uses;        // Go alone; views into the text
};

SourceCode read_source(SourceLanguage language, std::string_view text);

// The names that Go may know a package by, from its path: "gopkg.in/yaml.v3" is "yaml".
std::vector<std::string> go_package_names(std::string_view path);

}  // namespace merlon::inventory
