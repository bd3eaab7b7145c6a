#pragma once

// Whether a version stands in the events of an affected row: OSV's "Evaluation" over the database's
// words.
//
// The idea: events are sorted when the database is written, so that one walk over a range decides;
// keys are compared, and texts only where keys cannot tell.
//
// Thread-safe: no state of its own. Cost: a comparison for each event.

#include <algorithm>
#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

#include "packages/version.h"
#include "sca/database_segment.h"
#include "sca/version_order.h"

namespace merlon::sca {

inline EventKind kind_of_event(std::uint32_t event) {
    return static_cast<EventKind>(event >> kEventShift);
}

// Where in an affected row a version was found.
struct Hit {
    RowRange events;                     // of the range, without its begin; or the listed version
    std::optional<std::uint32_t> fixed;  // the version of the event that ends it
};

class RowTest {
  public:
    RowTest(const SegmentReader& reader, packages::VersionScheme scheme, std::string_view version,
            std::string_view key)
        : reader_(reader), scheme_(scheme), version_(version), key_(key) {}

    // The first range, or listed version, of these events that holds the version.
    std::optional<Hit> find(RowRange events) const {
        for (std::uint32_t i = events.first; i < events.last;) {
            const std::uint32_t event = reader_.event(i);
            if (kind_of_event(event) == EventKind::kExact) {
                if (order(event) == 0) return Hit{{i, i + 1}, std::nullopt};
                ++i;
                continue;
            }
            std::uint32_t end = i + 1;
            while (end < events.last && kind_of_event(reader_.event(end)) != EventKind::kRange &&
                   kind_of_event(reader_.event(end)) != EventKind::kExact) {
                ++end;
            }
            if (auto hit = test_range({i + 1, end})) return hit;
            i = end;
        }
        return std::nullopt;
    }

    // Whether every version there is, and will be, is affected: then an unknown one is, too.
    bool affects_all(RowRange events) const {
        for (std::uint32_t i = events.first; i < events.last; ++i) {
            const bool begins = kind_of_event(reader_.event(i)) == EventKind::kRange;
            const bool is_alone =
                i + 2 == events.last ||
                (i + 2 < events.last && kind_of_event(reader_.event(i + 2)) == EventKind::kRange);
            if (begins && is_alone && i + 1 < events.last &&
                kind_of_event(reader_.event(i + 1)) == EventKind::kIntroduced &&
                (reader_.event(i + 1) & kEventVersionMask) == kFirstVersion) {
                return true;
            }
        }
        return false;
    }

  private:
    // How the version stands to the event's.
    std::weak_ordering order(std::uint32_t event) const {
        const std::uint32_t number = event & kEventVersionMask;
        if (number == kFirstVersion) {
            return version_ == "0" ? std::weak_ordering::equivalent : std::weak_ordering::greater;
        }
        if (version_ == "0") return std::weak_ordering::less;
        const int by_key = key_.compare(reader_.version_key(number));
        if (by_key != 0) return by_key < 0 ? std::weak_ordering::less : std::weak_ordering::greater;
        if (packages::has_exact_keys(scheme_)) return std::weak_ordering::equivalent;
        return packages::compare_versions(scheme_, version_, reader_.version_text(number));
    }

    // The range that holds the version, and the first version above it that is fixed.
    std::optional<Hit> test_range(RowRange range) const {
        RangeWalk walk;
        std::optional<std::uint32_t> fixed;
        for (std::uint32_t i = range.first; i < range.last; ++i) {
            const std::uint32_t event = reader_.event(i);
            const EventKind kind = kind_of_event(event);
            const auto order = this->order(event);
            if (kind == EventKind::kFixed && order < 0 && walk.affected && !fixed.has_value()) {
                fixed = event & kEventVersionMask;
            }
            walk.pass(kind, order);
        }
        if (!walk.affects()) return std::nullopt;
        return Hit{range, fixed};
    }

    const SegmentReader& reader_;
    packages::VersionScheme scheme_;
    std::string_view version_;
    std::string_view key_;
};

}  // namespace merlon::sca
