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

# `key`: by what the same is known again; an exception is for what it names. In a store that is its number, wherever
# it moves to; reports alone do not tell whether another line is another finding.
evidence_of(finding) := {
	"text": sprintf("%s %s at %s: %s%s", [finding.severity, finding.rule, place(finding), finding.title, raised(finding)]),
	"document": finding.document,
	"key": key_of(array.concat([finding.rule, finding.severity, finding.title], known_by(finding))),
}

known_by(finding) := [finding.id] if finding.id

known_by(finding) := [finding.path, finding.line] if not finding.id

raised(finding) := sprintf(" (raised from %s)", [finding.raised_from]) if finding.raised_from

raised(finding) := "" if not finding.raised_from

key_of(words) := substring(crypto.sha256(json.marshal(words)), 0, 16)

# Nobody looked, so that no finding says nothing. An input of an older Merlon has no such list.
nobody_looked if count(input.coverage.analyses) == 0

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

# What the change itself suppresses (a comment, an ignore file, its tool) is told beside a condition, whatever its
# severity: it does not count, and whoever reads the verdict sees it.
suppression_of(finding) := {
	"text": sprintf("suppressed in this change (%s)%s: %s", [
		finding.suppressed_by, maybe_before(finding), evidence_of(finding).text,
	]),
	"document": finding.document,
}

maybe_before(finding) := ", or before: nothing tells" if object.get(finding, "base_unknown", false)

maybe_before(finding) := "" if not object.get(finding, "base_unknown", false)

with_suppressions(condition, findings) := condition if count(findings) == 0

with_suppressions(condition, findings) := object.union(condition, {"evidence": array.concat(
	condition.evidence,
	array.concat(
		[{"text": sprintf("suppressed in this change: %d", [count(findings)])}],
		[suppression_of(one) | some one in findings],
	),
)}) if {
	count(findings) > 0
}
