#include <fmt/core.h>

#include <array>

#include "exchange/cyclonedx.h"
#include "exchange/cyclonedx_weakness.h"
#include "text/json.h"
#include "text/xml_write.h"

namespace merlon::exchange {
namespace {

using enum CycloneDxVersion;
using text::JsonWriter;
using text::XmlWriter;

std::string_view number(CycloneDxVersion version) {
    static constexpr std::array<std::string_view, 4> kNumbers{"1.4", "1.5", "1.6", "1.7"};
    return kNumbers[static_cast<std::size_t>(version)];
}

// The types that a version lacks are what it called them.
std::string_view type_in(CycloneDxVersion version, BomType type) {
    const bool since_1_5 = type == BomType::kPlatform || type == BomType::kDeviceDriver ||
                           type == BomType::kModel || type == BomType::kData;
    if (version < k1_5 && since_1_5) {
        if (type == BomType::kDeviceDriver) return name(BomType::kDevice);
        return name(type == BomType::kPlatform ? BomType::kFramework : BomType::kFile);
    }
    if (version < k1_6 && type == BomType::kCryptographicAsset) return name(BomType::kFile);
    return name(type);
}

std::string serial_of(const Bom& bom) { return "urn:uuid:" + bom.serial; }

bool has_occurrences(const BomComponent& component, CycloneDxVersion version) {
    return version >= k1_5 && !component.occurrences.empty();
}

// ---- JSON

class JsonBom {
  public:
    JsonBom(CycloneDxVersion version, TextSink& sink)
        : version_(version), sink_(sink), json_(sink.buffer(), "  ") {}

    void write(const Bom& bom) {
        json_.begin_object();
        json_.member("$schema", fmt::format("http://cyclonedx.org/schema/bom-{}.schema.json",
                                            number(version_)));
        json_.member("bomFormat", "CycloneDX").member("specVersion", number(version_));
        if (!bom.serial.empty()) json_.member("serialNumber", serial_of(bom));
        json_.key("version").integer(1);
        write_metadata(bom);
        json_.key("components").begin_array();
        for (const BomComponent& component : bom.components) write_component(component);
        json_.end_array();
        write_dependencies(bom);
        write_compositions(bom);
        if (version_ >= k1_5) write_properties(bom.properties);
        write_weaknesses(bom, version_, json_, sink_);
        json_.end_object();
        sink_.buffer() += '\n';
    }

  private:
    void text(std::string_view key, std::string_view value) {
        if (!value.empty()) json_.member(key, value);
    }

    void write_metadata(const Bom& bom) {
        json_.key("metadata").begin_object();
        text("timestamp", bom.timestamp);
        write_tools(bom.tools);
        if (!bom.authors.empty()) {
            json_.key("authors").begin_array();
            for (const std::string& author : bom.authors) {
                json_.begin_object().member("name", author).end_object();
            }
            json_.end_array();
        }
        if (!bom.root.ref.empty()) {
            json_.key("component");
            write_component(bom.root);
        }
        json_.end_object();
    }

    // 1.5 made tools components, and kept the old form as deprecated.
    void write_tools(const std::vector<BomTool>& tools) {
        if (tools.empty()) return;
        json_.key("tools");
        if (version_ >= k1_5) json_.begin_object().key("components");
        json_.begin_array();
        for (const BomTool& tool : tools) {
            json_.begin_object();
            if (version_ >= k1_5) json_.member("type", name(BomType::kApplication));
            text(version_ >= k1_5 ? "publisher" : "vendor", tool.vendor);
            json_.member("name", tool.name);
            text("version", tool.version);
            json_.end_object();
        }
        json_.end_array();
        if (version_ >= k1_5) json_.end_object();
    }

    void write_component(const BomComponent& component) {
        json_.begin_object().member("type", type_in(version_, component.type));
        text("bom-ref", component.ref);
        if (!component.supplier.empty()) {
            json_.key("supplier").begin_object().member("name", component.supplier).end_object();
        }
        text("group", component.group);
        json_.member("name", component.name);
        text("version", component.version);
        text("description", component.description);
        text("scope", name(component.scope));
        write_hashes(component.hashes);
        write_licenses(component.licenses);
        text("copyright", component.copyright);
        text("cpe", component.cpe);
        text("purl", component.purl);
        write_references(component.references);
        write_properties(component.properties);
        write_evidence(component);
        json_.end_object();
        sink_.settle();
    }

    void write_hashes(const std::vector<BomHash>& hashes) {
        if (hashes.empty()) return;
        json_.key("hashes").begin_array();
        for (const BomHash& hash : hashes) {
            json_.begin_object().member("alg", hash.algorithm).member("content", hash.value);
            json_.end_object();
        }
        json_.end_array();
    }

