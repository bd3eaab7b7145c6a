#pragma once

// What a gate has seen of where software comes from and goes, as steps of the graph
// (evidence/graph.h): who wrote a change, the pull request that it is, who decided about it, where
// a deployment goes.
//
// The idea: all of it stands in the gate's input already, which is kept with the verdict, so the
// input is the evidence of each step.
//
// Thread-safe: no state. Cost: one for each author and decision.

#include <vector>

#include "exchange/link.h"
#include "gate/input.h"
#include "gate/verdict.h"

namespace merlon::gate {

std::vector<exchange::Link> links_of(const Input& input, const Verdict& verdict);

}  // namespace merlon::gate
