#include "exchange/bom_read.h"

#include <algorithm>
#include <array>

#include "exchange/bom_readers.h"

namespace merlon::exchange {
namespace {

using value::Value;

std::string_view without_space(std::string_view text) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    return text.substr(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
}

// The document inside of an in-toto statement (in-toto.io/Statement, version 1, "predicate").
const Value& unwrapped(const Value& root) {
    const Value* type = root.find("predicateType");
    const Value* predicate = root.find("predicate");
    return type != nullptr && predicate != nullptr && predicate->is_object() ? *predicate : root;
}

ReadBom read_tree(const Value& statement, const IsLicenseId& is_license_id, FieldReader& fields) {
    const Value& root = unwrapped(statement);
    if (root.find("bomFormat") != nullptr) return read_cyclonedx(root, is_license_id, fields);
    if (root.find("spdxVersion") != nullptr) return read_spdx2(root, fields);
    if (root.find("@context") != nullptr) return read_spdx3(root, fields);
    if (root.find("artifacts") != nullptr && root.find("descriptor") != nullptr) {
        return read_syft(root, fields);
    }
    if (root.find("manifests") != nullptr && root.find("detector") != nullptr) {
        return read_github_snapshot(root, fields);
    }
    fields.fail(
        "expected a bill of materials: CycloneDX ('bomFormat'), SPDX ('spdxVersion' or "
        "'@context'), Syft ('artifacts') or a GitHub dependency snapshot ('manifests')",
        &root);
    return {};
}

}  // namespace

Result<ReadBom> read_bom(std::string_view bytes, const IsLicenseId& is_license_id,
                         const CancelToken* cancel) {
    const std::string_view text = without_space(bytes);
    if (text.starts_with("SPDXVersion:") || text.starts_with("##")) {
        return read_spdx_tag_value(bytes);
    }
    if (text.starts_with('<')) return read_cyclonedx_xml(bytes, is_license_id, cancel);
    ReadBom read;
    const RecordSyntax syntax = text.starts_with('{') ? RecordSyntax::kJson : RecordSyntax::kYaml;
    MERLON_TRY(read_fields(
        bytes, syntax,
        [&](const Value& root, FieldReader& fields) {
            read = read_tree(root, is_license_id, fields);
        },
        cancel));
    return read;
}

bool looks_like_bom(std::string_view first_bytes) {
    constexpr std::array<std::string_view, 5> kMarks{"\"bomFormat\"", "\"spdxVersion\"",
                                                     "spdx.org/rdf/",
                                                     "SPDXVersion:", "cyclonedx.org/schema"};
    for (const std::string_view mark : kMarks)
        if (first_bytes.find(mark) != std::string_view::npos) return true;
    return false;
}

}  // namespace merlon::exchange
