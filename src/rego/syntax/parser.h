#pragma once

// Reads Rego: modules, queries and single terms, in the versions 0, 1 and 2 of the language.
//
// The idea: recursive descent over a lexer whose state is a value. Where the grammar is ambiguous
// (is `{a | b}` a comprehension or a set with a union?) one reading is tried and, where it fails,
// undone: errors, comments and hints are persistent lists, so undoing is copying pointers. Terms
// are remembered by where they began, so that trying again costs nothing.
//
// Standard: the grammar, the error messages and their places are those of OPA 1.22.2 (`opa parse`).
// Bounds: what is nested too deeply ends with OPA's own message, which OPA says at 100,000 levels
// of its parser; here it is said earlier on a thread whose stack is smaller than that takes (8 MiB:
// some 3,000; base/stack.h makes threads of larger ones). `max_bytes` and `max_steps_per_byte` are
// ours: reading again and again is what a hostile module can ask for.
//
// Thread-safe: no shared state. Cost: linear for what people write. The tree and its texts live in
// the arena, the source included.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/interner.h"
#include "base/result.h"
#include "rego/syntax/tree.h"

namespace merlon::rego::syntax {

enum class ReadRules : std::uint8_t { kYes, kNo };  // kNo: what stands there is a query
enum class ReadAnnotations : std::uint8_t { kNo, kYes };

struct ParseOptions {
    RegoVersion version = RegoVersion::kV1;
    ReadAnnotations annotations = ReadAnnotations::kNo;
    ReadRules rules = ReadRules::kYes;
    KeywordSet future_keywords = 0;  // known without their import
    std::uint32_t max_depth = 0;     // 0: what the thread's stack takes
    std::size_t max_bytes = std::size_t{64} << 20;
    std::size_t max_steps_per_byte = 24;
};

// What is wrong with a module, as OPA says it.
struct SyntaxError {
    std::string code = "rego_parse_error";  // empty: OPA tells neither code nor place
    std::string message;
    std::uint32_t row = 0;  // 0: about the file
    std::uint32_t column = 0;
    bool has_detail = false;
    std::string line = {};               // the detail: the line of the source
    std::int64_t line_index = 0;         // and the byte in it; -1 where it is before
    std::vector<std::string> more = {};  // other lines of detail

    // "policy.rego:3: rego_parse_error: …" with the line and a caret below; row and column where
    // `file` is empty.
    std::string to_string(std::string_view file) const;
};

// All of them, as OPA prints them: "2 errors occurred:\n…".
std::string to_string(std::span<const SyntaxError> errors, std::string_view file);

struct ParsedModule {
    Module* module = nullptr;  // null where there are errors
    std::vector<SyntaxError> errors;
};
ParsedModule parse_module(std::string_view source, Arena& arena, Interner& interner,
                          const ParseOptions& options = {});

struct ParsedQuery {
    Body body = {};
    std::vector<SyntaxError> errors;
};
// A query's body: expressions, one a line or with semicolons between.
ParsedQuery parse_query(std::string_view source, Arena& arena, Interner& interner,
                        const ParseOptions& options = {});

// One term. Fails with OPA's text.
Result<Term*> parse_term(std::string_view source, Arena& arena, Interner& interner);
// One reference, such as `data.a["b"]`.
Result<Term*> parse_reference(std::string_view source, Arena& arena, Interner& interner);

}  // namespace merlon::rego::syntax
