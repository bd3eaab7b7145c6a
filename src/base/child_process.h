#pragma once

// Runs a program as a child with limits: bytes in, bytes out.
//
// The idea: a process that holds rights or tokens lets a child read foreign bytes, and nothing that
// happens to the child reaches it. The child gets no descriptors but its three streams, the
// environment it is given and no other, a limit of memory, and dies with its parent. What became of
// it is told exactly; a child that did not end with exit code 0 has no result.
//
// The child gives up its own network and files (sandbox.h) before it reads.
//
// Thread-safe: may be called by several threads at once. Cost: one fork and exec, a poll for each
// pipe full of bytes.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"

namespace merlon {

struct ChildCommand {
    std::vector<std::string> arguments;    // the first is the path of the program
    std::vector<std::string> environment;  // NAME=value
    std::chrono::milliseconds time_limit{60'000};
    std::uint64_t max_memory_bytes = 0;  // of address space; 0: no limit
    std::uint64_t max_output_bytes = std::uint64_t{64} << 20;
};

enum class ChildEnd : std::uint8_t {
    kExited,          // by itself: `exit_code` says how
    kSignalled,       // killed by `signal_number`
    kTimedOut,        // killed by us
    kOutputTooLarge,  // killed by us
    kCancelled,       // killed by us
};

struct ChildResult {
    ChildEnd end = ChildEnd::kExited;
    int exit_code = 0;
    int signal_number = 0;
    std::string output;
    std::string errors;  // the first bytes that it wrote to standard error

    bool succeeded() const { return end == ChildEnd::kExited && exit_code == 0; }
};

// Fails only where no child could be started. A child that closes its input early is no error.
Result<ChildResult> run_child(const ChildCommand& command, std::string_view input,
                              const CancelToken& cancel);

// One line for a person: "was killed by signal 11 (Segmentation fault)".
std::string describe_end(const ChildResult& result, const ChildCommand& command);

}  // namespace merlon
