#include <algorithm>
#include <array>

#include "exchange/bom_readers.h"
#include "exchange/cyclonedx.h"
#include "exchange/cyclonedx_check.h"
#include "exchange/cyclonedx_fields.h"
#include "exchange/cyclonedx_weakness.h"

namespace merlon::exchange {
namespace {

using value::Value;

template <typename Enumeration>
Enumeration parse_name(std::string_view text, Enumeration last, Enumeration otherwise) {
    for (int i = 0; i <= static_cast<int>(last); ++i)
        if (name(static_cast<Enumeration>(i)) == text) return static_cast<Enumeration>(i);
    return otherwise;
}

// From a tree that check_cyclonedx has passed.
class Reader {
  public:
    Bom read(const Value& root) {
        constexpr std::string_view kSerialStart = "urn:uuid:";
        const std::string_view serial = text_in(root, "serialNumber");
        if (!serial.empty()) bom_.serial = serial.substr(kSerialStart.size());
        if (const Value* metadata = root.find("metadata"); metadata != nullptr) {
            read_metadata(*metadata);
        }
        for (const Value& component : items_in(root, "components")) {
            bom_.components.push_back(read_component(component));
        }
        take_nested();
        for (const Value& dependency : items_in(root, "dependencies")) {
            BomDependency read{.ref = std::string(text_in(dependency, "ref")), .depends_on = {}};
            for (const Value& ref : items_in(dependency, "dependsOn"))
                read.depends_on.emplace_back(ref.as_string());
            bom_.dependencies.push_back(std::move(read));
        }
        for (const Value& composition : items_in(root, "compositions")) {
            read_composition(composition);
        }
        bom_.properties = properties_in(root);
        bom_.weaknesses = read_weaknesses(root);
        return std::move(bom_);
    }

  private:
    void read_metadata(const Value& metadata) {
        bom_.timestamp = text_in(metadata, "timestamp");
        for (const Value& author : items_in(metadata, "authors")) {
            bom_.authors.emplace_back(text_in(author, "name"));
        }
        if (const Value* root = metadata.find("component"); root != nullptr) {
            bom_.root = read_component(*root);
            bom_.name = bom_.root.name;
        }
        const Value* tools = metadata.find("tools");
        if (tools == nullptr) return;
        const auto listed = tools->is_array() ? tools->items() : items_in(*tools, "components");
        for (const Value& tool : listed) {
            const std::string_view vendor = text_in(tool, "vendor");
            bom_.tools.push_back(
                {.vendor = std::string(vendor.empty() ? text_in(tool, "publisher") : vendor),
                 .name = std::string(text_in(tool, "name")),
                 .version = std::string(text_in(tool, "version"))});
        }
    }

    BomComponent read_component(const Value& object) {
        BomComponent component;
        component.ref = text_in(object, "bom-ref");
        component.type =
            parse_name(text_in(object, "type"), BomType::kCryptographicAsset, BomType::kLibrary);
        component.group = text_in(object, "group");
        component.name = text_in(object, "name");
        component.version = text_in(object, "version");
        component.purl = text_in(object, "purl");
        component.cpe = text_in(object, "cpe");
        component.description = text_in(object, "description");
        component.copyright = text_in(object, "copyright");
        component.scope =
            parse_name(text_in(object, "scope"), BomScope::kExcluded, BomScope::kUnstated);
        if (const Value* supplier = object.find("supplier"); supplier != nullptr) {
            component.supplier = text_in(*supplier, "name");
        }
        for (const Value& hash : items_in(object, "hashes")) {
            component.hashes.push_back({.algorithm = std::string(text_in(hash, "alg")),
                                        .value = std::string(text_in(hash, "content"))});
        }
        for (const Value& choice : items_in(object, "licenses")) {
            component.licenses.push_back(read_license(choice));
        }
        for (const Value& reference : items_in(object, "externalReferences")) {
            component.references.push_back({.type = std::string(text_in(reference, "type")),
                                            .url = std::string(text_in(reference, "url"))});
        }
        component.properties = properties_in(object);
        if (const Value* evidence = object.find("evidence"); evidence != nullptr) {
            read_occurrences(*evidence, component);
            for (const Value& choice : items_in(*evidence, "licenses"))
                component.found_licenses.push_back(read_license(choice));
        }
        for (const Value& nested : items_in(object, "components")) nested_.push_back(&nested);
        return component;
    }

