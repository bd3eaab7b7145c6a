#pragma once

// Scores of the Common Vulnerability Scoring System from its vectors: version 2.0
// (first.org/cvss/v2), 3.0 and 3.1 (specification, section 7 and appendix A), 4.0 (specification,
// section 8).
//
// The idea: each version is a table of metrics with their values and weights, by which vectors are
// parsed; the published equations take the weights. Version 4 has no equation: a vector falls into
// one of 270 classes with a published score each, and is moved towards the next lower class by how
// far it is from the highest vector of its own.
//
// Scores are tenths, so that equal ones compare equal. Thread-safe: no state. Cost: some hundred
// operations.

#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace merlon::exchange {

enum class CvssVersion : std::uint8_t { k2, k30, k31, k4 };

// Version 4 gives one score for all metrics that are stated: the three are equal then.
struct CvssScores {
    CvssVersion version = CvssVersion::k31;
    unsigned base_tenths = 0;
    unsigned temporal_tenths = 0;
    unsigned environmental_tenths = 0;  // with all that the vector states
    bool operator==(const CvssScores&) const = default;
};

// Reads "CVSS:3.1/AV:N/…"; a vector of version 2 has no prefix, or stands in parentheses. Fails for
// unknown, repeated or missing metrics.
Result<CvssScores> score_cvss(std::string_view vector);

// "none", "low", "medium", "high", "critical": the qualitative scale of versions 3 and 4 (section 5
// of 3.1), which is used for version 2 too.
std::string_view cvss_rating(unsigned tenths);

}  // namespace merlon::exchange
