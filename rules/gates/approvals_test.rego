# Who counts as an approver, and who does not.
package merlon.gates.approvals_test

import data.merlon.gates.approvals

word(person, kind, more) := object.union(
	{
		"id": sprintf("sha256:%s-%s", [person, kind]), "kind": kind, "person": person,
		"groups": ["security"], "names": [person, sprintf("%s@example.com", [person])],
		"condition": "", "about": "", "reason": "because", "time": "2026-11-27T10:00:00Z",
		"expires": "", "valid": true, "refused_because": "",
	},
	more,
)

approve(person) := word(person, "approve", {})

asked(decisions, rules, settings) := {
	"decisions": decisions,
	"requested_by": "rob",
	"change": {
		"known": true,
		"unknown_because": "",
		"authors": [{"name": "Ada", "email": "Ada@Example.com"}],
	},
	"environment": {"settings": object.union({"approvals": rules}, settings)},
}

one := [{"group": "security", "count": 1}]

two := [{"group": "security", "count": 2}]

statuses(document) := found if {
	conditions := approvals.conditions with input as document
	found := {condition.id: condition.status | some condition in conditions}
}

cases := {
	"none is asked for": [[], [], {}, {"approvals": "pass"}],
	"nobody approved": [[], one, {}, {"approvals/security": "fail"}],
	"one of one": [[approve("ana")], one, {}, {"approvals/security": "pass"}],
	"one of two": [[approve("ana")], two, {}, {"approvals/security": "fail"}],
	"two of two": [[approve("ana"), approve("ben")], two, {}, {"approvals/security": "pass"}],
	"one person twice is one": [
		[approve("ana"), word("ana", "approve", {"id": "other"})],
		two, {}, {"approvals/security": "fail"},
	],
	"who asked for it": [[approve("rob")], one, {}, {"approvals/security": "fail"}],
	"who asked for it, whatever the case of the name": [[approve("ROB")], one, {}, {"approvals/security": "fail"}],
	"who asked for it, where that is allowed": [
		[approve("rob")],
		one, {"self-approval": true}, {"approvals/security": "pass"},
	],
	"an author, whatever the case of the address": [[approve("ada")], one, {}, {"approvals/security": "fail"}],
	"an author from another address, by the name": [
		[word("Ada ", "approve", {"names": ["Ada ", "ada@home.example"]})],
		one, {}, {"approvals/security": "fail"},
	],
	"an author, where that is allowed": [
		[approve("ada")],
		one, {"author-approval": true}, {"approvals/security": "pass"},
	],
	"somebody of another group": [
		[word("ana", "approve", {"groups": ["web"]})],
		one, {}, {"approvals/security": "fail"},
	],
	"a decision that does not count": [
		[word("ana", "approve", {"valid": false, "refused_because": "it is too old"})],
		one, {}, {"approvals/security": "fail"},
	],
	"an approval of an exception is none of this": [
		[word("ana", "approve", {"about": "sha256:1"})],
		one, {}, {"approvals/security": "fail"},
	],
	"a rejection": [
		[approve("ana"), word("ben", "reject", {})],
		one, {}, {"approvals/security": "pass", "approvals/rejected": "fail"},
	],
	"a rejection of the same moment, whatever the ids": [
		[word("ana", "approve", {"id": "sha256:b"}), word("ana", "reject", {"id": "sha256:a"})],
		one, {}, {"approvals/security": "fail", "approvals/rejected": "fail"},
	],
	"a rejection that was taken back in its second": [
		[
			word("ana", "reject", {"time": "2026-11-27T10:00:00.120Z"}),
			word("ana", "approve", {"time": "2026-11-27T10:00:00.400Z"}),
		],
		one, {}, {"approvals/security": "pass"},
	],
	"a time without a fraction is the start of its second": [
		[
			word("ana", "approve", {"time": "2026-11-27T10:00:00Z"}),
			word("ana", "reject", {"time": "2026-11-27T10:00:00.400Z"}),
		],
		one, {}, {"approvals/security": "fail", "approvals/rejected": "fail"},
	],
	"a rejection that was taken back": [
		[word("ana", "reject", {}), word("ana", "approve", {"time": "2026-11-27T11:00:00Z"})],
		one, {}, {"approvals/security": "pass"},
	],
	"an approval that was taken back": [
		[approve("ana"), word("ana", "reject", {"time": "2026-11-27T11:00:00Z"})],
		one, {}, {"approvals/security": "fail", "approvals/rejected": "fail"},
	],
	"two groups": [
		[approve("ana"), word("ben", "approve", {"groups": ["web"]})],
		[{"group": "security", "count": 1}, {"group": "web", "count": 1}],
		{}, {"approvals/security": "pass", "approvals/web": "pass"},
	],
}

test_cases[name] if {
	some name, case in cases
	statuses(asked(case[0], case[1], case[2])) == case[3]
}

test_who_asks_is_registered_where_that_is_wanted if {
	wanted := asked([approve("ana")], one, {"registered-requester": true})
	statuses(wanted) == {"approvals/security": "pass", "approvals/requester": "fail"}
	registered := object.union(wanted, {"requester_registered": true})
	statuses(registered) == {"approvals/security": "pass", "approvals/requester": "pass"}
	stranger := object.union(wanted, {"requester_registered": false})
	statuses(stranger) == {"approvals/security": "pass", "approvals/requester": "fail"}
}

test_without_authors_nobody_knows_whether_one_approved if {
	document := object.union(asked([approve("ana")], one, {}), {"change": {
		"known": false,
		"unknown_because": "this is no repository",
		"authors": [],
	}})
	statuses(document) == {"approvals/security": "unknown"}
}

test_who_asked_has_to_be_known if {
	document := object.union(asked([approve("ana")], one, {}), {"requested_by": ""})
	statuses(document) == {"approvals/security": "unknown"}
}

test_outside_of_an_environment_nobody_knows_whose_approval_counts if {
	conditions := approvals.conditions with input as object.union(asked([], [], {}), {"environment": null})
	{condition.status | some condition in conditions} == {"unknown"}
}
