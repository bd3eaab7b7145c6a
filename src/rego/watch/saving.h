#pragma once

// The state of a partial evaluation; part of the Watcher.
//
// Not thread-safe.

#include <unordered_set>
#include <vector>

#include "rego/watch/saves.h"
#include "rego/watch/watcher.h"

namespace merlon::rego::watch {

// Rules that an expression needs, each once, in the order that they were met in.
class NeededRules {
  public:
    void add(const RuleSet& set) {
        if (known_.insert(&set).second) sets_.push_back(&set);
    }
    void clear() {
        if (sets_.empty()) return;
        sets_.clear();
        known_.clear();
    }
    std::size_t size() const { return sets_.size(); }
    const RuleSet& operator[](std::size_t at) const { return *sets_[at]; }

  private:
    std::vector<const RuleSet*> sets_;
    std::unordered_set<const RuleSet*> known_;
};

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
    NeededRules needed = {};                // of the expression that is looked at
    std::size_t made = 0;                   // names of variables
    std::uint64_t looks_left = 50'000'000;  // at parts of rules

    SavedBody take() {
        SavedBody taken = std::move(bodies.back());
        bodies.pop_back();
        return taken;
    }
};

}  // namespace merlon::rego::watch
