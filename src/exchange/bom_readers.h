#pragma once

// The readers behind read_bom, one for each format. Each says of `fields` what is wrong, and fills
// a Bom that is worthless then.

#include "exchange/bom_read.h"
#include "exchange/field_reader.h"

namespace merlon::exchange {

ReadBom read_cyclonedx(const value::Value& root, const IsLicenseId& is_license_id,
                       FieldReader& fields);
ReadBom read_spdx2(const value::Value& root, FieldReader& fields);
ReadBom read_spdx3(const value::Value& root, FieldReader& fields);
ReadBom read_syft(const value::Value& root, FieldReader& fields);
ReadBom read_github_snapshot(const value::Value& root, FieldReader& fields);
Result<ReadBom> read_spdx_tag_value(std::string_view bytes);
Result<ReadBom> read_cyclonedx_xml(std::string_view bytes, const IsLicenseId& is_license_id,
                                   const CancelToken* cancel = nullptr);

// SPDX's way to say that nothing is said.
inline bool is_stated(std::string_view text) {
    return !text.empty() && text != "NOASSERTION" && text != "NONE";
}

// What stands in an SPDX 2 document, by its own names, however it is written down.
struct SpdxPackage {
    std::string id, name, version, supplier, download_location, homepage, declared_license,
        concluded_license, copyright, description, purpose, purl, cpe;
    std::vector<std::pair<std::string, std::string>> checksums;  // algorithm, value
    std::vector<std::string> annotations;                        // their comments
};
struct SpdxRelationship {
    std::string from, type, to;
};
struct SpdxDocument {
    std::string version, name, name_space, created;
    std::vector<std::string> creators;
    std::vector<SpdxPackage> packages;
    std::vector<SpdxRelationship> relationships;
    std::vector<std::string> described;
    std::vector<std::pair<std::string, std::string>> own_licenses;  // id, text
};
ReadBom bom_of_spdx(SpdxDocument document);

}  // namespace merlon::exchange
