#include "exchange/cyclonedx_check.h"

#include <algorithm>
#include <set>

#include "exchange/cyclonedx_shape.h"
#include "exchange/date_time.h"
#include "exchange/uuid.h"

namespace merlon::exchange {
namespace {

using Kind = CycloneDxMember::Kind;
using Shape = CycloneDxShape;
using enum CycloneDxVersion;
using value::Value;

bool is_hex(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    });
}

bool is_serial(std::string_view text) {
    constexpr std::string_view kStart = "urn:uuid:";
    return text.starts_with(kStart) && is_uuid(text.substr(kStart.size()));
}

bool is_hash_value(std::string_view text) {
    constexpr std::size_t kLengths[] = {32, 40, 64, 96, 128};
    return is_hex(text) && std::ranges::find(kLengths, text.size()) != std::end(kLengths);
}

CycloneDxVersion parse_since(std::string_view text) {
    return text == "1.5" ? k1_5 : text == "1.6" ? k1_6 : text == "1.7" ? k1_7 : k1_4;
}

// Whether `text` is one of "a|b@1.5", as far as the version has it.
bool is_choice(std::string_view text, std::string_view choices, CycloneDxVersion version) {
    while (!choices.empty()) {
        const std::size_t bar = std::min(choices.find('|'), choices.size());
        const std::string_view word = choices.substr(0, bar);
        choices.remove_prefix(std::min(bar + 1, choices.size()));
        const std::size_t at = std::min(word.find('@'), word.size());
        if (word.substr(0, at) != text) continue;
        return at == word.size() || parse_since(word.substr(at + 1)) <= version;
    }
    return false;
}

class Check {
  public:
    Check(CycloneDxVersion version, const IsLicenseId& is_license_id, std::size_t most)
        : version_(version), is_license_id_(is_license_id), most_(most) {}

    std::vector<CycloneDxProblem> run(const Value& root) {
        check_object(root, Shape::kBom);
        return std::move(problems_);
    }

  private:
    void problem(const Value& element, std::string message) {
        if (problems_.size() >= most_) return;
        problems_.push_back(
            {.pointer = pointer_, .message = std::move(message), .element = &element});
    }

    // Runs `check` one step further down.
    template <typename Step>
    void below(std::string_view step, const Step& check) {
        const std::size_t length = pointer_.size();
        pointer_ += '/';
        for (const char c : step) pointer_ += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
        check();
        pointer_.resize(length);
    }

    void check_object(const Value& object, Shape shape) {
        if (!object.is_object()) {
            problem(object, "expected a " + std::string(name(shape)) + ", an object, found " +
                                std::string(value::name(object.kind())));
            return;
        }
        const auto known = members(shape);
        for (const CycloneDxMember& member : known) {
            const Value* content = object.find(member.name);
            if (content != nullptr) {
                below(member.name, [&] { check_member(*content, member); });
            } else if (is_required(member, shape)) {
                problem(object, "a " + std::string(name(shape)) + " needs '" +
                                    std::string(member.name) + "'");
            }
        }
        check_names(object, shape, known);
        check_rules(object, shape);
    }

    bool is_required(const CycloneDxMember& member, Shape shape) const {
        if (shape == Shape::kProperty) return version_ >= k1_6 && member.name == "name";
        if (shape == Shape::kBom && member.name == "version") return version_ < k1_5;
        return member.need == CycloneDxMember::Need::kRequired;
    }

    void check_names(const Value& object, Shape shape, std::span<const CycloneDxMember> known) {
        if (shape == Shape::kProperty && version_ < k1_6) return;
        for (const Value& key : object.keys()) {
            if (!key.is_string()) {  // YAML has such keys
                problem(object, "expected a text as the key");
                continue;
            }
            const std::string_view name_of_key = key.as_string();
            const auto found = std::ranges::find(known, name_of_key, &CycloneDxMember::name);
            if (found != known.end() && found->since <= version_) continue;
            problem(object, "a " + std::string(name(shape)) + " has no '" +
                                std::string(name_of_key) + "'" +
                                (found == known.end() ? "" : " in this version"));
        }
    }

    void check_member(const Value& content, const CycloneDxMember& member) {
        switch (member.kind) {
            case Kind::kAny:
                if (member.name == "tools") check_tools(content);
                return;
            case Kind::kObject:
                return check_object(content, member.shape);
            case Kind::kObjects:
            case Kind::kTexts:
            case Kind::kRefs:
            case Kind::kIntegers:
            case Kind::kChoices:
                return check_list(content, member);
            case Kind::kNumber:
                if (!content.is_number()) problem(content, "expected a number");
                return;
            case Kind::kBoolean:
                if (!content.is_boolean()) problem(content, "expected true or false");
                return;
            case Kind::kInteger:
                return check_integer(content);
            default:
                return check_text(content, member);
        }
    }

    void check_integer(const Value& content) {
        if (!content.is_number() || content.as_integer().value_or(-1) < 0) {
            problem(content, "expected a whole number that is not negative");
        }
    }

