#pragma once

// One tool under the names that its formats give it.
//
// The idea: Semgrep's JSON names no tool, which makes it "semgrep", and its SARIF has the driver
// "Semgrep OSS" or "Semgrep PRO"; it is one tool, whose findings are the same in both. A store that
// had them apart goes on so: a name that it has stays what it was.
//
// Not thread-safe: the connection belongs to one thread.

#include <string>
#include <string_view>

#include "evidence/database.h"

namespace merlon::evidence {

// In lower case, and one for all names of a tool.
std::string tool_name(std::string_view name);

// The name that a repository has it by; one that is new there is tool_name().
Result<std::string> tool_called(Database& database, std::string_view scope, std::string_view name);

}  // namespace merlon::evidence
