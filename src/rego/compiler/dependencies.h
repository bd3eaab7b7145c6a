#pragma once

// Which rules a rule needs: the graph behind recursion, behind the order in which types are
// checked, and behind what `with` replaces.
//
// The idea: a node for each rule and each of its `else`, an edge for each rule that a reference may
// lead to. Where a reference has a variable, all rules below are possible, unless what the variable
// can be or what stands behind it says otherwise. An edge is dynamic where only a value that the
// variable has leads there; the reference is kept for what is said about it (recursion.h).
//
// Standard: OPA's Graph (1.22.2). Thread-safe once built. Cost: rules times what their references
// reach.

#include <cstdint>
#include <deque>
#include <span>
#include <unordered_map>
#include <vector>

#include "rego/compiler/narrowing.h"
#include "rego/compiler/rule_tree.h"

namespace merlon::rego::compiler {

// A reference that may lead to a rule.
struct DynamicReference {
    Terms written;           // as it stands there
    Terms narrowed;          // with the only values that its variables can have
    std::size_t expression;  // of the body, in which it stands
    Names bound;             // variables that may have a value there
};

class Dependencies {
  public:
    // Bodies in the order in which they were written. References are copied into `arena`.
    Dependencies(std::span<const PlacedRule> rules, const RuleTree& tree, Arena& arena);

    struct Edge {
        const syntax::Rule* to;
        const DynamicReference* dynamic;  // null: it leads there in any case
    };
    std::span<const Edge> of(const syntax::Rule* rule) const;
    bool has_circle() const;

    // A rule, or one of its `else`.
    struct Part {
        const syntax::Rule* rule;
        std::uint32_t file;
    };
    // Each of them behind those that it needs; otherwise in the order of files and places. There
    // must be no circle.
    std::vector<Part> sorted(std::span<const std::string_view> files) const;

    // The rules that the reference may lead to, and those that need them.
    std::vector<const syntax::Rule*> affected_by(std::span<Term* const> reference) const;

  private:
    struct Edges {
        std::vector<Edge> list;
        std::unordered_map<const syntax::Rule*, std::size_t> places;
    };
    struct Scan;  // of one rule

    void add(const syntax::Rule& rule);
    void visit(const Expression& expression, Scan& scan);
    void visit(const Term& term, Scan& scan);
    void visit(std::span<Term* const> terms, Scan& scan);
    void link(std::span<Term* const> reference, Scan& scan);
    void add_edge(const syntax::Rule& from, const syntax::Rule& to,
                  const DynamicReference* dynamic);
    // The rules that a reference leads to, `place` of whose steps lead to the node.
    void select(const RuleNode& node, std::span<Term* const> reference, std::size_t place,
                std::vector<const syntax::Rule*>& found) const;

    const RuleTree& tree_;
    Arena& arena_;
    std::vector<Part> parts_;
    std::deque<DynamicReference> dynamic_;
    std::unordered_map<const syntax::Rule*, Edges> edges_;
    std::unordered_map<const syntax::Rule*, std::vector<const syntax::Rule*>> dependents_;
};

// Whether the reference leads to the rule whatever its variables are. A variable that has no value
// and stands there once goes through everything. `places` takes the steps that must have the value
// that the rule's path has there.
bool leads_always(std::span<Term* const> reference, const syntax::Rule& rule, const Names& bound,
                  std::vector<std::size_t>* places);

}  // namespace merlon::rego::compiler
