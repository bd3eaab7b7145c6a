#include "rego/graphql/query_overlaps.h"

#include <algorithm>

namespace merlon::rego::graphql {

using value::Value;

namespace {

const Value& value_of(const Value& node) {
    static const Value kNothing;
    const Value* const found = node.find("Value");
    return found == nullptr ? kNothing : *found;
}

bool is_same_value(const Value& left, const Value& right) {
    if (kind_of(left) != kind_of(right) || text_of(left, "Raw") != text_of(right, "Raw")) {
        return false;
    }
    const auto children = [](const Value& node) {
        std::vector<const Value*> found;
        for (const Value& child : list_of(node, "Children")) found.push_back(&child);
        if (kind_of(node) == LiteralKind::kObject) {
            std::ranges::stable_sort(found, {},
                                     [](const Value* child) { return text_of(*child, "Name"); });
        }
        return found;
    };
    return std::ranges::equal(children(left), children(right),
                              [](const Value* one, const Value* other) {
                                  return text_of(*one, "Name") == text_of(*other, "Name") &&
                                         is_same_value(value_of(*one), value_of(*other));
                              });
}

bool has_same_arguments(const Value& left, const Value& right) {
    const auto others = list_of(right, "Arguments");
    const auto arguments = list_of(left, "Arguments");
    if (arguments.size() != others.size()) return false;
    return std::ranges::all_of(arguments, [others](const Value& one) {
        return std::ranges::any_of(others, [&one](const Value& other) {
            return text_of(one, "Name") == text_of(other, "Name") &&
                   is_same_value(value_of(one), value_of(other));
        });
    });
}

std::string answer_name(const Value& field) {
    const std::string alias = text_of(field, "Alias");
    return alias.empty() ? text_of(field, "Name") : alias;
}

bool is_leaf(const Type& type) { return type.kind == "SCALAR" || type.kind == "ENUM"; }

}  // namespace

std::string OverlapFinder::Conflict::text() const {
    if (inner.empty()) return message;
    std::string text;
    for (const Conflict& one : inner) {
        if (!text.empty()) text += " and ";
        text += "subfields " + in_quotes(one.name) + " conflict because " + one.text();
    }
    return text;
}

const std::vector<const Value*>* OverlapFinder::FieldSet::find(const std::string& name) const {
    const auto found =
        std::ranges::find_if(fields, [&name](const auto& one) { return one.first == name; });
    return found == fields.end() ? nullptr : &found->second;
}

Status OverlapFinder::gather(std::span<const Value> selections, FieldSet& set, int depth) {
    if (depth > kMaxQueryDepth) return Error{"the query is nested too deeply"};
    for (const Value& selection : selections) {
        MERLON_TRY(spend_());
        if (is_field(selection)) {
            const std::string name = answer_name(selection);
            const auto known = std::ranges::find_if(
                set.fields, [&name](const auto& one) { return one.first == name; });
            if (known == set.fields.end()) {
                set.fields.emplace_back(name, std::vector<const Value*>{&selection});
            } else {
                known->second.push_back(&selection);
            }
        } else if (is_spread(selection)) {
            set.spreads.push_back(&selection);
        } else {
            MERLON_TRY(gather(list_of(selection, "SelectionSet"), set, depth + 1));
        }
    }
    return {};
}

Result<OverlapFinder::FieldSet> OverlapFinder::gather(std::span<const Value> selections) {
    FieldSet set;
    MERLON_TRY(gather(selections, set, 0));
    return set;
}

Result<std::vector<Error>> OverlapFinder::find(std::span<const Value> selections) {
    std::vector<Error> errors;
    if (selections.empty()) return errors;
    const FieldSet set = MERLON_TRY(gather(selections));
    Conflicts conflicts;
    MERLON_TRY(within(set, conflicts));
    compared_with_fields_.clear();
    for (std::size_t i = 0; i < set.spreads.size(); ++i) {
        MERLON_TRY(with_fragment(set, *set.spreads[i], Apart::kNo, conflicts));
        for (std::size_t j = i + 1; j < set.spreads.size(); ++j) {
            MERLON_TRY(fragments(*set.spreads[i], *set.spreads[j], Apart::kNo, conflicts));
        }
    }
    for (const Conflict& one : conflicts) {
        errors.push_back(at_node(
            *one.field, "Fields " + in_quotes(one.name) + " conflict because " + one.text() +
                            ". Use different aliases on the fields to fetch both if this was "
                            "intentional."));
    }
    return errors;
}

Status OverlapFinder::within(const FieldSet& set, Conflicts& conflicts) {
    for (const auto& [name, fields] : set.fields) {
        for (std::size_t i = 0; i < fields.size(); ++i) {
            for (std::size_t j = i + 1; j < fields.size(); ++j) {
                MERLON_TRY(compare(*fields[i], *fields[j], Apart::kNo, conflicts));
            }
        }
    }
    return {};
}

Status OverlapFinder::between(const FieldSet& left, const FieldSet& right, Apart apart,
                              Conflicts& conflicts) {
    for (const auto& [name, fields] : left.fields) {
        const auto* const others = right.find(name);
        if (others == nullptr) continue;
        for (const Value* field : fields) {
            for (const Value* other : *others) {
                MERLON_TRY(compare(*field, *other, apart, conflicts));
            }
        }
    }
    return {};
}

Status OverlapFinder::with_fragment(const FieldSet& set, const Value& spread, Apart apart,
                                    Conflicts& conflicts) {
    const std::string name = text_of(spread, "Name");
    if (!compared_with_fields_.insert(name).second) return {};
    const Value* const fragment = named(fragments_, name);
    if (fragment == nullptr) return {};
    const FieldSet others = MERLON_TRY(gather(list_of(*fragment, "SelectionSet")));
    if (others.fields == set.fields) return {};  // of the fragment itself
    MERLON_TRY(between(set, others, apart, conflicts));
    for (const Value* other : others.spreads) {
        if (text_of(*other, "Name") == name) continue;
        MERLON_TRY(with_fragment(set, *other, apart, conflicts));
    }
    return {};
}

Status OverlapFinder::fragments(const Value& left, const Value& right, Apart apart,
                                Conflicts& conflicts) {
    const std::string name = text_of(left, "Name");
    const std::string other_name = text_of(right, "Name");
    if (name == other_name) return {};
    const bool is_apart = apart == Apart::kYes;
    const auto known = compared_.find({name, other_name});
    if (known != compared_.end() && (is_apart || !known->second)) return {};
    compared_[{name, other_name}] = is_apart;
    compared_[{other_name, name}] = is_apart;
    const Value* const fragment = named(fragments_, name);
    const Value* const other = named(fragments_, other_name);
    if (fragment == nullptr || other == nullptr) return {};
    const FieldSet set = MERLON_TRY(gather(list_of(*fragment, "SelectionSet")));
    const FieldSet others = MERLON_TRY(gather(list_of(*other, "SelectionSet")));
    MERLON_TRY(between(set, others, apart, conflicts));
    for (const Value* spread : others.spreads) {
        MERLON_TRY(fragments(left, *spread, apart, conflicts));
    }
    for (const Value* spread : set.spreads) {
        MERLON_TRY(fragments(*spread, right, apart, conflicts));
    }
    return {};
}

FieldFacts OverlapFinder::facts(const Value& field) const {
    const auto found = fields_.find(&field);
    return found == fields_.end() ? FieldFacts{} : found->second;
}

bool OverlapFinder::types_conflict(const Value& left, const Value& right) const {
    const Value* const inner = left.find("Elem");
    const Value* const other = right.find("Elem");
    if ((inner == nullptr) != (other == nullptr)) return true;
    if (inner != nullptr) return types_conflict(*inner, *other);
    if (truth_of(left, "NonNull") != truth_of(right, "NonNull")) return true;
    const Type* const type = schema_.find(text_of(left, "NamedType"));
    const Type* const other_type = schema_.find(text_of(right, "NamedType"));
    return type != nullptr && other_type != nullptr && is_leaf(*type) && is_leaf(*other_type) &&
           type->name != other_type->name;
}

Status OverlapFinder::compare(const Value& left, const Value& right, Apart apart,
                              Conflicts& conflicts) {
    MERLON_TRY(spend_());
    const FieldFacts one = facts(left);
    const FieldFacts other = facts(right);
    if (one.parent == nullptr || other.parent == nullptr) return {};
    if (one.parent->name != other.parent->name && one.parent->kind == "OBJECT" &&
        other.parent->kind == "OBJECT" && one.definition != nullptr &&
        other.definition != nullptr) {
        apart = Apart::kYes;
    }
    Conflict conflict{.name = answer_name(left), .message = {}, .inner = {}, .field = &right};
    if (apart == Apart::kNo && text_of(left, "Name") != text_of(right, "Name")) {
        conflict.message = in_quotes(text_of(left, "Name")) + " and " +
                           in_quotes(text_of(right, "Name")) + " are different fields";
    } else if (apart == Apart::kNo && !has_same_arguments(left, right)) {
        conflict.message = "they have differing arguments";
    } else if (one.definition != nullptr && other.definition != nullptr &&
               types_conflict(type_of(*one.definition), type_of(*other.definition))) {
        conflict.message = "they return conflicting types " +
                           in_quotes(type_text(type_of(*one.definition))) + " and " +
                           in_quotes(type_text(type_of(*other.definition)));
    } else {
        MERLON_TRY(below(left, right, apart, conflict.inner));
    }
    if (!conflict.message.empty() || !conflict.inner.empty()) {
        conflicts.push_back(std::move(conflict));
    }
    return {};
}

Status OverlapFinder::below(const Value& left, const Value& right, Apart apart,
                            Conflicts& conflicts) {
    if (depth_ > kMaxQueryDepth) return Error{"the query is nested too deeply"};
    ++depth_;
    const FieldSet set = MERLON_TRY(gather(list_of(left, "SelectionSet")));
    const FieldSet others = MERLON_TRY(gather(list_of(right, "SelectionSet")));
    MERLON_TRY(between(set, others, apart, conflicts));
    for (const Value* spread : others.spreads) {
        compared_with_fields_.clear();
        MERLON_TRY(with_fragment(set, *spread, apart, conflicts));
    }
    for (const Value* spread : set.spreads) {
        compared_with_fields_.clear();
        MERLON_TRY(with_fragment(others, *spread, apart, conflicts));
    }
    for (const Value* spread : set.spreads) {
        for (const Value* other : others.spreads) {
            MERLON_TRY(fragments(*spread, *other, apart, conflicts));
        }
    }
    --depth_;
    return {};
}

}  // namespace merlon::rego::graphql
