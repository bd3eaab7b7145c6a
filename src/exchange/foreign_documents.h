#pragma once

// Documents that are kept as they are, and what is taken out of them: bills of materials with the
// weaknesses that some carry, VEX, in-toto statements.
//
// The idea: evidence is the document; what is read of it today is counted, and what is not yet made
// use of can be read again tomorrow.
//
// Thread-safe: no state. Cost: linear; memory of what the document says.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "exchange/foreign_decision.h"
#include "exchange/foreign_readers.h"
#include "exchange/links.h"

namespace merlon::exchange {

struct ReadDocument {
    std::string title;  // "CycloneDX 1.6"
    std::vector<ReadReport> reports;
    std::uint64_t packages = 0;
    std::uint64_t statements = 0;  // that nobody makes use of yet
    ForeignDecisions decided = {};
    std::vector<Link> links = {};
    // Of a bill of materials: what it is of, by its name; empty where it does not say.
    std::optional<std::string> bill_of = {};
};

// Whatever read_bom() takes. Complete: not told.
Result<ReadDocument> read_bom_document(const ForeignInput& input);
// OpenVEX and CSAF.
Result<ReadDocument> read_vex_document(const ForeignInput& input);
// What DefectDojo's API lists: findings, risk acceptances, and what gives them names.
Result<ReadDocument> read_defectdojo(const ForeignInput& input);
// What Dependency-Track's API exports: findings of a project, analyses with their trails.
Result<ReadDocument> read_dependency_track(const ForeignInput& input);
// Alerts of GitHub's API, with what was decided about them.
Result<ReadDocument> read_github_alerts(const ForeignInput& input);
// in-toto's Statement, or DSSE's envelope around one: nothing is verified here.
Result<ReadDocument> read_attestation(const ForeignInput& input);
// What a DSSE envelope is around; of anything else, itself.
Result<std::string> payload_in(std::string document);

}  // namespace merlon::exchange
