#include "rego/compiler/compiler.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "rego/builtins.h"
#include "rego/compiler/captures.h"
#include "rego/compiler/checks.h"
#include "rego/compiler/declarations.h"
#include "rego/compiler/emitter.h"
#include "rego/compiler/expand.h"
#include "rego/compiler/globals.h"
#include "rego/compiler/keeping.h"
#include "rego/compiler/metadata.h"
#include "rego/compiler/prints.h"
#include "rego/compiler/recursion.h"
#include "rego/compiler/resolve.h"
#include "rego/compiler/rule_tree.h"
#include "rego/compiler/safety.h"
#include "rego/compiler/safety_errors.h"
#include "rego/compiler/static_checks.h"
#include "rego/compiler/type_stage.h"
#include "rego/compiler/undeclared.h"
#include "rego/syntax/checks.h"
#include "rego/syntax/compare.h"
#include "rego/syntax/print.h"
#include "rego/syntax/walk.h"

namespace merlon::rego::compiler {
namespace {

// print takes all of its operands in and gives nothing.
constexpr int kVariadicArity = 1'000;

class Compiler {
  public:
    Compiler(std::span<const SourceModule> modules, const CompileOptions& options)
        : modules_(modules), options_(options), builtins_(options.builtins) {}

    Compilation compile(std::span<const SourceQuery> queries);
    void prepare(std::span<const SourceQuery> queries, TestEqualities tests, Prepared& prepared);

  private:
    bool understand(std::span<const SourceQuery> queries);
    void take_out_dynamics(TestEqualities tests);
    bool fits_types(Body body);
    syntax::Rule* copy(const syntax::Rule& rule);
    void name_keys(syntax::Rule& rule);
    void check_version(const syntax::Module& module);
    void resolve_module(std::size_t number, const Names& exported);
    void resolve_modules();
    void report_unused_imports(const syntax::Module& module);
    void resolve_queries(std::span<const SourceQuery> queries);
    void check_shown();
    void count_anew(Body query);
    void expand();
    void check_calls(const CheckedModules& checked);
    void order();
    void order(Body& body, const Names& bound, const syntax::Rule* rule);
    void check_heads();
    void check_types(const CheckedModules& checked, const Dependencies& dependencies);
    void take_out_of_negations();
    std::vector<ReachingCall> reaching_calls() const;
    std::unique_ptr<Program> emit(std::span<const SourceQuery> queries);
    std::set<std::string, std::less<>> replaced_builtins();
    int arity(const Term& operation) const;
    bool is_function(const Term& term) const;
    bool is_strict() const { return options_.strictness == Strictness::kStrict; }
    Compilation failure() { return {nullptr, take_errors(), {}}; }
    std::vector<CompileError> take_errors();
    bool is_cancelled() const { return options_.cancel != nullptr && options_.cancel->cancelled(); }
    bool ends() const { return errors_.is_final() || is_cancelled(); }

