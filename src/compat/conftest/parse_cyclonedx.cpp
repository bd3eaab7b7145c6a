// CycloneDX, as JSON and as XML.
//
// The idea: JSON is what a policy sees; XML is read into a tree (text/xml.h) and told as the table
// of cyclonedx_fields.h has it, as Go's encoding/xml fills structs: elements are known by their
// names without namespace, what is not known is left out, and what stands there twice is filled in
// twice. The types below are those that Go's library reads with code of its own.

#include <algorithm>
#include <charconv>
#include <cmath>

#include "compat/conftest/cyclonedx_fields.h"
#include "compat/conftest/parsers.h"
#include "text/xml.h"

namespace merlon::compat::conftest {
namespace {

using text::XmlElement;
using value::Value;

Error at(const XmlElement& element, std::string message) {
    return Error{"<" + std::string(element.name) + ">: " + std::move(message), element.offset};
}

class BomReader {
  public:
    explicit BomReader(Reading& reading) : values_(reading.values), types_(bom_types()) {}

    Result<Growing> document(const XmlElement& root) {
        if (root.name != "bom") return at(root, "expected the element <bom>");
        Growing made = empty_of("BOM");
        MERLON_TRY(fill("BOM", root, made));
        // conftest reads XML a second time and loses what the first time has found.
        set(made, "bomFormat", text({}));
        set(made, "specVersion", text("SpecVersion(0)"));
        return made;
    }

  private:
    static void set(Growing& object, std::string_view member, Growing made) {
        object.members.insert_or_assign(std::string(member), std::move(made));
    }
    static void append(Growing& object, std::string_view member, Growing made) {
        Growing& list = object.members[std::string(member)];
        list.kind = Growing::Kind::kArray;
        list.items.push_back(std::move(made));
    }
    Growing text(std::string_view said) const { return Growing::of(values_.string(said)); }
    Growing number(double said) const { return Growing::of(go_number(values_, said)); }
    void set_text(Growing& object, std::string_view member, std::string_view said) {
        if (!said.empty()) set(object, member, text(said));
    }
    // The text of the last child of that name.
    static std::string_view last_text(const XmlElement& element, std::string_view name) {
        std::string_view found;
        for (const XmlElement* child = element.first_child; child != nullptr; child = child->next) {
            if (child->name == name) found = child->whole_text;
        }
        return found;
    }
    static const XmlElement* last_child(const XmlElement& element, std::string_view name) {
        const XmlElement* found = nullptr;
        for (const XmlElement* child = element.first_child; child != nullptr; child = child->next) {
            if (child->name == name) found = child;
        }
        return found;
    }
    static Error unknown_element(const XmlElement& element) {
        return at(element, "this element is not known here");
    }

    // The type with nothing in it.
    Growing empty_of(std::string_view type) const {
        Growing made = Growing::object();
        for (const BomField& field : types_.at(type)) {
            if (field.kind == BomField::Kind::kType && !field.is_pointer) {
                set(made, field.member, empty_of(field.type));
            } else if (field.is_always) {
                set(made, field.member, zero_of(field));
            }
        }
        return made;
    }
    Growing zero_of(const BomField& field) const {
        if (field.is_pointer) return {};
        switch (field.kind) {
            case BomField::Kind::kText:
            case BomField::Kind::kReference:
                return text({});
            case BomField::Kind::kBoolean:
                return Growing::of(values_.boolean(false));
            case BomField::Kind::kType:
                return {};
            default:
                return number(0);
        }
    }

    Status fill(std::string_view type, const XmlElement& element, Growing& into) {
        const std::vector<BomField>& fields = types_.at(type);
        for (const text::XmlAttribute& attribute : element.attributes) {
            for (const BomField& field : fields) {
                const bool fits =
                    field.place == BomField::Place::kAttribute && field.name == attribute.name;
                if (fits) MERLON_TRY(set_scalar(field, element, attribute.value, into));
            }
        }
        for (const XmlElement* child = element.first_child; child != nullptr; child = child->next) {
            MERLON_TRY(take_child(fields, *child, into));
        }
        for (const BomField& field : fields) {
            if (field.place != BomField::Place::kText) continue;
            MERLON_TRY(set_scalar(field, element, element.whole_text, into));
        }
        if (type == "License" && into.members.contains("id") == into.members.contains("name")) {
            return at(element, "a license has either an id or a name");
        }
        return {};
    }

