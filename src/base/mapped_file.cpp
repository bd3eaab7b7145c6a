#include "base/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <utility>

namespace merlon {
namespace {

// What the thread is reading under guard; a signal handler sees nothing but this.
struct Guard {
    std::uintptr_t begin = 0;
    std::uintptr_t end = 0;
    volatile bool faulted = false;
};

thread_local constinit Guard* active_guard = nullptr;
struct sigaction previous_action{};
std::uintptr_t page_bytes = 4096;

void on_fault(int signal, siginfo_t* info, void* context) {
    const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
    Guard* guard = active_guard;
    if (guard != nullptr && address >= guard->begin && address < guard->end) {
        void* page = reinterpret_cast<void*>(address & ~(page_bytes - 1));
        // A page of zeros in place of the one that cannot be read; the reader goes on.
        const void* placed =
            mmap(page, page_bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        if (placed == page) {
            guard->faulted = true;
            return;
        }
    }
    if ((previous_action.sa_flags & SA_SIGINFO) != 0 && previous_action.sa_sigaction != nullptr) {
        previous_action.sa_sigaction(signal, info, context);
        return;
    }
    // Not ours: let it end the process as it would have; the instruction faults again.
    std::signal(SIGBUS, SIG_DFL);
}

Status install_handler() {
    static std::once_flag once;
    static int code = 0;
    std::call_once(once, [] {
        page_bytes = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
        struct sigaction action{};
        action.sa_sigaction = on_fault;
        action.sa_flags = SA_SIGINFO;
        sigemptyset(&action.sa_mask);
        if (sigaction(SIGBUS, &action, &previous_action) != 0) code = errno;
    });
    if (code != 0) return Error{std::string("cannot watch for faults: ") + std::strerror(code)};
    return {};
}

Error failure(std::string_view doing, const std::string& path, int code) {
    Error error{std::string(doing) + ": " + std::strerror(code)};
    error.file = path;
    return error;
}

// Maps the file one page off the alignment of the page cache's largest pieces.
void* map_off_alignment(std::size_t size, int descriptor) {
    constexpr std::uintptr_t kLargestPiece = std::uintptr_t{2} << 20;
    const std::size_t mapped = (size + page_bytes - 1) / page_bytes * page_bytes;
    const std::size_t reserved = mapped + 2 * kLargestPiece;
    void* const room =
        mmap(nullptr, reserved, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (room == MAP_FAILED) return room;
    const auto room_at = reinterpret_cast<std::uintptr_t>(room);
    const std::size_t before =
        (room_at + kLargestPiece - 1) / kLargestPiece * kLargestPiece + page_bytes - room_at;
    char* const begin = static_cast<char*>(room) + before;
    void* const data = mmap(begin, size, PROT_READ, MAP_PRIVATE | MAP_FIXED, descriptor, 0);
    const int code = errno;
    // What was reserved on both sides, or all of it.
    if (data == MAP_FAILED) {
        munmap(room, reserved);
    } else {
        munmap(room, before);
        munmap(begin + mapped, reserved - before - mapped);
    }
    errno = code;
    return data;
}

}  // namespace

Result<MappedFile> MappedFile::open(const std::string& path, MappedReads reads) {
    if (Status ready = install_handler(); !ready.ok()) return std::move(ready).error();
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (descriptor < 0) return failure("cannot open it", path, errno);
    struct stat entry{};
    if (fstat(descriptor, &entry) != 0 || !S_ISREG(entry.st_mode)) {
        ::close(descriptor);
        Error error{"is not a regular file and cannot be mapped"};
        error.file = path;
        return error;
    }
    const auto size = static_cast<std::size_t>(entry.st_size);
    if (size == 0) {  // mmap refuses an empty range
        ::close(descriptor);
        return MappedFile(nullptr, 0, path);
    }
    void* data = reads == MappedReads::kThrough
                     ? mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0)
                     : map_off_alignment(size, descriptor);
    const int code = errno;
    ::close(descriptor);
    if (data == MAP_FAILED) return failure("cannot map it", path, code);
    return MappedFile(static_cast<const char*>(data), size, path);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      path_(std::move(other.path_)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(path_, other.path_);
    return *this;
}

MappedFile::~MappedFile() {
    if (data_ != nullptr) munmap(const_cast<char*>(data_), size_);
}

Status MappedFile::guarded(const std::function<void(std::string_view bytes)>& read) const {
    Guard guard;
    guard.begin = reinterpret_cast<std::uintptr_t>(data_);
    guard.end = guard.begin + size_;
    Guard* const outer = std::exchange(active_guard, &guard);
    read({data_, size_});
    active_guard = outer;
    if (!guard.faulted) return {};
    Error error{"could not be read whole: it shrank, or its disk failed; make it anew"};
    error.file = path_;
    return error;
}

Status MappedFile::checked(const std::function<Status(std::string_view bytes)>& read) const {
    Status answer;
    const auto keep = [&](std::string_view bytes) { answer = read(bytes); };
    if (Status whole = guarded(std::ref(keep)); !whole.ok()) return whole;
    return answer;
}

}  // namespace merlon
