#include "rego/watch/saves.h"

#include <algorithm>

namespace merlon::rego::watch {

using compiler::Names;
using syntax::Expression;
using syntax::ExpressionKind;
using syntax::Term;

bool is_same(const Node& left, const Node& right) {
    if (left.kind != right.kind) return false;
    if (left.kind == NodeKind::kValue) return left.value == right.value;
    if (left.kind == NodeKind::kVariable) return left.name == right.name;
    if (is_comprehension(left)) return &left == &right;
    return std::ranges::equal(left.parts, right.parts, [](const Node* one, const Node* other) {
        return is_same(*one, *other);
    });
}

bool share_prefix(Nodes left, Nodes right) {
    const std::size_t common = std::min(left.size(), right.size());
    for (std::size_t i = 0; i < common; ++i) {
        if (!is_same(*left[i], *right[i])) return false;
    }
    return true;
}

Nodes constant_prefix(Nodes reference) {
    std::size_t size = 1;
    while (size < reference.size() && reference[size]->kind == NodeKind::kValue) ++size;
    return reference.first(std::min(size, reference.size()));
}

namespace {

bool is_ground(const Node& node) {
    return !any_node(node, [](const Node& one) { return one.kind == NodeKind::kVariable; });
}

// Steps that are not known may be any.
bool may_overlap(Nodes left, Nodes right) {
    if (left.empty() || right.empty()) return true;
    if (!is_same(*left[0], *right[0])) return false;
    const std::size_t common = std::min(left.size(), right.size());
    for (std::size_t i = 1; i < common; ++i) {
        if (!is_same(*left[i], *right[i]) && is_ground(*left[i]) && is_ground(*right[i])) {
            return false;
        }
    }
    return true;
}

bool begins_with(Nodes reference, Nodes prefix) {
    return reference.size() >= prefix.size() && share_prefix(reference, prefix);
}

}  // namespace

bool Unknowns::contains_variable(const Node& node, const Bindings* where) const {
    if (node.kind != NodeKind::kVariable) return false;
    return std::ranges::any_of(elements_, [&](const Element& element) {
        return element.where == where && where != nullptr &&
               std::ranges::find(element.names, node.name) != element.names.end();
    });
}

bool Unknowns::contains(const Node& node, Bindings* where) const {
    if (node.kind != NodeKind::kReference) return contains_variable(node, where);
    for (const Element& element : elements_) {
        for (const Node* one : element.references) {
            if (share_prefix(one->parts, node.parts)) return true;
        }
    }
    return contains_variable(*node.parts[0], where);
}

bool Unknowns::contains_inside(const Node& node, Bindings* where) const {
    return any_node(node, [&](const Node& one) {
        if (one.kind != NodeKind::kVariable) return false;
        const Bound bound = follow(&one, where);
        if (bound.node == &one) return contains_variable(one, where);
        return contains_inside(*bound.node, bound.where);
    });
}

bool Unknowns::may_contain(const Node& node, Bindings* where) const {
    if (node.kind != NodeKind::kReference) return contains(node, where);
    for (const Element& element : elements_) {
        for (const Node* one : element.references) {
            if (may_overlap(one->parts, node.parts)) return true;
        }
    }
    return contains_variable(*node.parts[0], where);
}

bool Unknowns::covers(Nodes path) const {
    return std::ranges::any_of(elements_, [path](const Element& element) {
        return std::ranges::any_of(
            element.references, [path](const Node* one) { return begins_with(path, one->parts); });
    });
}

std::vector<const Node*> Unknowns::keys_below(Nodes path) const {
    std::vector<const Node*> keys;
    for (auto element = elements_.rbegin(); element != elements_.rend(); ++element) {
        for (const Node* one : element->references) {
            if (one->parts.size() <= path.size() || !begins_with(one->parts, path)) continue;
            const Node* const key = one->parts[path.size()];
            const auto is_key = [key](const Node* known) { return is_same(*known, *key); };
            if (is_ground(*key) && std::ranges::none_of(keys, is_key)) keys.push_back(key);
        }
    }
    return keys;
}

Names Unknowns::names(Plugger& plugger) const {
    Names names;
    for (const Element& element : elements_) {
        for (const std::string_view name : element.names) {
            const Node variable{.kind = NodeKind::kVariable, .name = name};
            const Term& shown = *plugger.term(variable, element.where);
            if (shown.kind == syntax::TermKind::kVariable) names.insert(shown.text);
        }
    }
    return names;
}

bool Inlining::is_disabled(Nodes reference, Those those) const {
    return std::ranges::any_of(frames_, [&](const Frame& frame) {
        if (frame.origin == Origin::kWith && those == Those::kAskedOnly) return false;
        return std::ranges::any_of(
            frame.references, [reference](Nodes other) { return share_prefix(other, reference); });
    });
}

std::span<syntax::With*> plugged_withs(const Step& step, Bindings* where, Plugger& plugger) {
    std::vector<syntax::With*> withs;
    for (std::size_t i = 0; i < step.with.size(); ++i) {
        if (step.with[i].target == Target::kFunction) continue;
        Term* const target = plugger.shown(*step.source->with[i]->target);
        Term* const value = plugger.term(*step.with[i].value, where);
        withs.push_back(plugger.maker().arena().make<syntax::With>(nullptr, target, value));
    }
    return syntax::keep_pointers(withs, plugger.maker().arena());
}

Expression* plug(const SavedExpression& saved, Plugger& plugger) {
    Expression* const made = plugger.maker().arena().make<Expression>(*saved.shape);
    if (!saved.operands.empty()) {
        std::vector<Term*> terms;
        if (made->kind == ExpressionKind::kCall) terms.push_back(made->terms[0]);
        for (std::size_t i = 0; i < saved.operands.size(); ++i) {
            terms.push_back(plugger.term(*saved.operands[i], i == 0 ? saved.left : saved.right));
        }
        made->terms = syntax::keep_pointers(terms, plugger.maker().arena());
    }
    if (saved.step != nullptr) made->with = plugged_withs(*saved.step, saved.left, plugger);
    return made;
}

syntax::Body plug(const SavedBody& saved, Plugger& plugger) {
    std::vector<Expression*> body;
    for (const SavedExpression& one : saved) body.push_back(plug(one, plugger));
    compiler::NodeMaker& maker = plugger.maker();
    if (body.empty()) {
        body.push_back(
            maker.expression(ExpressionKind::kTerm, {maker.boolean(true, nullptr)}, nullptr));
    }
    for (std::size_t i = 0; i < body.size(); ++i) body[i]->index = static_cast<std::uint32_t>(i);
    return syntax::keep_pointers(body, maker.arena());
}

}  // namespace merlon::rego::watch
