#include "evidence/decisions.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "crypto/digest.h"
#include "evidence/decision_rows.h"
#include "evidence/event_log.h"
#include "evidence/fix_end.h"
#include "evidence/merge_write.h"
#include "evidence/person_name.h"
#include "evidence/second_person.h"
#include "evidence/seconds.h"
#include "evidence/standing.h"
#include "text/base64.h"
#include "text/json.h"

namespace merlon::evidence {
namespace {

constexpr std::size_t kMaxReasonBytes = 8192;
constexpr std::size_t kMaxTargets = 100'000;
constexpr std::string_view kStaged = "stage_decided";

constexpr std::array<std::string_view, 8> kVerdicts{
    "none",     "false_positive", "not_affected",        "accepted",
    "will_fix", "affected",       "under_investigation", "fixed"};
constexpr std::array<std::string_view, 6> kJustifications{
    "",
    "component_not_present",
    "vulnerable_code_not_present",
    "vulnerable_code_not_in_execute_path",
    "vulnerable_code_cannot_be_controlled_by_adversary",
    "inline_mitigations_already_exist"};
constexpr std::array<std::string_view, 9> kStates{
    "in force", "outweighed", "superseded",
    "expired",  "withdrawal", "waits for a second person",
    "approved", "refused",    "ended, a fix is available"};

Status check_target(const DecisionTarget& target) {
    const bool names_others = !target.scope.empty() || !target.tool.empty() ||
                              !target.rule.empty() || !target.package.empty() ||
                              !target.version.empty();
    if (target.finding < 0 || (target.finding != 0 && names_others))
        return Error{"a decision about one finding names nothing else"};
    if (target.finding == 0 && target.rule.empty() && target.package.empty())
        return Error{"a decision names a finding, a rule or a package"};
    if (target.package.empty() && !target.version.empty())
        return Error{"a decision on a version names the package that has it"};
    const std::size_t at = target.package.rfind('@');
    const bool is_url = !target.package.starts_with(kComponentPrefix);
    if (is_url && at != std::string::npos && at > target.package.rfind('/') + 1) {
        return Error{fmt::format(
            "a decision on a package holds for all its versions: name it as {}, or decide about "
            "findings by their numbers",
            target.package.substr(0, at))};
    }
    return {};
}

class Decider {
  public:
    Decider(Database& database, const NewDecision& decision, std::string_view actor, Timestamp now)
        : database_(database), decision_(decision), actor_(actor), now_(now) {}

    Result<DecisionOutcome> decide() {
        MERLON_TRY(check_decision(decision_));
        MERLON_TRY(settle_expired(database_, actor_, now_));
        for (const DecisionTarget& target : decision_.targets)
            MERLON_TRY(collect_findings(database_, target, findings_));
        std::ranges::sort(findings_);
        findings_.erase(std::unique(findings_.begin(), findings_.end()), findings_.end());
        outcome_.findings = findings_.size();
        MERLON_TRY(ask_for_second_person());
        outcome_.event = MERLON_TRY(append_event_of(
            database_,
            {.at = now_,
             .actor = std::string(actor_),
             .kind = outcome_.is_proposed ? event_kind::kDecisionProposed : event_kind::kDecision,
             .body = {}},
            [this](std::int64_t event) { return take_effect(event); }));
        if (!outcome_.is_proposed && decision_.ends == DecisionEnd::kWithFix) {
            outcome_.fixed = MERLON_TRY(settle_fixed(database_, actor_, now_));
            outcome_.closed -= std::min(outcome_.closed, outcome_.fixed);
        }
        return outcome_;
    }

