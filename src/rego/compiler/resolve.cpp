#include "rego/compiler/resolve.h"

#include <algorithm>
#include <string>
#include <utility>

#include "rego/compiler/declarations.h"
#include "rego/compiler/variables.h"
#include "rego/syntax/print.h"
#include "rego/syntax/walk.h"

namespace merlon::rego::compiler {
namespace {

bool is_operator(const Term& call, std::string_view name) {
    return call.kind == TermKind::kCall && operator_name(*call.terms[0]) == name;
}

void collect_declared(std::span<Expression* const> body, Names& names) {
    for (const Expression* expression : body) {
        if (is_call_of(*expression, "assign") && expression->terms.size() == 3) {
            VariableCollector(names, kSkipNothing).term(*expression->terms[1]);
        } else if (expression->kind == ExpressionKind::kSome) {
            for (const Term* symbol : expression->terms) {
                if (symbol->kind == TermKind::kCall) {
                    // The collection comes last.
                    VariableCollector(names, kSkipNothing)
                        .terms(symbol->terms.subspan(1, symbol->terms.size() - 2));
                } else {
                    VariableCollector(names, kSkipNothing).term(*symbol);
                }
            }
        }
        collect_declared(expression->left, names);
        collect_declared(expression->right, names);
    }
}

bool is_root_reference(const Term& term) {
    return term.kind == TermKind::kReference && term.terms.size() == 1 &&
           syntax::is_root_document(*term.terms[0]);
}

}  // namespace

Names declared_in(std::span<Expression* const> body) {
    Names names;
    collect_declared(body, names);
    return names;
}

Resolver::Declared* Resolver::find_declared(std::string_view name) {
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
        const auto found = scope->variables.find(name);
        if (found != scope->variables.end()) return &found->second;
    }
    return nullptr;
}

void Resolver::see(std::string_view name) {
    if (find_declared(name) == nullptr) scopes_.back().variables[name] = {name, Occurrence::kSeen};
}

bool Resolver::is_global(std::string_view name) const {
    return globals_->contains(name) && std::ranges::none_of(scopes_, [name](const Scope& scope) {
               return scope.declares.contains(name);
           });
}

std::string_view Resolver::declare(std::string_view name, Occurrence occurrence,
                                   const Location* location) {
    Declared& declared = scopes_.back().variables[name];
    // A rule's body is the scope of its arguments.
    if (scopes_.size() == 2 && declared.occurrence == Occurrence::kNew) {
        const auto argument = scopes_[0].variables.find(name);
        if (argument != scopes_[0].variables.end()) declared = argument->second;
    }
    std::string_view before;
    switch (declared.occurrence) {
        case Occurrence::kNew:
            declared = {maker_.fresh_name(), occurrence, 1, expression_place_};
            written_[declared.name] = name;
            return declared.name;
        case Occurrence::kSeen:
            before = " referenced above";
            break;
        case Occurrence::kAssigned:
            before = " assigned above";
            break;
        case Occurrence::kDeclared:
            before = " declared above";
            break;
        case Occurrence::kArgument:
            errors_.add(kCompileError, location, "arg " + std::string(name) + " redeclared");
            return declared.name;
    }
    errors_.add(kCompileError, location, "var " + std::string(name) + std::string(before));
    return declared.name;
}

