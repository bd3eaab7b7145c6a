#pragma once

// What functions have given in one evaluation, by their arguments.
//
// The idea: within a query OPA calls a function once for equal arguments. Where a function asks the
// outside (http.send) or tells it something (print), that can be seen, and is kept here for each
// such call (see compiler/keeping.h). A call is known by its function, the epoch of the `with` that
// it stands in, and arguments that are equal.
//
// Not thread-safe. Cost: a hash of the arguments for each call; memory is kept from run to run.

#include <cstdint>
#include <span>
#include <vector>

#include "value/value.h"

namespace merlon::rego {

class KeptCalls {
  public:
    enum class Hashing : std::uint8_t {
        kWhole,    // all of the arguments: no two calls are in each other's way
        kShallow,  // what stands on their surface: quick, whatever they hold
    };
    // At most so many calls; where there are more, all of them are forgotten.
    KeptCalls(Hashing hashing, std::size_t most) : hashing_(hashing), most_(most) {}

    struct Call {
        std::uint64_t number = 0;
        bool is_known = false;
        value::Slot result;  // where it is known
    };
    Call ask(std::uint32_t function, std::uint64_t epoch, std::span<const value::Value> arguments);
    // The result of a call that was asked for; nothing where it is undefined.
    void keep(std::uint64_t number, const value::Slot& result);

    void clear();
    std::size_t bytes() const {
        return entries_.size() * sizeof(Entry) + index_.size() * sizeof(std::uint32_t) +
               arguments_.size() * sizeof(value::Value);
    }

  private:
    struct Entry {
        std::uint64_t hash = 0;
        std::uint64_t epoch = 0;
        std::size_t first_argument = 0;
        std::uint32_t function = 0;
        std::uint32_t count = 0;
        bool is_known = false;
        value::Slot result;
    };

    std::uint64_t hash_of(const value::Value& value) const;
    void put(std::size_t place);

    Hashing hashing_;
    std::size_t most_;
    std::uint64_t first_number_ = 0;  // of the entries; those before are forgotten
    std::vector<Entry> entries_;
    std::vector<value::Value> arguments_;
    std::vector<std::uint32_t> index_;  // by hash: a place in entries, plus one; a power of two
};

}  // namespace merlon::rego
