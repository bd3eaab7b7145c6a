#include "exchange/osv.h"

#include <array>

namespace merlon::exchange {
namespace {

using value::Value;

struct RangeTypeName {
    std::string_view name;
    OsvRangeType type;
};
constexpr std::array kRangeTypes{
    RangeTypeName{"SEMVER", OsvRangeType::kSemver},
    RangeTypeName{"ECOSYSTEM", OsvRangeType::kEcosystem},
    RangeTypeName{"GIT", OsvRangeType::kGit},
};

struct EventName {
    std::string_view name;
    OsvEventKind kind;
};
constexpr std::array kEvents{
    EventName{"introduced", OsvEventKind::kIntroduced},
    EventName{"fixed", OsvEventKind::kFixed},
    EventName{"last_affected", OsvEventKind::kLastAffected},
    EventName{"limit", OsvEventKind::kLimit},
};

std::vector<OsvSeverity> read_severities(const Value& object, FieldReader& fields) {
    std::vector<OsvSeverity> all;
    for (const Value& item : fields.items(object, "severity")) {
        if (!fields.is_object(item)) continue;
        all.push_back({fields.required_text(item, "type"), fields.required_text(item, "score")});
    }
    return all;
}

OsvRange read_range(const Value& object, FieldReader& fields) {
    OsvRange range;
    const std::string type = fields.required_text(object, "type");
    range.type = OsvRangeType::kOther;
    for (const auto& row : kRangeTypes) {
        if (row.name == type) range.type = row.type;
    }
    range.repository = fields.text(object, "repo");
    for (const Value& item : fields.items(object, "events")) {
        if (!fields.is_object(item)) continue;
        // One key an event, says the schema; older records wrote pairs into one object, which are
        // as many events.
        bool known = false;
        for (const auto& row : kEvents) {
            if (item.find(row.name) == nullptr) continue;
            known = true;
            range.events.push_back({row.kind, fields.required_text(item, row.name)});
        }
        if (!known)
            fields.fail("an event that is neither introduced, fixed, last_affected nor limit",
                        &item);
    }
    return range;
}

// Go's ecosystem_specific.imports, the same in PyPI's and npm's records, and RustSec's affects.
std::vector<OsvSymbols> read_symbols(const Value& affected, FieldReader& fields) {
    std::vector<OsvSymbols> all;
    for (const std::string_view holder : {"ecosystem_specific", "database_specific"}) {
        const Value* const specific = affected.find(holder);
        if (specific == nullptr || !specific->is_object()) continue;
        // What is specific to an ecosystem has no schema: another shape is no error.
        if (const Value* imports = specific->find("imports");
            imports != nullptr && imports->is_array()) {
            for (const Value& item : imports->items()) {
                if (!item.is_object()) continue;
                all.push_back({fields.text(item, "path"), fields.texts(item, "symbols"),
                               fields.texts(item, "goos"), fields.texts(item, "goarch")});
            }
        }
        if (const Value* affects = specific->find("affects");
            affects != nullptr && affects->is_object()) {
            OsvSymbols functions{"", fields.texts(*affects, "functions"),
                                 fields.texts(*affects, "os"), fields.texts(*affects, "arch")};
            if (functions != OsvSymbols{}) all.push_back(std::move(functions));
        }
    }
    return all;
}

OsvAffected read_affected(const Value& object, FieldReader& fields) {
    OsvAffected affected;
    if (const Value* package = fields.object(object, "package")) {
        affected.ecosystem = fields.required_text(*package, "ecosystem");
        affected.name = fields.required_text(*package, "name");
        affected.purl = fields.text(*package, "purl");
    }
    for (const Value& item : fields.items(object, "ranges")) {
        if (fields.is_object(item)) affected.ranges.push_back(read_range(item, fields));
    }
    affected.versions = fields.texts(object, "versions");
    affected.severities = read_severities(object, fields);
    affected.symbols = read_symbols(object, fields);
    // Debian's and Ubuntu's own judgement of it.
    if (const Value* specific = object.find("ecosystem_specific");
        specific != nullptr && specific->is_object()) {
        const Value* const urgency = specific->find("urgency");
        if (urgency != nullptr && urgency->is_string()) affected.state = urgency->as_string();
    }
    return affected;
}

void read_record(const Value& root, FieldReader& fields, OsvRecord& record) {
    record = {};
    if (!fields.is_object(root)) return;
    record.id = fields.required_text(root, "id");
    record.modified = fields.text(root, "modified");
    record.published = fields.text(root, "published");
    record.withdrawn = fields.text(root, "withdrawn");
    record.aliases = fields.texts(root, "aliases");
    record.upstream = fields.texts(root, "upstream");
    record.related = fields.texts(root, "related");
    record.summary = fields.text(root, "summary");
    record.details = fields.text(root, "details");
    record.severities = read_severities(root, fields);
    for (const Value& item : fields.items(root, "affected")) {
        if (fields.is_object(item)) record.affected.push_back(read_affected(item, fields));
    }
    for (const Value& item : fields.items(root, "references")) {
        if (!fields.is_object(item)) continue;
        record.references.push_back({fields.text(item, "type"), fields.text(item, "url")});
    }
    if (const Value* specific = root.find("database_specific");
        specific != nullptr && specific->is_object()) {
        const Value* const word = specific->find("severity");
        if (word != nullptr && word->is_string()) record.severity_word = word->as_string();
        const Value* const review = specific->find("review_status");
        if (review != nullptr && review->is_string()) record.review = review->as_string();
        const Value* const weaknesses = specific->find("cwe_ids");
        if (weaknesses != nullptr && weaknesses->is_array()) {
            record.weaknesses = fields.texts(*specific, "cwe_ids");
        }
        // Others may mean something else by that name.
        const Value* const configurations = specific->find("configurations");
        if (configurations != nullptr && configurations->is_array()) {
            record.configurations = read_cpe_configurations(*specific, "configurations", fields);
        }
    }
}

// --- writing ---

void write_texts(text::JsonWriter& json, std::string_view key,
                 const std::vector<std::string>& texts) {
    if (texts.empty()) return;
    json.key(key).begin_array();
    for (const std::string& text : texts) json.string(text);
    json.end_array();
}

void write_text(text::JsonWriter& json, std::string_view key, std::string_view text) {
    if (!text.empty()) json.member(key, text);
}

void write_severities(text::JsonWriter& json, const std::vector<OsvSeverity>& severities) {
    if (severities.empty()) return;
    json.key("severity").begin_array();
    for (const OsvSeverity& severity : severities) {
        json.begin_object().member("type", severity.type).member("score", severity.score);
        json.end_object();
    }
    json.end_array();
}

void write_range(text::JsonWriter& json, const OsvRange& range) {
    json.begin_object();
    std::string_view type = "OTHER";
    for (const auto& row : kRangeTypes) {
        if (row.type == range.type) type = row.name;
    }
    json.member("type", type);
    write_text(json, "repo", range.repository);
    json.key("events").begin_array();
    for (const OsvEvent& event : range.events) {
        json.begin_object();
        json.member(kEvents[static_cast<std::size_t>(event.kind)].name, event.version);
        json.end_object();
    }
    json.end_array().end_object();
}

void write_specifics(text::JsonWriter& json, const OsvAffected& affected) {
    if (affected.symbols.empty() && affected.state.empty()) return;
    json.key("ecosystem_specific").begin_object();
    write_text(json, "urgency", affected.state);
    if (!affected.symbols.empty()) {
        json.key("imports").begin_array();
        for (const OsvSymbols& symbols : affected.symbols) {
            json.begin_object();
            write_text(json, "path", symbols.path);
            write_texts(json, "symbols", symbols.symbols);
            write_texts(json, "goos", symbols.operating_systems);
            write_texts(json, "goarch", symbols.architectures);
            json.end_object();
        }
        json.end_array();
    }
    json.end_object();
}

void write_affected(text::JsonWriter& json, const OsvAffected& affected) {
    json.begin_object();
    if (!affected.name.empty()) {
        json.key("package").begin_object();
        json.member("ecosystem", affected.ecosystem).member("name", affected.name);
        write_text(json, "purl", affected.purl);
        json.end_object();
    }
    if (!affected.ranges.empty()) {
        json.key("ranges").begin_array();
        for (const OsvRange& range : affected.ranges) write_range(json, range);
        json.end_array();
    }
    write_texts(json, "versions", affected.versions);
    write_severities(json, affected.severities);
    write_specifics(json, affected);
    json.end_object();
}

void write_database_specific(text::JsonWriter& json, const OsvRecord& record) {
    if (record.severity_word.empty() && record.review.empty() && record.weaknesses.empty() &&
        record.configurations.empty()) {
        return;
    }
    json.key("database_specific").begin_object();
    write_text(json, "severity", record.severity_word);
    write_text(json, "review_status", record.review);
    write_texts(json, "cwe_ids", record.weaknesses);
    write_cpe_configurations(json, "configurations", record.configurations);
    json.end_object();
}

}  // namespace

Result<OsvRecord> read_osv(std::string_view bytes, RecordSyntax syntax) {
    OsvRecord record;
    const Status read = read_fields(bytes, syntax, [&](const Value& root, FieldReader& fields) {
        read_record(root, fields, record);
    });
    if (!read.ok()) return read.error();
    return record;
}

void write_osv(const OsvRecord& record, std::string& out) {
    text::JsonWriter json(out);
    json.begin_object().member("schema_version", "1.7.4").member("id", record.id);
    write_text(json, "modified", record.modified);
    write_text(json, "published", record.published);
    write_text(json, "withdrawn", record.withdrawn);
    write_texts(json, "aliases", record.aliases);
    write_texts(json, "upstream", record.upstream);
    write_texts(json, "related", record.related);
    write_text(json, "summary", record.summary);
    write_text(json, "details", record.details);
    write_severities(json, record.severities);
    if (!record.affected.empty()) {
        json.key("affected").begin_array();
        for (const OsvAffected& affected : record.affected) write_affected(json, affected);
        json.end_array();
    }
    if (!record.references.empty()) {
        json.key("references").begin_array();
        for (const OsvReference& reference : record.references) {
            json.begin_object().member("type", reference.type).member("url", reference.url);
            json.end_object();
        }
        json.end_array();
    }
    write_database_specific(json, record);
    json.end_object();
}

}  // namespace merlon::exchange
