#pragma once

// Whether values can be what the places that they stand in want: operands of functions, sides of
// equalities, keys of documents.
//
// The idea: rules are checked behind the rules that they need, so that what a reference leads to is
// known; a body goes from the first expression to the last, in the order of safety, and each says
// something about its variables. A rule that is wrong may be anything for those that use it, so
// that a mistake is reported once.
//
// Standard: OPA's ast/check.go (1.22.2): errors, their places, texts and details. Not thread-safe.
// Cost: linear for what people write; what takes more than kMaxTypeSteps is an error.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "rego/compiler/errors.h"
#include "rego/compiler/type_environment.h"
#include "rego/compiler/type_references.h"
#include "rego/compiler/type_unifier.h"

namespace merlon::rego::compiler {

inline constexpr std::size_t kMaxTypeSteps = 100'000;  // expressions, for one rule

// What the checker asks about the modules.
struct TypeQuestions {
    TypeReferences::Written written;
    TypeReferences::IsLiteral is_literal;
    // The rules that what `with` replaces has an effect on.
    std::function<std::vector<const syntax::Rule*>(std::span<Term* const> target)> affected;
    // Sets types of documents for one rule; what is wrong with its schemas.
    std::function<std::vector<CompileError>(TypeLayer& layer, const syntax::Rule& rule)> schemas;
    UnknownCalls unknown_calls = UnknownCalls::kWrong;
    const CancelToken* cancel = nullptr;  // may be null; nothing more is looked at then
};

class TypeChecker {
  public:
    TypeChecker(Types& types, const KnownBuiltins& builtins, TypeQuestions questions);

    TypeEnvironment& environment() { return environment_; }

    // What all rules see of `input`; otherwise it may be anything.
    void set_input(const Type* type, Term& input);

    // What is known of a term that stands outside of all rules.
    const Type* of(const Term& term) { return environment_.of(global_, term); }

    // The rule with its body as TypeView has it. Adds what it is to what is known.
    std::vector<CompileError> check_rule(const syntax::Rule& rule, Body body);
    std::vector<CompileError> check_query(Body body);

  private:
    struct Checked {
        std::unique_ptr<TypeLayer> layer;
        std::vector<CompileError> errors;
    };
    // An error, and whether it is because something else is not known.
    struct Mistake {
        CompileError error;
        bool is_echo = false;
    };
    using Layers = std::vector<std::unique_ptr<TypeLayer>>;

    Checked check_body(TypeLayer& below, Body body);
    void check_expression(TypeLayer& layer, const Expression& expression,
                          std::vector<CompileError>& errors);
    // The errors of the last comprehension that has any.
    void check_closures(TypeLayer& layer, const Term& term, std::vector<CompileError>& errors);
    void check_closures(TypeLayer& layer, const Expression& expression,
                        std::vector<CompileError>& errors);
    const Type* of_closure(TypeLayer& layer, const Term& comprehension);

    std::optional<Mistake> check_call(TypeLayer& layer, const Expression& expression);
    std::optional<Mistake> check_with(TypeLayer& layer, const Expression& expression);
    std::optional<Mistake> check_equality(TypeLayer& layer, const Expression& call);
    std::optional<Mistake> check_membership(TypeLayer& layer, const Expression& call);
    std::optional<Mistake> check_member(TypeLayer& layer, const Expression& call, const Term& term,
                                        const Type* type);
    std::optional<Mistake> check_operands(TypeLayer& layer, const Expression& call);

    TypeLayer& with_layer(TypeLayer& layer, const Expression& expression, Layers& layers);
    const TypeNode* relaxed(const Term& target, const Type* type);

    const Type* type_of_function(TypeLayer& layer, const syntax::Head& head);
    const Type* type_of_rule(TypeLayer& layer, const syntax::Head& head, std::size_t placed);

    Types& types_;
    TypeQuestions questions_;
    TypeEnvironment environment_;
    TypeUnifier unifier_{environment_};
    TypeReferences references_;
    TypeLayer global_{nullptr};
    // Stands for each composite key of a head.
    Term computed_key_{.kind = TermKind::kVariable, .text = "__local~"};
    std::map<std::string, std::unique_ptr<TypeNode>, std::less<>> relaxed_;
    std::size_t steps_ = 0;
};

}  // namespace merlon::rego::compiler