    // The first field that fits decides.
    Status take_child(const std::vector<BomField>& fields, const XmlElement& child, Growing& into) {
        const auto is_member = [](const BomField& field, std::string_view parent,
                                  std::string_view name) {
            return field.place == BomField::Place::kElement && field.parent == parent &&
                   field.name == name;
        };
        for (const BomField& field : fields) {
            if (is_member(field, {}, child.name)) return take_value(field, child, into);
            if (field.parent.empty() || field.parent != child.name) continue;
            for (const XmlElement* one = child.first_child; one != nullptr; one = one->next) {
                const auto inner = std::ranges::find_if(fields, [&](const BomField& other) {
                    return is_member(other, child.name, one->name);
                });
                if (inner != fields.end()) MERLON_TRY(take_value(*inner, *one, into));
            }
            return {};
        }
        return {};
    }

    Status take_value(const BomField& field, const XmlElement& element, Growing& into) {
        if (field.kind != BomField::Kind::kType) {
            const std::string_view said = field.kind == BomField::Kind::kReference
                                              ? element.attribute("ref")
                                              : element.whole_text;
            if (!field.is_list) return set_scalar(field, element, said, into);
            append(into, field.member, MERLON_TRY(scalar(field, element, said)));
            return {};
        }
        if (field.is_list) {
            append(into, field.member, MERLON_TRY(typed(field.type, element)));
            return {};
        }
        const auto before = into.members.find(field.member);
        if (types_.contains(field.type) && before != into.members.end() &&
            before->second.kind == Growing::Kind::kObject) {
            return fill(field.type, element, before->second);
        }
        set(into, field.member, MERLON_TRY(typed(field.type, element)));
        return {};
    }

    Status set_scalar(const BomField& field, const XmlElement& element, std::string_view said,
                      Growing& into) {
        Growing made = MERLON_TRY(scalar(field, element, said));
        const bool is_zero = (made.value.is_string() && made.value.as_string().empty()) ||
                             (made.value.is_boolean() && !made.value.as_boolean()) ||
                             (made.value.is_number() && made.value.as_double() == 0);
        if (!is_zero || field.is_always || field.is_pointer) {
            set(into, field.member, std::move(made));
        } else if (const auto old = into.members.find(field.member); old != into.members.end()) {
            into.members.erase(old);
        }
        return {};
    }

    // As encoding/xml converts a text: nothing is zero, blanks around the rest are no part of it.
    Result<Growing> scalar(const BomField& field, const XmlElement& element,
                           std::string_view said) const {
        const std::string_view trimmed = trim_go(said);
        switch (field.kind) {
            case BomField::Kind::kInteger: {
                if (said.empty()) return number(0);
                std::int64_t made = 0;
                const char* const begin = trimmed.data() + (trimmed.starts_with('+') ? 1 : 0);
                const char* const end = trimmed.data() + trimmed.size();
                const auto [stopped, failed] = std::from_chars(begin, end, made);
                const bool is_signed_twice = trimmed.starts_with("+-");
                if (failed != std::errc() || stopped != end || is_signed_twice) {
                    return at(element, "expected an integer for " + std::string(field.name));
                }
                return number(static_cast<double>(made));
            }
            case BomField::Kind::kBoolean: {
                if (said.empty()) return Growing::of(values_.boolean(false));
                const auto made = parse_go_bool(trimmed);
                if (!made)
                    return at(element, "expected true or false for " + std::string(field.name));
                return Growing::of(values_.boolean(*made));
            }
            case BomField::Kind::kFloat:
            case BomField::Kind::kFloat32: {
                if (said.empty()) return number(0);
                const auto made = parse_go_float(trimmed);
                if (!made || !std::isfinite(*made)) {
                    return at(element, "expected a number for " + std::string(field.name));
                }
                return number(field.kind == BomField::Kind::kFloat ? *made : as_float32(*made));
            }
            default:
                return text(said);
        }
    }

