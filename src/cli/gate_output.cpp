#include "cli/gate_output.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/arena.h"
#include "base/interner.h"
#include "base/joined.h"
#include "gate/fields.h"
#include "text/json.h"
#include "text/utf8.h"

namespace merlon::cli {
namespace {

using gate::Condition;
using gate::ConditionStatus;
using gate::text_at;
using value::Value;

constexpr std::size_t kShownEvidence = 10;

// What stops it stands first.
int rank_of(ConditionStatus status) {
    switch (status) {
        case ConditionStatus::kFail:
            return 0;
        case ConditionStatus::kUnknown:
            return 1;
        case ConditionStatus::kExcepted:
            return 2;
        case ConditionStatus::kPass:
            break;
    }
    return 3;
}

std::string_view word_of(ConditionStatus status) {
    switch (status) {
        case ConditionStatus::kFail:
            return "FAIL";
        case ConditionStatus::kUnknown:
            return "UNKNOWN";
        case ConditionStatus::kExcepted:
            return "excepted";
        case ConditionStatus::kPass:
            break;
    }
    return "pass";
}

void append_line(std::string& out, std::string_view text) {
    out += fmt::format("            {}\n", text::to_printable(text));
}

void append_condition(const Condition& condition, std::string& out) {
    out += fmt::format("  {:<8}  {}: {}\n", word_of(condition.status),
                       text::to_printable(condition.id), text::to_printable(condition.title));
    const bool is_told = condition.status != ConditionStatus::kPass;
    if (!condition.reason.empty() && is_told) append_line(out, condition.reason);
    const std::size_t shown = std::min(condition.evidence.size(), kShownEvidence);
    for (std::size_t i = 0; i < shown; ++i) append_line(out, "- " + condition.evidence[i].text);
    if (condition.evidence.size() > shown)
        append_line(out, fmt::format("- and {} more (--format json has them all)",
                                     condition.evidence.size() - shown));
    const bool is_stopped =
        condition.status == ConditionStatus::kFail || condition.status == ConditionStatus::kUnknown;
    if (!is_stopped) return;
    if (!condition.fix.empty()) append_line(out, "to pass: " + condition.fix);
    if (!condition.approvers.empty())
        append_line(out, "may approve: " + joined(condition.approvers, ", "));
}

std::string_view word_of(gate::Outcome outcome) {
    if (outcome == gate::Outcome::kPass) return "PASS";
    return outcome == gate::Outcome::kFail ? "FAIL" : "UNKNOWN";
}

std::size_t size_at(const Value& root, std::string_view key) {
    const Value* const found = root.find(key);
    return found == nullptr ? 0 : found->size();
}

void write_head(text::JsonWriter& json, const gate::Verdict& verdict) {
    json.member("schema", "merlon-gate-verdict").key("version").integer(1);
    json.member("id", verdict.id).member("outcome", gate::name(verdict.outcome));
    json.key("unknown").boolean(verdict.has_unknown);
    json.key("statement").raw(verdict.statement);
}

}  // namespace

std::string verdict_as_text(const gate::Verdict& verdict, VerdictPlace place) {
    std::string out = fmt::format("gate {}{}: {}\n", verdict.gate,
                                  verdict.environment.empty() ? "" : " to " + verdict.environment,
                                  word_of(verdict.outcome));
    std::vector<const Condition*> conditions;
    for (const Condition& condition : verdict.conditions) conditions.push_back(&condition);
    std::ranges::stable_sort(conditions, {},
                             [](const Condition* one) { return rank_of(one->status); });
    for (const Condition* condition : conditions) append_condition(*condition, out);
    out += fmt::format("verdict {}{}\n", verdict.id,
                       place == VerdictPlace::kStored ? "" : " (not in a store)");
    out += text::to_printable(fmt::format("of {} {}, until {}", verdict.subject_name,
                                          verdict.subject_digest, verdict.expires)) +
           "\n";
    return out;
}

std::string verdict_as_json(const gate::Verdict& verdict) {
    std::string out;
    text::JsonWriter json(out, "  ");
    json.begin_object();
    write_head(json, verdict);
    json.end_object();
    return out + "\n";
}

std::string explanation_as_json(const gate::Verdict& verdict, std::string_view input) {
    std::string out;
    text::JsonWriter json(out, "  ");
    json.begin_object();
    write_head(json, verdict);
    json.key("input").raw(input).end_object();
    return out + "\n";
}

std::string explanation_as_text(std::string_view input) {
    Arena arena;
    Interner interner;
    const auto read = text::read_json(input, arena, interner);
    if (!read.ok()) return {};
    const Value& root = *read.value().root;
    const Value* const coverage = root.find("coverage");
    std::string out = fmt::format(
        "judged at {} by the settings of {}: {} findings of {} analyses, {} packages, {} bills of "
        "materials, {} attestations, {} decisions of people\n",
        text_at(root, "now"), text_at(root, "settings_from"), size_at(root, "findings"),
        coverage == nullptr ? 0 : size_at(*coverage, "analyses"), size_at(root, "packages"),
        size_at(root, "boms"), size_at(root, "attestations"), size_at(root, "decisions"));
    return text::to_printable(out.substr(0, out.size() - 1)) + "\n";
}

Result<StatementParts> parts_of_statement(std::string_view statement) {
    Arena arena;
    Interner interner;
    const auto read = MERLON_TRY(text::read_json(statement, arena, interner));
    const auto digest_at = [](const Value* descriptor) {
        const Value* const set = descriptor == nullptr ? nullptr : descriptor->find("digest");
        return set == nullptr ? std::string() : text_at(*set, "sha256");
    };
    StatementParts parts;
    if (const Value* predicate = read.root->find("predicate"); predicate != nullptr) {
        parts.policy_digest = digest_at(predicate->find("policy"));
        const Value* const inputs = predicate->find("inputAttestations");
        if (inputs != nullptr && inputs->is_array() && inputs->size() == 1)
            parts.input_digest = digest_at(&inputs->items()[0]);
    }
    if (parts.policy_digest.empty() || parts.input_digest.empty())
        return Error{"this is no verdict of a gate"};
    return parts;
}

std::string simulation_as_text(const gate::Simulation& simulation, std::int64_t days) {
    std::string out;
    for (const gate::ChangedVerdict& one : simulation.changed) {
        out += fmt::format("{}  {} {}: {} -> {}{}\n", one.before.time, one.before.gate,
                           one.before.id, one.before.outcome, one.outcome,
                           one.because.empty() ? "" : " (" + joined(one.because, ", ") + ")");
    }
    return out + fmt::format("{} of {} verdicts of the last {} days would be others\n",
                             simulation.changed.size(), simulation.verdicts, days);
}

std::string simulation_as_json(const gate::Simulation& simulation, std::int64_t days) {
    std::string out;
    text::JsonWriter json(out, "  ");
    json.begin_object().key("days").integer(days);
    json.key("verdicts").integer(static_cast<std::int64_t>(simulation.verdicts));
    json.key("broken").integer(static_cast<std::int64_t>(simulation.broken));
    json.key("changed").begin_array();
    for (const gate::ChangedVerdict& one : simulation.changed) {
        json.begin_object().member("verdict", one.before.id).member("gate", one.before.gate);
        json.member("time", one.before.time).member("before", one.before.outcome);
        json.member("after", one.outcome).key("because").begin_array();
        for (const std::string& id : one.because) json.string(id);
        json.end_array().end_object();
    }
    json.end_array().end_object();
    return out + "\n";
}

}  // namespace merlon::cli
