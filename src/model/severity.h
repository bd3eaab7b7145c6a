#pragma once

// How bad a finding is, and how sure its rule is. Both are ordered: greater is worse, or surer.
//
// Thread-safe: no state.

#include <cstdint>
#include <optional>
#include <string_view>

namespace merlon::model {

enum class Severity : std::uint8_t { kInfo, kLow, kMedium, kHigh, kCritical };
enum class Confidence : std::uint8_t { kLow, kMedium, kHigh };

// "info", "low", "medium", "high", "critical".
std::string_view name(Severity severity);
// "low", "medium", "high".
std::string_view name(Confidence confidence);

// Reads those names in any case; nothing else is a severity.
std::optional<Severity> parse_severity(std::string_view text);
std::optional<Confidence> parse_confidence(std::string_view text);

// GitHub's `security-severity`: the number that puts a rule into the band of that name there
// (critical 9.5, high 8.0, medium 5.5, low 2.0, info 0.0).
std::string_view security_severity(Severity severity);

}  // namespace merlon::model
