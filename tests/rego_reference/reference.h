#pragma once

// Rego once more: a slow evaluator that says what the language says, as the measure of the machine.
//
// The idea: solutions are found by trying. A term has values and an expression has solutions, and
// each of them is handed to what comes behind it, which answers whether to go on. A variable has a
// value while what comes behind is being tried, and none afterwards. There are no instructions, no
// registers, no indexes and nothing that grows; rules are evaluated once, until a `with` replaces
// something, for else their cost would be exponential.
//
// It reads what the compiler's stages before the emitter made (Analysis), and shares the values,
// their order and the built-in functions with the machine: everything else is told twice.
//
// Not thread-safe. Cost: for tests; what grows is copied for each element.

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/interner.h"
#include "rego/builtins.h"
#include "rego/compiler/compiler.h"
#include "rego/machine.h"
#include "value/value.h"

namespace merlon::rego::reference {

using compiler::PlacedRule;
using compiler::RuleNode;
using syntax::Body;
using syntax::Expression;
using syntax::Term;
using syntax::Terms;
using value::Value;

class Evaluator {
  public:
    // The analysis outlives the evaluator, and that its results. Of the options those that say what
    // an evaluation sees; limits are the machine's.
    Evaluator(const compiler::Analysis& analysis, const compiler::KnownBuiltins& known,
              MachineOptions options);

    // The bindings of the query's variables, one object for each solution.
    Evaluation run(std::size_t query, const std::optional<Value>& input, const Value& data);

  private:
    // What comes behind a value or a solution. False: it has seen enough, or there is an error.
    using Yield = std::function<bool(const Value& value)>;
    using YieldList = std::function<bool(std::span<const Value> values)>;
    using Next = std::function<bool()>;
    using Variables = std::map<std::string_view, Value>;
    struct Pair {
        const Term* left;
        const Term* right;
    };
    // What is called by a name, or what a `with` put in its place.
    struct Callee {
        const RuleNode* rules = nullptr;
        std::string builtin;
        std::optional<Value> value;
    };
    // What a `with` replaces, and what rules gave before it did.
    struct Documents {
        std::optional<Value> input;
        Value data;
        std::vector<const RuleNode*> shadowed;
        std::map<std::string, Callee> replaced;
        std::map<const RuleNode*, std::optional<Value>> known;
    };

    // Expressions (expressions.cpp).
    bool solve(Body body, const Next& next);
    bool solve(const Expression& expression, const Next& next);
    bool solve_without_with(const Expression& expression, const Next& next);
    bool solve_positive(const Expression& expression, const Next& next);
    bool solve_with(const Expression& expression, const Next& next);
    bool solve_every(const Expression& expression, const Next& next);
    bool solve_call(const Expression& expression, const Next& next);
    bool solve_result(const Callee& callee, const Value& result, const Term* output,
                      const Next& next);
    bool has_solution(const std::function<bool(const Next&)>& attempt);
    bool is_document(const Term& target) const;
    std::optional<Callee> callee_of(const Term& name) const;
    void replace(Documents& documents, const syntax::With& with, const Value& value);
    Value put_at(const Value* document, Terms path, const Value& value);

    // Terms.
    bool is_open(const Term& term) const;
    bool values(const Term& term, const Yield& yield);
    bool lists(std::span<const Term* const> terms, const YieldList& yield);
    bool collections(const Term& term, const Yield& yield);
    std::optional<Value> comprehension(const Term& term);
    bool unify(std::vector<Pair> pairs, const Next& next);
    bool match(const Value& value, const Term& pattern, const Next& next);
    bool match_all(std::span<const Value* const> values, std::span<const Term* const> patterns,
                   const Next& next);

    // References.
    enum class Keys : std::uint8_t { kExact, kNumbersAsText };
    bool references(const Term& term, const Yield& yield);
    bool walk(const Value& value, Terms path, Keys keys, const Yield& yield);
    bool walk_data(const RuleNode* node, std::vector<Value> before, Terms path, const Yield& yield);
    bool walk_children(const RuleNode& node, const std::vector<Value>& before, Terms path,
                       const Yield& yield);
    const Value* base_document(std::span<const Value> path) const;
    const Value* step(const Value& container, const Value& key, Keys keys) const;
    bool is_shadowed(const RuleNode& node) const;

    // Rules.
    std::optional<Value> document(const RuleNode& node);
    std::optional<Value> extent(const RuleNode& node);
    Value merged(const Value& base, const Value& made);
    std::optional<Value> apply(const Callee& callee, std::span<const Value> arguments);
    std::optional<Value> apply_instead(const Callee& callee, std::span<const Value> arguments);
    std::optional<Value> apply_builtin(const std::string& name, std::span<const Value> arguments);
    std::optional<Value> complete(const RuleNode& node, std::span<const Value> arguments);
    std::optional<Value> partial(const RuleNode& node, std::span<const PlacedRule> rules);
    bool heads(const PlacedRule& placed, const syntax::Rule& rule, std::span<const Value> arguments,
               std::span<const Term* const> terms, const YieldList& yield);
    bool keep_once(std::optional<Value>& kept, const Value& value, const RuleNode& node);
    Value put(const Value* container, std::span<const Value> keys, const Value* entry,
              const Value& value);

    bool with_variable(std::string_view name, const Value& value, const Next& next);
    bool fail(ErrorKind kind, std::string message);
    bool has_failed() const { return error_.has_value(); }

    const compiler::Analysis& analysis_;
    compiler::KnownBuiltins known_;
    MachineOptions options_;
    Arena arena_;
    Interner interner_;
    value::Builder builder_{arena_, interner_};
    Context context_;
    Documents documents_;
    Variables variables_;  // of the rule that is being evaluated
    Place place_;
    std::optional<EvaluationError> error_;
};

}  // namespace merlon::rego::reference
