#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "base/large_pages.h"

namespace merlon {
namespace {

// Pseudo files such as /proc/self/pagemap promise no size and go on for gigabytes.
constexpr std::uint64_t kMaxUnsizedBytes = std::uint64_t{32} << 20;

FileFailure failure_of(int code) {
    switch (code) {
        case ENOENT:
        case ENOTDIR:
            return FileFailure::kNotFound;
        case EACCES:
        case EPERM:
            return FileFailure::kPermission;
        case ELOOP:
            return FileFailure::kLoop;
        default:
            return FileFailure::kInputOutput;
    }
}

Error system_error(std::string_view doing, const std::string& path, int code) {
    Error error{std::string(doing) + ": " + std::strerror(code)};
    error.file = path;
    return error;
}

FileStatus status_from(const struct stat& entry) {
    FileStatus status;
    status.kind = S_ISREG(entry.st_mode)   ? FileKind::kRegular
                  : S_ISDIR(entry.st_mode) ? FileKind::kDirectory
                  : S_ISLNK(entry.st_mode) ? FileKind::kSymlink
                                           : FileKind::kOther;
    status.size = static_cast<std::uint64_t>(entry.st_size);
    status.modified_ns = std::int64_t{entry.st_mtim.tv_sec} * 1'000'000'000 + entry.st_mtim.tv_nsec;
    status.device = entry.st_dev;
    status.inode = entry.st_ino;
    status.owner = entry.st_uid;
    status.group = entry.st_gid;
    status.changed_ns = std::int64_t{entry.st_ctim.tv_sec} * 1'000'000'000 + entry.st_ctim.tv_nsec;
    status.is_executable = (entry.st_mode & S_IXUSR) != 0;
    return status;
}

FileBytes make_padded(std::size_t size, char*& writable) {
    std::shared_ptr<char[]> owner(new char[size + kReadPadding]);
    ask_for_large_pages(owner.get(), size);
    std::memset(owner.get() + size, 0, kReadPadding);
    writable = owner.get();
    return {owner, {owner.get(), size}};
}

}  // namespace

FileResult<FileStatus> file_status(const std::string& path, FollowLinks follow) {
    struct stat entry{};
    const int flags = follow == FollowLinks::kYes ? 0 : AT_SYMLINK_NOFOLLOW;
    if (fstatat(AT_FDCWD, path.c_str(), &entry, flags) != 0) {
        const int code = errno;
        return {system_error("cannot look at it", path, code), failure_of(code)};
    }
    return {status_from(entry)};
}

std::uint32_t effective_user() { return geteuid(); }

namespace {

// The open descriptor that a path names.
std::optional<int> own_descriptor(std::string_view path) {
    if (path == "/dev/stdin") return STDIN_FILENO;
    if (path == "/dev/stdout") return STDOUT_FILENO;
    if (path == "/dev/stderr") return STDERR_FILENO;
    for (const std::string_view folder : {"/dev/fd/", "/proc/self/fd/"}) {
        if (!path.starts_with(folder)) continue;
        const std::string_view digits = path.substr(folder.size());
        int number = 0;
        const auto [end, code] =
            std::from_chars(digits.data(), digits.data() + digits.size(), number);
        if (code == std::errc{} && end == digits.data() + digits.size()) return number;
    }
    return std::nullopt;
}

}  // namespace

FileResult<FileReader> FileReader::open(const std::string& path) {
    // O_NONBLOCK: opening a FIFO without a writer must not wait.
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (descriptor < 0) {
        const int code = errno;
        return {system_error("cannot open it", path, code), failure_of(code)};
    }
    struct stat entry{};
    if (fstat(descriptor, &entry) != 0) {
        const int code = errno;
        ::close(descriptor);
        return {system_error("cannot look at it", path, code), failure_of(code)};
    }
    FileStatus status = status_from(entry);
    if (S_ISCHR(entry.st_mode) && path == "/dev/null") {
        // As a file of nothing, which some are asked for in their stead.
    } else if (S_ISFIFO(entry.st_mode) && own_descriptor(path)) {
        // What a shell makes of <(command); it is meant to be waited for.
        fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK);
    } else if (status.kind != FileKind::kRegular) {
        ::close(descriptor);
        Error error{status.kind == FileKind::kDirectory
                        ? "is a directory, expected a file"
                        : "is not a regular file (a FIFO, socket or device) and is not read"};
        error.file = path;
        return {std::move(error), FileFailure::kNotRegular};
    }
    posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
    return {FileReader(descriptor, status, path)};
}

