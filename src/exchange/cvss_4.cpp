#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>
#include <optional>
#include <string>

#include "exchange/cvss_metrics.h"

namespace merlon::exchange {
namespace {

// One class of vectors, "macro vector" (section 8.2): a level of each of the six equivalence sets,
// 0 the worst. The third and the sixth depend on each other; of their six pairs five exist.
struct MacroVector {
    int eq1, eq2, eq3, eq4, eq5, eq6;
};

// The published scores in tenths, by eq1, eq2, the pair of eq3 and eq6, eq4, eq5.
constexpr std::array<std::uint8_t, 270> kScores{
    100, 98, 95, 100, 93, 91, 93, 89, 81, 99, 95, 92, 96, 87, 81, 90, 80, 68, 98, 95, 90, 93, 89,
    81,  88, 78, 69,  95, 92, 84, 92, 81, 65, 80, 70, 48, 92, 82, 72, 79, 69, 50, 69, 55, 27, 99,
    95,  92, 95, 90,  84, 92, 82, 72, 97, 92, 85, 91, 83, 71, 81, 71, 53, 95, 92, 85, 92, 80, 70,
    84,  71, 50, 93,  85, 73, 82, 72, 59, 70, 52, 30, 86, 75, 52, 71, 52, 29, 63, 29, 17, 98, 94,
    91,  94, 86, 77,  87, 74, 63, 95, 87, 81, 89, 74, 64, 75, 63, 49, 94, 88, 76, 86, 74, 59, 72,
    57,  52, 89, 77,  67, 76, 58, 50, 57, 52, 25, 83, 70, 54, 65, 58, 26, 53, 21, 13, 95, 88, 76,
    90,  75, 61, 77,  68, 52, 90, 76, 70, 77, 62, 53, 66, 59, 30, 89, 76, 62, 74, 57, 47, 61, 57,
    24,  78, 67, 58,  59, 57, 23, 52, 29, 16, 71, 59, 30, 58, 26, 15, 23, 13, 6,  93, 86, 75, 86,
    74,  56, 70, 52,  40, 87, 72, 58, 74, 61, 34, 54, 40, 22, 85, 74, 62, 72, 55, 46, 53, 34, 19,
    75,  55, 51, 57,  41, 19, 36, 19, 8,  64, 51, 20, 47, 21, 11, 24, 9,  4,  88, 73, 60, 73, 59,
    41,  54, 45, 20,  75, 53, 50, 55, 40, 20, 43, 22, 11, 75, 58, 40, 61, 48, 20, 46, 17, 8,  55,
    45,  21, 51, 18,  9,  18, 7,  2,  53, 24, 14, 24, 12, 5,  10, 3,  1,
};

std::optional<double> score_of(const MacroVector& macro) {
    const auto& [eq1, eq2, eq3, eq4, eq5, eq6] = macro;
    if (eq1 > 2 || eq2 > 1 || eq3 > 2 || eq4 > 2 || eq5 > 2 || eq6 > 1) return std::nullopt;
    if (eq3 == 2 && eq6 == 0) return std::nullopt;
    const int pair = eq3 == 2 ? 4 : 2 * eq3 + eq6;
    const int place = (((eq1 * 2 + eq2) * 5 + pair) * 3 + eq4) * 3 + eq5;
    return kScores[static_cast<std::size_t>(place)];
}

// A vector as it counts: modified metrics replace the base's, and what is not stated is the worst.
class Effective {
  public:
    explicit Effective(const CvssVector& vector) : vector_(vector) {}

    std::string_view value(std::string_view metric) const {
        if (metric == "E") return worst_unless_stated(metric, "A");
        if (metric == "CR" || metric == "IR" || metric == "AR") {
            return worst_unless_stated(metric, "H");
        }
        const std::string_view modified = vector_.value("M" + std::string(metric));
        return modified != "X" ? modified : vector_.value(metric);
    }
    bool is(std::string_view metric, std::string_view wanted) const {
        return value(metric) == wanted;
    }
    // Tenths below the highest value that the metric can have.
    int level(std::string_view metric) const {
        if (metric == "CR" || metric == "IR" || metric == "AR" || metric == "E") {
            return static_cast<int>(vector_.weight(metric));
        }
        const std::string modified = "M" + std::string(metric);
        return static_cast<int>(vector_.value(modified) != "X" ? vector_.weight(modified)
                                                               : vector_.weight(metric));
    }

  private:
    std::string_view worst_unless_stated(std::string_view metric, std::string_view worst) const {
        const std::string_view stated = vector_.value(metric);
        return stated == "X" ? worst : stated;
    }

