#pragma once

// A report that was read, with what its file says beyond what ours hold.
//
// Values.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "exchange/link.h"
#include "model/analysis.h"

namespace merlon::exchange {

struct ReadReport {
    model::Report report;
    // Which of several analyses of one tool this is: the category of SARIF's automationDetails.
    std::string category = {};
    std::string repository = {};  // its address
    // It is taken for complete, as most such reports are, and nothing in it says so.
    bool is_coverage_assumed = false;
    // The files that were looked at, where the report names them.
    std::optional<std::vector<std::string>> looked_at = {};
    // The folder below which all stands that it names, where it does not name what is clean.
    std::string looked_below = {};  // empty: it does not tell
    // Rules that were left out in some files, as somebody wanted it.
    struct PassedOver {
        std::string path, rule;
    };
    std::vector<PassedOver> passed_over = {};
    // Whether the report's rules are all that ran, with those that found nothing.
    bool lists_rules = false;
    // Rules that it says were switched off: they have looked for nothing.
    std::set<std::string, std::less<>> rules_off = {};
    // When the tool was done; nothing where the report does not tell.
    std::optional<Timestamp> ended = {};
    // By the name of a rule: those that it had in earlier versions of its tool.
    std::map<std::string, std::vector<std::string>> former_rules = {};
    // What it says of where software runs.
    std::vector<Link> links = {};
};

}  // namespace merlon::exchange
