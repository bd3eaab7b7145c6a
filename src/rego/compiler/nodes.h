#pragma once

// Nodes of syntax trees that the compiler makes itself, and the names of variables that it invents.
//
// Ownership: everything lives in the arena. Not thread-safe. Cost: an allocation in the arena.

#include <cstdint>
#include <initializer_list>
#include <map>
#include <set>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/interner.h"
#include "rego/syntax/copy.h"
#include "rego/syntax/tree.h"

namespace merlon::rego::compiler {

using syntax::Body;
using syntax::Expression;
using syntax::ExpressionKind;
using syntax::Location;
using syntax::Term;
using syntax::TermKind;
using syntax::Terms;
using Names = std::set<std::string_view>;

inline constexpr std::string_view kEquality = "eq";

// The expressions that were made of another one.
using Offspring = std::map<const Expression*, std::vector<const Expression*>>;

class NodeMaker {
  public:
    NodeMaker(Arena& arena, Interner& interner) : arena_(arena), interner_(interner) {}

    Arena& arena() { return arena_; }

    // "__local3~": what no module can call a variable of its own, and in the order of OPA's names.
    // Those of queries are counted by themselves: "__localq3~".
    std::string_view fresh_name();
    enum class Owner : std::uint8_t { kModules, kQueries };
    void count_for(Owner owner) { owner_ = owner; }
    // Names for queries are counted anew, without those of `used`: so each of OPA's stages does.
    void count_anew(Names used) {
        made_for_queries_ = 0;
        used_ = std::move(used);
    }
    Term* variable(std::string_view name, Location* location);
    Term* fresh(Location* location) { return variable(fresh_name(), location); }
    Term* string(std::string_view text, Location* location);
    Term* boolean(bool truth, Location* location);  // NOLINT: a value, not an option
    Term* composite(TermKind kind, std::span<Term* const> terms, Location* location);
    // The operator of a built-in of one or several words: {"internal", "member_2"}.
    Term* operation(std::initializer_list<std::string_view> words, Location* location);
    Expression* expression(ExpressionKind kind, std::initializer_list<Term*> terms,
                           Location* location);
    // left = right
    Expression* equality(Term* left, Term* right, Location* location);

    // What a variable that was made stands for, which messages show in its place.
    void remember(std::string_view variable, const Term* subject) { subjects_[variable] = subject; }
    const std::map<std::string_view, const Term*>& subjects() const { return subjects_; }

  private:
    Arena& arena_;
    Interner& interner_;
    Owner owner_ = Owner::kModules;
    std::size_t made_for_modules_ = 0;
    std::size_t made_for_queries_ = 0;
    Names used_;
    std::map<std::string_view, const Term*> subjects_;
};

inline bool is_generated(std::string_view name) { return name.starts_with("__local"); }
inline bool is_comprehension(const Term& term) {
    return term.kind == TermKind::kArrayComprehension || term.kind == TermKind::kSetComprehension ||
           term.kind == TermKind::kObjectComprehension;
}
inline bool is_scalar(const Term& term) { return term.kind <= TermKind::kString; }

// The name of what a call calls: "eq", "io.jwt.decode", "data.lib.f".
std::string operator_name(const Term& operation);
inline bool is_call_of(const Expression& expression, std::string_view name) {
    return expression.kind == ExpressionKind::kCall && operator_name(*expression.terms[0]) == name;
}
inline bool is_equality(const Expression& expression) {
    return is_call_of(expression, kEquality) && expression.terms.size() == 3;
}

// Whether a value is needed that only evaluation gives: references and comprehensions.
bool requires_evaluation(const Term& term);

// Adds `more` behind `body`, in place of a body that says nothing but `true`.
void append_expressions(std::vector<Expression*>& body, std::span<Expression* const> more);

}  // namespace merlon::rego::compiler
