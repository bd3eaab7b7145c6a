#pragma once

// One container that is open for reading, and what becomes of its members: read under the limits,
// handed out, and a gap for each that is not whole; then what stands around it, and whether the
// streams around it are whole.
//
// Not thread-safe: one for each archive. Borrows all that it is given.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "text/archive.h"
#include "text/archive_feed.h"
#include "text/archive_member.h"
#include "text/archive_meter.h"
#include "text/archive_outlet.h"

struct archive;
struct archive_entry;

namespace merlon::text {

// As many first bytes tell what something is.
inline constexpr std::size_t kHeadBytes = 512;
inline constexpr const char* kNoDirectory = "has no end of central directory";

// Whether what a damaged compressed stream around the container holds is looked for.
enum class Salvage : std::uint8_t { kNo, kYes };

// A container that is open for reading.
struct Opened {
    struct archive* reader = nullptr;
    std::string_view packed = {};  // all of it, where it is in memory
    std::string_view name = {};
    const Rar5Checksums& rar5_checksums;
    StreamLayers* layers = nullptr;  // around it, where there are any
    Feed* feed = nullptr;            // of their content
    // Whether it is said to be a compressed stream, and nothing can be unpacked.
    bool is_damaged_stream = false;
    Salvage salvage = Salvage::kYes;
};

class Walk {
  public:
    Walk(const Opened& opened, ArchiveBudget& budget, Meter& meter, const ArchiveVisitor& visitor)
        : reader_(opened.reader),
          packed_(opened.packed),
          name_(opened.name),
          rar5_checksums_(opened.rar5_checksums),
          layers_(opened.layers),
          feed_(opened.feed),
          is_damaged_stream_(opened.is_damaged_stream),
          budget_(budget),
          meter_(meter),
          visitor_(visitor),
          outlet_(budget, meter, visitor),
          is_salvaged_(opened.salvage == Salvage::kNo) {}

    // False where it did not come to the end.
    bool run();
    // Where the archive could not be opened, or not be read further.
    void fail(ArchiveFailure failure);
    ArchiveOutlet& outlet() { return outlet_; }

  private:
    void gap(std::string member, ArchiveFailure failure, std::string detail) {
        outlet_.gap(std::move(member), failure, std::move(detail));
    }
    int next_header(struct archive_entry*& entry);
    bool has_content(struct archive_entry* entry);
    // What is left of a member does not count for the next one's header. False where that is cut
    // off.
    bool skip_rest();
    // Of what is packed.
    std::size_t consumed() const;
    // Reads the streams around the archive to their end, which is where a checksum stands. False
    // where a limit ends that.
    bool check_streams();
    // Looks behind the end, and whether it is one.
    void finish();
    // Hands out what a damaged compressed stream holds beyond what libarchive gave.
    bool salvage();
    bool has_right_checksum(const MemberBytes& content) const;
    // A member that is read as a stream.
    void take_large(ArchiveMember& member, MemberBytes& content, MemberInput& input);
    // False where a limit ends the walk.
    bool take(struct archive_entry* entry);

    struct archive* reader_;
    std::string_view packed_;
    std::string_view name_;
    const Rar5Checksums& rar5_checksums_;
    StreamLayers* layers_;
    Feed* feed_;
    bool is_damaged_stream_;
    ArchiveBudget& budget_;
    Meter& meter_;
    const ArchiveVisitor& visitor_;
    ArchiveOutlet outlet_;
    bool is_salvaged_;
    std::string unpacked_;
    std::uint64_t entries_ = 0;
    std::uint64_t handed_ = 0;
    std::uint64_t handed_bytes_ = 0;
    bool has_salvaged_ = false;
};

}  // namespace merlon::text
