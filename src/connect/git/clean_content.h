#pragma once

// What git stores of a file of the working tree: line ends and $Id$ turned back (gitattributes(5),
// "text", "eol", "ident"; git-config, core.autocrlf).
//
// The idea: a difference to the index is one between what would be stored. Attributes decide, and
// core.autocrlf where they are silent; it is taken from the repository's own config file only, as
// no scan may depend on whose machine it runs on. Filters (`filter=`) and other encodings
// (`working-tree-encoding=`) would need programs or tables of the user's; such a file is told as
// one that cannot be converted.
//
// Thread-safe: no state. Cost: two passes over the bytes.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "connect/git/attributes.h"
#include "connect/git/config_file.h"

namespace merlon::connect::git {

enum class AutoCrlf : std::uint8_t { kOff, kOn, kInput };

AutoCrlf auto_crlf_of(const ConfigFile& config);

struct CleanRules {
    enum class LineEnds : std::uint8_t { kKeep, kText, kGuess } line_ends = LineEnds::kKeep;
    bool expands_id = false;
    std::string obstacle;  // why it cannot be converted; empty: it can
};

CleanRules clean_rules(const Attributes& attributes, std::string_view path, AutoCrlf automatic);

// `bytes` as git would store them; nothing where they stay as they are. `staged` is the content in
// the index: a text that was stored with CRLF is not converted on a guess.
std::optional<std::string> cleaned(const CleanRules& rules, std::string_view bytes,
                                   std::string_view staged);

}  // namespace merlon::connect::git
