#include "text/zip_directory.h"

#include <zlib.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "text/archive_end.h"
#include "text/packing.h"

namespace merlon::text {
namespace {

constexpr std::size_t kLocalHeaderBytes = 30;
constexpr std::size_t kEntryBytes = 46;
constexpr std::size_t kLocatorBytes = 20;
constexpr std::size_t kZip64EndBytes = 56;
constexpr std::uint32_t kInZip64 = 0xFFFFFFFF;

Error problem(std::string message, std::uint64_t at) {
    return {.message = std::move(message), .offset = static_cast<std::size_t>(at)};
}

// Numbers of a record whose length was looked at.
class Fields {
  public:
    explicit Fields(std::string_view bytes) : bytes_(bytes) {}
    std::uint16_t u16() { return static_cast<std::uint16_t>(take(2)); }
    std::uint32_t u32() { return static_cast<std::uint32_t>(take(4)); }
    std::uint64_t u64() { return take(8); }
    void skip(std::size_t bytes) { at_ += bytes; }
    bool has(std::size_t bytes) const { return bytes_.size() - at_ >= bytes; }
    std::string_view text(std::size_t bytes) {
        at_ += bytes;
        return bytes_.substr(at_ - bytes, bytes);
    }

  private:
    std::uint64_t take(std::size_t width) {
        at_ += width;
        return little_endian(bytes_, at_ - width, width);
    }

