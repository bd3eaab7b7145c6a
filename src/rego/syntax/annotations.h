#pragma once

// `# METADATA` blocks: comments that hold YAML about the package or rule below.
//
// The idea: the parser keeps comments; here blocks are cut out of them, read, and given to what
// stands below, by their scope. What cannot be understood is an error of the module.
//
// Standard: OPA's annotations (1.22.2). A block's YAML errors have OPA's place and our reader's
// words. Thread-safe: no state. Cost: linear, but for YAML.

#include <vector>

#include "base/arena.h"
#include "base/interner.h"
#include "rego/syntax/parser.h"
#include "rego/syntax/tree.h"

namespace merlon::rego::syntax {

bool is_metadata(const Comment& comment);

// The blocks of the comments in their order; `errors` takes those that are wrong.
std::vector<Annotations*> read_annotations(std::span<Comment* const> comments,
                                           std::string_view source, Arena& arena,
                                           Interner& interner, std::vector<SyntaxError>& errors);

// Finds the target of each of the module's annotations and checks their scopes.
void attach_annotations(Module& module, Arena& arena, std::vector<SyntaxError>& errors);

}  // namespace merlon::rego::syntax
