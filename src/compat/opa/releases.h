#pragma once

// The releases of OPA whose capabilities are known, and what each of them brought.
//
// Standard: the files of capabilities of OPA 1.22.2, v0.17.0 to v1.22.2. Thread-safe: no state.
// Cost: a search in a list of some hundred.

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "rego/compiler/declarations.h"

namespace merlon::compat::opa {

struct Release {
    std::string_view version;   // "v1.22.2"
    std::string_view builtins;  // that it brought, with blanks between them
};

// From the oldest on.
std::span<const Release> releases();
std::optional<std::size_t> find_release(std::string_view version);

// What a release says of itself.
class ReleaseFacts {
  public:
    // `place` is one of releases(); without one these are the newest's.
    ReleaseFacts() = default;
    explicit ReleaseFacts(std::size_t place) : place_(place) {}

    // Whether it is this release, or one behind it.
    bool is_since(std::string_view version) const;
    bool has(std::string_view builtin) const;
    // The built-in as the release declared it.
    rego::compiler::Declaration declaration(const rego::compiler::Declaration& newest) const;
    bool is_nondeterministic(std::string_view builtin) const;
    bool is_deprecated(std::string_view builtin) const;

  private:
    std::optional<std::size_t> place_ = {};
};

}  // namespace merlon::compat::opa
