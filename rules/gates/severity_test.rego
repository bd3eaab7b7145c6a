package merlon.gates.severity_test

import data.merlon.gates.severity

finding(severity, is_new) := {
	"rule": "r", "tool": "t", "kind": "code", "severity": severity, "path": "a.py", "line": 3,
	"title": "what", "new": is_new, "suppressed": false, "document": "sha256:0",
}

asked(findings, settings) := {
	"findings": findings,
	"base": {"known": true},
	"settings": object.union({"severity": "high", "only-new": true}, settings),
}

status(findings, settings) := statuses if {
	conditions := severity.conditions with input as asked(findings, settings)
	statuses := {condition.status | some condition in conditions}
}

# what there is, what is set, what comes of it
cases := {
	"nothing": [[], {}, "pass"],
	"a new one above": [[finding("critical", true)], {}, "fail"],
	"a new one at the threshold": [[finding("high", true)], {}, "fail"],
	"a new one below": [[finding("medium", true)], {}, "pass"],
	"an old one": [[finding("critical", false)], {}, "pass"],
	"an old one counts where all do": [[finding("critical", false)], {"only-new": false}, "fail"],
	"one of a severity that nobody knows": [[finding("strange", true)], {}, "fail"],
	"one that is suppressed": [[object.union(finding("critical", true), {"suppressed": true})], {}, "pass"],
	"a secret has its own condition": [[object.union(finding("critical", true), {"kind": "secret"})], {}, "pass"],
	"one of many": [[finding("low", true), finding("high", false), finding("high", true)], {}, "fail"],
	"another threshold": [[finding("low", true)], {"severity": "low"}, "fail"],
}

test_cases[name] if {
	some name, case in cases
	status(case[0], case[1]) == {case[2]}
}

test_the_evidence_names_the_place if {
	conditions := severity.conditions with input as asked([finding("high", true)], {})
	some condition in conditions
	[{"text": one.text, "document": one.document} | some one in condition.evidence] == [{
		"text": "high r at a.py:3: what",
		"document": "sha256:0",
	}]
}

key(found) := one.key if {
	conditions := severity.conditions with input as asked([found], {})
	some condition in conditions
	some one in condition.evidence
}

stored(severity, more) := object.union(finding(severity, true), object.union({"id": 7}, more))

test_by_its_key_it_is_the_same_wherever_the_store_knows_it if {
	key(stored("high", {})) == key(stored("high", {"line": 9, "path": "b.py"}))
	key(stored("high", {})) != key(stored("high", {"id": 8}))
	key(stored("high", {})) != key(stored("critical", {}))
	key(stored("high", {})) != key(stored("high", {"title": "else"}))
}

test_reports_alone_know_it_by_its_line if {
	key(finding("high", true)) == key(finding("high", true))
	key(finding("high", true)) != key(object.union(finding("high", true), {"line": 9}))
}

raised(from, to) := object.union(finding(to, false), {"raised_from": from})

# what there is, what is set, what comes of it
raised_cases := {
	"over the threshold in this change": [[raised("low", "critical")], {}, "fail"],
	"to the threshold in this change": [[raised("medium", "high")], {}, "fail"],
	"below the threshold": [[raised("info", "medium")], {}, "pass"],
	"above it before": [[raised("high", "critical")], {}, "pass"],
	"where all count": [[raised("high", "critical")], {"only-new": false}, "fail"],
}

test_raised[name] if {
	some name, case in raised_cases
	status(case[0], case[1]) == {case[2]}
}

test_the_evidence_says_from_where_it_was_raised if {
	conditions := severity.conditions with input as asked([raised("low", "critical")], {})
	some condition in conditions
	condition.evidence[0].text == "critical r at a.py:3: what (raised from low)"
}

test_where_nobody_looked_it_is_unknown if {
	conditions := severity.conditions with input as object.union(asked([], {"only-new": false}), {"coverage": {"analyses": []}})
	{condition.status | some condition in conditions} == {"unknown"}
}

maybe(severity) := object.union(finding(severity, true), {"base_unknown": true})

# what there is, what is set, what comes of it
unknown_cases := {
	"one that the merge base may have": [[maybe("high")], {}, "unknown"],
	"one that is new for certain fails beside it": [[maybe("high"), finding("high", true)], {}, "fail"],
	"one below asks nobody": [[maybe("low")], {}, "pass"],
	"where all count nobody asks": [[maybe("high")], {"only-new": false}, "fail"],
	"one that is suppressed": [[object.union(maybe("high"), {"suppressed": true})], {}, "pass"],
}

test_unknown_cases[name] if {
	some name, case in unknown_cases
	status(case[0], case[1]) == {case[2]}
}

test_what_is_not_known_is_told if {
	conditions := severity.conditions with input as object.union(
		asked([maybe("high")], {}),
		{"base": {"known": false, "because": ["import the merge base"]}},
	)
	some condition in conditions
	{"text": "import the merge base"} in condition.evidence
}