    // The number that the shortest text of the float32 stands for.
    static double as_float32(double exact) {
        char digits[64];
        const auto made =
            std::to_chars(std::begin(digits), std::end(digits), static_cast<float>(exact));
        double number = 0;
        std::from_chars(std::begin(digits), made.ptr, number);
        return number;
    }

    Result<Growing> filled(std::string_view type, const XmlElement& element) {
        Growing made = empty_of(type);
        MERLON_TRY(fill(type, element, made));
        return made;
    }

    // Types of the table, and those with rules of their own.
    Result<Growing> typed(std::string_view type, const XmlElement& element) {
        struct Special {
            std::string_view type;
            Result<Growing> (BomReader::*read)(const XmlElement&);
        };
        static constexpr Special kSpecials[] = {
            {"AsserterChoice", &BomReader::asserter},
            {"CertificateExtension", &BomReader::certificate_extension},
            {"CertificateState", &BomReader::certificate_state},
            {"Copyright", &BomReader::copyright},
            {"DataClassification", &BomReader::data_flow},
            {"Definitions", &BomReader::definitions},
            {"Dependency", &BomReader::dependency},
            {"EnvironmentVariables", &BomReader::environment},
            {"Evidence", &BomReader::evidence},
            {"IKEv2Auth", &BomReader::ike_transform},
            {"IKEv2Enc", &BomReader::ike_transform},
            {"IKEv2Integ", &BomReader::ike_transform},
            {"IKEv2Ke", &BomReader::ike_transform},
            {"IKEv2Prf", &BomReader::ike_transform},
            {"Licenses", &BomReader::licenses},
            {"MLDatasetChoice", &BomReader::dataset},
            {"ToolsChoice", &BomReader::tools},
        };
        const auto special = std::ranges::find(kSpecials, type, &Special::type);
        if (special != std::end(kSpecials)) return (this->*special->read)(element);
        return filled(type, element);
    }

    Result<Growing> asserter(const XmlElement& element) {
        Growing made = Growing::object();
        if (const XmlElement* organization = last_child(element, "organization")) {
            set(made, "organization", MERLON_TRY(filled("OrganizationalEntity", *organization)));
        } else if (const XmlElement* person = last_child(element, "contact")) {
            set(made, "individual", MERLON_TRY(filled("OrganizationalContact", *person)));
        } else if (const XmlElement* reference = last_child(element, "ref")) {
            set(made, "ref", text(reference->attribute("ref")));
        }
        return made;
    }

    Result<Growing> certificate_extension(const XmlElement& element) {
        const bool is_common = !last_text(element, "commonExtensionName").empty();
        const std::string_view name = is_common ? "commonExtensionName" : "customExtensionName";
        const std::string_view content =
            is_common ? "commonExtensionValue" : "customExtensionValue";
        Growing made = Growing::object();
        set(made, name, text(last_text(element, name)));
        set_text(made, content, last_text(element, content));
        return made;
    }

    Result<Growing> certificate_state(const XmlElement& element) {
        Growing made = Growing::object();
        const std::string_view state = last_text(element, "state");
        if (!state.empty()) {
            set(made, "state", text(state));
        } else {
            set(made, "name", text(last_text(element, "name")));
            set_text(made, "description", last_text(element, "description"));
        }
        set_text(made, "reason", last_text(element, "reason"));
        return made;
    }

    Result<Growing> copyright(const XmlElement& element) {
        Growing made = Growing::object();
        set(made, "text", text(element.whole_text));
        return made;
    }

    Result<Growing> data_flow(const XmlElement& element) {
        Growing made = Growing::object();
        set(made, "flow", text({}));
        set(made, "classification", text({}));
        set_text(made, "name", element.attribute("name"));
        set_text(made, "description", element.attribute("description"));
        for (const XmlElement* child = element.first_child; child != nullptr; child = child->next) {
            if (child->name == "classification") {
                if (const auto flow = child->attribute("flow"); !flow.empty()) {
                    set(made, "flow", text(flow));
                }
                set(made, "classification", text(child->whole_text));
            } else if (child->name == "governance") {
                set(made, "governance", MERLON_TRY(filled("DataGovernance", *child)));
            } else if (child->name == "source" || child->name == "destination") {
                Growing urls = Growing::array();
                for (const XmlElement* url = child->first_child; url != nullptr; url = url->next) {
                    if (url->name == "url") urls.items.push_back(text(url->whole_text));
                }
                if (!urls.items.empty()) set(made, child->name, std::move(urls));
            }
        }
        return made;
    }

