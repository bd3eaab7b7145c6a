#pragma once

// How much stack a thread has, and work that has more.
//
// The idea: parsers and compilers of nested texts recurse. They bound their depth by the stack that
// they run on, and whoever wants to read deeper texts gives them a larger one. Pages of a stack are
// taken when they are first touched, so that a large one costs nothing where it is not needed.
//
// Thread-safe. Cost: a look at the thread's attributes, once for each thread. The process's first
// thread lets its own stack grow; anywhere else work with more stack is a new thread.

#include <cstddef>
#include <functional>

namespace merlon {

// Of the thread that asks. What cannot be found out is taken for 1 MiB.
std::size_t stack_bytes();

// Runs `work` with a stack of that size and waits for its end. False where there is none to be had;
// `work` was not run then.
bool run_with_stack(std::size_t bytes, const std::function<void()>& work);

}  // namespace merlon
