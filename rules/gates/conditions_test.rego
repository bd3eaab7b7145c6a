# Cases of the conditions that look at what was analysed and made.
package merlon.gates.conditions_test

import data.merlon.gates.attestations
import data.merlon.gates.coverage
import data.merlon.gates.licenses
import data.merlon.gates.metrics
import data.merlon.gates.sbom
import data.merlon.gates.secrets

statuses(conditions) := {condition.status | some condition in conditions}

secret(is_suppressed) := {
	"rule": "aws", "kind": "secret", "severity": "low", "path": "a", "line": 0, "title": "a key",
	"new": false, "suppressed": is_suppressed, "document": "sha256:0",
}

test_secrets[name] if {
	some name, case in {
		"none": [[], {"pass"}],
		"an old one of low severity": [[secret(false)], {"fail"}],
		"one that is suppressed": [[secret(true)], {"pass"}],
		"other findings": [[object.union(secret(false), {"kind": "code"})], {"pass"}],
	}
	statuses(secrets.conditions) == case[1] with input as {"findings": case[0], "settings": {}}
}

test_where_nobody_looked_secrets_are_unknown if {
	statuses(secrets.conditions) == {"unknown"} with input as {"findings": [], "settings": {}, "coverage": {"analyses": []}}
}

analysis(more) := object.union(
	{
		"tool": "merlon", "engine": "secrets", "category": "", "commit": "", "complete": true,
		"because": [], "gaps": [], "document": "sha256:0",
	},
	more,
)

test_coverage[name] if {
	some name, case in {
		"whole": [[analysis({})], [], {"pass"}],
		"nothing": [[], [], {"unknown"}],
		"incomplete": [[analysis({"complete": false})], [], {"unknown"}],
		"a gap": [[analysis({"gaps": [{"cause": "encrypted", "path": "a.zip", "detail": "d"}]})], [], {"unknown"}],
		"one that is missing": [[analysis({})], ["packages"], {"unknown"}],
		"of this commit": [[analysis({"commit": "ABC123"})], [], {"pass"}],
		"of another commit": [[analysis({"commit": "fff"})], [], {"unknown"}],
		"of a store, which says no commit": [[analysis({"stored": true})], [], {"unknown"}],
		"of a store and of this commit": [[analysis({"stored": true, "commit": "abc123"})], [], {"pass"}],
	}
	statuses(coverage.conditions) == case[2] with input as {
		"coverage": {"analyses": case[0], "missing": case[1]},
		"change": {"head": "abc123def"},
	}
}

assumed := analysis({"assumed": true})

covered(analyses, settings) := conditions if {
	conditions := coverage.conditions with input as {
		"coverage": {"analyses": analyses, "missing": []},
		"change": {"head": ""},
		"settings": settings,
	}
}

told := "coverage of merlon secrets: told by no one (SARIF without invocations), taken as complete"

test_coverage_that_nobody_tells_is_taken_for_complete_and_told if {
	conditions := covered([assumed], {"strict-coverage": false})
	statuses(conditions) == {"pass"}
	{told} == {one.text | some condition in conditions; some one in condition.evidence}
}

test_coverage_that_nobody_tells_is_unknown_where_that_is_wanted if {
	conditions := covered([assumed], {"strict-coverage": true})
	statuses(conditions) == {"unknown"}
	some condition in conditions
	contains(condition.fix, "--coverage complete")
	statuses(covered([analysis({})], {"strict-coverage": true})) == {"pass"}
}

package_of(verdict) := {"name": "p", "version": "1", "purl": "", "license": "MIT", "license_verdict": verdict}

test_licenses[name] if {
	some name, case in {
		"allowed": [[package_of("allow")], [{}], "deny", {"pass"}],
		"denied": [[package_of("deny")], [{}], "deny", {"fail"}],
		"to be looked at": [[package_of("review")], [{}], "deny", {"pass"}],
		"to be looked at, which fails": [[package_of("review")], [{}], "review", {"fail"}],
		"no bill of materials": [[], [], "deny", {"unknown"}],
		"no list": [[package_of("")], [{}], "deny", {"unknown"}],
		"denied wins over what is not known": [[package_of(""), package_of("deny")], [{}], "deny", {"fail"}],
	}
	statuses(licenses.conditions) == case[3] with input as {
		"packages": case[0],
		"boms": case[1],
		"settings": {"licenses": case[2]},
	}
}

bom(complete, describes) := {
	"format": "CycloneDX 1.6", "document": "sha256:0", "components": 1, "complete": complete,
	"describes": describes,
}

test_sbom[name] if {
	some name, case in {
		"whole": [[bom(true, [])], {"pass"}],
		"of this artefact": [[bom(true, ["sha256:aa"])], {"pass"}],
		"of another one": [[bom(true, ["sha256:bb"])], {"fail"}],
		"none": [[], {"fail"}],
		"not whole": [[bom(false, [])], {"unknown"}],
	}
	statuses(sbom.conditions) == case[1] with input as {
		"boms": case[0],
		"subject": {"digest": "sha256:aa"},
		"settings": {},
	}
}

attestation(type, subjects, verified) := {
	"predicate_type": type, "subjects": subjects, "verified": verified, "document": "sha256:0",
	"reason": "its signature was not verified",
}

test_attestations[name] if {
	some name, case in {
		"none is asked for": [[], [], {"pass"}],
		"verified": [["p"], [attestation("p", ["sha256:aa"], true)], {"pass"}],
		"not verified": [["p"], [attestation("p", ["sha256:aa"], false)], {"unknown"}],
		"of another artefact": [["p"], [attestation("p", ["sha256:bb"], true)], {"fail"}],
		"another kind": [["p"], [attestation("q", ["sha256:aa"], true)], {"fail"}],
		"one of two": [["p", "q"], [attestation("p", ["sha256:aa"], true)], {"pass", "fail"}],
		"one that is verified will do": [
			["p"],
			[attestation("p", ["sha256:aa"], false), attestation("p", ["sha256:aa"], true)],
			{"pass"},
		],
	}
	statuses(attestations.conditions) == case[2] with input as {
		"settings": {"attestations": case[0]},
		"attestations": case[1],
		"subject": {"digest": "sha256:aa"},
	}
}

test_metrics[name] if {
	some name, case in {
		"none is asked for": [[], {}, {"pass"}],
		"within": [[{"name": "errors", "at-most": 0.01}], {"errors": 0.001}, {"pass"}],
		"at the bound": [[{"name": "errors", "at-most": 0.01}], {"errors": 0.01}, {"pass"}],
		"above": [[{"name": "errors", "at-most": 0.01}], {"errors": 0.5}, {"fail"}],
		"below": [[{"name": "up", "at-least": 0.99}], {"up": 0.5}, {"fail"}],
		"no data": [[{"name": "errors", "at-most": 0.01}], {}, {"unknown"}],
	}
	statuses(metrics.conditions) == case[2] with input as {"settings": {"metrics": case[0]}, "metrics": case[1]}
}
