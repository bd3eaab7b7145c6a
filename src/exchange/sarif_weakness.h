#pragma once

// The weaknesses (CWE) that SARIF says a rule or a result is about.
//
// The idea: there are three ways to say so. GitHub's: a tag "external/cwe/cwe-798", or with the
// title behind it "CWE-798: …". The standard's: a rule has `relationships` to taxa of a taxonomy
// (gosec), a result names its `taxa`; the taxonomy is meant by its name, index or guid. What a rule
// says it has nothing to do with is none.
//
// Thread-safe: no state. Cost: linear in what is named. Standard: SARIF 2.1.0, sections 3.27.8,
// 3.49.15, 3.52, 3.53, 3.54.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "value/value.h"

namespace merlon::exchange {

// "CWE-79" of "external/cwe/cwe-079", "CWE-79: XSS", "79" and the like; empty for anything else.
std::string cwe_in_tag(std::string_view tag);

// Of a rule or a result, in their order, each once. `run` has the taxonomies.
std::vector<std::string> sarif_weaknesses(const value::Value& owner, const value::Value& run);

}  // namespace merlon::exchange