  private:
    // Writes the rows and what follows from them; the event's body.
    Result<std::string> take_effect(std::int64_t event) {
        outcome_.event = event;
        for (const DecisionTarget& target : decision_.targets) MERLON_TRY(write(target));
        if (outcome_.is_proposed) return event_body() + "}";
        MERLON_TRY(stage_ids(database_, kStaged, findings_));
        const StandingChange change =
            MERLON_TRY(derive_standing(database_, kStaged, seconds_of(now_)));
        const std::int64_t opened = change.open_after - change.open_before;
        outcome_.opened = static_cast<std::uint64_t>(std::max<std::int64_t>(opened, 0));
        outcome_.closed = static_cast<std::uint64_t>(std::max<std::int64_t>(-opened, 0));
        return fmt::format("{},\"past\":\"{}\"}}", event_body(),
                           MERLON_TRY(past_digest(database_, seconds_of(now_))));
    }

    Status ask_for_second_person() {
        if (decision_.standing == NewDecision::Standing::kProposes) outcome_.is_proposed = true;
        // Whoever is called so that it may be mistaken is nobody's second person.
        const bool has_second = check_person_name(decision_.approved_by).ok() &&
                                check_person_name(decision_.author).ok() &&
                                !is_same_person(decision_.approved_by, decision_.author);
        if (has_second && !decision_.approval.empty()) return {};
        const SecondPersonRule rule = MERLON_TRY(second_person_rule(database_));
        if (has_second && rule.proof == SecondPersonRule::Proof::kName) return {};
        if (std::ranges::find(rule.verdicts, decision_.verdict) != rule.verdicts.end())
            outcome_.is_proposed = true;
        return {};
    }

    // Without what it has put into the past, and its end.
    std::string event_body() const {
        std::string body = decision_event_start(decision_);
        if (!decision_.document.empty())
            body += fmt::format("\"document\":\"{}\",", decision_.document);
        if (decision_.proposal > 0) body += fmt::format("\"proposal\":{},", decision_.proposal);
        if (!decision_.approval.empty()) {
            body += "\"approval\":";
            text::append_json_string(body, decision_.approval, text::JsonEscapes::kMinimal);
            body += ',';
        }
        return fmt::format("{}\"findings\":{}", body, outcome_.findings);
    }

    // What is only proposed takes nothing's place.
    Status supersede(const DecisionTarget& target) {
        if (target.finding != 0) {
            MERLON_TRY(
                database_.run("UPDATE decision SET current = 0 WHERE finding = $1 AND current = 1",
                              {target.finding}));
        } else {
            MERLON_TRY(database_.run(
                "UPDATE decision SET current = 0 WHERE finding = 0 AND rule = $1 AND package = $2 "
                "AND scope = $3 AND tool = $4 AND version = $5 AND current = 1",
                {std::string_view(target.rule), std::string_view(target.package),
                 std::string_view(target.scope), std::string_view(target.tool),
                 std::string_view(target.version)}));
        }
        return {};
    }

    Status write(const DecisionTarget& target) {
        if (!outcome_.is_proposed) MERLON_TRY(supersede(target));
        return database_.run(
            "INSERT INTO decision (event, finding, scope, tool, rule, package, weight, verdict, "
            "justification, reason, author, approved_by, made, expires, signature, version, "
            "origin, until_fix, current, proposal) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, "
            "$10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)",
            {outcome_.event,
             target.finding,
             std::string_view(target.scope),
             std::string_view(target.tool),
             std::string_view(target.rule),
             std::string_view(target.package),
             decision_weight(target),
             static_cast<std::int64_t>(decision_.verdict),
             static_cast<std::int64_t>(decision_.justification),
             std::string_view(decision_.reason),
             std::string_view(decision_.author),
             std::string_view(decision_.approved_by),
             seconds_of(decision_.made),
             seconds_of(decision_.expires),
             Bytes{decision_.signature},
             std::string_view(target.version),
             std::string_view(decision_.origin),
             static_cast<std::int64_t>(decision_.ends),
             std::int64_t{outcome_.is_proposed ? 0 : 1},
             outcome_.is_proposed ? kProposalWaits : std::int64_t{0}});
    }

