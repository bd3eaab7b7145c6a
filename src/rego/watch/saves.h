#pragma once

// What partial evaluation keeps beside the evaluation itself: what is unknown, what is not to be
// written out, the expressions that are left so far, and the rules that must stand beside them.
//
// Standard: OPA 1.22.2, topdown's save.go. Not thread-safe; Nodes live in the Watcher's arena.
// Cost: what is unknown is searched from the newest on.

#include <cstdint>
#include <vector>

#include "rego/partial/copy_propagation.h"
#include "rego/partial/support_modules.h"
#include "rego/watch/plugger.h"

namespace merlon::rego::watch {

// Whether the two are written the same.
bool is_same(const Node& left, const Node& right);
// Whether one begins with the other.
bool share_prefix(Nodes left, Nodes right);
// The parts of a reference up to the first that is not known.
Nodes constant_prefix(Nodes reference);

// References to documents, and variables each of one call.
class Unknowns {
  public:
    void push_references(std::vector<const Node*> references) {
        elements_.push_back({std::move(references), {}, nullptr});
    }
    void push_variables(std::vector<std::string_view> names, Bindings* where) {
        elements_.push_back({{}, std::move(names), where});
    }
    void pop() { elements_.pop_back(); }

    // Of variables and references only: a document is unknown where a part of it is.
    bool contains(const Node& node, Bindings* where) const;
    // Whether a variable in it, or what that stands for, is unknown.
    bool contains_inside(const Node& node, Bindings* where) const;
    // Whether it may be about something unknown once its variables are known.
    bool may_contain(const Node& node, Bindings* where) const;
    // Whether all of the document at this path is unknown.
    bool covers(Nodes path) const;
    // The known steps that lead from this path to something unknown.
    std::vector<const Node*> keys_below(Nodes path) const;
    // The unknown variables, with the names that are shown.
    compiler::Names names(Plugger& plugger) const;

  private:
    struct Element {
        std::vector<const Node*> references;
        std::vector<std::string_view> names;
        Bindings* where = nullptr;
    };

    bool contains_variable(const Node& node, const Bindings* where) const;

    std::vector<Element> elements_;
};

// Visits nodes, and the bodies of comprehensions in them.
template <typename Visit>
bool any_node(const Node& node, Visit&& visit);
template <typename Visit>
bool any_node(const Block* block, Visit&& visit) {
    if (block == nullptr) return false;
    for (const Step& step : block->steps) {
        for (const Node* term : step.terms) {
            if (term != nullptr && any_node(*term, visit)) return true;
        }
        for (const WithNode& with : step.with) {
            if (any_node(*with.value, visit)) return true;
        }
        if (any_node(step.left, visit) || any_node(step.right, visit)) return true;
    }
    return false;
}
template <typename Visit>
bool any_node(const Node& node, Visit&& visit) {
    if (visit(node)) return true;
    for (const Node* part : node.parts) {
        if (any_node(*part, visit)) return true;
    }
    return any_node(node.body, visit);
}

// What is not to be written out where it is asked for. Those of `with` are internal.
class Inlining {
  public:
    enum class Origin : std::uint8_t { kAsked, kWith };
    enum class Those : std::uint8_t { kAll, kAskedOnly };

    void push(std::vector<Nodes> references, Origin origin) {
        frames_.push_back({std::move(references), origin});
    }
    void pop() { frames_.pop_back(); }
    bool is_disabled(Nodes reference, Those those) const;

  private:
    struct Frame {
        std::vector<Nodes> references;
        Origin origin;
    };

    std::vector<Frame> frames_;
};

// An expression that is left. Its operands are replaced by what they stand for when a body ends.
struct SavedExpression {
    const syntax::Expression* shape = nullptr;  // what it says beside its operands
    Nodes operands = {};
    Bindings* left = nullptr;    // of the first operand
    Bindings* right = nullptr;   // of the others
    const Step* step = nullptr;  // whose `with` it has; null: that of `shape`
};
using SavedBody = std::vector<SavedExpression>;

syntax::Expression* plug(const SavedExpression& saved, Plugger& plugger);
// All of them, `true` where there are none.
syntax::Body plug(const SavedBody& saved, Plugger& plugger);
// Those `with` that say something of documents.
std::span<syntax::With*> plugged_withs(const Step& step, Bindings* where, Plugger& plugger);

}  // namespace merlon::rego::watch
