#pragma once

// What git takes for true and false, in its configuration and its variables (git-config, "Values":
// boolean; git_parse_maybe_bool): the words true, yes, on, false, no, off in any case, nothing
// between quotes for false, and numbers as C writes them (decimal, 010, 0x10, with a sign), of
// which 0 is false, with k, m or g behind them and within 31 bits.
//
// Thread-safe: no state.

#include <optional>
#include <string_view>

namespace merlon::connect::git {

// Nothing where it is neither, which git refuses.
std::optional<bool> parse_truth(std::string_view text);

}  // namespace merlon::connect::git
