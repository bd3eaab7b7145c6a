#include "exchange/cvss_metrics.h"

#include <string>

#include "base/assert.h"

namespace merlon::exchange {
namespace {

using V = CvssValue;
constexpr auto kAlways = CvssMetric::Stated::kAlways;

// Version 2.0, sections 3.2.1 to 3.2.3.
constexpr V kVector2[] = {{"L", 0.395}, {"A", 0.646}, {"N", 1.0}};
constexpr V kComplexity2[] = {{"H", 0.35}, {"M", 0.61}, {"L", 0.71}};
constexpr V kAuthentication2[] = {{"M", 0.45}, {"S", 0.56}, {"N", 0.704}};
constexpr V kImpact2[] = {{"N", 0.0}, {"P", 0.275}, {"C", 0.660}};
constexpr V kExploit2[] = {{"ND", 1.0}, {"U", 0.85}, {"POC", 0.9}, {"F", 0.95}, {"H", 1.0}};
constexpr V kRemedy2[] = {{"ND", 1.0}, {"OF", 0.87}, {"TF", 0.90}, {"W", 0.95}, {"U", 1.0}};
constexpr V kConfidence2[] = {{"ND", 1.0}, {"UC", 0.90}, {"UR", 0.95}, {"C", 1.0}};
constexpr V kDamage2[] = {{"ND", 0.0}, {"N", 0.0},  {"L", 0.1},
                          {"LM", 0.3}, {"MH", 0.4}, {"H", 0.5}};
constexpr V kTargets2[] = {{"ND", 1.0}, {"N", 0.0}, {"L", 0.25}, {"M", 0.75}, {"H", 1.0}};
constexpr V kRequirement2[] = {{"ND", 1.0}, {"L", 0.5}, {"M", 1.0}, {"H", 1.51}};
constexpr CvssMetric kMetrics2[] = {
    {"AV", kVector2, kAlways},
    {"AC", kComplexity2, kAlways},
    {"Au", kAuthentication2, kAlways},
    {"C", kImpact2, kAlways},
    {"I", kImpact2, kAlways},
    {"A", kImpact2, kAlways},
    {"E", kExploit2},
    {"RL", kRemedy2},
    {"RC", kConfidence2},
    {"CDP", kDamage2},
    {"TD", kTargets2},
    {"CR", kRequirement2},
    {"IR", kRequirement2},
    {"AR", kRequirement2},
};

// Version 3.1, section 7.4. The weight of X as a modified metric is never taken.
constexpr V kVector3[] = {{"N", 0.85}, {"A", 0.62}, {"L", 0.55}, {"P", 0.2}};
constexpr V kComplexity3[] = {{"L", 0.77}, {"H", 0.44}};
constexpr V kPrivileges3[] = {{"N", 0.85}, {"L", 0.62}, {"H", 0.27}};
constexpr V kInteraction3[] = {{"N", 0.85}, {"R", 0.62}};
constexpr V kScope3[] = {{"U"}, {"C"}};
constexpr V kImpact3[] = {{"H", 0.56}, {"L", 0.22}, {"N", 0.0}};
constexpr V kExploit3[] = {{"X", 1.0}, {"H", 1.0}, {"F", 0.97}, {"P", 0.94}, {"U", 0.91}};
constexpr V kRemedy3[] = {{"X", 1.0}, {"U", 1.0}, {"W", 0.97}, {"T", 0.96}, {"O", 0.95}};
constexpr V kConfidence3[] = {{"X", 1.0}, {"C", 1.0}, {"R", 0.96}, {"U", 0.92}};
constexpr V kRequirement3[] = {{"X", 1.0}, {"H", 1.5}, {"M", 1.0}, {"L", 0.5}};
constexpr V kModifiedVector3[] = {{"X"}, {"N"}, {"A"}, {"L"}, {"P"}};
constexpr V kModifiedComplexity3[] = {{"X"}, {"L"}, {"H"}};
constexpr V kModifiedLevel3[] = {{"X"}, {"N"}, {"L"}, {"H"}};
constexpr V kModifiedInteraction3[] = {{"X"}, {"N"}, {"R"}};
constexpr V kModifiedScope3[] = {{"X"}, {"U"}, {"C"}};
constexpr CvssMetric kMetrics3[] = {
    {"AV", kVector3, kAlways},
    {"AC", kComplexity3, kAlways},
    {"PR", kPrivileges3, kAlways},
    {"UI", kInteraction3, kAlways},
    {"S", kScope3, kAlways},
    {"C", kImpact3, kAlways},
    {"I", kImpact3, kAlways},
    {"A", kImpact3, kAlways},
    {"E", kExploit3},
    {"RL", kRemedy3},
    {"RC", kConfidence3},
    {"CR", kRequirement3},
    {"IR", kRequirement3},
    {"AR", kRequirement3},
    {"MAV", kModifiedVector3},
    {"MAC", kModifiedComplexity3},
    {"MPR", kModifiedLevel3},
    {"MUI", kModifiedInteraction3},
    {"MS", kModifiedScope3},
    {"MC", kModifiedLevel3},
    {"MI", kModifiedLevel3},
    {"MA", kModifiedLevel3},
};

// Version 4.0: the weight is the level below the highest value, in tenths (section 8.2).
constexpr V kVector4[] = {{"N", 0}, {"A", 1}, {"L", 2}, {"P", 3}};
constexpr V kComplexity4[] = {{"L", 0}, {"H", 1}};
constexpr V kRequirements4[] = {{"N", 0}, {"P", 1}};
constexpr V kPrivileges4[] = {{"N", 0}, {"L", 1}, {"H", 2}};
constexpr V kInteraction4[] = {{"N", 0}, {"P", 1}, {"A", 2}};
constexpr V kImpact4[] = {{"H", 0}, {"L", 1}, {"N", 2}};
constexpr V kSubsequentConfidentiality4[] = {{"H", 1}, {"L", 2}, {"N", 3}};
// Safety can be stated by the modified metrics alone.
constexpr V kSubsequentWithSafety4[] = {{"H", 1}, {"L", 2}, {"N", 3}};
constexpr V kExploit4[] = {{"X", 0}, {"A", 0}, {"P", 1}, {"U", 2}};
constexpr V kRequirement4[] = {{"X", 0}, {"H", 0}, {"M", 1}, {"L", 2}};
constexpr V kModifiedVector4[] = {{"X"}, {"N", 0}, {"A", 1}, {"L", 2}, {"P", 3}};
constexpr V kModifiedComplexity4[] = {{"X"}, {"L", 0}, {"H", 1}};
constexpr V kModifiedRequirements4[] = {{"X"}, {"N", 0}, {"P", 1}};
constexpr V kModifiedPrivileges4[] = {{"X"}, {"N", 0}, {"L", 1}, {"H", 2}};
constexpr V kModifiedInteraction4[] = {{"X"}, {"N", 0}, {"P", 1}, {"A", 2}};
constexpr V kModifiedImpact4[] = {{"X"}, {"H", 0}, {"L", 1}, {"N", 2}};
constexpr V kModifiedSubsequent4[] = {{"X"}, {"H", 1}, {"L", 2}, {"N", 3}};
constexpr V kModifiedSafety4[] = {{"X"}, {"S", 0}, {"H", 1}, {"L", 2}, {"N", 3}};
// Supplemental metrics change no score (section 5).
constexpr V kSafety4[] = {{"X"}, {"N"}, {"P"}};
constexpr V kAutomatable4[] = {{"X"}, {"N"}, {"Y"}};
constexpr V kRecovery4[] = {{"X"}, {"A"}, {"U"}, {"I"}};
constexpr V kDensity4[] = {{"X"}, {"D"}, {"C"}};
constexpr V kEffort4[] = {{"X"}, {"L"}, {"M"}, {"H"}};
constexpr V kUrgency4[] = {{"X"}, {"Clear"}, {"Green"}, {"Amber"}, {"Red"}};
constexpr CvssMetric kMetrics4[] = {
    {"AV", kVector4, kAlways},
    {"AC", kComplexity4, kAlways},
    {"AT", kRequirements4, kAlways},
    {"PR", kPrivileges4, kAlways},
    {"UI", kInteraction4, kAlways},
    {"VC", kImpact4, kAlways},
    {"VI", kImpact4, kAlways},
    {"VA", kImpact4, kAlways},
    {"SC", kSubsequentConfidentiality4, kAlways},
    {"SI", kSubsequentWithSafety4, kAlways},
    {"SA", kSubsequentWithSafety4, kAlways},
    {"E", kExploit4},
    {"CR", kRequirement4},
    {"IR", kRequirement4},
    {"AR", kRequirement4},
    {"MAV", kModifiedVector4},
    {"MAC", kModifiedComplexity4},
    {"MAT", kModifiedRequirements4},
    {"MPR", kModifiedPrivileges4},
    {"MUI", kModifiedInteraction4},
    {"MVC", kModifiedImpact4},
    {"MVI", kModifiedImpact4},
    {"MVA", kModifiedImpact4},
    {"MSC", kModifiedSubsequent4},
    {"MSI", kModifiedSafety4},
    {"MSA", kModifiedSafety4},
    {"S", kSafety4},
    {"AU", kAutomatable4},
    {"R", kRecovery4},
    {"V", kDensity4},
    {"RE", kEffort4},
    {"U", kUrgency4},
};
static_assert(std::size(kMetrics4) <= CvssVector::kMaxMetrics);

constexpr std::uint8_t kNotStated = 0xFF;

}  // namespace

std::span<const CvssMetric> cvss_2_metrics() { return kMetrics2; }
std::span<const CvssMetric> cvss_3_metrics() { return kMetrics3; }
std::span<const CvssMetric> cvss_4_metrics() { return kMetrics4; }

std::size_t CvssVector::place(std::string_view metric) const {
    std::size_t at = 0;
    while (at < metrics_.size() && metrics_[at].name != metric) ++at;
    MERLON_ASSERT(at < metrics_.size());
    return at;
}

std::string_view CvssVector::value(std::string_view metric) const {
    const std::size_t at = place(metric);
    return metrics_[at].values[chosen_[at]].name;
}

double CvssVector::weight(std::string_view metric) const {
    const std::size_t at = place(metric);
    return metrics_[at].values[chosen_[at]].weight;
}

double CvssVector::weight_of(std::string_view metric, std::string_view value) const {
    for (const CvssValue& known : metrics_[place(metric)].values) {
        if (known.name == value) return known.weight;
    }
    return 0;
}

Result<CvssVector> parse_cvss(std::string_view vector, std::span<const CvssMetric> metrics) {
    CvssVector parsed(metrics);
    parsed.chosen_.fill(kNotStated);
    std::size_t offset = 0;
    while (offset < vector.size()) {
        const std::string_view part = vector.substr(offset, vector.substr(offset).find('/'));
        const std::size_t colon = part.find(':');
        const std::string_view metric = part.substr(0, colon);
        std::size_t at = 0;
        while (at < metrics.size() && metrics[at].name != metric) ++at;
        if (colon == std::string_view::npos || at == metrics.size()) {
            return Error{"CVSS: not a metric of this version: " + std::string(part), offset};
        }
        if (parsed.chosen_[at] != kNotStated) {
            return Error{"CVSS: stated twice: " + std::string(metric), offset};
        }
        for (std::size_t i = 0; i < metrics[at].values.size(); ++i) {
            if (metrics[at].values[i].name == part.substr(colon + 1)) {
                parsed.chosen_[at] = static_cast<std::uint8_t>(i);
            }
        }
        if (parsed.chosen_[at] == kNotStated) {
            return Error{"CVSS: not a value of " + std::string(metric) + ": " + std::string(part),
                         offset};
        }
        offset += part.size() + 1;
    }
    for (std::size_t at = 0; at < metrics.size(); ++at) {
        if (parsed.chosen_[at] != kNotStated) continue;
        if (metrics[at].stated == kAlways) {
            return Error{"CVSS: the vector does not state " + std::string(metrics[at].name)};
        }
        parsed.chosen_[at] = 0;
    }
    return parsed;
}

}  // namespace merlon::exchange
