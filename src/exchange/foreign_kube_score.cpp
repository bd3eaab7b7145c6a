// kube-score's JSON report (`kube-score score --output-format json`): a list of objects with their
// checks.

#include <algorithm>
#include <iterator>

#include "exchange/foreign_draft.h"
#include "exchange/foreign_readers.h"
#include "exchange/foreign_text.h"
#include "exchange/imported_end.h"
#include "exchange/plain_fields.h"

namespace merlon::exchange {
namespace {

using value::Value;

// scorecard.Grade: what is above is good.
constexpr std::int64_t kCritical = 1;
constexpr std::int64_t kWarning = 5;
constexpr std::int64_t kAllOk = 10;

model::Severity severity_of_grade(std::int64_t grade) {
    if (grade <= kCritical) return model::Severity::kHigh;
    return grade <= kWarning ? model::Severity::kMedium : model::Severity::kLow;
}

void read_check(const Value& check, FieldReader& fields, const std::string& object,
                const model::FileLocation& place, ForeignDraft& draft) {
    const Value* const about = fields.object(check, "check");
    const auto grade = integer_in(check, "grade", fields);
    if (about == nullptr || !grade) {
        fields.fail("a check without check or grade", &check);
        return;
    }
    const std::string id = fields.required_text(*about, "id");
    if (boolean_in(check, "skipped", fields).value_or(false)) {
        draft.read().passed_over.push_back({place.path, id});
        return;
    }
    if (*grade >= kAllOk) return;
    model::Rule& rule = draft.rule(id);
    rule.name = fields.text(*about, "name");
    rule.description = fields.text(*about, "comment");
    const auto add = [&]() -> model::Finding& {
        model::Finding& finding = draft.add(id);
        finding.severity = severity_of_grade(*grade);
        finding.location = place;
        finding.properties["object"] = object;
        return finding;
    };
    const auto comments = fields.items(check, "comments");
    if (comments.empty()) add();
    // One for each container or port that the check is about.
    for (const Value& comment : comments) {
        if (!fields.is_object(comment)) continue;
        model::Finding& finding = add();
        const std::string path = fields.text(comment, "path");
        if (!path.empty()) finding.properties["object"] += "#" + path;
        finding.message = fields.text(comment, "summary");
        // A container's limits of CPU and memory are two things of one check.
        finding.properties["object"] += " " + finding.message;
        if (finding.message.empty()) finding.message = draft.rule(id).name;
        if (std::string why = fields.text(comment, "description"); !why.empty())
            finding.properties["description"] = std::move(why);
    }
}

// What runs pods: other objects are no workloads.
constexpr std::string_view kWorkloads[] = {"Pod",       "Deployment", "StatefulSet",
                                           "DaemonSet", "ReplicaSet", "ReplicationController",
                                           "Job",       "CronJob"};

// Files by their names; of what comes over standard input there are none.
struct Files {
    std::vector<std::string> names;
    std::size_t objects = 0;
};

void read_object(const Value& object, FieldReader& fields, ForeignDraft& draft, Files& files) {
    std::string name, kind;
    if (const Value* meta = fields.object(object, "object_meta"))
        if (const std::string space = fields.text(*meta, "namespace"); !space.empty())
            name = space + "/";
    if (const Value* type = fields.object(object, "type_meta")) {
        kind = fields.text(*type, "kind");
        name += kind + "/";
    }
    if (const Value* meta = fields.object(object, "object_meta"))
        name += fields.text(*meta, "name");
    // One without a namespace may run in any, so that nothing leads to it.
    const bool has_namespace = !name.starts_with(kind + "/");
    if (has_namespace && !name.ends_with('/') &&
        std::ranges::find(kWorkloads, kind) != std::end(kWorkloads))
        draft.read().links.push_back({.from = what_is_imported(),
                                      .relation = "describes",
                                      .to = {"workload", name},
                                      .confidence = Confidence::kTold,
                                      .collector = "kube-score"});
    model::FileLocation place{.path = tidy_path(fields.text(object, "file_name"))};
    ++files.objects;
    if (place.path.empty() || place.path == "STDIN")
        place.path = name;
    else
        files.names.push_back(place.path);
    place.region.start_line = line_number(integer_in(object, "file_row", fields));
    place.region.end_line = place.region.start_line;
    // Go's empty list is null.
    const bool is_told = object.find("checks") != nullptr;
    for (const Value& check :
         is_told ? fields.items(object, "checks") : required_items(object, "checks", fields))
        if (fields.is_object(check)) read_check(check, fields, name, place, draft);
}

}  // namespace

// Complete: yes, of the files that it names, but for checks that were skipped. What kube-score
// cannot parse makes it fail without a report.
ReadReports read_kube_score(const ForeignInput& input) {
    ForeignDraft draft("kube-score");
    Files files;
    MERLON_TRY(each_record(input, [&](const Value& record, FieldReader& fields) {
        read_object(record, fields, draft, files);
    }));
    if (files.objects == 0)
        return Error{"no object is in it: kube-score lists all that it has looked at"};
    if (files.names.size() == files.objects) draft.read().looked_at = std::move(files.names);
    return std::move(draft).finish_alone();
}

}  // namespace merlon::exchange
