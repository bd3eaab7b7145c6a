#pragma once

// What names mean: rules and imports become references from `data` or `input`, variables that are
// declared (`:=`, `some`, `every`, arguments) get a name of their own, template strings become
// calls, and `some x in xs` becomes the unification that it is.
//
// The idea: a stack of scopes, one for the arguments of a rule and one for each body. A name is
// first looked for there, then among the rules of the package and the imports; what is nowhere is a
// variable that unification binds. Trees are changed in place: whoever resolves owns them.
//
// Not thread-safe. Cost: linear, times the depth of bodies inside of bodies.

#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "rego/compiler/declarations.h"
#include "rego/compiler/errors.h"
#include "rego/compiler/nodes.h"

namespace merlon::rego::compiler {

// What the names of a module stand for: `rule` is data.package.rule, an import its path.
using Globals = std::map<std::string_view, Terms>;

class Resolver {
  public:
    Resolver(NodeMaker& maker, ErrorList& errors, const KnownBuiltins& builtins)
        : maker_(maker), errors_(errors), builtins_(builtins) {}

    // `package` is the rule's, from `data` on; the head's reference becomes a path from there.
    void resolve(syntax::Rule& rule, const Globals& globals, Terms package);
    void resolve_query(Body& query, const Globals& globals);

    // Equalities that were written `:=`.
    const std::set<const Expression*>& assignments() const { return assignments_; }
    // The names that people gave to variables that have other names now.
    const std::map<std::string_view, std::string_view>& written_names() const { return written_; }

  private:
    enum class Occurrence : std::uint8_t { kNew, kArgument, kSeen, kAssigned, kDeclared };
    struct Declared {
        std::string_view name;
        Occurrence occurrence = Occurrence::kNew;
    };
    struct Scope {
        std::map<std::string_view, Declared> variables;
        Names declares;  // anywhere in it: no names of rules there
    };

    void push_scope(Names declares) { scopes_.push_back({{}, std::move(declares)}); }
    void pop_scope() { scopes_.pop_back(); }
    const Declared* find_declared(std::string_view name) const;
    bool is_global(std::string_view name) const;
    std::string_view declare(std::string_view name, Occurrence occurrence,
                             const Location* location);

    void arguments(Terms arguments);
    void declare_arguments(Term& term);
    void body(Body& body);
    Expression* expression(Expression& expression);
    Expression* assignment(Expression& expression);
    void assign_to(Term& target);
    Expression* some(Expression& expression);
    void some_in(Expression& expression);
    void declare_pattern(Term& pattern, const Location* location);
    void every(Expression& expression);
    void operand_body(Body& body, bool is_explicit, std::string_view message);
    void with(syntax::With& with);
    void operation(Term*& operation, const Location* location);
    void term(Term& term);
    void variable(Term& term);
    void reference(Term& reference);
    void comprehension(Term& term);
    void template_string(Term& term);
    void set_global(Term& term, Terms path);

    NodeMaker& maker_;
    ErrorList& errors_;
    const KnownBuiltins& builtins_;
    const Globals* globals_ = nullptr;
    std::vector<Scope> scopes_;
    std::set<const Expression*> assignments_;
    std::map<std::string_view, std::string_view> written_;
};

}  // namespace merlon::rego::compiler
