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
// The same search evaluates partially: what depends on something unknown is kept as an expression
// (watcher_saves.cpp, watcher_support.cpp, watcher_residue.cpp), and a solution is a body of those.
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
#include "rego/partial/copy_propagation.h"
#include "rego/watch/bindings.h"
#include "rego/watch/candidates.h"
#include "rego/watch/instruments.h"
#include "rego/watch/stack.h"

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
    kTestCase,  // a test has begun with the next one of its cases
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
    std::string subject = {};  // of kIndex: whose rules; of kTestCase: the call
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
    Instruments* instruments = nullptr;  // may be null
    // With kUndefined: where the errors go that have made an expression undefined. May be null.
    std::vector<EvaluationError>* passed_over = nullptr;
    std::vector<Stack>* passed_over_stacks = nullptr;  // beside them; may be null
};

// What a partial evaluation does not know, and what it leaves as it is.
struct PartialOptions {
    enum class Inline : std::uint8_t { kAll, kShallow };
    enum class Chance : std::uint8_t { kSaved, kCalled };  // time.now_ns, http.send and the like

    std::vector<const syntax::Term*> unknowns = {};  // references and variables
    std::vector<const syntax::Term*> not_inlined = {};
    Inline inlining = Inline::kAll;
    Chance chance = Chance::kSaved;
    std::string support_namespace = "partial";  // empty: rules keep their place
    std::string negations_namespace = "partial";
};

// Queries, any of which must hold, and rules that they need. Lives as long as the Watcher.
struct Residue {
    std::vector<syntax::Body> queries;
    std::vector<syntax::Module*> modules;
    std::optional<EvaluationError> error;
};