    void write_licenses(const std::vector<BomLicense>& licenses) {
        if (licenses.empty()) return;
        json_.key("licenses").begin_array();
        for (const BomLicense& license : licenses) {
            json_.begin_object();
            if (license.kind == BomLicense::Kind::kExpression) {
                json_.member("expression", license.text);
            } else {
                json_.key("license").begin_object();
                json_.member(license.kind == BomLicense::Kind::kId ? "id" : "name", license.text);
                json_.end_object();
            }
            json_.end_object();
        }
        json_.end_array();
    }

    void write_references(const std::vector<BomReference>& references) {
        if (references.empty()) return;
        json_.key("externalReferences").begin_array();
        for (const BomReference& reference : references) {
            json_.begin_object().member("type", reference.type).member("url", reference.url);
            json_.end_object();
        }
        json_.end_array();
    }

    void write_properties(const std::vector<BomProperty>& properties) {
        if (properties.empty()) return;
        json_.key("properties").begin_array();
        for (const BomProperty& property : properties) {
            json_.begin_object().member("name", property.name).member("value", property.value);
            json_.end_object();
        }
        json_.end_array();
    }

    void write_evidence(const BomComponent& component) {
        const bool has_places = has_occurrences(component, version_);
        if (!has_places && component.found_licenses.empty()) return;
        json_.key("evidence").begin_object();
        if (has_places) write_occurrences(component.occurrences);
        write_licenses(component.found_licenses);
        json_.end_object();
    }

    void write_occurrences(const std::vector<BomOccurrence>& occurrences) {
        json_.key("occurrences").begin_array();
        for (const BomOccurrence& occurrence : occurrences) {
            json_.begin_object().member("location", occurrence.path);
            if (version_ >= k1_6 && occurrence.line != 0) {
                json_.key("line").integer(occurrence.line);
            }
            json_.end_object();
        }
        json_.end_array();
    }

    void write_dependencies(const Bom& bom) {
        if (bom.dependencies.empty()) return;
        json_.key("dependencies").begin_array();
        for (const BomDependency& dependency : bom.dependencies) {
            json_.begin_object().member("ref", dependency.ref);
            write_texts("dependsOn", dependency.depends_on);
            json_.end_object();
            sink_.settle();
        }
        json_.end_array();
    }

    void write_compositions(const Bom& bom) {
        if (bom.compositions.empty()) return;
        json_.key("compositions").begin_array();
        for (const BomComposition& composition : bom.compositions) {
            json_.begin_object().member("aggregate", name(composition.aggregate));
            write_texts("assemblies", composition.assemblies);
            write_texts("dependencies", composition.dependencies);
            json_.end_object();
        }
        json_.end_array();
    }

    void write_texts(std::string_view key, const std::vector<std::string>& texts) {
        if (texts.empty()) return;
        json_.key(key).begin_array();
        for (const std::string& text : texts) json_.string(text);
        json_.end_array();
    }

    CycloneDxVersion version_;
    TextSink& sink_;
    JsonWriter json_;
};

// ---- XML: the same in the order of the schema's sequences

class XmlBom {
  public:
    XmlBom(CycloneDxVersion version, TextSink& sink)
        : version_(version), sink_(sink), xml_(sink.buffer(), "  ") {}

    void write(const Bom& bom) {
        xml_.begin("bom").attribute(
            "xmlns", fmt::format("http://cyclonedx.org/schema/bom/{}", number(version_)));
        if (!bom.serial.empty()) xml_.attribute("serialNumber", serial_of(bom));
        xml_.attribute("version", "1");
        write_metadata(bom);
        xml_.begin("components");
        for (const BomComponent& component : bom.components) write_component(component);
        xml_.end();
        write_dependencies(bom);
        write_compositions(bom);
        write_properties(bom.properties);
        write_weaknesses(bom, version_, xml_, sink_);
        xml_.end();
    }

  private:
    void text(std::string_view element, std::string_view content) {
        if (!content.empty()) xml_.element(element, content);
    }

    void write_metadata(const Bom& bom) {
        xml_.begin("metadata");
        text("timestamp", bom.timestamp);
        write_tools(bom.tools);
        if (!bom.authors.empty()) {
            xml_.begin("authors");
            for (const std::string& author : bom.authors) {
                xml_.begin("author").element("name", author).end();
            }
            xml_.end();
        }
        if (!bom.root.ref.empty()) write_component(bom.root);
        xml_.end();
    }

    void write_tools(const std::vector<BomTool>& tools) {
        if (tools.empty()) return;
        xml_.begin("tools");
        if (version_ >= k1_5) xml_.begin("components");
        for (const BomTool& tool : tools) {
            if (version_ >= k1_5) {
                xml_.begin("component").attribute("type", name(BomType::kApplication));
                text("publisher", tool.vendor);
            } else {
                xml_.begin("tool");
                text("vendor", tool.vendor);
            }
            xml_.element("name", tool.name);
            text("version", tool.version);
            xml_.end();
        }
        if (version_ >= k1_5) xml_.end();
        xml_.end();
    }

