#include "compat/opa/trace_json.h"

#include <algorithm>
#include <map>
#include <vector>

#include "rego/syntax/copy.h"
#include "rego/syntax/parser.h"
#include "rego/syntax/walk.h"
#include "rego/term.h"

namespace merlon::compat::opa {

using rego::syntax::Expression;
using rego::syntax::Location;
using rego::syntax::Term;
using rego::syntax::TermKind;
using rego::watch::Event;
using rego::watch::Node;
using rego::watch::NodeKind;
using rego::watch::Operation;
using value::Value;

namespace {

// Where each variable of a node stands first.
struct FirstPlaces {
    std::map<std::string_view, const Location*> places;

    bool enter(Term& term) {
        if (term.kind == TermKind::kVariable) places.try_emplace(term.text, term.location);
        return true;
    }
    static bool enter(Expression& /*expression*/) { return true; }
    static bool enter(rego::syntax::With& /*with*/) { return true; }
};

void number_expressions(rego::syntax::Body body) {
    for (std::size_t i = 0; i < body.size(); ++i) body[i]->index = static_cast<std::uint32_t>(i);
}

// The compiler puts expressions between those that were written, and in another order: their
// numbers are their places in the end.
struct Numbering {
    static bool enter(Term& term) {
        number_expressions(term.body);
        return true;
    }
    static bool enter(Expression& expression) {
        number_expressions(expression.left);
        number_expressions(expression.right);
        return true;
    }
    static bool enter(rego::syntax::With& /*with*/) { return true; }
};

// The rule as it stands in its package: the path of its head begins behind the package's.
rego::syntax::Rule* in_package(const rego::syntax::Rule& rule, std::size_t package, Arena& arena) {
    auto* const shown = arena.make<rego::syntax::Rule>(rule);
    shown->head = arena.make<rego::syntax::Head>(*rule.head);
    const rego::syntax::Terms path = rule.head->reference;
    if (package < path.size()) {
        std::vector<Term*> rest(path.begin() + static_cast<std::ptrdiff_t>(package), path.end());
        rest[0] = arena.make<Term>(*rest[0]);
        rest[0]->kind = TermKind::kVariable;
        shown->head->reference = rego::syntax::keep_pointers(rest, arena);
    }
    if (rule.otherwise != nullptr) shown->otherwise = in_package(*rule.otherwise, package, arena);
    return shown;
}

std::string_view kind_of(const Node& node) {
    switch (node.kind) {
        case NodeKind::kVariable:
            return "var";
        case NodeKind::kReference:
            return "ref";
        case NodeKind::kArray:
            return "array";
        case NodeKind::kObject:
            return "object";
        case NodeKind::kSet:
            return "set";
        case NodeKind::kArrayComprehension:
            return "arraycomprehension";
        case NodeKind::kObjectComprehension:
            return "objectcomprehension";
        case NodeKind::kSetComprehension:
            return "setcomprehension";
        case NodeKind::kValue:
            break;
    }
    const Value& value = node.value;
    if (value.is_null()) return "null";
    if (value.is_boolean()) return "boolean";
    if (value.is_string()) return "string";
    if (value.is_array()) return "array";
    if (value.is_object()) return "object";
    return value.is_set() ? "set" : "number";
}

Node known(const Value& value) { return Node{.value = value}; }

}  // namespace

std::string deeper(std::string_view json, std::size_t levels) {
    std::string text;
    text.reserve(json.size() + json.size() / 4);
    for (const char c : json) {
        text += c;
        if (c == '\n') text.append(2 * levels, ' ');
    }
    return text;
}

EventJson::EventJson(EventText& text) : text_(text) {
    options_.name_of = [this](std::string_view name) { return text_.compiled_name(name); };
}

std::string EventJson::unification(const Event& event) const {
    std::string text;
    text::JsonWriter json(text, "  ", text::JsonEscapes::kGo);
    json.begin_object().key("index").integer(0).key("terms").begin_array();
    json.begin_object().member("type", "ref").key("value").begin_array();
    json.begin_object().member("type", "var").member("value", "eq").end_object();
    json.end_array().end_object();
    write_term(json, *event.left, 2);
    write_term(json, *event.right, 2);
    json.end_array().end_object();
    return text;
}

const std::string& EventJson::node_of(const Event& event) {
    if (event.left != nullptr) return nodes_[nullptr] = unification(event);
    const void* const subject = event.rule != nullptr    ? static_cast<const void*>(event.rule)
                                : event.block != nullptr ? static_cast<const void*>(event.block)
                                                         : static_cast<const void*>(event.step);
    const auto [at, is_new] = nodes_.try_emplace(subject);
    if (!is_new) return at->second;
    Numbering numbering;
    if (event.rule != nullptr) {
        auto& rule = const_cast<rego::syntax::Rule&>(*event.rule->source);
        for (const auto* one = &rule; one != nullptr; one = one->otherwise) {
            number_expressions(one->body);
        }
        rego::syntax::walk(rule, numbering);
        const auto& sizes = text_.watcher().library().prepared().package_sizes;
        Arena arena;
        const auto* const shown =
            in_package(rule, event.file < sizes.size() ? sizes[event.file] : 0, arena);
        at->second = to_json(*shown, options_);
    } else if (event.block != nullptr) {
        number_expressions(event.block->source);
        rego::syntax::walk(event.block->source, numbering);
        at->second = to_json(event.block->source, options_);
    } else {
        auto& expression = const_cast<Expression&>(*event.step->source);
        expression.index = static_cast<std::uint32_t>(event.step->place);
        rego::syntax::walk(expression, numbering);
        at->second = to_json(expression, options_);
    }
    return at->second;
}

void EventJson::write_place(text::JsonWriter& json, const Event& event,
                            const Location* place) const {
    if (place == nullptr) {
        json.null();
        return;
    }
    const auto& files = text_.watcher().library().prepared().files;
    json.begin_object();
    json.member("file", event.file < files.size() ? std::string_view(files[event.file]) : "");
    json.key("row").integer(place->row).key("col").integer(place->column).end_object();
}

void EventJson::write_term(text::JsonWriter& json, const Node& node, std::size_t depth) const {
    if (node.source != nullptr) {
        json.raw(deeper(to_json(*node.source, options_), depth));
        return;
    }
    json.begin_object().member("type", kind_of(node)).key("value");
    write_content(json, node, depth + 1);
    json.end_object();
}

void EventJson::write_content(text::JsonWriter& json, const Node& node, std::size_t depth) const {
    if (node.kind == NodeKind::kVariable) {
        json.string(text_.compiled_name(node.name));
        return;
    }
    const auto write_pairs = [&](std::size_t count, const auto& part) {
        json.begin_array();
        for (std::size_t i = 0; i < count; ++i) {
            json.begin_array();
            write_term(json, part(2 * i), depth + 2);
            write_term(json, part(2 * i + 1), depth + 2);
            json.end_array();
        }
        json.end_array();
    };
    if (node.kind != NodeKind::kValue) {
        if (node.kind == NodeKind::kObject) {
            write_pairs(node.parts.size() / 2, [&](std::size_t i) { return *node.parts[i]; });
            return;
        }
        json.begin_array();
        for (const Node* part : node.parts) write_term(json, *part, depth + 1);
        json.end_array();
        return;
    }
    const Value& value = node.value;
    if (value.is_null()) {
        json.begin_object().end_object();
    } else if (value.is_boolean()) {
        json.boolean(value.as_boolean());
    } else if (value.is_string()) {
        json.string(value.as_string());
    } else if (value.is_object()) {
        write_pairs(value.size(), [&](std::size_t i) {
            return known(i % 2 == 0 ? value.keys()[i / 2] : value.values()[i / 2]);
        });
    } else if (value.is_array() || value.is_set()) {
        json.begin_array();
        for (const Value& item : value.items()) write_term(json, known(item), depth + 1);
        json.end_array();
    } else {
        json.raw(rego::json_text(value));
    }
}

void EventJson::write_locals(text::JsonWriter& json, const Event& event) const {
    json.begin_array();
    for (const rego::watch::Bindings::Entry& entry : event.bindings->entries()) {
        rego::watch::Maker& maker = text_.watcher().maker();
        const Node* const value = maker.plug(maker.variable(entry.name), event.bindings);
        const std::string name = text_.compiled_name(entry.name);
        json.begin_object();
        json.member("name", rego::syntax::is_wildcard(name) ? "_" : name);
        json.member("type", kind_of(*value)).key("value");
        write_content(json, *value, 3);
        json.end_object();
    }
    json.end_array();
}

// Of what is known, and of what the compiler has renamed in the node.
void EventJson::write_metadata(text::JsonWriter& json, const Event& event) const {
    struct Metadata {
        std::string name;
        const Location* place = nullptr;
    };
    const auto& written = *text_.watcher().library().prepared().written_names;
    std::map<std::string, Metadata> all;
    for (const rego::watch::Bindings::Entry& entry : event.bindings->entries()) {
        const auto found = written.find(entry.name);
        const std::string name = text_.compiled_name(entry.name);
        all[name] = {found == written.end() ? name : text_.compiled_name(found->second),
                     entry.source == nullptr ? nullptr : entry.source->location};
    }
    FirstPlaces first;
    if (event.rule != nullptr) {
        rego::syntax::walk(const_cast<rego::syntax::Rule&>(*event.rule->source), first);
    } else if (event.block != nullptr) {
        rego::syntax::walk(event.block->source, first);
    } else if (event.step != nullptr) {
        rego::syntax::walk(const_cast<Expression&>(*event.step->source), first);
    }
    for (const Node* side : {event.left, event.right}) {
        if (side == nullptr || side->source == nullptr) continue;
        rego::syntax::walk(const_cast<Term&>(*side->source), first);
    }
    for (const auto& [variable, place] : first.places) {
        const auto found = written.find(variable);
        if (found == written.end()) continue;
        all.try_emplace(text_.compiled_name(variable),
                        Metadata{text_.compiled_name(found->second), place});
    }
    json.begin_object();
    for (const auto& [variable, metadata] : all) {
        json.key(variable).begin_object().member("name", metadata.name).key("location");
        write_place(json, event, metadata.place);
        json.end_object();
    }
    json.end_object();
}

void EventJson::write_reference(text::JsonWriter& json, std::string_view reference) const {
    Arena arena;
    Interner interner;
    const auto term = rego::syntax::parse_term(reference, arena, interner);
    if (!term.ok()) {
        json.null();
        return;
    }
    json.begin_array();
    for (const Term* part : term.value()->terms) json.raw(deeper(to_json(*part, options_), 2));
    json.end_array();
}

std::string EventJson::text(const Event& event) {
    std::string text;
    text::JsonWriter json(text, "  ", text::JsonEscapes::kGo);
    const bool is_note = event.operation == Operation::kNote;
    json.begin_object().member("Op", name_of(event.operation)).key("Node");
    if (is_note) {
        json.null();
    } else {
        json.raw(deeper(node_of(event), 1));
    }
    write_place(json.key("Location"), event, event.location);
    json.key("QueryID").integer(static_cast<std::int64_t>(event.query));
    json.key("ParentID").integer(static_cast<std::int64_t>(event.parent));
    if (is_note) {
        json.key("Locals").null().key("LocalMetadata").null();
    } else {
        write_locals(json.key("Locals"), event);
        write_metadata(json.key("LocalMetadata"), event);
    }
    json.member("Message", event.message).key("Ref");
    if (event.subject.empty() || event.operation == Operation::kTestCase) {
        json.null();
    } else {
        write_reference(json, event.subject);
    }
    json.end_object();
    return text;
}

}  // namespace merlon::compat::opa
