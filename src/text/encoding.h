#pragma once

// Which encoding a file's bytes are in, and UTF-16 and UTF-32 made readable.
//
// The idea: a byte order mark decides; without one, UTF-16 and UTF-32 are told by where the zero
// bytes of ASCII letters stand. What has zero bytes otherwise is binary. Everything else is read as
// it is: UTF-8, with broken bytes as they come, unless all its upper bytes are those of Latin-1.
//
// Thread-safe: no state. Cost: a look at the first bytes; one pass to transcode.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace merlon::text {

enum class Encoding : std::uint8_t {
    kUtf8,
    kUtf8WithMark,
    kUtf16LittleEndian,
    kUtf16BigEndian,
    kUtf32LittleEndian,
    kUtf32BigEndian,
    kLatin1,
    kBinary
};

// Looks at the first 8,000 bytes, as git does for its notion of binary; where they are
// neither UTF-8 nor tell anything, at the first 1 MiB. Text with bytes of the
// upper half, none of them in a valid UTF-8 sequence and no control character beside them, is
// Latin-1.
Encoding detect_encoding(std::string_view bytes);

// Windows-1252, which is what is called ISO 8859-1 outside of it
// (https://encoding.spec.whatwg.org), to UTF-8.
std::string latin1_to_utf8(std::string_view bytes);

// UTF-16 (RFC 2781) to UTF-8, without a byte order mark; lone surrogates and a last odd byte become
// U+FFFD.
std::string utf16_to_utf8(std::string_view bytes, Encoding encoding);

// The same of UTF-32 (Unicode 15.0, section 3.10, D99 to D101).
std::string utf32_to_utf8(std::string_view bytes, Encoding encoding);

// How many bytes the byte order mark in front takes; 0: there is none.
std::size_t mark_bytes(std::string_view bytes, Encoding encoding);

// How many bytes `utf8` takes in an encoding of units of `unit_bytes` (1: Latin-1, 2: UTF-16, 4:
// UTF-32), which it was made from. Of a code point that is cut its first byte counts.
std::uint64_t encoded_bytes(std::string_view utf8, std::size_t unit_bytes);

}  // namespace merlon::text
