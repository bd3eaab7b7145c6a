#pragma once

// Whose findings are: written to the store when somebody who can see the files imports a report.
//
// The idea: an owner belongs to a path. Each path of a scope that has findings is asked for once,
// and what is different from before is changed in one set.
//
// Not thread-safe; within the caller's transaction. Cost: a question for each path with findings.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "evidence/database.h"

namespace merlon::evidence {

// Owners with a blank between two; empty: nobody's.
using OwnerOf = std::function<std::string(std::string_view path)>;

Status assign_owners(Database& database, std::int64_t scope, const OwnerOf& owner_of,
                     std::int64_t now_s);

}  // namespace merlon::evidence
