#pragma once

// Whether a tree is a CycloneDX document of its version: what its schema asks for, held against the
// table in cyclonedx_shape.h.
//
// Thread-safe: no state. Cost: linear in the tree; a sorted list of the bom-refs.

#include <string>
#include <string_view>
#include <vector>

#include "exchange/bom_read.h"
#include "exchange/cyclonedx.h"
#include "value/value.h"

namespace merlon::exchange {

struct CycloneDxProblem {
    std::string pointer;  // RFC 6901, into the document
    std::string message;  // "expected one of …, found 'foo'"
    const value::Value* element = nullptr;
};

// The first `most` problems, in the document's order. Never fails: what is no object at all is a
// problem.
std::vector<CycloneDxProblem> check_cyclonedx(const value::Value& root, CycloneDxVersion version,
                                              const IsLicenseId& is_license_id,
                                              std::size_t most = 20);

}  // namespace merlon::exchange
