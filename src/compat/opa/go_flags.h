#pragma once

// Command lines as Go's pflag takes them, for the fronts of programs that are written in Go:
// --flag=false and -f=value, which our own commands refuse.
//
// The idea: the words are rewritten before the flag table reads them. What pflag takes beyond the
// table becomes what the table knows; all else is left as it is, so that mistakes have the table's
// words.
//
// Thread-safe: no state. Cost: linear in the words.

#include <span>
#include <string>
#include <vector>

#include "base/flags.h"
#include "base/result.h"

namespace merlon::compat::opa {

// Of a flag without a value that is given several times, the last wins. Fails where one is given
// what strconv.ParseBool does not take.
Result<std::vector<std::string>> words_of_go(const CommandTable& table,
                                             std::span<const std::string> words);
// The flags without a value that the words turn off at last: what else turns them on is below that.
std::vector<std::string> flags_turned_off(const CommandTable& table,
                                          std::span<const std::string> words);

}  // namespace merlon::compat::opa
