# METADATA
# title: What a workflow must not do
# description: Rules over a GitHub Actions workflow, the input document.
package workflow

# A tag can be moved to other code; a commit cannot.
deny contains msg if {
	some job in input.jobs
	some step in job.steps
	not is_pinned(step.uses)
	msg := sprintf("%s is not pinned to a commit", [step.uses])
}

# What a step does not need, a step that was taken over does not get.
deny contains "the token's permissions are not stated" if not input.permissions

# Who can run a command can read what stands in it.
deny contains msg if {
	some job in input.jobs
	some part in array.concat([job], job.steps)
	some name, value in part.env
	not contains(value, "secrets.")
	regex.match(`(?i)(token|password|secret|key)$`, name)
	msg := sprintf("%s is written out", [name])
}

is_pinned(action) if regex.match(`@[0-9a-f]{40}$`, action)

is_pinned(action) if startswith(action, "./")
