#pragma once

// Any bill of materials as a Bom: CycloneDX, SPDX 2 and 3, Syft's own JSON and GitHub's
// dependency snapshot, alone or as the
// predicate of an in-toto statement.
//
// The idea: what a document is, its own fields say, not its name. Each format has a reader over one
// tree (or, for tag-value, over lines); what a Bom has no place for is left out, what breaks the
// format is an error with its place.
//
// Thread-safe: no state. Cost: linear; the tree and the Bom are in memory.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/cancel.h"
#include "base/result.h"
#include "exchange/bom.h"

namespace merlon::exchange {

// Whether a text is an id of the SPDX licence list, which stands on the side (packages/license.h).
using IsLicenseId = std::function<bool(std::string_view id)>;

struct ReadBom {
    Bom bom;
    std::string format;  // "CycloneDX 1.6", "SPDX-2.3", "Syft 16.0.34"
};

// Fails for what is no bill of materials, and at the first place that its format does not allow,
// with line and column; and once `cancel` is set, which may be null.
Result<ReadBom> read_bom(std::string_view bytes, const IsLicenseId& is_license_id,
                         const CancelToken* cancel = nullptr);

// Whether the first bytes of a file look like one: for files whose name only says JSON.
bool looks_like_bom(std::string_view first_bytes);

}  // namespace merlon::exchange
