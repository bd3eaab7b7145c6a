#pragma once

// Evaluates a query slowly and tells a listener of every step: which rule was entered, which
// expression was looked at, held, failed and was taken up again. Traces, coverage, profiles and
// plain explanations are made of what it tells; answers are the machine's.
//
// The idea: the search that Rego is defined by, written down as it is: unification with what comes
// next as a continuation, so that going back is returning. Nothing of this is in the machine, which
// so pays nothing for being watched. Order, numbers of queries, rules left out by the index, early
// exits and the cache of rules' results are OPA's, because they are what a trace shows.
//
// Standard: OPA 1.22.2, topdown and its events. Not thread-safe.
// Cost: some hundred times the machine's; steps, depth and memory are bounded.

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rego/machine.h"
#include "rego/watch/bindings.h"
#include "rego/watch/candidates.h"

namespace merlon::rego::watch {

enum class Operation : std::uint8_t {
    kEnter,
    kExit,
    kEval,
    kRedo,
    kFail,
    kDuplicate,
    kNote,
    kIndex,
    kUnify,
};

// Of what is pointed to one is not null; all of it lives until the listener returns.
struct Event {
    Operation operation = Operation::kEval;
    std::uint64_t query = 0;
    std::uint64_t parent = 0;
    std::uint32_t file = UINT32_MAX;  // of the modules; UINT32_MAX: the query
    const syntax::Location* location = nullptr;
    const Step* step = nullptr;
    const Block* block = nullptr;
    const RuleSteps* rule = nullptr;
    const Node* left = nullptr;  // of kUnify
    const Node* right = nullptr;
    std::string subject = {};  // of kIndex: whose rules
    std::string message = {};
    Bindings* bindings = nullptr;
    const std::optional<value::Value>* input = nullptr;  // as it is for the expression
};

enum class EarlyExits : std::uint8_t { kTaken, kNotTaken };
enum class Unifications : std::uint8_t { kUntold, kTold };

class EventListener {
  public:
    virtual ~EventListener() = default;
    virtual void heard(const Event& event) = 0;
};

struct WatchLimits {
    std::uint64_t steps = 2'000'000;
    std::size_t memory_bytes = std::size_t{1} << 30;
    // Of the stack, for expressions that wait for each other: a continuation is a call.
    std::size_t stack_bytes = std::size_t{3} << 20;
};

struct WatchOptions {
    World world = {};
    const CancelToken* cancel = nullptr;  // may be null
    BuiltinErrors builtin_errors = BuiltinErrors::kUndefined;
    Indexing indexing = Indexing::kOn;
    EarlyExits early_exits = EarlyExits::kTaken;
    Unifications unifications = Unifications::kUntold;
    WatchLimits limits = {};
};

// A callable that outlives the call it is given to; no copy of it is made.
template <typename Signature>
class FunctionView;
template <typename Result, typename... Arguments>
class FunctionView<Result(Arguments...)> {
  public:
    template <typename Callable>
        requires(!std::is_same_v<std::remove_cvref_t<Callable>, FunctionView>)
    FunctionView(Callable&& callable)  // NOLINT: a view of any callable
        : object_(const_cast<void*>(static_cast<const void*>(std::addressof(callable)))),
          call_([](void* object, Arguments... arguments) -> Result {
              return (*static_cast<std::remove_reference_t<Callable>*>(object))(arguments...);
          }) {}
    Result operator()(Arguments... arguments) const { return call_(object_, arguments...); }

  private:
    void* object_;
    Result (*call_)(void*, Arguments...);
};

class Watcher {
  public:
    Watcher(Library& library, EventListener& listener, WatchOptions options);

    // The error that ended it, if one has.
    std::optional<EvaluationError> run(std::size_t query, const std::optional<value::Value>& input,
                                       const value::Value& data);
    // How many results the last run had.
    std::size_t results() const { return results_; }
    // The result of the rule at this path (steps behind `data`), where the run knows it.
    const value::Value* known_result(std::span<const value::Value> path) const;
    Maker& maker() { return maker_; }
    const Library& library() const { return library_; }

