// Fields, groups and maps, and the types of fields.

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "compat/conftest/proto_reader.h"

namespace merlon::compat::conftest {
namespace {

struct ScalarName {
    std::string_view name;
    ProtoKind kind;
};
constexpr ScalarName kScalars[] = {
    {"bool", ProtoKind::kBool},      {"int32", ProtoKind::kInt32},
    {"sint32", ProtoKind::kInt32},   {"sfixed32", ProtoKind::kInt32},
    {"int64", ProtoKind::kInt64},    {"sint64", ProtoKind::kInt64},
    {"sfixed64", ProtoKind::kInt64}, {"uint32", ProtoKind::kUint32},
    {"fixed32", ProtoKind::kUint32}, {"uint64", ProtoKind::kUint64},
    {"fixed64", ProtoKind::kUint64}, {"float", ProtoKind::kFloat},
    {"double", ProtoKind::kDouble},  {"string", ProtoKind::kString},
    {"bytes", ProtoKind::kBytes},
};

}  // namespace

// `[…]` behind a field, and the ';'.
Result<ProtoReader::Presence> ProtoReader::read_field_options() {
    Presence presence = presence_;
    if (take("[")) {
        int depth = 1;
        while (depth > 0) {
            if (token_.empty()) return wrong("expected ']'");
            if (!is_literal_ && (is("[") || is("{"))) ++depth;
            if (!is_literal_ && (is("]") || is("}"))) --depth;
            const bool is_presence = is("features.field_presence");
            next();
            if (is_presence && take("=")) {
                presence = is("IMPLICIT") ? Presence::kImplicit : Presence::kExplicit;
            }
        }
    }
    MERLON_TRY(expect(";"));
    return presence;
}

Status ProtoReader::add(const Place& place, const std::string& extended,
                        std::unique_ptr<ProtoField> field) {
    if (!field->type.empty()) unresolved_.push_back({field.get(), place.scope});
    if (extended.empty()) {
        const std::string name = field->name;
        if (!place.message->fields.emplace(name, std::move(field)).second) {
            return Error{name + " is defined twice in " + place.message->name}.at(path_, line_, 0);
        }
        return {};
    }
    const std::string name = place.scope.empty() ? field->name : place.scope + "." + field->name;
    extensions_.push_back({name, place.scope});
    if (!definitions_.extensions_
             .emplace(name, ProtoDefinitions::Extension{extended, std::move(field)})
             .second) {
        return Error{name + " is defined twice"}.at(path_, line_, 0);
    }
    return {};
}

Status ProtoReader::read_field(const Place& place, int oneof, const std::string& extended) {
    auto field = std::make_unique<ProtoField>();
    field->oneof = oneof;
    bool is_optional = false;
    if (take("repeated")) {
        field->is_repeated = true;
    } else if (take("required")) {
        field->is_required = true;
    } else if (take("optional")) {
        is_optional = true;
    }
    if (is("group") && !text_.substr(at_).starts_with('.')) {
        next();
        MERLON_TRY(read_group(place, *field));
        return add(place, extended, std::move(field));
    }
    field->type = MERLON_TRY(word());
    field->name = MERLON_TRY(word());
    MERLON_TRY(expect("="));
    if (token_.empty() || !is_digit(token_[0]))
        return wrong("expected the number of " + field->name);
    next();
    const Presence presence = MERLON_TRY(read_field_options());
    field->has_presence = is_optional || field->is_required || oneof >= 0 || !extended.empty() ||
                          presence == Presence::kExplicit;
    const auto* const scalar = std::ranges::find(kScalars, field->type, &ScalarName::name);
    if (scalar != std::end(kScalars)) {
        field->kind = scalar->kind;
        field->type.clear();
    }
    return add(place, extended, std::move(field));
}

// `group Name = 1 { … }`: a message, and a field that is called so.
Status ProtoReader::read_group(const Place& place, ProtoField& field) {
    const std::string name = MERLON_TRY(word());
    field.name = name;
    field.type = name;
    field.has_presence = true;
    field.is_group = true;
    MERLON_TRY(expect("="));
    next();
    if (take("[")) {
        while (!token_.empty() && !take("]")) next();
    }
    auto message = std::make_unique<ProtoMessage>();
    message->name = place.scope.empty() ? name : place.scope + "." + name;
    const Place inside{.scope = message->name, .message = message.get(), .depth = place.depth + 1};
    if (inside.depth > kMaxProtoDepth) return wrong("messages are nested too deeply");
    if (!definitions_.messages_.emplace(message->name, std::move(message)).second) {
        return Error{inside.scope + " is defined twice"}.at(path_, line_, 0);
    }
    MERLON_TRY(expect("{"));
    return read_body(inside);
}

Status ProtoReader::read_map(const Place& place) {
    next();
    MERLON_TRY(expect("<"));
    auto entry = std::make_unique<ProtoMessage>();
    auto field = std::make_unique<ProtoField>();
    for (const std::string_view part : {"key", "value"}) {
        auto made = std::make_unique<ProtoField>();
        made->name = part;
        made->has_presence = true;
        made->type = MERLON_TRY(word());
        const auto* const scalar = std::ranges::find(kScalars, made->type, &ScalarName::name);
        if (scalar != std::end(kScalars)) {
            made->kind = scalar->kind;
            made->type.clear();
        } else if (part == "key") {
            return wrong("the key of a map is a number, a truth or a text");
        } else {
            unresolved_.push_back({made.get(), place.scope});
        }
        entry->fields.emplace(part, std::move(made));
        MERLON_TRY(expect(part == "key" ? "," : ">"));
    }
    field->is_map = true;
    field->name = MERLON_TRY(word());
    // No type can be called so.
    entry->name = place.scope + "." + field->name + "<>";
    field->message = entry.get();
    definitions_.messages_.emplace(entry->name, std::move(entry));
    MERLON_TRY(expect("="));
    next();
    MERLON_TRY(read_field_options());
    return add(place, {}, std::move(field));
}

Status ProtoReader::resolve(ProtoField& field, const std::string& scope) {
    if (const ProtoEnum* const found = look_up_proto(definitions_.enums_, field.type, scope)) {
        field.kind = ProtoKind::kEnum;
        field.enumeration = found;
    } else if (const ProtoMessage* const message =
                   look_up_proto(definitions_.messages_, field.type, scope)) {
        field.message = message;
        field.has_presence = true;
    } else {
        return Error{path_ + ": the type " + field.type + " of the field " + field.name +
                     " is not defined"};
    }
    field.type.clear();
    return {};
}

}  // namespace merlon::compat::conftest