    Result<Growing> definitions(const XmlElement& element) {
        constexpr std::pair<std::string_view, std::string_view> kListed[] = {
            {"standard", "StandardDefinition"},
            {"patent", "Patent"},
            {"patentFamily", "PatentFamily"}};
        Growing made = Growing::object();
        for (const XmlElement* list = element.first_child; list != nullptr; list = list->next) {
            if (list->name != "standards" && list->name != "patents") continue;
            Growing items = Growing::array();
            for (const XmlElement* one = list->first_child; one != nullptr; one = one->next) {
                const auto type = std::ranges::find(kListed, one->name,
                                                    [](const auto& row) { return row.first; });
                const bool fits = type != std::end(kListed) &&
                                  (list->name == "standards") == (one->name == "standard");
                if (fits) items.items.push_back(MERLON_TRY(filled(type->second, *one)));
            }
            if (!items.items.empty()) set(made, list->name, std::move(items));
        }
        return made;
    }

    Result<Growing> dependency(const XmlElement& element) {
        Growing made = Growing::object();
        set(made, "ref", text(element.attribute("ref")));
        for (const XmlElement* child = element.first_child; child != nullptr; child = child->next) {
            if (child->name == "dependency") {
                append(made, "dependsOn", text(child->attribute("ref")));
            } else if (child->name == "provides") {
                append(made, "provides", text(child->attribute("ref")));
            }
        }
        return made;
    }

    Result<Growing> environment(const XmlElement& element) {
        Growing made = Growing::array();
        for (const XmlElement* child = element.first_child; child != nullptr; child = child->next) {
            if (child->name == "value") {
                made.items.push_back(child->whole_text.empty() ? Growing::object()
                                                               : text(child->whole_text));
            } else if (child->name == "environmentVar") {
                Growing property = MERLON_TRY(filled("Property", *child));
                const bool is_empty = std::ranges::all_of(property.members, [](const auto& one) {
                    return one.second.value.as_string().empty();
                });
                made.items.push_back(is_empty ? Growing::object() : std::move(property));
            } else {
                return unknown_element(*child);
            }
        }
        return made;
    }

    Result<Growing> evidence(const XmlElement& element) {
        Growing made = Growing::object();
        for (const XmlElement* child = element.first_child; child != nullptr; child = child->next) {
            if (child->name == "identity") {
                append(made, "identity", MERLON_TRY(filled("EvidenceIdentity", *child)));
            } else if (child->name == "occurrences" || child->name == "copyright") {
                Growing list = Growing::array();
                const bool is_text = child->name == "copyright";
                for (const XmlElement* one = child->first_child; one != nullptr; one = one->next) {
                    if (one->name != (is_text ? "text" : "occurrence")) continue;
                    list.items.push_back(
                        MERLON_TRY(is_text ? copyright(*one) : filled("EvidenceOccurrence", *one)));
                }
                if (!list.items.empty()) set(made, child->name, std::move(list));
            } else if (child->name == "callstack") {
                Growing stack = MERLON_TRY(filled("Callstack", *child));
                if (stack.members.contains("frames")) set(made, "callstack", std::move(stack));
            } else if (child->name == "licenses") {
                Growing list = MERLON_TRY(licenses(*child));
                if (!list.items.empty()) set(made, "licenses", std::move(list));
            } else {
                return unknown_element(*child);
            }
        }
        return made;
    }

    // A text alone names an asset; else it is an object.
    Result<Growing> ike_transform(const XmlElement& element) {
        Growing made = Growing::object();
        for (const std::string_view name : {"name", "algorithm"}) {
            set_text(made, name, last_text(element, name));
        }
        for (const std::string_view name : {"keyLength", "group"}) {
            const XmlElement* const child = last_child(element, name);
            if (child == nullptr) continue;
            const BomField field{.member = name, .name = name, .kind = BomField::Kind::kInteger};
            set(made, name, MERLON_TRY(scalar(field, *child, child->whole_text)));
        }
        if (made.members.empty() && !element.text.empty()) return text(element.text);
        return made;
    }

