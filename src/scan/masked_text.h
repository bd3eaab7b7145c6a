#pragma once

// Texts of a document as a report may show them: with every secret in them masked, and not only the
// one that is reported.
//
// Thread-safe: no state. Cost: linear in the text that is shown and the secrets that stand there.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "secrets/place_index.h"
#include "secrets/program.h"

namespace merlon::scan {

enum class ShowSecrets : std::uint8_t { kMasked, kShown };

inline constexpr std::size_t kMaxExcerptBytes = 240;  // of a line, around the mark

// `text` from `begin` to `end` with every secret of `places` in it masked.
std::string masked_text(std::string_view text, std::uint64_t begin, std::uint64_t end,
                        const secrets::PlaceIndex& places, ShowSecrets show);

// The secrets that stand at a finding or close to it: what may stand there once more, as a password
// that is written twice in one URL. The longest first.
std::vector<std::string_view> secrets_near(std::string_view text, const secrets::Fact& fact,
                                           const secrets::PlaceIndex& places);

// `text` with every one of `secrets` in it masked, the longest first.
std::string without_repeats(std::string text, const std::vector<std::string_view>& secrets);

// As much masked text from `begin` on as the hash of a line reads: blanks do not count.
std::string line_hash_text(std::string_view text, std::uint64_t begin,
                           const secrets::PlaceIndex& places);

}  // namespace merlon::scan
