#pragma once

// What Python's lock files and manifests have in common: requirements (PyPA, "Dependency
// specifiers", once PEP 508), the names they are found by, and edges by name.
//
// Thread-safe: no state beside the object. Cost: linear.

#include <map>

#include "inventory/reading.h"

namespace merlon::inventory {

class Tree;  // inventory/joins.h

// "name[extra] >=1,<2 ; marker" or "name @ url".
struct Requirement {
    std::string_view name;
    std::string_view specifier;  // ">=1,<2", without parentheses
    std::string_view url;
    std::string_view marker;
};

// The readers of requirement files, and of files that only constrain what others ask for.
inline constexpr std::string_view kRequirementsReader = "python-requirements";
inline constexpr std::string_view kConstraintsReader = "python-constraints";

// The name is empty where the text is none.
Requirement parse_requirement(std::string_view text);

// "==1.2" and "===1.2" pin a version, "==1.*" and "==${V}" do not; empty where `specifier` does
// not.
std::string_view pinned_version(std::string_view specifier);

// Adds what is asked for: with a version where it is pinned.
packages::Package& add_requirement(Reading& reading, const Requirement& requirement,
                                   std::size_t offset);

// What the name of a wheel or of a source's archive says (PyPA, "Binary distribution format" and
// "Source distribution format"). Empty where `place`, a path or an address, is no such archive.
struct ArchiveName {
    std::string_view name;
    std::string_view version;
};
ArchiveName parse_archive_name(std::string_view place);

// Takes "git+https://host/a.git@commit#egg=a", "file:…" and addresses of files.
void set_python_origin(packages::Package& package, std::string_view address);

// What a file of constraints pins, the requirements that name it have (pip, "Constraints Files").
void join_python_constraints(std::vector<FileFacts>& files, const Tree& tree);

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
