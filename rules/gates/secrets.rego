# METADATA
# title: No secrets
# description: No secret that counts, new or not, whatever its severity. Where nobody looked it is not known.
package merlon.gates.secrets

import data.merlon.gates.common

against contains common.evidence_of(finding) if {
	some finding in input.findings
	finding.kind == "secret"
	not finding.suppressed
}

suppressed contains finding if {
	some finding in input.findings
	finding.suppressed_in_change
	finding.kind == "secret"
}

about := {
	"id": "secrets",
	"title": "no secret is in the clear",
	"approvers": object.get(input.settings, "exceptions-by", []),
}

conditions contains common.with_suppressions(
	common.judged(
		object.union(about, {"fix": "revoke the secret where it was issued, then take it out of the commits"}),
		against,
	),
	suppressed,
) if {
	not common.nobody_looked
}

conditions contains common.known(
	object.union(about, {"fix": "hand a report to the gate (--report), or import one for this branch"}),
	{{"text": "nobody has looked: no analysis was handed to the gate"}},
) if {
	common.nobody_looked
}
