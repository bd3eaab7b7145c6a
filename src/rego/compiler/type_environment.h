#pragma once

// What is known of types at one place of a policy: of documents by their path, and of variables.
//
// The idea: layers. The lowest one has all rules that were checked so far, in a tree of paths; each
// body that is looked at puts a layer of its own above it, for its variables, and `with` one for
// documents that are something else in one expression. What a layer does not know is asked of the
// one below it; what nobody knows of `data` and `input` may be anything.
//
// Standard: OPA's ast/env.go (1.22.2). Not thread-safe. Cost: a path is searched once a layer.

#include <functional>
#include <map>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "rego/compiler/declarations.h"
#include "rego/compiler/nodes.h"
#include "rego/compiler/types.h"
#include "rego/syntax/compare.h"

namespace merlon::rego::compiler {

struct TermOrder {
    bool operator()(const Term* left, const Term* right) const {
        return syntax::compare(*left, *right) < 0;
    }
};

struct TypeNode {
    const Type* type = nullptr;
    std::map<const Term*, std::unique_ptr<TypeNode>, TermOrder> children;

    const TypeNode* child(const Term& key) const {
        const auto found = children.find(&key);
        return found == children.end() ? nullptr : found->second.get();
    }
    TypeNode& make(std::span<Term* const> path);
};

struct TypeLayer {
    using Variables = std::unordered_map<std::string_view, const Type*>;

    explicit TypeLayer(TypeLayer* below) : next(below) {}
    TypeLayer(const TypeLayer&) = delete;
    TypeLayer& operator=(const TypeLayer&) = delete;

    TypeNode documents;  // from `data` and `input` on
    // The same of another one, where it is shared.
    const TypeNode* shared_documents = nullptr;
    Variables variables;
    Variables* inferred = &variables;  // of the body that an expression with `with` stands in
    TypeLayer* next;

    const TypeNode& tree() const {
        return shared_documents == nullptr ? documents : *shared_documents;
    }
};

// Whether it holds nothing that only evaluation says.
bool is_constant(const Term& term);

// Answers about the types of terms over layers.
class TypeEnvironment {
  public:
    // `of_closure` says what a comprehension is, seen from a layer.
    using OfClosure = std::function<const Type*(TypeLayer& layer, const Term& comprehension)>;

    TypeEnvironment(Types& types, const KnownBuiltins& builtins, OfClosure of_closure)
        : types_(types), builtins_(builtins), of_closure_(std::move(of_closure)) {}

    Types& types() { return types_; }

    const Type* of(TypeLayer& layer, const Term& term);
    const Type* of_reference(const TypeLayer& layer, std::span<Term* const> reference);
    // Behind all variables stand the built-in functions, as in OPA.
    const Type* of_variable(const TypeLayer& layer, std::string_view name);
    // What is known of all that stands below a node.
    const Type* extent(const TypeNode& node);
    // What stands at a constant key.
    const Type* select_constant(const Type* type, const Term& key);

    // Adds what a rule says about a document; `path` is constant.
    void insert(TypeLayer& layer, std::span<Term* const> path, const Type* type);

    // A constant as JSON has it: sets are arrays.
    value::Value constant_value(const Term& term);

  private:
    const Type* of_object(TypeLayer& layer, const Term& term);
    const Type* of_path(const TypeLayer& layer, const TypeNode& node,
                        std::span<Term* const> reference, std::size_t place);
    const Type* of_next(const TypeLayer& layer, std::span<Term* const> reference);
    const Type* select(const Type* type, std::span<Term* const> path);
    const Type* of_builtin(std::span<Term* const> reference);
    const Type* of_builtin(std::string_view name);
    const Type* with_leaves(const Type& object, const TypeNode& node,
                            std::vector<const Type*>& path);

    Types& types_;
    const KnownBuiltins& builtins_;
    OfClosure of_closure_;
    std::map<std::string, const Type*, std::less<>> declared_;
};

}  // namespace merlon::rego::compiler
