#pragma once

// What one `with` changes while its expression is evaluated; part of the Watcher.
//
// Not thread-safe.

#include "rego/watch/watcher.h"

namespace merlon::rego::watch {

struct Watcher::Scope {
    std::optional<value::Value> input = {};
    std::optional<value::Value> data = {};
    std::optional<value::Value> input_before = {};
    std::optional<value::Value> data_before = {};
    std::vector<Path> targets = {};
    std::vector<Replacement> replacements = {};
    std::vector<Nodes> kept = {};  // of a partial evaluation: what is not written out
};

}  // namespace merlon::rego::watch
