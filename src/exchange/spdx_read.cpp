#include <algorithm>
#include <array>
#include <unordered_map>
#include <unordered_set>

#include "exchange/bom_readers.h"
#include "exchange/spdx_elements.h"
#include "exchange/uuid.h"

namespace merlon::exchange {
namespace {

using value::Value;

constexpr std::string_view kDocumentId = "SPDXRef-DOCUMENT";

struct Purpose {
    std::string_view spdx;
    BomType type;
};
constexpr std::array kPurposes{
    Purpose{"APPLICATION", BomType::kApplication},
    Purpose{"FRAMEWORK", BomType::kFramework},
    Purpose{"CONTAINER", BomType::kContainer},
    Purpose{"OPERATING-SYSTEM", BomType::kOperatingSystem},
    Purpose{"OPERATING_SYSTEM", BomType::kOperatingSystem},
    Purpose{"DEVICE", BomType::kDevice},
    Purpose{"FIRMWARE", BomType::kFirmware},
    Purpose{"FILE", BomType::kFile},
};

// Clause 11.1: which of the relationships say that one thing needs another, and in which direction.
enum class Direction : std::uint8_t { kNone, kForward, kBackward };
Direction direction_of(std::string_view type) {
    if (type == "DEPENDS_ON" || type == "CONTAINS") return Direction::kForward;
    const bool is_backward = type == "CONTAINED_BY" || type.ends_with("DEPENDENCY_OF");
    return is_backward ? Direction::kBackward : Direction::kNone;
}

std::string_view without_role(std::string_view actor) {
    for (const std::string_view role : {"Organization: ", "Person: ", "Tool: "})
        if (actor.starts_with(role)) return actor.substr(role.size());
    return actor;
}

// "merlon-1.0": the version is what follows the last dash that a digit follows.
BomTool tool_of(std::string_view text) {
    const std::size_t dash = text.rfind('-');
    const bool has_version =
        dash != std::string_view::npos && dash + 1 < text.size() &&
        ((text[dash + 1] >= '0' && text[dash + 1] <= '9') || text[dash + 1] == 'v');
    if (!has_version) return {.vendor = "", .name = std::string(text), .version = ""};
    return {.vendor = "",
            .name = std::string(text.substr(0, dash)),
            .version = std::string(text.substr(dash + 1))};
}

// The UUID that many write at the end of the namespace.
std::string serial_of(std::string_view name_space) {
    if (name_space.size() < kUuidLength) return {};
    const std::string_view end = name_space.substr(name_space.size() - kUuidLength);
    return is_uuid(end) ? std::string(end) : std::string();
}

class Converter {
  public:
    explicit Converter(SpdxDocument document) : document_(std::move(document)) {
        for (const auto& [id, text] : document_.own_licenses) own_licenses_.emplace(id, text);
    }

    ReadBom convert() {
        bom_.name = document_.name;
        bom_.serial = serial_of(document_.name_space);
        bom_.timestamp = document_.created;
        for (const std::string& creator : document_.creators) {
            const std::string_view named = without_role(creator);
            if (creator.starts_with("Tool: ")) {
                bom_.tools.push_back(tool_of(named));
            } else {
                bom_.authors.emplace_back(named);
            }
        }
        find_described();
        for (const SpdxPackage& package : document_.packages) {
            BomComponent component = component_of(package);
            if (described_.size() == 1 && described_.contains(package.id)) {
                bom_.root = std::move(component);
            } else {
                bom_.components.push_back(std::move(component));
            }
        }
        add_dependencies();
        return {.bom = std::move(bom_), .format = std::move(document_.version)};
    }

  private:
    void find_described() {
        for (const std::string& id : document_.described) described_.insert(id);
        for (const SpdxRelationship& relationship : document_.relationships) {
            if (relationship.type == "DESCRIBES" && relationship.from == kDocumentId) {
                described_.insert(relationship.to);
            } else if (relationship.type == "DESCRIBED_BY" && relationship.to == kDocumentId) {
                described_.insert(relationship.from);
            }
        }
    }

    BomComponent component_of(const SpdxPackage& package) const {
        BomComponent component;
        component.ref = package.id;
        component.name = package.name;
        component.version = package.version;
        component.purl = package.purl;
        component.cpe = package.cpe;
        component.description = package.description;
        if (is_stated(package.supplier)) component.supplier = without_role(package.supplier);
        if (is_stated(package.copyright)) component.copyright = package.copyright;
        const auto purpose = std::ranges::find(kPurposes, package.purpose, &Purpose::spdx);
        if (purpose != kPurposes.end()) component.type = purpose->type;
        const std::string& license = is_stated(package.declared_license)
                                         ? package.declared_license
                                         : package.concluded_license;
        if (is_stated(license)) component.licenses.push_back(license_of(license));
        if (is_stated(package.concluded_license) && package.concluded_license != license)
            component.found_licenses.push_back(license_of(package.concluded_license));
        if (is_stated(package.download_location)) {
            component.references.push_back({"distribution", package.download_location});
        }
        if (is_stated(package.homepage)) {
            component.references.push_back({"website", package.homepage});
        }
        for (const std::string& comment : package.annotations) take_annotation(comment, component);
        for (const auto& [algorithm, content] : package.checksums) {
            if (const HashNames* names = hash_names(&HashNames::spdx2, algorithm);
                names != nullptr) {
                component.hashes.push_back({std::string(names->cyclonedx), content});
            }
        }
        return component;
    }

