#pragma once

// The virtual documents by their place: which rules make data.a.b.c.
//
// The idea: a node for each path of scalars, which mostly are strings (1 and "1" are two keys). A
// rule stands where the constant part of its head ends; a node that has rules owns everything below
// it, because one function evaluates them together (`p.q := 1` and `p[x] := y` make one object).
//
// Thread-safe once built. Cost: a look-up is one search in a map for each step.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "rego/compiler/nodes.h"
#include "rego/plan.h"

namespace merlon::rego::compiler {

struct PlacedRule {
    syntax::Rule* rule;
    std::uint32_t file;
};

// Rego's order; strings are looked for as they are.
struct RuleKeyOrder {
    using is_transparent = void;
    bool operator()(const value::Value& left, const value::Value& right) const {
        return value::compare(left, right) < 0;
    }
    bool operator()(const value::Value& left, std::string_view right) const {
        return !left.is_string() || left.as_string() < right;
    }
    bool operator()(std::string_view left, const value::Value& right) const {
        return right.is_string() && left < right.as_string();
    }
};

// Whether the rule adds to a set.
inline bool is_multi_value(const syntax::Head& head) {
    return head.value == nullptr && head.key != nullptr;
}

struct RuleNode {
    std::map<value::Value, std::unique_ptr<RuleNode>, RuleKeyOrder> children;
    std::vector<PlacedRule> rules;
    const RuleNode* parent = nullptr;
    const Term* key = nullptr;  // null: this is `data`
    bool is_package = false;
    // What the emitter made of it: the function of its rules, or of all that is below.
    std::uint32_t function = kNoFunction;

    // Null where there is none, and where the key is no scalar.
    template <typename Key>
    RuleNode* child(const Key& key_asked) const {
        const auto found = children.find(key_asked);
        return found == children.end() ? nullptr : found->second.get();
    }
    RuleNode* child(const Term& step) const;
    // Of the functions that stand here; 0 for rules.
    std::size_t arity() const { return rules.empty() ? 0 : rules[0].rule->head->arguments.size(); }
    // Its own rules and those of the nodes below.
    std::vector<PlacedRule> all_rules() const;
    // How many keys lead to what its rules give, at the most; 0: they give the whole document.
    std::size_t longest_key() const;
    // From `data` on, without it.
    std::vector<const Term*> path() const;
};

class RuleTree {
  public:
    // The package exists, also where it has no rules. `path` begins with `data`.
    void add_package(Terms path);
    // The head's reference is a path from `data`.
    void add(syntax::Rule& rule, std::uint32_t file);

    RuleNode& root() { return root_; }
    const RuleNode& root() const { return root_; }
    // The node at a path from `data` of scalars; null where there is none.
    RuleNode* find(Terms path) const;

  private:
    RuleNode& make(Terms path);

    RuleNode root_;
};

}  // namespace merlon::rego::compiler
