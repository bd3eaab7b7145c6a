# METADATA
# title: Approvals
# description: >-
#   As many people of each group as the environment asks for have approved this very artefact for this
#   environment, by a signature; nobody has rejected it. Neither who asked for it nor an author of its
#   commits counts, unless the environment lets them. A person's last word counts, and of two words of one
#   moment the rejection. An approval lapses, a rejection does not.
package merlon.gates.approvals

rules := object.get(object.get(input, ["environment", "settings"], {}), "approvals", [])

self_approval if input.environment.settings["self-approval"] == true

author_approval if input.environment.settings["author-approval"] == true

# Of each person the last word about the subject.
words contains word if {
	some word in input.decisions
	word.valid
	word.kind in {"approve", "reject"}
	word.about == ""
	count([later |
		some later in input.decisions
		later.valid
		later.kind in {"approve", "reject"}
		later.about == ""
		later.person == word.person
		place_in_time(later) > place_in_time(word)
	]) == 0
}

# Of two words of one moment the rejection is the last one.
place_in_time(word) := [time.parse_rfc3339_ns(word.time), word.kind == "reject", word.id]

is_requester(word) if plain(input.requested_by) in {plain(name) | some name in word.names}

# By the address or by the name alone: people commit from more than one address.
is_author(word) if {
	some author in input.change.authors
	some written in [author.email, author.name]
	plain(written) in {plain(name) | some name in word.names}
}

plain(name) := lower(trim_space(name))

not_counted(word) := "asked for it" if {
	not self_approval
	is_requester(word)
}

else := "is an author of the change" if {
	not author_approval
	is_author(word)
}

counted contains word if {
	some word in words
	word.kind == "approve"
	not not_counted(word)
}

of_group(group) := {word.person |
	some word in counted
	group in word.groups
}

said := array.concat(
	[{"text": sprintf("%s approved on %s", [word.person, word.time]), "document": word.id} | some word in counted],
	array.concat(
		[{"text": sprintf("%s approved, but %s", [word.person, not_counted(word)]), "document": word.id} |
			some word in words
			word.kind == "approve"
		],
		[{"text": sprintf("a decision of %s does not count: %s", [word.person, word.refused_because]), "document": word.id} |
			some word in input.decisions
			not word.valid
		],
	),
)

about(rule) := {
	"id": sprintf("approvals/%s", [rule.group]),
	"title": sprintf("%d of %s approve", [rule.count, rule.group]),
	"evidence": said,
	"approvers": [rule.group],
}

# Who may not approve has to be known before anybody counts.
unknown_because := sprintf("the authors of the change are not known: %s", [input.change.unknown_because]) if {
	not author_approval
	not input.change.known
}

else := "nobody says who asked for it" if {
	not self_approval
	input.requested_by == ""
}

enough(rule) if count(of_group(rule.group)) >= rule.count

conditions contains object.union(about(rule), {"status": "pass"}) if {
	some rule in rules
	enough(rule)
	not unknown_because
}

conditions contains object.union(about(rule), {
	"status": "unknown",
	"reason": unknown_because,
	"fix": "run the gate in the repository with --requested-by, or set 'author-approval' or 'self-approval: true'",
}) if {
	some rule in rules
	enough(rule)
}

conditions contains object.union(about(rule), {
	"status": "fail",
	"reason": sprintf("%d of %d", [count(of_group(rule.group)), rule.count]),
	"fix": sprintf("somebody of %s runs 'merlon approve' with this verdict's id", [rule.group]),
}) if {
	some rule in rules
	not enough(rule)
}

conditions contains {
	"id": "approvals/rejected",
	"title": "nobody rejects it",
	"status": "fail",
	"evidence": [{"text": sprintf("%s: %s", [word.person, word.reason]), "document": word.id}],
	"fix": "talk; the last word of each person counts",
	"approvers": [word.person],
} if {
	some word in words
	word.kind == "reject"
}

conditions contains {
	"id": "approvals",
	"title": "no approval is asked for",
	"status": "pass",
} if {
	input.environment != null
	count(rules) == 0
}

# Who may not approve hangs on a name: an environment may want one that the target branch knows.
requester := {
	"id": "approvals/requester",
	"title": "who asks is registered",
	"evidence": [{"text": sprintf("%s asks", [input.requested_by])} | input.requested_by != ""],
} if {
	input.environment.settings["registered-requester"] == true
}

conditions contains object.union(requester, {"status": "pass"}) if input.requester_registered == true

conditions contains object.union(requester, {
	"status": "fail",
	"reason": "nobody in .merlon/people of the target branch is called so",
	"fix": "ask by a name that is there (--requested-by), or register the person: 'merlon people add'",
}) if {
	not input.requester_registered == true
}

# Nobody lists this condition to have nothing asked.
conditions contains {
	"id": "approvals",
	"title": "approvals are asked for by environments, and this gate has none",
	"status": "unknown",
	"fix": "take 'approvals' out of the conditions of this gate; deployments have it",
} if {
	input.environment == null
}
