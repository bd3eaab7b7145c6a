#include <algorithm>

#include "rego/compiler/emitter.h"
#include "rego/compiler/variables.h"
#include "rego/syntax/compare.h"
#include "rego/syntax/print.h"
#include "rego/term.h"

namespace merlon::rego::compiler {

using value::Value;

namespace {

// Of an object as it is written; null where it has no such key.
const Term* value_at(const Term& object, const Term& key) {
    for (std::size_t i = 0; i + 1 < object.terms.size(); i += 2) {
        if (syntax::compare(*object.terms[i], key) == 0) return object.terms[i + 1];
    }
    return nullptr;
}

// Whether a comprehension on the right gives another kind of value than what is written on the
// left: OPA does not even evaluate it then. The other way around it does.
bool differs_by_kind(const Term& left, const Term& right) {
    if (!is_comprehension(right)) return false;
    if (left.kind == TermKind::kArray) return right.kind != TermKind::kArrayComprehension;
    if (left.kind == TermKind::kObject) return right.kind != TermKind::kObjectComprehension;
    return is_scalar(left);
}

// Of an unbound variable: no value is a part of itself. OPA goes on with such a value until
// somebody looks at it, and ends then.
bool holds_itself(const Term& variable, const Term& whole) {
    return variable.kind == TermKind::kVariable && whole.kind != TermKind::kVariable &&
           variables_of(whole).contains(variable.text);
}

}  // namespace

Emitter::Scope Emitter::enter(Label fail) {
    const Scope scope{code_.fail(), bound_.size(), evaluated_.size(), code_.open_iterators()};
    code_.set_fail(fail);
    return scope;
}

void Emitter::leave(const Scope& scope) {
    for (; bound_.size() > scope.bound; bound_.pop_back()) variables_.erase(bound_.back());
    evaluated_.resize(scope.evaluated);
    code_.close_iterators(scope.iterators);
    code_.set_fail(scope.fail);
}

void Emitter::bind(std::string_view name, Operand operand) {
    variables_[name] = operand;
    bound_.push_back(name);
    for (const Awaited& one : awaited_) {
        if (one.variable == name) check_parts(one.argument, one.known, operand);
    }
}

bool Emitter::has_unbound(const Term& term) const {
    switch (term.kind) {
        case TermKind::kVariable:
            return !is_bound(term.text) && !syntax::is_root_document(term);
        case TermKind::kArray:
            return std::ranges::any_of(term.terms,
                                       [this](const Term* part) { return has_unbound(*part); });
        case TermKind::kObject:
            for (std::size_t i = 1; i < term.terms.size(); i += 2) {
                if (has_unbound(*term.terms[i])) return true;
            }
            return false;
        default:
            return false;
    }
}

bool Emitter::needs_unbound(const Term& term) const {
    const auto is_open = [this](const Term* part) { return this->is_open(*part); };
    const auto needs = [this](const Term* part) { return needs_unbound(*part); };
    switch (term.kind) {
        case TermKind::kSet:
            return std::ranges::any_of(term.terms, is_open);
        case TermKind::kObject:
            for (std::size_t i = 0; i + 1 < term.terms.size(); i += 2) {
                if (is_open(term.terms[i]) || needs(term.terms[i + 1])) return true;
            }
            return false;
        case TermKind::kArray:
            return std::ranges::any_of(term.terms, needs);
        case TermKind::kReference:
            return std::ranges::any_of(term.terms.subspan(1), needs);
        default:
            return false;
    }
}

void Emitter::unsafe(const Term& term) {
    errors_.add(kUnsafeError, term.location, "var " + syntax::to_text(term) + " is unsafe");
    code_.jump(code_.fail());
}

std::optional<Value> Emitter::constant_of(const Term& term) {
    value::Builder& values = code_.values();
    switch (term.kind) {
        case TermKind::kNull:
            return values.null();
        case TermKind::kBoolean:
            return values.boolean(term.constant.as_boolean());
        case TermKind::kNumber: {
            auto number = values.number(term.constant.number_text());
            if (!number.ok()) return std::nullopt;
            return number.value();
        }
        case TermKind::kString:
            return values.key(term.constant.as_string());
        case TermKind::kArray:
        case TermKind::kSet:
        case TermKind::kObject:
            break;
        default:
            return std::nullopt;
    }
    std::vector<Value> parts;
    for (const Term* part : term.terms) {
        const auto value = constant_of(*part);
        if (!value) return std::nullopt;
        parts.push_back(*value);
    }
    if (term.kind == TermKind::kArray) return values.array(parts);
    if (term.kind == TermKind::kSet) return values.set(parts);
    std::vector<value::Builder::Entry> entries;
    for (std::size_t i = 0; i + 1 < parts.size(); i += 2) {
        entries.emplace_back(parts[i], parts[i + 1]);
    }
    return values.object(entries);
}

Operand Emitter::term(const Term& term) {
    if (const auto constant = constant_of(term)) return code_.constant(*constant);
    const auto evaluated =
        std::ranges::find(evaluated_, &term, &std::pair<const Term*, Operand>::first);
    if (evaluated != evaluated_.end()) return evaluated->second;
    switch (term.kind) {
        case TermKind::kVariable: {
            if (const auto found = variables_.find(term.text); found != variables_.end()) {
                return found->second;
            }
            unsafe(term);
            return code_.boolean(false);
        }
        case TermKind::kReference:
            return reference(term);
        case TermKind::kArray:
        case TermKind::kSet:
        case TermKind::kObject:
            return collection(term);
        default:
            return comprehension(term);
    }
}

std::vector<Operand> Emitter::operands(Terms terms) {
    std::vector<Operand> made(terms.size());
    std::vector<std::size_t> waiting;
    for (std::size_t i = 0; i < terms.size(); ++i) {
        if (is_open(*terms[i])) {
            waiting.push_back(i);
        } else {
            made[i] = term(*terms[i]);
        }
    }
    while (!waiting.empty()) {
        auto next = std::ranges::find_if(waiting, [&](auto i) { return !is_open(*terms[i]); });
        if (next == waiting.end()) {
            // What one needs, a reference inside of it or of another one may bind.
            const bool is_bound_now = std::ranges::any_of(
                waiting, [&](std::size_t i) { return evaluate_inside(*terms[i]); });
            if (is_bound_now) continue;
            next = waiting.begin();
        }
        made[*next] = term(*terms[*next]);
        waiting.erase(next);
    }
    return made;
}

// Evaluates the first reference that stands inside of the term and can be evaluated; false where
// there is none.
bool Emitter::evaluate_inside(const Term& term) {
    if (is_comprehension(term)) return false;
    if (term.kind == TermKind::kReference && !needs_unbound(term)) {
        const bool is_done =
            std::ranges::find(evaluated_, &term, &std::pair<const Term*, Operand>::first) !=
            evaluated_.end();
        if (is_done) return false;
        const Operand operand = reference(term);
        evaluated_.emplace_back(&term, operand);
        return true;
    }
    return std::ranges::any_of(term.terms,
                               [this](const Term* part) { return evaluate_inside(*part); });
}

// All parts first: they may open loops, and each round makes a collection of its own. Those of sets
// and objects are evaluated in the order of terms: an error behind one that is undefined is not
// met.
Operand Emitter::collection(const Term& term) {
    std::vector<Term*> in_order = term.kind == TermKind::kArray
                                      ? std::vector(term.terms.begin(), term.terms.end())
                                      : syntax::sorted_elements(term);
    const std::vector<Operand> parts = operands(in_order);
    const Operand made = code_.new_register();
    if (term.kind == TermKind::kObject) {
        if (const auto keys = object_keys(parts)) return object_of(made, *keys, parts);
        code_.emit({.opcode = Opcode::kMakeObject, .a = made});
        for (std::size_t i = 0; i + 1 < parts.size(); i += 2) {
            code_.emit({.opcode = Opcode::kInsert, .a = made, .b = parts[i], .c = parts[i + 1]});
        }
        return made;
    }
    const bool is_array = term.kind == TermKind::kArray;
    if (parts.size() <= UINT16_MAX) {
        code_.emit({.opcode = is_array ? Opcode::kArrayOf : Opcode::kSetOf,
                    .count = static_cast<std::uint16_t>(parts.size()),
                    .a = made,
                    .b = code_.list(parts)});
        return made;
    }
    code_.emit({.opcode = is_array ? Opcode::kMakeArray : Opcode::kMakeSet, .a = made});
    for (const Operand part : parts) {
        code_.emit({.opcode = is_array ? Opcode::kAppend : Opcode::kAdd, .a = made, .b = part});
    }
    return made;
}

Operand Emitter::array_of(std::span<const Operand> parts) {
    const Operand made = code_.new_register();
    code_.emit({.opcode = Opcode::kArrayOf,
                .count = static_cast<std::uint16_t>(parts.size()),
                .a = made,
                .b = code_.list(parts)});
    return made;
}

// An object of these keys, where all of them are constants that differ.
std::optional<Value> Emitter::object_keys(std::span<const Operand> parts) {
    std::vector<value::Builder::Entry> entries;
    for (std::size_t i = 0; i + 1 < parts.size(); i += 2) {
        if ((parts[i] & kConstantBit) == 0) return std::nullopt;
        entries.emplace_back(code_.program().constants[parts[i] & ~kConstantBit], Value());
    }
    const Value keys = code_.values().object(entries);
    const bool is_simple =
        keys.is_object() && keys.size() == entries.size() && entries.size() <= UINT16_MAX;
    return is_simple ? std::optional(keys) : std::nullopt;
}

Operand Emitter::object_of(Operand made, const Value& keys, std::span<const Operand> parts) {
    std::vector<Operand> values(keys.size());
    for (std::size_t i = 0; i + 1 < parts.size(); i += 2) {
        const Value& key = code_.program().constants[parts[i] & ~kConstantBit];
        const auto place = std::ranges::find(keys.keys(), key) - keys.keys().begin();
        values[static_cast<std::size_t>(place)] = parts[i + 1];
    }
    code_.emit({.opcode = Opcode::kObjectOf,
                .count = static_cast<std::uint16_t>(values.size()),
                .a = made,
                .b = code_.list(values),
                .c = code_.constant(keys)});
    return made;
}

Operand Emitter::comprehension(const Term& term) {
    if (const auto indexed = indexed_comprehension(term)) return *indexed;
    const Place place = code_.place();
    code_.set_place(file_, term.location);
    const Operand made = code_.new_register();
    fill_comprehension(term, made);
    code_.set_place(place);
    return made;
}

void Emitter::fill_comprehension(const Term& term, Operand made) {
    const Opcode make = term.kind == TermKind::kArrayComprehension ? Opcode::kMakeArray
                        : term.kind == TermKind::kSetComprehension ? Opcode::kMakeSet
                                                                   : Opcode::kMakeObject;
    code_.emit({.opcode = make, .a = made});
    const Label end = code_.new_label();
    const Scope scope = enter(end);
    body(term.body);
    const Operand first = this->term(*term.terms[0]);
    if (make == Opcode::kMakeObject) {
        const Operand element = this->term(*term.terms[1]);
        code_.emit({.opcode = Opcode::kInsertOnce, .a = made, .b = first, .c = element});
    } else {
        code_.emit({.opcode = make == Opcode::kMakeArray ? Opcode::kAppend : Opcode::kAdd,
                    .a = made,
                    .b = first});
    }
    code_.jump(code_.fail());
    leave(scope);
    code_.bind(end);
}

void Emitter::unify(const Term& left, const Term& right) { unify_pairs({{&left, &right}}); }

// What comes behind is never reached, and its variables are bound there.
void Emitter::fail_unified(std::span<const std::pair<const Term*, const Term*>> pairs) {
    code_.jump(code_.fail());
    for (const auto& [left, right] : pairs) {
        bind_unreached(*left);
        bind_unreached(*right);
    }
}

void Emitter::bind_unreached(const Term& pattern) {
    if (pattern.kind == TermKind::kVariable && has_unbound(pattern)) {
        bind(pattern.text, code_.boolean(false));
    } else if (pattern.kind == TermKind::kArray) {
        for (const Term* part : pattern.terms) bind_unreached(*part);
    } else if (pattern.kind == TermKind::kObject) {
        for (std::size_t i = 1; i < pattern.terms.size(); i += 2) bind_unreached(*pattern.terms[i]);
    }
}

// Pairs of two unbound variables wait until another pair has bound one of them.
void Emitter::unify_pairs(std::vector<std::pair<const Term*, const Term*>> pairs) {
    while (!pairs.empty()) {
        std::vector<std::pair<const Term*, const Term*>> waiting;
        const std::size_t count = pairs.size();
        const auto fail = [&] {
            fail_unified(pairs);
            fail_unified(waiting);
        };
        for (const auto& [left, right] : pairs) {
            if (differs_by_kind(*left, *right)) {
                // What stands inside of the left one is evaluated all the same.
                if (!is_open(*left)) static_cast<void>(term(*left));
                return fail();
            }
            const bool left_open = is_open(*left);
            const bool right_open = is_open(*right);
            const bool waits = is_comprehension(*left) && right->kind == TermKind::kReference;
            if (waits && !right_open) {
                // What may be undefined comes first.
                unify_comprehension(*right, *left);
            } else if (!left_open && is_comprehension(*right)) {
                unify_comprehension(*left, *right);
            } else if (!left_open) {
                unify_operand(term(*left), *right);
            } else if (!right_open) {
                unify_operand(term(*right), *left);
            } else if (left->kind == TermKind::kArray && right->kind == TermKind::kArray) {
                if (left->terms.size() != right->terms.size()) return fail();
                for (std::size_t i = 0; i < left->terms.size(); ++i) {
                    waiting.emplace_back(left->terms[i], right->terms[i]);
                }
                continue;
            } else if (left->kind == TermKind::kObject && right->kind == TermKind::kObject) {
                if (left->terms.size() != right->terms.size()) return fail();
                for (std::size_t i = 0; i < left->terms.size(); i += 2) {
                    const Term* const other = value_at(*right, *left->terms[i]);
                    if (other == nullptr) return fail();
                    waiting.emplace_back(left->terms[i + 1], other);
                }
                continue;
            } else {
                waiting.emplace_back(left, right);
                continue;
            }
        }
        const bool is_stuck = waiting.size() == count && std::ranges::equal(waiting, pairs);
        const auto is_unstuck = [this](const auto& pair) {
            return evaluate_inside(*pair.first) || evaluate_inside(*pair.second);
        };
        if (is_stuck && std::ranges::none_of(waiting, is_unstuck)) {
            // OPA makes a variable equal to a set of itself, and looks at neither.
            const auto is_set_of_itself = [this](const auto& pair) {
                const auto holds = [this](const Term& variable, const Term& set) {
                    if (set.kind != TermKind::kSet || !holds_itself(variable, set)) return false;
                    bind_unreached(variable);
                    return true;
                };
                return holds(*pair.first, *pair.second) || holds(*pair.second, *pair.first);
            };
            if (std::erase_if(waiting, is_set_of_itself) > 0) {
                pairs = std::move(waiting);
                continue;
            }
            const auto has_itself = [](const auto& pair) {
                return holds_itself(*pair.first, *pair.second) ||
                       holds_itself(*pair.second, *pair.first);
            };
            if (std::ranges::any_of(waiting, has_itself)) return fail_unified(waiting);
            return unsafe(*waiting[0].first);
        }
        pairs = std::move(waiting);
    }
}

// A value of another kind than the comprehension gives is not equal to it, and OPA does not
// evaluate the comprehension then; beside a set it does, and beside what base documents give.
void Emitter::unify_comprehension(const Term& other, const Term& comprehension) {
    const Operand operand = term(other);
    const bool is_checked = (operand & kConstantBit) == 0 && !leads_to_base(other);
    if (is_checked && comprehension.kind != TermKind::kSetComprehension) {
        const Label no_set = code_.new_label();
        const Label evaluate = code_.new_label();
        code_.emit({.opcode = Opcode::kIsSet, .a = operand}, no_set);
        code_.jump(evaluate);
        code_.bind(no_set);
        const bool is_array = comprehension.kind == TermKind::kArrayComprehension;
        code_.emit({.opcode = is_array ? Opcode::kIsArray : Opcode::kIsObject, .a = operand});
        code_.bind(evaluate);
    } else if (is_checked) {
        code_.emit({.opcode = Opcode::kIsSet, .a = operand});
    }
    unify_operand(operand, comprehension);
}

void Emitter::unify_operand(Operand operand, const Term& pattern) {
    if (pattern.kind == TermKind::kVariable && !is_bound(pattern.text)) {
        return bind(pattern.text, operand);
    }
    if (has_unbound(pattern)) {
        return pattern.kind == TermKind::kArray ? unify_array(operand, pattern)
                                                : unify_object(operand, pattern);
    }
    const Operand other = term(pattern);
    if (operand == other && (operand & kConstantBit) != 0) return;
    code_.emit({.opcode = Opcode::kEqual, .a = operand, .b = other});
}

void Emitter::unify_array(Operand operand, const Term& pattern) {
    code_.emit({.opcode = Opcode::kIsArray, .a = operand});
    const Operand length = code_.new_register();
    code_.emit({.opcode = Opcode::kLength, .a = length, .b = operand});
    code_.emit({.opcode = Opcode::kEqual,
                .a = length,
                .b = code_.integer(static_cast<std::int64_t>(pattern.terms.size()))});
    // What binds comes before what needs.
    std::vector<std::pair<Operand, const Term*>> waiting;
    for (std::size_t i = 0; i < pattern.terms.size(); ++i) {
        const Operand element = code_.new_register();
        code_.emit({.opcode = Opcode::kDot,
                    .a = element,
                    .b = operand,
                    .c = code_.integer(static_cast<std::int64_t>(i))});
        const Term& part = *pattern.terms[i];
        if (needs_unbound(part)) {
            waiting.emplace_back(element, &part);
        } else {
            unify_operand(element, part);
        }
    }
    for (const auto& [element, part] : waiting) unify_operand(element, *part);
}

void Emitter::unify_object(Operand operand, const Term& pattern) {
    code_.emit({.opcode = Opcode::kIsObject, .a = operand});
    const Operand length = code_.new_register();
    code_.emit({.opcode = Opcode::kLength, .a = length, .b = operand});
    code_.emit({.opcode = Opcode::kEqual,
                .a = length,
                .b = code_.integer(static_cast<std::int64_t>(pattern.terms.size() / 2))});
    std::vector<std::pair<Operand, const Term*>> waiting;
    for (std::size_t i = 0; i + 1 < pattern.terms.size(); i += 2) {
        const Operand key = term(*pattern.terms[i]);
        const Operand element = code_.new_register();
        code_.emit({.opcode = Opcode::kDot, .a = element, .b = operand, .c = key});
        const Term& part = *pattern.terms[i + 1];
        if (needs_unbound(part)) {
            waiting.emplace_back(element, &part);
        } else {
            unify_operand(element, part);
        }
    }
    for (const auto& [element, part] : waiting) unify_operand(element, *part);
}

}  // namespace merlon::rego::compiler
