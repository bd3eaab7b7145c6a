#include "exchange/cvss.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "exchange/cvss_metrics.h"

namespace merlon::exchange {
namespace {

// Version 2's sections 3.2.1 to 3.2.3 round to the nearest tenth. Their weights are decimal: 9.0 *
// 0.95 lies half-way, whatever its binary digits say, and goes up.
double nearest_tenth(double score) { return std::floor(score * 10 + 0.5 + 1e-9) / 10; }

// Version 3.1, appendix A: the smallest tenth that is not below, told in integers, so that a
// product that is 4.00000000002 by its binary digits stays 4.0.
double round_up(double score) {
    const auto fine = static_cast<long>(std::round(score * 100'000));
    if (fine % 10'000 == 0) return static_cast<double>(fine) / 100'000;
    return (std::floor(static_cast<double>(fine) / 10'000) + 1) / 10;
}

// Version 2's equation goes below zero for the faintest of adjusted impacts.
unsigned tenths(double score) {
    return static_cast<unsigned>(std::lround(std::max(score, 0.0) * 10));
}

// --- version 2, sections 3.2.1 to 3.2.3 ---

double base_2(const CvssVector& vector, double impact) {
    const double exploitability =
        20 * vector.weight("AV") * vector.weight("AC") * vector.weight("Au");
    const double factor = impact == 0 ? 0 : 1.176;
    return nearest_tenth((0.6 * impact + 0.4 * exploitability - 1.5) * factor);
}

CvssScores score_2(const CvssVector& vector) {
    const auto rest = [&](std::string_view metric, std::string_view requirement) {
        const double wanted = requirement.empty() ? 1 : vector.weight(requirement);
        return 1 - vector.weight(metric) * wanted;
    };
    const double impact = 10.41 * (1 - rest("C", "") * rest("I", "") * rest("A", ""));
    const double adjusted_impact =
        std::min(10.0, 10.41 * (1 - rest("C", "CR") * rest("I", "IR") * rest("A", "AR")));
    const double temporal_factor = vector.weight("E") * vector.weight("RL") * vector.weight("RC");
    const double base = base_2(vector, impact);
    const double temporal = nearest_tenth(base * temporal_factor);
    // Where the environment is not described there is no environmental score (section 2.3); its
    // equation would cap an impact of 10.0008 and take a tenth away.
    constexpr std::array kEnvironment{"CDP", "TD", "CR", "IR", "AR"};
    if (std::ranges::all_of(kEnvironment,
                            [&](std::string_view name) { return vector.value(name) == "ND"; })) {
        return {CvssVersion::k2, tenths(base), tenths(temporal), tenths(temporal)};
    }
    const double adjusted = nearest_tenth(base_2(vector, adjusted_impact) * temporal_factor);
    const double environmental =
        nearest_tenth((adjusted + (10 - adjusted) * vector.weight("CDP")) * vector.weight("TD"));
    return {CvssVersion::k2, tenths(base), tenths(temporal), tenths(environmental)};
}

// --- version 3, section 7 ---

// The metric as the environment modifies it (section 4), where `modified` asks for that.
enum class Modified : std::uint8_t { kNo, kYes };

std::string_view value_3(const CvssVector& vector, std::string_view metric, Modified modified) {
    if (modified == Modified::kYes) {
        const std::string_view own = vector.value("M" + std::string(metric));
        if (own != "X") return own;
    }
    return vector.value(metric);
}

double weight_3(const CvssVector& vector, std::string_view metric, Modified modified) {
    return vector.weight_of(metric, value_3(vector, metric, modified));
}

double exploitability_3(const CvssVector& vector, Modified modified) {
    const bool changed = value_3(vector, "S", modified) == "C";
    double privileges = weight_3(vector, "PR", modified);
    // Table 16: the two weights that a changed scope makes higher.
    const std::string_view needed = value_3(vector, "PR", modified);
    if (changed && needed == "L") privileges = 0.68;
    if (changed && needed == "H") privileges = 0.5;
    return 8.22 * weight_3(vector, "AV", modified) * weight_3(vector, "AC", modified) * privileges *
           weight_3(vector, "UI", modified);
}

double score_of_3(double impact, double exploitability, bool changed) {  // NOLINT: a value
    if (impact <= 0) return 0;
    const double sum = (impact + exploitability) * (changed ? 1.08 : 1.0);
    return round_up(std::min(sum, 10.0));
}

CvssScores score_3(const CvssVector& vector, CvssVersion version) {
    const auto rest = [&](std::string_view metric, std::string_view requirement,
                          Modified modified) {
        const double wanted = requirement.empty() ? 1 : vector.weight(requirement);
        return 1 - weight_3(vector, metric, modified) * wanted;
    };
    const double sub = 1 - rest("C", "", Modified::kNo) * rest("I", "", Modified::kNo) *
                               rest("A", "", Modified::kNo);
    const bool changed = vector.value("S") == "C";
    const double impact =
        changed ? 7.52 * (sub - 0.029) - 3.25 * std::pow(sub - 0.02, 15) : 6.42 * sub;
    const double base = score_of_3(impact, exploitability_3(vector, Modified::kNo), changed);
    const double temporal_factor = vector.weight("E") * vector.weight("RL") * vector.weight("RC");

    const double modified_sub =
        std::min(1 - rest("C", "CR", Modified::kYes) * rest("I", "IR", Modified::kYes) *
                         rest("A", "AR", Modified::kYes),
                 0.915);
    const bool modified_changed = value_3(vector, "S", Modified::kYes) == "C";
    double modified_impact = 6.42 * modified_sub;
    if (modified_changed) {
        // Section 7.3: 3.1 replaced the last term of 3.0.
        const double last = version == CvssVersion::k31 ? std::pow(modified_sub * 0.9731 - 0.02, 13)
                                                        : std::pow(modified_sub - 0.02, 15);
        modified_impact = 7.52 * (modified_sub - 0.029) - 3.25 * last;
    }
    const double modified_base =
        score_of_3(modified_impact, exploitability_3(vector, Modified::kYes), modified_changed);
    return {version, tenths(base), tenths(round_up(base * temporal_factor)),
            tenths(round_up(modified_base * temporal_factor))};
}

}  // namespace

Result<CvssScores> score_cvss(std::string_view vector) {
    if (vector.starts_with("CVSS:4.0/")) {
        const CvssVector parsed = MERLON_TRY(parse_cvss(vector.substr(9), cvss_4_metrics()));
        const unsigned score = score_cvss_4(parsed);
        return CvssScores{CvssVersion::k4, score, score, score};
    }
    for (const auto& [prefix, version] :
         {std::pair{"CVSS:3.1/", CvssVersion::k31}, std::pair{"CVSS:3.0/", CvssVersion::k30}}) {
        if (!vector.starts_with(prefix)) continue;
        return score_3(MERLON_TRY(parse_cvss(vector.substr(9), cvss_3_metrics())), version);
    }
    if (vector.starts_with("CVSS:2.0/")) vector.remove_prefix(9);
    if (vector.starts_with('(') && vector.ends_with(')')) {
        vector = vector.substr(1, vector.size() - 2);
    }
    if (vector.starts_with("CVSS:")) {
        return Error{"CVSS: versions 2.0, 3.0, 3.1 and 4.0 are known, not " +
                     std::string(vector.substr(5, 8))};
    }
    return score_2(MERLON_TRY(parse_cvss(vector, cvss_2_metrics())));
}

std::string_view cvss_rating(unsigned tenths) {
    if (tenths == 0) return "none";
    if (tenths < 40) return "low";
    if (tenths < 70) return "medium";
    return tenths < 90 ? "high" : "critical";
}

}  // namespace merlon::exchange
