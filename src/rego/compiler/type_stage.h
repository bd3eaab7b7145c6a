#pragma once

// The type checker's place in the compiler: which rules it sees in which order, and what becomes of
// what it finds.
//
// Not thread-safe. Cost: that of the checker, and a copy of each body.

#include <memory>

#include "base/cancel.h"
#include "rego/compiler/checks.h"
#include "rego/compiler/dependencies.h"
#include "rego/compiler/errors.h"
#include "rego/compiler/names.h"
#include "rego/compiler/schema_types.h"
#include "rego/compiler/type_checker.h"
#include "rego/compiler/type_view.h"

namespace merlon::rego::compiler {

class TypeStage {
  public:
    TypeStage(NodeMaker& maker, Interner& interner, const KnownBuiltins& builtins,
              const WrittenNames& names, std::span<const NamedSchema> schemas,
              UnknownCalls unknown_calls, const CancelToken* cancel);

    // Before anything else: what schemas say of `input`, and annotations of the modules.
    void read_schemas(std::span<const syntax::Module* const> modules,
                      std::span<const std::string_view> files, ErrorList& errors);

    // What is known of a term that stands outside of all rules.
    const Type* of(const Term& term);

    // `dependencies` must have no circle, and live until the queries are checked.
    void check_rules(const Dependencies& dependencies, std::span<const std::string_view> files,
                     ErrorList& errors);
    void check_query(Body body, ErrorList& errors);

  private:
    NodeMaker& maker_;
    const WrittenNames& names_;
    Types types_;
    const Dependencies* dependencies_ = nullptr;
    std::span<const syntax::Module* const> modules_;
    std::uint32_t file_ = 0;  // of the rule that is checked
    AnnotationSet annotations_;
    TypeChecker checker_;
    SchemaTypes schemas_;
};

}  // namespace merlon::rego::compiler
