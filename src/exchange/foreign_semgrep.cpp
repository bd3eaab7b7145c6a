// Semgrep's JSON report (`semgrep scan --json`; semgrep-interfaces, "cli_output").

#include <array>

#include "exchange/foreign_draft.h"
#include "exchange/foreign_readers.h"
#include "exchange/foreign_text.h"
#include "exchange/plain_fields.h"

namespace merlon::exchange {
namespace {

using value::Value;

// What stands for lines and fingerprints where the user has not signed in.
constexpr std::string_view kWithheld = "requires login";

// Why a file was left out, where that was not what the user wanted.
struct SkipReason {
    std::string_view name;
    model::GapCause cause;
};
constexpr std::array kSkipReasons{
    SkipReason{"too_big", model::GapCause::kTooLarge},
    SkipReason{"exceeded_size_limit", model::GapCause::kTooLarge},
    SkipReason{"analysis_failed_parser_or_internal_error", model::GapCause::kScannerFailed},
    SkipReason{"too_many_matches", model::GapCause::kLimitReached},
    SkipReason{"insufficient_permissions", model::GapCause::kPermissionDenied},
    SkipReason{"irrelevant_rule", model::GapCause::kInvalidRule},
};

class SemgrepReader {
  public:
    SemgrepReader(const Value& root, FieldReader& fields, ForeignDraft& draft)
        : root_(root), fields_(fields), draft_(draft) {}

    void read() {
        draft_.analysis().version = fields_.text(root_, "version");
        for (const Value& result : required_items(root_, "results", fields_))
            if (fields_.is_object(result)) read_result(result);
        for (const Value& error : fields_.items(root_, "errors"))
            if (fields_.is_object(error)) read_error(error);
        for (const Value& rule : fields_.items(root_, "skipped_rules"))
            if (fields_.is_object(rule))
                draft_.add_gap(model::GapCause::kInvalidRule, fields_.text(rule, "rule_id"),
                               fields_.text(rule, "details"));
        read_rules_that_ran();
        if (const Value* paths = fields_.object(root_, "paths")) {
            read_skipped(*paths);
            read_scanned(*paths);
        }
    }

  private:
    // Rules stand in the measured times (--time) and beside what they found; of another one it is
    // not told whether it ran, so that what it had found may still be there.
    void read_rules_that_ran() {
        draft_.read().lists_rules = true;
        std::size_t measured = 0;
        if (const Value* time = fields_.object(root_, "time"))
            for (const Value& rule : fields_.items(*time, "rules")) {
                const std::string id =
                    rule.is_object() ? fields_.text(rule, "id") : fields_.text_of(rule);
                if (id.empty()) continue;
                draft_.rule(id);
                ++measured;
            }
        if (measured == 0)
            draft_.add_notice(
                "it does not name the rules that ran, so that only what these rules find can be "
                "gone: run semgrep with --time or --sarif, or say --coverage complete");
    }

    // As in Semgrep's SARIF, so that both formats say the same.
    static model::Severity severity_of(std::string_view word) {
        if (word == "INFO") return model::Severity::kLow;
        return severity_of_word(word).value_or(model::Severity::kHigh);
    }

    // A text, or a list of them.
    std::vector<std::string> one_or_more(const Value& owner, std::string_view key) {
        const Value* const found = owner.find(key);
        if (found != nullptr && found->is_string()) return {std::string(found->as_string())};
        return fields_.texts(owner, key);
    }

    void read_rule(const std::string& id, const Value& extra, model::Rule& rule) {
        rule.name = fields_.text(extra, "message");
        rule.severity = severity_of(fields_.text(extra, "severity"));
        const Value* const metadata = fields_.object(extra, "metadata");
        if (metadata == nullptr) return;
        rule.help_url = fields_.text(*metadata, "source");
        // Whatever a rule's author writes there is the author's business; a word that is no
        // confidence says nothing.
        if (const Value* word = metadata->find("confidence"); word != nullptr && word->is_string())
            rule.confidence =
                model::parse_confidence(word->as_string()).value_or(model::Confidence::kMedium);
        // "CWE-95: Improper Neutralization of …"
        for (const std::string& cwe : one_or_more(*metadata, "cwe"))
            if (rule.cwe.empty()) rule.cwe = cwe.substr(0, cwe.find(':'));
        for (const std::string_view list : {"cwe", "owasp"})
            for (std::string& tag : one_or_more(*metadata, list))
                rule.tags.push_back(std::move(tag));
        if (rule.name.empty()) rule.name = id;
    }

