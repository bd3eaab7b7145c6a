#pragma once

// Bills of materials and attestations as facts of a gate.
//
// Thread-safe: no state. Cost: that of the reader.

#include <string_view>

#include "base/result.h"
#include "gate/input.h"
#include "packages/license.h"

namespace merlon::gate {

struct LicenseList {
    packages::LicensePolicy policy;
    packages::LicenseVerdict unknown = packages::LicenseVerdict::kReview;
};

// Adds a bill of materials and its packages, judged by `licenses` (null: there is no list).
Status add_bom(std::string_view bytes, const LicenseList* licenses, Input& input);

// Adds an in-toto statement, alone or in a DSSE envelope. Its signature is not verified, and the
// fact says so. One that is a bill of materials (CycloneDX, SPDX) is one as well.
Status add_attestation(std::string_view bytes, const LicenseList* licenses, Input& input);

}  // namespace merlon::gate
