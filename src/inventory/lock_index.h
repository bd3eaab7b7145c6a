#pragma once

// A lock file held against the manifests that it stands for: what of it they ask for, and what they
// ask for that it does not have.
//
// The idea: a request is answered by the package that the lock file says answers it, where it keeps
// requests, else by name. A lock file that lags behind its manifest has no package of a name, or
// none of the range: then nobody knows what will be installed, which is a gap and never a silent
// pass. Where the project replaces versions (overrides, resolutions, patches), names alone are
// compared.
//
// Not thread-safe: joining changes the lock file's packages. Cost: O(log n) a request.

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "inventory/inventory.h"

namespace merlon::inventory {

class LockIndex {
  public:
    explicit LockIndex(FileFacts& lock);

    // Marks what the manifest asks for as direct.
    void join(const FileFacts& manifest);
    // What the manifest asks for in any case and the lock file does not have. Of lock files that
    // may leave something out for a reason of their own, nothing.
    std::vector<const packages::Package*> unanswered(const FileFacts& manifest) const;

  private:
    using Package = packages::Package;

    const Package* find_root(const Package& named) const;
    void mark_requested(const Package& asked, const Package* root);
    void mark(std::uint32_t index, const Package& asked);
    bool has_answer(const Package& asked) const;

    const FileFacts& lock_;
    std::vector<Package>& all_;
    bool has_overrides_;
    std::map<std::string_view, std::uint32_t> answers_;
    std::multimap<std::string, std::uint32_t> names_;
    std::set<std::string_view> provides_;
};

// Says so, for the lock file's own path.
model::Gap lag_gap(const FileFacts& manifest, std::span<const packages::Package* const> unanswered);

}  // namespace merlon::inventory
