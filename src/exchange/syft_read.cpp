#include <unordered_map>

#include "exchange/bom_readers.h"

namespace merlon::exchange {
namespace {

using value::Value;

BomComponent component_of(const Value& artifact, FieldReader& fields) {
    BomComponent component;
    component.ref = fields.required_text(artifact, "id");
    component.name = fields.required_text(artifact, "name");
    component.version = fields.text(artifact, "version");
    component.purl = fields.text(artifact, "purl");
    const auto cpes = fields.items(artifact, "cpes");
    if (!cpes.empty()) {
        component.cpe = cpes[0].is_object() ? fields.text(cpes[0], "cpe") : fields.text_of(cpes[0]);
    }
    for (const Value& license : fields.items(artifact, "licenses")) {
        if (!license.is_object()) {
            component.licenses.push_back({BomLicense::Kind::kName, fields.text_of(license)});
            continue;
        }
        const std::string expression = fields.text(license, "spdxExpression");
        const bool has_expression = !expression.empty();
        component.licenses.push_back(
            {has_expression ? BomLicense::Kind::kExpression : BomLicense::Kind::kName,
             has_expression ? expression : fields.text(license, "value")});
    }
    for (const Value& location : fields.items(artifact, "locations")) {
        if (!fields.is_object(location)) break;
        std::string path = fields.text(location, "path");
        if (path.starts_with('/')) path.erase(0, 1);
        component.occurrences.push_back({.path = std::move(path), .line = 0});
    }
    return component;
}

}  // namespace

// Syft's own JSON (schema versions 3 to 16).
ReadBom read_syft(const Value& root, FieldReader& fields) {
    ReadBom read;
    for (const Value& artifact : fields.items(root, "artifacts")) {
        if (!fields.is_object(artifact)) return {};
        read.bom.components.push_back(component_of(artifact, fields));
    }
    std::unordered_map<std::string, std::size_t> positions;
    for (const Value& edge : fields.items(root, "artifactRelationships")) {
        if (!fields.is_object(edge)) return {};
        // "dependency-of": the child needs the parent.
        if (fields.text(edge, "type") != "dependency-of") continue;
        const std::string from = fields.text(edge, "child");
        const auto [found, is_new] = positions.emplace(from, read.bom.dependencies.size());
        if (is_new) read.bom.dependencies.push_back({.ref = from, .depends_on = {}});
        read.bom.dependencies[found->second].depends_on.push_back(fields.text(edge, "parent"));
    }
    if (const Value* descriptor = fields.object(root, "descriptor"); descriptor != nullptr) {
        read.bom.tools.push_back({.vendor = "",
                                  .name = fields.text(*descriptor, "name"),
                                  .version = fields.text(*descriptor, "version")});
    }
    read.format = "Syft";
    if (const Value* schema = fields.object(root, "schema"); schema != nullptr) {
        read.format += " " + fields.text(*schema, "version");
    }
    return read;
}

}  // namespace merlon::exchange
