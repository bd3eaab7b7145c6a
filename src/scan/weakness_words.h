#pragma once

// What the reports of other tools say of a weakness: one id of several, where its advisory is, and
// its scores with their vectors.
//
// Thread-safe: no state.

#include <string>
#include <string_view>
#include <vector>

#include "exchange/osv.h"
#include "sca/match_text.h"

namespace merlon::scan {

// Of several ids of one weakness the first that begins with `prefix`; else the first.
std::string id_like(const sca::Match& match, std::string_view prefix);

// The address of the advisory with this id.
std::string advisory_url(std::string_view id);

// A score by the Common Vulnerability Scoring System, from a record's vectors.
struct CvssVector {
    std::string version;  // "3.1"
    std::string vector;
    unsigned score_tenths = 0;
};
std::vector<CvssVector> cvss_vectors(const exchange::OsvRecord& record);
std::string tenths_text(unsigned tenths);  // "9.8"

}  // namespace merlon::scan
