#include "exchange/sarif_read.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <span>

#include "base/ascii.h"
#include "exchange/field_reader.h"
#include "exchange/foreign_text.h"
#include "exchange/plain_fields.h"
#include "exchange/sarif_places.h"

namespace merlon::exchange {
namespace {

using model::Severity;
using value::Value;

constexpr std::size_t kMaxRuns = 1'000;
constexpr std::size_t kMostShown = 40;  // bytes of a value that is not known
// Sections 3.27.9, 3.27.10, 3.27.24 and 3.35.3.
constexpr std::array<std::string_view, 6> kResultKinds{"pass",          "open",   "informational",
                                                       "notApplicable", "review", "fail"};
constexpr std::array<std::string_view, 4> kLevels{"none", "note", "warning", "error"};
constexpr std::array<std::string_view, 4> kBaselineStates{"new", "unchanged", "updated", "absent"};
constexpr std::array<std::string_view, 3> kSuppressionStates{"accepted", "underReview", "rejected"};
constexpr std::size_t kMaxSavedPlaces = 1'000;  // of one result, beside the first

std::optional<Severity> severity_of_level(std::string_view level) {
    if (level == "error") return Severity::kHigh;
    if (level == "warning") return Severity::kMedium;
    if (level == "note") return Severity::kLow;
    if (level == "none") return Severity::kInfo;
    return std::nullopt;
}

std::optional<Severity> stated_severity(const Value& owner, FieldReader& fields, OddValues& odd) {
    const Value* const properties = fields.object(owner, "properties");
    if (properties == nullptr) return std::nullopt;
    const Value* const number = properties->find("security-severity");
    if (number == nullptr || !(number->is_string() || number->is_number())) return std::nullopt;
    const std::string text = fields.text_of(*number);
    const std::optional<Severity> severity = severity_of_score(text);
    if (!severity) odd.note("security-severity '" + text.substr(0, kMostShown) + "'", "none");
    return severity;
}

std::vector<std::string> tags_of(const Value& owner, FieldReader& fields) {
    const Value* const properties = fields.object(owner, "properties");
    return properties == nullptr ? std::vector<std::string>() : fields.texts(*properties, "tags");
}

// Section 3.11: the text of a message, with its arguments in place.
std::string with_arguments(std::string_view text, const std::vector<std::string>& arguments) {
    std::string filled;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if ((c == '{' || c == '}') && at + 1 < text.size() && text[at + 1] == c) {
            filled += c;
            ++at;
            continue;
        }
        const std::size_t end = c == '{' ? text.find('}', at) : std::string_view::npos;
        std::size_t index = 0;
        const bool is_placeholder =
            end != std::string_view::npos && end > at + 1 &&
            std::from_chars(text.data() + at + 1, text.data() + end, index).ptr ==
                text.data() + end;
        if (!is_placeholder || index >= arguments.size()) {
            filled += c;
            continue;
        }
        filled += arguments[index];
        at = end;
    }
    return filled;
}

// One component of the tool with its rules (sections 3.19 and 3.49).
struct Component {
    const Value* value = nullptr;
    std::vector<const Value*> rules;
};

class RunReader {
  public:
    RunReader(const Value& run, FieldReader& fields)
        : run_(run), fields_(fields), places_(run, fields, odd_) {}

    ReadReport read() {
        refuse_what_stands_elsewhere();
        read_tool();
        read_details();
        read_invocations();
        read_results();
        model::sort(report_.findings);
        for (std::string& line : odd_.notices()) report_.notices.push_back(std::move(line));
        read_.report = std::move(report_);
        return std::move(read_);
    }

  private:
    // Sections 3.14.2 and 3.14.27.
    void refuse_what_stands_elsewhere() {
        if (const Value* elsewhere = run_.find("externalPropertyFileReferences");
            elsewhere != nullptr && elsewhere->is_object() && elsewhere->size() > 0) {
            fields_.fail(
                "externalPropertyFileReferences: parts of this run stand in other files; have the "
                "tool write one file",
                elsewhere);
        }
    }

