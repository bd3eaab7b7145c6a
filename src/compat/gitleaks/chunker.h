#pragma once

// Cuts a file into the pieces in which gitleaks 8.30.1 looks at it. Where a piece ends decides what
// `$`, `^`, keywords and multi-line expressions see, so parity needs the same ends.
//
// The idea: gitleaks reads up to 100,000 bytes through a buffered reader of 4,096, then goes on
// byte by byte to two line ends in a row (white space between them does not count), at most 25,000
// further. What is left in the small buffer then becomes the next piece's start and its only read.
// This class plays that over bytes in memory; nothing is copied. Some readers (inflate) hand out
// aligned blocks only, so those are a parameter.
//
// Not thread-safe; one file each. Cost: one pass over at most 25,000 bytes of each piece.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace merlon::compat::gitleaks {

// How a reader hands bytes out, counted from `offset` bytes before the content: at most `size` at
// once (0: as many as are asked for), and never across one of `ends` (ascending; may be null).
struct ReadBlocks {
    std::size_t size = 0;
    std::size_t offset = 0;
    const std::vector<std::size_t>* ends = nullptr;
    bool tells_end_with_bytes = false;  // with the last ones, not when more is asked for
};

// How far the reads for a piece went: a reader that fails at its end does so then.
enum class EndMet : std::uint8_t {
    kNot,        // what was read was there already, or stops before the end
    kWithBytes,  // the reader itself was asked for the last bytes, and for no more
    kBehind,     // more was asked for than there is
};

struct Chunk {
    std::string_view text;
    std::size_t read_bytes = 0;  // what the first read gave: the part whose magic is looked at
    std::size_t first_line = 1;
    EndMet end_met = EndMet::kNot;
};

class Chunker {
  public:
    explicit Chunker(std::string_view content, ReadBlocks blocks = {})
        : content_(content), blocks_(blocks) {}

    // The next piece, or nothing at the end.
    std::optional<Chunk> next();
    // Goes on over `content`, which begins at the first byte not handed out yet.
    void slide_to(std::string_view content);
    // Bytes not handed out yet.
    std::size_t remaining() const { return content_.size() - at_; }
    // Line ends passed so far: 0 means the next piece still counts as the start of the file.
    std::size_t lines_before() const { return lines_; }

  private:
    std::size_t read_at(std::size_t offset, std::size_t size) const;
    std::size_t boundary(std::size_t begin, std::size_t end, EndMet& end_met);

    std::string_view content_;
    ReadBlocks blocks_;
    std::size_t at_ = 0;        // first byte not handed out yet
    std::size_t buffered_ = 0;  // end of what the small buffer holds
    std::size_t lines_ = 0;
};

}  // namespace merlon::compat::gitleaks
