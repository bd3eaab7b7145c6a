#pragma once

// What an analysis has looked at: where its report tells of the files or rules, what it does not
// have is gone only if it was among them.
//
// The idea: a tool that ran over two files says nothing of a third, however complete it was. Of a
// file that is in no list it is not known whether it was left out or is no more; whoever imports in
// the checkout can tell.
//
// Not thread-safe: asks the store. Cost: one look-up for all rules.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "evidence/database.h"
#include "exchange/read_report.h"

namespace merlon::evidence {

// Whether something of that family would have been found there; empty: anything anywhere.
using HasLooked = std::function<bool(std::string_view path, std::int64_t family)>;

// `is_gone`, where it is known: whether the repository has no such file. The report is copied from.
Result<HasLooked> looked_at(Database& database, const std::string& tool,
                            const exchange::ReadReport& read,
                            const std::function<bool(std::string_view path)>& is_gone);

}  // namespace merlon::evidence
