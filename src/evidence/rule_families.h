#pragma once

// Rules under all the names that their tools gave them.
//
// The idea: identity hangs on the family and not on the name, so that a rule that is renamed keeps
// its findings: a name that is not known joins the family of a former name that is (SARIF 2.1.0,
// section 3.49.4, deprecatedIds), and an advisory that of its aliases. Two weaknesses are never one
// family: an advisory about several CVEs is no alias of any, ids join only where they share their
// CVE or nobody has given them two, and a rule that was split is none of its parts. A name may be
// that of several families (a CVE that two advisories are about): what is decided about the name
// is about all of them.
//
// Not thread-safe; within a transaction. Cost: a few look-ups for each rule that found something.

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "evidence/database.h"
#include "evidence/occurrence.h"
#include "exchange/read_report.h"

namespace merlon::evidence {

// Fills in the families of all occurrences, and writes what is not known yet; whether something
// was.
Result<bool> assign_families(Database& database, const std::string& tool,
                             const exchange::ReadReport& read,
                             std::vector<Occurrence>& occurrences);

// Decisions that hold now for several weaknesses, where their rule's name is that of one: a Merlon
// before schema 15 took what shares an advisory for one. For people, one line each.
Result<std::vector<std::string>> decisions_about_several(Database& database, Timestamp now);

}  // namespace merlon::evidence
