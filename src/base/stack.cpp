#include "base/stack.h"

#include <pthread.h>

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

void* run_work(void* work) {
    (*static_cast<const std::function<void()>*>(work))();
    return nullptr;
}

}  // namespace

std::size_t stack_bytes() {
    thread_local const std::size_t bytes = measured_bytes();
    return bytes;
}

bool run_with_stack(std::size_t bytes, const std::function<void()>& work) {
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0) return false;
    pthread_t thread{};
    auto* const shared = const_cast<std::function<void()>*>(&work);  // only read there
    const bool is_running = pthread_attr_setstacksize(&attributes, bytes) == 0 &&
                            pthread_create(&thread, &attributes, run_work, shared) == 0;
    pthread_attr_destroy(&attributes);
    return is_running && pthread_join(thread, nullptr) == 0;
}

}  // namespace merlon
