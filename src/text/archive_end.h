#pragma once

// Where an archive ends by its own account, and with it what stands around it.
//
// libarchive stops at the end that an archive declares and is silent about what follows; here that
// end is found, so that the bytes around can be looked at too. Zip: APPNOTE 4.3.16; 7z: the start
// header of 7zFormat.txt; RAR 5: the blocks of the "RAR 5.0 archive format" note; lz4: the
// LZ4 frame format 1.6.
//
// Thread-safe: values and views. Cost: zip and RAR by number of blocks, 7z constant.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace merlon::text {

// Bytes of an archive that is not in memory: up to `most` at `offset`, fewer at the end; they live
// until the next call.
using BytesAt = std::function<std::string_view(std::uint64_t offset, std::size_t most)>;

// Zeros fill up what is written in blocks.
inline bool is_zeros(std::string_view bytes) {
    return bytes.find_first_not_of('\0') == std::string_view::npos;
}
std::string_view without_leading_zeros(std::string_view bytes);

// Whether a frame begins here that zstd (RFC 8878, 3.1.2) and lz4 pass over, as pzstd writes one in
// front; its size stands in the four bytes behind these four.
bool is_skippable_frame(std::string_view magic);

// The number in `width` bytes at `at`, which are there.
std::uint64_t little_endian(std::string_view bytes, std::size_t at, std::size_t width);

struct ZipSurroundings {
    std::string_view before;         // a zip put in front of this one, which readers never see
    std::string_view after;          // the comment and what follows
    std::size_t comment_bytes = 0;   // what the end itself says of the comment
    std::uint64_t before_bytes = 0;  // of `before`, also where that is not among the bytes
};

// Of a whole zip, or (then without `before`) of its last bytes, with as many in front of them;
// nothing where the end of central directory is missing.
std::optional<ZipSurroundings> zip_surroundings(std::string_view bytes,
                                                std::uint64_t bytes_in_front = 0);

// Nothing where the header does not make sense.
std::optional<std::size_t> seven_zip_end(std::string_view bytes);
// By the first bytes (32) of one of `size`.
std::optional<std::uint64_t> seven_zip_end(std::string_view first_bytes, std::uint64_t size);

// Nothing where no end block is reached: the archive is cut off or damaged.
std::optional<std::size_t> rar5_end(std::string_view bytes);
std::optional<std::uint64_t> rar5_end(const BytesAt& bytes_at, std::uint64_t size);

// Of each file and folder in a RAR 5, in order, the CRC-32 of its content: libarchive does not look
// at it. Made from the archive's bytes as they come by; content is passed over.
class Rar5Checksums {
  public:
    // Bytes at this offset; what leaves a hole in a header is not taken.
    void add(std::uint64_t offset, std::string_view bytes);
    // As far as can be told: false for what is no RAR 5.
    bool is_rar5() const { return has_magic_; }
    // Of this entry, from 0 on; nothing where it has none, is encrypted, a link, goes on in another
    // volume, or was not seen.
    std::optional<std::uint32_t> of(std::uint64_t entry) const {
        return entry < checksums_.size() ? checksums_[static_cast<std::size_t>(entry)]
                                         : std::nullopt;
    }

  private:
    // Of the header in header_; 0 where it makes no sense.
    std::size_t header_bytes() const;
    void take_header();

    bool has_magic_ = false;
    bool has_ended_ = false;
    std::uint64_t taken_ = 0;
    std::uint64_t content_bytes_ = 0;  // that come next
    std::string header_;
    std::vector<std::optional<std::uint32_t>> checksums_;
};

// How the outermost bytes are packed, as far as their end is looked for.
enum class Container : std::uint8_t { kOther, kZip, kSevenZip, kRar4, kRar5, kAr, kCpio, kLz4 };

inline constexpr std::string_view kArMagic = "!<arch>\n";

Container container_of(std::string_view first_bytes);
// Whether its members are listed in one place, of any size.
bool has_directory(std::string_view first_bytes);

// Of frames in a row; nothing where the last one is cut off.
std::optional<std::size_t> lz4_end(std::string_view bytes);
std::optional<std::uint64_t> lz4_end(const BytesAt& bytes_at, std::uint64_t size);

}  // namespace merlon::text
