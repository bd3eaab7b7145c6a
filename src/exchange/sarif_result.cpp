#include "exchange/sarif_result.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/append.h"
#include "base/arena.h"
#include "base/ascii.h"
#include "base/interner.h"
#include "base/large_pages.h"
#include "base/thread_pool.h"
#include "exchange/foreign_text.h"
#include "exchange/plain_fields.h"
#include "exchange/sarif_weakness.h"

namespace merlon::exchange {
namespace {

using model::Severity;
using value::Value;

constexpr std::size_t kMaxSavedPlaces = 1'000;  // of one result, beside the first
constexpr std::size_t kReadAtOnce = 256;        // results, by one thread
constexpr std::size_t kMostShown = 40;          // bytes of a value that is not known
constexpr std::string_view kNoRule = "unnamed";
// Sections 3.27.9, 3.27.10, 3.27.24 and 3.35.3.
constexpr std::array<std::string_view, 6> kResultKinds{"pass",          "open",   "informational",
                                                       "notApplicable", "review", "fail"};
constexpr std::array<std::string_view, 4> kLevels{"none", "note", "warning", "error"};
constexpr std::array<std::string_view, 4> kBaselineStates{"new", "unchanged", "updated", "absent"};
constexpr std::array<std::string_view, 3> kSuppressionStates{"accepted", "underReview", "rejected"};

void note_if_odd(OddValues& odd, std::string_view name, const std::string& value,
                 std::span<const std::string_view> known, const std::string& taken_for) {
    if (!value.empty() && std::ranges::find(known, value) == known.end())
        odd.note(std::string(name) + " '" + value.substr(0, kMostShown) + "'", taken_for);
}

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

// Section 3.11: the text of a message, with its arguments in place.
std::string with_arguments(std::string_view text, const std::vector<std::string>& arguments) {
    if (text.find_first_of("{}") == std::string_view::npos) return std::string(text);
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

class ResultReader {
  public:
    ResultReader(const SarifRun& run, const SarifPlaces& places, FieldReader& fields,
                 OddValues& odd)
        : run_(run), places_(places), fields_(fields), odd_(odd) {}

    // Whether the result is a finding.
    bool read_result(const Value& result, model::Finding& finding) {
        const std::string kind = fields_.text(result, "kind");
        const std::string state = fields_.text(result, "baselineState");
        note_if_odd(odd_, "kind", kind, kResultKinds, "fail");
        note_if_odd(odd_, "baselineState", state, kBaselineStates, "none");
        if (kind == "pass" || kind == "notApplicable" || state == "absent") return false;
        const Value* const rule = find_rule(result, finding.rule_id);
        if (finding.rule_id.empty()) {
            // Section 3.27.5 asks for one, and does not demand it.
            finding.rule_id = kNoRule;
            odd_.note("a result without a rule", "one of the rule '" + std::string(kNoRule) + "'");
        }
        finding.message = result_message(result, rule);
        if (finding.message.empty()) fields_.fail("a result without a message", &result);
        finding.severity = severity_of(result, rule, kind);
        finding.tags = sarif_tags(result, fields_);
        read_taxa(result, finding);
        read_places(result, finding);
        read_properties(result, finding);
        read_package(finding);
        read_fingerprints(result, finding);
        read_suppressions(result, finding);
        return true;
    }

  private:
    // Sections 3.27.5 to 3.27.7. A hierarchical id ("CA2101/foo") means the rule above it.
    const Value* find_rule(const Value& result, std::string& id) {
        const Value* const reference = fields_.object(result, "rule");
        id = fields_.text(result, "ruleId");
        if (id.empty() && reference != nullptr) id = fields_.text(*reference, "id");
        auto index = integer_in(result, "ruleIndex", fields_);
        if (index && *index < -1) odd_.note("ruleIndex " + std::to_string(*index), "none");
        if (reference != nullptr && !index) index = integer_in(*reference, "index", fields_);
        const SarifComponent* const component = sarif_component_of(run_, reference, fields_);
        const Value* rule = nullptr;
        if (component != nullptr && index && *index >= 0 &&
            static_cast<std::size_t>(*index) < component->rules.size())
            rule = component->rules[static_cast<std::size_t>(*index)];
        else if (component != nullptr && index && *index >= 0)
            odd_.note("a ruleIndex that no rule has", "the rule of the result's id");
        if (id.empty() && rule != nullptr) id = fields_.text(*rule, "id");
        if (rule == nullptr && reference != nullptr) {
            const std::string guid = fields_.text(*reference, "guid");
            if (const auto found = run_.rule_by_guid.find(guid); found != run_.rule_by_guid.end())
                rule = found->second;
            if (id.empty()) id = rule == nullptr ? guid : fields_.text(*rule, "id");
        }
        if (component != nullptr && run_.shared_ids.contains(id)) {
            for (const Value* one : component->rules)
                if (rule == nullptr && fields_.text(*one, "id") == id) rule = one;
            id = sarif_rule_id(run_, *component, id, fields_);
        }
        for (std::string_view name = id; rule == nullptr && !name.empty();) {
            if (const auto found = run_.rule_by_id.find(name); found != run_.rule_by_id.end())
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
            if ((strings == nullptr || strings->find(id) == nullptr) && !run_.components.empty())
                strings = fields_.object(*run_.components.front().value, "globalMessageStrings");
            if (strings != nullptr && !id.empty()) text = sarif_message(*strings, id, fields_);
        }
        if (text.empty()) text = fields_.text(*message, "markdown");
        return with_arguments(text, fields_.texts(*message, "arguments"));
    }

    Severity severity_of(const Value& result, const Value* rule, std::string_view kind) {
        const std::string level = fields_.text(result, "level");
        // A score of zero is what tools write that have none: what they call an error is one.
        const auto is_scored = [&](const std::optional<Severity>& score) {
            return score && (*score != Severity::kInfo || (level != "error" && level != "warning"));
        };
        if (const auto stated = stated_severity(result, fields_, odd_); is_scored(stated))
            return *stated;
        // Section 3.27.10: a level means something for failures only.
        if (kind == "informational" || kind == "open" || kind == "review")
            return kind == "informational" ? Severity::kInfo
                                           : sarif_default_severity(rule, fields_, odd_);
        if (rule != nullptr)
            if (const auto stated = stated_severity(*rule, fields_, odd_); is_scored(stated))
                return *stated;
        if (level.empty()) return sarif_default_severity(rule, fields_, odd_);
        note_if_odd(odd_, "level", level, kLevels,
                    severity_of_level(lower_case(level)) ? lower_case(level) : "high");
        // What nobody knows is not mild.
        return severity_of_level(lower_case(level)).value_or(Severity::kHigh);
    }

    std::vector<SarifPlaces::Place> places_in(const Value& result, std::string_view list) {
        std::vector<SarifPlaces::Place> places;
        for (const Value& location : fields_.items(result, list)) {
            if (!fields_.is_object(location)) continue;
            SarifPlaces::Place place = places_.place_of(location, fields_, odd_);
            if (place.is_known) places.push_back(std::move(place));
        }
        return places;
    }

    static void add_place(SarifPlaces::Place place, model::Finding& finding) {
        if (finding.also_at.size() < kMaxSavedPlaces)
            finding.also_at.push_back(std::move(place.location));
    }

    void read_places(const Value& result, model::Finding& finding) {
        std::vector<SarifPlaces::Place> places = places_in(result, "locations");
        // Section 3.27.12: all of them are to be changed, and none is the first; as a set they are
        // the same tomorrow.
        if (places.size() > 1) {
            std::ranges::stable_sort(places, {}, [](const SarifPlaces::Place& place) {
                return model::to_string(place.location);
            });
        }
        for (std::size_t i = 0; i < places.size(); ++i) {
            if (i > 0) {
                add_place(std::move(places[i]), finding);
                continue;
            }
            finding.location = std::move(places[i].location);
            finding.excerpt = std::move(places[i].excerpt);
            if (!places[i].object.empty())
                finding.properties["object"] = places[i].object;
            else if (!places[i].symbol.empty())
                finding.properties["symbol"] = places[i].symbol;
            if (!places[i].offset.empty()) finding.properties["offset"] = places[i].offset;
        }
        read_request(result, finding);
        for (SarifPlaces::Place& place : places_in(result, "relatedLocations"))
            add_place(std::move(place), finding);
    }

    // Section 3.46: of a scan of something that runs, the request is the place, or tells two apart.
    void read_request(const Value& result, model::Finding& finding) {
        const Value* const request = fields_.object(result, "webRequest");
        if (request == nullptr) return;
        const std::string target = fields_.text(*request, "target");
        if (target.empty()) return;
        if (model::to_string(finding.location).empty())
            finding.location = model::UrlLocation{target};
        const std::string method = fields_.text(*request, "method");
        finding.properties["request"] = method.empty() ? target : method + " " + target;
    }

    // Trivy's SARIF names the package in its message alone, a line each. Its version changes, and
    // it stays what it was.
    static void read_package(model::Finding& finding) {
        constexpr std::string_view kName = "Package: ", kVersion = "Installed Version: ";
        if (!finding.message.starts_with(kName)) return;
        const std::vector<std::string> lines = lines_of(finding.message);
        if (lines.size() < 2 || !lines[1].starts_with(kVersion)) return;
        finding.properties["package"] = lines[0].substr(kName.size());
        finding.properties["version"] = lines[1].substr(kVersion.size());
        finding.properties.try_emplace("object", lines[0].substr(kName.size()));
    }

    // What the result itself says it is about, which its rule may not say.
    void read_taxa(const Value& result, model::Finding& finding) const {
        if (result.find("taxa") == nullptr) return;
        for (std::string& weakness : sarif_weaknesses(result, *run_.value)) {
            const bool is_tagged = std::ranges::any_of(
                finding.tags, [&](const std::string& tag) { return cwe_in_tag(tag) == weakness; });
            if (!is_tagged) finding.tags.push_back(std::move(weakness));
        }
    }

    // A package that is named in the bag of properties is what the result is about; what else
    // stands there tells apart results that are equal but for it.
    void read_properties(const Value& result, model::Finding& finding) {
        const Value* const properties = fields_.object(result, "properties");
        if (properties == nullptr) return;
        for (std::size_t i = 0; i < properties->size(); ++i) {
            const Value& value = properties->values()[i];
            const std::string_view name = properties->keys()[i].as_string();
            if (!value.is_string()) continue;
            if ((name == "purl" || name == "packageUrl") && value.as_string().starts_with("pkg:"))
                finding.properties["purl"] = std::string(value.as_string());
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
            note_if_odd(odd_, "a suppression's status", status, kSuppressionStates,
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

    const SarifRun& run_;
    const SarifPlaces& places_;
    FieldReader& fields_;
    OddValues& odd_;
};

// Some of the results, by one thread.
struct ResultPart {
    std::vector<std::size_t> left_out;
    OddValues odd;
    FieldReader fields;
};

// Trees of results, made by one thread.
class ResultTrees {
  public:
    // Null, and a problem of `fields`, for what is no JSON. Good until clear().
    const Value* read(std::string_view text, FieldReader& fields) {
        constexpr std::size_t kDepthOfResults = 4;  // document, runs, run, results
        const auto document = text::read_json(text, arena_, interner_,
                                              {.duplicate_keys = text::DuplicateKeys::kRefuse,
                                               .max_depth = kMaxRecordDepth - kDepthOfResults,
                                               .cancel = fields.cancel()});
        if (document.ok()) return document.value().root;
        fields.fail(document.error().message, nullptr);
        return nullptr;
    }

    void clear() {
        arena_.reset();
        interner_.reset();
    }

  private:
    Arena arena_;
    Interner interner_;
};

// In the order of `places`.
void erase_at(std::vector<model::Finding>& findings, const std::vector<std::size_t>& places) {
    if (places.empty()) return;
    auto next = places.begin();
    std::size_t to = *next;
    for (std::size_t from = to; from < findings.size(); ++from) {
        if (next != places.end() && from == *next)
            ++next;
        else
            findings[to++] = std::move(findings[from]);
    }
    findings.resize(to);
}

}  // namespace

std::vector<std::string> sarif_tags(const Value& owner, FieldReader& fields) {
    const Value* const properties = fields.object(owner, "properties");
    return properties == nullptr ? std::vector<std::string>() : fields.texts(*properties, "tags");
}

const SarifComponent* sarif_component_of(const SarifRun& run, const Value* reference,
                                         FieldReader& fields) {
    if (run.components.empty()) return nullptr;
    const Value* const tool =
        reference == nullptr ? nullptr : fields.object(*reference, "toolComponent");
    const auto index = tool == nullptr ? std::nullopt : integer_in(*tool, "index", fields);
    if (tool != nullptr && !index) {
        for (const std::string_view key : {"guid", "name"}) {
            const std::string said = fields.text(*tool, key);
            for (const SarifComponent& one : run.components)
                if (!said.empty() && fields.text(*one.value, key) == said) return &one;
        }
    }
    if (!index || *index < 0) return &run.components.front();
    const auto at = static_cast<std::size_t>(*index) + 1;
    return at < run.components.size() ? &run.components[at] : nullptr;
}

std::string sarif_rule_id(const SarifRun& run, const SarifComponent& component,
                          const std::string& id, FieldReader& fields) {
    const bool is_driver = &component == &run.components.front();
    if (is_driver || !run.shared_ids.contains(id)) return id;
    const std::string name = fields.text(*component.value, "name");
    return name.empty() ? id : name + "/" + id;
}

std::string sarif_message(const Value& owner, std::string_view key, FieldReader& fields) {
    const Value* const message = fields.object(owner, key);
    return message == nullptr ? std::string() : fields.text(*message, "text");
}

// Section 3.50.3: "warning" where nothing says otherwise.
Severity sarif_default_severity(const Value* rule, FieldReader& fields, OddValues& odd) {
    if (rule == nullptr) return Severity::kMedium;
    if (const auto stated = stated_severity(*rule, fields, odd)) return *stated;
    const Value* const configuration = fields.object(*rule, "defaultConfiguration");
    if (configuration == nullptr) return Severity::kMedium;
    const std::string level = fields.text(*configuration, "level");
    note_if_odd(odd, "a rule's level", level, kLevels, "warning");
    return severity_of_level(level).value_or(Severity::kMedium);
}

SarifFindings read_sarif_results(const SarifResults& results, const SarifRun& run,
                                 const SarifPlaces& places, FieldReader& fields) {
    // Each is read where it stays: a finding is long to move.
    SarifFindings all;
    all.findings.reserve(results.size());
    ask_for_large_pages(all.findings.data(), results.size() * sizeof(model::Finding));
    all.findings.resize(results.size());
    std::vector<ResultPart> parts((results.size() + kReadAtOnce - 1) / kReadAtOnce);
    for (ResultPart& part : parts) part.fields = FieldReader(fields.cancel());
    ThreadPool pool(parts.size() < 2 ? 1 : available_cores());
    std::vector<ResultTrees> trees(pool.size());
    const auto read_part = [&](std::size_t index, unsigned worker) {
        ResultPart& part = parts[index];
        trees[worker].clear();
        const std::size_t begin = index * kReadAtOnce;
        const std::size_t end = std::min(begin + kReadAtOnce, results.size());
        ResultReader reader(run, places, part.fields, part.odd);
        for (std::size_t i = begin; i < end; ++i) {
            const Value* const result = results.values.empty()
                                            ? trees[worker].read(results.texts[i], part.fields)
                                            : &results.values[i];
            if (result == nullptr || !part.fields.is_object(*result) ||
                !reader.read_result(*result, all.findings[i]))
                part.left_out.push_back(i);
        }
    };
    pool.for_each(parts.size(), read_part);
    std::vector<std::size_t> left_out;
    for (ResultPart& part : parts) {
        append(left_out, std::move(part.left_out));
        all.odd.add(part.odd);
        if (part.fields.problem()) fields.fail(*part.fields.problem(), part.fields.place());
    }
    erase_at(all.findings, left_out);
    all.left_out = left_out.size();
    return all;
}

}  // namespace merlon::exchange
