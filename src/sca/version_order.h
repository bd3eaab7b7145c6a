#pragma once

// Versions of one scheme compared by their keys where these decide, and by their texts where not
// (packages/version.h).
//
// Thread-safe: no state. Cost: a memcmp; seldom a comparison of texts.

#include <compare>
#include <string>
#include <string_view>

#include "packages/version.h"

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

}  // namespace merlon::sca
