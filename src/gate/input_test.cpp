#include "gate/input.h"

#include <gtest/gtest.h>

#include "base/arena.h"
#include "base/interner.h"
#include "match/regex.h"
#include "text/json.h"
#include "value/json_schema.h"

__asm__(
    ".pushsection .rodata\n"
    ".global merlon_gate_input_schema_begin\n"
    ".global merlon_gate_input_schema_end\n"
    "merlon_gate_input_schema_begin:\n"
    ".incbin \"" MERLON_GATE_INPUT_SCHEMA
    "\"\n"
    "merlon_gate_input_schema_end:\n"
    ".byte 0\n"
    ".popsection\n");
extern "C" const char merlon_gate_input_schema_begin[];
extern "C" const char merlon_gate_input_schema_end[];

namespace merlon::gate {
namespace {

Result<bool> matches_pattern(std::string_view pattern, std::string_view text) {
    const match::Regex regex = MERLON_TRY(match::Regex::compile(pattern));
    return regex.is_match(text);
}

// The first thing that the schema does not allow; empty: it fits.
std::string violation_of(std::string_view json) {
    Arena arena;
    Interner interner;
    const std::string_view text(
        merlon_gate_input_schema_begin,
        static_cast<std::size_t>(merlon_gate_input_schema_end - merlon_gate_input_schema_begin));
    const auto schema = text::read_json(text, arena, interner);
    const auto document = text::read_json(json, arena, interner);
    if (!schema.ok()) return schema.error().to_string();
    if (!document.ok()) return document.error().to_string();
    const auto violations =
        value::validate(*schema.value().root, *document.value().root, matches_pattern);
    if (!violations.ok()) return violations.error().to_string();
    if (violations.value().empty()) return {};
    return violations.value()[0].pointer + ": " + violations.value()[0].message;
}

// Something in each place.
Input whole_input() {
    Input input;
    input.merlon = "1.2.3";
    input.gate = "deploy";
    input.now = {1'795'780'800'000'000'000};
    input.time_to_live_s = 3'600;
    input.subject = {"registry.example/shop", "sha256:" + std::string(64, 'a')};
    input.repository = "acme/shop";
    input.ref = input.target = "main";
    input.requested_by = "rob";
    input.settings = R"({"severity": "high"})";
    input.groups = R"({"security": ["ana"]})";
    input.settings_from = "origin/main:.merlon.yaml";
    const std::string digest = "sha256:" + std::string(64, '0');
    input.findings = {{.id = 7,
                       .rule = "r",
                       .tool = "semgrep",
                       .kind = "code",
                       .severity = model::Severity::kCritical,
                       .path = "a \"b\".py",
                       .line = 3,
                       .title = "what",
                       .fix = "mend",
                       .is_new = false,
                       .may_have_moved = true,
                       .suppressed_by = "baseline",
                       .document = digest,
                       .suppressed_until = "2026-12-01T00:00:00Z",
                       .is_base_unknown = true,
                       .is_suppressed_in_change = true,
                       .raised_from = model::Severity::kLow}};
    input.has_base = true;
    input.base_commit = "aa";
    input.base_unknown_because = {"nobody has looked"};
    input.analyses = {{.tool = "merlon",
                       .engine = "secrets",
                       .category = "c",
                       .below = "reg/web",
                       .commit = "ab",
                       .other_repository = "github.com/acme/other",
                       .is_complete = false,
                       .is_assumed = true,
                       .because = {"encrypted"},
                       .gaps = {{model::GapCause::kEncrypted, "b.zip", "needs a password"}},
                       .document = digest,
                       .is_stored = true}};
    input.expected = {"secrets", "packages"};
    input.boms = {{.format = "CycloneDX 1.6",
                   .document = digest,
                   .components = 2,
                   .is_complete = true,
                   .describes = {input.subject.digest}}};
    input.packages = {{"left-pad", "1.0.0", "pkg:npm/left-pad@1.0.0", "WTFPL", "deny"}};
    input.attestations = {{"https://slsa.dev/provenance/v1",
                           digest,
                           {input.subject.digest},
                           false,
                           "its signature was not verified"}};
    input.decisions = {{.id = digest,
                        .kind = "approve",
                        .person = "ana",
                        .groups = {"security"},
                        .names = {"ana"},
                        .condition = {},
                        .about = {},
                        .reason = "looked at it",
                        .time = "2026-11-27T10:00:00Z",
                        .expires = {},
                        .covers = std::vector<std::string>{"aa"},
                        .is_valid = true,
                        .refused_because = {}}};
    input.exceptions = {{digest, "severity", "ana", "ben", "ticket 812", "2026-12-27T10:00:00Z",
                         std::vector<std::string>{"aa"}}};
    input.change = {.is_known = true,
                    .unknown_because = {},
                    .base = "aa",
                    .head = "bb",
                    .files = {{".github/workflows/ci.yml", "added"}},
                    .workflow = {".github/workflows/ci.yml"},
                    .authors = {{"Ada", "ada@example.com"}}};
    input.environment = "production";
    input.history = {true, "2026-11-27T10:00:00Z", "sha256:00", "2026-11-27T11:00:00Z"};
    input.zones = {{"Europe/Berlin", "2026-11-27", "11:00", "fri"}};
    input.metrics = {{"error-rate", "0.01"}};
    return input;
}

TEST(GateInput, fits_its_schema_with_everything_and_with_nothing) {
    EXPECT_EQ(violation_of(to_json(whole_input())), "");
    Input nothing;
    nothing.gate = "pr";
    EXPECT_EQ(violation_of(to_json(nothing)), "");
}

TEST(GateInput, the_schema_finds_what_does_not_belong) {
    std::string json = to_json(whole_input());
    json.replace(json.find("\"critical\""), 10, "\"dreadful\"");
    EXPECT_NE(violation_of(json), "");
    json = to_json(whole_input());
    json.replace(json.find("\"maybe_moved\""), 13, "\"perhaps_moved\"");
    EXPECT_NE(violation_of(json), "");
}

TEST(GateInput, an_analysis_that_is_expected_is_known_by_engine_or_tool) {
    Input input = whole_input();
    input.expected = {"Secrets", "MERLON", "packages", "semgrep"};
    EXPECT_EQ(missing_analyses(input), (std::vector<std::string>{"packages", "semgrep"}));
}

}  // namespace
}  // namespace merlon::gate
