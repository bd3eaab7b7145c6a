#pragma once

// A file of capabilities: which built-ins policies may call, and what those take that only another
// program has.
//
// Standard: the JSON of `opa capabilities` (1.22.2). Names, operands and results are read, and of
// the features whether Rego v1 and keywords in paths are some. Not thread-safe while it is read.
// Cost: linear.

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "rego/compiler/declarations.h"
#include "value/value.h"

namespace merlon::compat::opa {

class Capabilities {
  public:
    Capabilities() = default;
    // Views point into this.
    Capabilities(Capabilities&&) = default;
    Capabilities& operator=(Capabilities&&) = default;

    static Result<Capabilities> read(const value::Value& document);

    // Borrows from this.
    rego::compiler::KnownBuiltins builtins() const {
        return rego::compiler::KnownBuiltins(extras_, &names_);
    }

    const rego::compiler::KnownBuiltins::NameSet& names() const { return names_; }
    // Whether policies of Rego v1 may be read.
    bool has_new_language() const { return has_new_language_; }
    // Whether keywords may stand in paths without quotes: `data.if`.
    bool has_keywords_in_paths() const { return has_keywords_in_paths_; }

  private:
    std::string_view keep(std::string text) { return texts_.emplace_back(std::move(text)); }

    rego::compiler::KnownBuiltins::NameSet names_;
    std::vector<rego::compiler::ExtraBuiltin> extras_;
    std::deque<std::string> texts_;
    bool has_new_language_ = false;
    bool has_keywords_in_paths_ = false;
};

}  // namespace merlon::compat::opa
