#pragma once

// The readers behind parse_version_range. Internal to this room.

#include "packages/version_range.h"

namespace merlon::packages {

// range_syntax.cpp: words with a comparator in front.
bool has_word_syntax(RangeSyntax syntax);
Result<VersionRange> parse_word_range(RangeSyntax syntax, VersionScheme scheme,
                                      std::string_view text);

// range_brackets.cpp: [1.0,2.0) of Maven and NuGet, and the lists of nginx and OpenSSL.
Result<VersionRange> parse_bracket_range(RangeSyntax syntax, VersionScheme scheme,
                                         std::string_view text);
Result<VersionRange> parse_version_list(RangeSyntax syntax, VersionScheme scheme,
                                        std::string_view text);

}  // namespace merlon::packages
