#include <array>

#include "exchange/spdx.h"
#include "exchange/spdx_elements.h"
#include "text/json.h"
#include "text/yaml_write.h"

namespace merlon::exchange {
namespace {

constexpr std::string_view kNoAssertion = "NOASSERTION";
constexpr std::string_view kDocument = "SPDXRef-DOCUMENT";

// Clause 7.24: what SPDX calls the types that it knows.
std::string_view purpose_of(BomType type) {
    static constexpr std::array<std::string_view, 13> kNames{
        "APPLICATION", "FRAMEWORK", "LIBRARY",  "CONTAINER", "OTHER", "OPERATING-SYSTEM",
        "DEVICE",      "OTHER",     "FIRMWARE", "FILE",      "OTHER", "OTHER",
        "OTHER"};
    return kNames[static_cast<std::size_t>(type)];
}

std::string package_id(std::size_t position) {
    return "SPDXRef-Package-" + std::to_string(position + 1);
}

std::string full_name(const BomComponent& component) {
    if (component.group.empty()) return component.name;
    return component.group + "/" + component.name;
}

// Clause 7.7: where it was fetched from.
std::string_view download_location(const BomComponent& component) {
    for (const BomReference& reference : component.references)
        if (reference.type == "distribution" || reference.type == "vcs") return reference.url;
    return kNoAssertion;
}

std::string creator(const BomTool& tool) {
    return "Tool: " + tool.name + (tool.version.empty() ? "" : "-" + tool.version);
}

std::string_view or_no_assertion(std::string_view text) {
    return text.empty() ? kNoAssertion : text;
}

std::string namespace_of(const Bom& bom) {
    return "https://spdx.org/spdxdocs/" + (bom.serial.empty() ? "document" : bom.serial);
}

// Clause 7.16: how the files of a package were seen.
std::string source_info(const BomComponent& component) {
    std::string text;
    for (const BomOccurrence& occurrence : component.occurrences) {
        text += text.empty() ? "found in " : ", ";
        text += occurrence.path;
        if (occurrence.line != 0) text += ":" + std::to_string(occurrence.line);
    }
    return text;
}

constexpr std::string_view kAnnotator = "Tool: merlon";

// The document in JSON's shape, in either syntax.
template <typename Writer>
class TreeDocument {
  public:
    TreeDocument(Writer writer, TextSink& sink) : writer_(std::move(writer)), sink_(sink) {}

    void write(const Bom& bom) {
        const SpdxElements elements(bom);
        created_ = bom.timestamp;
        writer_.begin_object();
        writer_.member("spdxVersion", "SPDX-2.3").member("dataLicense", "CC0-1.0");
        writer_.member("SPDXID", kDocument).member("name", bom.name);
        writer_.member("documentNamespace", namespace_of(bom));
        write_creation(bom);
        writer_.key("packages").begin_array();
        for (std::size_t i = 0; i < elements.components.size(); ++i) write_package(elements, i);
        writer_.end_array();
        write_own_licenses(elements);
        write_relationships(bom, elements);
        writer_.end_object();
    }

  private:
    void write_creation(const Bom& bom) {
        writer_.key("creationInfo").begin_object().member("created", bom.timestamp);
        writer_.key("creators").begin_array();
        for (const std::string& author : bom.authors) writer_.string("Person: " + author);
        for (const BomTool& tool : bom.tools) writer_.string(creator(tool));
        writer_.end_array().end_object();
    }

    void write_package(const SpdxElements& elements, std::size_t i) {
        const BomComponent& component = *elements.components[i];
        writer_.begin_object();
        writer_.member("SPDXID", package_id(i)).member("name", full_name(component));
        if (!component.version.empty()) writer_.member("versionInfo", component.version);
        if (!component.supplier.empty()) {
            writer_.member("supplier", "Organization: " + component.supplier);
        }
        writer_.member("downloadLocation", download_location(component));
        writer_.key("filesAnalyzed").boolean(false);
        if (const std::string seen = source_info(component); !seen.empty()) {
            writer_.member("sourceInfo", seen);
        }
        writer_.member("licenseConcluded", or_no_assertion(elements.found_expressions[i]));
        writer_.member("licenseDeclared", or_no_assertion(elements.expressions[i]));
        writer_.member("copyrightText", or_no_assertion(component.copyright));
        if (!component.description.empty()) writer_.member("description", component.description);
        writer_.member("primaryPackagePurpose", purpose_of(component.type));
        write_checksums(component);
        write_references(component);
        write_annotations(component);
        writer_.end_object();
        sink_.settle();
    }

