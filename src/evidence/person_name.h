#pragma once

// Names of people, of whom two make a decision: whether a name is one that nobody can mistake, and
// whether two names are those of one person.
//
// The idea: a name that is compared must not look like another one. So it is refused where it has
// characters that nobody sees, where it is not in the normal form NFKC (a full-width letter, a
// ligature, an accent of its own), and where it mixes the scripts whose letters look alike. What is
// left is compared without case, as Git hosts do with the names of accounts.
//
// Thread-safe: no state. Cost: a binary search or two for each character that is not ASCII.
// Standard: Unicode 15.0.0, UAX #15 (NFKC_Quick_Check), UAX #44 (general categories, scripts).

#include <string>
#include <string_view>

#include "base/result.h"

namespace merlon::evidence {

// What is wrong with it: the character, and what is expected.
Status check_person_name(std::string_view name);

bool is_same_person(std::string_view left, std::string_view right);

}  // namespace merlon::evidence
