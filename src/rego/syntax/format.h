#pragma once

// Rewrites a Rego module the way everybody's is written: `opa fmt`.
//
// The idea: the tree is written anew, with line breaks where the source had them between elements,
// and with comments put back by their row. Where a comment stands in the middle of something that
// would be joined, that part is left as it was.
//
// Standard: the output of OPA 1.22.2, byte for byte. Thread-safe: no shared state. Cost: linear,
// but comments inside one rule are looked at again for each of its elements.

#include <string>
#include <string_view>
#include <vector>

#include "rego/syntax/parser.h"

namespace merlon::rego::syntax {

enum class RedundantImports : std::uint8_t { kKeep, kDrop };

// A keyword in a path: `data.if`, `data["if"]`.
enum class KeywordsInPaths : std::uint8_t { kAsWritten, kInBrackets };
struct FormatOptions {
    // kV0CompatibleV1 reads v0 and writes what is both (`opa fmt --rego-v1`).
    RegoVersion version = RegoVersion::kV1;
    RedundantImports redundant_imports = RedundantImports::kKeep;
    KeywordsInPaths keywords_in_paths = KeywordsInPaths::kAsWritten;
    ParseOptions parse = {};  // bounds; its version is set by `version`
};

struct Formatted {
    std::string text;                      // empty where there are errors
    std::vector<SyntaxError> errors;       // of the parser, of the checks of v1, of the formatter
    bool failed_while_formatting = false;  // OPA puts the file's name before those
    // Of a tree that was made: where that was written of which it cannot be said.
    const Location* wrong_place = nullptr;
};
Formatted format_source(std::string_view source, const FormatOptions& options = {});

// A module that was put together out of statements, with the places that they have. What the
// formatter changes is changed in the tree.
Formatted format_module(Module& module, const FormatOptions& options, Arena& arena,
                        Interner& interner);

// Trees that were made and not read, as OPA shows what is left of a partial evaluation: places do
// not count. Names of wildcards that stand twice are changed in the tree. Locations are made in
// `arena`.
// Rego has no text for a membership whose result is compared, `input.x in {1} == false` that
// became internal.member_2(input.x, {1}, false): an error, as in OPA.
Formatted format_made(Body query, Arena& arena);
// Whether a comprehension's body stands on lines of its own, where it was not on the line of its
// term: bundles have that, texts that are shown have not.
enum class MadeComprehensions : std::uint8_t { kOnOneLine, kAsPlaced };
Formatted format_made(Module& module, RegoVersion version, Arena& arena, Interner& interner,
                      MadeComprehensions comprehensions = MadeComprehensions::kOnOneLine);

}  // namespace merlon::rego::syntax
