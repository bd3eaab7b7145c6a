#include "exchange/nvd.h"

#include <array>
#include <utility>

#include "exchange/field_reader.h"

namespace merlon::exchange {
namespace {

using value::Value;

// The newest standard last: the reader of records takes that.
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kMetrics{{
    {"cvssMetricV2", "CVSS_V2"},
    {"cvssMetricV30", "CVSS_V3"},
    {"cvssMetricV31", "CVSS_V3"},
    {"cvssMetricV40", "CVSS_V4"},
}};

// Times have no zone, and mean UTC.
std::string time_of(const Value& cve, std::string_view key, FieldReader& fields) {
    std::string time = fields.text(cve, key);
    if (!time.empty() && !time.ends_with('Z')) time += 'Z';
    return time;
}

// NIST's own vector where there is one, else the first of others.
std::string vector_of(const Value& metrics, std::string_view key, FieldReader& fields) {
    std::string vector;
    for (const Value& metric : fields.items(metrics, key)) {
        if (!fields.is_object(metric)) continue;
        const bool is_primary = fields.text(metric, "type") == "Primary";
        if (!vector.empty() && !is_primary) continue;
        if (const Value* data = fields.object(metric, "cvssData")) {
            vector = fields.text(*data, "vectorString");
        }
        if (is_primary) break;
    }
    return vector;
}

std::string english(const Value& parent, std::string_view key, FieldReader& fields) {
    for (const Value& text : fields.items(parent, key)) {
        if (fields.is_object(text) && fields.text(text, "lang") == "en") {
            return fields.text(text, "value");
        }
    }
    return {};
}

OsvRecord read_cve(const Value& cve, FieldReader& fields) {
    OsvRecord record;
    record.id = fields.required_text(cve, "id");
    record.published = time_of(cve, "published", fields);
    record.modified = time_of(cve, "lastModified", fields);
    if (fields.text(cve, "vulnStatus") == "Rejected") record.withdrawn = record.modified;
    record.details = english(cve, "descriptions", fields);
    if (const Value* metrics = fields.object(cve, "metrics")) {
        for (const auto& [key, type] : kMetrics) {
            std::string vector = vector_of(*metrics, key, fields);
            if (!vector.empty()) record.severities.push_back({std::string(type), vector});
        }
    }
    for (const Value& weakness : fields.items(cve, "weaknesses")) {
        if (!fields.is_object(weakness)) continue;
        std::string id = english(weakness, "description", fields);
        // "NVD-CWE-noinfo" says that there is none.
        if (id.starts_with("CWE-")) record.weaknesses.push_back(std::move(id));
    }
    record.configurations = read_cpe_configurations(cve, "configurations", fields);
    return record;
}

}  // namespace

Result<std::vector<OsvRecord>> read_nvd(std::string_view bytes) {
    std::vector<OsvRecord> records;
    const Status read =
        read_fields(bytes, RecordSyntax::kJson, [&](const Value& root, FieldReader& fields) {
            records.clear();
            if (!fields.is_object(root)) return;
            if (root.find("vulnerabilities") == nullptr) fields.fail("no vulnerabilities", &root);
            for (const Value& item : fields.items(root, "vulnerabilities")) {
                if (!fields.is_object(item)) continue;
                if (const Value* cve = fields.object(item, "cve")) {
                    records.push_back(read_cve(*cve, fields));
                } else {
                    fields.fail("no cve", &item);
                }
            }
        });
    if (!read.ok()) return read.error();
    return records;
}

}  // namespace merlon::exchange
