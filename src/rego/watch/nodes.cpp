#include "rego/watch/nodes.h"

#include <algorithm>

#include "rego/syntax/walk.h"

namespace merlon::rego::watch {

using syntax::Expression;
using syntax::ExpressionKind;
using syntax::Term;
using syntax::TermKind;
using value::Value;

bool is_collection(const Node& node) {
    if (node.kind != NodeKind::kValue) {
        return node.kind == NodeKind::kArray || node.kind == NodeKind::kObject ||
               node.kind == NodeKind::kSet;
    }
    return node.value.is_array() || node.value.is_object() || node.value.is_set();
}

std::size_t size_of(const Node& node) {
    if (node.kind == NodeKind::kValue) return node.value.size();
    return node.kind == NodeKind::kObject ? node.parts.size() / 2 : node.parts.size();
}

Library::Library(compiler::Prepared prepared) : prepared_(std::move(prepared)) {
    add_rules(prepared_.tree->root());
    for (const syntax::Body query : prepared_.queries) {
        comprehensions_.add(query, {});
        queries_.push_back(block(query));
    }
}

const RuleSet* Library::rules_at(const compiler::RuleNode& node) const {
    const auto found = rules_.find(&node);
    return found == rules_.end() ? nullptr : &found->second;
}

Nodes Library::nodes(std::span<Term* const> terms) {
    std::vector<const Node*> made;
    for (const Term* term : terms) made.push_back(term == nullptr ? nullptr : node(*term));
    return syntax::keep_pointers(made, arena_);
}

const Node* Library::node(const Term& term) {
    switch (term.kind) {
        case TermKind::kNull:
        case TermKind::kBoolean:
        case TermKind::kNumber:
        case TermKind::kString:
            return made({.value = term.constant, .source = &term});
        case TermKind::kVariable:
            return made({.kind = NodeKind::kVariable, .name = term.text, .source = &term});
        case TermKind::kReference:
            return reference(term);
        case TermKind::kArray:
            return composite(term, NodeKind::kArray);
        case TermKind::kObject:
            return composite(term, NodeKind::kObject);
        case TermKind::kSet:
            return composite(term, NodeKind::kSet);
        case TermKind::kArrayComprehension:
            return comprehension(term, NodeKind::kArrayComprehension);
        case TermKind::kObjectComprehension:
            return comprehension(term, NodeKind::kObjectComprehension);
        case TermKind::kSetComprehension:
            return comprehension(term, NodeKind::kSetComprehension);
        case TermKind::kCall:
        case TermKind::kTemplateString:
            break;  // no stage of the compiler leaves one
    }
    return made({.source = &term});
}

const Node* Library::composite(const Term& term, NodeKind kind) {
    const Nodes parts = nodes(term.terms);
    const bool is_ground =
        std::ranges::all_of(parts, [](const Node* part) { return part->kind == NodeKind::kValue; });
    if (!is_ground) return made({.kind = kind, .parts = parts, .source = &term});
    std::vector<Value> items;
    for (const Node* part : parts) items.push_back(part->value);
    if (kind == NodeKind::kArray) return made({.value = values_.array(items), .source = &term});
    if (kind == NodeKind::kSet) return made({.value = values_.set(items), .source = &term});
    std::vector<value::Builder::Entry> entries;
    for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
        entries.emplace_back(items[i], items[i + 1]);
    }
    return made({.value = values_.object(entries), .source = &term});
}

const Node* Library::comprehension(const Term& term, NodeKind kind) {
    const Nodes parts = nodes(term.terms);
    return made({.kind = kind, .parts = parts, .body = block(term.body), .source = &term});
}

// What a reference begins with may be a reference itself: there is one way from its root.
const Node* Library::reference(const Term& term) {
    std::vector<Term*> way(term.terms.begin(), term.terms.end());
    while (way[0]->kind == TermKind::kReference) {
        const syntax::Terms inner = way[0]->terms;
        way.erase(way.begin());
        way.insert(way.begin(), inner.begin(), inner.end());
    }
    return made({.kind = NodeKind::kReference, .parts = nodes(way), .source = &term});
}