void Resolver::resolve(syntax::Rule& rule, const Globals& globals, Terms package) {
    globals_ = &globals;
    scopes_.clear();
    rule_place_ = rule.location;
    Names unused;
    VariableCollector(unused, kSkipNothing).terms(rule.head->arguments);
    push_scope(unused);
    for (Term* argument : rule.head->arguments) declare_arguments(*argument);
    const Names names_in_with = this->names_in_with(rule);
    for (syntax::Rule* part = &rule; part != nullptr; part = part->otherwise) {
        syntax::Head& head = *part->head;
        errors_before_ = errors_.size();
        has_unused_ = false;
        counts_uses_ = false;
        if (part != &rule) {
            for (Term* argument : head.arguments) term(*argument);
        }
        counts_uses_ = true;
        Names used;
        VariableCollector collector(used, kSkipNothing);
        collector.terms(head.reference.subspan(1));
        if (head.key != nullptr) collector.term(*head.key);
        if (head.value != nullptr) {
            const Names of_value = variables_of(*head.value);
            unused = difference(unused, of_value);
            used.insert(of_value.begin(), of_value.end());
        }
        push_scope(declared_in(part->body));
        hide_builtins(part->body, names_in_with);
        placed_.clear();
        body(part->body, used);
        const std::size_t behind_body = errors_.size();
        std::erase_if(unused, [&](std::string_view name) {
            const Declared* const declared = find_declared(name);
            return declared != nullptr && declared->uses > 1;
        });
        before_body(placed_, [&] { head_and_path(head, package); });
        errors_.order_rule(errors_before_, behind_body);
        pop_scope();
    }
    check_unused_arguments(rule, unused);
}

// The names of what `with` replaces, and puts in its place.
Names Resolver::names_in_with(syntax::Rule& rule) {
    struct Visitor {
        Names names;
        static bool enter(Term& /*term*/) { return true; }
        static bool enter(Expression& /*expression*/) { return true; }
        bool enter(syntax::With& with) {
            VariableCollector collector(names, kSkipNothing);
            collector.term(*with.target);
            collector.term(*with.value);
            return true;
        }
    };
    Visitor visitor;
    syntax::walk(rule, visitor);
    return std::move(visitor.names);
}

// A variable that has the name of a built-in hides it.
void Resolver::hide_builtins(Body body, const Names& names_in_with) {
    Names names;
    VariableCollector(names, kSafetySkips).body(body);
    for (const std::string_view name : names) {
        const bool is_hidden = builtins_.declaration(name) != nullptr && !is_global(name) &&
                               !scopes_.back().declares.contains(name) &&
                               !names_in_with.contains(name) && find_declared(name) == nullptr;
        if (!is_hidden) continue;
        const std::string_view fresh = maker_.fresh_name();
        scopes_.back().variables[name] = {fresh, Occurrence::kSeen};
        written_[fresh] = name;
    }
}

void Resolver::head_and_path(syntax::Head& head, Terms package) {
    is_in_head_ = true;
    if (head.key != nullptr) term(*head.key);
    if (head.value != nullptr) term(*head.value);
    is_in_head_ = false;
    std::vector<Term*> path(package.begin(), package.end());
    path.push_back(maker_.string(head.reference[0]->text, head.reference[0]->location));
    for (Term* step : head.reference.subspan(1)) {
        term(*step);
        path.push_back(step);
    }
    head.reference = syntax::keep_pointers(path, maker_.arena());
}

void Resolver::check_unused_arguments(const syntax::Rule& rule, const Names& unused) {
    if (strictness_ == Strictness::kUsual) return;
    for (const std::string_view name : unused) {
        if (syntax::is_wildcard(name)) continue;
        errors_.add(
            kCompileError, rule.head->location,
            "unused argument " + std::string(name) + ". (hint: use _ (wildcard variable) instead)",
            Gravity::kRecoverable);
    }
}

// Variables that are declared and not used, and in strict mode those that are only assigned.
void Resolver::check_unused(const Location* first, Body resolved, const Names& used) {
    if (has_unused_ || errors_.size() > errors_before_) return;
    const auto check = [&](Occurrence occurrence, std::string_view what, const auto& is_used) {
        std::map<std::string_view, const Declared*> unused;  // by the names made for them, as OPA
        for (const auto& [name, declared] : scopes_.back().variables) {
            if (declared.occurrence != occurrence || is_used(name, declared)) continue;
            unused.emplace(declared.name, &declared);
        }
        for (const auto& [made_name, declared] : unused) {
            errors_.add(
                kCompileError, declared->place == nullptr ? first : declared->place,
                std::string(what) + " var " + std::string(written_.at(made_name)) + " unused",
                Gravity::kRecoverable);
        }
        has_unused_ = has_unused_ || !unused.empty();
    };
    if (strictness_ == Strictness::kStrict) {
        check(Occurrence::kAssigned, "assigned",
              [&](std::string_view name, const Declared& declared) {
                  return syntax::is_wildcard(name) || declared.uses > 1 || used.contains(name);
              });
    }
    const bool declares = std::ranges::any_of(scopes_.back().variables, [](const auto& one) {
        return one.second.occurrence == Occurrence::kDeclared;
    });
    if (has_unused_ || !declares) return;
    Names in_body;
    VariableCollector(in_body, kSkipNothing).body(resolved);
    // Names of the kind that compilers make are nobody's mistake: bundles that were built have
    // them.
    check(Occurrence::kDeclared, "declared", [&](std::string_view name, const Declared& declared) {
        return is_generated(name) || in_body.contains(declared.name) || used.contains(name);
    });
}

