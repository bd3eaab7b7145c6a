#include "gate/decisions.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <optional>
#include <tuple>

#include "base/arena.h"
#include "base/interner.h"
#include "crypto/digest.h"
#include "evidence/seconds.h"
#include "gate/fields.h"
#include "rego/go_time.h"
#include "text/json.h"

namespace merlon::gate {
namespace {

using value::Value;

constexpr std::string_view kStatementSchema = "merlon-decision";
constexpr std::string_view kDocumentSchema = "merlon-signed-decision";
constexpr std::array<std::string_view, 4> kKinds = {"approve", "reject", "except", "break-glass"};
constexpr std::int64_t kVersionWithCovers = 2;
constexpr std::int64_t kClockSkewS = 300;
constexpr std::size_t kMaxDecisionDepth = 8;

// The fields of a statement, in their order.
struct Field {
    std::string_view name;
    std::string Decision::* text;
};
constexpr std::array kFields = {
    Field{"decision", &Decision::kind},           Field{"person", &Decision::person},
    Field{"repository", &Decision::repository},   Field{"subject", &Decision::subject},
    Field{"environment", &Decision::environment}, Field{"verdict", &Decision::verdict},
    Field{"condition", &Decision::condition},     Field{"about", &Decision::about},
    Field{"reason", &Decision::reason},           Field{"time", &Decision::time},
    Field{"expires", &Decision::expires},
};

// Seconds since 1970; nothing for what is no time in UTC as we write it.
std::optional<std::int64_t> seconds_of(const std::string& text) {
    const auto instant = rego::parse_time(rego::named_layout("RFC3339"), text);
    if (!instant.ok() || !text.ends_with('Z')) return std::nullopt;
    return instant.value().seconds;
}

bool is_exception(std::string_view kind) { return kind == "except" || kind == "break-glass"; }

bool has_common(const std::vector<std::string>& left, const std::vector<std::string>& right) {
    return std::ranges::any_of(
        left, [&](const std::string& one) { return std::ranges::find(right, one) != right.end(); });
}

std::vector<std::string> groups_of(const People& people, const std::string& person) {
    std::vector<std::string> groups;
    for (const auto& [group, names] : people.groups)
        if (std::ranges::find(names, person) != names.end()) groups.push_back(group);
    return groups;
}

// Empty, or why the time of a decision is not right.
std::string time_problem(const Decision& decision, const DecisionRules& rules) {
    const auto time = seconds_of(decision.time);
    if (!time) return "its time is none";
    const std::int64_t now = evidence::seconds_of(rules.now);
    if (*time > now + kClockSkewS) return "it is of the future";
    if (!is_exception(decision.kind)) {
        if (decision.about.empty() && now - *time > rules.approval_age_s)
            return fmt::format("it is older than {} s", rules.approval_age_s);
        return {};
    }
    const auto end = seconds_of(decision.expires);
    if (!end) return "an exception has to end";
    if (*end <= now) return "it ended on " + decision.expires;
    if (decision.kind == "break-glass" && *end - *time > rules.break_glass_s)
        return fmt::format("break-glass holds for at most {} s", rules.break_glass_s);
    return {};
}

SeenDecision unreadable(const std::string& id, const Error& error) {
    SeenDecision seen;
    seen.id = id;
    seen.refused_because = error.to_string();
    return seen;
}

bool concerns(const Decision& decision, const DecisionRules& rules) {
    // An exception may be about every subject, and so is its approval.
    const bool names_none =
        decision.subject.empty() && (decision.kind == "except" || !decision.about.empty());
    const bool is_of_subject = decision.subject == rules.subject || names_none;
    return decision.repository == rules.repository && decision.environment == rules.environment &&
           is_of_subject;
}

}  // namespace

std::string decision_statement(const Decision& decision) {
    std::string out;
    text::JsonWriter json(out);
    json.begin_object().member("schema", kStatementSchema);
    json.key("version").integer(decision.covers ? kVersionWithCovers : 1);
    for (const Field& field : kFields) json.member(field.name, decision.*field.text);
    if (decision.covers) {
        json.key("covers").begin_array();
        for (const std::string& key : *decision.covers) json.string(key);
        json.end_array();
    }
    json.end_object();
    return out;
}

Result<Decision> parse_decision_statement(std::string_view statement) {
    Arena arena;
    Interner interner;
    const auto read =
        MERLON_TRY(text::read_json(statement, arena, interner, {.max_depth = kMaxDecisionDepth}));
    Decision decision;
    for (const Field& field : kFields) decision.*field.text = text_at(*read.root, field.name);
    if (const Value* const keys = read.root->find("covers"); keys != nullptr && keys->is_array()) {
        decision.covers.emplace();
        for (const Value& key : keys->items())
            decision.covers->emplace_back(key.is_string() ? key.as_string() : std::string_view());
    }
    // Two texts must not stand for one decision: what was signed is what was read.
    if (decision_statement(decision) != statement)
        return Error{"this is no statement of a decision, or not as Merlon writes it"};
    if (std::ranges::find(kKinds, decision.kind) == kKinds.end())
        return Error{fmt::format("'{}' is no decision", decision.kind)};
    if (decision.person.empty()) return Error{"the decision is nobody's"};
    return decision;
}

Status read_place(std::string_view input, Decision& decision) {
    Arena arena;
    Interner interner;
    const auto read = MERLON_TRY(text::read_json(input, arena, interner));
    decision.repository = text_at(*read.root, "repository");
    if (const Value* subject = read.root->find("subject"); subject != nullptr)
        decision.subject = text_at(*subject, "digest");
    if (const Value* environment = read.root->find("environment"); environment != nullptr)
        decision.environment = text_at(*environment, "name");
    return {};
}

SignerCheck check_signer(const SignedDecision& signed_one, const Decision& decision,
                         const crypto::AllowedSigners& people) {
    SignerCheck checked;
    const auto key = crypto::verify_ssh_signature(signed_one.signature, kDecisionNamespace,
                                                  signed_one.statement);
    if (!key.ok()) {
        checked.refused_because = key.error().message;
        return checked;
    }
    checked.key = key.value().fingerprint();
    const crypto::AllowedSigner* own = nullptr;
    for (const crypto::AllowedSigner& signer : people.signers) {
        if (!(signer.key == key.value())) continue;
        if (signer.principals.front() != decision.person) {
            checked.refused_because =
                fmt::format("line {} of .merlon/people says that the key {} is {}'s", signer.line,
                            checked.key, signer.principals.front());
            return checked;
        }
        if (own == nullptr) own = &signer;
    }
    if (own == nullptr) {
        checked.refused_because =
            fmt::format("{} has no key {} in .merlon/people", decision.person, checked.key);
        return checked;
    }
    checked.names = own->principals;
    if (!own->holds(kDecisionNamespace, seconds_of(decision.time).value_or(0)))
        checked.refused_because = "the key may not be used for decisions, or not at that time";
    return checked;
}

std::string write_signed_decision(const SignedDecision& decision) {
    std::string out;
    text::JsonWriter json(out);
    json.begin_object().member("schema", kDocumentSchema).key("version").integer(1);
    json.member("statement", decision.statement).member("signature", decision.signature);
    json.end_object();
    return out;
}

Result<SignedDecision> read_signed_decision(std::string_view document) {
    Arena arena;
    Interner interner;
    const auto read =
        MERLON_TRY(text::read_json(document, arena, interner, {.max_depth = kMaxDecisionDepth}));
    if (text_at(*read.root, "schema") != kDocumentSchema)
        return Error{"this is no signed decision"};
    return SignedDecision{text_at(*read.root, "statement"), text_at(*read.root, "signature")};
}

std::vector<SeenDecision> check_decisions(const std::vector<std::string>& documents,
                                          const People& people, const DecisionRules& rules) {
    std::vector<SeenDecision> all;
    for (const std::string& document : documents) {
        const std::string id = crypto::sha256(document).to_string();
        const bool is_known = std::ranges::find(all, id, &SeenDecision::id) != all.end();
        if (is_known) continue;
        const auto signed_one = read_signed_decision(document);
        if (!signed_one.ok()) {
            all.push_back(unreadable(id, signed_one.error()));
            continue;
        }
        const auto decision = parse_decision_statement(signed_one.value().statement);
        if (!decision.ok()) {
            all.push_back(unreadable(id, decision.error()));
            continue;
        }
        const Decision& one = decision.value();
        if (!concerns(one, rules)) continue;
        SeenDecision seen{.id = id,
                          .kind = one.kind,
                          .person = one.person,
                          .groups = {},
                          .names = {},
                          .condition = one.kind == "break-glass" ? "*" : one.condition,
                          .about = one.about,
                          .reason = one.reason,
                          .time = one.time,
                          .expires = one.expires,
                          .covers = one.covers,
                          .is_valid = false,
                          .refused_because = {}};
        SignerCheck signer = check_signer(signed_one.value(), one, people.signers);
        if (!signer.names.empty()) seen.groups = groups_of(people, one.person);
        seen.names = std::move(signer.names);
        seen.refused_because = signer.refused_because.empty() ? time_problem(one, rules)
                                                              : std::move(signer.refused_because);
        seen.is_valid = seen.refused_because.empty();
        all.push_back(std::move(seen));
    }
    std::ranges::sort(all, [](const SeenDecision& left, const SeenDecision& right) {
        return std::tie(left.time, left.id) < std::tie(right.time, right.id);
    });
    return all;
}

std::vector<HoldingException> holding_exceptions(const std::vector<SeenDecision>& decisions,
                                                 const DecisionRules& rules) {
    std::vector<HoldingException> holding;
    for (const SeenDecision& one : decisions) {
        if (!one.is_valid || !is_exception(one.kind) || one.reason.empty()) continue;
        const std::vector<std::string>& may =
            one.kind == "break-glass" ? rules.break_glass_by : rules.exceptions_by;
        if (!has_common(one.groups, may)) continue;
        // Of each other person the last word counts.
        std::map<std::string, std::string> words;
        for (const SeenDecision& other : decisions) {
            const bool is_second = other.is_valid && other.about == one.id &&
                                   other.person != one.person && has_common(other.groups, may);
            if (is_second) words[other.person] = other.kind;
        }
        // As with approvals: nobody may reject it.
        const auto says = [&](std::string_view what) {
            return std::ranges::find_if(words,
                                        [what](const auto& word) { return word.second == what; });
        };
        const auto confirmed = says("approve");
        if (confirmed == words.end() || says("reject") != words.end()) continue;
        holding.push_back({.id = one.id,
                           .condition = one.condition,
                           .person = one.person,
                           .confirmed_by = confirmed->first,
                           .reason = one.reason,
                           .expires = one.expires,
                           .covers = one.covers});
    }
    return holding;
}

}  // namespace merlon::gate
