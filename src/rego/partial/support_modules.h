#pragma once

// The modules beside the queries that are left of a partial evaluation: rules that could not be
// written into a query, below data.partial.
//
// Standard: OPA 1.22.2, topdown's saveSupport. Not thread-safe; everything lives in the arena of
// the NodeMaker. Cost: a search of the rules of a package for each rule that is asked for.

#include <map>
#include <string>
#include <vector>

#include "rego/compiler/nodes.h"

namespace merlon::rego::partial {

using compiler::NodeMaker;
using compiler::Terms;

class SupportModules {
  public:
    explicit SupportModules(NodeMaker& maker) : maker_(maker) {}

    // Where a path from `data` is parted: the package, and what the rule's head says. Words that
    // could be names belong to the package, all but the last of them.
    struct Place {
        Terms package;
        Terms rule;
    };
    Place place_of(Terms path);

    bool has(Terms path);
    void add(Terms package, syntax::Rule* rule);
    // In the order of their packages, each with its rules in the language's order.
    std::vector<syntax::Module*> finish();

  private:
    struct Package {
        Terms path;
        std::vector<syntax::Rule*> rules;
    };

    NodeMaker& maker_;
    std::map<std::string, Package, std::less<>> packages_;
};

}  // namespace merlon::rego::partial
