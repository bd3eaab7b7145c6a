#pragma once

// What a scan of packages could not decide, as gaps of its report: packages without a version or a
// release, ecosystems without advisories, a database that is too old or was built of feeds that
// could not be read whole. Beside them the notices on each feed's age.
//
// Thread-safe: no state.

#include <cstdint>
#include <span>
#include <vector>

#include "base/clock.h"
#include "model/analysis.h"
#include "sca/database.h"
#include "sca/matcher.h"
#include "scan/weakness_finding.h"

namespace merlon::scan {

struct PackageQuestions {
    const sca::Database& database;
    std::int64_t max_database_age_s = 0;  // 0: any
    Timestamp now;
    std::span<const AskedPackage> asked;
    const std::vector<packages::PackageSource>& sources;
    const sca::MatchReport& answers;  // to `asked`, in its order
};

void add_package_gaps(const PackageQuestions& questions, model::Report& report);

}  // namespace merlon::scan