    model::FileLocation place_of(const Value& owner) {
        model::FileLocation place{.path = tidy_path(fields_.required_text(owner, "path"))};
        const Value* const start = fields_.object(owner, "start");
        const Value* const end = fields_.object(owner, "end");
        if (start == nullptr || end == nullptr) return place;
        place.region.start_line = line_number(integer_in(*start, "line", fields_));
        place.region.start_column = line_number(integer_in(*start, "col", fields_));
        place.region.end_line = line_number(integer_in(*end, "line", fields_));
        // Semgrep's is one past the last character.
        const std::uint32_t behind = line_number(integer_in(*end, "col", fields_));
        place.region.end_column = behind > 1 ? behind - 1 : 0;
        return place;
    }

    void read_result(const Value& result) {
        const std::string id = fields_.required_text(result, "check_id");
        const Value* const extra = fields_.object(result, "extra");
        if (extra == nullptr) {
            fields_.fail("a result without extra", &result);
            return;
        }
        model::Rule& rule = draft_.rule(id);
        if (rule.name == rule.id) read_rule(id, *extra, rule);
        model::Finding& finding = draft_.add(id);
        finding.severity = severity_of(fields_.text(*extra, "severity"));
        finding.message = fields_.text(*extra, "message");
        model::FileLocation place = place_of(result);
        const std::uint32_t line = place.region.start_line;
        finding.location = std::move(place);
        if (const std::string lines = fields_.text(*extra, "lines"); lines != kWithheld)
            set_lines(lines, line, finding);
        // Under the name that it has in Semgrep's SARIF.
        if (std::string print = fields_.text(*extra, "fingerprint");
            !print.empty() && print != kWithheld)
            finding.fingerprints.push_back({"matchBasedId/v1", std::move(print)});
        if (boolean_in(*extra, "is_ignored", fields_).value_or(false))
            finding.suppressed_by = "inline";
    }

    void read_error(const Value& error) {
        const std::string path = fields_.text(error, "path");
        const Value* type = error.find("type");
        // Some types are lists: ["PartialParsing", [places]].
        std::string name;
        if (type != nullptr && type->is_array() && type->size() > 0) type = &type->items()[0];
        if (type != nullptr && type->is_string()) name = type->as_string();
        const bool is_about_rules = name.find("ule") != std::string::npos && path.empty();
        model::GapCause cause = model::GapCause::kScannerFailed;
        if (is_about_rules) cause = model::GapCause::kInvalidRule;
        if (name == "Timeout" || name.starts_with("Too many") || name == "Out of memory")
            cause = model::GapCause::kLimitReached;
        draft_.add_gap(cause, tidy_path(path), name + ": " + fields_.text(error, "message"));
    }

    // What a run over some files does not have it has not looked for elsewhere.
    void read_scanned(const Value& paths) {
        const std::vector<std::string> scanned = fields_.texts(paths, "scanned");
        if (paths.find("scanned") == nullptr) return;
        std::vector<std::string>& looked_at = draft_.read().looked_at.emplace();
        for (const std::string& path : scanned) looked_at.push_back(tidy_path(path));
    }

    void read_skipped(const Value& paths) {
        for (const Value& skipped : fields_.items(paths, "skipped")) {
            if (!fields_.is_object(skipped)) continue;
            const std::string reason = fields_.text(skipped, "reason");
            for (const SkipReason& known : kSkipReasons)
                if (known.name == reason)
                    draft_.add_gap(known.cause, tidy_path(fields_.text(skipped, "path")), reason);
        }
    }

    const Value& root_;
    FieldReader& fields_;
    ForeignDraft& draft_;
};

}  // namespace

// Complete: where `errors`, `skipped_rules` and what was skipped against the user's will are empty,
// of the rules that it names.
ReadReports read_semgrep(const ForeignInput& input) {
    ForeignDraft draft("semgrep");
    MERLON_TRY(read_input(input, [&](const Value& root, FieldReader& fields) {
        if (fields.is_object(root)) SemgrepReader(root, fields, draft).read();
    }));
    return std::move(draft).finish_alone();
}

}  // namespace merlon::exchange
