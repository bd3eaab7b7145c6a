#pragma once

// References against what is known of the documents and values that they go through: what cannot be
// there, and what their variables can be.
//
// Standard: OPA's refChecker (1.22.2). Not thread-safe. Cost: linear in the reference, for each
// layer.

#include <functional>

#include "rego/compiler/errors.h"
#include "rego/compiler/names.h"
#include "rego/compiler/type_unifier.h"

namespace merlon::rego::compiler {

class TypeReferences {
  public:
    // Gives a reference the names that people wrote.
    using Written = std::function<Terms(std::span<Term* const>)>;

    // Whether a variable has the place of a literal.
    using IsLiteral = std::function<bool(std::string_view variable)>;

    TypeReferences(TypeEnvironment& environment, TypeUnifier& unifier, const Written& written,
                   const IsLiteral& is_literal)
        : environment_(environment),
          unifier_(unifier),
          written_(written),
          is_literal_(is_literal) {}

    // Of all references of an expression, but for those inside of comprehensions.
    std::vector<CompileError> check(TypeLayer& layer, const Expression& expression);

  private:
    struct Candidates {
        const TypeNode* node = nullptr;
        const Type* type = nullptr;
    };

    void visit(const Expression& expression);
    void visit(const Term& term);
    bool is_function(Terms reference);
    void follow(TypeLayer& at, const TypeNode& node, Terms reference, std::size_t place);
    void follow_type(const Type* type, Terms reference, std::size_t place);
    void follow_variable(const Type* keys, Terms reference, std::size_t place,
                         const Candidates& candidates, bool& goes_on);
    void report_invalid(Terms reference, std::size_t place, const Type* have, const Type* want,
                        const Candidates& candidates);
    void report_unsupported(Terms reference, std::size_t place, const Type* have);

    TypeEnvironment& environment_;
    TypeUnifier& unifier_;
    const Written& written_;
    const IsLiteral& is_literal_;
    TypeLayer* layer_ = nullptr;
    std::vector<CompileError> errors_;
};

}  // namespace merlon::rego::compiler
