#pragma once

// Which package an import is of, for ecosystems whose imports name packages.
//
// Thread-safe: constant tables. Cost: some string comparisons.

#include <string_view>

#include "packages/ecosystem.h"

namespace merlon::scan {

// Whether a source that imports `import` imports the package. npm: the specifier begins with the
// name. PyPI: the module has the project's name, or the one that it is known for. Maven: the class
// stands below the group. False where that is not known.
bool is_import_of(packages::Ecosystem ecosystem, std::string_view package, std::string_view import);

}  // namespace merlon::scan
