#pragma once

// What else may be packed than what says so by its first bytes: an archive behind a program or
// script, and formats that nothing here opens.
//
// Thread-safe: no state. Cost: some comparisons; of what begins as a program, a search in the last
// 64 KiB; of a script, one through all of it.

#include <cstddef>
#include <string_view>

namespace merlon::text {

// What is packed in a way that walk_archive() does not open ("a cabinet of Windows"), by its first
// bytes; a middle part of a zip ("a.z02"), which begins with anything, by its name. Empty for all
// else.
std::string_view closed_format(std::string_view first_bytes, std::string_view name);

// Of a zip without a comment, the end of central directory (APPNOTE 4.3.16).
inline constexpr std::size_t kZipEndBytes = 22;
// The same with the longest comment.
inline constexpr std::size_t kZipTailBytes = (std::size_t{64} << 10) + kZipEndBytes;

// Whether the last bytes of something, kZipEndBytes or more of them, are the end of a zip.
bool ends_as_zip(std::string_view last_bytes);

// Where an archive begins of which a program or script is the first part: self-extracting archives,
// zipapps of Python, executable jars. npos: nowhere. A zip is read from its end and begins at 0.
std::size_t embedded_archive(std::string_view bytes);

}  // namespace merlon::text
