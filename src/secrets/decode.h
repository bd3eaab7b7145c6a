#pragma once

// Encoded text decoded in place, pass by pass: percent, unicode escapes, hexadecimal, base64.
//
// The idea: a secret is often written encoded. Each pass finds what looks encoded, replaces what
// decodes to printable text, and remembers where it came from, so that a match in the decoded text
// is shown at its place in the file. What counts as encoded, the precedence where two overlap, and
// the way back are those of gitleaks 8.30.1 (its behaviour; the scanner here is written by hand).
//
// Not thread-safe: one Decoder for each text. Cost: where nothing is encoded, three searches for a
// byte and one table look-up in 16 bytes or fewer; the way back is a search by halving in each
// pass.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"

namespace merlon::secrets {

enum class Encoding : std::uint8_t { kPercent = 1, kUnicode = 2, kHex = 4, kBase64 = 8 };

// Bytes [begin, end). Two ranges that touch count as overlapping.
struct Range {
    std::int64_t begin = 0;
    std::int64_t end = 0;

    bool overlaps(const Range& other) const { return other.begin <= end && other.end >= begin; }
    bool contains(const Range& other) const { return begin <= other.begin && other.end <= end; }
    bool operator==(const Range&) const = default;
};

struct EncodedMatch {
    Encoding encoding;
    Range range;
    bool operator==(const EncodedMatch&) const = default;
};

// What looks encoded, left to right, each byte in at most one match; before precedence is applied.
// Looks no further once `cancel` is set.
std::vector<EncodedMatch> find_encoded(std::string_view text, const CancelToken* cancel = nullptr);

// base64url with padding, which most libraries write: gitleaks takes it for no base64.
enum class PaddedUrl : std::uint8_t { kRefused, kTaken };

// The decoded text of one match; empty where it is not what it looks like.
std::string decode(Encoding encoding, std::string_view encoded,
                   PaddedUrl padded_url = PaddedUrl::kRefused);

// A part of a pass's text that was decoded.
struct Segment {
    Range original;          // in the file
    Range encoded;           // in the text of the pass before
    Range decoded;           // in this pass's text
    unsigned encodings = 0;  // of this part and of those before it, Encoding values ored
};

class Decoder {
  public:
    explicit Decoder(std::string_view text, PaddedUrl padded_url = PaddedUrl::kRefused)
        : text_(text), padded_url_(padded_url) {}

    // Decodes once more; false where nothing was left to decode, or once `cancel` is set.
    bool next_pass(const CancelToken* cancel = nullptr);

    std::string_view text() const { return text_; }
    // 0 before the first pass.
    int depth() const { return static_cast<int>(passes_.size()); }

    // For a match in this pass's text: the decoded parts that it touches. None: not new in this
    // pass. Found by halving.
    std::span<const Segment> touched(Range match) const;
    // Where the match stands in the file.
    Range to_original(Range match) const;
    // "decoded:base64", …, "decode-depth:1".
    std::vector<std::string> tags(std::span<const Segment> touched_segments) const;
    // This pass's text from the start of the line of the first part to the end of the last one's.
    std::string_view line(std::span<const Segment> touched_segments) const;

  private:
    std::string_view text_;
    PaddedUrl padded_url_;
    std::string buffer_;
    std::vector<std::vector<Segment>> passes_;
};

}  // namespace merlon::secrets
