#include "gate/verdict.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>

#include "gate/input.h"
#include "gate/ready.h"
#include "gate/settings.h"

namespace merlon::gate {
namespace {

Result<std::optional<std::string>> no_file(const std::string& /*path*/) {
    return std::optional<std::string>();
}

Policy ready_policy(std::string_view gate) {
    const Settings settings = read_settings("", "", gate, "").value();
    auto policy = Policy::compile(gather_modules(settings.conditions, no_file).value());
    EXPECT_TRUE(policy.ok()) << policy.error().to_string();
    return std::move(policy).value();
}

Policy own_policy(const std::string& rules) {
    auto policy = Policy::compile({{.name = "own.rego", .text = "package own\n" + rules}});
    EXPECT_TRUE(policy.ok()) << policy.error().to_string();
    return std::move(policy).value();
}

Input clean_input(std::string_view gate = "pr") {
    const Settings settings = read_settings("", "", gate, "").value();
    Input input;
    input.merlon = "1.2.3";
    input.gate = gate;
    input.now = {1'795'780'800'000'000'000};
    input.time_to_live_s = settings.time_to_live_s;
    input.settings = settings.gate;
    input.subject = {"acme/shop", "gitCommit:0123456789012345678901234567890123456789"};
    SeenAnalysis analysis;
    analysis.tool = "merlon";
    analysis.engine = "secrets";
    input.analyses = {analysis};
    return input;
}

SeenFinding finding_of(model::Severity severity) {
    SeenFinding finding;
    finding.rule = "rule";
    finding.tool = "tool";
    finding.kind = "code";
    finding.severity = severity;
    finding.path = "a.py";
    finding.line = 3;
    finding.title = "what";
    return finding;
}

Verdict judged(const Policy& policy, const Input& input) {
    auto verdict = judge(policy, to_json(input));
    EXPECT_TRUE(verdict.ok()) << verdict.error().to_string();
    return std::move(verdict).value();
}

ConditionStatus status_of(const Verdict& verdict, std::string_view id) {
    for (const Condition& condition : verdict.conditions)
        if (condition.id == id) return condition.status;
    ADD_FAILURE() << "no condition " << id;
    return ConditionStatus::kUnknown;
}

TEST(GateVerdict, a_pull_request_without_findings_passes) {
    const Verdict verdict = judged(ready_policy("pr"), clean_input());
    EXPECT_EQ(verdict.outcome, Outcome::kPass);
    EXPECT_EQ(verdict.conditions.size(), 3U);
    EXPECT_EQ(verdict.expires, "2026-11-28T12:00:00Z");
}

std::string expiry_with(const Input& input) { return judged(ready_policy("pr"), input).expires; }

TEST(GateVerdict, a_verdict_ends_with_the_first_thing_that_it_rests_on) {
    // 2026-11-27 12:00 UTC, a Friday; the pull request's verdict holds for a day.
    Input input = clean_input();
    input.findings = {finding_of(model::Severity::kHigh)};
    input.exceptions = {{.id = "sha256:1",
                         .condition = "severity",
                         .person = "ana",
                         .confirmed_by = "ben",
                         .reason = "ticket",
                         .expires = "2026-11-27T18:00:00Z"},
                        {.id = "sha256:2",
                         .condition = "secrets",  // which passes without it
                         .person = "ana",
                         .confirmed_by = "ben",
                         .reason = "ticket",
                         .expires = "2026-11-27T13:00:00Z"}};
    EXPECT_EQ(expiry_with(input), "2026-11-27T18:00:00Z");

    input = clean_input();
    input.findings = {finding_of(model::Severity::kHigh)};
    input.findings[0].suppressed_by = "decision";
    input.findings[0].suppressed_until = "2026-11-27T15:00:00Z";
    EXPECT_EQ(expiry_with(input), "2026-11-27T15:00:00Z");

    input = clean_input();
    input.environment = "production";
    input.zones = {
        {.zone = "Europe/Berlin", .date = "2026-11-27", .time = "13:00", .weekday = "fri"}};
    input.environment_settings =
        R"({"windows": [{"days": ["fri"], "from": "09:00", "to": "16:00", "zone": "Europe/Berlin"},
            {"from": "13:00", "to": "17:30", "zone": "Europe/Berlin"}]})";
    EXPECT_EQ(expiry_with(input), "2026-11-27T16:30:00Z");
    input.environment_settings =
        R"({"windows": [{"days": ["fri"], "from": "12:00", "to": "02:00", "zone": "Europe/Berlin"}]})";
    EXPECT_EQ(expiry_with(input), "2026-11-28T01:00:00Z");
    input.environment_settings =
        R"({"freezes": [{"from": "2026-11-28", "to": "2026-11-29", "zone": "Europe/Berlin"},
            {"from": "2026-11-20", "to": "2026-11-21", "zone": "Europe/Berlin"}]})";
    EXPECT_EQ(expiry_with(input), "2026-11-27T23:00:00Z");
}

