#include "exchange/sarif_read.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/arena.h"
#include "base/ascii.h"
#include "base/interner.h"
#include "crypto/digest.h"
#include "exchange/date_time.h"
#include "exchange/field_reader.h"
#include "exchange/foreign_text.h"
#include "exchange/plain_fields.h"
#include "exchange/sarif_outline.h"
#include "exchange/sarif_places.h"
#include "exchange/sarif_result.h"
#include "exchange/sarif_weakness.h"

namespace merlon::exchange {
namespace {

using model::Severity;
using value::Value;

constexpr std::size_t kMaxRuns = 1'000;

// Tools that are run with some rules today and with others tomorrow, and whose reports list all
// that ran (section 3.19.23 lets a tool list those alone that found something). Their drivers are
// called "Semgrep OSS", "Opengrep OSS", "CodeQL command-line toolchain" and the like.
bool lists_all_rules(std::string_view tool) {
    constexpr std::array<std::string_view, 3> kNames{"semgrep", "opengrep", "codeql"};
    const std::string name = lower_case(tool);
    return std::ranges::any_of(kNames, [&](std::string_view one) {
        return name == one || name.starts_with(std::string(one) + ' ');
    });
}

class RunReader {
  public:
    // `texts` are the results that were taken out of the run.
    RunReader(const Value& run, std::span<const std::string_view> texts, FieldReader& fields)
        : run_(run), texts_(texts), fields_(fields), places_(run, fields) {
        facts_.value = &run;
    }

    ReadReport read() {
        refuse_what_stands_elsewhere();
        read_tool();
        read_details();
        read_invocations();
        read_.lists_rules = !report_.rules.empty() && lists_all_rules(report_.analysis.tool);
        read_results();
        take_configuration();
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
        add_shared_rules();
    }

    // Section 3.19.2: two extensions may have a rule of one id each, which are two rules.
    void add_shared_rules() {
        for (const SarifComponent& component : facts_.components) {
            for (const Value* rule : component.rules) {
                const std::string id = fields_.text(*rule, "id");
                std::string whole = sarif_rule_id(facts_, component, id, fields_);
                if (whole != id) report_.rules.push_back(rule_of(*rule, whole));
            }
        }
    }

    void add_component(const Value& component) {
        SarifComponent added{&component, {}};
        for (const Value& rule : fields_.items(component, "rules")) {
            if (!fields_.is_object(rule)) continue;
            added.rules.push_back(&rule);
            const std::string id = fields_.required_text(rule, "id");
            if (const std::string guid = fields_.text(rule, "guid"); !guid.empty())
                facts_.rule_by_guid.emplace(guid, &rule);
            const auto [known, is_first] = facts_.rule_by_id.emplace(id, &rule);
            if (is_first)
                report_.rules.push_back(rule_of(rule, id));
            else if (std::ranges::find(added.rules, known->second) == added.rules.end())
                facts_.shared_ids.insert(id);
        }
        facts_.components.push_back(std::move(added));
    }

    model::Rule rule_of(const Value& rule, const std::string& id) {
        model::Rule made;
        made.id = id;
        made.pack = report_.analysis.tool;
        made.name = sarif_message(rule, "shortDescription", fields_);
        made.description = sarif_message(rule, "fullDescription", fields_);
        if (made.name.empty()) made.name = fields_.text(rule, "name");
        if (made.name.empty()) made.name = id;
        if (made.description.empty()) made.description = made.name;
        made.fix = sarif_message(rule, "help", fields_);
        made.help_url = fields_.text(rule, "helpUri");
        made.severity = sarif_default_severity(&rule, fields_, odd_);
        made.tags = sarif_tags(rule, fields_);
        for (std::string& weakness : sarif_weaknesses(rule, run_)) {
            if (made.cwe.empty()) made.cwe = weakness;
            // What no tag says yet; a rule may have several.
            const bool is_tagged = std::ranges::any_of(
                made.tags, [&](const std::string& tag) { return cwe_in_tag(tag) == weakness; });
            if (!is_tagged) made.tags.push_back(std::move(weakness));
        }
        if (std::vector<std::string> former = fields_.texts(rule, "deprecatedIds"); !former.empty())
            read_.former_rules.emplace(id, std::move(former));
        return made;
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
        read_.is_coverage_assumed = fields_.items(run_, "invocations").empty();
        for (const Value& invocation : fields_.items(run_, "invocations")) {
            if (!fields_.is_object(invocation)) continue;
            read_overrides(invocation);
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
            read_end(invocation);
            if (!is_whole && report_.coverage.gaps.size() == gaps)
                add_gap(model::GapCause::kScannerFailed, "the tool says that it did not succeed");
        }
        if (const Value* results = run_.find("results"); results == nullptr || results->is_null())
            add_gap(model::GapCause::kScannerFailed,
                    "the run has no list of results: the tool has not looked (section 3.14.23)");
    }

    // Sections 3.20.7 and 3.20.8; of several invocations the last one.
    void read_end(const Value& invocation) {
        std::string text = fields_.text(invocation, "endTimeUtc");
        if (text.empty()) text = fields_.text(invocation, "startTimeUtc");
        if (text.empty()) return;
        const Result<Timestamp> ended = parse_date_time(text);
        if (!ended.ok())
            odd_.note("the time '" + text + "' of an invocation", "none");
        else if (!read_.ended || *read_.ended < ended.value())
            read_.ended = ended.value();
    }

