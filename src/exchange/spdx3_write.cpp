#include <array>

#include "exchange/spdx.h"
#include "exchange/spdx3_security.h"
#include "exchange/spdx_elements.h"
#include "text/json.h"

namespace merlon::exchange {
namespace {

using text::JsonWriter;

// SPDX 3.0.1, Software, SoftwarePurpose.
std::string_view purpose_of(BomType type) {
    static constexpr std::array<std::string_view, 13> kNames{
        "application",     "framework", "library",      "container", "platform",
        "operatingSystem", "device",    "deviceDriver", "firmware",  "file",
        "model",           "data",      "other"};
    return kNames[static_cast<std::size_t>(type)];
}

// Whether `id` is one of the expression's words, which " AND " stands between.
bool mentions(std::string_view expression, std::string_view id) {
    for (std::size_t at = 0; (at = expression.find(id, at)) != std::string_view::npos;) {
        at += id.size();
        if (at == expression.size() || expression[at] == ' ') return true;
    }
    return false;
}

class Graph {
  public:
    Graph(const Bom& bom, TextSink& sink)
        : bom_(bom), elements_(bom), sink_(sink), json_(sink.buffer(), "  ") {}

    void write() {
        json_.begin_object();
        json_.member("@context", "https://spdx.org/rdf/3.0.1/spdx-context.jsonld");
        json_.key("@graph").begin_array();
        write_creation();
        write_document();
        for (std::size_t i = 0; i < elements_.components.size(); ++i) write_package(i);
        for (const SpdxElements::Dependency& dependency : elements_.dependencies) {
            begin_relationship("dependsOn", package_id(dependency.from));
            for (const std::size_t to : dependency.to) json_.string(package_id(to));
            end_relationship();
        }
        write_licenses();
        write_weaknesses();
        json_.end_array().end_object();
        sink_.buffer() += '\n';
    }

  private:
    std::string id(std::string_view what) const {
        return "urn:uuid:" + bom_.serial + "#" + std::string(what);
    }
    std::string package_id(std::size_t position) const {
        return id("package-" + std::to_string(position + 1));
    }

    JsonWriter& begin_element(std::string_view type, std::string_view element_id) {
        json_.begin_object().member("type", type).member("spdxId", element_id);
        return json_.member("creationInfo", "_:creation");
    }

    // Core, CreationInfo: somebody has to have made it, and a tool alone is an agent.
    void write_creation() {
        json_.begin_object().member("type", "CreationInfo").member("@id", "_:creation");
        json_.member("specVersion", "3.0.1").member("created", bom_.timestamp);
        json_.key("createdBy").begin_array().string(id("agent")).end_array();
        json_.key("createdUsing").begin_array();
        for (std::size_t i = 0; i < bom_.tools.size(); ++i) json_.string(tool_id(i));
        json_.end_array().end_object();
        begin_element("SoftwareAgent", id("agent"));
        json_.member("name", bom_.tools.empty() ? "merlon" : bom_.tools[0].name).end_object();
        for (std::size_t i = 0; i < bom_.tools.size(); ++i) {
            const BomTool& tool = bom_.tools[i];
            begin_element("Tool", tool_id(i));
            json_.member("name", tool.name + (tool.version.empty() ? "" : " " + tool.version));
            json_.end_object();
        }
    }
    std::string tool_id(std::size_t position) const {
        return id("tool-" + std::to_string(position + 1));
    }

    void write_document() {
        begin_element("SpdxDocument", id("document")).member("name", bom_.name);
        json_.key("profileConformance").begin_array();
        json_.string("core").string("software").string("simpleLicensing");
        if (!bom_.weaknesses.empty()) json_.string("security");
        json_.end_array();
        json_.key("rootElement").begin_array().string(id("sbom")).end_array();
        json_.end_object();
        begin_element("software_Sbom", id("sbom"));
        json_.key("rootElement").begin_array();
        const bool has_root = !bom_.root.ref.empty();
        const std::size_t roots = has_root ? 1 : elements_.components.size();
        for (std::size_t i = 0; i < roots; ++i) json_.string(package_id(i));
        json_.end_array();
        json_.key("element").begin_array();
        for (std::size_t i = 0; i < elements_.components.size(); ++i) json_.string(package_id(i));
        json_.end_array().end_object();
    }