    void write_checksums(const BomComponent& component) {
        if (component.hashes.empty()) return;
        writer_.key("checksums").begin_array();
        for (const BomHash& hash : component.hashes) {
            const HashNames* names = hash_names(&HashNames::cyclonedx, hash.algorithm);
            if (names == nullptr) continue;
            writer_.begin_object().member("algorithm", names->spdx2);
            writer_.member("checksumValue", hash.value).end_object();
        }
        writer_.end_array();
    }

    void write_references(const BomComponent& component) {
        if (component.purl.empty() && component.cpe.empty()) return;
        writer_.key("externalRefs").begin_array();
        write_reference("PACKAGE-MANAGER", "purl", component.purl);
        write_reference("SECURITY", "cpe23Type", component.cpe);
        writer_.end_array();
    }

    void write_annotations(const BomComponent& component) {
        const std::vector<std::string> comments = annotations_of(component);
        if (comments.empty()) return;
        writer_.key("annotations").begin_array();
        for (const std::string& comment : comments) {
            writer_.begin_object().member("annotationDate", created_);
            writer_.member("annotationType", "OTHER").member("annotator", kAnnotator);
            writer_.member("comment", comment).end_object();
        }
        writer_.end_array();
    }

    void write_reference(std::string_view category, std::string_view type, std::string_view text) {
        if (text.empty()) return;
        writer_.begin_object().member("referenceCategory", category);
        writer_.member("referenceType", type).member("referenceLocator", text).end_object();
    }

    void write_own_licenses(const SpdxElements& elements) {
        if (elements.own_licenses.empty()) return;
        writer_.key("hasExtractedLicensingInfos").begin_array();
        for (const SpdxElements::OwnLicense& license : elements.own_licenses) {
            writer_.begin_object().member("licenseId", license.id);
            writer_.member("extractedText", license.text).end_object();
        }
        writer_.end_array();
    }

    void write_relationships(const Bom& bom, const SpdxElements& elements) {
        writer_.key("relationships").begin_array();
        if (!bom.root.ref.empty()) {
            write_relationship(kDocument, "DESCRIBES", package_id(0));
        } else {
            for (std::size_t i = 0; i < elements.components.size(); ++i)
                write_relationship(kDocument, "DESCRIBES", package_id(i));
        }
        for (const SpdxElements::Dependency& dependency : elements.dependencies) {
            for (const std::size_t to : dependency.to)
                write_relationship(package_id(dependency.from), "DEPENDS_ON", package_id(to));
            sink_.settle();
        }
        writer_.end_array();
    }

    void write_relationship(std::string_view from, std::string_view type, std::string_view to) {
        writer_.begin_object().member("spdxElementId", from).member("relationshipType", type);
        writer_.member("relatedSpdxElement", to).end_object();
    }

    Writer writer_;
    TextSink& sink_;
    std::string_view created_;
};

// Clause 4.2 and annex: lines of "Tag: value"; a value of several lines stands in <text>.
class TagValueDocument {
  public:
    explicit TagValueDocument(TextSink& sink) : sink_(sink) {}