    void read_tool() {
        const Value* const tool = fields_.object(run_, "tool");
        const Value* const driver = tool == nullptr ? nullptr : fields_.object(*tool, "driver");
        if (driver == nullptr) {
            fields_.fail("a run without tool.driver", &run_);
            return;
        }
        report_.analysis.tool = fields_.required_text(*driver, "name");
        report_.analysis.version = fields_.text(*driver, "semanticVersion");
        if (report_.analysis.version.empty())
            report_.analysis.version = fields_.text(*driver, "version");
        add_component(*driver);
        for (const Value& extension : fields_.items(*tool, "extensions")) {
            if (fields_.is_object(extension)) add_component(extension);
        }
    }

    void add_component(const Value& component) {
        Component added{&component, {}};
        for (const Value& rule : fields_.items(component, "rules")) {
            if (!fields_.is_object(rule)) continue;
            added.rules.push_back(&rule);
            const std::string id = fields_.required_text(rule, "id");
            if (rule_by_id_.emplace(id, &rule).second) report_.rules.push_back(rule_of(rule, id));
        }
        components_.push_back(std::move(added));
    }

    std::string message_text(const Value& owner, std::string_view key) {
        const Value* const message = fields_.object(owner, key);
        return message == nullptr ? std::string() : fields_.text(*message, "text");
    }

    model::Rule rule_of(const Value& rule, const std::string& id) {
        model::Rule made;
        made.id = id;
        made.pack = report_.analysis.tool;
        made.name = message_text(rule, "shortDescription");
        made.description = message_text(rule, "fullDescription");
        if (made.name.empty()) made.name = fields_.text(rule, "name");
        if (made.name.empty()) made.name = id;
        if (made.description.empty()) made.description = made.name;
        made.fix = message_text(rule, "help");
        made.help_url = fields_.text(rule, "helpUri");
        made.severity = default_severity(&rule);
        made.tags = tags_of(rule, fields_);
        // GitHub's form: "external/cwe/cwe-79".
        constexpr std::string_view kCwe = "external/cwe/cwe-";
        for (const std::string& tag : made.tags)
            if (made.cwe.empty() && tag.starts_with(kCwe))
                made.cwe = "CWE-" + tag.substr(kCwe.size());
        if (std::vector<std::string> former = fields_.texts(rule, "deprecatedIds"); !former.empty())
            read_.former_rules.emplace(id, std::move(former));
        return made;
    }

    // Section 3.50.3: "warning" where nothing says otherwise.
    Severity default_severity(const Value* rule) {
        if (rule == nullptr) return Severity::kMedium;
        if (const auto stated = stated_severity(*rule, fields_, odd_)) return *stated;
        const Value* const configuration = fields_.object(*rule, "defaultConfiguration");
        if (configuration == nullptr) return Severity::kMedium;
        const std::string level = fields_.text(*configuration, "level");
        note_if_odd("a rule's level", level, kLevels, "warning");
        return severity_of_level(level).value_or(Severity::kMedium);
    }

    void read_details() {
        if (const Value* details = fields_.object(run_, "automationDetails")) {
            // Section 3.17.2: the last component is the run's own; what is before it is what
            // several runs have in common.
            const std::string id = fields_.text(*details, "id");
            read_.category = id.substr(0, id.rfind('/') + 1);
        }
        for (const Value& origin : fields_.items(run_, "versionControlProvenance")) {
            if (!fields_.is_object(origin) || !read_.repository.empty()) continue;
            read_.repository = fields_.text(origin, "repositoryUri");
            report_.analysis.commit = fields_.text(origin, "revisionId");
            const std::string branch = fields_.text(origin, "branch");
            if (!branch.empty())
                report_.analysis.ref =
                    branch.starts_with("refs/") ? branch : "refs/heads/" + branch;
        }
        // Our own reports: what the rules were.
        if (const Value* properties = fields_.object(run_, "properties"))
            if (const Value* digest = properties->find("programDigest");
                digest != nullptr && digest->is_string())
                report_.analysis.program_digest = std::string(digest->as_string());
    }

