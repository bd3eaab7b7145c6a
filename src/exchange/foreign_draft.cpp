#include "exchange/foreign_draft.h"

#include <algorithm>

#include "base/joined.h"
#include "exchange/foreign_readers.h"
#include "exchange/foreign_text.h"
#include "exchange/json_lines.h"
#include "exchange/purl_version.h"

namespace merlon::exchange {
namespace {

using value::Value;

Status each_item(const ForeignInput& input,
                 const std::function<void(const Value& record, FieldReader& fields)>& use) {
    return read_input(input, [&](const Value& root, FieldReader& fields) {
        if (!root.is_array()) {
            fields.fail("expected a list", &root);
            return;
        }
        for (const Value& record : root.items())
            if (fields.is_object(record)) use(record, fields);
    });
}

}  // namespace

ForeignDraft::ForeignDraft(std::string_view tool, std::string_view category) {
    read_.report.analysis.tool = tool;
    read_.category = category;
}

model::Rule& ForeignDraft::rule(std::string_view id) {
    std::vector<model::Rule>& rules = read_.report.rules;
    const auto known = rules_.find(id);
    if (known != rules_.end()) return rules[known->second];
    rules_.emplace(id, rules.size());
    model::Rule& made = rules.emplace_back();
    made.id = id;
    made.name = id;
    made.pack = read_.report.analysis.tool;
    return made;
}

model::Finding& ForeignDraft::add(std::string_view rule_id) {
    const model::Rule& of = rule(rule_id);
    model::Finding& made = read_.report.findings.emplace_back();
    made.rule_id = rule_id;
    made.severity = of.severity;
    made.confidence = of.confidence;
    made.message = of.name;
    return made;
}

model::Finding& ForeignDraft::add(const PackageNews& news) {
    const std::string id = news.ids.empty() ? std::string() : news.ids.front();
    model::Rule& of = rule(id);
    if (!news.title.empty()) of.name = news.title;
    if (!news.description.empty()) of.description = news.description;
    if (!news.url.empty()) of.help_url = news.url;
    if (!news.cwes.empty()) of.cwe = news.cwes.front();
    if (news.severity) of.severity = *news.severity;
    model::Finding& made = add(id);
    if (news.severity) made.severity = *news.severity;
    made.message =
        news.name + " " + news.version + ": " + (news.title.empty() ? id : news.title) +
        (news.fixed.empty() ? "; no fixed version is known" : "; fixed in " + news.fixed);
    made.location = model::FileLocation{.path = news.path};
    made.properties["package"] = news.name;
    made.properties["version"] = news.version;
    made.properties["ids"] = joined(news.ids, " ");
    if (!news.advisories.empty()) made.properties["advisories"] = joined(news.advisories, " ");
    if (!news.ecosystem.empty()) made.properties["ecosystem"] = news.ecosystem;
    if (!news.fixed.empty()) made.properties["fixed"] = news.fixed;
    if (!news.cvss.empty()) made.properties["cvss"] = news.cvss;
    // Without an address of its own, a package is what its ecosystem calls so.
    if (news.purl.empty()) {
        made.properties["object"] = news.ecosystem + "/" + news.name;
        if (std::string purl = purl_of(news.ecosystem, news.name, news.version); !purl.empty())
            made.properties["purl"] = std::move(purl);
    } else {
        made.properties["purl"] = news.purl;
    }
    return made;
}

void ForeignDraft::add_gap(model::GapCause cause, std::string path, std::string detail) {
    model::Analysis& of = read_.report.analysis;
    of.complete = false;
    const std::string name(model::name(cause));
    if (std::ranges::find(of.incomplete_because, name) == of.incomplete_because.end())
        of.incomplete_because.push_back(name);
    read_.report.coverage.gaps.push_back({cause, std::move(path), std::move(detail)});
}

void ForeignDraft::add_unstated(std::string detail) {
    model::Analysis& of = read_.report.analysis;
    of.complete = false;
    // No gap in what was read, and so none of the published causes of gaps.
    const std::string name(kUnstatedCoverage);
    if (std::ranges::find(of.incomplete_because, name) == of.incomplete_because.end())
        of.incomplete_because.push_back(name);
    add_notice(std::move(detail));
}

ReadReport ForeignDraft::finish() && {
    model::sort(read_.report.findings);
    model::sort(read_.report.coverage.gaps);
    return std::move(read_);
}

std::vector<ReadReport> ForeignDraft::finish_alone() && {
    std::vector<ReadReport> reports;
    reports.push_back(std::move(*this).finish());
    return reports;
}

void set_lines(std::string_view text, std::uint32_t first_line, model::Finding& finding) {
    finding.excerpt.lines = lines_of(text);
    if (finding.excerpt.lines.empty()) return;
    finding.excerpt.first_line = first_line;
    finding.excerpt.mark_line = first_line;
}

std::span<const Value> required_items(const Value& object, std::string_view key,
                                      FieldReader& fields) {
    const Value* const found = object.find(key);
    if (found == nullptr || found->is_null())
        fields.fail("no " + std::string(key) + ": every report has this list, if an empty one",
                    &object);
    return fields.items(object, key);
}

Status read_input(const ForeignInput& input,
                  const std::function<void(const Value& root, FieldReader& fields)>& read) {
    return read_fields(input.bytes, RecordSyntax::kJson, read, input.cancel);
}

Status each_record(const ForeignInput& input,
                   const std::function<void(const Value& record, FieldReader& fields)>& use) {
    const std::string_view bytes = input.bytes;
    const std::size_t start = bytes.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
    if (start == std::string_view::npos) return {};
    if (bytes[start] == '[') return each_item(input, use);
    return each_json_line(bytes, [&](std::string_view line) {
        const ForeignInput one{
            .bytes = line, .secret_key = input.secret_key, .cancel = input.cancel};
        return read_input(one, [&](const Value& record, FieldReader& fields) {
            if (fields.is_object(record)) use(record, fields);
        });
    });
}

}  // namespace merlon::exchange
