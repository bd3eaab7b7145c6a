#pragma once

// Errors as OPA shows them: a code, a place and a text, in lines or as JSON.
//
// Thread-safe: no state. Cost: linear in the texts.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "rego/compiler/compiler.h"
#include "rego/machine.h"
#include "rego/syntax/parser.h"
#include "rego/watch/stack.h"
#include "text/json.h"

namespace merlon::compat::opa {

// What OPA shows of an error; without code where it has none.
struct ShownError {
    std::string message;
    std::string code = {};
    std::string file = {};
    std::uint32_t row = 0;
    std::uint32_t column = 0;
    bool has_place = false;
    std::string place_text = {};  // stands for row and column: of an evaluation's error in a query
    std::vector<std::string> detail = {};  // lines below the message
    std::string line = {};                 // of the source
    std::int64_t line_index = -1;
    bool has_line = false;
    std::string hint = {};          // ours, behind the message; JSON has OPA's words alone
    std::string details_json = {};  // of a type error, compact; empty: none
    rego::watch::Stack stack = {};  // where the evaluation stood; empty: nobody knows
    // The errors that `message` says in one text, which eval tells one by one; empty: none.
    std::vector<ShownError> parts = {};

    std::string to_string() const;
};
ShownError shown(const rego::syntax::SyntaxError& error, const std::string& file);
ShownError shown(const rego::compiler::CompileError& error);
ShownError shown(const rego::EvaluationError& error);
// The same where the query is known: OPA tells what stands at a place that no file has.
ShownError shown(const rego::EvaluationError& error, rego::syntax::Body query);
// "2 errors occurred:\n…"; `during`: " during loading", or empty.
std::string to_string(std::span<const ShownError> errors, std::string_view during = {});
// The member "errors" of an object that is being written.
void write_errors(text::JsonWriter& json, std::span<const ShownError> errors);
// The member "stack_trace"; nothing where there is none.
void write_stack(text::JsonWriter& json, const rego::watch::Stack& stack);
// {"errors": […]}, indented; `more` is another member, as JSON without blanks, or empty.
struct JsonMember {
    std::string_view name = {};
    std::string_view json = {};
};
std::string errors_json(std::span<const ShownError> errors, const JsonMember& more = {});

// What is wrong with the text of a document: OPA's words, and as a hint the place, which those of
// JSON lack: "in.json: unexpected EOF (line 1, column 8)". The name may be empty.
ShownError unread(const Error& error, std::string_view name);

}  // namespace merlon::compat::opa
