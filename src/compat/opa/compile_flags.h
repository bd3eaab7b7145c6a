#pragma once

// What --strict, --schema and --capabilities say of a compilation, for the commands that have them,
// and what every compilation of a front's policies is told: their prints, and the data beside them.
//
// Not thread-safe. Compilations borrow from it.

#include <vector>

#include "base/flags.h"
#include "compat/opa/capabilities.h"
#include "compat/opa/load.h"
#include "compat/opa/run.h"
#include "rego/compiler/compiler.h"

namespace merlon::compat::opa {

class CompileFlags {
  public:
    // False where a file cannot be read; errors() then says why, and during() where; of
    // --capabilities wrong_flag(), as that is what OPA looks at before anything else.
    bool read(const ParsedCommand& command, Loader& loader);
    // --capabilities alone, of commands that compile nothing.
    bool read_capabilities(const ParsedCommand& command, Loader& loader) {
        const bool is_set = command.takes("capabilities") && command.is_set("capabilities");
        return !is_set || read_capabilities(command.text("capabilities"), loader);
    }
    bool has_capabilities() const { return has_capabilities_; }
    const Capabilities& capabilities() const { return capabilities_; }
    const std::string& wrong_flag() const { return wrong_flag_; }
    const std::vector<ShownError>& errors() const { return errors_; }
    std::string_view during() const { return during_; }

    // With `prints` and what was asked for; extra built-ins of a program are kept by the caller.
    rego::compiler::CompileOptions options(rego::compiler::Prints prints,
                                           const Outside& outside) const;
    // And no rule may stand where the data is that was loaded by now. OPA leaves this to who loads
    // what it builds.
    rego::compiler::CompileOptions options(rego::compiler::Prints prints, const Outside& outside,
                                           Loader& loader) const;

  private:
    bool fail(const Error& error, std::string_view during);
    bool read_capabilities(const std::string& named, Loader& loader);

    rego::compiler::Strictness strictness_ = rego::compiler::Strictness::kUsual;
    std::vector<rego::compiler::NamedSchema> schemas_;
    Capabilities capabilities_;
    bool has_capabilities_ = false;
    std::vector<ShownError> errors_;
    std::string_view during_;
    std::string wrong_flag_;
};

}  // namespace merlon::compat::opa
