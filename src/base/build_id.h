#pragma once

// Which build of the program runs: the build id that the linker writes into it, a digest of what
// was linked (the note NT_GNU_BUILD_ID of the ELF gABI). It changes with the code and the data
// compiled in, and is the same for everybody who builds the same sources, so it is what keeps
// entries that one build made in a cache from another.
//
// Thread-safe: no state. Cost: a walk over the program headers.

#include <string>

namespace merlon {

// As hexadecimal digits; empty where the program has none.
std::string build_id();

}  // namespace merlon
