# METADATA
# title: Environment
# description: >-
#   The environment is known and takes this branch, its wait is over, the hour is within a window and
#   outside of every freeze, and no other deployment holds its lock.
package merlon.gates.environment

settings := input.environment.settings

name := input.environment.name

approvers := object.get(settings, "exceptions-by", [])

condition(id, title, more) := object.union(
	{
		"id": sprintf("environment/%s", [id]),
		"title": title,
		"approvers": approvers,
	},
	more,
)

conditions contains {
	"id": "environment",
	"title": "the environment is named",
	"status": "unknown",
	"reason": "no environment was named",
	"fix": "name one of 'environments:' with --environment",
} if {
	is_null(input.environment)
}

# Branches: patterns as GitHub has them, in which * stops at a slash and ** does not.
# A tag, which who may not push to a branch may often set, is no branch of that name.
branch := trim_prefix(trim_prefix(input.ref, "refs/heads/"), "refs/tags/")

ref_kind := object.get(input, "ref_kind", ref_kind_by_name)

ref_kind_by_name := "branch" if startswith(input.ref, "refs/heads/")

ref_kind_by_name := "branch" if not startswith(input.ref, "refs/")

ref_kind_by_name := "tag" if startswith(input.ref, "refs/tags/")

default ref_kind_by_name := ""

patterns := object.get(settings, "branches", [])

matched if {
	ref_kind == "branch"
	some pattern in patterns
	glob.match(pattern, ["/"], branch)
}

conditions contains condition("branch", sprintf("%s takes this branch", [name]), {"status": "pass"}) if matched

conditions contains condition("branch", sprintf("%s takes this branch", [name]), {
	"status": "fail",
	"reason": sprintf("'%s' is none of %s", [branch, concat(", ", patterns)]),
	"fix": "deploy from a branch that the environment takes",
}) if {
	count(patterns) > 0
	ref_kind == "branch"
	not matched
}

conditions contains condition("branch", sprintf("%s takes this branch", [name]), {
	"status": "fail",
	"reason": sprintf("'%s' is %s, and no branch", [branch, what_it_is]),
	"fix": "deploy from a branch that the environment takes",
}) if {
	count(patterns) > 0
	ref_kind != "branch"
}

what_it_is := "a tag" if ref_kind == "tag"

what_it_is := "something else" if ref_kind != "tag"

# The wait begins when this artefact first asked.
wait_ns := time.parse_duration_ns(settings.wait)

due_ns := time.parse_rfc3339_ns(input.environment.history.requested) + wait_ns

conditions contains condition("wait", sprintf("%s have passed since it was asked for", [settings.wait]), {"status": "pass"}) if {
	input.environment.history.known
	time.parse_rfc3339_ns(input.now) >= due_ns
}

conditions contains condition("wait", sprintf("%s have passed since it was asked for", [settings.wait]), {
	"status": "fail",
	"reason": sprintf("asked for at %s", [input.environment.history.requested]),
	"fix": sprintf("run the gate again at %s", [time.format(due_ns)]),
}) if {
	input.environment.history.known
	time.parse_rfc3339_ns(input.now) < due_ns
}

conditions contains condition("wait", sprintf("%s have passed since it was asked for", [settings.wait]), {
	"status": "unknown",
	"reason": "without a store nobody knows when it was first asked for",
	"fix": "name the evidence store with --store",
}) if {
	wait_ns > 0
	not input.environment.history.known
}

# Windows, in the hours of their own zones. One that ends before it begins goes over midnight.
week := ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

day_before(day) := week[(index + 6) % 7] if week[index] == day

windows := object.get(settings, "windows", [])

all_days(window) := object.get(window, "days", week)

is_open(window) if {
	local := input.calendar.zones[window.zone]
	window.from < window.to
	local.weekday in all_days(window)
	local.time >= window.from
	local.time < window.to
}

is_open(window) if {
	local := input.calendar.zones[window.zone]
	window.from >= window.to
	local.weekday in all_days(window)
	local.time >= window.from
}

is_open(window) if {
	local := input.calendar.zones[window.zone]
	window.from >= window.to
	day_before(local.weekday) in all_days(window)
	local.time < window.to
}

in_window if {
	some window in windows
	is_open(window)
}

told(window) := sprintf("%s %s-%s %s", [concat(",", all_days(window)), window.from, window.to, window.zone])

conditions contains condition("window", "the hour is within a window", {"status": "pass"}) if in_window

conditions contains condition("window", "the hour is within a window", {
	"status": "fail",
	"evidence": [{"text": told(window)} | some window in windows],
	"fix": "run the gate again when a window is open",
}) if {
	count(windows) > 0
	not in_window
}

# Freezes: from and to as dates, both included, or as "2026-12-24 12:00".
frozen contains freeze if {
	some freeze in object.get(settings, "freezes", [])
	local := input.calendar.zones[freeze.zone]
	now := sprintf("%s %s", [local.date, local.time])
	now >= freeze.from
	now <= last_minute(freeze.to)
}

last_minute(to) := sprintf("%s 23:59", [to]) if count(to) == 10

last_minute(to) := to if count(to) != 10

conditions contains condition("freeze", "nothing is frozen", {"status": "pass"}) if {
	count(object.get(settings, "freezes", [])) > 0
	count(frozen) == 0
}

conditions contains condition("freeze", "nothing is frozen", {
	"status": "fail",
	"evidence": [{"text": sprintf("%s to %s %s: %s", [freeze.from, freeze.to, freeze.zone, object.get(freeze, "reason", "")])} |
		some freeze in frozen
	],
	"fix": "wait until the freeze is over",
}) if {
	count(frozen) > 0
}

# A zone that is not in the calendar is one that this machine does not know.
zones contains window.zone if some window in windows

zones contains freeze.zone if some freeze in object.get(settings, "freezes", [])

conditions contains condition("zones", "the hour is known in every time zone", {
	"status": "unknown",
	"reason": sprintf("no time zone '%s'", [zone]),
	"fix": "write it as in the tz database (Europe/Berlin), and install that database",
}) if {
	some zone in zones
	not input.calendar.zones[zone]
}

# The lock.
conditions contains condition("lock", "no other deployment is under way", {"status": "pass"}) if {
	settings.exclusive
	input.environment.history.known
	input.environment.history.locked_by == ""
}

conditions contains condition("lock", "no other deployment is under way", {
	"status": "fail",
	"reason": sprintf("the verdict %s holds it until %s", [input.environment.history.locked_by, input.environment.history.locked_until]),
	"fix": "wait for it, or end it with 'merlon gate done' when it is over",
}) if {
	settings.exclusive
	input.environment.history.known
	input.environment.history.locked_by != ""
}

conditions contains condition("lock", "no other deployment is under way", {
	"status": "unknown",
	"reason": "without a store nobody knows what is under way",
	"fix": "name the evidence store with --store",
}) if {
	settings.exclusive
	not input.environment.history.known
}

conditions contains {
	"id": "environment/known",
	"title": sprintf("the environment %s is known", [name]),
	"status": "pass",
} if {
	is_object(input.environment)
}
