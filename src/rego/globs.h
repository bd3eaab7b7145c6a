#pragma once

// Patterns that OPA knows besides regular expressions and globs of every kind (glob_pattern.h):
//
// 1. Globs of ASCII with stars and `?` alone, which most are, held against the text as they are.
// 2. Whether two simple expressions have a string in common (regex.globs_match): characters, `.`,
//    `[a-z]`, each with `+` or `*`. Decided as OPA's library decides it, wrong answers included.
//
// Thread-safe: no state. Cost: at the worst, the product of both lengths.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace merlon::rego {

// Whether the whole text, of valid UTF-8, matches; nothing where the glob is not of the plain kind.
std::optional<bool> match_plain_glob(std::string_view glob, std::u32string_view separators,
                                     std::string_view text);

// glob.quote_meta.
void append_quoted_glob(std::string& out, std::string_view text);
// regexp.QuoteMeta.
std::string quote_regex(std::string_view text);

// Is told of steps before they are made; false ends the work.
using SpendSteps = std::function<bool(std::size_t steps)>;
// Nothing where the steps were not granted.
Result<std::optional<bool>> expressions_intersect(std::string_view left, std::string_view right,
                                                  const SpendSteps& spend);

}  // namespace merlon::rego
