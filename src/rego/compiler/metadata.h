#pragma once

// rego.metadata.chain() and rego.metadata.rule(): what `# METADATA` blocks say about a rule, put in
// front of its body; the calls become the variables that hold it there.
//
// Not thread-safe. Cost: linear in the annotations for each rule that asks.

#include <span>

#include "rego/compiler/compiler.h"
#include "rego/compiler/nodes.h"

namespace merlon::rego::compiler {

class MetadataWriter {
  public:
    MetadataWriter(NodeMaker& maker, Interner& interner, std::span<const SourceModule> modules)
        : maker_(maker), interner_(interner), modules_(modules) {}

    // `rule` is the expanded copy of `written`, which stands in `module`.
    void replace_calls(syntax::Rule& rule, const syntax::Rule& written,
                       const syntax::Module& module);

  private:
    // Whether they are those of the part whose calls are replaced.
    bool is_own(const syntax::Annotations& annotations) const;
    Term* chain(Location* location);
    Term* own(Location* location);
    Term* link(Terms path, const syntax::Annotations* annotations, Location* location);
    Term* object_of(const syntax::Annotations& annotations, Location* location);
    value::Value wrapped(const value::Value& number) const;
    Term* term_of(const value::Value& value, Location* location);

    NodeMaker& maker_;
    Interner& interner_;
    std::span<const SourceModule> modules_;
    const syntax::Rule* written_ = nullptr;  // none: an `else`
    Terms reference_;                        // of the rule as written
    const syntax::Module* module_ = nullptr;
    Terms path_;  // of the rule, from `data` on
};

}  // namespace merlon::rego::compiler
