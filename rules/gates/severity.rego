# METADATA
# title: Findings by severity
# description: >-
#   No finding that counts of the severity `severity` or above; with `only-new`, only those that the
#   merge base has not, or has below `severity`. Where nothing tells what the merge base has, every
#   finding is new; where the store should know and does not, the condition is unknown.
package merlon.gates.severity

import data.merlon.gates.common

threshold := input.settings.severity

# Secrets have a condition of their own.
in_question contains finding if {
	some finding in input.findings
	not finding.suppressed
	finding.kind != "secret"
	common.severity_of(finding) >= common.rank[threshold]
}

against contains common.evidence_of(finding) if {
	some finding in in_question
	not input.settings["only-new"]
}

against contains common.evidence_of(finding) if {
	some finding in in_question
	input.settings["only-new"]
	is_of_this_change(finding)
	not object.get(finding, "base_unknown", false)
}

is_of_this_change(finding) if finding.new

# The merge base has it, with a severity that would have passed.
is_of_this_change(finding) if common.rank[finding.raised_from] < common.rank[threshold]

undecided contains {"text": "nobody has looked: no analysis was handed to the gate"} if common.nobody_looked

undecided contains common.evidence_of(finding) if {
	some finding in in_question
	input.settings["only-new"]
	object.get(finding, "base_unknown", false)
}

suppressed contains finding if {
	some finding in input.findings
	finding.suppressed_in_change
	finding.kind != "secret"
}

which := "new finding" if input.settings["only-new"]

which := "finding" if not input.settings["only-new"]

about := {
	"id": "severity",
	"title": sprintf("no %s of severity %s or above", [which, threshold]),
	"reason": reason,
	"approvers": object.get(input.settings, "exceptions-by", []),
}

conditions contains common.with_suppressions(
	common.judged(
		object.union(about, {"fix": "mend what is listed, or accept it with an exception that ends"}),
		against,
	),
	suppressed,
) if {
	is_decided
}

conditions contains common.with_suppressions(
	common.known(
		object.union(about, {"fix": fix_of_unknown}),
		undecided | {{"text": because} | some because in object.get(input.base, "because", [])},
	),
	suppressed,
) if {
	not is_decided
}

fix_of_unknown := "hand a report to the gate (--report), or import one for this branch" if common.nobody_looked

else := "do what is listed, and import the target branch with --commit, each commit"

# Some are new for certain, or nobody has to know.
is_decided if count(against) > 0

is_decided if count(undecided) == 0

default reason := ""

reason := "nothing tells what the merge base has, so every finding counts as new" if {
	input.settings["only-new"]
	not input.base.known
	count(undecided) == 0
}
