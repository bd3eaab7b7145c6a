#pragma once

// Files as hostile input: read into padded buffers, never mapped, and never waited for.
//
// The idea: a working tree changes under our hands and may hold FIFOs, devices and files that
// shrink. Opening is non-blocking, only regular files are read, and a file whose size or time
// changed during the read says so.
//
// Thread-safe: no shared state. Errors name the path and what to do; `FileFailure` is for the
// caller that counts gaps.

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace merlon {

inline constexpr std::size_t kReadPadding = 64;  // zero bytes behind what read_file returns

enum class FileKind : std::uint8_t { kRegular, kDirectory, kSymlink, kOther };
enum class FollowLinks : std::uint8_t { kNo, kYes };
enum class FileFailure : std::uint8_t {
    kNone,
    kNotFound,
    kPermission,
    kNotRegular,
    kTooLarge,
    kChanged,
    kLoop,
    kInputOutput
};

struct FileStatus {
    FileKind kind = FileKind::kOther;
    std::uint64_t size = 0;
    std::int64_t modified_ns = 0;
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::uint32_t owner = 0;  // number of the user whose it is
    std::uint32_t group = 0;
    std::int64_t changed_ns = 0;  // of the status: rights, owner, links
    bool is_executable = false;   // by its owner

    // Whether this is the same content as far as the file system tells.
    bool same_content(const FileStatus& other) const {
        return size == other.size && modified_ns == other.modified_ns && inode == other.inode;
    }
};

// A file operation's answer: the error carries the kind of failure beside the text.
template <typename T>
struct FileResult {
    Result<T> result;
    FileFailure failure = FileFailure::kNone;

    bool ok() const { return result.ok(); }
};

FileResult<FileStatus> file_status(const std::string& path, FollowLinks follow);

// The number of the user whose rights this process has.
std::uint32_t effective_user();

// Bytes followed by kReadPadding zero bytes.
struct FileBytes {
    std::shared_ptr<const char[]> owner;
    std::string_view bytes;
};

// An open regular file, for reading in pieces. Closes itself.
class FileReader {
  public:
    static FileResult<FileReader> open(const std::string& path);
    FileReader(FileReader&& other) noexcept;
    FileReader& operator=(FileReader&& other) noexcept;
    ~FileReader();

    const FileStatus& status() const { return status_; }
    // Reads up to buffer.size() bytes at the current place; 0 at the end.
    FileResult<std::size_t> read(std::span<char> buffer);
    // Moves to the next byte at or after `offset` that is not in a hole; the size at the end.
    std::uint64_t skip_hole(std::uint64_t offset);
    void seek(std::uint64_t offset);
    // Whether size or time differ from what they were when the file was opened.
    bool changed_since_open() const;

  private:
    FileReader(int descriptor, FileStatus status, std::string path)
        : descriptor_(descriptor), status_(status), path_(std::move(path)) {}
    int descriptor_ = -1;
    FileStatus status_;
    std::string path_;
};

// Reads a whole regular file of at most `max_bytes`. Files that report no size (as below /proc) are
// read to their end.
FileResult<FileBytes> read_file(const std::string& path, std::uint64_t max_bytes);

// The same as a string, for configurations and reports.
Result<std::string> read_text_file(const std::string& path,
                                   std::uint64_t max_bytes = std::uint64_t{64} << 20);

// Copies `bytes` into a padded buffer.
FileBytes padded_copy(std::string_view bytes);

// Replaces `path` with `bytes`: a temporary file beside it, flushed, then renamed. On failure
// nothing is left behind and an old file stays as it was. A symbolic link stays one, and the file
// that it names is replaced or made. Devices and open descriptors such as /dev/stdout are written
// in place.
Status write_file_atomically(const std::string& path, std::string_view bytes);
// The same for bytes that `make` hands over piece by piece; it fails where `make` does.
using WriteBytes = std::function<Status(std::string_view bytes)>;
Status write_file_atomically(const std::string& path,
                             const std::function<Status(const WriteBytes& write)>& make);

// Where a symbolic link leads to, be it there or not, link by link; any other path, and an open
// descriptor's, as it is.
std::string behind_links(const std::string& path);

// Writes all of `bytes`, retrying short writes; fails on a full disk or a closed pipe.
Status write_all(int descriptor, std::string_view bytes);

}  // namespace merlon