TEST(GateVerdict, an_exception_that_does_not_hold_is_shown_with_the_reason) {
    Input input = clean_input();
    input.findings = {finding_of(model::Severity::kHigh)};
    const auto evidence = [&]() {
        std::string all;
        for (const Condition& one : judged(ready_policy("pr"), input).conditions)
            for (const Evidence& two : one.evidence) all += two.text + "\n";
        return all;
    };
    SeenDecision exception;
    exception.id = "sha256:1";
    exception.kind = "except";
    exception.person = "ana";
    exception.condition = "severity";
    exception.is_valid = true;
    input.decisions = {exception};
    EXPECT_TRUE(evidence().contains("the exception of ana needs a second person")) << evidence();
    SeenDecision rejection;
    rejection.id = "sha256:2";
    rejection.kind = "reject";
    rejection.person = "ben";
    rejection.about = "sha256:1";
    rejection.reason = "mend it";
    rejection.is_valid = true;
    input.decisions.push_back(rejection);
    EXPECT_TRUE(evidence().contains("the exception of ana was rejected by ben: mend it"))
        << evidence();
    input.decisions[0].is_valid = false;
    input.decisions[0].refused_because = "it ended";
    EXPECT_TRUE(evidence().contains("the exception of ana does not count: it ended"));
}

TEST(GateVerdict, a_bill_without_components_and_a_report_of_another_repository_do_not_pass) {
    Input input = clean_input("release");
    input.boms = {
        {.format = "CycloneDX 1.6", .document = "sha256:3", .components = 0, .describes = {}}};
    EXPECT_EQ(status_of(judged(ready_policy("release"), input), "sbom"), ConditionStatus::kFail);
    input.boms[0].components = 1;
    EXPECT_EQ(status_of(judged(ready_policy("release"), input), "sbom"), ConditionStatus::kPass);
    input = clean_input();
    input.analyses[0].other_repository = "github.com/acme/other";
    EXPECT_EQ(status_of(judged(ready_policy("pr"), input), "coverage"), ConditionStatus::kUnknown);
}

TEST(GateVerdict, a_new_finding_fails_and_says_where_and_what_to_do) {
    Input input = clean_input();
    input.findings = {finding_of(model::Severity::kHigh)};
    const Verdict verdict = judged(ready_policy("pr"), input);
    EXPECT_EQ(verdict.outcome, Outcome::kFail);
    EXPECT_EQ(status_of(verdict, "severity"), ConditionStatus::kFail);
    for (const Condition& condition : verdict.conditions) {
        if (condition.id != "severity") continue;
        ASSERT_EQ(condition.evidence.size(), 1U);
        EXPECT_EQ(condition.evidence[0].text, "high rule at a.py:3: what");
        EXPECT_NE(condition.fix, "");
    }
}

TEST(GateVerdict, what_is_not_known_is_not_green) {
    Input input = clean_input();
    input.analyses.clear();
    EXPECT_EQ(judged(ready_policy("pr"), input).outcome, Outcome::kUnknown);
    input = clean_input();
    input.analyses[0].is_complete = false;
    EXPECT_EQ(judged(ready_policy("pr"), input).outcome, Outcome::kUnknown);
    // A failure outweighs it, and it is still told.
    input.findings = {finding_of(model::Severity::kCritical)};
    const Verdict verdict = judged(ready_policy("pr"), input);
    EXPECT_EQ(verdict.outcome, Outcome::kFail);
    EXPECT_TRUE(verdict.has_unknown);
}

TEST(GateVerdict, whatever_goes_wrong_in_a_policy_is_unknown) {
    const std::string rules[] = {
        "conditions contains 1 if false",                                 // says nothing
        "conditions := []",                                               // says nothing
        "conditions contains \"fine\"",                                   // no condition
        "conditions contains {\"id\": \"a\"}",                            // no status
        "conditions contains {\"status\": \"pass\"}",                     // no id
        "conditions contains {\"id\": \"a\", \"status\": \"excepted\"}",  // not a policy's to say
        "conditions contains {\"id\": \"a\", \"status\": \"pass\", \"x\": to_number(\"y\")}",
        "conditions contains {\"id\": \"a\", \"status\": \"pass\", \"x\": time.now_ns()}",
        "conditions contains {\"id\": \"a\", \"status\": \"pass\"} if {\n"
        "  http.send({\"method\": \"get\", \"url\": \"http://127.0.0.1:1/\"}).status_code == "
        "200\n}",
    };
    for (const std::string& one : rules) {
        const Verdict verdict = judged(own_policy(one), clean_input());
        EXPECT_EQ(verdict.outcome, Outcome::kUnknown) << one;
        EXPECT_TRUE(verdict.has_unknown) << one;
    }
}

