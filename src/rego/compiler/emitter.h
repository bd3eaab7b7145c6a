#pragma once

// From ordered bodies to the machine's instructions.
//
// The idea: each group of rules that makes one document becomes a function of the two documents
// (and its arguments); references from `data` are calls where rules are and look-ups where none
// are. A variable is a register once it is bound; a reference with an unbound variable opens a
// loop. Only what the query reaches is emitted. `with` is the machine's matter: functions that are
// replaced or whose document is replaced are named there, and nothing is emitted twice.
//
// Standard: what OPA's planner and evaluator give. Not thread-safe. Cost: linear in what is
// reached.

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "rego/compiler/code_writer.h"
#include "rego/compiler/declarations.h"
#include "rego/compiler/errors.h"
#include "rego/compiler/rule_tree.h"

namespace merlon::rego::compiler {

class Emitter {
  public:
    // Puts a body into an order in which nothing but the documents is bound before it; false where
    // there is none.
    using OrderBody = std::function<bool(Body& body)>;

    // `replaced` are the built-ins that a `with` somewhere puts something else in the place of.
    Emitter(Program& program, RuleTree& tree, ErrorList& errors, const KnownBuiltins& known,
            Arena& arena, OrderBody order, std::set<std::string, std::less<>> replaced)
        : code_(program),
          tree_(tree),
          errors_(errors),
          known_(known),
          arena_(arena),
          order_(std::move(order)),
          replaced_(std::move(replaced)) {}

    // A plan of the query; its variables are keys of the results' objects, by the names they were
    // written with.
    // Where `captured` is there, results are arrays: that object, and the values of these
    // variables;
    // "" is `true`.
    void emit_query(std::string_view name, Body query,
                    const std::map<std::string_view, std::string_view>& written_names,
                    const std::vector<std::string_view>* captured);
    // What the queries reach. Nothing can be added behind it.
    void finish();

  private:
    using Label = CodeWriter::Label;
    struct Scope {
        Label fail;
        std::size_t bound;
        std::size_t evaluated;
        std::uint32_t iterators;
    };
    // A comprehension that is evaluated once, for all values of the variables that it is asked for.
    struct Index {
        std::uint32_t function;
        const Term* comprehension;
        std::vector<std::string_view> keys;
        std::uint32_t file;
    };
    struct Shadow {
        std::size_t instruction;
        const RuleNode* node;
    };
    // What is known of the steps behind a rule's place, one after the other: "." all of a step, "?"
    // nothing, "[.?]" parts of an array. Each "." is an argument.
    using KnownKeys = std::string;
    // A rule that is evaluated for some keys alone.
    using KeyedRule = std::pair<RuleNode*, KnownKeys>;
    // A variable whose value has to have these parts as soon as it is bound.
    struct Awaited {
        std::string_view variable;
        Operand argument;
        std::string_view known;
    };

    // Variables that are bound and loops that are opened from here on end with leave().
    Scope enter(Label fail);
    void leave(const Scope& scope);
    bool is_bound(std::string_view name) const { return variables_.contains(name); }
    void bind(std::string_view name, Operand operand);
    // Whether unification would bind a variable of it.
    bool has_unbound(const Term& term) const;
    // Whether it has an unbound variable where nothing binds it: in a set, or in an object's key.
    bool needs_unbound(const Term& term) const;
    bool is_open(const Term& term) const { return has_unbound(term) || needs_unbound(term); }
    void unsafe(const Term& term);

    // emit_terms.cpp
    Operand term(const Term& term);
    Operand collection(const Term& term);
    Operand array_of(std::span<const Operand> parts);  // of no more than fit in an instruction
    std::optional<value::Value> object_keys(std::span<const Operand> parts);
    Operand object_of(Operand made, const value::Value& keys, std::span<const Operand> parts);
    Operand comprehension(const Term& term);
    void fill_comprehension(const Term& term, Operand made);
    std::optional<value::Value> constant_of(const Term& term);

    // emit_indexes.cpp
    std::optional<Operand> indexed_comprehension(const Term& term);
    std::optional<std::vector<std::string_view>> index_keys(const Term& term) const;
    bool is_worth_an_index(const Term& term) const;
    void emit_index(const Index& index);
    void emit_look_up(const Term& term, const std::vector<std::string_view>& keys, Operand all,
                      Operand group);
    Operand index_key(const std::vector<std::string_view>& keys);

    void unify(const Term& left, const Term& right);
    // Of several terms, those that only need variables come last: others may bind them.
    std::vector<Operand> operands(Terms terms);
    bool evaluate_inside(const Term& term);
    void unify_pairs(std::vector<std::pair<const Term*, const Term*>> pairs);
    void fail_unified(std::span<const std::pair<const Term*, const Term*>> pairs);
    void bind_unreached(const Term& pattern);
    void unify_operand(Operand operand, const Term& pattern);
    void unify_comprehension(const Term& other, const Term& comprehension);
    // Whether it is a reference to documents that no rule makes.
    bool leads_to_base(const Term& term) const;
    void unify_array(Operand operand, const Term& pattern);
    void unify_object(Operand operand, const Term& pattern);

