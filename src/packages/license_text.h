#pragma once

// Which licences of the SPDX list a text holds (SPDX 2.3, annex B, "License matching guidelines"),
// and what its SPDX-License-Identifier lines say (annex E).
//
// The idea: what the guidelines call the same (space, case, punctuation, numbering, copyright
// lines, spellings) is the same sequence of words. A text is known by its runs of five words; of
// each licence the program carries the hashes of 64 of its runs and how many it has
// (license_prints.txt), and no text. The part of a file where those runs lie closest together is
// compared with the licence by Dice's coefficient over sets of runs, estimated from the 64. Where
// several licences lie in the same part, the most similar one is meant, so BSD-2-Clause is not seen
// inside of BSD-3-Clause; of variants that are alike within three in a hundred the one that the OSI
// approved, then the one that explains most of the text.
//
// What a text cannot say is not guessed: the text of the GPL is the same with and without "or any
// later version", and is named by the narrower identifier.
//
// Thread-safe; the prints are read at the first call. Cost: one pass over the text, and a look-up
// for each word. Memory: a few times the text, of which a MiB at a time is looked at.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace merlon::packages {

struct FoundLicense {
    std::string id;                   // of the list, or the expression of an identifier line
    unsigned similarity_percent = 0;  // 100: each run that was looked for is there
    bool operator==(const FoundLicense&) const = default;
};

// In the order of the text, each licence once.
std::vector<FoundLicense> recognize_licenses(std::string_view text);

// The hash of each run of five words of the text, in order.
std::vector<std::uint32_t> license_runs(std::string_view text);

// What the list says of a licence beside its text.
enum class LicenseApproval : std::uint8_t { kNone, kOpenSource };

// What is carried of one licence, behind its identifier in a line of the prints: "RUNS APPROVAL
// BASE64", the hashes of runs as four bytes each, the lowest byte first, ascending. Empty for a
// text that has none.
std::string license_print(std::string_view text, LicenseApproval approval);

}  // namespace merlon::packages
