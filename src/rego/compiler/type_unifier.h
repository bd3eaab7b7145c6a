#pragma once

// Whether terms may have types, and what that says of variables whose types are not known.
//
// Standard: OPA's type checker (1.22.2): unify1 and unify2. Not thread-safe. Cost: linear in terms
// and types.

#include "rego/compiler/type_environment.h"

namespace merlon::rego::compiler {

class TypeUnifier {
  public:
    explicit TypeUnifier(TypeEnvironment& environment) : environment_(environment) {}

    // kAdded: a variable has this type or the one that it is known to have.
    enum class Inference : std::uint8_t { kChecked, kAdded };

    // Gives variables of the term that have no type the one that the term is to have.
    bool fits(TypeLayer& layer, const Term& term, const Type* type,
              Inference inference = Inference::kChecked);
    // Of both sides of an equality.
    bool are_equal(TypeLayer& layer, const Term& left, const Type* left_type, const Term& right,
                   const Type* right_type);

  private:
    bool fits_composite(TypeLayer& layer, const Term& term, const Type* type, Inference inference);
    bool fits_object(TypeLayer& layer, const Term& term, const Type& type, Inference inference);
    bool fits_variable(TypeLayer& layer, const Term& term, const Type* type, Inference inference);
    bool equal_parts(TypeLayer& layer, const Term& composite, const Term& other);
    bool are_equal(TypeLayer& layer, const Term& left, const Term& right) {
        return are_equal(layer, left, environment_.of(layer, left), right,
                         environment_.of(layer, right));
    }

    TypeEnvironment& environment_;
};

}  // namespace merlon::rego::compiler
