# Branches, waits, windows, freezes and locks.
package merlon.gates.environment_test

import data.merlon.gates.environment

asked(settings, more) := object.union(
	{
		"now": "2026-11-27T10:00:00Z",
		"ref": "main",
		"environment": {
			"name": "production",
			"settings": settings,
			"history": {"known": true, "requested": "2026-11-27T09:45:00Z", "locked_by": "", "locked_until": ""},
		},
		"calendar": {"zones": {"Europe/Berlin": {"date": "2026-11-27", "time": "11:00", "weekday": "fri"}}},
	},
	more,
)

statuses(document) := object.remove(found, ["environment/known"]) if {
	conditions := environment.conditions with input as document
	found := {condition.id: condition.status | some condition in conditions}
}

berlin(more) := object.union({"zone": "Europe/Berlin", "from": "09:00", "to": "17:00"}, more)

at(weekday, time) := {"calendar": {"zones": {"Europe/Berlin": {"date": "2026-11-28", "time": time, "weekday": weekday}}}}

weekdays := ["mon", "tue", "wed", "thu", "fri"]

cases := {
	"nothing is asked for": [{}, {}, {}],
	"a branch": [{"branches": ["main"]}, {}, {"environment/branch": "pass"}],
	"another branch": [{"branches": ["release"]}, {}, {"environment/branch": "fail"}],
	"a star stops at a slash": [{"branches": ["release/*"]}, {"ref": "release/1/2"}, {"environment/branch": "fail"}],
	"two stars do not": [{"branches": ["release/**"]}, {"ref": "release/1/2"}, {"environment/branch": "pass"}],
	"a branch in full": [{"branches": ["main"]}, {"ref": "refs/heads/main"}, {"environment/branch": "pass"}],
	"a tag of that name": [{"branches": ["main"]}, {"ref": "refs/tags/main"}, {"environment/branch": "fail"}],
	"a tag by its short name": [{"branches": ["main"]}, {"ref": "main", "ref_kind": "tag"}, {"environment/branch": "fail"}],
	"a branch by its short name": [{"branches": ["main"]}, {"ref": "main", "ref_kind": "branch"}, {"environment/branch": "pass"}],
	"no branch": [{"branches": ["**"]}, {"ref": "refs/pull/12/merge"}, {"environment/branch": "fail"}],
	"a wait that is over": [{"wait": "10m"}, {}, {"environment/wait": "pass"}],
	"a wait to the second": [{"wait": "15m"}, {}, {"environment/wait": "pass"}],
	"a wait that is not over": [{"wait": "16m"}, {}, {"environment/wait": "fail"}],
	"in a window": [{"windows": [berlin({})]}, {}, {"environment/window": "pass"}],
	"a window begins with its first minute": [{"windows": [berlin({})]}, at("sat", "09:00"), {"environment/window": "pass"}],
	"a window ends before its last": [{"windows": [berlin({})]}, at("sat", "17:00"), {"environment/window": "fail"}],
	"on another day": [{"windows": [berlin({"days": weekdays})]}, at("sat", "11:00"), {"environment/window": "fail"}],
	"over midnight, before": [
		{"windows": [berlin({"days": ["fri"], "from": "22:00", "to": "04:00"})]},
		at("fri", "23:00"), {"environment/window": "pass"},
	],
	"over midnight, after": [
		{"windows": [berlin({"days": ["fri"], "from": "22:00", "to": "04:00"})]},
		at("sat", "03:59"), {"environment/window": "pass"},
	],
	"over midnight, a day early": [
		{"windows": [berlin({"days": ["fri"], "from": "22:00", "to": "04:00"})]},
		at("fri", "03:00"), {"environment/window": "fail"},
	],
	"over midnight, monday follows sunday": [
		{"windows": [berlin({"days": ["sun"], "from": "22:00", "to": "04:00"})]},
		at("mon", "03:00"), {"environment/window": "pass"},
	],
	"one of two windows": [
		{"windows": [berlin({"to": "10:00"}), berlin({"from": "10:30"})]},
		{}, {"environment/window": "pass"},
	],
	"a zone that nobody knows": [
		{"windows": [berlin({"zone": "Mars/Base"})]},
		{}, {"environment/window": "fail", "environment/zones": "unknown"},
	],
	"frozen on the last day": [
		{"freezes": [berlin({"from": "2026-11-20", "to": "2026-11-27"})]},
		{}, {"environment/freeze": "fail"},
	],
	"frozen until an hour": [
		{"freezes": [berlin({"from": "2026-11-20", "to": "2026-11-27 10:59"})]},
		{}, {"environment/freeze": "pass"},
	],
	"not frozen yet": [
		{"freezes": [berlin({"from": "2026-11-28", "to": "2026-11-29"})]},
		{}, {"environment/freeze": "pass"},
	],
	"the lock is free": [{"exclusive": true}, {}, {"environment/lock": "pass"}],
}

test_cases[name] if {
	some name, case in cases
	statuses(asked(case[0], case[1])) == case[2]
}

test_the_lock_is_held if {
	document := json.patch(asked({"exclusive": true}, {}), [{
		"op": "replace",
		"path": "environment/history/locked_by",
		"value": "sha256:1",
	}])
	statuses(document) == {"environment/lock": "fail"}
}

test_without_a_store_neither_wait_nor_lock_is_known if {
	document := json.patch(asked({"exclusive": true, "wait": "1h"}, {}), [{
		"op": "replace",
		"path": "environment/history/known",
		"value": false,
	}])
	statuses(document) == {"environment/lock": "unknown", "environment/wait": "unknown"}
}

test_no_environment_is_unknown if {
	conditions := environment.conditions with input as {"environment": null}
	{condition.status | some condition in conditions} == {"unknown"}
}
