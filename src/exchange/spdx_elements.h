#pragma once

// What both generations of SPDX need of a Bom before they can write it: ids, licences as
// expressions, the ends of relationships.
//
// Borrows from the Bom, which must outlive it. Not thread-safe while it is made.

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "exchange/bom.h"

namespace merlon::exchange {

struct SpdxElements {
    explicit SpdxElements(const Bom& bom);

    // A licence that is no SPDX expression: SPDX 2.3, clause 10.
    struct OwnLicense {
        std::string id;  // "LicenseRef-1"
        std::string text;
    };
    // `from` depends on `to`: positions in `components`.
    struct Dependency {
        std::size_t from;
        std::vector<std::size_t> to;
    };

    std::vector<const BomComponent*> components;  // the root first, where there is one
    std::vector<std::string> expressions;         // declared licence of each; empty: none stated
    std::vector<std::string> found_expressions;   // what its files hold, joined by AND
    std::vector<OwnLicense> own_licenses;
    std::vector<Dependency> dependencies;

  private:
    std::string expression_of(const std::vector<BomLicense>& licenses);

    std::unordered_map<std::string_view, std::size_t> own_by_text_;
};

// What SPDX has no field for, a scope and properties, as the comments of a component's annotations
// (SPDX 2.3, clause 12; SPDX 3.0, Core, Annotation): "merlon:scope=development". Of others'
// comments those are read that are written so, with a name of two parts at least.
std::vector<std::string> annotations_of(const BomComponent& component);
void take_annotation(std::string_view comment, BomComponent& component);

// What a hash algorithm is called.
struct HashNames {
    std::string_view cyclonedx;
    std::string_view spdx2;
    std::string_view spdx3;
};
// By one of its spellings; null where there is none.
const HashNames* hash_names(std::string_view HashNames::* spelling, std::string_view name);

}  // namespace merlon::exchange
