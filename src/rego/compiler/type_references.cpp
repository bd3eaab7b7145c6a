#include "rego/compiler/type_references.h"

#include <algorithm>

#include "rego/compiler/type_json.h"
#include "rego/syntax/json.h"
#include "rego/syntax/print.h"
#include "rego/term.h"
#include "text/json.h"

namespace merlon::rego::compiler {
namespace {

void add_keys(const Type* type, std::vector<value::Value>& keys) {
    type = bare(type);
    if (type == nullptr) return;
    for (const Property& one : type->properties) keys.push_back(one.key);
    if (type->kind != TypeKind::kAny) return;
    for (const Type* member : type->parts) add_keys(member, keys);
}

// What may stand somewhere, as it is written and as JSON.
struct Choices {
    std::vector<std::string> texts;
    std::vector<std::string> json;

    std::string text() const {
        std::string listed;
        for (const std::string& one : texts) listed += (listed.empty() ? "[" : " ") + one;
        return listed + "]";
    }
};

// A name that the compiler has made ends with what no source can write, for which OPA has "__".
std::string shown_name(std::string_view name) {
    if (!name.ends_with('~')) return std::string(name);
    return std::string(name.substr(0, name.size() - 1)) + "__";
}

Choices choices_of(const TypeNode* node, const Type* type) {
    Choices found;
    if (node != nullptr) {
        for (const auto& [key, child] : node->children) {
            Term shown = *key;
            const std::string name = shown_name(key->text);
            if (key->kind == TermKind::kVariable) shown.text = name;
            found.texts.push_back(syntax::to_text(shown));
            found.json.push_back(syntax::value_to_json(shown));
        }
    }
    std::vector<value::Value> keys;
    add_keys(type, keys);
    std::ranges::sort(keys, [](const value::Value& left, const value::Value& right) {
        return value::compare(left, right) < 0;
    });
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    for (const value::Value& key : keys) {
        found.texts.push_back(term_text(key));
        // As a term null is an object without fields.
        std::string& text = found.json.emplace_back(key.is_null() ? "{}" : "");
        if (!key.is_null()) text::JsonWriter(text, {}, text::JsonEscapes::kGo).value(key);
    }
    return found;
}

std::string invalid_json(Terms written, std::size_t place, const Type* have, const Type* want,
                         const Choices& choices) {
    std::string text;
    text::JsonWriter json(text, {}, text::JsonEscapes::kGo);
    json.begin_object().key("ref").raw(syntax::to_json(written));
    json.key("pos").integer(static_cast<std::int64_t>(place));
    if (have != nullptr) write_type(json.key("have"), have);
    write_type(json.key("want"), want);
    json.key("oneOf");
    if (choices.json.empty()) {
        json.null();
    } else {
        json.begin_array();
        for (const std::string& one : choices.json) json.raw(one);
        json.end_array();
    }
    json.end_object();
    return text;
}

std::string unsupported_json(Terms written, std::size_t place, const Type* have) {
    std::string text;
    text::JsonWriter json(text, {}, text::JsonEscapes::kGo);
    json.begin_object().key("ref").raw(syntax::to_json(written));
    json.key("pos").integer(static_cast<std::int64_t>(place));
    write_type(json.key("have"), have);
    json.end_object();
    return text;
}

}  // namespace

std::vector<CompileError> TypeReferences::check(TypeLayer& layer, const Expression& expression) {
    layer_ = &layer;
    errors_.clear();
    visit(expression);
    return std::move(errors_);
}

void TypeReferences::visit(const Expression& expression) {
    const bool is_call = expression.kind == ExpressionKind::kCall;
    for (const Term* term : expression.terms.subspan(is_call ? 1 : 0)) {
        if (term != nullptr) visit(*term);
    }
    for (const Expression* one : expression.left) visit(*one);
    for (const Expression* one : expression.right) visit(*one);
    if (is_call || expression.kind == ExpressionKind::kTerm ||
        expression.kind == ExpressionKind::kNot) {
        return;
    }
    for (const syntax::With* with : expression.with) {
        visit(*with->target);
        visit(*with->value);
    }
}

void TypeReferences::visit(const Term& term) {
    if (is_comprehension(term)) return;
    if (term.kind == TermKind::kReference) {
        if (is_function(term.terms)) return;
        follow(*layer_, layer_->tree(), term.terms, 0);
    }
    if (term.kind == TermKind::kObject) {
        for (const Term* part : syntax::sorted_elements(term)) visit(*part);
    } else {
        for (const Term* part : term.terms) visit(*part);
    }
}

// A function is called, or stands behind `with`; nothing else is done with one.
bool TypeReferences::is_function(Terms reference) {
    const Type* const type = environment_.of_reference(*layer_, reference);
    if (!is_kind(type, TypeKind::kFunction)) return false;
    report_unsupported(reference, reference.size() - 1, type);
    return true;
}

void TypeReferences::follow_variable(const Type* keys, Terms reference, std::size_t place,
                                     const Candidates& candidates, bool& goes_on) {
    const Term& step = *reference[place];
    const Type* const known = environment_.of_variable(*layer_, step.text);
    if (known == nullptr) {
        (*layer_->inferred)[step.text] = keys;
    } else if (!unify(keys, known)) {
        report_invalid(reference, place, known, keys, candidates);
        goes_on = false;
    }
}

void TypeReferences::follow(TypeLayer& at, const TypeNode& node, Terms reference,
                            std::size_t place) {
    if (place == reference.size()) return;
    const Term& step = *reference[place];
    const Candidates candidates{.node = &node};
    // A package has at least one part, and a rule a name.
    if ((place == 1 || place == 2) && step.kind != TermKind::kVariable &&
        step.kind != TermKind::kString) {
        const Type* const have = environment_.of(*layer_, step);
        return report_invalid(reference, place, have, &kStringType, candidates);
    }
    if (step.kind == TermKind::kVariable && place != 0) {
        bool goes_on = true;
        follow_variable(environment_.types().keys_of(environment_.extent(node)), reference, place,
                        candidates, goes_on);
        if (!goes_on) return;
    }
    if (place == 0 && step.kind == TermKind::kVariable) {
        const auto found = at.variables.find(step.text);
        // A literal that was given a name has nothing below it, which OPA does not look at.
        const bool is_literal = is_generated(step.text) && is_literal_(step.text);
        if (found != at.variables.end() && is_literal) {
            return follow_type(&kAnyType, reference, 1);
        }
        if (found != at.variables.end() && found->second != nullptr) {
            return follow_type(found->second, reference, 1);
        }
        // A variable without a type has nothing below it.
        if (found != at.variables.end() && reference.size() == 1) return;
    }
    const TypeNode* const child = node.child(step);
    if (child != nullptr) {
        return child->type != nullptr ? follow_type(child->type, reference, place + 1)
                                      : follow(at, *child, reference, place + 1);
    }
    if (at.next != nullptr) return follow(*at.next, at.next->tree(), reference, 0);
    // Behind the rules OPA has the built-in functions, whose names begin with no document.
    follow_type(&kAnyType, reference, syntax::is_root_document(*reference[0]) ? 1 : 0);
}

void TypeReferences::follow_type(const Type* type, Terms reference, std::size_t place) {
    for (; place < reference.size(); ++place) {
        const Term& step = *reference[place];
        const Candidates candidates{.type = type};
        if (is_empty_collection(type)) {
            if (is_scalar(step)) return report_invalid(reference, place, nullptr, nullptr, {});
            if (step.kind != TermKind::kVariable) return;
            const Type* const known = environment_.of_variable(*layer_, step.text);
            const Type* const keys = environment_.types().keys_of(type);
            if (known == nullptr) {
                (*layer_->inferred)[step.text] = &kAnyType;
            } else if (keys != nullptr && !unify(known, keys)) {
                report_invalid(reference, place, known, keys, {});
            }
            return;
        }
        const Type* const keys = environment_.types().keys_of(type);
        if (keys == nullptr) return report_unsupported(reference, place - 1, type);
        switch (step.kind) {
            case TermKind::kVariable: {
                bool goes_on = true;
                follow_variable(keys, reference, place, candidates, goes_on);
                if (!goes_on) return;
                break;
            }
            case TermKind::kReference: {
                const Type* const known = environment_.of_reference(*layer_, step.terms);
                if (known != nullptr && !unify(known, keys)) {
                    return report_invalid(reference, place, known, keys, candidates);
                }
                break;
            }
            case TermKind::kArray:
            case TermKind::kObject:
            case TermKind::kSet:
                if (!unifier_.fits(*layer_, step, keys)) {
                    return report_invalid(reference, place, environment_.of(*layer_, step), keys,
                                          {});
                }
                break;
            default: {
                const Type* const selected = environment_.select_constant(type, step);
                if (selected == nullptr) {
                    return report_invalid(reference, place, nullptr, keys, candidates);
                }
                type = selected;
                continue;
            }
        }
        type = environment_.types().values_of(type);
    }
}

void TypeReferences::report_invalid(Terms reference, std::size_t place, const Type* have,
                                    const Type* want, const Candidates& candidates) {
    const Terms written = written_(reference);
    const std::string whole = syntax::to_text(written);
    CompileError& error = errors_.emplace_back();
    error.code = kTypeError;
    error.message = "undefined ref: " + whole;
    error.row = reference[0]->location->row;
    error.column = reference[0]->location->column;
    const std::string pad(syntax::to_text(written.first(place)).size() + 1, ' ');
    std::vector<std::string>& lines = error.details.lines;
    lines = {whole, pad + "^"};
    lines.push_back(pad + (have != nullptr ? "have (type): " + to_text(have)
                                           : "have: " + syntax::to_text(*written[place])));
    const Choices choices = choices_of(candidates.node, candidates.type);
    if (!choices.texts.empty() || want == nullptr) {
        lines.push_back(pad + "want (one of): " + (choices.texts.empty() ? "[]" : choices.text()));
    } else {
        lines.push_back(pad + "want (type): " + to_text(want));
    }
    error.details.json = invalid_json(written, place, have, want, choices);
}

void TypeReferences::report_unsupported(Terms reference, std::size_t place, const Type* have) {
    const Terms written = written_(reference);
    const std::string whole = syntax::to_text(written);
    CompileError& error = errors_.emplace_back();
    error.code = kTypeError;
    error.message = "undefined ref: " + whole;
    if (is_kind(have, TypeKind::kFunction)) {
        const Term& last = *written.back();
        const bool is_made = last.kind == TermKind::kVariable && is_generated(last.text);
        error.message = "function " +
                        syntax::to_text(is_made ? written.first(written.size() - 1) : written) +
                        " used as reference, not called";
    }
    error.row = reference[0]->location->row;
    error.column = reference[0]->location->column;
    error.details = {{whole, std::string(syntax::to_text(written.first(place + 1)).size(), '^'),
                      "have: " + (have == nullptr ? "<nil>" : to_text(have))},
                     unsupported_json(written, place, have)};
}

}  // namespace merlon::rego::compiler