    void write(const Bom& bom) {
        const SpdxElements elements(bom);
        line("SPDXVersion", "SPDX-2.3");
        line("DataLicense", "CC0-1.0");
        line("SPDXID", kDocument);
        line("DocumentName", bom.name);
        line("DocumentNamespace", namespace_of(bom));
        for (const std::string& author : bom.authors) line("Creator", "Person: " + author);
        for (const BomTool& tool : bom.tools) line("Creator", creator(tool));
        line("Created", bom.timestamp);
        for (std::size_t i = 0; i < elements.components.size(); ++i) {
            write_package(elements, i);
            write_annotations(elements, i, bom.timestamp);
        }
        for (const SpdxElements::OwnLicense& license : elements.own_licenses) {
            sink_.buffer() += '\n';
            line("LicenseID", license.id);
            free_text("ExtractedText", license.text);
        }
        sink_.buffer() += '\n';
        if (!bom.root.ref.empty()) {
            relationship(kDocument, "DESCRIBES", package_id(0));
        } else {
            for (std::size_t i = 0; i < elements.components.size(); ++i)
                relationship(kDocument, "DESCRIBES", package_id(i));
        }
        for (const SpdxElements::Dependency& dependency : elements.dependencies) {
            for (const std::size_t to : dependency.to)
                relationship(package_id(dependency.from), "DEPENDS_ON", package_id(to));
            sink_.settle();
        }
    }

  private:
    void write_package(const SpdxElements& elements, std::size_t i) {
        const BomComponent& component = *elements.components[i];
        sink_.buffer() += '\n';
        line("PackageName", full_name(component));
        line("SPDXID", package_id(i));
        if (!component.version.empty()) line("PackageVersion", component.version);
        if (!component.supplier.empty()) {
            line("PackageSupplier", "Organization: " + component.supplier);
        }
        line("PackageDownloadLocation", download_location(component));
        line("PrimaryPackagePurpose", purpose_of(component.type));
        line("FilesAnalyzed", "false");
        for (const BomHash& hash : component.hashes) {
            if (const HashNames* names = hash_names(&HashNames::cyclonedx, hash.algorithm);
                names != nullptr) {
                line("PackageChecksum", std::string(names->spdx2) + ": " + hash.value);
            }
        }
        if (const std::string seen = source_info(component); !seen.empty()) {
            free_text("PackageSourceInfo", seen);
        }
        line("PackageLicenseConcluded", or_no_assertion(elements.found_expressions[i]));
        line("PackageLicenseDeclared", or_no_assertion(elements.expressions[i]));
        free_text("PackageCopyrightText", or_no_assertion(component.copyright));
        if (!component.description.empty()) {
            free_text("PackageDescription", component.description);
        }
        if (!component.purl.empty()) line("ExternalRef", "PACKAGE-MANAGER purl " + component.purl);
        if (!component.cpe.empty()) line("ExternalRef", "SECURITY cpe23Type " + component.cpe);
        sink_.settle();
    }

    void write_annotations(const SpdxElements& elements, std::size_t i, std::string_view created) {
        for (const std::string& comment : annotations_of(*elements.components[i])) {
            line("Annotator", kAnnotator);
            line("AnnotationDate", created);
            line("AnnotationType", "OTHER");
            line("SPDXREF", package_id(i));
            free_text("AnnotationComment", comment);
        }
    }

    void relationship(std::string_view from, std::string_view type, std::string_view to) {
        line("Relationship", std::string(from) + " " + std::string(type) + " " + std::string(to));
    }

    // A value of one line: a line break in it would begin another tag.
    void line(std::string_view tag, std::string_view value) {
        std::string& out = sink_.buffer();
        out += tag;
        out += ": ";
        for (const char c : value) out += c == '\n' || c == '\r' ? ' ' : c;
        out += '\n';
    }

    void free_text(std::string_view tag, std::string_view value) {
        if (value == kNoAssertion) return line(tag, value);
        std::string text(value);
        // Nothing may end the text but its end.
        for (std::size_t at = 0; (at = text.find("</text>", at)) != std::string::npos;)
            text.insert(at + 1, " ");
        std::string& out = sink_.buffer();
        out += tag;
        out += ": <text>" + text + "</text>\n";
    }

    TextSink& sink_;
};

}  // namespace

void write_spdx_json(const Bom& bom, TextSink& sink) {
    TreeDocument(text::JsonWriter(sink.buffer(), "  "), sink).write(bom);
    sink.buffer() += '\n';
}

void write_spdx_yaml(const Bom& bom, TextSink& sink) {
    TreeDocument(text::YamlWriter(sink.buffer()), sink).write(bom);
}

void write_spdx_tag_value(const Bom& bom, TextSink& sink) { TagValueDocument(sink).write(bom); }

}  // namespace merlon::exchange
