#pragma once

// What a team says of licences, held against the packages of a tree: findings for `merlon
// licenses`, `scan packages` and `diff packages`, and the file of notices.
//
// The idea: equal packages (one package URL) are judged once, by what they state; what was found in
// their files counts where nothing is stated, and where it is none of what is stated. A licence
// that nobody knows is never passed over: it is a finding of its own.
//
// Thread-safe: no state. Cost: linear in packages, and in the lists of the policy for each.

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "model/analysis.h"
#include "packages/license.h"
#include "scan/inventory_scan.h"

namespace merlon::scan {

// An entry of licenses.exceptions: what it names is allowed all the same.
struct LicenseException {
    std::string package;  // a name or a package URL without its version, as a glob
    std::string license;  // only for this one; empty: whatever it is
    std::string reason;
    std::string expires;  // YYYY-MM-DD; empty: never
    std::string place;    // "FILE:LINE"
};

struct LicenseRules {
    packages::LicensePolicy policy;
    // Of what is not there at run time, where that is another one.
    std::optional<packages::LicensePolicy> development;
    // Of a package that has no licence, or one that nobody knows.
    packages::LicenseVerdict unknown = packages::LicenseVerdict::kReview;
    std::vector<LicenseException> exceptions;
};

enum class LicenseListing : std::uint8_t {
    kProblems,  // what is not allowed
    kAll,       // also, as findings of severity info, each licence with the packages that have it
};

struct LicenseReview {
    const LicenseRules* rules = nullptr;  // null: nothing is judged
    LicenseListing listing = LicenseListing::kProblems;
    std::optional<std::string> key;  // for ids of findings
    Timestamp now;
};

// Adds rules, findings and notices of `taken` to a report; the caller sorts and applies what is
// ignored.
void review_licenses(const LicenseReview& review, const TakenInventory& taken,
                     model::Report& report);

// Names, versions, licences and texts, for those who get the program: each text once, with the
// packages that it is of. The inventory has to have kept its texts.
std::string license_notices(const TakenInventory& taken);

}  // namespace merlon::scan