    const CvssVector& vector_;
};

// Tables 24 to 29.
MacroVector macro_vector(const Effective& v) {
    MacroVector macro{};
    const bool network = v.is("AV", "N");
    const bool no_privileges = v.is("PR", "N");
    const bool no_interaction = v.is("UI", "N");
    macro.eq1 = 2;
    if (network && no_privileges && no_interaction) {
        macro.eq1 = 0;
    } else if ((network || no_privileges || no_interaction) && !v.is("AV", "P")) {
        macro.eq1 = 1;
    }
    macro.eq2 = v.is("AC", "L") && v.is("AT", "N") ? 0 : 1;
    macro.eq3 = 2;
    if (v.is("VC", "H") && v.is("VI", "H")) {
        macro.eq3 = 0;
    } else if (v.is("VC", "H") || v.is("VI", "H") || v.is("VA", "H")) {
        macro.eq3 = 1;
    }
    macro.eq4 = 2;
    if (v.is("SI", "S") || v.is("SA", "S")) {
        macro.eq4 = 0;
    } else if (v.is("SC", "H") || v.is("SI", "H") || v.is("SA", "H")) {
        macro.eq4 = 1;
    }
    macro.eq5 = v.is("E", "A") ? 0 : v.is("E", "P") ? 1 : 2;
    const bool demanded = (v.is("CR", "H") && v.is("VC", "H")) ||
                          (v.is("IR", "H") && v.is("VI", "H")) ||
                          (v.is("AR", "H") && v.is("VA", "H"));
    macro.eq6 = demanded ? 0 : 1;
    return macro;
}

// The highest vectors of each level (section 8.2, "MacroVectors' highest severity vectors"), as the
// levels of their metrics.
struct Highest {
    int level;  // of the set; of the third and sixth 10 * eq3 + eq6
    std::array<int, 6> levels;
};
constexpr std::array<std::string_view, 3> kSet1{"AV", "PR", "UI"};
constexpr Highest kHighest1[] = {{0, {0, 0, 0}}, {1, {1, 0, 0}}, {1, {0, 1, 0}},
                                 {1, {0, 0, 1}}, {2, {3, 0, 0}}, {2, {1, 1, 1}}};
constexpr std::array<std::string_view, 2> kSet2{"AC", "AT"};
constexpr Highest kHighest2[] = {{0, {0, 0}}, {1, {1, 0}}, {1, {0, 1}}};
constexpr std::array<std::string_view, 6> kSet36{"VC", "VI", "VA", "CR", "IR", "AR"};
constexpr Highest kHighest36[] = {
    {0, {0, 0, 0, 0, 0, 0}},  {1, {0, 0, 1, 1, 1, 0}},  {1, {0, 0, 0, 1, 1, 1}},
    {10, {1, 0, 0, 0, 0, 0}}, {10, {0, 1, 0, 0, 0, 0}}, {11, {1, 0, 1, 0, 1, 0}},
    {11, {1, 0, 0, 0, 1, 1}}, {11, {0, 1, 0, 1, 0, 1}}, {11, {0, 1, 1, 1, 0, 0}},
    {11, {1, 1, 0, 0, 0, 1}}, {21, {1, 1, 1, 0, 0, 0}}};
constexpr std::array<std::string_view, 3> kSet4{"SC", "SI", "SA"};
constexpr Highest kHighest4[] = {{0, {1, 0, 0}}, {1, {1, 1, 1}}, {2, {2, 2, 2}}};

// How far the vector is from the highest one of its level that is nowhere below it, in tenths.
template <std::size_t kCount>
int distance(const Effective& v, const std::array<std::string_view, kCount>& metrics, int level,
             std::span<const Highest> highest) {
    for (const Highest& candidate : highest) {
        if (candidate.level != level) continue;
        int sum = 0;
        bool nowhere_below = true;
        for (std::size_t i = 0; i < kCount; ++i) {
            const int step = v.level(metrics[i]) - candidate.levels[i];
            nowhere_below = nowhere_below && step >= 0;
            sum += step;
        }
        if (nowhere_below) return sum;
    }
    return 0;
}

// The depth of each level of the sets, in tenths (section 8.2, "maximal distances").
constexpr int kDepth1[] = {1, 4, 5};
constexpr int kDepth2[] = {1, 2};
constexpr int kDepth36[3][2] = {{7, 6}, {8, 8}, {10, 10}};
constexpr int kDepth4[] = {6, 5, 4};

std::optional<double> lower_score_36(const MacroVector& macro) {
    MacroVector next3 = macro;
    ++next3.eq3;
    MacroVector next6 = macro;
    ++next6.eq6;
    if (macro.eq6 == 1) return score_of(next3);
    if (macro.eq3 == 1) return score_of(next6);
    // Two ways down: the shorter one.
    return std::max(score_of(next3).value_or(0), score_of(next6).value_or(0));
}

}  // namespace

unsigned score_cvss_4(const CvssVector& vector) {
    const Effective v(vector);
    const std::initializer_list<std::string_view> impacts{"VC", "VI", "VA", "SC", "SI", "SA"};
    if (std::all_of(impacts.begin(), impacts.end(),
                    [&](std::string_view metric) { return v.is(metric, "N"); })) {
        return 0;
    }
    const MacroVector macro = macro_vector(v);
    const double score = score_of(macro).value_or(0);
    double sum = 0;
    int lower_levels = 0;
    const auto move = [&](std::optional<double> lower, int steps, int depth) {
        if (!lower.has_value()) return;
        ++lower_levels;
        sum += (score - *lower) * steps / depth;
    };
    const auto with = [&](int MacroVector::* set) {
        MacroVector next = macro;
        ++(next.*set);
        return score_of(next);
    };
    move(with(&MacroVector::eq1), distance(v, kSet1, macro.eq1, kHighest1), kDepth1[macro.eq1]);
    move(with(&MacroVector::eq2), distance(v, kSet2, macro.eq2, kHighest2), kDepth2[macro.eq2]);
    move(lower_score_36(macro), distance(v, kSet36, 10 * macro.eq3 + macro.eq6, kHighest36),
         kDepth36[macro.eq3][macro.eq6]);
    move(with(&MacroVector::eq4), distance(v, kSet4, macro.eq4, kHighest4), kDepth4[macro.eq4]);
    // Every vector of a level of the fifth set is its highest one: it counts, and moves nothing.
    move(with(&MacroVector::eq5), 0, 1);
    const double mean = lower_levels == 0 ? 0 : sum / lower_levels;
    return static_cast<unsigned>(std::floor(std::clamp(score - mean, 0.0, 100.0) + 0.5 + 1e-5));
}

}  // namespace merlon::exchange
