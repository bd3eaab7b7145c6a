#pragma once

// Which products NIST calls affected: a CVE's configurations, as NVD's JSON 2.0 writes them
// ("configurations") and our own records keep them.
//
// The idea: kept as they stand, an AND/OR tree of two levels over CPE names with ranges of
// versions; what they mean is decided where products are known (sca/cpe_match.h).
//
// Value types. Thread-safe: no state. Cost: one pass.

#include <string>
#include <string_view>
#include <vector>

#include "exchange/field_reader.h"
#include "text/json.h"
#include "value/value.h"

namespace merlon::exchange {

struct CpeMatch {
    bool is_vulnerable = false;  // else it is what the other runs on
    std::string criteria;        // the CPE name
    // Of a name without a version; empty: no such bound.
    std::string start_including, start_excluding, end_including, end_excluding;
    bool operator==(const CpeMatch&) const = default;
};

enum class CpeOperator : bool { kOr, kAnd };

struct CpeNode {
    CpeOperator operation = CpeOperator::kOr;
    bool is_negated = false;
    std::vector<CpeMatch> matches;
    bool operator==(const CpeNode&) const = default;
};

struct CpeConfiguration {
    CpeOperator operation = CpeOperator::kOr;
    bool is_negated = false;
    std::vector<CpeNode> nodes;
    bool operator==(const CpeConfiguration&) const = default;
};

// Those at `key` of `parent`; an operator of another name is a problem of `fields`.
std::vector<CpeConfiguration> read_cpe_configurations(const value::Value& parent,
                                                      std::string_view key, FieldReader& fields);
// As the value of `key`; nothing where there are none.
void write_cpe_configurations(text::JsonWriter& json, std::string_view key,
                              const std::vector<CpeConfiguration>& configurations);

}  // namespace merlon::exchange
