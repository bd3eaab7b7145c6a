#pragma once

// What an analysis found, made ready for the store: its print, its signatures, and the text that is
// kept of it.
//
// The idea: what the store compares is computed once, from the finding alone, before the
// transaction begins; equal news are one occurrence, however often a tool says them. Most are known
// by their print, and have signatures only where something in the analysis is not.
//
// Thread-safe: no state. Ownership: borrows the report's findings. Cost: a few hashes each.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "evidence/signature.h"
#include "model/analysis.h"

namespace merlon::evidence {

struct Occurrence {
    const model::Finding* finding = nullptr;
    std::array<char, kSignatureBytes> print{};
    Signatures signatures;  // by sign(); never empty then
    std::string path;
    std::uint32_t line = 0;
    std::uint32_t position = 0;  // in the line
    // Of the store, filled in when it is known.
    std::int64_t path_id = 0;
    std::int64_t family_id = 0;

    std::string_view print_bytes() const { return {print.data(), print.size()}; }
};

// In the order of path, line and position, made by all processors. `repeats` is how many said
// nothing new. Once `cancel` is set, which may be null, they are not to be used.
std::vector<Occurrence> occurrences_of(const model::Report& report, std::size_t& repeats,
                                       const CancelToken* cancel = nullptr);

// The text that is kept of it, as in our JSON report. It is written again where it is needed: most
// findings are known, and all of them at once are as long as the document.
void write_body(const Occurrence& one, std::string& text);

// Gives each its signatures, if it has none, by all processors.
void sign(std::vector<Occurrence>& occurrences);

// "high" above "low": what pages are ordered by. Of one severity it is the least or up to
// kRisksOfSeverity above.
std::int64_t risk_of(const model::Finding& finding);
inline constexpr std::int64_t kRisksOfSeverity = 100;
constexpr std::int64_t least_risk(std::int64_t severity) {
    return (severity + 1) * kRisksOfSeverity;
}

}  // namespace merlon::evidence