    std::span<const SourceModule> modules_;
    const CompileOptions options_;
    KnownBuiltins builtins_;
    Arena arena_;
    Interner interner_;
    NodeMaker maker_{arena_, interner_};
    ErrorList errors_;
    Resolver resolver_{maker_, errors_, builtins_, options_.strictness};
    SafetyErrors safety_errors_{resolver_.written_names(), resolver_.assignments(), errors_};
    TypeStage types_{maker_,           interner_,
                     builtins_,        resolver_.written_names(),
                     options_.schemas, options_.unknown_calls,
                     options_.cancel};
    MetadataWriter metadata_{maker_, interner_, modules_};
    RuleTree tree_;
    std::optional<Dependencies> dependencies_;
    bool is_watched_ = false;  // negations are taken apart with everything else
    Offspring offspring_;
    std::vector<std::vector<syntax::Rule*>> copies_;  // of each module's rules
    std::vector<PlacedRule> rules_;
    std::vector<const syntax::Rule*> written_rules_;  // of which those are copies
    std::vector<Body> queries_;
    // Of each query whose values are asked for: the variable of each expression, or "".
    std::vector<std::vector<std::string_view>> captured_;
};

std::vector<CompileError> Compiler::take_errors() {
    if (is_cancelled()) {
        return {{.code = std::string(code(ErrorKind::kCancel)),
                 .message = "caller cancelled query execution"}};
    }
    return errors_.take(options_.max_errors);
}

syntax::Rule* Compiler::copy(const syntax::Rule& rule) {
    auto* const copied = arena_.make<syntax::Rule>(rule);
    auto* const head = arena_.make<syntax::Head>(*rule.head);
    head->reference = syntax::copy(head->reference, arena_);
    head->arguments = syntax::copy(head->arguments, arena_);
    head->key = syntax::copy(head->key, arena_);
    head->value = syntax::copy(head->value, arena_);
    if (head->key == nullptr && head->value == nullptr) {
        head->value = maker_.boolean(true, head->location);
    }
    copied->head = head;
    copied->body = syntax::copy(rule.body, arena_);
    if (rule.otherwise != nullptr) copied->otherwise = copy(*rule.otherwise);
    return copied;
}

// What a module of v1 must obey beyond its grammar, and any module in strict mode.
void Compiler::check_version(const syntax::Module& module) {
    const bool is_old = module.version == syntax::RegoVersion::kV0;
    if (is_old && !is_strict()) return;
    std::vector<syntax::SyntaxError> wrong;
    syntax::check_module_of_v1(module, {}, wrong);
    for (const syntax::SyntaxError& error : wrong) {
        // Calls are looked at when it is known what they call.
        if (error.code == kTypeError || (is_old && error.code != kCompileError)) continue;
        Location* const place = arena_.make<Location>();
        place->row = error.row;
        place->column = error.column;
        const bool is_import = error.message.starts_with("import ");
        errors_.add_at(is_import ? Stage::kImports : Stage::kOverrides, error.code, place,
                       error.message, Gravity::kRecoverable);
    }
}

void Compiler::report_unused_imports(const syntax::Module& module) {
    const Names used = resolver_.take_used_globals();
    if (!is_strict()) return;
    for (const syntax::Import* import : module.imports) {
        const Term& root = *import->path->terms[0];
        if (syntax::is_variable(root, "future") || syntax::is_variable(root, "rego")) continue;
        if (used.contains(import_name(*import))) continue;
        errors_.add_at(Stage::kUnusedImports, kCompileError, import->location,
                       syntax::to_text(*import) + " unused", Gravity::kRecoverable);
    }
}

void Compiler::resolve_module(std::size_t number, const Names& exported) {
    const syntax::Module& module = *modules_[number].module;
    errors_.set_file(modules_[number].file);
    if (module.package->path.size() > kMaxPath) {
        errors_.add(kCompileError, module.package->location,
                    "a path may have " + std::to_string(kMaxPath) + " parts");
        return;
    }
    const std::size_t errors_before = errors_.size();
    for (const syntax::Rule* rule : module.rules) check_bounds(*rule, errors_);
    if (errors_.size() > errors_before) return;
    check_version(module);
    const Terms package = syntax::copy(module.package->path, arena_);
    tree_.add_package(package);
    const Globals globals = globals_of(module, exported, maker_);
    for (std::size_t i = 0; i < module.rules.size(); ++i) {
        const syntax::Rule* const written = module.rules[i];
        syntax::Rule* const rule = copies_[number][i];
        errors_.set_stage(Stage::kLocals);
        resolver_.resolve(*rule, globals, package);
        errors_.set_stage(Stage::kVoidCalls);
        check_void_calls(*rule, builtins_, errors_);
        written_rules_.push_back(written);
        rules_.push_back({rule, static_cast<std::uint32_t>(number)});
    }
    report_unused_imports(module);
}

// What is neither a name nor a scalar in a rule's reference gets a name, which the body's last
// expression says: so OPA does before all else, and traces and coverage show it.
void Compiler::name_keys(syntax::Rule& rule) {
    for (syntax::Rule* part = &rule; part != nullptr; part = part->otherwise) {
        syntax::Head& head = *part->head;
        std::vector<Expression*> body(part->body.begin(), part->body.end());
        for (Term*& key : head.reference.subspan(std::min<std::size_t>(1, head.reference.size()))) {
            if (key->kind == TermKind::kVariable || is_scalar(*key)) continue;
            Term* const name = maker_.fresh(key->location);
            const bool says_true = body.size() == 1 && body[0]->kind == ExpressionKind::kTerm &&
                                   syntax::to_text(*body[0]->terms[0]) == "true";
            if (says_true) body.clear();
            body.push_back(maker_.equality(name, key, key->location));
            const bool is_last = &key == &head.reference.back();
            if (is_last && head.key != nullptr && syntax::compare(*head.key, *key) == 0) {
                head.key = maker_.variable(name->text, key->location);
            }
            key = maker_.variable(name->text, key->location);
        }
        part->body = syntax::keep_pointers(body, arena_);
    }
}

void Compiler::resolve_modules() {
    for (const SourceModule& source : modules_) {
        std::vector<syntax::Rule*>& copies = copies_.emplace_back();
        for (const syntax::Rule* rule : source.module->rules) {
            copies.push_back(copy(*rule));
            if (is_watched_) name_keys(*copies.back());
        }
    }
    Exports exports = exports_of(modules_);
    for (std::size_t i = 0; i < modules_.size(); ++i) {
        resolve_module(i, exports[syntax::to_text(modules_[i].module->package->path)]);
    }
}

void Compiler::resolve_queries(std::span<const SourceQuery> queries) {
    errors_.set_file("");
    errors_.begin_query();
    maker_.count_for(NodeMaker::Owner::kQueries);
    for (const SourceQuery& query : queries) {
        errors_.set_stage(Stage::kNames);
        check_bounds(query.body, errors_);
        if (errors_.is_final()) return;
        queries_.push_back(syntax::copy(query.body, arena_));
        Globals globals;
        if (query.context != nullptr) {
            globals = globals_of(
                *query.context, exports_of(modules_)[syntax::to_text(query.context->package->path)],
                maker_);
        }
        errors_.set_stage(Stage::kLocals);
        resolver_.resolve_query(queries_.back(), globals);
        errors_.set_stage(Stage::kVoidCalls);
        check_void_calls(queries_.back(), builtins_, errors_);
    }
}

// Template strings and print, for which it must be known what functions take.
void Compiler::check_shown() {
    // What print is called with counts as given by it here, as in OPA: of several prints of what
    // nothing binds the first one is wrong.
    const ArityOf arity_of = [this](const Term& operation) {
        const int found = arity(operation);
        return found == kVariadicArity ? 0 : found;
    };
    UndeclaredVariables undeclared(arity_of, resolver_.assignments(), resolver_.written_names(),
                                   arena_, errors_);
    const auto check = [&](auto& part) {
        errors_.set_stage(Stage::kTemplates);
        undeclared.check_templates(part);
        if (options_.prints == Prints::kDropped) return erase_prints(part, maker_);
        errors_.set_stage(Stage::kPrints);
        undeclared.check_prints(part);
        rewrite_prints(part, maker_);
    };
    errors_.begin_modules();
    maker_.count_for(NodeMaker::Owner::kModules);
    for (const PlacedRule& one : rules_) {
        errors_.set_file(modules_[one.file].file);
        check(*one.rule);
    }
    if (errors_.is_final()) return;
    errors_.set_file("");
    errors_.begin_query();
    maker_.count_for(NodeMaker::Owner::kQueries);
    for (Body& query : queries_) {
        count_anew(query);
        check(query);
    }
}

bool Compiler::is_function(const Term& term) const {
    if (term.kind != TermKind::kReference) return false;
    const RuleNode* const node =
        syntax::is_variable(*term.terms[0], "data") ? tree_.find(term.terms) : nullptr;
    if (node != nullptr) return node->arity() > 0;
    return builtins_.declaration(operator_name(term)) != nullptr;
}

int Compiler::arity(const Term& operation) const {
    if (operation.kind == TermKind::kReference &&
        syntax::is_variable(*operation.terms[0], "data")) {
        const RuleNode* const node = tree_.find(operation.terms);
        if (node != nullptr && !node->rules.empty()) return static_cast<int>(node->arity());
    }
    const Declaration* const declaration = builtins_.declaration(operator_name(operation));
    if (declaration == nullptr) return -1;
    return declaration->is_variadic() ? kVariadicArity : declaration->arity();
}

// What is called and what `with` replaces: in modules first, then in queries.
void Compiler::check_calls(const CheckedModules& checked) {
    const FunctionTypes functions{
        .arity = [this](const Term& operation) { return arity(operation); },
        .is_variadic =
            [this](const Term& operation) {
                const Declaration* const builtin = builtins_.declaration(operator_name(operation));
                return builtin != nullptr && builtin->is_variadic();
            },
        .of = [this](const Term& term) { return types_.of(term); },
        .name =
            [this](const Term& operation) {
                return syntax::to_text(
                    written_reference(operation.terms, resolver_.written_names(), {}, arena_));
            }};
    const auto visit = [&](Body body) {
        errors_.set_stage(Stage::kWith);
        check_withs(body, tree_, builtins_, options_.unknown_calls, errors_);
        if (options_.unknown_calls == UnknownCalls::kAllowed) return;
        errors_.set_stage(Stage::kFunctions);
        compiler::check_functions(body, functions, errors_);
    };
    for (const PlacedRule& one : rules_) {
        errors_.set_file(modules_[one.file].file);
        for (const syntax::Rule* rule = one.rule; rule != nullptr; rule = rule->otherwise) {
            visit(rule->body);
        }
    }
    errors_.set_stage(Stage::kConflicts);
    check_conflicts(checked, errors_);
    if (options_.base) check_base(tree_, checked.files, *options_.base, errors_);
    if (errors_.is_final()) return;
    errors_.set_file("");
    errors_.begin_query();
    for (const Body& query : queries_) visit(query);
}

// OPA's numbers can be seen where somebody watches, or where a query is left.
void Compiler::count_anew(Body query) {
    if (!is_watched_ || queries_.size() != 1) return;
    Names used;
    VariableCollector(used, kSkipNothing).body(query);
    maker_.count_anew(std::move(used));
}

void Compiler::expand() {
    Expander expander(
        maker_, [this](const Term& term) { return is_function(term); },
        is_watched_ ? &offspring_ : nullptr);
    maker_.count_for(NodeMaker::Owner::kModules);
    for (const PlacedRule& one : rules_) expander.expand(*one.rule);
    for (std::size_t i = 0; i < rules_.size(); ++i) {
        metadata_.replace_calls(*rules_[i].rule, *written_rules_[i],
                                *modules_[rules_[i].file].module);
    }
    maker_.count_for(NodeMaker::Owner::kQueries);
    for (Body& query : queries_) {
        count_anew(query);
        expander.expand(query);
    }
}

void Compiler::order(Body& body, const Names& bound, const syntax::Rule* rule) {
    const ArityOf arity_of = [this](const Term& operation) { return arity(operation); };
    SafetyOrder safety(arity_of, resolver_.assignments(), arena_, options_.cancel);
    safety.order(body, bound);
    safety_errors_.report(safety.take_unsafe(), rule);
}

void Compiler::check_heads() {
    for (const PlacedRule& one : rules_) {
        errors_.set_file(modules_[one.file].file);
        safety_errors_.set_module(modules_[one.file].module);
        for (const syntax::Rule* rule = one.rule; rule != nullptr; rule = rule->otherwise) {
            safety_errors_.check_head(*rule);
        }
    }
}

void Compiler::order() {
    for (const PlacedRule& one : rules_) {
        errors_.set_file(modules_[one.file].file);
        safety_errors_.set_module(modules_[one.file].module);
        for (syntax::Rule* rule = one.rule; rule != nullptr; rule = rule->otherwise) {
            Names bound{"data", "input"};
            VariableCollector(bound, kSkipNothing).terms(rule->head->arguments);
            order(rule->body, bound, rule);
        }
    }
    if (errors_.is_final()) return;
    errors_.set_file("");
    errors_.begin_query();
    for (Body& query : queries_) order(query, {"data", "input"}, nullptr);
}

void Compiler::check_types(const CheckedModules& checked, const Dependencies& dependencies) {
    if (options_.types == TypeChecks::kAll) {
        errors_.set_stage(Stage::kTypes);
        types_.check_rules(dependencies, checked.files, errors_);
    }
    errors_.set_stage(Stage::kDeprecated);
    for (const PlacedRule& one : rules_) {
        const SourceModule& source = modules_[one.file];
        if (source.module->version == syntax::RegoVersion::kV0 && !is_strict()) continue;
        errors_.set_file(source.file);
        for (const syntax::Rule* rule = one.rule; rule != nullptr; rule = rule->otherwise) {
            check_deprecated(rule->body, errors_);
        }
    }
    if (!errors_.empty()) return;
    errors_.set_file("");
    errors_.begin_query();
    errors_.set_stage(Stage::kTypes);
    for (const Body& query : queries_) {
        if (options_.types == TypeChecks::kAll) types_.check_query(query, errors_);
    }
}

void Compiler::take_out_of_negations() {
    Expander expander(maker_, [this](const Term& term) { return is_function(term); });
    for (const PlacedRule& one : rules_) {
        for (syntax::Rule* rule = one.rule; rule != nullptr; rule = rule->otherwise) {
            expander.take_out_of_negations(rule->body);
        }
    }
    for (Body& query : queries_) expander.take_out_of_negations(query);
}

std::set<std::string, std::less<>> Compiler::replaced_builtins() {
    struct Targets {
        std::set<std::string, std::less<>> names;
        bool enter(Term&) { return true; }
        bool enter(Expression&) { return true; }
        bool enter(syntax::With& with) {
            names.insert(operator_name(*with.target));
            return true;
        }
    };
    Targets targets;
    for (const PlacedRule& one : rules_) syntax::walk(*one.rule, targets);
    for (const Body& query : queries_) syntax::walk(query, targets);
    return targets.names;
}

std::vector<ReachingCall> Compiler::reaching_calls() const {
    std::vector<ReachingCall> calls;
    for (const PlacedRule& one : rules_) {
        for (const syntax::Rule* rule = one.rule; rule != nullptr; rule = rule->otherwise) {
            collect_reaching(rule->body, modules_[one.file].file, calls);
        }
    }
    return calls;
}

std::unique_ptr<Program> Compiler::emit(std::span<const SourceQuery> queries) {
    errors_.set_stage(Stage::kLimits);
    std::unique_ptr<Program> program = Program::make();
    for (const SourceModule& module : modules_) program->files.push_back(module.file);
    const ArityOf arity_of = [this](const Term& operation) { return arity(operation); };
    Emitter emitter(
        *program, tree_, errors_, builtins_, arena_,
        [&](Body& body) {
            SafetyOrder safety(arity_of, resolver_.assignments(), arena_);
            safety.order(body, {"data", "input"});
            return safety.take_unsafe().empty();
        },
        replaced_builtins());
    for (std::size_t i = 0; i < queries.size(); ++i) {
        const bool has_values = queries[i].result == QueryResult::kBindingsAndValues;
        emitter.emit_query(queries[i].name, queries_[i], resolver_.written_names(),
                           has_values ? &captured_[i] : nullptr);
    }
    emitter.finish();
    decide_keeping(*program);
    return program;
}

// All that comes before instructions are written; false where something is wrong.
bool Compiler::understand(std::span<const SourceQuery> queries) {
    resolve_modules();
    if (!errors_.is_final()) resolve_queries(queries);
    if (ends()) return false;
    for (const PlacedRule& one : rules_) tree_.add(*one.rule, one.file);
    check_shown();
    if (ends()) return false;
    for (std::size_t i = 0; i < queries.size(); ++i) {
        if (queries[i].result == QueryResult::kBindings) {
            captured_.emplace_back();
        } else {
            captured_.push_back(capture_values(
                queries_[i], queries_.size(),
                {[this](const Term& operation) { return arity(operation); }, builtins_}, maker_));
        }
    }
    expand();
    std::vector<std::string_view> files;
    std::vector<const syntax::Package*> packages;
    std::vector<const syntax::Module*> modules;
    for (const SourceModule& module : modules_) {
        files.push_back(module.file);
        packages.push_back(module.module->package);
        modules.push_back(module.module);
    }
    const CheckedModules checked{rules_, files, packages, tree_, resolver_.written_names()};
    // Bodies are in the order in which they were written.
    const Dependencies& dependencies = dependencies_.emplace(rules_, tree_, arena_);
    errors_.begin_modules();
    types_.read_schemas(modules, files, errors_);
    check_calls(checked);
    if (ends()) return false;
    errors_.begin_modules();
    errors_.set_stage(Stage::kHeadSafety);
    check_heads();
    if (ends()) return false;
    errors_.set_stage(Stage::kBodySafety);
    if (options_.unknown_calls == UnknownCalls::kWrong) order();
    if (ends()) return false;
    errors_.begin_modules();
    errors_.set_stage(Stage::kRecursion);
    check_recursion(checked, dependencies, builtins_, arena_, errors_);
    if (ends()) return false;
    check_types(checked, dependencies);
    return errors_.empty() && !is_cancelled();
}

Compilation Compiler::compile(std::span<const SourceQuery> queries) {
    if (!understand(queries)) return failure();
    Compilation compilation;
    if (options_.listing == Listing::kReaching) compilation.reaching = reaching_calls();
    take_out_of_negations();
    if (options_.look) options_.look({modules_, tree_, queries_, resolver_.written_names()});
    compilation.program = emit(queries);
    if (!errors_.empty() || is_cancelled()) return failure();
    return compilation;
}

// Not test_x[case]: what has no name of its own is none here, as in OPA.
bool is_test(const syntax::Rule& rule) {
    const Term& last = *rule.head->reference.back();
    return last.kind == TermKind::kString && last.text.starts_with("test_");
}

void Compiler::take_out_dynamics(TestEqualities tests) {
    Dynamics dynamics(maker_, offspring_);
    maker_.count_for(NodeMaker::Owner::kModules);
    for (const PlacedRule& one : rules_) {
        for (syntax::Rule* rule = one.rule; rule != nullptr; rule = rule->otherwise) {
            dynamics.take_out(rule->body);
        }
    }
    for (const PlacedRule& one : rules_) {
        const bool is_named = tests == TestEqualities::kNamedEverywhere ||
                              (tests == TestEqualities::kNamed && is_test(*one.rule));
        for (syntax::Rule* rule = one.rule; is_named && rule != nullptr; rule = rule->otherwise) {
            dynamics.take_out_of_equalities(rule->body, tests == TestEqualities::kNamedEverywhere
                                                            ? Dynamics::Declarations::kLeft
                                                            : Dynamics::Declarations::kTaken);
        }
    }
    maker_.count_for(NodeMaker::Owner::kQueries);
    for (Body& query : queries_) {
        count_anew(query);
        dynamics.take_out(query);
    }
}

// Of trees that were made, which have no places; errors have one.
bool Compiler::fits_types(Body body) {
    struct Placer {
        Location* place;
        bool enter(Term& term) { return put(term.location); }
        bool enter(Expression& expression) { return put(expression.location); }
        bool enter(syntax::With& with) { return put(with.location); }
        bool put(Location*& location) const {
            if (location == nullptr) location = place;
            return true;
        }
    };
    const Body copied = syntax::copy(body, arena_);
    Placer placer{arena_.make<Location>()};
    syntax::walk(copied, placer);
    ErrorList errors;
    types_.check_query(copied, errors);
    return errors.empty();
}

void Compiler::prepare(std::span<const SourceQuery> queries, TestEqualities tests,
                       Prepared& prepared) {
    is_watched_ = true;
    if (understand(queries)) take_out_dynamics(tests);
    // What was cancelled stands in no order that could be evaluated.
    if (is_cancelled()) {
        rules_.clear();
        queries_.clear();
        tree_ = RuleTree();
    }
    prepared.errors = take_errors();
    prepared.tree = &tree_;
    prepared.rules = rules_;
    prepared.queries = queries_;
    prepared.captured = captured_;
    prepared.written_names = &resolver_.written_names();
    prepared.offspring = &offspring_;
    prepared.builtins = &builtins_;
    prepared.arity = [this](const Term& operation) { return arity(operation); };
    prepared.fits_types = [this](Body body) { return fits_types(body); };
    for (const SourceModule& module : modules_) {
        prepared.files.push_back(module.file);
        prepared.package_sizes.push_back(module.module->package->path.size());
    }
}

}  // namespace

Prepared prepare(std::span<const SourceModule> modules, std::span<const SourceQuery> queries,
                 const CompileOptions& options, TestEqualities tests) {
    const auto compiler = std::make_shared<Compiler>(modules, options);
    Prepared prepared;
    compiler->prepare(queries, tests, prepared);
    prepared.owner = compiler;
    if (prepared.errors.empty() || queries.empty()) return prepared;
    Prepared alone = prepare(modules, {}, options, tests);
    return alone.errors.empty() ? std::move(prepared) : std::move(alone);
}

Compilation compile(std::span<const SourceModule> modules, std::span<const SourceQuery> queries,
                    const CompileOptions& options) {
    Compilation compilation = Compiler(modules, options).compile(queries);
    if (compilation.errors.empty() || queries.empty()) return compilation;
    // A stage that a query fails at comes before some of the modules', whose errors go first.
    CompileOptions bare = options;
    bare.look = {};
    Compilation alone = Compiler(modules, bare).compile({});
    return alone.errors.empty() ? std::move(compilation) : std::move(alone);
}

}  // namespace merlon::rego::compiler
