#pragma once

// Of documents with very many matches, one at a time is held by all threads of a run: the matches
// of such a one are what a worker needs most memory for.
//
// The idea: a worker that examines a document waits, once it has many matches, until no other has;
// then it goes on, and the others with documents that have few.
//
// Belongs to one thread; the mutex is the run's. Cost: nothing for documents with few matches.

#include <mutex>

#include "base/freed_memory.h"
#include "secrets/program.h"

namespace merlon::scan {

class ManyMatches {
  public:
    // To be held from before a document is examined with `scratch` until its matches are gone.
    // Without a mutex nobody waits.
    ManyMatches(std::mutex* one, secrets::Program::Scratch& scratch) : scratch_(scratch) {
        if (one == nullptr) return;
        scratch_.when_many([this, one] { lock_ = std::unique_lock(*one); });
    }
    ManyMatches(const ManyMatches&) = delete;
    ManyMatches& operator=(const ManyMatches&) = delete;
    ~ManyMatches() {
        scratch_.when_many({});
        // The next one is another thread's: together they would need what they had one by one.
        if (lock_.owns_lock()) return_freed_memory();
    }

  private:
    secrets::Program::Scratch& scratch_;
    std::unique_lock<std::mutex> lock_;
};

}  // namespace merlon::scan