const Block* Library::block(syntax::Body body) {
    std::vector<Step> steps;
    for (const Expression* one : body) {
        steps.push_back(step(*one));
        steps.back().place = steps.size() - 1;
    }
    auto* const made = arena_.make<Block>();
    made->steps = arena_.copy(std::span<const Step>(steps));
    made->source = body;
    return made;
}

const Block* Library::block_of(Step step, const Expression& source) {
    auto* const copied = arena_.make<Expression>(source);
    step.source = copied;
    auto* const made = arena_.make<Block>();
    made->steps = arena_.copy(std::span<const Step>(&step, 1));
    made->source = syntax::keep_pointers({copied}, arena_);
    return made;
}

// domain[key] = value
const Block* Library::generator(const Step& every, const Expression& source) {
    const Node* key = every.terms[0];
    if (key == nullptr) key = made({.kind = NodeKind::kVariable, .name = "$every"});
    Term* const head = source.terms[2];
    auto* const way = arena_.make<Term>();
    way->kind = TermKind::kReference;
    syntax::Location* const place = head->location != nullptr ? head->location : source.location;
    way->location = place;
    Term* key_term = source.terms[0];
    if (key_term == nullptr) {
        key_term = arena_.make<Term>();
        key_term->kind = TermKind::kVariable;
        key_term->text = "$every";
    }
    way->terms = syntax::keep_pointers({head, key_term}, arena_);
    auto* const operation = arena_.make<Term>();
    operation->kind = TermKind::kReference;
    auto* const name = arena_.make<Term>();
    name->kind = TermKind::kVariable;
    name->text = compiler::kEquality;
    operation->terms = syntax::keep_pointers({name}, arena_);
    Expression shown;
    shown.kind = ExpressionKind::kCall;
    shown.location = place;
    shown.terms = syntax::keep_pointers({operation, way, source.terms[1]}, arena_);

    std::vector<const Node*> parts{every.terms[2], key};
    const Node* const reference = made({.kind = NodeKind::kReference,
                                        .parts = syntax::keep_pointers(parts, arena_),
                                        .source = way});
    std::vector<const Node*> sides{reference, every.terms[1]};
    return block_of({.kind = StepKind::kEquality, .terms = syntax::keep_pointers(sides, arena_)},
                    shown);
}

Step Library::step(const Expression& expression) {
    Step step;
    step.source = &expression;
    switch (expression.kind) {
        case ExpressionKind::kSome:
        case ExpressionKind::kTerm:
            step.terms = nodes(expression.terms);
            break;
        case ExpressionKind::kCall:
            step.terms = nodes(expression.terms.subspan(1));
            step.kind = compiler::is_equality(expression) ? StepKind::kEquality : StepKind::kCall;
            if (step.kind == StepKind::kCall) step.callee = callee(*expression.terms[0]);
            break;
        case ExpressionKind::kEvery:
            step.kind = StepKind::kEvery;
            step.terms = nodes(expression.terms);
            step.left = block(expression.left);
            step.generator = generator(step, expression);
            break;
        case ExpressionKind::kNot:
        case ExpressionKind::kAnd:
        case ExpressionKind::kOr:
            step.kind = expression.kind == ExpressionKind::kNot   ? StepKind::kNot
                        : expression.kind == ExpressionKind::kAnd ? StepKind::kAnd
                                                                  : StepKind::kOr;
            step.left = block(expression.left);
            step.right = block(expression.right);
            break;
    }
    if (expression.is_negated) {
        Expression positive = expression;
        positive.is_negated = false;
        positive.with = {};
        step.complement = block_of(step, positive);
        step.is_negated = true;
    }
    std::vector<WithNode> withs;
    for (const syntax::With* one : expression.with) withs.push_back(with(*one));
    step.with = arena_.copy(std::span<const WithNode>(withs));
    return step;
}

