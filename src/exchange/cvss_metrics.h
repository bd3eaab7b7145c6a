#pragma once

// The metrics of each CVSS version with their values and weights, and a vector read by them; what
// cvss.cpp and cvss_4.cpp share.
//
// Thread-safe: constant tables.

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.h"

namespace merlon::exchange {

struct CvssValue {
    std::string_view name;
    double weight = 0;
};

struct CvssMetric {
    std::string_view name;
    // The value of a metric that is not stated is the first one; of a mandatory one there is none.
    std::span<const CvssValue> values;
    enum class Stated : std::uint8_t { kAlways, kMaybe } stated = Stated::kMaybe;
};

class CvssVector {
  public:
    static constexpr std::size_t kMaxMetrics = 40;

    explicit CvssVector(std::span<const CvssMetric> metrics) : metrics_(metrics) {}

    std::string_view value(std::string_view metric) const;
    double weight(std::string_view metric) const;
    // The weight that `metric` has with another value than its own.
    double weight_of(std::string_view metric, std::string_view value) const;

  private:
    friend Result<CvssVector> parse_cvss(std::string_view, std::span<const CvssMetric>);

    std::size_t place(std::string_view metric) const;

    std::span<const CvssMetric> metrics_;
    std::array<std::uint8_t, kMaxMetrics> chosen_{};
};

std::span<const CvssMetric> cvss_2_metrics();
std::span<const CvssMetric> cvss_3_metrics();
std::span<const CvssMetric> cvss_4_metrics();

// Reads "AV:N/AC:L/…", metrics in any order.
Result<CvssVector> parse_cvss(std::string_view vector, std::span<const CvssMetric> metrics);

// Version 4's score in tenths (specification, section 8.2).
unsigned score_cvss_4(const CvssVector& vector);

}  // namespace merlon::exchange
