#pragma once

// An analysis: the head of each report of ours. It says which tool ran with which rules over what,
// and whether it saw everything; that is what later decides what may be closed.

#include <string>
#include <vector>

#include "model/coverage.h"
#include "model/finding.h"

namespace merlon::model {

struct Analysis {
    std::string tool = "merlon";
    std::string version;
    std::string engine;                // "secrets"
    std::string program_digest;        // of the compiled rules, "sha256:…"
    std::string configuration_digest;  // of the effective configuration
    std::string ref;                   // empty: not from a Git ref
    std::string commit;
    std::vector<std::string> scope;  // the arguments, as given
    bool complete = true;
    std::vector<std::string> incomplete_because;
    std::vector<std::string> signature_versions;  // algorithms of the fingerprints
};

// Everything that a printer needs.
struct Report {
    Report();
    Report(const Report&);
    Report(Report&&) noexcept;
    Report& operator=(const Report&);
    Report& operator=(Report&&) noexcept;
    ~Report();

    Analysis analysis;
    std::vector<Rule> rules;        // those of the program, in order
    std::vector<Finding> findings;  // in `less` order, suppressed ones included
    Coverage coverage;
    std::vector<std::string> notices;  // for the reader, once per run
};

}  // namespace merlon::model
