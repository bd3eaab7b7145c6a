#include "rego/compiler/compiler.h"

#include <algorithm>
#include <map>
#include <set>

#include "rego/compiler/checks.h"
#include "rego/compiler/declarations.h"
#include "rego/compiler/emitter.h"
#include "rego/compiler/expand.h"
#include "rego/compiler/metadata.h"
#include "rego/compiler/prints.h"
#include "rego/compiler/resolve.h"
#include "rego/compiler/rule_tree.h"
#include "rego/compiler/safety.h"
#include "rego/syntax/checks.h"
#include "rego/syntax/print.h"
#include "rego/syntax/walk.h"

namespace merlon::rego::compiler {
namespace {

// print takes all of its operands in and gives nothing.
constexpr int kVariadicArity = 1'000;

class Compiler {
  public:
    Compiler(std::span<const SourceModule> modules, const CompileOptions& options)
        : modules_(modules),
          builtins_(options.builtins),
          prints_(options.prints),
          look_(options.look) {}

    Compilation compile(std::span<const SourceQuery> queries);

  private:
    syntax::Rule* copy(const syntax::Rule& rule);
    void check_version(const syntax::Module& module);
    void resolve_modules();
    void expand();
    void order();
    void order(Body& body, const Names& bound);
    void report_unsafe(const std::vector<UnsafeExpression>& unsafe);
    void check_heads();
    std::set<std::string, std::less<>> replaced_builtins();
    void capture_values(Body& query);
    void check_functions();
    int arity(const Term& operation) const;
    bool is_function(const Term& term) const;
    Compilation failure() { return {nullptr, errors_.take()}; }

