#pragma once

// Programs and libraries that no package manager put there, told by what their makers leave in
// their bytes: "nginx version: nginx/1.25.1".
//
// The idea: one table. A row names files, and the expressions that find the version in them, the
// surest first. The name of a file chooses its rows, because most of the texts ("\0" "1.36.1" "\0")
// mean something in one program only. A file is searched in windows, so that memory does not grow
// with it. Of several matches the one counts that the file's name bears out (python3.8).
//
// Thread-safe: constant tables; an expression is compiled once, when it is first needed. Cost: one
// pass over a file that a row names, for each expression.

#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "inventory/joins.h"
#include "inventory/reading.h"

namespace merlon::inventory {

struct KnownProgram {
    // Base names, separated by blanks; '*' is any text and '#' numbers with points, or nothing.
    std::string_view files;
    std::string_view name;  // of the package
    packages::Ecosystem ecosystem;
    std::string_view cpe;  // vendor and product (CPE 2.3), with ':' between; "": none is known
    // What finds the version, as its first group. {v} is three numbers, {n} two or more; {pre} what
    // may follow them before a release.
    std::array<std::string_view, 4> expressions;
    // Files that state the version where the program does not, from the program's folder.
    std::string_view version_files = "";
};

std::span<const KnownProgram> known_programs();
// The rows of a file of that base name.
std::vector<const KnownProgram*> programs_of(std::string_view file_name);

// Adds what the rows of `reading.file_name` find.
void add_known_programs(Reading& reading);

// Gives programs that do not tell their version what the file beside them states.
void join_program_versions(std::vector<FileFacts>& files, const Tree& tree);

}  // namespace merlon::inventory