    // Sections 3.20.5 and 3.51: a rule that was switched off finds nothing, so what it has found
    // before is not gone.
    void read_overrides(const Value& invocation) {
        for (const Value& item : fields_.items(invocation, "ruleConfigurationOverrides")) {
            if (!fields_.is_object(item)) continue;
            const Value* const descriptor = fields_.object(item, "descriptor");
            const Value* const configuration = fields_.object(item, "configuration");
            if (descriptor == nullptr || configuration == nullptr) continue;
            const auto is_enabled = boolean_in(*configuration, "enabled", fields_);
            if (is_enabled) switched_[name_of(*descriptor)] = *is_enabled;
        }
    }

    std::string name_of(const Value& descriptor) {
        std::string id = fields_.text(descriptor, "id");
        if (id.empty()) id = fields_.text(descriptor, "guid");
        const auto index = integer_in(descriptor, "index", fields_);
        const SarifComponent* const component = sarif_component_of(facts_, &descriptor, fields_);
        if (!id.empty() || !index || *index < 0 || component == nullptr) return id;
        const auto& rules = component->rules;
        const auto at = static_cast<std::size_t>(*index);
        return at < rules.size() ? fields_.text(*rules[at], "id") : "#" + std::to_string(at);
    }

    // Which rules were off. Where none was, it is what it is without a word of it. One that has
    // found something was on, whatever is usual: Ruff tells of nothing else.
    void take_configuration() {
        for (const model::Finding& finding : report_.findings) has_found_.insert(finding.rule_id);
        for (const SarifComponent& component : facts_.components) {
            for (const Value* rule : component.rules) {
                const Value* const usual = fields_.object(*rule, "defaultConfiguration");
                if (usual != nullptr && !boolean_in(*usual, "enabled", fields_).value_or(true))
                    switched_.try_emplace(fields_.text(*rule, "id"), false);
            }
        }
        std::string off;
        for (const auto& [rule, is_enabled] : switched_) {
            if (!is_enabled && take_off(rule)) off += rule + '\n';
        }
        if (!off.empty()) report_.analysis.configuration_digest = crypto::sha256(off).to_string();
    }

    // Of an id that several extensions have, each: which of them is meant, is not asked for.
    // Returns whether one was off.
    bool take_off(const std::string& rule) {
        const auto by_guid = facts_.rule_by_guid.find(rule);
        const std::string id =
            by_guid == facts_.rule_by_guid.end() ? rule : fields_.text(*by_guid->second, "id");
        bool was_off = false;
        for (const SarifComponent& component : facts_.components) {
            std::string whole = sarif_rule_id(facts_, component, id, fields_);
            if (has_found_.contains(whole)) continue;
            read_.rules_off.insert(std::move(whole));
            was_off = true;
        }
        return was_off;
    }

    void read_notification(const Value& notification) {
        if (fields_.text(notification, "level") != "error") return;
        const Value* const descriptor = fields_.object(notification, "descriptor");
        const std::string id =
            descriptor == nullptr ? std::string() : fields_.text(*descriptor, "id");
        const auto cause = model::parse_gap_cause(id);
        add_gap(cause.value_or(model::GapCause::kScannerFailed),
                sarif_message(notification, "message", fields_));
    }

    void read_results() {
        const SarifResults results{.values = fields_.items(run_, "results"), .texts = texts_};
        SarifFindings read = read_sarif_results(results, facts_, places_, fields_);
        report_.findings = std::move(read.findings);
        odd_.add(read.odd);
        if (read.left_out > 0)
            report_.notices.push_back(std::to_string(read.left_out) +
                                      " results are no findings: passed, not applicable or gone");
    }

    const Value& run_;
    std::span<const std::string_view> texts_;
    FieldReader& fields_;
    OddValues odd_;
    SarifPlaces places_;
    ReadReport read_;
    model::Report report_;  // of it
    SarifRun facts_;
    std::map<std::string, bool> switched_;  // rules, on or off
    std::set<std::string, std::less<>> has_found_;
};

using ResultTexts = std::span<const std::vector<std::string_view>>;  // of each run

std::vector<ReadReport> read_runs(const Value& root, ResultTexts texts, FieldReader& fields) {
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
    for (std::size_t i = 0; i < runs.size(); ++i) {
        if (!fields.is_object(runs[i])) continue;
        const bool is_apart = texts.size() == runs.size();
        reports.push_back(
            RunReader(runs[i], is_apart ? texts[i] : std::span<const std::string_view>(), fields)
                .read());
    }
    return reports;
}

// Nothing where anything is wrong with it: what that is, and where, the whole tree tells.
std::optional<std::vector<ReadReport>> read_in_parts(std::string_view bytes,
                                                     const CancelToken* cancel) {
    const std::optional<SarifOutline> outline = outline_sarif(bytes, cancel);
    if (!outline) return std::nullopt;
    Arena arena;
    Interner interner;
    const auto document = text::read_json(outline->text, arena, interner,
                                          {.duplicate_keys = text::DuplicateKeys::kRefuse,
                                           .max_depth = kMaxRecordDepth,
                                           .cancel = cancel});
    if (!document.ok() || !document.value().root->is_object()) return std::nullopt;
    FieldReader fields(cancel);
    auto reports = read_runs(*document.value().root, outline->results, fields);
    if (fields.problem() || fields.is_interrupted()) return std::nullopt;
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

Result<std::vector<ReadReport>> read_sarif(std::string_view bytes, const CancelToken* cancel) {
    if (auto reports = read_in_parts(bytes, cancel)) return *std::move(reports);
    std::vector<ReadReport> reports;
    MERLON_TRY(read_fields(
        bytes, RecordSyntax::kJson,
        [&](const Value& root, FieldReader& fields) {
            if (fields.is_object(root)) reports = read_runs(root, {}, fields);
        },
        cancel));
    return reports;
}

}  // namespace merlon::exchange
