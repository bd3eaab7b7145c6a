#include "rego/syntax/walk.h"
#include "rego/watch/saving.h"

// Partial evaluation: negations, `every`, `and`, `or`, `with` and comprehensions that depend on
// something unknown.

namespace merlon::rego::watch {

using compiler::Names;
using syntax::Body;
using syntax::Expression;
using syntax::ExpressionKind;
using syntax::Term;
using syntax::TermKind;
using value::Value;

namespace {

// Negations of so many combinations of expressions are written out; more become rules.
constexpr std::size_t kMaxNegations = 16;
// Elements of known collections that `every` is written out for.
constexpr std::size_t kMaxUnrolled = 32;

struct NestedFinder {
    bool found = false;
    bool enter(Term& term) {
        found = found || term.kind == TermKind::kReference || term.kind == TermKind::kCall;
        return !found;
    }
    bool enter(Expression&) { return !found; }
    bool enter(syntax::With&) { return !found; }
};

bool has_nested(Term& term) {
    NestedFinder finder;
    if (term.kind == TermKind::kReference) {
        for (Term* part : term.terms.subspan(1)) syntax::walk(*part, finder);
    } else {
        syntax::walk(term, finder);
    }
    return finder.found;
}

bool is_hard_to_negate(const Expression& expression);

bool is_hard_to_negate(Body body) {
    return std::ranges::any_of(body, [](const Expression* one) { return is_hard_to_negate(*one); });
}

bool is_hard_to_negate(const Expression& expression) {
    switch (expression.kind) {
        case ExpressionKind::kCall:
            return std::ranges::any_of(expression.terms.subspan(1), [&](Term* term) {
                if (compiler::is_equality(expression)) return has_nested(*term);
                NestedFinder finder;
                syntax::walk(*term, finder);
                return finder.found;
            });
        case ExpressionKind::kEvery:
            return true;
        case ExpressionKind::kNot:
        case ExpressionKind::kAnd:
        case ExpressionKind::kOr:
            return is_hard_to_negate(expression.left) || is_hard_to_negate(expression.right);
        default:
            return has_nested(*expression.terms[0]);
    }
}

bool can_negate(const Names& safe, const std::vector<Body>& bodies) {
    std::size_t size = 1;
    for (const Body body : bodies) {
        size *= body.size();
        if (size > kMaxNegations) return false;
        for (const Expression* one : body) {
            if (is_hard_to_negate(*one)) return false;
            if (one->is_negated) continue;
            Names names;
            compiler::VariableCollector(names, compiler::kSafetySkips).expression(*one);
            names.erase("data");
            names.erase("input");
            if (!compiler::is_subset(names, safe)) return false;
        }
    }
    return true;
}

void renumber(Body body) {
    for (std::size_t i = 0; i < body.size(); ++i) body[i]->index = static_cast<std::uint32_t>(i);
}

}  // namespace

// What the block leaves, solution by solution.
std::vector<Body> Watcher::residues(Frame& inside, partial::CopyPropagation* propagation) {
    std::vector<Body> bodies;
    saving_->bodies.emplace_back();
    // An error in it is told by whoever asks next.
    static_cast<void>(expression(inside, [&](Frame& /*found*/) -> Flow {
        const Body body = plug(saving_->bodies.back(), saving_->plugger);
        if (library_.prepared().fits_types(body)) {
            bodies.push_back(propagation == nullptr ? body : propagation->apply(body));
        }
        return nullptr;
    }));
    saving_->bodies.pop_back();
    return bodies;
}

Expression* Watcher::negated(const Expression& expression, Negation negation) {
    if (negation == Negation::kWord || expression.is_negated) {
        auto* const flipped = arena_.make<Expression>(expression);
        flipped->is_negated = !expression.is_negated;
        return flipped;
    }
    auto* const made = arena_.make<Expression>();
    made->kind = ExpressionKind::kNot;
    made->left = syntax::keep_pointers({arena_.make<Expression>(expression)}, arena_);
    return made;
}

// The complement of one expression: for `not { … }` all of its body.
std::vector<Expression*> Watcher::complement(const Expression& expression, Negation negation) {
    if (expression.kind != ExpressionKind::kNot || expression.is_negated) {
        return {negated(expression, negation)};
    }
    std::vector<Expression*> parts;
    for (const Expression* one : expression.left) {
        auto* const part = arena_.make<Expression>(*one);
        std::vector<syntax::With*> withs(part->with.begin(), part->with.end());
        withs.insert(withs.end(), expression.with.begin(), expression.with.end());
        part->with = syntax::keep_pointers(withs, arena_);
        parts.push_back(part);
    }
    return parts;
}

Watcher::Flow Watcher::save_negations(Frame& frame, std::span<Expression* const> expressions,
                                      Then then) {
    const auto withs = plugged_withs(frame.step(), frame.bindings, saving_->plugger);
    SavedBody& body = saving_->bodies.back();
    const std::size_t size = body.size();
    for (Expression* one : expressions) {
        one->with = withs;
        body.push_back({.shape = one});
    }
    const Flow flow = then();
    saving_->bodies.back().resize(size);
    return flow;
}

// One expression of each body is negated, in all combinations.
Watcher::Flow Watcher::negate_each(Frame& frame, std::span<const Body> bodies,
                                   std::vector<Expression*>& chosen, Negation negation, Then then) {
    if (bodies.empty()) {
        std::vector<Expression*> copies;
        for (const Expression* one : chosen) copies.push_back(arena_.make<Expression>(*one));
        return save_negations(frame, copies, then);
    }
    for (const Expression* one : bodies[0]) {
        const std::size_t size = chosen.size();
        for (Expression* part : complement(*one, negation)) chosen.push_back(part);
        if (const Flow flow = negate_each(frame, bodies.subspan(1), chosen, negation, then)) {
            return flow;
        }
        chosen.resize(size);
    }
    return nullptr;
}

Watcher::Flow Watcher::negate_by_rule(Frame& frame, std::uint64_t id, const Names& unknowns,
                                      std::span<const Body> bodies, Negation negation, Then then) {
    const std::string name = "__not" + std::to_string(frame.id) + "_" +
                             std::to_string(frame.index) + "_" + std::to_string(id) + "__";
    compiler::NodeMaker& maker = saving_->maker;
    const std::string& space = saving_->options.negations_namespace;
    Term* const reference = maker.composite(
        TermKind::kReference,
        std::vector<Term*>{maker.variable("data", nullptr), maker.string(space, nullptr),
                           maker.string(name, nullptr)},
        nullptr);
    Names used;
    for (const Body body : bodies) {
        compiler::VariableCollector(used, compiler::kSkipNothing).body(body);
    }
    std::vector<Term*> arguments;
    for (const std::string_view one : unknowns) {
        if (used.contains(one)) arguments.push_back(maker.variable(one, nullptr));
    }
    const auto place = saving_->support.place_of(reference->terms);
    syntax::Head head;
    head.name = place.rule[0]->text;
    head.reference = place.rule;
    head.arguments = syntax::keep_pointers(arguments, arena_);
    head.value = maker.boolean(true, nullptr);
    for (const Body body : bodies) {
        auto* const rule = arena_.make<syntax::Rule>();
        rule->head = arena_.make<syntax::Head>(head);
        rule->body = body;
        saving_->support.add(place.package, rule);
    }
    auto* asked = arena_.make<Expression>(*frame.step().source);
    asked->left = {};
    asked->kind = arguments.empty() ? ExpressionKind::kTerm : ExpressionKind::kCall;
    arguments.insert(arguments.begin(), reference);
    asked->terms = syntax::keep_pointers(arguments, arena_);
    if (negation == Negation::kBody) {
        asked->is_negated = false;
        asked->with = {};
        asked = negated(*asked, negation);
    }
    Expression* const saved[] = {asked};
    return save_negations(frame, saved, then);
}

Watcher::Flow Watcher::unknown_negation(Frame& frame, const Block& block, Negation negation,
                                        Solution solution, After after) {
    Frame inside = closure(frame, block);
    const Names unknowns = saving_->unknowns.names(saving_->plugger);
    partial::CopyPropagation propagation(unknowns, partial::EmptyBody::kBecomesTrue,
                                         library_.prepared().arity, saving_->maker);
    const bool is_shallow = saving_->options.inlining == PartialOptions::Inline::kShallow;
    const bool is_closed =
        negation == Negation::kBody && frame.step().source->has_explicit_left && !is_shallow;
    const std::vector<Body> bodies =
        residues(inside, is_shallow || is_closed ? nullptr : &propagation);
    // OPA takes no notice of documents that contradict themselves here.
    if (error_ && error_->kind == ErrorKind::kConflict) {
        error_.reset();
        stack_.clear();
    }
    if (error_) return fail(frame, error_->kind, "");
    const auto go = [&]() -> Flow { return go_on(frame, solution, after); };
    if (bodies.empty()) return go();
    if (is_closed) {
        std::vector<Expression*> saved;
        for (const Body body : bodies) {
            auto* const one = arena_.make<Expression>();
            one->kind = ExpressionKind::kNot;
            one->has_explicit_left = true;
            one->left = syntax::copy(body, arena_);
            saved.push_back(one);
        }
        return save_negations(frame, saved, go);
    }
    if (can_negate(unknowns, bodies)) {
        std::vector<Expression*> chosen;
        return negate_each(frame, bodies, chosen, negation, go);
    }
    // OPA goes on behind the expression here, also where `with` would end first.
    return negate_by_rule(frame, inside.id, unknowns, bodies, negation,
                          [&]() -> Flow { return next(frame, solution); });
}

// What the operands stand for now, inside of the bodies as well.
void Watcher::plug_body(Body body, std::span<const Step> steps, Bindings* where) {
    for (std::size_t i = 0; i < body.size(); ++i) plug_expression(*body[i], steps[i], where);
}

void Watcher::plug_expression(Expression& made, const Step& step, Bindings* where) {
    const auto plugged = [&](const Node& node) {
        return is_comprehension(node) ? saving_->plugger.closed_comprehension(*node.source, where)
                                      : saving_->plugger.term(node, where);
    };
    const std::size_t first = made.kind == ExpressionKind::kCall ? 1 : 0;
    for (std::size_t i = 0; i < step.terms.size(); ++i) {
        if (step.terms[i] == nullptr) continue;
        made.terms[first + i] = made.kind == ExpressionKind::kEvery
                                    ? saving_->plugger.term(*step.terms[i], where)
                                    : plugged(*step.terms[i]);
    }
    if (step.left != nullptr) plug_body(made.left, step.left->steps, where);
    if (step.right != nullptr) plug_body(made.right, step.right->steps, where);
}

// `every`, `and` and `or` stay, with what is known of their variables.
Watcher::Flow Watcher::save_plugged(Frame& frame, Then then) {
    Expression* const made = saving_->plugger.shown(*frame.step().source);
    plug_expression(*made, frame.step(), frame.bindings);
    return save(
        {.shape = made, .left = frame.bindings, .right = frame.bindings, .step = &frame.step()}, {},
        then);
}

// The keys and values of a known collection, where they are not too many.
std::optional<std::vector<Watcher::Element>> Watcher::known_elements(Frame& frame, Flow& flow) {
    const Step& step = frame.step();
    const Node* const domain = maker_.plug(step.terms[2], frame.bindings);
    if (!is_collection(*domain)) return std::nullopt;
    const std::size_t size = std::max<std::size_t>(size_of(*domain), 1);
    if (size * frame.unrolled > kMaxUnrolled) return std::nullopt;
    Frame inside = closure(frame, *step.generator);
    std::vector<Element> elements;
    flow = expression(inside, [&](Frame& found) -> Flow {
        elements.push_back({maker_.plug(step.terms[0], found.bindings),
                            maker_.plug(step.terms[1], found.bindings)});
        return nullptr;
    });
    return elements;
}

// The body with the element in place of key and value, and with variables of its own.
void Watcher::append_element(Frame& frame, const Element& element, std::vector<Expression*>& body) {
    compiler::NodeMaker& maker = saving_->maker;
    const Step& step = frame.step();
    const std::string suffix = "__e" + std::to_string(++saving_->made);
    std::map<std::string_view, Term*> known;
    const auto renamed = [&](std::string_view name) {
        const std::string made = std::string(saving_->plugger.shown(name)) + suffix;
        return maker.variable(arena_.copy(std::string_view(made)), nullptr);
    };
    for (const auto& [declared, node] :
         {std::pair(step.terms[0], element.key), std::pair(step.terms[1], element.value)}) {
        if (declared->kind != NodeKind::kVariable) continue;
        const bool is_scalar = node->kind == NodeKind::kValue && !is_collection(*node);
        if (is_scalar) {
            known[declared->name] = saving_->plugger.value(node->value);
            continue;
        }
        Term* const name = renamed(declared->name);
        known[declared->name] = name;
        body.push_back(maker.equality(name, written(*node), nullptr));
    }
    struct Renamer {
        const std::function<void(Term&)>& rename;
        bool enter(Term& term) {
            if (term.kind == TermKind::kVariable) rename(term);
            return true;
        }
        bool enter(Expression&) { return true; }
        bool enter(syntax::With&) { return true; }
    };
    const Names heads = operators_in(step.source->left);
    const std::function<void(Term&)> rename = [&](Term& term) {
        if (const auto found = known.find(term.text); found != known.end()) {
            term = *found->second;
            return;
        }
        if (term.text == "data" || term.text == "input" || heads.contains(term.text)) return;
        const Node variable{.kind = NodeKind::kVariable, .name = term.text};
        const Node* const plugged = maker_.plug(&variable, frame.bindings);
        const bool is_callers =
            plugged != &variable || saving_->unknowns.contains_inside(variable, frame.bindings);
        if (!is_callers) term = *renamed(term.text);
    };
    const Body copied = syntax::copy(step.source->left, arena_);
    Renamer renamer{rename};
    syntax::walk(copied, renamer);
    body.insert(body.end(), copied.begin(), copied.end());
}

// A node as the compiler would have made it, in the terms of the rule it stands in.
Term* Watcher::written(const Node& node) {
    if (node.kind == NodeKind::kValue) return saving_->plugger.value(node.value);
    if (node.kind == NodeKind::kVariable) return saving_->maker.variable(node.name, nullptr);
    if (is_comprehension(node)) return syntax::copy(node.source, arena_);
    std::vector<Term*> parts;
    for (const Node* part : node.parts) parts.push_back(written(*part));
    const TermKind kind = node.kind == NodeKind::kReference ? TermKind::kReference
                          : node.kind == NodeKind::kArray   ? TermKind::kArray
                          : node.kind == NodeKind::kObject  ? TermKind::kObject
                                                            : TermKind::kSet;
    return saving_->maker.composite(kind, parts, nullptr);
}

Names Watcher::operators_in(Body body) {
    struct Finder {
        Names names;
        bool enter(Term&) { return true; }
        bool enter(Expression& expression) {
            if (expression.kind == ExpressionKind::kCall &&
                expression.terms[0]->kind == TermKind::kReference) {
                names.insert(expression.terms[0]->terms[0]->text);
            }
            return true;
        }
        bool enter(syntax::With&) { return true; }
    };
    Finder finder;
    syntax::walk(body, finder);
    return finder.names;
}

Watcher::Flow Watcher::unknown_every(Frame& frame, Then then) {
    const Step& step = frame.step();
    if (is_unknown(*step.terms[2], frame.bindings)) return save_plugged(frame, then);
    Flow flow = nullptr;
    const auto elements = known_elements(frame, flow);
    if (flow != nullptr) return flow;
    if (!elements) return save_plugged(frame, then);
    std::vector<Expression*> body;
    for (const Element& element : *elements) append_element(frame, element, body);
    const Body whole = syntax::keep_pointers(body, arena_);
    renumber(whole);
    Frame inside = closure(frame, *library_.make_block(whole));
    inside.unrolled = frame.unrolled * std::max<std::size_t>(elements->size(), 1);
    return expression(inside, [&](Frame& /*found*/) -> Flow { return then(); });
}

// `with` says what the references of its expression mean: none of them is written out. Where its
// value is unknown all of the expression stays.
bool Watcher::with_keeps(Frame& frame, std::vector<Nodes>& disabled) {
    const Step& step = frame.step();
    const auto add = [&](const Node& node) {
        any_node(node, [&](const Node& one) {
            if (one.kind == NodeKind::kReference) disabled.push_back(ground_prefix(one.parts));
            return false;
        });
    };
    for (const WithNode& with : step.with) {
        if (with.target == Target::kFunction) {
            if (with.replacement != nullptr) add(*callee_reference(*with.replacement));
            add(*with.value);
            continue;
        }
        if (saving_->unknowns.contains_inside(*with.value, frame.bindings)) return true;
        std::vector<const Node*> target{
            maker_.variable(with.target == Target::kInput ? "input" : "data")};
        target.insert(target.end(), with.path.begin(), with.path.end());
        disabled.push_back(syntax::keep_pointers(target, arena_));
        add(*with.value);
    }
    add_references(step, disabled);
    return false;
}

Nodes Watcher::ground_prefix(Nodes reference) {
    std::size_t size = 1;
    const auto has_variable = [](const Node& node) {
        return any_node(node, [](const Node& one) { return one.kind == NodeKind::kVariable; });
    };
    while (size < reference.size() && !has_variable(*reference[size])) ++size;
    return reference.first(size);
}

const Node* Watcher::callee_reference(const Callee& callee) {
    if (callee.rules != nullptr) return reference_to(callee);
    const Node* const parts[] = {maker_.variable(arena_.copy(std::string_view(callee.name)))};
    return made_reference(parts);
}

// Those of the expression, without its `with`, and of all that is called in it.
void Watcher::add_references(const Step& step, std::vector<Nodes>& found) {
    if (step.callee != nullptr && step.callee->rules != nullptr) {
        found.push_back(reference_to(*step.callee)->parts);
    }
    for (const Node* term : step.terms) {
        if (term == nullptr) continue;
        any_node(*term, [&](const Node& one) {
            if (one.kind == NodeKind::kReference) found.push_back(ground_prefix(one.parts));
            if (one.body != nullptr) {
                for (const Step& inner : one.body->steps) add_references(inner, found);
            }
            return false;
        });
    }
    for (const Block* block : {step.left, step.right}) {
        if (block == nullptr) continue;
        for (const Step& inner : block->steps) add_references(inner, found);
    }
}

Watcher::Flow Watcher::unknown_comprehension(Frame& frame, Bound left, Bound right, Then then) {
    for (Bound* side : {&left, &right}) {
        if (!is_comprehension(*side->node)) continue;
        Node closed = *side->node;
        closed.source = saving_->plugger.closed_comprehension(*closed.source, side->where);
        side->node = arena_.make<Node>(closed);
    }
    return save_unification(frame, left, right, then);
}

}  // namespace merlon::rego::watch
