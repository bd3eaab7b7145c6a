#pragma once

// What indexed comprehensions have given, by the variables that they take from outside; part of the
// Watcher.
//
// The idea: it belongs to the first body that asks, and to those that are evaluated for it. `with`
// opens a scope in which nothing is known.
//
// Not thread-safe.

#include <unordered_map>

#include "rego/watch/watcher.h"

namespace merlon::rego::watch {

struct Watcher::Gathering {
    using Groups = std::map<Path, value::Value, PathOrder>;

    std::vector<std::unordered_map<const Node*, Groups>> scopes{1};
};

}  // namespace merlon::rego::watch