  private:
    // Why a search ends before its end; null: it does not.
    struct Exit {
        enum class Kind : std::uint8_t { kEarly, kDeferred, kError } kind = Kind::kError;
        const Exit* previous = nullptr;
    };
    using Flow = const Exit*;
    struct Frame;
    using Then = FunctionView<Flow()>;
    using Solution = FunctionView<Flow(Frame&)>;
    using Path = std::vector<value::Value>;
    enum class After : std::uint8_t { kNext, kReturn };

    // One query, body or rule that is being searched.
    struct Frame {
        const Block* block = nullptr;
        std::size_t index = 0;
        std::uint64_t id = 0;
        std::uint64_t parent = 0;
        Bindings* bindings = nullptr;
        std::optional<value::Value> input = {};
        std::optional<value::Value> data = {};  // what `with` says of it
        const syntax::Location* last_location = nullptr;
        std::uint32_t file = UINT32_MAX;
        bool finds_one = false;
        bool is_defined = false;

        const Step& step() const { return block->steps[index]; }
    };
    // A reference on its way through the documents.
    struct Way {
        Frame& frame;
        Nodes reference;
        std::size_t position = 1;
        Bindings* bindings = nullptr;
        Bound result;  // what it is unified with
    };
    struct Replacement {
        std::string_view name;
        const Callee* callee = nullptr;
        const Node* value = nullptr;
    };
    struct Scope;    // what one `with` changes
    struct Growing;  // a partial rule's result, while it is made

    // Bodies (watcher.cpp).
    Flow expression(Frame& frame, Solution solution);
    Flow next(Frame& frame, Solution solution);
    Flow go_on(Frame& frame, Solution solution, After after);
    Flow step(Frame& frame, Solution solution, After after);
    Flow positive(Frame& frame, Then then);
    Flow negation(Frame& frame, Solution solution);
    Flow every(Frame& frame, Then then);
    Flow negated_block(Frame& frame, Then then);
    Flow operand_holds(Frame& frame, const Block& block, bool& holds);
    Flow with(Frame& frame, Solution solution);
    bool read_withs(Frame& frame, Scope& scope);
    void open(Frame& frame, Scope& scope);
    void close(Frame& frame, Scope& scope);
    Frame closure(const Frame& frame, const Block& block);
    Frame child(const Frame& frame, const Block& block, Bindings& bindings, std::uint32_t file);

    // Calls and unification (watcher_unify.cpp).
    Flow call(Frame& frame, const Callee& callee, Nodes operands, Then then);
    Flow call_builtin(Frame& frame, const Callee& callee, Nodes operands, Then then);
    Flow call_value(Frame& frame, const Callee& callee, Nodes operands, const Node* value,
                    Then then);
    const Replacement* replacement(std::string_view name) const;
    Flow unify(Frame& frame, Bound left, Bound right, Then then);
    Flow unify_values(Frame& frame, Bound left, Bound right, Then then);
    Flow unify_all(Frame& frame, Nodes left, Bindings* left_where, Nodes right,
                   Bindings* right_where, std::size_t from, Then then);
    Flow unify_arrays(Frame& frame, Bound left, Bound right, std::size_t from, Then then);
    Flow unify_objects(Frame& frame, Bound left, Bound right, Then then);
    Flow bind(std::string_view name, Bindings* where, Bound bound, Then then);
    Flow reference(Frame& frame, Bound reference, Bound other, Then then);
    Flow comprehension(Frame& frame, Bound comprehension, Bound other, Then then);
    Flow walk(Way way, Bound term, Then then);
    Flow enumerate(const Way& way, const Node& term, Then then);

