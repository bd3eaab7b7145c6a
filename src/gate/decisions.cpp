#include "gate/decisions.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <tuple>

#include "base/arena.h"
#include "base/interner.h"
#include "crypto/digest.h"
#include "evidence/import.h"
#include "evidence/person_name.h"
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

// Nothing for what is no time in UTC as we write it.
std::optional<rego::Instant> instant_of(const std::string& text) {
    const auto instant = rego::parse_time(rego::named_layout("RFC3339"), text);
    if (!instant.ok() || !text.ends_with('Z')) return std::nullopt;
    return instant.value();
}

// The same in seconds since 1970.
std::optional<std::int64_t> seconds_of(const std::string& text) {
    const auto instant = instant_of(text);
    return instant ? std::optional(instant->seconds) : std::nullopt;
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
        // A rejection does not lapse: silence is no consent.
        const bool may_lapse = decision.kind == "approve" && decision.about.empty();
        if (may_lapse && now - *time > rules.approval_age_s)
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

// A decision, and what its place among the others depends on.
struct OrderedDecision {
    SeenDecision seen;
    rego::Instant instant;
    bool is_signed = false;  // by somebody who may; it may have lapsed since

    bool is_rejection() const { return seen.kind == "reject"; }
};

// Rejections last in their moment, so that they are the last word.
bool is_earlier(const OrderedDecision& left, const OrderedDecision& right) {
    const auto key = [](const OrderedDecision& one) {
        return std::tuple(one.instant.seconds, one.instant.nanoseconds, one.is_rejection(),
                          std::string_view(one.seen.id));
    };
    return key(left) < key(right);
}

// An approval takes back what the same person rejected before, also one that does not count any
// more: else the rejection would stand again as soon as the approval lapses.
void take_back(std::vector<OrderedDecision>& all) {
    for (std::size_t i = 0; i < all.size(); ++i) {
        SeenDecision& word = all[i].seen;
        if (!all[i].is_rejection() || !word.is_valid) continue;
        const auto later = std::find_if(all.begin() + static_cast<std::ptrdiff_t>(i), all.end(),
                                        [&](const OrderedDecision& other) {
                                            return other.is_signed &&
                                                   other.seen.kind == "approve" &&
                                                   other.seen.person == word.person &&
                                                   other.seen.about == word.about;
                                        });
        if (later == all.end()) continue;
        word.is_valid = false;
        word.refused_because = "it was taken back on " + later->seen.time;
    }
}

// However it was addressed when the decision was signed.
bool is_repository(const std::string& signed_name, const std::string& judged) {
    return signed_name == judged ||
           evidence::repository_name(signed_name) == evidence::repository_name(judged);
}

bool concerns(const Decision& decision, const DecisionRules& rules) {
    // An exception may be about every subject, and so is its approval.
    const bool names_none =
        decision.subject.empty() && (decision.kind == "except" || !decision.about.empty());
    const bool is_of_subject = decision.subject == rules.subject || names_none;
    return is_repository(decision.repository, rules.repository) &&
           decision.environment == rules.environment && is_of_subject;
}

}  // namespace

std::string decision_time(Timestamp now) {
    constexpr std::int64_t kMillisecondNs = 1'000'000;
    const std::int64_t milliseconds = now.nanoseconds % evidence::kSecondNs / kMillisecondNs;
    std::string text = format_rfc3339(now);
    text.pop_back();
    return fmt::format("{}.{:03}Z", text, milliseconds);
}

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
    if (const Status name = evidence::check_person_name(decision.person); !name.ok()) {
        checked.refused_because = name.error().message;
        return checked;
    }
    const crypto::AllowedSigner* own = nullptr;
    for (const crypto::AllowedSigner& signer : people.signers) {
        const std::string& known = signer.principals.front();
        if (known != decision.person && evidence::is_same_person(known, decision.person)) {
            checked.refused_because = fmt::format(
                "line {} of .merlon/people has the same name, written {}: one person "
                "would count as two",
                signer.line, known);
            return checked;
        }
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
    std::vector<OrderedDecision> all;
    std::set<std::string> known;
    for (const std::string& document : documents) {
        const std::string id = crypto::sha256(document).to_string();
        if (!known.insert(id).second) continue;
        const auto signed_one = read_signed_decision(document);
        if (!signed_one.ok()) {
            all.push_back({.seen = unreadable(id, signed_one.error()), .instant = {}});
            continue;
        }
        const auto decision = parse_decision_statement(signed_one.value().statement);
        if (!decision.ok()) {
            all.push_back({.seen = unreadable(id, decision.error()), .instant = {}});
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
        const auto instant = instant_of(one.time);
        const std::int64_t latest = evidence::seconds_of(rules.now) + kClockSkewS;
        const bool is_signed =
            signer.refused_because.empty() && instant && instant->seconds <= latest;
        seen.refused_because = signer.refused_because.empty() ? time_problem(one, rules)
                                                              : std::move(signer.refused_because);
        seen.is_valid = seen.refused_because.empty();
        all.push_back({.seen = std::move(seen),
                       .instant = instant.value_or(rego::Instant{}),
                       .is_signed = is_signed});
    }
    std::ranges::sort(all, is_earlier);
    take_back(all);
    std::vector<SeenDecision> seen;
    seen.reserve(all.size());
    for (OrderedDecision& one : all) seen.push_back(std::move(one.seen));
    return seen;
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
                                   !evidence::is_same_person(other.person, one.person) &&
                                   has_common(other.groups, may);
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
