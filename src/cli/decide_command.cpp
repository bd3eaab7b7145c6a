#include "cli/decide_command.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "base/ascii.h"
#include "cli/evidence_store.h"
#include "cli/given_flags.h"
#include "cli/outputs.h"
#include "evidence/decisions.h"
#include "evidence/filter.h"
#include "evidence/groups.h"
#include "evidence/import.h"
#include "evidence/seconds.h"
#include "packages/package_url.h"
#include "text/json.h"
#include "text/utf8.h"

namespace merlon::cli {
namespace {

using evidence::kDayNs;
using evidence::kSecondNs;
constexpr std::int64_t kMostDecisionS = 3660 * evidence::kDayS;
constexpr const char* kTooLong = ": a decision ends within ten years";
// What is no fault today may be one in a year: code and attackers change.
constexpr std::int64_t kDefaultDays = 365;

constexpr std::string_view kFix = "fix";
constexpr std::string_view kFixAnd = "fix,";

evidence::DecisionEnd kind_of_end(const ParsedCommand& command) {
    const std::string& text = command.text("until");
    const bool is_fix = text == kFix || text.starts_with(kFixAnd);
    return is_fix ? evidence::DecisionEnd::kWithFix : evidence::DecisionEnd::kByTime;
}

Result<Timestamp> end_of(const ParsedCommand& command, evidence::Verdict verdict, Timestamp now) {
    using enum evidence::Verdict;
    if (verdict == kNone) {
        if (command.is_set("until")) return Error{"--until: what is withdrawn has no end"};
        return now;
    }
    if (!command.is_set("until")) {
        if (verdict != kAccepted && verdict != kWillFix)
            return Timestamp{now.nanoseconds + kDefaultDays * kDayNs};
        return Error{fmt::format("until when? A decision of {} needs --until, as 30d or 2027-01-31",
                                 evidence::name(verdict))};
    }
    std::string text = command.text("until");
    // "fix", or "fix,90d": the time by which it ends in any case.
    if (text == kFix) return Timestamp{now.nanoseconds + kDefaultDays * kDayNs};
    if (text.starts_with(kFixAnd)) text.erase(0, kFixAnd.size());
    Timestamp end;
    if (const std::optional<std::int64_t> span = evidence::parse_span_s(text)) {
        // What would overflow is more than that, too.
        if (*span > kMostDecisionS) return Error{"--until " + text + kTooLong};
        end.nanoseconds = now.nanoseconds + *span * kSecondNs;
    } else {
        const Result<Timestamp> day = parse_date(text);
        if (!day.ok())
            return Error{"--until " + text +
                         ": write a span, as 30d, a day, as 2027-01-31, or fix"};
        constexpr std::int64_t kLast = INT64_MAX - kDayNs;
        end.nanoseconds = std::min(day.value().nanoseconds, kLast) + kDayNs;
    }
    if (end <= now) return Error{"--until " + text + " is over"};
    if (end.nanoseconds - now.nanoseconds > kMostDecisionS * kSecondNs)
        return Error{"--until " + text + kTooLong};
    return end;
}

// The package that a package URL names, in the standard's form and without a place in it; what is
// none, or has a version or qualifiers, stays.
std::string standard_package(const std::string& package) {
    const auto url = packages::parse_package_url(package);
    if (!url.ok() || !url.value().version.empty() || !url.value().qualifiers.empty())
        return package;
    packages::PackageUrl plain = url.value();
    plain.subpath.clear();
    return packages::to_string(plain);
}

Result<std::vector<evidence::DecisionTarget>> targets_of(const ParsedCommand& command) {
    std::vector<evidence::DecisionTarget> targets;
    for (const std::string& argument : command.arguments) {
        std::int64_t finding = 0;
        const char* const end = argument.data() + argument.size();
        const auto read = std::from_chars(argument.data(), end, finding);
        if (read.ec != std::errc{} || read.ptr != end || finding < 1)
            return Error{"'" + argument + "' is no number of a finding"};
        // Named twice it is decided about once.
        if (std::ranges::find(targets, finding, &evidence::DecisionTarget::finding) ==
            targets.end())
            targets.push_back({.finding = finding});
    }
    const bool is_broad = command.is_set("rule") || command.is_set("package");
    if (targets.empty() && !is_broad)
        return Error{"what about? merlon findings decide ID…, or --rule or --package"};
    if (!targets.empty() && (is_broad || command.is_set("tool") || command.is_set("repository")))
        return Error{
            "decide about findings by their numbers, or by --rule and --package: not both"};
    MERLON_TRY(check_not_empty(command, {"rule", "package", "tool", "repository", "as"}));
    if (const std::string& package = command.text("package");
        !package.empty() && !package.starts_with(evidence::kComponentPrefix)) {
        const auto url = packages::parse_package_url(package);
        if (!url.ok())
            return Error{
                fmt::format("--package {}: {}; it is a package URL without version, such "
                            "as pkg:npm/left-pad, or {}NAME as a tool calls it",
                            package, url.error().message, evidence::kComponentPrefix)};
    }
    if (is_broad && command.is_set("group"))
        return Error{"--group is of findings by their numbers; a rule or a package has no group"};
    if (command.text("rule").contains('*'))
        return Error{
            "--rule is the id of one rule; for many, decide about each, or about a --package"};
    if (is_broad) {
        evidence::DecisionTarget target{.finding = 0,
                                        .scope = command.text("repository"),
                                        .tool = lower_case(command.text("tool")),
                                        .rule = command.text("rule"),
                                        .package = command.text("package")};
        targets.push_back(target);
        // Tools write package URLs in their standard's form, most often, whatever is typed here.
        target.package = standard_package(target.package);
        const bool has_place = targets.front().package.contains('#');
        if (has_place) targets.front() = target;
        if (target.package != targets.front().package) targets.push_back(target);
    }
    return targets;
}

Result<evidence::NewDecision> decision_of(const ParsedCommand& command,
                                          const Environment& environment) {
    evidence::NewDecision decision;
    decision.targets = MERLON_TRY(targets_of(command));
    if (!command.is_set("verdict"))
        return Error{
            "what is decided? --verdict false_positive, not_affected, accepted, will_fix, "
            "affected, "
            "under_investigation, fixed or none"};
    decision.verdict =
        evidence::parse_verdict(command.text("verdict")).value_or(evidence::Verdict::kNone);
    if (command.is_set("justification")) {
        const auto known = evidence::parse_justification(command.text("justification"));
        decision.justification = known.value_or(evidence::Justification::kNone);
    }
    decision.reason = command.text("reason");
    if (decision.reason.find_first_not_of(" \t\r\n") == std::string::npos)
        return Error{"why? A decision needs a --reason"};
    decision.author = MERLON_TRY(person_asked(command, environment));
    decision.made = environment.clock->now();
    decision.expires = MERLON_TRY(end_of(command, decision.verdict, decision.made));
    decision.ends = kind_of_end(command);
    if (command.is_set("propose")) decision.standing = evidence::NewDecision::Standing::kProposes;
    return decision;
}

// Each finding of the groups of those that were named gets its own decision.
Status widen_to_groups(evidence::Database& database, evidence::NewDecision& decision) {
    std::set<std::int64_t> findings;
    for (const evidence::DecisionTarget& target : decision.targets) {
        for (const std::int64_t finding : MERLON_TRY(evidence::group_of(database, target.finding)))
            findings.insert(finding);
    }
    decision.targets.clear();
    for (const std::int64_t finding : findings) decision.targets.push_back({.finding = finding});
    return {};
}

Result<evidence::DecisionOutcome> decide(evidence::NewDecision& decision,
                                         const ParsedCommand& command,
                                         const Environment& environment) {
    evidence::Store store = MERLON_TRY(open_store_that_is_there(command, environment));
    evidence::Transaction transaction = MERLON_TRY(evidence::Transaction::begin(store.database()));
    if (command.is_set("group")) MERLON_TRY(widen_to_groups(store.database(), decision));
    for (evidence::DecisionTarget& target : decision.targets)
        if (target.finding == 0)
            target.scope =
                MERLON_TRY(evidence::scope_called(store.database(), command.text("repository")));
    evidence::DecisionOutcome outcome = MERLON_TRY(
        evidence::decide(store.database(), decision, actor_of(environment), decision.made));
    MERLON_TRY(transaction.commit());
    return outcome;
}

std::string outcome_as_json(const evidence::NewDecision& decision,
                            const evidence::DecisionOutcome& outcome) {
    std::string out;
    text::JsonWriter json(out, "  ");
    json.begin_object().member("verdict", evidence::name(decision.verdict));
    if (decision.verdict != evidence::Verdict::kNone)
        json.member("expires", format_rfc3339(decision.expires));
    if (decision.ends == evidence::DecisionEnd::kWithFix) json.member("until", kFix);
    if (outcome.is_proposed) json.key("proposed").boolean(true);
    const std::pair<std::string_view, std::uint64_t> counts[] = {{"findings", outcome.findings},
                                                                 {"closed", outcome.closed},
                                                                 {"opened", outcome.opened},
                                                                 {"fixAvailable", outcome.fixed}};
    for (const auto& [name, count] : counts)
        json.key(name).integer(static_cast<std::int64_t>(count));
    json.key("event").integer(outcome.event).end_object();
    return out + "\n";
}

std::string outcome_as_text(const evidence::NewDecision& decision,
                            const evidence::DecisionOutcome& outcome) {
    std::string out;
    for (const evidence::DecisionTarget& target : decision.targets) {
        if (!out.empty()) out += ", ";
        out += text::to_printable(evidence::to_string(target));
    }
    out += fmt::format(": {}", decision.verdict == evidence::Verdict::kNone
                                   ? "what was decided is withdrawn"
                                   : evidence::name(decision.verdict));
    if (decision.verdict != evidence::Verdict::kNone)
        out += " until " + format_rfc3339(decision.expires);
    if (decision.ends == evidence::DecisionEnd::kWithFix) out += ", or until a fix is available";
    out += fmt::format("; {} {}", outcome.findings, outcome.findings == 1 ? "finding" : "findings");
    if (outcome.closed > 0) out += fmt::format(", {} no longer open", outcome.closed);
    if (outcome.opened > 0) out += fmt::format(", {} open again", outcome.opened);
    if (outcome.fixed > 0)
        out +=
            fmt::format("; of {} a fix is available, so it does not hold for them", outcome.fixed);
    if (outcome.findings == 0 && decision.targets.front().finding == 0 &&
        decision.verdict != evidence::Verdict::kNone)
        out += "; nothing in the store is called so yet: it waits for what comes";
    if (outcome.is_proposed)
        return out + fmt::format(
                         "; proposed: it holds once a second person says 'merlon findings "
                         "approve {}'\n",
                         outcome.event);
    return out + fmt::format(" (event {})\n", outcome.event);
}

}  // namespace

int run_findings_decide(const ParsedCommand& command, const Environment& environment) {
    const std::optional<bool> json_asked = wants_json(command, environment);
    if (!json_asked.has_value()) return kIncomplete;
    Result<evidence::NewDecision> decision = decision_of(command, environment);
    if (!decision.ok()) return fail(environment, decision.error().to_string());
    const Result<evidence::DecisionOutcome> outcome =
        decide(decision.value(), command, environment);
    if (!outcome.ok()) return fail(environment, outcome.error().to_string());
    return print(environment, *json_asked ? outcome_as_json(decision.value(), outcome.value())
                                          : outcome_as_text(decision.value(), outcome.value()));
}

}  // namespace merlon::cli
