# METADATA
# title: What the ready gates share
# description: >-
#   Severities in order, findings as evidence, and conditions that fail where there is evidence.
package merlon.gates.common

rank := {"info": 0, "low": 1, "medium": 2, "high": 3, "critical": 4}

# A severity that nobody knows exceeds every threshold.
severity_of(finding) := object.get(rank, finding.severity, 5)

place(finding) := finding.path if finding.line == 0

place(finding) := sprintf("%s:%d", [finding.path, finding.line]) if finding.line > 0

evidence_of(finding) := {
	"text": sprintf("%s %s at %s: %s", [finding.severity, finding.rule, place(finding), finding.title]),
	"document": finding.document,
}

# Nobody looked, so that no finding says nothing. A policy or an input of before has no such list.
nobody_looked if count(object.get(input, ["coverage", "analyses"], [0])) == 0

# A condition that passes where there is no evidence against it.
judged(about, evidence) := object.union(about, {"status": "pass", "evidence": []}) if count(evidence) == 0

judged(about, evidence) := object.union(about, {"status": "fail", "evidence": [one | some one in evidence]}) if {
	count(evidence) > 0
}

# The same for what is not known: no evidence of a fault, but of ignorance.
known(about, evidence) := object.union(about, {"status": "pass", "evidence": []}) if count(evidence) == 0

known(about, evidence) := object.union(about, {"status": "unknown", "evidence": [one | some one in evidence]}) if {
	count(evidence) > 0
}