    void write_package(std::size_t i) {
        const BomComponent& component = *elements_.components[i];
        begin_element("software_Package", package_id(i));
        json_.member("name", component.group.empty() ? component.name
                                                     : component.group + "/" + component.name);
        text("software_packageVersion", component.version);
        text("software_packageUrl", component.purl);
        for (const BomReference& reference : component.references) {
            if (reference.type != "distribution" && reference.type != "vcs") continue;
            json_.member("software_downloadLocation", reference.url);
            break;
        }
        text("software_copyrightText", component.copyright);
        text("description", component.description);
        json_.member("software_primaryPurpose", purpose_of(component.type));
        write_hashes(component);
        if (!component.cpe.empty()) {
            json_.key("externalIdentifier").begin_array().begin_object();
            json_.member("type", "ExternalIdentifier").member("externalIdentifierType", "cpe23");
            json_.member("identifier", component.cpe).end_object().end_array();
        }
        json_.end_object();
        for (const std::string& comment : annotations_of(component)) {
            begin_element("Annotation", id("annotation-" + std::to_string(++annotations_)));
            json_.member("annotationType", "other").member("subject", package_id(i));
            json_.member("statement", comment).end_object();
        }
        sink_.settle();
    }

    void write_hashes(const BomComponent& component) {
        if (component.hashes.empty()) return;
        json_.key("verifiedUsing").begin_array();
        for (const BomHash& hash : component.hashes) {
            const HashNames* names = hash_names(&HashNames::cyclonedx, hash.algorithm);
            if (names == nullptr) continue;
            json_.begin_object().member("type", "Hash").member("algorithm", names->spdx3);
            json_.member("hashValue", hash.value).end_object();
        }
        json_.end_array();
    }

    // Each text once; the packages that state it point there (SimpleLicensing).
    void write_licenses() {
        for (const SpdxElements::OwnLicense& own : elements_.own_licenses) {
            begin_element("simplelicensing_SimpleLicensingText", id(own.id));
            json_.member("simplelicensing_licenseText", own.text).end_object();
        }
        std::unordered_map<std::string_view, std::size_t> known;
        for (std::size_t i = 0; i < elements_.components.size(); ++i) {
            const std::string& expression = elements_.expressions[i];
            if (expression.empty()) continue;
            const auto [found, is_new] = known.emplace(expression, known.size() + 1);
            const std::string license = id("license-" + std::to_string(found->second));
            if (is_new) write_license(license, expression);
            begin_relationship("hasDeclaredLicense", package_id(i));
            json_.string(license);
            end_relationship();
        }
    }

    void write_license(std::string_view license, std::string_view expression) {
        begin_element("simplelicensing_LicenseExpression", license);
        json_.member("simplelicensing_licenseExpression", expression);
        bool has_own = false;
        for (const SpdxElements::OwnLicense& own : elements_.own_licenses) {
            if (!mentions(expression, own.id)) continue;
            if (!has_own) json_.key("simplelicensing_customIdToUri").begin_array();
            has_own = true;
            json_.begin_object().member("type", "DictionaryEntry").member("key", own.id);
            json_.member("value", id(own.id)).end_object();
        }
        if (has_own) json_.end_array();
        json_.end_object();
        sink_.settle();
    }

    void write_weaknesses() {
        Spdx3Ids ids{[this](std::string_view what) { return id(what); }, {}};
        for (std::size_t i = 0; i < elements_.components.size(); ++i)
            ids.packages.emplace(elements_.components[i]->ref, package_id(i));
        write_spdx3_weaknesses(bom_.weaknesses, ids, json_);
        sink_.settle();
    }

    void begin_relationship(std::string_view type, std::string_view from) {
        begin_element("Relationship", id("relationship-" + std::to_string(++relationships_)));
        json_.member("relationshipType", type).member("from", from);
        json_.key("to").begin_array();
    }
    void end_relationship() {
        json_.end_array().end_object();
        sink_.settle();
    }

    void text(std::string_view key, std::string_view value) {
        if (!value.empty()) json_.member(key, value);
    }

    const Bom& bom_;
    SpdxElements elements_;
    TextSink& sink_;
    JsonWriter json_;
    std::size_t relationships_ = 0;
    std::size_t annotations_ = 0;
};

}  // namespace

void write_spdx3(const Bom& bom, TextSink& sink) { Graph(bom, sink).write(); }

}  // namespace merlon::exchange
