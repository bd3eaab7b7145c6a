#include <algorithm>
#include <array>

#include "exchange/bom_readers.h"
#include "exchange/cyclonedx_shape.h"
#include "text/position.h"
#include "text/xml.h"

namespace merlon::exchange {
namespace {

using Kind = CycloneDxMember::Kind;
using Shape = CycloneDxShape;
using text::XmlElement;
using value::Builder;
using value::Value;
using Entries = std::vector<Builder::Entry>;

constexpr std::string_view kNamespace = "http://cyclonedx.org/schema/bom/";

// Members that are the text of their element and no element of their own.
bool is_own_text(Shape shape, std::string_view member) {
    return (member == "content" && (shape == Shape::kHash || shape == Shape::kAttachment)) ||
           (member == "value" && shape == Shape::kProperty);
}

// Lists whose items stand in the object itself, and what each is called there; other lists have an
// element around them.
std::string_view bare_item(Shape shape, std::string_view member) {
    if (shape == Shape::kEntity && (member == "url" || member == "contact")) return member;
    if (shape == Shape::kDependency) return member == "dependsOn" ? "dependency" : member;
    if (member == "omniborId" || member == "swhid") return member;
    return {};
}

// The element of a member.
std::string_view element_name(const CycloneDxMember& member) {
    return member.element.empty() ? member.name : member.element;
}

std::string_view attribute_name(std::string_view member) {
    return member == "contentType" ? "content-type" : member;
}

// The document as the tree that its JSON would be, guided by the table. What the table calls kAny
// has another form in XML and is left out.
class TreeMaker {
  public:
    TreeMaker(Builder& builder, const XmlElement& root, std::string_view version)
        : builder_(builder), root_(root), version_(version) {}

    Value document() {
        Entries entries = members_of(root_, Shape::kBom);
        add(entries, "bomFormat", builder_.string("CycloneDX"));
        add(entries, "specVersion", builder_.string(version_));
        return builder_.object(entries);
    }

    // The first thing that XML's schema refuses and the tree cannot show; a null place where there
    // is none.
    struct Problem {
        std::string message;
        const XmlElement* place = nullptr;
    };
    const Problem& problem() const { return problem_; }

  private:
    void refuse(const XmlElement& place, std::string message) {
        if (problem_.place == nullptr) problem_ = {std::move(message), &place};
    }

    // Elements of other namespaces may stand anywhere (the schema's xsd:any).
    bool is_foreign(const XmlElement& element) const {
        const std::string_view own = element.attribute("xmlns");
        return element.prefix != root_.prefix || (!own.empty() && own != root_.attribute("xmlns"));
    }

    void add(Entries& entries, std::string_view name, Value value) {
        entries.emplace_back(builder_.key(name), value);
    }

    Value object(const XmlElement& element, Shape shape) {
        if (shape == Shape::kLicenseChoice) return license_choice(element);
        if (shape == Shape::kDataFlow) return data_flow(element);
        return builder_.object(members_of(element, shape));
    }

    Entries members_of(const XmlElement& element, Shape shape) {
        Entries entries;
        for (const CycloneDxMember& member : members(shape)) {
            if (is_own_text(shape, member.name)) {
                add(entries, member.name, builder_.string(element.text));
            } else if (const auto* attribute = find_attribute(element, member)) {
                add(entries, member.name, scalar(attribute->value, member.kind));
            } else if (const auto item = bare_item(shape, member.name); !item.empty()) {
                add_bare_list(entries, element, member, item);
            } else if (const XmlElement* child = element.child(element_name(member))) {
                add_child(entries, *child, member);
            }
        }
        check_children(element, shape);
        return entries;
    }

    static const text::XmlAttribute* find_attribute(const XmlElement& element,
                                                    const CycloneDxMember& member) {
        const auto found = std::ranges::find(element.attributes, attribute_name(member.name),
                                             &text::XmlAttribute::name);
        return found == element.attributes.end() ? nullptr : &*found;
    }

    void add_child(Entries& entries, const XmlElement& child, const CycloneDxMember& member) {
        switch (member.kind) {
            case Kind::kAny:
                if (member.name == "tools") add(entries, "tools", tools(child));
                return;
            case Kind::kObject:
                return add(entries, member.name, object(child, member.shape));
            case Kind::kObjects:
            case Kind::kTexts:
            case Kind::kRefs:
            case Kind::kIntegers:
            case Kind::kChoices:
                return add(entries, member.name, list(child, member));
            default:
                return add(entries, member.name, scalar(child.text, member.kind));
        }
    }

