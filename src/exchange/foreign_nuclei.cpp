// nuclei's results, as JSON Lines (-jsonl) or a list (-json-export).

#include "exchange/foreign_draft.h"
#include "exchange/foreign_readers.h"
#include "exchange/foreign_secrets.h"
#include "exchange/foreign_text.h"
#include "exchange/plain_fields.h"

namespace merlon::exchange {
namespace {

using value::Value;

void read_rule(const Value& info, FieldReader& fields, model::Rule& rule) {
    rule.name = fields.text(info, "name");
    if (rule.name.empty()) rule.name = rule.id;
    rule.description = fields.text(info, "description");
    rule.fix = fields.text(info, "remediation");
    rule.severity =
        severity_of_word(fields.text(info, "severity")).value_or(model::Severity::kHigh);
    rule.tags = fields.texts(info, "tags");
    if (const std::vector<std::string> links = fields.texts(info, "reference"); !links.empty())
        rule.help_url = links.front();
    const Value* const classification = fields.object(info, "classification");
    if (classification == nullptr) return;
    for (const std::string& cwe : fields.texts(*classification, "cwe-id"))
        if (rule.cwe.empty() && cwe.size() > 4) rule.cwe = "CWE-" + cwe.substr(4);
}

void read_result(const Value& result, FieldReader& fields, ForeignDraft& draft) {
    // With -matcher-status there are lines of templates that did not match.
    if (!boolean_in(result, "matcher-status", fields).value_or(true)) return;
    const std::string id = fields.required_text(result, "template-id");
    model::Rule& rule = draft.rule(id);
    if (const Value* info = fields.object(result, "info")) read_rule(*info, fields, rule);
    const std::vector<std::string> rule_tags = rule.tags;
    model::Finding& finding = draft.add(id);
    std::string place = fields.text(result, "matched-at");
    if (place.empty()) place = fields.text(result, "host");
    finding.location = model::UrlLocation{place};
    // A template has several matchers, each of which says something of its own.
    std::string what = fields.text(result, "matcher-name");
    if (what.empty()) what = fields.text(result, "extractor-name");
    if (!what.empty()) finding.message += ": " + what;
    finding.properties["object"] = place + " " + what;
    finding.properties["host"] = fields.text(result, "host");
    std::string extracted;
    for (const std::string& text : fields.texts(result, "extracted-results"))
        extracted += (extracted.empty() ? "" : ", ") + text;
    // Another token there is another finding; another version of a server is not.
    if (!extracted.empty() && is_nuclei_template_of_secrets(id, rule_tags))
        finding.properties["object"] += " " + extracted;
    if (!extracted.empty()) finding.properties["extracted"] = std::move(extracted);
}

}  // namespace

// Complete: not told. Of a host that did not answer there is no line.
ReadReports read_nuclei(const ForeignInput& input) {
    ForeignDraft draft("nuclei");
    MERLON_TRY(each_record(input, [&](const Value& record, FieldReader& fields) {
        read_result(record, fields, draft);
    }));
    draft.add_unstated("nuclei has no line for a host that did not answer");
    return std::move(draft).finish_alone();
}

}  // namespace merlon::exchange
