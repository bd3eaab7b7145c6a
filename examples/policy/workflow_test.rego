package workflow_test

import data.workflow

commit := "actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683"

with_step(step) := {"permissions": {}, "jobs": {"build": {"steps": [step]}}}

test_pinned[tc.uses] if {
	some tc in [
		{"uses": commit, "problems": 0},
		{"uses": "./local", "problems": 0},
		{"uses": "actions/checkout@v4", "problems": 1},
	]
	count(workflow.deny) == tc.problems with input as with_step({"uses": tc.uses})
}

test_a_token_is_not_written_out if {
	workflow.deny == {"API_TOKEN is written out"} with input as with_step({
		"uses": commit,
		"env": {"API_TOKEN": "plain", "REGION": "north"},
	})
}

test_a_token_from_the_secrets_is_fine if {
	workflow.deny == set() with input as with_step({
		"uses": commit,
		"env": {"API_TOKEN": "${{ secrets.API_TOKEN }}"},
	})
}

test_permissions_are_stated if {
	workflow.deny == {"the token's permissions are not stated"} with input as {"jobs": {}}
}
