#include "cli/proposals_command.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "cli/evidence_store.h"
#include "cli/known_people.h"
#include "cli/outputs.h"
#include "cli/ssh_signing.h"
#include "crypto/digest.h"
#include "evidence/person_name.h"
#include "evidence/second_person.h"
#include "gate/decisions.h"
#include "text/json.h"
#include "text/utf8.h"

namespace merlon::cli {
namespace {

std::string proposals_as_json(const std::vector<evidence::WaitingProposal>& waiting) {
    std::string out;
    text::JsonWriter json(out, "  ");
    json.begin_array();
    for (const evidence::WaitingProposal& one : waiting) {
        json.begin_object().key("proposal").integer(one.event);
        json.key("statement").raw(evidence::decision_statement(one.decision)).end_object();
    }
    json.end_array();
    return out + "\n";
}

std::string proposals_as_text(const std::vector<evidence::WaitingProposal>& waiting) {
    std::string out;
    for (const evidence::WaitingProposal& one : waiting) {
        const evidence::NewDecision& decision = one.decision;
        std::string line =
            fmt::format("{}: {} about ", one.event, evidence::name(decision.verdict));
        for (std::size_t i = 0; i < decision.targets.size() && i < 5; ++i)
            line += (i > 0 ? ", " : "") + evidence::to_string(decision.targets[i]);
        if (decision.targets.size() > 5)
            line += fmt::format(" and {} more", decision.targets.size() - 5);
        if (decision.verdict != evidence::Verdict::kNone)
            line += " until " + format_rfc3339(decision.expires);
        if (decision.ends == evidence::DecisionEnd::kWithFix) line += " or a fix";
        line += fmt::format(": {} ({})", decision.reason, decision.author);
        out += text::to_printable(line) + "\n";
    }
    return out + fmt::format("{} {} for a second person\n", waiting.size(),
                             waiting.size() == 1 ? "proposal waits" : "proposals wait");
}

Result<std::vector<evidence::ProposalAnswer>> answers_of(const ParsedCommand& command,
                                                         const Environment& environment,
                                                         evidence::Answer answer) {
    if (command.arguments.empty())
        return Error{"which proposals? Their numbers, as 'merlon findings proposals' lists them"};
    std::vector<evidence::ProposalAnswer> answers;
    for (const std::string& argument : command.arguments) {
        evidence::ProposalAnswer& answered = answers.emplace_back();
        answered.answer = answer;
        answered.person = MERLON_TRY(person_asked(command, environment));
        answered.reason = command.text("reason");
        const char* const end = argument.data() + argument.size();
        const auto read = std::from_chars(argument.data(), end, answered.proposal);
        if (read.ec != std::errc{} || read.ptr != end || answered.proposal < 1)
            return Error{"'" + argument + "' is no number of a proposal"};
    }
    return answers;
}

// What the person signs of a proposal, checked as a gate checks an approval.
Result<std::string> signed_approval(const evidence::ProposalAnswer& answered,
                                    const evidence::NewDecision& proposed,
                                    const KnownPeople& people, const std::string& key,
                                    const Environment& environment) {
    gate::Decision decision;
    decision.kind = "approve";
    decision.person = answered.person;
    decision.about = crypto::sha256(evidence::decision_statement(proposed)).to_string();
    decision.reason = answered.reason;
    decision.time = format_rfc3339(environment.clock->now());
    gate::SignedDecision made;
    made.statement = gate::decision_statement(decision);
    made.signature = MERLON_TRY(sign_decision(made.statement, key, environment));
    const gate::SignerCheck signer = gate::check_signer(made, decision, *people.signers);
    if (!signer.refused_because.empty())
        return Error{fmt::format("proposal {}: {} (by {})", answered.proposal,
                                 signer.refused_because, people.from)};
    const bool is_same = std::ranges::any_of(signer.names, [&](const std::string& name) {
        return evidence::is_same_person(name, proposed.author);
    });
    if (is_same)
        return Error{fmt::format("{} has proposed {}, as {}: a second person approves it",
                                 answered.person, answered.proposal, proposed.author)};
    return gate::write_signed_decision(made);
}

// Before anything is written: people take their time, and others want to write.
Status sign_answers(const ParsedCommand& command, const Environment& environment,
                    evidence::Database& database, std::vector<evidence::ProposalAnswer>& answers) {
    if (!command.takes("identity") || !command.is_set("identity")) return {};
    if (!command.is_set("as")) return Error{"who signs? --as NAME, as in .merlon/people"};
    const KnownPeople people = MERLON_TRY(find_people(command, environment));
    if (!people.signers)
        return Error{fmt::format(
            "nobody says here which keys are {}'s: --target BRANCH names the branch whose {} "
            "holds, --people FILE another file",
            command.text("as"), kPeopleFile)};
    const std::vector<evidence::WaitingProposal> waiting =
        MERLON_TRY(evidence::waiting_proposals(database, environment.clock->now()));
    for (evidence::ProposalAnswer& answered : answers) {
        const auto found =
            std::ranges::find(waiting, answered.proposal, &evidence::WaitingProposal::event);
        if (found == waiting.end()) continue;  // which the answer tells
        answered.approval = MERLON_TRY(signed_approval(answered, found->decision, people,
                                                       command.text("identity"), environment));
    }
    return {};
}

Result<std::string> answer(const ParsedCommand& command, const Environment& environment,
                           evidence::Answer answer) {
    std::vector<evidence::ProposalAnswer> answers =
        MERLON_TRY(answers_of(command, environment, answer));
    evidence::Store store = MERLON_TRY(open_store_that_is_there(command, environment));
    MERLON_TRY(sign_answers(command, environment, store.database(), answers));
    evidence::Transaction transaction = MERLON_TRY(evidence::Transaction::begin(store.database()));
    std::string out;
    for (const evidence::ProposalAnswer& answered : answers) {
        const evidence::DecisionOutcome outcome = MERLON_TRY(evidence::answer_proposal(
            store.database(), answered, actor_of(environment), environment.clock->now()));
        if (answer == evidence::Answer::kRefuse) {
            out += fmt::format("{}: refused (event {})\n", answered.proposal, outcome.event);
            continue;
        }
        out += fmt::format(
            "{}: approved{}; {} {}, {} no longer open (event {})\n", answered.proposal,
            answered.approval.empty() ? "" : ", signed by " + answered.person, outcome.findings,
            outcome.findings == 1 ? "finding" : "findings", outcome.closed, outcome.event);
    }
    MERLON_TRY(transaction.commit());  // all of them, or none
    return out;
}

Result<std::string> proposals(const ParsedCommand& command, const Environment& environment,
                              bool is_json) {  // NOLINT: of this file
    evidence::Store store = MERLON_TRY(open_store(command, environment, evidence::Access::kRead));
    const std::vector<evidence::WaitingProposal> waiting =
        MERLON_TRY(evidence::waiting_proposals(store.database(), environment.clock->now()));
    return is_json ? proposals_as_json(waiting) : proposals_as_text(waiting);
}

std::string rule_text(const evidence::SecondPersonRule& rule) {
    std::string text = evidence::second_person_text({.verdicts = rule.verdicts});
    if (rule.proof == evidence::SecondPersonRule::Proof::kSignature) text += ", and signs";
    return text;
}

Result<std::string> second_person(const ParsedCommand& command, const Environment& environment) {
    if (command.arguments.empty()) {
        if (command.is_set("signed"))
            return Error{"--signed of which verdicts? Name all that want a second person"};
        evidence::Store store =
            MERLON_TRY(open_store(command, environment, evidence::Access::kRead));
        const evidence::SecondPersonRule rule =
            MERLON_TRY(evidence::second_person_rule(store.database()));
        if (rule.verdicts.empty()) return std::string("no decision wants a second person\n");
        return "a second person is wanted for " + rule_text(rule) + "\n";
    }
    evidence::SecondPersonRule rule;
    if (command.is_set("signed")) rule.proof = evidence::SecondPersonRule::Proof::kSignature;
    const bool is_none = command.arguments.size() == 1 && command.arguments[0] == "none";
    if (is_none && command.is_set("signed"))
        return Error{"'none' wants nobody, so that nothing is signed: take --signed away"};
    for (const std::string& argument : command.arguments) {
        if (is_none) break;
        const std::optional<evidence::Verdict> verdict = evidence::parse_verdict(argument);
        if (!verdict || *verdict == evidence::Verdict::kNone)
            return Error{fmt::format(
                "'{}' is no verdict: name false_positive, not_affected, accepted, will_fix, "
                "affected, under_investigation or fixed, or none alone",
                argument)};
        rule.verdicts.push_back(*verdict);
    }
    evidence::Store store = MERLON_TRY(open_store_that_is_there(command, environment));
    evidence::Transaction transaction = MERLON_TRY(evidence::Transaction::begin(store.database()));
    MERLON_TRY(evidence::set_second_person_rule(store.database(), rule, actor_of(environment),
                                                environment.clock->now()));
    MERLON_TRY(transaction.commit());
    return is_none ? std::string("no decision wants a second person from now on\n")
                   : "from now on a second person is wanted for " + rule_text(rule) + "\n";
}

int print_result(const Environment& environment, const Result<std::string>& out) {
    return out.ok() ? print(environment, out.value()) : fail(environment, out.error().to_string());
}

}  // namespace

int run_findings_proposals(const ParsedCommand& command, const Environment& environment) {
    const std::optional<bool> json_asked = wants_json(command, environment);
    if (!json_asked.has_value()) return kIncomplete;
    return print_result(environment, proposals(command, environment, *json_asked));
}

int run_findings_approve(const ParsedCommand& command, const Environment& environment) {
    return print_result(environment, answer(command, environment, evidence::Answer::kApprove));
}

int run_findings_refuse(const ParsedCommand& command, const Environment& environment) {
    return print_result(environment, answer(command, environment, evidence::Answer::kRefuse));
}

int run_store_second_person(const ParsedCommand& command, const Environment& environment) {
    return print_result(environment, second_person(command, environment));
}

}  // namespace merlon::cli
