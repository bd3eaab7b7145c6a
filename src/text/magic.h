#pragma once

// What a file is by its first bytes and by its name, as far as the gitleaks dialect needs it:
// gitleaks passes over files whose content has a media type "application/…", and over archives by
// name.
//
// The signatures are those of the formats (each format's own specification); which of them count,
// and that pictures, sound and video are asked before, is the behaviour of the library that
// gitleaks uses.
//
// Thread-safe: no state. Cost: some comparisons of the first bytes.

#include <cstdint>
#include <string_view>

namespace merlon::text {

enum class MagicClass : std::uint8_t {
    kUnknown,      // text, or nothing that we know
    kMedia,        // a picture, sound or video
    kApplication,  // an archive, program, document, font or database
};

MagicClass classify_magic(std::string_view first_bytes);

}  // namespace merlon::text