struct SavedExpression;
class Inlining;

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
    ~Watcher();

    // The error that ended it, if one has.
    std::optional<EvaluationError> run(std::size_t query, const std::optional<value::Value>& input,
                                       const value::Value& data);
    Residue run_partially(std::size_t query, const std::optional<value::Value>& input,
                          const value::Value& data, const PartialOptions& options);
    // Where the last run stood when the error ended it.
    const Stack& stack() const { return stack_; }
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
    struct Gathering;  // what indexed comprehensions have given
    using Then = FunctionView<Flow()>;
    using Solution = FunctionView<Flow(Frame&)>;
    using Path = std::vector<value::Value>;
    struct PathOrder {
        bool operator()(const Path& left, const Path& right) const;
    };
    enum class After : std::uint8_t { kNext, kReturn };

    // One query, body or rule that is being searched.
    struct Frame {
        const Block* block = nullptr;
        std::size_t index = 0;
        std::uint64_t id = 0;
        std::uint64_t parent = 0;
        const Frame* outer = nullptr;  // that waits for it
        Bindings* bindings = nullptr;
        std::optional<value::Value> input = {};
        std::optional<value::Value> data = {};  // what `with` says of it
        const syntax::Location* last_location = nullptr;
        std::uint32_t file = UINT32_MAX;
        bool finds_one = false;
        bool is_defined = false;
        std::shared_ptr<Gathering> gathering = {};  // null: nothing yet
        std::size_t unrolled = 1;  // elements of `every` around it that are written out

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
    struct Saving;   // the state of a partial evaluation
    struct Element {
        const Node* key;
        const Node* value;
    };
    // Whether variables of a node are those of the call that is evaluated.
    enum class Depth : std::uint8_t { kHere, kInRules };
    // How a negation is written.
    enum class Negation : std::uint8_t { kWord, kBody };
    enum class ArgumentNodes : std::uint8_t { kKnown, kUnknown };
    enum class HeadUnified : std::uint8_t { kBefore, kBehind };
    using SupportFound = FunctionView<void(Frame&, syntax::Body)>;

    void search(const Block& block, const std::optional<value::Value>& input,
                const value::Value& data, Bindings& bindings, FunctionView<void(Frame&)> found_one);

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
    Flow bind(const Node& variable, Bindings* where, Bound bound, Then then);
    Flow reference(Frame& frame, Bound reference, Bound other, Then then);
    static bool may_unify(const Node& left, const Node& right);
    Bound element_at(const Bound& container, const Node& key);
    Flow walk(Way way, Bound term, Then then);
    Flow walk_from(Way way, const Bound& container, const Node& key, Then then);
    Flow enumerate(const Way& way, const Bound& container, Then then);

    // Comprehensions (watcher_comprehensions.cpp).
    Flow comprehension(Frame& frame, Bound comprehension, Bound other, Then then);
    const value::Value* gathered_comprehension(Frame& frame, const Node& node,
                                               const ComprehensionIndex::Keys& keys, Flow& flow);
    Flow gather(Frame& frame, const Node& node, Nodes keys,
                std::map<Path, value::Value, PathOrder>& groups);
    Path plugged_path(Nodes variables, Bindings* where);

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

    // Conflicts of complete rules and functions (watcher_conflicts.cpp).
    struct Conflicts {
        std::vector<std::pair<const RuleSteps*, value::Value>> values = {};
        std::size_t produced = 0;  // values, whether they differ or not
        bool has_more = false;

        bool add(const RuleSteps& rule, const value::Value& value);
    };
    using GatherRule = std::function<void(const RuleSteps& rule, Conflicts& found)>;
    Flow conflict(const Frame& frame, const RuleSteps& rule, std::string message);
    Flow with_conflicts(Flow flow, const RuleSteps& rule, const Candidates& candidates,
                        const GatherRule& gather);
    void gather_function(Frame& frame, const RuleSteps& rule, Nodes operands, bool finds_one,
                         Conflicts& found);
    void gather_value(Frame& inside, const RuleSteps& rule, Conflicts& found);

    Flow partial(const Way& way, const RuleSet& set, const Candidates& candidates, const Path& path,
                 Then then);
    Flow partial_all(Frame& frame, const Candidates& candidates, std::size_t position,
                     Growing& result);
    Flow partial_rule(const Way& way, const RuleSteps& rule, Growing& result);
    Flow unify_head(const Way& way, const RuleSteps& rule, Frame& frame, Bindings* rule_bindings,
                    std::size_t position, Then then);
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

    // What is unknown, and what is kept of it (watcher_saves.cpp).
    bool is_partial() const { return saving_ != nullptr; }
    bool is_unknown(const Step& step, Bindings* where);
    bool is_unknown(const Node& node, Bindings* where);
    bool is_unknown(const Block& block, Bindings* where);
    bool is_unknown(Nodes reference, Bindings* where);
    bool is_unknown(const KnownReference& reference);
    bool is_kept(const Bound& bound) const;   // a variable or reference
    bool is_saved(const Bound& bound) const;  // or a set with unknown elements
    syntax::Body whole_residue(Frame& frame);
    bool may_be_unknown(const Block* block, Bindings* where, Depth depth);
    bool may_be_unknown(const Step& step, Bindings* where, Depth depth);
    bool may_be_unknown(const Node& node, Bindings* where, Depth depth);
    bool is_unknown_function(const Callee& callee, Bindings* where);
    bool is_unknown_document(const Node& reference, Bindings* where, Depth depth);
    void need_rules(const compiler::RuleNode& node, Nodes steps);
    bool is_rule_set_unknown(const RuleSet& set, Bindings* where);
    bool begins_look();
    bool spends_look();
    bool needs_unknown(Bindings* where);
    const Node* made_reference(Nodes parts);
    const Node* reference_to(const Callee& callee);
    std::vector<const Node*> below_namespace(Nodes reference);
    syntax::Term* operation_of(const Callee& callee);
    Flow save(const SavedExpression& saved, std::span<const Bound> binds, Then then);
    Flow save_unification(Frame& frame, Bound left, Bound right, Then then);
    Flow save_call(Frame& frame, syntax::Term* operation, std::size_t arity, Nodes operands,
                   Then then);
    Flow save_term(Frame& frame, Bound term, Then then);
    Flow save_step(Frame& frame, Then then);
    Flow save_rest(const Way& way, Bound term, Then then);
    const Node* plugged_reference(const Way& way, const Node* key);
    bool leads_to_unknown(const Way& way, const Node* key, const Node*& reference);
    Flow enumerate_unknown(const Way& way, Bound container, Then then);

    // Documents and functions (watcher_support.cpp).
    Nodes plugged_way(const Way& way, const Path& path);
    Flow support_rule(Frame& frame, const RuleSteps& rule, ArgumentNodes arguments,
                      SupportFound found);
    void add_support(syntax::Terms package, syntax::Head head, syntax::Body body,
                     const RuleSteps& rule);
    syntax::Body simplified(syntax::Body body, const syntax::Head& head);
    syntax::Terms plugged_terms(Nodes nodes, Bindings* where);
    Flow unknown_complete(const Way& way, const Candidates& candidates, const Path& path,
                          Then then);
    Flow support_complete(const Way& way, const Candidates& candidates, const Path& path,
                          Then then);
    const Node* contribution(const RuleSteps& rule, std::size_t position, Bound& element);
    Flow unknown_partial_rules(const Way& way, const Candidates& candidates, HeadUnified unified,
                               Then then);
    Flow unknown_partial(const Way& way, const RuleSet& set, const Candidates& candidates,
                         const Path& path, Then then, bool& is_done);
    Flow support_partial(const Way& way, const RuleSet& set, const Candidates& candidates,
                         const Path& path, Then then);
    bool is_function_kept(Frame& frame, const Callee& callee, Nodes operands,
                          const Candidates& candidates);
    Flow support_function(Frame& frame, const Callee& callee, Nodes operands,
                          const Candidates& candidates, Then then);

    // Bodies inside of bodies, and `with` (watcher_residue.cpp).
    std::vector<syntax::Body> residues(Frame& inside, partial::CopyPropagation* propagation);
    syntax::Expression* negated(const syntax::Expression& expression, Negation negation);
    std::vector<syntax::Expression*> complement(const syntax::Expression& expression,
                                                Negation negation);
    Flow save_negations(Frame& frame, std::span<syntax::Expression* const> expressions, Then then);
    Flow negate_each(Frame& frame, std::span<const syntax::Body> bodies,
                     std::vector<syntax::Expression*>& chosen, Negation negation, Then then);
    Flow negate_by_rule(Frame& frame, std::uint64_t id, const compiler::Names& unknowns,
                        std::span<const syntax::Body> bodies, Negation negation, Then then);
    Flow unknown_negation(Frame& frame, const Block& block, Negation negation, Solution solution,
                          After after);
    void plug_body(syntax::Body body, std::span<const Step> steps, Bindings* where);
    void plug_expression(syntax::Expression& made, const Step& step, Bindings* where);
    Flow save_plugged(Frame& frame, Then then);
    std::optional<std::vector<Element>> known_elements(Frame& frame, Flow& flow);
    void append_element(Frame& frame, const Element& element,
                        std::vector<syntax::Expression*>& body);
    syntax::Term* written(const Node& node);
    static compiler::Names operators_in(syntax::Body body);
    Flow unknown_every(Frame& frame, Then then);
    bool with_keeps(Frame& frame, std::vector<Nodes>& disabled);
    static Nodes ground_prefix(Nodes reference);
    const Node* callee_reference(const Callee& callee);
    void add_references(const Step& step, std::vector<Nodes>& found);
    Flow unknown_comprehension(Frame& frame, Bound left, Bound right, Then then);

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
    EvaluationError error_at(const Frame& frame, ErrorKind kind, std::string message,
                             const syntax::Location* place) const;
    Flow check(const Frame& frame);

    // Where it stands (watcher_stack.cpp).
    std::string text_of(const Frame& frame, const syntax::Expression& expression);
    Stack stack_of(const Frame& innermost);

    void tell_case(const Frame& frame, std::span<const value::Value> operands);
    void tell(Frame& frame, Event event);
    void tell(Frame& frame, Operation operation, const Step& step) {
        tell(frame, {.operation = operation, .location = step.source->location, .step = &step});
    }
    void tell(Frame& frame, Operation operation, const Block& block);
    void tell(Frame& frame, Operation operation, const RuleSteps& rule);

    // Results by path, and of functions by name and arguments; nothing: undefined.
    using Cache = std::map<Path, std::optional<value::Value>, PathOrder>;
    std::optional<value::Value>* cached(const Path& path);
    void note_cache_hit() {
        if (options_.instruments != nullptr) ++options_.instruments->cache_hits;
    }
    void note_cache_miss() {
        if (options_.instruments != nullptr) ++options_.instruments->cache_misses;
    }
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
    std::unique_ptr<Saving> saving_;
    std::uint64_t next_id_ = 0;
    std::uint64_t steps_left_ = 0;
    const char* stack_begin_ = nullptr;
    std::size_t results_ = 0;
    std::optional<EvaluationError> error_;
    // The first error of a built-in, where those are strict: it is told when all is evaluated.
    std::optional<EvaluationError> strict_error_;
    Stack strict_stack_;
    Stack stack_;                                       // of the error
    const syntax::Location* conflict_place_ = nullptr;  // of the rule whose conflict the error is
};

}  // namespace merlon::rego::watch
