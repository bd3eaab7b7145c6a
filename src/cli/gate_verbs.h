#pragma once

// Verbs of gates, decisions about them and people; see command_table.cpp.
//
// Constant tables; internal to it.

#include "cli/gate_flags.h"

namespace merlon::cli {

inline constexpr Verb kGateVerbs[] = {
    {.path = "gate pr",
     .summary = "Judge a pull request by the policy of the branch that it goes to",
     .description =
         "Judges the reports that are named, or what the evidence store knows of the branch; "
         "prints "
         "each condition with its evidence, the smallest fix and who may approve. Settings, people "
         "and policies are those of the target branch, never the change's own.\n"
         "\n"
         "Exit code 1 where a condition fails, 2 where something is not known: that is not green. "
         "With a store the verdict is kept, and can be explained and replayed.",
     .flags = kGatePrFlags,
     .examples = "merlon gate pr --report head.json --base base.json --target main\n"
                 "merlon gate pr --store s.db --repository acme/shop --ref topic --target main"},
    {.path = "gate release",
     .summary = "Judge an artefact before it is released",
     .flags = kGateReleaseFlags,
     .examples = "merlon gate release --digest sha256:… --report scan.json --sbom sbom.cdx.json "
                 "--target main"},
    {.path = "gate deploy",
     .summary = "Judge a deployment: approvals, windows, waits and locks of its environment",
     .description = "What the environment asks for stands in 'environments:' of .merlon.yaml.",
     .flags = kGateDeployFlags,
     .examples = "merlon gate deploy --environment production --digest sha256:… --target main"},
    {.path = "gate explain",
     .summary = "Show a verdict of the store with what it was made from",
     .arguments = "ID",
     .max_arguments = 1,
     .argument_kind = ArgumentKind::kText,
     .flags = kStoreFlags,
     .examples = "merlon gate explain sha256:1f0c…\n"
                 "merlon gate explain 1f0c3a55 --format json"},
    {.path = "gate replay",
     .summary = "Make a verdict of the store again, and compare it to the byte",
     .description = "Exit code 1 where it is not the same.",
     .arguments = "ID",
     .max_arguments = 1,
     .argument_kind = ArgumentKind::kText,
     .flags = kStoreFlags,
     .examples = "merlon gate replay 1f0c3a55"},
    {.path = "gate simulate",
     .summary = "Hold a policy against the verdicts of the past",
     .description =
         "Lists the verdicts that would be others if this policy alone had judged the same inputs. "
         "Nothing is written.",
     .flags = kGateSimulateFlags,
     .examples = "merlon gate simulate --policy new.rego --days 90\n"
                 "merlon gate simulate --policy severity --policy secrets --gate pr"},
    {.path = "gate done",
     .summary = "Say that a deployment is over, so that the next one may begin",
     .arguments = "ID",
     .max_arguments = 1,
     .argument_kind = ArgumentKind::kText,
     .flags = kStoreFlags,
     .examples = "merlon gate done 1f0c3a55"},
    {.path = "approve",
     .summary = "Approve what a verdict of a gate is about, or another person's exception",
     .description =
         "Signs a statement with your SSH key (ssh-keygen -Y sign) that names the artefact, the "
         "environment and the time, and keeps it in the store. Run the gate again: it counts who "
         "may approve.",
     .arguments = "ID",
     .max_arguments = 1,
     .argument_kind = ArgumentKind::kText,
     .flags = kApproveFlags,
     .examples = "merlon approve 1f0c3a55 --as ana --identity ~/.ssh/id_ed25519"},
    {.path = "reject",
     .summary = "Reject what a verdict of a gate is about",
     .description = "Your last word counts: an approval takes it back.",
     .arguments = "ID",
     .max_arguments = 1,
     .argument_kind = ArgumentKind::kText,
     .flags = kApproveFlags,
     .examples = "merlon reject 1f0c3a55 --as ana -i ~/.ssh/id_ed25519 --reason 'not on a Friday'"},
    {.path = "except",
     .summary = "Let a condition of a gate fail until a day, if a second person approves",
     .description =
         "Who may make and approve exceptions, 'exceptions-by' of .merlon.yaml says. With "
         "--break-glass it is from everything, by two people of 'break-glass-by', for hours.",
     .arguments = "ID",
     .max_arguments = 1,
     .argument_kind = ArgumentKind::kText,
     .flags = kExceptFlags,
     .examples = "merlon except 1f0c3a55 --condition severity --until 7d --reason 'ticket 812' "
                 "--as ana -i ~/.ssh/id_ed25519"},
    {.path = "people add",
     .summary = "Add a person and key to .merlon/people",
     .arguments = "NAME",
     .max_arguments = 1,
     .argument_kind = ArgumentKind::kText,
     .flags = kPeopleAddFlags,
     .examples = "merlon people add ana --ssh-key ana.pub --email ana@example.com"},
    {.path = "people list",
     .summary = "List the people of .merlon/people",
     .flags = kPeopleFlags,
     .examples = "merlon people list"},
};

}  // namespace merlon::cli
