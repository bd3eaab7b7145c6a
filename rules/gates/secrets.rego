# METADATA
# title: No secrets
# description: No secret that counts, new or not, whatever its severity.
package merlon.gates.secrets

import data.merlon.gates.common

against contains common.evidence_of(finding) if {
	some finding in input.findings
	finding.kind == "secret"
	not finding.suppressed
}

conditions contains common.judged(
	{
		"id": "secrets",
		"title": "no secret is in the clear",
		"fix": "revoke the secret where it was issued, then take it out of the commits",
		"approvers": object.get(input.settings, "exceptions-by", []),
	},
	against,
)
