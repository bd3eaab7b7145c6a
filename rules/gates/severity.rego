# METADATA
# title: Findings by severity
# description: >-
#   No finding that counts of the severity `severity` or above; with `only-new`, only those that the
#   target branch has not. Where nothing tells what the target branch has, every finding is new.
package merlon.gates.severity

import data.merlon.gates.common

threshold := input.settings.severity

# Secrets have a condition of their own.
against contains common.evidence_of(finding) if {
	some finding in input.findings
	not finding.suppressed
	finding.kind != "secret"
	common.severity_of(finding) >= common.rank[threshold]
	in_question(finding)
}

in_question(_) if not input.settings["only-new"]

in_question(finding) if finding.new

which := "new finding" if input.settings["only-new"]

which := "finding" if not input.settings["only-new"]

conditions contains common.judged(
	{
		"id": "severity",
		"title": sprintf("no %s of severity %s or above", [which, threshold]),
		"reason": reason,
		"fix": "mend what is listed, or accept it with an exception that ends",
		"approvers": object.get(input.settings, "exceptions-by", []),
	},
	against,
)

default reason := ""

reason := "nothing tells what the target branch has, so every finding counts as new" if {
	input.settings["only-new"]
	not input.base.known
}
