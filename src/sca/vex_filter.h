#pragma once

// What VEX statements say of matches (OpenVEX, "VEX Status"; CSAF's VEX profile).
//
// The idea: a statement applies to a package where its product is that package, or where its
// product is what is being scanned and the package is one of the named components. A statement
// about somebody else's product never silences a match here. Of several, the last said counts.
//
// Thread-safe: no state. Cost: a comparison for each statement of a match's ids.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "exchange/vex.h"
#include "packages/package.h"
#include "sca/match_text.h"

namespace merlon::sca {

struct VexVerdict {
    exchange::VexStatus status = exchange::VexStatus::kUnderInvestigation;
    std::string justification;
    std::string explanation;
    std::string document;  // its id
    bool operator==(const VexVerdict&) const = default;
};

// One for each match, nothing where no statement applies. `scanned` are package URLs of what is
// being scanned as a whole, such as an image; they may be none.
std::vector<std::optional<VexVerdict>> apply_vex(std::span<const Match> matches,
                                                 std::span<const packages::Package> packages,
                                                 std::span<const exchange::VexDocument> documents,
                                                 std::span<const std::string> scanned);

}  // namespace merlon::sca
