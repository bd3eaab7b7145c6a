#include "exchange/defectdojo_records.h"

#include <algorithm>

#include "exchange/foreign_text.h"
#include "exchange/plain_fields.h"

namespace merlon::exchange {
namespace {

using value::Value;

bool has(const Value& record, std::string_view key) { return record.find(key) != nullptr; }

}  // namespace

Status DojoReader::take(const ForeignInput& input, DocumentRole role) {
    role_ = role;
    return read_input(input, [&](const Value& root, FieldReader& fields) {
        fields_ = &fields;
        take_list(root);
    });
}

// A page of the API, a list, or an object of these by the names of their endpoints.
void DojoReader::take_list(const Value& value) {
    if (value.is_array()) {
        for (const Value& record : value.items())
            if (fields_->is_object(record)) take_record(record, From::kList);
        return;
    }
    if (!fields_->is_object(value)) return;
    if (const Value* results = value.find("results")) {
        if (!results->is_array()) {
            fields_->fail("expected a list as results", results);
            return;
        }
        take_list(*results);
        take_prefetched(value);
        if (const Value* next = value.find("next");
            is_own() && next != nullptr && next->is_string())
            ++records_.further_pages;
        return;
    }
    if (value.find("id") != nullptr) {
        take_record(value, From::kList);
        take_prefetched(value);  // one that was asked for alone has it inside
        return;
    }
    bool is_any = false;
    for (const Value& member : value.values()) {
        if (!member.is_array() && !(member.is_object() && member.find("results") != nullptr))
            continue;
        is_any = true;
        take_list(member);
    }
    if (!is_any)
        fields_->fail(
            "expected a page of DefectDojo's API (results), a list, or an object of "
            "these",
            &value);
}

void DojoReader::take_prefetched(const Value& page) {
    const Value* const tables = fields_->object(page, "prefetch");
    if (tables == nullptr) return;
    for (const Value& table : tables->values()) {
        if (!table.is_object()) continue;
        for (const Value& record : table.values())
            if (record.is_object()) take_record(record, From::kPrefetched);
    }
}

void DojoReader::take_record(const Value& record, From from) {
    const std::string id = fields_->text(record, "id");
    const bool was_well = !fields_->problem();
    take_known_record(record, id, from);
    if (was_well && fields_->problem())
        fields_->within(id.empty() ? "a record without id" : "the record of id " + id);
}

void DojoReader::take_known_record(const Value& record, const std::string& id, From from) {
    if (has(record, "false_p") && has(record, "severity")) {
        take_finding(record, id);
    } else if (has(record, "accepted_findings")) {
        if (is_own() && from == From::kList) ++records_.own_acceptances;
        take_acceptance(record, id, {});
    } else if (has(record, "username")) {
        records_.users[id] = fields_->text(record, "username");
    } else if (has(record, "entry")) {
        records_.notes[id] = note_of(record);
    } else if (has(record, "test_type") && has(record, "engagement")) {
        records_.test_types[id] = fields_->text(record, "test_type");
        records_.engagements[id] = fields_->text(record, "engagement");
        if (const std::string name = fields_->text(record, "test_type_name"); !name.empty())
            records_.names_of_tests[id] = name;
    } else if (has(record, "product") && has(record, "target_start")) {
        records_.products_of_engagements[id] = fields_->text(record, "product");
    } else if (has(record, "prod_type")) {
        records_.products[id] = fields_->text(record, "name");
    } else if (has(record, "static_tool") || has(record, "dynamic_tool")) {
        records_.types[id] = fields_->text(record, "name");
    } else if (from == From::kList) {
        fields_->fail(
            "expected a record of findings, risk_acceptance, users, notes, tests, "
            "engagements, products or test_types",
            &record);
    }
}

DojoNote DojoReader::note_of(const Value& record) {
    DojoNote note{.text = fields_->text(record, "entry"), .date = fields_->text(record, "date")};
    note.is_private = boolean_in(record, "private", *fields_).value_or(false);
    if (const Value* author = record.find("author"); author != nullptr && author->is_object())
        note.author = fields_->text(*author, "username");
    else
        note.author = fields_->text(record, "author");
    return note;
}

void DojoReader::take_acceptance(const Value& record, const std::string& id,
                                 const std::string& finding) {
    DojoAcceptance& made = records_.acceptances[id];
    made.id = id;
    made.name = fields_->text(record, "name");
    made.owner = fields_->text(record, "owner");
    made.accepted_by = fields_->text(record, "accepted_by");
    made.created = fields_->text(record, "created");
    made.expiration = fields_->text(record, "expiration_date");
    made.details.clear();
    for (const char* key : {"recommendation_details", "decision_details"})
        if (const std::string text = fields_->text(record, key); !text.empty())
            made.details += (made.details.empty() ? "" : "; ") + text;
    std::vector<std::string> findings;
    for (const Value& one : fields_->items(record, "accepted_findings"))
        findings.push_back(fields_->text_of(one));
    if (!finding.empty()) findings.push_back(finding);
    for (std::string& one : findings)
        if (std::ranges::find(made.findings, one) == made.findings.end())
            made.findings.push_back(std::move(one));
}

bool DojoReader::flag(const Value& record, std::string_view key) {
    return boolean_in(record, key, *fields_).value_or(false);
}

void DojoReader::take_finding(const Value& record, const std::string& id) {
    if (id.empty()) {
        fields_->fail("a finding without id", &record);
        return;
    }
    records_.known.insert(id);
    for (const Value& accepted : fields_->items(record, "accepted_risks"))
        if (accepted.is_object()) take_acceptance(accepted, fields_->text(accepted, "id"), id);
    if (!is_own()) return;
    DojoFinding one;
    one.id = id;
    one.title = fields_->required_text(record, "title");
    one.description = fields_->text(record, "description");
    one.mitigation = fields_->text(record, "mitigation");
    one.severity = fields_->text(record, "severity");
    one.rule = fields_->text(record, "vuln_id_from_tool");
    one.unique_id = fields_->text(record, "unique_id_from_tool");
    one.path = tidy_path(fields_->text(record, "file_path"));
    one.line = line_number(integer_in(record, "line", *fields_));
    one.component = fields_->text(record, "component_name");
    one.version = fields_->text(record, "component_version");
    one.fixed = fields_->text(record, "fix_version");
    if (const auto cwe = integer_in(record, "cwe", *fields_); cwe && *cwe > 0)
        one.cwe = "CWE-" + std::to_string(*cwe);
    one.cvss = fields_->text(record, "cvssv3_score");
    one.url = fields_->text(record, "references");
    for (const Value& item : fields_->items(record, "vulnerability_ids"))
        if (fields_->is_object(item))
            one.ids.push_back(fields_->required_text(item, "vulnerability_id"));
    if (const std::string cve = fields_->text(record, "cve"); one.ids.empty() && !cve.empty())
        one.ids.push_back(cve);
    one.tags = fields_->texts(record, "tags");
    one.is_active = boolean_in(record, "active", *fields_).value_or(true);
    one.is_false = flag(record, "false_p");
    one.is_out_of_scope = flag(record, "out_of_scope");
    one.is_accepted = flag(record, "risk_accepted");
    one.is_duplicate = flag(record, "duplicate");
    one.is_mitigated = flag(record, "is_mitigated");
    one.is_verified = flag(record, "verified");
    one.is_under_review = flag(record, "under_review");
    for (const char* key : {"last_reviewed_by", "mitigated_by"})
        if (one.decided_by.empty()) one.decided_by = fields_->text(record, key);
    for (const char* key : {"last_reviewed", "mitigated", "last_status_update"})
        if (one.decided_at.empty()) one.decided_at = fields_->text(record, key);
    for (const Value& note : fields_->items(record, "notes")) {
        if (note.is_object())
            one.notes.push_back(note_of(note));
        else
            one.notes.push_back({.text = "#" + fields_->text_of(note)});
    }
    take_names(record, one);
    records_.findings.push_back(std::move(one));
}

// With related_fields=true the API says what a finding is part of.
void DojoReader::take_names(const Value& record, DojoFinding& one) {
    if (const Value* test = record.find("test"); test != nullptr && !test->is_object())
        one.test = fields_->text(record, "test");
    const Value* const related = fields_->object(record, "related_fields");
    const Value* const test = related == nullptr ? nullptr : fields_->object(*related, "test");
    if (test == nullptr) return;
    if (const Value* type = fields_->object(*test, "test_type"))
        one.test_type = fields_->text(*type, "name");
    const Value* const engagement = fields_->object(*test, "engagement");
    const Value* const product =
        engagement == nullptr ? nullptr : fields_->object(*engagement, "product");
    if (product != nullptr) one.product = fields_->text(*product, "name");
}

}  // namespace merlon::exchange
