#include "rego/compiler/type_unifier.h"

#include <algorithm>

namespace merlon::rego::compiler {
namespace {

// An item of an array's type; null where there is none.
const Type* item_type(const Type& array, std::size_t place) {
    return place < array.parts.size() ? array.parts[place] : array.value;
}

}  // namespace

bool TypeUnifier::fits(TypeLayer& layer, const Term& term, const Type* type, Inference inference) {
    switch (term.kind) {
        case TermKind::kArray:
        case TermKind::kObject:
        case TermKind::kSet:
            return fits_composite(layer, term, type, inference);
        case TermKind::kVariable:
            return fits_variable(layer, term, type, inference);
        default:
            return unify(environment_.of(layer, term), type);
    }
}

bool TypeUnifier::fits_composite(TypeLayer& layer, const Term& term, const Type* type,
                                 Inference inference) {
    if (is_kind(type, TypeKind::kRecursive) && term.kind != TermKind::kSet) type = bare(type);
    if (is_everything(type)) {
        for (const Term* part : term.terms) fits(layer, *part, type, Inference::kAdded);
        return true;
    }
    if (is_kind(type, TypeKind::kAny)) {
        bool fits_one = false;
        for (const Type* member : type->parts) {
            fits_one = fits(layer, term, member, Inference::kAdded) || fits_one;
        }
        return fits_one;
    }
    if (term.kind == TermKind::kObject) {
        return is_kind(type, TypeKind::kObject) && fits_object(layer, term, *type, inference);
    }
    if (term.kind == TermKind::kSet) {
        if (!is_kind(type, TypeKind::kSet)) return false;
        return std::ranges::all_of(syntax::sorted_elements(term), [&](const Term* part) {
            return fits(layer, *part, type->value, inference);
        });
    }
    if (!is_kind(type, TypeKind::kArray)) return false;
    if (term.terms.size() != type->parts.size() && type->value == nullptr) return false;
    for (std::size_t i = 0; i < term.terms.size(); ++i) {
        if (!fits(layer, *term.terms[i], item_type(*type, i), inference)) return false;
    }
    return true;
}

bool TypeUnifier::fits_object(TypeLayer& layer, const Term& term, const Type& type,
                              Inference inference) {
    const bool has_others = type.has_others && type.value != nullptr;
    if (term.terms.size() / 2 != type.properties.size() && !has_others) return false;
    const std::vector<Term*> parts = syntax::sorted_elements(term);
    for (std::size_t i = 0; i + 1 < parts.size(); i += 2) {
        if (!is_constant(*parts[i])) {
            fits(layer, *parts[i + 1], &kAnyType, inference);
            continue;
        }
        const Type* const wanted = environment_.select_constant(&type, *parts[i]);
        if (wanted == nullptr || !fits(layer, *parts[i + 1], wanted, inference)) return false;
    }
    return true;
}

bool TypeUnifier::fits_variable(TypeLayer& layer, const Term& term, const Type* type,
                                Inference inference) {
    const Type* const known = environment_.of_variable(layer, term.text);
    if (inference == Inference::kAdded) {
        (*layer.inferred)[term.text] = environment_.types().either(known, type);
        return true;
    }
    if (known != nullptr) return unify(known, type);
    (*layer.inferred)[term.text] = type;
    return true;
}

// An array or an object against what has no type either.
bool TypeUnifier::equal_parts(TypeLayer& layer, const Term& composite, const Term& other) {
    if (other.kind == TermKind::kVariable) {
        return fits(layer, composite, &kAnyType) &&
               fits(layer, other, environment_.of(layer, composite));
    }
    if (other.kind != composite.kind || other.terms.size() != composite.terms.size()) return false;
    if (composite.kind == TermKind::kArray) {
        for (std::size_t i = 0; i < composite.terms.size(); ++i) {
            if (!are_equal(layer, *composite.terms[i], *other.terms[i])) return false;
        }
        return true;
    }
    const std::vector<Term*> left = syntax::sorted_elements(composite);
    const std::vector<Term*> right = syntax::sorted_elements(other);
    for (std::size_t i = 0; i + 1 < left.size(); i += 2) {
        if (syntax::compare(*left[i], *right[i]) != 0) return false;
    }
    for (std::size_t i = 0; i + 1 < left.size(); i += 2) {
        if (!are_equal(layer, *left[i + 1], *right[i + 1])) return false;
    }
    return true;
}

bool TypeUnifier::are_equal(TypeLayer& layer, const Term& left, const Type* left_type,
                            const Term& right, const Type* right_type) {
    const bool is_left_open = is_unknown(left_type);
    const bool is_right_open = is_unknown(right_type);
    if (is_left_open && !is_right_open) return fits(layer, left, right_type);
    if (is_right_open && !is_left_open) return fits(layer, right, left_type);
    if (!is_left_open) return unify(left_type, right_type);
    const auto is_composite = [](const Term& term) {
        return term.kind == TermKind::kArray || term.kind == TermKind::kObject;
    };
    if (is_composite(left)) return equal_parts(layer, left, right);
    const bool is_left_variable = left.kind == TermKind::kVariable;
    const bool is_right_variable = right.kind == TermKind::kVariable;
    if (is_left_variable && is_right_variable) {
        return fits(layer, left, &kAnyType) && fits(layer, right, environment_.of(layer, left));
    }
    if (is_left_variable && is_composite(right)) return equal_parts(layer, right, left);
    if (is_left_variable && right.kind == TermKind::kReference) {
        return fits(layer, left, &kAnyType);
    }
    if (is_right_variable && left.kind == TermKind::kReference) {
        return fits(layer, right, &kAnyType);
    }
    // A variable takes what is known of the other side.
    if (is_left_variable && left_type == nullptr && right_type != nullptr) {
        return fits(layer, left, right_type);
    }
    if (is_right_variable && right_type == nullptr && left_type != nullptr) {
        return fits(layer, right, left_type);
    }
    return false;
}

}  // namespace merlon::rego::compiler
