#include "evidence/writer_lock.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>
#include <utility>

#include "evidence/database.h"

namespace merlon::evidence {
namespace {

constexpr int kStepMs = 20;
constexpr std::size_t kMaxHolderBytes = 512;

std::string holder_of(int descriptor) {
    std::array<char, kMaxHolderBytes> bytes{};
    const ssize_t count = ::pread(descriptor, bytes.data(), bytes.size(), 0);
    std::string holder(bytes.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
    // What another process has written is shown to a person.
    for (char& c : holder)
        if (static_cast<unsigned char>(c) < ' ') c = ' ';
    while (holder.ends_with(' ')) holder.pop_back();
    return holder.empty() ? "another process" : holder;
}

}  // namespace

Result<WriterLock> WriterLock::take(const std::string& path, const std::string& command,
                                    int wait_ms, const std::function<bool()>& has_to_stop) {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0) return Error{path + ": " + std::strerror(errno)};
    WriterLock lock(descriptor);
    for (int waited_ms = 0; ::flock(descriptor, LOCK_EX | LOCK_NB) != 0; waited_ms += kStepMs) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return Error{path + " cannot be locked: " + std::strerror(errno)};
        if (has_to_stop()) return interrupted();
        if (waited_ms >= wait_ms) {
            return Error{fmt::format("the store is being written by {}; waited {} s for it",
                                     holder_of(descriptor), wait_ms / 1000)};
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(kStepMs));
    }
    const std::string holder = fmt::format("process {} ({})\n", ::getpid(), command);
    // Only who waits reads it; a full disk must not stop who holds the lock already.
    const bool is_told = ::ftruncate(descriptor, 0) == 0 &&
                         ::pwrite(descriptor, holder.data(), holder.size(), 0) >= 0;
    (void)is_told;
    return lock;
}

WriterLock::WriterLock(WriterLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

WriterLock::~WriterLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace merlon::evidence