TEST(GateVerdict, a_policy_without_conditions_is_refused) {
    EXPECT_FALSE(Policy::compile({{.name = "a.rego", .text = "package a\nallow := true"}}).ok());
    EXPECT_FALSE(
        Policy::compile({{.name = "a.rego", .text = "package a\nconditions contains"}}).ok());
    EXPECT_FALSE(
        Policy::compile({{.name = "a.rego", .text = "package a\nconditions contains x"}}).ok());
}

TEST(GateVerdict, an_exception_lets_its_condition_pass_and_no_other) {
    Input input = clean_input();
    input.findings = {finding_of(model::Severity::kCritical), finding_of(model::Severity::kHigh)};
    input.findings[1].kind = "secret";
    input.exceptions = {
        {"sha256:1", "severity", "ana", "ben", "ticket 812", "2026-12-01T00:00:00Z"}};
    Verdict verdict = judged(ready_policy("pr"), input);
    EXPECT_EQ(status_of(verdict, "severity"), ConditionStatus::kExcepted);
    EXPECT_EQ(verdict.outcome, Outcome::kFail);
    input.findings.pop_back();
    EXPECT_EQ(judged(ready_policy("pr"), input).outcome, Outcome::kPass);
    // Nobody accepts what nobody knows.
    input.exceptions[0].condition = "*";
    input.analyses.clear();
    EXPECT_EQ(judged(ready_policy("pr"), input).outcome, Outcome::kUnknown);
}

// An exception is for what the verdict listed that it was made from.
TEST(GateVerdict, what_was_found_after_an_exception_is_not_under_it) {
    const auto keys = [](const Verdict& verdict) {
        std::vector<std::string> all;
        for (const Condition& condition : verdict.conditions)
            for (const Evidence& one : condition.evidence)
                if (condition.id == "severity" && !one.key.empty()) all.push_back(one.key);
        return all;
    };
    Input input = clean_input();
    input.findings = {finding_of(model::Severity::kCritical)};
    input.findings[0].id = 7;
    input.exceptions = {{.id = "sha256:1",
                         .condition = "severity",
                         .person = "ana",
                         .confirmed_by = "ben",
                         .reason = "ticket 812",
                         .expires = "2026-12-01T00:00:00Z",
                         .covers = keys(judged(ready_policy("pr"), input))}};
    ASSERT_EQ(input.exceptions[0].covers->size(), 1U);
    EXPECT_EQ(status_of(judged(ready_policy("pr"), input), "severity"), ConditionStatus::kExcepted);
    input.findings[0].line += 5;  // the same
    EXPECT_EQ(status_of(judged(ready_policy("pr"), input), "severity"), ConditionStatus::kExcepted);

    input.findings.push_back(input.findings[0]);
    input.findings[1].path = "later.py";
    input.findings[1].id = 8;
    Verdict verdict = judged(ready_policy("pr"), input);
    EXPECT_EQ(status_of(verdict, "severity"), ConditionStatus::kFail);
    const auto severity = std::ranges::find(verdict.conditions, "severity", &Condition::id);
    EXPECT_TRUE(severity->reason.starts_with("1 of 2 are not under the exception of ana"));
    ASSERT_EQ(severity->evidence.size(), 3U);
    EXPECT_TRUE(severity->evidence[0].text.contains("later.py"));
    EXPECT_TRUE(severity->evidence[1].text.ends_with("(under the exception)"));
    EXPECT_TRUE(severity->evidence[2].text.starts_with("exception of ana, confirmed by ben"));
    // One more of the same is one more.
    input.findings[1] = input.findings[0];
    input.findings[1].line += 1;
    EXPECT_EQ(status_of(judged(ready_policy("pr"), input), "severity"), ConditionStatus::kFail);
    // Another exception is for the rest.
    input.exceptions.push_back(input.exceptions[0]);
    input.exceptions[1].covers->push_back(input.exceptions[1].covers->front());
    EXPECT_EQ(status_of(judged(ready_policy("pr"), input), "severity"), ConditionStatus::kExcepted);
    // One for what is not here says so.
    input.exceptions.pop_back();
    input.findings.resize(1);
    input.findings[0].rule = "another";
    verdict = judged(ready_policy("pr"), input);
    EXPECT_EQ(status_of(verdict, "severity"), ConditionStatus::kFail);
    EXPECT_TRUE(verdict.statement.contains("made for what is not listed here"));
}

