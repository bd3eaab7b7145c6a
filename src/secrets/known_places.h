#pragma once

// Which of the matches that a second look gave stand where the first one had something.
//
// The idea: the second look (escaped_starts.h) finds what the first could not, and takes nothing
// from it: the same rule's match there, or that of another rule that is no less sure, stays alone.
// Of a generic rule's the scan decides later, as of all that overlap.
//
// Thread-safe: no state. Cost: n log n, and nothing where the second look found nothing.

#include <cstddef>

#include "secrets/config.h"
#include "secrets/program.h"

namespace merlon::secrets {

// Erases those of facts.matches[begin, end) that overlap one outside of that range.
void drop_known_places(const Config& config, Facts& facts, std::size_t begin, std::size_t end);

}  // namespace merlon::secrets
