#include "evidence/word_place.h"

#include <fmt/core.h>

#include <algorithm>

namespace merlon::evidence {
namespace {

// Seven bytes hold both.
constexpr int kFindingBits = 38;
constexpr std::int64_t kMostFinding = (std::int64_t{1} << kFindingBits) - 1;
constexpr std::int64_t kMostRisk = 1023;

}  // namespace

std::int64_t word_place(std::int64_t risk, std::int64_t finding) {
    return (std::clamp(kMostRisk - risk, std::int64_t{0}, kMostRisk) << kFindingBits) +
           (kMostFinding - finding);
}

std::int64_t finding_at(std::int64_t place) { return kMostFinding - (place & kMostFinding); }

std::string word_place_sql(std::string_view risk, std::string_view finding) {
    return fmt::format(
        "((CAST(CASE WHEN {0} > {1} THEN 0 WHEN {0} < 0 THEN {1} ELSE {1} - {0} END AS BIGINT) "
        "<< {2}) + {3} - {4})",
        risk, kMostRisk, kFindingBits, kMostFinding, finding);
}

std::string finding_at_sql(std::string_view place) {
    return fmt::format("({0} - ({1} & {0}))", kMostFinding, place);
}

}  // namespace merlon::evidence
