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
#include <set>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "rego/compiler/declarations.h"
#include "rego/compiler/errors.h"
#include "rego/compiler/nodes.h"

namespace merlon::rego::compiler {

// What the names of a module stand for: `rule` is data.package.rule, an import its path.
// The first step of a path is one term for all rules of a module, and one for each import, as OPA
// has it: errors about any of them have the place of the last one, and a variable with the name of
// a document hides them all.
using Globals = std::map<std::string_view, Terms>;

// Whether variables must be used that could as well not be there.
enum class Strictness : std::uint8_t { kUsual, kStrict };

// What a body declares: by `:=` and `some`, in what belongs to it.
Names declared_in(std::span<Expression* const> body);

class Resolver {
  public:
    Resolver(NodeMaker& maker, ErrorList& errors, const KnownBuiltins& builtins,
             Strictness strictness)
        : maker_(maker), errors_(errors), builtins_(builtins), strictness_(strictness) {}

    // `package` is the rule's, from `data` on; the head's reference becomes a path from there.
    void resolve(syntax::Rule& rule, const Globals& globals, Terms package);
    void resolve_query(Body& query, const Globals& globals);

    // Equalities that were written `:=`.
    const std::set<const Expression*>& assignments() const { return assignments_; }
    // The names of rules and imports that were used since it was asked for last.
    Names take_used_globals() { return std::exchange(used_globals_, {}); }
    // The names that people gave to variables that have other names now.
    const std::map<std::string_view, std::string_view>& written_names() const { return written_; }

  private:
    enum class Occurrence : std::uint8_t { kNew, kArgument, kSeen, kAssigned, kDeclared };
    struct Declared {
        std::string_view name;
        Occurrence occurrence = Occurrence::kNew;
        int uses = 1;                     // and the declaration
        const Location* place = nullptr;  // of the expression that declares it
    };
    struct Scope {
        std::map<std::string_view, Declared> variables;
        Names declares;  // anywhere in it: no names of rules there
    };

    void push_scope(Names declares) { scopes_.push_back({{}, std::move(declares)}); }
    void pop_scope() { scopes_.pop_back(); }
    Declared* find_declared(std::string_view name);
    // What was seen cannot be declared behind that.
    void see(std::string_view name);
    bool is_global(std::string_view name) const;
    std::string_view declare(std::string_view name, Occurrence occurrence,
                             const Location* location);

    void arguments(Terms arguments);
    void declare_arguments(Term& term);
    // `used` are variables of what the body is for: of a head or of a comprehension's term.
    void body(Body& body, const Names& used = {});
    void check_unused(const Location* first, Body resolved, const Names& used);
    void check_unused_arguments(const syntax::Rule& rule, const Names& unused);
    void use(Declared& declared) { declared.uses += counts_uses_ ? 1 : 0; }
    Expression* expression(Expression& expression);
    Expression* assignment(Expression& expression);
    void assign_to(Term& target);
    Expression* some(Expression& expression);
    bool some_in(Expression& expression);  // false where it is wrong
    bool declare_patterns(std::span<Term* const> patterns, const Location* location);
    static void take_apart(Term& pattern, std::vector<Term*>& declared, std::vector<Term*>& others);
    void every(Expression& expression);
    void operand_body(Body& body, bool is_explicit, std::string_view message);
    void with(syntax::With& with);
    void rename(Term& term);
    // `location` is that of a call inside of a term; null: it is an expression.
    void operation(Term*& operation, const Location* location);
    void term(Term& term);
    void variable(Term& term);
    void reference(Term& reference);
    void comprehension(Term& term);
    void template_string(Term& term);
    static Names names_in_with(syntax::Rule& rule);
    void hide_builtins(Body body, const Names& names_in_with);
    void set_global(Term& term, std::string_view name);
    Terms global_path(std::string_view name, Location* place);
    void head_and_path(syntax::Head& head, Terms package);
    // Resolves what OPA resolves before the body; places that the body has set stay.
    template <typename Resolve>
    void before_body(const std::set<Term*>& set_by_body, Resolve resolve) {
        const std::set<Term*> around = kept_;
        kept_.insert(set_by_body.begin(), set_by_body.end());
        resolve();
        kept_ = around;
    }

    NodeMaker& maker_;
    ErrorList& errors_;
    const KnownBuiltins& builtins_;
    Strictness strictness_;
    const Globals* globals_ = nullptr;
    Names used_globals_;
    const Location* expression_place_ = nullptr;
    const Location* rule_place_ = nullptr;
    std::size_t errors_before_ = 0;  // this rule
    bool has_unused_ = false;        // was said of this rule
    bool counts_uses_ = true;
    std::set<Term*> placed_;  // first steps of paths, since it was cleared
    std::set<Term*> kept_;    // whose places stay
    std::vector<Scope> scopes_;
    std::set<const Expression*> assignments_;
    std::map<std::string_view, std::string_view> written_;
    bool is_in_head_ = false;  // outside of the bodies there
};

}  // namespace merlon::rego::compiler
