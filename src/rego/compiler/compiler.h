#pragma once

// Rego's compiler: from parsed modules and queries to a Program of the machine.
//
// The idea: stages that each do one thing to copies of the syntax trees: names are resolved
// (resolve.h), calls inside of terms taken out (expand.h), expressions put into an order that binds
// variables before they are needed (safety.h), and what the queries reach becomes instructions
// (emitter.h). The first stage that finds something wrong ends it, with all that it found.
//
// Standard: OPA 1.22.2: results, errors' codes, texts and places. Thread-safe: no shared state.
// Cost: linear for what people write.

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rego/compiler/declarations.h"
#include "rego/compiler/errors.h"
#include "rego/compiler/rule_tree.h"
#include "rego/plan.h"
#include "rego/syntax/tree.h"

namespace merlon::rego::compiler {

struct SourceModule {
    std::string file;
    const syntax::Module* module;
};

// What a result of a query is.
enum class QueryResult : std::uint8_t {
    kBindings,           // an object of its variables
    kBindingsAndValues,  // [that object, [the value of each expression]]; a lone false is a value
};

struct SourceQuery {
    std::string name;  // of the plan
    syntax::Body body;
    QueryResult result = QueryResult::kBindings;
};

struct Compilation {
    std::unique_ptr<const Program> program;  // null where there are errors
    std::vector<CompileError> errors;
};

enum class Prints : std::uint8_t {
    kDropped,  // print(…) does nothing, and its operands are not evaluated
    kKept,     // the World's listener is told
};

// What the stages before the emitter have made: trees in which names are resolved, calls stand
// apart and bodies are in an order that binds variables before they are needed.
struct Analysis {
    std::span<const SourceModule> modules;
    const RuleTree& rules;
    std::span<const syntax::Body> queries;
    // What people called variables that have other names now.
    const std::map<std::string_view, std::string_view>& written_names;
};

struct CompileOptions {
    KnownBuiltins builtins = {};
    Prints prints = Prints::kDropped;
    // Is shown what will be emitted, which is gone when compile() returns: tests evaluate it in
    // another way.
    std::function<void(const Analysis& analysis)> look = {};
};

Compilation compile(std::span<const SourceModule> modules, std::span<const SourceQuery> queries,
                    const CompileOptions& options = {});

}  // namespace merlon::rego::compiler
