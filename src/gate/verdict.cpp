#include "gate/verdict.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/arena.h"
#include "base/clock.h"
#include "base/interner.h"
#include "crypto/digest.h"
#include "gate/exceptions.h"
#include "gate/fields.h"
#include "gate/validity.h"
#include "rego/go_time.h"
#include "text/json.h"

namespace merlon::gate {
namespace {

using value::Value;

constexpr std::array<std::string_view, 3> kOutcomeNames = {"pass", "fail", "unknown"};
constexpr std::string_view kStatementType = "https://in-toto.io/Statement/v1";
constexpr std::string_view kPredicateType = "https://slsa.dev/verification_summary/v1";
constexpr std::string_view kVerifier = "https://merlon.invalid/gate";
constexpr std::size_t kMaxInputDepth = 64;

Outcome outcome_of(const std::vector<Condition>& conditions) {
    Outcome outcome = Outcome::kPass;
    for (const Condition& condition : conditions) {
        if (condition.status == ConditionStatus::kFail) return Outcome::kFail;
        if (condition.status == ConditionStatus::kUnknown) outcome = Outcome::kUnknown;
    }
    return outcome;
}

// "sha256:ab…" as in-toto has it: {"sha256": "ab…"}.
void write_digest_set(text::JsonWriter& json, std::string_view digest) {
    const std::size_t colon = digest.find(':');
    json.begin_object();
    if (colon != std::string_view::npos)
        json.member(digest.substr(0, colon), digest.substr(colon + 1));
    json.end_object();
}

void write_descriptor(text::JsonWriter& json, std::string_view uri, std::string_view digest) {
    json.begin_object().member("uri", uri).key("digest");
    write_digest_set(json, digest);
    json.end_object();
}

void write_condition(text::JsonWriter& json, const Condition& condition) {
    json.begin_object().member("id", condition.id).member("title", condition.title);
    json.member("status", name(condition.status)).member("reason", condition.reason);
    json.key("evidence").begin_array();
    for (const Evidence& one : condition.evidence) {
        json.begin_object().member("text", one.text);
        if (!one.document.empty()) json.member("document", one.document);
        if (!one.key.empty()) json.member("key", one.key);
        json.end_object();
    }
    json.end_array().member("fix", condition.fix).key("approvers").begin_array();
    for (const std::string& one : condition.approvers) json.string(one);
    json.end_array().end_object();
}

std::string statement_of(const Verdict& verdict, std::string_view version) {
    std::string out;
    text::JsonWriter json(out);
    json.begin_object().member("_type", kStatementType).key("subject").begin_array();
    json.begin_object().member("name", verdict.subject_name).key("digest");
    write_digest_set(json, verdict.subject_digest);
    json.end_object().end_array().member("predicateType", kPredicateType);
    json.key("predicate").begin_object().key("verifier").begin_object().member("id", kVerifier);
    json.key("version").begin_object().member("merlon", version).end_object().end_object();
    json.member("timeVerified", verdict.time).member("resourceUri", verdict.subject_name);
    json.key("policy");
    write_descriptor(json, "merlon:gate-policy", verdict.policy_digest);
    json.key("inputAttestations").begin_array();
    write_descriptor(json, "merlon:gate-input", verdict.input_digest);
    json.end_array();
    json.member("verificationResult", verdict.outcome == Outcome::kPass ? "PASSED" : "FAILED");
    json.key("verifiedLevels").begin_array().end_array().member("slsaVersion", "1.0");
    json.member("merlon_gate", verdict.gate).member("merlon_environment", verdict.environment);
    json.member("merlon_outcome", name(verdict.outcome)).member("merlon_expires", verdict.expires);
    json.key("merlon_conditions").begin_array();
    for (const Condition& condition : verdict.conditions) write_condition(json, condition);
    json.end_array().end_object().end_object();
    return out;
}

// The verdict holds for its time to live, but no longer than what it rests on: the exceptions that
// were needed, decisions that suppress findings, the hours of the environment (validity.h).
Result<std::string> expiry_of(const std::string& now, const Value& input,
                              const std::string& exceptions_end) {
    const Value* const seconds = input.find("time_to_live_s");
    const std::int64_t life =
        seconds != nullptr && seconds->is_number() ? seconds->as_integer().value_or(0) : 0;
    constexpr std::int64_t kMostSeconds = std::int64_t{366} * 24 * 3600;
    rego::Instant instant = MERLON_TRY(rego::parse_time(rego::named_layout("RFC3339"), now));
    const std::int64_t open_s = seconds_until_closed(input, instant.seconds);
    instant.seconds += std::clamp<std::int64_t>(std::min(life, open_s), 0, kMostSeconds);
    constexpr std::int64_t kLatest = INT64_MAX / 1'000'000'000;
    std::string end = format_rfc3339(
        {std::clamp<std::int64_t>(instant.seconds, -kLatest, kLatest) * 1'000'000'000});
    // Times of one form in UTC are ordered as texts are.
    if (!exceptions_end.empty() && exceptions_end.ends_with('Z'))
        end = std::min(end, exceptions_end);
    const Value* const findings = input.find("findings");
    for (std::size_t i = 0; findings != nullptr && findings->is_array() && i < findings->size();
         ++i) {
        const std::string until = text_at(findings->items()[i], "suppressed_until");
        if (!until.empty()) end = std::min(end, until);
    }
    return end;
}

}  // namespace

std::string_view name(Outcome outcome) { return kOutcomeNames[static_cast<std::size_t>(outcome)]; }

Result<Verdict> judge(const Policy& policy, std::string_view input, const CancelToken* cancel) {
    Arena arena;
    Interner interner;
    const value::ValueDocument document =
        MERLON_TRY(text::read_json(input, arena, interner, {.max_depth = kMaxInputDepth}));
    const Value& root = *document.root;
    if (text_at(root, "schema") != "merlon-gate-input")
        return Error{"this is no input of a gate: 'schema' is not merlon-gate-input"};
    Verdict verdict;
    verdict.gate = text_at(root, "gate");
    verdict.time = text_at(root, "now");
    if (const Value* subject = root.find("subject"); subject != nullptr) {
        verdict.subject_name = text_at(*subject, "name");
        verdict.subject_digest = text_at(*subject, "digest");
    }
    if (const Value* environment = root.find("environment"); environment != nullptr)
        verdict.environment = text_at(*environment, "name");
    verdict.policy_digest = policy.digest();
    verdict.input_digest = crypto::sha256(input).to_string();
    verdict.conditions = policy.conditions(root, cancel);
    if (cancel != nullptr && cancel->cancelled()) return Error{"interrupted; nothing was decided"};
    const std::string exceptions_end = apply_exceptions(root, verdict.conditions);
    verdict.expires = MERLON_TRY(expiry_of(verdict.time, root, exceptions_end));
    verdict.outcome = outcome_of(verdict.conditions);
    verdict.has_unknown = std::ranges::any_of(verdict.conditions, [](const Condition& one) {
        return one.status == ConditionStatus::kUnknown;
    });
    verdict.statement = statement_of(verdict, text_at(root, "merlon"));
    verdict.id = crypto::sha256(verdict.statement).to_string();
    return verdict;
}

}  // namespace merlon::gate
