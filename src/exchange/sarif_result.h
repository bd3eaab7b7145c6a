#pragma once

// The results of a SARIF run as findings (SARIF 2.1.0, section 3.27).
//
// The idea: a result refers to what its run says once (rules, artifacts, bases), and to no other
// result; so they are read side by side, and come out in the order in which they stand.
//
// Thread-safe: reading changes nothing of the run. Cost: linear, on all processors.

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/field_reader.h"
#include "exchange/odd_values.h"
#include "exchange/sarif_places.h"
#include "model/finding.h"

namespace merlon::exchange {

// One component of the tool with its rules (sections 3.19 and 3.49).
struct SarifComponent {
    const value::Value* value = nullptr;
    std::vector<const value::Value*> rules;
};

// What results refer to.
struct SarifRun {
    const value::Value* value = nullptr;
    std::vector<SarifComponent> components;
    std::map<std::string, const value::Value*, std::less<>> rule_by_id;
    std::map<std::string, const value::Value*, std::less<>> rule_by_guid;
    // Ids that rules of several components have.
    std::set<std::string, std::less<>> shared_ids;
};

// Tags, message texts and severities, as rules and results alike have them.
std::vector<std::string> sarif_tags(const value::Value& owner, FieldReader& fields);
std::string sarif_message(const value::Value& owner, std::string_view key, FieldReader& fields);
// Of a rule, or of none.
model::Severity sarif_default_severity(const value::Value* rule, FieldReader& fields,
                                       OddValues& odd);

// The component that a reference to a rule means (section 3.54): by its index among the extensions,
// its guid or name; the driver where it does not tell. Null where there is none.
const SarifComponent* sarif_component_of(const SarifRun& run, const value::Value* reference,
                                         FieldReader& fields);

// The id of a component's rule: with the component's name where others have a rule of that id.
std::string sarif_rule_id(const SarifRun& run, const SarifComponent& component,
                          const std::string& id, FieldReader& fields);

struct SarifFindings {
    std::vector<model::Finding> findings;
    std::size_t left_out = 0;  // passed, not applicable or gone
    OddValues odd;             // what the standard does not know
};
// The results of a run: trees, or the text of each (exchange/sarif_outline.h).
struct SarifResults {
    std::span<const value::Value> values = {};
    std::span<const std::string_view> texts = {};

    std::size_t size() const { return values.empty() ? texts.size() : values.size(); }
};
// The first problem in the order of the results is that of `fields`, and one of a text has no
// place.
SarifFindings read_sarif_results(const SarifResults& results, const SarifRun& run,
                                 const SarifPlaces& places, FieldReader& fields);

}  // namespace merlon::exchange
