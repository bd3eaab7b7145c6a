#pragma once

// For the tests of this room: reads a text by a reader's name and shows what it gave as text.
//
// Cost: of no interest.

#include <string>
#include <string_view>
#include <vector>

#include "inventory/inventory.h"

namespace merlon::inventory::example {

// One line for each package: "line:column name version (requested) relation scope -> edges", with
// only what there is. Positions of edges are lines of this text, from 0.
std::string show(const packages::PackageSource& source);

// The facts of `text`, shown; "error: …" where it cannot be read. Unknowns follow, each after '?'.
std::string read(std::string_view reader, std::string_view text);
Facts facts(std::string_view reader, std::string_view text, std::string_view path = {});

struct File {
    std::string_view path;
    std::string_view text;
};
// What a tree of these files gives: "== path (reader)" before the packages of each source.
std::string read_tree(const std::vector<File>& files);
Inventory conclude_tree(const std::vector<File>& files);

}  // namespace merlon::inventory::example