    Result<Growing> licenses(const XmlElement& element) {
        Growing made = Growing::array();
        for (const XmlElement* child = element.first_child; child != nullptr; child = child->next) {
            Growing choice = Growing::object();
            if (child->name == "license") {
                set(choice, "license", MERLON_TRY(filled("License", *child)));
            } else if (child->name == "expression" || child->name == "expression-detailed") {
                const bool is_plain = child->name == "expression";
                set_text(choice, "expression",
                         is_plain ? child->whole_text : child->attribute("expression"));
                set_text(choice, "bom-ref", child->attribute("bom-ref"));
                set_text(choice, "acknowledgement", child->attribute("acknowledgement"));
                if (!is_plain) MERLON_TRY(add_expression_details(*child, choice));
            } else {
                return unknown_element(*child);
            }
            made.items.push_back(std::move(choice));
        }
        return made;
    }
    Status add_expression_details(const XmlElement& element, Growing& choice) {
        for (const XmlElement* one = element.first_child; one != nullptr; one = one->next) {
            if (one->name != "details") continue;
            Growing detail = Growing::object();
            set(detail, "licenseIdentifier", text(one->attribute("license-identifier")));
            if (const XmlElement* attached = last_child(*one, "text")) {
                set(detail, "text", MERLON_TRY(filled("AttachedText", *attached)));
            }
            set_text(detail, "url", last_text(*one, "url"));
            append(choice, "expressionDetails", std::move(detail));
        }
        return {};
    }

    Result<Growing> dataset(const XmlElement& element) {
        const std::string_view reference = last_text(element, "ref");
        if (reference.empty()) return filled("ComponentData", element);
        Growing made = Growing::object();
        set(made, "ref", text(reference));
        return made;
    }

    // A list of tools, or an object of components and services.
    Result<Growing> tools(const XmlElement& element) {
        Growing list = Growing::array();
        Growing made = Growing::object();
        for (const XmlElement* child = element.first_child; child != nullptr; child = child->next) {
            const bool is_service = child->name == "services";
            if (child->name == "tool") {
                list.items.push_back(MERLON_TRY(filled("Tool", *child)));
            } else if (is_service || child->name == "components") {
                Growing found = Growing::array();
                for (const XmlElement* one = child->first_child; one != nullptr; one = one->next) {
                    if (one->name != (is_service ? "service" : "component")) continue;
                    found.items.push_back(
                        MERLON_TRY(filled(is_service ? "Service" : "Component", *one)));
                }
                if (!found.items.empty()) set(made, child->name, std::move(found));
            } else {
                return unknown_element(*child);
            }
        }
        if (list.items.empty() == made.members.empty()) {
            return at(element, "expected either <tool> or <components> and <services>");
        }
        return list.items.empty() ? std::move(made) : std::move(list);
    }

    value::Builder& values_;
    const BomTypes types_;
};

// The version is the one thing of JSON that decides whether it is a BOM.
Status check_version(const Value& root) {
    const Value* const version = root.find("specVersion");
    if (version == nullptr || version->is_null()) return {};
    constexpr std::string_view kVersions[] = {"1.0", "1.1", "1.2", "1.3",
                                              "1.4", "1.5", "1.6", "1.7"};
    if (version->is_string() &&
        std::ranges::find(kVersions, version->as_string()) != std::end(kVersions)) {
        return {};
    }
    return Error{"decode CycloneDX BOM: invalid specification version: expected 1.0 to 1.7"};
}

}  // namespace

Result<Value> parse_cyclonedx(std::string_view bytes, Reading& reading) {
    const auto json = parse_json(bytes, reading);
    if (json.ok()) {
        if (!json.value().is_object()) {
            return Error{"decode CycloneDX BOM: the document is no object"};
        }
        MERLON_TRY(check_version(json.value()));
        return json;
    }
    // What begins as JSON is told JSON's mistake.
    if (trim_go_start(bytes).starts_with('{')) return json;
    const XmlElement& root = *MERLON_TRY(text::read_xml(bytes, reading.arena));
    return MERLON_TRY(BomReader(reading).document(root)).finish(reading.values);
}

}  // namespace merlon::compat::conftest
