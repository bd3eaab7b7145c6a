#pragma once

// What exceptions make of the conditions that fail.
//
// The idea: an exception lets one condition pass, one made in an emergency (break-glass) all that
// fail; what is unknown stays so, because nobody can accept what nobody knows. Where a condition
// names by keys what stands against it, an exception is for the keys that it was made for: what was
// found later is not under it, and the condition fails by that, and says so.
//
// Thread-safe: no state. Cost: linear in the evidence, for each exception.

#include <string>
#include <vector>

#include "gate/policy.h"
#include "value/value.h"

namespace merlon::gate {

// `input` is that of the gate. The end of the first of the exceptions that were needed; empty where
// none was.
std::string apply_exceptions(const value::Value& input, std::vector<Condition>& conditions);

}  // namespace merlon::gate
