#pragma once

// Versions of one scheme compared by their keys where these decide, and by their texts where not
// (packages/version.h).
//
// Thread-safe: no state. Cost: a memcmp; seldom a comparison of texts.

#include <compare>
#include <string>
#include <string_view>

#include "packages/version.h"
#include "sca/database_format.h"

namespace merlon::sca {

struct KeyedVersion {
    std::string_view text;
    std::string_view key;
};

inline std::string version_key(packages::VersionScheme scheme, std::string_view version) {
    std::string key;
    packages::append_version_key(scheme, version, key);
    return key;
}

inline std::weak_ordering compare(packages::VersionScheme scheme, const KeyedVersion& left,
                                  const KeyedVersion& right) {
    const int order = left.key.compare(right.key);
    if (order != 0) {
        return order < 0 ? std::weak_ordering::less : std::weak_ordering::greater;
    }
    if (left.text == right.text || packages::has_exact_keys(scheme)) {
        return std::weak_ordering::equivalent;
    }
    return packages::compare_versions(scheme, left.text, right.text);
}

// OSV, "Evaluation": what a walk over the events of one range, in their order, has come to. Both
// the rows of a database and the ranges that go into one are decided by it.
struct RangeWalk {
    bool affected = false;
    bool has_limit = false;
    bool before_limit = false;

    // `order`: how the version stands to the event's.
    void pass(EventKind kind, std::weak_ordering order) {
        switch (kind) {
            case EventKind::kLimit:
                has_limit = true;
                before_limit = before_limit || order < 0;
                break;
            case EventKind::kIntroduced:
                if (order >= 0) affected = true;
                break;
            case EventKind::kFixed:
                if (order >= 0) affected = false;
                break;
            case EventKind::kLastAffected:
                if (order > 0) affected = false;
                break;
            case EventKind::kRange:
            case EventKind::kExact:
                break;
        }
    }
    // BeforeLimits: a range without limits has none.
    bool affects() const { return affected && (before_limit || !has_limit); }
};

}  // namespace merlon::sca
