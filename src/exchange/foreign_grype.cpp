// Grype's JSON report (`grype -o json`): matches of packages with weaknesses.

#include <algorithm>
#include <array>

#include "crypto/digest.h"
#include "exchange/date_time.h"
#include "exchange/foreign_draft.h"
#include "exchange/foreign_readers.h"
#include "exchange/foreign_text.h"
#include "exchange/plain_fields.h"

namespace merlon::exchange {
namespace {

using value::Value;

std::string fixed_versions(const Value& weakness, FieldReader& fields) {
    const Value* const fix = fields.object(weakness, "fix");
    std::string all;
    if (fix != nullptr)
        for (const std::string& version : fields.texts(*fix, "versions"))
            all += (all.empty() ? "" : ", ") + version;
    return all;
}

void add_weaknesses(const Value& weakness, FieldReader& fields, PackageNews& news) {
    for (const Value& cwe : fields.items(weakness, "cwes"))
        if (fields.is_object(cwe)) news.cwes.push_back(fields.text(cwe, "cwe"));
}

model::Finding* read_match(const Value& match, FieldReader& fields, ForeignDraft& draft) {
    const Value* const weakness = fields.object(match, "vulnerability");
    const Value* const artifact = fields.object(match, "artifact");
    if (weakness == nullptr || artifact == nullptr) {
        fields.fail("a match without vulnerability or artifact", &match);
        return nullptr;
    }
    PackageNews news;
    news.ids.push_back(fields.required_text(*weakness, "id"));
    news.description = fields.text(*weakness, "description");
    add_weaknesses(*weakness, fields, news);
    for (const Value& related : fields.items(match, "relatedVulnerabilities")) {
        if (!fields.is_object(related)) continue;
        std::string id = fields.text(related, "id");
        if (!id.empty() && std::ranges::find(news.ids, id) == news.ids.end())
            news.ids.push_back(std::move(id));
        if (news.description.empty()) news.description = fields.text(related, "description");
        if (news.cwes.empty()) add_weaknesses(related, fields, news);
    }
    news.name = fields.required_text(*artifact, "name");
    news.version = fields.text(*artifact, "version");
    news.purl = fields.text(*artifact, "purl");
    news.ecosystem = fields.text(*artifact, "type");
    std::vector<std::string> paths;
    for (const Value& location : fields.items(*artifact, "locations"))
        if (fields.is_object(location)) paths.push_back(tidy_path(fields.text(location, "path")));
    if (!paths.empty()) news.path = paths.front();
    news.fixed = fixed_versions(*weakness, fields);
    news.url = fields.text(*weakness, "dataSource");
    news.severity = severity_of_word(fields.text(*weakness, "severity"));
    model::Finding& made = draft.add(news);
    for (std::size_t i = 1; i < paths.size(); ++i)
        made.also_at.emplace_back(model::FileLocation{.path = paths[i]});
    return &made;
}

// Rules of Grype's user: the match is there, and does not count.
void read_ignored(const Value& match, FieldReader& fields, ForeignDraft& draft) {
    model::Finding* const made = read_match(match, fields, draft);
    if (made == nullptr) return;
    made->suppressed_by = "external";
    for (const Value& rule : fields.items(match, "appliedIgnoreRules")) {
        if (!fields.is_object(rule)) continue;
        for (const std::string_view name :
             {"reason", "vex-status", "vex-justification", "fix-state"}) {
            const std::string text = fields.text(rule, name);
            if (text.empty()) continue;
            made->suppression_reason += (made->suppression_reason.empty() ? "" : ", ") + text;
        }
    }
}

// What was looked at: of an image its name whatever the tag, else the folder or file.
void read_source(const Value& root, FieldReader& fields, ForeignDraft& draft) {
    const Value* const source = fields.object(root, "source");
    if (source == nullptr) return;
    if (fields.text(*source, "type") != "image") {
        const Value* const place = source->find("target");
        if (place != nullptr && place->is_string() && !place->as_string().empty())
            draft.analysis().scope = {folder_name(place->as_string())};
        return;
    }
    const Value* const target = fields.object(*source, "target");
    if (target == nullptr) return;
    const std::string given = fields.text(*target, "userInput");
    draft.read().repository = image_name(given);
    if (!given.empty()) draft.analysis().scope = {draft.read().repository};
}

// Unlike values are unlike texts; depth is bounded by the reader's limit.
void append_all(const Value& at, std::string& out) {
    if (at.is_array()) {
        out += '[';
        for (const Value& item : at.items()) append_all(item, out);
        out += ']';
    } else if (at.is_object()) {
        out += '{';
        for (std::size_t i = 0; i < at.size(); ++i) {
            append_all(at.keys()[i], out);
            append_all(at.values()[i], out);
        }
        out += '}';
    } else if (at.is_string()) {
        out += std::to_string(at.as_string().size()) + ':' + std::string(at.as_string());
    } else if (at.is_number()) {
        out += at.number_text() + ';';
    } else {
        out += at.is_boolean() ? (at.as_boolean() ? "yes;" : "no;") : "null;";
    }
}

// Of what decides which packages are looked at, and which matches are shown; files, addresses and
// the like may be others every time.
std::string digest_of(const Value& configuration) {
    constexpr std::array<std::string_view, 9> kNames{
        "exclude", "ignore",           "only-fixed", "only-notfixed", "ignore-wontfix",
        "search",  "add-cpes-if-none", "match",      "by-cve"};
    std::string shown;
    for (const std::string_view name : kNames)
        if (const Value* const part = configuration.find(name)) {
            shown += name;
            append_all(*part, shown);
        }
    return shown.empty() ? shown : crypto::sha256(shown).to_string();
}

void read_root(const Value& root, FieldReader& fields, ForeignDraft& draft) {
    if (const Value* descriptor = fields.object(root, "descriptor")) {
        draft.analysis().version = fields.text(*descriptor, "version");
        if (const Value* how = fields.object(*descriptor, "configuration"))
            draft.analysis().configuration_digest = digest_of(*how);
        const auto made = parse_date_time(fields.text(*descriptor, "timestamp"));
        if (made.ok()) draft.read().ended = made.value();
    }
    read_source(root, fields, draft);
    for (const Value& match : required_items(root, "matches", fields))
        if (fields.is_object(match)) read_match(match, fields, draft);
    for (const Value& match : fields.items(root, "ignoredMatches"))
        if (fields.is_object(match)) read_ignored(match, fields, draft);
}

}  // namespace

// Complete: yes. A run that fails writes no report.
ReadReports read_grype(const ForeignInput& input) {
    ForeignDraft draft("grype");
    MERLON_TRY(read_input(input, [&](const Value& root, FieldReader& fields) {
        if (fields.is_object(root)) read_root(root, fields, draft);
    }));
    return std::move(draft).finish_alone();
}

}  // namespace merlon::exchange
