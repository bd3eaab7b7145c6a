#pragma once

// The members of a tar, one after the other: V7, USTAR, pax, STAR and GNU, with sparse files.
//
// The idea: one reader for two readings. The tolerant one loses nothing in silence: a member of an
// unknown type is a file, one without content that has some is one too, and behind a header that is
// damaged the next one that makes sense is looked for. That of Go's archive/tar, which programs
// written in Go share, refuses much of that and stops there: it takes a damaged date for the end of
// the archive. Here that is a step of its own, and whoever follows that reader can still go on, and
// see what it missed.
//
// Each step is bounded (1 MiB is read at most), so that who takes them can charge for them. What
// stands in front of a member may be 1 MiB, as in Go and libarchive.
//
// POSIX.1-2017, pax; the GNU tar manual, "Tar Internals"; star(5).
// Not thread-safe; one tar each. Borrows the bytes, or reads them from an input.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "text/packed_bytes.h"
#include "text/tar_header.h"
#include "text/tar_records.h"
#include "text/tar_sparse.h"

namespace merlon::text {

enum class TarReading : std::uint8_t { kTolerant, kAsGo };

enum class TarKind : std::uint8_t {
    kFile,
    kFolder,
    kOther,  // a link, device or FIFO
};

struct TarMember {
    std::string name;
    TarKind kind = TarKind::kFile;
    std::uint64_t size = 0;    // of the content, with its holes
    std::uint64_t offset = 0;  // of the content, in the tar
    bool is_sparse = false;
};

enum class TarStep : std::uint8_t {
    kMore,     // nothing to tell yet
    kMember,   // its content comes next
    kFlaw,     // something is damaged; what follows is still there
    kRefusal,  // the same, and Go's reader stops here; the next steps are tolerant ones
    kEnd,      // by the tar's own account; the bytes behind it are still to be read
};

class TarReader {
  public:
    TarReader(PackedBytes packed, TarReading reading)
        : packed_(std::move(packed)), is_strict_(reading == TarReading::kAsGo) {}

    // Content of the member before that was not read is passed over. Behind kEnd it looks for
    // another tar that follows.
    TarStep next();
    // Of the last kMember.
    const TarMember& member() const { return member_; }
    // Of the last kFlaw or kRefusal.
    const std::string& problem() const { return problem_; }

    // The next bytes of the content, at most `most`; none at the end. They live until the next
    // call. Fails where the tar is cut off, or holds more or less than a sparse file's map says.
    Result<std::string_view> read(std::size_t most);

    // What the tar cost so far: bytes of it that were taken, those that were walked for a map that
    // makes no sense, and zeros that were handed out for holes.
    std::uint64_t taken_bytes() const { return packed_.taken() + walked_bytes_ + hole_bytes_; }
    // What stands behind kEnd, or why an input failed.
    PackedBytes& packed() { return packed_; }

  private:
    // A problem of the header at header_at_: told once, and then passed over.
    TarStep tell(std::string problem);
    bool is_told() const { return told_at_ == header_at_; }
    std::string cut_problem() const;

    TarStep skip_content();
    TarStep skip_padding();
    TarStep skip_to_header();
    TarStep read_cut_block(std::string_view block);
    TarStep read_end();
    // Whether a member of the type that Sun used for records has some.
    bool holds_records(const TarHeader& header);
    TarStep read_special(const TarHeader& header);
    // False where a record is none; what stands in front of it is kept.
    bool take_records(char type, std::string_view body);
    TarStep read_member(TarHeader header);
    // Why Go refuses the header, or nothing.
    std::string refusal(const TarHeader& header) const;
    std::string take_size(TarHeader& header) const;
    // Whether the content of something that has none stands there all the same.
    bool has_hidden_content(const TarHeader& header);
    std::optional<TarSparseMap> read_sparse_map(const TarHeader& header, std::uint64_t stored,
                                                std::string& problem);
    TarKind kind_of(const TarHeader& header, std::uint64_t stored) const;

    PackedBytes packed_;
    bool is_strict_;
    bool is_lost_ = false;  // between a damaged header and the next one
    bool is_over_ = false;  // the input was cut off or failed
    std::string problem_;
    std::uint64_t header_at_ = 0;
    std::uint64_t told_at_ = UINT64_MAX;
    // For the member that comes.
    TarRecords records_;
    std::uint64_t record_bytes_ = 0;
    std::string long_name_;
    // Of the member.
    TarMember member_;
    std::vector<TarExtent> extents_;
    std::size_t extent_ = 0;
    std::uint64_t at_ = 0;           // in its content
    std::uint64_t stored_left_ = 0;  // of its data
    std::size_t padding_ = 0;
    std::uint64_t hole_bytes_ = 0;
    std::uint64_t walked_bytes_ = 0;
};

}  // namespace merlon::text