    void add_gap(model::GapCause cause, std::string detail) {
        report_.analysis.complete = false;
        const std::string name(model::name(cause));
        auto& because = report_.analysis.incomplete_because;
        if (std::ranges::find(because, name) == because.end()) because.push_back(name);
        report_.coverage.gaps.push_back({cause, report_.analysis.tool, std::move(detail)});
    }

    // Sections 3.20.14 to 3.20.21: a tool that failed or was stopped, or that says that it could
    // not look at something, has not seen everything.
    void read_invocations() {
        for (const Value& invocation : fields_.items(run_, "invocations")) {
            if (!fields_.is_object(invocation)) continue;
            const std::size_t gaps = report_.coverage.gaps.size();
            for (const std::string_view list :
                 {"toolExecutionNotifications", "toolConfigurationNotifications"}) {
                for (const Value& notification : fields_.items(invocation, list))
                    if (fields_.is_object(notification)) read_notification(notification);
            }
            const bool is_whole =
                boolean_in(invocation, "executionSuccessful", fields_).value_or(true) &&
                fields_.text(invocation, "exitSignalName").empty() &&
                fields_.text(invocation, "processStartFailureMessage").empty();
            if (!is_whole && report_.coverage.gaps.size() == gaps)
                add_gap(model::GapCause::kScannerFailed, "the tool says that it did not succeed");
        }
        if (const Value* results = run_.find("results"); results == nullptr || results->is_null())
            add_gap(model::GapCause::kScannerFailed,
                    "the run has no list of results: the tool has not looked (section 3.14.23)");
    }

    void read_notification(const Value& notification) {
        if (fields_.text(notification, "level") != "error") return;
        const Value* const descriptor = fields_.object(notification, "descriptor");
        const std::string id =
            descriptor == nullptr ? std::string() : fields_.text(*descriptor, "id");
        const auto cause = model::parse_gap_cause(id);
        add_gap(cause.value_or(model::GapCause::kScannerFailed),
                message_text(notification, "message"));
    }

    void note_if_odd(std::string_view name, const std::string& value,
                     std::span<const std::string_view> known, const std::string& taken_for) {
        if (!value.empty() && std::ranges::find(known, value) == known.end())
            odd_.note(std::string(name) + " '" + value.substr(0, kMostShown) + "'", taken_for);
    }

    void read_results() {
        std::size_t left_out = 0;
        for (const Value& result : fields_.items(run_, "results")) {
            if (!fields_.is_object(result)) continue;
            const std::string kind = fields_.text(result, "kind");
            note_if_odd("kind", kind, kResultKinds, "fail");
            note_if_odd("baselineState", fields_.text(result, "baselineState"), kBaselineStates,
                        "none");
            if (kind == "pass" || kind == "notApplicable" ||
                fields_.text(result, "baselineState") == "absent") {
                ++left_out;
                continue;
            }
            read_result(result, kind);
        }
        if (left_out > 0)
            report_.notices.push_back(std::to_string(left_out) +
                                      " results are no findings: passed, not applicable or gone");
    }

    // The component that a reference means (section 3.54): by its index among the extensions.
    const Component* component_of(const Value* reference) {
        if (components_.empty()) return nullptr;
        const Value* const tool =
            reference == nullptr ? nullptr : fields_.object(*reference, "toolComponent");
        const auto index = tool == nullptr ? std::nullopt : integer_in(*tool, "index", fields_);
        if (!index || *index < 0) return &components_.front();
        const auto at = static_cast<std::size_t>(*index) + 1;
        return at < components_.size() ? &components_[at] : nullptr;
    }

