#pragma once

// A mapped file whose faults are errors: for packs, databases and caches of ours. Working-tree
// files are read (base/file.h), never mapped.
//
// The idea: a file that shrinks, or a disk that fails, raises SIGBUS in the middle of a read. While
// guarded() runs, the handler puts a page of zeros under the faulting address and notes it: the
// reader goes on over zeros, and what it made of them is thrown away with the error.
//
// Immutable, thread-safe to read; each thread guards its own reads. The handler is installed at the
// first open and passes faults that are not ours to the one before it. Cost: a mapping each.

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace merlon {

// How a file will be read. Where the page cache holds one in large pieces, the first touch of a
// piece maps all of it, up to two mebibytes, as long as file and mapping are aligned alike: good
// for who reads all of it, and memory without use for who reads some pages of a database.
enum class MappedReads : unsigned char { kThrough, kHereAndThere };

class MappedFile {
  public:
    static Result<MappedFile> open(const std::string& path,
                                   MappedReads reads = MappedReads::kThrough);
    MappedFile(MappedFile&& other) noexcept;
    MappedFile& operator=(MappedFile&& other) noexcept;
    ~MappedFile();

    std::size_t size() const { return size_; }
    // For readers inside of guarded() that keep a view: outside of it, a page that is gone by the
    // time it is read ends the process.
    std::string_view bytes() const { return {data_, size_}; }
    // Calls `read` with the bytes; fails when a page of them could not be read, and then whatever
    // `read` computed is worthless. `read` must not keep the view.
    Status guarded(const std::function<void(std::string_view bytes)>& read) const;
    // The same for a `read` that can fail of itself: a page that could not be read comes first.
    Status checked(const std::function<Status(std::string_view bytes)>& read) const;

  private:
    MappedFile(const char* data, std::size_t size, std::string path)
        : data_(data), size_(size), path_(std::move(path)) {}

    const char* data_ = nullptr;
    std::size_t size_ = 0;
    std::string path_;
};

}  // namespace merlon
