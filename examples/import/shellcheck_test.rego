package merlon.import_test

import data.merlon.import as mapping

comment := {
	"file": "deploy.sh", "line": 3, "endLine": 3, "column": 8, "endColumn": 12,
	"level": "warning", "code": 2086, "message": "Double quote to prevent globbing.",
}

test_a_comment_is_a_finding if {
	some finding in mapping.findings with input as [comment]
	finding.rule == "SC2086"
	finding.severity == "medium"
	finding.path == "deploy.sh"
	finding.line == 3
}

test_each_comment_has_to_be_a_finding if {
	mapping.expected == 2 with input as [comment, object.union(comment, {"line": 9})]
	mapping.expected == -1 with input as {"comments": [comment]}
}

test_no_comment_is_no_finding if {
	count(mapping.findings) == 0 with input as []
}