TEST(GateVerdict, binds_subject_environment_policy_and_input) {
    const Policy policy = ready_policy("pr");
    const Input input = clean_input();
    const std::string id = judged(policy, input).id;
    Input other = input;
    other.subject.digest = "gitCommit:1123456789012345678901234567890123456789";
    EXPECT_NE(judged(policy, other).id, id);
    other = input;
    other.environment = "production";
    EXPECT_NE(judged(policy, other).id, id);
    other = input;
    other.requested_by = "somebody";
    EXPECT_NE(judged(policy, other).id, id);
    const Verdict by_another =
        judged(own_policy("conditions contains {\"id\": \"a\", \"status\": \"pass\"}"), input);
    EXPECT_NE(by_another.policy_digest, policy.digest());
    EXPECT_NE(by_another.statement.find(by_another.policy_digest.substr(7)), std::string::npos);
}

TEST(GateVerdict, what_is_no_input_is_refused) {
    const Policy policy = ready_policy("pr");
    for (const std::string_view text : {"", "{}", "[]", "null", "{\"schema\": \"other\"}", "{"})
        EXPECT_FALSE(judge(policy, text).ok()) << text;
    // An input that lacks everything is no reason to let something pass.
    const auto verdict =
        judge(policy, R"({"schema": "merlon-gate-input", "now": "2026-11-27T12:00:00Z"})");
    ASSERT_TRUE(verdict.ok());
    EXPECT_EQ(verdict.value().outcome, Outcome::kUnknown);
}

Input random_input(std::mt19937& random, std::string_view gate) {
    const auto roll = [&](unsigned sides) { return static_cast<unsigned>(random() % sides); };
    Input input = clean_input(gate);
    input.now.nanoseconds += static_cast<std::int64_t>(roll(1'000'000)) * 1'000'000'000;
    input.has_base = roll(2) == 0;
    for (unsigned i = roll(6); i > 0; --i) {
        SeenFinding finding = finding_of(static_cast<model::Severity>(roll(5)));
        finding.kind = roll(3) == 0 ? "secret" : "code";
        finding.is_new = roll(2) == 0;
        finding.title = std::string(roll(9), static_cast<char>('!' + roll(90)));
        if (roll(4) == 0) finding.suppressed_by = "baseline";
        input.findings.push_back(finding);
    }
    input.analyses[0].is_complete = roll(4) != 0;
    if (roll(2) == 0) input.boms.push_back({"CycloneDX 1.6", "sha256:0", 1, roll(3) != 0, {}});
    if (roll(2) == 0) input.packages.push_back({"p", "1", "", "MIT", roll(2) == 0 ? "deny" : ""});
    input.change.is_known = roll(2) == 0;
    if (roll(2) == 0) {
        input.environment = "production";
        input.environment_settings =
            R"({"approvals": [{"group": "g", "count": 1}], "wait": "1h", "exclusive": true})";
        input.history.is_known = roll(2) == 0;
        input.history.requested = "2026-11-27T10:00:00Z";
    }
    return input;
}

TEST(GateVerdict, replays_bit_for_bit_from_policy_and_input_alone) {
    std::mt19937 random(22);
    for (const ReadyGate& gate : ready_gates()) {
        const Policy policy = ready_policy(gate.name);
        const Policy again = Policy::read(policy.document()).value();
        EXPECT_EQ(again.digest(), policy.digest());
        for (int i = 0; i < 100; ++i) {
            const std::string input = to_json(random_input(random, gate.name));
            const Verdict verdict = judge(policy, input).value();
            EXPECT_EQ(judge(again, input).value().statement, verdict.statement);
            EXPECT_EQ(judge(policy, input).value().id, verdict.id);
            // Nothing passes with something unknown.
            EXPECT_FALSE(verdict.has_unknown && verdict.outcome == Outcome::kPass);
        }
    }
}

