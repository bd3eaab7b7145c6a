#include "base/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace merlon {

Result<FileLock> FileLock::take(const std::string& path) {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (descriptor < 0) return Error{path + ": " + std::strerror(errno)};
    if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) return FileLock(descriptor);
    const int failure = errno;
    ::close(descriptor);
    if (failure == EWOULDBLOCK) {
        return Error{path + " is held by another run; wait until it has ended"};
    }
    return Error{path + " cannot be locked: " + std::strerror(failure)};
}

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FileLock::~FileLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace merlon
