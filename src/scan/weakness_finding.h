#pragma once

// How one weakness of one package is told: as a finding, with the rule that it stands under and
// what the default gate says of it.
//
// The default gate: a finding fails the run where the weakness is known to be exploited, where the
// package is malicious, or where what runs has it and there is a fix. The others are shown.
//
// Thread-safe: no state.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/osv.h"
#include "model/analysis.h"
#include "packages/package.h"
#include "sca/match_text.h"

namespace merlon::scan {

inline constexpr std::string_view kPackagesEngine = "packages";

// A package that is asked once, and everywhere it stands.
struct AskedPackage {
    std::vector<const packages::Package*> entries;
    const packages::PackageSource* source = nullptr;  // of the first entry
};

// A weakness with what is known beside the match.
struct WeaknessFacts {
    const sca::Match& match;
    const AskedPackage& asked;
    const exchange::OsvRecord& record;                // whose text is shown
    const std::string* safe_version = nullptr;        // null: none is known
    std::vector<std::string> brought_by;              // the direct dependencies that lead to it
    const std::optional<std::string>* key = nullptr;  // for the finding's id; without one no id
};

model::Finding finding_of(const WeaknessFacts& facts);

// The rule of the finding, among `rules` by id; once for findings of one weakness.
void add_rule(const sca::Match& match, const exchange::OsvRecord& record,
              std::vector<model::Rule>& rules);

// Whether the finding fails the default gate.
bool fails_gate(const model::Finding& finding);

}  // namespace merlon::scan
