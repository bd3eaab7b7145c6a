#pragma once

// The content of one member of an archive that libarchive reads: in memory up to a size, and as an
// input where it is larger.
//
// Not thread-safe. Borrows the reader; the bytes live until it is asked for more.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "text/archive.h"
#include "text/archive_meter.h"

struct archive;

namespace merlon::text {

// Whether a checksum of what is read is made, for where libarchive looks at none.
enum class Summed : std::uint8_t { kNo, kYes };

// Piece by piece. (archive_read_data() keeps for itself what it had read when it fails.)
class MemberBytes {
  public:
    static constexpr std::size_t kPieceBytes = std::size_t{64} << 10;

    MemberBytes(struct archive* reader, Summed summed) : reader_(reader), summed_(summed) {}

    // The next bytes, at most kPieceBytes; none at the end; nothing where reading failed. They live
    // until the next call.
    std::optional<std::string_view> next();
    // CRC-32 of what came.
    std::uint32_t checksum() const { return checksum_; }

  private:
    void read_block();
    std::optional<std::string_view> take_piece();

    struct archive* reader_;
    Summed summed_;
    std::uint32_t checksum_ = 0;
    std::string_view held_;
    std::uint64_t zeros_ = 0;  // in front of what is held
    std::uint64_t at_ = 0;     // behind what is held
    bool has_ended_ = false;
    bool has_failed_ = false;
};

enum class ReadOutcome : std::uint8_t { kRead, kLarge, kFailed, kStop };

// Reads the member until its end, or until it is longer than `most`.
ReadOutcome read_member(struct archive* reader, MemberBytes& member, Meter& meter,
                        std::uint64_t most, std::string& bytes, std::string& why);

// A member of which the first bytes are here and the rest is still in the archive.
class MemberInput final : public ArchiveInput {
  public:
    MemberInput(struct archive* reader, MemberBytes& member, Meter& meter, std::string head)
        : reader_(reader), member_(member), meter_(meter), head_(std::move(head)) {}

    Result<std::size_t> read(std::span<char> buffer) override;
    bool seek(std::uint64_t) override { return false; }
    std::uint64_t size() const override { return 0; }
    std::string_view head() const { return head_; }

    // Goes to the end, which is where a wrong checksum is told; `budget`: how far.
    void finish(ArchiveBudget budget);

    ReadOutcome outcome = ReadOutcome::kRead;
    std::string why;

  private:
    // Whether a piece is there, or the end.
    bool read_piece(Meter& meter);

    struct archive* reader_;
    MemberBytes& member_;
    Meter& meter_;
    std::string_view piece_;  // read, and not handed out yet
    std::string head_;
    std::size_t at_ = 0;  // in the head
};

}  // namespace merlon::text
