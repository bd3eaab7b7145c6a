#pragma once

// Interned strings: equal texts share one address for the life of the interner, so that comparing
// keys is comparing pointers.
//
// Belongs to its caller (a document, a program, a request); not thread-safe. Cost: one hash
// look-up.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/arena.h"

namespace merlon {

class Interner {
  public:
    // Returns the one copy of `text`; valid as long as the interner.
    std::string_view intern(std::string_view text);
    std::size_t size() const { return count_; }
    // Forgets everything, keeps its memory.
    void reset();

  private:
    struct Entry {
        std::uint64_t hash = 0;
        std::string_view text;
        bool is_used = false;
    };

    void put(const Entry& entry);

    Arena arena_;
    std::vector<Entry> entries_;  // open addressing; a power of two
    std::size_t count_ = 0;
};

}  // namespace merlon
