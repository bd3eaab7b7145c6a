#pragma once

// The sandbox of a scan: no network, and writing only below given paths.
//
// The idea: the process gives its rights away before it reads the first foreign byte, so that a
// hole in a parser has nowhere to go. Landlock (kernel documentation, userspace-api/landlock) holds
// the files, seccomp (seccomp(2), SECCOMP_MODE_FILTER) the sockets; both through raw system calls,
// no library. Where a kernel has neither, the run goes on and the report says so: doctor shows it.
//
// To be called once, by the only thread: rights are taken from the calling thread and those it
// starts. Reading stays allowed everywhere. Cost: some twenty system calls.

#include <cstdint>
#include <string>
#include <vector>

namespace merlon {

enum class NetworkAccess : std::uint8_t { kDenied, kAllowed };

struct SandboxPolicy {
    // Directories below which files may be made and replaced, and single files and devices. Those
    // that do not exist are left out.
    std::vector<std::string> writable_paths;
    NetworkAccess network = NetworkAccess::kDenied;
};

// What holds from now on; a reason stands where something does not.
struct SandboxReport {
    enum class State : std::uint8_t { kApplied, kAvailable, kNotAvailable, kNotAsked };
    State files = State::kNotAvailable;
    int landlock_abi = 0;  // 0: the kernel has none, or it is switched off
    std::string files_reason;
    State network = State::kNotAvailable;
    std::string network_reason;
};

// Takes the rights away, for good.
SandboxReport apply_sandbox(const SandboxPolicy& policy);

// What apply_sandbox could do here; changes nothing.
SandboxReport probe_sandbox();

}  // namespace merlon