    // Sections 3.27.5 to 3.27.7. A hierarchical id ("CA2101/foo") means the rule above it.
    const Value* find_rule(const Value& result, std::string& id) {
        const Value* const reference = fields_.object(result, "rule");
        id = fields_.text(result, "ruleId");
        if (id.empty() && reference != nullptr) id = fields_.text(*reference, "id");
        auto index = integer_in(result, "ruleIndex", fields_);
        if (index && *index < -1) odd_.note("ruleIndex " + std::to_string(*index), "none");
        if (reference != nullptr && !index) index = integer_in(*reference, "index", fields_);
        const Component* const component = component_of(reference);
        const Value* rule = nullptr;
        if (component != nullptr && index && *index >= 0 &&
            static_cast<std::size_t>(*index) < component->rules.size())
            rule = component->rules[static_cast<std::size_t>(*index)];
        else if (component != nullptr && index && *index >= 0)
            odd_.note("a ruleIndex that no rule has", "the rule of the result's id");
        if (id.empty() && rule != nullptr) id = fields_.text(*rule, "id");
        for (std::string_view name = id; rule == nullptr && !name.empty();) {
            if (const auto found = rule_by_id_.find(name); found != rule_by_id_.end())
                rule = found->second;
            const std::size_t slash = name.rfind('/');
            name = slash == std::string_view::npos ? std::string_view() : name.substr(0, slash);
        }
        return rule;
    }

    // Section 3.11.7: a text, or the rule's text by that name.
    std::string result_message(const Value& result, const Value* rule) {
        const Value* const message = fields_.object(result, "message");
        if (message == nullptr) return {};
        std::string text = fields_.text(*message, "text");
        if (text.empty()) {
            const std::string id = fields_.text(*message, "id");
            const Value* strings =
                rule == nullptr ? nullptr : fields_.object(*rule, "messageStrings");
            if ((strings == nullptr || strings->find(id) == nullptr) && !components_.empty())
                strings = fields_.object(*components_.front().value, "globalMessageStrings");
            if (strings != nullptr && !id.empty()) text = message_text(*strings, id);
        }
        if (text.empty()) text = fields_.text(*message, "markdown");
        return with_arguments(text, fields_.texts(*message, "arguments"));
    }

    Severity severity_of(const Value& result, const Value* rule, std::string_view kind) {
        if (const auto stated = stated_severity(result, fields_, odd_)) return *stated;
        // Section 3.27.10: a level means something for failures only.
        if (kind == "informational" || kind == "open" || kind == "review")
            return kind == "informational" ? Severity::kInfo : default_severity(rule);
        if (rule != nullptr)
            if (const auto stated = stated_severity(*rule, fields_, odd_)) return *stated;
        const std::string level = fields_.text(result, "level");
        if (level.empty()) return default_severity(rule);
        note_if_odd("level", level, kLevels,
                    severity_of_level(lower_case(level)) ? lower_case(level) : "high");
        // What nobody knows is not mild.
        return severity_of_level(lower_case(level)).value_or(Severity::kHigh);
    }

    void read_result(const Value& result, std::string_view kind) {
        model::Finding finding;
        const Value* const rule = find_rule(result, finding.rule_id);
        if (finding.rule_id.empty()) fields_.fail("a result without a rule", &result);
        finding.message = result_message(result, rule);
        if (finding.message.empty()) fields_.fail("a result without a message", &result);
        finding.severity = severity_of(result, rule, kind);
        finding.tags = tags_of(result, fields_);
        read_places(result, finding);
        read_fingerprints(result, finding);
        read_suppressions(result, finding);
        report_.findings.push_back(std::move(finding));
    }

    void read_places(const Value& result, model::Finding& finding) {
        bool is_first = true;
        for (const std::string_view list : {"locations", "relatedLocations"}) {
            for (const Value& location : fields_.items(result, list)) {
                if (!fields_.is_object(location)) continue;
                SarifPlaces::Place place = places_.place_of(location);
                if (!place.is_known) continue;
                if (is_first && list == "locations") {
                    finding.location = std::move(place.location);
                    finding.excerpt = std::move(place.excerpt);
                    if (!place.object.empty()) finding.properties["object"] = place.object;
                    is_first = false;
                } else if (finding.also_at.size() < kMaxSavedPlaces) {
                    finding.also_at.push_back(std::move(place.location));
                }
            }
        }
    }

