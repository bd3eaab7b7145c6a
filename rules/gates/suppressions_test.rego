# What the change itself suppresses.
package merlon.gates.suppressions_test

import data.merlon.gates.secrets
import data.merlon.gates.severity
import data.merlon.gates.suppressions

silent(more) := object.union(
	{
		"rule": "r", "tool": "t", "kind": "code", "severity": "high", "path": "a.py", "line": 3, "title": "what",
		"new": true, "suppressed": true, "suppressed_by": "inline", "suppressed_in_change": true,
		"document": "sha256:0",
	},
	more,
)

asked(findings, more) := object.union(
	{
		"gate": "pr",
		"findings": findings,
		"base": {"known": true},
		"settings": {"severity": "high", "only-new": true},
		"coverage": {"analyses": [{}]},
	},
	more,
)

# what there is, what comes of it
cases := {
	"nothing": [[], "pass"],
	"one that would count": [[silent({})], "fail"],
	"one below the threshold": [[silent({"severity": "low"})], "pass"],
	"a secret of any severity": [[silent({"severity": "low", "kind": "secret"})], "fail"],
	"suppressed before": [[object.remove(silent({}), ["suppressed_in_change"])], "pass"],
	"nothing tells whether it was before": [[silent({"base_unknown": true})], "unknown"],
	"of a severity that nobody knows": [[silent({"severity": "strange"})], "fail"],
}

test_cases[name] if {
	some name, case in cases
	conditions := suppressions.conditions with input as asked(case[0], {})
	{case[1]} == {condition.status | some condition in conditions}
}

test_where_nobody_looked_it_is_unknown if {
	conditions := suppressions.conditions with input as asked([], {"coverage": {"analyses": []}})
	{"unknown"} == {condition.status | some condition in conditions}
}

test_only_pull_requests_have_a_change if {
	conditions := suppressions.conditions with input as asked([], {"gate": "release"})
	{"unknown"} == {condition.status | some condition in conditions}
}

texts(conditions) := [one.text | some condition in conditions; some one in condition.evidence]

test_the_others_tell_of_them_and_pass if {
	findings := [silent({}), silent({"severity": "low", "kind": "secret", "rule": "key"})]
	by_severity := severity.conditions with input as asked(findings, {})
	{"pass"} == {condition.status | some condition in by_severity}
	texts(by_severity) == [
		"suppressed in this change: 1",
		"suppressed in this change (inline): high r at a.py:3: what",
	]
	by_secret := secrets.conditions with input as asked(findings, {})
	{"pass"} == {condition.status | some condition in by_secret}
	texts(by_secret) == [
		"suppressed in this change: 1",
		"suppressed in this change (inline): low key at a.py:3: what",
	]
}
