# METADATA
# title: Suppressions of the change itself
# description: >-
#   The pull request suppresses no secret, and no finding of the severity `severity` or above, that the merge base
#   has not or does not suppress. Who writes a change is not to decide alone what of it nobody hears of: an exception
#   lets it pass, which one person makes and another one approves. Where it is not known whether the merge base
#   suppresses it, or nobody has looked, the condition is unknown.
package merlon.gates.suppressions

import data.merlon.gates.common

in_question contains finding if {
	some finding in input.findings
	finding.suppressed_in_change
	would_count(finding)
}

would_count(finding) if finding.kind == "secret"

would_count(finding) if common.severity_of(finding) >= common.rank[input.settings.severity]

told(finding) := object.union(common.evidence_of(finding), {"text": common.suppression_of(finding).text})

against contains told(finding) if {
	some finding in in_question
	not object.get(finding, "base_unknown", false)
}

undecided contains told(finding) if {
	some finding in in_question
	object.get(finding, "base_unknown", false)
}

undecided contains {"text": "nobody has looked: no analysis was handed to the gate"} if common.nobody_looked

about := {
	"id": "suppressions",
	"title": "the change suppresses nothing that would count",
	"approvers": object.get(input.settings, "exceptions-by", []),
}

fix := "mend it and take the suppression out, or have it let pass: 'merlon except', which a second person approves"

is_of_change if input.gate == "pr"

conditions contains common.judged(object.union(about, {"fix": fix}), against) if {
	is_of_change
	is_decided
}

conditions contains common.known(
	object.union(about, {"fix": "import the target branch with --commit, each commit, or name a report of it with --base"}),
	undecided,
) if {
	is_of_change
	not is_decided
}

is_decided if count(against) > 0

is_decided if count(undecided) == 0

conditions contains object.union(about, {
	"status": "unknown",
	"reason": "what a change suppresses is asked of pull requests, and this gate has none",
	"fix": "take 'suppressions' out of the conditions of this gate; 'pr' can have it",
}) if {
	not is_of_change
}
