#include "cli/proposals_command.h"

#include <fmt/core.h>

#include <charconv>

#include "cli/evidence_store.h"
#include "cli/outputs.h"
#include "evidence/second_person.h"
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

Result<std::string> answer(const ParsedCommand& command, const Environment& environment,
                           evidence::Answer answer) {
    if (command.arguments.empty())
        return Error{"which proposals? Their numbers, as 'merlon findings proposals' lists them"};
    evidence::Store store = MERLON_TRY(open_store_that_is_there(command, environment));
    evidence::Transaction transaction = MERLON_TRY(evidence::Transaction::begin(store.database()));
    std::string out;
    for (const std::string& argument : command.arguments) {
        evidence::ProposalAnswer answered{.answer = answer,
                                          .person = MERLON_TRY(person_asked(command, environment)),
                                          .reason = command.text("reason")};
        const char* const end = argument.data() + argument.size();
        const auto read = std::from_chars(argument.data(), end, answered.proposal);
        if (read.ec != std::errc{} || read.ptr != end || answered.proposal < 1)
            return Error{"'" + argument + "' is no number of a proposal"};
        const evidence::DecisionOutcome outcome = MERLON_TRY(evidence::answer_proposal(
            store.database(), answered, actor_of(environment), environment.clock->now()));
        if (answer == evidence::Answer::kRefuse) {
            out += fmt::format("{}: refused (event {})\n", answered.proposal, outcome.event);
            continue;
        }
        out += fmt::format("{}: approved; {} {}, {} no longer open (event {})\n", answered.proposal,
                           outcome.findings, outcome.findings == 1 ? "finding" : "findings",
                           outcome.closed, outcome.event);
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

Result<std::string> second_person(const ParsedCommand& command, const Environment& environment) {
    if (command.arguments.empty()) {
        evidence::Store store =
            MERLON_TRY(open_store(command, environment, evidence::Access::kRead));
        const std::vector<evidence::Verdict> rule =
            MERLON_TRY(evidence::second_person_rule(store.database()));
        if (rule.empty()) return std::string("no decision wants a second person\n");
        return "a second person is wanted for " + evidence::second_person_text(rule) + "\n";
    }
    std::vector<evidence::Verdict> verdicts;
    const bool is_none = command.arguments.size() == 1 && command.arguments[0] == "none";
    for (const std::string& argument : command.arguments) {
        if (is_none) break;
        const std::optional<evidence::Verdict> verdict = evidence::parse_verdict(argument);
        if (!verdict || *verdict == evidence::Verdict::kNone)
            return Error{fmt::format(
                "'{}' is no verdict: name false_positive, not_affected, accepted, will_fix, "
                "affected, under_investigation or fixed, or none alone",
                argument)};
        verdicts.push_back(*verdict);
    }
    evidence::Store store = MERLON_TRY(open_store_that_is_there(command, environment));
    evidence::Transaction transaction = MERLON_TRY(evidence::Transaction::begin(store.database()));
    MERLON_TRY(evidence::set_second_person_rule(store.database(), verdicts, actor_of(environment),
                                                environment.clock->now()));
    MERLON_TRY(transaction.commit());
    return is_none ? std::string("no decision wants a second person from now on\n")
                   : "from now on a second person is wanted for " +
                         evidence::second_person_text(verdicts) + "\n";
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
