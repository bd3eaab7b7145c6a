#pragma once

// What names mean in a module that none of its rules declares: rules of its package, and imports.
//
// Thread-safe: no state. Cost: linear in the rules and imports.

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "rego/compiler/compiler.h"
#include "rego/compiler/nodes.h"
#include "rego/compiler/resolve.h"

namespace merlon::rego::compiler {

// The names of the rules of each package.
using Exports = std::map<std::string, Names>;
Exports exports_of(std::span<const SourceModule> modules);

// What an import is called in its module.
std::string_view import_name(const syntax::Import& import);
// What the rules of its package and its imports are called in the module.
Globals globals_of(const syntax::Module& module, const Names& exported, NodeMaker& maker);

}  // namespace merlon::rego::compiler
