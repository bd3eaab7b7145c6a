#include "evidence/second_person.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>

#include "evidence/decision_rows.h"
#include "evidence/event_log.h"
#include "evidence/merge_write.h"
#include "evidence/person_name.h"
#include "evidence/seconds.h"
#include "evidence/standing.h"
#include "text/json.h"

namespace merlon::evidence {
namespace {

constexpr std::string_view kRuleName = "second_person";
constexpr std::string_view kSigned = "signed";  // among the verdicts of the rule

// The rows of proposals that wait, as what was proposed.
Result<std::vector<WaitingProposal>> read_waiting(Database& database, std::int64_t event) {
    std::vector<WaitingProposal> waiting;
    MERLON_TRY(database.each_row(
        "SELECT event, finding, scope, tool, rule, package, version, verdict, justification, "
        "reason, author, made, expires, signature, origin, until_fix FROM decision "
        "WHERE proposal = 1 AND ($1 = 0 OR event = $1) ORDER BY id",
        {event}, [&](Cells row) {
            const std::int64_t of = integer_of(row[0]);
            if (waiting.empty() || waiting.back().event != of) waiting.push_back({of, {}});
            NewDecision& decision = waiting.back().decision;
            decision.targets.push_back({.finding = integer_of(row[1]),
                                        .scope = std::string(text_of(row[2])),
                                        .tool = std::string(text_of(row[3])),
                                        .rule = std::string(text_of(row[4])),
                                        .package = std::string(text_of(row[5])),
                                        .version = std::string(text_of(row[6]))});
            decision.verdict = static_cast<Verdict>(integer_of(row[7]));
            decision.justification = static_cast<Justification>(integer_of(row[8]));
            decision.reason = text_of(row[9]);
            decision.author = text_of(row[10]);
            decision.made = at_second(integer_of(row[11]));
            decision.expires = at_second(integer_of(row[12]));
            decision.signature = bytes_of(row[13]);
            decision.origin = text_of(row[14]);
            decision.ends = integer_of(row[15]) == 1 ? DecisionEnd::kWithFix : DecisionEnd::kByTime;
        }));
    return waiting;
}

Status close_proposal(Database& database, std::int64_t event, std::int64_t state) {
    return database.run("UPDATE decision SET proposal = $2 WHERE event = $1 AND proposal = 1",
                        {event, state});
}

// What somebody has said about the same since it was proposed, and would be outvoted by the
// approval: the same target's, or what is no narrower about one of its findings.
struct LaterWord {
    std::int64_t event = 0, made_s = 0;
    Verdict verdict = Verdict::kNone;
    std::string author;
};

constexpr std::string_view kLaterColumns = "d.event, d.verdict, d.author, d.made";

Result<std::optional<LaterWord>> later_word(Database& database, const WaitingProposal& proposal) {
    constexpr std::string_view kStaged = "stage_answered";
    std::optional<LaterWord> last;
    const auto take = [&last](Cells row) {
        const std::int64_t event = integer_of(row[0]);
        if (last && last->event >= event) return;
        last = {.event = event,
                .made_s = integer_of(row[3]),
                .verdict = static_cast<Verdict>(integer_of(row[1])),
                .author = std::string(text_of(row[2]))};
    };
    for (const DecisionTarget& target : proposal.decision.targets) {
        MERLON_TRY(database.each_row(
            fmt::format("SELECT {} FROM decision d WHERE d.proposal = 0 AND d.event > $1 "
                        "AND d.finding = $2 AND d.rule = $3 AND d.package = $4 AND d.scope = $5 "
                        "AND d.tool = $6 AND d.version = $7",
                        kLaterColumns),
            {proposal.event, target.finding, std::string_view(target.rule),
             std::string_view(target.package), std::string_view(target.scope),
             std::string_view(target.tool), std::string_view(target.version)},
            take));
        std::vector<std::int64_t> findings;
        MERLON_TRY(collect_findings(database, target, findings));
        MERLON_TRY(stage_ids(database, kStaged, findings));
        MERLON_TRY(
            database.each_row(decisions_query(kStaged, kLaterColumns,
                                              "d.proposal = 0 AND d.event > $1 AND d.weight <= $2"),
                              {proposal.event, decision_weight(target)}, take));
    }
    return last;
}

}  // namespace

std::string second_person_text(const SecondPersonRule& rule) {
    std::string text;
    for (const Verdict verdict : rule.verdicts) {
        if (!text.empty()) text += ",";
        text += name(verdict);
    }
    if (!text.empty() && rule.proof == SecondPersonRule::Proof::kSignature)
        text += fmt::format(",{}", kSigned);
    return text;
}

Result<SecondPersonRule> second_person_rule(Database& database) {
    std::string text;
    MERLON_TRY(database.each_row("SELECT value FROM meta WHERE name = $1", {kRuleName},
                                 [&](Cells row) { text = text_of(row[0]); }));
    SecondPersonRule rule;
    std::string_view rest = text;
    while (!rest.empty()) {
        const std::string_view one = rest.substr(0, rest.find(','));
        const std::optional<Verdict> verdict = parse_verdict(one);
        if (verdict)
            rule.verdicts.push_back(*verdict);
        else if (one == kSigned)
            rule.proof = SecondPersonRule::Proof::kSignature;
        else
            return Error{
                fmt::format("the store wants a second person for '{}', which is no "
                            "verdict; run 'merlon store check'",
                            one)};
        rest.remove_prefix(std::min(one.size() + 1, rest.size()));
    }
    return rule;
}

Status set_second_person_rule(Database& database, SecondPersonRule rule, std::string_view actor,
                              Timestamp now) {
    std::ranges::sort(rule.verdicts);
    const auto same = std::ranges::unique(rule.verdicts);
    rule.verdicts.erase(same.begin(), same.end());
    const std::string text = second_person_text(rule);
    MERLON_TRY(
        database.run("INSERT INTO meta (name, value) VALUES ($1, $2) "
                     "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                     {kRuleName, std::string_view(text)}));
    std::string body;
    text::JsonWriter(body).begin_object().member("verdicts", text).end_object();
    MERLON_TRY(append_event(database, {.at = now,
                                       .actor = std::string(actor),
                                       .kind = event_kind::kSecondPerson,
                                       .body = std::move(body)}));
    return {};
}

Result<DecisionOutcome> answer_proposal(Database& database, const ProposalAnswer& answer,
                                        std::string_view actor, Timestamp now) {
    std::vector<WaitingProposal> waiting =
        MERLON_TRY(read_waiting(database, std::max<std::int64_t>(answer.proposal, 1)));
    if (waiting.empty() || answer.proposal < 1)
        return Error{fmt::format("no proposal {} waits; 'merlon findings proposals' lists them",
                                 answer.proposal)};
    NewDecision& decision = waiting.front().decision;
    if (answer.person.empty()) return Error{"who answers? A proposal wants a second person"};
    MERLON_TRY(check_person_name(answer.person));
    if (answer.answer == Answer::kRefuse) {
        if (answer.reason.empty()) return Error{"why? A refusal needs a --reason"};
        MERLON_TRY(close_proposal(database, answer.proposal, kProposalRefused));
        std::string body;
        text::JsonWriter json(body);
        json.begin_object().key("proposal").integer(answer.proposal);
        json.member("refusedBy", answer.person).member("reason", answer.reason).end_object();
        DecisionOutcome outcome;
        outcome.event = MERLON_TRY(append_event(database, {.at = now,
                                                           .actor = std::string(actor),
                                                           .kind = event_kind::kDecisionRefused,
                                                           .body = std::move(body)}));
        return outcome;
    }
    if (is_same_person(decision.author, answer.person))
        return Error{fmt::format("{} has proposed it: a second person approves it", answer.person)};
    if (decision.verdict != Verdict::kNone && decision.expires <= now)
        return Error{fmt::format("proposal {} ended at {}: propose it anew", answer.proposal,
                                 format_rfc3339(decision.expires))};
    if (const auto later = MERLON_TRY(later_word(database, waiting.front())))
        return Error{fmt::format(
            "proposal {} is older than what {} has decided about the same at {} ({}, event {}), "
            "which it would outvote: refuse it, and propose it anew if it still holds",
            answer.proposal, later->author, format_rfc3339(at_second(later->made_s)),
            later->verdict == Verdict::kNone ? "withdrawn" : name(later->verdict), later->event)};
    const SecondPersonRule rule = MERLON_TRY(second_person_rule(database));
    const bool wants_signature =
        rule.proof == SecondPersonRule::Proof::kSignature &&
        std::ranges::find(rule.verdicts, decision.verdict) != rule.verdicts.end();
    if (wants_signature && answer.approval.empty())
        return Error{
            fmt::format("the store wants a signature of the second person for {}: approve it with "
                        "--as NAME --identity KEY",
                        name(decision.verdict))};
    decision.approved_by = answer.person;
    decision.approval = answer.approval;
    decision.proposal = answer.proposal;
    MERLON_TRY(close_proposal(database, answer.proposal, kProposalApproved));
    return decide(database, decision, actor, now);
}

Result<std::vector<WaitingProposal>> waiting_proposals(Database& database, Timestamp now) {
    std::vector<WaitingProposal> waiting = MERLON_TRY(read_waiting(database, 0));
    std::erase_if(waiting, [now](const WaitingProposal& one) {
        return one.decision.verdict != Verdict::kNone && one.decision.expires <= now;
    });
    return waiting;
}

}  // namespace merlon::evidence
