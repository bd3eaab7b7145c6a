#pragma once

// The state of a partial evaluation; part of the Watcher.
//
// Not thread-safe.

#include "rego/watch/saves.h"
#include "rego/watch/watcher.h"

namespace merlon::rego::watch {

struct Watcher::Saving {
    Saving(Arena& arena, Interner& interner, const Bindings& query)
        : maker(arena, interner), plugger(maker, query) {}

    compiler::NodeMaker maker;
    Plugger plugger;
    Unknowns unknowns = {};
    Inlining inlining = {};
    std::vector<SavedBody> bodies = std::vector<SavedBody>(1);
    partial::SupportModules support{maker};
    PartialOptions options = {};
    std::size_t made = 0;                   // names of variables
    std::uint64_t looks_left = 50'000'000;  // at parts of rules

    SavedBody take() {
        SavedBody taken = std::move(bodies.back());
        bodies.pop_back();
        return taken;
    }
};

}  // namespace merlon::rego::watch