void Resolver::resolve_query(Body& query, const Globals& globals) {
    globals_ = &globals;
    strictness_ = Strictness::kUsual;  // as OPA's queries; they come after all modules
    scopes_.clear();
    errors_before_ = errors_.size();
    has_unused_ = false;
    push_scope(declared_in(query));
    body(query);
}

void Resolver::declare_arguments(Term& term) {
    switch (term.kind) {
        case TermKind::kVariable: {
            const auto found = scopes_.back().variables.find(term.text);
            term.text = found != scopes_.back().variables.end()
                            ? found->second.name
                            : declare(term.text, Occurrence::kArgument, term.location);
            return;
        }
        case TermKind::kArray:
            for (Term* part : term.terms) declare_arguments(*part);
            return;
        case TermKind::kObject:
            for (std::size_t i = 0; i < term.terms.size(); i += 2) {
                this->term(*term.terms[i]);
                declare_arguments(*term.terms[i + 1]);
            }
            return;
        case TermKind::kReference:
            if (is_root_reference(term)) {
                errors_.add_at(Stage::kNames, kCompileError, rule_place_,
                               "args must not shadow " + syntax::to_text(term) +
                                   " (use a different variable name)");
                return;
            }
            // What it begins with is an argument, too, and then it is none of what it was.
            for (Term* part : term.terms) declare_arguments(*part);
            return;
        default:
            this->term(term);
    }
}

void Resolver::body(Body& body, const Names& used) {
    std::vector<Expression*> kept;
    Location* const first = body.empty() ? nullptr : body[0]->location;
    const Location* const around = expression_place_;
    for (Expression* one : body) {
        expression_place_ = one->location;
        if (Expression* const resolved = expression(*one)) kept.push_back(resolved);
    }
    expression_place_ = around;
    if (kept.empty()) {
        kept.push_back(
            maker_.expression(ExpressionKind::kTerm, {maker_.boolean(true, first)}, first));
    }
    body = syntax::keep_pointers(kept, maker_.arena());
    check_unused(first, body, used);
}

// Null where nothing of it is left.
Expression* Resolver::expression(Expression& expression) {
    constexpr std::string_view kIn = "cannot assign vars inside implicit ";
    switch (expression.kind) {
        case ExpressionKind::kSome:
            return some(expression);
        case ExpressionKind::kEvery:
            every(expression);
            break;
        case ExpressionKind::kNot:
            operand_body(expression.left, expression.has_explicit_left,
                         "cannot assign vars inside negated expression");
            break;
        case ExpressionKind::kAnd:
        case ExpressionKind::kOr: {
            const std::string message =
                std::string(kIn) +
                (expression.kind == ExpressionKind::kAnd ? "and operand" : "or operand");
            operand_body(expression.left, expression.has_explicit_left, message);
            operand_body(expression.right, expression.has_explicit_right, message);
            break;
        }
        case ExpressionKind::kCall:
            if (is_call_of(expression, "assign")) return assignment(expression);
            operation(expression.terms[0], nullptr);
            for (Term* operand : expression.terms.subspan(1)) term(*operand);
            break;
        case ExpressionKind::kTerm:
            term(*expression.terms[0]);
            break;
    }
    for (syntax::With* one : expression.with) with(*one);
    return &expression;
}

