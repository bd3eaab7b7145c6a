#pragma once

// Whether somebody looks at what an environment asks for: an approval that no condition counts, and
// a freeze that none heeds, would be no more than words.
//
// The idea: each demand has its ready condition. Where that is not among the gate's, a policy of
// one's own may look in its place, which the references from `input` show that its conditions come
// to: to the setting itself, to something around it (input.environment, or input as a whole), or to
// what it is about (input.decisions). A rule that no condition names looks at nothing. Who means a
// demand for others than this gate says so: `unlooked: allowed`.
//
// Thread-safe: no state. Cost: the policies are parsed once more.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "gate/policy.h"
#include "value/value.h"

namespace merlon::gate {

struct Demand {
    std::string_view setting;    // of the environment
    std::string_view condition;  // the ready one that looks at it
};

// What the environment asks for, and none of the conditions that are ready looks at.
std::vector<Demand> unlooked_demands(const value::Value& environment,
                                     std::span<const std::string> conditions);

// An error for the first of them that none of the modules looks at, but for those that are ready.
Status check_demands(std::span<const Demand> demands, std::string_view environment,
                     std::span<const PolicyModule> modules);

}  // namespace merlon::gate