    // A list until 1.4; since then an object of components and services, the list being kept.
    void check_tools(const Value& tools) {
        if (version_ >= k1_5 && tools.is_object()) return check_object(tools, Shape::kTools);
        const CycloneDxMember list{.name = "tools", .kind = Kind::kObjects, .shape = Shape::kTool};
        if (pointer_ == "/metadata/tools") check_list(tools, list);
    }

    void check_list(const Value& list, const CycloneDxMember& member) {
        if (!list.is_array()) return problem(list, "expected a list");
        std::size_t position = 0;
        for (const Value& item : list.items()) {
            below(std::to_string(position++), [&] {
                if (member.kind == Kind::kObjects) return check_object(item, member.shape);
                if (member.kind == Kind::kIntegers) return check_integer(item);
                if (member.kind == Kind::kChoices) {
                    CycloneDxMember one = member;
                    one.kind = Kind::kChoice;
                    return check_text(item, one);
                }
                if (!item.is_string()) return problem(item, "expected a text");
                if (member.kind == Kind::kRefs && item.as_string().empty()) {
                    problem(item, "expected a reference, found an empty text");
                }
            });
        }
    }

    void check_text(const Value& content, const CycloneDxMember& member) {
        if (!content.is_string()) return problem(content, "expected a text");
        const std::string_view text = content.as_string();
        const auto found = [&] { return ", found '" + std::string(text.substr(0, 80)) + "'"; };
        switch (member.kind) {
            case Kind::kRef:
                if (text.empty()) problem(content, "expected a reference, found an empty text");
                if (member.name == "bom-ref" && !refs_.insert(std::string(text)).second) {
                    problem(content, "two elements are called '" + std::string(text) + "'");
                }
                return;
            case Kind::kTime:
                if (!is_date_time(text))
                    problem(content,
                            "expected a time such as "
                            "2026-01-31T12:00:00Z" +
                                found());
                return;
            case Kind::kSerial:
                if (!is_serial(text)) problem(content, "expected urn:uuid: and a UUID" + found());
                return;
            case Kind::kHashValue:
                if (!is_hash_value(text)) problem(content, "expected a digest in hex" + found());
                return;
            case Kind::kLicenseId:
                if (!is_license_id_(text)) {
                    problem(content, "expected an id of the SPDX licence list" + found());
                }
                return;
            case Kind::kChoice:
                if (!is_choice(text, member.choices, version_)) {
                    problem(content, "expected one of " + std::string(member.choices) + found());
                }
                return;
            default:
                return;
        }
    }

    // What concerns more than one member.
    void check_rules(const Value& object, Shape shape) {
        const auto has = [&](std::string_view key) { return object.find(key) != nullptr; };
        switch (shape) {
            case Shape::kLicense:
                if (has("id") == has("name")) {
                    problem(object, "a license needs either 'id' or 'name'");
                }
                return;
            case Shape::kLicenseChoice:
                if (has("license") == has("expression")) {
                    problem(object, "expected either 'license' or 'expression'");
                }
                return;
            case Shape::kComponent:
                return check_component(object);
            case Shape::kAffectedVersion:
                if (has("version") == has("range")) {
                    problem(object, "an affected version has either 'version' or 'range'");
                }
                return;
            case Shape::kCitation:
                if (has("pointers") == has("expressions")) {
                    problem(object, "a citation needs either 'pointers' or 'expressions'");
                }
                if (!has("attributedTo") && !has("process")) {
                    problem(object, "a citation needs 'attributedTo' or 'process'");
                }
                return;
            default:
                return;
        }
    }

    void check_component(const Value& component) {
        check_licenses(component);
        if (component.find("versionRange") == nullptr) return;
        if (component.find("version") != nullptr) {
            problem(component, "a component has 'version' or 'versionRange', not both");
        }
        const Value* external = component.find("isExternal");
        if (external == nullptr || !external->is_boolean() || !external->as_boolean()) {
            problem(component, "'versionRange' needs 'isExternal': true");
        }
    }

    // Until 1.6 a list of licences, or one expression alone.
    void check_licenses(const Value& holder) {
        const Value* licenses = holder.find("licenses");
        if (version_ >= k1_7 || licenses == nullptr || !licenses->is_array()) return;
        const auto has_expression = [](const Value& choice) {
            return choice.find("expression") != nullptr;
        };
        if (licenses->size() > 1 && std::ranges::any_of(licenses->items(), has_expression) &&
            version_ >= k1_5) {
            problem(*licenses, "an expression stands alone in 'licenses'");
        }
    }

    CycloneDxVersion version_;
    const IsLicenseId& is_license_id_;
    std::size_t most_;
    std::string pointer_;
    std::set<std::string, std::less<>> refs_;
    std::vector<CycloneDxProblem> problems_;
};

}  // namespace

std::vector<CycloneDxProblem> check_cyclonedx(const Value& root, CycloneDxVersion version,
                                              const IsLicenseId& is_license_id, std::size_t most) {
    return Check(version, is_license_id, most).run(root);
}

}  // namespace merlon::exchange
