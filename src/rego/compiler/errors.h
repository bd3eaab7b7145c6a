#pragma once

// What is wrong with modules, as OPA says it.
//
// Thread-safe: values.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rego/syntax/tree.h"

namespace merlon::rego::compiler {

struct CompileError {
    std::string code;     // "rego_unsafe_var_error"
    std::string message;  // may have several lines
    std::string file;     // empty: a query
    std::uint32_t row = 0;
    std::uint32_t column = 0;

    // "policy.rego:3: rego_type_error: …"; "row:column" where there is no file.
    std::string to_string() const;
};

// All of them, as OPA prints them: "2 errors occurred:\n…".
std::string to_string(const std::vector<CompileError>& errors);

inline constexpr std::string_view kCompileError = "rego_compile_error";
inline constexpr std::string_view kUnsafeError = "rego_unsafe_var_error";
inline constexpr std::string_view kTypeError = "rego_type_error";
inline constexpr std::string_view kRecursionError = "rego_recursion_error";

// Gathers the errors of one file after the other.
class ErrorList {
  public:
    void set_file(std::string_view file) { file_ = file; }
    void add(std::string_view code, const syntax::Location* location, std::string message);
    bool empty() const { return errors_.empty(); }
    // In the order of files and places, each one once.
    std::vector<CompileError> take();

  private:
    std::string file_;
    std::vector<CompileError> errors_;
};

}  // namespace merlon::rego::compiler
