#pragma once

// Documents that are kept as they are, and what is taken out of them: bills of materials with the
// weaknesses that some carry, VEX, in-toto statements.
//
// The idea: evidence is the document; what is read of it today is counted, and what is not yet made
// use of can be read again tomorrow.
//
// Thread-safe: no state. Cost: linear; memory of what the document says.

#include <cstdint>
#include <string>
#include <vector>

#include "exchange/foreign_readers.h"

namespace merlon::exchange {

struct ReadDocument {
    std::string title;  // "CycloneDX 1.6"
    std::vector<ReadReport> reports;
    std::uint64_t packages = 0;
    std::uint64_t statements = 0;  // that nobody has applied to findings
};

// Whatever read_bom() takes. Complete: not told.
Result<ReadDocument> read_bom_document(const ForeignInput& input);
// OpenVEX and CSAF.
Result<ReadDocument> read_vex_document(const ForeignInput& input);
// in-toto's Statement, or DSSE's envelope around one: nothing is verified here.
Result<ReadDocument> read_attestation(const ForeignInput& input);

}  // namespace merlon::exchange
