#include <algorithm>
#include <array>
#include <unordered_map>

#include "exchange/bom_readers.h"
#include "exchange/spdx3_security.h"
#include "exchange/spdx_elements.h"

namespace merlon::exchange {
namespace {

using value::Value;

struct Purpose {
    std::string_view spdx;
    BomType type;
};
// SPDX 3.0.1, Software, SoftwarePurpose.
constexpr std::array kPurposes{
    Purpose{"application", BomType::kApplication},
    Purpose{"framework", BomType::kFramework},
    Purpose{"container", BomType::kContainer},
    Purpose{"platform", BomType::kPlatform},
    Purpose{"operatingSystem", BomType::kOperatingSystem},
    Purpose{"device", BomType::kDevice},
    Purpose{"deviceDriver", BomType::kDeviceDriver},
    Purpose{"firmware", BomType::kFirmware},
    Purpose{"file", BomType::kFile},
    Purpose{"model", BomType::kModel},
    Purpose{"data", BomType::kData},
};

// The elements of one graph, by type and by id.
class GraphReader {
  public:
    GraphReader(const Value& root, FieldReader& fields)
        : root_(root), fields_(fields), weaknesses_(fields) {}

    ReadBom read() {
        const auto graph = fields_.items(root_, "@graph");
        if (graph.empty()) fields_.fail("SPDX 3: no @graph", &root_);
        for (const Value& element : graph) {
            if (!fields_.is_object(element)) return {};
            sort_in(element);
        }
        for (const Value* relationship : relationships_) take_relationship(*relationship);
        for (std::size_t i = 0; i < packages_.size(); ++i) {
            BomComponent component = component_of(*packages_[i]);
            const bool is_root = roots_.size() == 1 && roots_[0] == component.ref;
            if (is_root) {
                bom_.root = std::move(component);
            } else {
                bom_.components.push_back(std::move(component));
            }
        }
        bom_.weaknesses = weaknesses_.finish();
        return {.bom = std::move(bom_), .format = "SPDX-" + version_};
    }

  private:
    std::string id_of(const Value& element) {
        std::string id = fields_.text(element, "spdxId");
        return id.empty() ? fields_.text(element, "@id") : id;
    }

    void sort_in(const Value& element) {
        const std::string type = fields_.text(element, "type");
        if (weaknesses_.take(element, type)) return;
        if (type == "CreationInfo") {
            version_ = fields_.text(element, "specVersion");
            bom_.timestamp = fields_.text(element, "created");
        } else if (type == "SpdxDocument") {
            bom_.name = fields_.text(element, "name");
        } else if (type == "Tool") {
            bom_.tools.push_back(
                {.vendor = "", .name = fields_.text(element, "name"), .version = ""});
        } else if (type == "software_Sbom") {
            roots_ = fields_.texts(element, "rootElement");
        } else if (type == "software_Package") {
            packages_.push_back(&element);
        } else if (type == "Relationship" || type == "LifecycleScopedRelationship") {
            relationships_.push_back(&element);
        } else if (type == "Annotation") {
            annotations_[fields_.text(element, "subject")].push_back(
                fields_.text(element, "statement"));
        } else if (type == "simplelicensing_LicenseExpression") {
            const std::string id = id_of(element);
            licenses_[id] = {BomLicense::Kind::kExpression,
                             fields_.text(element, "simplelicensing_licenseExpression")};
            for (const Value& entry : fields_.items(element, "simplelicensing_customIdToUri")) {
                if (!fields_.is_object(entry)) return;
                // An expression that is one id of the document's own stands for that text.
                if (fields_.text(entry, "key") == licenses_[id].text)
                    own_texts_[id] = fields_.text(entry, "value");
            }
        } else if (type == "simplelicensing_SimpleLicensingText") {
            licenses_[id_of(element)] = {BomLicense::Kind::kName,
                                         fields_.text(element, "simplelicensing_licenseText")};
        }
    }

    void take_relationship(const Value& relationship) {
        const std::string type = fields_.text(relationship, "relationshipType");
        std::string from = fields_.text(relationship, "from");
        std::vector<std::string> to = fields_.texts(relationship, "to");
        if (type == "dependsOn" || type == "contains") {
            bom_.dependencies.push_back({.ref = std::move(from), .depends_on = std::move(to)});
        } else if (type == "hasAssociatedVulnerability") {
            weaknesses_.associate(from, to);
        } else if (type == "hasDeclaredLicense" || type == "hasConcludedLicense") {
            if (to.empty()) return;
            std::string& license = license_of_package_[std::move(from)];
            if (license.empty() || type == "hasDeclaredLicense") license = to[0];
        }
    }

    BomComponent component_of(const Value& package) {
        BomComponent component;
        component.ref = id_of(package);
        component.name = fields_.required_text(package, "name");
        component.version = fields_.text(package, "software_packageVersion");
        component.purl = fields_.text(package, "software_packageUrl");
        component.description = fields_.text(package, "description");
        const std::string copyright = fields_.text(package, "software_copyrightText");
        if (is_stated(copyright)) component.copyright = copyright;
        const std::string location = fields_.text(package, "software_downloadLocation");
        if (is_stated(location)) component.references.push_back({"distribution", location});
        const std::string purpose = fields_.text(package, "software_primaryPurpose");
        const auto known = std::ranges::find(kPurposes, purpose, &Purpose::spdx);
        if (known != kPurposes.end()) component.type = known->type;
        for (const Value& hash : fields_.items(package, "verifiedUsing")) {
            if (!fields_.is_object(hash)) break;
            const HashNames* names = hash_names(&HashNames::spdx3, fields_.text(hash, "algorithm"));
            if (names == nullptr) continue;
            component.hashes.push_back(
                {std::string(names->cyclonedx), fields_.text(hash, "hashValue")});
        }
        for (const Value& identifier : fields_.items(package, "externalIdentifier")) {
            if (!fields_.is_object(identifier)) break;
            const std::string type = fields_.text(identifier, "externalIdentifierType");
            const std::string text = fields_.text(identifier, "identifier");
            if (type == "cpe23" && component.cpe.empty()) component.cpe = text;
            if (type == "packageUrl" && component.purl.empty()) component.purl = text;
        }
        add_license(component);
        if (const auto notes = annotations_.find(component.ref); notes != annotations_.end())
            for (const std::string& comment : notes->second) take_annotation(comment, component);
        return component;
    }

    void add_license(BomComponent& component) {
        const auto stated = license_of_package_.find(component.ref);
        if (stated == license_of_package_.end()) return;
        const auto own = own_texts_.find(stated->second);
        const auto known = licenses_.find(own == own_texts_.end() ? stated->second : own->second);
        if (known != licenses_.end() && is_stated(known->second.text)) {
            component.licenses.push_back(known->second);
        }
    }

    const Value& root_;
    FieldReader& fields_;
    Spdx3Weaknesses weaknesses_;
    Bom bom_;
    std::string version_ = "3.0";
    std::vector<std::string> roots_;
    std::vector<const Value*> packages_;
    std::vector<const Value*> relationships_;
    std::unordered_map<std::string, std::vector<std::string>> annotations_;  // by subject
    std::unordered_map<std::string, BomLicense> licenses_;
    std::unordered_map<std::string, std::string> own_texts_;
    std::unordered_map<std::string, std::string> license_of_package_;
};

}  // namespace

ReadBom read_spdx3(const Value& root, FieldReader& fields) {
    return GraphReader(root, fields).read();
}

}  // namespace merlon::exchange
