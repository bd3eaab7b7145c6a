#pragma once

// Nodes of an evaluation as syntax trees, for what partial evaluation leaves: variables are
// replaced by what they stand for, and those that stand for nothing get a name that no other call
// has.
//
// The idea: a variable of the rule that was entered as the third one is `x3`; the query's own keep
// their names. What the compiler calls `__local1~` is shown as `__local1__`.
//
// Standard: OPA 1.22.2, bindings.PlugNamespaced. Not thread-safe; trees live in the maker's arena.
// Cost: linear in what is made.

#include "rego/watch/bindings.h"

namespace merlon::rego::watch {

class Plugger {
  public:
    // `query` has the variables of the query itself.
    Plugger(compiler::NodeMaker& maker, const Bindings& query) : maker_(maker), query_(&query) {}

    syntax::Term* term(const Node& node, Bindings* where);
    syntax::Term* value(const value::Value& value);
    // Copies of what the compiler has made, with the names that are shown.
    syntax::Term* shown(const syntax::Term& term);
    syntax::Expression* shown(const syntax::Expression& expression);
    std::string_view shown(std::string_view name);
    // A comprehension whose variables belong to `where`: all of them get names that nobody else
    // has, and what `where` knows of them stands in its body.
    syntax::Term* closed_comprehension(const syntax::Term& source, Bindings* where);

    compiler::NodeMaker& maker() { return maker_; }

  private:
    syntax::Term* variable(std::string_view name, const Bindings* where);
    syntax::Terms terms(std::span<const value::Value> values);
    void rename(syntax::Term& term);
    void rename(syntax::Expression& expression);
    void add_suffix(syntax::Term& term, const Bindings& where);
    void add_suffix(syntax::Body body, const Bindings& where);
    void add_suffix_inside(syntax::Term& term, const Bindings& where);

    compiler::NodeMaker& maker_;
    const Bindings* query_;
};

}  // namespace merlon::rego::watch
