#include "base/stack.h"

#include <pthread.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdint>

namespace merlon {
namespace {

constexpr std::size_t kLeastBytes = std::size_t{1} << 20;

std::size_t measured_bytes() {
    pthread_attr_t attributes;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0) return kLeastBytes;
    std::size_t bytes = 0;
    if (pthread_attr_getstacksize(&attributes, &bytes) != 0) bytes = kLeastBytes;
    pthread_attr_destroy(&attributes);
    return bytes;
}

thread_local std::size_t known_bytes = 0;

void* run_work(void* work) {
    (*static_cast<const std::function<void()>*>(work))();
    return nullptr;
}

// The stack of the process's first thread, which the kernel lets grow up to a limit that can be
// raised. A thread of its own costs a third of a millisecond more, most of it for a heap of its
// own.
class GrownStack {
  public:
    explicit GrownStack([[maybe_unused]] std::size_t bytes) {
#ifndef MERLON_SANITIZED  // these have noted where the stack ends
        // The loader is the highest of what lies below, but for two pages of the kernel's beside
        // it.
        constexpr std::size_t kBeside = std::size_t{16} << 20;  // and what the arguments take
        const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
        const std::uintptr_t loader = getauxval(AT_BASE);
        const bool has_room = loader != 0 && loader < here && here - loader > bytes + 2 * kBeside;
        if (gettid() != getpid() || !has_room) return;
        if (getrlimit(RLIMIT_STACK, &before_) != 0) return;
        rlimit wanted = before_;
        wanted.rlim_cur = bytes + kBeside;
        if (before_.rlim_cur < wanted.rlim_cur && setrlimit(RLIMIT_STACK, &wanted) != 0) return;
        was_known_ = known_bytes;
        known_bytes = bytes;
        is_grown_ = true;
#endif
    }
    GrownStack(const GrownStack&) = delete;
    GrownStack& operator=(const GrownStack&) = delete;
    ~GrownStack() {
        if (!is_grown_) return;
        known_bytes = was_known_;
        setrlimit(RLIMIT_STACK, &before_);
    }

    bool is_grown() const { return is_grown_; }

  private:
    rlimit before_{};
    std::size_t was_known_ = 0;
    bool is_grown_ = false;
};

bool run_on_thread(std::size_t bytes, const std::function<void()>& work) {
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0) return false;
    pthread_t thread{};
    auto* const shared = const_cast<std::function<void()>*>(&work);  // only read there
    const bool is_running = pthread_attr_setstacksize(&attributes, bytes) == 0 &&
                            pthread_create(&thread, &attributes, run_work, shared) == 0;
    pthread_attr_destroy(&attributes);
    return is_running && pthread_join(thread, nullptr) == 0;
}

}  // namespace

std::size_t stack_bytes() {
    if (known_bytes == 0) known_bytes = measured_bytes();
    return known_bytes;
}

bool run_with_stack(std::size_t bytes, const std::function<void()>& work) {
    if (bytes >= kLeastBytes) {
        const GrownStack stack(bytes);
        if (stack.is_grown()) {
            work();
            return true;
        }
    }
    return run_on_thread(bytes, work);
}

}  // namespace merlon
