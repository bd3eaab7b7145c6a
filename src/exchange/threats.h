#pragma once

// What is known of attacks on a weakness: CISA's Known Exploited Vulnerabilities (JSON and CSV,
// cisa.gov/known-exploited-vulnerabilities-catalog) and FIRST's Exploit Prediction Scoring System
// (CSV, first.org/epss/data_stats).
//
// Thread-safe: no state. Cost: one pass.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace merlon::exchange {

struct ThreatRecord {
    std::string id;  // "CVE-2024-1"
    bool is_known_exploited = false;
    bool is_used_by_ransomware = false;
    std::string due;                         // "2024-01-31": by when agencies have to act
    std::uint32_t epss_100000ths = 0;        // probability of attacks within 30 days
    std::uint32_t percentile_100000ths = 0;  // of all scored ones
    bool operator==(const ThreatRecord&) const = default;
};

Result<std::vector<ThreatRecord>> read_kev_json(std::string_view bytes);
Result<std::vector<ThreatRecord>> read_kev_csv(std::string_view bytes);
Result<std::vector<ThreatRecord>> read_epss_csv(std::string_view bytes);

}  // namespace merlon::exchange
