// gitleaks' JSON report (`gitleaks git|dir --report-format json`): a list of findings.

#include "exchange/foreign_draft.h"
#include "exchange/foreign_readers.h"
#include "exchange/foreign_text.h"
#include "exchange/plain_fields.h"
#include "model/fingerprint.h"

namespace merlon::exchange {
namespace {

using value::Value;

void replace_all(std::string& text, std::string_view what, std::string_view with) {
    if (what.empty()) return;
    for (std::size_t at = text.find(what); at != std::string::npos;
         at = text.find(what, at + with.size()))
        text.replace(at, what.size(), with);
}

void read_one(const Value& record, FieldReader& fields, std::string_view key, ForeignDraft& draft) {
    const std::string id = fields.required_text(record, "RuleID");
    model::Rule& rule = draft.rule(id);
    rule.name = fields.text(record, "Description");
    if (rule.name.empty()) rule.name = id;
    model::Finding& finding = draft.add(id);
    model::FileLocation place{.path = tidy_path(fields.required_text(record, "File"))};
    place.region.start_line = line_number(integer_in(record, "StartLine", fields));
    place.region.end_line = line_number(integer_in(record, "EndLine", fields));
    place.region.start_column = line_number(integer_in(record, "StartColumn", fields));
    place.region.end_column = line_number(integer_in(record, "EndColumn", fields));
    const std::uint32_t line = place.region.start_line;
    finding.location = std::move(place);

    const std::string secret = fields.text(record, "Secret");
    std::string match = fields.text(record, "Match");
    finding.secret = model::mask_secret(secret.empty() ? "REDACTED" : secret);
    replace_all(match, secret, finding.secret);
    finding.match = match;
    set_lines(match, line, finding);
    // What --redact wrote is the same for all of them.
    const bool is_redacted = secret.empty() || secret.ends_with("...") || secret == "REDACTED";
    if (!is_redacted) finding.secret_id = model::secret_id(key, secret);
    finding.tags = fields.texts(record, "Tags");
    // Its fingerprint is of commit, file, rule and line, and changes with each of them: for people.
    for (const auto& [name, property] : {std::pair{"Commit", "commit"},
                                         {"Author", "author"},
                                         {"Email", "email"},
                                         {"Date", "date"},
                                         {"Fingerprint", "gitleaks-fingerprint"},
                                         {"Link", "link"}}) {
        if (std::string text = fields.text(record, name); !text.empty())
            finding.properties[property] = std::move(text);
    }
}

}  // namespace

// Complete: not told. gitleaks writes the same report of a scan that broke off ("partial scan"),
// and only its log says so.
ReadReports read_gitleaks(const ForeignInput& input) {
    ForeignDraft draft("gitleaks");
    MERLON_TRY(each_record(input, [&](const Value& record, FieldReader& fields) {
        read_one(record, fields, input.secret_key, draft);
    }));
    draft.add_unstated("gitleaks reports a scan that broke off like any other");
    return std::move(draft).finish_alone();
}

}  // namespace merlon::exchange
