#pragma once

// What --strict, --schema and --capabilities say of a compilation, for the commands that have them.
//
// Not thread-safe. Compilations borrow from it.

#include <vector>

#include "base/flags.h"
#include "compat/opa/capabilities.h"
#include "compat/opa/load.h"
#include "rego/compiler/compiler.h"

namespace merlon::compat::opa {

class CompileFlags {
  public:
    // False where a file cannot be read; errors() then says why, and during() where.
    bool read(const ParsedCommand& command, Loader& loader);
    const std::vector<ShownError>& errors() const { return errors_; }
    std::string_view during() const { return during_; }

    // With `prints` and what was asked for; extra built-ins of a program are kept by the caller.
    rego::compiler::CompileOptions options(rego::compiler::Prints prints) const;

  private:
    bool fail(const Error& error, std::string_view during);

    rego::compiler::Strictness strictness_ = rego::compiler::Strictness::kUsual;
    std::vector<rego::compiler::NamedSchema> schemas_;
    Capabilities capabilities_;
    bool has_capabilities_ = false;
    std::vector<ShownError> errors_;
    std::string_view during_;
};

}  // namespace merlon::compat::opa
