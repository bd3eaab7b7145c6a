#pragma once

// Which documents a rule or query refers to, with local names followed to what they were made
// equal to: of `s := input.stack; s.id == 1` that is `input.stack.id`.
//
// The idea: a name that the head has, or an expression uses as a whole, stands for all of its
// reference; one that only begins others stands for those.
//
// Standard: OPA 1.22.2, package dependencies. Not thread-safe; refers to the trees. Cost: the
// square of a body's references at the worst.

#include <map>
#include <set>
#include <string_view>
#include <vector>

#include "rego/compiler/variables.h"

namespace merlon::compat::opa {

// From a root document on; steps may be variables.
using DocumentReference = std::vector<const rego::syntax::Term*>;
struct DocumentOrder {
    bool operator()(const DocumentReference& left, const DocumentReference& right) const;
};
using DocumentReferences = std::set<DocumentReference, DocumentOrder>;

class NeededReferences {
  public:
    // With what stands behind `else`.
    void add(const rego::syntax::Rule& rule);
    void add_query(rego::syntax::Body body);

    // Without those that another one is a part of.
    std::vector<DocumentReference> minimal() const;

  private:
    using Joined = std::map<std::string_view, DocumentReferences>;

    void add(rego::syntax::Body body, const rego::compiler::Names& head);
    void add_alias(const Joined& joined, const rego::compiler::Names& used,
                   const rego::compiler::Names& head);
    void resolve(const rego::syntax::Term& reference, const Joined& joined);
    void resolve_inside(const DocumentReference& reference, const Joined& joined);

    std::vector<DocumentReference> found_;
};

}  // namespace merlon::compat::opa