    std::string_view bytes_;
    std::size_t at_ = 0;
};

// 4.3.16 and, where its numbers do not fit, 4.3.14.
struct DirectoryEnd {
    std::uint64_t at = 0;
    std::uint64_t entries = 0;
    std::uint64_t bytes = 0;
    std::uint64_t offset = 0;
};

// 4.3.15, and what it leads to. Nothing changes where there is no locator.
Status read_zip64_end(std::string_view zip, DirectoryEnd& end) {
    if (end.at < kLocatorBytes) return {};
    Fields locator(zip.substr(static_cast<std::size_t>(end.at) - kLocatorBytes, kLocatorBytes));
    if (locator.text(4) != "PK\6\7" || locator.u32() != 0) return {};
    const std::uint64_t at = locator.u64();
    if (locator.u32() != 1) return {};
    if (at > zip.size() || zip.size() - at < kZip64EndBytes ||
        zip.substr(static_cast<std::size_t>(at), 4) != "PK\6\6") {
        return problem("the end of the zip64 directory is not where its locator says", at);
    }
    Fields record(zip.substr(static_cast<std::size_t>(at), kZip64EndBytes));
    record.skip(32);
    end = {at, record.u64(), record.u64(), record.u64()};
    return {};
}

Result<DirectoryEnd> find_end(std::string_view zip) {
    constexpr std::size_t kTailBytes = std::size_t{65} << 10;
    const std::size_t tail_at = zip.size() - std::min(zip.size(), kTailBytes);
    const std::string_view tail = zip.substr(tail_at);
    const std::size_t at =
        tail.size() < kZipEndBytes ? tail.npos : tail.rfind("PK\5\6", tail.size() - kZipEndBytes);
    if (at == tail.npos) return problem("has no end of central directory", zip.size());
    Fields record(tail.substr(at, kZipEndBytes));
    record.skip(10);
    DirectoryEnd end{tail_at + at, record.u16(), record.u32(), record.u32()};
    if (record.u16() > tail.size() - at - kZipEndBytes) {
        return problem("the end of the zip's directory is damaged or cut off", end.at);
    }
    if (end.entries == 0xFFFF || end.bytes == 0xFFFF || end.bytes == kInZip64 ||
        end.offset == kInZip64) {
        MERLON_TRY(read_zip64_end(zip, end));
    }
    return end;
}

// 4.5.3: only what does not fit its field stands there. False where it is too short for that.
bool take_zip64_sizes(std::string_view extra, ZipEntry& entry) {
    constexpr std::uint16_t kZip64Tag = 1;
    Fields fields(extra);
    while (fields.has(4)) {
        const std::uint16_t tag = fields.u16();
        const std::uint16_t size = fields.u16();
        if (!fields.has(size)) break;
        Fields field(fields.text(size));
        if (tag != kZip64Tag) continue;
        for (std::uint64_t* number :
             {&entry.unpacked_bytes, &entry.packed_bytes, &entry.header_at}) {
            if (*number != kInZip64) continue;
            if (!field.has(8)) return false;
            *number = field.u64();
        }
        return true;
    }
    return entry.packed_bytes != kInZip64 && entry.header_at != kInZip64;
}

// 4.4.2 and 4.4.15: whose attributes they are, and what these say.
bool is_folder(std::string_view name, std::uint16_t made_by, std::uint32_t attributes) {
    if (name.ends_with('/')) return true;
    const unsigned system = made_by >> 8;
    constexpr unsigned kFat = 0;
    constexpr unsigned kUnix = 3;
    constexpr unsigned kNtfs = 11;
    constexpr unsigned kVfat = 14;
    constexpr unsigned kMac = 19;
    if (system == kUnix || system == kMac) return (attributes >> 16 & 0xF000) == 0x4000;
    return (system == kFat || system == kNtfs || system == kVfat) && (attributes & 0x10) != 0;
}

// Nothing where no whole entry stands there; `at` goes behind it.
std::optional<ZipEntry> read_entry(std::string_view zip, std::uint64_t& at) {
    if (at > zip.size() || zip.size() - at < kEntryBytes) return std::nullopt;
    const std::string_view rest = zip.substr(static_cast<std::size_t>(at));
    if (!rest.starts_with("PK\1\2")) return std::nullopt;
    Fields fields(rest);
    fields.skip(4);
    const std::uint16_t made_by = fields.u16();
    fields.skip(2);
    ZipEntry entry;
    entry.flags = fields.u16();
    entry.method = fields.u16();
    fields.skip(4);
    entry.crc32 = fields.u32();
    entry.packed_bytes = fields.u32();
    entry.unpacked_bytes = fields.u32();
    const std::size_t name_bytes = fields.u16();
    const std::size_t extra_bytes = fields.u16();
    const std::size_t comment_bytes = fields.u16();
    fields.skip(4);
    const std::uint32_t attributes = fields.u32();
    entry.header_at = fields.u32();
    if (!fields.has(name_bytes + extra_bytes + comment_bytes)) return std::nullopt;
    entry.name = fields.text(name_bytes);
    if (!take_zip64_sizes(fields.text(extra_bytes), entry)) return std::nullopt;
    entry.is_folder = is_folder(entry.name, made_by, attributes);
    at += kEntryBytes + name_bytes + extra_bytes + comment_bytes;
    return entry;
}

// 4.3.9: whether the record behind a member repeats the directory's checksum.
bool has_descriptor_checksum(std::string_view behind, const ZipEntry& entry) {
    if (behind.starts_with("PK\7\x8")) behind.remove_prefix(4);
    return behind.size() >= 8 && little_endian(behind, 0, 4) == entry.crc32;
}

std::optional<StreamKind> stream_of(const ZipEntry& entry) {
    switch (entry.method) {
        case kZipDeflated:
            return StreamKind::kDeflate;
        case kZipBzip2:
            return StreamKind::kBzip2;
        case kZipLzma:
            return StreamKind::kLzma;
        case kZipZstd:
            return StreamKind::kZstd;
        case kZipXz:
            return StreamKind::kXz;
        default:
            return std::nullopt;
    }
}

// What a file of the old .lzma has in front of the same stream (5.8.8, and lzma-file-format.txt).
Result<std::string> lzma_file_of(std::string_view packed, const ZipEntry& entry) {
    constexpr std::size_t kVersionBytes = 2;
    constexpr std::size_t kPropertiesBytes = 5;
    Fields fields(packed);
    if (!fields.has(kVersionBytes + 2 + kPropertiesBytes)) return problem("is cut off", 0);
    fields.skip(kVersionBytes);
    if (fields.u16() != kPropertiesBytes) return problem("has properties of another LZMA", 0);
    std::string file(fields.text(kPropertiesBytes));
    const std::uint64_t size = entry.has_end_marker() ? UINT64_MAX : entry.unpacked_bytes;
    for (unsigned shift = 0; shift < 64; shift += 8) {
        file += static_cast<char>(size >> shift & 0xFF);
    }
    return file + std::string(packed.substr(kVersionBytes + 2 + kPropertiesBytes));
}

// Whether what came out is what the directory says; a checksum of 0 is none there.
std::string difference(std::string_view zip, const ZipEntry& entry, std::string_view packed,
                       std::string_view content) {
    if (content.size() != entry.unpacked_bytes) {
        return "has another size than the directory says";
    }
    const auto behind = static_cast<std::size_t>(packed.data() - zip.data()) + packed.size();
    if (entry.has_descriptor() && !has_descriptor_checksum(zip.substr(behind), entry)) {
        return "has another checksum behind it than in the directory";
    }
    const auto* bytes = reinterpret_cast<const Bytef*>(content.data());
    const bool is_checked = entry.has_descriptor() || entry.crc32 != 0;
    if (is_checked && crc32_z(0, bytes, content.size()) != entry.crc32) {
        return "has a wrong checksum";
    }
    return {};
}

}  // namespace

Result<std::vector<ZipEntry>> read_zip_directory(std::string_view zip) {
    const DirectoryEnd end = MERLON_TRY(find_end(zip));
    if (end.bytes > end.at) return problem("the zip's directory is longer than the file", end.at);
    // What stands in front of an archive may be counted in its offsets or not.
    std::uint64_t at = end.at - end.bytes;
    std::uint64_t counted_at = end.offset;
    if (end.offset < at && read_entry(zip, counted_at)) at = end.offset;
    const std::uint64_t base = at - end.offset;  // may go below zero, as the sums below do then
    std::vector<ZipEntry> entries;
    while (auto entry = read_entry(zip, at)) {
        entry->header_at += base;
        entries.push_back(*entry);
    }
    // (Of more than 65,535 members some writers count only the rest.)
    if ((entries.size() & 0xFFFF) != (end.entries & 0xFFFF)) {
        return problem("the zip's directory is damaged: " + std::to_string(entries.size()) +
                           " members stand there, not " + std::to_string(end.entries),
                       at);
    }
    return entries;
}

Result<std::string_view> packed_content(std::string_view zip, const ZipEntry& entry) {
    if (entry.header_at > zip.size() || zip.size() - entry.header_at < kLocalHeaderBytes ||
        zip.substr(static_cast<std::size_t>(entry.header_at), 4) != "PK\3\4") {
        return problem("has no header where the directory says", entry.header_at);
    }
    const auto at = static_cast<std::size_t>(entry.header_at);
    const std::uint64_t begin =
        at + kLocalHeaderBytes + little_endian(zip, at + 26, 2) + little_endian(zip, at + 28, 2);
    if (begin > zip.size()) return problem("begins behind the end of the file", entry.header_at);
    return zip.substr(
        static_cast<std::size_t>(begin),
        static_cast<std::size_t>(std::min<std::uint64_t>(entry.packed_bytes, zip.size())));
}

Result<ZipContent> unpack_zip_entry(std::string_view zip, const ZipEntry& entry,
                                    ArchiveBudget& budget) {
    if (entry.is_encrypted()) return problem("needs a password", entry.header_at);
    const std::string_view packed = MERLON_TRY(packed_content(zip, entry));
    ZipContent content;
    if (entry.method == kZipStored) {
        Meter meter(budget, zip.size());
        std::string why;
        const bool is_small = packed.size() <= budget.max_member_bytes;
        if (!is_small) why = "is larger than the limit for one member";
        if (is_small && meter.take(packed.size(), why)) content.stored = packed;
        if (!why.empty()) content.gap = {{}, ArchiveFailure::kLimit, std::move(why)};
    } else {
        const auto kind = stream_of(entry);
        if (!kind) {
            return problem(
                "is packed by method " + std::to_string(entry.method) + ", which is not unpacked",
                entry.header_at);
        }
        std::string lzma_file;
        if (entry.method == kZipLzma) {
            lzma_file = MERLON_TRY(lzma_file_of(packed, entry));
        }
        UnpackedStream stream =
            unpack_stream(*kind, entry.method == kZipLzma ? lzma_file : packed, budget);
        content.unpacked = std::move(stream.bytes);
        content.state = stream.state;
        content.pieces = std::move(stream.pieces);
        // What follows a stream within its member's bytes nobody reads.
        if (stream.state != StreamState::kTrailing) content.gap = std::move(stream.gap);
    }
    if (content.is_whole()) {
        std::string what = difference(zip, entry, packed, content.bytes());
        content.has_right_content = what.empty();
        if (what.empty() && packed.size() != entry.packed_bytes) {
            what = "has another packed size than the directory says";
        }
        if (!what.empty()) content.gap = {{}, ArchiveFailure::kCorrupt, std::move(what)};
    }
    return content;
}

}  // namespace merlon::text
