#pragma once

// The results of a query in OPA's formats: json, pretty, raw, bindings, values, discard; and what
// was asked for beside them: a trace, times, a profile, coverage.
//
// Thread-safe: no state. Cost: linear in the results.

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compat/opa/coverage.h"
#include "compat/opa/load.h"
#include "compat/opa/profile.h"
#include "rego/syntax/tree.h"
#include "value/value.h"

namespace merlon::compat::opa {

using Metrics = std::vector<std::pair<std::string, std::int64_t>>;  // in the order of the names

using Figures = std::vector<std::pair<std::string, double>>;  // of a histogram

// "min", "max", "mean", "90%", "99%" of several runs' times, as OPA's aggregates have them.
struct Statistics {
    std::int64_t least = 0;
    std::int64_t most = 0;
    double mean = 0;
    double percentile_90 = 0;
    double percentile_99 = 0;
};
Statistics statistics_of(std::vector<std::int64_t> values);

// What stands beside the results; what was not asked for is empty.
struct Extras {
    std::string trace = {};                     // of format pretty
    std::vector<std::string_view> events = {};  // of format json: the trace's, with indents
    std::optional<Metrics> metrics = {};
    std::map<std::string, Figures> histograms = {};  // beside the metrics
    std::vector<LineProfile> profile = {};
    std::vector<std::pair<std::string, Statistics>> all_metrics = {};  // of several runs
    std::vector<std::pair<LineProfile, Statistics>> all_profiles = {};
    std::optional<Coverage> coverage = {};
    std::size_t max_cell = 0;  // bytes of a value in a table of format pretty; 0: any number
    std::vector<ShownError> errors = {};  // of built-ins, which did not end the evaluation
};

// Indented JSON with all keys in their order, as the format discard has them.
std::string sorted_json(const std::string& json);

// A JSON object that was written with indents, with the metrics and the coverage behind its
// members.
std::string with_members(const std::string& json_text, const Extras& extras);

// What format pretty shows below results, and below errors.
std::string tables_text(const Extras& extras);

// Each result is [an object of bindings, [the value of each expression of the query]].
std::string results_text(std::string_view format, rego::syntax::Body query,
                         std::span<const value::Value> results, value::Builder& values,
                         const Extras& extras);

// The first number of the results for which OPA's format discard has no room; null: none.
const value::Value* number_beyond_discard(std::span<const value::Value> results);

}  // namespace merlon::compat::opa
