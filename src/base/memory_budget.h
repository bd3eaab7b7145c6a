#pragma once

// The memory of a run: one large file at a time.
//
// The idea: small files cost what the workers' buffers cost; only large ones decide the peak. So a
// worker that meets a large file takes the one token first, and the others go on with small ones.
//
// Thread-safe. Cost: nothing for small files, a mutex for large ones.

#include <cstdint>
#include <mutex>

namespace merlon {

class MemoryBudget {
  public:
    // Files of more than `large_bytes` are large.
    explicit MemoryBudget(std::uint64_t large_bytes = std::uint64_t{16} << 20)
        : large_bytes_(large_bytes) {}

    // Keep the token as long as the file's bytes are held. Waits while another large one is.
    using Token = std::unique_lock<std::mutex>;
    Token admit(std::uint64_t bytes) {
        return bytes > large_bytes_ ? Token(one_large_) : Token(one_large_, std::defer_lock);
    }

  private:
    const std::uint64_t large_bytes_;
    std::mutex one_large_;
};

}  // namespace merlon