    // What stands inside a component is a component like any other; parents are not kept.
    void take_nested() {
        while (!nested_.empty()) {
            const std::vector<const Value*> level = std::move(nested_);
            nested_.clear();
            for (const Value* component : level)
                bom_.components.push_back(read_component(*component));
        }
    }

    static BomLicense read_license(const Value& choice) {
        using enum BomLicense::Kind;
        const std::string_view expression = text_in(choice, "expression");
        if (!expression.empty()) return {.kind = kExpression, .text = std::string(expression)};
        const Value* license = choice.find("license");
        if (license == nullptr) return {};
        const std::string_view id = text_in(*license, "id");
        if (!id.empty()) return {.kind = kId, .text = std::string(id)};
        return {.kind = kName, .text = std::string(text_in(*license, "name"))};
    }

    static void read_occurrences(const Value& evidence, BomComponent& component) {
        for (const Value& occurrence : items_in(evidence, "occurrences")) {
            const Value* line = occurrence.find("line");
            const std::int64_t number = line == nullptr ? 0 : line->as_integer().value_or(0);
            component.occurrences.push_back({.path = std::string(text_in(occurrence, "location")),
                                             .line = static_cast<std::uint32_t>(number)});
        }
    }

    void read_composition(const Value& object) {
        const std::string_view aggregate = text_in(object, "aggregate");
        BomComposition composition;
        composition.aggregate = aggregate == "complete"               ? BomAggregate::kComplete
                                : aggregate.starts_with("incomplete") ? BomAggregate::kIncomplete
                                                                      : BomAggregate::kUnknown;
        for (const Value& ref : items_in(object, "assemblies"))
            composition.assemblies.emplace_back(ref.as_string());
        for (const Value& ref : items_in(object, "dependencies"))
            composition.dependencies.emplace_back(ref.as_string());
        bom_.compositions.push_back(std::move(composition));
    }

    Bom bom_;
    std::vector<const Value*> nested_;
};

std::optional<CycloneDxVersion> version_of(std::string_view stated) {
    constexpr std::array<std::string_view, 4> kVersions{"1.4", "1.5", "1.6", "1.7"};
    for (std::size_t i = 0; i < kVersions.size(); ++i)
        if (kVersions[i] == stated) return static_cast<CycloneDxVersion>(i);
    // What older versions have, 1.4 has too.
    constexpr std::array<std::string_view, 4> kOlder{"1.0", "1.1", "1.2", "1.3"};
    if (std::ranges::find(kOlder, stated) != kOlder.end()) return CycloneDxVersion::k1_4;
    return std::nullopt;
}

}  // namespace

ReadBom read_cyclonedx(const Value& root, const IsLicenseId& is_license_id, FieldReader& fields) {
    const std::string_view stated = text_in(root, "specVersion");
    const std::optional<CycloneDxVersion> version = version_of(stated);
    if (!version) {
        fields.fail("specVersion '" + std::string(stated) + "' is not known; expected 1.0 to 1.7",
                    &root);
        return {};
    }
    const auto problems = check_cyclonedx(root, *version, is_license_id, 1);
    if (!problems.empty()) {
        const std::string& pointer = problems[0].pointer;
        fields.fail(
            "CycloneDX: " + problems[0].message + ", at " + (pointer.empty() ? "the top" : pointer),
            problems[0].element);
        return {};
    }
    return {.bom = Reader().read(root), .format = "CycloneDX " + std::string(stated)};
}

}  // namespace merlon::exchange
