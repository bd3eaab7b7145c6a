#pragma once

// The identifiers of the SPDX licence list, as data: made by tools/licenses/make_tables.py.
// Internal to this room; license.h looks things up. Constant tables.

#include <cstdint>
#include <span>
#include <string_view>

namespace merlon::packages {

enum class IdState : std::uint8_t { kCurrent, kDeprecated };

struct ListedId {
    std::string_view id;
    IdState state;
};

// Ascending by identifier in lower case.
std::span<const ListedId> listed_licenses();
std::span<const ListedId> listed_exceptions();

}  // namespace merlon::packages