FileReader::FileReader(FileReader&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      status_(other.status_),
      path_(std::move(other.path_)) {}

FileReader& FileReader::operator=(FileReader&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    std::swap(status_, other.status_);
    std::swap(path_, other.path_);
    return *this;
}

FileReader::~FileReader() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

FileResult<std::size_t> FileReader::read(std::span<char> buffer) {
    while (true) {
        const ssize_t count = ::read(descriptor_, buffer.data(), buffer.size());
        if (count >= 0) return {static_cast<std::size_t>(count)};
        if (errno == EINTR) continue;
        const int code = errno;
        return {system_error("cannot read it", path_, code), failure_of(code)};
    }
}

std::uint64_t FileReader::skip_hole(std::uint64_t offset) {
    const off_t data = ::lseek(descriptor_, static_cast<off_t>(offset), SEEK_DATA);
    if (data >= 0) return static_cast<std::uint64_t>(data);
    // ENXIO: only a hole up to the end. Anything else: the file system does not tell.
    return errno == ENXIO ? status_.size : offset;
}

void FileReader::seek(std::uint64_t offset) {
    ::lseek(descriptor_, static_cast<off_t>(offset), SEEK_SET);
}

bool FileReader::changed_since_open() const {
    struct stat entry{};
    return fstat(descriptor_, &entry) != 0 || !status_from(entry).same_content(status_);
}

FileResult<FileBytes> read_file(const std::string& path, std::uint64_t max_bytes) {
    FileResult<FileReader> opened = FileReader::open(path);
    if (!opened.ok()) return {std::move(opened.result).error(), opened.failure};
    FileReader& reader = opened.result.value();
    if (reader.status().size > max_bytes) {
        Error error{"holds " + std::to_string(reader.status().size) + " bytes, over the limit of " +
                    std::to_string(max_bytes)};
        error.file = path;
        return {std::move(error), FileFailure::kTooLarge};
    }
    const auto expected = static_cast<std::size_t>(reader.status().size);
    char* writable = nullptr;
    FileBytes file = make_padded(expected, writable);
    std::size_t held = 0;
    while (held < expected) {
        FileResult<std::size_t> count = reader.read({writable + held, expected - held});
        if (!count.ok()) return {std::move(count.result).error(), count.failure};
        if (count.result.value() == 0) break;
        held += count.result.value();
    }
    // Whatever stands behind the promised size: pseudo files promise nothing, and a growing log has
    // more by now, which the next comparison reports.
    std::string rest;
    if (expected == 0) {
        std::vector<char> piece(65536);
        const std::uint64_t unsized_limit = std::min(max_bytes, kMaxUnsizedBytes);
        while (rest.size() <= unsized_limit) {
            FileResult<std::size_t> count = reader.read(piece);
            if (!count.ok()) return {std::move(count.result).error(), count.failure};
            if (count.result.value() == 0) break;
            rest.append(piece.data(), count.result.value());
        }
        if (rest.size() > unsized_limit) {
            Error error{"promises no size and gives more than " + std::to_string(unsized_limit) +
                        " bytes"};
            error.file = path;
            return {std::move(error), FileFailure::kTooLarge};
        }
        if (!rest.empty()) return {padded_copy(rest)};
    }
    if (held < expected || reader.changed_since_open()) {
        Error error{"changed while it was read; scan again when nothing writes to it"};
        error.file = path;
        return {std::move(error), FileFailure::kChanged};
    }
    return {std::move(file)};
}

Result<std::string> read_text_file(const std::string& path, std::uint64_t max_bytes) {
    FileResult<FileBytes> file = read_file(path, max_bytes);
    if (!file.ok()) return std::move(file.result).error();
    return std::string(file.result.value().bytes);
}

FileBytes padded_copy(std::string_view bytes) {
    char* writable = nullptr;
    FileBytes file = make_padded(bytes.size(), writable);
    if (!bytes.empty()) std::memcpy(writable, bytes.data(), bytes.size());
    return file;
}

Status write_all(int descriptor, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
        if (count < 0) {
            if (errno == EINTR) continue;
            return Error{std::string("cannot write: ") + std::strerror(errno)};
        }
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return {};
}

namespace {

// Writes and flushes a descriptor and closes it whatever happens.
using MakeBytes = std::function<Status(const WriteBytes& write)>;

Status write_and_close(int descriptor, const MakeBytes& make, const std::string& path) {
    Status written =
        make([descriptor](std::string_view bytes) { return write_all(descriptor, bytes); });
    int code = 0;
    // A pipe or terminal cannot be flushed; that is no failure (EINVAL, EROFS).
    if (written.ok() && fsync(descriptor) != 0 && errno != EINVAL && errno != EROFS) code = errno;
    if (::close(descriptor) != 0 && code == 0) code = errno;
    if (!written.ok()) return std::move(written).error().at(path, 0, 0);
    if (code != 0) return system_error("cannot write it", path, code);
    return {};
}

}  // namespace

std::string behind_links(const std::string& path) {
    if (own_descriptor(path)) return path;
    // As many as Linux itself follows; a circle is left for the writer to fail at.
    constexpr int kMostLinks = 40;
    std::filesystem::path end = path;
    for (int links = 0; links < kMostLinks; ++links) {
        std::error_code code;
        const std::filesystem::path target = std::filesystem::read_symlink(end, code);
        if (code) return end.string();
        end = end.parent_path() / target;  // an absolute target stands alone
        if (own_descriptor(end.string())) return end.string();
    }
    return path;
}

namespace {

Status copy_into(const std::string& from, const std::string& path) {
    const int source = ::open(from.c_str(), O_RDONLY | O_CLOEXEC);
    if (source < 0) return system_error("cannot read it again", from, errno);
    const int target = ::open(path.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC);
    if (target < 0) {
        Status failed = system_error("cannot open it for writing", path, errno);
        ::close(source);
        return failed;
    }
    Status written = write_and_close(
        target,
        [&](const WriteBytes& write) -> Status {
            std::string buffer(std::size_t{1} << 16, '\0');
            while (true) {
                const ssize_t count = ::read(source, buffer.data(), buffer.size());
                if (count == 0) return {};
                if (count < 0 && errno == EINTR) continue;
                if (count < 0) return system_error("cannot read it again", from, errno);
                const auto size = static_cast<std::size_t>(count);
                if (Status put = write(std::string_view(buffer).substr(0, size)); !put.ok()) {
                    return put;
                }
            }
        },
        path);
    ::close(source);
    return written;
}

}  // namespace

Status write_file_atomically(const std::string& path, std::string_view bytes) {
    return write_file_atomically(path, [bytes](const WriteBytes& write) { return write(bytes); });
}

Status write_file_atomically(const std::string& link, const MakeBytes& make) {
    const std::string path = behind_links(link);
    // Not by its name: /dev/stdout is a link, and what it leads to may be a file that a shell has
    // opened.
    if (const std::optional<int> open = own_descriptor(path)) {
        const int descriptor = ::fcntl(*open, F_DUPFD_CLOEXEC, 0);
        if (descriptor < 0) return system_error("cannot write to it", path, errno);
        return write_and_close(descriptor, make, path);
    }
    const FileResult<FileStatus> existing = file_status(path, FollowLinks::kYes);
    if (existing.ok() && existing.result.value().kind == FileKind::kOther) {
        const int descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
        if (descriptor < 0) return system_error("cannot open it for writing", path, errno);
        return write_and_close(descriptor, make, path);
    }
    if (existing.failure == FileFailure::kLoop) return existing.result.error();
    std::string temporary = path + ".XXXXXX";
    const int descriptor = ::mkostemp(temporary.data(), O_CLOEXEC);
    if (descriptor < 0) return system_error("cannot create a file beside it", path, errno);
    const mode_t mask = umask(0);
    umask(mask);
    // Whoever made a file private means what comes in its place, too.
    struct stat old{};
    const bool is_there = ::stat(path.c_str(), &old) == 0;
    fchmod(descriptor, is_there ? old.st_mode & 0777 : 0666 & ~mask);
    Status written = write_and_close(descriptor, make, path);
    if (written.ok()) {
        if (::rename(temporary.c_str(), path.c_str()) == 0) return written;
        // A file that is mounted by itself, as into a container, can only be written in place.
        written = errno == EBUSY ? copy_into(temporary, path)
                                 : system_error("cannot replace it", path, errno);
    }
    ::unlink(temporary.c_str());
    return written;
}

}  // namespace merlon