    // Each child is a member, and stands there once where it is no list's item.
    void check_children(const XmlElement& element, Shape shape) {
        for (const XmlElement* child = element.first_child; child; child = child->next) {
            if (is_foreign(*child)) continue;
            const auto is_item = [&](const CycloneDxMember& member) {
                return bare_item(shape, member.name) == child->name;
            };
            if (std::ranges::any_of(members(shape), is_item)) continue;
            const std::string what = std::string(name(shape)) + " has ";
            const auto member = std::ranges::find(members(shape), child->name, element_name);
            if (member == members(shape).end()) {
                refuse(*child, "a " + what + "no <" + std::string(child->name) + ">");
            } else if (member->kind != Kind::kAny && element.child(child->name) != child) {
                refuse(*child, "this " + what + "two <" + std::string(child->name) + ">");
            }
        }
    }

    Value tools(const XmlElement& element) {
        const bool are_components =
            element.child("components") != nullptr || element.child("services") != nullptr;
        if (are_components) return object(element, Shape::kTools);
        return list(element, {.name = "tools", .kind = Kind::kObjects, .shape = Shape::kTool});
    }

    Value list(const XmlElement& element, const CycloneDxMember& member) {
        std::vector<Value> items;
        for (const XmlElement* child = element.first_child; child; child = child->next) {
            if (is_foreign(*child)) continue;
            items.push_back(item(*child, member));
            const bool stands_alone = child->name == "expression" && version_ < "1.7";
            if (stands_alone && (child->next != nullptr || items.size() > 1)) {
                refuse(*child, "an expression stands alone in <licenses>");
            }
        }
        return builder_.array(items);
    }

    void add_bare_list(Entries& entries, const XmlElement& element, const CycloneDxMember& member,
                       std::string_view item_name) {
        std::vector<Value> items;
        for (const XmlElement* child = element.first_child; child; child = child->next)
            if (child->name == item_name) items.push_back(item(*child, member));
        if (!items.empty()) add(entries, member.name, builder_.array(items));
    }

    Value item(const XmlElement& child, const CycloneDxMember& member) {
        if (member.kind == Kind::kObjects) return object(child, member.shape);
        if (member.kind == Kind::kIntegers) return scalar(child.text, Kind::kInteger);
        const std::string_view ref = child.attribute("ref");
        return builder_.string(ref.empty() ? child.text : ref);
    }

    // An expression (since 1.7 with details) or a license, where JSON has an object of one of them.
    Value license_choice(const XmlElement& element) {
        Entries entries;
        if (element.name == "expression") {
            add(entries, "expression", builder_.string(element.text));
        } else if (element.name == "expression-detailed") {
            add(entries, "expression", builder_.string(element.attribute("expression")));
        } else if (element.name == "license") {
            add(entries, "license", object(element, Shape::kLicense));
        } else {
            refuse(element, "expected <license> or <expression>");
        }
        return builder_.object(entries);
    }

    // <classification flow="…">…</classification>, since 1.5 inside a <dataflow>.
    Value data_flow(const XmlElement& element) {
        const XmlElement* inner = element.child("classification");
        const XmlElement& classification = inner == nullptr ? element : *inner;
        Entries entries;
        add(entries, "flow", builder_.string(classification.attribute("flow")));
        add(entries, "classification", builder_.string(classification.text));
        return builder_.object(entries);
    }

    // XML Schema, part 2: booleans and integers by their lexical forms; what is none stays a text,
    // which the check refuses.
    Value scalar(std::string_view text, Kind kind) {
        if (kind == Kind::kBoolean) {
            if (text == "true" || text == "1") return builder_.boolean(true);
            if (text == "false" || text == "0") return builder_.boolean(false);
        }
        if (kind == Kind::kInteger || kind == Kind::kNumber) {
            if (Result<Value> number = builder_.number(text); number.ok()) return number.value();
        }
        return builder_.string(text);
    }

    Builder& builder_;
    const XmlElement& root_;
    std::string_view version_;
    Problem problem_;
};

}  // namespace

Result<ReadBom> read_cyclonedx_xml(std::string_view bytes, const IsLicenseId& is_license_id,
                                   const CancelToken* cancel) {
    Arena arena;
    Interner interner;
    const XmlElement* root = MERLON_TRY(text::read_xml(bytes, arena, {.cancel = cancel}));
    const auto problem_at = [&](const XmlElement& place, std::string message) {
        const text::Position at = text::LineIndex(bytes).position(place.offset);
        return Error{std::move(message)}.at({}, at.line, at.column);
    };
    const std::string_view name_space = root->attribute("xmlns");
    if (root->name != "bom" || !name_space.starts_with(kNamespace)) {
        return problem_at(*root, "expected <bom xmlns=\"" + std::string(kNamespace) + "1.6\">");
    }
    Builder builder(arena, interner);
    TreeMaker maker(builder, *root, name_space.substr(kNamespace.size()));
    const Value document = maker.document();
    if (const auto& problem = maker.problem(); problem.place != nullptr) {
        return problem_at(*problem.place, "CycloneDX: " + problem.message);
    }
    FieldReader fields;
    ReadBom read = read_cyclonedx(document, is_license_id, fields);
    if (fields.problem()) return problem_at(*root, *fields.problem());
    return read;
}

}  // namespace merlon::exchange
