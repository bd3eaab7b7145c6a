#pragma once

// What Python's lock files and manifests have in common: requirements (PyPA, "Dependency
// specifiers", once PEP 508), the names they are found by, and edges by name.
//
// Thread-safe: no state beside the object. Cost: linear.

#include <map>

#include "inventory/reading.h"

namespace merlon::inventory {

// "name[extra] >=1,<2 ; marker" or "name @ url".
struct Requirement {
    std::string_view name;
    std::string_view specifier;  // ">=1,<2", without parentheses
    std::string_view url;
    std::string_view marker;
};

// The name is empty where the text is none.
Requirement parse_requirement(std::string_view text);

// "==1.2" and "===1.2" pin a version, "==1.*" does not; empty where `specifier` is a range.
std::string_view pinned_version(std::string_view specifier);

// Adds what is asked for: with a version where it is pinned.
packages::Package& add_requirement(Reading& reading, const Requirement& requirement,
                                   std::size_t offset);

// Takes "git+https://host/a.git@commit#egg=a", "file:…" and addresses of files.
void set_python_origin(packages::Package& package, std::string_view address);

std::string normal_python_name(std::string_view name);

// Edges that a lock file states by name.
class PythonEdges {
  public:
    explicit PythonEdges(Reading& reading) : reading_(reading) {}
    // The package that was added last has this name.
    void name_last(std::string_view name);
    // The package `from` needs one of that name; `version` may be empty.
    void want(std::uint32_t from, std::string_view name, std::string_view version = {});
    void link();

  private:
    struct Wanted {
        std::uint32_t from;
        std::string name;
        std::string_view version;
    };
    Reading& reading_;
    std::multimap<std::string, std::uint32_t> names_;
    std::vector<Wanted> wanted_;
};

}  // namespace merlon::inventory