WithNode Library::with(const syntax::With& with) {
    WithNode made;
    const bool is_input = with.target->kind == TermKind::kReference &&
                          syntax::is_variable(*with.target->terms[0], "input");
    made.function = is_input ? nullptr : callee(*with.target);
    made.value = node(*with.value);
    if (made.function != nullptr) {
        made.target = Target::kFunction;
        made.replacement = callee(*with.value);
        return made;
    }
    made.target =
        is_input || syntax::is_variable(*with.target, "input") ? Target::kInput : Target::kData;
    if (with.target->kind == TermKind::kReference) {
        made.path = nodes(with.target->terms.subspan(1));
    }
    return made;
}

const Callee* Library::callee(const Term& operation) {
    if (operation.kind != TermKind::kReference && operation.kind != TermKind::kVariable) {
        return nullptr;
    }
    const std::string name = compiler::operator_name(operation);
    const auto found = callees_.find(name);
    if (found != callees_.end()) return found->second.get();
    Callee made{.name = name};
    if (operation.kind == TermKind::kReference &&
        syntax::is_variable(*operation.terms[0], "data")) {
        made.rules = prepared_.tree->find(operation.terms);
        if (made.rules == nullptr || made.rules->arity() == 0) return nullptr;
        made.arity = made.rules->arity();
    } else {
        made.declaration = prepared_.builtins->declaration(name);
        made.builtin = prepared_.builtins->function(name);
        if (made.declaration == nullptr) return nullptr;
        made.arity = static_cast<std::size_t>(made.declaration->arity());
    }
    return callees_.emplace(name, std::make_unique<Callee>(made)).first->second.get();
}

namespace {

// Whether each step leads to another node of the tree: what a rule says at a composite key or at a
// variable is an entry of the document above.
bool is_whole_path(const syntax::Rule& rule) {
    return std::ranges::all_of(rule.head->reference.subspan(1),
                               [](const syntax::Term* step) { return compiler::is_scalar(*step); });
}

}  // namespace

const Block& Library::query(std::size_t number) const {
    static const Block kNone;
    return number < queries_.size() ? *queries_[number] : kNone;
}

const RuleSteps* Library::rule(const syntax::Rule& rule, std::uint32_t file, std::uint32_t group) {
    const syntax::Head& head = *rule.head;
    auto* const made = arena_.make<RuleSteps>();
    made->source = &rule;
    made->file = file;
    made->group = group;
    made->reference = nodes(head.reference);
    made->arguments = nodes(head.arguments);
    made->key = head.key == nullptr ? nullptr : node(*head.key);
    made->value = head.value == nullptr ? nullptr : node(*head.value);
    made->body = block(rule.body);
    comprehensions_.add(rule.body, head.arguments);
    made->is_multi_value = head.value == nullptr && head.key != nullptr;
    // `p["a"] = 1` of v0 keeps its key apart: it is an entry of an object.
    made->is_complete = head.key == nullptr && is_whole_path(rule);
    return made;
}

void Library::add_rules(const compiler::RuleNode& node) {
    for (const auto& [name, child] : node.children) add_rules(*child);
    if (node.rules.empty()) return;
    const auto is_whole = [](const compiler::PlacedRule& placed) {
        return is_whole_path(*placed.rule);
    };
    // Where a path has more steps, one set has all rules below.
    const std::vector<compiler::PlacedRule> placed =
        std::ranges::all_of(node.rules, is_whole) ? node.rules : node.all_rules();
    RuleSet& set = rules_[&node];
    std::uint32_t group = 0;
    for (const compiler::PlacedRule& one : placed) {
        ++group;
        for (const syntax::Rule* part = one.rule; part != nullptr; part = part->otherwise) {
            const RuleSteps* const made = rule(*part, one.file, group);
            if (part == placed[0].rule) set.is_multi_value = made->is_multi_value;
            if (part->is_default) {
                set.fallback = made;
                continue;
            }
            set.has_ground_references = set.has_ground_references && is_whole_path(*part);
            set.rules.push_back(made);
        }
    }
}

}  // namespace merlon::rego::watch
