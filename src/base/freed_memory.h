#pragma once

// Memory that was freed and is wanted back.
//
// The idea: an allocator keeps what is freed for the thread that had it, and so each thread of a
// run that once held much goes on counting for it. Whoever has just freed very much says so.
//
// Thread-safe. Cost: some milliseconds for a large heap.

namespace merlon {

// Hands freed memory back to the system, where the C library can.
void return_freed_memory();

}  // namespace merlon
