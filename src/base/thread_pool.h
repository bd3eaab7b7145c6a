#pragma once

// A pool of worker threads for one kind of work: the same job for each of many items of unequal
// cost.
//
// The idea: each worker owns a range of indexes and takes from its front; one that runs dry steals
// the back half of the largest range left. Results are stored by index, so that what is merged
// afterwards is the same for every number of threads.
//
// The pool itself is used from one thread. Cost: one compare-and-swap for each item.

#include <cstddef>
#include <functional>

namespace merlon {

// Processors this process may use (its affinity and its cgroup's share), at least 1.
unsigned available_cores();

class ThreadPool {
  public:
    explicit ThreadPool(unsigned threads) : threads_(threads == 0 ? 1 : threads) {}

    unsigned size() const { return threads_; }

    // Calls body(index, worker) once for each index below `count`, on size() threads, the caller's
    // among them; worker is below size() and names per-thread scratch. Returns when all are done.
    void for_each(std::size_t count,
                  const std::function<void(std::size_t index, unsigned worker)>& body);

  private:
    unsigned threads_;
};

}  // namespace merlon
