// Checkov's JSON report (`checkov -o json`): one report for each kind of file that was found, alone
// or in a list.

#include <optional>
#include <set>
#include <span>
#include <variant>

#include "exchange/foreign_draft.h"
#include "exchange/foreign_readers.h"
#include "exchange/foreign_text.h"
#include "exchange/plain_fields.h"

namespace merlon::exchange {
namespace {

using value::Value;

// "/main.tf" below the folder that was named.
std::string relative(std::string_view path) {
    while (path.starts_with('/')) path.remove_prefix(1);
    return tidy_path(path);
}

class CheckovReader {
  public:
    CheckovReader(FieldReader& fields, std::vector<ReadReport>& reports)
        : fields_(fields), reports_(reports) {}

    void read(const Value& root) {
        if (root.is_array()) {
            for (const Value& report : root.items())
                if (fields_.is_object(report)) read_report(report);
        } else if (fields_.is_object(root)) {
            read_report(root);
        }
    }

  private:
    void read_report(const Value& report) {
        const Value* const results = fields_.object(report, "results");
        // Without any file to look at, it prints its counts only, and there is no kind of them.
        if (results == nullptr) return;
        const std::string type = fields_.required_text(report, "check_type");
        ForeignDraft draft("checkov", type);
        std::int64_t unread = 0, skipped = 0;
        std::optional<std::int64_t> passed;
        if (const Value* summary = fields_.object(report, "summary")) {
            draft.analysis().version = fields_.text(*summary, "checkov_version");
            unread = integer_in(*summary, "parsing_errors", fields_).value_or(0);
            skipped = integer_in(*summary, "skipped", fields_).value_or(0);
            passed = integer_in(*summary, "passed", fields_);
        }
        for (const Value& check : fields_.items(*results, "failed_checks"))
            if (fields_.is_object(check)) read_check(check, draft);
        for (const Value& check : fields_.items(*results, "skipped_checks")) {
            if (!fields_.is_object(check)) continue;
            model::Finding& finding = read_check(check, draft);
            finding.suppressed_by = "inline";
            if (const Value* result = fields_.object(check, "check_result"))
                finding.suppression_reason = fields_.text(*result, "suppress_comment");
        }
        if (!finds_alone(type))
            read_passed(fields_.items(*results, "passed_checks"), passed, draft);
        for (const std::string& path : fields_.texts(*results, "parsing_errors"))
            draft.add_gap(model::GapCause::kInvalidInput, relative(path),
                          "checkov could not parse it");
        // With --quiet these lists are left out, and the numbers are all that tells.
        if (skipped > 0 && fields_.items(*results, "skipped_checks").empty())
            draft.add_unstated(std::to_string(skipped) +
                               " skipped checks are not listed; run checkov without --quiet");
        if (unread > 0 && draft.analysis().complete)
            draft.add_gap(model::GapCause::kInvalidInput, "checkov",
                          std::to_string(unread) + " files that checkov could not parse");
        reports_.push_back(std::move(draft).finish());
    }

    // Scanners for secrets and packages have nothing that passes.
    static bool finds_alone(std::string_view type) {
        return type == "secrets" || type.starts_with("sca_");
    }

    // Where all that passed is listed (not with --quiet or --compact), checks and files that are in
    // no list have not run; and so it is where the summary says that none has passed.
    void read_passed(std::span<const Value> checks, std::optional<std::int64_t> passed,
                     ForeignDraft& draft) {
        ReadReport& read = draft.read();
        const auto listed = static_cast<std::int64_t>(checks.size());
        const bool has_none = passed == 0 && !read.report.findings.empty();
        if ((listed == 0 && !has_none) || passed.value_or(0) > listed) return;
        read.lists_rules = true;
        std::set<std::string> files;
        for (const Value& check : checks) {
            if (!fields_.is_object(check)) continue;
            draft.rule(fields_.required_text(check, "check_id"));
            files.insert(relative(fields_.required_text(check, "file_path")));
        }
        for (const model::Finding& finding : read.report.findings)
            if (const auto* place = std::get_if<model::FileLocation>(&finding.location))
                files.insert(place->path);
        read.looked_at.emplace(files.begin(), files.end());
    }

    model::Finding& read_check(const Value& check, ForeignDraft& draft) {
        const std::string id = fields_.required_text(check, "check_id");
        model::Rule& rule = draft.rule(id);
        rule.name = fields_.text(check, "check_name");
        rule.help_url = fields_.text(check, "guideline");
        rule.severity =
            severity_of_word(fields_.text(check, "severity")).value_or(model::Severity::kHigh);
        model::Finding& finding = draft.add(id);
        finding.severity = rule.severity;
        finding.message = rule.name.empty() ? id : rule.name;
        finding.properties["object"] = fields_.text(check, "resource");

        model::FileLocation place{.path = relative(fields_.required_text(check, "file_path"))};
        if (const auto range = fields_.items(check, "file_line_range"); range.size() == 2) {
            place.region.start_line =
                line_number(range[0].is_number() ? range[0].as_integer() : std::nullopt);
            place.region.end_line =
                line_number(range[1].is_number() ? range[1].as_integer() : std::nullopt);
        }
        finding.excerpt.mark_line = place.region.start_line;
        finding.location = std::move(place);
        // [[1, "resource …\n"], …]
        for (const Value& line : fields_.items(check, "code_block")) {
            if (!line.is_array() || line.size() != 2 || !line.items()[0].is_number()) continue;
            if (finding.excerpt.lines.empty())
                finding.excerpt.first_line = line_number(line.items()[0].as_integer());
            std::string text = fields_.text_of(line.items()[1]);
            while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
            finding.excerpt.lines.push_back(std::move(text));
        }
        return finding;
    }

    FieldReader& fields_;
    std::vector<ReadReport>& reports_;
};

}  // namespace

// Complete: where there are no parsing errors, and skipped checks are listed, of the kind of files
// that the report is of; and where what passed is listed, of those checks and files. Kinds without
// a file have no report, and nothing is said of them.
ReadReports read_checkov(const ForeignInput& input) {
    std::vector<ReadReport> reports;
    MERLON_TRY(read_input(input, [&](const Value& root, FieldReader& fields) {
        CheckovReader(fields, reports).read(root);
    }));
    return reports;
}

}  // namespace merlon::exchange