void Resolver::operand_body(Body& body, bool is_explicit, std::string_view message) {
    if (is_explicit) {
        push_scope(declared_in(body));
        this->body(body);
        pop_scope();
        return;
    }
    for (Expression*& one : body) {
        if (is_call_of(*one, "assign")) {
            errors_.add(kCompileError, one->location, std::string(message));
        } else if (Expression* const resolved = expression(*one)) {
            one = resolved;
        }
    }
}

Expression* Resolver::assignment(Expression& expression) {
    if (expression.is_negated) {
        errors_.add(kCompileError, expression.location,
                    "cannot assign vars inside negated expression");
        return &expression;
    }
    if (expression.terms.size() != 3) return &expression;
    term(*expression.terms[2]);
    for (syntax::With* one : expression.with) with(*one);
    assign_to(*expression.terms[1]);
    expression.terms[0] = maker_.operation({kEquality}, expression.terms[0]->location);
    assignments_.insert(&expression);
    return &expression;
}

void Resolver::assign_to(Term& target) {
    switch (target.kind) {
        case TermKind::kVariable:
            target.text = declare(target.text, Occurrence::kAssigned, target.location);
            return;
        case TermKind::kArray:
            for (Term* part : target.terms) assign_to(*part);
            return;
        case TermKind::kObject:
            for (std::size_t i = 0; i < target.terms.size(); i += 2) {
                term(*target.terms[i]);
                assign_to(*target.terms[i + 1]);
            }
            return;
        case TermKind::kReference:
            if (is_root_reference(target)) {
                target = *maker_.variable(
                    declare(target.terms[0]->text, Occurrence::kAssigned, target.location),
                    target.location);
                return;
            }
            [[fallthrough]];
        default:
            errors_.add(kCompileError, target.location,
                        "cannot assign to " + std::string(name(target.kind)));
    }
}

Expression* Resolver::some(Expression& expression) {
    if (expression.terms.size() == 1 && expression.terms[0]->kind == TermKind::kCall) {
        return some_in(expression) ? &expression : nullptr;
    }
    for (const Term* symbol : expression.terms) {
        declare(symbol->text, Occurrence::kDeclared, expression.location);
    }
    return nullptr;
}

// `some key, value in xs` is value = xs[key].
bool Resolver::some_in(Expression& expression) {
    const Term& call = *expression.terms[0];
    Location* const location = expression.location;
    const bool has_key = is_operator(call, "internal.member_3");
    Term* const key = has_key ? call.terms[1] : maker_.fresh(location);
    Term* const value = call.terms[has_key ? 2 : 1];
    Term* const container = call.terms[has_key ? 3 : 2];
    const Names in_container = variables_of(*container, kSkipClosures);
    Names bound = variables_of(*value, kSkipReferenceHead | kSkipObjectKeys | kSkipClosures);
    bound.merge(variables_of(*key, kSkipReferenceHead | kSkipObjectKeys | kSkipClosures));
    bool is_right = true;
    for (const std::string_view name : bound) {
        if (in_container.contains(name) && !syntax::is_wildcard(name)) {
            errors_.add(kCompileError, location, "var " + std::string(name) + " assigned before");
            is_right = false;
        }
    }
    if (!is_right) return false;
    term(*container);
    for (syntax::With* one : expression.with) with(*one);
    // A key that nobody named is declared as well, and so gets a second name.
    if (!has_key) {
        const std::string_view first = std::exchange(key->text, maker_.fresh_name());
        const std::string shown = std::string(first.substr(0, first.size() - 1)) + "__";
        written_[key->text] = maker_.arena().copy(shown);
    }
    std::vector<Term*> patterns = {value};
    if (has_key) patterns.push_back(key);
    if (!declare_patterns(patterns, location)) return false;
    std::vector<Term*> path;
    if (container->kind == TermKind::kReference) {
        path.assign(container->terms.begin(), container->terms.end());
    } else {
        path.push_back(container);
    }
    path.push_back(key);
    Term* const element = maker_.composite(TermKind::kReference, path, container->location);
    expression.kind = ExpressionKind::kCall;
    expression.terms = syntax::keep_pointers(
        {maker_.operation({kEquality}, location), value, element}, maker_.arena());
    return true;
}

