#pragma once

// What rules have given for the keys that they were asked for, in one evaluation.
//
// The idea: a table by the function, its keys, and the epoch of the `with` that the question stands
// in. What came last is forgotten first, when a `with` closes.
//
// Not thread-safe. Cost: a hash of the key; memory is kept from run to run.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "value/value.h"

namespace merlon::rego {

class KeyedAnswers {
  public:
    // Null where it is not known. Nothing: it is undefined.
    const value::Slot* find(std::uint64_t epoch, std::uint32_t function,
                            const value::Value& key) const;
    // Where it is not known yet.
    void put(std::uint64_t epoch, std::uint32_t function, const value::Value& key,
             const value::Slot& answer);

    std::size_t size() const { return entries_.size(); }
    // Forgets all but the oldest ones.
    void shrink(std::size_t size);
    void clear();
    std::size_t bytes() const {
        return entries_.size() * sizeof(Entry) + index_.size() * sizeof(std::uint32_t);
    }

  private:
    struct Entry {
        std::uint64_t hash = 0;
        std::uint64_t epoch = 0;
        std::uint32_t function = 0;
        value::Value key;
        value::Slot answer;
    };

    void put_into_index(std::size_t place);

    std::vector<Entry> entries_;
    std::vector<std::uint32_t> index_;  // by hash: a place in entries_, plus one; a power of two
};

}  // namespace merlon::rego
