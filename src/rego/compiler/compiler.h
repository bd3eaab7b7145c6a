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
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "rego/compiler/declarations.h"
#include "rego/compiler/dynamics.h"
#include "rego/compiler/errors.h"
#include "rego/compiler/resolve.h"
#include "rego/compiler/rule_tree.h"
#include "rego/compiler/schema_types.h"
#include "rego/compiler/static_checks.h"
#include "rego/compiler/variables.h"
#include "rego/plan.h"
#include "rego/syntax/tree.h"
#include "value/value.h"

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
    // Null, or a module whose package and imports say what the names of the query mean.
    const syntax::Module* context = nullptr;
};

struct Compilation {
    std::unique_ptr<const Program> program;  // null where there are errors
    std::vector<CompileError> errors;
    std::vector<ReachingCall> reaching;  // where they are asked for
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

enum class TypeChecks : std::uint8_t {
    kNone,  // of what was checked before
    kAll,
};

// Whether calls that look at the world are listed.
enum class Listing : std::uint8_t { kNothing, kReaching };

struct CompileOptions {
    KnownBuiltins builtins = {};
    UnknownCalls unknown_calls = UnknownCalls::kWrong;  // prepare() alone takes the other
    Prints prints = Prints::kDropped;
    Strictness strictness = Strictness::kUsual;
    TypeChecks types = TypeChecks::kAll;
    std::span<const NamedSchema> schemas = {};
    Listing listing = Listing::kNothing;
    std::size_t max_errors = 10;  // 0: any number
    // May be null. What is cancelled has one error, `eval_cancel_error`.
    const CancelToken* cancel = nullptr;
    // The base documents, where no rule may stand: OPA's conflict check of a store
    // (storage.NonEmpty).
    std::optional<value::Value> base = {};
    // Is shown what will be emitted, which is gone when compile() returns: tests evaluate it in
    // another way.
    std::function<void(const Analysis& analysis)> look = {};
};

// What somebody who watches an evaluation works with: rules and queries behind all stages but the
// last one, in the form that OPA evaluates (dynamics.h). Lives as long as `owner`; the modules and
// queries that it was made of must live as well.
struct Prepared {
    std::shared_ptr<const void> owner;
    const RuleTree* tree = nullptr;
    std::span<const PlacedRule> rules;
    std::span<const Body> queries;
    // Of each query whose values are asked for: the variable of each expression, or "".
    std::span<const std::vector<std::string_view>> captured;
    // The names that people gave to variables that have other names now.
    const std::map<std::string_view, std::string_view>* written_names = nullptr;
    const Offspring* offspring = nullptr;
    const KnownBuiltins* builtins = nullptr;
    ArityOf arity;
    // Whether a body of trees that were made later can hold, by the types of what it is about.
    std::function<bool(Body body)> fits_types;
    std::vector<std::string> files;          // of the modules
    std::vector<std::size_t> package_sizes;  // how many parts the paths of their packages have
    std::vector<CompileError> errors;
};

// As compile(). The sides of equalities in tests, or everywhere, may have names of their own, so
// that their values are seen.
enum class TestEqualities : std::uint8_t { kAsWritten, kNamed, kNamedEverywhere };
Prepared prepare(std::span<const SourceModule> modules, std::span<const SourceQuery> queries,
                 const CompileOptions& options, TestEqualities tests = TestEqualities::kAsWritten);

Compilation compile(std::span<const SourceModule> modules, std::span<const SourceQuery> queries,
                    const CompileOptions& options = {});

}  // namespace merlon::rego::compiler
