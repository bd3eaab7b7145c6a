#pragma once

// What searches change, handed out to one thread at a time.
//
// The idea: nearly always one thread uses an expression at a time, so one scratch lies in an atomic
// pointer and is taken with one exchange; threads that find it gone take theirs from a list under a
// lock.
//
// Thread-safe. Cost: two atomic operations where nobody else is there.

#include <atomic>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace merlon::match {

template <typename Scratch>
class ScratchPool {
  public:
    // Gives the scratch back when it goes.
    class Lease {
      public:
        Lease(ScratchPool& pool, std::unique_ptr<Scratch> scratch)
            : pool_(pool), scratch_(std::move(scratch)) {}
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;
        ~Lease() { pool_.give_back(std::move(scratch_)); }
        Scratch& operator*() const { return *scratch_; }
        Scratch* operator->() const { return scratch_.get(); }

      private:
        ScratchPool& pool_;
        std::unique_ptr<Scratch> scratch_;
    };

    ScratchPool() = default;
    ScratchPool(const ScratchPool&) = delete;
    ScratchPool& operator=(const ScratchPool&) = delete;
    ~ScratchPool() { delete first_.load(); }

    // `make` is called where none is free.
    template <typename Make>
    Lease take(Make&& make) {
        if (Scratch* scratch = first_.exchange(nullptr, std::memory_order_acquire)) {
            return Lease(*this, std::unique_ptr<Scratch>(scratch));
        }
        {
            const std::scoped_lock lock(mutex_);
            if (!rest_.empty()) {
                std::unique_ptr<Scratch> scratch = std::move(rest_.back());
                rest_.pop_back();
                return Lease(*this, std::move(scratch));
            }
        }
        return Lease(*this, make());
    }

  private:
    void give_back(std::unique_ptr<Scratch> scratch) {
        Scratch* none = nullptr;
        if (first_.compare_exchange_strong(none, scratch.get(), std::memory_order_release,
                                           std::memory_order_relaxed)) {
            scratch.release();
            return;
        }
        const std::scoped_lock lock(mutex_);
        rest_.push_back(std::move(scratch));
    }

    std::atomic<Scratch*> first_{nullptr};
    std::mutex mutex_;
    std::vector<std::unique_ptr<Scratch>> rest_;
};

}  // namespace merlon::match
