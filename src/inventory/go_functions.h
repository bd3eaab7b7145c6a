#pragma once

// Which functions a Go program has: what tells whether a vulnerable one was linked in at all.
//
// The idea: the runtime needs the name of every function for its stack traces, so the table of them
// ("pclntab") is there in stripped programs, too, and it names functions that exist only inlined
// into others. What is not in this table is no part of the program; the linker left it out.
//
// The table's layout is that of Go 1.16 and later (debug/gosym, and runtime/symtab.go, pcHeader);
// of older programs nothing is said. Formats: ELF, PE and Mach-O. Thread-safe: immutable. Cost:
// linear in the file, n log n in the functions.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace merlon::inventory {

class GoFunctions {
  public:
    // Names as the linker writes them: "golang.org/x/text/language.(*Parser).Parse".
    explicit GoFunctions(const std::vector<std::string_view>& linker_names,
                         std::string_view main_path);

    // `symbol` is "Parse" or "Parser.Parse", of values and pointers alike. A function counts as
    // there, too, where only a closure of its is.
    bool has(std::string_view package, std::string_view symbol) const;
    bool has_package(std::string_view package) const;
    // Whether any package of the module has functions here.
    bool has_module(std::string_view module) const;
    std::size_t size() const { return names_.size(); }

  private:
    // Whether some name begins with `begin`, and then ends or goes on with one of `next`.
    bool has_beginning(const std::string& begin, std::string_view next) const;

    std::vector<std::string> names_;  // "package:symbol", sorted
};

struct GoProgram {
    GoFunctions functions;
    std::string operating_system;  // GOOS; empty: not said
    std::string architecture;      // GOARCH
};

// Nothing where `file` is no Go program, is one of Go before 1.16, or is packed (by UPX).
std::optional<GoProgram> read_go_program(std::string_view file);

}  // namespace merlon::inventory