    // Documents and rules (watcher_rules.cpp).
    Flow tree(Way way, const compiler::RuleNode* node, Path path, Then then);
    Flow tree_at(Way way, const compiler::RuleNode* node, Path path, const value::Value& key,
                 Then then);
    Flow tree_enumerate(const Way& way, const compiler::RuleNode* node, const Path& path,
                        Then then);
    std::optional<value::Value> extent(Frame& frame, const compiler::RuleNode* node,
                                       const Path& path, Flow& flow);
    std::optional<value::Value> leaves(Frame& frame, const compiler::RuleNode& node, Path& path,
                                       Flow& flow);
    Flow rules(Way way, const compiler::RuleNode& node, const RuleSet& set, const Path& path,
               Then then);
    Flow complete(const Way& way, const Candidates& candidates, const Path& path, Then then);
    Flow complete_rule(const Way& way, const RuleSteps& rule, const Path& path, bool finds_one,
                       std::optional<value::Value>& previous, bool& has_result, Then then);
    Flow partial(const Way& way, const RuleSet& set, const Candidates& candidates, const Path& path,
                 Then then);
    Flow partial_all(Frame& frame, const Candidates& candidates, std::size_t position,
                     Growing& result);
    Flow partial_rule(const Way& way, const RuleSteps& rule, Growing& result);
    Flow unify_head(const Way& way, const RuleSteps& rule, Frame& inside, std::size_t position,
                    Then then);
    Flow reduce(Frame& inside, const RuleSteps& rule, std::size_t position, Growing& result,
                bool& is_duplicate);
    Flow function(Frame& frame, const Callee& callee, Nodes operands, Then then);
    Flow function_rule(Frame& frame, const RuleSteps& rule, Nodes operands, bool finds_one,
                       const Path& key, std::optional<value::Value>& previous, bool& has_result,
                       Then then);
    Candidates candidates(Frame& frame, const compiler::RuleNode& node, const RuleSet& set,
                          Nodes operands, std::string subject);
    std::optional<value::Value> document(const Frame& frame, const Path& path) const;
    bool is_replaced(const Path& path) const;
    std::optional<value::Value> merged(const value::Value& over, const value::Value& under);
    value::Value put(const std::optional<value::Value>& document,
                     std::span<const value::Value> path, const value::Value& value);

    Flow early(const Exit* previous) { return make_exit(Exit::Kind::kEarly, previous); }
    Flow make_exit(Exit::Kind kind, const Exit* previous) {
        return arena_.make<Exit>(Exit{kind, previous});
    }
    // What is left of an exit outside of the rule that it ended.
    static Flow suppressed(Flow flow) {
        return flow == nullptr || flow->kind == Exit::Kind::kError ? flow : flow->previous;
    }
    Flow fail(const Frame& frame, ErrorKind kind, std::string message,
              const syntax::Location* place = nullptr);
    Flow check(const Frame& frame);

    void tell(Frame& frame, Event event);
    void tell(Frame& frame, Operation operation, const Step& step) {
        tell(frame, {.operation = operation, .location = step.source->location, .step = &step});
    }
    void tell(Frame& frame, Operation operation, const Block& block);
    void tell(Frame& frame, Operation operation, const RuleSteps& rule);

    struct PathOrder {
        bool operator()(const Path& left, const Path& right) const;
    };
    // Results by path, and of functions by name and arguments; nothing: undefined.
    using Cache = std::map<Path, std::optional<value::Value>, PathOrder>;
    std::optional<value::Value>* cached(const Path& path);
    void keep(const Path& path, std::optional<value::Value> result);

    Library& library_;
    EventListener& listener_;
    WatchOptions options_;
    Arena arena_;
    Interner interner_;
    value::Builder values_{arena_, interner_};
    Maker maker_{arena_, values_};
    std::unique_ptr<Context> context_;
    std::map<const RuleSet*, CandidateFinder> finders_;
    value::Value data_;
    std::vector<Cache> caches_;
    std::vector<std::vector<Path>> targets_;  // of the `with` that are open: paths of data
    std::vector<std::vector<std::vector<Replacement>>> replacements_;
    std::uint64_t next_id_ = 0;
    std::uint64_t steps_left_ = 0;
    const char* stack_begin_ = nullptr;
    std::size_t results_ = 0;
    std::optional<EvaluationError> error_;
};

}  // namespace merlon::rego::watch
