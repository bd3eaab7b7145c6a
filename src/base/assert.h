#pragma once

// Assertions for bugs of ours, on in release too. Input from outside never reaches one: what a file
// or a user can cause is a Result or a Diagnostic.
//
// Thread-safe. Cost: one predicted branch.

namespace merlon {

// Prints the place and the condition on standard error and ends the process.
[[noreturn]] void fail_assertion(const char* condition, const char* file, int line);

}  // namespace merlon

#define MERLON_ASSERT(condition)                                                                  \
    (__builtin_expect(!(condition), 0) ? ::merlon::fail_assertion(#condition, __FILE__, __LINE__) \
                                       : static_cast<void>(0))
