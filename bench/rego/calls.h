#pragma once

// Calls of built-in functions one by one, for tools/parity/rego_builtins_parity.py; go/calls.go
// does the same with OPA.
//
// A call is one JSON object a line: {"name", "operands": […]}. An operand is null, true, false, a
// string, an array; or {"n": "1e400"}, a number as it is written; {"h": "ff00"}, a string by its
// bytes; {"s": […]}, a set; {"o": [key, value, …]}, an object. An answer is {"values": [term, …]},
// {"error": code, "text": message}, or {} where the call is undefined; built-in errors are strict.
//
// Not thread-safe. Cost: a program for each function.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "rego/machine.h"

namespace merlon::bench {

class Calls {
  public:
    // The answer to one line; a text that begins with '!' where there is no such call.
    std::string answer(std::string_view line);
    // The same with {"malloc": how often memory was asked for when the call was made again}, where
    // `asked` counts that of the calling thread; null: as above.
    std::string answer(std::string_view line, const std::uint64_t* asked);

  private:
    struct Callee {
        std::unique_ptr<const rego::Program> program;
        std::unique_ptr<rego::Machine> machine;
    };
    Callee& callee(const std::string& name, std::size_t operands);

    std::unordered_map<std::string, Callee> callees_;
};

}  // namespace merlon::bench
