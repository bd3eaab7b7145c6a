#pragma once

// A large object, inflated while it is read: for blobs that nobody wants to hold as a whole.
//
// The idea: git keeps what is larger than core.bigFileThreshold without deltas, as a loose file or
// as a whole entry of a pack, so that its content is one zlib stream in a file. It is read through
// a small buffer; going back means to begin anew, which is allowed a few times only: an archive
// that wants to be read out of order must not cost its size for each member.
//
// One thread. Memory: a piece of 64 KiB and zlib's window.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "text/archive.h"

namespace merlon::connect::git {

// Where the zlib stream of an object stands.
struct StreamPlace {
    std::string path;
    std::uint64_t begin = 0;       // of the stream in the file
    std::uint64_t head_bytes = 0;  // inflated ones that stand before the content
    std::uint64_t size = 0;        // of the content
};

class BlobStream final : public text::ArchiveInput {
  public:
    static Result<std::unique_ptr<BlobStream>> open(StreamPlace place);
    ~BlobStream() override;
    BlobStream(const BlobStream&) = delete;
    BlobStream& operator=(const BlobStream&) = delete;

    // Fails where the stream is damaged or gives another number of bytes than it should.
    Result<std::size_t> read(std::span<char> buffer) override;
    // Forward by reading, back by beginning anew; false where that fails or was done too often.
    bool seek(std::uint64_t offset) override;
    std::uint64_t size() const override { return place_.size; }

  private:
    struct Inflater;
    BlobStream(StreamPlace place, FileReader reader);
    Status restart();
    // Up to buffer.size() inflated bytes, the head's too; 0 at the end.
    Result<std::size_t> inflate_some(std::span<char> buffer);
    Error damaged(std::string message) const;

    StreamPlace place_;
    FileReader reader_;
    std::unique_ptr<Inflater> inflater_;
    std::vector<char> packed_;
    std::uint64_t at_ = 0;  // in the content
    unsigned restarts_left_ = 0;
};

}  // namespace merlon::connect::git
