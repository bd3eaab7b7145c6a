#pragma once

// What a TZif file says by its footer of times behind its last transition (RFC 8536, section 3.3):
// a TZ string of POSIX such as "CET-1CEST,M3.5.0,M10.5.0/3".
//
// Thread-safe: values. Cost: a few additions for each time.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace merlon::rego {

class ZoneRule {
  public:
    struct Offset {
        int seconds = 0;  // east of UTC
        std::string abbreviation;
    };

    // Nothing where the text is none.
    static std::optional<ZoneRule> read(std::string_view text);
    const Offset& standard() const { return standard_; }
    const Offset& summer() const { return summer_; }
    bool has_summer() const { return has_summer_; }

    struct Turn {
        std::int64_t seconds = 0;  // since 1970
        bool is_to_summer = false;
    };
    // Of a year, in their order; of a rule that has summers.
    std::array<Turn, 2> turns(std::int64_t year) const;

  private:
    friend class ZoneRuleReader;

    // When a year's summer time begins or ends, by the clock that holds until then.
    struct Change {
        enum class Kind : std::uint8_t { kDayWithoutLeap, kDay, kWeekday };
        Kind kind = Kind::kWeekday;
        int day = 0;  // of the year, or of the week
        int week = 0;
        int month = 0;
        std::int64_t seconds = 7'200;  // of the day
    };
    static std::int64_t seconds_of(const Change& change, std::int64_t year);

    Offset standard_;
    Offset summer_;
    bool has_summer_ = false;
    Change begin_;
    Change end_;
};

}  // namespace merlon::rego