// The variables of patterns are declared in the order of their names, as OPA has it, and each once:
// what stands in several places of them is unified. What else stands in them means what it means
// elsewhere.
bool Resolver::declare_patterns(std::span<Term* const> patterns, const Location* location) {
    std::vector<Term*> declared;
    std::vector<Term*> others;
    for (Term* pattern : patterns) take_apart(*pattern, declared, others);
    std::map<std::string_view, std::string_view> names;
    for (const Term* one : declared) names.emplace(one->text, "");
    for (auto& [written, name] : names) {
        const std::size_t errors_before = errors_.size();
        name = declare(written, Occurrence::kDeclared, location);
        if (errors_.size() > errors_before) return false;
    }
    for (Term* one : declared) one->text = names.at(one->text);
    for (Term* one : others) term(*one);
    return true;
}

void Resolver::take_apart(Term& pattern, std::vector<Term*>& declared, std::vector<Term*>& others) {
    switch (pattern.kind) {
        case TermKind::kVariable:
            return declared.push_back(&pattern);
        case TermKind::kArray:
            for (Term* part : pattern.terms) take_apart(*part, declared, others);
            return;
        case TermKind::kObject:
            for (std::size_t i = 0; i < pattern.terms.size(); i += 2) {
                others.push_back(pattern.terms[i]);
                take_apart(*pattern.terms[i + 1], declared, others);
            }
            return;
        default:
            others.push_back(&pattern);
    }
}

void Resolver::every(Expression& expression) {
    term(*expression.terms[2]);
    Names declares = declared_in(expression.left);
    for (std::size_t i = 0; i < 2; ++i) {
        if (expression.terms[i] != nullptr) declares.merge(variables_of(*expression.terms[i]));
    }
    push_scope(std::move(declares));
    // What is not used is a matter of the body.
    const Location* const around = std::exchange(expression_place_, nullptr);
    for (std::size_t i = 0; i < 2; ++i) {
        Term*& declared = expression.terms[i];
        if (declared == nullptr) {
            declared = maker_.fresh(expression.location);
        } else if (!syntax::is_wildcard(declared->text)) {
            declared->text = declare(declared->text, Occurrence::kDeclared, expression.location);
        }
    }
    expression_place_ = around;
    body(expression.left);
    // A variable of the domain that nobody declared is the one that `every` declares.
    Term& domain = *expression.terms[2];
    for (Term* part : domain.kind == TermKind::kReference ? domain.terms : Terms()) rename(*part);
    rename(domain);
    pop_scope();
}

void Resolver::rename(Term& term) {
    if (term.kind != TermKind::kVariable) return;
    const auto& variables = scopes_.back().variables;
    const auto found = variables.find(term.text);
    if (found != variables.end()) term.text = found->second.name;
}

// A target is `input`, `data` or a function, also where a variable has such a name.
void Resolver::with(syntax::With& with) {
    Term& target = *with.target;
    const bool is_input =
        target.kind == TermKind::kReference && syntax::is_root_document(*target.terms[0]);
    if (is_input && is_global(target.terms[0]->text)) {
        reference(target);
    } else if (is_input) {
        if (target.terms.size() > 1) see(target.terms[0]->text);
        for (Term* part : target.terms.subspan(1)) term(*part);
    } else if (target.kind == TermKind::kVariable || target.kind == TermKind::kReference) {
        Term* named = &target;
        operation(named, nullptr);
        target = *named;
    }
    Term& value = *with.value;
    // The name of a built-in is none of a variable, unless one is declared.
    const Declared* const declared =
        value.kind == TermKind::kVariable ? find_declared(value.text) : nullptr;
    const bool is_builtin = value.kind == TermKind::kVariable && !is_global(value.text) &&
                            builtins_.declaration(value.text) != nullptr &&
                            (declared == nullptr || declared->occurrence == Occurrence::kSeen);
    if (!is_builtin) return term(value);
    Term* const name = maker_.variable(value.text, value.location);
    value = *maker_.composite(TermKind::kReference, {&name, 1}, value.location);
}

}  // namespace merlon::rego::compiler