    // A licence of the document's own stands there with its text.
    BomLicense license_of(const std::string& license) const {
        const auto own = own_licenses_.find(license);
        if (own != own_licenses_.end()) return {BomLicense::Kind::kName, std::string(own->second)};
        return {BomLicense::Kind::kExpression, license};
    }

    void add_dependencies() {
        std::unordered_set<std::string_view> known;
        for (const SpdxPackage& package : document_.packages) known.insert(package.id);
        std::unordered_map<std::string_view, std::size_t> positions;
        for (const SpdxRelationship& relationship : document_.relationships) {
            const Direction direction = direction_of(relationship.type);
            if (direction == Direction::kNone || !known.contains(relationship.from) ||
                !known.contains(relationship.to)) {
                continue;
            }
            const bool is_forward = direction == Direction::kForward;
            const std::string& from = is_forward ? relationship.from : relationship.to;
            const std::string& to = is_forward ? relationship.to : relationship.from;
            const auto [found, is_new] = positions.emplace(from, bom_.dependencies.size());
            if (is_new) bom_.dependencies.push_back({.ref = from, .depends_on = {}});
            bom_.dependencies[found->second].depends_on.push_back(to);
        }
    }

    SpdxDocument document_;
    Bom bom_;
    std::unordered_map<std::string_view, std::string_view> own_licenses_;
    std::unordered_set<std::string_view> described_;
};

SpdxPackage package_of(const Value& object, FieldReader& fields) {
    SpdxPackage package;
    package.id = fields.required_text(object, "SPDXID");
    package.name = fields.required_text(object, "name");
    package.version = fields.text(object, "versionInfo");
    package.supplier = fields.text(object, "supplier");
    package.download_location = fields.text(object, "downloadLocation");
    package.homepage = fields.text(object, "homepage");
    package.declared_license = fields.text(object, "licenseDeclared");
    package.concluded_license = fields.text(object, "licenseConcluded");
    package.copyright = fields.text(object, "copyrightText");
    package.description = fields.text(object, "description");
    package.purpose = fields.text(object, "primaryPackagePurpose");
    for (const Value& reference : fields.items(object, "externalRefs")) {
        if (!fields.is_object(reference)) break;
        const std::string type = fields.text(reference, "referenceType");
        const std::string locator = fields.text(reference, "referenceLocator");
        if (type == "purl" && package.purl.empty()) package.purl = locator;
        if (type == "cpe23Type" && package.cpe.empty()) package.cpe = locator;
    }
    for (const Value& checksum : fields.items(object, "checksums")) {
        if (!fields.is_object(checksum)) break;
        package.checksums.emplace_back(fields.required_text(checksum, "algorithm"),
                                       fields.required_text(checksum, "checksumValue"));
    }
    for (const Value& annotation : fields.items(object, "annotations")) {
        if (!fields.is_object(annotation)) break;
        package.annotations.push_back(fields.text(annotation, "comment"));
    }
    return package;
}

}  // namespace

ReadBom bom_of_spdx(SpdxDocument document) { return Converter(std::move(document)).convert(); }

ReadBom read_spdx2(const Value& root, FieldReader& fields) {
    SpdxDocument document;
    document.version = fields.required_text(root, "spdxVersion");
    if (!document.version.starts_with("SPDX-2.")) {
        fields.fail("spdxVersion is '" + document.version + "'; expected SPDX-2.0 to SPDX-2.3",
                    &root);
    }
    document.name = fields.text(root, "name");
    document.name_space = fields.text(root, "documentNamespace");
    if (const Value* creation = fields.object(root, "creationInfo"); creation != nullptr) {
        document.created = fields.text(*creation, "created");
        document.creators = fields.texts(*creation, "creators");
    }
    document.described = fields.texts(root, "documentDescribes");
    for (const Value& package : fields.items(root, "packages")) {
        if (!fields.is_object(package)) break;
        document.packages.push_back(package_of(package, fields));
    }
    for (const Value& license : fields.items(root, "hasExtractedLicensingInfos")) {
        if (!fields.is_object(license)) break;
        document.own_licenses.emplace_back(fields.text(license, "licenseId"),
                                           fields.text(license, "extractedText"));
    }
    for (const Value& relationship : fields.items(root, "relationships")) {
        if (!fields.is_object(relationship)) break;
        document.relationships.push_back(
            {fields.required_text(relationship, "spdxElementId"),
             fields.required_text(relationship, "relationshipType"),
             fields.required_text(relationship, "relatedSpdxElement")});
    }
    return bom_of_spdx(std::move(document));
}

}  // namespace merlon::exchange
