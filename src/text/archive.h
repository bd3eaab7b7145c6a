#pragma once

// What is packed inside a file: containers (zip, tar, 7z, rar, …) and compressed streams (gz, bz2,
// xz, zst, lz4, lz, zlib, br, sz), through libarchive, brotli and snappy.
//
// The idea: members are handed out one by one as bytes in memory, under limits that hold for the
// whole outermost file, so that a bomb ends in a message and not in a full memory; a member too
// large for that is handed out as a stream, and an archive can be read from one, so that neither
// the size of an archive nor that of what it holds decides the memory. Member names are for display
// only: nothing is ever written, so a name that climbs out of a folder is harmless.
//
// Thread-safe: no shared state; the budget belongs to one outermost file.

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/cancel.h"
#include "base/limits.h"
#include "base/result.h"

namespace merlon::text {

enum class ArchiveFailure : std::uint8_t {
    kNone,
    kEncrypted,    // a member, or the whole, needs a password
    kCorrupt,      // does not unpack
    kLimit,        // unpacked size, ratio, number of members
    kUnsupported,  // a container or method that we cannot read
};

// What is left of the limits of one outermost file, shared by its nested archives.
struct ArchiveBudget {
    explicit ArchiveBudget(const Limits& limits)
        : bytes_left(limits.max_archive_bytes),
          members_left(limits.max_archive_members),
          max_member_bytes(limits.max_archive_member_bytes),
          max_ratio(limits.max_archive_ratio) {}

    std::uint64_t bytes_left;
    std::uint64_t members_left;
    std::uint64_t max_member_bytes;
    std::uint64_t max_ratio;
    // An archive that is damaged all over shall not fill the memory with saying so.
    std::uint64_t gaps_left = 10'000;
    // May be null. Once it is set, nothing more is unpacked, which looks like a limit.
    const CancelToken* cancel = nullptr;

    // Whether one more gap is told; the last one says that there are more.
    bool take_gap(std::string& detail) {
        if (gaps_left == 0) return false;
        if (--gaps_left == 0) detail += "; there are more gaps, which are not listed";
        return true;
    }
};

// Bytes that are not all in memory: a file, or what is being unpacked.
class ArchiveInput {
  public:
    virtual ~ArchiveInput() = default;
    // Up to buffer.size() bytes at the current place; 0 at the end.
    virtual Result<std::size_t> read(std::span<char> buffer) = 0;
    // Moves to `offset`. False where reading on is all that can be done: a 7z is not opened then.
    virtual bool seek(std::uint64_t offset) = 0;
    // What there is in all; 0 where that is not known.
    virtual std::uint64_t size() const = 0;
};

// Whether the first bytes are those of something that walk_archive opens. (zlib, brotli and snappy
// streams and those of the old .lzma have no magic that is safe to trust; they count by `name`.)
bool is_archive(std::string_view first_bytes, std::string_view name);

struct ArchiveMember {
    std::string name;  // empty for a compressed stream that names nothing
    std::string_view bytes;
    std::uint64_t offset = 0;  // of the bytes in a tar's own stream, before its compression
    bool is_part = false;      // what stands before a damage
};

// One thing that could not be read; member empty: the archive as a whole.
struct ArchiveGap {
    std::string member;
    ArchiveFailure failure = ArchiveFailure::kCorrupt;
    std::string detail;
};

// What stands behind an archive's end (or in front of a zip's begin), and a zip's comment.
enum class Trailing : std::uint8_t {
    kLeave,   // nobody asks
    kSearch,  // a member "(rest)"; from a stream, a gap
};

// What becomes of an archive's content. Bytes and inputs live until the callback returns. Of a
// member that is damaged or cut off, the part that could be read is handed out before its gap.
struct ArchiveVisitor {
    std::function<void(const ArchiveMember&)> on_member;
    std::function<void(ArchiveGap)> on_gap;
    // A member of more than large_bytes: its first bytes (only until the stream is read), and all
    // of it as a stream. Without this function it is a member like any other up to the limit for
    // one, and then a gap.
    std::function<void(const ArchiveMember&, ArchiveInput&)> on_large = {};
    std::uint64_t large_bytes = Limits{}.window_bytes;
    Trailing trailing = Trailing::kLeave;
};

// Calls on_member for each file inside, on_gap for what could not be read. Returns when all were
// seen or a limit was hit.
void walk_archive(std::string_view bytes, std::string_view name, ArchiveBudget& budget,
                  const ArchiveVisitor& visitor);
// The same from a stream, at its begin. Streams known by their name alone are a gap here.
void walk_archive(ArchiveInput& input, std::string_view name, ArchiveBudget& budget,
                  const ArchiveVisitor& visitor);

// As this kind of container and no other, and without a compression around it: for who goes by
// something else than the first bytes. Of a compressed stream as input, see StreamInput.
enum class ContainerKind : std::uint8_t { kZip, kTar, kSevenZip, kRar };

void walk_container(ContainerKind kind, std::string_view bytes, ArchiveBudget& budget,
                    const ArchiveVisitor& visitor);
void walk_container(ContainerKind kind, ArchiveInput& input, ArchiveBudget& budget,
                    const ArchiveVisitor& visitor);

}  // namespace merlon::text