    std::span<const SourceModule> modules_;
    KnownBuiltins builtins_;
    Prints prints_;
    std::function<void(const Analysis&)> look_;
    Arena arena_;
    Interner interner_;
    NodeMaker maker_{arena_, interner_};
    ErrorList errors_;
    Resolver resolver_{maker_, errors_, builtins_};
    MetadataWriter metadata_{maker_, interner_, modules_};
    RuleTree tree_;
    std::vector<PlacedRule> rules_;
    std::vector<Body> queries_;
    // Of each query whose values are asked for: the variable of each expression, or "".
    std::vector<std::vector<std::string_view>> captured_;
};

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

std::string_view import_name(const syntax::Import& import) {
    return import.alias.empty() ? import.path->terms.back()->text : import.alias;
}

// What a module of v1 must obey beyond its grammar.
void Compiler::check_version(const syntax::Module& module) {
    if (module.version == syntax::RegoVersion::kV0) return;
    std::vector<syntax::SyntaxError> wrong;
    syntax::check_module_of_v1(module, {}, wrong);
    for (const syntax::SyntaxError& error : wrong) {
        Location* const place = arena_.make<Location>();
        place->row = error.row;
        place->column = error.column;
        errors_.add(error.code, place, error.message);
    }
}

void Compiler::resolve_modules() {
    std::map<std::string, Names> exports;
    for (const SourceModule& source : modules_) {
        Names& names = exports[syntax::to_text(source.module->package->path)];
        for (const syntax::Rule* rule : source.module->rules) {
            names.insert(rule->head->reference[0]->text);
        }
    }
    for (std::size_t i = 0; i < modules_.size(); ++i) {
        const syntax::Module& module = *modules_[i].module;
        errors_.set_file(modules_[i].file);
        if (module.package->path.size() > kMaxPath) {
            errors_.add(kCompileError, module.package->location,
                        "a path may have " + std::to_string(kMaxPath) + " parts");
            continue;
        }
        check_version(module);
        for (const syntax::Rule* rule : module.rules) check_bounds(*rule, errors_);
        if (!errors_.empty()) continue;
        const Terms package = syntax::copy(module.package->path, arena_);
        tree_.add_package(package);
        Globals globals;
        for (const std::string_view name : exports[syntax::to_text(package)]) {
            std::vector<Term*> path(package.begin(), package.end());
            path.push_back(maker_.string(name, nullptr));
            globals[name] = syntax::keep_pointers(path, arena_);
        }
        for (const syntax::Import* import : module.imports) {
            const Terms path = import->path->terms;
            if (syntax::is_variable(*path[0], "future") || syntax::is_variable(*path[0], "rego")) {
                continue;
            }
            globals[import_name(*import)] = syntax::copy(path, arena_);
        }
        for (const syntax::Rule* written : module.rules) {
            syntax::Rule* const rule = copy(*written);
            resolver_.resolve(*rule, globals, package);
            metadata_.replace_calls(*rule, *written, module);
            if (prints_ == Prints::kKept) rewrite_prints(*rule, maker_);
            rules_.push_back({rule, static_cast<std::uint32_t>(i)});
        }
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

// Whether a reference goes over a collection.
bool iterates(const Term& term) {
    if (is_comprehension(term)) return false;
    if (term.kind == TermKind::kReference) {
        for (const Term* step : term.terms.subspan(1)) {
            if (step->kind == TermKind::kVariable) return true;
        }
    }
    return std::ranges::any_of(term.terms, [](const Term* part) { return iterates(*part); });
}

// `f(x)` becomes `f(x, value)`, and `x.y` becomes `x.y = value`. Where there are several
// expressions or several results, those that are false do not hold.
void Compiler::capture_values(Body& query) {
    bool checks_truth = query.size() > 1;
    for (const Expression* one : query) {
        for (const Term* term : one->terms) {
            checks_truth = checks_truth || (term != nullptr && iterates(*term));
        }
    }
    std::vector<std::string_view>& names = captured_.emplace_back();
    std::vector<Expression*> body;
    for (Expression* one : query) {
        names.emplace_back();
        body.push_back(one);
        if (one->is_negated || is_equality(*one)) continue;
        Term* const value = maker_.fresh(one->location);
        if (one->kind == ExpressionKind::kTerm) {
            one->kind = ExpressionKind::kCall;
            one->terms = syntax::keep_pointers(
                {maker_.operation({kEquality}, one->location), one->terms[0], value}, arena_);
        } else if (one->kind == ExpressionKind::kCall &&
                   arity(*one->terms[0]) + 1 == static_cast<int>(one->terms.size())) {
            const Declaration* const declaration =
                builtins_.declaration(operator_name(*one->terms[0]));
            if (declaration != nullptr && declaration->result.empty()) continue;
            std::vector<Term*> terms(one->terms.begin(), one->terms.end());
            terms.push_back(value);
            one->terms = syntax::keep_pointers(terms, arena_);
        } else {
            continue;
        }
        names.back() = value->text;
        if (!checks_truth) continue;
        Term* const again = maker_.variable(value->text, one->location);
        body.push_back(maker_.expression(ExpressionKind::kTerm, {again}, one->location));
    }
    query = syntax::keep_pointers(body, arena_);
}

void Compiler::check_functions() {
    const ArityOf arity_of = [this](const Term& operation) { return arity(operation); };
    for (const PlacedRule& one : rules_) {
        errors_.set_file(modules_[one.file].file);
        for (const syntax::Rule* rule = one.rule; rule != nullptr; rule = rule->otherwise) {
            compiler::check_functions(rule->body, arity_of, builtins_, errors_);
        }
    }
    errors_.set_file("");
    for (const Body& query : queries_)
        compiler::check_functions(query, arity_of, builtins_, errors_);
}

void Compiler::expand() {
    Expander expander(maker_, [this](const Term& term) { return is_function(term); });
    for (const PlacedRule& one : rules_) expander.expand(*one.rule);
    for (Body& query : queries_) expander.expand(query);
}

void Compiler::report_unsafe(const std::vector<UnsafeExpression>& unsafe) {
    std::map<std::string_view, const Location*> places;
    const auto is_before = [](const Location* left, const Location* right) {
        return std::pair(left->row, left->column) < std::pair(right->row, right->column);
    };
    for (const UnsafeExpression& one : unsafe) {
        for (const std::string_view name : one.names) {
            const Location*& place = places[name];
            if (place == nullptr || is_before(one.expression->location, place)) {
                place = one.expression->location;
            }
        }
    }
    bool has_named = false;
    for (const auto& [name, place] : places) {
        const auto written = resolver_.written_names().find(name);
        const std::string_view shown =
            written == resolver_.written_names().end() ? name : written->second;
        if (is_generated(shown) || syntax::is_wildcard(shown)) continue;
        has_named = true;
        std::string message = "var " + std::string(shown) + " is unsafe";
        if (syntax::find_future_word(shown) != nullptr) {
            message += " (hint: `import future.keywords." + std::string(shown) +
                       "` to import a future keyword)";
        }
        errors_.add(kUnsafeError, place, std::move(message));
    }
    if (has_named) return;
    for (const UnsafeExpression& one : unsafe) {
        errors_.add(kUnsafeError, one.expression->location, "expression is unsafe");
    }
}

void Compiler::order(Body& body, const Names& bound) {
    const ArityOf arity_of = [this](const Term& operation) { return arity(operation); };
    SafetyOrder safety(arity_of, resolver_.assignments(), arena_);
    safety.order(body, bound);
    const std::vector<UnsafeExpression> unsafe = safety.take_unsafe();
    if (!unsafe.empty()) return report_unsafe(unsafe);
    Expander(maker_, [this](const Term& term) {
        return is_function(term);
    }).take_out_of_negations(body);
}

// What a head says is bound by the body or by the arguments.
void Compiler::check_heads() {
    for (const PlacedRule& one : rules_) {
        errors_.set_file(modules_[one.file].file);
        for (const syntax::Rule* rule = one.rule; rule != nullptr; rule = rule->otherwise) {
            const syntax::Head& head = *rule->head;
            Names bound{"data", "input"};
            VariableCollector(bound, kSafetySkips).body(rule->body);
            VariableCollector(bound, kSkipNothing).terms(head.arguments);
            std::vector<Term*> parts(head.reference.begin(), head.reference.end());
            parts.push_back(head.key);
            parts.push_back(head.value);
            for (const Term* part : parts) {
                if (part == nullptr) continue;
                for (const std::string_view name : variables_of(*part)) {
                    if (bound.contains(name)) continue;
                    const auto written = resolver_.written_names().find(name);
                    const std::string_view shown =
                        written == resolver_.written_names().end() ? name : written->second;
                    if (is_generated(shown)) continue;
                    errors_.add(kUnsafeError, part->location,
                                "var " + std::string(syntax::is_wildcard(shown) ? "_" : shown) +
                                    " is unsafe");
                }
            }
        }
    }
}

void Compiler::order() {
    for (const PlacedRule& one : rules_) {
        errors_.set_file(modules_[one.file].file);
        for (syntax::Rule* rule = one.rule; rule != nullptr; rule = rule->otherwise) {
            Names bound{"data", "input"};
            VariableCollector(bound, kSkipNothing).terms(rule->head->arguments);
            order(rule->body, bound);
        }
    }
    errors_.set_file("");
    for (Body& query : queries_) order(query, {"data", "input"});
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

Compilation Compiler::compile(std::span<const SourceQuery> queries) {
    resolve_modules();
    errors_.set_file("");
    for (const SourceQuery& query : queries) {
        check_bounds(query.body, errors_);
        if (!errors_.empty()) return failure();
        queries_.push_back(syntax::copy(query.body, arena_));
        resolver_.resolve_query(queries_.back(), {});
        if (prints_ == Prints::kKept) rewrite_prints(queries_.back(), maker_);
    }
    if (!errors_.empty()) return failure();
    for (const PlacedRule& one : rules_) tree_.add(*one.rule, one.file);
    for (std::size_t i = 0; i < queries.size(); ++i) {
        if (queries[i].result == QueryResult::kBindings) {
            captured_.emplace_back();
        } else {
            capture_values(queries_[i]);
        }
    }
    expand();
    std::vector<std::string> files;
    for (const SourceModule& module : modules_) files.push_back(module.file);
    const CheckedModules checked{rules_, files, tree_, resolver_.written_names()};
    check_conflicts(checked, errors_);
    if (!errors_.empty()) return failure();
    check_functions();
    if (!errors_.empty()) return failure();
    check_heads();
    if (!errors_.empty()) return failure();
    order();
    if (!errors_.empty()) return failure();
    check_recursion(checked, errors_);
    if (!errors_.empty()) return failure();

    if (look_) look_({modules_, tree_, queries_, resolver_.written_names()});
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
    if (!errors_.empty()) return failure();
    return {std::move(program), {}};
}

}  // namespace

Compilation compile(std::span<const SourceModule> modules, std::span<const SourceQuery> queries,
                    const CompileOptions& options) {
    return Compiler(modules, options).compile(queries);
}

}  // namespace merlon::rego::compiler
