#pragma once

// Rules and queries as the Watcher runs them: the compiler's trees with all that can be known
// before: constant terms as values, what a call calls, the block that `not` asks about.
//
// Ownership: everything lives in the arena of its Library, which keeps the compiler's trees alive.
// Thread-safe once built. Cost: linear in the modules.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/arena.h"
#include "base/interner.h"
#include "rego/compiler/compiler.h"
#include "rego/watch/comprehension_index.h"
#include "value/value.h"

namespace merlon::rego::watch {

struct Block;
struct Node;
using Nodes = std::span<const Node* const>;

enum class NodeKind : std::uint8_t {
    kValue,  // without any variable
    kVariable,
    kReference,
    kArray,
    kObject,  // keys and values in turn
    kSet,
    kArrayComprehension,
    kObjectComprehension,
    kSetComprehension,
};

struct Node {
    NodeKind kind = NodeKind::kValue;
    value::Value value = {};
    std::string_view name = {};  // of a variable
    Nodes parts = {};
    const Block* body = nullptr;           // of a comprehension
    const syntax::Term* source = nullptr;  // null: made while running
};

inline bool is_comprehension(const Node& node) {
    return node.kind >= NodeKind::kArrayComprehension;
}
// An array, object or set, known or with variables.
bool is_collection(const Node& node);
// How many elements it has.
std::size_t size_of(const Node& node);

// What a call calls: rules or a built-in.
struct Callee {
    std::string name;  // "data.lib.f", "count"
    const compiler::RuleNode* rules = nullptr;
    const Builtin* builtin = nullptr;
    const compiler::Declaration* declaration = nullptr;
    std::size_t arity = 0;
};

enum class Target : std::uint8_t { kInput, kData, kFunction };

struct WithNode {
    Target target = Target::kInput;
    Nodes path = {};                      // of a document, behind its root
    const Callee* function = nullptr;     // that is replaced
    const Callee* replacement = nullptr;  // null: `value` stands for it
    const Node* value = nullptr;
};

enum class StepKind : std::uint8_t { kTerm, kEquality, kCall, kEvery, kNot, kAnd, kOr };

struct Step {
    StepKind kind = StepKind::kTerm;
    bool is_negated = false;
    Nodes terms = {};  // operands; of `every` key (or null), value and domain
    const Callee* callee = nullptr;
    const Block* left = nullptr;
    const Block* right = nullptr;
    const Block* complement = nullptr;  // what a negated step asks about
    const Block* generator = nullptr;   // of `every`: domain[key] = value
    std::span<const WithNode> with = {};
    const syntax::Expression* source = nullptr;
    std::size_t place = 0;  // in its block
};

struct Block {
    std::span<const Step> steps = {};
    syntax::Body source = {};
};

struct RuleSteps {
    const syntax::Rule* source = nullptr;
    std::uint32_t file = 0;
    std::uint32_t group = 0;  // rules of one `else` chain have one number
    Nodes reference = {};     // from `data` on
    Nodes arguments = {};
    const Node* key = nullptr;
    const Node* value = nullptr;
    const Block* body = nullptr;
    bool is_multi_value = false;
    bool is_complete = false;  // a function, or a document of its own and no part of one
};

// Of one place in the tree: what OPA has one index for.
struct RuleSet {
    std::vector<const RuleSteps*> rules;  // with what stands behind `else`, without defaults
    const RuleSteps* fallback = nullptr;  // the default
    bool is_multi_value = false;
    bool has_ground_references = true;
};

class Library {
  public:
    explicit Library(compiler::Prepared prepared);
    Library(const Library&) = delete;
    Library& operator=(const Library&) = delete;

    const compiler::Prepared& prepared() const { return prepared_; }
    // An empty one where the preparation was cancelled.
    const Block& query(std::size_t number) const;
    // Null where no rule stands at this place.
    const RuleSet* rules_at(const compiler::RuleNode& node) const;
    // Null where the comprehension is evaluated each time.
    const ComprehensionIndex::Keys* index_keys(const Node& comprehension) const {
        return comprehensions_.keys(comprehension.source);
    }
    Arena& arena() { return arena_; }
    // Of trees that are made later, which must live as long.
    const Node* make_node(const syntax::Term& term) { return node(term); }
    const Block* make_block(syntax::Body body) { return block(body); }

  private:
    const Node* node(const syntax::Term& term);
    Nodes nodes(std::span<syntax::Term* const> terms);
    const Node* composite(const syntax::Term& term, NodeKind kind);
    const Node* comprehension(const syntax::Term& term, NodeKind kind);
    const Node* reference(const syntax::Term& term);
    const Node* made(Node node) { return arena_.make<Node>(node); }
    const Block* block(syntax::Body body);
    const Block* block_of(Step step, const syntax::Expression& source);
    const Block* generator(const Step& every, const syntax::Expression& source);
    Step step(const syntax::Expression& expression);
    WithNode with(const syntax::With& with);
    // Null where the term names no function.
    const Callee* callee(const syntax::Term& operation);
    const RuleSteps* rule(const syntax::Rule& rule, std::uint32_t file, std::uint32_t group);
    void add_rules(const compiler::RuleNode& node);

    compiler::Prepared prepared_;
    ComprehensionIndex comprehensions_{prepared_.arity};
    Arena arena_;
    Interner interner_;
    value::Builder values_{arena_, interner_};
    std::map<std::string, std::unique_ptr<Callee>, std::less<>> callees_;
    std::map<const compiler::RuleNode*, RuleSet> rules_;
    std::vector<const Block*> queries_;
};

}  // namespace merlon::rego::watch