    void write_component(const BomComponent& component) {
        xml_.begin("component").attribute("type", type_in(version_, component.type));
        if (!component.ref.empty()) xml_.attribute("bom-ref", component.ref);
        if (!component.supplier.empty()) {
            xml_.begin("supplier").element("name", component.supplier).end();
        }
        text("group", component.group);
        xml_.element("name", component.name);
        text("version", component.version);
        text("description", component.description);
        text("scope", name(component.scope));
        write_hashes(component.hashes);
        write_licenses(component.licenses);
        text("copyright", component.copyright);
        text("cpe", component.cpe);
        text("purl", component.purl);
        write_references(component.references);
        write_properties(component.properties);
        write_evidence(component);
        xml_.end();
        sink_.settle();
    }

    void write_hashes(const std::vector<BomHash>& hashes) {
        if (hashes.empty()) return;
        xml_.begin("hashes");
        for (const BomHash& hash : hashes) {
            xml_.begin("hash").attribute("alg", hash.algorithm).text(hash.value).end();
        }
        xml_.end();
    }

    void write_licenses(const std::vector<BomLicense>& licenses) {
        if (licenses.empty()) return;
        xml_.begin("licenses");
        for (const BomLicense& license : licenses) {
            if (license.kind == BomLicense::Kind::kExpression) {
                xml_.element("expression", license.text);
                continue;
            }
            xml_.begin("license");
            xml_.element(license.kind == BomLicense::Kind::kId ? "id" : "name", license.text);
            xml_.end();
        }
        xml_.end();
    }

    void write_references(const std::vector<BomReference>& references) {
        if (references.empty()) return;
        xml_.begin("externalReferences");
        for (const BomReference& reference : references) {
            xml_.begin("reference").attribute("type", reference.type);
            xml_.element("url", reference.url).end();
        }
        xml_.end();
    }

    void write_properties(const std::vector<BomProperty>& properties) {
        if (properties.empty()) return;
        xml_.begin("properties");
        for (const BomProperty& property : properties) {
            xml_.begin("property").attribute("name", property.name).text(property.value).end();
        }
        xml_.end();
    }

    void write_evidence(const BomComponent& component) {
        const bool has_places = has_occurrences(component, version_);
        if (!has_places && component.found_licenses.empty()) return;
        xml_.begin("evidence");
        if (has_places) write_occurrences(component.occurrences);
        write_licenses(component.found_licenses);
        xml_.end();
    }

    void write_occurrences(const std::vector<BomOccurrence>& occurrences) {
        xml_.begin("occurrences");
        for (const BomOccurrence& occurrence : occurrences) {
            xml_.begin("occurrence").element("location", occurrence.path);
            if (version_ >= k1_6 && occurrence.line != 0) {
                xml_.element("line", std::to_string(occurrence.line));
            }
            xml_.end();
        }
        xml_.end();
    }

    void write_dependencies(const Bom& bom) {
        if (bom.dependencies.empty()) return;
        xml_.begin("dependencies");
        for (const BomDependency& dependency : bom.dependencies) {
            xml_.begin("dependency").attribute("ref", dependency.ref);
            for (const std::string& ref : dependency.depends_on) {
                xml_.begin("dependency").attribute("ref", ref).end();
            }
            xml_.end();
            sink_.settle();
        }
        xml_.end();
    }

    void write_compositions(const Bom& bom) {
        if (bom.compositions.empty()) return;
        xml_.begin("compositions");
        for (const BomComposition& composition : bom.compositions) {
            xml_.begin("composition").element("aggregate", name(composition.aggregate));
            write_refs("assemblies", "assembly", composition.assemblies);
            write_refs("dependencies", "dependency", composition.dependencies);
            xml_.end();
        }
        xml_.end();
    }

    void write_refs(std::string_view list, std::string_view item,
                    const std::vector<std::string>& refs) {
        if (refs.empty()) return;
        xml_.begin(list);
        for (const std::string& ref : refs) xml_.begin(item).attribute("ref", ref).end();
        xml_.end();
    }

    CycloneDxVersion version_;
    TextSink& sink_;
    XmlWriter xml_;
};

}  // namespace

void write_cyclonedx_json(const Bom& bom, CycloneDxVersion version, TextSink& sink) {
    JsonBom(version, sink).write(bom);
}

void write_cyclonedx_xml(const Bom& bom, CycloneDxVersion version, TextSink& sink) {
    XmlBom(version, sink).write(bom);
}

}  // namespace merlon::exchange
