#pragma once

// The terminal: whether there is one, how wide it is, and how wide a text stands on it.
//
// Thread-safe: no state. Widths follow Unicode's East Asian Width (UAX 11) for the wide blocks and
// give combining marks and controls no width; invalid UTF-8 counts one column for each byte.

#include <cstddef>
#include <string>
#include <string_view>

namespace merlon {

bool is_terminal(int descriptor);

// Columns of the terminal behind `descriptor`; `fallback` where there is none or it does not tell.
unsigned terminal_width(int descriptor, unsigned fallback = 100);

// Columns that `text` takes on a terminal.
std::size_t display_width(std::string_view text);

// The longest prefix of `text` that takes at most `columns`, with "…" as its last column where
// something was cut off.
std::string cut_to_width(std::string_view text, std::size_t columns);

}  // namespace merlon