    Database& database_;
    const NewDecision& decision_;
    std::string_view actor_;
    Timestamp now_;
    Ids findings_;
    DecisionOutcome outcome_;
};

// Behind the columns of a decision: how it stands beside a finding.
constexpr std::string_view kStandingColumns =
    "d.current, d.weight, d.proposal, "
    "(SELECT count(*) FROM fix_found x WHERE x.decision = d.id AND x.finding = s.finding)";

template <typename Enumeration, std::size_t kCount>
std::optional<Enumeration> find_name(const std::array<std::string_view, kCount>& names,
                                     std::string_view text) {
    const auto* const found = std::ranges::find(names, text);
    if (found == names.end() || text.empty()) return std::nullopt;
    return static_cast<Enumeration>(found - names.begin());
}

template <std::size_t kCount>
std::string_view name_at(const std::array<std::string_view, kCount>& names, std::size_t index) {
    return index < kCount ? names[index] : names[0];
}

}  // namespace

DecisionRow read_decision(Cells row) {
    DecisionRow made;
    made.id = integer_of(row[0]);
    made.event = integer_of(row[1]);
    made.target.finding = integer_of(row[2]);
    std::string* const texts[] = {&made.target.scope,   &made.target.tool,    &made.target.rule,
                                  &made.target.package, &made.target.version, &made.reason,
                                  &made.author,         &made.approved_by,    &made.origin};
    std::size_t at = 3;
    for (std::string* const text : texts) *text = text_of(row[at++]);
    made.verdict = static_cast<Verdict>(integer_of(row[at++]));
    made.justification = static_cast<Justification>(integer_of(row[at++]));
    made.made_s = integer_of(row[at++]);
    made.expires_s = integer_of(row[at++]);
    made.signature = bytes_of(row[at++]);
    made.ends = static_cast<DecisionEnd>(integer_of(row[at]));
    return made;
}

std::string_view name(Verdict verdict) {
    return name_at(kVerdicts, static_cast<std::size_t>(verdict));
}
std::optional<Verdict> parse_verdict(std::string_view text) {
    return find_name<Verdict>(kVerdicts, text);
}
std::string_view name(Justification justification) {
    return name_at(kJustifications, static_cast<std::size_t>(justification));
}
std::optional<Justification> parse_justification(std::string_view text) {
    return find_name<Justification>(kJustifications, text);
}
std::string_view name(DecisionState state) {
    return name_at(kStates, static_cast<std::size_t>(state));
}

Status check_decision(const NewDecision& decision) {
    if (decision.targets.empty()) return Error{"a decision about nothing: name a finding"};
    if (decision.targets.size() > kMaxTargets)
        return Error{fmt::format("a decision about more than {} targets", kMaxTargets)};
    if (decision.reason.empty()) return Error{"a decision without a reason: say why"};
    if (decision.reason.size() > kMaxReasonBytes)
        return Error{fmt::format("the reason is longer than {} bytes", kMaxReasonBytes)};
    if (decision.author.empty()) return Error{"a decision without an author"};
    if (decision.verdict != Verdict::kNone && decision.expires <= decision.made)
        return Error{"a decision ends after it was made: say until when it holds"};
    if (decision.ends == DecisionEnd::kWithFix && !closes(decision.verdict))
        return Error{"only what closes a finding can wait for a fix"};
    if (decision.justification != Justification::kNone && decision.verdict != Verdict::kNotAffected)
        return Error{"only what is not affected has a justification"};
    for (const DecisionTarget& target : decision.targets) MERLON_TRY(check_target(target));
    return {};
}

std::string to_string(const DecisionTarget& target) {
    if (target.finding != 0) return fmt::format("finding {}", target.finding);
    std::string text;
    const std::pair<std::string_view, std::string_view> parts[] = {{"rule", target.rule},
                                                                   {"package", target.package},
                                                                   {"version", target.version},
                                                                   {"of", target.tool},
                                                                   {"in", target.scope}};
    for (const auto& [word, name] : parts)
        if (!name.empty()) text += fmt::format("{}{} {}", text.empty() ? "" : " ", word, name);
    return text;
}

std::string decision_statement(const NewDecision& decision) {
    std::string statement;
    text::JsonWriter json(statement);
    json.begin_object().member("type", "merlon/decision/v1").key("targets").begin_array();
    for (const DecisionTarget& target : decision.targets) {
        json.begin_object();
        if (target.finding != 0) json.key("finding").integer(target.finding);
        if (!target.scope.empty()) json.member("repository", target.scope);
        if (!target.tool.empty()) json.member("tool", target.tool);
        if (!target.rule.empty()) json.member("rule", target.rule);
        if (!target.package.empty()) json.member("package", target.package);
        if (!target.version.empty()) json.member("version", target.version);
        json.end_object();
    }
    json.end_array().member("verdict", name(decision.verdict));
    if (decision.justification != Justification::kNone)
        json.member("justification", name(decision.justification));
    json.member("reason", decision.reason).member("author", decision.author);
    json.member("made", format_rfc3339(decision.made));
    if (decision.verdict != Verdict::kNone)
        json.member("expires", format_rfc3339(decision.expires));
    if (decision.ends == DecisionEnd::kWithFix) json.member("until", "fix");
    json.end_object();
    return statement;
}

std::string decision_event_start(const NewDecision& decision) {
    std::string body;
    text::JsonWriter json(body);
    json.begin_object().key("statement").raw(decision_statement(decision));
    if (!decision.approved_by.empty()) json.member("approvedBy", decision.approved_by);
    if (!decision.signature.empty()) {
        json.member("signature",
                    text::encode_base64(decision.signature, text::Base64Alphabet::kStandard));
    }
    if (!decision.origin.empty()) json.member("origin", decision.origin);
    return body + ",";
}

Status collect_findings(Database& database, const DecisionTarget& target,
                        std::vector<std::int64_t>& findings) {
    const auto take = [&](Cells row) { findings.push_back(integer_of(row[0])); };
    if (target.finding != 0) {
        const std::size_t before = findings.size();
        MERLON_TRY(
            database.each_row("SELECT id FROM finding WHERE id = $1", {target.finding}, take));
        if (findings.size() > before) return {};
        return Error{fmt::format("there is no finding {} in the store", target.finding)};
    }
    const std::string_view by =
        target.rule.empty() ? "f.family IN (SELECT id FROM family WHERE $2 IN ('', "
                              "tool)) AND f.package <> '' AND f.package = $4 AND $5 IN ('', "
                              "f.version)"
                            : "f.family IN (SELECT family FROM rule WHERE name = $1 "
                              "AND $2 IN ('', tool)) AND $4 IN ('', f.package, f.component) "
                              "AND $5 IN ('', f.version)";
    return database.each_row(
        fmt::format("SELECT f.id FROM finding f WHERE f.scope IN (SELECT id FROM scope "
                    "WHERE $3 IN ('', name)) AND {}",
                    by),
        {std::string_view(target.rule), std::string_view(target.tool),
         std::string_view(target.scope), std::string_view(target.package),
         std::string_view(target.version)},
        take);
}

std::int64_t decision_weight(const DecisionTarget& target) {
    return (target.finding != 0 ? 32 : 0) + (target.package.empty() ? 0 : 16) +
           (target.rule.empty() ? 0 : 8) + (target.scope.empty() ? 0 : 4) +
           (target.tool.empty() ? 0 : 2) + (target.version.empty() ? 0 : 1);
}

Result<DecisionOutcome> decide(Database& database, const NewDecision& decision,
                               std::string_view actor, Timestamp now) {
    return Decider(database, decision, actor, now).decide();
}

Result<std::uint64_t> settle_expired(Database& database, std::string_view actor, Timestamp now) {
    Ids ended;
    MERLON_TRY(database.each_row(
        "SELECT id FROM finding WHERE expires > 0 AND expires <= $1 ORDER BY id", {seconds_of(now)},
        [&](Cells row) { ended.push_back(integer_of(row[0])); }));
    if (ended.empty()) return std::uint64_t{0};
    MERLON_TRY(stage_ids(database, kStaged, ended));
    const StandingChange change = MERLON_TRY(derive_standing(database, kStaged, seconds_of(now)));
    std::string body;
    text::JsonWriter json(body);
    json.begin_object().key("findings").integer(static_cast<std::int64_t>(ended.size()));
    json.key("opened").integer(change.open_after - change.open_before);
    json.member("past", MERLON_TRY(past_digest(database, seconds_of(now)))).end_object();
    MERLON_TRY(append_event(database, {.at = now,
                                       .actor = std::string(actor),
                                       .kind = event_kind::kDecisionExpired,
                                       .body = std::move(body)}));
    return std::uint64_t{ended.size()};
}

Result<std::vector<DecisionRow>> decisions_of(Database& database, std::int64_t finding,
                                              Timestamp now, const AsOf& as_of) {
    struct Concerning {
        DecisionRow row;
        bool is_current = false;
        std::int64_t weight = 0;
        std::int64_t proposal = 0;
        bool is_fixed = false;
    };
    std::vector<Concerning> all;
    MERLON_TRY(stage_ids(database, kStaged, {finding}));
    MERLON_TRY(database.each_row(
        decisions_query(kStaged, fmt::format("{}, {}", kDecisionColumns, kStandingColumns), "true"),
        {}, [&](Cells row) {
            const Cells standing = row.subspan(kDecisionCells);
            all.push_back({read_decision(row), integer_of(standing[0]) == 1,
                           integer_of(standing[1]), integer_of(standing[2]),
                           integer_of(standing[3]) > 0});
        }));
    std::ranges::sort(all, std::ranges::greater(),
                      [](const Concerning& one) { return one.row.id; });
    const auto repeats =
        std::ranges::unique(all, {}, [](const Concerning& one) { return one.row.id; });
    all.erase(repeats.begin(), repeats.end());
    if (as_of) {
        const std::int64_t last = MERLON_TRY(last_event_at(database, *as_of));
        std::erase_if(all, [last](const Concerning& one) { return one.row.event > last; });
        // The latest of a target was the current one.
        for (auto one = all.begin(); one != all.end(); ++one) {
            one->is_current = std::none_of(all.begin(), one, [&](const Concerning& later) {
                return later.proposal == 0 && later.row.target == one->row.target;
            });
        }
    }
    const DecisionRow* standing = nullptr;
    std::int64_t weight = -1;
    for (Concerning& one : all) {
        using enum DecisionState;
        const bool is_over =
            one.row.verdict != Verdict::kNone && one.row.expires_s <= seconds_of(now);
        if (one.proposal > 0) {
            one.row.state = one.proposal == kProposalApproved ? kAnswered
                            : one.proposal > kProposalWaits   ? kRefused
                            : is_over                         ? kExpired
                                                              : kWaits;
            continue;
        }
        one.row.state = !one.is_current                     ? kSuperseded
                        : one.row.verdict == Verdict::kNone ? kWithdraws
                        : is_over                           ? kExpired
                        : one.is_fixed                      ? kFixFound
                                                            : kOutweighed;
        if (one.row.state != kOutweighed || one.weight <= weight) continue;
        weight = one.weight;
        standing = &one.row;
    }
    std::vector<DecisionRow> rows;
    for (Concerning& one : all) {
        if (&one.row == standing) one.row.state = DecisionState::kStands;
        rows.push_back(std::move(one.row));
    }
    return rows;
}

}  // namespace merlon::evidence
