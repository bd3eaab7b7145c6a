#pragma once

// Takes variables out of a body that only pass a value on: `x = input.a; x > 1` says `input.a > 1`.
//
// The idea: variables that equalities make equal are one set with one name and at most one
// constant; an equality or a call whose variable nobody outside needs is dropped, and what it stood
// for is put where the variable stood. What must still be defined, or binds what is needed, comes
// back at the end.
//
// Standard: OPA 1.22.2, copypropagation, whose results partial evaluation shows. Not thread-safe.
// Cost: quadratic in the body at the worst.

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "rego/compiler/variables.h"

namespace merlon::rego::partial {

using compiler::ArityOf;
using compiler::Body;
using compiler::Expression;
using compiler::ExpressionKind;
using compiler::Names;
using compiler::NodeMaker;
using compiler::Term;
using compiler::TermKind;
using compiler::Terms;

enum class EmptyBody : std::uint8_t { kStaysEmpty, kBecomesTrue };

class CopyPropagation {
  public:
    // `live` are the variables that the result must bind as the body does.
    CopyPropagation(Names live, EmptyBody empty, const ArityOf& arity, NodeMaker& maker)
        : live_(std::move(live)), empty_(empty), arity_(arity), maker_(maker) {}

    // The body itself where it cannot hold, or where nothing can be taken out safely.
    Body apply(Body body);

  private:
    // Variables that are equal, by one of them.
    struct Set {
        std::string_view parent;
        const Term* constant = nullptr;  // of a root
    };

    bool find_sets(Body body);
    std::string_view make_set(std::string_view name);
    bool merge(std::string_view left, std::string_view right);
    bool give_constant(std::string_view name, const Term& constant);
    std::optional<std::string_view> root(std::string_view name) const;
    void find_heads(Body body);

    void plug(Expression& expression);
    void plug(Body body);
    void plug(Term& term);
    void plug_variable(Term& term);
    void plug_reference(Term& term);
    void plug_negation(Expression& expression);
    bool is_kept(Expression& expression);
    bool is_equality_kept(const Term& left, const Term& right);
    void bind_live(std::vector<Expression*>& result);
    bool restore(std::vector<Expression*>& result);
    void append(std::vector<Expression*>& result, Expression* expression) const;
    Term* removed(std::string_view name) const {
        const auto found = removed_.find(name);
        return found == removed_.end() ? nullptr : found->second;
    }

    const Names live_;
    const EmptyBody empty_;
    const ArityOf& arity_;
    NodeMaker& maker_;
    std::map<std::string_view, Set> sets_;
    Names heads_;
    std::map<std::string_view, Term*> removed_;
    Names placeholders_;  // stand for what must be defined, and nowhere else
    std::size_t next_placeholder_ = 0;
    bool is_negated_ = false;  // the expression that is plugged
    int depth_ = 0;
};

// Without variables, references, calls and comprehensions.
bool is_constant(const Term& term);

}  // namespace merlon::rego::partial
