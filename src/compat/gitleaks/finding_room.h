#pragma once

// How many findings a run keeps in memory.
//
// The idea: a rule that matches everything finds a finding in every byte, and gitleaks keeps them
// all. Here all workers of a run take from one room; once it is full they stop, and the run says
// so and is incomplete. Which findings the report holds then depends on who was faster.
//
// Thread-safe. Cost: two additions a finding.

#include <atomic>
#include <cstdint>

namespace merlon::compat::gitleaks {

class FindingRoom {
  public:
    // What a report of them needs stays below 600 MB together with them (docs/compat-gitleaks.md).
    static constexpr std::uint64_t kMostFindings = 250'000;
    static constexpr std::uint64_t kMostBytes = std::uint64_t{128} << 20;

    // False where there is none for a finding with so much text: it is not kept then.
    bool take(std::uint64_t bytes) {
        if (is_full()) return false;
        const bool fits = findings_.fetch_add(1, std::memory_order_relaxed) < kMostFindings &&
                          bytes_.fetch_add(bytes, std::memory_order_relaxed) + bytes <= kMostBytes;
        if (!fits) is_full_.store(true, std::memory_order_relaxed);
        return fits;
    }
    bool is_full() const { return is_full_.load(std::memory_order_relaxed); }

  private:
    std::atomic<std::uint64_t> findings_{0};
    std::atomic<std::uint64_t> bytes_{0};
    std::atomic<bool> is_full_{false};
};

}  // namespace merlon::compat::gitleaks
