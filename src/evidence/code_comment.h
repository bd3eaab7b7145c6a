#pragma once

// What of a line is code: without the comment that stands behind it.
//
// The idea: who writes "// nosec" or a word of explanation behind a line has not changed what it
// does. How comments begin is told by the file's name; what stands in quotes is none. Where a quote
// stays open, what would be the comment puts a value in ("#{x}", "${{ x }}", "<?= x ?>", as texts
// of several lines do), or the language is not known, the line is left as it is: a comment that is
// not seen costs an identity, one that is none would give it away.
//
// Thread-safe: no state. Cost: one look at each character.

#include <string_view>

namespace merlon::evidence {

// Up to its comment, white space in front of that left out; all of it where it has none, or is
// nothing besides. A view into it.
std::string_view without_comment(std::string_view line, std::string_view path);

}  // namespace merlon::evidence
