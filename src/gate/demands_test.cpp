#include "gate/demands.h"

#include <gtest/gtest.h>

#include "base/arena.h"
#include "base/interner.h"
#include "text/json.h"

namespace merlon::gate {
namespace {

// What is asked for and a policy of one's own with these rules does not look at; "" where it looks
// at all.
std::string unlooked(std::string_view asked, const std::string& rules,
                     const std::vector<std::string>& conditions = {"severity", "own.rego"}) {
    Arena arena;
    Interner interner;
    const auto environment = text::read_json(asked, arena, interner);
    const auto demands = unlooked_demands(*environment.value().root, conditions);
    const PolicyModule modules[] = {
        {.name = "common", .text = "package c\nx := input", .role = PolicyModule::Role::kLibrary},
        {.name = "severity", .text = "package s\nx := input"},
        {.name = "own.rego", .text = "package own\n" + rules}};
    const Status checked = check_demands(demands, "live", modules);
    return checked.ok() ? "" : checked.error().to_string();
}

TEST(Demands, a_policy_that_looks_elsewhere_looks_at_none) {
    const std::string elsewhere = "conditions contains x if { some x in input.change.workflow }";
    for (const std::string_view asked :
         {R"({"approvals": [{"group": "a", "count": 2}]})", R"({"freezes": [{}]})",
          R"({"exclusive": true})", R"({"branches": ["main"]})", R"({"wait": "1h"})",
          R"({"windows": [{}]})", R"({"registered-requester": true})", R"({"approval-age": "1h"})"})
        EXPECT_NE(unlooked(asked, elsewhere), "") << asked;
    EXPECT_EQ(unlooked(R"({"exclusive": false, "self-approval": true})", elsewhere), "");
    EXPECT_EQ(unlooked(R"({"exclusive": true})", elsewhere, {"environment", "own.rego"}), "");
    EXPECT_EQ(
        unlooked(R"({"wait": "1h"})", elsewhere),
        "environment 'live' has 'wait', and none of the gate's conditions looks at it (no "
        "policy of your own reads input.environment.settings[\"wait\"]): add 'environment' to "
        "its conditions, or say 'unlooked: allowed' in the environment where this is meant");
}

TEST(Demands, a_policy_looks_at_what_it_reads) {
    const std::string wait = R"({"wait": "1h"})";
    for (const std::string rules :
         {"conditions contains x if x := input.environment.settings.wait",
          "conditions contains x if x := input.environment.settings[\"wait\"]",
          "conditions contains x if { some k; x := input.environment.settings[k] }",
          "conditions contains x if x := object.get(input.environment.settings, \"wait\", \"\")",
          "e := input.environment\nconditions contains e.name",
          "import input.environment.settings as s\nconditions contains s.wait",
          "conditions contains f(input)\nf(x) := x.y",
          "y := 1 if false else := input.environment.settings.wait\nconditions contains y",
          "conditions contains x if { x := [y | y := input.environment.settings.wait] }",
          "conditions contains a\na := b(1)\nb(x) := c.d if x\nc.d := input.environment",
          "import data.own.a as z\nconditions contains z\na := input.environment",
          "import data.own\nconditions contains own.a\na := input.environment",
          "conditions contains data.own.a\na := input.environment",
          "conditions contains x if { some k; x := data.own[k] }\na := input.environment",
          "conditions contains x if walk(data, x)\na := input.environment",
          "conditions contains x if walk(data.own, x)\na := input.environment",
          "import data.own\nconditions contains x if walk(own, x)\na := input.environment",
          "conditions contains x if { x := 1 with input.change as a }\na := input.environment"})
        EXPECT_EQ(unlooked(wait, rules), "") << rules;
    for (const std::string rules :
         {"conditions contains x if x := input.environment.name",
          "conditions contains x if x := input.environment.settings.freezes",
          "conditions contains x if { x := data.own.y with input.environment as {} }\ny := 1",
          "conditions contains \"input.environment\"",
          "conditions contains 1\nunused := input.environment",
          "conditions contains 1\nf(x) := y if y := input.environment.settings.wait",
          "conditions contains a\na := 1\nb := c\nc := input",
          "import input.environment.settings as s\nconditions contains 1",
          "# input.environment\nconditions contains 1"})
        EXPECT_NE(unlooked(wait, rules), "") << rules;
    const std::string decisions = "conditions contains x if { some x in input.decisions }";
    EXPECT_EQ(unlooked(R"({"approvals": [{}], "approval-age": "1h"})", decisions), "");
    EXPECT_NE(unlooked(R"({"registered-requester": true, "approval-age": "1h"})",
                       "conditions contains input.requester_registered"),
              "");
    EXPECT_EQ(unlooked(R"({"registered-requester": true})",
                       "conditions contains input.requester_registered"),
              "");
}

}  // namespace
}  // namespace merlon::gate
