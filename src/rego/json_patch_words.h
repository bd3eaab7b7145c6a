#pragma once

// What OPA says of a patch that fails.
//
// The idea: OPA edits a tree that grows over the document where a patch goes, and its texts show
// what a node was made of, not what it is by then. So a patch that has failed (json_patch.h, which
// makes no such tree) is done once more on one, for the words alone.
//
// Standard: internal/edittree of OPA 1.22.2. Thread-safe: no state. Cost: as the patch, and its
// document where texts show it.

#include <optional>
#include <span>
#include <string>

#include "rego/builtins.h"
#include "value/value.h"

namespace merlon::rego {

// `operations` are those up to the one that has failed. Nothing where OPA would go on (it finds
// elements that were removed), and of patches too long for that.
std::optional<std::string> words_of_failed_patch(Context& context, const value::Value& document,
                                                 std::span<const value::Value> operations);

}  // namespace merlon::rego
