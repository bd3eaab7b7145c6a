#pragma once

// A zip read by its directory, as Go's and Java's readers do and installers of packages rely on.
//
// The idea: libarchive compares the header in front of each member with the directory at the end,
// and gives up a member where they differ. Whoever goes by the directory alone finds its content
// all the same, so a scanner has to, too; and one that wants a few members of many opens only
// these.
//
// Source: APPNOTE.TXT 6.3.10, the sections named below.
// Thread-safe: values and views into the archive. Cost: one pass over the directory; a member costs
// what its content does.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "text/archive.h"
#include "text/stream_input.h"

namespace merlon::text {

// How a member is packed (4.4.5), of those that are opened here.
enum ZipMethod : std::uint16_t {
    kZipStored = 0,
    kZipDeflated = 8,
    kZipBzip2 = 12,
    kZipLzma = 14,
    kZipZstd = 93,
    kZipXz = 95,
};

// What the directory says of a member (4.3.12).
struct ZipEntry {
    std::string_view name;     // as it stands there
    std::uint16_t method = 0;  // a ZipMethod, or another
    std::uint16_t flags = 0;   // 4.4.4
    std::uint32_t crc32 = 0;   // 0: not said
    std::uint64_t packed_bytes = 0;
    std::uint64_t unpacked_bytes = 0;
    std::uint64_t header_at = 0;  // where its local header begins, from the file's begin
    bool is_folder = false;

    bool is_encrypted() const { return (flags & 1) != 0; }
    bool has_descriptor() const { return (flags & 8) != 0; }
    bool has_end_marker() const { return (flags & 2) != 0; }  // of LZMA alone
};

// In the order of the directory. Fails where its end is missing or cut off, or where it is not
// where that end says or holds another number of members.
Result<std::vector<ZipEntry>> read_zip_directory(std::string_view zip);

// The packed bytes of a member: fewer than packed_bytes where the file ends before. Fails where no
// local header stands in front of them.
Result<std::string_view> packed_content(std::string_view zip, const ZipEntry& entry);

// A member as it was unpacked. What is not whole is handed out up to the damage.
struct ZipContent {
    std::string_view stored;  // of the archive, where the member is not packed
    std::string unpacked;     // else
    StreamState state = StreamState::kEnd;
    std::vector<std::size_t> pieces;  // as UnpackedStream has them
    ArchiveGap gap;                   // where it is not whole: what and why
    bool has_right_content = false;   // by size and checksum, also where its packed size is wrong

    std::string_view bytes() const { return unpacked.empty() ? stored : unpacked; }
    bool is_whole() const { return gap.detail.empty(); }
};

// Unpacks a member under the limits. Fails where it cannot be opened: no local header, another
// method, or a password is wanted.
Result<ZipContent> unpack_zip_entry(std::string_view zip, const ZipEntry& entry,
                                    ArchiveBudget& budget);

}  // namespace merlon::text
