#pragma once

// What of a `# METADATA` block's YAML has another kind than its field takes.
//
// Standard: go-yaml 3 where it reads OPA 1.22.2's raw annotations. Thread-safe: no state. Cost:
// linear in the block.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "value/value.h"

namespace merlon::rego::syntax {

struct AnnotationTypeError {
    std::size_t line = 0;  // of the YAML, 1-based
    std::string message;   // "cannot unmarshal !!seq into string"
};

// In the order of the block. The document has its spans.
std::vector<AnnotationTypeError> find_annotation_type_errors(const value::ValueDocument& document,
                                                             std::string_view yaml);

// The value with numbers and with plain texts that YAML takes for times as encoding/json writes
// those: "2001-01-01" is "2001-01-01T00:00:00Z", 1e3 is 1000. Of fields that take anything. The
// document has its spans.
value::Value as_go_has_it(const value::Value& value, const value::ValueDocument& document,
                          std::string_view yaml, value::Builder& values);

// The value as Go's %s writes it.
std::string go_shown(const value::Value& value);

// YAML 1.1's words for true and false, which count where a truth is wanted; a negative number: it
// is none.
int truth_of_word(std::string_view word);

}  // namespace merlon::rego::syntax
