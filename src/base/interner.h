#pragma once

// Interned strings: equal texts share one address for the life of the interner, so that comparing
// keys is comparing pointers.
//
// Belongs to its caller (a document, a program, a request); not thread-safe. Cost: one hash
// look-up.

#include <cstddef>
#include <string_view>
#include <unordered_set>

#include "base/arena.h"
#include "base/hash.h"

namespace merlon {

class Interner {
  public:
    // Returns the one copy of `text`; valid as long as the interner.
    std::string_view intern(std::string_view text);
    std::size_t size() const { return texts_.size(); }

  private:
    struct Hash {
        std::size_t operator()(std::string_view text) const { return hash_bytes(text); }
    };

    Arena arena_;
    std::unordered_set<std::string_view, Hash> texts_;
};

}  // namespace merlon
