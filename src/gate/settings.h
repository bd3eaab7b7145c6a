#pragma once

// The gates, groups and environments of .merlon.yaml (schemas/merlon.schema.json, docs/gates.md).
//
// The idea: policies read settings as they stand, so they stay the tree that the file is, checked
// against the schema that editors use, and become part of the input. What nobody sets is what the
// ready gate has. What is wrong is an error with its line: a misspelt setting must not open a gate.
//
// Thread-safe: no state. Cost: one reading of a small file.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "gate/decisions.h"
#include "gate/demands.h"
#include "gate/input.h"

namespace merlon::gate {

struct Settings {
    std::string gate = "{}";         // JSON, with what was not set
    std::string groups = "{}";       // JSON
    std::string environment = "{}";  // JSON
    std::vector<std::string> conditions;
    // What the environment asks for and no ready condition looks at: a policy of one's own has to
    // (check_demands), or the settings were refused.
    std::vector<Demand> unlooked;
    std::vector<std::string> analyses;
    std::int64_t time_to_live_s = 0;
    std::vector<std::string> zones;  // time zones that the environment names
    std::map<std::string, std::vector<std::string>> people_by_group;
    DecisionRules decisions;  // what of them the settings say
};

// `environment`: its name, or empty. `file` is for errors.
Result<Settings> read_settings(std::string_view yaml, const std::string& file,
                               std::string_view gate, std::string_view environment);

// The hour in these zones; those that the tz database in `directory` does not have are left out.
std::vector<LocalTime> local_times(const std::vector<std::string>& zones, Timestamp now,
                                   const std::string& directory);

}  // namespace merlon::gate