    // emit_references.cpp
    enum class Documents : std::uint8_t { kOthers, kBase };
    Operand reference(const Term& reference);
    Operand walk(Operand operand, Terms path, Documents documents);
    Operand data_reference(RuleNode* node, Terms path, std::vector<Operand> before);
    Operand alternatives(RuleNode& node, Terms path, const std::vector<Operand>& before);
    void alternative_children(RuleNode& node, Terms path, const std::vector<Operand>& before,
                              const std::function<void(Operand)>& found);
    void alternative_base(RuleNode& node, Terms path, const std::vector<Operand>& before,
                          const std::function<void(Operand)>& found);
    void enumerate_alternatives(RuleNode& node, Terms path, const std::vector<Operand>& before,
                                const std::function<void(Operand)>& found);
    Operand base_document(const std::vector<Operand>& path);
    Operand call_node(RuleNode& node);
    std::uint32_t function_of(RuleNode& node);

    // emit_keys.cpp
    std::optional<Operand> call_by_key(RuleNode& node, Terms steps);
    void add_known(const Term& step, KnownKeys& known, std::vector<const Term*>& parts) const;
    std::uint32_t keyed_function_of(RuleNode& node, const KnownKeys& known);
    void emit_keyed(RuleNode& node, const KnownKeys& known);
    void take_keys(const syntax::Rule& rule);
    void take_key(Operand operand, const Term& pattern);
    void take_parts(Operand argument, std::string_view known, const Term& pattern);
    void check_parts(Operand argument, std::string_view known, Operand value);
    void check_keys(const syntax::Rule& rule, std::span<const Operand> keys);
    void finish_keyed();

    // Gathers tuples of variables and a result, to be scanned when all are there.
    Operand keep_tuple(Operand list, const std::vector<std::string_view>& names, Operand result);
    Operand scan_tuples(Operand list, const std::vector<std::string_view>& names);

    // emit_expressions.cpp
    void body(Body body);
    void expression(const Expression& expression);
    void expression_without_with(const Expression& expression);
    void positive(const Expression& expression);
    void with_expression(const Expression& expression);
    std::uint16_t push_with(const syntax::With& with, Operand value);
    bool push_replacement(const syntax::With& with);
    void negation(const Expression& expression);
    void logical_and(const Expression& expression);
    void logical_or(const Expression& expression);
    void every(const Expression& expression);
    void call(const Expression& expression);
    // A comparison that is asked to hold has an instruction of its own; false where it is none.
    bool emit_comparison(std::string_view name, Terms operands);
    void truth(Operand operand);
    std::uint32_t builtin_number(std::string_view name);

    // emit_rules.cpp
    void emit_function(RuleNode& node);
    void emit_extent(RuleNode& node);
    void emit_rules(RuleNode& node);
    void emit_entries(RuleNode& node, Operand result);
    enum class AfterSuccess : std::uint8_t { kGoOn, kReturn };
    void emit_group(std::span<const PlacedRule> rules, Operand result);
    void emit_chain(const syntax::Rule& rule, Operand result, AfterSuccess after);
    void emit_rule_body(const syntax::Rule& rule, const std::function<void()>& success);
    enum class Entries : std::uint8_t { kFlat, kNested };  // whether objects stand in the object
    void emit_partial(const syntax::Rule& rule, std::size_t depth, Entries entries, Operand result);
    void emit_default(const syntax::Rule& rule, Operand result);

    // emit_choices.cpp
    using EmitRule = std::function<void(const PlacedRule&)>;
    // What a rule asks to be equal to a constant: a path from input, or an argument.
    struct Question {
        std::string asked;  // as text, to be compared
        const Term* path = nullptr;
        std::size_t argument = 0;  // where there is no path
        const Term* answer = nullptr;
    };
    static std::vector<Question> questions_of(const syntax::Rule& rule);
    // One after the other, or those alone that a value can make hold.
    void emit_alternatives(std::span<const PlacedRule> rules, const EmitRule& emit_one);
    void emit_choice(std::span<const PlacedRule> rules, const Question& question,
                     const EmitRule& emit_one);

    CodeWriter code_;
    RuleTree& tree_;
    ErrorList& errors_;
    const KnownBuiltins& known_;
    Arena& arena_;
    OrderBody order_;
    std::set<std::string, std::less<>> replaced_;
    std::map<std::string_view, Operand> variables_;
    std::vector<std::string_view> bound_;  // in the order of their binding
    // References inside of terms that were evaluated before the term, and keys before the call.
    std::vector<std::pair<const Term*, Operand>> evaluated_;
    std::vector<RuleNode*> pending_;
    std::vector<Index> pending_indexes_;
    std::map<KeyedRule, std::uint32_t> keyed_;  // functions
    std::vector<KeyedRule> pending_keyed_;
    KnownKeys asked_keys_;           // of the function that is written
    std::vector<Awaited> awaited_;   // in the body that is written
    std::size_t asked_depth_ = 0;    // where in heads' references they begin
    bool has_matched_less_ = false;  // than the whole has
    std::vector<Shadow> shadows_;
    std::map<std::string, std::uint32_t, std::less<>> builtins_;
    std::uint32_t file_ = UINT32_MAX;
    std::uint32_t open_choices_ = 0;  // iterators that are no loops
    bool is_in_function_ = false;     // which may be called any number of times
    bool is_without_indexes_ = false;
};

}  // namespace merlon::rego::compiler
