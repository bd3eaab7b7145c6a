#pragma once

// The chance of the examples: the same on every machine, which the standard's distributions are
// not.
//
// Not thread-safe; one for each example.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/hash.h"

namespace merlon::secrets {

class ExampleRandom {
  public:
    explicit ExampleRandom(std::uint64_t seed) : state_(seed) {}

    std::string text(std::string_view alphabet, std::size_t length) {
        std::string out;
        for (std::size_t i = 0; i < length; ++i) out += alphabet[next() % alphabet.size()];
        return out;
    }
    std::string bytes(std::size_t length) {
        std::string out;
        for (std::size_t i = 0; i < length; ++i) out += static_cast<char>(next() & 0xFF);
        return out;
    }
    // Below `limit`.
    std::uint64_t number(std::uint64_t limit) { return next() % limit; }

  private:
    std::uint64_t next() {
        state_ = hash_bytes("example", state_ + 1);
        return state_ >> 8;
    }

    std::uint64_t state_;
};

}  // namespace merlon::secrets