    // Sections 3.27.16 and 3.27.17. The guid of a result is of this run alone (3.27.3); the
    // correlationGuid is of all its equals.
    void read_fingerprints(const Value& result, model::Finding& finding) {
        if (std::string guid = fields_.text(result, "correlationGuid"); !guid.empty())
            finding.fingerprints.push_back({"correlationGuid", std::move(guid)});
        for (const std::string_view list : {"fingerprints", "partialFingerprints"}) {
            const Value* const prints = fields_.object(result, list);
            if (prints == nullptr) continue;
            for (std::size_t i = 0; i < prints->size(); ++i) {
                std::string value = fields_.text_of(prints->values()[i]);
                const std::string_view name = prints->keys()[i].as_string();
                if (!value.empty())
                    finding.fingerprints.push_back({std::string(name), std::move(value)});
            }
        }
    }

    // Section 3.27.23: suppressed where each suppression is accepted.
    void read_suppressions(const Value& result, model::Finding& finding) {
        for (const Value& suppression : fields_.items(result, "suppressions")) {
            if (!fields_.is_object(suppression)) continue;
            const std::string status = fields_.text(suppression, "status");
            note_if_odd("a suppression's status", status, kSuppressionStates,
                        "one that does not hold");
            if (!status.empty() && status != "accepted") {
                finding.suppressed_by.clear();
                finding.suppression_reason.clear();
                return;
            }
            finding.suppressed_by =
                fields_.text(suppression, "kind") == "inSource" ? "inline" : "external";
            if (finding.suppression_reason.empty())
                finding.suppression_reason = fields_.text(suppression, "justification");
        }
    }

    const Value& run_;
    FieldReader& fields_;
    OddValues odd_;
    SarifPlaces places_;
    ReadReport read_;
    model::Report report_;  // of it
    std::vector<Component> components_;
    std::map<std::string, const Value*, std::less<>> rule_by_id_;
};

std::vector<ReadReport> read_runs(const Value& root, FieldReader& fields) {
    const std::string version = fields.text(root, "version");
    if (version != "2.1.0") {
        fields.fail("expected version 2.1.0 of SARIF, found '" + version + "'",
                    root.find("version") == nullptr ? &root : root.find("version"));
        return {};
    }
    if (const Value* inlined = root.find("inlineExternalProperties");
        inlined != nullptr && inlined->size() > 0) {
        fields.fail("inlineExternalProperties are not read; have the tool write whole runs",
                    inlined);
    }
    const std::span<const Value> runs = fields.items(root, "runs");
    if (root.find("runs") == nullptr) fields.fail("no runs", &root);
    if (runs.size() > kMaxRuns) {
        fields.fail(std::to_string(runs.size()) + " runs; at most " + std::to_string(kMaxRuns) +
                        " of one file are read",
                    root.find("runs"));
        return {};
    }
    std::vector<ReadReport> reports;
    for (const Value& run : runs) {
        if (fields.is_object(run)) reports.push_back(RunReader(run, fields).read());
    }
    return reports;
}

}  // namespace

bool looks_like_sarif(std::string_view first_bytes) {
    // Whole names: a report of another tool may have a file called sarif.
    constexpr std::array<std::string_view, 3> kMarks{"sarif-2.1.0", "sarif-schema-2.1.0",
                                                     "\"runs\""};
    return std::ranges::any_of(kMarks, [&](std::string_view mark) {
        return first_bytes.find(mark) != std::string_view::npos;
    });
}

Result<std::vector<ReadReport>> read_sarif(std::string_view bytes) {
    std::vector<ReadReport> reports;
    MERLON_TRY(read_fields(bytes, RecordSyntax::kJson, [&](const Value& root, FieldReader& fields) {
        if (fields.is_object(root)) reports = read_runs(root, fields);
    }));
    return reports;
}

}  // namespace merlon::exchange
