#pragma once

// What searches change, handed out to one thread at a time.
//
// The idea: nearly always one thread uses an expression, so the first that comes owns a scratch,
// which it takes and gives back with plain stores; for others one lies in an atomic pointer and is
// taken with one exchange, and threads that find it gone take theirs from a list under a lock. Who
// owns is told by the address of a variable that each thread has. (Rust's regex does the same.)
//
// Thread-safe. Cost: a load and two stores for the owner, two atomic operations for another thread.

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
        Lease(ScratchPool& pool, Scratch* scratch, const void* owner)
            : pool_(pool), scratch_(scratch), owner_(owner) {}
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;
        ~Lease() {
            if (owner_ != nullptr) {
                pool_.owner_.store(owner_, std::memory_order_release);
            } else {
                pool_.give_back(std::unique_ptr<Scratch>(scratch_));
            }
        }
        Scratch& operator*() const { return *scratch_; }
        Scratch* operator->() const { return scratch_; }

      private:
        ScratchPool& pool_;
        Scratch* scratch_;
        const void* owner_;  // this thread, where the scratch is the owner's
    };

    ScratchPool() = default;
    ScratchPool(const ScratchPool&) = delete;
    ScratchPool& operator=(const ScratchPool&) = delete;
    ~ScratchPool() { delete first_.load(); }

    // `make` is called where none is free.
    template <typename Make>
    Lease take(Make&& make) {
        const void* const self = this_thread();
        const void* owner = owner_.load(std::memory_order_acquire);
        if (owner == self) {
            owner_.store(&in_use_, std::memory_order_relaxed);
            return Lease(*this, owned_.get(), self);
        }
        if (owner == nullptr && owner_.compare_exchange_strong(owner, &in_use_)) {
            owned_ = make();
            return Lease(*this, owned_.get(), self);
        }
        if (Scratch* scratch = first_.exchange(nullptr, std::memory_order_acquire)) {
            return Lease(*this, scratch, nullptr);
        }
        {
            const std::scoped_lock lock(mutex_);
            if (!rest_.empty()) {
                Scratch* const scratch = rest_.back().release();
                rest_.pop_back();
                return Lease(*this, scratch, nullptr);
            }
        }
        return Lease(*this, make().release(), nullptr);
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

    // An address that no other thread has while this one lives.
    static const void* this_thread() {
        static thread_local const char mark = 0;
        return &mark;
    }

    std::atomic<const void*> owner_{nullptr};  // a thread, &in_use_, or null before the first
    const char in_use_ = 0;
    std::unique_ptr<Scratch> owned_;  // the owner's alone
    std::atomic<Scratch*> first_{nullptr};
    std::mutex mutex_;
    std::vector<std::unique_ptr<Scratch>> rest_;
};

}  // namespace merlon::match
