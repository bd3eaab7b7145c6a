#pragma once

// Where a package stands in advisories: the ecosystem, the names and the releases that OSV records
// write for it (ossf/osv-schema, "Defined ecosystems").
//
// The idea: writer and matcher normalise by the same functions, so that "Flask_Login" and
// "flask-login" meet. A distribution's package is looked up by its source package where the
// advisories are written for those, and by its release.
//
// A program that no ecosystem has is looked up by the CPE name that it states (cpe_match.h), and no
// other package is.
//
// Thread-safe: constant tables. Cost: one pass over a name.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "packages/package.h"
#include "sca/cpe_match.h"

namespace merlon::sca {

// "Debian:12" apart: the ecosystem, and the suffix behind the first colon.
struct OsvEcosystem {
    std::string_view base;
    std::string_view suffix;
};
OsvEcosystem split_ecosystem(std::string_view ecosystem);

// The name as it is compared: PEP 503 for PyPI, without case where the registry has none.
std::string normal_name(packages::Ecosystem ecosystem, std::string_view name);

// A version as advisories write it: Go's without "v" or "go".
std::string_view normal_version(packages::Ecosystem ecosystem, std::string_view version);

// One look-up: (ecosystem, name), and the version to compare.
struct Lookup {
    std::string_view ecosystem;
    std::string name;
    std::string version;
};

// What becomes of a row's release.
struct ReleaseTest {
    // A row is for this package where its suffix is one of these, or begins with `prefix` (if there
    // is one) and ends with `ending`.
    std::vector<std::string> suffixes;
    std::string prefix;
    std::string ending;
    // Not a distribution: a suffix is a registry's address and decides nothing.
    bool is_any = false;
    // The distribution's release is not known, so that a row with a suffix can be neither.
    bool is_unknown = false;

    bool accepts(std::string_view suffix) const;
};

struct Target {
    std::vector<Lookup> lookups;
    ReleaseTest release;
    std::optional<CpeSubject> cpe;  // what the one look-up is about
    std::string refused_cpe;        // why the name that is stated cannot be looked up
};

// Empty lookups: OSV has no ecosystem for this package.
Target target_of(const packages::Package& package);

}  // namespace merlon::sca