// What is wrong with an input that is otherwise clean, and what each ready gate says to it.
TEST(GateReady, each_gate_has_a_table_of_cases) {
    const auto add = [](model::Severity severity, std::string_view kind, bool is_new) {
        return [=](Input& input) {
            input.findings.push_back(finding_of(severity));
            input.findings.back().kind = kind;
            input.findings.back().is_new = is_new;
        };
    };
    constexpr auto kCritical = model::Severity::kCritical, kHigh = model::Severity::kHigh;
    const struct {
        std::string_view name;
        std::function<void(Input& input)> spoil;
        Outcome pr, release, deploy;
    } cases[] = {
        {"nothing", [](Input&) {}, Outcome::kPass, Outcome::kPass, Outcome::kPass},
        {"a new critical finding", add(kCritical, "code", true), Outcome::kFail, Outcome::kFail,
         Outcome::kFail},
        {"an old critical finding", add(kCritical, "code", false), Outcome::kPass, Outcome::kFail,
         Outcome::kFail},
        {"a new high finding", add(kHigh, "package", true), Outcome::kFail, Outcome::kFail,
         Outcome::kPass},
        {"an old secret", add(model::Severity::kLow, "secret", false), Outcome::kFail,
         Outcome::kFail, Outcome::kFail},
        {"a gap", [](Input& input) { input.analyses[0].gaps.push_back({}); }, Outcome::kUnknown,
         Outcome::kUnknown, Outcome::kUnknown},
        {"an analysis that is missing", [](Input& input) { input.expected = {"packages"}; },
         Outcome::kUnknown, Outcome::kUnknown, Outcome::kUnknown},
        {"no bill of materials", [](Input& input) { input.boms.clear(); }, Outcome::kPass,
         Outcome::kFail, Outcome::kFail},
        {"a bill that is not whole", [](Input& input) { input.boms[0].is_complete = false; },
         Outcome::kPass, Outcome::kUnknown, Outcome::kUnknown},
        {"a bill without components", [](Input& input) { input.boms[0].components = 0; },
         Outcome::kPass, Outcome::kFail, Outcome::kFail},
        {"a report of another repository",
         [](Input& input) { input.analyses[0].other_repository = "github.com/acme/other"; },
         Outcome::kUnknown, Outcome::kUnknown, Outcome::kUnknown},
        {"a licence that is denied",
         [](Input& input) { input.packages.push_back({"p", "1", "", "AGPL-3.0-only", "deny"}); },
         Outcome::kPass, Outcome::kFail, Outcome::kPass},
        {"no environment", [](Input& input) { input.environment.clear(); }, Outcome::kPass,
         Outcome::kPass, Outcome::kUnknown},
        {"an approval that is missing",
         [](Input& input) {
             input.environment_settings = R"({"approvals": [{"group": "g", "count": 1}]})";
         },
         Outcome::kPass, Outcome::kPass, Outcome::kFail},
        {"another branch",
         [](Input& input) { input.environment_settings = R"({"branches": ["x"]})"; },
         Outcome::kPass, Outcome::kPass, Outcome::kFail},
    };
    for (const auto& one : cases) {
        for (const auto& [gate, expected] :
             {std::pair("pr", one.pr), {"release", one.release}, {"deploy", one.deploy}}) {
            Input input = clean_input(gate);
            input.environment = "production";
            input.boms = {{"CycloneDX 1.6", "sha256:0", 1, true, {}}};
            one.spoil(input);
            EXPECT_EQ(name(judged(ready_policy(gate), input).outcome), name(expected))
                << one.name << " at " << gate;
        }
    }
}

TEST(GateReady, a_file_of_ones_own_stands_beside_ready_conditions_or_in_place_of_one) {
    const auto files = [](const std::string& path) -> Result<std::optional<std::string>> {
        if (path != "policy/ours.rego") return std::optional<std::string>();
        return std::optional<std::string>(
            "package merlon.gates.severity\n"
            "conditions contains {\"id\": \"ours\", \"status\": \"pass\"}");
    };
    const std::vector<std::string> conditions = {"policy/ours.rego", "secrets"};
    const Policy policy = Policy::compile(gather_modules(conditions, files).value()).value();
    Input input = clean_input();
    input.findings = {finding_of(model::Severity::kCritical)};
    EXPECT_EQ(judged(policy, input).outcome, Outcome::kPass);
    EXPECT_FALSE(gather_modules(std::vector<std::string>{"policy/other.rego"}, files).ok());
    const auto misspelt = gather_modules(std::vector<std::string>{"severty"}, files);
    ASSERT_FALSE(misspelt.ok());
    EXPECT_NE(misspelt.error().message.find("did you mean 'severity'"), std::string::npos);
}

}  // namespace
}  // namespace merlon::gate
